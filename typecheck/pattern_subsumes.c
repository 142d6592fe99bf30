// Whether one pattern alone covers another: names the earlier arm in the
// warning about an arm that is never reached.
#include "typecheck/pattern_search.h"

static bool subsumes(const Program *program, const Pattern *outer,
                     const Pattern *inner);

static bool parts_subsume(const Program *program, const Pattern *outer,
                          const Pattern *inner, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!subsumes(program, pattern_strip(&outer[i]),
                      pattern_strip(&inner[i]))) {
            return false;
        }
    }
    return true;
}

static bool list_subsumes(const Program *program, const PatternList *outer,
                          const PatternList *inner)
{
    bool fits = outer->has_rest
                    ? inner->count >= outer->count
                    : !inner->has_rest && inner->count == outer->count;
    return fits &&
           parts_subsume(program, outer->items, inner->items, outer->count);
}

static bool record_subsumes(const Program *program, const PatternRecord *outer,
                            const PatternRecord *inner)
{
    for (uint32_t i = 0; i < outer->count; i++) {
        const Pattern *part = pattern_strip(&outer->fields[i].pattern);
        const Pattern *other = NULL;
        for (uint32_t j = 0; part != NULL && j < inner->count; j++) {
            if (inner->fields[j].name == outer->fields[i].name) {
                other = pattern_strip(&inner->fields[j].pattern);
            }
        }
        if (!subsumes(program, part, other)) {
            return false;
        }
    }
    return true;
}

static bool literal_subsumes(const Pattern *outer, const Pattern *inner)
{
    if (outer->kind == PATTERN_INT && inner->kind == PATTERN_INT) {
        return outer->as.integer.value == inner->as.integer.value;
    }
    double a = outer->kind == PATTERN_INT ? (double)outer->as.integer.value
                                          : outer->as.number.value;
    double b = inner->kind == PATTERN_INT ? (double)inner->as.integer.value
                                          : inner->as.number.value;
    return a == b;
}

// NULL is a wildcard.
static bool subsumes(const Program *program, const Pattern *outer,
                     const Pattern *inner)
{
    if (outer == NULL) {
        return true;
    }
    if (inner == NULL || !pattern_same_sort(program, outer, inner)) {
        return false;
    }
    switch ((PatternKind)outer->kind) {
    case PATTERN_UNIT:
        return true;
    case PATTERN_BOOL:
        return outer->as.boolean.value == inner->as.boolean.value;
    case PATTERN_INT:
    case PATTERN_FLOAT:
        return literal_subsumes(outer, inner);
    case PATTERN_STRING:
        return str_equal(str_make(outer->as.string.data, outer->as.string.len),
                         str_make(inner->as.string.data, inner->as.string.len));
    case PATTERN_CTOR:
        return outer->as.ctor->ref.index == inner->as.ctor->ref.index &&
               parts_subsume(program, outer->as.ctor->args,
                             inner->as.ctor->args, outer->as.ctor->arg_count);
    case PATTERN_TUPLE:
        return parts_subsume(program, outer->as.tuple.items,
                             inner->as.tuple.items, outer->as.tuple.count);
    case PATTERN_LIST:
        return list_subsumes(program, outer->as.list, inner->as.list);
    case PATTERN_RECORD:
        return record_subsumes(program, outer->as.record, inner->as.record);
    case PATTERN_ERROR:
    case PATTERN_WILDCARD:
    case PATTERN_NAME:
    case PATTERN_AS:
        break;
    }
    return false;
}

bool matrix_subsumes(const Program *program, const Pattern *outer,
                     const Pattern *inner)
{
    return subsumes(program, pattern_strip(outer), pattern_strip(inner));
}
