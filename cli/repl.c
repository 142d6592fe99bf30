#include "cli/repl.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/diag_write.h"
#include "cli/document.h"
#include "cli/output.h"
#include "cli/pipeline.h"
#include "cli/run_report.h"
#include "syntax/loader.h"
#include "typecheck/check.h"

// An input on its way.
typedef struct Input {
    Repl *repl;
    Str text;
    Str path; // of a file instead
    uint32_t lines_before;
    ReplMode mode;
    bool takes_all;        // that was entered, needed or not
    uint32_t declared_end; // of the text: behind its last declaration
    Arena arena;
    Str *types; // by visible binding of the entry
    StrBuf out;
} Input;

void repl_init(Repl *repl, Settings *settings, bool is_terminal)
{
    memset(repl, 0, sizeof *repl);
    repl->settings = settings;
    repl->is_terminal = is_terminal;
    arena_init(&repl->texts);
    session_init(&repl->session, VERB_REPL, settings);
    repl->session.progress_tried = true; // nobody is to draw beside a prompt
}

void repl_reset(Repl *repl)
{
    for (uint32_t i = 0; i < repl->links.count; i++) {
        strbuf_release(&repl->links.items[i].text);
        strbuf_release(&repl->links.items[i].path);
    }
    vec_release(&repl->links);
    repl_needs_release(&repl->needs);
    repl->links.count = 0;
    repl->needs = (ReplNeeds){0};
}

void repl_release(Repl *repl)
{
    repl_reset(repl);
    strbuf_release(&repl->diagnostics);
    arena_release(&repl->texts);
    session_release(&repl->session);
}

// ---- what the text is

static Module *parse(Repl *repl, Str text)
{
    return loader_parse_text(repl->session.program, STR("<repl>"), text);
}

// A declaration may lack the ';' behind it.
static bool lacks_semicolon(Repl *repl, Str text)
{
    StrBuf closed = {0};
    strbuf_append(&closed, text);
    strbuf_append(&closed, STR("\n;"));
    Module *module = parse(repl, strbuf_str(&closed));
    bool lacks = !module->broken;
    module_free(module);
    strbuf_release(&closed);
    return lacks;
}

static bool ends_later(const Module *module)
{
    Str text = module->source.text;
    if (!module->broken || module->diags.diags.count == 0) {
        return false;
    }
    const Diag *first = diag_at(&module->diags, 0);
    Str rest = str_slice(text, first->span.start, text.len);
    return module->is_cut || (first->code == DIAG_E0102 &&
                              (str_starts_with(rest, STR("\"\"\"")) ||
                               str_starts_with(rest, STR("/*")) ||
                               str_starts_with(rest, STR("r"))));
}

// What is to be declared on the next line.
static bool ends_in_doc(Str text)
{
    size_t start = text.len;
    while (start > 0 && text.data[start - 1] != '\n') {
        start--;
    }
    return str_starts_with(str_slice(text, start, text.len), STR("///"));
}

ReplShape repl_shape(Repl *repl, Str text)
{
    Module *module = parse(repl, text);
    bool is_empty = !module->broken && module->ast.decl_count == 0 &&
                    module->ast.result == NULL;
    bool is_cut = ends_later(module);
    module_free(module);
    return is_empty && ends_in_doc(text)            ? REPL_UNFINISHED
           : is_empty                               ? REPL_EMPTY
           : is_cut && !lacks_semicolon(repl, text) ? REPL_UNFINISHED
                                                    : REPL_FINISHED;
}

static void look_at(Input *input)
{
    Module *module = parse(input->repl, input->text);
    const ModuleAst *ast = &module->ast;
    if (ast->decl_count > 0) {
        input->declared_end = ast->decls[ast->decl_count - 1].span.end;
    }
    module_free(module);
}

// ---- the end of an input

static const Module *entry_of(const Session *session)
{
    const Program *program = session->program;
    return program->modules[program->entries[0]];
}

// What the inputs before it, and files that they import, are warned of was said
// then. They stand before it in the program, too.
static void drop_old_warnings(Repl *repl)
{
    DiagSink *sink = &repl->session.diags;
    const Module *entry = entry_of(&repl->session);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < sink->diags.count; i++) {
        Diag *diag = diag_at(sink, i);
        if (diag_code_severity(diag->code) == SEVERITY_ERROR ||
            diag->source == NULL || diag->source->order > entry->outer) {
            sink->diags.items[kept++] = diag;
        }
    }
    sink->diags.count = kept;
}

