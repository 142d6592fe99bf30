// Sorting by keys whose order is the structural one: see eval/sort.h. Orders
// that a program writes are sorted in Ligature (std/list.lig).
#include <stdlib.h>

#include "eval/builtins_std.h"
#include "eval/code.h"
#include "eval/sort.h"
#include "support/die.h"

typedef struct Gathering {
    const Sorter *sorter;
    Value list;
    Value *items;
} Gathering;

static void gather(void *ctx, uint64_t begin, uint64_t end, Worker *worker)
{
    (void)worker;
    const Gathering *gathering = ctx;
    const SortItem *sorted = gathering->sorter->items;
    for (uint64_t i = begin; i < end; i++) {
        gathering->items[i] = value_list_at(gathering->list, sorted[i].number);
    }
}

static bool sort_list(Sorter *sorter, Value list, Value *out)
{
    enum { GRAIN = 16384 };
    Gathering gathering = {.sorter = sorter, .list = list};
    *out = value_list(sorter->ctx->heap, sorter->count, &gathering.items);
    return sorter_for(sorter, sorter->count, GRAIN, gather, &gathering);
}

// Sorts the keys, and gives what `finish` makes of that and the list.
static bool sort_keys(BuiltinContext *ctx, const Value *args,
                      bool (*finish)(Sorter *sorter, Value list, Value *out),
                      Value *out)
{
    uint32_t count = value_list_count(args[1]);
    if (count < 2) {
        *out = args[1];
        return true;
    }
    const Value *keys = value_list_items(ctx->heap, args[0]);
    if (keys == NULL) {
        return builtin_no_room(ctx);
    }
    Sorter sorter;
    uint64_t bytes = (uint64_t)count * sizeof(Value) + 64;
    bool okay = sorter_sort(&sorter, ctx, keys, count) &&
                builtin_room(ctx, bytes) && finish(&sorter, args[1], out);
    sorter_release(&sorter);
    return okay;
}

// list_sort_data keys list: stable, by the structural order of the keys
bool builtin_list_sort_data(BuiltinContext *ctx, const Value *args, Value *out)
{
    return sort_keys(ctx, args, sort_list, out);
}

// Marks in `repeated` the items whose key an earlier item has.
static uint32_t mark_repeated(Sorter *sorter, bool *repeated)
{
    const SortItem *sorted = sorter->items;
    uint32_t kept = sorter->count > 0;
    for (uint32_t i = 1; i < sorter->count; i++) {
        bool equal =
            sorter_equal(sorter, sorted[i - 1].number, sorted[i].number);
        repeated[sorted[i].number] = equal;
        kept += !equal;
    }
    return kept;
}

static bool unique_list(Sorter *sorter, Value list, Value *out)
{
    bool *repeated = mem_calloc((size_t)sorter->count + 1, sizeof *repeated);
    uint32_t kept = mark_repeated(sorter, repeated);
    Value *items;
    *out = value_list(sorter->ctx->heap, kept, &items);
    for (uint32_t i = 0; i < sorter->count; i++) {
        if (!repeated[i]) {
            *items++ = value_list_at(list, i);
        }
    }
    free(repeated);
    return sorter_goes_on(sorter);
}

// list_unique_data keys list: the first item for each of the keys
bool builtin_list_unique_data(BuiltinContext *ctx, const Value *args,
                              Value *out)
{
    return sort_keys(ctx, args, unique_list, out);
}

// is_data_compare compare: whether the function is the structural order, as
// dictionaries of automatic instances hold it
bool builtin_is_data_compare(BuiltinContext *ctx, const Value *args, Value *out)
{
    (void)ctx;
    *out = value_bool(args[0].tag == VALUE_FUNCTION &&
                      code_wraps(args[0].as.function->code, BUILTIN_COMPARE));
    return true;
}

// is_data_eq eq: the same for structural equality
bool builtin_is_data_eq(BuiltinContext *ctx, const Value *args, Value *out)
{
    (void)ctx;
    *out = value_bool(args[0].tag == VALUE_FUNCTION &&
                      code_wraps(args[0].as.function->code, BUILTIN_EQ));
    return true;
}
