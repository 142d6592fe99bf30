// Documents: the text is kept while it is small. A larger one is made when it
// is written, piece by piece, so that memory stays bounded. Nothing is written
// before all is known to be printable: where a walk over the value does not
// show that, or the length is asked for, the text is made when it is prepared,
// too, and thrown away.
#include "eval/write_json.h"

#include <stdlib.h>

#include "eval/write_json_internal.h"
#include "support/die.h"

#define KEEP_MAX_BYTES ((size_t)32 << 20)
// What is longer at most is written once where it need not be measured.
#define KEEP_UNMEASURED ((uint64_t)1 << 20)
#define DIAGS_MAX       20
// What is shorter is copied to what comes before it.
#define PUT_MIN_BYTES ((size_t)16 << 10)

struct JsonDocument {
    JsonOptions options;
    Value value;
    Worker *worker;
    CancelToken *token;
    uint64_t bytes; // at least, where they were not measured
    bool kept;
    StrBuf text; // when kept
};

// The ctx of a document's writer.
typedef struct Pass {
    JsonDocument *document;
    DiagSink *diags;     // NULL in the writing pass
    uint32_t first_diag; // of this pass, in `diags`
    uint32_t error_count;
    uint32_t warning_count;
    bool refused;
    bool keeping;
    JsonSink *sink; // NULL in the preparing pass
    void *sink_ctx;
    JsonTeam *team; // NULL: one worker
} Pass;

// ---- diagnostics

static void place_of(const Pass *pass, const JsonWriter *w,
                     const Source **out_source, Span *out_span)
{
    const JsonOptions *options = &pass->document->options;
    *out_source = options->source;
    *out_span = options->span;
    if (options->locate == NULL || w->frames.count == 0 ||
        w->frames.items[0].kind != JSON_RECORD) {
        return;
    }
    const JsonFrame *root = &w->frames.items[0];
    uint32_t n = root->next - 1;
    uint32_t i = root->order != NULL ? root->order[n] : n;
    options->locate(options->locate_ctx, root->value.as.record->shape->texts[i],
                    out_source, out_span);
}

// What this pass has said of the place.
static Diag *said_there(const Pass *pass, DiagCode code, const Source *source,
                        Span span)
{
    for (uint32_t i = pass->first_diag; i < pass->diags->diags.count; i++) {
        Diag *diag = diag_at(pass->diags, i);
        if (diag->code == code && diag->source == source &&
            diag->span.start == span.start && diag->span.end == span.end) {
            return diag;
        }
    }
    return NULL;
}

static void describe_next(Diag *diag, Value value, Str path, DiagSink *diags)
{
    if (diag->code == DIAG_W0401) {
        diag_note(diags, diag, "so is %lld at %.*s",
                  (long long)value.as.integer, STR_ARG(path));
    } else if (diag->code != DIAG_E0601) {
        diag_note(diags, diag, "another one stands at %.*s", STR_ARG(path));
    }
}

static void describe(DiagCode code, Value value, uint32_t max_nesting, Str path,
                     DiagSink *diags, const Source *source, Span span)
{
    bool nested = path.len > 0;
    if (code == DIAG_E0406) {
        Diag *diag = diag_add(diags, code, source, span,
                              nested ? "a function stands in the result at %.*s"
                                     : "the result is a function%.*s",
                              STR_ARG(path));
        diag_help(diags, diag, "apply it, or leave it out of the result");
    } else if (code == DIAG_E0407) {
        Diag *diag = diag_add(
            diags, code, source, span,
            nested ? "'Some None' stands in the result at %.*s and has no JSON"
                   : "the result is 'Some None', which has no JSON%.*s",
            STR_ARG(path));
        diag_help(diags, diag,
                  "it would read back as None; flatten the Option first");
    } else if (code == DIAG_E0601) {
        Diag *diag = diag_add(diags, code, source, span,
                              "the result is nested more than %u levels deep",
                              (unsigned)max_nesting);
        diag_help(diags, diag, "raise --max-nesting");
    } else {
        (void)diag_add(diags, code, source, span,
                       "the integer %lld%s%.*s is beyond 2^53 and loses "
                       "precision in many readers",
                       (long long)value.as.integer, nested ? " at " : "",
                       STR_ARG(path));
    }
}

