#include "cli/lsp_check.h"

#include <stdlib.h>
#include <unistd.h>

#include "cli/exit_status.h"
#include "cli/json_text.h"
#include "cli/lsp_diags.h"
#include "cli/session.h"
#include "eval/check_constants.h"
#include "eval/data_checks.h"
#include "syntax/format.h"
#include "syntax/loader.h"
#include "syntax/paths.h"
#include "syntax/resolve.h"
#include "typecheck/check.h"

void lsp_checker_init(LspChecker *checker, const Settings *settings)
{
    *checker = (LspChecker){.settings = settings};
    uint32_t cpus = cpu_affinity_count();
    if (settings->untrusted && settings->machine_cpus < cpus) {
        cpus = settings->machine_cpus;
    }
    bool chosen = settings->workers != 0;
    checker->pool = pool_new(chosen ? (uint32_t)settings->workers : cpus, 0);
    if (!chosen) {
        pool_set_automatic(checker->pool);
    }
}

void lsp_checker_release(LspChecker *checker)
{
    lsp_files_release(&checker->published);
    pool_free(checker->pool);
}

// ---- one document

// A check that takes longer than an editor's user waits has no end.
static int64_t deadline_ns(const Settings *settings)
{
    const int64_t longest = INT64_C(10000000000);
    int64_t given = settings_deadline_ns(settings);
    return given != INT64_MAX ? given : clock_monotonic_ns() + longest;
}

// Where the file is on disk it is loaded as such, so that it may be imported,
// too; else it is a text in its folder.
static bool load(Program *program, const LspDocument *document)
{
    Str path = strbuf_str(&document->path);
    Arena arena;
    arena_init(&arena);
    bool ok;
    if (path.len == 0) {
        ok = loader_load_text(program, strbuf_str(&document->uri), STR("."),
                              strbuf_str(&document->text));
    } else {
        char file[PATH_MAX];
        Str shown = paths_display_here(path, &arena);
        bool exists = paths_c_string(path, file, sizeof file) != NULL &&
                      access(file, R_OK) == 0;
        ok = exists ? loader_load(program, &shown, 1)
                    : loader_load_text(program, shown, paths_dirname(path),
                                       strbuf_str(&document->text));
    }
    arena_release(&arena);
    return loader_load_inputs(program) && ok;
}

static bool goes_on(Program *program, bool ok)
{
    return cancel_token_poll(program->token) == CANCEL_NONE && ok;
}

static bool check_data(Program *program, DiagSink *diags)
{
    if (!data_checks_needed(program)) {
        return true;
    }
    EvaluationOptions options = {0};
    Evaluation *evaluation = evaluation_new(program, &options);
    bool ok = data_checks_run(evaluation, true, diags);
    evaluation_free(evaluation);
    return ok;
}

static bool run_passes(Program *program, const LspDocument *document,
                       DiagSink *diags)
{
    if (!goes_on(program, load(program, document))) {
        return false;
    }
    resolve_program(program);
    if (!goes_on(program, true)) {
        return false;
    }
    CheckOptions options = {0};
    bool ok = check_program(program, &options);
    ok = check_constants(program) && ok;
    ok = check_data(program, diags) && ok;
    return goes_on(program, ok);
}

// A check that was stopped says one fixed thing.
static void settle(Program *program, bool ok, DiagSink *diags)
{
    program_take_diags(program, diags);
    if (!ok && cancel_token_reason(program->token) == CANCEL_TIMEOUT) {
        diag_sink_release(diags);
        diag_sink_init(diags);
        Diag *diag =
            diag_add(diags, DIAG_E0608, NULL, (Span){0, 0},
                     "the timeout passed before the check was complete");
        diag_help(diags, diag, "start the server with a longer --timeout");
    } else if (!ok) {
        exit_status_require_error(diags, false);
    }
    diag_sink_sort(diags);
}

static void begin_program(LspProgram *run, const LspChecker *checker,
                          const OpenTexts *texts)
{
    cancel_token_init(&run->token, NULL, deadline_ns(checker->settings));
    ProgramOptions options = session_program_options(checker->settings);
    options.open_texts = texts;
    run->program = program_new(&options, checker->pool, &run->token);
    diag_sink_init(&run->diags);
}

void lsp_program_begin(LspProgram *run, const LspChecker *checker,
                       const OpenTexts *texts, const LspDocument *document)
{
    begin_program(run, checker, texts);
    settle(run->program, run_passes(run->program, document, &run->diags),
           &run->diags);
}

void lsp_program_end(LspProgram *run)
{
    check_program_release(run->program);
    diag_sink_release(&run->diags);
    program_free(run->program);
}

static void check_document(const LspChecker *checker, LspDocuments *documents,
                           const OpenTexts *texts, const LspDocument *document,
                           LspFiles *files)
{
    LspProgram run;
    lsp_program_begin(&run, checker, texts, document);
    LspDiags writer = {.checker = checker,
                       .documents = documents,
                       .document = document,
                       .program = run.program,
                       .files = files};
    lsp_diags_add(&writer, &run.diags);
    lsp_program_end(&run);
}

bool lsp_check(LspChecker *checker, LspDocuments *documents)
{
    OpenTexts texts = lsp_documents_texts(documents);
    LspFiles files = {0};
    for (uint32_t i = 0; i < documents->items.count; i++) {
        const LspDocument *document = documents->items.items[i];
        LspFile *file = lsp_files_get(&files, strbuf_str(&document->uri));
        file->is_open = true;
        file->version = document->version;
    }
    for (uint32_t i = 0; i < documents->items.count; i++) {
        LspDocument *document = documents->items.items[i];
        if (!document->is_data) {
            check_document(checker, documents, &texts, document, &files);
        }
    }
    bool ok = lsp_files_publish(&files, &checker->published);
    lsp_files_release(&checker->published);
    checker->published = files;
    return ok;
}

// ---- formatting

static void append_edit(const LspChecker *checker, Str before, Str after,
                        StrBuf *out)
{
    LspLines lines = {0};
    strbuf_append(out, STR("{\"range\":{\"start\":{\"line\":0,\"character\":0},"
                           "\"end\":"));
    lsp_lines_append_end(&lines, before, checker->encoding, out);
    strbuf_append(out, STR("},\"newText\":"));
    json_text_append(out, after, SIZE_MAX);
    strbuf_append_char(out, '}');
    lsp_lines_release(&lines);
}

void lsp_format(LspChecker *checker, const LspDocument *document, StrBuf *out)
{
    LspProgram run;
    begin_program(&run, checker, NULL);
    Program *program = run.program;
    Str text = strbuf_str(&document->text);
    bool fits = text.len <= program->options.limits.max_source_bytes &&
                text.len < UINT32_MAX;
    Module *module =
        loader_parse_text(program, STR("text.lig"), fits ? text : STR(""));
    StrBuf formatted = {0};
    FormatProblem problem;
    strbuf_append_char(out, '[');
    if (fits && !document->is_data && !module->broken &&
        format_module(module, program->interner,
                      program->options.limits.max_nesting, &formatted,
                      &problem) &&
        !str_equal(strbuf_str(&formatted), text)) {
        append_edit(checker, text, strbuf_str(&formatted), out);
    }
    strbuf_append_char(out, ']');
    strbuf_release(&formatted);
    module_free(module);
    lsp_program_end(&run);
}
