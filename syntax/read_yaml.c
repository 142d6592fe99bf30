// libfyaml's events, their texts and places, to a tree. The first error ends
// the reading.
#include "syntax/read_yaml.h"

#include <errno.h>
#include <libfyaml.h>

#include "syntax/byte_class.h"
#include "syntax/encoding.h"
#include "syntax/read_yaml_internal.h"

#define POLL_EVERY 16384 // events

typedef struct Reader {
    YamlTree tree;
    struct fy_parser *parser;
    struct fy_diag *parser_diags;
    uint32_t bom;  // bytes before the text of the parser,
    StrBuf filled; // which is this where it is not empty,
    YamlFills fills;
    uint32_t passed;   // the end of the last scalar
    uint32_t document; // where the last one began
} Reader;

// ---- places and texts

static uint32_t mark_offset(const Reader *reader, const struct fy_mark *mark)
{
    if (mark == NULL) {
        return 0;
    }
    return yaml_clamp(&reader->tree,
                      reader->bom +
                          yaml_unfilled(&reader->fills, mark->input_pos));
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
    Str text = reader->tree.module->source.text;
    size_t at = reader->bom;
    for (int i = 1; i < line && at < text.len; i++) {
        at = str_find_byte(text, '\n', at) + 1;
    }
    for (int i = 1; i < column && at < text.len && text.data[at] != '\n'; i++) {
        utf8_decode(text, &at);
    }
    return yaml_clamp(&reader->tree, at);
}

static void report_parser(Reader *reader)
{
    void *state = NULL;
    struct fy_diag_error *error =
        fy_diag_errors_iterate(reader->parser_diags, &state);
    if (error == NULL) {
        yaml_fail(&reader->tree, DIAG_E0111, (Span){0, 0}, "this is no YAML");
    } else {
        uint32_t at = place_of(reader, error->line, error->column);
        StrBuf text = {0};
        strbuf_append_printable(&text, str_from_c(error->msg), 300);
        while (text.len > 0 && text.data[text.len - 1] == '.') {
            text.len--;
        }
        yaml_fail(&reader->tree, DIAG_E0111,
                  (Span){at, yaml_clamp(&reader->tree, at + (size_t)1)}, "%.*s",
                  STR_ARG(strbuf_str(&text)));
        strbuf_release(&text);
    }
}

// ---- scalars

static void fail_tag(Reader *reader, struct fy_token *token)
{
    Span span = token_span(reader, token);
    Diag *diag = yaml_fail(&reader->tree, DIAG_E0111, span,
                           "this tag has no meaning here");
    yaml_fail_help(&reader->tree, diag,
                   "values are plain data: leave the tag out, or write what it "
                   "stands for");
}

static Symbol anchor_name(Reader *reader, struct fy_token *anchor)
{
    return anchor != NULL ? intern(reader->tree.interner, token_text(anchor))
                          : 0;
}

