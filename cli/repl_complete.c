#include "cli/repl_complete.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>

#include "cli/repl_commands.h"
#include "syntax/byte_class.h"
#include "syntax/paths.h"
#include "syntax/scope_table.h"
#include "syntax/std_files.h"
#include "typecheck/check.h"

enum { WORDS_MAX = 5000 };

typedef struct Completion {
    Repl *repl;
    Str word; // to go on
    StrBufs *words;
} Completion;

static void add(Completion *c, Str before, Str word, const char *behind)
{
    if (c->words->count == WORDS_MAX || !str_starts_with(word, c->word)) {
        return;
    }
    StrBuf text = {0};
    strbuf_append(&text, before);
    strbuf_append(&text, word);
    strbuf_append(&text, str_from_c(behind));
    vec_push(c->words, text);
}

static int compare_words(const void *left, const void *right)
{
    return str_compare(strbuf_str(left), strbuf_str(right));
}

// Each once, in the order of their bytes.
static void sort_words(StrBufs *words)
{
    if (words->count > 1) {
        qsort(words->items, words->count, sizeof *words->items, compare_words);
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < words->count; i++) {
        Str word = strbuf_str(&words->items[i]);
        if (kept > 0 && str_equal(strbuf_str(&words->items[kept - 1]), word)) {
            strbuf_release(&words->items[i]);
        } else {
            words->items[kept++] = words->items[i];
        }
    }
    words->count = kept;
}

// ---- what does not need the session

static void add_commands(Completion *c)
{
    const char *name;
    for (uint32_t i = 0; (name = repl_command_name(i)) != NULL; i++) {
        add(c, STR(""), str_from_c(name), "");
    }
}

static void add_options(Completion *c)
{
    for (uint32_t i = 0; i < OPTION_COUNT_ALL; i++) {
        const Option *option = option_at(i);
        if ((option->verbs & VERB_REPL) != 0) {
            add(c, STR(""), str_from_c(option->name), "");
        }
    }
}

// Modules of the library, each with `before` in front of it.
static void add_std(Completion *c, Str before)
{
    for (uint32_t i = 0; i < std_file_count(); i++) {
        Str path = std_file_path(i);
        Str name = str_slice(path, strlen("std/"), path.len - strlen(".lig"));
        if (!str_equal(name, STR("prelude"))) {
            add(c, before, name, "");
        }
    }
}

// Files and folders beside what is typed of a path; *out_start is where the
// name in the last folder begins.
static void add_files(Completion *c, Str path, size_t *out_start)
{
    size_t slash = path.len;
    while (slash > 0 && path.data[slash - 1] != '/') {
        slash--;
    }
    *out_start += slash;
    c->word = str_slice(path, slash, path.len);
    char folder[PATH_MAX];
    Str typed = slash > 0 ? str_slice(path, 0, slash) : STR(".");
    DIR *dir = paths_c_string(typed, folder, sizeof folder) != NULL
                   ? opendir(folder)
                   : NULL;
    const struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        Str name = str_from_c(entry->d_name);
        if ((name.data[0] != '.' || str_starts_with(c->word, STR("."))) &&
            utf8_validate(name) == name.len) {
            add(c, STR(""), name, entry->d_type == DT_DIR ? "/" : "");
        }
    }
    if (dir != NULL) {
        (void)closedir(dir);
    }
}

// ---- names

static void take_name(void *ctx, Str name)
{
    add(ctx, STR(""), name, "");
}

static void look_at_names(const Session *session, bool ok, void *ctx)
{
    (void)ok;
    const Program *program = session->program;
    const Module *entry = program->modules[program->entries[0]];
    for (int space = 0; space < SPACE_COUNT; space++) {
        scope_each(program, entry, (NameSpace)space, take_name, ctx);
    }
    scope_each_ctor(program, entry, take_name, ctx);
}

static void add_names(Completion *c)
{
    static const char *const keywords[] = {
        "and",        "else",      "export",  "false", "if",   "import",
        "in",         "input",     "let",     "match", "rec",  "then",
        "true",       "type",      "when",    "where", "from", "as",
        "superclass", "typeclass", "instance"};
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        add(c, STR(""), str_from_c(keywords[i]), "");
    }
    repl_look(c->repl, STR("()"), look_at_names, c);
}

// ---- members

// The names of the fields of a record type as it is printed.
static void add_fields(Completion *c, Str type)
{
    uint32_t depth = 0;
    for (size_t i = 0; i < type.len; i++) {
        char byte = type.data[i];
        bool opens = byte == '{' || byte == '(' || byte == '[';
        depth += opens;
        depth -= byte == '}' || byte == ')' || byte == ']';
        if (depth != 1 || (byte != '{' && byte != ',')) {
            continue;
        }
        size_t start = i + 1;
        while (start < type.len && type.data[start] == ' ') {
            start++;
        }
        size_t end = start;
        while (end < type.len && byte_is(type.data[end], BYTE_IDENT)) {
            end++;
        }
        if (end > start) {
            add(c, STR(""), str_slice(type, start, end), "");
        }
    }
}

