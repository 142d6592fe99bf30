#include "syntax/file_log.h"

void file_log_init(FileLog *log, int notice_pipe)
{
    *log = (FileLog){.notice_pipe = notice_pipe};
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
    FileNotice notice = {
        .kind = probe.missing ? FILE_NOTICE_MISSING : FILE_NOTICE_FOUND,
        .text = path,
        .stamp = probe.stamp,
    };
    file_notice_send(log->notice_pipe, &notice);
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

void file_log_give_up(FileLog *log, Str path)
{
    mutex_lock(&log->lock);
    log->incomplete = true;
    if (log->notice_pipe != 0) {
        FileNotice notice = file_notice_of(path);
        file_notice_send(log->notice_pipe, &notice);
    }
    mutex_unlock(&log->lock);
}

void file_log_read(FileLog *log, uint32_t probe, Str text)
{
    mutex_lock(&log->lock);
    log->probes.items[probe].text = text;
    mutex_unlock(&log->lock);
}
