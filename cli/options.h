// The command line: a declarative table, options.def, to a Settings structure.
//
// Ownership: texts are borrowed from argv.
// Threads:   main thread only.
#ifndef LIGATURE_CLI_OPTIONS_H
#define LIGATURE_CLI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "support/str.h"
#include "support/vec.h"

typedef VEC(Str) StrVec;

enum {
    VERB_EVAL = 1 << 0,
    VERB_TYPECHECK = 1 << 1,
    VERB_PARSE = 1 << 2,
    VERB_EXPLAIN = 1 << 3,
    VERB_HELP = 1 << 4,
    VERB_TEST = 1 << 5,
    VERB_EXPORT = 1 << 6,
    VERB_INIT = 1 << 7,
    VERB_VALIDATE = 1 << 8,
    VERB_FMT = 1 << 9,
    VERB_GRAPH = 1 << 10,
    VERB_COMPLETIONS = 1 << 11,
    VERB_CACHE = 1 << 12,
    VERB_WHY = 1 << 13,
    VERB_DOC = 1 << 14,
    VERB_WATCH = 1 << 15,
    VERB_LSP = 1 << 16,
    VERB_REPL = 1 << 17,
    VERB_RUN = VERB_WHY | VERB_DOC | VERB_EVAL | VERB_TYPECHECK | VERB_TEST |
               VERB_EXPORT | VERB_VALIDATE | VERB_GRAPH,
    VERB_CHECK = VERB_RUN | VERB_LSP | VERB_REPL, // check programs
    VERB_RESULT = VERB_EVAL | VERB_EXPORT,
    VERB_VALUE = VERB_RESULT | VERB_REPL,               // print values
    VERB_WATCHED = VERB_RUN | VERB_PARSE | VERB_FMT,    // by `watch`
    VERB_PROJECT = VERB_WATCHED | VERB_LSP | VERB_REPL, // read ligature.toml
    // Print what they have found and no more: the disk cache keeps it.
    VERB_KEPT = VERB_EVAL | VERB_TYPECHECK,
    VERB_ALL = (1 << 18) - 1
};

typedef enum FormatChoice {
    FORMAT_JSON,
    FORMAT_YAML,
    FORMAT_TOML,
    FORMAT_TEXT,
    FORMAT_RAW
} FormatChoice;
typedef enum CheckFormat { CHECK_FORMAT_TEXT, CHECK_FORMAT_JSON } CheckFormat;
typedef enum GraphFormat { GRAPH_DOT, GRAPH_JSON, GRAPH_SVG } GraphFormat;
typedef enum WhyFormat { WHY_TEXT, WHY_JSON } WhyFormat;
typedef enum DiskCacheChoice {
    DISK_CACHE_AUTO,
    DISK_CACHE_ALWAYS,
    DISK_CACHE_NEVER
} DiskCacheChoice;
typedef enum CacheFormat { CACHE_FORMAT_TEXT, CACHE_FORMAT_JSON } CacheFormat;
typedef enum ColorChoice { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } ColorChoice;
typedef enum ProgressChoice {
    PROGRESS_AUTO,
    PROGRESS_ALWAYS,
    PROGRESS_NEVER
} ProgressChoice;
typedef enum DiagnosticsChoice {
    DIAGNOSTICS_AUTO,
    DIAGNOSTICS_TEXT,
    DIAGNOSTICS_JSON,
    DIAGNOSTICS_SARIF,
    DIAGNOSTICS_GITHUB,
    DIAGNOSTICS_JUNIT
} DiagnosticsChoice;

// Where a setting comes from; the higher wins.
typedef enum SettingOrigin {
    ORIGIN_DEFAULT,
    ORIGIN_PROJECT_ALL, // [all] of ligature.toml
    ORIGIN_PROJECT,     // the table of the verb
    ORIGIN_ENVIRONMENT, // LIGATURE_NAME
    ORIGIN_COMMAND_LINE
} SettingOrigin;

