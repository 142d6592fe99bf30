#include "cli/lsp_program.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/config.h"
#include "cli/exit_status.h"
#include "cli/session.h"
#include "eval/check_constants.h"
#include "eval/data_checks.h"
#include "syntax/loader.h"
#include "syntax/paths.h"
#include "syntax/resolve.h"
#include "typecheck/check.h"

// ---- one document

// A check that takes longer than an editor's user waits has no end.
static int64_t deadline_ns(const Settings *settings)
{
    const int64_t longest = INT64_C(10000000000);
    return settings->timeout_ns > 0 || settings->untrusted
               ? settings_deadline_ns(settings)
               : clock_monotonic_ns() + longest;
}

// The folder whose project file counts: where the document is, or the nearest
// above it that there is.
static Str folder_of(const LspDocument *document)
{
    char path[PATH_MAX];
    Str folder = document != NULL && document->path.len > 0
                     ? paths_dirname(strbuf_str(&document->path))
                     : STR(".");
    while (folder.len > 1 &&
           (paths_c_string(folder, path, sizeof path) == NULL ||
            access(path, R_OK) != 0)) {
        folder = paths_dirname(folder);
    }
    return folder;
}

// The command line, completed by the project file of the document. A process
// that is confined cannot look for another one than it began with.
static bool read_settings(LspProgram *run, const LspChecker *checker,
                          const LspDocument *document)
{
    Str nearest;
    StrBuf error = {0};
    const Settings *given = checker->settings;
    bool ok = options_parse(VERB_LSP, given->argument_count, given->arguments,
                            &run->own_settings, &error);
    strbuf_release(&error);
    strbuf_append(&run->folder, folder_of(document));
    strbuf_append_char(&run->folder, '\0'); // as behind operands
    Str folder = str_slice(strbuf_str(&run->folder), 0, run->folder.len - 1);
    vec_push(&run->own_settings.operands, folder);
    return ok && config_complete(command_find(STR("lsp"), &nearest),
                                 &run->own_settings, &run->diags);
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

static bool run_passes(Program *program, bool is_loaded, DiagSink *diags)
{
    if (!goes_on(program, is_loaded)) {
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

bool lsp_program_make(LspProgram *run, const LspChecker *checker,
                      const OpenTexts *texts, const LspDocument *document)
{
    *run = (LspProgram){0};
    diag_sink_init(&run->diags);
    type_watch_init(&run->watch);
    bool ok =
        checker->settings->untrusted || read_settings(run, checker, document);
    const Settings *settings =
        checker->settings->untrusted ? checker->settings : &run->own_settings;
    cancel_token_init(&run->token, checker->interrupt, deadline_ns(settings));
    ProgramOptions options = session_program_options(settings);
    options.open_texts = texts;
    options.type_watch = &run->watch;
    options.grain = UINT64_C(1) << 40; // one worker for each module
    run->program = program_new(&options, checker->pool, &run->token);
    return ok;
}

// A check that did not come to its end has left who knows what, and a program
// that was too large to be loaded has no scopes.
static const Module *entry_of(const LspProgram *run)
{
    const Program *program = run->program;
    bool is_whole = program->entry_count > 0 &&
                    program->modules[program->entries[0]]->scope != NULL &&
                    cancel_token_reason(&run->token) == CANCEL_NONE;
    return is_whole ? program->modules[program->entries[0]] : NULL;
}

// What is wrong with the project file is all that is said then.
static void run_loaded(LspProgram *run, bool is_loaded)
{
    settle(run->program, run_passes(run->program, is_loaded, &run->diags),
           &run->diags);
    run->entry = entry_of(run);
    run->is_cut = cancel_token_reason(&run->token) == CANCEL_INTERRUPTED;
}

void lsp_program_begin(LspProgram *run, const LspChecker *checker,
                       const OpenTexts *texts, const LspDocument *document)
{
    if (lsp_program_make(run, checker, texts, document)) {
        run_loaded(run, load(run->program, document));
    }
    if (run->entry != NULL) {
        type_watch_settle(&run->watch);
        lsp_index_build(&run->index, run->program, run->entry);
    }
}

void lsp_program_begin_files(LspProgram *run, const LspChecker *checker,
                             const OpenTexts *texts,
                             const LspDocument *document, const Str *paths,
                             uint32_t count)
{
    if (lsp_program_make(run, checker, texts, document)) {
        bool is_loaded = loader_load(run->program, paths, count);
        run_loaded(run, loader_load_inputs(run->program) && is_loaded);
        type_watch_settle(&run->watch);
    }
}

void lsp_program_end(LspProgram *run)
{
    lsp_index_release(&run->index);
    type_watch_release(&run->watch);
    check_program_release(run->program);
    diag_sink_release(&run->diags);
    program_free(run->program);
    settings_release(&run->own_settings);
    strbuf_release(&run->folder);
}

// ---- the one that is kept

void lsp_program_forget(LspChecker *checker)
{
    if (checker->kept != NULL) {
        lsp_program_end(checker->kept);
        free(checker->kept);
        checker->kept = NULL;
    }
}

const LspProgram *lsp_program_of(LspChecker *checker, LspDocuments *documents,
                                 const LspDocument *document)
{
    if (checker->kept == NULL || checker->kept_of != document ||
        checker->kept->is_cut) {
        lsp_program_forget(checker);
        OpenTexts texts = lsp_documents_texts(documents);
        checker->kept = mem_calloc(1, sizeof *checker->kept);
        checker->kept_of = document;
        lsp_program_begin(checker->kept, checker, &texts, document);
    }
    return checker->kept;
}
