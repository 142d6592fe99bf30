// Plans of records that are put together: see RecordPlan in eval/code.h.
#include "eval/record_plan.h"

#include <assert.h>

#include "support/ptr_map.h"
#include "support/vec.h"

static RecordPlanItem plan_item(Arena *arena, const RecordItem *item,
                                uint32_t value)
{
    const FieldPath *path = record_item_path(item);
    if (item->name == 0) {
        return (RecordPlanItem){0, value, NULL};
    }
    uint32_t count = path != NULL ? path->count : 1;
    const Symbol *names = path != NULL ? path->names : &item->name;
    return (RecordPlanItem){count, value,
                            arena_copy(arena, names, count * sizeof *names)};
}

static bool plan_is_flat(const RecordPlanItem *items, uint32_t count)
{
    bool flat = items[0].count == 0;
    for (uint32_t i = 1; i < count; i++) {
        flat = flat && items[i].count == 1;
    }
    return flat;
}

// Items that follow each other without a spread, and are equal in the first
// `depth` names.
typedef struct Run {
    RecordPlanItem *items;
    uint32_t count;
    uint32_t depth;
} Run;

typedef struct Grouping {
    VEC(Run) runs; // still to be grouped
    VEC(RecordPlanItem) sorted;
    VEC(uint32_t) ends; // by group: where its next item goes
    PtrMap numbers;     // of the next name: number of its group + 1
} Grouping;

// The group of an item, by order of appearance.
static uint32_t group_of(Grouping *grouping, const Run *run, uint32_t i)
{
    assert(run->items[i].count > run->depth); // no path begins another
    Symbol name = run->items[i].names[run->depth];
    void **number = ptr_map_at(&grouping->numbers, name, 0);
    if (*number == NULL) {
        vec_push(&grouping->ends, 0);
        *number = (void *)(uintptr_t)grouping->ends.count;
    }
    return (uint32_t)((uintptr_t)*number - 1);
}

// Puts the items of each group side by side, in the order in which they are.
static void group_run(Grouping *grouping, const Run *run)
{
    ptr_map_clear(&grouping->numbers);
    vec_clear(&grouping->ends);
    for (uint32_t i = 0; i < run->count; i++) {
        uint32_t group = group_of(grouping, run, i);
        grouping->ends.items[group]++;
    }
    uint32_t from = 0;
    for (uint32_t g = 0; g < grouping->ends.count; g++) {
        uint32_t size = grouping->ends.items[g];
        if (size > 1) {
            Run inner = {run->items + from, size, run->depth + 1};
            vec_push(&grouping->runs, inner);
        }
        grouping->ends.items[g] = from;
        from += size;
    }
    vec_clear(&grouping->sorted);
    vec_reserve(&grouping->sorted, run->count);
    for (uint32_t i = 0; i < run->count; i++) {
        uint32_t group = group_of(grouping, run, i);
        grouping->sorted.items[grouping->ends.items[group]++] = run->items[i];
    }
    memcpy(run->items, grouping->sorted.items, run->count * sizeof *run->items);
}

static void group_items(RecordPlanItem *items, uint32_t count)
{
    Grouping grouping = {0};
    for (uint32_t from = 0; from < count;) {
        uint32_t end = from;
        while (end < count && items[end].count > 0) {
            end++;
        }
        if (end > from) {
            Run run = {items + from, end - from, 0};
            vec_push(&grouping.runs, run);
        }
        from = end > from ? end : from + 1;
    }
    while (grouping.runs.count > 0) {
        Run run = vec_pop(&grouping.runs);
        group_run(&grouping, &run);
    }
    vec_release(&grouping.runs);
    vec_release(&grouping.sorted);
    vec_release(&grouping.ends);
    ptr_map_release(&grouping.numbers);
}

RecordPlan *plan_of_items(Arena *arena, const RecordItem *items, uint32_t count)
{
    RecordPlan *plan = ARENA_NEW(arena, RecordPlan);
    RecordPlanItem *made = arena_array(arena, count, sizeof *made);
    bool has_paths = false;
    for (uint32_t i = 0; i < count; i++) {
        made[i] = plan_item(arena, &items[i], i);
        has_paths |= made[i].count > 1;
    }
    if (has_paths) {
        group_items(made, count);
    }
    plan->count = count;
    plan->is_flat = plan_is_flat(made, count);
    plan->items = made;
    return plan;
}

RecordPlan *plan_of_fields(Arena *arena, const Symbol *names, uint32_t count)
{
    RecordPlan *plan = ARENA_NEW(arena, RecordPlan);
    RecordPlanItem *made = arena_array(arena, count + 1, sizeof *made);
    made[0] = (RecordPlanItem){0, 0, NULL};
    for (uint32_t i = 0; i < count; i++) {
        made[i + 1] = (RecordPlanItem){1, i + 1, &names[i]};
    }
    plan->count = count + 1;
    plan->is_flat = true;
    plan->items = made;
    return plan;
}
