// A sealed LMDB file. Readers hold a shared lock while they copy it, writers
// an exclusive one; nobody waits for a lock.
#include "cli/disk_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/version.h"
#include "concurrent/thread.h"
#include "support/arena.h"
#include "support/vec.h"

// Raised whenever keys or records change.
#define DISK_CACHE_FORMAT "ligature disk cache 1 " LIGATURE_VERSION

enum { CHECK_SIZE = 8, SEAL_TAG = 's', KEY_TAG = 'k', CHECK_TAG = 'v' };

typedef struct Record {
    Hash256 key;
    Hash256 interface_hash;
} Record;

typedef struct StoredValue {
    Hash256 interface_hash;
    uint8_t check[CHECK_SIZE]; // of key and interface
} StoredValue;

typedef VEC(Record) RecordVec;

struct DiskCache {
    VerdictStore store;
    int fd; // -1: not used
    uint64_t max_bytes;
    Hash256 build;   // of this program
    RecordVec known; // sorted by key; immutable once opened
    Mutex lock;      // of what follows
    RecordVec used;  // of `known`
    RecordVec found; // by this run
    DiskCacheStats stats;
};

// ---- records

static int compare_records(const void *left, const void *right)
{
    return memcmp(left, right, sizeof(Hash256)); // the key comes first
}

static StoredValue stored_value(const Record *record)
{
    StoredValue value = {.interface_hash = record->interface_hash};
    Str bytes = str_make((const char *)record, sizeof *record);
    Hash256 check = hash256(CHECK_TAG, bytes);
    memcpy(value.check, check.bytes, sizeof value.check);
    return value;
}

// The checker knows nothing of builds.
static Hash256 full_key(const DiskCache *cache, const Hash256 *key)
{
    Hash256 both[2] = {cache->build, *key};
    return hash256(KEY_TAG, str_make((const char *)both, sizeof both));
}

static bool find_verdict(void *ctx, const Hash256 *key, Hash256 *out_interface)
{
    DiskCache *cache = ctx;
    Record wanted = {.key = full_key(cache, key)};
    const Record *record = NULL;
    if (cache->known.count > 0) {
        record = bsearch(&wanted, cache->known.items, cache->known.count,
                         sizeof wanted, compare_records);
    }
    mutex_lock(&cache->lock);
    if (record != NULL) {
        cache->stats.hits++;
        vec_push(&cache->used, *record);
    } else {
        cache->stats.misses++;
    }
    mutex_unlock(&cache->lock);
    if (record != NULL) {
        *out_interface = record->interface_hash;
    }
    return record != NULL;
}

static void keep_verdict(void *ctx, const Hash256 *key,
                         const Hash256 *interface_hash)
{
    DiskCache *cache = ctx;
    Record record = {full_key(cache, key), *interface_hash};
    mutex_lock(&cache->lock);
    vec_push(&cache->found, record);
    mutex_unlock(&cache->lock);
}

// ---- the file

// The whole file, up to `max` bytes; false for a longer one or an error.
static bool read_all(int fd, uint64_t max, StrBuf *out)
{
    char chunk[1 << 16];
    out->len = 0;
    for (;;) {
        ssize_t got = pread(fd, chunk, sizeof chunk, (off_t)out->len);
        if (got == 0) {
            return true;
        }
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0 || out->len + (uint64_t)got > max) {
            return false;
        }
        strbuf_append(out, str_make(chunk, (size_t)got));
    }
}

static bool is_sealed(const DiskCache *cache)
{
    StrBuf text = {0};
    bool sealed = false;
    if (read_all(cache->fd, cache->max_bytes + sizeof(Hash256), &text) &&
        text.len > sizeof(Hash256)) {
        size_t len = text.len - sizeof(Hash256);
        Hash256 seal = hash256(SEAL_TAG, str_make(text.data, len));
        sealed = memcmp(text.data + len, &seal, sizeof seal) == 0;
    }
    strbuf_release(&text);
    return sealed;
}

// By descriptor, so that the path is followed once.
static MDB_env *open_env(const DiskCache *cache, unsigned flags)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", cache->fd);
    MDB_env *env;
    if (mdb_env_create(&env) != 0) {
        return NULL;
    }
    if (mdb_env_set_mapsize(env, cache->max_bytes) != 0 ||
        mdb_env_open(env, path, MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC | flags,
                     0600) != 0) {
        mdb_env_close(env);
        return NULL;
    }
    return env;
}

