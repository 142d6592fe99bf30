#include "cli/untrusted.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/confine.h"
#include "cli/memory_limit.h"
#include "concurrent/pool.h"
#include "support/die.h"
#include "syntax/paths.h"

// ---- limits

static Limits fixed_limits(void)
{
    Limits limits = limits_default();
    limits.max_nesting = 256;
    limits.max_depth = 10000;
    limits.max_steps = 10000000;
    limits.max_memory_bytes = UINT64_C(512) << 20;
    limits.max_output_bytes = UINT64_C(16) << 20;
    limits.max_source_bytes = UINT64_C(1) << 20;
    limits.max_sources_bytes = UINT64_C(32) << 20;
    limits.max_modules = 10000;
    limits.max_type_nodes = 1000000;
    return limits;
}

Limits untrusted_limits(const Settings *settings)
{
    Limits limits = fixed_limits();
    if (settings->machine_memory < limits.max_memory_bytes) {
        limits.max_memory_bytes = settings->machine_memory;
    }
    return limits;
}

// The most that an option may say; 0 where it is no limit.
static uint64_t most_of(const Option *option)
{
    Limits limits = fixed_limits();
    const struct {
        size_t offset;
        uint64_t most;
    } rows[] = {
        {offsetof(Settings, max_nesting), limits.max_nesting},
        {offsetof(Settings, max_depth), limits.max_depth},
        {offsetof(Settings, max_steps), limits.max_steps},
        {offsetof(Settings, max_memory), limits.max_memory_bytes},
        {offsetof(Settings, max_output), limits.max_output_bytes},
        {offsetof(Settings, max_source), limits.max_source_bytes},
        {offsetof(Settings, max_sources), limits.max_sources_bytes},
        {offsetof(Settings, max_modules), limits.max_modules},
        {offsetof(Settings, max_type_nodes), limits.max_type_nodes},
        {offsetof(Settings, max_errors), limits.max_errors},
        {offsetof(Settings, cache_bytes), UNTRUSTED_CACHE_BYTES},
        {offsetof(Settings, timeout_ns), (uint64_t)UNTRUSTED_TIMEOUT_NS},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].offset == option->offset) {
            return rows[i].most;
        }
    }
    return 0;
}

static bool is_over(const Option *option, const Settings *settings)
{
    uint64_t most = most_of(option);
    if (most == 0) {
        return false;
    }
    const char *field = (const char *)settings + option->offset;
    uint64_t value = option->kind == OPTION_DURATION
                         ? (uint64_t) * (const int64_t *)field
                         : *(const uint64_t *)field;
    return value > most;
}

static void append_amount(const Option *option, uint64_t amount, StrBuf *out)
{
    if (option->kind == OPTION_DURATION) {
        strbuf_appendf(out, "%llus", (unsigned long long)(amount / 1000000000));
    } else if (option->kind == OPTION_SIZE && amount % (1 << 20) == 0) {
        strbuf_appendf(out, "%lluM", (unsigned long long)(amount >> 20));
    } else {
        strbuf_appendf(out, "%llu", (unsigned long long)amount);
    }
}

bool untrusted_append_default(const Option *option, StrBuf *out)
{
    uint64_t most = most_of(option);
    if (most != 0) {
        append_amount(option, most, out);
    }
    return most != 0;
}

static void lower_limits(Settings *settings)
{
    for (uint32_t i = 0; i < OPTION_COUNT_ALL; i++) {
        const Option *option = option_at(i);
        if (is_over(option, settings)) {
            memset((char *)settings + option->offset, 0, sizeof(uint64_t));
            settings->sources[i] = (SettingSource){.origin = ORIGIN_DEFAULT};
        }
    }
}

// ---- contradictions

static void report(DiagSink *diags, const char *format, ...) PRINTF_LIKE(2, 3);

static void report(DiagSink *diags, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    diag_addv(diags, DIAG_E0001, NULL, (Span){0, 0}, format, args);
    va_end(args);
}

