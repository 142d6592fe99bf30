// Collecting and sorting diagnostics.
#include "support/diag.h"

#include <stdarg.h>
#include <stdlib.h>

#include "support/die.h"

// Further call chains that a diagnostic names, and functions in each.
#define MAX_CHAIN_NOTES 4
#define MAX_CHAIN_NAMES 8
#define MAX_CHAIN_BYTES 200 // of a path, or of a message

typedef struct CodeInfo {
    const char *name;
    const char *summary;
    Severity severity;
} CodeInfo;

static const CodeInfo code_infos[DIAG_CODE_COUNT] = {
#define DIAG(code, level, text) [DIAG_##code] = {#code, text, level},
#include "support/diags.def"
};

void diag_sink_init(DiagSink *sink)
{
    *sink = (DiagSink){0};
    arena_init(&sink->arena);
}

static const DiagMore nothing_more;

static void spell(DiagSink *sink, Diag *diag);

// That of the diagnostic alone.
static DiagMore *own_more(DiagSink *sink, Diag *diag)
{
    if (diag->form != NULL) {
        spell(sink, diag);
    }
    if (diag->more == &nothing_more) {
        diag->more = ARENA_NEW(&sink->arena, DiagMore);
    }
    return (DiagMore *)(uintptr_t)diag->more;
}

// Appends to a list of a diagnostic. Most have one element or none, and there
// may be a million diagnostics: the lists live in the sink's arena and double
// from one element on.
static void *list_grow(DiagSink *sink, const void *items, uint32_t *capacity,
                       size_t size)
{
    uint32_t grown = *capacity == 0 ? 1 : *capacity * 2;
    void *moved = arena_array(&sink->arena, grown, size);
    if (*capacity > 0) {
        memcpy(moved, items, *capacity * size);
    }
    *capacity = grown;
    return moved;
}

#define list_push(sink, diag, list, ...)                                       \
    do {                                                                       \
        DiagMore *more_ = own_more((sink), (diag));                            \
        if (more_->list.count == more_->list.capacity) {                       \
            more_->list.items =                                                \
                list_grow((sink), more_->list.items, &more_->list.capacity,    \
                          sizeof *more_->list.items);                          \
        }                                                                      \
        more_->list.items[more_->list.count++] = (__VA_ARGS__);                \
    } while (0)

void diag_sink_release(DiagSink *sink)
{
    vec_release(&sink->diags);
    arena_release(&sink->arena);
    sink->error_count = 0;
    sink->gave_up = false;
}

static Diag *add(DiagSink *sink, DiagCode code, const Source *source, Span span,
                 Str message, const DiagForm *form)
{
    Diag *diag = arena_alloc(&sink->arena, sizeof *diag);
    *diag = (Diag){code, source, span, message, form, &nothing_more};
    vec_push(&sink->diags, diag);
    sink->error_count += diag_code_severity(code) == SEVERITY_ERROR;
    return diag;
}

Diag *diag_addv(DiagSink *sink, DiagCode code, const Source *source, Span span,
                const char *format, va_list args)
{
    Str message = arena_vprintf(&sink->arena, format, args);
    return add(sink, code, source, span, message, NULL);
}

Diag *diag_add_form(DiagSink *sink, DiagCode code, const Source *source,
                    Span span, const DiagForm *form, Str name)
{
    return add(sink, code, source, span, name, form);
}

Diag *diag_extend(DiagSink *sink, DiagCode code, uint32_t count)
{
    Diag *diags = arena_array(&sink->arena, count, sizeof *diags);
    vec_reserve(&sink->diags, count);
    for (uint32_t i = 0; i < count; i++) {
        sink->diags.items[sink->diags.count++] = &diags[i];
    }
    bool is_error = diag_code_severity(code) == SEVERITY_ERROR;
    sink->error_count += is_error ? count : 0;
    return diags;
}

