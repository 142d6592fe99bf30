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

enum { MODULE_STAGES = 2 };

ModuleFlow *module_flow_begin(Program *program, const ModuleStage *stages,
                              uint32_t stage_count);
// The module and its imports are final. Of a data module the last stage waits
// for module_flow_open_data(), where that is so.
void module_flow_add(ModuleFlow *flow, Module *module, Worker *worker);
// Until all that was added, and may be worked on, has been.
void module_flow_wait(ModuleFlow *flow);
// The last stage of data modules, and of what depends on them, may run.
void module_flow_open_data(ModuleFlow *flow);
// Takes back what the stages said of the modules; nothing is at work.
void module_flow_forget(ModuleFlow *flow);
void module_flow_end(ModuleFlow *flow);

// One stage over a program that is complete.
void module_flow_run(Program *program, ModuleStage stage);

#endif
