// Works on the modules of a program in stages, as a dataflow over the imports:
// a stage of a module runs when those before it have, and when the same stage
// of all that it depends on has. Modules are added in the order of their ids,
// all at once or while others are worked on already.
//
// Ownership: module_flow_begin() makes, module_flow_end() frees.
// Threads:   begin, wait and end by the main worker; modules are added by one
//            worker at a time.
#ifndef LIGATURE_SYNTAX_MODULE_FLOW_H
#define LIGATURE_SYNTAX_MODULE_FLOW_H

#include "syntax/module.h"

typedef struct ModuleFlow ModuleFlow;

typedef struct ModuleStage {
    void (*run)(void *ctx, Module *module, Worker *worker);
    void *ctx;
} ModuleStage;

enum { MODULE_STAGES = 3 };

ModuleFlow *module_flow_begin(Program *program, const ModuleStage *stages,
                              uint32_t stage_count);
// The module and its imports are final. The second stage of std and of data
// modules, and so of all, waits for module_flow_open(): only when all modules
// are known is it known what of them is needed. But where there are many, std
// does not wait (Program.checks_early), if module_flow_may_hurry() was called.
void module_flow_add(ModuleFlow *flow, Module *module, Worker *worker);
void module_flow_may_hurry(ModuleFlow *flow);
// Until the first stage of all that was added has run.
void module_flow_wait_first(ModuleFlow *flow);
// Until all that was added, and may be worked on, has been.
void module_flow_wait(ModuleFlow *flow);
void module_flow_open(ModuleFlow *flow);
// Whether the second stage is still to run for much of what was added, and no
// module waits.
bool module_flow_is_behind(ModuleFlow *flow);
// The third stage of all modules waits for this.
void module_flow_open_third(ModuleFlow *flow);
// Takes back what the stages said of the modules; nothing is at work.
void module_flow_forget(ModuleFlow *flow);
void module_flow_end(ModuleFlow *flow);

// One stage over a program that is complete.
void module_flow_run(Program *program, ModuleStage stage);

#endif
