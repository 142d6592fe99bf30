// Superclasses: what an assumption says beside itself. Hierarchies are graphs
// with many ways through them, so each class is looked at once.
#include "typecheck/classes_internal.h"

bool classes_args_equal(Type *const *a, Type *const *b, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!types_equal(a[i], b[i])) {
            return false;
        }
    }
    return true;
}

// Whether superclasses lead from one class to the other. `seen`: classes from
// which they do not, so that each is looked at once however many ways lead to
// it.
static bool may_follow(const ClassInfo *from, const ClassInfo *class_,
                       PtrMap *seen)
{
    if (from == class_) {
        return true;
    }
    if (from->super_count > 1) {
        void **known = ptr_map_at(seen, (uintptr_t)from, (uintptr_t)class_);
        if (*known != NULL) {
            return false;
        }
        *known = seen;
    }
    for (uint32_t i = 0; i < from->super_count; i++) {
        const ClassInfo *super = from->supers[i].class_;
        if (super == class_ ||
            (super->super_count > 0 && may_follow(super, class_, seen))) {
            return true;
        }
    }
    return false;
}

// The arguments of a class that superclasses have led to.
typedef struct SeenArgs {
    Type **args;
    struct SeenArgs *next; // of the same class and first argument
} SeenArgs;

// The way from a constraint to what is looked for among its superclasses.
typedef struct SuperWalk {
    Infer *c;
    const ClassInfo *class_;
    Type **args;
    PtrMap seen; // (class, first argument) -> SeenArgs: no way from there
    VEC(uint32_t) path; // the superclasses on the way, the last one first
} SuperWalk;

static bool was_seen(SuperWalk *walk, const ClassInfo *from, Type **from_args)
{
    const Type *first =
        from->param_count > 0 ? type_resolve(from_args[0]) : NULL;
    void **known = ptr_map_at(&walk->seen, (uintptr_t)from, (uintptr_t)first);
    for (const SeenArgs *seen = *known; seen != NULL; seen = seen->next) {
        if (classes_args_equal(seen->args, from_args, from->param_count)) {
            return true;
        }
    }
    SeenArgs *seen = arena_alloc(walk->c->scratch, sizeof *seen);
    *seen = (SeenArgs){.args = from_args, .next = *known};
    *known = seen;
    return false;
}

static bool walk_supers(SuperWalk *walk, const ClassInfo *from,
                        Type **from_args)
{
    Infer *c = walk->c;
    if (from == walk->class_ &&
        classes_args_equal(walk->args, from_args, from->param_count)) {
        return true;
    }
    if (from->super_count > 1 && was_seen(walk, from, from_args)) {
        return false;
    }
    for (uint32_t i = 0; i < from->super_count && !c->store.exceeded; i++) {
        const ClassUse *super = &from->supers[i];
        if (super->class_ != walk->class_ && super->class_->super_count == 0) {
            continue; // most lead no further, and a class may have very many
        }
        uint32_t count = super->class_->param_count;
        Type **super_args = arena_array(c->scratch, count, sizeof *super_args);
        for (uint32_t a = 0; a < count; a++) {
            super_args[a] = type_substitute(&c->store, super->args[a],
                                            from_args, from->param_count);
        }
        type_store_charge(&c->store, 1);
        if (walk_supers(walk, super->class_, super_args)) {
            vec_push(&walk->path, i);
            return true;
        }
    }
    return false;
}

bool classes_leads_to(const ClassInfo *from, const ClassInfo *class_)
{
    PtrMap seen = {0};
    bool found = may_follow(from, class_, &seen);
    ptr_map_release(&seen);
    return found;
}

bool infer_same_constraint(const Wanted *a, const Wanted *b)
{
    if (a->class_ != b->class_) {
        return false;
    }
    // What the others decide stands last, and is often a variable.
    for (uint32_t i = a->class_->param_count; i-- > 0;) {
        if (!types_equal(a->args[i], b->args[i])) {
            return false;
        }
    }
    return true;
}

bool infer_follows(Infer *c, const Wanted *wanted, const Wanted *from)
{
    if (from->class_->super_count == 0 ||
        !classes_leads_to(from->class_, wanted->class_)) {
        return false;
    }
    SuperWalk walk = {.c = c, .class_ = wanted->class_, .args = wanted->args};
    bool found = walk_supers(&walk, from->class_, from->args);
    ptr_map_release(&walk.seen);
    vec_release(&walk.path);
    return found;
}

Evidence *classes_through_supers(Infer *c, const ClassInfo *class_, Type **args,
                                 const Given *given, Evidence *dictionary)
{
    SuperWalk walk = {.c = c, .class_ = class_, .args = args};
    bool found = walk_supers(&walk, given->class_, given->args);
    for (uint32_t i = walk.path.count; i-- > 0;) {
        Evidence *part = classes_new_evidence(c, EVIDENCE_SUPER);
        part->index = walk.path.items[i];
        part->args = arena_alloc(c->arena, sizeof *part->args);
        part->args[0] = dictionary;
        part->arg_count = 1;
        dictionary = part;
    }
    ptr_map_release(&walk.seen);
    vec_release(&walk.path);
    return found ? dictionary : NULL;
}
