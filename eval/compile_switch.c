// The code of decision trees. See compile_match.h.
#include "eval/compile_match.h"

#include <stdlib.h>

// Literals that are compared one after the other; more are searched.
#define LITERALS_IN_ROW_MAX 4u

// ---- parts in registers

static uint32_t part_register(Matcher *matcher, Part *part)
{
    Compiler *c = matcher->c;
    if (part->reg != NO_REGISTER) {
        return part->reg;
    }
    uint32_t from = part_register(matcher, part->parent);
    uint32_t reg = register_new(c);
    switch (part->kind) {
    case PART_ROOT:
        UNREACHABLE();
    case PART_ITEM:
        emit_op(c, OP_ITEM, reg, from, part->index);
        break;
    case PART_UNION_FIELD:
        emit_op(c, OP_UNION_FIELD, reg, from, part->index);
        break;
    case PART_FIELD:
        emit_field(c, reg, from, part->index);
        break;
    case PART_LIST_ITEM:
        emit_op2(c, OP_LIST_AT, reg, from, 0, part->index, 0);
        break;
    case PART_LIST_REST:
        emit_op2(c, OP_LIST_SLICE, reg, from, 0, part->index, 0);
        break;
    }
    part->reg = reg;
    vec_push(&matcher->loaded, part);
    return reg;
}

static uint32_t part_count(Matcher *matcher, Part *part)
{
    if (part->count_reg == NO_REGISTER) {
        uint32_t list = part_register(matcher, part);
        part->count_reg = register_new(matcher->c);
        emit_op(matcher->c, OP_LIST_COUNT, part->count_reg, list, 0);
        vec_push(&matcher->loaded, part);
    }
    return part->count_reg;
}

// What was loaded since is not there on another path.
typedef struct Mark {
    uint32_t registers;
    uint32_t loaded;
} Mark;

static Mark mark_here(const Matcher *matcher)
{
    return (Mark){register_mark(matcher->c), matcher->loaded.count};
}

static void mark_restore(Matcher *matcher, Mark mark)
{
    while (matcher->loaded.count > mark.loaded) {
        Part *part = vec_pop(&matcher->loaded);
        if (part->reg != NO_REGISTER && part->reg >= mark.registers) {
            part->reg = NO_REGISTER;
        }
        if (part->count_reg != NO_REGISTER &&
            part->count_reg >= mark.registers) {
            part->count_reg = NO_REGISTER;
        }
    }
    register_release(matcher->c, mark.registers);
}

// ---- single tests

static void emit_literal_test(Matcher *matcher, uint32_t reg, Value literal,
                              Label *no)
{
    Compiler *c = matcher->c;
    if (literal.tag == VALUE_BOOL) {
        emit_jump(c, literal.as.boolean ? OP_JUMP_UNLESS : OP_JUMP_IF, reg, no);
        return;
    }
    if (literal.tag == VALUE_INT && literal.as.integer >= INT16_MIN &&
        literal.as.integer <= INT16_MAX) {
        emit_jump2(c, OP_JUMP_NE_INT_K, reg, (uint32_t)literal.as.integer, 0, 0,
                   no);
        return;
    }
    uint32_t mark = register_mark(c);
    uint32_t constant = register_new(c);
    emit_const(c, constant, literal);
    Op op = literal.tag == VALUE_INT     ? OP_JUMP_NE_INT
            : literal.tag == VALUE_FLOAT ? OP_JUMP_NE_FLOAT
                                         : OP_JUMP_NE_DATA;
    emit_jump2(c, op, reg, constant, 0, 0, no);
    register_release(c, mark);
}

