// Parts of a scrutinee, and the rows of a match. See compile_match.h.
#include "eval/compile_match.h"

// So many parts that are not known by number are looked through.
enum { FEW_OTHERS = 16 };

// ---- parts

Part *part_new(Matcher *matcher, PartKind kind, uint32_t index, Part *parent)
{
    Part *part = ARENA_NEW(matcher->arena, Part);
    part->kind = kind;
    part->index = index;
    part->parent = parent;
    part->reg = NO_REGISTER;
    part->count_reg = NO_REGISTER;
    return part;
}

Part *part_child(Matcher *matcher, Part *parent, PartKind kind, uint32_t index)
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

static void **other_slot(Matcher *matcher, const Part *parent, PartKind kind,
                         uint32_t index)
{
    return ptr_map_at(&matcher->others, (uintptr_t)parent,
                      (uintptr_t)index << 1 | (kind == PART_FIELD));
}

static Part *find_other(Matcher *matcher, const Part *parent, PartKind kind,
                        uint32_t index)
{
    if (parent->other_count > FEW_OTHERS) {
        return *other_slot(matcher, parent, kind, index);
    }
    Part *part = parent->others;
    while (part != NULL && (part->kind != kind || part->index != index)) {
        part = part->sibling;
    }
    return part;
}

static Part *part_other(Matcher *matcher, Part *parent, PartKind kind,
                        uint32_t index)
{
    Part *part = find_other(matcher, parent, kind, index);
    if (part != NULL) {
        return part;
    }
    part = part_new(matcher, kind, index, parent);
    part->sibling = parent->others;
    parent->others = part;
    parent->other_count++;
    // The first of many takes along those before it.
    bool is_first = parent->other_count == FEW_OTHERS + 1;
    Part *added = parent->other_count > FEW_OTHERS ? part : NULL;
    while (added != NULL) {
        *other_slot(matcher, parent, added->kind, added->index) = added;
        added = is_first ? added->sibling : NULL;
    }
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

uint32_t union_size(const Compiler *c, const Pattern *pattern)
{
    const NameRef *ref = &pattern->as.ctor->ref;
    const Module *module = c->program->modules[ref->module];
    return module->types[module->ctors[ref->index].type].decl->ctor_count;
}

uint32_t pattern_tag(const Compiler *c, const Pattern *pattern)
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

Test *row_test_on(const Row *row, const Part *part)
{
    Test *test = row->tests;
    while (test != NULL && test->part != part) {
        test = test->next;
    }
    return test;
}

Row *row_without(Matcher *matcher, const Row *row, const Test *test)
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
    return pattern->kind == PATTERN_INT &&
           note_evidence(c, pattern->note) != NULL;
}

Value pattern_literal(Compiler *c, const Pattern *pattern)
{
    if (pattern->kind == PATTERN_STRING) {
        return value_string_static(
            c->heap, str_make(pattern->as.string.data, pattern->as.string.len));
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

// ---- names

static uint32_t patterns_names(const Pattern *patterns, uint32_t count)
{
    uint32_t names = 0;
    for (uint32_t i = 0; i < count; i++) {
        names += pattern_names(&patterns[i]);
    }
    return names;
}

uint32_t pattern_names(const Pattern *pattern)
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
