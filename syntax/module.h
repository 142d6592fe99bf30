// A program: its modules, and in each the flat tables that the passes share.
// Module 0 is the prelude (std/prelude.lig), visible everywhere.
//
// Ownership: a Program owns its modules; a module owns its source, its arena
//            and what hangs on them.
// Threads:   each table is written by the pass named, by the one worker that
//            has the module (or the binding group), and immutable after.
#ifndef LIGATURE_SYNTAX_MODULE_H
#define LIGATURE_SYNTAX_MODULE_H

#include "concurrent/atomics.h"
#include "concurrent/deadline.h"
#include "concurrent/intern.h"
#include "concurrent/pool.h"
#include "concurrent/progress.h"
#include "concurrent/worker_arenas.h"
#include "support/diag.h"
#include "support/limits.h"
#include "syntax/ast.h"
#include "syntax/elab.h"

typedef struct Module Module;
typedef struct Program Program;

// Symbols of syntax/symbols.def.
enum {
    SYM_NONE_ZERO = 0,
#define SYMBOL(enumerator, text) enumerator,
#include "syntax/symbols.def"
    SYM_COUNT
};
Interner *symbols_new(void);

// Types without a declaration.
typedef enum PrimType {
    PRIM_INTEGER,
    PRIM_FLOAT,
    PRIM_STRING,
    PRIM_BOOLEAN,
    PRIM_UNIT,
    PRIM_LIST, // one argument
    PRIM_MAP,  // one argument
    PRIM_JSON,
    PRIM_COUNT
} PrimType;
const char *prim_type_name(PrimType prim);
uint32_t prim_type_arity(PrimType prim);

#define MODULE_PRELUDE 0
#define INDEX_NONE     UINT32_MAX

// A reference from one top-level binding to another, once per target.
typedef struct BindingRef {
    uint32_t module, index;
    bool unconditional; // evaluated whenever the binding is: an edge of the
                        // task graph
    Span span;          // the first use
} BindingRef;

// An unconditional reference, for who looks while the checker adds others.
typedef struct CertainRef {
    uint32_t from;          // binding
    uint32_t module, index; // index INDEX_NONE: all that the module offers
} CertainRef;

typedef enum BindingKind {
    BINDING_LET,
    BINDING_INPUT,
    BINDING_RESULT, // the final expression; the last binding of its module
    BINDING_HIDDEN  // predicates, defaults and instance methods, hoisted to
                    // functions of their own by the resolver; modules as values
} BindingKind;

// Literal data that is the value of a binding: the final value of a data
// module, an import with a type, an input that was given.
typedef struct DataValue {
    const Module *module; // in whose source the literal stands
    const Expr *literal;  // NULL: `text` is no literal
    Str text;             // of --input k=v: what a String takes; else data NULL
    Symbol input;         // the input's name; 0: no input
} DataValue;

// A step of a path into data. Number 0 is the root.
typedef struct DataStep {
    uint32_t parent; // in Module.data_steps
    Symbol field;    // 0: element `index`; of every one where that is
    uint32_t index;  // INDEX_NONE. Of a field: where it may stand
} DataStep;

// A refinement that a part of some data must satisfy: eval/data_checks.h.
typedef struct DataCheck {
    Expr value;   // that part, elaborated; spans are in the data's source
    bool on_tape; // its span does not count: data_tree_span() knows
    uint32_t binding;
    uint32_t step;
    const Refined *refined; // its predicates are hoisted
} DataCheck;

// A place where a constant may break a refinement, or be a bad pattern.
typedef struct CheckSite {
    Expr *expr;
    uint32_t binding;
    const RefinementCheck *check; // NULL: a string that is a regular expression
    bool noted;        // the expression has the check as a note; else it is the
                       // callee's to make
    bool in_predicate; // stands in the predicate of a refinement
} CheckSite;

// A local variable of a top-level binding.
typedef struct Local {
    Symbol symbol;
    Span span;
} Local;

