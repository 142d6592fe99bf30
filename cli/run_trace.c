#include "cli/run_trace.h"

#include <inttypes.h>
#include <stdlib.h>

#include "cli/json_text.h"

#define MAX_TEXT_BYTES 1024

uint32_t run_trace_lanes(const Session *session)
{
    return pool_running_count(session->pool);
}

// ---- slices

static void add(const Session *session, SliceVec *slices, TraceSlice slice,
                int64_t start_ns, int64_t end_ns)
{
    slice.start_ns = start_ns - session->start_ns;
    slice.end_ns = end_ns - session->start_ns;
    vec_push(slices, slice);
}

// Phases that overlap are one slice: those of a lane must not cross.
static void add_phases(const Session *session, SliceVec *slices)
{
    if (session->overlap_end_ns != 0) {
        bool checked =
            session->phase_ran[PHASE_CHECK] &&
            session->phase_start_ns[PHASE_CHECK] < session->overlap_end_ns;
        TraceSlice slice = {.kind = "phase",
                            .name = checked ? STR("load, resolve, check")
                                            : STR("load, resolve"),
                            .lane = run_trace_lanes(session)};
        add(session, slices, slice, session->phase_start_ns[PHASE_LOAD],
            session->overlap_end_ns);
    }
    for (int i = 0; i < PHASE_COUNT; i++) {
        int64_t start = session->phase_start_ns[i];
        if (session->phase_ran[i] && start >= session->overlap_end_ns) {
            TraceSlice slice = {.kind = "phase",
                                .name =
                                    str_from_c(session_phase_name((Phase)i)),
                                .lane = run_trace_lanes(session)};
            int64_t end = session->phase_end_ns[i];
            add(session, slices, slice, start, end != 0 ? end : start);
        }
    }
}

static void add_modules(const Session *session, SliceVec *slices)
{
    static const char *const kinds[TIMED_PASS_COUNT] = {"parse", "resolve",
                                                        "check"};
    const Program *program = session->program;
    for (uint32_t m = 0; m < program->module_count; m++) {
        const Module *module = program->modules[m];
        for (uint32_t p = 0; p < TIMED_PASS_COUNT; p++) {
            PassTime time = module_pass_time(module, (TimedPass)p);
            if (time.start_ns != 0) {
                TraceSlice slice = {.kind = kinds[p],
                                    .name = module->source.path,
                                    .file = module->source.path,
                                    .lane = time.worker};
                add(session, slices, slice, time.start_ns,
                    time.start_ns + time.ns);
            }
        }
    }
}

static void add_bindings(const Session *session, SourceIndex *index,
                         SliceVec *slices)
{
    const Program *program = session->program;
    for (uint32_t m = 0; m < program->module_count; m++) {
        const Module *module = program->modules[m];
        for (uint32_t i = 0; i < module->binding_count; i++) {
            const Slot *slot = load_acquire(&session->evaluation->slots[m][i]);
            const Binding *binding = &module->bindings[i];
            const SlotTimes *times = slot == NULL ? NULL : slot->times;
            if (times == NULL || times->start_ns == 0 || times->end_ns == 0) {
                continue;
            }
            TraceSlice slice = {
                .kind = "binding",
                .name = binding->name != 0
                            ? symbol_text(program->interner, binding->name)
                            : module->name,
                .file = module->source.path,
                .lane = times->worker};
            if (binding->name != 0) {
                slice.line = source_index_position(index, &module->source,
                                                   binding->name_span.start)
                                 .line;
            }
            add(session, slices, slice, times->start_ns, times->end_ns);
        }
    }
}

static uint64_t add_events(const Session *session, SourceIndex *index,
                           SliceVec *slices)
{
    uint64_t all_dropped = 0;
    for (uint32_t w = 0; w < run_trace_lanes(session); w++) {
        uint32_t count;
        uint64_t dropped;
        const TraceEvent *events =
            trace_events(session->trace, w, &count, &dropped);
        all_dropped += dropped;
        for (uint32_t i = 0; i < count; i++) {
            const TraceEvent *event = &events[i];
            TraceSlice slice = {.kind = event->kind,
                                .name = str_from_c(event->kind),
                                .first = event->first,
                                .count = event->count,
                                .lane = w};
            if (event->source != NULL) {
                slice.file = event->source->path;
                slice.line = source_index_position(index, event->source,
                                                   event->span.start)
                                 .line;
            }
            add(session, slices, slice, event->start_ns, event->end_ns);
        }
    }
    return all_dropped;
}

