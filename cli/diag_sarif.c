// A line per rule and per result: readers of logs cut long lines.
#include "cli/diag_sarif.h"

#include "cli/diag_flat.h"
#include "cli/explain.h"
#include "cli/json_text.h"
#include "cli/version.h"
#include "syntax/byte_class.h"

#define MAX_TEXT_BYTES ((size_t)8 << 10)
#define MAX_LABELS     100
// More than these, or a longer one, is nothing to be looked through.
#define MAX_FIXES     10
#define MAX_FIX_BYTES ((size_t)4 << 10)
// Of a long call chain this many innermost and outermost calls are listed.
#define TRACE_HEAD 48
#define TRACE_TAIL 16

typedef struct Writer {
    StrBuf *out;
    SourceIndex index;
    bool werror;
} Writer;

static void put(Writer *writer, Str text)
{
    strbuf_append(writer->out, text);
}

static void put_message(Writer *writer, Str text)
{
    put(writer, STR("\"message\":{\"text\":"));
    json_text_append(writer->out, text, MAX_TEXT_BYTES);
    put(writer, STR("}"));
}

// ---- places

static bool is_plain(char c)
{
    return byte_is(c, BYTE_IDENT) || c == '/' || c == '-' || c == '.' ||
           c == '~';
}

// A path as a URI reference (RFC 3986); a relative one stays relative.
static void put_uri(Writer *writer, Str path)
{
    if (str_starts_with(path, STR("/"))) {
        put(writer, STR("file://"));
    }
    while (str_starts_with(path, STR("./"))) {
        path = str_slice(path, 2, path.len);
    }
    for (size_t i = 0; i < path.len; i++) {
        if (is_plain(path.data[i])) {
            strbuf_append_char(writer->out, path.data[i]);
        } else {
            strbuf_appendf(writer->out, "%%%02X", (unsigned char)path.data[i]);
        }
    }
}

static void put_artifact(Writer *writer, const Source *source)
{
    put(writer, STR("\"artifactLocation\":{\"uri\":\""));
    put_uri(writer, source->path);
    put(writer, STR("\"}"));
}

static void put_region(Writer *writer, const Source *source, Span span)
{
    uint32_t last = span.end > span.start ? span.end : span.start;
    Position start = source_index_position(&writer->index, source, span.start);
    Position end = source_index_position(&writer->index, source, last);
    strbuf_appendf(writer->out,
                   "{\"startLine\":%u,\"startColumn\":%u,"
                   "\"endLine\":%u,\"endColumn\":%u}",
                   start.line, start.column, end.line, end.column);
}

static void put_physical(Writer *writer, const Source *source, Span span)
{
    put(writer, STR("\"physicalLocation\":{"));
    put_artifact(writer, source);
    put(writer, STR(",\"region\":"));
    put_region(writer, source, span);
    put(writer, STR("}"));
}

static void put_related(Writer *writer, const Diag *diag)
{
    bool first = true;
    for (uint32_t i = 0; i < diag->more->labels.count && i < MAX_LABELS; i++) {
        const DiagLabel *label = &diag->more->labels.items[i];
        put(writer, first ? STR(",\"relatedLocations\":[{") : STR(",{"));
        first = false;
        strbuf_appendf(writer->out, "\"id\":%u,", i);
        if (diag_flat_file(label->source) != NULL) {
            put_physical(writer, label->source, label->span);
            put(writer, STR(","));
        }
        put_message(writer, label->message);
        put(writer, STR("}"));
    }
    put(writer, first ? STR("") : STR("]"));
}

static void put_step(Writer *writer, const Source *source, Span span, Str text)
{
    put(writer, STR("{\"location\":{"));
    if (diag_flat_file(source) != NULL) {
        put_physical(writer, source, span);
        put(writer, STR(","));
    }
    put_message(writer, text);
    put(writer, STR("}}"));
}

static void put_frame(Writer *writer, const DiagFrame *frame)
{
    StrBuf text = {0};
    strbuf_append(&text, STR("call to "));
    strbuf_append_printable(&text, frame->function, 256);
    put_step(writer, frame->source, frame->span, strbuf_str(&text));
    strbuf_release(&text);
}

// A flow is in the order of execution: the outermost call first, the place of
// the diagnostic last.
static void put_flow(Writer *writer, const Diag *diag)
{
    uint32_t count = diag->more->trace.count;
    uint32_t cut =
        count > TRACE_HEAD + TRACE_TAIL ? count - TRACE_HEAD - TRACE_TAIL : 0;
    if (count == 0) {
        return;
    }
    put(writer, STR(",\"codeFlows\":[{\"threadFlows\":[{\"locations\":["));
    for (uint32_t i = count; i-- > 0;) {
        if (cut > 0 && i == TRACE_HEAD + cut - 1) {
            i -= cut;
        }
        put_frame(writer, &diag->more->trace.items[i]);
        put(writer, STR(","));
    }
    put_step(writer, diag->source, diag->span, diag->message);
    put(writer, STR("]}]}]"));
}

static void put_fix(Writer *writer, const Diag *diag, const DiagFix *fix)
{
    put(writer, STR("{\"description\":{\"text\":"));
    json_text_append(writer->out, fix->title, MAX_TEXT_BYTES);
    put(writer, STR("},\"artifactChanges\":[{"));
    put_artifact(writer, diag->source);
    put(writer, STR(",\"replacements\":[{\"deletedRegion\":"));
    put_region(writer, diag->source, fix->span);
    put(writer, STR(",\"insertedContent\":{\"text\":"));
    json_text_append(writer->out, fix->text, SIZE_MAX);
    put(writer, STR("}}]}]}"));
}

