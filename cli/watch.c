#include "cli/watch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/diag_write.h"
#include "cli/output.h"
#include "cli/session.h"
#include "cli/usage.h"
#include "cli/watch_files.h"
#include "cli/watch_folders.h"
#include "cli/watchdog.h"
#include "concurrent/deadline.h"

#define MS_NS INT64_C(1000000)
// Who saves a file writes, renames and touches; no run begins in between.
#define QUIET_NS (50 * MS_NS)
#define NOISY_NS (500 * MS_NS)
// How often files are looked at unasked; rarer where that takes long.
#define LOOK_NS       (1000 * MS_NS)
#define LOOK_BLIND_NS (300 * MS_NS)
#define LOOK_SHARE    50

static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
enum { SIGNAL_COUNT = sizeof signals / sizeof *signals };

typedef struct Watch {
    const Command *command;
    Settings *settings;
    bool silent; // diagnostics are for a tool
    struct sigaction old_actions[SIGNAL_COUNT];
    int signal_pipe; // a byte per signal
    int signal;      // the first that has come; 0: none has
    int64_t kill_ns; // when the child is ended by force after it
    WatchFolders folders;
    int64_t stirred_ns, noise_ns;  // first and last word since the last look; 0
    int64_t look_ns, look_cost_ns; // when the last look ended
    StrBuf names;                  // of what has changed
    bool blind_said;
    // The run.
    pid_t child;     // 0: none
    int notice_pipe; // -1: it has ended
    StrBuf received;
    WatchFiles files;
    bool hopeless;
    bool broken_off;
} Watch;

// ---- signals

// The end that the handler writes to: it cannot be given a context.
static volatile sig_atomic_t signal_pipe_end;

static void on_signal(int number)
{
    int error = errno;
    char byte = (char)number;
    // A pipe that is full has enough to say.
    while (write(signal_pipe_end, &byte, 1) < 0 && errno == EINTR) {
    }
    errno = error;
}

static bool install_signals(Watch *watch)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
        return false;
    }
    watch->signal_pipe = ends[0];
    signal_pipe_end = ends[1];
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        (void)sigaction(signals[i], NULL, &watch->old_actions[i]);
        if (watch->old_actions[i].sa_handler != SIG_IGN) { // nohup stays nohup
            (void)sigaction(signals[i], &action, NULL);
        }
    }
    // Or nobody could wait for a child.
    action.sa_handler = SIG_DFL;
    (void)sigaction(SIGCHLD, &action, NULL);
    action.sa_handler = SIG_IGN; // nobody reads what is said: go on
    (void)sigaction(SIGPIPE, &action, NULL);
    return true;
}

static void restore_signals(Watch *watch)
{
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        (void)sigaction(signals[i], &watch->old_actions[i], NULL);
    }
    (void)close(watch->signal_pipe);
    (void)close(signal_pipe_end);
}

// A second signal ends a run at once that the first has not ended yet, as it
// does without a watch.
static void take_signals(Watch *watch)
{
    char byte;
    while (read(watch->signal_pipe, &byte, 1) == 1) {
        if (watch->signal == 0) {
            watch->signal = byte;
            watch->kill_ns = clock_monotonic_ns() +
                             (WATCHDOG_GRACE + 2) * INT64_C(1000000000);
        }
        if (watch->child != 0) {
            (void)kill(watch->child, SIGTERM);
        }
    }
}

// ---- what it says

static void say(const Watch *watch, const char *format, ...) PRINTF_LIKE(2, 3);

static void say(const Watch *watch, const char *format, ...)
{
    if (watch->silent) {
        return;
    }
    bool color = session_wants_color(watch->settings, STDERR_FILENO);
    StrBuf text = {0};
    strbuf_append(&text,
                  color ? STR("\x1b[1;36mwatch\x1b[0m: ") : STR("watch: "));
    va_list args;
    va_start(args, format);
    strbuf_appendv(&text, format, args);
    va_end(args);
    strbuf_append_char(&text, '\n');
    (void)output_write_fd(STDERR_FILENO, strbuf_str(&text), NULL);
    strbuf_release(&text);
}