static void write_out(Repl *repl, int fd, Str text)
{
    Session *session = &repl->session;
    if (!output_write_fd(fd, text, &session->token) && fd == STDOUT_FILENO &&
        !cancel_token_is_ended(&session->token)) {
        repl->write_error = errno;
    }
}

static void write_diagnostics(Repl *repl)
{
    StrBuf text = {0};
    diag_write(&text, &repl->session.diags, repl->settings,
               repl->settings->diagnostics_file.len == 0 &&
                   session_wants_color(repl->settings, STDERR_FILENO));
    if (repl->settings->diagnostics_file.len > 0) {
        strbuf_append(&repl->diagnostics, strbuf_str(&text));
    } else {
        write_out(repl, STDERR_FILENO, strbuf_str(&text));
    }
    strbuf_release(&text);
}

bool repl_end(Repl *repl)
{
    Settings *settings = repl->settings;
    bool ok = settings->diagnostics_file.len == 0 ||
              session_write(&repl->session, settings->diagnostics_file,
                            strbuf_str(&repl->diagnostics));
    if (!ok) {
        settings->diagnostics_file = STR("");
        write_diagnostics(repl);
    }
    return ok;
}

bool repl_finish(Repl *repl, Str out)
{
    Session *session = &repl->session;
    ExitStatus status = session_settle(session);
    bool ok = status == EXIT_STATUS_OK;
    // What is typed is no command line: a mistake in it fails, as others do.
    repl->status = exit_status_worse(repl->status, status == EXIT_STATUS_USAGE
                                                       ? EXIT_STATUS_FAILED
                                                       : status);
    if (status == EXIT_STATUS_INTERRUPTED) {
        write_out(repl, STDERR_FILENO, STR("interrupted\n"));
    } else if (status != EXIT_STATUS_TERMINATED) {
        write_diagnostics(repl);
    }
    if (ok) {
        write_out(repl, STDOUT_FILENO, out);
    }
    return ok;
}

// ---- evaluation

static bool has_value(const Binding *binding)
{
    return binding->kind == BINDING_RESULT || binding_has_value(binding);
}

static bool run_bindings(Session *session, void *ctx)
{
    (void)ctx;
    const Module *entry = entry_of(session);
    VEC(BindingPlace) places = {0};
    for (uint32_t i = 0; i < entry->visible_count; i++) {
        if (has_value(&entry->bindings[i])) {
            vec_push(&places, (BindingPlace){entry->id, i});
        }
    }
    bool ok = evaluation_run_bindings(session->evaluation, places.items,
                                      places.count, &session->diags);
    vec_release(&places);
    return ok;
}

static void note_types(Input *input)
{
    const Session *session = &input->repl->session;
    const Module *entry = entry_of(session);
    input->types =
        arena_array(&input->arena, entry->visible_count, sizeof(Str));
    for (uint32_t i = 0; i < entry->visible_count; i++) {
        input->types[i] =
            check_binding_type(session->program, entry->id, i, &input->arena);
    }
}

// ---- what is printed

static bool report_too_large(Session *session)
{
    const Module *entry = entry_of(session);
    Diag *diag = diag_add(
        &session->diags, DIAG_E0605, &entry->source, (Span){0, 0},
        "the output is over %llu bytes",
        (unsigned long long)session->program->options.limits.max_output_bytes);
    diag_help(&session->diags, diag, "raise --max-output");
    return false;
}

// As Ligature source: a String has its quotes.
static bool append_value(Input *input, Value value)
{
    Session *session = &input->repl->session;
    return value_show(&input->out, value,
                      session->program->options.limits.max_output_bytes) ||
           report_too_large(session);
}

static FormatChoice format_of(const Settings *settings)
{
    static const FormatChoice formats[] = {
        FORMAT_TEXT, FORMAT_JSON, FORMAT_YAML, FORMAT_TOML, FORMAT_RAW};
    return formats[settings->repl_format];
}

static bool append_document(Input *input, Value value)
{
    Session *session = &input->repl->session;
    const Module *entry = entry_of(session);
    DocumentOptions options = {
        .format = format_of(session->settings),
        .max_bytes = session->program->options.limits.max_output_bytes,
        .source = &entry->source,
        .span = entry->ast.result->span,
    };
    Document document;
    bool ok = document_prepare(session, &options, value, &document) &&
              document_write(&document, json_sink_append, &input->out);
    document_release(&document);
    return ok;
}

static Value value_of(const Input *input, uint32_t index)
{
    const Session *session = &input->repl->session;
    return evaluation_slot(session->evaluation, entry_of(session)->id, index)
        ->value;
}

