// Superclasses: what an assumption says beside itself. Hierarchies are graphs
// with many ways through them, so each class is looked at once.
#include "typecheck/classes_internal.h"

enum { SUPER_DEPTH = 64 };

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
                       PtrMap *seen, uint32_t depth)
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
    for (uint32_t i = 0; depth < SUPER_DEPTH && i < from->super_count; i++) {
        if (may_follow(from->supers[i].class_, class_, seen, depth + 1)) {
            return true;
        }
    }
    return false;
}

// The way from the dictionary of an assumption to what is looked for.
typedef struct SuperWalk {
    Infer *c;
    const ClassInfo *class_;
    Type **args;
    PtrMap seen; // (class, its only argument) that do not lead there
} SuperWalk;

static Evidence *through_supers(SuperWalk *walk, const ClassInfo *from,
                                Type **from_args, Evidence *dictionary,
                                uint32_t depth)
{
    Infer *c = walk->c;
    if (from == walk->class_ &&
        classes_args_equal(walk->args, from_args, from->param_count)) {
        return dictionary;
    }
    if (from->super_count > 1 && from->param_count == 1) {
        void **known = ptr_map_at(&walk->seen, (uintptr_t)from,
                                  (uintptr_t)type_resolve(from_args[0]));
        if (*known != NULL) {
            return NULL;
        }
        *known = walk;
    }
    for (uint32_t i = 0;
         depth < SUPER_DEPTH && i < from->super_count && !c->store.exceeded;
         i++) {
        const ClassUse *super = &from->supers[i];
        Type **super_args = arena_array(c->scratch, super->class_->param_count,
                                        sizeof *super_args);
        for (uint32_t a = 0; a < super->class_->param_count; a++) {
            super_args[a] = type_substitute(&c->store, super->args[a],
                                            from_args, from->param_count);
        }
        Evidence *part = classes_new_evidence(c, EVIDENCE_SUPER);
        part->index = i;
        part->args = arena_alloc(c->arena, sizeof *part->args);
        part->args[0] = dictionary;
        part->arg_count = 1;
        type_store_charge(&c->store, 1);
        Evidence *found =
            through_supers(walk, super->class_, super_args, part, depth + 1);
        if (found != NULL) {
            return found;
        }
    }
    return NULL;
}

bool classes_leads_to(const ClassInfo *from, const ClassInfo *class_)
{
    PtrMap seen = {0};
    bool found = may_follow(from, class_, &seen, 0);
    ptr_map_release(&seen);
    return found;
}

Evidence *classes_through_supers(Infer *c, const ClassInfo *class_, Type **args,
                                 const Given *given, Evidence *dictionary)
{
    SuperWalk walk = {.c = c, .class_ = class_, .args = args};
    Evidence *found =
        through_supers(&walk, given->class_, given->args, dictionary, 0);
    ptr_map_release(&walk.seen);
    return found;
}
