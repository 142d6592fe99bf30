// libfyaml's events to a tree, with a stack of our own. The first error ends
// the reading.
#include "syntax/read_yaml.h"

#include <errno.h>
#include <libfyaml.h>
#include <stdarg.h>

#include "support/vec.h"
#include "syntax/byte_class.h"
#include "syntax/encoding.h"
#include "syntax/field_set.h"
#include "syntax/node_stack.h"
#include "syntax/read_yaml_private.h"

#define MAX_SHOWN 60
// What aliases may add: so many nodes, and so many for each one written.
#define ALIAS_NODES_FREE   10000
#define ALIAS_NODES_FACTOR 100

// A sequence or mapping at work.
typedef struct Frame {
    bool is_map;
    bool has_key; // of a map: the value is next,
    bool merges;  // which is that of `<<`
    bool has_merge;
    uint32_t merge_at; // its item
    Symbol key;
    uint32_t key_start;
    uint16_t closed;
    uint32_t start, end;
    size_t mark; // in the node stack
    uint32_t height;
    uint64_t nodes;
    Symbol anchor; // 0: none
} Frame;

// What an alias stands for.
typedef struct Anchor {
    Expr value;
    uint64_t nodes;
    uint32_t height;
} Anchor;

typedef struct Reader {
    Module *module;
    Interner *interner;
    struct fy_parser *parser;
    struct fy_diag *parser_diags;
    uint32_t bom;  // bytes before the text of the parser,
    StrBuf filled; // which is this where it is not empty,
    YamlFills fills;
    uint32_t max_nesting;
    bool failed;
    VEC(Frame) frames;
    VEC(Anchor) anchors; // of the document
    FieldSet anchor_names;
    VEC(Expr) documents;
    Expr root;
    bool has_root;
    uint32_t passed; // the end of the last scalar
    NodeStack stack;
    FieldSet fields;
    uint64_t written, expanded; // nodes
} Reader;

// ---- messages

static Diag *fail(Reader *reader, DiagCode code, Span span, const char *format,
                  ...) PRINTF_LIKE(4, 5);

static Diag *fail(Reader *reader, DiagCode code, Span span, const char *format,
                  ...)
{
    if (reader->failed) {
        return NULL;
    }
    reader->failed = true;
    Module *module = reader->module;
    va_list args;
    va_start(args, format);
    Diag *diag =
        diag_addv(&module->diags, code, &module->source, span, format, args);
    va_end(args);
    return diag;
}

static void fail_help(Reader *reader, Diag *diag, const char *help)
{
    if (diag != NULL && help != NULL) {
        diag_help(&reader->module->diags, diag, "%s", help);
    }
}

static uint32_t clamp(const Reader *reader, size_t offset)
{
    size_t len = reader->module->source.text.len;
    return (uint32_t)(offset < len ? offset : len);
}

static uint32_t mark_offset(const Reader *reader, const struct fy_mark *mark)
{
    if (mark == NULL) {
        return 0;
    }
    return clamp(reader,
                 reader->bom + yaml_unfilled(&reader->fills, mark->input_pos));
}

// A quoted scalar's marks stand inside its quotes.
static Span token_span(const Reader *reader, struct fy_token *token)
{
    Span span = {mark_offset(reader, fy_token_start_mark(token)),
                 mark_offset(reader, fy_token_end_mark(token))};
    return span;
}

static Str token_text(struct fy_token *token)
{
    size_t len = 0;
    const char *data = token != NULL ? fy_token_get_text(token, &len) : NULL;
    return data != NULL ? str_make(data, len) : STR("");
}

// The place of a line and column, both from 1.
static uint32_t place_of(const Reader *reader, int line, int column)
{
    Str text = reader->module->source.text;
    size_t at = reader->bom;
    for (int i = 1; i < line && at < text.len; i++) {
        at = str_find_byte(text, '\n', at) + 1;
    }
    for (int i = 1; i < column && at < text.len && text.data[at] != '\n'; i++) {
        utf8_decode(text, &at);
    }
    return clamp(reader, at);
}

