// The parser of command lines, over the table of options.
#include "cli/options.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cli/overwrite.h"
#include "cli/untrusted.h"
#include "concurrent/pool.h"
#include "support/limits.h"
#include "support/nearest.h"
#include "support/number.h"
#include "syntax/project.h"

static const Option options[] = {
#define OPTION(name, letter, kind, field, argument, verbs, help)               \
    {name,     letter, OPTION_##kind, offsetof(Settings, field),               \
     argument, verbs,  help},
#include "cli/options.def"
};

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))
#define COUNT_MAX       (UINT64_C(1) << 32)

// ---- values

// What an option of kind COUNT takes at most.
static uint64_t count_most(const Option *option)
{
    return option->offset == offsetof(Settings, workers) ? POOL_WORKERS_MAX
           : option->offset == offsetof(Settings, max_nesting)
               ? MAX_NESTING_MOST
               : COUNT_MAX;
}

static bool parse_count(Str text, uint64_t most, uint64_t *out)
{
    uint64_t value;
    if (!number_parse_digits(text, 10, &value) || value == 0 || value > most) {
        return false;
    }
    *out = value;
    return true;
}

// Digits and a unit; the units are pairs of name and factor, ended by 0.
typedef struct Unit {
    const char *name;
    uint64_t factor;
} Unit;

static bool parse_with_unit(Str text, const Unit *units, uint64_t *out)
{
    size_t digits = 0;
    while (digits < text.len && text.data[digits] >= '0' &&
           text.data[digits] <= '9') {
        digits++;
    }
    uint64_t value;
    if (digits == 0 ||
        !number_parse_digits(str_slice(text, 0, digits), 10, &value) ||
        value == 0) {
        return false;
    }
    Str unit = str_slice(text, digits, text.len);
    for (; units->name != NULL; units++) {
        if (str_equal(unit, str_from_c(units->name))) {
            return !__builtin_mul_overflow(value, units->factor, out) &&
                   *out <= INT64_MAX;
        }
    }
    return false;
}

static bool parse_size(Str text, uint64_t *out)
{
    static const Unit units[] = {{"", 1},
                                 {"K", UINT64_C(1) << 10},
                                 {"M", UINT64_C(1) << 20},
                                 {"G", UINT64_C(1) << 30},
                                 {NULL, 0}};
    return parse_with_unit(text, units, out);
}

static bool parse_duration(Str text, int64_t *out)
{
    static const Unit units[] = {{"ms", UINT64_C(1000000)},
                                 {"s", UINT64_C(1000000000)},
                                 {"m", UINT64_C(60000000000)},
                                 {NULL, 0}};
    uint64_t value;
    if (!parse_with_unit(text, units, &value)) {
        return false;
    }
    *out = (int64_t)value;
    return true;
}

static bool parse_choice(Str text, const char *choices, uint32_t *out)
{
    Str rest = str_from_c(choices);
    for (uint32_t i = 0;; i++) {
        size_t bar = str_find_byte(rest, '|', 0);
        if (str_equal(str_slice(rest, 0, bar), text)) {
            *out = i;
            return true;
        }
        if (bar == rest.len) {
            return false;
        }
        rest = str_slice(rest, bar + 1, rest.len);
    }
}

static bool parse_flag(Str text, bool *out)
{
    *out = str_equal(text, STR("true")) || str_equal(text, STR("1"));
    return *out || str_equal(text, STR("false")) || str_equal(text, STR("0"));
}

static bool set_value(const Option *option, Str text, Settings *settings)
{
    void *field = (char *)settings + option->offset;
    switch (option->kind) {
    case OPTION_FLAG:
        return parse_flag(text, field);
    case OPTION_TEXT:
        *(Str *)field = text;
        return text.len > 0;
    case OPTION_TEXTS:
        vec_push((StrVec *)field, text);
        return text.len > 0;
    case OPTION_COUNT:
        return parse_count(text, count_most(option), field);
    case OPTION_SIZE:
        return parse_size(text, field);
    case OPTION_DURATION:
        return parse_duration(text, field);
    case OPTION_CHOICE:
        return parse_choice(text, option->argument, field);
    }
    return false;
}

const Option *option_at(uint32_t index)
{
    return &options[index];
}

bool option_set(const Option *option, Str text, SettingOrigin origin,
                uint32_t line, Settings *settings)
{
    SettingSource *source = &settings->sources[option - options];
    if (source->origin > origin) {
        Settings unused = {0};
        bool ok = set_value(option, text, &unused);
        settings_release(&unused);
        return ok;
    }
    if (option->kind == OPTION_TEXTS && source->origin < origin) {
        vec_clear((StrVec *)((char *)settings + option->offset));
    }
    if (!set_value(option, text, settings)) {
        return false;
    }
    *source = (SettingSource){origin, line, text};
    if (option->offset == offsetof(Settings, format)) {
        settings->has_format = true;
    }
    return true;
}