typedef struct SettingSource {
    SettingOrigin origin;
    uint32_t line; // of ligature.toml
    Str text;      // as given; of TEXTS the last one
} SettingSource;

enum {
    OPTION_COUNT_ALL = 0
#define OPTION(name, letter, kind, field, argument, verbs, help) +1
#include "cli/options.def"
};

// One field per row of options.def; 0, NULL and empty mean "not given".
typedef struct Settings {
    bool yaml_stream, parallel, async, sequential, fail_fast, compact,
        sort_keys, ascii, check_precision, show_types, no_cache, werror, stats,
        help, version, update, check, diff, bindings, timed, man, show_config,
        prune, untrusted, clear, no_history;
    uint64_t workers, cache_bytes, max_nesting, max_depth, max_steps,
        max_memory, max_output, max_source, max_sources, max_modules,
        max_type_nodes, max_errors, cache_size;
    int64_t timeout_ns; // 0: none
    uint32_t format, check_format, test_format, graph_format, why_format,
        repl_format, cache_format, disk_cache, totality, diagnostics, color,
        progress;
    bool has_format; // of the result was given
    Str expr, select, type, output, diagnostics_file, report, trace, filter,
        out, cache_dir, source_map;
    StrVec include_dirs, allow_roots, inputs, input_files;
    StrVec operands;
    int argument_count; // all of these as they were given
    char **arguments;
    SettingSource sources[OPTION_COUNT_ALL]; // by row of options.def
    struct Project *project;                 // NULL: no ligature.toml
    char *root;      // of --untrusted: all that may be read; else NULL
    int notice_pipe; // syntax/file_notice.h; 0: nobody watches this run
    // Of --untrusted: what the kernel lacks, and what is known of the machine
    // from before the process was confined.
    uint32_t unconfined, machine_cpus;
    uint64_t machine_memory;
} Settings;

typedef enum OptionKind {
    OPTION_FLAG,
    OPTION_TEXT,
    OPTION_TEXTS,
    OPTION_COUNT,
    OPTION_SIZE,
    OPTION_DURATION,
    OPTION_CHOICE
} OptionKind;

typedef struct Option {
    const char *name;
    char letter;
    OptionKind kind;
    size_t offset; // in Settings
    const char *argument;
    uint32_t verbs;
    const char *help;
} Option;

// Parses what follows the verb into `settings`. False with the reason in
// `out_error` ("unknown option '--foo'; did you mean '--for'?"). `verb` may be
// several: the line has the options of each.
bool options_parse(uint32_t verb, int argc, char **argv, Settings *settings,
                   StrBuf *out_error);
// Takes how diagnostics are wanted and how long they may take, and nothing
// else, from a command line that may be wrong in all other things.
void options_scan_diagnostics(int argc, char **argv, Settings *settings);
// When a run that begins now is to end, on the monotonic clock; INT64_MAX where
// it has no deadline.
int64_t settings_deadline_ns(const Settings *settings);
// FILE of --type FILE#Type; all of the text where no type follows.
Str settings_schema(const Settings *settings);
// The first of the files that say which project it is, those of the program:
// FILE of --type, else the first operand; "-" for none.
Str settings_first_file(const Settings *settings);
void settings_release(Settings *settings);

// Row `index` of options.def, below OPTION_COUNT_ALL.
const Option *option_at(uint32_t index);
// The row of an option of the verb, or NULL; *out_nearest names the nearest or
// is empty.
const Option *option_find(uint32_t verb, Str name, Str *out_nearest);
// Sets an option to what the text says, unless a higher origin has set it.
// False when the text is wrong; flags take true, false, 1 and 0.
bool option_set(const Option *option, Str text, SettingOrigin origin,
                uint32_t line, Settings *settings);
// "one of json|text|raw": what option_set() takes.
void option_append_expected(const Option *option, StrBuf *out);
// False with a reason where settings contradict each other.
bool options_check(const Settings *settings, StrBuf *out_error);
// Lets the higher origin win where settings contradict each other; false with
// a reason where they have one origin.
bool options_settle(Settings *settings, StrBuf *out_error);

#endif
