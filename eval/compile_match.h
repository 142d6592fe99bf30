// What compile_match.c (which builds the decision tree of a match) and
// compile_switch.c (which emits its code) share.
//
// After Maranget, "Compiling Pattern Matching to Good Decision Trees" (2008),
// with rows as in Jacobs, "How to compile pattern matching" (2021): a row is a
// list of tests that are left to do, on parts of the scrutinee. Where a tree
// would grow too large or too deep, the rows left are tried one by one
// instead, so the code stays linear in the patterns.
#ifndef LIGATURE_EVAL_COMPILE_MATCH_H
#define LIGATURE_EVAL_COMPILE_MATCH_H

#include "eval/compile_internal.h"

typedef struct Part Part;

// A part of the scrutinee.
typedef enum PartKind {
    PART_ROOT,
    PART_ITEM,        // of a tuple
    PART_UNION_FIELD, // of a union
    PART_FIELD,       // of a record; `index` is the symbol
    PART_LIST_ITEM,
    PART_LIST_REST // a list without the first `index` items
} PartKind;

struct Part {
    PartKind kind;
    uint32_t index;
    Part *parent;
    uint32_t reg;       // NO_REGISTER: not loaded where we are
    uint32_t count_reg; // of a list: its length
    Part **children;    // by index; not FIELD and LIST_REST
    uint32_t child_count;
    Part *others; // FIELD and LIST_REST children, linked by `sibling`
    uint32_t other_count;
    Part *sibling;
};

// A pattern that can fail, on a part. Lists of tests share their tails.
typedef struct Test Test;
struct Test {
    Part *part;
    const Pattern *pattern;
    Test *next;
};

typedef struct NameBinding NameBinding;
struct NameBinding {
    uint32_t local;
    Part *part;
    NameBinding *next;
};

typedef struct MatchArm {
    const Arm *arm;
    uint32_t leaves;      // that end in it
    Label label;          // of the body, where several do; its names then have
    uint32_t names_first; // registers of their own, from this one on
} MatchArm;

typedef struct Row {
    Test *tests;
    NameBinding *names;
    MatchArm *arm;
} Row;

typedef enum NodeKind {
    NODE_FAIL,
    NODE_LEAF,    // row; `otherwise` when its guard says no
    NODE_SWITCH,  // by constructor, boolean or literal
    NODE_LIST,    // has exactly, or at least, `length` items
    NODE_DYNAMIC, // equal to a literal of a type known at run time only
    NODE_ROWS     // one row after the other
} NodeKind;

typedef struct Node Node;
typedef struct NodeCase {
    uint32_t tag;  // constructors and booleans
    Value literal; // others
    Node *node;
} NodeCase;
struct Node {
    NodeKind kind;
    Part *part;
    const Pattern *pattern; // SWITCH: one of the column; DYNAMIC
    Row *row;
    NodeCase *cases; // SWITCH; LIST and DYNAMIC: the one where it holds
    uint32_t case_count;
    Node *otherwise; // NULL: cannot be
    uint32_t length;
    bool exact;
    Row **rows;
    uint32_t row_count;
};

typedef struct Matcher {
    Compiler *c;
    Arena *arena;
    Place place;
    Label end;
    int64_t budget; // rows that may still be copied
    VEC(Part *) loaded;
    PtrMap others; // of parts that have many, by part, kind and index
} Matcher;

// compile_rows.c

Part *part_new(Matcher *matcher, PartKind kind, uint32_t index, Part *parent);
Part *part_child(Matcher *matcher, Part *parent, PartKind kind, uint32_t index);
// Constructors of the pattern's union; the number of its own.
uint32_t union_size(const Compiler *c, const Pattern *pattern);
uint32_t pattern_tag(const Compiler *c, const Pattern *pattern);
// How many names the pattern binds.
uint32_t pattern_names(const Pattern *pattern);
Test *row_test_on(const Row *row, const Part *part);
// A copy of `row` without `test`, with what is inside of its pattern in its
// place.
Row *row_without(Matcher *matcher, const Row *row, const Test *test);
// Adds to `row` what `pattern` on `part` asks for: tests before `tests`.
void row_add(Matcher *matcher, Row *row, Part *part, const Pattern *pattern);
// The tests inside the pattern of a test that held.
void row_expand(Matcher *matcher, Row *row, Part *part, const Pattern *pattern);
bool pattern_is_dynamic(const Compiler *c, const Pattern *pattern);
Value pattern_literal(Compiler *c, const Pattern *pattern);

// compile_switch.c: emits the code of a tree.
void emit_node(Matcher *matcher, const Node *node);

#endif
