#include "cli/diag_junit.h"

#include "cli/diag_flat.h"
#include "cli/xml_text.h"

#define MAX_PATH_BYTES    1024
#define MAX_MESSAGE_BYTES 4096

typedef struct Writer {
    StrBuf *out;
    const DiagSink *sink;
    SourceIndex index;
    bool werror;
} Writer;

typedef struct Tally {
    uint32_t tests, failures, errors;
} Tally;

static bool is_error(const Writer *writer, const Diag *diag)
{
    return diag_flat_severity(diag, writer->werror) == SEVERITY_ERROR;
}

static Tally tally(const Writer *writer, uint32_t first, uint32_t end)
{
    Tally all = {0};
    for (uint32_t i = first; i < end; i++) {
        const Diag *diag = diag_at(writer->sink, i);
        bool failed = is_error(writer, diag);
        bool has_place = diag_flat_file(diag->source) != NULL;
        all.tests++;
        all.failures += failed && has_place;
        all.errors += failed && !has_place;
    }
    return all;
}

static void append_path(StrBuf *out, const Source *source)
{
    const Source *file = diag_flat_file(source);
    xml_line_append(out, file != NULL ? file->path : STR("ligature"),
                    MAX_PATH_BYTES);
}

static void append_tally(StrBuf *out, Tally all)
{
    strbuf_appendf(out, "\" tests=\"%u\" failures=\"%u\" errors=\"%u\">\n",
                   all.tests, all.failures, all.errors);
}

static void append_case(Writer *writer, const Diag *diag)
{
    StrBuf *out = writer->out;
    bool failed = is_error(writer, diag);
    const char *code = diag_code_name(diag->code);
    strbuf_appendf(out, "<testcase name=\"%s", code);
    if (diag_flat_file(diag->source) != NULL) {
        Position start = source_index_position(&writer->index, diag->source,
                                               diag->span.start);
        strbuf_appendf(out, " at line %u, column %u\" file=\"", start.line,
                       start.column);
        append_path(out, diag->source);
        strbuf_appendf(out, "\" line=\"%u", start.line);
    }
    strbuf_append(out, STR("\" classname=\""));
    append_path(out, diag->source);
    strbuf_append(out, STR("\">"));
    const char *element = !failed                                ? "system-out"
                          : diag_flat_file(diag->source) != NULL ? "failure"
                                                                 : "error";
    strbuf_appendf(out, "<%s", element);
    if (failed) {
        strbuf_appendf(out, " type=\"%s\" message=\"", code);
        xml_line_append(out, diag->message, MAX_MESSAGE_BYTES);
        strbuf_append_char(out, '"');
    }
    strbuf_append_char(out, '>');
    StrBuf text = {0};
    Severity severity = diag_flat_severity(diag, writer->werror);
    strbuf_appendf(&text, "%s[%s]: ", severity_name(severity), code);
    diag_flat_append(&text, &writer->index, diag, true);
    xml_text_append(out, strbuf_str(&text), SIZE_MAX);
    strbuf_release(&text);
    strbuf_appendf(out, "</%s></testcase>\n", element);
}

// The sink is sorted: diagnostics of one file follow each other.
static uint32_t suite_end(const DiagSink *sink, uint32_t first)
{
    uint32_t end = first;
    while (end < sink->diags.count &&
           diag_flat_file(diag_at(sink, end)->source) ==
               diag_flat_file(diag_at(sink, first)->source)) {
        end++;
    }
    return end;
}

void diag_junit_write(StrBuf *out, const DiagSink *sink, bool werror)
{
    Writer writer = {.out = out, .sink = sink, .werror = werror};
    uint32_t count = sink->diags.count;
    strbuf_append(out, STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                           "<testsuites name=\"ligature"));
    Tally none = {.tests = 1};
    append_tally(out, count > 0 ? tally(&writer, 0, count) : none);
    if (count == 0) {
        strbuf_append(out, STR("<testsuite name=\"ligature"));
        append_tally(out, none);
        strbuf_append(out, STR("<testcase name=\"no diagnostics\" "
                               "classname=\"ligature\"/>\n</testsuite>\n"));
    }
    for (uint32_t first = 0; first < count;) {
        uint32_t end = suite_end(sink, first);
        strbuf_append(out, STR("<testsuite name=\""));
        append_path(out, diag_at(sink, first)->source);
        append_tally(out, tally(&writer, first, end));
        for (; first < end; first++) {
            append_case(&writer, diag_at(sink, first));
        }
        strbuf_append(out, STR("</testsuite>\n"));
    }
    strbuf_append(out, STR("</testsuites>\n"));
    source_index_release(&writer.index);
}