void diag_fill_form(Diag *diag, DiagCode code, const Source *source, Span span,
                    const DiagForm *form, Str name)
{
    *diag = (Diag){code, source, span, name, form, &nothing_more};
}

static void spell(DiagSink *sink, Diag *diag)
{
    const DiagForm *form = diag->form;
    Str name = diag->message;
    diag->form = NULL;
    diag->message =
        arena_printf(&sink->arena, "%.*s%.*s%.*s", STR_ARG(form->before),
                     STR_ARG(name), STR_ARG(form->after));
    diag_help(sink, diag, "%.*s%.*s%.*s", STR_ARG(form->help_before),
              STR_ARG(name), STR_ARG(form->help_after));
    if (form->mark.len > 0) {
        Span before = {diag->span.start, diag->span.start};
        diag_fix(sink, diag, before, form->mark, "put '%.*s' before the name",
                 STR_ARG(form->mark));
    }
}

// A sink that is only read has an owner as well, and what it says stays.
Diag *diag_at(const DiagSink *sink, uint32_t index)
{
    Diag *diag = sink->diags.items[index];
    if (UNLIKELY(diag->form != NULL)) {
        spell((DiagSink *)(uintptr_t)sink, diag);
    }
    return diag;
}

Diag *diag_add(DiagSink *sink, DiagCode code, const Source *source, Span span,
               const char *format, ...)
{
    va_list args;
    va_start(args, format);
    Diag *diag = diag_addv(sink, code, source, span, format, args);
    va_end(args);
    return diag;
}

void diag_labelv(DiagSink *sink, Diag *diag, const Source *source, Span span,
                 const char *format, va_list args)
{
    Str message = arena_vprintf(&sink->arena, format, args);
    list_push(sink, diag, labels, (DiagLabel){source, span, message});
}

void diag_label(DiagSink *sink, Diag *diag, const Source *source, Span span,
                const char *format, ...)
{
    va_list args;
    va_start(args, format);
    diag_labelv(sink, diag, source, span, format, args);
    va_end(args);
}

void diag_note(DiagSink *sink, Diag *diag, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    list_push(sink, diag, notes, arena_vprintf(&sink->arena, format, args));
    va_end(args);
}

void diag_helpv(DiagSink *sink, Diag *diag, const char *format, va_list args)
{
    list_push(sink, diag, helps, arena_vprintf(&sink->arena, format, args));
}

void diag_help(DiagSink *sink, Diag *diag, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    diag_helpv(sink, diag, format, args);
    va_end(args);
}

void diag_fix(DiagSink *sink, Diag *diag, Span span, Str text,
              const char *title, ...)
{
    va_list args;
    va_start(args, title);
    Str shown = arena_vprintf(&sink->arena, title, args);
    va_end(args);
    DiagFix fix = {shown, span, arena_str(&sink->arena, text)};
    list_push(sink, diag, fixes, fix);
}

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '_' || c == '\'';
}

void diag_did_you_mean(DiagSink *sink, Diag *diag, Str name)
{
    diag_help(sink, diag, "did you mean '%.*s'?", STR_ARG(name));
    Str text = diag->source != NULL ? diag->source->text : STR("");
    if (diag->span.end > text.len) {
        return;
    }
    Span span = {diag->span.end, diag->span.end};
    while (span.start > diag->span.start &&
           is_name_byte(text.data[span.start - 1])) {
        span.start--;
    }
    if (span.start < span.end) {
        diag_fix(sink, diag, span, name, "change it to '%.*s'", STR_ARG(name));
    }
}

void diag_trace(DiagSink *sink, Diag *diag, Str function, const Source *source,
                Span span)
{
    DiagFrame frame = {arena_str(&sink->arena, function), source, span};
    list_push(sink, diag, trace, frame);
}

void diag_trace_hidden(DiagSink *sink, Diag *diag, uint32_t count)
{
    own_more(sink, diag)->trace_hidden = count;
}

