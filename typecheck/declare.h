// The declarations of a module as types: unions, aliases, classes, instances,
// and which instances the module sees.
//
// Threads: one worker per module, once its imports are declared.
#ifndef LIGATURE_TYPECHECK_DECLARE_H
#define LIGATURE_TYPECHECK_DECLARE_H

#include "typecheck/module_types.h"

// Sets module->checked.
ModuleTypes *declare_module(const Program *program, Module *module);
// What is not in the arena.
void declare_release(ModuleTypes *types);

// The prelude's class of this name; NULL when it is not declared.
const ClassInfo *prelude_class(const Program *program, Symbol name);
// The number of the method among those of the class; false where it has none.
bool class_method(const Program *program, const ClassInfo *class_, Symbol name,
                  uint32_t *out_slot);

#endif
