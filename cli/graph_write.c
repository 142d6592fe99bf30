#include "cli/graph_write.h"

#include <stdlib.h>

#include "cli/graph_layout.h"
#include "cli/json_text.h"
#include "cli/xml_text.h"

#define MAX_TEXT_BYTES 1024
// Of a label that is drawn.
#define MAX_LABEL_BYTES 44
#define CHAR_WIDTH      7.3
#define LABEL_MARGIN    10.0

static double ms(int64_t ns)
{
    return (double)ns / 1e6;
}

// ---- labels: the name, then where it stands and how long it took

static void append_name(StrBuf *out, const GraphNode *node, size_t max_bytes)
{
    strbuf_append_printable(out, node->name, max_bytes);
}

// The end of a path says more than its beginning.
static Str tail_of_path(Str path, size_t max_bytes)
{
    while (path.len > max_bytes) {
        size_t slash = str_find_byte(path, '/', 0);
        if (slash == path.len) {
            break;
        }
        path = str_slice(path, slash + 1, path.len);
    }
    return path;
}

static void append_detail(StrBuf *out, const RunGraph *graph,
                          const GraphNode *node, size_t max_bytes)
{
    const char *between = "";
    if (node->line > 0) {
        strbuf_append_printable(out, tail_of_path(node->file, max_bytes),
                                max_bytes);
        strbuf_appendf(out, ":%u", node->line);
        between = "  ";
    }
    if (graph->timed) {
        strbuf_appendf(out, "%s%.3f ms", between, ms(node->work_ns));
    }
}

// ---- DOT

static void append_dot_text(StrBuf *out, Str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '"' || text.data[i] == '\\') {
            strbuf_append_char(out, '\\');
        }
        strbuf_append_char(out, text.data[i]);
    }
}

static void append_dot_node(StrBuf *out, const RunGraph *graph, uint32_t n)
{
    const GraphNode *node = &graph->nodes[n];
    StrBuf label = {0};
    append_name(&label, node, MAX_TEXT_BYTES);
    strbuf_appendf(out, "  n%u [label=\"", n);
    append_dot_text(out, strbuf_str(&label));
    strbuf_clear(&label);
    append_detail(&label, graph, node, MAX_TEXT_BYTES);
    if (label.len > 0) {
        strbuf_append(out, STR("\\n"));
        append_dot_text(out, strbuf_str(&label));
    }
    strbuf_appendf(out, "\"%s%s];\n", node->is_root ? ", penwidth=2" : "",
                   node->is_critical ? ", color=red" : "");
    strbuf_release(&label);
}

void graph_write_dot(StrBuf *out, const RunGraph *graph)
{
    strbuf_append(out, STR("digraph ligature {\n  rankdir=RL;\n"
                           "  node [shape=box, fontname=\"monospace\"];\n"));
    for (uint32_t n = 0; n < graph->count; n++) {
        append_dot_node(out, graph, n);
    }
    for (uint32_t n = 0; n < graph->count; n++) {
        for (uint32_t i = graph->starts[n]; i < graph->starts[n + 1]; i++) {
            strbuf_appendf(out, "  n%u -> n%u;\n", n, graph->targets[i]);
        }
    }
    strbuf_append(out, STR("}\n"));
}

// ---- JSON

static void append_json_node(StrBuf *out, const RunGraph *graph, uint32_t n)
{
    const GraphNode *node = &graph->nodes[n];
    strbuf_appendf(out, "%s\n{\"id\":%u,\"name\":", n > 0 ? "," : "", n);
    json_text_append(out, node->name, SIZE_MAX);
    strbuf_append(out, STR(",\"file\":"));
    json_text_append(out, node->file, SIZE_MAX);
    if (node->line > 0) {
        strbuf_appendf(out, ",\"line\":%u", node->line);
    }
    strbuf_appendf(out, ",\"root\":%s", node->is_root ? "true" : "false");
    if (graph->timed) {
        strbuf_appendf(out, ",\"critical\":%s,\"workMs\":%.3f,\"spanMs\":%.3f",
                       node->is_critical ? "true" : "false", ms(node->work_ns),
                       ms(node->span_ns));
        if (node->state != NULL) {
            strbuf_appendf(out, ",\"state\":\"%s\"", node->state);
        }
    }
    strbuf_append_char(out, '}');
}

void graph_write_json(StrBuf *out, const RunGraph *graph, const char *kind)
{
    strbuf_appendf(out, "{\"version\":1,\"kind\":\"%s\",\"nodes\":[", kind);
    for (uint32_t n = 0; n < graph->count; n++) {
        append_json_node(out, graph, n);
    }
    strbuf_append(out, STR("],\n\"edges\":["));
    bool first = true;
    for (uint32_t n = 0; n < graph->count; n++) {
        for (uint32_t i = graph->starts[n]; i < graph->starts[n + 1]; i++) {
            strbuf_appendf(out, "%s\n{\"from\":%u,\"to\":%u}", first ? "" : ",",
                           n, graph->targets[i]);
            first = false;
        }
    }
    strbuf_append(out, STR("]}\n"));
}

