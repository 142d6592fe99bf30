// Sorting by keys whose order is the structural one: stable merge sort of
// item numbers. Orders that a program writes are sorted in Ligature
// (std/list.lig).
#include <stdlib.h>
#include <string.h>

#include "eval/builtins_std.h"
#include "eval/code.h"
#include "support/die.h"

typedef struct Sorting {
    BuiltinContext *ctx;
    const Value *keys;
    bool stopped; // the budget of steps or the time is over
} Sorting;

static int order_of(bool less, bool greater)
{
    return (int)greater - (int)less;
}

static int key_order(Sorting *sorting, uint32_t i, uint32_t j)
{
    Value a = sorting->keys[i];
    Value b = sorting->keys[j];
    if (a.tag == VALUE_INT) {
        return order_of(a.as.integer<b.as.integer, a.as.integer> b.as.integer);
    }
    if (a.tag == VALUE_STRING) {
        return str_compare(value_str(a), value_str(b));
    }
    BuiltinContext *ctx = sorting->ctx;
    int order = 0;
    if (!sorting->stopped &&
        !value_compare_counted(a, b, false, ctx->steps, ctx->token, &order)) {
        sorting->stopped = true;
    }
    return sorting->stopped ? 0 : order;
}

// Merges the sorted runs [from, middle) and [middle, to).
static void merge_runs(Sorting *sorting, const uint32_t *in, uint32_t *out,
                       uint32_t from, uint32_t middle, uint32_t to)
{
    uint32_t a = from;
    uint32_t b = middle;
    for (uint32_t at = from; at < to; at++) {
        bool left =
            b == to || (a < middle && key_order(sorting, in[a], in[b]) <= 0);
        out[at] = left ? in[a++] : in[b++];
    }
}

static bool pass(Sorting *sorting, const uint32_t *in, uint32_t *out,
                 uint32_t count, uint64_t width)
{
    for (uint64_t from = 0; from < count; from += 2 * width) {
        uint64_t middle = from + width < count ? from + width : count;
        uint64_t to = from + 2 * width < count ? from + 2 * width : count;
        merge_runs(sorting, in, out, (uint32_t)from, (uint32_t)middle,
                   (uint32_t)to);
    }
    if (sorting->stopped) {
        BuiltinContext *ctx = sorting->ctx;
        ctx->cancelled = *ctx->steps >= 0;
        return builtin_fail(ctx, DIAG_E0602, STR(""));
    }
    return builtin_take_steps(sorting->ctx, count);
}

static bool is_sorted(Sorting *sorting, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        if (key_order(sorting, i - 1, i) > 0) {
            return false;
        }
    }
    return !sorting->stopped;
}

// Numbers of the keys in sorted order, to be freed; NULL: context set.
static uint32_t *sorted_numbers(Sorting *sorting, uint32_t count)
{
    // Twice: what the numbers take is not the heap's, but counts.
    if (!builtin_take_steps(sorting->ctx, count) ||
        !builtin_room(sorting->ctx,
                      (count + UINT64_C(8)) * 2 * sizeof(Value))) {
        return NULL;
    }
    uint32_t *in = mem_calloc(2 * (size_t)count + 1, sizeof *in);
    uint32_t *out = in + count;
    for (uint32_t i = 0; i < count; i++) {
        in[i] = i;
    }
    uint32_t *base = in;
    if (is_sorted(sorting, count)) {
        return base;
    }
    for (uint64_t width = 1; width < count; width *= 2) {
        if (!pass(sorting, in, out, count, width)) {
            free(base);
            return NULL;
        }
        uint32_t *swap = in;
        in = out;
        out = swap;
    }
    if (in != base) {
        memcpy(base, in, count * sizeof *in);
    }
    return base;
}

// list_sort_data keys list: stable, by the structural order of the keys
bool builtin_list_sort_data(BuiltinContext *ctx, const Value *args, Value *out)
{
    uint32_t count = value_list_count(args[1]);
    if (count < 2) {
        *out = args[1];
        return true;
    }
    Sorting sorting = {.ctx = ctx,
                       .keys = value_list_items(ctx->heap, args[0])};
    if (sorting.keys == NULL) {
        return builtin_no_room(ctx);
    }
    uint32_t *numbers = sorted_numbers(&sorting, count);
    if (numbers == NULL) {
        return false;
    }
    Value *items;
    *out = value_list(ctx->heap, count, &items);
    for (uint32_t i = 0; i < count; i++) {
        items[i] = value_list_at(args[1], numbers[i]);
    }
    free(numbers);
    return true;
}

// Marks in `repeated` the items whose key an earlier item has.
static uint32_t mark_repeated(Sorting *sorting, const uint32_t *numbers,
                              uint32_t count, bool *repeated)
{
    uint32_t kept = count > 0;
    for (uint32_t i = 1; i < count; i++) {
        repeated[numbers[i]] =
            key_order(sorting, numbers[i - 1], numbers[i]) == 0;
        kept += !repeated[numbers[i]];
    }
    return kept;
}

// list_unique_data keys list: the first item for each of the keys
bool builtin_list_unique_data(BuiltinContext *ctx, const Value *args,
                              Value *out)
{
    uint32_t count = value_list_count(args[1]);
    Sorting sorting = {.ctx = ctx,
                       .keys = value_list_items(ctx->heap, args[0])};
    if (sorting.keys == NULL) {
        return builtin_no_room(ctx);
    }
    uint32_t *numbers = sorted_numbers(&sorting, count);
    if (numbers == NULL) {
        return false;
    }
    bool *repeated = mem_calloc((size_t)count + 1, sizeof *repeated);
    uint32_t kept = mark_repeated(&sorting, numbers, count, repeated);
    Value *items;
    *out = value_list(ctx->heap, kept, &items);
    for (uint32_t i = 0; i < count; i++) {
        if (!repeated[i]) {
            *items++ = value_list_at(args[1], i);
        }
    }
    free(repeated);
    free(numbers);
    return true;
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
