// A node for each stage of each module.
#include "syntax/module_flow.h"

#include <stdlib.h>

#include "concurrent/aligned.h"
#include "concurrent/flow.h"
#include "support/vec.h"

typedef struct ModuleNode ModuleNode;

typedef struct StageNode {
    FlowNode node;
    ModuleNode *of;
} StageNode;

struct ModuleNode {
    ModuleFlow *flow;
    Module *module;
    uint32_t first_diag; // those before are the loader's
    StageNode stages[];  // as many as the flow has
};

// Of so many modules the first few may be checked before the last is known: all
// of std costs no more than one of them.
#ifdef NDEBUG
enum { HURRY_FROM = 32 };
#else
enum { HURRY_FROM = 4 };
#endif

struct ModuleFlow {
    Program *program;
    ModuleStage stages[MODULE_STAGES];
    uint32_t stage_count;
    TaskGroup first, others; // of the first stage; of those behind
    bool is_open, may_hurry; // main worker, while nothing is added
    alignas(CACHE_LINE) _Atomic(uint32_t) second_ended; // relaxed
    // Of who adds:
    alignas(CACHE_LINE) Arena arena; // of nodes and edges
    VEC(ModuleNode *) nodes;         // by module
    VEC(ModuleNode *) closed;        // whose second stage waits
    VEC(uint32_t) needed;            // of the module that is added
};

static void run_stage(Task *task, Worker *worker)
{
    StageNode *self = (StageNode *)task;
    const ModuleNode *of = self->of;
    ModuleFlow *flow = of->flow;
    uint32_t s = (uint32_t)(self - of->stages);
    flow_start(&self->node, worker);
    if (!program_is_cancelled(flow->program)) {
        flow->stages[s].run(flow->stages[s].ctx, of->module, worker);
    }
    if (s == 1) {
        (void)fetch_add_relaxed(&flow->second_ended, 1);
    }
    flow_end(&self->node, worker);
}

// ---- adding

static void need(ModuleFlow *flow, const Module *module, uint32_t id)
{
    bool known = module->id == id;
    for (uint32_t i = 0; i < flow->needed.count && !known; i++) {
        known = flow->needed.items[i] == id;
    }
    if (!known) {
        vec_push(&flow->needed, id);
    }
}

// Imports, the prelude, the file beside --expr.
static void find_needed(ModuleFlow *flow, const Module *module)
{
    vec_clear(&flow->needed);
    for (uint32_t i = 0; i < module->import_count; i++) {
        vec_push(&flow->needed, module->imports[i]);
    }
    need(flow, module, MODULE_PRELUDE);
    need(flow, module, module->outer);
}

static void wait_for(ModuleFlow *flow, StageNode *stage, StageNode *on)
{
    if (flow_has_ended(&stage->node, &on->node)) {
        return; // as nearly all have, where one worker is alone
    }
    FlowEdge *edge = arena_alloc(&flow->arena, sizeof *edge);
    flow_wait_for(&stage->node, &on->node, edge);
}

static bool waits(const ModuleFlow *flow, const Module *module)
{
    return module->is_data || (module->is_std && !flow->program->checks_early);
}

// Those that need not wait any longer.
static void release_closed(ModuleFlow *flow, Worker *worker)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < flow->closed.count; i++) {
        ModuleNode *node = flow->closed.items[i];
        if (flow->is_open || !waits(flow, node->module)) {
            flow_release(&node->stages[1].node, worker);
        } else {
            flow->closed.items[kept++] = node;
        }
    }
    flow->closed.count = kept;
}

