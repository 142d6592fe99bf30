#include "cli/run_record.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cli/file_read.h"
#include "support/pack.h"

#define FILE_TAG   'f'
#define AT_REST_NS INT64_C(2000000000)

enum { FLAG_MISSING = 1, FLAG_AT_REST = 2 };

void run_record_release(RunRecord *record)
{
    vec_release(&record->files);
    vec_release(&record->modules);
}

// ---- from a log

static int compare_probes(const void *left, const void *right)
{
    const FileProbe *a = *(const FileProbe *const *)left;
    const FileProbe *b = *(const FileProbe *const *)right;
    int order = str_compare(a->path, b->path);
    // Those that were read come first.
    return order != 0 ? order : (a->text.data == NULL) - (b->text.data == NULL);
}

typedef struct KnownContent {
    uint64_t device, inode;
    Hash256 hash;
} KnownContent;

static int compare_contents(const void *left, const void *right)
{
    const KnownContent *a = left;
    const KnownContent *b = right;
    if (a->device != b->device) {
        return a->device < b->device ? -1 : 1;
    }
    return (a->inode > b->inode) - (a->inode < b->inode);
}

typedef VEC(KnownContent) ContentVec;

static RecordedFile recorded(const FileProbe *probe)
{
    size_t end = probe->path.len;
    while (end > 0 && probe->path.data[end - 1] != '/') {
        end--;
    }
    return (RecordedFile){
        .dir = str_slice(probe->path, 0, end),
        .name = str_slice(probe->path, end, probe->path.len),
        .missing = probe->missing,
        .stamp = probe->stamp,
    };
}

// A file is read once, whatever the names under which it is found.
static bool fill_hashes(RunRecord *record, const ContentVec *contents)
{
    for (uint32_t i = 0; i < record->files.count; i++) {
        RecordedFile *file = &record->files.items[i];
        KnownContent wanted = {file->stamp.device, file->stamp.inode, {{0}}};
        const KnownContent *known = NULL;
        if (contents->count > 0) {
            known = bsearch(&wanted, contents->items, contents->count,
                            sizeof wanted, compare_contents);
        }
        if (!file->missing && known == NULL) {
            return false;
        }
        file->hash = known != NULL ? known->hash : file->hash;
    }
    return true;
}

static bool take_sorted(RunRecord *record, FileProbe *const *probes,
                        uint32_t count)
{
    ContentVec contents = {0};
    bool ok = true;
    for (uint32_t i = 0; i < count && ok; i++) {
        const FileProbe *probe = probes[i];
        const FileProbe *last = i > 0 ? probes[i - 1] : NULL;
        if (probe->text.data != NULL) {
            ok = probe->text.len == probe->stamp.size;
            vec_push(&contents,
                     (KnownContent){probe->stamp.device, probe->stamp.inode,
                                    hash256(FILE_TAG, probe->text)});
        }
        if (last != NULL && str_equal(last->path, probe->path)) {
            ok = ok && last->missing == probe->missing &&
                 file_stamp_equal(&last->stamp, &probe->stamp);
        } else {
            vec_push(&record->files, recorded(probe));
        }
    }
    if (contents.count > 1) {
        qsort(contents.items, contents.count, sizeof *contents.items,
              compare_contents);
    }
    ok = ok && fill_hashes(record, &contents);
    vec_release(&contents);
    return ok;
}

bool run_record_take(RunRecord *record, const FileLog *log)
{
    uint32_t count = log->probes.count;
    if (log->incomplete) {
        return false;
    }
    FileProbe **sorted = mem_calloc((size_t)count + 1, sizeof *sorted);
    for (uint32_t i = 0; i < count; i++) {
        sorted[i] = &log->probes.items[i];
    }
    qsort(sorted, count, sizeof *sorted, compare_probes);
    bool ok = take_sorted(record, sorted, count);
    free(sorted);
    return ok;
}