static void say_end(Watch *watch, int status, int64_t took_ns)
{
    StrBuf how = {0};
    if (watch->broken_off) {
        strbuf_append(&how, STR("broken off"));
    } else if (WIFSIGNALED(status)) {
        strbuf_appendf(&how, "ended by signal %d", WTERMSIG(status));
    } else {
        strbuf_appendf(&how, "exit %d", WEXITSTATUS(status));
    }
    say(watch, "%.*s in %lld ms, watching %u file%s", STR_ARG(strbuf_str(&how)),
        (long long)(took_ns / MS_NS), watch->files.found,
        watch->files.found == 1 ? "" : "s");
    strbuf_release(&how);
    if (watch->folders.error != 0 && !watch->blind_said) {
        watch->blind_said = true;
        say(watch, "not told of all changes (%s): looking for them instead",
            strerror(watch->folders.error));
    }
}

static void clear_terminal(const Watch *watch)
{
    if (watch->settings->clear && isatty(STDOUT_FILENO)) {
        (void)output_write_fd(STDOUT_FILENO, STR("\x1b[H\x1b[2J\x1b[3J"), NULL);
    }
}

// ---- notices

static void add_notice(Watch *watch, const FileNotice *notice)
{
    Str path = watch_files_add(&watch->files, notice);
    watch->hopeless |= notice->kind == FILE_NOTICE_HOPELESS;
    if (notice->kind == FILE_NOTICE_FOLDER) { // its names change, too
        StrBuf inside = {0};
        strbuf_appendf(&inside, "%.*s/", STR_ARG(path));
        watch_folders_add(&watch->folders, strbuf_str(&inside));
        strbuf_release(&inside);
    }
    if (path.len > 0) {
        watch_folders_add(&watch->folders, path);
    }
}

// The child has ended when its end of the pipe is closed.
static void take_notices(Watch *watch)
{
    enum { ROOM = 64 << 10 };
    StrBuf *received = &watch->received;
    ssize_t got =
        read(watch->notice_pipe, strbuf_reserve(received, ROOM), ROOM);
    if (got < 0 && errno == EINTR) {
        return;
    }
    if (got <= 0) {
        (void)close(watch->notice_pipe);
        watch->notice_pipe = -1;
        return;
    }
    received->len += (size_t)got;
    FileNotice notice;
    Str left = strbuf_str(received);
    size_t taken;
    while ((taken = file_notice_take(left, &notice)) > 0) {
        add_notice(watch, &notice);
        left = str_slice(left, taken, left.len);
    }
    memmove(received->data, left.data, left.len);
    received->len = left.len;
}

// ---- waiting

static void stir(Watch *watch)
{
    watch->noise_ns = clock_monotonic_ns();
    if (watch->stirred_ns == 0) {
        watch->stirred_ns = watch->noise_ns;
    }
}

// When files are looked at next.
static int64_t next_look_ns(const Watch *watch)
{
    if (watch->stirred_ns != 0) {
        int64_t quiet = watch->noise_ns + QUIET_NS;
        int64_t noisy = watch->stirred_ns + NOISY_NS;
        return quiet < noisy ? quiet : noisy;
    }
    int64_t every = watch->folders.error != 0 ? LOOK_BLIND_NS : LOOK_NS;
    int64_t spared = watch->look_cost_ns * LOOK_SHARE;
    return watch->look_ns + (spared > every ? spared : every);
}

// Whether something has changed, and stays so for a moment. What nobody has
// told of is looked at once more then.
static bool look(Watch *watch)
{
    bool told = watch->stirred_ns != 0;
    int64_t begin = clock_monotonic_ns();
    strbuf_clear(&watch->names);
    bool changed = watch_files_changed(&watch->files, &watch->names) > 0;
    watch->stirred_ns = 0;
    watch->look_ns = clock_monotonic_ns();
    watch->look_cost_ns = watch->look_ns - begin;
    if (changed && !told) {
        stir(watch);
    }
    return changed && told;
}

