// ligature test: the tests in *_test.lig, all of them in one program, so that
// they run in parallel. Files that do not type-check fail as a whole and are
// left out of a second try, so that they do not hide the others.
#include <stdlib.h>

#include "cli/command.h"
#include "cli/find_files.h"
#include "cli/pipeline.h"
#include "cli/test_report.h"

// ---- files that are broken

// Which modules have errors, or import one that has.
static bool *find_broken(const Session *session)
{
    const Program *program = session->program;
    bool *broken = mem_calloc((size_t)program->module_count + 1, sizeof(bool));
    for (uint32_t m = 0; m < program->module_count; m++) {
        const Module *module = program->modules[m];
        broken[m] = module->broken || module->diags.error_count > 0;
        for (uint32_t i = 0; i < session->diags.diags.count; i++) {
            const Diag *diag = diag_at(&session->diags, i);
            broken[m] |= diag->source == &module->source &&
                         diag_code_severity(diag->code) == SEVERITY_ERROR;
        }
        // Dependencies stand before dependents.
        for (uint32_t i = 0; i < module->import_count; i++) {
            broken[m] |= broken[module->imports[i]];
        }
    }
    return broken;
}

// The modules that the unbroken entries consist of.
static bool *find_sound(const Program *program, const bool *broken)
{
    bool *sound = mem_calloc((size_t)program->module_count + 1, sizeof(bool));
    for (uint32_t e = 0; e < program->entry_count; e++) {
        sound[program->entries[e]] = !broken[program->entries[e]];
    }
    for (uint32_t m = program->module_count; m-- > 0;) {
        const Module *module = program->modules[m];
        for (uint32_t i = 0; sound[m] && i < module->import_count; i++) {
            sound[module->imports[i]] = true;
        }
    }
    sound[MODULE_PRELUDE] = true;
    return sound;
}

static const Diag *first_error(const Program *program, uint32_t entry)
{
    const DiagSink *own = &program->modules[entry]->diags;
    for (uint32_t i = 0; i < own->diags.count; i++) {
        if (diag_code_severity(diag_at(own, i)->code) == SEVERITY_ERROR) {
            return diag_at(own, i);
        }
    }
    return NULL;
}

// Keeps what the first try said about modules that are not in the second.
static void keep_diags(Session *session, const bool *sound, DiagSink *into)
{
    const Program *program = session->program;
    for (uint32_t m = 0; m < program->module_count; m++) {
        if (!sound[m]) {
            diag_sink_merge(into, &program->modules[m]->diags);
        }
    }
    diag_sink_merge(into, &session->diags);
}

// ---- the verb

typedef struct TestVerb {
    Settings *settings;
    FileList files;
    StrVec sound; // files of the second try
    TestReport report;
    Session first, second;
    Session *last; // the one that ended the run
    bool tried_twice;
} TestVerb;

// The second try gets what is left of the time, given or by default.
static void shorten_timeout(Settings *settings, const Session *first)
{
    int64_t deadline = first->token.deadline_ns;
    if (deadline != INT64_MAX) {
        int64_t left = deadline - clock_monotonic_ns();
        settings->timeout_ns = left > 0 ? left : 1;
    }
}

static void run_sound(TestVerb *verb)
{
    const Program *program = verb->first.program;
    bool *broken = find_broken(&verb->first);
    bool *sound = find_sound(program, broken);
    for (uint32_t e = 0; e < program->entry_count; e++) {
        const Module *module = program->modules[program->entries[e]];
        if (broken[module->id]) {
            test_report_broken(&verb->report, module->source.path,
                               first_error(program, module->id));
        } else {
            vec_push(&verb->sound, module->source.path);
        }
    }
    bool some = verb->sound.count > 0 &&
                verb->sound.count < program->entry_count &&
                cancel_token_poll(&verb->first.token) == CANCEL_NONE;
    if (some) {
        shorten_timeout(verb->settings, &verb->first);
        session_init(&verb->second, VERB_TEST, verb->settings);
        verb->tried_twice = true;
        verb->last = &verb->second;
        if (pipeline_check(&verb->second, verb->sound.items,
                           verb->sound.count)) {
            (void)test_run(&verb->second, &verb->report);
        }
        keep_diags(&verb->first, sound, &verb->second.diags);
        verb->second.failed = true;
    }
    free(broken);
    free(sound);
}

static void run_all(TestVerb *verb)
{
    Session *session = &verb->first;
    StrVec here = {0};
    const StrVec *operands = &verb->settings->operands;
    if (operands->count == 0) {
        vec_push(&here, STR("."));
        operands = &here;
    }
    bool found =
        find_files_ending(session, operands, STR("_test.lig"), &verb->files);
    vec_release(&here);
    if (!found) {
        session->failed = true;
    } else if (pipeline_check(session, verb->files.paths.items,
                              verb->files.paths.count)) {
        (void)test_run(session, &verb->report);
    } else if (!session->overwrites_refused) {
        run_sound(verb);
    }
}

// Where the run was stopped before it was known which tests there are: all
// files that are not known to be broken, of which there are cases in the same
// order.
static void report_unrun(TestVerb *verb)
{
    TestReport *report = &verb->report;
    CancelReason reason = cancel_token_reason(&verb->last->token);
    const StrVec *files = &verb->files.paths;
    uint32_t broken_count = report->cases.count, broken = 0;
    if (reason == CANCEL_NONE || report->is_known) {
        return;
    }
    for (uint32_t i = 0; i < files->count; i++) {
        if (broken < broken_count &&
            str_equal(report->cases.items[broken].file, files->items[i])) {
            broken++;
        } else {
            test_report_unrun(report, files->items[i], reason);
        }
    }
}

// Nobody waits for what a run says that `watch` ends to begin another.
static bool is_wanted(const TestVerb *verb, ExitStatus status)
{
    bool is_replaced =
        status == EXIT_STATUS_TERMINATED && verb->settings->notice_pipe != 0;
    return status != EXIT_STATUS_USAGE && status != EXIT_STATUS_IO &&
           !is_replaced;
}

// On standard output, once the diagnostics are known.
static void print_report(TestVerb *verb)
{
    StrBuf text = {0};
    report_unrun(verb);
    test_report_sort(&verb->report, &verb->files.paths);
    test_report_write(&verb->report, (TestFormat)verb->settings->test_format,
                      &text);
    (void)session_write(verb->last, verb->settings->output, strbuf_str(&text));
    strbuf_release(&text);
}

int cmd_test(Settings *settings)
{
    TestVerb verb = {.settings = settings};
    verb.last = &verb.first;
    test_report_init(&verb.report);
    session_init(&verb.first, VERB_TEST, settings);
    if (!verb.first.failed) {
        run_all(&verb);
    }
    ExitStatus status = session_settle(verb.last);
    if (is_wanted(&verb, status)) {
        print_report(&verb);
    }
    status = session_finish(verb.last);
    if (verb.tried_twice) {
        session_release(&verb.second);
    }
    session_release(&verb.first);
    test_report_release(&verb.report);
    vec_release(&verb.sound);
    file_list_release(&verb.files);
    return status;
}
