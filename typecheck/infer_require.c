// Groups that no order puts first: predicates of refinements, which others ask
// for without naming them, and what they refer to.
#include <stdlib.h>

#include "support/compare.h"
#include "typecheck/infer_group.h"
#include "typecheck/infer_parts.h"

// Checks that wait for checks.
#define REQUIRE_DEPTH_MAX 100u

// Groups that are not done, each once.
typedef struct Missing {
    VEC(uint32_t) groups;
    PtrMap seen; // group + 1
} Missing;

static void miss(const Module *module, Missing *missing, uint32_t group)
{
    if (!module->groups[group].done) {
        void **seen = ptr_map_at(&missing->seen, (uintptr_t)group + 1, 0);
        if (*seen == NULL) {
            *seen = missing;
            vec_push(&missing->groups, group);
        }
    }
}

// Adds the groups that those in it refer to, and puts all in order: references
// go to groups that stand before.
static void miss_referred(const Module *module, Missing *missing)
{
    for (uint32_t at = 0; at < missing->groups.count; at++) {
        const BindingGroup *group = &module->groups[missing->groups.items[at]];
        for (uint32_t i = 0; i < group->member_count; i++) {
            const Binding *binding = &module->bindings[group->members[i]];
            for (uint32_t r = 0; r < binding->ref_count; r++) {
                const BindingRef *ref = &binding->refs[r];
                if (ref->module == module->id) {
                    miss(module, missing, module->bindings[ref->index].group);
                }
            }
        }
    }
    if (missing->groups.count > 1) {
        qsort(missing->groups.items, missing->groups.count, sizeof(uint32_t),
              compare_numbers);
    }
}

static void missing_release(Missing *missing)
{
    vec_release(&missing->groups);
    ptr_map_release(&missing->seen);
}

static bool require_groups(Infer *c, const Missing *missing)
{
    Part *part = infer_new_part(c, c->worker);
    Infer *inner = &part->infer;
    inner->depth = c->depth + 1;
    bool okay = true;
    for (uint32_t i = 0; i < missing->groups.count && okay; i++) {
        BindingGroup *group = &c->module->groups[missing->groups.items[i]];
        if (!group->done) {
            okay = !group->begun;
            if (okay) {
                infer_group(inner, group);
            }
        }
    }
    infer_join_part(c, part);
    return okay;
}

bool infer_require(Infer *c, uint32_t index)
{
    Module *module = c->module;
    uint32_t group = module->bindings[index].group;
    if (module->groups[group].done) {
        return true;
    }
    if (c->part != NULL) {
        infer_touch(c); // its parent will see to it
        return true;
    }
    if (c->depth >= REQUIRE_DEPTH_MAX || module->groups[group].begun) {
        return false;
    }
    Missing missing = {0};
    miss(module, &missing, group);
    miss_referred(module, &missing);
    bool okay = require_groups(c, &missing);
    missing_release(&missing);
    return okay;
}

void infer_predicates(Infer *c)
{
    const Module *module = c->module;
    Missing missing = {0};
    for (uint32_t i = module->visible_count; i < module->binding_count; i++) {
        if (infer_is_predicate(c, i)) {
            miss(module, &missing, module->bindings[i].group);
        }
    }
    miss_referred(module, &missing);
    for (uint32_t i = 0; i < missing.groups.count; i++) {
        BindingGroup *group = &c->module->groups[missing.groups.items[i]];
        if (!group->done) {
            infer_group(c, group);
        }
    }
    missing_release(&missing);
}