// ---- bytes

static void append_file(const RecordedFile *file, const RecordedFile *last,
                        StrBuf *out)
{
    // Most are in the folder of the one before.
    bool same = last != NULL && str_equal(last->dir, file->dir);
    pack_text(out, same ? STR("") : file->dir);
    pack_text(out, file->name);
    pack_number(out, (uint64_t)(file->missing ? FLAG_MISSING : 0) |
                         (file->at_rest ? FLAG_AT_REST : 0));
    if (!file->missing) {
        pack_number(out, file->stamp.device);
        pack_number(out, file->stamp.inode);
        pack_number(out, file->stamp.size);
        pack_word(out, (uint64_t)file->stamp.modified_ns);
        pack_word(out, (uint64_t)file->stamp.changed_ns);
        pack_hash(out, &file->hash);
    }
}

void run_record_append(const RunRecord *record, StrBuf *out)
{
    pack_number(out, record->files.count);
    for (uint32_t i = 0; i < record->files.count; i++) {
        append_file(&record->files.items[i],
                    i > 0 ? &record->files.items[i - 1] : NULL, out);
    }
    pack_number(out, record->modules.count);
    for (uint32_t i = 0; i < record->modules.count; i++) {
        const RecordedModule *module = &record->modules.items[i];
        pack_text(out, module->file);
        pack_number(out, module->bytes);
        pack_number(out, module->bindings);
    }
    pack_number(out, record->tasks);
    pack_number(out, record->cost_ns);
    pack_text(out, record->output);
}

static RecordedFile parse_file(PackReader *reader, Str last_dir)
{
    RecordedFile file = {.dir = unpack_text(reader)};
    if (file.dir.len == 0) {
        file.dir = last_dir;
    }
    file.name = unpack_text(reader);
    uint64_t flags = unpack_up_to(reader, FLAG_MISSING | FLAG_AT_REST);
    file.missing = (flags & FLAG_MISSING) != 0;
    file.at_rest = (flags & FLAG_AT_REST) != 0;
    if (!file.missing) {
        file.stamp.device = unpack_number(reader);
        file.stamp.inode = unpack_number(reader);
        file.stamp.size = unpack_number(reader);
        file.stamp.modified_ns = (int64_t)unpack_word(reader);
        file.stamp.changed_ns = (int64_t)unpack_word(reader);
        file.hash = unpack_hash(reader);
    }
    return file;
}

bool run_record_parse(Str payload, RunRecord *out_record)
{
    PackReader reader = pack_reader(payload);
    Str dir = STR("");
    for (uint32_t n = unpack_count(&reader); n > 0 && !reader.failed; n--) {
        vec_push(&out_record->files, parse_file(&reader, dir));
        dir = vec_last(&out_record->files).dir;
    }
    for (uint32_t n = unpack_count(&reader); n > 0 && !reader.failed; n--) {
        RecordedModule module = {.file = unpack_text(&reader)};
        module.bytes = unpack_number(&reader);
        module.bindings = unpack_number(&reader);
        vec_push(&out_record->modules, module);
    }
    out_record->tasks = unpack_number(&reader);
    out_record->cost_ns = unpack_number(&reader);
    out_record->output = unpack_text(&reader);
    return pack_ended(&reader);
}

bool run_record_is_costly(const RunRecord *record)
{
    // To keep modules and to take them back, as measured. To check and evaluate
    // a usual one takes a fraction of it.
    enum { MODULE_NS = 40000, BYTE_NS = 40, START_NS = 2000000 };
    uint64_t keeping_ns = START_NS;
    for (uint32_t i = 0; i < record->modules.count; i++) {
        keeping_ns += MODULE_NS + record->modules.items[i].bytes * BYTE_NS;
    }
    return record->cost_ns > keeping_ns;
}

// ---- whether all is as it was