typedef struct Binding {
    Symbol name; // 0 for RESULT
    Span name_span;
    uint8_t kind;     // BindingKind
    bool exported;    // what the module offers: all visible ones where the
                      // module has no export
    bool is_function; // `value` is a lambda: its evaluation cannot fail
    bool rec;
    bool is_builtin;       // `builtin "name"` in std/
    bool value_is_data;    // checker: spans in `value` are in the data's source
    Symbol export_name;    // `name`, or the alias of `export name as alias`
    uint32_t group;        // in Module.groups
    Bind *bind;            // LET and HIDDEN; else NULL
    Expr *value;           // the body; NULL for an input without default. The
                           // checker replaces it where there is `data`
    const DataValue *data; // its value instead; NULL: none
    TypeExpr *type;        // annotation, or NULL
    Local *locals;         // by local number
    BindingRef *refs;
    uint32_t local_count;
    uint32_t local_capacity; // the checker adds dictionary parameters
    uint32_t ref_count;
    uint32_t note; // checker: NOTE_GENERALISED of a top-level binding
} Binding;

// A strongly connected component of the references inside one module: the
// unit of inference. Module.groups is in dependency order.
typedef struct BindingGroup {
    uint32_t *members; // indices into Module.bindings, ascending
    uint32_t member_count;
    bool needed; // prelude and std: only what is reachable is checked
    bool failed; // checker: has an error, or types with one; not to be run
    bool begun;  // checker: its inference has begun,
    bool done;   // and ended
} BindingGroup;

// Constructors, methods, types, classes and instances, flat over the module.
typedef struct CtorEntry {
    Symbol name;
    uint32_t type;      // index into Module.types
    uint32_t tag;       // index in its union
    uint32_t first_arg; // of the arguments of all of its union, in order
    CtorDecl *decl;
    const RefinementCheck **checks; // checker: by argument, or NULL; NULL where
                                    // nothing is to be checked
} CtorEntry;

typedef struct MethodEntry {
    Symbol name;
    uint32_t class_; // index into Module.classes
    uint32_t slot;   // index among the class's methods
    MethodDecl *decl;
} MethodEntry;

typedef struct TypeEntry {
    Symbol name;
    uint32_t first_ctor; // in Module.ctors
    TypeDecl *decl;
    const uint32_t *ctor_places; // private to module_find_ctor(); NULL: few
} TypeEntry;

typedef struct ClassEntry {
    Symbol name;
    ClassDecl *decl;
    uint32_t first_method; // in Module.methods
} ClassEntry;

typedef struct InstanceEntry {
    InstanceDecl *decl;
    // checker: evidence for each superclass of the class, in the order of its
    // declaration. EVIDENCE_LOCAL: `local` is the number among the instance's
    // context. (A method's hidden binding takes the dictionaries of the
    // context first, then those of its own type: NOTE_GENERALISED.)
    Evidence **supers;
    uint32_t super_count;
    Evidence plain;       // checker: of an instance without a context,
    Evidence *plain_item; // and that as the one item of a note
} InstanceEntry;

// Names that nobody in a file without `export` uses: other files may.
typedef struct UnusedNames {
    uint32_t *bindings; // ascending
    uint32_t count;
    uint32_t first; // warning of one in Module.diags; the others follow
    _Atomic(bool) *imported; // by who is resolved later
} UnusedNames;

typedef struct Scope Scope;             // syntax/scope.h
typedef struct ModuleTypes ModuleTypes; // typecheck/: schemes, unions, classes
typedef struct ModuleCode ModuleCode;   // eval/

// What an earlier run has found of a module and of all that it depends on: then
// nobody checks or compiles it again.
typedef struct StoredModule {
    struct StoredTypes *types; // typecheck/stored_types.h
    const Str *values;     // by binding: eval/stored_values.h; data NULL: none
    const uint64_t *steps; // by binding: that its evaluation took
    uint64_t type_nodes;   // that its check made
    const struct ModulePaths *paths; // of the program
} StoredModule;

typedef enum TimedPass {
    TIMED_PARSE,
    TIMED_RESOLVE,
    TIMED_CHECK,
    TIMED_PASS_COUNT
} TimedPass;

// When a pass had a module, for how long, and which worker it was.
typedef struct PassTime {
    int64_t start_ns; // 0: it did not
    int64_t ns;
    uint32_t worker;
} PassTime;

typedef struct ModuleTimes {
    PassTime passes[TIMED_PASS_COUNT];
    int64_t load_ns; // parsing included
} ModuleTimes;

