#include "cli/config.h"

#include <string.h>

#include "cli/untrusted.h"
#include "support/nearest.h"
#include "syntax/paths.h"
#include "syntax/project.h"

extern char **environ;

// ---- the environment

#define ENV_PREFIX "LIGATURE_"

// LIGATURE_MAX_STEPS of "max-steps".
static void append_variable(const Option *option, StrBuf *out)
{
    strbuf_append(out, STR(ENV_PREFIX));
    for (const char *c = option->name; *c != '\0'; c++) {
        strbuf_append_char(out, *c == '-'                ? '_'
                                : *c >= 'a' && *c <= 'z' ? (char)(*c - 32)
                                                         : *c);
    }
}

static bool is_configurable(const Option *option)
{
    // What is in a cache is believed: a project must not bring one along.
    static const char *const not [] = {"help",      "version", "show-config",
                                       "cache-dir", "man",     "clear"};
    for (size_t i = 0; i < sizeof not / sizeof *not ; i++) {
        if (strcmp(option->name, not [i]) == 0) {
            return false;
        }
    }
    return true;
}

static bool is_path(const Option *option)
{
    static const char *const arguments[] = {"DIR", "FILE", "FILE#TYPE"};
    bool found = false;
    for (size_t i = 0; i < sizeof arguments / sizeof *arguments; i++) {
        found = found || (option->argument != NULL &&
                          strcmp(option->argument, arguments[i]) == 0);
    }
    return found;
}

static bool is_standard_stream(Str path)
{
    return str_equal(path, STR("-")) || str_starts_with(path, STR("-#"));
}

// Lists of paths are separated by colons, as in PATH.
static bool set_variable(const Option *option, Str text, Settings *settings)
{
    if (option->kind != OPTION_TEXTS || !is_path(option)) {
        return option_set(option, text, ORIGIN_ENVIRONMENT, 0, settings);
    }
    bool ok = true;
    for (size_t at = 0, end; at <= text.len; at = end + 1) {
        end = str_find_byte(text, ':', at);
        ok &= end == at || option_set(option, str_slice(text, at, end),
                                      ORIGIN_ENVIRONMENT, 0, settings);
    }
    return ok;
}

static const Option *find_variable(uint32_t verb, Str name)
{
    StrBuf text = {0};
    const Option *found = NULL;
    for (uint32_t i = 0; i < OPTION_COUNT_ALL && found == NULL; i++) {
        const Option *option = option_at(i);
        if ((option->verbs & verb) != 0 && is_configurable(option)) {
            strbuf_clear(&text);
            append_variable(option, &text);
            found = str_equal(strbuf_str(&text), name) ? option : NULL;
        }
    }
    strbuf_release(&text);
    return found;
}

// Whether another verb has an option of the name that takes the text: what is
// said to all verbs is meant for those that know it.
static bool is_for_others(const Option *option, Str text)
{
    bool found = false;
    for (uint32_t i = 0; i < OPTION_COUNT_ALL && !found; i++) {
        Settings unused = {0};
        const Option *other = option_at(i);
        found = strcmp(other->name, option->name) == 0 &&
                option_set(other, text, ORIGIN_ENVIRONMENT, 0, &unused);
        settings_release(&unused);
    }
    return found;
}

// Variables of other names are somebody else's.
static bool read_environment(const Command *command, Settings *settings,
                             DiagSink *diags)
{
    bool ok = true;
    for (char **variable = environ; *variable != NULL; variable++) {
        if (strncmp(*variable, ENV_PREFIX, strlen(ENV_PREFIX)) != 0) {
            continue;
        }
        Str text = str_from_c(*variable);
        size_t equals = str_find_byte(text, '=', 0);
        Str name = str_slice(text, 0, equals);
        Str value = str_slice(text, equals + 1, text.len);
        const Option *option = find_variable(command->bit, name);
        if (option == NULL || value.len == 0 ||
            set_variable(option, value, settings) ||
            is_for_others(option, value)) {
            continue;
        }
        StrBuf expected = {0}, shown = {0};
        option_append_expected(option, &expected);
        strbuf_append_printable(&shown, value, 200);
        diag_add(diags, DIAG_E0001, NULL, (Span){0, 0},
                 "%.*s in the environment takes %.*s, not '%.*s'",
                 STR_ARG(name), STR_ARG(strbuf_str(&expected)),
                 STR_ARG(strbuf_str(&shown)));
        strbuf_release(&expected);
        strbuf_release(&shown);
        ok = false;
    }
    return ok;
}

