// Matches to decision trees. See compile_match.h.
#include "eval/compile_match.h"

#include <stdlib.h>

#define TREE_DEPTH_MAX 100u
// Rows that may be copied: this many for each, and some more.
#define COPIES_PER_ROW 16
#define COPIES_FREE    2000

// ---- the tree

static Node *build(Matcher *matcher, Row **rows, uint32_t count,
                   uint32_t depth);

static Node *node_new(Matcher *matcher, NodeKind kind)
{
    Node *node = ARENA_NEW(matcher->arena, Node);
    node->kind = kind;
    return node;
}

// A row that a case keeps: what of `rows` it came from says the order.
typedef struct Tested {
    uint32_t row;
    uint32_t tag;
    Value literal;
    Test *test;
} Tested;

static bool is_tagged(const Pattern *pattern)
{
    return pattern->kind == PATTERN_CTOR || pattern->kind == PATTERN_BOOL;
}

static int tested_compare(const void *a, const void *b)
{
    const Tested *left = a;
    const Tested *right = b;
    int order = is_tagged(left->test->pattern)
                    ? (left->tag > right->tag) - (left->tag < right->tag)
                    : value_compare(left->literal, right->literal);
    return order != 0 ? order
                      : (left->row > right->row) - (left->row < right->row);
}

static bool tested_same(const Tested *a, const Tested *b)
{
    return is_tagged(a->test->pattern)
               ? a->tag == b->tag
               : value_compare(a->literal, b->literal) == 0;
}

typedef struct Split {
    Tested *tested; // sorted by case, then by row
    uint32_t tested_count;
    uint32_t *defaults; // rows without a test on the part
    uint32_t default_count;
    uint32_t case_count;
} Split;

static Split split_rows(Matcher *matcher, Row **rows, uint32_t count,
                        const Part *part)
{
    Split split = {
        .tested = arena_array(matcher->arena, count, sizeof(Tested)),
        .defaults = arena_array(matcher->arena, count, sizeof(uint32_t)),
    };
    for (uint32_t i = 0; i < count; i++) {
        Test *test = row_test_on(rows[i], part);
        if (test == NULL) {
            split.defaults[split.default_count++] = i;
            continue;
        }
        Tested *tested = &split.tested[split.tested_count++];
        *tested = (Tested){.row = i, .test = test};
        if (test->pattern->kind == PATTERN_CTOR) {
            tested->tag = pattern_tag(matcher->c, test->pattern);
        } else {
            tested->literal = pattern_literal(matcher->c, test->pattern);
            tested->tag = test->pattern->kind == PATTERN_BOOL
                              ? test->pattern->as.boolean.value
                              : 0;
        }
    }
    qsort(split.tested, split.tested_count, sizeof(Tested), tested_compare);
    for (uint32_t i = 0; i < split.tested_count; i++) {
        split.case_count +=
            i == 0 || !tested_same(&split.tested[i - 1], &split.tested[i]);
    }
    return split;
}

// The rows of one case, tested[from, to), and the defaults, in row order.
static Row **case_rows(Matcher *matcher, Row **rows, const Split *split,
                       uint32_t from, uint32_t to, uint32_t *out_count)
{
    uint32_t room = to - from + split->default_count;
    Row **merged = arena_array(matcher->arena, room, sizeof(Row *));
    uint32_t count = 0;
    uint32_t next = 0;
    for (uint32_t i = from; i < to; i++) {
        const Tested *tested = &split->tested[i];
        while (next < split->default_count &&
               split->defaults[next] < tested->row) {
            merged[count++] = rows[split->defaults[next++]];
        }
        merged[count++] = row_without(matcher, rows[tested->row], tested->test);
    }
    while (next < split->default_count) {
        merged[count++] = rows[split->defaults[next++]];
    }
    *out_count = count;
    return merged;
}

// Number of cases that there can be; UINT32_MAX for literals.
static uint32_t column_size(const Compiler *c, const Pattern *pattern)
{
    return pattern->kind == PATTERN_BOOL   ? 2
           : pattern->kind == PATTERN_CTOR ? union_size(c, pattern)
                                           : UINT32_MAX;
}

static Node *build_rows(Matcher *matcher, Row **rows, uint32_t count)
{
    Node *node = node_new(matcher, NODE_ROWS);
    node->rows = rows;
    node->row_count = count;
    for (uint32_t i = 0; i < count; i++) {
        rows[i]->arm->leaves++;
    }
    return node;
}