// ---- SVG

static const char svg_style[] =
    "<style>\n"
    ".g rect{fill:#f6f8fa;stroke:#8c959f}\n"
    ".g .root rect{stroke-width:2.5}\n"
    ".g .critical rect{fill:#fff1e5;stroke:#bc4c00}\n"
    ".g text{font:12px ui-monospace,monospace;fill:#1f2328}\n"
    ".g .detail{font-size:10px;fill:#59636e}\n"
    ".g path{fill:none;stroke:#8c959f;stroke-opacity:.6}\n"
    ".g path.critical{stroke:#bc4c00;stroke-opacity:1;stroke-width:1.5}\n"
    "</style>\n";

static double width_of(const RunGraph *graph, const GraphNode *node)
{
    StrBuf label = {0};
    append_name(&label, node, MAX_LABEL_BYTES);
    size_t name = utf8_length(strbuf_str(&label));
    strbuf_clear(&label);
    append_detail(&label, graph, node, MAX_LABEL_BYTES);
    double detail = (double)utf8_length(strbuf_str(&label)) * 10 / 12;
    strbuf_release(&label);
    double widest = detail > (double)name ? detail : (double)name;
    return widest * CHAR_WIDTH + 2 * LABEL_MARGIN;
}

// From the left edge of what refers to the right edge of what it refers to.
static void append_svg_edge(StrBuf *out, const RunGraph *graph,
                            const GraphLayout *layout, uint32_t from,
                            uint32_t to)
{
    const GraphBox *user = &layout->boxes[from];
    const GraphBox *used = &layout->boxes[to];
    double x1 = used->x + used->width;
    double y1 = used->y + used->height / 2;
    double y2 = user->y + user->height / 2;
    double bend = (user->x - x1) / 2;
    bool critical =
        graph->nodes[from].is_critical && graph->nodes[to].is_critical;
    strbuf_appendf(out,
                   "<path%s d=\"M%.1f %.1fC%.1f %.1f %.1f %.1f %.1f %.1f\"/>\n",
                   critical ? " class=\"critical\"" : "", x1, y1, x1 + bend, y1,
                   user->x - bend, y2, user->x, y2);
}

static void append_svg_text(StrBuf *out, const char *class_, double x, double y,
                            const StrBuf *label)
{
    strbuf_appendf(out, "<text%s x=\"%.1f\" y=\"%.1f\">", class_, x, y);
    xml_text_append(out, strbuf_str(label), SIZE_MAX);
    strbuf_append(out, STR("</text>"));
}

static void append_svg_node(StrBuf *out, const RunGraph *graph,
                            const GraphNode *node, const GraphBox *box)
{
    StrBuf label = {0};
    strbuf_appendf(out, "<g class=\"node%s%s\"><title>",
                   node->is_root ? " root" : "",
                   node->is_critical ? " critical" : "");
    append_name(&label, node, MAX_TEXT_BYTES);
    strbuf_append_char(&label, '\n');
    xml_text_append(out, strbuf_str(&label), SIZE_MAX);
    xml_line_append(out, node->file, MAX_TEXT_BYTES);
    if (graph->timed) {
        strbuf_appendf(out, "\nwork %.3f ms, span %.3f ms", ms(node->work_ns),
                       ms(node->span_ns));
    }
    strbuf_appendf(out,
                   "</title><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
                   "height=\"%.1f\" rx=\"5\"/>",
                   box->x, box->y, box->width, box->height);
    strbuf_clear(&label);
    append_detail(&label, graph, node, MAX_LABEL_BYTES);
    double x = box->x + LABEL_MARGIN;
    bool two_lines = label.len > 0;
    if (two_lines) {
        append_svg_text(out, " class=\"detail\"", x, box->y + 28, &label);
    }
    strbuf_clear(&label);
    append_name(&label, node, MAX_LABEL_BYTES);
    append_svg_text(out, "", x, box->y + (two_lines ? 15 : 21), &label);
    strbuf_append(out, STR("</g>\n"));
    strbuf_release(&label);
}

void graph_write_svg(StrBuf *out, const RunGraph *graph)
{
    double *widths = mem_calloc((size_t)graph->count + 1, sizeof *widths);
    for (uint32_t n = 0; n < graph->count; n++) {
        widths[n] = width_of(graph, &graph->nodes[n]);
    }
    GraphLayout layout;
    graph_layout(graph, widths, &layout);
    free(widths);
    strbuf_appendf(out,
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" "
                   "height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\" class=\"g\">\n",
                   layout.width, layout.height, layout.width, layout.height);
    strbuf_append(out, str_from_c(svg_style));
    for (uint32_t n = 0; n < graph->count; n++) {
        for (uint32_t i = graph->starts[n]; i < graph->starts[n + 1]; i++) {
            append_svg_edge(out, graph, &layout, n, graph->targets[i]);
        }
    }
    for (uint32_t n = 0; n < graph->count; n++) {
        append_svg_node(out, graph, &graph->nodes[n], &layout.boxes[n]);
    }
    strbuf_append(out, STR("</svg>\n"));
    graph_layout_release(&layout);
}