static bool append_result(Input *input, uint32_t index)
{
    StrBuf *out = &input->out;
    bool ok = true;
    if (input->mode != REPL_TYPE) {
        Value value = value_of(input, index);
        if (format_of(input->repl->settings) != FORMAT_TEXT) {
            return append_document(input, value);
        }
        ok = append_value(input, value);
        strbuf_append(out, STR(" : "));
    }
    strbuf_append(out, input->types[index]);
    strbuf_append_char(out, '\n');
    return ok;
}

// "x : Integer = 1"; a function has no value to show.
static bool append_binding(Input *input, uint32_t index)
{
    const Session *session = &input->repl->session;
    const Binding *binding = &entry_of(session)->bindings[index];
    StrBuf *out = &input->out;
    strbuf_append(out, symbol_text(session->program->interner, binding->name));
    strbuf_append(out, STR(" : "));
    strbuf_append(out, input->types[index]);
    bool ok = true;
    if (input->mode != REPL_TYPE && has_value(binding)) {
        Value value = value_of(input, index);
        if (value.tag != VALUE_FUNCTION && value.tag != VALUE_PARTIAL) {
            strbuf_append(out, STR(" = "));
            ok = append_value(input, value);
        }
    }
    strbuf_append_char(out, '\n');
    return ok;
}

// Documents of values are for other programs: nothing stands between them.
static bool print(Input *input)
{
    const Module *entry = entry_of(&input->repl->session);
    bool is_text = format_of(input->repl->settings) == FORMAT_TEXT ||
                   input->mode == REPL_TYPE;
    bool ok = true;
    for (uint32_t i = 0; ok && i < entry->visible_count; i++) {
        if (entry->bindings[i].kind == BINDING_RESULT) {
            ok = append_result(input, i);
        } else if (is_text) {
            ok = append_binding(input, i);
        }
    }
    return ok;
}

// ---- inputs

// Of a long session what is needed, and the latest, for those who misspell a
// name: so it may go on and on.
static bool *find_needed(const Input *input)
{
    enum { LATEST = 50 };
    const Repl *repl = input->repl;
    uint32_t count = repl->links.count;
    bool *needed = mem_calloc((size_t)count + 1, sizeof *needed);
    if (count > LATEST && !input->takes_all) {
        repl_needs_find(&repl->needs, input->text, LATEST, needed);
    } else {
        memset(needed, true, count);
    }
    return needed;
}

static bool check(Input *input)
{
    const Repl *repl = input->repl;
    bool *needed = find_needed(input);
    VEC(SessionInput) inputs = {0};
    for (uint32_t i = 0; i < repl->links.count; i++) {
        const ReplLink *link = &repl->links.items[i];
        if (!needed[i]) {
            continue;
        }
        vec_push(&inputs, (SessionInput){.text = strbuf_str(&link->text),
                                         .path = strbuf_str(&link->path),
                                         .lines_before = link->lines_before});
    }
    vec_push(&inputs, (SessionInput){.text = input->text,
                                     .path = input->path,
                                     .lines_before = input->lines_before});
    bool ok = pipeline_check_session(&input->repl->session, inputs.items,
                                     inputs.count);
    free(needed);
    vec_release(&inputs);
    return ok;
}

static bool run(Input *input)
{
    Session *session = &input->repl->session;
    if (!check(input)) {
        return false;
    }
    note_types(input);
    return (input->mode == REPL_TYPE ||
            pipeline_evaluate(session, run_bindings, NULL)) &&
           print(input);
}

static void add_link(const Input *input)
{
    Repl *repl = input->repl;
    ReplLink link = {.lines_before = input->lines_before};
    strbuf_append(&link.text, str_slice(input->text, 0, input->declared_end));
    strbuf_append(&link.path, input->path);
    vec_push(&repl->links, link);
    Module *module =
        input->path.len == 0 ? parse(repl, strbuf_str(&link.text)) : NULL;
    repl_needs_add(&repl->needs, module, repl->session.program->interner);
    module_free(module);
}

static uint64_t count_steps(const Session *session)
{
    const Program *program = session->program;
    uint64_t steps = 0;
    for (uint32_t m = 0; m < program->module_count; m++) {
        for (uint32_t i = 0; i < program->modules[m]->binding_count; i++) {
            const Slot *slot = load_relaxed(&session->evaluation->slots[m][i]);
            steps += slot != NULL ? slot->steps : 0;
        }
    }
    return steps;
}

