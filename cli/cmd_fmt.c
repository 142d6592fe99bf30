// ligature fmt: files and folders to the one layout, in place.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/file_read.h"
#include "cli/find_files.h"
#include "cli/output.h"
#include "cli/overwrite.h"
#include "cli/text_diff.h"
#include "cli/usage.h"
#include "syntax/format.h"
#include "syntax/loader.h"

typedef struct FormatRun {
    Session *session;
    StrBuf shown;         // for standard output
    VEC(Module *) broken; // their texts are shown at the end
} FormatRun;

// Whether the file holds what was formatted. Who has saved it since is not to
// lose that.
static bool is_as_read(const char *real, Str text)
{
    StrBuf now = {0};
    bool same = file_read_at(AT_FDCWD, real, text.len, &now) == 0 &&
                str_equal(strbuf_str(&now), text);
    strbuf_release(&now);
    return same;
}

static bool report_changed(Session *session, Str path)
{
    session->failed = true;
    session_error(session, DIAG_E0002,
                  "'%.*s' was changed while it was formatted", STR_ARG(path));
    diag_help(&session->diags, vec_last(&session->diags.diags),
              "it was left as it is now: format it again");
    return false;
}

// Takes the place of the file itself (behind symbolic links), with its
// permissions.
static bool write_file(FormatRun *run, Str path, Str old, Str text)
{
    Session *session = run->session;
    // Paths come from argv or find_files(), hence NUL-terminated.
    char *real = realpath(path.data, NULL);
    if (real == NULL) {
        return session_unwritable(session, path, errno);
    }
    Output output;
    bool same = true;
    if (access(real, W_OK) != 0) {
        output = (Output){.fd = -1, .error = errno};
    } else if (output_open(&output, str_from_c(real), &session->token)) {
        output_write(&output, text);
        same = is_as_read(real, old);
    }
    free(real);
    bool ok = output_close(&output, same) ||
              session_unwritable(session, path, output.error);
    ok = ok && (same || report_changed(session, path));
    // What was written is no change to come back for.
    session_notify(session, path);
    return ok;
}

static void finish_file(FormatRun *run, Str path, const Module *module,
                        Str text)
{
    const Settings *settings = run->session->settings;
    bool same = str_equal(text, module->source.text);
    bool is_stdin = str_equal(path, STR("-"));
    if (!same && (settings->check || settings->diff)) {
        run->session->differs = true;
    }
    if (settings->diff) {
        text_diff_append(&run->shown, module->source.path, &module->source.text,
                         &text);
    } else if (settings->check) {
        if (!same) {
            strbuf_append_printable(&run->shown, module->source.path, SIZE_MAX);
            strbuf_append_char(&run->shown, '\n');
        }
    } else if (is_stdin) {
        strbuf_append(&run->shown, text);
    } else if (!same) {
        (void)write_file(run, path, module->source.text, text);
    }
}

static void report_bug(FormatRun *run, const Module *module,
                       const FormatProblem *problem)
{
    DiagSink *diags = &run->session->diags;
    Diag *diag =
        diag_add(diags, DIAG_E0003, &module->source,
                 (Span){problem->offset, problem->offset},
                 "the formatter failed on this file: %s", problem->what);
    diag_note(diags, diag, "the file was left as it is");
    diag_help(diags, diag, "this is a bug in ligature; please report it");
}

// Formats one module; false when it is to be kept for its diagnostics.
static bool format_one(FormatRun *run, Str path, const Module *module)
{
    Session *session = run->session;
    if (module->broken) {
        return false;
    }
    if (module->is_data) {
        session_error(session, DIAG_E0001,
                      "'%.*s' is not a Ligature file: fmt takes *.lig",
                      STR_ARG(path));
        session->failed = true;
        return true;
    }
    StrBuf text = {0};
    FormatProblem problem;
    bool ok = format_module(module, session->program->interner,
                            session->program->options.limits.max_nesting, &text,
                            &problem);
    if (ok) {
        finish_file(run, path, module, strbuf_str(&text));
    } else {
        report_bug(run, module, &problem);
    }
    strbuf_release(&text);
    return ok;
}

static void format_files(FormatRun *run, const FileList *files)
{
    Session *session = run->session;
    for (uint32_t i = 0; i < files->paths.count; i++) {
        if (cancel_token_poll(&session->token) != CANCEL_NONE) {
            session->failed = true;
            return;
        }
        Str path = files->paths.items[i];
        Module *module = loader_parse_file(session->program, path);
        if (module == NULL) {
            session->failed = true;
        } else if (format_one(run, path, module)) {
            module_free(module);
        } else {
            session->failed = true;
            diag_sink_merge(&session->diags, &module->diags);
            module->source.order = i;
            vec_push(&run->broken, module);
        }
    }
}

int cmd_fmt(Settings *settings)
{
    if (settings->operands.count == 0) {
        return usage_wrong_operands(settings, STR("no file or folder given"),
                                    "fmt");
    }
    Session session;
    session_init(&session, VERB_FMT, settings);
    FormatRun run = {.session = &session};
    FileList files = {0};
    if (!find_files(&session, &settings->operands, &files) ||
        !overwrite_refuse_files(&session, &files.paths)) {
        session.failed = true;
    } else if (!session.failed) {
        format_files(&run, &files);
    }
    if (!cancel_token_is_ended(&session.token)) {
        (void)session_write(&session, STR(""), strbuf_str(&run.shown));
    }
    ExitStatus status = session_finish(&session);
    for (uint32_t i = 0; i < run.broken.count; i++) {
        module_free(run.broken.items[i]);
    }
    vec_release(&run.broken);
    strbuf_release(&run.shown);
    session_release(&session);
    file_list_release(&files);
    return status;
}
