// Written straight to text: a tree of every diagnostic would be many times as
// large, and cJSON holds neither NUL bytes nor exact numbers.
#include "cli/diag_json.h"

#include "cli/diag_flat.h"

#include "cli/json_text.h"

#define MAX_TEXT_BYTES 4096
// Of a long call chain this many innermost and outermost calls are listed.
#define TRACE_HEAD 48
#define TRACE_TAIL 16

typedef struct Writer {
    StrBuf *out;
    SourceIndex index;
} Writer;

static void put(Writer *writer, Str text)
{
    strbuf_append(writer->out, text);
}

static void put_text(Writer *writer, Str text)
{
    json_text_append(writer->out, text, MAX_TEXT_BYTES);
}

// "file":...,"line":...,"column":...,"endLine":...,"endColumn":...
static void put_place(Writer *writer, const Source *source, Span span)
{
    put(writer, STR("\"file\":"));
    if (diag_flat_file(source) == NULL) {
        put(writer, STR("null,\"line\":null,\"column\":null,"
                        "\"endLine\":null,\"endColumn\":null"));
        return;
    }
    uint32_t last = span.end > span.start ? span.end : span.start;
    Position start = source_index_position(&writer->index, source, span.start);
    Position end = source_index_position(&writer->index, source, last);
    put_text(writer, source->path);
    strbuf_appendf(writer->out,
                   ",\"line\":%u,\"column\":%u,\"endLine\":%u,"
                   "\"endColumn\":%u",
                   start.line, start.column, end.line, end.column);
}

static void put_labels(Writer *writer, const Diag *diag)
{
    put(writer, STR(",\"labels\":["));
    for (uint32_t i = 0; i < diag->more->labels.count; i++) {
        const DiagLabel *label = &diag->more->labels.items[i];
        put(writer, i > 0 ? STR(",{") : STR("{"));
        put_place(writer, label->source, label->span);
        put(writer, STR(",\"message\":"));
        put_text(writer, label->message);
        put(writer, STR("}"));
    }
    put(writer, STR("]"));
}

static void put_texts(Writer *writer, const Str *texts, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        put(writer, i > 0 ? STR(",") : STR(""));
        put_text(writer, texts[i]);
    }
}

static uint32_t hidden_frames(const Diag *diag)
{
    uint32_t shown = TRACE_HEAD + TRACE_TAIL;
    return diag->more->trace.count > shown ? diag->more->trace.count - shown
                                           : 0;
}

static void put_notes(Writer *writer, const Diag *diag)
{
    put(writer, STR(",\"notes\":["));
    put_texts(writer, diag->more->notes.items, diag->more->notes.count);
    uint32_t hidden = hidden_frames(diag) + diag->more->trace_hidden;
    if (hidden > 0) {
        put(writer, diag->more->notes.count > 0 ? STR(",") : STR(""));
        strbuf_appendf(writer->out,
                       "\"%u more calls in the middle of the trace are not "
                       "listed\"",
                       hidden);
    }
    put(writer, STR("],\"help\":["));
    put_texts(writer, diag->more->helps.items, diag->more->helps.count);
    put(writer, STR("]"));
}

static void put_trace(Writer *writer, const Diag *diag)
{
    uint32_t hidden = hidden_frames(diag);
    put(writer, STR(",\"trace\":["));
    for (uint32_t i = 0; i < diag->more->trace.count; i++) {
        if (hidden > 0 && i == TRACE_HEAD) {
            i += hidden;
        }
        const DiagFrame *frame = &diag->more->trace.items[i];
        put(writer, i > 0 ? STR(",") : STR(""));
        put(writer, STR("{\"function\":"));
        put_text(writer, frame->function);
        if (diag_flat_file(frame->source) == NULL) {
            put(writer, STR(",\"file\":null,\"line\":null}"));
            continue;
        }
        put(writer, STR(",\"file\":"));
        put_text(writer, frame->source->path);
        Position position = source_index_position(&writer->index, frame->source,
                                                  frame->span.start);
        strbuf_appendf(writer->out, ",\"line\":%u}", position.line);
    }
    put(writer, STR("]"));
}

static void put_diag(Writer *writer, const Diag *diag)
{
    strbuf_appendf(writer->out, "{\"code\":\"%s\",\"severity\":\"%s\"",
                   diag_code_name(diag->code),
                   severity_name(diag_code_severity(diag->code)));
    put(writer, STR(",\"message\":"));
    put_text(writer, diag->message);
    put(writer, STR(","));
    put_place(writer, diag->source, diag->span);
    put_labels(writer, diag);
    put_notes(writer, diag);
    put_trace(writer, diag);
    put(writer, STR("}"));
}

void diag_json_write_array(StrBuf *out, const DiagSink *sink)
{
    Writer writer = {.out = out};
    put(&writer, STR("["));
    for (uint32_t i = 0; i < sink->diags.count; i++) {
        put(&writer, i > 0 ? STR(",") : STR(""));
        put_diag(&writer, diag_at(sink, i));
    }
    put(&writer, STR("]"));
    source_index_release(&writer.index);
}

void diag_json_write(StrBuf *out, const DiagSink *sink)
{
    strbuf_append(out, STR("{\"version\":1,\"diagnostics\":"));
    diag_json_write_array(out, sink);
    strbuf_append(out, STR("}\n"));
}
