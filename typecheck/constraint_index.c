#include "typecheck/constraint_index.h"

#include "typecheck/type_share.h"

// So many are looked through.
enum { FEW = 8 };

void constraint_index_release(ConstraintIndex *index)
{
    ptr_map_release(&index->newest);
    vec_release(&index->links);
    index->newest_other = 0;
    index->with_supers = 0;
}

// ---- keys

// The last variable among the arguments, or 0.
static uintptr_t last_variable(const ClassInfo *class_, Type *const *args)
{
    uint32_t i = class_->param_count;
    while (i-- > 0) {
        const Type *type = type_resolve(args[i]);
        if (type->kind == TYPE_VAR || type->kind == TYPE_SKOLEM) {
            return (uintptr_t)type;
        }
    }
    return 0;
}

// Of the argument with a number; where it is no closed record, no fields.
static ConstraintKey record_key(const ClassInfo *class_, Type *arg,
                                uint32_t number)
{
    ConstraintKey key = {.of = (uintptr_t)class_};
    const Type *type = type_resolve(arg);
    uint64_t names = 0; // in any order
    while (type->kind == TYPE_RECORD) {
        for (uint32_t f = 0; f < type->as.record.count; f++) {
            names +=
                type_share_mix(TYPE_RECORD, type->as.record.fields[f].name);
        }
        if (type->as.record.tail == NULL) {
            key.and_ = (uintptr_t)(names << 3 | number << 1 | 1);
            break;
        }
        type = type_resolve(type->as.record.tail);
    }
    return key;
}

// The keys by which constraints on the same records may be known: that of each
// argument that is closed, and the one without fields, first.
static uint32_t record_keys(const ClassInfo *class_, Type *const *args,
                            ConstraintKey keys[CONSTRAINT_CHAINS])
{
    uint32_t inputs = record_class_inputs(class_->records);
    uint32_t count = 1;
    keys[0] = (ConstraintKey){.of = (uintptr_t)class_};
    for (uint32_t a = 0; a < class_->param_count; a++) {
        if ((inputs >> a & 1) != 0) {
            keys[count] = record_key(class_, args[a], a);
            count += keys[count].and_ != 0;
        }
    }
    return count;
}

static uintptr_t class_word(const ClassInfo *class_)
{
    return (uintptr_t)type_share_mix(0, (uintptr_t)class_) | 1;
}

// Of the class, and of what its arguments are at the first level; of the class
// alone where one of them beside `variable` may yet become something.
static uintptr_t args_word(const ClassInfo *class_, Type *const *args,
                           uintptr_t variable)
{
    uintptr_t alone = class_word(class_);
    uint64_t word = alone;
    for (uint32_t i = 0; i < class_->param_count; i++) {
        const Type *type = type_resolve(args[i]);
        if (type->kind == TYPE_CON) {
            word = type_share_mix(
                word, type_share_con(type->as.con.module, type->as.con.index));
        } else if (type->kind == TYPE_VAR && (uintptr_t)type != variable) {
            return alone;
        }
    }
    return (uintptr_t)word | 1;
}

// The keys by which constraints that one of an ordinary class on `variable` may
// be or follow from are known: these, and none.
static uint32_t class_keys(const ClassInfo *class_, Type *const *args,
                           uintptr_t variable,
                           ConstraintKey keys[CONSTRAINT_CHAINS])
{
    keys[0] = (ConstraintKey){.of = variable};
    keys[1] = (ConstraintKey){variable, class_word(class_)};
    keys[2] = (ConstraintKey){variable, args_word(class_, args, variable)};
    return keys[2].and_ == keys[1].and_ ? 2 : 3;
}

static ConstraintKey key_of(const ClassInfo *class_, Type *const *args)
{
    ConstraintKey keys[CONSTRAINT_CHAINS];
    if (class_->records != RECORD_CLASS_NONE) {
        return record_keys(class_, args, keys) > 1 ? keys[1] : keys[0];
    }
    uintptr_t variable = last_variable(class_, args);
    if (class_->super_count == 0 && variable != 0) {
        return keys[class_keys(class_, args, variable, keys) - 1];
    }
    // From one of several arguments a superclass of any of them may follow.
    return (ConstraintKey){.of = class_->param_count == 1 ? variable : 0};
}

// ---- the index

static void map_link(ConstraintIndex *index, ConstraintLink *link,
                     uint32_t number)
{
    if (link->key.of == 0) {
        link->before = index->newest_other;
        index->newest_other = number;
        return;
    }
    void **newest = ptr_map_at(&index->newest, link->key.of, link->key.and_);
    link->before = (uint32_t)(uintptr_t)*newest;
    *newest = (void *)(uintptr_t)number;
}

void constraint_index_add(ConstraintIndex *index, const ClassInfo *class_,
                          Type *const *args)
{
    bool has_supers = class_->super_count > 0;
    index->with_supers += has_supers;
    vec_push(&index->links,
             (ConstraintLink){key_of(class_, args), 0, has_supers});
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

static void unmap_last(ConstraintIndex *index)
{
    const ConstraintLink *link = &vec_last(&index->links);
    if (link->key.of == 0) {
        index->newest_other = link->before;
    } else {
        *ptr_map_at(&index->newest, link->key.of, link->key.and_) =
            (void *)(uintptr_t)link->before;
    }
}

void constraint_index_truncate(ConstraintIndex *index, uint32_t count)
{
    while (index->links.count > count) {
        if (index->mapped) {
            unmap_last(index);
        }
        index->with_supers -= vec_last(&index->links).has_supers;
        index->links.count--;
    }
    if (count == 0 && index->mapped) {
        ptr_map_clear(&index->newest);
        index->mapped = false;
    }
}

// ---- walks

static uint32_t newest_of(const ConstraintIndex *index, ConstraintKey key)
{
    return (uint32_t)(uintptr_t)ptr_map_find(&index->newest, key.of, key.and_);
}

ConstraintWalk constraint_index_walk(const ConstraintIndex *index,
                                     const ClassInfo *class_, Type *const *args)
{
    bool is_record = class_->records != RECORD_CLASS_NONE;
    ConstraintWalk walk = {.index = index};
    if (!is_record) {
        walk.variable = last_variable(class_, args);
    }
    bool any = is_record ? index->with_supers > 0 : walk.variable == 0;
    if (any || !index->mapped) {
        walk.all = index->links.count;
        return walk;
    }
    ConstraintKey keys[CONSTRAINT_CHAINS];
    uint32_t count = is_record ? record_keys(class_, args, keys)
                               : class_keys(class_, args, walk.variable, keys);
    for (uint32_t i = 0; i < count; i++) {
        walk.next[i] = newest_of(index, keys[i]);
    }
    if (!is_record) {
        walk.next[count] = index->newest_other;
    }
    return walk;
}

bool constraint_walk_next(ConstraintWalk *walk, uint32_t *number)
{
    while (walk->all > 0) {
        *number = --walk->all;
        uintptr_t on = walk->index->links.items[*number].key.of;
        if (walk->variable == 0 || on == 0 || on == walk->variable) {
            return true;
        }
    }
    uint32_t *next = &walk->next[0];
    for (uint32_t i = 1; i < CONSTRAINT_CHAINS; i++) {
        next = walk->next[i] > *next ? &walk->next[i] : next;
    }
    if (*next == 0) {
        return false;
    }
    *number = *next - 1;
    *next = walk->index->links.items[*number].before;
    return true;
}