static void take_entry(MDB_val key, MDB_val value, RecordVec *out)
{
    Record record;
    StoredValue stored;
    if (key.mv_size != sizeof record.key || value.mv_size != sizeof stored) {
        return;
    }
    memcpy(&record.key, key.mv_data, sizeof record.key);
    memcpy(&stored, value.mv_data, sizeof stored);
    record.interface_hash = stored.interface_hash;
    StoredValue expected = stored_value(&record);
    if (memcmp(&expected, &stored, sizeof stored) == 0) {
        vec_push(out, record);
    }
}

static void read_entries(MDB_env *env, RecordVec *out)
{
    MDB_txn *txn;
    if (mdb_txn_begin(env, NULL, MDB_RDONLY, &txn) != 0) {
        return;
    }
    MDB_dbi dbi;
    MDB_cursor *cursor;
    if (mdb_dbi_open(txn, NULL, 0, &dbi) == 0 &&
        mdb_cursor_open(txn, dbi, &cursor) == 0) {
        MDB_val key, value;
        while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == 0) {
            take_entry(key, value, out);
        }
        mdb_cursor_close(cursor);
    }
    mdb_txn_abort(txn);
}

static void read_file(DiskCache *cache)
{
    struct stat info;
    if (flock(cache->fd, LOCK_SH | LOCK_NB) != 0) {
        return; // it is being written
    }
    if (fstat(cache->fd, &info) == 0 && info.st_size > 0 && is_sealed(cache)) {
        MDB_env *env = open_env(cache, MDB_RDONLY);
        if (env != NULL) {
            read_entries(env, &cache->known);
            mdb_env_close(env);
        }
        cache->stats.bytes = (uint64_t)info.st_size;
    }
    (void)flock(cache->fd, LOCK_UN);
    cache->stats.entries = cache->known.count;
    if (cache->known.count > 1) { // LMDB sorts them; nobody has promised it
        qsort(cache->known.items, cache->known.count, sizeof(Record),
              compare_records);
    }
}

// ---- open and close

static bool hash_build(Hash256 *out)
{
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    StrBuf text = {0};
    strbuf_append(&text, STR(DISK_CACHE_FORMAT));
    Hash256 parts[2];
    parts[0] = hash256(KEY_TAG, strbuf_str(&text));
    bool ok = read_all(fd, UINT64_C(1) << 30, &text);
    (void)close(fd);
    parts[1] = hash256(KEY_TAG, strbuf_str(&text));
    *out = hash256(KEY_TAG, str_make((const char *)parts, sizeof parts));
    strbuf_release(&text);
    return ok;
}

// NULL when the descriptor is that of a file which is ours alone.
static const char *why_not(int fd)
{
    struct stat info;
    if (fstat(fd, &info) != 0) {
        return strerror(errno);
    }
    return !S_ISREG(info.st_mode)                      ? "not a file"
           : info.st_uid != geteuid()                  ? "of another user"
           : (info.st_mode & (S_IWGRP | S_IWOTH)) != 0 ? "others may write it"
           : info.st_nlink != 1                        ? "it has several names"
                                                       : NULL;
}

// The text with a NUL behind it.
static char *c_string(Str text)
{
    char *copy = mem_alloc(text.len + 1);
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    return copy;
}

static const char *open_file(DiskCache *cache, Str dir)
{
    char *folder = c_string(dir);
    bool made = mkdir(folder, 0700) == 0 || errno == EEXIST;
    free(folder);
    if (!made) {
        return strerror(errno);
    }
    StrBuf path = {0};
    strbuf_append(&path, dir);
    strbuf_append(&path, STR("/ligature.mdb"));
    strbuf_append_char(&path, '\0');
    cache->fd =
        open(path.data,
             O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY,
             0600);
    int error = errno;
    strbuf_release(&path);
    return cache->fd < 0 ? strerror(error) : why_not(cache->fd);
}

static void close_file(DiskCache *cache)
{
    if (cache->fd >= 0) {
        (void)close(cache->fd);
    }
    cache->fd = -1;
}

DiskCache *disk_cache_open(Str dir, uint64_t max_bytes)
{
    DiskCache *cache = mem_calloc(1, sizeof *cache);
    cache->store = (VerdictStore){find_verdict, keep_verdict, cache};
    cache->fd = -1;
    cache->max_bytes = max_bytes;
    mutex_init(&cache->lock, LOCK_CLIENT);
    cache->stats.off = hash_build(&cache->build)
                           ? open_file(cache, dir)
                           : "/proc/self/exe cannot be read";
    if (cache->stats.off == NULL) {
        read_file(cache);
    } else {
        close_file(cache);
    }
    return cache;
}