const Option *option_find(uint32_t verb, Str name, Str *out_nearest)
{
    Nearest nearest;
    nearest_init(&nearest, name);
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        Str candidate = str_from_c(options[i].name);
        if ((options[i].verbs & verb) == 0) {
            continue;
        }
        if (str_equal(candidate, name)) {
            return &options[i];
        }
        nearest_consider_begun(&nearest, candidate);
    }
    *out_nearest = nearest.best;
    return NULL;
}

// ---- arguments

static const Option *find_long(uint32_t verb, Str name, StrBuf *out_error)
{
    Str nearest;
    const Option *option = option_find(verb, name, &nearest);
    if (option != NULL) {
        return option;
    }
    strbuf_append(out_error, STR("unknown option '--"));
    strbuf_append_printable(out_error, name, 200);
    strbuf_append_char(out_error, '\'');
    if (nearest.len > 0) {
        strbuf_appendf(out_error, "; did you mean '--%.*s'?", STR_ARG(nearest));
    }
    return NULL;
}

static const Option *find_short(uint32_t verb, char letter, StrBuf *out_error)
{
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        if (options[i].letter == letter && (options[i].verbs & verb) != 0) {
            return &options[i];
        }
    }
    strbuf_append(out_error, STR("unknown option '-"));
    strbuf_append_printable(out_error, str_make(&letter, 1), 8);
    strbuf_append_char(out_error, '\'');
    return NULL;
}

void option_append_expected(const Option *option, StrBuf *out)
{
    static const char *const expected[] = {
        [OPTION_FLAG] = "true or false",
        [OPTION_TEXT] = "a text that is not empty",
        [OPTION_TEXTS] = "a text that is not empty",
        [OPTION_COUNT] = "a whole number from 1 to",
        [OPTION_SIZE] = "a size such as 4096, 64K, 64M or 2G",
        [OPTION_DURATION] = "a time such as 500ms, 30s or 2m",
        [OPTION_CHOICE] = "one of",
    };
    strbuf_append(out, str_from_c(expected[option->kind]));
    if (option->kind == OPTION_CHOICE) {
        strbuf_appendf(out, " %s", option->argument);
    } else if (option->kind == OPTION_COUNT) {
        strbuf_appendf(out, " %llu", (unsigned long long)count_most(option));
    }
}

static bool value_error(const Option *option, Str value, StrBuf *out_error)
{
    strbuf_appendf(out_error, "'--%s' takes ", option->name);
    option_append_expected(option, out_error);
    strbuf_append(out_error, STR(", not '"));
    strbuf_append_printable(out_error, value, 200);
    strbuf_append_char(out_error, '\'');
    return false;
}

typedef struct ArgReader {
    int argc;
    char **argv;
    int next;
} ArgReader;

static bool take_value(const Option *option, bool has_value, Str value,
                       ArgReader *reader, Settings *settings, StrBuf *out_error)
{
    if (option->kind == OPTION_FLAG) {
        value = has_value ? value : STR("true");
    } else if (!has_value) {
        if (reader->next == reader->argc) {
            strbuf_appendf(out_error, "'--%s' needs a value: %s", option->name,
                           option->argument);
            return false;
        }
        value = str_from_c(reader->argv[reader->next++]);
    }
    return option_set(option, value, ORIGIN_COMMAND_LINE, 0, settings) ||
           value_error(option, value, out_error);
}

static bool parse_long(uint32_t verb, Str text, ArgReader *reader,
                       Settings *settings, StrBuf *out_error)
{
    size_t equals = str_find_byte(text, '=', 0);
    const Option *option =
        find_long(verb, str_slice(text, 0, equals), out_error);
    return option != NULL && take_value(option, equals < text.len,
                                        str_slice(text, equals + 1, text.len),
                                        reader, settings, out_error);
}

static bool parse_short(uint32_t verb, Str text, ArgReader *reader,
                        Settings *settings, StrBuf *out_error)
{
    for (size_t i = 0; i < text.len; i++) {
        const Option *option = find_short(verb, text.data[i], out_error);
        if (option == NULL) {
            return false;
        }
        if (option->kind == OPTION_FLAG) {
            (void)option_set(option, STR("true"), ORIGIN_COMMAND_LINE, 0,
                             settings);
            continue;
        }
        Str rest = str_slice(text, i + 1, text.len);
        return take_value(option, rest.len > 0, rest, reader, settings,
                          out_error);
    }
    return true;
}

static bool names_file(Str operand)
{
    return str_equal(operand, STR("-")) ||
           str_ends_with(operand, STR(".lig")) ||
           str_find_byte(operand, '/', 0) < operand.len;
}