// There may be hundreds of thousands: pointers first, then numbers.
struct Module {
    Source source;
    Arena *arena;       // of whoever works on the module: see module_enter()
    Arena *check_arena; // likewise, for names and types: what the check alone
                        // reads lives until check_program_release()
    DiagSink diags;     // what the passes said about this module
    ModuleAst ast;      // parser
    Str name;           // the file's stem
    Str dir;            // canonical folder of the file, for its imports
    uint32_t id;        // index into Program.modules
    uint32_t outer;   // names that this module does not declare mean what they
                      // mean in that one: the prelude, or the file of --expr
    uint32_t opens;   // a module whose names, exported or not, come before
                      // those of `outer`; the prelude: none
    bool is_link;     // of a session: `outer` is what was entered before
    bool is_outer;    // of another module: all of its names may be meant
    bool is_cut;      // parser: the first thing wrong is that the text ends
    bool is_std;      // embedded: builtins allowed
    bool is_data;     // JSON, YAML, TOML: `ast.result` is a literal
    bool is_entry;    // named on the command line
    bool is_made;     // for what the command line asks for: no file
    bool broken;      // reported errors that stop later passes on this module
    bool is_in_arena; // its memory belongs to its program
    bool names_lazy; // resolver: it is lazy, or a binding refers to one that is

    // loader: modules imported, ascending, without duplicates
    uint32_t *imports;

    // resolver
    Scope *scope;        // until check_program_release(), as is the next:
    CertainRef *certain; // by `from`; NULL unless Program.notes_certain
    UnusedNames *unused; // NULL: none
    Str tree;            // parser: where `ast` lies, if in one piece
    Binding *bindings;   // in source order, hidden ones after the visible
    BindingGroup *groups;
    const StoredModule *stored; // NULL: to be checked and evaluated
    Notes notes;                // checker
    CtorEntry *ctors;
    MethodEntry *methods;
    TypeEntry *types;
    ClassEntry *classes;
    InstanceEntry *instances;
    uint32_t import_count;
    uint32_t certain_count;
    uint32_t binding_count;
    uint32_t visible_count;      // of them
    uint32_t module_value_count; // the last ones: module_value_binding()
    uint32_t group_count;
    uint32_t ctor_count;
    uint32_t method_count;
    uint32_t type_count;
    uint32_t class_count;
    uint32_t instance_count;

    VEC(CheckSite) check_sites; // checker, for eval/check_constants.h

    // checker: what is left to check of the data that is imported here
    VEC(DataCheck) data_checks;
    VEC(DataStep) data_steps;

    ModuleTypes *checked; // checker
    ModuleCode *code;     // compiler
    ModuleTimes *times;   // NULL: nobody wants to know
};

typedef enum TotalityMode {
    TOTALITY_WARN,
    TOTALITY_STRICT,
    TOTALITY_UNCHECKED
} TotalityMode;

// A row of [imports] in the project file: what the dotted name stands for.
typedef struct ProjectImport {
    Str name; // "corp.net"
    Str path; // of a folder or a file, relative to the root
} ProjectImport;

typedef struct ProgramOptions {
    Limits limits;
    Str root; // project root; len 0: derived from the file
    const ProjectImport *imports;
    uint32_t import_count;
    Str *include_dirs;
    uint32_t include_dir_count;
    Str *allow_roots;
    uint32_t allow_root_count;
    TotalityMode totality;
    Str *inputs; // "NAME=VALUE"; a later one beats those before it, and all
    uint32_t input_count; // beat the files
    Str *input_files;
    uint32_t input_file_count;
    uint64_t grain;  // bytes of source that a task of its own is worth; 0: the
                     // usual. Nothing that is said depends on it
    bool tunes_heap; // the process is ours: heap_hint_expect() may be called
    bool timed;      // note when and for how long each module is worked on
    bool whole_std;  // check all of the library that is imported, and all data
                     // that is imported without a type
    bool plain_patterns; // no back-references or look-around in predicates
    bool follows_data;   // where parts of imported data come from may be asked
    struct FileLog *file_log;           // syntax/file_log.h; may be NULL
    const struct OpenTexts *open_texts; // syntax/open_texts.h; may be NULL
    struct TypeWatch *type_watch;       // typecheck/type_watch.h; may be NULL
} ProgramOptions;