// ---- the project file

typedef struct ProjectReader {
    const Project *project;
    DiagSink *diags;
    Settings *settings;
    SettingOrigin origin;
    bool ok;
    bool untrusted;
    bool applies; // to the verb that runs
} ProjectReader;

static Diag *unknown_key(ProjectReader *reader, const RecordItem *item,
                         const char *what, Str nearest)
{
    StrBuf shown = {0};
    strbuf_append_printable(&shown, project_key(reader->project, item), 200);
    Diag *diag =
        diag_add(reader->diags, DIAG_E0001, &reader->project->module->source,
                 project_key_span(reader->project, item), "unknown %s '%.*s'",
                 what, STR_ARG(strbuf_str(&shown)));
    if (nearest.len > 0) {
        diag_help(reader->diags, diag, "did you mean '%.*s'?",
                  STR_ARG(nearest));
    }
    strbuf_release(&shown);
    reader->ok = false;
    return diag;
}

// System calls would see another text.
static bool holds_nul(const Expr *value)
{
    if (value->kind != EXPR_STRING) {
        return false;
    }
    Str text = str_make(value->as.string.data, value->as.string.len);
    return str_find_byte(text, '\0', 0) < text.len;
}

static void wrong_value(ProjectReader *reader, const Option *option,
                        const Expr *value)
{
    StrBuf expected = {0};
    if (option->argument != NULL && holds_nul(value)) {
        strbuf_append(&expected, STR("a text without NUL characters"));
    } else {
        option_append_expected(option, &expected);
    }
    Diag *diag =
        diag_add(reader->diags, DIAG_E0001, &reader->project->module->source,
                 value->span, "'%s' takes %.*s", option->name,
                 STR_ARG(strbuf_str(&expected)));
    if (option->kind != OPTION_FLAG && option->kind != OPTION_COUNT &&
        value->kind != EXPR_STRING) {
        diag_help(reader->diags, diag, "write it in quotes");
    }
    strbuf_release(&expected);
    reader->ok = false;
}

// The text that option_set() understands; false where the kind of value does
// not suit the option.
static bool value_text(ProjectReader *reader, const Option *option,
                       const Expr *value, Str *out)
{
    Arena *arena = reader->project->module->arena;
    if (value->kind == EXPR_BOOL) {
        *out = value->as.boolean.value ? STR("true") : STR("false");
        return option->kind == OPTION_FLAG;
    }
    if (value->kind == EXPR_INT) {
        *out = arena_printf(arena, "%lld", (long long)value->as.integer.value);
        return option->kind == OPTION_COUNT || option->kind == OPTION_SIZE;
    }
    if (value->kind != EXPR_STRING || option->kind == OPTION_FLAG ||
        holds_nul(value)) {
        return false;
    }
    Str text = str_make(value->as.string.data, value->as.string.len);
    if (is_path(option) && text.len > 0 && text.data[0] != '/' &&
        !is_standard_stream(text)) {
        // Paths in the file are relative to its folder.
        text = paths_display_here(arena_printf(arena, "%.*s/%.*s",
                                               STR_ARG(reader->project->dir),
                                               STR_ARG(text)),
                                  arena);
    }
    text = arena_printf(arena, "%.*s%c", STR_ARG(text), '\0');
    text.len--;
    *out = text;
    return true;
}

static void set_one(ProjectReader *reader, const Option *option,
                    const Expr *value)
{
    Str text;
    uint32_t line =
        source_position(&reader->project->module->source, value->span.start)
            .line;
    bool is_switch = option->offset == offsetof(Settings, untrusted);
    bool is_refused = reader->untrusted && reader->applies &&
                      !untrusted_may_configure(option);
    if (is_switch || is_refused) {
        diag_add(reader->diags, DIAG_E0001, &reader->project->module->source,
                 value->span, "a project file cannot say '%s'%s", option->name,
                 is_switch ? "" : " with '--untrusted'");
        reader->ok = false;
        return;
    }
    if (!value_text(reader, option, value, &text) ||
        !(option_set(option, text, reader->origin, line, reader->settings) ||
          (reader->origin == ORIGIN_PROJECT_ALL &&
           is_for_others(option, text)))) {
        wrong_value(reader, option, value);
    }
}