static int compare_slices(const void *left, const void *right)
{
    const TraceSlice *a = left;
    const TraceSlice *b = right;
    if (a->lane != b->lane) {
        return a->lane < b->lane ? -1 : 1;
    }
    if (a->start_ns != b->start_ns) {
        return a->start_ns < b->start_ns ? -1 : 1;
    }
    if (a->end_ns != b->end_ns) {
        return a->end_ns > b->end_ns ? -1 : 1;
    }
    return str_compare(a->name, b->name);
}

uint64_t run_trace_slices(const Session *session, SliceVec *out_slices)
{
    SourceIndex index = {0};
    uint64_t dropped = 0;
    add_phases(session, out_slices);
    add_modules(session, out_slices);
    if (session->evaluation != NULL) {
        add_bindings(session, &index, out_slices);
    }
    if (session->trace != NULL) {
        dropped = add_events(session, &index, out_slices);
    }
    source_index_release(&index);
    if (out_slices->count > 1) {
        qsort(out_slices->items, out_slices->count, sizeof *out_slices->items,
              compare_slices);
    }
    return dropped;
}

// ---- the file

static double us(int64_t ns)
{
    return (double)ns / 1e3;
}

static void append_lane_name(StrBuf *out, uint32_t lane, uint32_t workers)
{
    strbuf_appendf(out,
                   ",\n{\"ph\":\"M\",\"pid\":1,\"tid\":%u,"
                   "\"name\":\"thread_name\",\"args\":{\"name\":\"",
                   lane);
    if (lane < workers) {
        strbuf_appendf(out, "worker %u\"}}", lane);
    } else {
        strbuf_append(out, STR("phases\"}}"));
    }
    strbuf_appendf(out,
                   ",\n{\"ph\":\"M\",\"pid\":1,\"tid\":%u,"
                   "\"name\":\"thread_sort_index\",\"args\":"
                   "{\"sort_index\":%u}}",
                   lane, lane < workers ? lane + 1 : 0);
}

static void append_slice(StrBuf *out, const TraceSlice *slice)
{
    strbuf_appendf(out,
                   ",\n{\"ph\":\"X\",\"pid\":1,\"tid\":%u,\"ts\":%.3f,"
                   "\"dur\":%.3f,\"cat\":\"%s\",\"name\":",
                   slice->lane, us(slice->start_ns),
                   us(slice->end_ns - slice->start_ns), slice->kind);
    json_text_append(out, slice->name, MAX_TEXT_BYTES);
    strbuf_append(out, STR(",\"args\":{"));
    const char *between = "";
    if (slice->file.len > 0) {
        strbuf_append(out, STR("\"file\":"));
        json_text_append(out, slice->file, MAX_TEXT_BYTES);
        between = ",";
    }
    if (slice->line > 0) {
        strbuf_appendf(out, "%s\"line\":%u", between, slice->line);
        between = ",";
    }
    if (slice->count > 0) {
        strbuf_appendf(out, "%s\"first\":%" PRIu64 ",\"items\":%" PRIu64,
                       between, slice->first, slice->count);
    }
    strbuf_append(out, STR("}}"));
}

static void append_trace(const Session *session, StrBuf *out)
{
    SliceVec slices = {0};
    uint32_t workers = run_trace_lanes(session);
    uint64_t dropped = run_trace_slices(session, &slices);
    strbuf_append(out, STR("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[\n"
                           "{\"ph\":\"M\",\"pid\":1,\"name\":\"process_name\","
                           "\"args\":{\"name\":\"ligature\"}}"));
    for (uint32_t lane = 0; lane <= workers; lane++) {
        append_lane_name(out, lane, workers);
    }
    for (uint32_t i = 0; i < slices.count; i++) {
        append_slice(out, &slices.items[i]);
    }
    strbuf_appendf(out, "],\n\"otherData\":{\"dropped\":\"%" PRIu64 "\"}}\n",
                   dropped);
    vec_release(&slices);
}

bool run_trace(Session *session)
{
    Str path = session->settings->trace;
    if (path.len == 0 || session->no_trace) {
        return true;
    }
    StrBuf text = {0};
    append_trace(session, &text);
    bool ok = session_write(session, path, strbuf_str(&text));
    strbuf_release(&text);
    return ok;
}
