// The abstract syntax tree: tagged unions, 28 bytes per expression, children
// inline in contiguous arrays, so that a literal of a million numbers is one
// array. Runs of operators, applications, `else if` and arrows are n-ary:
// the tree is as deep as the user's brackets and no deeper, and a run of
// 200,000 `+` costs no stack. The parser bounds the depth by --max-nesting,
// so the passes may recurse.
//
// Who writes what: the parser builds the tree; the resolver fills the
// resolution of names (NameRef, local numbers); the checker sets `flags` and
// `note`. After each pass its fields are immutable.
//
// Ownership: nodes live in the module's arena; strings without escapes point
//            into the source text.
// Threads:   a top-level binding's tree is written by the one worker that
//            resolves or checks the module or binding group.
#ifndef LIGATURE_SYNTAX_AST_H
#define LIGATURE_SYNTAX_AST_H

#include <stdbool.h>
#include <stdint.h>

#include "concurrent/intern.h"
#include "support/arena.h"
#include "support/attributes.h"
#include "support/source.h"
#include "support/str.h"

typedef enum ExprKind {
#define EXPR(kind, label) kind,
#include "syntax/exprs.def"
} ExprKind;

typedef enum PatternKind {
#define PATTERN(kind, label) kind,
#include "syntax/exprs.def"
} PatternKind;

typedef enum TypeExprKind {
#define TYPE_EXPR(kind, label) kind,
#include "syntax/exprs.def"
} TypeExprKind;

typedef enum DeclKind {
#define DECL(kind, label) kind,
#include "syntax/exprs.def"
} DeclKind;

typedef enum Operator {
#define OPERATOR(kind, spelling) kind,
#include "syntax/exprs.def"
} Operator;

typedef struct Expr Expr;
typedef struct Pattern Pattern;
typedef struct TypeExpr TypeExpr;
typedef struct Function Function;
typedef struct Let Let;
typedef struct Match Match;
typedef struct Comprehension Comprehension;
typedef struct RecordItem RecordItem;

// What a name stands for once it is resolved.
typedef enum RefKind {
    REF_UNRESOLVED,
    REF_ERROR,  // reported already; causes no further diagnostics
    REF_LOCAL,  // index: local number within the top-level binding
    REF_GLOBAL, // module, index: Module.bindings[index]
    REF_CTOR,   // module, index: Module.ctors[index] (set by the checker
                // where several constructors share a name)
    REF_METHOD, // module, index: Module.methods[index]
    REF_MODULE, // module: the value of a whole module
    REF_TYPE,   // module, index: Module.types[index]
    REF_CLASS,  // module, index: Module.classes[index]
    REF_PRIM    // index: PrimType
} RefKind;

typedef struct NameRef {
    Symbol symbol;
    uint32_t ref : 4;     // RefKind
    uint32_t module : 28; // less than MODULE_NONE
    uint32_t index;
} NameRef;
#define MODULE_NONE ((UINT32_C(1) << 28) - 1)

// Expr.flags
enum {
    EXPR_PARENTHESISED = 1 << 0, // parser: stood in ( )
    EXPR_IMPLICIT = 1 << 1,      // parser: not written by the user (the left
                                 // side left out in a refinement)
    EXPR_QUOTED = 1 << 2,        // parser: raw or block string, or a quoted
                                 // field name
    EXPR_AS_FLOAT = 1 << 3,      // checker: integer literal that is a Float
    EXPR_WRAP_SOME = 1 << 4,     // checker: the value is wrapped in Some
                                 // (after its NOTE_CHECK)
    EXPR_UNCONDITIONAL = 1 << 5, // resolver: a REF_GLOBAL name that is always
                                 // evaluated when its binding is
    EXPR_CLOSED = 1 << 6,        // parser: literal data only (numbers, plain
                                 // strings, booleans, lists and records of
                                 // such without spreads), no names at all
    EXPR_QUALIFIED = 1 << 7,     // parser: m.Name (EXPR_CTOR); see `as.ctor`
    EXPR_APPLY_VALUE = 1 << 8,   // checker: in a predicate, a function that is
                                 // applied to the value x (after evidence)
    EXPR_AS_MAP = 1 << 9,        // checker: a record literal (of data, plain
                                 // fields only) whose value is a Map with an
                                 // entry for each field, in their order
    EXPR_CHECKED = 1 << 10,      // eval/check_constants.h: a constant that
                                 // satisfies its NOTE_CHECK
    EXPR_BOXED = 1 << 11,        // of a RecordItem: its value stands in a box,
                                 // and nothing else here means anything
    EXPR_HAS_CHECK = 1 << 12     // checker: there is a NOTE_CHECK
};

