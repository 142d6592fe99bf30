// Matches to decision trees. See compile_match.h.
#include "eval/compile_match.h"

#include <assert.h>
#include <stdlib.h>

#define TREE_DEPTH_MAX 100u
// Rows that may be copied: this many for each, and some more.
#define COPIES_PER_ROW 16
#define COPIES_FREE    2000

// ---- parts

static Part *part_new(Matcher *matcher, PartKind kind, uint32_t index,
                      Part *parent)
{
    Part *part = ARENA_NEW(matcher->arena, Part);
    part->kind = kind;
    part->index = index;
    part->parent = parent;
    part->reg = NO_REGISTER;
    part->count_reg = NO_REGISTER;
    return part;
}

static Part *part_child(Matcher *matcher, Part *parent, PartKind kind,
                        uint32_t index)
{
    if (index >= parent->child_count) {
        uint32_t count = index + 1 < 4 ? 4 : (index + 1) * 2;
        Part **children = arena_zalloc(matcher->arena, count * sizeof(Part *));
        if (parent->child_count > 0) {
            memcpy(children, parent->children,
                   parent->child_count * sizeof(Part *));
        }
        parent->children = children;
        parent->child_count = count;
    }
    if (parent->children[index] == NULL) {
        parent->children[index] = part_new(matcher, kind, index, parent);
    }
    return parent->children[index];
}

static Part *part_other(Matcher *matcher, Part *parent, PartKind kind,
                        uint32_t index)
{
    for (Part *part = parent->others; part != NULL; part = part->sibling) {
        if (part->kind == kind && part->index == index) {
            return part;
        }
    }
    Part *part = part_new(matcher, kind, index, parent);
    part->sibling = parent->others;
    parent->others = part;
    return part;
}

// ---- rows

static void row_name(Matcher *matcher, Row *row, uint32_t local, Part *part)
{
    NameBinding *name = ARENA_NEW(matcher->arena, NameBinding);
    name->local = local;
    name->part = part;
    name->next = row->names;
    row->names = name;
}

static void row_test(Matcher *matcher, Row *row, Part *part,
                     const Pattern *pattern)
{
    Test *test = ARENA_NEW(matcher->arena, Test);
    test->part = part;
    test->pattern = pattern;
    test->next = row->tests;
    row->tests = test;
}

static uint32_t union_size(const Compiler *c, const Pattern *pattern)
{
    const NameRef *ref = &pattern->as.ctor->ref;
    const Module *module = c->program->modules[ref->module];
    return module->types[module->ctors[ref->index].type].decl->ctor_count;
}

static uint32_t pattern_tag(const Compiler *c, const Pattern *pattern)
{
    const NameRef *ref = &pattern->as.ctor->ref;
    return c->program->modules[ref->module]->ctors[ref->index].tag;
}

static bool list_cannot_fail(const PatternList *list)
{
    return list->count == 0 && list->has_rest;
}

void row_add(Matcher *matcher, Row *row, Part *part, const Pattern *pattern)
{
    switch ((PatternKind)pattern->kind) {
    case PATTERN_WILDCARD:
    case PATTERN_UNIT:
    case PATTERN_ERROR:
        return;
    case PATTERN_NAME:
        row_name(matcher, row, pattern->as.name.local, part);
        return;
    case PATTERN_AS:
        row_name(matcher, row, pattern->as.alias.local, part);
        row_add(matcher, row, part, pattern->as.alias.pattern);
        return;
    case PATTERN_TUPLE:
    case PATTERN_RECORD:
        row_expand(matcher, row, part, pattern);
        return;
    case PATTERN_CTOR:
        if (union_size(matcher->c, pattern) == 1) {
            row_expand(matcher, row, part, pattern);
        } else {
            row_test(matcher, row, part, pattern);
        }
        return;
    case PATTERN_LIST:
        if (list_cannot_fail(pattern->as.list)) {
            row_expand(matcher, row, part, pattern);
        } else {
            row_test(matcher, row, part, pattern);
        }
        return;
    case PATTERN_BOOL:
    case PATTERN_INT:
    case PATTERN_FLOAT:
    case PATTERN_STRING:
        row_test(matcher, row, part, pattern);
        return;
    }
}