typedef struct Checking {
    int64_t start_ns;
    bool by_stamp;
    bool touched;
    int dir; // descriptor; -1: there is no such folder
    StrBuf content;
} Checking;

// For system calls; NULL for what no path can be.
static const char *c_string(Str text, char buffer[static PATH_MAX])
{
    if (text.len == 0 || text.len >= PATH_MAX ||
        memchr(text.data, '\0', text.len) != NULL) {
        return NULL;
    }
    memcpy(buffer, text.data, text.len);
    buffer[text.len] = '\0';
    return buffer;
}

// The folder, without going over a symbolic link; -1 with errno.
static int open_dir(Str dir)
{
    char buffer[PATH_MAX];
    const char *path = c_string(dir, buffer);
    if (path == NULL || path[0] != '/') {
        errno = EINVAL;
        return -1;
    }
    struct open_how how = {
        .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
        .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
}

static bool is_at_rest(const FileStamp *stamp, int64_t start_ns)
{
    int64_t before = start_ns - AT_REST_NS;
    return stamp->modified_ns < before && stamp->changed_ns < before;
}

// Reads the file; `stamp` is what the system says of it before.
static bool has_content(Checking *checking, RecordedFile *file,
                        const char *name, const FileStamp *stamp)
{
    if (stamp->size != file->stamp.size) {
        return false;
    }
    strbuf_clear(&checking->content);
    if (file_read_at(checking->dir, name, stamp->size, &checking->content) !=
            0 ||
        checking->content.len != stamp->size) {
        return false;
    }
    Hash256 hash = hash256(FILE_TAG, strbuf_str(&checking->content));
    if (memcmp(&hash, &file->hash, sizeof hash) != 0) {
        return false;
    }
    bool at_rest = is_at_rest(stamp, checking->start_ns);
    checking->touched |=
        at_rest != file->at_rest || !file_stamp_equal(stamp, &file->stamp);
    file->stamp = *stamp;
    file->at_rest = at_rest;
    return true;
}

static bool check_file(Checking *checking, RecordedFile *file)
{
    char buffer[PATH_MAX];
    const char *name = c_string(file->name, buffer);
    struct stat info;
    if (name == NULL) {
        return false;
    }
    if (checking->dir < 0) {
        return file->missing;
    }
    if (fstatat(checking->dir, name, &info, AT_SYMLINK_NOFOLLOW) != 0) {
        return file->missing && errno == ENOENT;
    }
    if (file->missing || !S_ISREG(info.st_mode)) {
        return false;
    }
    FileStamp stamp = file_stamp(&info);
    bool same = file_stamp_equal(&stamp, &file->stamp);
    if (checking->by_stamp) {
        file->at_rest = is_at_rest(&stamp, checking->start_ns);
        return same;
    }
    return (same && file->at_rest) || has_content(checking, file, name, &stamp);
}

static bool enter_dir(Checking *checking, Str dir)
{
    if (checking->dir >= 0) {
        (void)close(checking->dir);
    }
    checking->dir = open_dir(dir);
    return checking->dir >= 0 || errno == ENOENT || errno == ENOTDIR;
}

RecordState run_record_check(RunRecord *record, int64_t start_ns, bool by_stamp)
{
    Checking checking = {.start_ns = start_ns, .by_stamp = by_stamp, .dir = -1};
    bool ok = true;
    Str dir = STR("");
    for (uint32_t i = 0; i < record->files.count && ok; i++) {
        RecordedFile *file = &record->files.items[i];
        if (i == 0 || !str_equal(file->dir, dir)) {
            dir = file->dir;
            ok = enter_dir(&checking, dir);
        }
        ok = ok && check_file(&checking, file);
    }
    if (checking.dir >= 0) {
        (void)close(checking.dir);
    }
    strbuf_release(&checking.content);
    return !ok                ? RECORD_CHANGED
           : checking.touched ? RECORD_TOUCHED
                              : RECORD_SAME;
}