// Options that say where files may be read or written.
bool untrusted_may_configure(const Option *option)
{
    static const char *const not [] = {
        "allow-root", "output",    "out",
        "multi",      "prune",     "update",
        "report",     "trace",     "diagnostics-file",
        "untrusted",  "source-map"};
    for (size_t i = 0; i < sizeof not / sizeof *not ; i++) {
        if (strcmp(option->name, not [i]) == 0) {
            return false;
        }
    }
    return true;
}

static bool check_limits(const Settings *settings, DiagSink *diags)
{
    bool ok = true;
    for (uint32_t i = 0; i < OPTION_COUNT_ALL; i++) {
        const Option *option = option_at(i);
        if (is_over(option, settings)) {
            StrBuf most = {0};
            append_amount(option, most_of(option), &most);
            report(diags, "'--%s' takes no more than %.*s with '--untrusted'",
                   option->name, STR_ARG(strbuf_str(&most)));
            strbuf_release(&most);
            ok = false;
        }
    }
    return ok;
}

static bool check_writes(const Command *command, const Settings *settings,
                         DiagSink *diags)
{
    const char *what = settings->allow_roots.count > 0 ? "--allow-root"
                       : settings->cache_dir.len > 0   ? "--cache-dir"
                       : settings->disk_cache == DISK_CACHE_ALWAYS
                           ? "--disk-cache always"
                       : settings->update ? "--update"
                                          : NULL;
    if (what != NULL) {
        report(diags, "'%s' contradicts '--untrusted'", what);
        return false;
    }
    if (command->bit == VERB_FMT && !settings->check && !settings->diff) {
        report(diags, "'--untrusted' writes no sources: give '--check' or "
                      "'--diff'");
        return false;
    }
    return true;
}

// ---- the one folder

static char *to_c(Str text)
{
    char *copy = mem_alloc(text.len + 1);
    memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    return copy;
}

static bool is_beneath(const char *path, const char *dir)
{
    size_t len = strlen(dir);
    return strncmp(path, dir, len) == 0 &&
           (path[len] == '\0' || path[len] == '/' || dir[len - 1] == '/');
}

static void cut_last(char *path)
{
    char *slash = strrchr(path, '/');
    slash[slash == path] = '\0';
}

// False for standard input, and for what is missing.
static bool find_real(Str given, char *out_path)
{
    char *path = to_c(given);
    bool found =
        !str_equal(given, STR("-")) && realpath(path, out_path) != NULL;
    free(path);
    return found;
}

// As without --untrusted: the working directory where it holds the first
// file, else that file's folder. But "/" counts for no working directory, as
// then all could be read; it stands for one that is not there, too.
static char *derive_root(const Settings *settings)
{
    char cwd[PATH_MAX], real[PATH_MAX];
    if (realpath(".", cwd) == NULL) {
        strcpy(cwd, "/");
    }
    Str first = settings_first_file(settings);
    bool is_somewhere = strcmp(cwd, "/") != 0;
    if (!find_real(first, real) || (is_somewhere && is_beneath(real, cwd))) {
        return to_c(str_from_c(cwd));
    }
    struct stat status;
    if (stat(real, &status) != 0 || !S_ISDIR(status.st_mode)) {
        cut_last(real);
    }
    return to_c(str_from_c(real));
}

// What is missing is for others to report.
static bool check_inside(Str given, const Settings *settings, DiagSink *diags)
{
    char real[PATH_MAX];
    bool ok = !find_real(given, real) || is_beneath(real, settings->root);
    if (!ok) {
        StrBuf shown = {0};
        strbuf_append_printable(&shown, given, 200);
        report(diags,
               "'%.*s' lies outside of the project's root, all that may be "
               "read with '--untrusted'",
               STR_ARG(strbuf_str(&shown)));
        strbuf_release(&shown);
    }
    return ok;
}

static bool check_all_inside(const StrVec *paths, const Settings *settings,
                             DiagSink *diags)
{
    bool ok = true;
    for (uint32_t i = 0; i < paths->count; i++) {
        ok &= check_inside(paths->items[i], settings, diags);
    }
    return ok;
}