static Node *build_switch(Matcher *matcher, Row **rows, uint32_t count,
                          const Test *first, uint32_t depth)
{
    Split split = split_rows(matcher, rows, count, first->part);
    matcher->budget -= (int64_t)split.tested_count +
                       (int64_t)split.case_count * split.default_count;
    if (matcher->budget < 0) {
        return build_rows(matcher, rows, count);
    }
    Node *node = node_new(matcher, NODE_SWITCH);
    node->part = first->part;
    node->pattern = first->pattern;
    node->cases =
        arena_array(matcher->arena, split.case_count, sizeof(NodeCase));
    for (uint32_t from = 0; from < split.tested_count;) {
        uint32_t to = from + 1;
        while (to < split.tested_count &&
               tested_same(&split.tested[from], &split.tested[to])) {
            to++;
        }
        uint32_t row_count;
        Row **merged = case_rows(matcher, rows, &split, from, to, &row_count);
        node->cases[node->case_count++] =
            (NodeCase){split.tested[from].tag, split.tested[from].literal,
                       build(matcher, merged, row_count, depth + 1)};
        from = to;
    }
    if (node->case_count < column_size(matcher->c, first->pattern)) {
        uint32_t row_count;
        Row **others = case_rows(matcher, rows, &split, 0, 0, &row_count);
        node->otherwise = build(matcher, others, row_count, depth + 1);
    }
    return node;
}

// What the outcome of a length test says about a row's own.
typedef enum Verdict {
    VERDICT_HOLDS, // its test is done
    VERDICT_KEEPS, // it still has to test
    VERDICT_FAILS  // it cannot match
} Verdict;

static Verdict length_verdict(const PatternList *test, const PatternList *row,
                              bool held)
{
    uint32_t n = test->count;
    uint32_t m = row->count;
    if (!test->has_rest) { // the length is n, or not
        bool fits = row->has_rest ? m <= n : m == n;
        if (held) {
            return fits ? VERDICT_HOLDS : VERDICT_FAILS;
        }
        return !row->has_rest && m == n ? VERDICT_FAILS : VERDICT_KEEPS;
    }
    if (held) { // at least n
        if (row->has_rest) {
            return m <= n ? VERDICT_HOLDS : VERDICT_KEEPS;
        }
        return m >= n ? VERDICT_KEEPS : VERDICT_FAILS;
    }
    return m >= n ? VERDICT_FAILS : VERDICT_KEEPS;
}

// Rows left once the test `first` has held, or not.
static Row **binary_rows(Matcher *matcher, Row **rows, uint32_t count,
                         const Test *first, bool held, uint32_t *out_count)
{
    Row **left = arena_array(matcher->arena, count, sizeof(Row *));
    uint32_t left_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        Test *test = row_test_on(rows[i], first->part);
        Verdict verdict = VERDICT_KEEPS;
        if (test != NULL && test->pattern->kind == PATTERN_LIST) {
            verdict = length_verdict(first->pattern->as.list,
                                     test->pattern->as.list, held);
        } else if (test != NULL && test->pattern == first->pattern) {
            verdict = held ? VERDICT_HOLDS : VERDICT_FAILS;
        }
        if (verdict == VERDICT_HOLDS) {
            left[left_count++] = row_without(matcher, rows[i], test);
        } else if (verdict == VERDICT_KEEPS) {
            left[left_count++] = rows[i];
        }
    }
    *out_count = left_count;
    return left;
}

static Node *build_binary(Matcher *matcher, Row **rows, uint32_t count,
                          const Test *first, uint32_t depth)
{
    matcher->budget -= (int64_t)count * 2;
    if (matcher->budget < 0) {
        return build_rows(matcher, rows, count);
    }
    bool is_list = first->pattern->kind == PATTERN_LIST;
    Node *node = node_new(matcher, is_list ? NODE_LIST : NODE_DYNAMIC);
    node->part = first->part;
    node->pattern = first->pattern;
    if (is_list) {
        node->length = first->pattern->as.list->count;
        node->exact = !first->pattern->as.list->has_rest;
    }
    uint32_t row_count;
    Row **left = binary_rows(matcher, rows, count, first, true, &row_count);
    node->cases = ARENA_NEW(matcher->arena, NodeCase);
    node->case_count = 1;
    node->cases[0].node = build(matcher, left, row_count, depth + 1);
    left = binary_rows(matcher, rows, count, first, false, &row_count);
    node->otherwise = build(matcher, left, row_count, depth + 1);
    return node;
}

