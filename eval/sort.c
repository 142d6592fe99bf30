// Numbers of a small range by digits, from the lowest (LSD radix sort, Knuth
// vol. 3, 5.2.5); all else by merging runs, bottom up. The merge of two long
// runs is cut into pieces of the result, whose places in the runs a binary
// search finds (Akl and Santoro 1987).
#include "eval/sort.h"

#include <stdlib.h>
#include <string.h>

#include "eval/builtins_internal.h"
#include "support/die.h"

#define PIECE      UINT64_C(16384) // items that one task takes
#define FIRST_RUN  8               // sorted by insertion
#define DIGIT_BITS 11
#define DIGITS_MAX 4 // more digits take longer than merging
#define BUCKETS    (UINT32_C(1) << DIGIT_BITS)
#define SLICES_MAX 64

bool sorter_for(Sorter *sorter, uint64_t count, uint64_t grain,
                RangeFunction *body, void *ctx)
{
    BuiltinContext *context = sorter->ctx;
    if (context->worker == NULL) {
        body(ctx, 0, count, NULL);
    } else {
        parallel_for(context->worker, context->token, count, grain, body, ctx);
    }
    context->cancelled = cancel_token_reason(context->token) !=
                         CANCEL_NONE; // pieces are missing
    return !context->cancelled;
}

// ---- keys

static uint64_t integer_prefix(int64_t value)
{
    return (uint64_t)value ^ (UINT64_C(1) << 63);
}

// Floats are finite; 0 and -0 are equal.
static uint64_t float_prefix(double value)
{
    uint64_t bits;
    value = value == 0 ? 0 : value;
    memcpy(&bits, &value, sizeof bits);
    return bits >> 63 != 0 ? ~bits : bits | UINT64_C(1) << 63;
}

static uint64_t text_prefix(Str text)
{
    uint64_t prefix = 0;
    for (uint32_t i = 0; i < 8; i++) {
        prefix = prefix << 8 | (i < text.len ? (uint8_t)text.data[i] : 0);
    }
    return prefix;
}

// Of Json, keys may be of several kinds.
static SortKeys kind_of(const Value *keys, uint64_t count)
{
    for (uint64_t i = 1; i < count; i++) {
        if (keys[i].tag != keys[0].tag) {
            return SORT_DATA;
        }
    }
    ValueTag tag = count > 0 ? (ValueTag)keys[0].tag : VALUE_UNIT;
    return tag == VALUE_INT || tag == VALUE_FLOAT ? SORT_NUMBERS
           : tag == VALUE_STRING                  ? SORT_TEXTS
                                                  : SORT_DATA;
}

static void fill(void *ctx, uint64_t begin, uint64_t end, Worker *worker)
{
    (void)worker;
    Sorter *sorter = ctx;
    for (uint64_t i = begin; i < end; i++) {
        Value key = sorter->keys[i];
        uint64_t prefix =
            sorter->kind == SORT_DATA ? 0
            : key.tag == VALUE_INT    ? integer_prefix(key.as.integer)
            : key.tag == VALUE_FLOAT  ? float_prefix(key.as.number)
                                      : text_prefix(value_str(key));
        sorter->items[i] = (SortItem){prefix, (uint32_t)i};
    }
}

static int compare_data(Sorter *sorter, uint32_t i, uint32_t j, int64_t *looks)
{
    int order = 0;
    if (!load_relaxed(&sorter->stopped) &&
        !value_compare_counted(sorter->keys[i], sorter->keys[j], false, looks,
                               sorter->ctx->token, &order)) {
        store_relaxed(&sorter->stopped, true);
        order = 0;
    }
    return order;
}