// What an editor offers as quick fixes: each is a cure by itself.
static void put_fixes(Writer *writer, const Diag *diag)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < diag->more->fixes.count && count < MAX_FIXES;
         i++) {
        const DiagFix *fix = &diag->more->fixes.items[i];
        if (fix->text.len <= MAX_FIX_BYTES) {
            put(writer, count++ > 0 ? STR(",") : STR(",\"fixes\":["));
            put_fix(writer, diag, fix);
        }
    }
    put(writer, count > 0 ? STR("]") : STR(""));
}

// ---- rules

static void put_rule(Writer *writer, DiagCode code)
{
    StrBuf page = {0};
    explain_write(&page, code);
    strbuf_appendf(
        writer->out,
        "{\"id\":\"%s\",\"shortDescription\":{\"text\":", diag_code_name(code));
    json_text_append(writer->out, str_from_c(diag_code_summary(code)),
                     MAX_TEXT_BYTES);
    put(writer, STR("},\"help\":{\"text\":"));
    json_text_append(writer->out, strbuf_str(&page), MAX_TEXT_BYTES);
    strbuf_appendf(writer->out,
                   "},\"defaultConfiguration\":{\"level\":\"%s\"}}",
                   severity_name(diag_code_severity(code)));
    strbuf_release(&page);
}

static void put_tool(Writer *writer)
{
    put(writer, STR("\"tool\":{\"driver\":{\"name\":\"ligature\","
                    "\"version\":\"" LIGATURE_VERSION "\",\"rules\":[\n"));
    for (int code = 0; code < DIAG_CODE_COUNT; code++) {
        put(writer, code > 0 ? STR(",\n") : STR(""));
        put_rule(writer, (DiagCode)code);
    }
    put(writer, STR("]}}"));
}

// ---- results and notifications

static const char *level_of(const Writer *writer, const Diag *diag)
{
    return severity_name(diag_flat_severity(diag, writer->werror));
}

static void put_text(Writer *writer, const Diag *diag)
{
    StrBuf text = {0};
    diag_flat_append(&text, &writer->index, diag, false);
    put_message(writer, strbuf_str(&text));
    strbuf_release(&text);
}

static void put_result(Writer *writer, const Diag *diag)
{
    strbuf_appendf(
        writer->out, "{\"ruleId\":\"%s\",\"ruleIndex\":%d,\"level\":\"%s\",",
        diag_code_name(diag->code), (int)diag->code, level_of(writer, diag));
    put_text(writer, diag);
    put(writer, STR(",\"locations\":[{"));
    put_physical(writer, diag->source, diag->span);
    put(writer, STR("}]"));
    put_related(writer, diag);
    put_flow(writer, diag);
    put_fixes(writer, diag);
    put(writer, STR("}"));
}

static void put_notification(Writer *writer, const Diag *diag)
{
    strbuf_appendf(
        writer->out,
        "{\"associatedRule\":{\"id\":\"%s\",\"index\":%d},\"level\":\"%s\",",
        diag_code_name(diag->code), (int)diag->code, level_of(writer, diag));
    put_text(writer, diag);
    put(writer, STR("}"));
}

static uint32_t put_results(Writer *writer, const DiagSink *sink)
{
    uint32_t count = 0;
    put(writer, STR(",\"results\":["));
    for (uint32_t i = 0; i < sink->diags.count; i++) {
        const Diag *diag = diag_at(sink, i);
        if (diag_flat_file(diag->source) != NULL &&
            count++ < DIAG_SARIF_MAX_RESULTS) {
            put(writer, count > 1 ? STR(",\n") : STR("\n"));
            put_result(writer, diag);
        }
    }
    put(writer, STR("]"));
    return count;
}

static void put_invocation(Writer *writer, const DiagSink *sink,
                           uint32_t result_count)
{
    bool ok = true;
    bool first = true;
    put(writer, STR(",\"invocations\":[{\"toolExecutionNotifications\":["));
    for (uint32_t i = 0; i < sink->diags.count; i++) {
        const Diag *diag = diag_at(sink, i);
        if (diag_flat_file(diag->source) == NULL) {
            put(writer, first ? STR("\n") : STR(",\n"));
            put_notification(writer, diag);
            first = false;
            ok = ok &&
                 diag_flat_severity(diag, writer->werror) != SEVERITY_ERROR;
        }
    }
    if (result_count > DIAG_SARIF_MAX_RESULTS) {
        strbuf_appendf(writer->out,
                       "%s{\"level\":\"warning\",\"message\":{\"text\":"
                       "\"%u more results are not listed\"}}",
                       first ? "\n" : ",\n",
                       result_count - DIAG_SARIF_MAX_RESULTS);
    }
    strbuf_appendf(writer->out, "],\"executionSuccessful\":%s}]",
                   ok ? "true" : "false");
}

void diag_sarif_write(StrBuf *out, const DiagSink *sink, bool werror)
{
    Writer writer = {.out = out, .werror = werror};
    put(&writer,
        STR("{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\","
            "\"version\":\"2.1.0\",\"runs\":[{"));
    put_tool(&writer);
    put(&writer, STR(",\"columnKind\":\"unicodeCodePoints\""));
    uint32_t count = put_results(&writer, sink);
    put_invocation(&writer, sink, count);
    put(&writer, STR("}]}\n"));
    source_index_release(&writer.index);
}
