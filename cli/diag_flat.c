#include "cli/diag_flat.h"

#define MAX_LINE_BYTES 2048
#define MAX_PATH_BYTES 512
#define TRACE_HEAD     8
#define TRACE_TAIL     4

typedef struct Writer {
    StrBuf *out;
    SourceIndex *index;
    size_t begin;
} Writer;

Severity diag_flat_severity(const Diag *diag, bool werror)
{
    Severity severity = diag_code_severity(diag->code);
    return werror && severity == SEVERITY_WARNING ? SEVERITY_ERROR : severity;
}

static bool is_full(const Writer *writer)
{
    return writer->out->len - writer->begin >
           DIAG_FLAT_MAX_BYTES - MAX_LINE_BYTES - MAX_PATH_BYTES - 64;
}

static void put_line(Writer *writer, const char *kind, Str text)
{
    if (!is_full(writer)) {
        strbuf_appendf(writer->out, "\n%s: ", kind);
        strbuf_append_printable(writer->out, text, MAX_LINE_BYTES);
    }
}

static void put_place(Writer *writer, const Source *source, Span span)
{
    Position position =
        source_index_position(writer->index, source, span.start);
    strbuf_append_printable(writer->out, source->path, MAX_PATH_BYTES);
    strbuf_appendf(writer->out, ":%u:%u", position.line, position.column);
}

static void put_labels(Writer *writer, const Diag *diag)
{
    for (uint32_t i = 0; i < diag->more->labels.count && !is_full(writer);
         i++) {
        const DiagLabel *label = &diag->more->labels.items[i];
        strbuf_append_char(writer->out, '\n');
        if (diag_flat_file(label->source) != NULL) {
            put_place(writer, label->source, label->span);
            strbuf_append(writer->out, STR(": "));
        }
        strbuf_append_printable(writer->out, label->message, MAX_LINE_BYTES);
    }
}

static void put_trace(Writer *writer, const Diag *diag)
{
    uint32_t count = diag->more->trace.count;
    uint32_t cut =
        count > TRACE_HEAD + TRACE_TAIL ? count - TRACE_HEAD - TRACE_TAIL : 0;
    for (uint32_t i = 0; i < count && !is_full(writer); i++) {
        uint32_t hidden = cut + diag->more->trace_hidden;
        if (i == TRACE_HEAD && hidden > 0) {
            strbuf_appendf(writer->out, "\n... %u more calls ...", hidden);
            i += cut;
        }
        const DiagFrame *frame = &diag->more->trace.items[i];
        strbuf_append(writer->out, STR("\nin call to "));
        strbuf_append_printable(writer->out, frame->function, 120);
        if (diag_flat_file(frame->source) != NULL) {
            strbuf_append(writer->out, STR(" at "));
            put_place(writer, frame->source, frame->span);
        }
    }
}

void diag_flat_append(StrBuf *out, SourceIndex *index, const Diag *diag,
                      bool places)
{
    Writer writer = {out, index, out->len};
    strbuf_append_printable(out, diag->message, MAX_LINE_BYTES);
    if (places) {
        put_labels(&writer, diag);
    }
    for (uint32_t i = 0; i < diag->more->notes.count; i++) {
        put_line(&writer, "note", diag->more->notes.items[i]);
    }
    for (uint32_t i = 0; i < diag->more->helps.count; i++) {
        put_line(&writer, "help", diag->more->helps.items[i]);
    }
    if (places) {
        put_trace(&writer, diag);
    }
}
