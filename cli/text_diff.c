#include "cli/text_diff.h"

#include <stdbool.h>
#include <stdint.h>

#include "support/vec.h"

// Lines shown around a change.
#define CONTEXT 3
// Differences, and steps of the search, after which it is given up.
#define MAX_EDITS 1500
#define MAX_STEPS ((uint64_t)50000000)

typedef VEC(Str) Lines;

// Lines [from, from_end) are replaced by [to, to_end).
typedef struct Change {
    uint32_t from, from_end, to, to_end;
} Change;

typedef struct Differ {
    Lines a, b;
    uint32_t start;        // equal lines at the start
    uint32_t a_end, b_end; // what lies behind is equal
    VEC(Change) changes;   // from the last to the first
} Differ;

// Each line with its line end.
static void split_lines(Str text, Lines *out_lines)
{
    size_t at = 0;
    while (at < text.len) {
        size_t end = str_find_byte(text, '\n', at);
        end += end < text.len;
        vec_push(out_lines, str_slice(text, at, end));
        at = end;
    }
}

static void trim(Differ *differ)
{
    const Lines *a = &differ->a;
    const Lines *b = &differ->b;
    differ->a_end = a->count;
    differ->b_end = b->count;
    while (differ->start < differ->a_end && differ->start < differ->b_end &&
           str_equal(a->items[differ->start], b->items[differ->start])) {
        differ->start++;
    }
    while (
        differ->a_end > differ->start && differ->b_end > differ->start &&
        str_equal(a->items[differ->a_end - 1], b->items[differ->b_end - 1])) {
        differ->a_end--;
        differ->b_end--;
    }
}

// One edit, found backwards: joins the change that it touches.
static void add_edit(Differ *differ, uint32_t from, uint32_t to, bool insert)
{
    uint32_t from_end = from + !insert;
    uint32_t to_end = to + insert;
    if (differ->changes.count > 0) {
        Change *last = &vec_last(&differ->changes);
        if (last->from == from_end && last->to == to_end) {
            last->from = from;
            last->to = to;
            return;
        }
    }
    vec_push(&differ->changes, (Change){from, from_end, to, to_end});
}

// The furthest points of one number of edits, by diagonal -d..d.
typedef VEC(int32_t) Trace;

// Index of diagonal `k` of the row of `d` edits: rows have 2d + 1 entries.
static uint32_t trace_at(int32_t d, int32_t k)
{
    return (uint32_t)(d * d + d + k);
}

// Whether the path to diagonal `k` with `d` edits ends in an insertion.
static bool comes_down(const Trace *trace, int32_t d, int32_t k)
{
    if (k == -d || k == d) {
        return k == -d;
    }
    return trace->items[trace_at(d - 1, k - 1)] <
           trace->items[trace_at(d - 1, k + 1)];
}

static int32_t first_point(const Trace *trace, int32_t d, int32_t k)
{
    if (d == 0) {
        return 0;
    }
    return comes_down(trace, d, k) ? trace->items[trace_at(d - 1, k + 1)]
                                   : trace->items[trace_at(d - 1, k - 1)] + 1;
}

// Fills the trace up to the number of edits needed; -1 when that is too many.
static int32_t search(const Differ *differ, Trace *trace)
{
    int32_t n = (int32_t)(differ->a_end - differ->start);
    int32_t m = (int32_t)(differ->b_end - differ->start);
    uint64_t steps = 0;
    for (int32_t d = 0; d <= MAX_EDITS && steps < MAX_STEPS; d++) {
        bool found = false;
        for (int32_t k = -d; k <= d; k++) {
            if (((k + d) & 1) != 0) {
                vec_push(trace, 0); // not reached with this parity
                continue;
            }
            int32_t x = first_point(trace, d, k);
            while (
                x < n && x - k < m && x >= 0 && x - k >= 0 &&
                str_equal(differ->a.items[differ->start + (uint32_t)x],
                          differ->b.items[differ->start + (uint32_t)(x - k)])) {
                x++;
                steps++;
            }
            vec_push(trace, x);
            found = found || (x >= n && x - k >= m && k == n - m);
        }
        steps += (uint64_t)d;
        if (found) {
            return d;
        }
    }
    return -1;
}

