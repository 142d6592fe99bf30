// Data parallelism by lazy binary splitting (Tzannes et al., PPoPP 2010): a
// range is halved only while someone could take the half and nothing else is
// there to take; otherwise it costs as much as a loop over its pieces.
#include <stdlib.h>

#include "concurrent/worker.h"
#include "support/die.h"

typedef struct Range {
    TaskGroup group;
    RangeFunction *body; // immutable after init, as are those below
    void *ctx;
    uint64_t grain;
    int64_t path_ns; // to its start, where measured
} Range;

typedef struct RangeTask {
    Task task;
    Range *range;
    uint64_t begin;
    uint64_t end;
} RangeTask;

static void run_half(Task *task, Worker *worker);

static void spawn_half(Range *range, Worker *worker, uint64_t begin,
                       uint64_t end)
{
    RangeTask *half = mem_alloc(sizeof *half);
    half->task.run = run_half;
    half->range = range;
    half->begin = begin;
    half->end = end;
    task_group_spawn(&range->group, worker, &half->task);
}

static void run_range(Range *range, Worker *worker, uint64_t begin,
                      uint64_t end)
{
    while (begin < end &&
           cancel_token_reason(&range->group.token) == CANCEL_NONE) {
        uint64_t left = end - begin;
        if (left / 2 >= range->grain &&
            worker_has_taker(worker, &range->group)) {
            uint64_t middle = begin + left / 2;
            spawn_half(range, worker, middle, end);
            end = middle;
            continue;
        }
        uint64_t size = left / 2 >= range->grain ? range->grain : left;
        worker_set_path(worker, range->path_ns);
        range->body(range->ctx, begin, begin + size, worker);
        path_reach(&range->group.path_ns, worker_path(worker));
        begin += size;
    }
}

static void run_half(Task *task, Worker *worker)
{
    RangeTask half = *(RangeTask *)task;
    free(task);
    run_range(half.range, worker, half.begin, half.end);
}

void parallel_for(Worker *worker, const CancelToken *parent, uint64_t count,
                  uint64_t grain, RangeFunction *body, void *ctx)
{
    Range range = {.body = body, .ctx = ctx, .grain = grain > 0 ? grain : 1};
    range.path_ns = worker_path(worker);
    task_group_init(&range.group, worker->pool, parent);
    path_reach(&range.group.path_ns, range.path_ns);
    run_range(&range, worker, 0, count);
    task_group_wait(&range.group, worker, true);
    worker_set_path(worker, load_relaxed(&range.group.path_ns));
}