// :time, on standard error as --stats.
static void write_time(Repl *repl)
{
    const Session *session = &repl->session;
    StrBuf text = {0};
    for (int phase = 0; phase < PHASE_COUNT; phase++) {
        if (session->phase_ran[phase]) {
            strbuf_appendf(&text, "%s%s %.3f ms", text.len > 0 ? ", " : "",
                           session_phase_name((Phase)phase),
                           (double)session->phase_ns[phase] / 1e6);
        }
    }
    strbuf_append_char(&text, '\n');
    if (session->evaluation != NULL) {
        strbuf_appendf(&text, "steps: %" PRIu64 "\n", count_steps(session));
    }
    run_report_append_memory(session, &text);
    write_out(repl, STDERR_FILENO, strbuf_str(&text));
    strbuf_release(&text);
}

static void finish(Input *input)
{
    Repl *repl = input->repl;
    Session *session = &repl->session;
    bool has_entry = session->program->entry_count > 0;
    (void)session_settle(session);
    if (has_entry) {
        drop_old_warnings(repl);
    }
    bool ok = repl_finish(repl, strbuf_str(&input->out));
    if (input->mode == REPL_TIME) {
        write_time(repl);
    } else if (repl->settings->stats) {
        run_report_stats(session);
    }
    if (ok && has_entry && input->mode != REPL_TYPE &&
        (input->declared_end > 0 || input->path.len > 0)) {
        add_link(input);
    }
    session_next(session);
}

static void enter(Input *input)
{
    Session *session = &input->repl->session;
    Settings *settings = input->repl->settings;
    bool stats = settings->stats;
    if (input->mode == REPL_TIME && !stats) {
        settings->stats = true; // for all to look at the clock
        session_next(session);
    }
    arena_init(&input->arena);
    session_begin_clock(session);
    session->failed = !run(input);
    settings->stats = stats;
    finish(input);
    strbuf_release(&input->out);
    arena_release(&input->arena);
}

void repl_enter(Repl *repl, Str text, uint32_t lines_before, ReplMode mode)
{
    Input input = {.repl = repl, .lines_before = lines_before, .mode = mode};
    StrBuf whole = {0};
    strbuf_append(&whole, text);
    Module *module = parse(repl, text);
    if (ends_later(module) && lacks_semicolon(repl, text)) {
        strbuf_append(&whole, STR("\n;"));
    }
    module_free(module);
    input.text = strbuf_str(&whole);
    look_at(&input);
    enter(&input);
    strbuf_release(&whole);
}

// False where there is an error.
static bool look_at_text(Repl *repl, Str text, LookFunction *look, void *ctx)
{
    Session *session = &repl->session;
    Input input = {.repl = repl, .text = text, .takes_all = true};
    session_begin_clock(session);
    session->program->options.whole_std = true;
    bool ok = check(&input);
    const Program *program = session->program;
    // Names are known of what could be loaded, up to a limit.
    bool is_there = program->entry_count > 0 &&
                    program->modules[program->entries[0]]->scope != NULL &&
                    cancel_token_reason(&session->token) == CANCEL_NONE;
    if (is_there) {
        look(session, ok, ctx);
    }
    return ok && is_there;
}

void repl_look(Repl *repl, Str text, LookFunction *look, void *ctx)
{
    (void)look_at_text(repl, text, look, ctx);
    session_next(&repl->session);
}

// The errors alone, and no places in a text that nobody has typed.
static void keep_reasons(DiagSink *sink)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < sink->diags.count; i++) {
        Diag *diag = diag_at(sink, i);
        if (diag_code_severity(diag->code) == SEVERITY_ERROR) {
            bool is_asked = diag->source != NULL &&
                            str_equal(diag->source->path, STR("<repl>"));
            diag->source = is_asked ? NULL : diag->source;
            sink->diags.items[kept++] = diag;
        }
    }
    sink->diags.count = kept;
}

bool repl_look_or_say(Repl *repl, Str text, LookFunction *look, void *ctx,
                      const bool *found)
{
    Session *session = &repl->session;
    bool answered = look_at_text(repl, text, look, ctx) || *found;
    if (!answered) {
        session->failed = true;
        (void)session_settle(session);
        keep_reasons(&session->diags);
        (void)repl_finish(repl, STR(""));
    }
    session_next(session);
    return answered;
}

void repl_reload(Repl *repl)
{
    Session *session = &repl->session;
    Input input = {.repl = repl, .takes_all = true};
    session->failed = !check(&input);
    (void)repl_finish(repl, STR(""));
    session_next(session);
}

void repl_load(Repl *repl, Str path)
{
    Input input = {.repl = repl, .path = path};
    enter(&input);
}
