// What the files of inference share: the state of checking one binding group
// and the functions that call each other across files.
//
// Ownership: an Infer owns its memory, which serves one module after the other,
//            or one part of a module; types, schemes and evidence that it makes
//            go to the module's arenas in the end.
// Threads:   one worker at a time; parts of a module have an Infer each:
//            infer_parts.h.
#ifndef LIGATURE_TYPECHECK_INFER_INTERNAL_H
#define LIGATURE_TYPECHECK_INFER_INTERNAL_H

#include "support/vec.h"
#include "typecheck/constraint_index.h"
#include "typecheck/declare.h"
#include "typecheck/infer.h"
#include "typecheck/instance.h"
#include "typecheck/module_types.h"
#include "typecheck/type_exprs.h"
#include "typecheck/type_share.h"
#include "typecheck/type_watch.h"
#include "typecheck/unify.h"

#define NEGATIVE_HELP                                                          \
    "this subtracts; an argument that is negative stands in parentheses: f "   \
    "(-1)"

// Where an expected type comes from, for the message.
typedef enum ExpectKind {
    EXPECT_NONE,
    EXPECT_ANNOTATION,
    EXPECT_ITEM,      // the first element of the list
    EXPECT_BRANCH,    // the first branch of an if or match
    EXPECT_ARGUMENT,  // parameter `index` of `name`
    EXPECT_OPERAND,   // the other operand of `op`
    EXPECT_OPERATOR,  // `op` itself
    EXPECT_CONDITION, // of an if, a guard, a filter
    EXPECT_FIELD,     // field `name` of the expected record
    EXPECT_SCRUTINEE, // a pattern against the matched value
    EXPECT_SOURCE,    // of a `for`
    EXPECT_RESULT,    // of an annotated function
    EXPECT_METHOD     // the class's signature of method `name`
} ExpectKind;

typedef struct Expect {
    ExpectKind kind;
    Operator op;
    uint32_t index;
    Symbol name;
    const Source *source;
    Span span;
    Type **out_misfit; // of an argument: set to what it is instead; or NULL
} Expect;

// What a rigid variable lacks, and where that was said.
typedef struct Unmet {
    const ClassInfo *class_;
    Type **args;
    Diag *diag;
    uint32_t at;     // in the sink
    uint32_t places; // that it points at beside its own
} Unmet;

// What is done with the evidence of a constraint.
typedef enum WantKind {
    WANT_EVIDENCE, // stored in `slot`
    WANT_LITERAL,  // a literal's type is a Num; nobody looks at `slot`
    WANT_OPERATOR  // a tag or a note on `expr`
} WantKind;

typedef struct Wanted {
    const ClassInfo *class_;
    Type **args;
    Evidence **slot;
    Expr *expr; // the operator; also names what wants it in messages
    WantKind kind;
    uint32_t owner; // member of the group whose local numbers evidence uses
    Span span;
    const InstanceInfo *super_of; // of which it is a superclass; else NULL
} Wanted;

// An assumption: a dictionary parameter in scope.
typedef struct Given {
    const ClassInfo *class_;
    Type **args;
    const uint32_t *locals; // by owner, or one for all
    bool by_owner;
    Evidence *evidence; // the last that was asked for
} Given;

typedef struct LiteralPlace {
    void *place; // Expr or Pattern
    struct LiteralPlace *next;
} LiteralPlace;

// Integer literals whose type was not known when they were met: a variable.
typedef struct PendingLiterals {
    Type *type;
    uint32_t owner;
    bool are_patterns;
    LiteralPlace *first, *last; // in the order in which they were met
} PendingLiterals;

// A use of a member of a group inside the group.
typedef struct GroupUse {
    Expr *expr;
    uint32_t owner;
    uint32_t group; // GROUP_TOP, or the number of a `let rec`
} GroupUse;

#define GROUP_TOP  0
#define GROUP_NONE UINT32_MAX

