#include "cli/run_report.h"

#include <inttypes.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/diag_json.h"
#include "cli/json_text.h"
#include "cli/output.h"
#include "cli/report_page.h"

static double ms(int64_t ns)
{
    return (double)ns / 1e6;
}

static uint64_t peak_memory_bytes(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0
               ? (uint64_t)usage.ru_maxrss * 1024
               : 0;
}

static const char *verdict(ExitStatus status)
{
    switch (status) {
    case EXIT_STATUS_OK:
        return "ok";
    case EXIT_STATUS_LIMIT:
        return "limit";
    case EXIT_STATUS_TIMEOUT:
        return "timeout";
    case EXIT_STATUS_INTERRUPTED:
    case EXIT_STATUS_TERMINATED:
        return "interrupted";
    case EXIT_STATUS_FAILED:
    case EXIT_STATUS_USAGE:
    case EXIT_STATUS_IO:
    case EXIT_STATUS_BUG:
        return "failed";
    }
    return "failed";
}

// Threads that ran: 1 means that everything happened on the main thread.
static uint32_t running(const Session *session)
{
    return pool_running_count(session->pool);
}

static const char *fallback(const Session *session)
{
    if (session->fallback != NULL) {
        return session->fallback;
    }
    if (running(session) > 1) {
        return NULL;
    }
    return pool_worker_count(session->pool) == 1 ? "no further CPU or thread"
                                                 : "the program is small";
}

static EvaluationStats stats_of(const Session *session)
{
    const RunCache *cache = session->run_cache;
    if (cache != NULL && cache->found) {
        return (EvaluationStats){.tasks_total = cache->known.tasks,
                                 .tasks_cached = cache->known.tasks};
    }
    return session->evaluation != NULL ? session->evaluation->stats
                                       : (EvaluationStats){0};
}

static double parallelism(WorkSpan done)
{
    return done.span_ns > 0 ? (double)done.work_ns / (double)done.span_ns : 1.0;
}

static CacheStats cache_stats(const CacheMap *map)
{
    return map != NULL ? cache_map_stats(map) : (CacheStats){0};
}

// ---- JSON

static void append_workers(const Session *session, StrBuf *out)
{
    strbuf_append(out, STR(",\"workers\":["));
    for (uint32_t i = 0; i < running(session); i++) {
        WorkerStats stats = pool_worker_stats(session->pool, i);
        strbuf_appendf(out,
                       "%s{\"id\":%u,\"tasks\":%" PRIu64 ",\"steals\":%" PRIu64
                       ",\"parks\":%" PRIu64 ",\"busyMs\":%.3f}",
                       i == 0 ? "" : ",", i, stats.tasks, stats.steals,
                       stats.parks, ms(stats.busy_ns));
    }
    strbuf_append_char(out, ']');
}

static void append_phases(const Session *session, StrBuf *out)
{
    bool first = true;
    strbuf_append(out, STR(",\"phases\":["));
    for (int i = 0; i < PHASE_COUNT; i++) {
        if (session->phase_ran[i]) {
            WorkSpan done = session->phase_work_span[i];
            strbuf_appendf(out,
                           "%s{\"name\":\"%s\",\"ms\":%.3f,\"workMs\":%.3f,"
                           "\"spanMs\":%.3f}",
                           first ? "" : ",", session_phase_name((Phase)i),
                           ms(session->phase_ns[i]), ms(done.work_ns),
                           ms(done.span_ns));
            first = false;
        }
    }
    strbuf_append_char(out, ']');
}

// Of a run that an earlier one has done.
static void append_known_modules(const RunRecord *record, StrBuf *out)
{
    for (uint32_t i = 0; i < record->modules.count; i++) {
        const RecordedModule *module = &record->modules.items[i];
        strbuf_append(out, i == 0 ? STR("{\"file\":") : STR(",{\"file\":"));
        json_text_append(out, module->file, SIZE_MAX);
        strbuf_appendf(out,
                       ",\"bytes\":%" PRIu64 ",\"parseMs\":0.000,"
                       "\"checkMs\":0.000,\"bindings\":%" PRIu64 "}",
                       module->bytes, module->bindings);
    }
}