static bool check_root(const Settings *settings, DiagSink *diags)
{
    bool ok = strcmp(settings->root, "/") != 0;
    if (!ok) {
        report(diags, "the project's root would be '/', and '--untrusted' lets "
                      "all of it be read: run it in the project's folder");
    }
    return ok;
}

// ---- links that a stranger has planted

// The canonical path of what there is of it: of the folder where it would be
// made, if it is missing.
static bool find_real_part(Str given, char *out_path)
{
    while (!find_real(given, out_path)) {
        Str folder = paths_dirname(given);
        if (str_equal(folder, given) || str_equal(given, STR("."))) {
            return false;
        }
        given = folder;
    }
    return true;
}

// Whether it never leaves the folder that it starts from, as far as its text
// says.
static bool stays_below(Str path)
{
    int64_t depth = 0;
    for (size_t at = 0; at < path.len && depth >= 0;) {
        const char *slash = memchr(path.data + at, '/', path.len - at);
        size_t end = slash != NULL ? (size_t)(slash - path.data) : path.len;
        Str part = str_slice(path, at, end);
        bool is_step = part.len > 0 && !str_equal(part, STR("."));
        depth += str_equal(part, STR("..")) ? -1 : is_step ? 1 : 0;
        at = end + 1;
    }
    return depth >= 0;
}

// Whether the text of `given` says that it lies in `dir` (canonical).
static bool names_part_of(Str given, const char *dir)
{
    bool is_absolute = str_starts_with(given, STR("/"));
    char real[PATH_MAX];
    for (size_t at = 0; at < given.len; at++) {
        bool starts_part = at == 0 ? !is_absolute : given.data[at - 1] == '/';
        Str before = at == 0 ? STR(".") : str_slice(given, 0, at);
        if (starts_part && stays_below(str_slice(given, at, given.len)) &&
            find_real(before, real) && strcmp(real, dir) == 0) {
            return true;
        }
    }
    return false;
}

// Of a folder that is neither the working directory nor the root.
static bool is_file_elsewhere(Str given, const char *real)
{
    char folder[PATH_MAX];
    struct stat status;
    return stat(real, &status) == 0 && !S_ISDIR(status.st_mode) &&
           find_real(paths_dirname(given), folder) && !is_beneath(real, folder);
}

// What is checked out into the working directory, or into the root, may hold
// links to wherever; so may the folder of an operand, if it is another one.
static bool leads_astray(Str given, bool is_operand, const Settings *settings)
{
    char cwd[PATH_MAX], real[PATH_MAX];
    if (!find_real_part(given, real)) {
        return false;
    }
    const char *dirs[] = {settings->root, realpath(".", cwd)};
    bool is_named = false;
    for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
        if (dirs[i] != NULL && strcmp(dirs[i], "/") != 0 &&
            names_part_of(given, dirs[i])) {
            is_named = true;
            if (!is_beneath(real, dirs[i])) {
                return true;
            }
        }
    }
    return !is_named && is_operand && is_file_elsewhere(given, real);
}

static bool check_link(Str given, bool is_operand, const Settings *settings,
                       DiagSink *diags)
{
    bool is_path = given.len > 0 && given.len < PATH_MAX; // else it is nothing
    bool ok = !is_path || !leads_astray(given, is_operand, settings);
    if (!ok) {
        StrBuf shown = {0};
        strbuf_append_printable(&shown, given, 200);
        report(diags,
               "'%.*s' leads out of its folder by a symbolic link, which "
               "'--untrusted' does not follow",
               STR_ARG(strbuf_str(&shown)));
        strbuf_release(&shown);
    }
    return ok;
}

// A link in the place of a file to write is replaced, one to a device is not.
static bool check_output(Str given, const Settings *settings, DiagSink *diags)
{
    char real[PATH_MAX];
    struct stat status;
    bool is_followed = given.len > 0 && find_real(given, real) &&
                       stat(real, &status) == 0 && !S_ISREG(status.st_mode);
    return given.len == 0 || str_equal(given, STR("-")) ||
           check_link(is_followed ? given : paths_dirname(given), false,
                      settings, diags);
}