// Patterns are judged once all types and constructors are known.
typedef struct PendingPattern {
    const Match *match;     // or
    const Pattern *pattern; // one that must not fail,
    const char *place;      // standing here
} PendingPattern;

typedef struct LocalType {
    Type *type;           // NULL: not bound (an error elsewhere)
    const Scheme *scheme; // polymorphic; else NULL
    uint32_t group;       // of a member of a `let rec` at work; else 0
    Type *refined;        // its annotation, where that has refinements
    const Infer *by;      // who bound it
} LocalType;

// A hidden binding that `from` evaluates at times.
typedef struct HiddenRef {
    uint32_t from, module, index;
    Span span;
} HiddenRef;

// An instance at a type without parts, which most constraints are on.
typedef struct KnownInstance {
    const ClassInfo *class_;
    const Type *type;    // NULL: none
    Evidence **evidence; // one, as a note has it
    uint32_t note;       // of the module, that says this; 0: none yet
} KnownInstance;

enum { KNOWN_INSTANCES = 8 };

// A call of one argument, which says all about those of the same function at
// the same type: no variable was left, and the evidence was known at sight.
typedef struct KnownCall {
    const Scheme *scheme; // NULL: none
    Type *param, *result; // without variables
    uint32_t note;        // the callee's
    bool by_result;       // the two are one variable of the scheme
    bool any_expected;    // whether the result is expected or not makes no
                          // difference to how the argument is looked at
} KnownCall;

enum { KNOWN_CALLS = 8 };

typedef struct Part Part; // infer_parts.h

struct Infer {
    const Program *program;
    Module *module;
    ModuleTypes *types;
    Worker *worker; // that runs this; NULL: there are no others
    uint64_t grain; // see syntax/stretches.h
    Part *part;     // of a literal, that this checks; else NULL
    DiagSink *sink;
    NoteWriter notes;
    Arena *arena;         // of what the tree and its notes point to
    const Source *source; // what spans are of: the module's, or of data
    Arena *scratch;       // cleared after each group
    Arena scratch_memory;
    Arena types_made; // by the store: see infer_keep.c
    TypeShare share;  // of all modules: see infer_keep.c
    TypeStore store;
    TypeBudget *budget;     // of the program
    uint64_t nodes_made;    // that it was not charged with yet
    uint64_t nodes_charged; // of the module
    Unifier unifier;
    const ModuleTypes *prelude; // in which these were found:
    const ClassInfo *num, *eq, *ord, *show, *append;
    uint32_t depth;   // of others that wait for it: infer_require()
    bool quiet;       // infer_try() is at work
    TypeWatch *watch; // NULL: nobody asks for types of the module's places

    struct MethodBinding **method_of;     // by binding; NULL: no instances
    KnownInstance known[KNOWN_INSTANCES]; // by known_slot()
    const InstanceSet *known_of;          // in which they were found
    KnownCall known_calls[KNOWN_CALLS];   // by scheme; of the module
    uint64_t candidates;                  // that names were compared with

    // The group at work.
    BindingGroup *group;
    bool failed;         // an error was reported in it, or in what it uses
    Type **member_types; // by member; NULL for annotated ones
    uint32_t level;
    uint32_t error_count;
    VEC(Wanted) wanted;
    bool improved; // a constraint has decided types
    VEC(PendingLiterals) literals;
    uint32_t literals_from; // those before are of what is around, and full
    VEC(Given) givens;
    ConstraintIndex given_index; // of `givens`
    ConstraintIndex param_index; // while parameters are chosen; else empty
    VEC(Unmet) unmet;            // the first few
    VEC(GroupUse) group_uses;
    uint32_t rec_groups; // `let rec`s met so far
    VEC(PendingPattern) patterns;
    PtrMap predicates;  // predicates of annotations that were checked
    PtrMap annotations; // TypeExpr -> Type, of the binding at work
    PtrMap derived;     // (class, ground type) -> DerivedStatus; not of the
                        // group only

