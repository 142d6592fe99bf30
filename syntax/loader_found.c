// The modules that were found, and by which files.
#include <stdlib.h>

#include "syntax/loader_private.h"

void loader_table_add(LoaderTable *table, uint64_t hash, void *item)
{
    enum { FIRST_CAPACITY = 64 };
    if (4 * table->count >= 3 * table->capacity) {
        LoaderTable grown = {.capacity = table->capacity == 0
                                             ? FIRST_CAPACITY
                                             : 2 * table->capacity};
        grown.slots = mem_calloc(grown.capacity, sizeof *grown.slots);
        for (uint32_t i = 0; i < table->capacity; i++) {
            if (table->slots[i].item != NULL) {
                loader_table_add(&grown, table->slots[i].hash,
                                 table->slots[i].item);
            }
        }
        free(table->slots);
        *table = grown;
    }
    uint32_t mask = table->capacity - 1;
    uint32_t at = (uint32_t)hash & mask;
    while (table->slots[at].item != NULL) {
        at = (at + 1) & mask;
    }
    table->slots[at] = (LoaderSlot){hash, item};
    table->count++;
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

LoadedModule *loader_find_file(Loader *loader, const OpenedFile *file,
                               const Worker *worker, bool *out_is_new)
{
    LoadedModule *fresh = loader_new_module(loader, worker);
    FileKey key = {file->device, file->inode};
    uint64_t hash =
        hash_keyed(loader->hash_key, str_make((const char *)&key, sizeof key));
    LoadedModule *found;
    uint32_t at = 0;
    mutex_lock(&loader->lock);
    do {
        found = loader_table_next(&loader->by_file, hash, &at);
    } while (found != NULL && (found->key.device != key.device ||
                               found->key.inode != key.inode));
    *out_is_new = found == NULL;
    if (found == NULL) {
        bool fits = file->size <= loader_max_source(loader);
        found = fresh;
        found->key = key;
        loader_list_module(loader, found, fits ? file->size : 0);
        loader_table_add(&loader->by_file, hash, found);
    }
    mutex_unlock(&loader->lock);
    return found;
}