// Pointers at multiples of four: what follows the first 16 bytes is 12.
#pragma pack(push, 4)
struct Expr {
    uint8_t kind; // ExprKind
    uint8_t op;   // An operand of EXPR_CHAIN: the operator before it (OP_NONE
                  // for the first). The operator of an EXPR_UNARY, which may
                  // be such an operand itself, is as.unary.op
    uint16_t flags;
    uint32_t note; // checker: index into the binding group's notes; 0 none
    Span span;
    union {
        // clang-format off
        struct { bool value; } boolean;
        struct { int64_t value; } integer;
        struct { double value; } number;
        struct { const char *data; uint32_t len; } string; // decoded
        struct { Expr *parts; uint32_t count; } interpolation; // EXPR_STRING
                                             // parts stand as they are
        NameRef name;
        NameRef ctor;      // EXPR_QUALIFIED: until resolved, `index` is the
                           // symbol of the module alias
        struct { uint32_t index; } builtin; // Builtin (syntax/builtins.h)
        struct { Expr *items; uint32_t count; } tuple, list;
        Comprehension *comprehension;
        struct { RecordItem *items; uint32_t count; } record;
        struct { struct FieldOf *of; Symbol field; } field;
        struct { Expr *parts; uint32_t count; } call; // [0] is called with
                                             // [1..count), count >= 2
        // Operators of one precedence level, in source order, count >= 2.
        // + - and * / % and |> associate to the left, ?? and ++ to the
        // right; && and || in order; < <= > >= chains are conjunctions in
        // which each operand is evaluated once; == and != have two operands.
        struct { Expr *operands; uint32_t count; } chain;
        struct { Expr *operand; Operator op; } unary; // OP_NEG or OP_NOT
        Function *lambda;
        Let *let;
        struct { Expr *parts; uint32_t count; } branch; // EXPR_IF: condition,
                                             // then, condition, then, else
        Match *match;
        struct Annotated *annotated;
        const struct DataOnTape *data;
        struct ItemBox *box; // EXPR_BOXED
        // clang-format on
    } as;
};
#pragma pack(pop)
_Static_assert(sizeof(Expr) == 28, "most of a tree is expressions");

// What a field is taken of.
typedef struct FieldOf {
    Expr record;
    uint32_t name_start; // offset of the field's name, which ends the whole
} FieldOf;

typedef struct Annotated {
    Expr expr;
    TypeExpr *type;
} Annotated;

typedef struct DataOnTape {
    const struct DataTape *tape;  // syntax/data_tape.h
    const struct JsonShape *plan; // checker: its type
} DataOnTape;

struct Pattern {
    uint8_t kind; // PatternKind
    uint8_t flags;
    uint16_t reserved;
    uint32_t note; // checker: as in Expr
    Span span;
    union {
        // clang-format off
        struct { Symbol symbol; uint32_t local; } name;
        struct { bool value; } boolean;
        struct { int64_t value; } integer; // EXPR_AS_FLOAT in flags: a Float
        struct { double value; } number;
        struct { const char *data; uint32_t len; } string;
        struct PatternCtor *ctor;
        struct { Pattern *items; uint32_t count; } tuple;
        struct PatternList *list;
        struct PatternRecord *record;
        struct { Pattern *pattern; Symbol symbol; uint32_t local; } alias;
        // clang-format on
    } as;
};