static void add_exports(Completion *c, const Program *program, uint32_t id)
{
    const Module *module = program->modules[id];
    for (uint32_t i = 0; i < module->visible_count; i++) {
        const Binding *binding = &module->bindings[i];
        if (binding->exported && binding->kind != BINDING_RESULT) {
            add(c, STR(""),
                symbol_text(program->interner, binding->export_name), "");
        }
    }
    for (uint32_t i = 0; i < module->type_count; i++) {
        add(c, STR(""), symbol_text(program->interner, module->types[i].name),
            "");
    }
    for (uint32_t i = 0; i < module->ctor_count; i++) {
        add(c, STR(""), symbol_text(program->interner, module->ctors[i].name),
            "");
    }
}

typedef struct Members {
    Completion *completion;
    Str holder; // what stands before the '.'
    bool found;
} Members;

static void look_at_module(const Session *session, bool ok, void *ctx)
{
    (void)ok;
    Members *members = ctx;
    const Program *program = session->program;
    const ScopeRef *alias =
        scope_find_alias(program, program->modules[program->entries[0]],
                         intern(program->interner, members->holder));
    if (alias != NULL && alias->module != INDEX_NONE) {
        add_exports(members->completion, program, alias->module);
        members->found = true;
    }
}

static void look_at_type(const Session *session, bool ok, void *ctx)
{
    Members *members = ctx;
    const Program *program = session->program;
    const Module *entry = program->modules[program->entries[0]];
    if (ok && entry->ast.result != NULL) {
        Arena arena;
        arena_init(&arena);
        add_fields(members->completion,
                   check_binding_type(program, entry->id,
                                      entry->visible_count - 1, &arena));
        arena_release(&arena);
    }
}

static void add_members(Completion *c, Str holder)
{
    Members members = {.completion = c, .holder = holder};
    repl_look(c->repl, STR("()"), look_at_module, &members);
    if (!members.found) {
        repl_look(c->repl, holder, look_at_type, &members);
    }
}

// ---- where

static size_t name_start(Str text, size_t end)
{
    while (end > 0 && byte_is(text.data[end - 1], BYTE_IDENT)) {
        end--;
    }
    return end;
}

// Where the path of names begins that ends at the '.' before `end`: a.b.
static size_t holder_start(Str text, size_t end)
{
    size_t start = end;
    while (start > 0 && text.data[start - 1] == '.') {
        start = name_start(text, start - 1);
    }
    return start;
}

// Whether the text ends in a string that is open; *out_start is behind its
// quote.
static bool is_in_string(Str text, size_t *out_start)
{
    bool is_open = false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '\\' && is_open) {
            i++;
        } else if (text.data[i] == '"') {
            is_open = !is_open;
            *out_start = i + 1;
        }
    }
    return is_open;
}

static bool complete_command(Completion *c, Str before, size_t *out_start)
{
    size_t space = str_find_byte(before, ' ', 0);
    if (space == before.len) {
        *out_start = 1;
        c->word = str_slice(before, 1, before.len);
        add_commands(c);
        return true;
    }
    Str word = str_slice(before, 1, space);
    *out_start = space + 1;
    Str rest = str_slice(before, space + 1, before.len);
    c->word = rest;
    if (str_equal(word, STR("set"))) {
        add_options(c);
    } else if (repl_command_takes_file(word)) {
        add_files(c, rest, out_start);
    } else {
        return false;
    }
    return true;
}

static void complete_name(Completion *c, Str before, size_t *out_start)
{
    size_t start = name_start(before, before.len);
    *out_start = start;
    c->word = str_slice(before, start, before.len);
    Str holder = str_slice(before, holder_start(before, start), start);
    if (holder.len == 0) {
        add_names(c);
        if (str_starts_with(STR("std"), c->word)) {
            add(c, STR(""), STR("std"), ".");
        }
    } else if (str_equal(holder, STR("std."))) {
        add_std(c, STR(""));
    } else if (holder.len > 1) {
        add_members(c, str_slice(holder, 0, holder.len - 1));
    }
}

void repl_complete(void *repl, Str before, size_t *out_start,
                   StrBufs *out_words)
{
    Completion c = {.repl = repl, .words = out_words};
    if (before.len > 0 && before.data[0] == ':' &&
        complete_command(&c, before, out_start)) {
        // done
    } else if (is_in_string(before, out_start)) {
        add_files(&c, str_slice(before, *out_start, before.len), out_start);
    } else {
        complete_name(&c, before, out_start);
    }
    sort_words(out_words);
}
