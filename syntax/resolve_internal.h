// What the resolver's files share.
//
// Ownership: a Resolver lives while its module is resolved; its results live as
//            long as the module.
// Threads:   a Resolver per module, one worker at a time; parts of a module
//            that are resolved beside each other have Resolvers of their own
//            (resolve_parts.c). What they share is immutable then, but for the
//            marks `used`, which only ever become true.
#ifndef LIGATURE_SYNTAX_RESOLVE_INTERNAL_H
#define LIGATURE_SYNTAX_RESOLVE_INTERNAL_H

#include "support/nearest.h"
#include "support/vec.h"
#include "syntax/resolve.h"
#include "syntax/scope_table.h"

// ---- local variables

// The members of a `let rec` while their values are resolved: which of them
// name which.
typedef struct OpenRec {
    uint32_t current; // the member at work
    VEC(uint32_t) starts;
    VEC(uint32_t) named; // by member i those from starts[i] to starts[i + 1]
} OpenRec;

typedef struct LocalEntry {
    Symbol symbol;
    uint32_t local;       // number in the binding
    uint32_t outer;       // entry that this one hides, or INDEX_NONE
    uint32_t alternative; // of an arm's patterns: the last one that bound it
    Span span;
    bool used;
    bool warns;        // stands in a `let`: W0201 when never used
    OpenRec *rec;      // that it is a member of; NULL: of none at work
    uint32_t member;   // in it
    uint32_t named_by; // the last member that has named it, and one; 0: none
} LocalEntry;

// The local names in scope, innermost last, and by symbol the innermost.
typedef struct LocalEnv {
    VEC(LocalEntry) entries;
    Symbol *keys; // open addressing; names stay when they go out of scope
    uint32_t *tops;
    uint32_t capacity;
    uint32_t count;
} LocalEnv;

// ---- references of the binding at work

// Where a target stands in `refs`; slots of other generations are empty.
typedef struct RefSlot {
    uint32_t module, index;
    uint32_t generation;
    uint32_t ref;
} RefSlot;

typedef struct RefTable {
    RefSlot *slots;
    uint32_t capacity;
    uint32_t count;
    uint32_t generation;
} RefTable;

typedef enum HiddenKind {
    HIDDEN_METHOD,    // bind is the method's
    HIDDEN_PREDICATE, // \x -> predicate
    HIDDEN_DEFAULT,   // default of fields[field]
    HIDDEN_IMPORT     // an import with a type
} HiddenKind;

// What a name is that is no local one: names repeat, and what they refer to is
// counted once. Direct-mapped by symbol; entries of other modules are empty.
typedef struct KnownName {
    uint64_t key;        // ResolverWork.stamp, of its module, and the symbol
    ScopeRef found;      // marked as used
    bool is_alias;       // of an import
    uint32_t generation; // of the binding that refers to it already,
    uint32_t ref;        // and where in its `refs`
} KnownName;

enum { KNOWN_NAMES = 64 };

// A hidden binding whose names are still to be resolved.
typedef struct HiddenJob {
    HiddenKind kind;
    uint32_t binding;
    Predicate *predicate;
    TypeRecord *record;
    uint32_t field;
    SymbolMap *fields; // by name the fields of `record`; see Resolver.fields
    uint32_t target;   // IMPORT: the module, whose name `path` stands for
    Expr *path;
} HiddenJob;

// A module that is named as a value.
typedef struct ModuleUse {
    uint32_t module;
    Symbol name;
    Span span;
} ModuleUse;

// Memory for the binding at work, which serves one binding of one module after
// the other: one per worker.
typedef struct ResolverWork {
    alignas(CACHE_LINE) LocalEnv env; // one worker writes it
    VEC(Local) locals;
    uint32_t first_local; // number of locals.items[0]
    VEC(BindingRef) refs;
    RefTable ref_table;
    VEC(uint32_t) field_uses;
    uint32_t stamp; // another one for each module
    KnownName known[KNOWN_NAMES];
} ResolverWork;

// Where a name that is not there may be found under another one.
typedef enum SuggestFrom {
    SUGGEST_SCOPE,        // of the module: `space`
    SUGGEST_CTORS,        // of the module
    SUGGEST_ALIASES,      // of the module
    SUGGEST_EXPORT,       // of module `target`: `space`
    SUGGEST_EXPORTED_CTOR // of module `target`
} SuggestFrom;

typedef struct Suggestion {
    Diag *diag;
    Symbol name;
    Nearest nearest; // so far
    SuggestFrom from;
    NameSpace space;
    Symbol member; // read from it; or 0
    uint32_t target;
    bool in_predicate;
    bool is_sibling; // a field of a literal around it
} Suggestion;