    // Refinements, not of the group only: refinements.h.
    PtrMap check_shapes; // (Type, how) -> CheckShape
    PtrMap check_unions; // (first argument, union) -> UnionEntry
    PtrMap check_refs;   // (CheckShape, binding) whose references are known
    PtrMap stripped;     // Type -> the same without refinements
    PtrMap walked; // Types whose predicates were checked: chains of aliases
                   // share what is beneath them
    PtrMap check_scans;   // CheckShape -> what there is to do
    PtrMap refined_notes; // (TYPE_REFINED, how) -> RefinedNote
    uint32_t check_depth;
    const Span *check_annotation;    // see refinements_shape()
    uint32_t first_site, first_diag; // when the group at work began
    VEC(HiddenRef) hidden_refs;
    uint32_t hidden_start; // where those of the last binding start
    PtrMap hidden_seen;   // of them: (start + 1, binding), behind the first few
    VEC(CheckSite) sites; // see Module.check_sites
    bool in_predicate;    // of a refinement

    // The binding at work.
    Binding *binding;
    uint32_t owner; // its number in the group
    LocalType *locals;
    uint32_t local_capacity;
    TypeVars vars;       // type variables in scope
    uint32_t bind_level; // level of the innermost binding: of new skolems
    bool bind_open;      // its constraints are inferred
};

// ---- infer_exprs.c
Type *infer_expr(Infer *c, Expr *expr);
// The value of a binding at the top, or an item in it, whose type nothing else
// can decide: number literals alone are Integers then, as the defaults would
// have it later.
Type *infer_final(Infer *c, Expr *expr);
void infer_check(Infer *c, Expr *expr, Type *expected, const Expect *why);
// Unifies; reports at `span` when the types differ. False then.
bool infer_unify(Infer *c, Span span, Type *expected, Type *found,
                 const Expect *why);
// The type of the predicate of a refinement: Boolean, or applied to the value.
void infer_predicate(Infer *c, Expr *expr, Type *value);

// ---- infer_literals.c
// A literal that is some Num type.
void infer_int_literal(Infer *c, Expr *expr, Pattern *pattern, Type *expected,
                       const Expect *why);
// Forgets those from number `from` on.
void infer_drop_literals(Infer *c, uint32_t from);
// Of those from number `from` on, the literals whose type is known now or a
// parameter of the scheme.
void infer_settle_literals(Infer *c, uint32_t from);

// Whether the first of several parts decides what a type is, though one is
// expected.
static inline bool infer_is_undecided(Type *type)
{
    type = type_resolve(type);
    return type->kind == TYPE_VAR && (type->flags & TYPE_IS_LITERAL) == 0;
}

// A type from outside comes into the group. What is unknown of it fits all
// that is done with it, so a group that meets such types is not to be run.
static inline void infer_meet(Infer *c, const Type *type)
{
    if (UNLIKELY((type->flags & TYPE_HAS_ERROR) != 0)) {
        c->failed = true;
    }
}

// ---- infer.c
// Charges the program with what types or notes take. False where that is too
// much, so that nothing need be made that is only for later passes.
bool infer_afford(Infer *c, uint64_t nodes);

// ---- infer_names.c
Type *infer_name(Infer *c, Expr *expr);
// `expected` may be NULL; it chooses among constructors of one name.
Type *infer_ctor(Infer *c, Expr *expr, Type *expected);
// Writes what `ref` means; false after reporting. `expected` is the union,
// or NULL.
bool infer_resolve_ctor(Infer *c, NameRef *ref, Symbol qualifier, Span span,
                        Type *expected);
// The scheme of the name or constructor; NULL where it has none, or none yet.
const Scheme *infer_scheme_of(const Infer *c, const Expr *expr);
#define WANT_NOW UINT32_MAX
// Notes the evidence for the instance's constraints on `expr`. `late`: wanted
// as if that had been done when c->wanted had so many; or WANT_NOW.
void infer_want_instance(Infer *c, Instance *instance, Expr *expr,
                         uint32_t late);