void diag_sink_merge(DiagSink *into, DiagSink *from)
{
    arena_adopt(&into->arena, &from->arena);
    vec_reserve(&into->diags, from->diags.count);
    if (from->diags.count > 0) {
        memcpy(into->diags.items + into->diags.count, from->diags.items,
               from->diags.count * sizeof *from->diags.items);
        into->diags.count += from->diags.count;
    }
    into->error_count += from->error_count;
    into->gave_up |= from->gave_up;
    vec_clear(&from->diags);
    diag_sink_release(from);
}

void diag_sink_cut(DiagSink *sink, uint32_t count)
{
    while (sink->diags.count > count) {
        const Diag *diag = sink->diags.items[--sink->diags.count];
        sink->error_count -= diag_code_severity(diag->code) == SEVERITY_ERROR;
    }
}

void diag_sink_keep_first_error(DiagSink *sink)
{
    for (uint32_t i = 0; i < sink->diags.count; i++) {
        if (diag_code_severity(sink->diags.items[i]->code) == SEVERITY_ERROR) {
            sink->diags.items[0] = sink->diags.items[i];
            sink->diags.count = 1;
            sink->error_count = 1;
            sink->gave_up = false;
            return;
        }
    }
}

static int compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

// What has no place comes first.
static int compare_sources(const Source *a, const Source *b)
{
    if (a == b) {
        return 0;
    }
    if (a == NULL || b == NULL) {
        return a == NULL ? -1 : 1;
    }
    int order = compare_numbers(a->order, b->order);
    return order != 0 ? order : str_compare(a->path, b->path);
}

static int compare_traces(const Diag *a, const Diag *b)
{
    int order = compare_numbers(a->more->trace.count, b->more->trace.count);
    for (uint32_t i = 0; i < a->more->trace.count && order == 0; i++) {
        const DiagFrame *left = &a->more->trace.items[i];
        const DiagFrame *right = &b->more->trace.items[i];
        order = compare_sources(left->source, right->source);
        if (order == 0) {
            order = compare_numbers(left->span.start, right->span.start);
        }
        if (order == 0) {
            order = str_compare(left->function, right->function);
        }
    }
    return order;
}

static int compare_diags(const Diag *a, const Diag *b)
{
    int order = compare_sources(a->source, b->source);
    if (order == 0) {
        order = compare_numbers(a->span.start, b->span.start);
    }
    if (order == 0) {
        order = compare_numbers((uint64_t)a->code, (uint64_t)b->code);
    }
    if (order == 0) {
        order = str_compare(a->message, b->message);
    }
    // Which of several call chains is reported first must not depend on which
    // worker was first.
    return order != 0 ? order : compare_traces(a, b);
}

// qsort is not stable; the place in the sink decides last.
typedef struct SortItem {
    Diag *diag;
    uint32_t rank;
} SortItem;

static int compare_items(const void *left, const void *right)
{
    const SortItem *a = left;
    const SortItem *b = right;
    int order = compare_diags(a->diag, b->diag);
    return order != 0 ? order : compare_numbers(a->rank, b->rank);
}

static bool same_place(const Diag *a, const Diag *b)
{
    if (a->code != b->code || compare_sources(a->source, b->source) != 0 ||
        a->span.start != b->span.start) {
        return false;
    }
    // Without a place the text is all that tells two apart.
    return a->source != NULL || str_equal(a->message, b->message);
}

// Where the calls begin, and what the program says then: a function that only
// reports may be called from many places.
static void append_origin(SourceIndex *index, const Diag *kept,
                          const Diag *other, StrBuf *text)
{
    const DiagFrame *first = &vec_last(&other->more->trace);
    if (first->source != NULL) {
        Position at =
            source_index_position(index, first->source, first->span.start);
        strbuf_append(text, STR(" at "));
        strbuf_append_printable(text, first->source->path, MAX_CHAIN_BYTES);
        strbuf_appendf(text, ":%u:%u", at.line, at.column);
    }
    if (!str_equal(kept->message, other->message)) {
        strbuf_append(text, STR(", with: "));
        strbuf_append_printable(text, other->message, MAX_CHAIN_BYTES);
    }
}