static void unknown_option(ProjectReader *reader, uint32_t verbs,
                           const RecordItem *item, Str nearest)
{
    Diag *diag = unknown_key(reader, item, "option", nearest);
    for (uint32_t i = 0; nearest.len == 0 && command_at(i) != NULL; i++) {
        if (command_at(i)->bit == verbs) { // not in [all]
            diag_help(reader->diags, diag, "'ligature help %s' lists them",
                      command_at(i)->name);
        }
    }
}

// Options of `verbs`. Those of other verbs than the one that runs are looked
// at as well, so that a mistake shows at once.
static void read_table(ProjectReader *reader, uint32_t verbs, const Expr *table)
{
    for (uint32_t i = 0; i < table->as.record.count; i++) {
        const RecordItem *item = &table->as.record.items[i];
        const Expr *value = record_item_value(item);
        Str nearest = STR(""); // as it stays where there is one
        const Option *option =
            option_find(verbs, project_key(reader->project, item), &nearest);
        if (option == NULL || !is_configurable(option)) {
            unknown_option(reader, verbs, item, nearest);
        } else if (option->kind == OPTION_TEXTS && value->kind == EXPR_LIST) {
            for (uint32_t k = 0; k < value->as.list.count; k++) {
                set_one(reader, option, &value->as.list.items[k]);
            }
        } else {
            set_one(reader, option, value);
        }
    }
}

static const Command *find_verb(Str name, Nearest *nearest)
{
    for (uint32_t i = 0; command_at(i) != NULL; i++) {
        const Command *command = command_at(i);
        if ((command->bit & VERB_PROJECT) == 0) {
            continue;
        }
        if (str_equal(str_from_c(command->name), name)) {
            return command;
        }
        nearest_consider(nearest, str_from_c(command->name));
    }
    return NULL;
}

// A verb may be meant by another name of it.
static Str nearest_table(Nearest *nearest)
{
    nearest_consider(nearest, STR("all"));
    nearest_consider(nearest, STR("imports"));
    nearest_consider(nearest, STR("check"));
    Str unused;
    Str name = nearest->best.len > 0 ? nearest->best : nearest->name;
    const Command *command = command_find(name, &unused);
    return command != NULL && (command->bit & VERB_PROJECT) != 0
               ? str_from_c(command->name)
               : nearest->best;
}

static void unknown_table(ProjectReader *reader, const RecordItem *item,
                          Str nearest)
{
    Diag *diag = unknown_key(reader, item, "table", nearest);
    if (nearest.len > 0) {
        return;
    }
    StrBuf names = {0};
    for (uint32_t i = 0; command_at(i) != NULL; i++) {
        if ((command_at(i)->bit & VERB_PROJECT) != 0) {
            strbuf_appendf(&names, "'%s', ", command_at(i)->name);
        }
    }
    diag_help(reader->diags, diag, "there are %.*s'all' and 'imports'",
              STR_ARG(strbuf_str(&names)));
    strbuf_release(&names);
}

// [all] in options that the running verb does not have says nothing to it.
static void read_all(ProjectReader *reader, const Command *running,
                     const Expr *table)
{
    Settings unused = {0};
    Settings *settings = reader->settings;
    reader->origin = ORIGIN_PROJECT_ALL;
    for (uint32_t i = 0; i < table->as.record.count; i++) {
        RecordItem *item = &table->as.record.items[i];
        Expr single = *table;
        single.as.record.items = item;
        single.as.record.count = 1;
        Str nearest;
        bool applies =
            option_find(running->bit, project_key(reader->project, item),
                        &nearest) != NULL;
        reader->applies = applies;
        reader->settings = applies ? settings : &unused;
        read_table(reader, applies ? running->bit : VERB_PROJECT, &single);
    }
    reader->settings = settings;
    settings_release(&unused);
}