static Node *build(Matcher *matcher, Row **rows, uint32_t count, uint32_t depth)
{
    Node *root = NULL;
    Node **link = &root;
    // Rows that are decided but for their guards follow one another.
    while (count > 0 && rows[0]->tests == NULL) {
        Node *leaf = node_new(matcher, NODE_LEAF);
        leaf->row = rows[0];
        rows[0]->arm->leaves++;
        *link = leaf;
        if (rows[0]->arm->arm->guard == NULL) {
            return root;
        }
        link = &leaf->otherwise;
        rows++;
        count--;
    }
    if (count == 0) {
        *link = node_new(matcher, NODE_FAIL);
        return root;
    }
    const Test *first = rows[0]->tests;
    if (depth >= TREE_DEPTH_MAX) {
        *link = build_rows(matcher, rows, count);
    } else if (first->pattern->kind == PATTERN_LIST ||
               pattern_is_dynamic(matcher->c, first->pattern)) {
        *link = build_binary(matcher, rows, count, first, depth);
    } else {
        *link = build_switch(matcher, rows, count, first, depth);
    }
    return root;
}

// ---- the entry

// `match (a, b) { (..) => .. }`: the tuple itself is needed by nobody.
static bool tuple_is_taken_apart(const Compiler *c, const Match *match)
{
    const Expr *scrutinee = &match->scrutinee;
    if (scrutinee->kind != EXPR_TUPLE || is_special(c, scrutinee)) {
        return false;
    }
    for (uint32_t i = 0; i < match->arm_count; i++) {
        const Arm *arm = &match->arms[i];
        for (uint32_t p = 0; p < arm->pattern_count; p++) {
            if (arm->patterns[p].kind != PATTERN_TUPLE &&
                arm->patterns[p].kind != PATTERN_WILDCARD) {
                return false;
            }
        }
    }
    return true;
}

static Part *compile_scrutinee(Matcher *matcher, const Match *match)
{
    Part *root = part_new(matcher, PART_ROOT, 0, NULL);
    if (!tuple_is_taken_apart(matcher->c, match)) {
        root->reg = compile_operand(matcher->c, &match->scrutinee);
        return root;
    }
    for (uint32_t i = 0; i < match->scrutinee.as.tuple.count; i++) {
        Part *item = part_child(matcher, root, PART_ITEM, i);
        item->reg =
            compile_operand(matcher->c, &match->scrutinee.as.tuple.items[i]);
    }
    return root;
}

static Row **match_rows(Matcher *matcher, const Match *match, Part *root,
                        uint32_t *out_count)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < match->arm_count; i++) {
        count += match->arms[i].pattern_count;
    }
    MatchArm *arms =
        arena_zalloc(matcher->arena, match->arm_count * sizeof(MatchArm));
    Row **rows = arena_array(matcher->arena, count, sizeof(Row *));
    count = 0;
    for (uint32_t i = 0; i < match->arm_count; i++) {
        arms[i].arm = &match->arms[i];
        arms[i].label = LABEL_NEW;
        for (uint32_t p = 0; p < match->arms[i].pattern_count; p++) {
            Row *row = ARENA_NEW(matcher->arena, Row);
            row->arm = &arms[i];
            row_add(matcher, row, root, &match->arms[i].patterns[p]);
            rows[count++] = row;
        }
    }
    *out_count = count;
    return rows;
}

// Registers for the names of arms in which several leaves end.
static void give_registers(Compiler *c, Row **rows, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        MatchArm *arm = rows[i]->arm;
        if (arm->leaves > 1 && (i == 0 || rows[i - 1]->arm != arm)) {
            arm->names_first =
                registers_new(c, pattern_names(&arm->arm->patterns[0]));
        }
    }
}

void compile_match(Compiler *c, const Expr *expr, Place place)
{
    const Match *match = expr->as.match;
    Matcher matcher = {
        .c = c, .arena = c->scratch, .place = place, .end = LABEL_NEW};
    Span span = c->span;
    Part *root = compile_scrutinee(&matcher, match);
    uint32_t count;
    Row **rows = match_rows(&matcher, match, root, &count);
    matcher.budget = (int64_t)count * COPIES_PER_ROW + COPIES_FREE;
    const Node *tree = build(&matcher, rows, count, 0);
    give_registers(c, rows, count);
    emit_node(&matcher, tree);
    label_place(c, &matcher.end);
    vec_release(&matcher.loaded);
    ptr_map_release(&matcher.others);
    c->span = span;
}