// Whether `a` may stand before `b`, which was behind it.
static bool is_ordered(Sorter *sorter, const SortItem *a, const SortItem *b,
                       int64_t *looks)
{
    if (a->prefix != b->prefix) {
        return a->prefix < b->prefix;
    }
    if (sorter->kind == SORT_TEXTS) {
        return str_compare(value_str(sorter->keys[a->number]),
                           value_str(sorter->keys[b->number])) <= 0;
    }
    return sorter->kind == SORT_NUMBERS ||
           compare_data(sorter, a->number, b->number, looks) <= 0;
}

static void count_looks(Sorter *sorter, int64_t before, int64_t after)
{
    if (before != after) {
        // Relaxed: a sum, looked at when the pass is over.
        (void)fetch_add_relaxed(&sorter->looks_used, before - after);
    }
}

bool sorter_equal(Sorter *sorter, uint32_t i, uint32_t j)
{
    Value a = sorter->keys[i];
    Value b = sorter->keys[j];
    if (sorter->kind == SORT_TEXTS) {
        return str_equal(value_str(a), value_str(b));
    }
    if (sorter->kind == SORT_NUMBERS) {
        return a.tag == VALUE_INT ? a.as.integer == b.as.integer
                                  : a.as.number == b.as.number;
    }
    return compare_data(sorter, i, j, sorter->ctx->looks) == 0;
}

bool sorter_goes_on(Sorter *sorter)
{
    BuiltinContext *ctx = sorter->ctx;
    *ctx->looks -= load_relaxed(&sorter->looks_used);
    store_relaxed(&sorter->looks_used, 0);
    if (*ctx->looks >= 0 && !load_relaxed(&sorter->stopped)) {
        return true;
    }
    ctx->cancelled = *ctx->looks >= 0;
    return builtin_fail(ctx, DIAG_E0602, STR(""));
}

// ---- merging

static void insertion_sort(Sorter *sorter, SortItem *items, uint64_t count,
                           int64_t *looks)
{
    for (uint64_t i = 1; i < count; i++) {
        SortItem item = items[i];
        uint64_t to = i;
        while (to > 0 && !is_ordered(sorter, &items[to - 1], &item, looks)) {
            items[to] = items[to - 1];
            to--;
        }
        items[to] = item;
    }
}

static void first_runs(void *ctx, uint64_t begin, uint64_t end, Worker *worker)
{
    (void)worker;
    Sorter *sorter = ctx;
    int64_t before = *sorter->ctx->looks;
    int64_t looks = before;
    for (uint64_t from = begin * FIRST_RUN;
         from < end * FIRST_RUN && from < sorter->count; from += FIRST_RUN) {
        uint64_t left = sorter->count - from;
        insertion_sort(sorter, sorter->items + from,
                       left < FIRST_RUN ? left : FIRST_RUN, &looks);
    }
    count_looks(sorter, before, looks);
}

// How many of the first `k` of the merged runs are from the first run.
static uint64_t split_runs(Sorter *sorter, const SortItem *a, uint64_t a_count,
                           const SortItem *b, uint64_t b_count, uint64_t k)
{
    uint64_t low = k > b_count ? k - b_count : 0;
    uint64_t high = k < a_count ? k : a_count;
    int64_t unused = 0; // not for data
    while (low < high) {
        uint64_t i = low + (high - low) / 2;
        if (is_ordered(sorter, &a[i], &b[k - i - 1], &unused)) {
            low = i + 1;
        } else {
            high = i;
        }
    }
    return low;
}

// Items [from, to) of the merged runs of which the first begins at `first`.
static void merge_piece(Sorter *sorter, uint64_t first, uint64_t from,
                        uint64_t to, int64_t *looks)
{
    const SortItem *in = sorter->items;
    uint64_t count = sorter->count;
    uint64_t middle = first + sorter->width;
    uint64_t end = first + 2 * sorter->width;
    middle = middle < count ? middle : count;
    end = end < count ? end : count;
    uint64_t a = first;
    uint64_t b = middle;
    if (from > first) {
        a += split_runs(sorter, in + first, middle - first, in + middle,
                        end - middle, from - first);
        b += from - a;
    }
    SortItem *out = sorter->other + from;
    for (uint64_t left = to - from; left > 0; left--) {
        bool is_a = b == end ||
                    (a < middle && is_ordered(sorter, &in[a], &in[b], looks));
        *out++ = is_a ? in[a++] : in[b++];
    }
}