// What the lines of a block scalar are indented at least.
static size_t least_indent(const Reader *reader)
{
    if (reader->tree.frames.count == 0) {
        return 0;
    }
    const char *text = reader->tree.module->source.text.data;
    uint32_t start = vec_last(&reader->tree.frames).start;
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
    const char *text = reader->tree.module->source.text.data;
    bool in_comment = false;
    for (; at < end; at++) {
        in_comment =
            !byte_is(text[at], BYTE_LINE) && (in_comment || text[at] == '#');
        if (!in_comment && !byte_is(text[at], BYTE_BLANK | BYTE_LINE)) {
            break;
        }
    }
    if (at < end) {
        yaml_fail_help(
            &reader->tree,
            yaml_fail(&reader->tree, DIAG_E0111, (Span){at, at + 1},
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
    Module *module = reader->tree.module;
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

// Of a scalar without any text: what says that it is there.
static Span empty_span(const Reader *reader, struct fy_event *event)
{
    struct fy_token *tag = event->scalar.tag;
    struct fy_token *mark = tag != NULL ? tag : event->scalar.anchor;
    return mark != NULL ? token_span(reader, mark)
                        : yaml_tree_place(&reader->tree, reader->document);
}

static void read_scalar(Reader *reader, struct fy_event *event)
{
    struct fy_token *token = event->scalar.value;
    Str text = scalar_text(reader, token);
    Span span;
    bool plain = true;
    if (token != NULL) {
        span = token_span(reader, token);
        reader->passed = span.end;
        plain = fy_token_scalar_style(token) == FYSS_PLAIN;
    } else {
        span = empty_span(reader, event);
    }
    Expr value = {.flags = EXPR_CLOSED, .span = span};
    YamlTag tag = yaml_tag(token_text(event->scalar.tag));
    bool is_key = yaml_tree_expects_key(&reader->tree);
    if (tag == YAML_TAG_OTHER || tag == YAML_TAG_COLLECTION) {
        fail_tag(reader, event->scalar.tag);
        return;
    }
    if (is_key || tag == YAML_TAG_STRING || (!plain && tag == YAML_TAG_NONE)) {
        yaml_set_string(reader->tree.module, text, &value);
    } else {
        YamlProblem problem =
            yaml_set_plain(reader->tree.module, tag, text, &value);
        if (problem.message != NULL) {
            yaml_fail_help(&reader->tree,
                           yaml_fail(&reader->tree, DIAG_E0111, span, "%s",
                                     problem.message),
                           problem.help);
            return;
        }
    }
    Symbol anchor = anchor_name(reader, event->scalar.anchor);
    if (is_key) {
        yaml_tree_key(&reader->tree, anchor, &value,
                      plain && tag == YAML_TAG_NONE &&
                          str_equal(text, STR("<<")));
    } else {
        yaml_tree_scalar(&reader->tree, anchor, &value);
    }
}

// ---- collections

// libfyaml 0.7 takes "a: : b" for a mapping in a mapping. In a block, one that
// is the value of a key begins on a line of its own.
static void check_start(Reader *reader, uint32_t at)
{
    const YamlTree *tree = &reader->tree;
    const char *text = tree->module->source.text.data;
    if (tree->frames.count == 0 || !vec_last(&tree->frames).has_key ||
        text[at] == '{') {
        return;
    }
    uint32_t from = at; // the key, or what ends it where it is a block
    while (from >= reader->passed && from > 0 &&
           !byte_is(text[from - 1], BYTE_LINE)) {
        from--;
    }
    if (from < reader->passed) {
        yaml_fail(&reader->tree, DIAG_E0111, (Span){at, at + 1},
                  "invalid nested block mapping on the same line");
    }
}

static void open_collection(Reader *reader, struct fy_event *event, bool is_map)
{
    struct fy_token *tag =
        is_map ? event->mapping_start.tag : event->sequence_start.tag;
    struct fy_token *anchor =
        is_map ? event->mapping_start.anchor : event->sequence_start.anchor;
    uint32_t at = mark_offset(reader, fy_event_start_mark(event));
    YamlTag kind = yaml_tag(token_text(tag));
    if (is_map) {
        check_start(reader, at);
    }
    yaml_tree_open(&reader->tree, anchor_name(reader, anchor), is_map, at);
    if (kind != YAML_TAG_NONE && kind != YAML_TAG_COLLECTION) {
        fail_tag(reader, tag);
    }
}

// Only brackets have a token at the end.
static void close_collection(Reader *reader, struct fy_event *event,
                             const struct fy_token *bracket)
{
    yaml_tree_close(
        &reader->tree,
        bracket != NULL ? mark_offset(reader, fy_event_end_mark(event)) : 0);
}

// ---- documents

// libfyaml 0.7 asks for no "---" behind directives.
static void start_document(Reader *reader, struct fy_event *event, uint32_t at)
{
    struct fy_document_state *state = event->document_start.document_state;
    reader->document = at;
    if (event->document_start.implicit &&
        (fy_document_state_version_explicit(state) ||
         fy_document_state_tags_explicit(state))) {
        yaml_fail_help(&reader->tree,
                       yaml_fail(&reader->tree, DIAG_E0111, (Span){at, at},
                                 "no document begins behind the directives"),
                       "write a line '---' between them and the data");
    }
}

static void read_event(Reader *reader, struct fy_event *event)
{
    uint32_t at = mark_offset(reader, fy_event_start_mark(event));
    switch (event->type) {
    case FYET_NONE:
    case FYET_STREAM_START:
    case FYET_STREAM_END:
        return;
    case FYET_DOCUMENT_START:
        start_document(reader, event, at);
        return;
    case FYET_DOCUMENT_END:
        yaml_tree_end_document(&reader->tree, at);
        return;
    case FYET_MAPPING_START:
        open_collection(reader, event, true);
        return;
    case FYET_SEQUENCE_START:
        open_collection(reader, event, false);
        return;
    case FYET_MAPPING_END:
        close_collection(reader, event, event->mapping_end.mapping_end);
        return;
    case FYET_SEQUENCE_END:
        close_collection(reader, event, event->sequence_end.sequence_end);
        return;
    case FYET_SCALAR:
        read_scalar(reader, event);
        return;
    case FYET_ALIAS:
        yaml_tree_alias(&reader->tree, anchor_name(reader, event->alias.anchor),
                        token_span(reader, event->alias.anchor));
        return;
    }
}

static bool is_ended(CancelToken *token, uint32_t events)
{
    return events % POLL_EVERY == 0 && token != NULL &&
           cancel_token_poll(token) != CANCEL_NONE;
}

static void read_events(Reader *reader, bool all, CancelToken *token)
{
    struct fy_event *event;
    for (uint32_t count = 1; !reader->tree.failed &&
                             (event = fy_parser_parse(reader->parser)) != NULL;
         count++) {
        reader->tree.failed = is_ended(token, count);
        if (!all && event->type == FYET_DOCUMENT_START &&
            reader->tree.documents.count > 0) {
            uint32_t at = mark_offset(reader, fy_event_start_mark(event));
            Diag *diag =
                yaml_fail(&reader->tree, DIAG_E0111, (Span){at, at},
                          "this file holds several documents, and one is "
                          "expected");
            yaml_fail_help(
                &reader->tree, diag,
                "'ligature validate' takes files of several documents");
        } else {
            read_event(reader, event);
        }
        fy_parser_event_free(reader->parser, event);
    }
    if (!reader->tree.failed && fy_parser_get_stream_error(reader->parser)) {
        report_parser(reader);
    }
}

static void set_result(Reader *reader, bool all)
{
    Module *module = reader->tree.module;
    uint32_t count = reader->tree.documents.count;
    if (count == 0) {
        yaml_fail(&reader->tree, DIAG_E0111, (Span){0, 0},
                  "this file holds no document");
        return;
    }
    Expr *items = arena_copy(module->arena, reader->tree.documents.items,
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
                      bool all, CancelToken *token)
{
    Str text = module->source.text;
    if (!encoding_check(&module->source, ENCODING_DATA, &module->diags)) {
        module->broken = true;
        return;
    }
    Reader reader = {.bom = (uint32_t)encoding_bom_length(text)};
    yaml_tree_init(&reader.tree, module, interner, max_nesting);
    errno = 0;
    reader.parser = yaml_parser_new(&reader.parser_diags);
    if (reader.parser == NULL) {
        die_out_of_memory();
    }
    Str given = str_slice(text, reader.bom, text.len);
    yaml_fill_items(given, &reader.filled, &reader.fills);
    given = reader.filled.len > 0 ? strbuf_str(&reader.filled) : given;
    // An empty text is a stream without documents.
    if (given.len > 0 &&
        fy_parser_set_string(reader.parser, given.data, given.len) != 0) {
        report_parser(&reader);
    } else if (given.len > 0) {
        read_events(&reader, all, token);
    }
    // libfyaml makes an error of the text, or a text without what it could not
    // remember, of a lack of memory.
    if (errno == ENOMEM) {
        die_out_of_memory();
    }
    if (!reader.tree.failed) {
        set_result(&reader, all);
    }
    module->broken = reader.tree.failed;
    module->ast.node_count += reader.tree.written + reader.tree.expanded;
    fy_parser_destroy(reader.parser);
    fy_diag_destroy(reader.parser_diags);
    strbuf_release(&reader.filled);
    vec_release(&reader.fills);
    yaml_tree_release(&reader.tree);
}