static void emit_length_test(Matcher *matcher, Part *part, uint32_t length,
                             bool exact, Label *no)
{
    Compiler *c = matcher->c;
    uint32_t count = part_count(matcher, part);
    if (length <= INT16_MAX) {
        emit_jump2(c, exact ? OP_JUMP_NE_INT_K : OP_JUMP_LT_INT_K, count,
                   length, 0, 0, no);
        return;
    }
    uint32_t mark = register_mark(c);
    uint32_t constant = register_new(c);
    emit_const(c, constant, value_int(length));
    emit_jump2(c, exact ? OP_JUMP_NE_INT : OP_JUMP_LT_INT, count, constant, 0,
               0, no);
    register_release(c, mark);
}

// A literal whose type is known by dictionaries only: Num, and Eq where the
// checker gives one.
static void emit_dynamic_test(Matcher *matcher, uint32_t reg,
                              const Pattern *pattern, Label *no)
{
    Compiler *c = matcher->c;
    const Note *note = note_evidence(c, pattern->note);
    uint32_t mark = register_mark(c);
    uint32_t literal = register_new(c);
    Argument number = {NULL, register_new(c)};
    emit_const(c, number.reg, value_int(pattern->as.integer.value));
    Callee convert = evidence_method(c, note->as.evidence.items[0], c->context,
                                     SYM_METHOD_FROM_INTEGER);
    compile_apply(c, &convert, &number, 1, place_reg(literal));
    if (note->as.evidence.count > 1) {
        Argument both[2] = {{NULL, reg}, {NULL, literal}};
        uint32_t verdict = register_new(c);
        Callee equal = evidence_method(c, note->as.evidence.items[1],
                                       c->context, SYM_METHOD_EQ);
        compile_apply(c, &equal, both, 2, place_reg(verdict));
        emit_jump(c, OP_JUMP_UNLESS, verdict, no);
    } else {
        emit_jump2(c, OP_JUMP_NE_DATA, reg, literal, 0, 0, no);
    }
    register_release(c, mark);
}

static void emit_test(Matcher *matcher, Part *part, const Pattern *pattern,
                      Label *no)
{
    Compiler *c = matcher->c;
    if (pattern->kind == PATTERN_LIST) {
        emit_length_test(matcher, part, pattern->as.list->count,
                         !pattern->as.list->has_rest, no);
    } else if (pattern->kind == PATTERN_CTOR) {
        emit_jump2(c, OP_JUMP_TAG_NE, part_register(matcher, part), 0, 0,
                   pattern_tag(c, pattern), no);
    } else if (pattern_is_dynamic(c, pattern)) {
        emit_dynamic_test(matcher, part_register(matcher, part), pattern, no);
    } else {
        emit_literal_test(matcher, part_register(matcher, part),
                          pattern_literal(c, pattern), no);
    }
}

// ---- leaves

static void emit_body(Matcher *matcher, const Arm *arm)
{
    const OriginBranch *outer = origin_branch(
        matcher->c,
        span_join(arm->patterns[0].span,
                  arm->guard != NULL
                      ? arm->guard->span
                      : arm->patterns[arm->pattern_count - 1].span),
        true, true);
    compile_into(matcher->c, &arm->body, matcher->place);
    matcher->c->branch = outer;
    if (!matcher->place.tail) {
        emit_jump(matcher->c, OP_JUMP, 0, &matcher->end);
    }
}

// Where several leaves end in one arm, each puts the names into registers of
// the arm and goes to the one body.
static void bind_shared(Matcher *matcher, const Row *row, uint32_t first)
{
    uint32_t i = 0;
    for (const NameBinding *name = row->names; name != NULL;
         name = name->next) {
        emit_move(matcher->c, first + i, part_register(matcher, name->part));
        i++;
    }
}

static int local_compare(const void *a, const void *b)
{
    const NameBinding *const *left = a;
    const NameBinding *const *right = b;
    return ((*left)->local > (*right)->local) -
           ((*left)->local < (*right)->local);
}

