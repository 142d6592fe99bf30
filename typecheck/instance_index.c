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
    uintptr_t before =
        path->count > 0 ? path->hashes[path->count - 1] : path->root;
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

// The path that begins with the argument `start`.
static void find_path(const ClassInfo *class_, Type *const *args,
                      uint32_t start, InstancePath *out_path)
{
    out_path->root = mix(UINTPTR_MAX, start);
    out_path->count = 0;
    out_path->is_whole =
        add_all(out_path, args + start, class_->param_count - start) &&
        add_all(out_path, args, start);
}

// ---- the index

static const InstanceLink *add_link(const InstanceLink *chain, Arena *arena,
                                    const SeenInstance *entry)
{
    InstanceLink *link = ARENA_NEW(arena, InstanceLink);
    *link = (InstanceLink){entry, chain, 1};
    link->count += chain != NULL ? chain->count : 0;
    return link;
}

static InstanceNode *node_at(InstanceSet *layer, Arena *arena,
                             const ClassInfo *class_, uintptr_t hash)
{
    void **at = ptr_map_at(&layer->by_path, (uintptr_t)class_, hash);
    if (*at == NULL) {
        *at = arena_zalloc(arena, sizeof(InstanceNode));
    }
    return *at;
}

static void add_path(InstanceSet *layer, Arena *arena,
                     const SeenInstance *entry, uint32_t start)
{
    const ClassInfo *class_ = entry->info->class_;
    InstancePath path;
    find_path(class_, entry->info->args, start, &path);
    InstanceNode *node = NULL;
    for (uint32_t i = 0; i < path.count; i++) {
        node = node_at(layer, arena, class_, path.hashes[i]);
        node->through = add_link(node->through, arena, entry);
    }
    if (node == NULL) {
        node = node_at(layer, arena, class_, path.root);
    }
    node->ending = add_link(node->ending, arena, entry);
}

void instance_index_add(InstanceSet *layer, Arena *arena,
                        const SeenInstance *entry)
{
    // The first of many takes along those before it.
    const SeenInstance *added = entry;
    bool has_head = instance_head_key(entry->info->args[0]) != 0;
    while (has_head && entry->rank >= MANY && added != NULL) {
        add_path(layer, arena, added, 0);
        added = entry->rank == MANY ? added->same_head : NULL;
    }
    added = entry;
    while (entry->class_rank >= MANY && added != NULL) {
        for (uint32_t i = 1; i < entry->info->class_->param_count; i++) {
            add_path(layer, arena, added, i);
        }
        added = entry->class_rank == MANY ? added->of_class : NULL;
    }
}

// ---- searches

static const InstanceNode *find_node(const InstanceSearch *search,
                                     uintptr_t hash)
{
    static const InstanceNode NONE = {0};
    const InstanceNode *node =
        ptr_map_find(&search->layer->by_path, search->class_, hash);
    return node != NULL ? node : &NONE;
}

// What is found at a node of the path; NULL: nothing.
static const InstanceLink *path_links(const InstanceSearch *search,
                                      const InstancePath *path, uint32_t depth)
{
    const InstanceNode *node = find_node(search, path->hashes[depth]);
    bool is_last = depth + 1 == path->count && !path->is_whole;
    return is_last ? node->through : node->ending;
}

static uint32_t link_count(const InstanceLink *link)
{
    return link != NULL ? link->count : 0;
}

static uint32_t path_count(const InstanceSearch *search,
                           const InstancePath *path)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < path->count; i++) {
        count += link_count(path_links(search, path, i));
    }
    return count;
}

// Goes along the path of another argument than the first where that leads to
// fewer than `count`.
static void use_other_paths(InstanceSearch *search, const ClassInfo *class_,
                            Type *const *args, uint32_t count)
{
    for (uint32_t i = 1; i < class_->param_count; i++) {
        InstancePath path;
        find_path(class_, args, i, &path);
        const InstanceLink *root = find_node(search, path.root)->ending;
        uint32_t found = link_count(root) + path_count(search, &path);
        if (path.count > 0 && found < count) {
            count = found;
            search->entry = search->others = NULL;
            search->link = root;
            search->path = path;
        }
    }
}

void instance_search_begin(InstanceSearch *search, const InstanceSet *layer,
                           const ClassInfo *class_, Type *const *args)
{
    uintptr_t key = instance_head_key(args[0]);
    search->layer = layer;
    search->class_ = (uintptr_t)class_;
    search->link = NULL;
    search->depth = search->path.count = 0;
    search->all = key == 0;
    search->entry = key != 0 ? instances_by_head(layer, class_, key)
                             : instances_by_class(layer, class_);
    search->others = key != 0 ? instances_by_head(layer, class_, 0) : NULL;
    uint32_t count = 0;
    if (search->entry != NULL) {
        count = key != 0 ? search->entry->rank : search->entry->class_rank;
    }
    if (key != 0 && count >= MANY) {
        search->entry = NULL;
        find_path(class_, args, 0, &search->path);
        count = path_count(search, &search->path);
    }
    count += search->others != NULL ? search->others->rank : 0;
    if (count >= MANY) {
        use_other_paths(search, class_, args, count);
    }
}

static const SeenInstance *next_entry(InstanceSearch *search)
{
    const SeenInstance *entry = search->entry;
    if (entry == NULL) {
        entry = search->others;
        search->others = NULL;
    }
    if (entry != NULL) {
        search->entry = search->all ? entry->of_class : entry->same_head;
    }
    return entry;
}

const SeenInstance *instance_search_next(InstanceSearch *search)
{
    while (search->link == NULL && search->depth < search->path.count) {
        search->link = path_links(search, &search->path, search->depth++);
    }
    if (search->link == NULL) {
        return next_entry(search);
    }
    const SeenInstance *entry = search->link->entry;
    search->link = search->link->next;
    return entry;
}