// The record literals around what is resolved.
typedef struct OpenRecord {
    const struct OpenRecord *outer;
    const Expr *literal;
} OpenRecord;

// A `let` without `rec` while one of its values is resolved.
typedef struct OpenLet {
    struct OpenLet *outer;
    const Let *let;
    uint32_t current; // the bind at work
    Symbol early;     // a later one that was named before it was bound; or 0
} OpenLet;

typedef struct Resolver {
    Program *program;
    Module *module;
    Worker *worker; // NULL: there are no others
    Arena *arena;   // of what is made while names are resolved
    DiagSink *sink;
    bool is_part;
    bool quiet;      // embedded and data modules get no warnings
    bool all_used;   // no warnings about top-level names
    uint16_t closed; // EXPR_CLOSED, or 0 where texts are to be looked at
    bool names_lazy; // it is lazy, or a binding refers to one that is
    bool has_exports;
    bool has_export_decls; // not of `export let` alone
    bool is_graph; // a binding names a later one, or itself where it may not

    // By binding.
    VEC(Binding) bindings; // in the arena: resolve_values.c
    _Atomic(bool) *used;   // by visible binding: named by another one, exported

    // Imports in source order; what each brings is numbered: first the alias
    // (Import.used), then the items. These numbers are ScopeRef.origin.
    Import **imports;
    uint32_t *first_origins; // by import
    _Atomic(bool) **origins; // the marks `used`, by origin
    bool *item_exported;     // by origin
    uint32_t import_count, origin_count;
    SymbolMap items; // by local name; origin, index: the import

    // The binding at work.
    uint32_t current;
    bool unconditional;
    uint32_t alternative; // of the arm whose patterns are at work
    bool binds_more;      // it binds what those before it do not: reported
    ResolverWork *work;   // while bodies are resolved
    // Of a stretch of a literal: where numbers of its own locals stand, which
    // are moved when it is known how many those before it have.
    VEC(uint32_t *) local_places;
    bool is_stretch;

    VEC(ModuleUse) module_uses; // once per binding, or stretch of one
    VEC(HiddenJob) jobs;
    VEC(Binding) hidden; // of a part: made by it, in the order of its jobs
    // In a default: the fields of its record type. A field gets a local
    // number when the default first names it: its entry then holds the
    // binding in `module` and the number in `origin`.
    SymbolMap *fields;
    uint32_t field_limit; // those before it can be named

    OpenLet *lets;             // without `rec`, of which values are resolved
    Symbol hidden_name;        // what hidden bindings are called after
    bool in_predicate;         // of a refinement: `x` is the value
    const OpenRecord *record;  // the innermost one; NULL outside of all
    bool in_declaration;       // in a type declaration: predicates are hoisted
    uint32_t suggestions;      // made so far
    VEC(Suggestion) suggested; // of a part: left to its parent, which counts
} Resolver;

// Only what is named of such a module is checked; data that is imported with a
// type has none of its own.
static inline bool resolver_is_lazy(const Module *module)
{
    return module->is_std || module->is_data;
}

// Marks never go back, so parts may set them beside each other.
static inline void resolver_mark_used(_Atomic(bool) *used)
{
    // Relaxed: read when all parts are done.
    if (!load_relaxed(used)) {
        store_relaxed(used, true);
    }
}

// Writes the number of a local into the tree.
static inline void resolver_put_local(Resolver *r, uint32_t *place,
                                      uint32_t local)
{
    *place = local;
    if (UNLIKELY(r->is_stretch) && local >= r->work->first_local) {
        vec_push(&r->local_places, place);
    }
}

// Whether any name may be a local one.
static inline bool resolver_has_locals(const Resolver *r)
{
    return r->work->env.entries.count > 0 || r->fields != NULL;
}

// ---- resolve_messages.c

// The text of a name, cut when long.
Str resolver_name(const Resolver *r, Symbol symbol);
// Adds "did you mean" where something is near.
void resolver_help_nearest(Resolver *r, Diag *diag, const Nearest *nearest);
// E0202 at the second of two places.
void resolver_report_twice(Resolver *r, const char *what, Symbol name, Span one,
                           Span other);
// What W0201 says of a variable or binding, and its name in that. `is_alone`:
// the name stands nowhere but where it is declared, and is no field there.
const DiagForm *resolver_unused_form(const Resolver *r, Symbol symbol,
                                     bool is_alone, Str *out_name);

// ---- resolve_unknown.c: E0201 and E0216, and what may have been meant

void resolver_unknown_value(Resolver *r, Symbol name, Span span);
// Of name.member.
void resolver_unknown_qualifier(Resolver *r, Symbol name, Symbol member,
                                Span span);
