#include "cli/cache_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cli/folder_names.h"
#include "cli/new_file.h"
#include "cli/output.h"
#include "support/arena.h"
#include "support/pack.h"
#include "support/vec.h"

// Raised whenever the header changes. What is behind it names its own format
// in the key.
#define MAGIC     "LIGCACH1"
#define TEMPORARY "tmp-"
#define SEAL_TAG  's'

enum {
    MAGIC_SIZE = 8,
    HEADER_SIZE = MAGIC_SIZE + (int)sizeof(Hash256),
    HASH_DIGITS = 32,
    NAME_SIZE = 64,
    TRIES = 8
};

#define USED_GRAIN_NS INT64_C(3600000000000) // of the time of the last use

static const char *const kinds[CACHE_KIND_COUNT] = {"run-", "mod-"};

const char *cache_kind_name(CacheKind kind)
{
    static const char *const names[CACHE_KIND_COUNT] = {"runs", "modules"};
    return names[kind];
}

void cache_folder_init(CacheFolder *folder, Str path, uint64_t max_bytes)
{
    *folder = (CacheFolder){.path = path, .fd = -1, .max_bytes = max_bytes};
}

void cache_folder_release(CacheFolder *folder)
{
    if (folder->fd >= 0) {
        (void)close(folder->fd);
    }
    folder->fd = -1;
}

bool cache_folder_default(StrBuf *out_path)
{
    // A relative path there is to be ignored (XDG Base Directory 0.8).
    const char *cache = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    if (cache != NULL && *cache == '/') {
        strbuf_append(out_path, str_from_c(cache));
    } else if (home != NULL && *home == '/') {
        strbuf_append(out_path, str_from_c(home));
        strbuf_append(out_path, STR("/.cache"));
    } else {
        return false;
    }
    strbuf_append(out_path, STR("/ligature"));
    return true;
}

// ---- the folder

static bool off(CacheFolder *folder, const char *why)
{
    folder->off = why;
    return false;
}

// Makes the folder and those above it, as mkdir -p.
static void make_folder(char *path)
{
    for (char *at = path + 1; *at != '\0'; at++) {
        if (*at == '/') {
            *at = '\0';
            (void)mkdir(path, 0700);
            *at = '/';
        }
    }
    (void)mkdir(path, 0700);
}

static bool open_folder(CacheFolder *folder, bool make)
{
    if (folder->fd >= 0 || folder->off != NULL) {
        return folder->off == NULL;
    }
    char *path = mem_alloc(folder->path.len + 1);
    memcpy(path, folder->path.data, folder->path.len);
    path[folder->path.len] = '\0';
    int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    folder->fd = open(path, flags);
    if (folder->fd < 0 && errno == ENOENT && make) {
        make_folder(path);
        folder->fd = open(path, flags);
    }
    int error = errno;
    free(path);
    if (folder->fd < 0 && (make || error != ENOENT)) {
        return off(folder, strerror(error));
    }
    return folder->fd >= 0;
}

static void entry_name(CacheKind kind, Str key, char name[static NAME_SIZE])
{
    Hash128 hash = hash128(key);
    (void)snprintf(name, NAME_SIZE, "%s%016llx%016llx", kinds[kind],
                   (unsigned long long)hash.high, (unsigned long long)hash.low);
}

// ---- reading