void module_flow_add(ModuleFlow *flow, Module *module, Worker *worker)
{
    ModuleNode *node = arena_alloc(
        &flow->arena, sizeof *node + flow->stage_count * sizeof *node->stages);
    node->flow = flow;
    node->module = module;
    node->first_diag = module->diags.diags.count;
    vec_push(&flow->nodes, node);
    find_needed(flow, module);
    for (uint32_t s = 0; s < flow->stage_count; s++) {
        StageNode *stage = &node->stages[s];
        stage->of = node;
        flow_init(&stage->node, s == 0 ? &flow->first : &flow->others,
                  run_stage);
        if (s > 0) {
            wait_for(flow, stage, &node->stages[s - 1]);
        }
        for (uint32_t i = 0; i < flow->needed.count; i++) {
            const uint32_t id = flow->needed.items[i];
            wait_for(flow, stage, &flow->nodes.items[id]->stages[s]);
        }
    }
    if (flow->stage_count > 1) {
        if (flow->is_open || !waits(flow, module)) {
            flow_release(&node->stages[1].node, worker);
        } else {
            vec_push(&flow->closed, node);
        }
    }
    flow_release(&node->stages[0].node, worker);
    if (flow->may_hurry && flow->nodes.count == HURRY_FROM) {
        flow->program->checks_early = true;
        release_closed(flow, worker);
    }
}

// ---- the whole

static void open_groups(ModuleFlow *flow)
{
    TaskGroup *groups[] = {&flow->others, &flow->first};
    for (int i = 0; i < 2; i++) {
        task_group_init(groups[i], flow->program->pool, flow->program->token);
        task_group_open(groups[i], pool_main_worker(flow->program->pool));
    }
}

static void wait_groups(ModuleFlow *flow)
{
    Worker *worker = pool_main_worker(flow->program->pool);
    task_group_wait(&flow->first, worker, false);
    task_group_wait(&flow->others, worker, false);
}

ModuleFlow *module_flow_begin(Program *program, const ModuleStage *stages,
                              uint32_t stage_count)
{
    ModuleFlow *flow = aligned_zalloc(1, sizeof *flow);
    flow->program = program;
    flow->stage_count = stage_count;
    for (uint32_t s = 0; s < stage_count; s++) {
        flow->stages[s] = stages[s];
    }
    arena_init(&flow->arena);
    open_groups(flow);
    return flow;
}

void module_flow_wait_first(ModuleFlow *flow)
{
    Worker *worker = pool_main_worker(flow->program->pool);
    task_group_wait(&flow->first, worker, false);
}

void module_flow_wait(ModuleFlow *flow)
{
    wait_groups(flow);
    open_groups(flow);
}

void module_flow_may_hurry(ModuleFlow *flow)
{
    flow->may_hurry = true;
}

void module_flow_open(ModuleFlow *flow)
{
    flow->is_open = true;
    release_closed(flow, pool_main_worker(flow->program->pool));
}

bool module_flow_is_behind(ModuleFlow *flow)
{
#ifndef NDEBUG
    return flow->closed.count == 0; // what is rare is to be tested
#endif
    uint32_t left = flow->nodes.count - load_relaxed(&flow->second_ended);
    return flow->closed.count == 0 && left > flow->nodes.count / 8;
}

void module_flow_open_third(ModuleFlow *flow)
{
    Worker *worker = pool_main_worker(flow->program->pool);
    for (uint32_t i = flow->nodes.count; i-- > 0;) {
        flow_release(&flow->nodes.items[i]->stages[2].node, worker);
    }
}

void module_flow_forget(ModuleFlow *flow)
{
    for (uint32_t i = 0; i < flow->nodes.count; i++) {
        const ModuleNode *node = flow->nodes.items[i];
        diag_sink_cut(&node->module->diags, node->first_diag);
    }
}

void module_flow_end(ModuleFlow *flow)
{
    wait_groups(flow);
    arena_release(&flow->arena);
    vec_release(&flow->nodes);
    vec_release(&flow->closed);
    vec_release(&flow->needed);
    free(flow);
}

void module_flow_run(Program *program, ModuleStage stage)
{
    if (program->pool == NULL || pool_worker_count(program->pool) == 1 ||
        program->module_count <= 2) {
        // Dependencies stand before dependents.
        Worker *worker =
            program->pool != NULL ? pool_main_worker(program->pool) : NULL;
        for (uint32_t i = 0;
             i < program->module_count && !program_is_cancelled(program); i++) {
            stage.run(stage.ctx, program->modules[i], worker);
        }
        return;
    }
    ModuleFlow *flow = module_flow_begin(program, &stage, 1);
    for (uint32_t i = 0; i < program->module_count; i++) {
        module_flow_add(flow, program->modules[i],
                        pool_main_worker(program->pool));
    }
    module_flow_end(flow);
}
