#include "cli/module_pack.h"

#include <stdlib.h>

#include "concurrent/thread.h"
#include "support/arena.h"
#include "support/pack.h"
#include "support/vec.h"

typedef struct PackRecord {
    Hash256 key;
    uint32_t age; // runs without a use
    Str payload;
} PackRecord;

typedef VEC(PackRecord) RecordVec;

struct ModulePack {
    CacheFolder *folder;
    StrBuf key;
    StrBuf text;     // of the records that were read
    RecordVec known; // sorted by key; immutable once opened, but for `age`
    Mutex lock;      // of what follows, and of the ages
    Arena arena;
    RecordVec found; // by this run
    ModulePackStats stats;
};

static int compare_records(const void *left, const void *right)
{
    return memcmp(left, right, sizeof(Hash256)); // the key comes first
}

static void parse(ModulePack *pack)
{
    PackReader reader = pack_reader(strbuf_str(&pack->text));
    for (uint32_t n = unpack_count(&reader); n > 0 && !reader.failed; n--) {
        PackRecord record = {.key = unpack_hash(&reader)};
        record.age = (uint32_t)unpack_up_to(&reader, MODULE_PACK_AGES) + 1;
        record.payload = unpack_text(&reader);
        vec_push(&pack->known, record);
    }
    if (!pack_ended(&reader)) {
        vec_clear(&pack->known);
    }
    if (pack->known.count > 1) { // as they were written; nobody promised it
        qsort(pack->known.items, pack->known.count, sizeof(PackRecord),
              compare_records);
    }
    pack->stats.entries = pack->known.count;
    pack->stats.bytes = pack->text.len;
}

ModulePack *module_pack_open(CacheFolder *folder, Str key)
{
    ModulePack *pack = mem_calloc(1, sizeof *pack);
    pack->folder = folder;
    strbuf_append(&pack->key, key);
    mutex_init(&pack->lock, LOCK_CLIENT);
    arena_init(&pack->arena);
    if (cache_folder_read(folder, CACHE_MODULES, key, &pack->text)) {
        parse(pack);
    }
    return pack;
}

void module_pack_close(ModulePack *pack)
{
    if (pack == NULL) {
        return;
    }
    vec_release(&pack->known);
    vec_release(&pack->found);
    arena_release(&pack->arena);
    mutex_release(&pack->lock);
    strbuf_release(&pack->key);
    strbuf_release(&pack->text);
    free(pack);
}

bool module_pack_find(ModulePack *pack, const Hash256 *key, Str *out_payload)
{
    PackRecord wanted = {.key = *key};
    PackRecord *record = NULL;
    if (pack->known.count > 0) {
        record = bsearch(&wanted, pack->known.items, pack->known.count,
                         sizeof wanted, compare_records);
    }
    mutex_lock(&pack->lock);
    if (record != NULL) {
        pack->stats.hits++;
        record->age = 0;
    } else {
        pack->stats.misses++;
    }
    mutex_unlock(&pack->lock);
    if (record != NULL) {
        *out_payload = record->payload;
    }
    return record != NULL;
}

void module_pack_keep(ModulePack *pack, const Hash256 *key, Str payload)
{
    mutex_lock(&pack->lock);
    vec_push(&pack->found,
             (PackRecord){*key, 0, arena_str(&pack->arena, payload)});
    mutex_unlock(&pack->lock);
}

ModulePackStats module_pack_stats(const ModulePack *pack)
{
    return pack != NULL ? pack->stats : (ModulePackStats){0};
}

// ---- writing

static int compare_ages(const void *left, const void *right)
{
    const PackRecord *a = left;
    const PackRecord *b = right;
    return a->age != b->age ? (a->age < b->age ? -1 : 1)
                            : compare_records(left, right);
}

// What is new, then what was used, then the rest, as far as there is room.
static void append_records(const RecordVec *records, uint64_t max_bytes,
                           StrBuf *out)
{
    enum { HEAD_MAX = sizeof(Hash256) + 12 };
    StrBuf body = {0};
    uint32_t count = 0;
    for (uint32_t i = 0; i < records->count; i++) {
        const PackRecord *record = &records->items[i];
        bool again = i > 0 && memcmp(&record->key, &records->items[i - 1].key,
                                     sizeof record->key) == 0;
        if (again || record->age > MODULE_PACK_AGES ||
            body.len + record->payload.len + HEAD_MAX > max_bytes) {
            continue;
        }
        pack_hash(&body, &record->key);
        pack_number(&body, record->age);
        pack_text(&body, record->payload);
        count++;
    }
    pack_number(out, count);
    strbuf_append(out, strbuf_str(&body));
    strbuf_release(&body);
}

void module_pack_write(ModulePack *pack)
{
    if (pack == NULL || pack->found.count == 0) {
        return;
    }
    RecordVec all = {0};
    for (uint32_t i = 0; i < pack->found.count; i++) {
        vec_push(&all, pack->found.items[i]);
    }
    for (uint32_t i = 0; i < pack->known.count; i++) {
        vec_push(&all, pack->known.items[i]);
    }
    qsort(all.items, all.count, sizeof *all.items, compare_ages);
    StrBuf text = {0};
    append_records(&all, pack->folder->max_bytes / 4, &text);
    if (cache_folder_write(pack->folder, CACHE_MODULES, strbuf_str(&pack->key),
                           strbuf_str(&text))) {
        pack->stats.entries = all.count;
        pack->stats.bytes = text.len;
    }
    vec_release(&all);
    strbuf_release(&text);
}
