// "Did you mean": Damerau, "A technique for computer detection and correction
// of spelling errors" (1964), as optimal string alignment: insertions,
// deletions, replacements and swaps of neighbours cost one each.
#include "support/nearest.h"

// Longer names get no suggestion: the cost grows with the square.
#define MAX_NAME_BYTES 64

void nearest_init(Nearest *nearest, Str name)
{
    uint32_t allowed = (uint32_t)(name.len / 3);
    *nearest = (Nearest){
        .name = name,
        .best = STR(""),
        .distance = (allowed < 1 ? 1 : allowed) + 1,
    };
}

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

// What both begin and end with counts for nothing.
static void strip_common(Str *a, Str *b)
{
    size_t shorter = least((uint32_t)a->len, (uint32_t)b->len);
    size_t front = 0, back = 0;
    while (front < shorter && a->data[front] == b->data[front]) {
        front++;
    }
    while (back < shorter - front &&
           a->data[a->len - 1 - back] == b->data[b->len - 1 - back]) {
        back++;
    }
    *a = str_slice(*a, front, a->len - back);
    *b = str_slice(*b, front, b->len - back);
}

// The distance, or something above `bound` where it is above that.
static uint32_t edit_distance(Str a, Str b, uint32_t bound)
{
    strip_common(&a, &b);
    uint32_t rows[3][2 * MAX_NAME_BYTES + 2];
    uint32_t *before = rows[0], *above = rows[1], *row = rows[2];
    for (uint32_t j = 0; j <= b.len; j++) {
        above[j] = j;
    }
    for (uint32_t i = 1; i <= a.len; i++) {
        uint32_t row_least = row[0] = i;
        for (uint32_t j = 1; j <= b.len; j++) {
            bool same = a.data[i - 1] == b.data[j - 1];
            uint32_t cost = least(above[j], row[j - 1]) + 1;
            cost = least(cost, above[j - 1] + !same);
            if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] &&
                a.data[i - 2] == b.data[j - 1]) {
                cost = least(cost, before[j - 2] + 1);
            }
            row[j] = cost;
            row_least = least(row_least, cost);
        }
        if (row_least > bound) {
            return row_least;
        }
        uint32_t *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[b.len];
}

static void take_nearer(Nearest *nearest, Str candidate, uint32_t distance)
{
    bool nearer = distance < nearest->distance;
    bool tied = distance == nearest->distance && nearest->best.len > 0;
    if (nearer || (tied && str_compare(candidate, nearest->best) < 0)) {
        nearest->best = candidate;
        nearest->distance = distance;
    }
}

void nearest_consider(Nearest *nearest, Str candidate)
{
    Str name = nearest->name;
    if (name.len > MAX_NAME_BYTES || candidate.len > 2 * MAX_NAME_BYTES) {
        return;
    }
    size_t longer = name.len > candidate.len ? name.len : candidate.len;
    size_t shorter = name.len + candidate.len - longer;
    if (longer - shorter > nearest->distance) {
        return;
    }
    uint32_t distance = edit_distance(name, candidate, nearest->distance);
    // Nothing in common is not near, however short the names are.
    if (distance == 0 || distance >= longer) {
        return;
    }
    take_nearer(nearest, candidate, distance);
}

void nearest_consider_begun(Nearest *nearest, Str candidate)
{
    enum { BEGUN_MIN = 3 };
    Str name = nearest->name;
    if (name.len >= BEGUN_MIN && str_starts_with(candidate, name)) {
        take_nearer(nearest, candidate, 0);
    } else {
        nearest_consider(nearest, candidate);
    }
}