// A type or class.
void resolver_unknown_in(Resolver *r, NameSpace space, Symbol name, Span span);
void resolver_unknown_ctor(Resolver *r, Symbol name, Span span);
// What stands before a '.'.
// Of name.member, a type, class or constructor.
void resolver_unknown_module(Resolver *r, Symbol name, Symbol member,
                             Span span);
// Module `target` does not offer the name.
void resolver_no_such_export(Resolver *r, uint32_t target, NameSpace space,
                             Symbol name, Span span);
void resolver_no_such_ctor(Resolver *r, uint32_t target, Symbol name,
                           Span span);
// The same where the caller has looked for what is near.
void resolver_report_not_exported(Resolver *r, uint32_t target, Symbol name,
                                  Span span, const Nearest *nearest);

// ---- resolve_suggest.c

// True when it is still worth looking for near names: a file of unknown names
// must not cost the square of its size.
bool resolver_may_suggest(Resolver *r);
// Whether it would be; this does not count.
bool resolver_has_suggestions(const Resolver *r);
// Looks for the name in imported modules, for a near one, and for the name in
// the library, unless there were many already, and adds what it finds to the
// diagnostic.
void resolver_suggest(Resolver *r, const Suggestion *suggestion);
// By what other languages call it: says what the library has by another name;
// whether it has.
bool resolver_help_otherwise(Resolver *r, const Suggestion *wanted);
// Whether its importers see a constructor of that name.
bool resolver_exports_ctor(const Module *module, Symbol name);

// ---- resolve_declare.c: the tables of a module, from it alone
void resolver_declare(Resolver *r);
// What `entry` of `items` stands for.
const ImportItem *resolver_item_of(const Resolver *r, const ScopeRef *entry);
// The name of an import without `as`; 0 when its file's is no identifier.
Symbol resolver_import_stem(const Resolver *r, const Import *import);
// Where the name of an import stands.
Span resolver_alias_span(const Import *import);
void resolver_release(Resolver *r);

// ---- resolve_values.c
// The visible bindings, with room for hidden ones, and the names of values,
// with room for those of imports with a type. `named` is how many declarations
// give to bindings.
void resolver_declare_values(Resolver *r, uint32_t named,
                             uint32_t typed_imports, uint32_t more_bindings);
// What is written with `=`.
void resolver_set_bind(Binding *binding, BindingKind kind, Bind *bind);
// A new hidden binding; returns its index. In a part, that of its place in
// `hidden`, until the part is joined.
uint32_t resolver_add_hidden(Resolver *r, Bind *bind);
uint32_t resolver_push_hidden(Resolver *r, const Binding *binding);
// What the module is, which is data.
const DataValue *resolver_new_data(Resolver *r, const Module *module);

// ---- resolve_exports.c
// Finds the items by which a value is exported once more, by another name.
void resolver_mark_second_names(Resolver *r);
// Values that are imported or exported once more: how many, and a binding for
// each; the latter returns how many, too.
uint32_t resolver_count_reexports(const Resolver *r, const ExportDecl *decl);
uint32_t resolver_make_reexports(const Resolver *r, const ExportDecl *decl,
                                 Binding *bindings, Arena *arena);
// Fills Scope.exports.
void resolver_exports(Resolver *r);

// ---- resolve_imports.c
void resolver_import(Resolver *r);

// ---- resolve_plain.c
// Whether the name that is declared at `place` stands soon after in a text as
// "${name}".
bool resolver_find_hole(const Resolver *r, Symbol symbol, Span place,
                        Span *out);
// Points at that from W0201.
void resolver_label_hole(const Resolver *r, Diag *diag, Symbol symbol,
                         Span hole);
// W0204 for each "${name}" in it that names a value.
void resolver_text(Resolver *r, const Expr *expr);

// ---- resolve_unused.c
void resolver_warn_unused(const Resolver *r);
// The module imports what it has found by name.
void resolver_mark_imported(const Resolver *r, const ScopeRef *found);

// ---- resolve_locals.c
uint32_t local_env_find(const LocalEnv *env, Symbol symbol); // or INDEX_NONE
void local_env_release(LocalEnv *env);
// Between two modules: forgets names where there are many.
void local_env_trim(LocalEnv *env);
uint32_t resolver_new_local(Resolver *r, Symbol symbol, Span span);
// Brings `symbol` into scope as local number `local`.
LocalEntry *resolver_push_local(Resolver *r, Symbol symbol, Span span,
                                uint32_t local);
