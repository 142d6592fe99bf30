// Groups are in dependency order, so cutting them into runs of neighbours gives
// a graph without cycles. Which groups make a run is a matter of their sizes
// alone: a run is checked by an Infer of its own whoever does it, and the
// results are joined in order.
#include "typecheck/check_runs.h"

#include "typecheck/infer_parts.h"

enum {
    // Groups between two looks at the clock.
    POLL_EVERY = 64,
    // Of a binding beside its bytes: what costs, however short it is.
    BYTES_PER_BINDING = 32
};

typedef struct Runs Runs;

typedef struct Run {
    Task task;
    Runs *runs;
    uint32_t begin, end;       // groups
    Part *part;                // what was found; NULL when cancelled before
    _Atomic(uint32_t) waiting; // runs that it refers to and that are not done
    uint32_t first_edge;       // in Runs.edges: to those that wait for it
    _Atomic(int64_t) path_ns;  // to its start, where measured
} Run;

typedef struct Edge {
    uint32_t to;
    uint32_t next;
} Edge;

struct Runs {
    Infer *infer;
    TaskGroup group;
    VEC(Run) items;   // these and those below are immutable once tasks run
    uint32_t *run_of; // by group
    VEC(Edge) edges;
};

static void check_range(Infer *c, uint32_t begin, uint32_t end)
{
    for (uint32_t i = begin; i < end; i++) {
        BindingGroup *group = &c->module->groups[i];
        if (!group->needed) {
            continue;
        }
        if ((i % POLL_EVERY == 0 && program_is_cancelled(c->program)) ||
            infer_is_over_budget(c)) {
            return;
        }
        if (!group->done) { // others may have needed it before
            infer_group(c, group);
        }
    }
}

// ---- cutting

static uint64_t group_weight(const Module *module, const BindingGroup *group)
{
    uint64_t weight = 0;
    for (uint32_t i = 0; group->needed && i < group->member_count; i++) {
        const Binding *binding = &module->bindings[group->members[i]];
        weight += BYTES_PER_BINDING;
        if (binding->value != NULL) {
            weight += binding->value->span.end - binding->value->span.start;
        }
    }
    return weight;
}

// Checking imported data writes tables of the module.
static bool has_data(const Module *module)
{
    for (uint32_t i = 0; i < module->binding_count; i++) {
        if (module->bindings[i].data != NULL) {
            return true;
        }
    }
    return false;
}

static bool is_worth_cutting(const Module *module, uint64_t grain)
{
    return module->group_count > 1 && module->source.text.len >= 2 * grain &&
           !has_data(module);
}

static void cut(Runs *runs, uint64_t grain)
{
    const Module *module = runs->infer->module;
    uint64_t weight = 0;
    uint32_t begin = 0;
    for (uint32_t i = 0; i < module->group_count; i++) {
        runs->run_of[i] = runs->items.count;
        weight += group_weight(module, &module->groups[i]);
        if (weight >= grain || i + 1 == module->group_count) {
            vec_push(&runs->items, (Run){.runs = runs,
                                         .begin = begin,
                                         .end = i + 1,
                                         .first_edge = INDEX_NONE});
            begin = i + 1;
            weight = 0;
        }
    }
}

// Adds the edges to the run from those that it refers to; `seen` is by run.
static void link_run(Runs *runs, uint32_t index, uint32_t *seen)
{
    const Module *module = runs->infer->module;
    Run *run = &runs->items.items[index];
    uint32_t waiting = 0;
    for (uint32_t g = run->begin; g < run->end; g++) {
        const BindingGroup *group = &module->groups[g];
        for (uint32_t m = 0; m < group->member_count; m++) {
            const Binding *binding = &module->bindings[group->members[m]];
            for (uint32_t r = 0; r < binding->ref_count; r++) {
                const BindingRef *ref = &binding->refs[r];
                if (ref->module != module->id) {
                    continue;
                }
                uint32_t to = runs->run_of[module->bindings[ref->index].group];
                if (to == index || seen[to] == index + 1) {
                    continue;
                }
                seen[to] = index + 1;
                Run *before = &runs->items.items[to];
                vec_push(&runs->edges, (Edge){index, before->first_edge});
                before->first_edge = runs->edges.count - 1;
                waiting++;
            }
        }
    }
    store_relaxed(&run->waiting, waiting); // no task runs yet
}

// ---- running

static void check_run(Run *run, Worker *worker)
{
    Infer *main = run->runs->infer;
    if (!program_is_cancelled(main->program)) {
        run->part = infer_new_part(main, worker);
        check_range(&run->part->infer, run->begin, run->end);
    }
}

static void run_task(Task *task, Worker *worker)
{
    Run *run = (Run *)task;
    Runs *runs = run->runs;
    worker_follow(worker, &run->path_ns);
    check_run(run, worker);
    int64_t path_ns = worker_path(worker);
    for (uint32_t e = run->first_edge; e != INDEX_NONE;
         e = runs->edges.items[e].next) {
        Run *next = &runs->items.items[runs->edges.items[e].to];
        path_reach(&next->path_ns, path_ns);
        // Each publishes its schemes before it counts down; the last one
        // starts the run, which sees them all.
        if (fetch_sub_acq_rel(&next->waiting, 1) == 1) {
            task_group_spawn(&runs->group, worker, &next->task);
        }
    }
}

static void check_in_parallel(Runs *runs, Worker *worker)
{
    Program const *program = runs->infer->program;
    uint32_t count = runs->items.count;
    uint32_t *seen = mem_calloc(count, sizeof *seen);
    for (uint32_t i = 0; i < count; i++) {
        link_run(runs, i, seen);
    }
    free(seen);
    task_group_init(&runs->group, program->pool, program->token);
    // The first ones are to be taken first.
    uint32_t ready_count = 0;
    Task **ready = mem_calloc(count, sizeof(Task *));
    for (uint32_t i = count; i-- > 0;) {
        Run *run = &runs->items.items[i];
        run->task.run = run_task;
        if (load_relaxed(&run->waiting) == 0) {
            ready[ready_count++] = &run->task;
        }
    }
    task_group_spawn_many(&runs->group, worker, ready, ready_count);
    task_group_wait(&runs->group, worker, true);
    free(ready);
}

void check_groups(Infer *infer)
{
    Module *module = infer->module;
    if (!is_worth_cutting(module, infer->grain)) {
        check_range(infer, 0, module->group_count);
        return;
    }
    Runs runs = {.infer = infer};
    runs.run_of = mem_calloc(module->group_count, sizeof *runs.run_of);
    cut(&runs, infer->grain);
    infer_predicates(infer);
    Worker *worker = infer->worker;
    if (worker != NULL) {
        check_in_parallel(&runs, worker);
    }
    for (uint32_t i = 0; i < runs.items.count; i++) {
        Run *run = &runs.items.items[i];
        if (worker == NULL) {
            check_run(run, NULL);
        }
        if (run->part != NULL) {
            infer_join_part(infer, run->part);
        }
    }
    vec_release(&runs.items);
    vec_release(&runs.edges);
    free(runs.run_of);
}