static void report_parser(Reader *reader)
{
    void *state = NULL;
    struct fy_diag_error *error =
        fy_diag_errors_iterate(reader->parser_diags, &state);
    if (error == NULL) {
        fail(reader, DIAG_E0111, (Span){0, 0}, "this is no YAML");
    } else {
        uint32_t at = place_of(reader, error->line, error->column);
        StrBuf text = {0};
        strbuf_append_printable(&text, str_from_c(error->msg), 300);
        while (text.len > 0 && text.data[text.len - 1] == '.') {
            text.len--;
        }
        fail(reader, DIAG_E0111, (Span){at, clamp(reader, at + (size_t)1)},
             "%.*s", STR_ARG(strbuf_str(&text)));
        strbuf_release(&text);
    }
}

// ---- finished values

static void check_keys(Reader *reader, const RecordItem *items, uint32_t count)
{
    field_set_begin(&reader->fields);
    for (uint32_t i = 0; i < count && count > 1; i++) {
        bool added;
        FieldNode *node =
            field_set_add(&reader->fields, 0, items[i].name, &added);
        if (added) {
            node->item = i;
            continue;
        }
        StrBuf shown = {0};
        Str name = symbol_text(reader->interner, items[i].name);
        strbuf_append_printable(&shown, name, MAX_SHOWN);
        Diag *diag = fail(reader, DIAG_E0111,
                          (Span){items[i].name_start, items[i].name_start + 1},
                          "the key '%.*s' stands twice in this mapping",
                          STR_ARG(strbuf_str(&shown)));
        strbuf_release(&shown);
        if (diag != NULL) {
            uint32_t first = items[node->item].name_start;
            diag_label(&reader->module->diags, diag, &reader->module->source,
                       (Span){first, first + 1}, "first here");
        }
    }
}

static void add_anchor(Reader *reader, Symbol name, const Expr *value,
                       uint64_t nodes, uint32_t height)
{
    if (name == 0) {
        return;
    }
    bool added; // a later anchor of one name hides those before it
    field_set_add(&reader->anchor_names, 0, name, &added)->item =
        reader->anchors.count;
    vec_push(&reader->anchors, (Anchor){*value, nodes, height});
}

// The value of `<<` comes next into the frame.
static void start_merge(Reader *reader, Frame *frame, const Expr *value)
{
    frame->merges = false;
    if (frame->has_merge) {
        return; // it stands there twice
    }
    if (!yaml_may_merge(value)) {
        fail_help(reader,
                  fail(reader, DIAG_E0111,
                       (Span){frame->key_start, frame->key_start + 2},
                       "'<<' takes a mapping, or a list of mappings"),
                  "in quotes, \"<<\" is a key as any other");
    }
    frame->has_merge = true;
    frame->merge_at =
        (uint32_t)((reader->stack.used - frame->mark) / sizeof(RecordItem));
}

// Puts a value where it belongs.
static void add_value(Reader *reader, const Expr *value, uint64_t nodes,
                      uint32_t height)
{
    if (reader->frames.count == 0) {
        reader->root = *value;
        reader->has_root = true;
        return;
    }
    Frame *frame = &vec_last(&reader->frames);
    frame->closed &= value->flags;
    frame->nodes += nodes;
    frame->height = height > frame->height ? height : frame->height;
    frame->end = value->span.end > frame->end ? value->span.end : frame->end;
    if (!frame->is_map) {
        node_stack_push(&reader->stack, value, sizeof *value);
        return;
    }
    if (frame->merges) {
        start_merge(reader, frame, value);
    }
    RecordItem item = {
        .name = frame->key, .name_start = frame->key_start, .plain = *value};
    node_stack_push(&reader->stack, &item, sizeof item);
    frame->has_key = false;
}

static bool expects_key(const Reader *reader)
{
    return reader->frames.count > 0 && vec_last(&reader->frames).is_map &&
           !vec_last(&reader->frames).has_key;
}

static void set_key(Reader *reader, Str text, uint32_t start)
{
    Frame *frame = &vec_last(&reader->frames);
    frame->key = intern(reader->interner, text);
    frame->key_start = start;
    frame->has_key = true;
}