static void note_chain(DiagSink *sink, SourceIndex *index, Diag *kept,
                       const Diag *other)
{
    StrBuf text = {0};
    strbuf_append(&text, STR("also reached through "));
    for (uint32_t i = 0; i < other->more->trace.count; i++) {
        if (i == MAX_CHAIN_NAMES) {
            strbuf_append(&text, STR(", ..."));
            break;
        }
        strbuf_append(&text, i > 0 ? STR(", ") : STR(""));
        strbuf_append(&text, other->more->trace.items[i].function);
    }
    append_origin(index, kept, other, &text);
    Str note = strbuf_str(&text);
    bool known = false;
    for (uint32_t i = 0; i < kept->more->notes.count; i++) {
        known = known || str_equal(kept->more->notes.items[i], note);
    }
    if (!known) {
        list_push(sink, kept, notes, arena_str(&sink->arena, note));
    }
    strbuf_release(&text);
}

// Folds the diagnostics behind sorted[first] that have its code and place into
// it and returns the index behind them.
static uint32_t fold_duplicates(DiagSink *sink, SourceIndex *index,
                                const SortItem *sorted, uint32_t first,
                                uint32_t count)
{
    Diag *kept = sorted[first].diag;
    uint32_t chains = 0;
    uint32_t i = first + 1;
    for (; i < count && same_place(kept, sorted[i].diag); i++) {
        Diag *other = sorted[i].diag;
        bool differs =
            other->more->trace.count > 0 && compare_traces(kept, other) != 0;
        if (differs && chains++ < MAX_CHAIN_NOTES) {
            note_chain(sink, index, kept, other);
        }
        sink->error_count -= diag_code_severity(other->code) == SEVERITY_ERROR;
    }
    if (chains > MAX_CHAIN_NOTES) {
        diag_note(sink, kept, "and through %u more call chains",
                  chains - MAX_CHAIN_NOTES);
    }
    return i;
}

// One worker alone reports mostly in order.
static bool is_sorted(const DiagSink *sink)
{
    for (uint32_t i = 1; i < sink->diags.count; i++) {
        const Diag *before = sink->diags.items[i - 1];
        const Diag *diag = sink->diags.items[i];
        if (compare_diags(before, diag) >= 0 || same_place(before, diag)) {
            return false;
        }
    }
    return true;
}

void diag_sink_sort(DiagSink *sink)
{
    if (is_sorted(sink)) {
        return;
    }
    uint32_t count = sink->diags.count;
    SortItem *sorted = mem_calloc(count, sizeof *sorted);
    for (uint32_t i = 0; i < count; i++) {
        sorted[i] = (SortItem){sink->diags.items[i], i};
    }
    qsort(sorted, count, sizeof *sorted, compare_items);
    vec_clear(&sink->diags);
    SourceIndex index = {0};
    for (uint32_t i = 0; i < count;) {
        vec_push(&sink->diags, sorted[i].diag);
        i = fold_duplicates(sink, &index, sorted, i, count);
    }
    source_index_release(&index);
    free(sorted);
}

const char *diag_code_name(DiagCode code)
{
    return code_infos[code].name;
}

const char *diag_code_summary(DiagCode code)
{
    return code_infos[code].summary;
}

Severity diag_code_severity(DiagCode code)
{
    return code_infos[code].severity;
}

const char *severity_name(Severity severity)
{
    static const char *const names[] = {"error", "warning", "note"};
    return names[severity];
}

bool diag_code_from_name(Str name, DiagCode *out_code)
{
    for (int i = 0; i < DIAG_CODE_COUNT; i++) {
        if (str_equal(name, str_from_c(code_infos[i].name))) {
            *out_code = (DiagCode)i;
            return true;
        }
    }
    return false;
}