static void pass_refuse(JsonWriter *w, DiagCode code, Value value)
{
    Pass *pass = w->ctx;
    bool warning = code == DIAG_W0401;
    uint32_t *count = warning ? &pass->warning_count : &pass->error_count;
    pass->refused |= !warning;
    if (pass->diags == NULL || ++*count > DIAGS_MAX) {
        if (pass->diags != NULL && *count == DIAGS_MAX + 1) {
            diag_note(pass->diags, vec_last(&pass->diags->diags),
                      "there are more such values");
        }
        return; // said already when it was prepared, or enough said
    }
    const JsonOptions *options = &pass->document->options;
    const Source *source;
    Span span;
    place_of(pass, w, &source, &span);
    StrBuf path = {0};
    strbuf_append(&path, options->path);
    json_writer_path(w, &path);
    Diag *said = said_there(pass, code, source, span);
    if (said != NULL) {
        describe_next(said, value, strbuf_str(&path), pass->diags);
    } else {
        describe(code, value, options->max_nesting, strbuf_str(&path),
                 pass->diags, source, span);
    }
    strbuf_release(&path);
    w->stopped |= pass->error_count >= DIAGS_MAX;
}

static void report_too_large(Pass *pass, JsonWriter *w)
{
    const JsonOptions *options = &pass->document->options;
    pass->refused = true;
    w->stopped = true;
    if (pass->diags != NULL) {
        Diag *diag = diag_add(pass->diags, DIAG_E0605, options->source,
                              options->span, "the output is over %llu bytes",
                              (unsigned long long)options->max_bytes);
        diag_help(pass->diags, diag, "raise --max-output or select a part");
    }
}

// ---- flow

static void pass_flush(JsonWriter *w)
{
    Pass *pass = w->ctx;
    JsonDocument *document = pass->document;
    StrBuf *out = w->out;
    // The line break at the end counts.
    uint64_t total = json_writer_bytes(w) + 1;
    if (w->max_left == 0 || total > document->options.max_bytes) {
        report_too_large(pass, w);
        return;
    }
    w->max_left = document->options.max_bytes - total;
    if (document->token != NULL &&
        cancel_token_poll(document->token) != CANCEL_NONE) {
        w->stopped = true;
        return;
    }
    if (pass->keeping && out->len <= KEEP_MAX_BYTES) {
        w->flush_at = out->len + JSON_FLUSH_BYTES;
        return;
    }
    if (pass->sink != NULL && !pass->sink(pass->sink_ctx, strbuf_str(out))) {
        w->stopped = true;
        return;
    }
    w->flushed += out->len;
    if (pass->keeping) {
        strbuf_release(out); // large; from here on only small pieces
        pass->keeping = false;
    }
    strbuf_clear(out);
    w->flush_at = JSON_FLUSH_BYTES;
}

// ---- several workers

// A text of theirs, which comes next. Where it need not be kept, it goes out
// as it is.
static void put_text(JsonWriter *w, StrBuf *text)
{
    Pass *pass = w->ctx;
    if (pass->keeping || text->len < PUT_MIN_BYTES) {
        strbuf_append(w->out, strbuf_str(text));
        if (w->out->len >= w->flush_at) {
            w->flush(w);
        }
        return;
    }
    if (w->out->len > 0) {
        w->flush(w);
    }
    StrBuf *own = w->out;
    w->out = text;
    if (!w->stopped) {
        w->flush(w);
    }
    w->out = own;
}

static void pass_write_parts(JsonWriter *w, JsonFrame *frame)
{
    Pass *pass = w->ctx;
    json_team_write(pass->team, w, frame, put_text);
}

