#include "cli/watch_folders.h"

#include <errno.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "syntax/paths.h"

#define CHANGES                                                                \
    (IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE |    \
     IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

void watch_folders_open(WatchFolders *folders)
{
    *folders =
        (WatchFolders){.descriptor = inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
    folders->error = folders->descriptor < 0 ? errno : 0;
}

void watch_folders_close(WatchFolders *folders)
{
    if (folders->descriptor >= 0) {
        (void)close(folders->descriptor);
        folders->descriptor = -1;
    }
    strbuf_release(&folders->last);
}

void watch_folders_add(WatchFolders *folders, Str path)
{
    Str folder = paths_dirname(path);
    if (folders->descriptor < 0 ||
        str_equal(folder, strbuf_str(&folders->last))) {
        return; // most files stand beside the one before
    }
    strbuf_clear(&folders->last);
    strbuf_append(&folders->last, folder);
    StrBuf text = {0};
    for (;;) {
        strbuf_clear(&text);
        strbuf_append(&text, folder);
        strbuf_append_char(&text, '\0');
        if (inotify_add_watch(folders->descriptor, text.data, CHANGES) >= 0) {
            break;
        }
        bool is_there = errno != ENOENT && errno != ENOTDIR;
        if (is_there && errno != EACCES) {
            folders->error = errno;
        }
        if (is_there || folder.len <= 1) {
            break;
        }
        folder = paths_dirname(folder);
    }
    strbuf_release(&text);
}

bool watch_folders_drain(WatchFolders *folders)
{
    char buffer[4096];
    bool any = false;
    while (folders->descriptor >= 0 &&
           read(folders->descriptor, buffer, sizeof buffer) > 0) {
        any = true;
    }
    return any;
}