static void close_frame(Reader *reader, uint32_t end)
{
    Frame frame = vec_pop(&reader->frames);
    Arena *arena = reader->module->arena;
    end = end > frame.end ? end : frame.end;
    Expr value = {.flags = frame.closed, .span = {frame.start, end}};
    size_t bytes = reader->stack.used - frame.mark;
    if (frame.is_map) {
        value.kind = EXPR_RECORD;
        value.as.record.count = (uint32_t)(bytes / sizeof(RecordItem));
        value.as.record.items =
            node_stack_take(&reader->stack, frame.mark, arena);
        check_keys(reader, value.as.record.items, value.as.record.count);
        if (frame.has_merge && !reader->failed) {
            yaml_merge(arena, &reader->fields, &value, frame.merge_at);
        }
    } else {
        value.kind = EXPR_LIST;
        value.as.list.count = (uint32_t)(bytes / sizeof(Expr));
        value.as.list.items =
            node_stack_take(&reader->stack, frame.mark, arena);
    }
    add_anchor(reader, frame.anchor, &value, frame.nodes, frame.height + 1);
    add_value(reader, &value, frame.nodes, frame.height + 1);
}

// ---- scalars

static void fail_tag(Reader *reader, struct fy_token *token)
{
    Span span = token_span(reader, token);
    Diag *diag = fail(reader, DIAG_E0111, span, "this tag has no meaning here");
    fail_help(reader, diag,
              "values are plain data: leave the tag out, or write what it "
              "stands for");
}

static Symbol anchor_name(Reader *reader, struct fy_token *anchor)
{
    return anchor != NULL ? intern(reader->interner, token_text(anchor)) : 0;
}

// What the lines of a block scalar are indented at least.
static size_t least_indent(const Reader *reader)
{
    if (reader->frames.count == 0) {
        return 0;
    }
    const char *text = reader->module->source.text.data;
    uint32_t start = vec_last(&reader->frames).start;
    uint32_t at = start;
    while (at > reader->bom && !byte_is(text[at - 1], BYTE_LINE)) {
        at--;
    }
    return start - at + 1;
}

// libfyaml 0.7 takes lines into a block scalar that are indented too little for
// it, where the block is empty. They are of what is around it.
static void check_end(Reader *reader, uint32_t at, uint32_t end)
{
    const char *text = reader->module->source.text.data;
    bool in_comment = false;
    for (; at < end; at++) {
        in_comment =
            !byte_is(text[at], BYTE_LINE) && (in_comment || text[at] == '#');
        if (!in_comment && !byte_is(text[at], BYTE_BLANK | BYTE_LINE)) {
            break;
        }
    }
    if (at < end) {
        fail_help(reader,
                  fail(reader, DIAG_E0111, (Span){at, at + 1},
                       "this line does not belong to the text above, which is "
                       "empty"),
                  "write \"\" for the text, or indent the line more");
    }
}

static Str scalar_text(Reader *reader, struct fy_token *token)
{
    if (token == NULL) {
        return STR("");
    }
    enum fy_scalar_style style = fy_token_scalar_style(token);
    Span span = token_span(reader, token);
    Module *module = reader->module;
    if (style == FYSS_LITERAL || style == FYSS_FOLDED) {
        uint32_t end;
        Str text = yaml_block(module, reader->passed, span.start,
                              least_indent(reader), &end);
        check_end(reader, end, span.end);
        return text;
    }
    char quote = style == FYSS_SINGLE_QUOTED   ? '\''
                 : style == FYSS_DOUBLE_QUOTED ? '"'
                                               : '\0';
    Str raw = str_slice(module->source.text, span.start, span.end);
    return yaml_flow_text(module, raw, quote);
}

static void read_scalar(Reader *reader, struct fy_event *event)
{
    struct fy_token *token = event->scalar.value;
    Str text = scalar_text(reader, token);
    uint32_t at = mark_offset(reader, fy_event_start_mark(event));
    Span span = {at, at};
    bool plain = true;
    if (token != NULL) {
        span = token_span(reader, token);
        reader->passed = span.end;
        plain = fy_token_scalar_style(token) == FYSS_PLAIN;
    }
    Expr value = {.flags = EXPR_CLOSED, .span = span};
    YamlTag tag = yaml_tag(token_text(event->scalar.tag));
    bool is_key = expects_key(reader);
    if (tag == YAML_TAG_OTHER || tag == YAML_TAG_COLLECTION) {
        fail_tag(reader, event->scalar.tag);
        return;
    }
    if (is_key || tag == YAML_TAG_STRING || (!plain && tag == YAML_TAG_NONE)) {
        yaml_set_string(reader->module, text, &value);
    } else {
        YamlProblem problem = yaml_set_plain(reader->module, tag, text, &value);
        if (problem.message != NULL) {
            fail_help(reader,
                      fail(reader, DIAG_E0111, span, "%s", problem.message),
                      problem.help);
            return;
        }
    }
    reader->written++;
    add_anchor(reader, anchor_name(reader, event->scalar.anchor), &value, 1, 0);
    if (is_key) {
        set_key(reader, text, span.start);
        vec_last(&reader->frames).merges =
            plain && tag == YAML_TAG_NONE && str_equal(text, STR("<<"));
    } else {
        add_value(reader, &value, 1, 0);
    }
}