static void append_modules(const Session *session, StrBuf *out)
{
    const Program *program = session->program;
    bool first = true;
    strbuf_append(out, STR(",\"modules\":["));
    if (session->run_cache != NULL && session->run_cache->found) {
        append_known_modules(&session->run_cache->known, out);
    }
    for (uint32_t m = 0; m < program->module_count; m++) {
        const Module *module = program->modules[m];
        if (module->is_std) {
            continue;
        }
        strbuf_append(out, first ? STR("{\"file\":") : STR(",{\"file\":"));
        json_text_append(out, module->source.path, SIZE_MAX);
        strbuf_appendf(out,
                       ",\"bytes\":%zu,\"parseMs\":%.3f,\"checkMs\":%.3f,"
                       "\"bindings\":%u}",
                       module->source.text.len,
                       ms(module_pass_time(module, TIMED_PARSE).ns),
                       ms(module_pass_time(module, TIMED_CHECK).ns),
                       module->visible_count);
        first = false;
    }
    strbuf_append_char(out, ']');
}

static void append_tasks(const Session *session, StrBuf *out)
{
    EvaluationStats stats = stats_of(session);
    strbuf_appendf(out,
                   ",\"tasks\":{\"total\":%" PRIu64 ",\"evaluated\":%" PRIu64
                   ",\"cached\":%" PRIu64 ",\"failed\":%" PRIu64
                   ",\"cancelled\":%" PRIu64 "},\"steps\":{\"total\":%" PRIu64
                   ",\"most\":%" PRIu64 "},\"workMs\":%.3f,"
                   "\"spanMs\":%.3f,\"parallelism\":%.2f",
                   stats.tasks_total, stats.tasks_evaluated, stats.tasks_cached,
                   stats.tasks_failed, stats.tasks_cancelled, stats.steps_total,
                   stats.steps_most, ms(stats.all.work_ns),
                   ms(stats.all.span_ns), parallelism(stats.all));
    WorkSpan whole = session->counted;
    strbuf_appendf(out,
                   ",\"whole\":{\"workMs\":%.3f,\"spanMs\":%.3f,"
                   "\"parallelism\":%.2f}",
                   ms(whole.work_ns), ms(whole.span_ns), parallelism(whole));
}

// What the values took, and what the collector did about it.
typedef struct HeapFigures {
    uint64_t peak_bytes, collections, moved_bytes, freed_bytes;
    int64_t collect_ns;
} HeapFigures;

static HeapFigures heap_figures(const Session *session)
{
    if (session->evaluation == NULL) {
        return (HeapFigures){0};
    }
    const HeapBudget *budget = &session->evaluation->budget;
    return (HeapFigures){
        .peak_bytes = load_relaxed(&budget->peak_bytes),
        .collections = load_relaxed(&budget->collections),
        .moved_bytes = load_relaxed(&budget->moved_bytes),
        .freed_bytes = load_relaxed(&budget->freed_bytes),
        .collect_ns = load_relaxed(&budget->collect_ns),
    };
}

static void append_heap(const Session *session, StrBuf *out)
{
    HeapFigures heap = heap_figures(session);
    strbuf_appendf(out,
                   ",\"heap\":{\"peakBytes\":%" PRIu64
                   ",\"collections\":%" PRIu64 ",\"movedBytes\":%" PRIu64
                   ",\"freedBytes\":%" PRIu64 ",\"collectMs\":%.3f}",
                   heap.peak_bytes, heap.collections, heap.moved_bytes,
                   heap.freed_bytes, ms(heap.collect_ns));
}

static void append_heap_line(const Session *session, StrBuf *out)
{
    HeapFigures heap = heap_figures(session);
    double mib = 1 << 20;
    strbuf_appendf(out,
                   "heap: %.1f MiB at most, %" PRIu64
                   " collections moved %.1f MiB and freed %.1f MiB "
                   "in %.3f ms\n",
                   (double)heap.peak_bytes / mib, heap.collections,
                   (double)heap.moved_bytes / mib,
                   (double)heap.freed_bytes / mib, ms(heap.collect_ns));
}

// What the program took, by the pass that made it.
typedef struct MemoryFigures {
    uint64_t source_bytes, tree_bytes, check_bytes, heap_bytes;
    uint64_t modules, nodes, values;
} MemoryFigures;

static MemoryFigures memory_figures(const Session *session)
{
    const Program *program = session->program;
    MemoryFigures memory = {
        .tree_bytes = worker_arenas_bytes(&program->trees),
        .check_bytes =
            program->checks_bytes + worker_arenas_bytes(&program->checks),
        .heap_bytes = heap_figures(session).peak_bytes,
        .modules = program->module_count,
        .values = stats_of(session).tasks_evaluated,
    };
    for (uint32_t i = 0; i < program->module_count; i++) {
        memory.source_bytes += program->modules[i]->source.text.len;
        memory.nodes += program->modules[i]->ast.node_count;
    }
    return memory;
}