// Nobody else can have written a file of our own that has one name and no
// right to write for others.
static bool is_ours(int fd, struct stat *out_info)
{
    return fstat(fd, out_info) == 0 && S_ISREG(out_info->st_mode) &&
           out_info->st_uid == geteuid() && out_info->st_nlink == 1 &&
           (out_info->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

// All of the file, as long as it was said to be.
static bool read_whole(int fd, uint64_t size, StrBuf *out)
{
    char *to = strbuf_reserve(out, size + 1);
    uint64_t len = 0;
    while (len <= size) {
        ssize_t got = read(fd, to + len, size + 1 - len);
        if (got == 0) {
            break;
        }
        if (got < 0 && errno != EINTR) {
            return false;
        }
        len += got > 0 ? (uint64_t)got : 0;
    }
    out->len += len;
    return len == size;
}

static bool read_file(const CacheFolder *folder, const char *name, StrBuf *out,
                      struct stat *out_info, int *out_fd)
{
    // O_NONBLOCK: what is no file must not hold us up.
    int fd = openat(folder->fd, name,
                    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        return false;
    }
    *out_fd = fd;
    return is_ours(fd, out_info) &&
           (uint64_t)out_info->st_size <= folder->max_bytes &&
           read_whole(fd, (uint64_t)out_info->st_size, out);
}

static bool is_sealed(Str file)
{
    if (file.len < HEADER_SIZE || memcmp(file.data, MAGIC, MAGIC_SIZE) != 0) {
        return false;
    }
    Hash256 seal = hash256(SEAL_TAG, str_slice(file, HEADER_SIZE, file.len));
    return memcmp(file.data + MAGIC_SIZE, &seal, sizeof seal) == 0;
}

static bool take_payload(Str file, Str key, Str *out_payload)
{
    if (!is_sealed(file)) {
        return false;
    }
    PackReader reader = pack_reader(str_slice(file, HEADER_SIZE, file.len));
    bool right = str_equal(unpack_text(&reader), key);
    *out_payload = unpack_text(&reader);
    return pack_ended(&reader) && right;
}

// So that what is used is kept.
static void mark_used(int fd, const struct stat *info)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    int64_t age_s = now.tv_sec - info->st_mtim.tv_sec;
    if (age_s < 0 || age_s > USED_GRAIN_NS / INT64_C(1000000000)) {
        (void)futimens(fd, NULL);
    }
}

bool cache_folder_read(CacheFolder *folder, CacheKind kind, Str key,
                       StrBuf *out_payload)
{
    char name[NAME_SIZE];
    entry_name(kind, key, name);
    if (!open_folder(folder, false)) {
        return false;
    }
    StrBuf file = {0};
    struct stat info;
    int fd = -1;
    Str payload;
    bool ok = read_file(folder, name, &file, &info, &fd) &&
              take_payload(strbuf_str(&file), key, &payload);
    if (ok) {
        strbuf_append(out_payload, payload);
        mark_used(fd, &info);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    strbuf_release(&file);
    return ok;
}

bool cache_folder_has(CacheFolder *folder, CacheKind kind, Str key)
{
    char name[NAME_SIZE];
    entry_name(kind, key, name);
    struct stat info;
    return open_folder(folder, false) &&
           fstatat(folder->fd, name, &info, AT_SYMLINK_NOFOLLOW) == 0;
}

// ---- all entries

// "KIND-" and digits, or "tmp-" and digits: nothing else is ours to touch.
static bool parse_name(const char *name, CacheFolderEntry *out)
{
    *out = (CacheFolderEntry){.name = str_from_c(name)};
    bool known = str_starts_with(out->name, STR(TEMPORARY));
    out->is_temporary = known;
    for (uint32_t i = 0; i < CACHE_KIND_COUNT && !known; i++) {
        known = str_starts_with(out->name, str_from_c(kinds[i]));
        out->kind = (CacheKind)i;
    }
    Str digits = str_slice(out->name, 4, out->name.len);
    for (size_t i = 0; i < digits.len && known; i++) {
        known = strchr("0123456789abcdef", digits.data[i]) != NULL;
    }
    return known && digits.len == HASH_DIGITS;
}

bool cache_folder_each(CacheFolder *folder,
                       void (*visit)(CacheFolder *folder,
                                     const CacheFolderEntry *entry, void *ctx),
                       void *ctx)
{
    if (!open_folder(folder, false)) {
        return false;
    }
    int fd = openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (dir == NULL) {
        const char *why = strerror(errno);
        if (fd >= 0) {
            (void)close(fd);
        }
        return off(folder, why);
    }
    const struct dirent *item;
    while ((item = folder_names_next(dir)) != NULL) {
        CacheFolderEntry entry;
        struct stat info;
        if (parse_name(item->d_name, &entry) &&
            fstatat(folder->fd, item->d_name, &info, AT_SYMLINK_NOFOLLOW) ==
                0 &&
            S_ISREG(info.st_mode)) {
            entry.bytes = (uint64_t)info.st_size;
            entry.used_ns = info.st_mtim.tv_sec * INT64_C(1000000000) +
                            info.st_mtim.tv_nsec;
            visit(folder, &entry, ctx);
        }
    }
    int why = errno;
    (void)closedir(dir);
    return why == 0 || off(folder, strerror(why));
}

bool cache_folder_check(CacheFolder *folder, const CacheFolderEntry *entry)
{
    StrBuf file = {0};
    struct stat info;
    int fd = -1;
    bool ok = read_file(folder, entry->name.data, &file, &info, &fd) &&
              is_sealed(strbuf_str(&file));
    if (fd >= 0) {
        (void)close(fd);
    }
    strbuf_release(&file);
    return ok;
}

static bool unlink_entry(const CacheFolder *folder,
                         const CacheFolderEntry *entry)
{
    // Another process may have been faster.
    return unlinkat(folder->fd, entry->name.data, 0) == 0 || errno == ENOENT;
}

// Nobody is writing what nobody has locked.
static bool remove_abandoned(const CacheFolder *folder,
                             const CacheFolderEntry *entry)
{
    int fd = openat(folder->fd, entry->name.data,
                    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT;
    }
    // Still locked, so that who has just made it sees that it is gone.
    bool ok = flock(fd, LOCK_EX | LOCK_NB) != 0 || unlink_entry(folder, entry);
    (void)close(fd);
    return ok;
}

bool cache_folder_remove(CacheFolder *folder, const CacheFolderEntry *entry)
{
    return entry->is_temporary ? remove_abandoned(folder, entry)
                               : unlink_entry(folder, entry);
}

// ---- writing

// The lock of a new file says that somebody is at work. Where there are no
// locks, nobody takes anything for abandoned.
static bool lock(const NewFile *file)
{
    struct stat info;
    if (flock(file->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        return false;
    }
    // Another run may have removed it before.
    return !file->has_name ||
           (fstat(file->fd, &info) == 0 && info.st_nlink > 0);
}

typedef VEC(CacheFolderEntry) EntryVec;

typedef struct Tidying {
    Arena arena;
    EntryVec entries;
    uint64_t bytes;
} Tidying;

static void tidy_entry(CacheFolder *folder, const CacheFolderEntry *entry,
                       void *ctx)
{
    Tidying *tidying = ctx;
    if (entry->is_temporary) {
        (void)cache_folder_remove(folder, entry);
        return;
    }
    tidying->bytes += entry->bytes;
    CacheFolderEntry copy = *entry;
    char *name = arena_alloc(&tidying->arena, entry->name.len + 1);
    memcpy(name, entry->name.data, entry->name.len + 1); // with its NUL
    copy.name.data = name;
    vec_push(&tidying->entries, copy);
}

static int compare_used(const void *left, const void *right)
{
    const CacheFolderEntry *a = left;
    const CacheFolderEntry *b = right;
    return a->used_ns != b->used_ns ? (a->used_ns < b->used_ns ? -1 : 1)
                                    : str_compare(a->name, b->name);
}

// Makes room for an entry: what was used longest ago goes first.
static void tidy(CacheFolder *folder, const char *kept, uint64_t bytes)
{
    Tidying tidying = {.bytes = bytes};
    arena_init(&tidying.arena);
    (void)cache_folder_each(folder, tidy_entry, &tidying);
    EntryVec *entries = &tidying.entries;
    if (entries->count > 1) {
        qsort(entries->items, entries->count, sizeof *entries->items,
              compare_used);
    }
    for (uint32_t i = 0;
         i < entries->count && tidying.bytes > folder->max_bytes; i++) {
        const CacheFolderEntry *entry = &entries->items[i];
        bool replaced = str_equal(entry->name, str_from_c(kept));
        if (!replaced && cache_folder_remove(folder, entry)) {
            folder->evictions++;
        }
        tidying.bytes -= entry->bytes;
    }
    vec_release(entries);
    arena_release(&tidying.arena);
}

static bool write_once(const CacheFolder *folder, const char *name, Str header,
                       Str payload)
{
    NewFile file;
    new_file_init(&file, folder->fd, STR(TEMPORARY));
    bool ok = new_file_open(&file, 0600);
    if (ok && !lock(&file)) {
        ok = false;
        errno = ENOENT;
    }
    ok = ok && output_write_fd(file.fd, header, NULL) &&
         output_write_fd(file.fd, payload, NULL);
    if (ok) {
        return new_file_replace(&file, name);
    }
    new_file_drop(&file);
    return false;
}

// Another run may take the new file for abandoned and remove it before it is
// locked or while it is closed.
static bool write_entry(const CacheFolder *folder, const char *name, Str header,
                        Str payload)
{
    for (int i = 0; i < TRIES; i++) {
        if (write_once(folder, name, header, payload)) {
            return true;
        }
        if (errno != ENOENT) {
            return false;
        }
    }
    return false;
}

bool cache_folder_write(CacheFolder *folder, CacheKind kind, Str key,
                        Str payload)
{
    if (!open_folder(folder, true)) {
        return false;
    }
    char name[NAME_SIZE];
    entry_name(kind, key, name);
    StrBuf body = {0}, file = {0};
    pack_text(&body, key);
    pack_text(&body, payload);
    Hash256 seal = hash256(SEAL_TAG, strbuf_str(&body));
    strbuf_append(&file, STR(MAGIC));
    pack_hash(&file, &seal);
    uint64_t bytes = file.len + body.len;
    bool ok = bytes <= folder->max_bytes / 2;
    if (!ok) {
        (void)off(folder, "an entry is too large");
    } else {
        tidy(folder, name, bytes);
        ok = write_entry(folder, name, strbuf_str(&file), strbuf_str(&body));
        if (!ok) {
            (void)off(folder, strerror(errno));
        }
    }
    strbuf_release(&file);
    strbuf_release(&body);
    return ok;
}