// ---- collections and aliases

static void fail_depth(Reader *reader, uint32_t at)
{
    Diag *diag = fail(
        reader, DIAG_E0601, (Span){at, clamp(reader, at + (size_t)1)},
        "the nesting is deeper than %u levels", (unsigned)reader->max_nesting);
    fail_help(reader, diag, "raise --max-nesting");
}

static void open_frame(Reader *reader, struct fy_event *event, bool is_map)
{
    struct fy_token *tag =
        is_map ? event->mapping_start.tag : event->sequence_start.tag;
    struct fy_token *anchor =
        is_map ? event->mapping_start.anchor : event->sequence_start.anchor;
    uint32_t at = mark_offset(reader, fy_event_start_mark(event));
    YamlTag kind = yaml_tag(token_text(tag));
    if (expects_key(reader)) {
        fail(reader, DIAG_E0111, (Span){at, clamp(reader, at + (size_t)1)},
             "a key is a scalar");
    } else if (reader->frames.count >= reader->max_nesting) {
        fail_depth(reader, at);
    } else if (kind != YAML_TAG_NONE && kind != YAML_TAG_COLLECTION) {
        fail_tag(reader, tag);
    }
    reader->written++;
    vec_push(&reader->frames, (Frame){.is_map = is_map,
                                      .closed = EXPR_CLOSED,
                                      .start = at,
                                      .end = at,
                                      .mark = reader->stack.used,
                                      .nodes = 1,
                                      .anchor = anchor_name(reader, anchor)});
}

static void use_anchor(Reader *reader, const Anchor *anchor, Span span)
{
    if (expects_key(reader)) {
        if (anchor->value.kind != EXPR_STRING) {
            fail(reader, DIAG_E0111, span, "a key is a string");
            return;
        }
        Str text =
            str_make(anchor->value.as.string.data, anchor->value.as.string.len);
        set_key(reader, text, span.start);
        return;
    }
    reader->expanded += anchor->nodes;
    if (reader->expanded >
        ALIAS_NODES_FREE + ALIAS_NODES_FACTOR * reader->written) {
        fail(reader, DIAG_E0601, span, "the aliases make the data too large");
        return;
    }
    if (reader->frames.count + anchor->height > reader->max_nesting) {
        fail_depth(reader, span.start);
        return;
    }
    Expr value = anchor->value;
    value.span = span; // of the alias
    add_value(reader, &value, anchor->nodes, anchor->height);
}

static void read_alias(Reader *reader, struct fy_event *event)
{
    Span span = token_span(reader, event->alias.anchor);
    Symbol name = anchor_name(reader, event->alias.anchor);
    bool added;
    FieldNode *node = field_set_add(&reader->anchor_names, 0, name, &added);
    if (!added) {
        use_anchor(reader, &reader->anchors.items[node->item], span);
        return;
    }
    StrBuf shown = {0};
    strbuf_append_printable(&shown, symbol_text(reader->interner, name),
                            MAX_SHOWN);
    Diag *diag = fail(reader, DIAG_E0111, span,
                      "there is no finished anchor '%.*s' before this alias",
                      STR_ARG(strbuf_str(&shown)));
    fail_help(reader, diag, "data cannot contain itself");
    strbuf_release(&shown);
}

// ---- documents

static void end_document(Reader *reader, uint32_t at)
{
    if (!reader->has_root) {
        reader->root = (Expr){.span = {at, at}};
        yaml_set_null(&reader->root);
    }
    vec_push(&reader->documents, reader->root);
    reader->has_root = false;
    vec_clear(&reader->anchors);
    field_set_begin(&reader->anchor_names);
}

