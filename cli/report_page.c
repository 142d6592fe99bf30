#include "cli/report_page.h"

#include <inttypes.h>
#include <stdlib.h>

#include "cli/command.h"
#include "cli/diag_text.h"
#include "cli/graph_write.h"
#include "cli/report_timeline.h"
#include "cli/run_trace.h"
#include "cli/version.h"
#include "cli/xml_text.h"

#define MAX_TEXT_BYTES 512
#define MAX_ROWS       25
// A larger graph could not be read: of it the slowest bindings are drawn.
#define MAX_NODES 300

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
    "'none'; style-src 'unsafe-inline'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<title>ligature report</title>\n<style>\n"
    "body{font:14px system-ui,sans-serif;color:#1f2328;background:#fff;"
    "margin:24px auto;max-width:1200px;padding:0 16px}\n"
    "h1{font-size:20px}h2{font-size:16px;margin:28px 0 8px}\n"
    "table{border-collapse:collapse}\n"
    "th,td{text-align:left;padding:3px 14px 3px 0;"
    "border-bottom:1px solid #d1d9e0}\n"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}\n"
    "code,pre{font:12px ui-monospace,monospace}\n"
    "pre{background:#f6f8fa;padding:10px;overflow:auto}\n"
    ".tiles{display:flex;flex-wrap:wrap;gap:10px}\n"
    ".tiles div{background:#f6f8fa;border-radius:6px;padding:8px 14px}\n"
    ".tiles b{display:block;font-size:18px}\n"
    ".wide{overflow:auto;border:1px solid #d1d9e0;border-radius:6px;"
    "padding:6px;max-height:900px}\n"
    ".ok{color:#1a7f37}.bad{color:#cf222e}\n"
    ".t text{font:11px system-ui,sans-serif;fill:#59636e}\n"
    ".t path{stroke:#d1d9e0}\n"
    ".parse{fill:#8250df}.check{fill:#0969da}.binding{fill:#1a7f37}\n"
    ".loop{fill:#9a6700}.print{fill:#bf3989}.phase{fill:#8c959f;stroke:#fff}\n"
    ".key span{margin-right:14px}.key i{display:inline-block;width:10px;"
    "height:10px;margin-right:4px}\n"
    "i.parse{background:#8250df}i.check{background:#0969da}"
    "i.binding{background:#1a7f37}i.loop{background:#9a6700}"
    "i.print{background:#bf3989}i.phase{background:#8c959f}\n"
    "</style>\n</head>\n<body>\n";

typedef struct Page {
    StrBuf *out;
    const Session *session;
    const ReportFacts *facts;
} Page;

static double ms(int64_t ns)
{
    return (double)ns / 1e6;
}

static void put(Page *page, const char *text)
{
    strbuf_append(page->out, str_from_c(text));
}

static void put_text(Page *page, Str text)
{
    xml_text_append(page->out, text, MAX_TEXT_BYTES);
}

static void put_ms(Page *page, int64_t ns)
{
    strbuf_appendf(page->out, "<td class=\"n\">%.3f</td>", ms(ns));
}

static void put_place(Page *page, Str file, uint32_t line)
{
    put(page, "<td><code>");
    put_text(page, file);
    if (line > 0) {
        strbuf_appendf(page->out, ":%u", line);
    }
    put(page, "</code></td>");
}

// ---- the head of the page

static void put_tiles(Page *page)
{
    const ReportFacts *facts = page->facts;
    const EvaluationStats *stats = &facts->stats;
    int64_t total = 0;
    for (int i = 0; i < PHASE_COUNT; i++) {
        total += page->session->phase_ns[i];
    }
    strbuf_appendf(
        page->out,
        "<div class=\"tiles\">\n<div><b>%.2f ms</b>time</div>\n"
        "<div><b>%.2f ms</b>work of the evaluation</div>\n"
        "<div><b>%.2f ms</b>span: its critical path</div>\n"
        "<div><b>%.2f</b>parallelism</div>\n"
        "<div><b>%.2f</b>parallelism of the whole run</div>\n"
        "<div><b>%" PRIu64 "</b>tasks: %" PRIu64 " evaluated, %" PRIu64
        " cached, %" PRIu64 " failed, %" PRIu64 " cancelled</div>\n"
        "<div><b>%.1f MiB</b>peak memory</div>\n</div>\n",
        ms(total), ms(stats->all.work_ns), ms(stats->all.span_ns),
        facts->parallelism, facts->whole_parallelism, stats->tasks_total,
        stats->tasks_evaluated, stats->tasks_cached, stats->tasks_failed,
        stats->tasks_cancelled, (double)facts->peak_memory_bytes / (1 << 20));
}

