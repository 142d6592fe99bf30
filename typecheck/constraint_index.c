#include "typecheck/constraint_index.h"

// So many are looked through.
enum { FEW = 8 };

void constraint_index_release(ConstraintIndex *index)
{
    ptr_map_release(&index->newest);
    vec_release(&index->links);
    index->newest_other = 0;
}

// The last variable among the arguments, or NULL. What classes of records find
// out may be bound while they are in use.
static const Type *last_variable(const ClassInfo *class_, Type *const *args)
{
    uint32_t i = class_->records == RECORD_CLASS_NONE ? class_->param_count : 0;
    while (i-- > 0) {
        const Type *type = type_resolve(args[i]);
        if (type->kind == TYPE_VAR || type->kind == TYPE_SKOLEM) {
            return type;
        }
    }
    return NULL;
}

// The variable that all that follows from a constraint is on, or NULL. From
// one of several arguments a superclass of any of them may follow.
static const Type *variable_of(const ClassInfo *class_, Type *const *args)
{
    return class_->param_count == 1 || class_->super_count == 0
               ? last_variable(class_, args)
               : NULL;
}

static void map_link(ConstraintIndex *index, ConstraintLink *link,
                     uint32_t number)
{
    if (link->variable == NULL) {
        link->before = index->newest_other;
        index->newest_other = number;
        return;
    }
    void **newest = ptr_map_at(&index->newest, (uintptr_t)link->variable, 0);
    link->before = (uint32_t)(uintptr_t)*newest;
    *newest = (void *)(uintptr_t)number;
}

void constraint_index_add(ConstraintIndex *index, const ClassInfo *class_,
                          Type *const *args)
{
    vec_push(&index->links, (ConstraintLink){variable_of(class_, args), 0});
    uint32_t count = index->links.count;
    if (index->mapped) {
        map_link(index, &index->links.items[count - 1], count);
    } else if (count > FEW) {
        index->mapped = true;
        for (uint32_t i = 0; i < count; i++) {
            map_link(index, &index->links.items[i], i + 1);
        }
    }
}

static void unmap_all(ConstraintIndex *index)
{
    ptr_map_clear(&index->newest);
    index->newest_other = 0;
    index->mapped = false;
}

void constraint_index_truncate(ConstraintIndex *index, uint32_t count)
{
    while (index->mapped && index->links.count > count) {
        ConstraintLink link = index->links.items[--index->links.count];
        if (link.variable == NULL) {
            index->newest_other = link.before;
        } else {
            *ptr_map_at(&index->newest, (uintptr_t)link.variable, 0) =
                (void *)(uintptr_t)link.before;
        }
    }
    index->links.count = count;
    if (count == 0 && index->mapped) {
        unmap_all(index);
    }
}

ConstraintWalk constraint_index_walk(const ConstraintIndex *index,
                                     const ClassInfo *class_, Type *const *args)
{
    ConstraintWalk walk = {.index = index,
                           .variable = last_variable(class_, args)};
    if (walk.variable == NULL || !index->mapped) {
        walk.all = index->links.count;
        return walk;
    }
    walk.on_same = (uint32_t)(uintptr_t)ptr_map_find(
        &index->newest, (uintptr_t)walk.variable, 0);
    walk.on_other = index->newest_other;
    return walk;
}

bool constraint_walk_next(ConstraintWalk *walk, uint32_t *number)
{
    while (walk->all > 0) {
        *number = --walk->all;
        const Type *on = walk->index->links.items[*number].variable;
        if (walk->variable == NULL || on == NULL || on == walk->variable) {
            return true;
        }
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
