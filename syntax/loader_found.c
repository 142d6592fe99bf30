// The modules that were found, and by which paths.
#include <stdlib.h>
#include <string.h>

#include "syntax/loader_private.h"

// Files of a folder share its name, which is hashed once for a run of them.
static uint64_t dir_hash(const Loader *loader, Str dir)
{
    return 3 * hash_keyed(loader->hash_key, dir);
}

PathKey loader_key(const Loader *loader, Str path)
{
    Str name = paths_basename(path);
    Str dir = str_slice(path, 0, path.len - name.len);
    return (PathKey){
        .path = path,
        .hash = dir_hash(loader, dir) + hash_keyed(loader->hash_key, name),
    };
}

FolderHand *loader_enter(const Loader *loader, Str dir, const Worker *worker)
{
    LoaderWorker *own = loader_worker(loader, worker);
    FolderHand *hand = &own->folder;
    if (paths_enter(&loader->paths, hand, dir)) {
        own->dir_hash = dir_hash(loader, str_make(hand->text, hand->name));
    }
    return hand;
}

PathKey loader_asked_key(const Loader *loader, const AskedPath *asked,
                         const Worker *worker)
{
    if (!asked->is_name) {
        return loader_key(loader, asked->text);
    }
    const LoaderWorker *own = loader_worker(loader, worker);
    Str name = str_slice(asked->text, own->folder.name, asked->text.len);
    return (PathKey){
        .path = asked->text,
        .hash = own->dir_hash + hash_keyed(loader->hash_key, name),
    };
}

static const KnownPath *find(const KnownTable *table, const PathKey *key)
{
    uint32_t mask = table->capacity - 1;
    for (uint32_t at = (uint32_t)key->hash; table->capacity > 0; at++) {
        const KnownSlot *slot = &table->slots[at & mask];
        if (slot->known == NULL) {
            return NULL;
        }
        if (slot->hash == key->hash &&
            str_equal(str_make(slot->known->text, slot->known->len),
                      key->path)) {
            return slot->known;
        }
    }
    return NULL;
}

static void insert(KnownTable *table, uint64_t hash, const KnownPath *known)
{
    uint32_t at = (uint32_t)hash;
    while (table->slots[at & (table->capacity - 1)].known != NULL) {
        at++;
    }
    table->slots[at & (table->capacity - 1)] = (KnownSlot){hash, known};
    table->count++;
}

static void add(KnownTable *table, uint64_t hash, const KnownPath *known)
{
    enum { FIRST_CAPACITY = 64 };
    if (4 * table->count >= 3 * table->capacity) {
        KnownTable grown = {.capacity = table->capacity == 0
                                            ? FIRST_CAPACITY
                                            : 2 * table->capacity};
        grown.slots = mem_calloc(grown.capacity, sizeof *grown.slots);
        for (uint32_t i = 0; i < table->capacity; i++) {
            if (table->slots[i].known != NULL) {
                insert(&grown, table->slots[i].hash, table->slots[i].known);
            }
        }
        free(table->slots);
        *table = grown;
    }
    insert(table, hash, known);
}

static const KnownPath *new_known(Loader *loader, const PathKey *key,
                                  LoadedModule *loaded, const Worker *worker)
{
    KnownPath *known = arena_alloc(worker_arenas_of(&loader->memory, worker),
                                   sizeof *known + key->path.len);
    known->loaded = loaded;
    known->len = (uint32_t)key->path.len;
    known->as_asked = key->as_asked;
    memcpy(known->text, key->path.data, key->path.len);
    return known;
}

const KnownPath *loader_known(Loader *loader, const PathKey *key)
{
    mutex_lock(&loader->lock);
    const KnownPath *known = find(&loader->known, key);
    mutex_unlock(&loader->lock);
    return known;
}

void loader_make_known(Loader *loader, const PathKey *key, LoadedModule *loaded,
                       const Worker *worker)
{
    const KnownPath *fresh = new_known(loader, key, loaded, worker);
    mutex_lock(&loader->lock);
    if (find(&loader->known, key) == NULL) {
        add(&loader->known, key->hash, fresh);
    }
    mutex_unlock(&loader->lock);
}

LoadedModule *loader_new_module(Loader *loader, const Worker *worker)
{
    LoadedModule **spare = &loader_worker(loader, worker)->spare;
    if (*spare == NULL || (*spare)->is_listed) {
        *spare =
            ARENA_NEW(worker_arenas_of(&loader->memory, worker), LoadedModule);
        (*spare)->loader = loader;
        (*spare)->module =
            module_new_in(worker_arenas_of(&loader->program->trees, worker),
                          loader->program->options.timed);
    }
    return *spare;
}

void loader_list_module(Loader *loader, LoadedModule *loaded, uint64_t bytes)
{
    const Limits *limits = &loader->program->options.limits;
    loaded->is_listed = true;
    vec_push(&loader->loaded, loaded);
    uint64_t sum = load_relaxed(&loader->bytes) + bytes;
    store_relaxed(&loader->bytes, sum);
    loader->too_many |=
        loader->loaded.count - loader->std_count > limits->max_modules;
    loader->too_large |= sum > limits->max_sources_bytes;
    if (loader->too_many || loader->too_large) {
        store_relaxed(&loader->is_over_limit, true);
    }
}

LoadedModule *loader_list_known(Loader *loader, const PathKey *key,
                                LoadedModule *loaded, uint64_t bytes,
                                const Worker *worker)
{
    const KnownPath *fresh = new_known(loader, key, loaded, worker);
    mutex_lock(&loader->lock);
    const KnownPath *known = find(&loader->known, key);
    if (known == NULL) {
        known = fresh;
        loader->std_count += key->path.data[0] != '/';
        loader_list_module(loader, loaded, bytes);
        add(&loader->known, key->hash, fresh);
    }
    mutex_unlock(&loader->lock);
    return known->loaded;
}