typedef struct PatternCtor {
    NameRef ref;
    Symbol qualifier; // 0: none
    uint32_t arg_count;
    Pattern *args;
} PatternCtor;

typedef struct PatternList {
    Pattern *items;
    uint32_t count;
    bool has_rest;
    Symbol rest; // 0: `..` without a name
    uint32_t rest_local;
    Span rest_span;
} PatternList;

typedef struct PatternField {
    Symbol name;
    Span name_span;
    Pattern pattern; // PATTERN_NAME of the same name where left out
} PatternField;

typedef struct PatternRecord {
    PatternField *fields;
    uint32_t count;
    bool open; // `..` was written; record patterns are open all the same
} PatternRecord;

// A parameter: a pattern with an optional type. `local` is the number of the
// whole argument, also for patterns that take it apart.
typedef struct Param {
    Pattern pattern;
    TypeExpr *type; // may be NULL
    uint32_t local;
} Param;

// What a lambda, or a binding with parameters, is.
struct Function {
    Param *params;
    TypeExpr *result;     // may be NULL
    uint32_t param_count; // >= 1
    Symbol name;          // of the binding; 0 for a lambda
    Expr body;
};

// name { param } [ ":" type ] "=" expr. With parameters, `value` is an
// EXPR_LAMBDA whose Function holds the parameters and the result type, and
// `type` is NULL.
typedef struct Bind {
    Symbol name;
    Span name_span;
    uint32_t local; // in a let expression; unused at top level
    TypeExpr *type; // may be NULL
    Expr value;
    uint32_t note; // checker: NOTE_GENERALISED when it takes dictionaries
    Span doc;      // text of the /// comments before it; empty when none
} Bind;

struct Let {
    Bind *binds;
    uint32_t count;
    bool rec; // all binds see each other; otherwise each sees those before it
    const struct Components *groups; // resolver: of a `rec`, those that call
                                     // each other; NULL: all of them do
    Expr body;
};

// Members of a `let rec` that call each other, or one that only it calls.
typedef struct LetGroup {
    const uint32_t *members; // NULL: all of them
    uint32_t count;
} LetGroup;

// A group comes after all those that its members name.
uint32_t let_group_count(const Let *let);
LetGroup let_group(const Let *let, uint32_t index);
static inline uint32_t let_group_member(const LetGroup *group, uint32_t at)
{
    return group->members != NULL ? group->members[at] : at;
}

typedef struct Arm {
    Pattern *patterns; // alternatives, all binding the same locals
    Expr *guard;       // may be NULL
    uint32_t pattern_count;
    Expr body;
} Arm;

struct Match {
    Expr scrutinee;
    Arm *arms;
    uint32_t arm_count;
    uint32_t note;
};

typedef struct Clause {
    Pattern pattern; // for
    Expr expr;       // the source, or the condition
    bool is_filter;
} Clause;

struct Comprehension {
    Clause *clauses; // the first is a `for`
    uint32_t count;
    Expr body;
};

// fieldpath of two or more names.
typedef struct FieldPath {
    uint32_t count;
    Symbol *names;
    Span *spans;
} FieldPath;

// 36 bytes: most literals are records, and few fields of theirs have more than
// a name and a value.
struct RecordItem {
    Symbol name;         // 0: a spread of the value
    uint32_t name_start; // offset of the name; a quoted one at its quote
    Expr plain;          // the value; where that is EXPR_BOXED: of `as.box`
};

typedef struct ItemBox {
    FieldPath *path; // NULL for a single name; else names[0] == name
    TypeExpr *type;  // may be NULL
    Expr value;
} ItemBox;

// Whether checks are left to do, of a value that is no constant.
static inline bool expr_awaits_check(const Expr *expr)
{
    return (expr->flags & (EXPR_HAS_CHECK | EXPR_CHECKED)) == EXPR_HAS_CHECK;
}

static inline void expr_set_data(Expr *expr, Arena *arena,
                                 const struct DataTape *tape,
                                 const struct JsonShape *plan)
{
    DataOnTape data = {tape, plan};
    expr->as.data = arena_copy(arena, &data, sizeof data);
}