// Instantiates, leaving evidence for the constraints on `expr`.
Type *infer_instance(Infer *c, const Scheme *scheme, Expr *expr);
static inline Type *infer_instantiate(Infer *c, const Scheme *scheme,
                                      Expr *expr)
{
    infer_meet(c, scheme->type);
    bool is_mono = scheme->node_count == 0 && scheme->constraint_count == 0;
    return is_mono ? scheme->type : infer_instance(c, scheme, expr);
}

// ---- infer_calls.c
Type *infer_call(Infer *c, Expr *expr, Type *expected, const Expect *why);
Type *infer_pipe(Infer *c, Expr *chain, Type *expected, const Expect *why);

// ---- infer_functions.c
// `expected` is NULL or a chain of functions of all its parameters.
Type *infer_lambda(Infer *c, Function *function, Type *expected,
                   const Expect *why);
void infer_check_lambda(Infer *c, Expr *expr, Type *expected,
                        const Expect *why);

// ---- infer_operators.c
// `expected` may be NULL.
Type *infer_chain(Infer *c, Expr *expr, Type *expected, const Expect *why);
bool infer_is_arithmetic(Operator op);
Type *infer_option_of(Infer *c, Type *item);
Type *infer_unary(Infer *c, Expr *expr, Type *expected, const Expect *why);

// ---- infer_fields.c
Type *infer_field(Infer *c, Expr *expr);
// The module of the library that has a function of this name for values of the
// type; empty where none has.
Str infer_library_of(Infer *c, Type *type, Symbol name);

// ---- infer_records.c
// `final`: see infer_final().
Type *infer_record(Infer *c, Expr *expr, bool final);
// Against a resolved record type.
void infer_check_record(Infer *c, Expr *expr, Type *expected,
                        const Expect *why);
// The field's value against its type, wrapped in Some where it is optional
// and the value is not.
void infer_field_value(Infer *c, Expr *value, const RecordField *field,
                       const Expect *why);

// ---- infer_patterns.c
void infer_pattern(Infer *c, Pattern *pattern, Type *type, const Expect *why);
// `expected` may be NULL.
Type *infer_match(Infer *c, Expr *expr, Type *expected, const Expect *why);
// Notes that the pattern must not fail.
void infer_must_match(Infer *c, const Pattern *pattern, const char *place);
void infer_bind_local(Infer *c, uint32_t local, Type *type,
                      const Scheme *scheme);

// ---- infer_let.c
void infer_let_binds(Infer *c, Let *let);
// Whether generalising cannot lose work.
typedef enum ValueForm {
    VALUE_NOT,     // must be evaluated once: no generalisation
    VALUE_DATA,    // only where no dictionary is needed
    VALUE_FUNCTION // a function: always
} ValueForm;
ValueForm infer_value_form(const Expr *expr);

// ---- infer_generalise.c
// Where the lists of things to settle stood.
typedef struct InferMark {
    uint32_t wanted, literals, givens, vars, group_uses;
} InferMark;
InferMark infer_mark(Infer *c);
// One binding that is generalised; several share their constraints.
typedef struct Generalised {
    Type *type;
    uint32_t *note;       // of the Bind or Binding
    Binding *binding;     // at top level; NULL for a local one
    uint32_t owner;       // at top level
    Type *copy;           // with generics; private
    const Scheme *scheme; // result; NULL when the type stays as it is
} Generalised;
// Generalises over what is above c->level and settles what was wanted since
// `mark`. `group` is that of the members, or GROUP_NONE. With GROUP_TOP,
// where c->level is 0, nothing stays open.
void infer_generalise(Infer *c, InferMark mark, Generalised *items,
                      uint32_t count, ValueForm form, uint32_t group);
// After the body of a binding with assumptions: settles what is wanted since
// `mark`, and takes the assumptions out.
void infer_finish_annotated(Infer *c, InferMark mark);
// New local numbers for `count` dictionaries, noted on *note.
const uint32_t *infer_new_dictionaries(Infer *c, Binding *binding,
                                       uint32_t count, uint32_t *note);