// Waits until something is to be done, and does it. Whether files have changed.
static bool wait_a_while(Watch *watch)
{
    int64_t now = clock_monotonic_ns();
    int64_t until = watch->signal != 0 ? watch->kill_ns : next_look_ns(watch);
    int64_t left_ms = until > now ? (until - now + MS_NS - 1) / MS_NS : 0;
    struct pollfd sources[] = {
        {.fd = watch->signal_pipe, .events = POLLIN},
        {.fd = watch->notice_pipe, .events = POLLIN},
        {.fd = watch->folders.descriptor, .events = POLLIN},
    };
    int ready = poll(sources, 3, left_ms < 60000 ? (int)left_ms : 60000);
    if (ready < 0) {
        return false; // a signal, which the pipe has
    }
    if (sources[0].revents != 0) {
        take_signals(watch);
    }
    if (sources[1].revents != 0) {
        take_notices(watch);
    }
    if (sources[2].revents != 0 && watch_folders_drain(&watch->folders)) {
        stir(watch);
    }
    now = clock_monotonic_ns();
    if (watch->signal != 0) {
        if (watch->child != 0 && now >= watch->kill_ns) {
            (void)kill(watch->child, SIGKILL);
        }
        return false;
    }
    return now >= next_look_ns(watch) && look(watch);
}

// ---- a run

// In the child: as if nobody watched but for the pipe.
static void become_child(Watch *watch, int pipe)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    restore_signals(watch);
    (void)close(watch->notice_pipe);
    watch_folders_close(&watch->folders);
    // 0 says that there is none, and nobody's output is to go there.
    watch->settings->notice_pipe = fcntl(pipe, F_DUPFD_CLOEXEC, 3);
    (void)close(pipe);
}

// True in the child. A child of 0 in the parent: the system has none.
static bool fork_run(Watch *watch)
{
    int ends[2];
    sigset_t all, old;
    watch->child = 0;
    watch->notice_pipe = -1;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return false;
    }
    watch->notice_pipe = ends[0];
    // No signal comes to the child before it has its own handlers.
    sigfillset(&all);
    (void)sigprocmask(SIG_BLOCK, &all, &old);
    watch->child = fork();
    if (watch->child == 0) {
        become_child(watch, ends[1]);
    }
    (void)sigprocmask(SIG_SETMASK, &old, NULL);
    if (watch->child == 0) {
        return true;
    }
    (void)close(ends[1]);
    if (watch->child < 0) {
        watch->child = 0;
        (void)close(watch->notice_pipe);
        watch->notice_pipe = -1;
    }
    return false;
}

// Follows the run to its end. One whose files change meanwhile is broken off,
// but not twice in a row, so that one comes to its end.
static int follow(Watch *watch, bool may_break_off)
{
    int status = 0;
    while (watch->notice_pipe >= 0) {
        bool changed = wait_a_while(watch);
        if (changed && may_break_off && !watch->broken_off) {
            watch->broken_off = true;
            (void)kill(watch->child, SIGTERM);
        }
    }
    while (waitpid(watch->child, &status, 0) < 0 && errno == EINTR) {
    }
    watch->child = 0;
    return status;
}

static int exit_status(const Watch *watch)
{
    return watch->signal == SIGINT ? EXIT_STATUS_INTERRUPTED
                                   : EXIT_STATUS_TERMINATED;
}