// A pun `{ name }` holds the EXPR_NAME.
static inline Expr *record_item_value(const RecordItem *item)
{
    return UNLIKELY((item->plain.flags & EXPR_BOXED) != 0)
               ? &item->plain.as.box->value
               : (Expr *)(uintptr_t)&item->plain;
}

static inline FieldPath *record_item_path(const RecordItem *item)
{
    return UNLIKELY((item->plain.flags & EXPR_BOXED) != 0)
               ? item->plain.as.box->path
               : NULL;
}

// Whether each item is of one field that it names: no path, nothing spread.
static inline bool record_names_fields(const Expr *record)
{
    for (uint32_t i = 0; i < record->as.record.count; i++) {
        const RecordItem *item = &record->as.record.items[i];
        if (item->name == 0 || record_item_path(item) != NULL) {
            return false;
        }
    }
    return true;
}

static inline TypeExpr *record_item_type(const RecordItem *item)
{
    return UNLIKELY((item->plain.flags & EXPR_BOXED) != 0)
               ? item->plain.as.box->type
               : NULL;
}

// ---- types as written

typedef struct TypeField {
    Symbol name;
    Span name_span;
    bool optional;
    TypeExpr *type;
    Expr *default_value; // may be NULL
    uint32_t hidden;     // resolver: the hidden binding of the default
} TypeField;

typedef struct TypeRecord {
    TypeField *fields;
    uint32_t count;
    bool open;
    Symbol row; // the row variable's name; 0 when there is none
} TypeRecord;

typedef struct Constraint {
    NameRef ref; // the class
    Symbol qualifier;
    Span span;
    TypeExpr *args;
    uint32_t arg_count;
} Constraint;

typedef struct Predicate {
    Expr expr;        // a Boolean, or T -> Boolean; see LANGUAGE.md section 3
    bool is_with;     // "with" rather than "where"
    uint32_t x_local; // the number of the local `x`, the value, where hidden
                      // functions are not used
    uint32_t hidden;  // resolver: the hidden binding \x -> expr, or UINT32_MAX
} Predicate;

// TypeExpr.flags
enum {
    TYPE_EXPR_PARENTHESISED = 1 << 0 // parser: stood in ( )
};

struct TypeExpr {
    uint8_t kind; // TypeExprKind
    uint8_t flags;
    Span span;
    union {
        // clang-format off
        struct { NameRef ref; Symbol qualifier; TypeExpr *args; uint32_t arg_count; } name;
        struct { Symbol symbol; } var;
        struct { TypeExpr *parts; uint32_t count; } function; // params.., result
        struct { TypeExpr *items; uint32_t count; } tuple;
        struct { TypeExpr *item; } list;
        TypeRecord *record;
        struct { TypeExpr *base; Predicate *predicates; uint32_t count; } refined;
        struct { Constraint *constraints; uint32_t count; TypeExpr *type; } constrained;
        // clang-format on
    } as;
};

// ---- declarations

typedef struct ImportItem {
    Symbol name;
    Symbol alias; // == name when there is no `as`
    Span span;
    Span alias_span;
    bool is_upper;
    bool is_repeated;   // resolver: the same is exported by this name already
    bool is_second;     // resolver: of a value that is exported by another name
    _Atomic(bool) used; // resolver
} ImportItem;

typedef struct Import {
    Span source_span;
    Str path;       // import "path"; data NULL for a dotted name
    Symbol *dotted; // import std.list
    uint32_t dotted_count;
    Symbol alias; // 0: none written
    Span alias_span;
    TypeExpr *type; // data imports
    ImportItem *items;
    uint32_t item_count;
    uint32_t module; // loader: index into Program.modules; UINT32_MAX when it
                     // could not be loaded (reported)
    _Atomic(bool) used; // resolver
} Import;

typedef struct CtorDecl {
    Symbol name;
    Span name_span;
    TypeExpr *args;
    uint32_t arg_count;
} CtorDecl;