static double per(uint64_t bytes, uint64_t count)
{
    return count == 0 ? 0 : (double)bytes / (double)count;
}

static void append_memory(const Session *session, StrBuf *out)
{
    MemoryFigures memory = memory_figures(session);
    strbuf_appendf(out,
                   ",\"memory\":{\"sourceBytes\":%" PRIu64
                   ",\"treeBytes\":%" PRIu64 ",\"checkBytes\":%" PRIu64
                   ",\"nodes\":%" PRIu64 ",\"bytesPerModule\":%.1f"
                   ",\"bytesPerNode\":%.1f,\"bytesPerValue\":%.1f}",
                   memory.source_bytes, memory.tree_bytes, memory.check_bytes,
                   memory.nodes,
                   per(memory.tree_bytes + memory.check_bytes, memory.modules),
                   per(memory.tree_bytes, memory.nodes),
                   per(memory.heap_bytes, memory.values));
}

static void append_memory_line(const Session *session, StrBuf *out)
{
    MemoryFigures memory = memory_figures(session);
    strbuf_appendf(out,
                   "memory: %.0f bytes for a module, %.0f for a node of the "
                   "tree, %.0f for a value\n",
                   per(memory.tree_bytes + memory.check_bytes, memory.modules),
                   per(memory.tree_bytes, memory.nodes),
                   per(memory.heap_bytes, memory.values));
}

static void append_cache(const char *name, const CacheMap *map, StrBuf *out)
{
    CacheStats stats = cache_stats(map);
    strbuf_appendf(out,
                   "\"%s\":{\"hits\":%" PRIu64 ",\"misses\":%" PRIu64
                   ",\"evictions\":%" PRIu64 ",\"entries\":%" PRIu64
                   ",\"bytes\":%" PRIu64 ",\"lookupNs\":%.1f}",
                   name, stats.hits, stats.misses, stats.evictions,
                   stats.entries, stats.bytes, stats.lookup_ns);
}

// The disk is shown as the maps in memory are.
static void append_disk(const Session *session, StrBuf *out)
{
    RunCacheStats stats = run_cache_stats(session->run_cache);
    strbuf_appendf(out,
                   ",\"disk\":{\"hits\":%" PRIu64 ",\"misses\":%" PRIu64
                   ",\"evictions\":%" PRIu64 ",\"entries\":%" PRIu64
                   ",\"bytes\":%" PRIu64 "}",
                   stats.hits, stats.misses, stats.evictions, stats.entries,
                   stats.bytes);
}

static void append_report(const Session *session, ExitStatus status,
                          StrBuf *out)
{
    const char *why = fallback(session);
    strbuf_appendf(out,
                   "{\"version\":1,\"command\":\"%s\",\"verdict\":\"%s\","
                   "\"exitCode\":%d,\"diagnostics\":",
                   command_name(session->verb), verdict(status), (int)status);
    diag_json_write_array(out, &session->diags);
    strbuf_appendf(out, ",\"mode\":\"%s\",\"fallback\":",
                   why == NULL ? "parallel" : "sequential");
    if (why == NULL) {
        strbuf_append(out, STR("null"));
    } else {
        json_text_append(out, str_from_c(why), SIZE_MAX);
    }
    append_workers(session, out);
    append_phases(session, out);
    append_modules(session, out);
    append_tasks(session, out);
    append_heap(session, out);
    append_memory(session, out);
    strbuf_append(out, STR(",\"caches\":{"));
    append_cache("type", session->type_cache, out);
    strbuf_append_char(out, ',');
    append_cache("value", session->value_cache, out);
    strbuf_append_char(out, ',');
    append_cache("expression", session->expression_cache, out);
    append_disk(session, out);
    strbuf_appendf(out, "},\"peakMemoryBytes\":%" PRIu64 "}\n",
                   peak_memory_bytes());
}

static void append_page(const Session *session, ExitStatus status, StrBuf *out)
{
    ReportFacts facts = {
        .verdict = verdict(status),
        .exit_code = (int)status,
        .fallback = fallback(session),
        .stats = stats_of(session),
        .parallelism = parallelism(stats_of(session).all),
        .whole_parallelism = parallelism(session->counted),
        .peak_memory_bytes = peak_memory_bytes(),
    };
    report_page_write(out, session, &facts);
}

