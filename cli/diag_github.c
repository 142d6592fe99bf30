#include "cli/diag_github.h"

#include "cli/diag_flat.h"

// What the runner's parser would take for syntax is written as %XX; a value of
// a property ends at a comma too.
static void append_escaped(StrBuf *out, Str text, bool is_property)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        bool special = c == '%' || c == '\r' || c == '\n' ||
                       (is_property && (c == ':' || c == ','));
        if (special) {
            strbuf_appendf(out, "%%%02X", (unsigned char)c);
        } else {
            strbuf_append_char(out, c);
        }
    }
}

static void append_place(StrBuf *out, SourceIndex *index, const Diag *diag)
{
    const Source *source = diag->source;
    uint32_t last =
        diag->span.end > diag->span.start ? diag->span.end : diag->span.start;
    Position start = source_index_position(index, source, diag->span.start);
    Position end = source_index_position(index, source, last);
    StrBuf path = {0};
    strbuf_append_printable(&path, source->path, 1024);
    strbuf_append(out, STR("file="));
    append_escaped(out, strbuf_str(&path), true);
    strbuf_release(&path);
    strbuf_appendf(out, ",line=%u,endLine=%u,", start.line, end.line);
    if (start.line == end.line) { // columns across lines are refused
        strbuf_appendf(out, "col=%u,", start.column);
    }
}

static const char *command_of(Severity severity)
{
    static const char *const names[] = {"error", "warning", "notice"};
    return names[severity];
}

static void append_diag(StrBuf *out, SourceIndex *index, const Diag *diag)
{
    strbuf_appendf(out, "::%s ", command_of(diag_code_severity(diag->code)));
    if (diag_flat_file(diag->source) != NULL) {
        append_place(out, index, diag);
    }
    strbuf_append(out, STR("title="));
    StrBuf text = {0};
    strbuf_appendf(&text, "%s: %s", diag_code_name(diag->code),
                   diag_code_summary(diag->code));
    append_escaped(out, strbuf_str(&text), true);
    strbuf_clear(&text);
    strbuf_append(out, STR("::"));
    diag_flat_append(&text, index, diag, true);
    append_escaped(out, strbuf_str(&text), false);
    strbuf_append_char(out, '\n');
    strbuf_release(&text);
}

void diag_github_write(StrBuf *out, const DiagSink *sink, uint32_t max_errors)
{
    SourceIndex index = {0};
    uint32_t counts[SEVERITY_NOTE + 1] = {0};
    for (uint32_t i = 0; i < sink->diags.count; i++) {
        const Diag *diag = sink->diags.items[i];
        if (counts[diag_code_severity(diag->code)]++ < max_errors) {
            append_diag(out, &index, diag_at(sink, i));
        }
    }
    source_index_release(&index);
    for (int severity = 0; severity <= SEVERITY_NOTE; severity++) {
        if (counts[severity] > max_errors) {
            const char *command = command_of((Severity)severity);
            strbuf_appendf(out, "::%s title=ligature::%u more not shown\n",
                           command, counts[severity] - max_errors);
        }
    }
}