// ---- infer_watch.c
void infer_watch_slow(Infer *c, TypeNoteKind kind, Span span, Type *type);
// Notes the type of a place for who watches.
static inline void infer_watch(Infer *c, TypeNoteKind kind, Span span,
                               Type *type)
{
    if (UNLIKELY(c->watch != NULL)) {
        infer_watch_slow(c, kind, span, type);
    }
}
// The same of a local name; `type` is NULL where there is a scheme.
void infer_watch_local(Infer *c, uint32_t local, Type *type,
                       const Scheme *scheme);

// ---- infer_bindings.c
typedef enum AnnotationPlace {
    ANNOTATION_VALUE,
    ANNOTATION_PARAM, // of a binding: values of any fit come in there
    ANNOTATION_LAMBDA // a parameter's: what comes in stands beside it
} AnnotationPlace;
// An annotation as a type, refinements kept; new variables are rigid, of the
// innermost binding.
Type *infer_annotation(Infer *c, const TypeExpr *type, AnnotationPlace place);
// The parameters of a function that is the value of a binding, before that is
// inferred.
void infer_read_params(Infer *c, const Expr *value);

// What the annotations of a binding say.
typedef struct Signature {
    bool whole; // the type is known without looking at the value
    Type *type; // refinements kept; NULL: nothing is said of the whole
    const TypeExpr *annotation; // NULL: of the parameters and the result
    ClassUses context;
    const uint32_t *dictionaries; // by constraint of the context
    const TypeVarEntry *vars;     // that came into scope with it
    uint32_t var_count;
    const Expect *why; // instead of the annotation; may be NULL
} Signature;
// Its parameters and its result.
bool infer_all_annotated(const Function *function);
// `type` may be NULL. True when whole.
bool infer_read_signature(Infer *c, const TypeExpr *type, const Expr *value,
                          Signature *signature);
// What is known of a member of a recursive group, which is not whole, before
// its `value` is looked at (NULL: it is not to be): what the annotations say.
Type *infer_outline(Infer *c, const Expr *value, Signature *signature);
// Brings its type variables into scope once more.
void infer_enter_signature(Infer *c, const Signature *signature);
// Of a whole signature: its context becomes assumptions, whose dictionaries
// are noted on *note.
void infer_push_signature(Infer *c, Signature *signature, uint32_t *note);
void infer_check_signature(Infer *c, const Signature *signature, Symbol name,
                           Expr *value);
// The data of the binding against its annotation.
void infer_check_data(Infer *c, const Signature *signature, Binding *binding);
// To be called at the level outside of the binding.
const Scheme *infer_signature_scheme(Infer *c, const Signature *signature);
void infer_release_signature(Signature *signature);

// ---- classes.c
// Finds evidence for the constraint now, or later.
void infer_want(Infer *c, const Wanted *wanted);
void infer_want_operator(Infer *c, const ClassInfo *class_, Type *type,
                         Expr *expr);
// The instance of the class at the type, where it is known at sight; else NULL.
KnownInstance *infer_known_instance(Infer *c, const ClassInfo *class_,
                                    const Type *type);