uint32_t resolver_mark(const Resolver *r);
// Takes out of scope all that came in since `mark`.
void resolver_pop_locals(Resolver *r, uint32_t mark);
void resolver_nearest_local(const Resolver *r, Nearest *nearest);
// Whether `symbol` is a local variable or an earlier field.
bool resolver_is_local(const Resolver *r, Symbol symbol);
// Marks the entry as used.
void resolver_use_entry(LocalEntry *entry);
// Its number; marks it as used.
bool resolver_use_local(Resolver *r, Symbol symbol, uint32_t *out_local);

// ---- resolve_patterns.c
// Binds the variables of a pattern; `mark` is where its group of patterns
// (the parameters of a function, say) began.
void resolver_pattern(Resolver *r, Pattern *pattern, uint32_t mark);
void resolver_arm_patterns(Resolver *r, Arm *arm);
// The pattern of a parameter whose number is given already.
void resolver_param(Resolver *r, Param *param, uint32_t mark);
// A new local variable `symbol`; returns its number.
uint32_t resolver_bind_name(Resolver *r, Symbol symbol, Span span,
                            uint32_t mark);

// ---- resolve_known.c
// What brought it into the module is used.
void resolver_mark_found(const Resolver *r, const ScopeRef *found);
// The import of this name, or NULL. Marks it as used if it is the module's own.
const ScopeRef *resolver_find_alias(const Resolver *r, Symbol name);
// The same for what stands for a value, unless a value hides it.
const ScopeRef *resolver_find_value_alias(const Resolver *r, Symbol name);
// Puts into *known what the name stands for; NULL where that is nothing.
KnownName *resolver_look_up(Resolver *r, Symbol symbol, KnownName *known);
static inline uint64_t resolver_name_key(const Resolver *r, Symbol symbol)
{
    return (uint64_t)r->work->stamp << 32 | symbol;
}

// ---- resolve_names.c
void resolver_name_expr(Resolver *r, Expr *expr);
// Makes `expr` the name of a whole module.
void resolver_module_value(Resolver *r, Expr *expr, uint32_t target);
void resolver_ctor_expr(Resolver *r, Expr *expr);
void resolver_field_expr(Resolver *r, Expr *expr);
void resolver_ctor_ref(Resolver *r, NameRef *ref, Symbol qualifier, Span span);
void resolver_type_ref(Resolver *r, NameRef *ref, Symbol qualifier, Span span);
void resolver_class_ref(Resolver *r, NameRef *ref, Symbol qualifier, Span span);
// ---- resolve_refs.c
// Notes that the binding at work refers to another one; returns where in its
// references.
uint32_t resolver_add_ref(Resolver *r, uint32_t module, uint32_t index,
                          Span span, bool unconditional);
// Forgets the references of the binding before.
void resolver_clear_refs(Resolver *r);

// ---- resolve_modules.c
// Notes that the binding at work refers to the module that `expr` names as a
// value.
void resolver_add_module_ref(Resolver *r, const Expr *expr);
// Makes the bindings that stand for them.
void resolver_make_module_values(Resolver *r);

// ---- resolve_types.c
void resolver_type(Resolver *r, TypeExpr *type);
// The type of the import or input `name`: its predicates are hoisted, so that
// they can be called for data.
void resolver_data_type(Resolver *r, Symbol name, TypeExpr *type);
void resolver_type_decl(Resolver *r, TypeDecl *decl);
void resolver_class_decl(Resolver *r, ClassDecl *decl);
void resolver_instance_decl(Resolver *r, InstanceDecl *decl);
// Resolves the hidden bindings that are waiting.
void resolver_hidden(Resolver *r);

// ---- resolve_exprs.c
void resolver_expr(Resolver *r, Expr *expr);
// What is evaluated on demand only.
void resolver_conditional(Resolver *r, Expr *expr);
void resolver_begin_binding(Resolver *r, uint32_t index);
void resolver_end_binding(Resolver *r);
// The value and type of a binding.
void resolver_bind(Resolver *r, Bind *bind);
void resolver_bodies(Resolver *r);

// A visible binding.
void resolver_binding(Resolver *r, uint32_t index);

// ---- resolve_parts.c
// All visible bindings.
void resolver_visible(Resolver *r);
// The items of a list or record from `begin` to `end`.
void resolver_items(Resolver *r, Expr *literal, uint32_t begin, uint32_t end);
// All items of a literal that is long.
void resolver_long_literal(Resolver *r, Expr *literal);
bool resolver_is_long(const Resolver *r, const Expr *literal);

// ---- resolve.c
void resolver_release_work(ResolverWork *work);
// Calls `body` for all of [0, count), which are bindings; for several ranges at
// once where they are many.
void resolver_each(const Resolver *r, uint32_t count, RangeFunction *body,
                   void *ctx);

// ---- resolve_graph.c
void resolver_groups(Resolver *r);

#endif