static bool write_report(Session *session, ExitStatus status)
{
    Str path = session->settings->report;
    StrBuf text = {0};
    if (run_report_is_page(session->settings)) {
        append_page(session, status, &text);
    } else {
        append_report(session, status, &text);
    }
    bool ok = session_write(session, path, strbuf_str(&text));
    strbuf_release(&text);
    return ok;
}

// ---- text

static void append_cache_line(const char *name, const CacheMap *map,
                              StrBuf *out)
{
    CacheStats stats = cache_stats(map);
    strbuf_appendf(out,
                   "  %-11s %" PRIu64 " hits, %" PRIu64 " misses, %" PRIu64
                   " evictions, %" PRIu64 " entries, %" PRIu64
                   " bytes, %.0f ns a look-up\n",
                   name, stats.hits, stats.misses, stats.evictions,
                   stats.entries, stats.bytes, stats.lookup_ns);
}

static void append_disk_line(const Session *session, StrBuf *out)
{
    if (session->run_cache == NULL) {
        return;
    }
    RunCacheStats stats = run_cache_stats(session->run_cache);
    strbuf_appendf(
        out,
        "  %-11s %" PRIu64 " hits, %" PRIu64 " misses, %" PRIu64
        " evictions, %" PRIu64 " entries, %" PRIu64 " bytes%s%s%s\n",
        "disk", stats.hits, stats.misses, stats.evictions, stats.entries,
        stats.bytes, stats.off != NULL ? " (not used: " : "",
        stats.off != NULL ? stats.off : "", stats.off != NULL ? ")" : "");
}

static void append_work_line(const char *what, WorkSpan done, StrBuf *out)
{
    strbuf_appendf(out, "%s: work %.3f ms, span %.3f ms, parallelism %.2f\n",
                   what, ms(done.work_ns), ms(done.span_ns), parallelism(done));
}

void run_report_append_memory(const Session *session, StrBuf *out)
{
    append_heap_line(session, out);
    append_memory_line(session, out);
    strbuf_appendf(out, "peak memory: %.1f MiB\n",
                   (double)peak_memory_bytes() / (1 << 20));
}

static void append_stats(const Session *session, StrBuf *out)
{
    const char *why = fallback(session);
    EvaluationStats stats = stats_of(session);
    strbuf_appendf(out, "mode: %s%s%s%s\n",
                   why == NULL ? "parallel" : "sequential",
                   why == NULL ? "" : " (", why == NULL ? "" : why,
                   why == NULL ? "" : ")");
    strbuf_append(out, STR("phases:\n"));
    for (int i = 0; i < PHASE_COUNT; i++) {
        if (session->phase_ran[i]) {
            strbuf_appendf(out, "  %-9s %9.3f ms\n",
                           session_phase_name((Phase)i),
                           ms(session->phase_ns[i]));
        }
    }
    strbuf_append(out, STR("workers:\n"));
    for (uint32_t i = 0; i < running(session); i++) {
        WorkerStats worker = pool_worker_stats(session->pool, i);
        strbuf_appendf(out,
                       "  %-3u %9" PRIu64 " tasks, %7" PRIu64
                       " steals, %5" PRIu64 " parks, %9.3f ms busy\n",
                       i, worker.tasks, worker.steals, worker.parks,
                       ms(worker.busy_ns));
    }
    strbuf_appendf(out,
                   "tasks: %" PRIu64 " needed, %" PRIu64 " evaluated, %" PRIu64
                   " cached, %" PRIu64 " failed, %" PRIu64 " cancelled\n"
                   "steps: %" PRIu64 ", of one binding %" PRIu64 " at most\n",
                   stats.tasks_total, stats.tasks_evaluated, stats.tasks_cached,
                   stats.tasks_failed, stats.tasks_cancelled, stats.steps_total,
                   stats.steps_most);
    append_work_line("evaluation", stats.all, out);
    append_work_line("whole run", session->counted, out);
    strbuf_append(out, STR("caches:\n"));
    append_cache_line("type", session->type_cache, out);
    append_cache_line("value", session->value_cache, out);
    append_cache_line("expression", session->expression_cache, out);
    append_disk_line(session, out);
    run_report_append_memory(session, out);
}

bool run_report_is_page(const Settings *settings)
{
    return str_ends_with(settings->report, STR(".html"));
}

bool run_report(Session *session, ExitStatus status)
{
    return session->settings->report.len == 0 || session->no_report ||
           write_report(session, status);
}

void run_report_stats(const Session *session)
{
    StrBuf text = {0};
    append_stats(session, &text);
    (void)output_write_fd(STDERR_FILENO, strbuf_str(&text), &session->token);
    strbuf_release(&text);
}