// FILE PATH; with --expr FILE may be left out, and what is alone is a path
// unless it looks like a file.
static void take_path(Settings *settings)
{
    const StrVec *operands = &settings->operands;
    bool is_path = operands->count == 2;
    if (operands->count == 1 && settings->expr.len > 0) {
        is_path = !names_file(operands->items[0]);
    }
    if (is_path) {
        settings->select = vec_pop(&settings->operands);
    }
}

bool options_parse(uint32_t verb, int argc, char **argv, Settings *settings,
                   StrBuf *out_error)
{
    ArgReader reader = {argc, argv, 0};
    bool only_operands = false;
    settings->argument_count = argc;
    settings->arguments = argv;
    while (reader.next < argc) {
        Str arg = str_from_c(argv[reader.next++]);
        bool ok = true;
        if (only_operands || arg.len < 2 || arg.data[0] != '-') {
            vec_push(&settings->operands, arg);
        } else if (str_equal(arg, STR("--"))) {
            only_operands = true;
        } else if (arg.data[1] == '-') {
            ok = parse_long(verb, str_slice(arg, 2, arg.len), &reader, settings,
                            out_error);
        } else {
            ok = parse_short(verb, str_slice(arg, 1, arg.len), &reader,
                             settings, out_error);
        }
        if (!ok) {
            return false;
        }
    }
    if (!options_check(settings, out_error)) {
        return false;
    }
    if ((verb & VERB_WHY) != 0) {
        take_path(settings);
    }
    return true;
}

static bool scanned_value(ArgReader *reader, Str arg, Str name, Str *out)
{
    if (!str_starts_with(arg, name)) {
        return false;
    }
    if (arg.len > name.len) {
        *out = str_slice(arg, name.len + 1, arg.len);
        return arg.data[name.len] == '=';
    }
    if (reader->next == reader->argc) {
        return false;
    }
    *out = str_from_c(reader->argv[reader->next++]);
    return true;
}

// A value that is wrong is as good as none.
static void scan_option(size_t offset, Str value, Settings *settings)
{
    for (size_t i = 0; i < COUNT_OF(options); i++) {
        if (options[i].offset == offset) {
            (void)set_value(&options[i], value, settings);
        }
    }
}

static const struct {
    Str name, variable;
    size_t offset;
} scanned[] = {
    {STR_INIT("--diagnostics"), STR_INIT("LIGATURE_DIAGNOSTICS"),
     offsetof(Settings, diagnostics)},
    {STR_INIT("--diagnostics-file"), STR_INIT("LIGATURE_DIAGNOSTICS_FILE"),
     offsetof(Settings, diagnostics_file)},
    {STR_INIT("--timeout"), STR_INIT("LIGATURE_TIMEOUT"),
     offsetof(Settings, timeout_ns)},
};

static void scan_args(int argc, char **argv, Settings *settings)
{
    ArgReader reader = {argc, argv, 0};
    while (reader.next < argc) {
        Str arg = str_from_c(argv[reader.next++]);
        Str value;
        if (str_equal(arg, STR("--"))) {
            return;
        }
        for (size_t i = 0; i < COUNT_OF(scanned); i++) {
            if (scanned_value(&reader, arg, scanned[i].name, &value)) {
                scan_option(scanned[i].offset, value, settings);
                break;
            }
        }
    }
}

void options_scan_diagnostics(int argc, char **argv, Settings *settings)
{
    for (size_t i = 0; i < COUNT_OF(scanned); i++) {
        const char *value = getenv(scanned[i].variable.data);
        if (value != NULL) {
            scan_option(scanned[i].offset, str_from_c(value), settings);
        }
    }
    scan_args(argc, argv, settings);
    for (int i = 0; i < argc; i++) {
        // What is wrong must not replace the program.
        if (argv[i] != settings->diagnostics_file.data &&
            overwrite_is_same_file(str_from_c(argv[i]),
                                   settings->diagnostics_file)) {
            settings->diagnostics_file = STR("");
        }
    }
}

int64_t settings_deadline_ns(const Settings *settings)
{
    int64_t timeout_ns = settings->timeout_ns;
    const char *ci = getenv("CI");
    if (timeout_ns == 0 && settings->untrusted) {
        timeout_ns = UNTRUSTED_TIMEOUT_NS;
    } else if (timeout_ns == 0 && ci != NULL && strcmp(ci, "true") == 0) {
        timeout_ns = INT64_C(30000000000);
    }
    int64_t now = clock_monotonic_ns();
    return timeout_ns == 0 || timeout_ns > INT64_MAX - now ? INT64_MAX
                                                           : now + timeout_ns;
}

void settings_release(Settings *settings)
{
    vec_release(&settings->include_dirs);
    vec_release(&settings->allow_roots);
    vec_release(&settings->inputs);
    vec_release(&settings->input_files);
    vec_release(&settings->operands);
    project_free(settings->project);
    settings->project = NULL;
    free(settings->root);
    settings->root = NULL;
}
