#include "typecheck/instance_index.h"

// From so many on they are indexed.
#define MANY 8

uintptr_t instance_head_key(Type *type)
{
    type = type_resolve(type);
    switch ((TypeKind)type->kind) {
    case TYPE_CON:
        return ((uintptr_t)type->as.con.module << 32 | type->as.con.index) + 16;
    case TYPE_TUPLE:
        return 1 + ((uintptr_t)type->as.tuple.count << 8 & 0xff00);
    case TYPE_FUNCTION:
        return 2;
    case TYPE_RECORD:
        return 3;
    case TYPE_SKOLEM:
        return 4;
    case TYPE_ERROR:
    case TYPE_VAR:
    case TYPE_GENERIC:
    case TYPE_REFINED:
        break;
    }
    return 0;
}

// ---- paths

static uintptr_t mix(uintptr_t hash, uintptr_t word)
{
    hash = (hash ^ word) * HASH_MULTIPLIER;
    return hash ^ hash >> 29;
}

// What stands at a head: 0 where it may yet be several things.
static uintptr_t head_word(Type *type)
{
    if (type->kind != TYPE_RECORD) {
        return instance_head_key(type);
    }
    if (type->as.record.tail != NULL) {
        return 0;
    }
    uintptr_t word = instance_head_key(type);
    for (uint32_t i = 0; i < type->as.record.count; i++) {
        word = mix(word, type->as.record.fields[i].name);
    }
    return word;
}

static bool add_heads(InstancePath *path, Type *type);

static bool add_all(InstancePath *path, Type *const *types, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!add_heads(path, types[i])) {
            return false;
        }
    }
    return true;
}

// Whether the path goes on. Each call makes it longer, which bounds the
// recursion.
static bool add_heads(InstancePath *path, Type *type)
{
    type = type_resolve(type);
    uintptr_t word = head_word(type);
    if (word == 0 || path->count == INSTANCE_PATH_MAX) {
        return false;
    }
    uintptr_t before = path->count > 0 ? path->hashes[path->count - 1] : 0;
    path->hashes[path->count++] = mix(before, word);
    switch ((TypeKind)type->kind) {
    case TYPE_CON:
        return add_all(path, type->as.con.args, type->as.con.count);
    case TYPE_TUPLE:
        return add_all(path, type->as.tuple.items, type->as.tuple.count);
    case TYPE_FUNCTION:
        return add_heads(path, type->as.function.param) &&
               add_heads(path, type->as.function.result);
    case TYPE_RECORD:
        for (uint32_t i = 0; i < type->as.record.count; i++) {
            if (!add_heads(path, type->as.record.fields[i].type)) {
                return false;
            }
        }
        break;
    case TYPE_SKOLEM:
    case TYPE_ERROR:
    case TYPE_VAR:
    case TYPE_GENERIC:
    case TYPE_REFINED:
        break;
    }
    return true;
}

static void find_path(const ClassInfo *class_, Type *const *args,
                      InstancePath *out_path)
{
    out_path->count = 0;
    out_path->is_whole = add_all(out_path, args, class_->param_count);
}

// ---- the index

static void add_link(const InstanceLink **chain, Arena *arena,
                     const SeenInstance *entry)
{
    InstanceLink *link = ARENA_NEW(arena, InstanceLink);
    *link = (InstanceLink){entry, *chain};
    *chain = link;
}

static void add_path(InstanceSet *layer, Arena *arena,
                     const SeenInstance *entry)
{
    const ClassInfo *class_ = entry->info->class_;
    InstancePath path;
    find_path(class_, entry->info->args, &path);
    for (uint32_t i = 0; i < path.count; i++) {
        void **at =
            ptr_map_at(&layer->by_path, (uintptr_t)class_, path.hashes[i]);
        if (*at == NULL) {
            *at = arena_zalloc(arena, sizeof(InstanceNode));
        }
        InstanceNode *node = *at;
        add_link(&node->through, arena, entry);
        if (i + 1 == path.count) {
            add_link(&node->ending, arena, entry);
        }
    }
}

void instance_index_add(InstanceSet *layer, Arena *arena,
                        const SeenInstance *entry)
{
    if (entry->rank < MANY) {
        return;
    }
    bool is_first = entry->rank == MANY;
    do { // the first takes along those before it
        add_path(layer, arena, entry);
        entry = entry->same_head;
    } while (is_first && entry != NULL);
}

void instance_search_begin(InstanceSearch *search, const InstanceSet *layer,
                           const ClassInfo *class_, uintptr_t key,
                           Type *const *args)
{
    search->entry = instances_by_head(layer, class_, key);
    search->link = NULL;
    search->depth = search->path.count = 0;
    if (key != 0 && search->entry != NULL && search->entry->rank >= MANY) {
        search->entry = NULL;
        search->layer = layer;
        search->class_ = (uintptr_t)class_;
        find_path(class_, args, &search->path);
    }
}

const SeenInstance *instance_search_next(InstanceSearch *search)
{
    const SeenInstance *entry = search->entry;
    if (entry != NULL) {
        search->entry = entry->same_head;
        return entry;
    }
    const InstancePath *path = &search->path;
    while (search->link == NULL && search->depth < path->count) {
        const InstanceNode *node =
            ptr_map_find(&search->layer->by_path, search->class_,
                         path->hashes[search->depth++]);
        if (node != NULL) {
            bool is_last = search->depth == path->count && !path->is_whole;
            search->link = is_last ? node->through : node->ending;
        }
    }
    if (search->link != NULL) {
        entry = search->link->entry;
        search->link = search->link->next;
    }
    return entry;
}