static void read_event(Reader *reader, struct fy_event *event)
{
    uint32_t at = mark_offset(reader, fy_event_start_mark(event));
    switch (event->type) {
    case FYET_NONE:
    case FYET_STREAM_START:
    case FYET_STREAM_END:
    case FYET_DOCUMENT_START:
        return;
    case FYET_DOCUMENT_END:
        end_document(reader, at);
        return;
    case FYET_MAPPING_START:
        open_frame(reader, event, true);
        return;
    case FYET_SEQUENCE_START:
        open_frame(reader, event, false);
        return;
    case FYET_MAPPING_END:
        close_frame(reader, event->mapping_end.mapping_end != NULL
                                ? mark_offset(reader, fy_event_end_mark(event))
                                : 0);
        return;
    case FYET_SEQUENCE_END:
        close_frame(reader, event->sequence_end.sequence_end != NULL
                                ? mark_offset(reader, fy_event_end_mark(event))
                                : 0);
        return;
    case FYET_SCALAR:
        read_scalar(reader, event);
        return;
    case FYET_ALIAS:
        read_alias(reader, event);
        return;
    }
}

static void read_events(Reader *reader, bool all)
{
    struct fy_event *event;
    while (!reader->failed &&
           (event = fy_parser_parse(reader->parser)) != NULL) {
        if (!all && event->type == FYET_DOCUMENT_START &&
            reader->documents.count > 0) {
            uint32_t at = mark_offset(reader, fy_event_start_mark(event));
            Diag *diag = fail(reader, DIAG_E0111, (Span){at, at},
                              "this file holds several documents, and one is "
                              "expected");
            fail_help(reader, diag,
                      "'ligature validate' takes files of several documents");
        } else {
            read_event(reader, event);
        }
        fy_parser_event_free(reader->parser, event);
    }
    if (!reader->failed && fy_parser_get_stream_error(reader->parser)) {
        report_parser(reader);
    }
}

static void set_result(Reader *reader, bool all)
{
    Module *module = reader->module;
    uint32_t count = reader->documents.count;
    if (count == 0) {
        fail(reader, DIAG_E0111, (Span){0, 0}, "this file holds no document");
        return;
    }
    Expr *items = arena_copy(module->arena, reader->documents.items,
                             count * sizeof *items);
    module->ast.result = items;
    if (all) {
        Expr *list = ARENA_NEW(module->arena, Expr);
        list->kind = EXPR_LIST;
        list->span = (Span){0, (uint32_t)module->source.text.len};
        list->as.list.items = items;
        list->as.list.count = count;
        module->ast.result = list;
    }
}

void read_yaml_module(Module *module, Interner *interner, uint32_t max_nesting,
                      bool all)
{
    Str text = module->source.text;
    if (!encoding_check(&module->source, ENCODING_DATA, &module->diags)) {
        module->broken = true;
        return;
    }
    Reader reader = {.module = module,
                     .interner = interner,
                     .max_nesting = max_nesting,
                     .bom = (uint32_t)encoding_bom_length(text)};
    field_set_begin(&reader.anchor_names);
    errno = 0;
    reader.parser = yaml_parser_new(&reader.parser_diags);
    if (reader.parser == NULL) {
        die_out_of_memory(0);
    }
    Str given = str_slice(text, reader.bom, text.len);
    yaml_fill_items(given, &reader.filled, &reader.fills);
    given = reader.filled.len > 0 ? strbuf_str(&reader.filled) : given;
    // An empty text is a stream without documents.
    if (given.len > 0 &&
        fy_parser_set_string(reader.parser, given.data, given.len) != 0) {
        report_parser(&reader);
    } else if (given.len > 0) {
        read_events(&reader, all);
    }
    // libfyaml makes an error of the text, or a text without what it could not
    // remember, of a lack of memory.
    if (errno == ENOMEM) {
        die_out_of_memory(text.len);
    }
    if (!reader.failed) {
        set_result(&reader, all);
    }
    module->broken = reader.failed;
    module->ast.node_count += reader.written + reader.expanded;
    fy_parser_destroy(reader.parser);
    fy_diag_destroy(reader.parser_diags);
    strbuf_release(&reader.filled);
    vec_release(&reader.fills);
    vec_release(&reader.frames);
    vec_release(&reader.anchors);
    vec_release(&reader.documents);
    node_stack_release(&reader.stack);
    field_set_release(&reader.fields);
    field_set_release(&reader.anchor_names);
}