static void find_changes(Differ *differ)
{
    trim(differ);
    Trace trace = {0};
    int32_t d = search(differ, &trace);
    if (d < 0) {
        vec_push(&differ->changes, (Change){differ->start, differ->a_end,
                                            differ->start, differ->b_end});
    }
    int32_t k = (int32_t)(differ->a_end - differ->b_end);
    for (; d > 0; d--) {
        bool insert = comes_down(&trace, d, k);
        int32_t x = first_point(&trace, d, k); // behind the edit
        uint32_t from = differ->start + (uint32_t)(insert ? x : x - 1);
        uint32_t to = differ->start + (uint32_t)(insert ? x - k - 1 : x - k);
        add_edit(differ, from, to, insert);
        k += insert ? 1 : -1;
    }
    vec_release(&trace);
}

// ---- writing

static void put_line(StrBuf *out, char mark, Str line)
{
    strbuf_append_char(out, mark);
    strbuf_append(out, line);
    if (!str_ends_with(line, STR("\n"))) {
        strbuf_append(out, STR("\n\\ No newline at end of file\n"));
    }
}

static void put_lines(StrBuf *out, char mark, const Lines *lines, uint32_t from,
                      uint32_t to)
{
    for (uint32_t i = from; i < to; i++) {
        put_line(out, mark, lines->items[i]);
    }
}

static void put_range(StrBuf *out, char mark, uint32_t from, uint32_t to)
{
    // An empty range is named by the line before it.
    strbuf_appendf(out, "%c%u,%u", mark, from + (to > from), to - from);
}

// The changes [first, last], whose contexts touch, from later to earlier.
static void put_hunk(StrBuf *out, const Differ *differ, uint32_t first,
                     uint32_t last)
{
    const Change *begin = &differ->changes.items[first];
    const Change *end = &differ->changes.items[last];
    uint32_t before = begin->from < CONTEXT ? begin->from : CONTEXT;
    uint32_t left = differ->a.count - end->from_end;
    uint32_t behind = left < CONTEXT ? left : CONTEXT;
    strbuf_append(out, STR("@@ "));
    put_range(out, '-', begin->from - before, end->from_end + behind);
    strbuf_append_char(out, ' ');
    put_range(out, '+', begin->to - before, end->to_end + behind);
    strbuf_append(out, STR(" @@\n"));
    uint32_t at = begin->from - before;
    for (uint32_t i = first + 1; i-- > last;) {
        const Change *change = &differ->changes.items[i];
        put_lines(out, ' ', &differ->a, at, change->from);
        put_lines(out, '-', &differ->a, change->from, change->from_end);
        put_lines(out, '+', &differ->b, change->to, change->to_end);
        at = change->from_end;
    }
    put_lines(out, ' ', &differ->a, at, at + behind);
}

static void put_name(StrBuf *out, const char *mark, Str name, bool is_there)
{
    strbuf_append(out, str_from_c(mark));
    strbuf_append_printable(out, is_there ? name : STR("/dev/null"), SIZE_MAX);
    strbuf_append_char(out, '\n');
}

void text_diff_append(StrBuf *out, Str name, const Str *before,
                      const Str *after)
{
    if (before != NULL && after != NULL && str_equal(*before, *after)) {
        return;
    }
    Differ differ = {0};
    split_lines(before != NULL ? *before : STR(""), &differ.a);
    split_lines(after != NULL ? *after : STR(""), &differ.b);
    find_changes(&differ);
    put_name(out, "--- ", name, before != NULL);
    put_name(out, "+++ ", name, after != NULL);
    for (uint32_t i = differ.changes.count; i > 0;) {
        uint32_t first = --i;
        while (i > 0 && differ.changes.items[i - 1].from -
                                differ.changes.items[i].from_end <=
                            2 * CONTEXT) {
            i--;
        }
        put_hunk(out, &differ, first, i);
    }
    vec_release(&differ.changes);
    vec_release(&differ.a);
    vec_release(&differ.b);
}