struct Program {
    ProgramOptions options;
    Interner *interner;
    Pool *pool;
    Progress *progress;  // NULL: nobody looks. Main thread, between the passes
    CancelToken *token;  // the run's: deadline, signals
    WorkerArenas trees;  // trees, tables and notes of all modules
    WorkerArenas checks; // names and types: until check_program_release(),
    size_t checks_bytes; // which notes how much that was
    DiagSink diags;      // without a module: missing entry files
    Module **modules;    // in canonical order once loaded: dependencies before
                         // dependents, ties by the order of imports in the
                         // source; [0] is the prelude
    uint32_t module_capacity;
    struct ModuleFlow *flow; // syntax/module_flow.h: works on modules as they
                             // come; NULL: that begins when all are there
    bool gives_up;      // over a limit: no module that comes is worked on, and
                        // none that is there any more
    bool checks_early;  // before it is known who names what: all of std that is
                        // imported is needed
    bool notes_certain; // the resolver fills Module.certain
    bool opens_entry;   // an expression will stand beside the entry
    uint32_t *entries;  // modules of the command line, in its order
    uint32_t entry_count;
    uint64_t tree_bytes; // of the modules loaded, against max_memory_bytes
    DataValue *inputs;   // given from outside, sorted by name
    uint32_t input_count;
    _Atomic(bool) doubts_stored; // only the code of a stored module tells what
                                 // is right; relaxed
    // Written for each module while others read the fields above.
    alignas(CACHE_LINE) uint32_t module_count;
};

// Polls its token, of which a program may have none.
static inline bool program_is_cancelled(const Program *program)
{
    return program->token != NULL &&
           cancel_token_poll(program->token) != CANCEL_NONE;
}

Program *program_new(const ProgramOptions *options, Pool *pool,
                     CancelToken *token);
void program_free(Program *program);
// Allocates an empty module that is not yet in program->modules, with an arena
// of its own.
Module *module_new(void);
// The same in an arena of its program, for one of many.
Module *module_new_in(Arena *arena, bool timed);
// Who begins to work on a module of a program says so: what the module gets
// from now on lives in that worker's arena of the program (NULL: the main
// worker's).
void module_enter(Program *program, Module *module, const Worker *worker);
void module_free(Module *module);
// Now, where the module's times are wanted.
static inline int64_t module_clock_ns(const Module *module)
{
    return module->times != NULL ? clock_monotonic_ns() : 0;
}
// A pass has ended that began at `start_ns`; `worker` may be NULL for the main
// one.
void module_note_pass(Module *module, TimedPass pass, int64_t start_ns,
                      const Worker *worker);
// Zeroes where it was not noted.
PassTime module_pass_time(const Module *module, TimedPass pass);
// Room in Program.modules, which nobody may read while it is made.
static inline bool program_has_room(const Program *program)
{
    return program->module_count < program->module_capacity;
}
void program_make_room(Program *program);
// What was given for the input, or NULL (syntax/loader_inputs.c).
const DataValue *program_input(const Program *program, Symbol name);
// Merges the diagnostics of the program and all modules into `into`.
void program_take_diags(Program *program, DiagSink *into);

// Asks for the tree ahead of a pass over it, from its roots on, which are what
// the parser made last. Since the pass before, the caches have seen thousands
// of other modules, and a pass would wait for one line after the other.
static inline void module_prefetch(const Module *module)
{
    enum { BYTES_MAX = 4096 };
    size_t bytes = module->tree.len < BYTES_MAX ? module->tree.len : BYTES_MAX;
    const char *end = module->tree.data + module->tree.len;
#pragma GCC unroll 8
    for (size_t back = 1; back < bytes; back += CACHE_LINE) {
        PREFETCH(end - back);
    }
}

// When all constructors of the type are in Module.ctors.
void module_index_ctors(Module *module, TypeEntry *type);
// The constructor of the type that has the name: the first where a broken type
// has several, NULL where it has none.
const CtorEntry *module_find_ctor(const Module *module, const TypeEntry *type,
                                  Symbol name);

// What the spans in the binding's value are in.
static inline const Source *binding_source(const Module *module,
                                           const Binding *binding)
{
    return binding->value_is_data ? &binding->data->module->source
                                  : &module->source;
}

// The hidden binding of `module` that stands for another one as a value, which
// some expression in it names.
uint32_t module_value_binding(const Module *module, uint32_t target);

static inline Binding *program_binding(const Program *program, uint32_t module,
                                       uint32_t index)
{
    return &program->modules[module]->bindings[index];
}

#endif
