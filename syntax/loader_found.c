// The modules that were found, and by which paths.
#include <stdlib.h>
#include <string.h>

#include "syntax/loader_internal.h"

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

// ---- the table

static KnownTable *new_table(uint32_t capacity, KnownTable *older)
{
    KnownTable *table =
        mem_calloc(1, sizeof *table + capacity * sizeof(KnownSlot));
    table->capacity = capacity;
    table->older = older;
    return table;
}

void loader_init_known(Loader *loader)
{
    enum { FIRST_CAPACITY = 64 };
    atomic_init(&loader->known, new_table(FIRST_CAPACITY, NULL));
}

void loader_release_known(Loader *loader)
{
    KnownTable *table = load_relaxed(&loader->known);
    while (table != NULL) {
        KnownTable *older = table->older;
        free(table);
        table = older;
    }
}

static const KnownPath *find(Loader *loader, const PathKey *key)
{
    // Acquire: pairs with grow() and insert().
    KnownTable *table = load_acquire(&loader->known);
    for (uint32_t at = (uint32_t)key->hash;; at++) {
        KnownSlot *slot = &table->slots[at & (table->capacity - 1)];
        const KnownPath *known = load_acquire(&slot->known);
        if (known == NULL) {
            return NULL;
        }
        if (slot->hash == key->hash &&
            str_equal(str_make(known->text, known->len), key->path)) {
            return known;
        }
    }
}

static void insert(KnownTable *table, uint64_t hash, const KnownPath *known)
{
    uint32_t at = (uint32_t)hash;
    while (load_relaxed(&table->slots[at & (table->capacity - 1)].known) !=
           NULL) {
        at++;
    }
    KnownSlot *slot = &table->slots[at & (table->capacity - 1)];
    slot->hash = hash;
    store_release(&slot->known, known);
    table->count++;
}

static KnownTable *grow(Loader *loader, KnownTable *table)
{
    KnownTable *grown = new_table(2 * table->capacity, table);
    for (uint32_t i = 0; i < table->capacity; i++) {
        const KnownPath *known = load_relaxed(&table->slots[i].known);
        if (known != NULL) {
            insert(grown, table->slots[i].hash, known);
        }
    }
    store_release(&loader->known, grown);
    return grown;
}

static void add(Loader *loader, uint64_t hash, const KnownPath *known)
    REQUIRES(loader->lock)
{
    KnownTable *table = load_relaxed(&loader->known);
    if (4 * table->count >= 3 * table->capacity) {
        table = grow(loader, table);
    }
    insert(table, hash, known);
}

// ---- paths

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
    return find(loader, key);
}

void loader_make_known(Loader *loader, const PathKey *key, LoadedModule *loaded,
                       const Worker *worker)
{
    const KnownPath *fresh = new_known(loader, key, loaded, worker);
    mutex_lock(&loader->lock);
    if (find(loader, key) == NULL) {
        add(loader, key->hash, fresh);
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
        loader->loaded.count - loader->std_count > limits->max_modules ||
        loader->loaded.count >= MODULE_NONE;
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
    const KnownPath *known = find(loader, key);
    if (known == NULL) {
        known = fresh;
        loader->std_count += key->path.data[0] != '/';
        loader_list_module(loader, loaded, bytes);
        add(loader, key->hash, fresh);
    }
    mutex_unlock(&loader->lock);
    return known->loaded;
}