typedef struct TypeDecl {
    Symbol name;
    Span name_span;
    Symbol *params;
    Span *param_spans;
    uint32_t param_count;
    CtorDecl *ctors; // a union; NULL for an alias. `type A = B X;` parses as
                     // an alias; the resolver makes it a union of one
                     // constructor where LANGUAGE.md section 10 says so
    uint32_t ctor_count;
    TypeExpr *alias;
    bool exported;
    Span doc;
} TypeDecl;

typedef struct MethodDecl {
    Symbol name;
    Span name_span;
    TypeExpr *type;
} MethodDecl;

typedef struct ClassDecl {
    Symbol name;
    Span name_span;
    Symbol *params;
    Span *param_spans;
    uint32_t param_count;
    Constraint *superclasses;
    uint32_t superclass_count;
    MethodDecl *methods;
    uint32_t method_count;
    Span doc;
} ClassDecl;

typedef struct InstanceDecl {
    Constraint head;
    Constraint *context;
    uint32_t context_count;
    Bind *methods;
    uint32_t method_count;
    uint32_t *hidden; // resolver: the hidden binding of each method
    bool is_cut;      // behind an error there may be more of them
} InstanceDecl;

typedef struct LetDecl {
    Bind *binds;
    uint32_t count;
    bool rec;
    bool exported;
} LetDecl;

typedef struct InputDecl {
    Symbol name;
    Span name_span;
    TypeExpr *type;
    Expr *default_value;           // may be NULL
    const struct DataValue *given; // loader: its value, whatever the options
                                   // say (syntax/module.h); mostly NULL
    Span doc;
} InputDecl;

typedef struct ExportDecl {
    ImportItem *items;
    uint32_t count;
} ExportDecl;

// 32 bytes: a module may be nothing but declarations.
typedef struct Decl {
    uint8_t kind; // DeclKind
    Span span;
    union {
        LetDecl let;
        InputDecl *input;
        Import *import;
        ExportDecl export_; // `export type` is a DECL_TYPE with exported set
        TypeDecl *type;
        ClassDecl *class_;
        InstanceDecl *instance;
    } as;
} Decl;

typedef struct ModuleAst {
    Symbol *path; // "module" ModPath; NULL when not written
    uint32_t path_count;
    Decl *decls;
    uint32_t decl_count;
    Expr *result; // the final expression, or NULL
    uint64_t node_count;
    bool has_local_rec; // a `let rec` inside an expression
    bool has_dollar;    // a '$' stands in the text: see resolve_plain.c
} ModuleAst;

// Calls `visit` for each direct child expression, in source order (patterns
// and types are not entered).
typedef void ExprVisitor(Expr *child, void *ctx);
void ast_visit_children(Expr *expr, ExprVisitor *visit, void *ctx);
typedef void PatternVisitor(const Pattern *pattern, void *ctx);
void ast_visit_subpatterns(const Pattern *pattern, PatternVisitor *visit,
                           void *ctx);
// What gives the expression its value, as far as that is seen at sight: the
// body of a `let`, and of a lambda that is called where it stands.
const Expr *ast_result(const Expr *expr);
// The declaration that stands at the offset; NULL: none does.
const Decl *ast_decl_at(const ModuleAst *ast, uint32_t offset);
const char *expr_kind_label(ExprKind kind);
const char *pattern_kind_label(PatternKind kind);
const char *type_expr_kind_label(TypeExprKind kind);
const char *decl_kind_label(DeclKind kind);
const char *operator_text(Operator op);
// `Name T U` as a constructor: false when `type` is no unqualified name with
// arguments. A list in parentheses as the only argument is several arguments.
// `*out_ctor` shares the type's nodes.
bool ast_ctor_of_type(const TypeExpr *type, const Interner *interner,
                      CtorDecl *out_ctor);
// Span of a record item's first name (quotes included).
Span record_item_name_span(const RecordItem *item, const Source *source);
// An item with a path or a type, or with neither.
RecordItem record_item_make(Arena *arena, Symbol name, uint32_t name_start,
                            FieldPath *path, TypeExpr *type, const Expr *value);

#endif
