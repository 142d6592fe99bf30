#include "syntax/file_log.h"

FileStamp file_stamp(const struct stat *info)
{
    enum { NS = 1000000000 };
    return (FileStamp){
        .device = (uint64_t)info->st_dev,
        .inode = (uint64_t)info->st_ino,
        .size = (uint64_t)info->st_size,
        .modified_ns = info->st_mtim.tv_sec * NS + info->st_mtim.tv_nsec,
        .changed_ns = info->st_ctim.tv_sec * NS + info->st_ctim.tv_nsec,
    };
}

bool file_stamp_equal(const FileStamp *a, const FileStamp *b)
{
    return a->device == b->device && a->inode == b->inode &&
           a->size == b->size && a->modified_ns == b->modified_ns &&
           a->changed_ns == b->changed_ns;
}

void file_log_init(FileLog *log)
{
    *log = (FileLog){0};
    mutex_init(&log->lock, LOCK_CLIENT);
    arena_init(&log->arena);
}

void file_log_release(FileLog *log)
{
    vec_release(&log->probes);
    arena_release(&log->arena);
    mutex_release(&log->lock);
}

void file_log_clear(FileLog *log)
{
    vec_clear(&log->probes);
    log->incomplete = false;
}

static uint32_t add(FileLog *log, Str path, FileProbe probe)
{
    mutex_lock(&log->lock);
    uint32_t number = log->probes.count;
    probe.path = arena_str(&log->arena, path);
    vec_push(&log->probes, probe);
    mutex_unlock(&log->lock);
    return number;
}

uint32_t file_log_found(FileLog *log, Str path, const FileStamp *stamp)
{
    return add(log, path, (FileProbe){.stamp = *stamp});
}

void file_log_missing(FileLog *log, Str path)
{
    (void)add(log, path, (FileProbe){.missing = true});
}

void file_log_give_up(FileLog *log)
{
    mutex_lock(&log->lock);
    log->incomplete = true;
    mutex_unlock(&log->lock);
}

void file_log_read(FileLog *log, uint32_t probe, Str text)
{
    mutex_lock(&log->lock);
    log->probes.items[probe].text = text;
    mutex_unlock(&log->lock);
}