static void put_head(Page *page)
{
    const ReportFacts *facts = page->facts;
    put(page, head);
    strbuf_appendf(page->out, "<h1>ligature %s",
                   command_name(page->session->verb));
    const StrVec *operands = &page->session->settings->operands;
    for (uint32_t i = 0; i < operands->count && i < MAX_ROWS; i++) {
        put(page, " <code>");
        put_text(page, operands->items[i]);
        put(page, "</code>");
    }
    strbuf_appendf(
        page->out, ": <span class=\"%s\">%s</span></h1>\n<p>exit code %d, %s",
        facts->exit_code == 0 ? "ok" : "bad", facts->verdict, facts->exit_code,
        facts->fallback == NULL ? "parallel" : "sequential (");
    if (facts->fallback != NULL) {
        put_text(page, str_from_c(facts->fallback));
        put(page, ")");
    }
    put(page, ", ligature " LIGATURE_VERSION "</p>\n");
    put_tiles(page);
}

static void put_diagnostics(Page *page)
{
    DiagTextOptions options = {.max_errors = 20};
    StrBuf text = {0};
    diag_text_write(&text, &page->session->diags, &options);
    if (text.len > 0) {
        put(page, "<h2>Diagnostics</h2>\n<pre>");
        xml_text_append(page->out, strbuf_str(&text), SIZE_MAX);
        put(page, "</pre>\n");
    }
    strbuf_release(&text);
}

// ---- phases, workers, caches, modules

static void put_phases(Page *page)
{
    put(page, "<h2>Phases</h2>\n<table><tr><th>phase</th>"
              "<th class=\"n\">ms</th></tr>\n");
    for (int i = 0; i < PHASE_COUNT; i++) {
        if (page->session->phase_ran[i]) {
            strbuf_appendf(page->out, "<tr><td>%s</td>",
                           session_phase_name((Phase)i));
            put_ms(page, page->session->phase_ns[i]);
            put(page, "</tr>\n");
        }
    }
    put(page, "</table>\n");
}

static void put_workers(Page *page)
{
    const Session *session = page->session;
    put(page, "<h2>Workers</h2>\n<table><tr><th class=\"n\">worker</th>"
              "<th class=\"n\">tasks</th><th class=\"n\">steals</th>"
              "<th class=\"n\">parks</th><th class=\"n\">busy ms</th></tr>\n");
    for (uint32_t i = 0; i < pool_running_count(session->pool); i++) {
        WorkerStats stats = pool_worker_stats(session->pool, i);
        strbuf_appendf(page->out,
                       "<tr><td class=\"n\">%u</td><td class=\"n\">%" PRIu64
                       "</td><td class=\"n\">%" PRIu64
                       "</td><td class=\"n\">%" PRIu64 "</td>",
                       i, stats.tasks, stats.steals, stats.parks);
        put_ms(page, stats.busy_ns);
        put(page, "</tr>\n");
    }
    put(page, "</table>\n");
}

static void put_cache(Page *page, const char *name, const CacheMap *map)
{
    if (map == NULL) {
        return;
    }
    CacheStats stats = cache_map_stats(map);
    uint64_t lookups = stats.hits + stats.misses;
    strbuf_appendf(page->out, "<tr><td>%s</td>", name);
    if (lookups > 0) {
        strbuf_appendf(page->out, "<td class=\"n\">%.1f %%</td>",
                       100.0 * (double)stats.hits / (double)lookups);
    } else {
        put(page, "<td class=\"n\">&ndash;</td>");
    }
    strbuf_appendf(page->out,
                   "<td class=\"n\">%" PRIu64 "</td><td class=\"n\">%" PRIu64
                   "</td><td class=\"n\">%" PRIu64
                   "</td><td class=\"n\">%" PRIu64
                   "</td><td class=\"n\">%" PRIu64
                   "</td><td class=\"n\">%.0f ns</td></tr>\n",
                   stats.hits, stats.misses, stats.evictions, stats.entries,
                   stats.bytes, stats.lookup_ns);
}

static void put_caches(Page *page)
{
    put(page, "<h2>Caches</h2>\n<table><tr><th>cache</th><th class=\"n\">hit "
              "rate</th><th class=\"n\">hits</th><th class=\"n\">misses</th>"
              "<th class=\"n\">evictions</th><th class=\"n\">entries</th>"
              "<th class=\"n\">bytes</th><th class=\"n\">a look-up</th>"
              "</tr>\n");
    put_cache(page, "type", page->session->type_cache);
    put_cache(page, "value", page->session->value_cache);
    put_cache(page, "expression", page->session->expression_cache);
    put(page, "</table>\n");
}

static int64_t worked_ns(const Module *module)
{
    return module_pass_time(module, TIMED_PARSE).ns +
           module_pass_time(module, TIMED_CHECK).ns;
}

static int compare_modules(const void *left, const void *right)
{
    const Module *a = *(const Module *const *)left;
    const Module *b = *(const Module *const *)right;
    int64_t a_ns = worked_ns(a), b_ns = worked_ns(b);
    if (a_ns != b_ns) {
        return a_ns > b_ns ? -1 : 1;
    }
    return (a->id > b->id) - (a->id < b->id);
}