// The names of a row in the order of their numbers, so that all alternatives
// of an arm agree.
static void sort_names(Matcher *matcher, Row *row)
{
    uint32_t count = 0;
    for (NameBinding *name = row->names; name != NULL; name = name->next) {
        count++;
    }
    if (count < 2) {
        return;
    }
    NameBinding **names =
        arena_array(matcher->arena, count, sizeof(NameBinding *));
    uint32_t i = 0;
    for (NameBinding *name = row->names; name != NULL; name = name->next) {
        names[i++] = name;
    }
    qsort(names, count, sizeof(NameBinding *), local_compare);
    row->names = NULL;
    for (i = count; i-- > 0;) {
        NameBinding *copy = ARENA_NEW(matcher->arena, NameBinding);
        *copy = *names[i];
        copy->next = row->names;
        row->names = copy;
    }
}

static void set_names(Matcher *matcher, const Row *row, uint32_t first)
{
    for (const NameBinding *name = row->names; name != NULL;
         name = name->next) {
        local_set(matcher->c, name->local, first++);
    }
}

static void emit_shared_leaf(Matcher *matcher, Row *row, Label *no)
{
    Compiler *c = matcher->c;
    MatchArm *arm = row->arm;
    sort_names(matcher, row);
    bind_shared(matcher, row, arm->names_first);
    set_names(matcher, row, arm->names_first);
    if (arm->arm->guard != NULL) {
        compile_condition(c, arm->arm->guard, false, no);
    }
    if (arm->label.place == UINT32_MAX) {
        label_place(c, &arm->label);
        emit_body(matcher, arm->arm);
    } else {
        emit_jump(c, OP_JUMP, 0, &arm->label);
    }
}

static void emit_leaf(Matcher *matcher, Row *row, Label *no)
{
    Compiler *c = matcher->c;
    MatchArm *arm = row->arm;
    Mark mark = mark_here(matcher);
    if (arm->leaves > 1) {
        emit_shared_leaf(matcher, row, no);
    } else {
        for (const NameBinding *name = row->names; name != NULL;
             name = name->next) {
            local_set(c, name->local, part_register(matcher, name->part));
        }
        if (arm->arm->guard != NULL) {
            compile_condition(c, arm->arm->guard, false, no);
        }
        emit_body(matcher, arm->arm);
    }
    mark_restore(matcher, mark);
}

// ---- one row after the other

static void emit_rows(Matcher *matcher, const Node *node)
{
    for (uint32_t i = 0; i < node->row_count; i++) {
        Row row = *node->rows[i];
        Label next = LABEL_NEW;
        Mark mark = mark_here(matcher);
        while (row.tests != NULL) {
            const Test *test = row.tests;
            row.tests = test->next;
            emit_test(matcher, test->part, test->pattern, &next);
            row_expand(matcher, &row, test->part, test->pattern);
        }
        emit_leaf(matcher, &row, &next);
        mark_restore(matcher, mark);
        label_place(matcher->c, &next);
    }
    emit_op(matcher->c, OP_UNREACHABLE, 0, 0, 0);
}

// ---- switches

static void emit_subtree(Matcher *matcher, const Node *node)
{
    Mark mark = mark_here(matcher);
    emit_node(matcher, node);
    mark_restore(matcher, mark);
}

static SwitchTable *table_new(Compiler *c, uint32_t count)
{
    SwitchTable *table = ARENA_NEW(c->arena, SwitchTable);
    table->count = count;
    table->targets = arena_zalloc(c->arena, (size_t)count * sizeof(uint32_t));
    return table;
}

// Where no case holds: the tree `otherwise`, or nowhere.
static void emit_otherwise(Matcher *matcher, const Node *node)
{
    if (node->otherwise != NULL) {
        emit_subtree(matcher, node->otherwise);
    } else {
        emit_op(matcher->c, OP_UNREACHABLE, 0, 0, 0);
    }
}

