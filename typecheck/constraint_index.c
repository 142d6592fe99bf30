#include "typecheck/constraint_index.h"

void constraint_index_release(ConstraintIndex *index)
{
    ptr_map_release(&index->newest);
    vec_release(&index->links);
    index->newest_other = 0;
}

// The variable that a constraint is on, or NULL.
static const Type *variable_of(const ClassInfo *class_, Type *const *args)
{
    if (class_->param_count != 1) {
        return NULL;
    }
    const Type *type = type_resolve(args[0]);
    return type->kind == TYPE_VAR || type->kind == TYPE_SKOLEM ? type : NULL;
}

void constraint_index_add(ConstraintIndex *index, const ClassInfo *class_,
                          Type *const *args)
{
    const Type *variable = variable_of(class_, args);
    uint32_t number = index->links.count + 1;
    ConstraintLink link = {.variable = variable, .before = index->newest_other};
    if (variable == NULL) {
        index->newest_other = number;
    } else {
        void **newest = ptr_map_at(&index->newest, (uintptr_t)variable, 0);
        link.before = (uint32_t)(uintptr_t)*newest;
        *newest = (void *)(uintptr_t)number;
    }
    vec_push(&index->links, link);
}

void constraint_index_truncate(ConstraintIndex *index, uint32_t count)
{
    while (index->links.count > count) {
        ConstraintLink link = index->links.items[--index->links.count];
        if (link.variable == NULL) {
            index->newest_other = link.before;
        } else {
            *ptr_map_at(&index->newest, (uintptr_t)link.variable, 0) =
                (void *)(uintptr_t)link.before;
        }
    }
}

ConstraintWalk constraint_index_walk(const ConstraintIndex *index,
                                     const ClassInfo *class_, Type *const *args)
{
    ConstraintWalk walk = {.index = index};
    const Type *variable = variable_of(class_, args);
    if (variable == NULL) {
        walk.all = index->links.count;
        return walk;
    }
    walk.on_same = (uint32_t)(uintptr_t)ptr_map_find(&index->newest,
                                                     (uintptr_t)variable, 0);
    walk.on_other = index->newest_other;
    return walk;
}

bool constraint_walk_next(ConstraintWalk *walk, uint32_t *number)
{
    if (walk->all > 0) {
        *number = --walk->all;
        return true;
    }
    uint32_t *next =
        walk->on_same > walk->on_other ? &walk->on_same : &walk->on_other;
    if (*next == 0) {
        return false;
    }
    *number = *next - 1;
    *next = walk->index->links.items[*number].before;
    return true;
}
