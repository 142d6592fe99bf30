// Merge keys (yaml.org/type/merge, 2005): `<<: *defaults` gives a mapping the
// members of another one, or of several, that it does not have itself. YAML 1.2
// knows them no more, but files in use are full of them.
#include "syntax/field_set.h"
#include "syntax/read_yaml_internal.h"

bool yaml_may_merge(const Expr *value)
{
    if (value->kind != EXPR_LIST) {
        return value->kind == EXPR_RECORD;
    }
    for (uint32_t i = 0; i < value->as.list.count; i++) {
        if (value->as.list.items[i].kind != EXPR_RECORD) {
            return false;
        }
    }
    return true;
}

typedef struct Merge {
    RecordItem *items;
    uint32_t count;
    FieldSet *names;
} Merge;

// Earlier mappings win.
static void take_members(Merge *merge, const Expr *record)
{
    for (uint32_t i = 0; i < record->as.record.count; i++) {
        const RecordItem *item = &record->as.record.items[i];
        bool added;
        (void)field_set_add(merge->names, 0, item->name, &added);
        if (added) {
            merge->items[merge->count++] = *item;
        }
    }
}

static uint64_t members_of(const Expr *value)
{
    if (value->kind == EXPR_RECORD) {
        return value->as.record.count;
    }
    uint64_t count = 0;
    for (uint32_t i = 0; i < value->as.list.count; i++) {
        count += value->as.list.items[i].as.record.count;
    }
    return count;
}

void yaml_merge(Arena *arena, FieldSet *names, Expr *record, uint32_t at)
{
    const RecordItem *items = record->as.record.items;
    uint32_t count = record->as.record.count;
    const Expr *value = &items[at].plain;
    Merge merge = {.names = names};
    merge.items =
        arena_array(arena, count - 1 + members_of(value), sizeof *merge.items);
    field_set_begin(names);
    for (uint32_t i = 0; i < count; i++) {
        bool added;
        if (i != at) {
            (void)field_set_add(names, 0, items[i].name, &added);
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        if (i != at) {
            merge.items[merge.count++] = items[i];
        } else if (value->kind == EXPR_RECORD) {
            take_members(&merge, value);
        } else {
            for (uint32_t k = 0; k < value->as.list.count; k++) {
                take_members(&merge, &value->as.list.items[k]);
            }
        }
    }
    record->as.record.items = merge.items;
    record->as.record.count = merge.count;
}
