// The type cache: verdicts of modules by the content of their text and the
// interfaces that they import.
//
// A hit gives back the diagnostics of the check and the hash of the module's
// interface, and spares checking the module. It does not give back schemes
// and elaboration notes (they point into the tree of the module that was
// checked), so a module can be spared only where nobody reads those: in a run
// that wants the verdict alone (`typecheck`, watch, the language server), and
// when no module that imports it is checked itself.
//
// How check_program() uses it:
//     plan = type_cache_plan(program, map, options->verdict_only);
//     in the task of a module, once its imports are done:
//         if (!type_cache_skip(plan, module->id)) {
//             check the module, diagnostics into module->diags;
//             type_cache_store(plan, module->id);
//         }
//     type_cache_plan_free(plan);
//
// Ownership: the values belong to the map, whose `drop` is
//            type_cache_drop().
// Threads:   plan and free on the main worker; skip and store on any worker,
//            once per module, after its imports have had theirs.
#ifndef LIGATURE_TYPECHECK_TYPE_CACHE_H
#define LIGATURE_TYPECHECK_TYPE_CACHE_H

#include "concurrent/cache_map.h"
#include "syntax/module.h"

typedef struct TypeCachePlan TypeCachePlan;

// Frees a value of this cache.
void type_cache_drop(void *value, void *ctx);

// Looks up what needs no checking at all. `map` may be NULL: then nothing is
// skipped or stored. Diagnostics that modules have so far (of earlier passes)
// are not the check's.
TypeCachePlan *type_cache_plan(const Program *program, CacheMap *map,
                               bool verdict_only);
void type_cache_plan_free(TypeCachePlan *plan);

// True when the module need not be checked: its diagnostics were replayed
// into module->diags.
bool type_cache_skip(TypeCachePlan *plan, uint32_t module);
// Remembers the verdict of a module that was checked.
void type_cache_store(TypeCachePlan *plan, uint32_t module);

#endif