static void merge_pieces(void *ctx, uint64_t begin, uint64_t end,
                         Worker *worker)
{
    (void)worker;
    Sorter *sorter = ctx;
    uint64_t pair = 2 * sorter->width;
    uint64_t size = sorter->kind == SORT_DATA ? pair : PIECE;
    int64_t before = *sorter->ctx->looks;
    int64_t looks = before;
    uint64_t at = begin * size;
    uint64_t last = end * size < sorter->count ? end * size : sorter->count;
    while (at < last) {
        uint64_t first = at - at % pair;
        uint64_t to = first + pair < last ? first + pair : last;
        merge_piece(sorter, first, at, to, &looks);
        at = to;
    }
    count_looks(sorter, before, looks);
}

static bool merge_sort(Sorter *sorter)
{
    BuiltinContext *ctx = sorter->ctx;
    uint64_t runs = (sorter->count + FIRST_RUN - UINT64_C(1)) / FIRST_RUN;
    if (!sorter_for(sorter, runs, PIECE / FIRST_RUN, first_runs, sorter) ||
        !sorter_goes_on(sorter)) {
        return false;
    }
    for (sorter->width = FIRST_RUN; sorter->width < sorter->count;
         sorter->width *= 2) {
        uint64_t size = sorter->kind == SORT_DATA ? 2 * sorter->width : PIECE;
        uint64_t pieces = (sorter->count + size - 1) / size;
        uint64_t grain = size < PIECE ? PIECE / size : 1;
        if (!sorter_for(sorter, pieces, grain, merge_pieces, sorter) ||
            !sorter_goes_on(sorter) ||
            !builtin_take_steps(ctx, sorter->count)) {
            return false;
        }
        SortItem *merged = sorter->other;
        sorter->other = sorter->items;
        sorter->items = merged;
    }
    return true;
}

// ---- by digits

typedef struct Radix {
    Sorter *sorter;
    uint64_t least;
    uint32_t shift; // of the digit
    uint32_t slices;
    uint32_t (*places)[BUCKETS]; // by slice: how many, then where they go
} Radix;

static uint32_t digit_of(const Radix *radix, const SortItem *item)
{
    return (uint32_t)((item->prefix - radix->least) >> radix->shift) &
           (BUCKETS - 1);
}

static uint64_t slice_begin(const Radix *radix, uint64_t slice)
{
    return radix->sorter->count * slice / radix->slices;
}

static void count_digits(void *ctx, uint64_t begin, uint64_t end,
                         Worker *worker)
{
    (void)worker;
    Radix *radix = ctx;
    for (uint64_t s = begin; s < end; s++) {
        uint32_t *counts = radix->places[s];
        memset(counts, 0, BUCKETS * sizeof *counts);
        for (uint64_t i = slice_begin(radix, s); i < slice_begin(radix, s + 1);
             i++) {
            counts[digit_of(radix, &radix->sorter->items[i])]++;
        }
    }
}

static void place_items(void *ctx, uint64_t begin, uint64_t end, Worker *worker)
{
    (void)worker;
    Radix *radix = ctx;
    for (uint64_t s = begin; s < end; s++) {
        uint32_t *places = radix->places[s];
        for (uint64_t i = slice_begin(radix, s); i < slice_begin(radix, s + 1);
             i++) {
            SortItem item = radix->sorter->items[i];
            radix->sorter->other[places[digit_of(radix, &item)]++] = item;
        }
    }
}

static void add_up(Radix *radix)
{
    uint32_t sum = 0;
    for (uint32_t b = 0; b < BUCKETS; b++) {
        for (uint32_t s = 0; s < radix->slices; s++) {
            uint32_t count = radix->places[s][b];
            radix->places[s][b] = sum;
            sum += count;
        }
    }
}

