// Long lists, records and maps by several workers. Who is free claims the next
// few parts and writes them into a buffer of a ring; the caller, who alone
// puts texts out, writes chunks as well while the one that is next is not
// ready. Where the ring is full, helpers leave, so that nobody but the caller
// waits for whoever reads the output; they are called again when half of it is
// free. So memory is bounded, and buffers stay in the caches.
#include "eval/write_json_internal.h"

#include <stdalign.h>
#include <stdlib.h>

#include "concurrent/aligned.h"
#include "support/die.h"

#define CHUNK_BYTES     JSON_FLUSH_BYTES // aimed at
#define CHUNK_ROOM      (CHUNK_BYTES + CHUNK_BYTES / 4)
#define CHUNK_MAX_BYTES (16 * CHUNK_BYTES)
// What is shorter is not worth waking somebody.
#define SHARED_MIN_BYTES (2 * CHUNK_BYTES)

typedef struct JsonChunk {
    alignas(CACHE_LINE) _Atomic(uint64_t) written; // number + 1 of what it is
    uint32_t first;
    uint32_t end;
    bool failed;     // must be written in order by the caller
    int64_t path_ns; // to its end, where measured
    StrBuf text;
} JsonChunk;

struct JsonTeam {
    Worker *worker;
    CancelToken *token; // may be NULL
    uint32_t ring_count;
    JsonChunk *ring;
};

typedef struct Run {
    TaskGroup group;
    JsonTeam *team;
    const JsonOptions *options;
    JsonFrame frame; // as it was at first
    uint32_t level;
    uint64_t max_left; // bytes that a chunk may have
    int64_t path_ns;   // to the start, where measured
    // Chunks in the high half; parts in them in the low half.
    alignas(CACHE_LINE) _Atomic(uint64_t) claimed;
    _Atomic(uint32_t) put; // chunks
    _Atomic(uint32_t) chunk_parts;
    _Atomic(uint32_t) helpers;
    _Atomic(bool) is_over; // nothing more is to be claimed
} Run;

typedef struct HelperTask {
    Task task;
    Run *run;
} HelperTask;

JsonTeam *json_team_new(Worker *worker, CancelToken *token)
{
    JsonTeam *team = mem_calloc(1, sizeof *team);
    team->worker = worker;
    team->token = token;
    team->ring_count = 2 + 3 * pool_worker_count(worker_pool(worker));
    team->ring = aligned_zalloc(team->ring_count, sizeof *team->ring);
    return team;
}

void json_team_free(JsonTeam *team)
{
    if (team == NULL) {
        return;
    }
    for (uint32_t i = 0; i < team->ring_count; i++) {
        strbuf_release(&team->ring[i].text);
    }
    free(team->ring);
    free(team);
}

// ---- chunks

// The next parts, and a free chunk of the ring for them; NULL when there is
// none.
static JsonChunk *claim(Run *run, uint32_t *out_number)
{
    uint64_t old = load_relaxed(&run->claimed);
    uint64_t claimed;
    uint32_t number;
    uint32_t first;
    do {
        number = (uint32_t)(old >> 32);
        first = (uint32_t)old;
        // Acquire: the chunk's last text was taken.
        if (load_relaxed(&run->is_over) || first >= run->frame.count ||
            number - load_acquire(&run->put) >= run->team->ring_count) {
            return NULL;
        }
        uint32_t left = run->frame.count - first;
        uint32_t parts = load_relaxed(&run->chunk_parts);
        parts = parts < left ? parts : left;
        claimed = (uint64_t)(number + 1) << 32 | (first + parts);
    } while (!cas_acq_rel(&run->claimed, &old, claimed));
    JsonChunk *chunk = &run->team->ring[number % run->team->ring_count];
    chunk->first = first;
    chunk->end = (uint32_t)claimed;
    *out_number = number;
    return chunk;
}

static void chunk_flush(JsonWriter *w)
{
    const Run *run = w->ctx;
    CancelToken *token = run->team->token;
    w->stopped |= w->max_left == 0 || w->out->len > w->max_left ||
                  (token != NULL && cancel_token_poll(token) != CANCEL_NONE);
    w->flush_at = w->out->len + JSON_FLUSH_BYTES;
}

static void trace_chunk(const Run *run, const JsonChunk *chunk, Worker *worker,
                        int64_t start_ns)
{
    trace_add(run->options->trace, worker,
              &(TraceEvent){.kind = "print",
                            .first = chunk->first,
                            .count = chunk->end - chunk->first,
                            .start_ns = start_ns,
                            .end_ns = clock_monotonic_ns()});
}

static void write_chunk(Run *run, JsonWriter *w, JsonChunk *chunk,
                        uint32_t number, Worker *worker)
{
    bool traced = run->options->trace != NULL;
    int64_t start_ns = traced ? clock_monotonic_ns() : 0;
    worker_set_path(worker, run->path_ns); // whoever wrote another one before
    strbuf_clear(&chunk->text);
    (void)strbuf_reserve(&chunk->text, CHUNK_ROOM);
    w->out = &chunk->text;
    w->flush_at = JSON_FLUSH_BYTES;
    w->max_left = run->max_left;
    chunk->failed =
        !json_writer_parts(w, &run->frame, chunk->first, chunk->end);
    if (chunk->failed) {
        store_relaxed(&run->is_over, true);
    }
    if (traced) {
        trace_chunk(run, chunk, worker, start_ns);
    }
    chunk->path_ns = worker_path(worker);
    store_release(&chunk->written, (uint64_t)number + 1);
}

