#include "syntax/file_notice.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

// In front of the text.
typedef struct Head {
    FileStamp stamp;
    uint64_t digest;
    uint32_t kind, length;
} Head;

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

// Who watches reads all the time; where it has ended nobody needs the rest.
static void write_all(int pipe, Str bytes)
{
    while (bytes.len > 0) {
        ssize_t written = write(pipe, bytes.data, bytes.len);
        if (written < 0 && errno != EINTR) {
            return;
        }
        bytes = str_slice(bytes, written > 0 ? (size_t)written : 0, bytes.len);
    }
}

void file_notice_send(int pipe, const FileNotice *notice)
{
    if (pipe == 0) {
        return;
    }
    Head head;
    memset(&head, 0, sizeof head);
    head.stamp = notice->stamp;
    head.digest = notice->digest;
    head.kind = (uint32_t)notice->kind;
    head.length = (uint32_t)notice->text.len;
    StrBuf bytes = {0};
    strbuf_append(&bytes, str_make((const char *)&head, sizeof head));
    strbuf_append(&bytes, notice->text);
    write_all(pipe, strbuf_str(&bytes));
    strbuf_release(&bytes);
}

FileNotice file_notice_of(Str path)
{
    char buffer[PATH_MAX];
    struct stat info;
    if (path.len < sizeof buffer) {
        memcpy(buffer, path.data, path.len);
        buffer[path.len] = '\0';
        if (stat(buffer, &info) == 0) {
            return (FileNotice){.kind = FILE_NOTICE_FOUND,
                                .text = path,
                                .stamp = file_stamp(&info)};
        }
    }
    return (FileNotice){.kind = FILE_NOTICE_MISSING, .text = path};
}

size_t file_notice_take(Str bytes, FileNotice *out_notice)
{
    Head head;
    if (bytes.len < sizeof head) {
        return 0;
    }
    memcpy(&head, bytes.data, sizeof head);
    if (bytes.len - sizeof head < head.length) {
        return 0;
    }
    *out_notice = (FileNotice){
        .kind = (FileNoticeKind)head.kind,
        .text = str_make(bytes.data + sizeof head, head.length),
        .stamp = head.stamp,
        .digest = head.digest,
    };
    return sizeof head + head.length;
}