static bool radix_sort(Sorter *sorter, uint64_t least, uint32_t digits)
{
    uint64_t slices = sorter->count / PIECE;
    slices = slices < 1 ? 1 : slices > SLICES_MAX ? SLICES_MAX : slices;
    Radix radix = {
        .sorter = sorter, .least = least, .slices = (uint32_t)slices};
    radix.places = mem_alloc(slices * sizeof *radix.places);
    bool okay = true;
    for (uint32_t d = 0; d < digits && okay; d++) {
        radix.shift = d * DIGIT_BITS;
        okay = sorter_for(sorter, slices, 1, count_digits, &radix);
        add_up(&radix);
        okay = okay && sorter_for(sorter, slices, 1, place_items, &radix);
        SortItem *placed = sorter->other;
        sorter->other = sorter->items;
        sorter->items = placed;
    }
    free(radix.places);
    return okay;
}

// Digits of the numbers above the least one.
static uint32_t digits_needed(const Sorter *sorter, uint64_t *out_least)
{
    uint64_t least = UINT64_MAX;
    uint64_t greatest = 0;
    for (uint32_t i = 0; i < sorter->count; i++) {
        uint64_t prefix = sorter->items[i].prefix;
        least = prefix < least ? prefix : least;
        greatest = prefix > greatest ? prefix : greatest;
    }
    uint32_t digits = 1;
    while (digits < 64 / DIGIT_BITS + 1 &&
           (greatest - least) >> (digits * DIGIT_BITS) != 0) {
        digits++;
    }
    *out_least = least;
    return digits;
}

// As many as merging takes, so that what it costs does not show how it is done.
static bool take_radix_steps(Sorter *sorter)
{
    uint64_t passes = 0;
    for (uint64_t width = FIRST_RUN; width < sorter->count; width *= 2) {
        passes++;
    }
    return builtin_take_steps(sorter->ctx, passes * sorter->count);
}

// ---- all

static bool is_sorted(Sorter *sorter)
{
    int64_t before = *sorter->ctx->looks;
    int64_t looks = before;
    uint32_t i = 1;
    while (i < sorter->count && is_ordered(sorter, &sorter->items[i - 1],
                                           &sorter->items[i], &looks)) {
        i++;
    }
    count_looks(sorter, before, looks);
    return i >= sorter->count;
}

bool sorter_sort(Sorter *sorter, BuiltinContext *ctx, const Value *keys,
                 uint32_t count)
{
    *sorter = (Sorter){.ctx = ctx, .keys = keys, .count = count};
    // What the items take is not the heap's, but counts.
    uint64_t bytes = (count + UINT64_C(8)) * 2 * sizeof(SortItem);
    if (!builtin_take_steps(ctx, count) || !builtin_room(ctx, bytes)) {
        return false;
    }
    sorter->kind = kind_of(keys, count);
    sorter->items = mem_alloc((size_t)count * sizeof(SortItem) + 1);
    sorter->other = mem_alloc((size_t)count * sizeof(SortItem) + 1);
    if (!sorter_for(sorter, count, PIECE, fill, sorter)) {
        return false;
    }
    // Who runs out of looks compares no more, which looks sorted too.
    bool sorted = is_sorted(sorter);
    if (!sorter_goes_on(sorter)) {
        return false;
    }
    if (sorted) {
        return true;
    }
    uint64_t least;
    uint32_t digits =
        sorter->kind == SORT_NUMBERS ? digits_needed(sorter, &least) : 64;
    return digits <= DIGITS_MAX && count >= BUCKETS / 4
               ? take_radix_steps(sorter) && radix_sort(sorter, least, digits)
               : merge_sort(sorter);
}

void sorter_release(Sorter *sorter)
{
    free(sorter->items);
    free(sorter->other);
}
