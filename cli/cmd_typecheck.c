// ligature typecheck: files and folders to types and diagnostics.
#include "cli/command.h"
#include "cli/find_files.h"
#include "cli/json_text.h"
#include "cli/pipeline.h"
#include "cli/usage.h"
#include "typecheck/check.h"

static bool is_listed(const Module *module, const Binding *binding)
{
    return module->is_entry && !module->is_data && !module->is_std &&
           binding->kind != BINDING_HIDDEN && binding->name != 0;
}

typedef struct TypeWriter {
    const Session *session;
    StrBuf *out;
    SourceIndex positions;
} TypeWriter;

typedef void TypeVisitor(TypeWriter *writer, const Module *module,
                         const Binding *binding, Str type);

static void visit_types(const Session *session, TypeVisitor *visit, StrBuf *out)
{
    TypeWriter writer = {.session = session, .out = out};
    const Program *program = session->program;
    Arena arena;
    arena_init(&arena);
    for (uint32_t e = 0; e < program->entry_count; e++) {
        const Module *module = program->modules[program->entries[e]];
        for (uint32_t i = 0; i < module->visible_count; i++) {
            if (is_listed(module, &module->bindings[i])) {
                Str type = check_binding_type(program, module->id, i, &arena);
                visit(&writer, module, &module->bindings[i], type);
            }
        }
        arena_clear(&arena);
    }
    arena_release(&arena);
    source_index_release(&writer.positions);
}

static void type_as_text(TypeWriter *writer, const Module *module,
                         const Binding *binding, Str type)
{
    const Session *session = writer->session;
    StrBuf *out = writer->out;
    Str name = symbol_text(session->program->interner, binding->name);
    if (session->program->entry_count > 1) {
        strbuf_append_printable(out, module->source.path, 4096);
        strbuf_append(out, STR(": "));
    }
    strbuf_appendf(out, "%.*s : %.*s\n", STR_ARG(name), STR_ARG(type));
}

static void type_as_json(TypeWriter *writer, const Module *module,
                         const Binding *binding, Str type)
{
    const Session *session = writer->session;
    StrBuf *out = writer->out;
    Position position = source_index_position(
        &writer->positions, &module->source, binding->name_span.start);
    if (out->len > 0) {
        strbuf_append_char(out, ',');
    }
    strbuf_append(out, STR("{\"file\":"));
    json_text_append(out, module->source.path, SIZE_MAX);
    strbuf_append(out, STR(",\"name\":"));
    json_text_append(
        out, symbol_text(session->program->interner, binding->name), SIZE_MAX);
    strbuf_append(out, STR(",\"type\":"));
    json_text_append(out, type, SIZE_MAX);
    strbuf_appendf(out, ",\"line\":%u}", position.line);
}

// Those with a name: a final expression is none.
static uint32_t count_bindings(const Module *module)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < module->visible_count; i++) {
        count += module->bindings[i].kind != BINDING_RESULT;
    }
    return count;
}

static void count_all(const Session *session, uint32_t *out_files,
                      uint64_t *out_bindings)
{
    const Program *program = session->program;
    *out_files = 0;
    *out_bindings = 0;
    for (uint32_t m = 0; m < program->module_count; m++) {
        if (!program->modules[m]->is_std) {
            *out_files += 1;
            *out_bindings += count_bindings(program->modules[m]);
        }
    }
}

static void append_summary(const Session *session, bool ok, StrBuf *out)
{
    uint32_t files;
    uint64_t bindings;
    count_all(session, &files, &bindings);
    uint32_t errors = session->diags.error_count;
    uint32_t warnings = session->diags.diags.count - errors;
    strbuf_appendf(out,
                   "{\"version\":1,\"ok\":%s,\"files\":%u,\"bindings\":%llu,"
                   "\"errors\":%u,\"warnings\":%u",
                   ok ? "true" : "false", files, (unsigned long long)bindings,
                   errors, warnings);
    if (session->settings->show_types) {
        StrBuf types = {0};
        if (ok) {
            visit_types(session, type_as_json, &types);
        }
        strbuf_append(out, STR(",\"types\":["));
        strbuf_append(out, strbuf_str(&types));
        strbuf_append_char(out, ']');
        strbuf_release(&types);
    }
    strbuf_append(out, STR("}\n"));
}

// What goes to standard output, once the diagnostics are known.
static void print_outcome(Session *session, ExitStatus status)
{
    StrBuf text = {0};
    if ((CheckFormat)session->settings->check_format == CHECK_FORMAT_JSON) {
        append_summary(session, status == EXIT_STATUS_OK, &text);
    } else if (session->settings->show_types && status == EXIT_STATUS_OK) {
        visit_types(session, type_as_text, &text);
    }
    run_cache_take_output(session->run_cache, strbuf_str(&text));
    (void)session_write(session, STR(""), strbuf_str(&text));
    strbuf_release(&text);
}

int cmd_typecheck(Settings *settings)
{
    if (settings->operands.count == 0) {
        return usage_wrong_operands(settings, STR("no file or folder given"),
                                    "typecheck");
    }
    Session session;
    session_init(&session, VERB_TYPECHECK, settings);
    FileList files = {0};
    session.failed |= !find_files(&session, &settings->operands, &files);
    if (!pipeline_again(&session, files.paths.items, files.paths.count)) {
        (void)pipeline_check(&session, files.paths.items, files.paths.count);
        print_outcome(&session, session_settle(&session));
    }
    ExitStatus status = session_finish(&session);
    session_release(&session);
    file_list_release(&files);
    return status;
}
