// Work and span; see pool.h. A worker knows the length of the path that leads
// to where it is: a task starts where its spawner was, and who waits for a
// group goes on from where the last of its tasks ended. Nothing but what runs
// counts, so that it does not matter how many workers there are and which of
// them the kernel lets run.
#include "concurrent/worker.h"

void pool_set_measured(Pool *pool)
{
    for (uint32_t i = 0; i < pool->worker_count; i++) {
        pool->workers[i].measures = true;
    }
    pool->workers[0].measured = true;
    pool->workers[0].since_ns = clock_thread_ns();
}

void task_group_set_unmeasured(TaskGroup *group)
{
    group->unmeasured = true;
}

// Begins to run at the end of that path.
static void start_path(Worker *worker, int64_t path_ns)
{
    worker->path_ns = path_ns;
    worker->since_ns = clock_thread_ns();
}

void worker_run_measured(Worker *worker, Task *task)
{
    TaskGroup *group = task->group;
    bool outer = worker->measured;
    worker->measured = !group->unmeasured;
    if (worker->measured) {
        start_path(worker, task->path_ns);
    }
    task->run(task, worker);
    path_reach(&group->path_ns, worker_path(worker));
    worker->measured = outer;
}

// Relaxed: who adds these up has waited for all tasks.
static void add_work(Worker *worker, int64_t ns)
{
    store_relaxed(&worker->work_ns, load_relaxed(&worker->work_ns) + ns);
}

int64_t worker_path(Worker *worker)
{
    if (worker == NULL || !worker->measured) {
        return 0;
    }
    int64_t now = clock_thread_ns();
    int64_t ns = now - worker->since_ns;
    worker->since_ns = now;
    worker->path_ns += ns;
    add_work(worker, ns);
    return worker->path_ns;
}

void worker_set_path(Worker *worker, int64_t path_ns)
{
    if (worker != NULL && worker->measured) {
        (void)worker_path(worker);
        worker->path_ns = path_ns;
    }
}

int64_t worker_spawn_path(Worker *worker, const TaskGroup *group)
{
    return group->unmeasured ? 0 : worker_path(worker);
}

// What the waiting worker runs meanwhile, of whatever group, has paths of its
// own; that it looks for something to run is not counted.
void worker_wait_begins(Worker *worker, TaskGroup *group)
{
    path_reach(&group->path_ns, worker_path(worker));
}

void worker_wait_ends(Worker *worker, TaskGroup *group)
{
    if (worker->measured) {
        start_path(worker, load_relaxed(&group->path_ns));
    }
}

void path_reach(_Atomic(int64_t) *path_ns, int64_t ns)
{
    // The order is of no use: read by who has waited for all that reach it.
    int64_t last = load_relaxed(path_ns);
    while (last < ns && !cas_acq_rel(path_ns, &last, ns)) {
    }
}

void worker_follow(Worker *worker, _Atomic(int64_t) *path_ns)
{
    path_reach(path_ns, worker_path(worker));
    worker_set_path(worker, load_relaxed(path_ns));
}

void worker_add_measured(Worker *worker, WorkSpan tasks)
{
    if (worker->measured) {
        worker->path_ns += tasks.span_ns;
        add_work(worker, tasks.work_ns);
    }
}

void worker_pause_path(Worker *worker)
{
    (void)worker_path(worker);
    worker->measured = false;
}

void worker_resume_path(Worker *worker)
{
    if (worker->measures) {
        worker->measured = true;
        worker->since_ns = clock_thread_ns();
    }
}

WorkSpan pool_work_span(Pool *pool)
{
    WorkSpan all = {.span_ns = worker_path(&pool->workers[0])};
    for (uint32_t i = 0; i < pool->worker_count; i++) {
        all.work_ns += load_relaxed(&pool->workers[i].work_ns);
    }
    return all;
}
