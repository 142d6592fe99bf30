// ligature doc: reference pages from comments.
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/doc_page.h"
#include "cli/find_files.h"
#include "cli/pipeline.h"
#include "cli/usage.h"
#include "syntax/std_files.h"

static bool is_std(Str operand)
{
    return str_equal(operand, STR("std")) ||
           str_starts_with(operand, STR("std."));
}

// A program that imports the modules of the library that are named.
static void import_all(const StrVec *operands, StrBuf *out)
{
    for (uint32_t i = 0; i < operands->count; i++) {
        Str name = operands->items[i];
        if (!str_equal(name, STR("std"))) {
            strbuf_appendf(out, "import %.*s as m%u;\n", STR_ARG(name), i);
            continue;
        }
        for (uint32_t f = 0; f < std_file_count(); f++) {
            Str path = std_file_path(f);
            Str module =
                str_slice(path, strlen("std/"), path.len - strlen(".lig"));
            if (!str_equal(module, STR("prelude"))) {
                strbuf_appendf(out, "import std.%.*s as m%u_%u;\n",
                               STR_ARG(module), i, f);
            }
        }
    }
    strbuf_append(out, STR("()\n"));
}

// Whether a page is asked for.
static bool is_shown(const Module *module, const StrVec *operands, bool std)
{
    if (!std) {
        return module->is_entry && !module->is_data;
    }
    for (uint32_t i = 0; module->is_std && i < operands->count; i++) {
        Str name = operands->items[i];
        if (str_equal(name, STR("std")) ||
            str_equal(str_slice(name, strlen("std."), name.len),
                      module->name)) {
            return true;
        }
    }
    return false;
}

// Modules in the order in which they are shown: the prelude, then by name.
static int compare_modules(const void *a, const void *b)
{
    const Module *left = *(const Module *const *)a;
    const Module *right = *(const Module *const *)b;
    bool first = left->id == MODULE_PRELUDE, second = right->id == 0;
    return first != second ? second - first
                           : str_compare(left->source.path, right->source.path);
}

static void write_links(const Module **modules, uint32_t count, StrBuf *out)
{
    strbuf_append(out, STR("Modules: "));
    for (uint32_t i = 0; i < count; i++) {
        StrBuf title = {0};
        doc_page_title(modules[i], &title);
        strbuf_append(out, i > 0 ? STR(", [") : STR("["));
        strbuf_append(out, strbuf_str(&title));
        strbuf_append(out, STR("](#"));
        for (size_t c = 0; c < title.len; c++) { // as GitHub makes anchors
            char byte = title.data[c];
            if (byte >= 'A' && byte <= 'Z') {
                strbuf_append_char(out, (char)(byte + 32));
            } else if (byte != '.' && byte != '/') {
                strbuf_append_char(out, byte);
            }
        }
        strbuf_append_char(out, ')');
        strbuf_release(&title);
    }
    strbuf_append(out, STR(".\n\n"));
}

static void write_pages(Session *session, bool std)
{
    const Program *program = session->program;
    const Module **modules =
        mem_calloc((size_t)program->module_count + 1, sizeof *modules);
    uint32_t count = 0;
    for (uint32_t i = 0; i < program->module_count; i++) {
        const Module *module = program->modules[i];
        if (is_shown(module, &session->settings->operands, std)) {
            modules[count++] = module;
        }
    }
    qsort(modules, count, sizeof *modules, compare_modules);
    StrBuf text = {0};
    if (count > 1) {
        write_links(modules, count, &text);
    }
    for (uint32_t i = 0; i < count; i++) {
        doc_page_write(program, modules[i], &text);
    }
    if (text.len > 0) {
        text.len--; // one line break at the end
    }
    free((void *)modules);
    (void)session_write(session, session->settings->output, strbuf_str(&text));
    strbuf_release(&text);
}

// Nobody wrote the program that imports the library.
static void forget_warnings(Session *session)
{
    const Program *program = session->program;
    DiagSink *diags = &program->modules[program->entries[0]]->diags;
    if (diags->error_count == 0) {
        diag_sink_release(diags);
        diag_sink_init(diags);
    }
}

int cmd_doc(Settings *settings)
{
    if (settings->operands.count == 0) {
        return usage_wrong_operands(settings, STR("no file given"), "doc");
    }
    uint32_t std_count = 0;
    for (uint32_t i = 0; i < settings->operands.count; i++) {
        std_count += is_std(settings->operands.items[i]);
    }
    if (std_count != 0 && std_count != settings->operands.count) {
        return usage_error(
            settings, STR("'doc' takes files, or modules of std, not both"),
            "doc");
    }
    Session session;
    session_init(&session, VERB_DOC, settings);
    StrBuf text = {0};
    FileList files = {0};
    if (std_count > 0) {
        import_all(&settings->operands, &text);
        settings->expr = strbuf_str(&text);
    } else {
        session.failed |= !find_files(&session, &settings->operands, &files);
    }
    if (pipeline_check(&session, files.paths.items, files.paths.count)) {
        if (std_count > 0) {
            forget_warnings(&session);
        }
        if (!session_refuses_warnings(&session)) {
            write_pages(&session, std_count > 0);
        }
    }
    ExitStatus status = session_finish(&session);
    session_release(&session);
    file_list_release(&files);
    strbuf_release(&text);
    return status;
}