static void put_modules(Page *page)
{
    const Program *program = page->session->program;
    const Module **sorted =
        mem_calloc((size_t)program->module_count + 1, sizeof *sorted);
    for (uint32_t m = 0; m < program->module_count; m++) {
        sorted[m] = program->modules[m];
    }
    if (program->module_count > 1) {
        qsort(sorted, program->module_count, sizeof *sorted, compare_modules);
    }
    strbuf_appendf(page->out,
                   "<h2>Slowest of %u modules</h2>\n<table><tr><th>module</th>"
                   "<th class=\"n\">bytes</th><th class=\"n\">parse ms</th>"
                   "<th class=\"n\">check ms</th></tr>\n",
                   program->module_count);
    for (uint32_t m = 0; m < program->module_count && m < MAX_ROWS; m++) {
        put(page, "<tr>");
        put_place(page, sorted[m]->source.path, 0);
        strbuf_appendf(page->out, "<td class=\"n\">%zu</td>",
                       sorted[m]->source.text.len);
        put_ms(page, module_pass_time(sorted[m], TIMED_PARSE).ns);
        put_ms(page, module_pass_time(sorted[m], TIMED_CHECK).ns);
        put(page, "</tr>\n");
    }
    put(page, "</table>\n");
    free(sorted);
}

// ---- bindings

static void put_binding(Page *page, const GraphNode *node)
{
    put(page, "<tr><td><code>");
    put_text(page, node->name);
    put(page, "</code></td>");
    put_place(page, node->file, node->line);
    put_ms(page, node->work_ns);
    put_ms(page, node->span_ns);
    strbuf_appendf(page->out, "<td>%s</td></tr>\n", node->state);
}

static void put_binding_head(Page *page)
{
    put(page, "<table><tr><th>binding</th><th>place</th><th class=\"n\">work "
              "ms</th><th class=\"n\">span ms</th><th>state</th></tr>\n");
}

static void put_slowest(Page *page, const RunGraph *graph)
{
    uint32_t *order = run_graph_by_work(graph);
    put(page, "<h2>Slowest bindings</h2>\n");
    put_binding_head(page);
    for (uint32_t i = 0; i < graph->count && i < MAX_ROWS; i++) {
        put_binding(page, &graph->nodes[order[i]]);
    }
    put(page, "</table>\n");
    free(order);
}

static void put_critical(Page *page, const RunGraph *graph)
{
    uint32_t shown = 0;
    put(page, "<h2>Critical path</h2>\n<p>No number of workers can be faster "
              "than these, one after the other.</p>\n");
    put_binding_head(page);
    for (uint32_t n = 0; n < graph->count; n++) {
        if (graph->nodes[n].is_critical && shown++ < 2 * MAX_ROWS) {
            put_binding(page, &graph->nodes[n]);
        }
    }
    put(page, "</table>\n");
    if (shown > 2 * MAX_ROWS) {
        strbuf_appendf(page->out, "<p>and %u more</p>\n", shown - 2 * MAX_ROWS);
    }
}

static void put_graph(Page *page, RunGraph *graph, const char *title)
{
    uint32_t count = graph->count;
    run_graph_prune(graph, MAX_NODES);
    strbuf_appendf(page->out, "<h2>%s</h2>\n", title);
    if (graph->count < count) {
        strbuf_appendf(page->out, "<p>The slowest %u of %u.</p>\n",
                       graph->count, count);
    }
    put(page, "<div class=\"wide\">\n");
    graph_write_svg(page->out, graph);
    put(page, "</div>\n");
}

static void put_timeline(Page *page)
{
    static const char *const kinds[] = {"parse", "check", "binding",
                                        "loop",  "print", "phase"};
    SliceVec slices = {0};
    (void)run_trace_slices(page->session, &slices);
    put(page, "<h2>Timeline</h2>\n<p class=\"key\">");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        strbuf_appendf(page->out, "<span><i class=\"%s\"></i>%s</span>",
                       kinds[i], kinds[i]);
    }
    put(page, "</p>\n<div class=\"wide\">\n");
    report_timeline_append(page->out, &slices, run_trace_lanes(page->session));
    put(page, "</div>\n");
    vec_release(&slices);
}

void report_page_write(StrBuf *out, const Session *session,
                       const ReportFacts *facts)
{
    Page page = {out, session, facts};
    put_head(&page);
    put_diagnostics(&page);
    put_timeline(&page);
    // Before names are resolved there is no graph of which to tell.
    if (session->evaluation != NULL) {
        RunGraph graph;
        run_graph_bindings(&graph, session, true);
        put_critical(&page, &graph);
        put_slowest(&page, &graph);
        put_graph(&page, &graph, "Bindings and what they need");
        run_graph_release(&graph);
    } else if (session->phase_ran[PHASE_RESOLVE]) {
        RunGraph graph;
        run_graph_modules(&graph, session, true);
        put_graph(&page, &graph, "Modules and what they import");
        run_graph_release(&graph);
    }
    put_phases(&page);
    put_workers(&page);
    put_caches(&page);
    put_modules(&page);
    put(&page, "</body>\n</html>\n");
}