// What should have been wanted earlier: it waits among c->wanted, unless it is
// settled at sight.
void infer_want_late(Infer *c, const Wanted *wanted);
// The entries of c->wanted from `from` on become those from `to` on.
void infer_move_wanted(Infer *c, uint32_t from, uint32_t to);
// True when `type` may be the type of an integer literal.
bool infer_literal_fits(void *ctx, Type *type);
// False for a rigid variable that no assumption makes a number.
bool infer_may_be_number(Infer *c, Type *type);
bool infer_has_function_instance(const Infer *c, const ClassInfo *class_);
// Finds evidence for a constraint without variables; says nothing where there
// is none.
bool infer_try(Infer *c, const ClassInfo *class_, Type **args, Evidence **slot);
// Tries what is in c->wanted from `from` on once more; what cannot be settled
// stays.
void infer_retry(Infer *c, uint32_t from);
// Whether the two ask the same.
bool infer_same_constraint(const Wanted *a, const Wanted *b);
// Whether superclasses lead from the one to the other.
bool infer_follows(Infer *c, const Wanted *wanted, const Wanted *from);
// Assumptions come and go like a stack.
void infer_push_given(Infer *c, Given given);
void infer_pop_givens(Infer *c, uint32_t count);
// `var` is not decided.
void infer_ambiguous(Infer *c, const Wanted *wanted, const Type *var);
// What is still wanted at the end of a group, or for an instance: of a rigid
// variable that nobody could be asked for.
void infer_report_unmet(Infer *c);
// Where what is wanted since `from` may decide types, tries it once more.
void infer_improve(Infer *c, uint32_t from);
// Of what is wanted since `from` of the same records, the results are the same.
// They must be so before they are generalised, or a scheme leaves one of them
// open.
void infer_agree(Infer *c, uint32_t from);

// ---- notes
// Sets `next` of the content.
void infer_add_note(Infer *c, uint32_t *note, Note *content);
// The one item of evidence, which other expressions have too: those share a
// note, whose number is in *shared; 0 at first.
void infer_add_evidence(Infer *c, uint32_t *note, Evidence **items,
                        uint32_t *shared);
void infer_set_tag(Infer *c, uint32_t *note, uint32_t tag);

// ---- infer_report.c
void infer_mismatch(Infer *c, Span span, Type *expected, Type *found,
                    const Expect *why);
// A literal ends where its type goes on with `row`, a rigid variable.
void infer_report_rigid_row(Infer *c, Span span, const Type *row,
                            const Expect *why);
Diag *infer_error(Infer *c, DiagCode code, Span span, const char *format, ...)
    PRINTF_LIKE(4, 5);
void infer_label_expect(Infer *c, Diag *diag, const Expect *why);
// ---- infer_places.c: says where in a literal of some depth `span` stands
void infer_note_place(Infer *c, Diag *diag, Span span);
// ---- infer_report.c
Str infer_print(Infer *c, Type *type);
// The same with the fields of a record, whatever its name.
Str infer_print_fields(Infer *c, Type *type);
Str infer_name_text(const Infer *c, Symbol symbol);
// Whether a name may be compared with so many others.
bool infer_may_suggest(Infer *c, uint32_t candidates);
void infer_suggest_field(Infer *c, Diag *diag, Symbol name,
                         const RecordField *fields, uint32_t count);

// ---- infer_cures.c
// Whether it is the prelude's Option.
bool infer_is_option(const Infer *c, Type *type);
// Adds the cure that fits the innermost difference, if there is one.
void infer_help_mismatch(Infer *c, Diag *diag, Type *expected, Type *found,
                         Span span, const Expect *why);
// Where what was found is a record or list by the name of a binding without
// annotation: says that it needs one.
void infer_help_unannotated(Infer *c, Diag *diag, Span span, Type *expected,
                            Type *found);

// ---- infer_parts.c
void infer_log_slow(Infer *c, void *where, size_t size);
// What `where` holds is about to be written, in the tree or in c->locals: a
// part of a literal that is done again takes that back.
static inline void infer_log(Infer *c, void *where, size_t size)
{
    if (UNLIKELY(c->part != NULL)) {
        infer_log_slow(c, where, size);
    }
}
// What is done depends on things outside of the part of a literal at work that
// are not settled: it is to be done again, in order.
void infer_touch(Infer *c);

// ---- infer.c
void infer_init_stores(Infer *c);
// For the module that `c` is about to check.
void infer_empty_stores(Infer *c);
void infer_release_stores(Infer *c);

static inline Expect infer_expect(const Infer *c, ExpectKind kind, Span span)
{
    return (Expect){.kind = kind, .source = &c->module->source, .span = span};
}

// ---- infer_keep.c

// Moves what outlives the Infer from its store to the ModuleTypes.
void infer_keep(Infer *c);

#endif
