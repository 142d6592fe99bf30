#include "cli/repl_names.h"

#include "cli/lsp_describe.h"
#include "syntax/scope_table.h"
#include "typecheck/check.h"

typedef struct Answer {
    Str name; // asked for
    StrBuf text;
    bool found;
} Answer;

static Str text_of(const Program *program, Symbol symbol)
{
    return symbol_text(program->interner, symbol);
}

// ---- :browse

static void append_binding(const Program *program, const Module *module,
                           uint32_t index, Symbol name, StrBuf *out)
{
    Arena arena;
    arena_init(&arena);
    strbuf_append(out, text_of(program, name));
    strbuf_append(out, STR(" : "));
    strbuf_append(out, check_binding_type(program, module->id, index, &arena));
    strbuf_append_char(out, '\n');
    arena_release(&arena);
}

static void append_names(const Program *program, const Module *module,
                         StrBuf *out)
{
    for (uint32_t i = 0; i < module->type_count; i++) {
        strbuf_appendf(out, "type %.*s\n",
                       STR_ARG(text_of(program, module->types[i].name)));
    }
    for (uint32_t i = 0; i < module->class_count; i++) {
        strbuf_appendf(out, "typeclass %.*s\n",
                       STR_ARG(text_of(program, module->classes[i].name)));
    }
}

static void append_exports(const Program *program, const Module *module,
                           StrBuf *out)
{
    append_names(program, module, out);
    for (uint32_t i = 0; i < module->visible_count; i++) {
        const Binding *binding = &module->bindings[i];
        if (binding->exported && binding->kind != BINDING_RESULT) {
            append_binding(program, module, i, binding->export_name, out);
        }
    }
}

// What a later input hides is left out.
static void append_own(const Program *program, const Module *entry,
                       const Module *module, StrBuf *out)
{
    append_names(program, module, out);
    for (uint32_t i = 0; i < module->visible_count; i++) {
        const Binding *binding = &module->bindings[i];
        if (binding->kind == BINDING_RESULT) {
            continue;
        }
        NameRef found = scope_find_value(program, entry, binding->name);
        if (found.module == module->id && found.index == i) {
            append_binding(program, module, i, binding->name, out);
        }
    }
}

static void look_at_session(const Session *session, bool ok, void *ctx)
{
    (void)ok;
    Answer *answer = ctx;
    const Program *program = session->program;
    const Module *entry = program->modules[program->entries[0]];
    for (uint32_t m = 0; m < program->module_count; m++) {
        const Module *module = program->modules[m];
        if (module->is_outer && module != entry) {
            append_own(program, entry, module, &answer->text);
        }
    }
    answer->found = true;
}

static void look_at_alias(const Session *session, bool ok, void *ctx)
{
    (void)ok;
    Answer *answer = ctx;
    const Program *program = session->program;
    const ScopeRef *alias =
        scope_find_alias(program, program->modules[program->entries[0]],
                         intern(program->interner, answer->name));
    answer->found = alias != NULL && alias->module != INDEX_NONE;
    if (answer->found) {
        append_exports(program, program->modules[alias->module], &answer->text);
    }
}

static void finish(Repl *repl, Answer *answer, const char *what)
{
    Session *session = &repl->session;
    if (!answer->found) {
        StrBuf shown = {0};
        strbuf_append_printable(&shown, answer->name, 100);
        session_error(session, DIAG_E0001, "%s '%.*s'", what,
                      STR_ARG(strbuf_str(&shown)));
        strbuf_release(&shown);
        session->failed = true;
    }
    (void)repl_finish(repl, strbuf_str(&answer->text));
    session_next(session);
    strbuf_release(&answer->text);
}

void repl_browse(Repl *repl, Str module)
{
    Answer answer = {.name = module};
    LookFunction *look = module.len == 0 ? look_at_session : look_at_alias;
    bool is_path = str_starts_with(module, STR("std.")) ||
                   str_starts_with(module, STR("\""));
    StrBuf text = {0};
    if (is_path) {
        strbuf_appendf(&text, "import %.*s as browsed; ", STR_ARG(module));
        answer.name = STR("browsed");
    }
    strbuf_append(&text, STR("()"));
    bool answered =
        repl_look_or_say(repl, strbuf_str(&text), look, &answer, &answer.found);
    answer.name = module;
    if (answered) {
        finish(repl, &answer, "there is no module");
    } else {
        strbuf_release(&answer.text);
    }
    strbuf_release(&text);
}

// ---- :doc

// The last name that is not there for the question alone.
static const NameUse *asked_for(const NameIndex *index)
{
    for (uint32_t i = index->uses.count; i-- > 0;) {
        const NameUse *use = &index->uses.items[i];
        if (!use->declares && use->target.kind != NAME_TYPE_VAR) {
            return use;
        }
    }
    return NULL;
}

static void append_doc(const Program *program, const Module *entry,
                       Answer *answer)
{
    LspProgram run = {.program = (Program *)program, .entry = entry};
    lsp_index_build(&run.index, program, entry);
    const NameUse *use = asked_for(&run.index);
    strbuf_clear(&answer->text); // of what was begun and is not known
    if (use != NULL && lsp_append_head(&run, use, &answer->text)) {
        strbuf_append_char(&answer->text, '\n');
        if (use->target.kind != NAME_PRIM) {
            lsp_append_doc(&run, &use->target, &answer->text);
        }
        answer->found = true;
    }
    lsp_index_release(&run.index);
}

static void look_at_name(const Session *session, bool ok, void *ctx)
{
    (void)ok; // 'Option' alone is no type, and is known all the same
    const Program *program = session->program;
    append_doc(program, program->modules[program->entries[0]], ctx);
}

void repl_doc(Repl *repl, Str name)
{
    Answer answer = {.name = name};
    static const char *const before[] = {
        "", "type Described = ", "typeclass Described a where superclass ",
        "import "};
    static const char *const behind[] = {"", ";", " a;",
                                         " as described; described"};
    for (size_t i = 0; i < sizeof before / sizeof *before && !answer.found;
         i++) {
        StrBuf text = {0};
        strbuf_appendf(&text, "%s%.*s%s", before[i], STR_ARG(name), behind[i]);
        repl_look(repl, strbuf_str(&text), look_at_name, &answer);
        strbuf_release(&text);
    }
    finish(repl, &answer, "nothing is known of");
}