static bool check_links(const Settings *settings, DiagSink *diags)
{
    bool ok = true;
    for (uint32_t i = 0; i < settings->operands.count; i++) {
        ok &= check_link(settings->operands.items[i], true, settings, diags);
    }
    const Str files[] = {settings->output, settings->diagnostics_file,
                         settings->source_map, settings->report,
                         settings->trace};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        ok &= check_output(files[i], settings, diags);
    }
    return check_link(settings->out, false, settings, diags) && ok;
}

static bool check_schema(const Settings *settings, DiagSink *diags)
{
    return settings->type.len == 0 ||
           check_inside(settings_schema(settings), settings, diags);
}

// ---- the confinement

enum { MAX_PATHS = 8 };

typedef struct Rules {
    ConfinePath paths[MAX_PATHS];
    uint32_t count;
} Rules;

static void add_rule(Rules *rules, char *path, uint32_t rights)
{
    rules->paths[rules->count++] = (ConfinePath){path, rights};
}

// A file that is written through a temporary one beside it, or a device.
static void add_output(Rules *rules, Str given)
{
    struct stat status;
    if (given.len == 0 || str_equal(given, STR("-"))) {
        return;
    }
    char *path = to_c(given);
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
        add_rule(rules, path, CONFINE_WRITE);
    } else if (strchr(path, '/') != NULL) {
        cut_last(path);
        add_rule(rules, path, CONFINE_MAKE);
    } else {
        free(path);
        add_rule(rules, to_c(STR(".")), CONFINE_MAKE);
    }
}

// A folder that is made when it is missing, with those that it stands in.
static void add_folder(Rules *rules, Str given)
{
    struct stat status;
    if (given.len == 0) {
        return;
    }
    char *path = to_c(given);
    while (stat(path, &status) != 0 && strchr(path, '/') != NULL &&
           strcmp(path, "/") != 0) {
        cut_last(path);
    }
    if (stat(path, &status) != 0) {
        strcpy(path, ".");
    }
    add_rule(rules, path, CONFINE_READ | CONFINE_MAKE);
}

// Besides the values, which --max-memory counts, there are trees, types and
// messages: those that have no limit of their own end here. What threads need
// to be there is not held against the program.
static uint64_t data_bytes(const Settings *settings)
{
    const uint64_t most = UINT64_C(2) << 30;
    const uint64_t of_thread = UINT64_C(32) << 20;
    uint64_t machine = settings->machine_memory;
    return (machine < most ? machine : most) +
           settings->machine_cpus * of_thread;
}

static void confine(Settings *settings)
{
    Rules rules = {.count = 0};
    add_rule(&rules, to_c(str_from_c(settings->root)), CONFINE_READ);
    add_output(&rules, settings->output);
    add_output(&rules, settings->diagnostics_file);
    add_output(&rules, settings->source_map);
    add_output(&rules, settings->report);
    add_output(&rules, settings->trace);
    add_folder(&rules, settings->out);
    // The files of the cgroup cannot be read any more then.
    settings->machine_memory = memory_limit_default();
    settings->machine_cpus = cpu_quota();
    confine_memory(data_bytes(settings));
    settings->unconfined = confine_process(rules.paths, rules.count);
    for (uint32_t i = 0; i < rules.count; i++) {
        free((char *)rules.paths[i].path);
    }
}

bool untrusted_enter(const Command *command, const char *project_dir,
                     Settings *settings, DiagSink *diags)
{
    settings->root = project_dir != NULL ? to_c(str_from_c(project_dir))
                                         : derive_root(settings);
    bool ok = check_limits(settings, diags);
    ok = check_writes(command, settings, diags) && ok;
    // What a link leads to decides on the root.
    ok = check_links(settings, diags) && check_root(settings, diags) &&
         check_all_inside(&settings->operands, settings, diags) &&
         check_schema(settings, diags) && ok;
    if (ok) {
        confine(settings);
    }
    return ok;
}

bool untrusted_settle(Settings *settings, DiagSink *diags)
{
    lower_limits(settings);
    bool ok = check_all_inside(&settings->include_dirs, settings, diags);
    ok = check_all_inside(&settings->input_files, settings, diags) && ok;
    return check_schema(settings, diags) && ok;
}
