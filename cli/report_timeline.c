#include "cli/report_timeline.h"

#include <string.h>

#include "cli/xml_text.h"

// In pixels.
enum {
    LEFT = 80,
    WIDTH = 1040,
    LANE = 46,
    ROW = 12,
    TOP = 24,
    TICKS = 8,
    LABEL_WIDTH = 50
};
// Slices inside others are drawn this deep.
#define MAX_DEPTH      3
#define MIN_WIDTH      0.4
#define MAX_TEXT_BYTES 512

typedef struct Timeline {
    StrBuf *out;
    int64_t length_ns;
    uint32_t lane;
    uint32_t depth;
    int64_t ends[MAX_DEPTH]; // of the slices that enclose the next
    double drawn[MAX_DEPTH]; // right end of what is drawn, by depth
} Timeline;

static double x_of(const Timeline *timeline, int64_t ns)
{
    return LEFT + (double)ns / (double)timeline->length_ns * WIDTH;
}

static void append_slice(Timeline *timeline, const TraceSlice *slice)
{
    StrBuf *out = timeline->out;
    double x = x_of(timeline, slice->start_ns);
    double width = x_of(timeline, slice->end_ns) - x;
    double *drawn = &timeline->drawn[timeline->depth];
    if (x + width < *drawn + MIN_WIDTH) {
        return;
    }
    width = width < MIN_WIDTH ? MIN_WIDTH : width;
    *drawn = x + width;
    strbuf_appendf(out,
                   "<rect class=\"%s\" x=\"%.2f\" y=\"%u\" width=\"%.2f\" "
                   "height=\"%d\"><title>%s ",
                   slice->kind, x,
                   TOP + slice->lane * LANE + timeline->depth * ROW, width,
                   ROW - 1, slice->kind);
    xml_text_append(out, slice->name, MAX_TEXT_BYTES);
    if (slice->line > 0) {
        strbuf_append_char(out, '\n');
        xml_text_append(out, slice->file, MAX_TEXT_BYTES);
        strbuf_appendf(out, ":%u", slice->line);
    }
    strbuf_appendf(out, "\n%.3f ms, from %.3f ms on</title></rect>\n",
                   (double)(slice->end_ns - slice->start_ns) / 1e6,
                   (double)slice->start_ns / 1e6);
}

// Phases are long enough for their names.
static void append_label(Timeline *timeline, const TraceSlice *slice)
{
    double x = x_of(timeline, slice->start_ns);
    double width = x_of(timeline, slice->end_ns) - x;
    if (width >= LABEL_WIDTH) {
        strbuf_appendf(timeline->out, "<text x=\"%.2f\" y=\"%u\">", x + 2,
                       TOP + slice->lane * LANE + 2 * ROW);
        xml_text_append(timeline->out, slice->name, MAX_TEXT_BYTES);
        strbuf_append(timeline->out, STR("</text>\n"));
    }
}

static void place_slice(Timeline *timeline, const TraceSlice *slice)
{
    if (slice->lane != timeline->lane) {
        timeline->lane = slice->lane;
        timeline->depth = 0;
        for (int i = 0; i < MAX_DEPTH; i++) {
            timeline->drawn[i] = 0;
        }
    }
    while (timeline->depth > 0 &&
           timeline->ends[timeline->depth - 1] <= slice->start_ns) {
        timeline->depth--;
    }
    if (timeline->depth < MAX_DEPTH) {
        append_slice(timeline, slice);
        if (strcmp(slice->kind, "phase") == 0) {
            append_label(timeline, slice);
        }
        timeline->ends[timeline->depth++] = slice->end_ns;
    }
}

static void append_ticks(const Timeline *timeline, uint32_t lanes)
{
    for (int i = 0; i <= TICKS; i++) {
        int64_t ns = timeline->length_ns / TICKS * i;
        double x = x_of(timeline, ns);
        strbuf_appendf(timeline->out,
                       "<path d=\"M%.1f %dV%u\"/><text x=\"%.1f\" y=\"14\" "
                       "text-anchor=\"middle\">%.3g ms</text>\n",
                       x, TOP - 6, TOP + lanes * LANE, x, (double)ns / 1e6);
    }
}

void report_timeline_append(StrBuf *out, const SliceVec *slices,
                            uint32_t workers)
{
    Timeline timeline = {.out = out, .length_ns = 1, .lane = UINT32_MAX};
    uint32_t lanes = workers + 1;
    for (uint32_t i = 0; i < slices->count; i++) {
        if (slices->items[i].end_ns > timeline.length_ns) {
            timeline.length_ns = slices->items[i].end_ns;
        }
    }
    uint32_t height = TOP + lanes * LANE;
    strbuf_appendf(out,
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"t\" "
                   "width=\"%d\" height=\"%u\" viewBox=\"0 0 %d %u\">\n",
                   LEFT + WIDTH + 40, height, LEFT + WIDTH + 40, height);
    append_ticks(&timeline, lanes);
    for (uint32_t lane = 0; lane < lanes; lane++) {
        strbuf_appendf(out, "<text x=\"0\" y=\"%u\">", TOP + lane * LANE + 12);
        if (lane < workers) {
            strbuf_appendf(out, "worker %u</text>\n", lane);
        } else {
            strbuf_append(out, STR("phases</text>\n"));
        }
    }
    for (uint32_t i = 0; i < slices->count; i++) {
        place_slice(&timeline, &slices->items[i]);
    }
    strbuf_append(out, STR("</svg>\n"));
}
