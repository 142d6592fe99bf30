// The type cache: verdicts of modules by the content of their text and the
// interfaces that they import.
//
// A hit gives back the diagnostics of the check and the hash of the module's
// interface, and spares checking the module. It does not give back
// elaboration notes (they point into the tree of the module that was checked),
// so a module can be spared only in a run that wants the verdict alone
// (`typecheck`), and schemes only from a store: a module of which there are
// none is checked where one that imports it is.
//
// How check_program() uses it:
//     plan = type_cache_plan(program, options);
//     while (type_cache_next(plan)) {
//         in the task of each module, once its imports have had theirs:
//             if (!type_cache_skip(plan, module->id) &&
//                 !type_cache_restore(plan, module->id, arena)) {
//                 check the module, diagnostics into module->diags;
//                 type_cache_store(plan, module->id, reads_code);
//             }
//     }
//     type_cache_plan_free(plan);
//
// Where the inside of other modules was read, the key covers the text of all
// that is imported, directly or not, and the path of such a module is known.
//
// Rounds: a module can be looked up once the interfaces of its imports are
// known. So what is not found is checked, with all that it imports; where its
// interface turns out to be the old one, what imports it is found in the next
// round and is not checked.
//
// Ownership: the values belong to the map, whose `drop` is
//            type_cache_drop().
// Threads:   plan, next and free on the main worker; skip and store on any
//            worker, once per round and module, after its imports have had
//            theirs.
#ifndef LIGATURE_TYPECHECK_TYPE_CACHE_H
#define LIGATURE_TYPECHECK_TYPE_CACHE_H

#include "concurrent/cache_map.h"
#include "syntax/module.h"
#include "typecheck/check.h"
#include "typecheck/verdict_store.h"

typedef struct TypeCachePlan TypeCachePlan;

// Frees a value of this cache.
void type_cache_drop(void *value, void *ctx);

// Without a map, or where it would find nothing, nothing is skipped or stored.
// Diagnostics that modules have so far (of earlier passes) are not the check's.
TypeCachePlan *type_cache_plan(const Program *program,
                               const CheckOptions *options);
// Looks up what can be; false when nothing is left to check.
bool type_cache_next(TypeCachePlan *plan);
void type_cache_plan_free(TypeCachePlan *plan);

// True when the module need not be checked in this round.
bool type_cache_skip(TypeCachePlan *plan, uint32_t module);
// Instead of checking a module of this round: declares it with the types that
// the store has; false where it has none. `arena` is that of module->checked.
bool type_cache_restore(TypeCachePlan *plan, uint32_t module, Arena *arena);
// Type nodes that the checks made which the cache has spared.
uint64_t type_cache_nodes(const TypeCachePlan *plan);
// Remembers the verdict of a module that was checked, for which the inside of
// other modules may have been read.
void type_cache_store(TypeCachePlan *plan, uint32_t module, bool reads_code);

#endif