static void emit_tag_table(Matcher *matcher, const Node *node, uint32_t reg)
{
    Compiler *c = matcher->c;
    uint32_t size = node->cases[node->case_count - 1].tag + 1; // sorted
    SwitchTable *table = table_new(c, size);
    emit_wide(c, OP_SWITCH_TAG, reg, pointer_index(c, table));
    for (uint32_t i = 0; i < node->case_count; i++) {
        table->targets[node->cases[i].tag] = c->fn->out.words.count;
        emit_subtree(matcher, node->cases[i].node);
    }
    table->otherwise = c->fn->out.words.count;
    emit_otherwise(matcher, node);
    for (uint32_t tag = 0, i = 0; tag < size; tag++) {
        if (node->cases[i].tag == tag) {
            i++;
        } else {
            table->targets[tag] = table->otherwise;
        }
    }
}

static void emit_literal_table(Matcher *matcher, const Node *node, uint32_t reg)
{
    Compiler *c = matcher->c;
    SwitchTable *table = table_new(c, node->case_count);
    Value *keys =
        arena_array(c->arena, node->case_count, sizeof(Value)); // sorted
    emit_wide(c, OP_SWITCH_VALUE, reg, pointer_index(c, table));
    for (uint32_t i = 0; i < node->case_count; i++) {
        keys[i] = node->cases[i].literal;
        table->targets[i] = c->fn->out.words.count;
        emit_subtree(matcher, node->cases[i].node);
    }
    table->keys = keys;
    table->otherwise = c->fn->out.words.count;
    emit_otherwise(matcher, node);
}

static void emit_case_test(Matcher *matcher, const Node *node, uint32_t reg,
                           const NodeCase *test, Label *no)
{
    if (node->pattern->kind == PATTERN_CTOR) {
        emit_jump2(matcher->c, OP_JUMP_TAG_NE, reg, 0, 0, test->tag, no);
    } else {
        emit_literal_test(matcher, reg, test->literal, no);
    }
}

static void emit_switch(Matcher *matcher, const Node *node)
{
    uint32_t reg = part_register(matcher, node->part);
    bool is_ctor = node->pattern->kind == PATTERN_CTOR;
    uint32_t few = is_ctor ? 2 : LITERALS_IN_ROW_MAX;
    if (node->case_count > few) {
        if (is_ctor) {
            emit_tag_table(matcher, node, reg);
        } else {
            emit_literal_table(matcher, node, reg);
        }
        return;
    }
    // The last case needs no test where nothing else is left.
    for (uint32_t i = 0; i < node->case_count; i++) {
        const NodeCase *test = &node->cases[i];
        if (i + 1 == node->case_count && node->otherwise == NULL) {
            emit_subtree(matcher, test->node);
            return;
        }
        Label next = LABEL_NEW;
        emit_case_test(matcher, node, reg, test, &next);
        emit_subtree(matcher, test->node);
        label_place(matcher->c, &next);
    }
    emit_otherwise(matcher, node);
}

void emit_node(Matcher *matcher, const Node *node)
{
    Compiler *c = matcher->c;
    while (node != NULL) {
        Label no = LABEL_NEW;
        switch (node->kind) {
        case NODE_FAIL:
            emit_op(c, OP_UNREACHABLE, 0, 0, 0); // not covered: reported
            return;
        case NODE_ROWS:
            emit_rows(matcher, node);
            return;
        case NODE_SWITCH:
            emit_switch(matcher, node);
            return;
        case NODE_LEAF:
            emit_leaf(matcher, node->row, &no);
            break;
        case NODE_LIST:
            emit_length_test(matcher, node->part, node->length, node->exact,
                             &no);
            emit_subtree(matcher, node->cases[0].node);
            break;
        case NODE_DYNAMIC:
            emit_dynamic_test(matcher, part_register(matcher, node->part),
                              node->pattern, &no);
            emit_subtree(matcher, node->cases[0].node);
            break;
        }
        label_place(c, &no);
        node = node->otherwise;
    }
}