static void read_verb(ProjectReader *reader, const Command *command,
                      bool applies, const Expr *table)
{
    Settings unused = {0};
    Settings *settings = reader->settings;
    reader->applies = applies;
    reader->settings = applies ? settings : &unused;
    reader->origin = ORIGIN_PROJECT;
    read_table(reader, command->bit, table);
    reader->settings = settings;
    settings_release(&unused);
}

static void read_tables(ProjectReader *reader, const Command *running)
{
    const Expr *root = reader->project->module->ast.result;
    for (uint32_t i = 0; i < root->as.record.count; i++) {
        const RecordItem *item = &root->as.record.items[i];
        Str key = project_key(reader->project, item);
        Nearest nearest;
        nearest_init(&nearest, key);
        const Command *command = find_verb(key, &nearest);
        bool is_all = str_equal(key, STR("all"));
        if (command == NULL && !is_all && !str_equal(key, STR("imports"))) {
            unknown_table(reader, item, nearest_table(&nearest));
        } else if (record_item_value(item)->kind != EXPR_RECORD) {
            diag_add(reader->diags, DIAG_E0001,
                     &reader->project->module->source,
                     record_item_value(item)->span, "'%.*s' is a table: [%.*s]",
                     STR_ARG(key), STR_ARG(key));
            reader->ok = false;
        } else if (is_all) {
            read_all(reader, running, record_item_value(item));
        } else if (command != NULL) {
            read_verb(reader, command, command == running,
                      record_item_value(item));
        }
    }
}

// The folder that the search starts in.
static Str start_of(const Settings *settings)
{
    Str first = settings_first_file(settings);
    return str_equal(first, STR("-")) ? STR(".") : first;
}

// Nothing that a stranger wrote is read before the process is confined.
static bool read_project(const Command *command, Settings *settings,
                         DiagSink *diags)
{
    ProjectFile file;
    bool ok =
        project_locate(start_of(settings), settings->notice_pipe, diags, &file);
    if (ok && settings->untrusted) {
        ok = untrusted_enter(command, file.dir, settings, diags);
    }
    if (!ok || file.dir == NULL) {
        project_file_close(&file);
        return ok;
    }
    ok = project_read(&file, diags, &settings->project);
    const Project *project = settings->project;
    if (project->module->ast.result == NULL) {
        return ok;
    }
    ProjectReader reader = {
        .project = project,
        .diags = diags,
        .settings = settings,
        .origin = ORIGIN_PROJECT,
        .ok = true,
        .untrusted = settings->untrusted,
    };
    read_tables(&reader, command);
    return ok && reader.ok;
}

static bool has_no_project_yet(const Command *command, const Settings *settings)
{
    return command->bit == VERB_LSP && settings->operands.count == 0 &&
           !settings->untrusted && !settings->show_config;
}

bool config_complete(const Command *command, Settings *settings,
                     DiagSink *diags)
{
    bool ok = read_environment(command, settings, diags);
    if ((command->bit & VERB_PROJECT) == 0) {
        return ok;
    }
    if (!has_no_project_yet(command, settings)) {
        ok = read_project(command, settings, diags) && ok;
    }
    if (ok && settings->untrusted) {
        ok = untrusted_settle(settings, diags);
    }
    StrBuf error = {0};
    if (ok && !options_settle(settings, &error)) {
        diag_add(diags, DIAG_E0001, NULL, (Span){0, 0}, "%.*s",
                 STR_ARG(strbuf_str(&error)));
        ok = false;
    }
    strbuf_release(&error);
    return ok;
}

// ---- --show-config

static void append_quoted(StrBuf *out, Str text)
{
    strbuf_append_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c == '"' || c == '\\') {
            strbuf_append_char(out, '\\');
        }
        if ((unsigned char)c < 0x20 || c == 0x7F) {
            strbuf_appendf(out, "\\u%04x", (unsigned)(unsigned char)c);
        } else {
            strbuf_append_char(out, c);
        }
    }
    strbuf_append_char(out, '"');
}

static void append_list(StrBuf *out, const StrVec *texts)
{
    strbuf_append_char(out, '[');
    for (uint32_t i = 0; i < texts->count; i++) {
        strbuf_append(out, i > 0 ? STR(", ") : STR(""));
        append_quoted(out, texts->items[i]);
    }
    strbuf_append_char(out, ']');
}