void disk_cache_close(DiskCache *cache)
{
    if (cache != NULL) {
        close_file(cache);
        mutex_release(&cache->lock);
        vec_release(&cache->known);
        vec_release(&cache->used);
        vec_release(&cache->found);
        free(cache);
    }
}

const VerdictStore *disk_cache_store(const DiskCache *cache)
{
    return cache != NULL ? &cache->store : NULL;
}

DiskCacheStats disk_cache_stats(const DiskCache *cache)
{
    return cache != NULL ? cache->stats : (DiskCacheStats){0};
}

// ---- writing

static bool put_all(MDB_txn *txn, MDB_dbi dbi, const RecordVec *records)
{
    for (uint32_t i = 0; i < records->count; i++) {
        Record record = records->items[i];
        StoredValue stored = stored_value(&record);
        MDB_val key = {sizeof record.key, &record.key};
        MDB_val value = {sizeof stored, &stored};
        if (mdb_put(txn, dbi, &key, &value, 0) != 0) {
            return false;
        }
    }
    return true;
}

static bool write_entries(MDB_env *env, const RecordVec *first,
                          const RecordVec *second)
{
    MDB_txn *txn;
    MDB_dbi dbi;
    if (mdb_txn_begin(env, NULL, 0, &txn) != 0) {
        return false;
    }
    if (mdb_dbi_open(txn, NULL, 0, &dbi) != 0 || !put_all(txn, dbi, first) ||
        (second != NULL && !put_all(txn, dbi, second))) {
        mdb_txn_abort(txn);
        return false;
    }
    return mdb_txn_commit(txn) == 0;
}

// What the file holds, without the seal.
static bool measure(DiskCache *cache, MDB_env *env, uint64_t *out_len)
{
    MDB_envinfo info;
    MDB_stat stat;
    if (mdb_env_info(env, &info) != 0 || mdb_env_stat(env, &stat) != 0) {
        return false;
    }
    *out_len = ((uint64_t)info.me_last_pgno + 1) * stat.ms_psize;
    cache->stats.entries = stat.ms_entries;
    return true;
}

static bool add_entries(DiskCache *cache, const RecordVec *first,
                        const RecordVec *second, uint64_t *out_len)
{
    MDB_env *env = open_env(cache, 0);
    if (env == NULL) {
        return false;
    }
    bool ok = write_entries(env, first, second) && measure(cache, env, out_len);
    mdb_env_close(env);
    return ok;
}

static bool write_seal(DiskCache *cache, uint64_t len)
{
    StrBuf text = {0};
    Hash256 seal;
    bool ok = ftruncate(cache->fd, (off_t)len) == 0 &&
              read_all(cache->fd, cache->max_bytes, &text);
    if (ok) {
        seal = hash256(SEAL_TAG, strbuf_str(&text));
        ok = pwrite(cache->fd, &seal, sizeof seal, (off_t)len) == sizeof seal;
    }
    strbuf_release(&text);
    cache->stats.bytes = ok ? len + sizeof seal : 0;
    return ok;
}

// Another run may have written since the file was read: it is looked at anew.
static void write_file(DiskCache *cache)
{
    struct stat info;
    uint64_t len = 0;
    bool ok = fstat(cache->fd, &info) == 0;
    bool kept =
        ok && info.st_size > (off_t)sizeof(Hash256) && is_sealed(cache) &&
        ftruncate(cache->fd, info.st_size - (off_t)sizeof(Hash256)) == 0 &&
        add_entries(cache, &cache->found, NULL, &len);
    if (!kept && ok) {
        cache->stats.evictions = cache->known.count;
        ok = ftruncate(cache->fd, 0) == 0 &&
             add_entries(cache, &cache->used, &cache->found, &len);
    }
    if (!ok || !write_seal(cache, len)) {
        cache->stats.entries = 0;
        cache->stats.off = "it cannot be written";
        (void)ftruncate(cache->fd, 0);
    }
}

void disk_cache_write(DiskCache *cache)
{
    if (cache == NULL || cache->fd < 0 || cache->found.count == 0 ||
        flock(cache->fd, LOCK_EX | LOCK_NB) != 0) {
        return;
    }
    write_file(cache);
    (void)flock(cache->fd, LOCK_UN);
}