// ---- documents

static bool end_text(Pass *pass, JsonWriter *writer)
{
    JsonDocument *document = pass->document;
    strbuf_append_char(writer->out, '\n');
    document->bytes = json_writer_bytes(writer);
    if (document->bytes > document->options.max_bytes) {
        report_too_large(pass, writer);
        return false;
    }
    return pass->sink == NULL ||
           pass->sink(pass->sink_ctx, strbuf_str(writer->out));
}

static bool run_pass(Pass *pass, StrBuf *text)
{
    JsonDocument *document = pass->document;
    Worker *worker = document->worker;
    JsonWriter writer;
    json_writer_init(&writer, &document->options, text);
    writer.flush = pass_flush;
    writer.flush_at = JSON_FLUSH_BYTES;
    writer.max_left = document->options.max_bytes;
    writer.refuse = pass_refuse;
    writer.ctx = pass;
    if (worker != NULL && !document->options.check_precision &&
        pool_worker_count(worker_pool(worker)) > 1) {
        pass->team = json_team_new(worker, document->token);
        writer.write_parts = pass_write_parts;
    }
    bool ok =
        json_writer_run(&writer, document->value) && end_text(pass, &writer);
    json_writer_release(&writer);
    json_team_free(pass->team);
    return ok && !pass->refused;
}

JsonDocument *json_prepare(const JsonOptions *options, Value value,
                           Worker *worker, CancelToken *token, DiagSink *diags)
{
    JsonDocument *document = mem_calloc(1, sizeof *document);
    document->options = *options;
    document->value = value;
    document->worker = worker;
    document->token = token;
    uint64_t least;
    uint64_t most;
    if (options->unmeasured &&
        json_bound(options, value, worker, &least, &most) &&
        most > KEEP_UNMEASURED) {
        document->bytes = least;
        return document;
    }
    Pass pass = {.document = document,
                 .diags = diags,
                 .first_diag = diags->diags.count,
                 .keeping = true};
    if (!run_pass(&pass, &document->text)) {
        json_document_free(document);
        return NULL;
    }
    document->kept = pass.keeping;
    if (!document->kept) {
        strbuf_release(&document->text);
    }
    return document;
}

uint64_t json_document_bytes(const JsonDocument *document)
{
    return document->bytes;
}

bool json_sink_append(void *ctx, Str bytes)
{
    strbuf_append(ctx, bytes);
    return true;
}

bool json_document_write(JsonDocument *document, JsonSink *sink, void *ctx)
{
    if (document->kept) {
        return sink(ctx, strbuf_str(&document->text));
    }
    Pass pass = {.document = document, .sink = sink, .sink_ctx = ctx};
    StrBuf text = {0};
    bool ok = run_pass(&pass, &text);
    strbuf_release(&text);
    return ok;
}

void json_document_free(JsonDocument *document)
{
    if (document != NULL) {
        strbuf_release(&document->text);
        free(document);
    }
}

// ---- small texts

static void append_flush(JsonWriter *w)
{
    const size_t *limit = w->ctx;
    w->stopped |= w->max_left == 0 || w->out->len > *limit;
    w->flush_at = w->out->len + JSON_FLUSH_BYTES;
}

bool json_append(const JsonOptions *options, Value value, uint32_t level,
                 StrBuf *out)
{
    JsonWriter writer;
    size_t room = SIZE_MAX - out->len;
    size_t limit =
        out->len +
        (options->max_bytes < room ? (size_t)options->max_bytes : room);
    json_writer_init(&writer, options, out);
    writer.level = level;
    writer.max_left = options->max_bytes;
    writer.flush = append_flush;
    writer.flush_at = out->len + JSON_FLUSH_BYTES;
    writer.ctx = &limit;
    bool ok = json_writer_run(&writer, value) && out->len <= limit &&
              writer.max_left > 0;
    json_writer_release(&writer);
    return ok;
}
