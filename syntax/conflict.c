#include "syntax/conflict.h"

#include "syntax/byte_class.h"

// Bytes of a mark, and conflicts in one file that are told.
enum { MARK_BYTES = 7, MAX_CONFLICTS = 100 };

// A conflict has its marks in this order.
typedef struct Conflict {
    Span begin, middle, end;
} Conflict;

// Whether the line is such a mark: seven of them, and nothing or a blank.
static bool is_mark(Str line, char mark)
{
    for (size_t i = 0; i < MARK_BYTES; i++) {
        if (i >= line.len || line.data[i] != mark) {
            return false;
        }
    }
    return line.len == MARK_BYTES || line.data[MARK_BYTES] == ' ';
}

// The next line at *at that is such a mark; false where none is left.
static bool find_mark(Str text, size_t *at, char mark, Span *out_line)
{
    while (*at < text.len) {
        size_t start = *at;
        size_t end = start;
        while (end < text.len && !byte_is(text.data[end], BYTE_LINE)) {
            end++;
        }
        *at = end + 1;
        if (is_mark(str_slice(text, start, end), mark)) {
            *out_line = (Span){(uint32_t)start, (uint32_t)end};
            return true;
        }
    }
    return false;
}

static bool find_conflict(Str text, size_t *at, Conflict *out)
{
    return find_mark(text, at, '<', &out->begin) &&
           find_mark(text, at, '=', &out->middle) &&
           find_mark(text, at, '>', &out->end);
}

static void report(Module *module, DiagCode code, const Conflict *conflict)
{
    DiagSink *sink = &module->diags;
    Diag *diag = diag_add(sink, code, &module->source, conflict->begin,
                          "a merge conflict is left here");
    diag_label(sink, diag, &module->source, conflict->middle,
               "the other side begins");
    diag_label(sink, diag, &module->source, conflict->end, "it ends here");
    diag_help(sink, diag,
              "keep the lines of one side, or of both, and delete the marks");
}

// The first error is at a mark that somebody left when the others went.
static void report_lone_mark(Module *module, uint32_t first)
{
    DiagSink *sink = &module->diags;
    Str text = module->source.text;
    DiagCode code = sink->diags.items[first]->code;
    uint32_t start = sink->diags.items[first]->span.start;
    uint32_t end = start;
    while (end < text.len && !byte_is(text.data[end], BYTE_LINE)) {
        end++;
    }
    Str line = str_slice(text, start, end);
    bool begins = start == 0 || byte_is(text.data[start - 1], BYTE_LINE);
    if (!begins ||
        !(is_mark(line, '<') || is_mark(line, '=') || is_mark(line, '>'))) {
        return;
    }
    diag_sink_cut(sink, first);
    Diag *diag = diag_add(sink, code, &module->source, (Span){start, end},
                          "a mark of a merge conflict is left here");
    diag_help(sink, diag, "delete the line");
}

void conflict_report(Module *module, uint32_t first)
{
    DiagSink *sink = &module->diags;
    Str text = module->source.text;
    Conflict conflict;
    size_t at = 0;
    if (!module->broken || sink->diags.count <= first) {
        return;
    }
    if (!find_conflict(text, &at, &conflict)) {
        report_lone_mark(module, first);
        return;
    }
    DiagCode code = sink->diags.items[first]->code;
    diag_sink_cut(sink, first);
    uint32_t count = 0;
    do {
        report(module, code, &conflict);
        count++;
    } while (count < MAX_CONFLICTS && find_conflict(text, &at, &conflict));
    module->ast.decl_count = 0;
    module->ast.result = NULL;
}