// Backwards: each test is put in front of the others.
void row_expand(Matcher *matcher, Row *row, Part *part, const Pattern *pattern)
{
    if (pattern->kind == PATTERN_TUPLE) {
        for (uint32_t i = pattern->as.tuple.count; i-- > 0;) {
            row_add(matcher, row, part_child(matcher, part, PART_ITEM, i),
                    &pattern->as.tuple.items[i]);
        }
    } else if (pattern->kind == PATTERN_CTOR) {
        for (uint32_t i = pattern->as.ctor->arg_count; i-- > 0;) {
            row_add(matcher, row,
                    part_child(matcher, part, PART_UNION_FIELD, i),
                    &pattern->as.ctor->args[i]);
        }
    } else if (pattern->kind == PATTERN_RECORD) {
        for (uint32_t i = pattern->as.record->count; i-- > 0;) {
            const PatternField *field = &pattern->as.record->fields[i];
            row_add(matcher, row,
                    part_other(matcher, part, PART_FIELD, field->name),
                    &field->pattern);
        }
    } else if (pattern->kind == PATTERN_LIST) {
        const PatternList *list = pattern->as.list;
        if (list->has_rest && list->rest != 0) {
            Part *rest =
                list->count == 0
                    ? part
                    : part_other(matcher, part, PART_LIST_REST, list->count);
            row_name(matcher, row, list->rest_local, rest);
        }
        for (uint32_t i = list->count; i-- > 0;) {
            row_add(matcher, row, part_child(matcher, part, PART_LIST_ITEM, i),
                    &list->items[i]);
        }
    }
}

static Test *row_test_on(const Row *row, const Part *part)
{
    Test *test = row->tests;
    while (test != NULL && test->part != part) {
        test = test->next;
    }
    return test;
}

// A copy of `row` without `test`, with what is inside of its pattern in its
// place.
static Row *row_without(Matcher *matcher, const Row *row, const Test *test)
{
    Row *copy = ARENA_NEW(matcher->arena, Row);
    *copy = *row;
    copy->tests = test->next;
    row_expand(matcher, copy, test->part, test->pattern);
    // The tests before it are copied; those behind it are shared.
    Test *head = NULL;
    Test **link = &head;
    for (const Test *before = row->tests; before != test;
         before = before->next) {
        Test *fresh = ARENA_NEW(matcher->arena, Test);
        *fresh = *before;
        *link = fresh;
        link = &fresh->next;
    }
    *link = copy->tests;
    copy->tests = head;
    return copy;
}

// ---- literals

bool pattern_is_dynamic(const Compiler *c, const Pattern *pattern)
{
    return pattern->kind == PATTERN_INT && note_evidence(c, pattern->note) != NULL;
}

Value pattern_literal(Compiler *c, const Pattern *pattern)
{
    if (pattern->kind == PATTERN_STRING) {
        return value_string_static(
            c->heap,
            str_make(pattern->as.string.data, pattern->as.string.len));
    }
    if (pattern->kind == PATTERN_FLOAT) {
        return value_float(pattern->as.number.value);
    }
    if (pattern->kind == PATTERN_BOOL) {
        return value_bool(pattern->as.boolean.value);
    }
    int64_t value = pattern->as.integer.value;
    return (pattern->flags & EXPR_AS_FLOAT) != 0 ? value_float((double)value)
                                                 : value_int(value);
}

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
        Row **merged =
            case_rows(matcher, rows, &split, from, to, &row_count);
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

static uint32_t pattern_names(const Pattern *pattern);

static uint32_t patterns_names(const Pattern *patterns, uint32_t count)
{
    uint32_t names = 0;
    for (uint32_t i = 0; i < count; i++) {
        names += pattern_names(&patterns[i]);
    }
    return names;
}

static uint32_t pattern_names(const Pattern *pattern)
{
    switch ((PatternKind)pattern->kind) {
    case PATTERN_NAME:
        return 1;
    case PATTERN_AS:
        return 1 + pattern_names(pattern->as.alias.pattern);
    case PATTERN_CTOR:
        return patterns_names(pattern->as.ctor->args,
                              pattern->as.ctor->arg_count);
    case PATTERN_TUPLE:
        return patterns_names(pattern->as.tuple.items, pattern->as.tuple.count);
    case PATTERN_LIST:
        return patterns_names(pattern->as.list->items,
                              pattern->as.list->count) +
               (pattern->as.list->has_rest && pattern->as.list->rest != 0);
    case PATTERN_RECORD: {
        uint32_t names = 0;
        for (uint32_t i = 0; i < pattern->as.record->count; i++) {
            names += pattern_names(&pattern->as.record->fields[i].pattern);
        }
        return names;
    }
    case PATTERN_ERROR:
    case PATTERN_WILDCARD:
    case PATTERN_UNIT:
    case PATTERN_BOOL:
    case PATTERN_INT:
    case PATTERN_FLOAT:
    case PATTERN_STRING:
        return 0;
    }
    UNREACHABLE();
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
        .c = c, .arena = &c->scratch, .place = place, .end = LABEL_NEW};
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
    c->span = span;
}