static void writer_init(Run *run, JsonWriter *w)
{
    json_writer_init(w, run->options, NULL);
    w->level = run->level;
    w->flush = chunk_flush;
    w->ctx = run;
}

static void help(Task *task, Worker *worker)
{
    Run *run = ((HelperTask *)task)->run;
    free(task);
    JsonWriter writer;
    writer_init(run, &writer);
    JsonChunk *chunk;
    uint32_t number;
    while ((chunk = claim(run, &number)) != NULL) {
        write_chunk(run, &writer, chunk, number, worker);
    }
    json_writer_release(&writer);
    fetch_sub_acq_rel(&run->helpers, 1);
}

// ---- the caller

// Calls helpers where some are idle and there is enough for them to do.
static void call_helpers(Run *run)
{
    Worker *worker = run->team->worker;
    Pool *pool = worker_pool(worker);
    uint64_t claimed = load_relaxed(&run->claimed);
    uint32_t taken = (uint32_t)(claimed >> 32) - load_relaxed(&run->put);
    uint32_t left = run->frame.count - (uint32_t)claimed;
    if (load_relaxed(&run->is_over) || taken > run->team->ring_count / 2 ||
        left <= load_relaxed(&run->chunk_parts)) {
        return;
    }
    while (load_relaxed(&run->helpers) + 1 < pool_worker_count(pool) &&
           pool_has_idle(pool)) {
        fetch_add_relaxed(&run->helpers, 1);
        HelperTask *helper = mem_alloc(sizeof *helper);
        helper->task.run = help;
        helper->run = run;
        task_group_spawn(&run->group, worker, &helper->task);
    }
}

// Chunks to come shall have the length that is aimed at, if their parts are
// like these.
static void adapt(Run *run, const JsonChunk *chunk)
{
    uint64_t parts = chunk->end - chunk->first;
    uint64_t wanted = parts * CHUNK_BYTES / (chunk->text.len + 1);
    uint64_t most = 2 * parts;
    wanted = wanted < most ? wanted : most;
    store_relaxed(&run->chunk_parts, wanted > 0 ? (uint32_t)wanted : 1);
}

// Until all is put out, or a chunk failed, or the writer was stopped. Returns
// the chunk that failed, or NULL.
static const JsonChunk *run_team(Run *run, JsonWriter *w, JsonFrame *frame,
                                 void (*put)(JsonWriter *, StrBuf *),
                                 JsonWriter *own)
{
    JsonTeam *team = run->team;
    uint32_t next = 0;
    uint32_t number;
    int64_t path_ns = run->path_ns; // to where the last one was put
    while (frame->next < frame->count && !w->stopped) {
        JsonChunk *chunk = &team->ring[next % team->ring_count];
        JsonChunk *claimed;
        // Acquire: what was written.
        if (load_acquire(&chunk->written) == (uint64_t)next + 1) {
            if (chunk->failed) {
                return chunk;
            }
            adapt(run, chunk);
            worker_set_path(team->worker, chunk->path_ns > path_ns
                                              ? chunk->path_ns
                                              : path_ns);
            put(w, &chunk->text);
            path_ns = worker_path(team->worker);
            frame->next = chunk->end;
            if (chunk->text.capacity > CHUNK_MAX_BYTES) {
                strbuf_release(&chunk->text);
            }
            // Release: pairs with the acquire in claim().
            store_release(&run->put, ++next);
            continue;
        }
        call_helpers(run);
        if ((claimed = claim(run, &number)) != NULL) {
            write_chunk(run, own, claimed, number, team->worker);
        } else {
            task_group_wait(&run->group, team->worker, true);
        }
    }
    worker_set_path(team->worker, path_ns);
    return NULL;
}

static void share(JsonTeam *team, JsonWriter *w, JsonFrame *frame,
                  uint32_t chunk_parts, void (*put)(JsonWriter *, StrBuf *))
{
    Run run = {
        .team = team,
        .options = w->options,
        .frame = *frame,
        .level = w->level,
        .max_left =
            w->max_left < CHUNK_MAX_BYTES ? w->max_left : CHUNK_MAX_BYTES,
        .claimed = frame->next,
        .chunk_parts = chunk_parts,
        .path_ns = worker_path(team->worker),
    };
    for (uint32_t i = 0; i < team->ring_count; i++) {
        store_relaxed(&team->ring[i].written, 0);
    }
    task_group_init(&run.group, worker_pool(team->worker), team->token);
    JsonWriter own;
    writer_init(&run, &own);
    const JsonChunk *failed = run_team(&run, w, frame, put, &own);
    store_relaxed(&run.is_over, true);
    task_group_wait(&run.group, team->worker, true);
    json_writer_release(&own);
    frame->alone = failed != NULL ? failed->end : frame->count;
}

void json_team_write(JsonTeam *team, JsonWriter *w, JsonFrame *frame,
                     void (*put)(JsonWriter *writer, StrBuf *text))
{
    uint64_t bytes = json_writer_bytes(w) - frame->begin;
    uint64_t average = bytes / frame->next + 1;
    uint64_t left = frame->count - frame->next;
    // Parts that are very long may have long lists themselves.
    if (frame->empty || average > CHUNK_MAX_BYTES / 4 ||
        average * left < SHARED_MIN_BYTES) {
        frame->alone += frame->next < left ? frame->next : (uint32_t)left;
        return;
    }
    uint64_t parts = CHUNK_BYTES / average;
    share(team, w, frame, parts > 0 ? (uint32_t)parts : 1, put);
}
