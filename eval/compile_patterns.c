// Patterns that cannot fail: parameters, `for`, and what is left of a match
// when its tests are done. Names get the register of what they stand for.
#include "eval/compile_internal.h"

static void compile_part(Compiler *c, const Pattern *pattern, Op op,
                         uint32_t reg, uint32_t index)
{
    if (pattern->kind == PATTERN_WILDCARD || pattern->kind == PATTERN_UNIT) {
        return;
    }
    uint32_t part = register_new(c);
    emit_op(c, op, part, reg, index);
    compile_pattern(c, pattern, part);
}

static void compile_list_pattern(Compiler *c, const PatternList *list,
                                 uint32_t reg)
{
    // Irrefutable: `[..rest]`.
    if (list->has_rest && list->rest != 0) {
        local_set(c, list->rest_local, reg);
    }
}

void compile_pattern(Compiler *c, const Pattern *pattern, uint32_t reg)
{
    switch ((PatternKind)pattern->kind) {
    case PATTERN_NAME:
        local_set(c, pattern->as.name.local, reg);
        return;
    case PATTERN_AS:
        local_set(c, pattern->as.alias.local, reg);
        compile_pattern(c, pattern->as.alias.pattern, reg);
        return;
    case PATTERN_TUPLE:
        for (uint32_t i = 0; i < pattern->as.tuple.count; i++) {
            compile_part(c, &pattern->as.tuple.items[i], OP_ITEM, reg, i);
        }
        return;
    case PATTERN_CTOR:
        for (uint32_t i = 0; i < pattern->as.ctor->arg_count; i++) {
            compile_part(c, &pattern->as.ctor->args[i], OP_UNION_FIELD, reg, i);
        }
        return;
    case PATTERN_RECORD:
        for (uint32_t i = 0; i < pattern->as.record->count; i++) {
            const PatternField *field = &pattern->as.record->fields[i];
            if (field->pattern.kind != PATTERN_WILDCARD) {
                uint32_t part = register_new(c);
                emit_field(c, part, reg, field->name);
                compile_pattern(c, &field->pattern, part);
            }
        }
        return;
    case PATTERN_LIST:
        compile_list_pattern(c, pattern->as.list, reg);
        return;
    case PATTERN_WILDCARD:
    case PATTERN_UNIT:
        return;
    case PATTERN_ERROR:
    case PATTERN_BOOL:
    case PATTERN_INT:
    case PATTERN_FLOAT:
    case PATTERN_STRING:
        return; // rejected by the checker
    }
}