static void append_value(StrBuf *out, const Option *option,
                         const SettingSource *source, const Settings *settings)
{
    const void *field = (const char *)settings + option->offset;
    switch (option->kind) {
    case OPTION_FLAG:
        strbuf_append(out, *(const bool *)field ? STR("true") : STR("false"));
        return;
    case OPTION_COUNT:
        strbuf_appendf(out, "%llu",
                       (unsigned long long)*(const uint64_t *)field);
        return;
    case OPTION_TEXTS:
        append_list(out, field);
        return;
    case OPTION_TEXT:
    case OPTION_SIZE:
    case OPTION_DURATION:
    case OPTION_CHOICE:
        append_quoted(out, source->text);
        return;
    }
}

// The help says "default X" where there is a number; choices and flags have
// their first.
static void append_default(StrBuf *out, const Option *option,
                           const Settings *settings)
{
    if (option->kind == OPTION_FLAG) {
        strbuf_append(out, STR("false"));
        return;
    }
    if (option->kind == OPTION_CHOICE) {
        Str choices = str_from_c(option->argument);
        append_quoted(out,
                      str_slice(choices, 0, str_find_byte(choices, '|', 0)));
        return;
    }
    if (option->kind == OPTION_TEXTS) {
        strbuf_append(out, STR("[]"));
        return;
    }
    if (settings->untrusted && untrusted_append_default(option, out)) {
        return;
    }
    const char *found = strstr(option->help, "default ");
    strbuf_append(out, STR("none"));
    if (found != NULL) {
        Str rest = str_from_c(found + strlen("default "));
        out->len -= strlen("none");
        strbuf_append(out, str_slice(rest, 0, str_find_byte(rest, ';', 0)));
    }
}

static void append_origin(StrBuf *out, const Option *option,
                          const SettingSource *source, const Settings *settings)
{
    switch (source->origin) {
    case ORIGIN_DEFAULT:
        strbuf_append(out, STR("default"));
        return;
    case ORIGIN_PROJECT_ALL:
    case ORIGIN_PROJECT:
        strbuf_append_printable(out, settings->project->module->source.path,
                                4096);
        strbuf_appendf(out, ":%u", source->line);
        return;
    case ORIGIN_ENVIRONMENT:
        append_variable(option, out);
        return;
    case ORIGIN_COMMAND_LINE:
        strbuf_appendf(out, "--%s", option->name);
        return;
    }
}

static void append_setting(StrBuf *out, const Option *option,
                           const SettingSource *source,
                           const Settings *settings)
{
    enum { COLUMN = 40 };
    size_t start = out->len;
    bool has_value =
        source->origin != ORIGIN_DEFAULT || option->kind == OPTION_FLAG ||
        option->kind == OPTION_CHOICE || option->kind == OPTION_TEXTS;
    strbuf_appendf(out, "%s%s = ", has_value ? "" : "# ", option->name);
    if (source->origin == ORIGIN_DEFAULT) {
        append_default(out, option, settings);
    } else {
        append_value(out, option, source, settings);
    }
    size_t used = out->len - start;
    strbuf_append_repeat(out, ' ', used < COLUMN ? COLUMN - used : 1);
    strbuf_append(out, STR("# "));
    append_origin(out, option, source, settings);
    strbuf_append_char(out, '\n');
}

void config_show(const Command *command, const Settings *settings, StrBuf *out)
{
    const Project *project = settings->project;
    strbuf_append(out, STR("# project file: "));
    strbuf_append_printable(
        out, project != NULL ? project->module->source.path : STR("none"),
        4096);
    strbuf_appendf(out, "\n[%s]\n", command->name);
    for (uint32_t i = 0; i < OPTION_COUNT_ALL; i++) {
        const Option *option = option_at(i);
        if ((option->verbs & command->bit) != 0 && is_configurable(option)) {
            append_setting(out, option, &settings->sources[i], settings);
        }
    }
    if (project == NULL || project->import_count == 0) {
        return;
    }
    strbuf_append(out, STR("\n[imports]\n"));
    for (uint32_t i = 0; i < project->import_count; i++) {
        append_quoted(out, project->imports[i].name);
        strbuf_append(out, STR(" = "));
        append_quoted(out, project->imports[i].path);
        strbuf_append_char(out, '\n');
    }
}