// What a run that has not come to its end as others do may not have told of.
static void keep_untold(Watch *watch, const WatchFiles *older, int status)
{
    bool told_all = !watch->broken_off && WIFEXITED(status) &&
                    (WEXITSTATUS(status) == EXIT_STATUS_OK ||
                     WEXITSTATUS(status) == EXIT_STATUS_FAILED);
    if (told_all) {
        return;
    }
    watch_files_keep(&watch->files, older);
    const StrVec *operands = &watch->settings->operands;
    for (uint32_t i = 0; i < operands->count; i++) {
        watch_files_keep_path(&watch->files, operands->items[i]);
    }
}

typedef enum RunEnd {
    RUN_IS_CHILD, // and is to begin
    RUN_ENDED,
    RUN_WAS_LAST // with the exit status
} RunEnd;

static RunEnd run_once(Watch *watch, bool is_first, int *out_status)
{
    WatchFiles older = watch->files;
    bool was_broken_off = watch->broken_off;
    int64_t start_ns = clock_monotonic_ns();
    watch_folders_close(&watch->folders);
    watch_folders_open(&watch->folders);
    watch_files_init(&watch->files);
    strbuf_clear(&watch->received);
    watch->hopeless = watch->broken_off = false;
    watch->stirred_ns = 0;
    watch->look_ns = start_ns;
    bool is_child = fork_run(watch);
    RunEnd end = is_child ? RUN_IS_CHILD : RUN_WAS_LAST;
    if (!is_child && watch->child == 0) {
        *out_status =
            usage_io_error(watch->settings, "no process can be started");
    } else if (!is_child) {
        int status = follow(watch, !was_broken_off);
        bool was_last = watch->signal != 0 || (is_first && watch->hopeless);
        *out_status =
            watch->signal != 0 ? exit_status(watch) : EXIT_STATUS_USAGE;
        end = was_last ? RUN_WAS_LAST : RUN_ENDED;
        keep_untold(watch, &older, status);
        if (!was_last) {
            say_end(watch, status, clock_monotonic_ns() - start_ns);
        }
    }
    watch_files_release(&older);
    return end;
}

// ---- the verb

static bool is_stdin(Str path)
{
    return str_equal(path, STR("-")) || str_equal(path, STR("/dev/stdin"));
}

static bool reads_stdin(const Settings *settings)
{
    bool reads = is_stdin(settings_schema(settings));
    for (uint32_t i = 0; i < settings->operands.count; i++) {
        reads |= is_stdin(settings->operands.items[i]);
    }
    for (uint32_t i = 0; i < settings->input_files.count; i++) {
        reads |= is_stdin(settings->input_files.items[i]);
    }
    return reads;
}

// True in a child.
static bool watch_all(Watch *watch, int *out_status)
{
    for (bool is_first = true;; is_first = false) {
        clear_terminal(watch);
        RunEnd end = run_once(watch, is_first, out_status);
        if (end != RUN_ENDED) {
            return end == RUN_IS_CHILD;
        }
        stir(watch); // a file may have changed before it was watched
        while (watch->signal == 0 && !wait_a_while(watch)) {
        }
        if (watch->signal != 0) {
            *out_status = exit_status(watch);
            return false;
        }
        say(watch, "changed: %.*s", STR_ARG(strbuf_str(&watch->names)));
    }
}

bool watch_start(const Command *command, Settings *settings, int *out_status)
{
    if (reads_stdin(settings)) {
        *out_status = usage_error(
            settings, STR("'watch' takes files, not standard input"), "watch");
        return false;
    }
    Watch watch = {
        .command = command,
        .settings = settings,
        .silent = diag_write_format(settings) != DIAGNOSTICS_TEXT,
        .folders.descriptor = -1,
        .notice_pipe = -1,
    };
    if (!install_signals(&watch)) {
        *out_status = usage_io_error(settings, "no pipe can be opened");
        return false;
    }
    watch_files_init(&watch.files);
    bool is_child = watch_all(&watch, out_status);
    if (!is_child) {
        restore_signals(&watch);
    }
    watch_folders_close(&watch.folders);
    watch_files_release(&watch.files);
    strbuf_release(&watch.names);
    strbuf_release(&watch.received);
    return is_child;
}
