// A recursive descent over the bytes; the depth is bounded by max_nesting.
// The first error ends the reading.
#include "syntax/read_json.h"

#include <stdarg.h>

#include "syntax/encoding.h"
#include "syntax/field_set.h"
#include "syntax/json_words.h"
#include "syntax/name_cache.h"
#include "syntax/node_stack.h"

// Fields that are compared with each other; more go through the set.
#define FEW_FIELDS 8
// Bytes of a key shown in a message.
#define MAX_SHOWN 60

typedef struct Reader {
    const char *at; // start <= at <= end
    const char *end;
    const char *start;
    Module *module;
    Interner *interner;
    uint32_t max_nesting;
    uint32_t depth;
    bool failed;
    uint64_t node_count;
    NodeStack stack;
    FieldSet fields;
    StrBuf scratch;
    NameCache names;
} Reader;

static uint32_t offset_of(const Reader *reader, const char *at)
{
    return (uint32_t)(at - reader->start);
}

static Diag *fail(Reader *reader, DiagCode code, const char *start,
                  const char *end, const char *format, ...) PRINTF_LIKE(5, 6);

// Reports the first error.
static Diag *fail(Reader *reader, DiagCode code, const char *start,
                  const char *end, const char *format, ...)
{
    if (reader->failed) {
        return NULL;
    }
    reader->failed = true;
    Module *module = reader->module;
    Span span = {offset_of(reader, start), offset_of(reader, end)};
    va_list args;
    va_start(args, format);
    Diag *diag =
        diag_addv(&module->diags, code, &module->source, span, format, args);
    va_end(args);
    return diag;
}

static void fail_help(Reader *reader, Diag *diag, const char *help)
{
    if (diag != NULL) {
        diag_help(&reader->module->diags, diag, "%s", help);
    }
}

static bool at_char(const Reader *reader, char c)
{
    return reader->at < reader->end && *reader->at == c;
}

static void skip_space(Reader *reader)
{
    reader->at = json_space_end(reader->at, reader->end);
}

// The character at `at`, as a message shows it.
static void fail_unexpected(Reader *reader, const char *expected)
{
    const char *at = reader->at;
    if (at == reader->end) {
        fail(reader, DIAG_E0110, at, at,
             "expected %s, found the end of the "
             "file",
             expected);
        return;
    }
    size_t len = 0;
    utf8_decode(str_make(at, (size_t)(reader->end - at)), &len);
    StrBuf shown = {0};
    strbuf_append_printable(&shown, str_make(at, len), MAX_SHOWN);
    Diag *diag =
        fail(reader, DIAG_E0110, at, at + len, "expected %s, found '%.*s'",
             expected, STR_ARG(strbuf_str(&shown)));
    strbuf_release(&shown);
    if (*at == '\'') {
        fail_help(reader, diag, "JSON strings stand in double quotes");
    } else if (*at == '/' || *at == '#') {
        fail_help(reader, diag, "JSON has no comments");
    } else if ((*at == ']' || *at == '}') && at > reader->start) {
        fail_help(reader, diag, "JSON has no comma behind the last item");
    }
}

// ---- strings

// The escape at reader->at, into the scratch buffer.
static void escape(Reader *reader)
{
    const char *start = reader->at;
    const char *at = start;
    switch (json_unescape(&at, reader->end, &reader->scratch)) {
    case JSON_ESCAPE_OKAY:
        reader->at = at;
        return;
    case JSON_ESCAPE_UNKNOWN:
        fail(reader, DIAG_E0110, start, start + 1,
             "there is no such escape in JSON");
        return;
    case JSON_ESCAPE_NO_DIGITS:
        fail(reader, DIAG_E0110, start, at,
             "'\\u' takes four hexadecimal digits");
        return;
    case JSON_ESCAPE_HALF:
        fail(reader, DIAG_E0110, start, at,
             "half of a surrogate pair is no character");
        return;
    }
}

// The string at the quote at reader->at; *out_decoded tells whether it lies
// in the scratch buffer. Tabs are controls here.
static Str read_string(Reader *reader, bool *out_decoded)
{
    const char *quote = reader->at;
    const char *run = quote + 1;
    *out_decoded = false;
    reader->at = run;
    for (;;) {
        const char *at = json_plain_end(reader->at, reader->end);
        reader->at = at;
        if (at == reader->end) {
            fail(reader, DIAG_E0110, quote, quote + 1,
                 "this string does not end");
            return (Str){0};
        }
        if (*at == '"') {
            reader->at = at + 1;
            Str plain = str_make(run, (size_t)(at - run));
            if (!*out_decoded) {
                return plain;
            }
            strbuf_append(&reader->scratch, plain);
            return strbuf_str(&reader->scratch);
        }
        if (*at != '\\' && *at != 0x7F) {
            Diag *diag =
                fail(reader, DIAG_E0110, at, at + 1,
                     "the control character U+%04X in a string", (unsigned)*at);
            fail_help(reader, diag, "write it as an escape");
            return (Str){0};
        }
        if (*at == 0x7F) {
            reader->at++; // RFC 8259 allows it
            continue;
        }
        if (!*out_decoded) {
            strbuf_clear(&reader->scratch);
            *out_decoded = true;
        }
        strbuf_append(&reader->scratch, str_make(run, (size_t)(at - run)));
        escape(reader);
        if (reader->failed) {
            return (Str){0};
        }
        run = reader->at;
    }
}

static void string_value(Reader *reader, Expr *out)
{
    bool decoded;
    Str text = read_string(reader, &decoded);
    if (decoded) {
        text = arena_str(reader->module->arena, text);
    }
    out->kind = EXPR_STRING;
    out->as.string.data = text.data;
    out->as.string.len = (uint32_t)text.len;
}

// ---- numbers

static void number_value(Reader *reader, Expr *out)
{
    const char *start = reader->at;
    JsonNumber number = {0};
    JsonNumberKind kind = json_number(&reader->at, reader->end, &number);
    if (kind == JSON_NUMBER_INT) {
        out->kind = EXPR_INT;
        out->as.integer.value = number.integer;
    } else if (kind == JSON_NUMBER_FLOAT) {
        out->kind = EXPR_FLOAT;
        out->as.number.value = number.number;
    } else if (kind == JSON_NUMBER_HUGE) {
        fail(reader, DIAG_E0110, start, reader->at,
             "this number is larger than any float");
    } else {
        Diag *diag = fail(reader, DIAG_E0110, start, reader->at,
                          "this is no JSON number");
        fail_help(reader, diag,
                  "a number is written as -12, 0.5 or 1e10; it has digits "
                  "around its '.', and no zeros before it");
    }
}

// ---- lists and records

static bool enter(Reader *reader)
{
    if (++reader->depth <= reader->max_nesting) {
        return true;
    }
    Diag *diag = fail(reader, DIAG_E0601, reader->at, reader->at + 1,
                      "the nesting is deeper than %u levels",
                      (unsigned)reader->max_nesting);
    fail_help(reader, diag, "raise --max-nesting");
    return false;
}

static void read_value(Reader *reader, Expr *out);

// Behind an item: true when a ',' and another item follow.
static bool next_item(Reader *reader, char closer)
{
    skip_space(reader);
    if (reader->failed) {
        return false;
    }
    if (at_char(reader, ',')) {
        reader->at++;
        skip_space(reader);
        return true;
    }
    if (!at_char(reader, closer)) {
        fail_unexpected(reader, closer == ']' ? "',' or ']'" : "',' or '}'");
    }
    return false;
}

static void list_value(Reader *reader, Expr *out)
{
    size_t mark = reader->stack.used;
    uint16_t closed = EXPR_CLOSED;
    if (!enter(reader)) {
        return;
    }
    reader->at++;
    skip_space(reader);
    if (!at_char(reader, ']')) {
        do {
            Expr item;
            read_value(reader, &item);
            closed &= item.flags;
            node_stack_push(&reader->stack, &item, sizeof item);
        } while (next_item(reader, ']'));
    }
    reader->at += !reader->failed;
    reader->depth--;
    out->kind = EXPR_LIST;
    out->flags = closed;
    out->as.list.count = (uint32_t)((reader->stack.used - mark) / sizeof(Expr));
    out->as.list.items =
        node_stack_take(&reader->stack, mark, reader->module->arena);
}

// The end of the key that starts at `start`, which was read.
static const char *key_end(const Reader *reader, const char *start)
{
    const char *at = start + 1;
    while (at < reader->end && *at != '"') {
        at += *at == '\\' ? 2 : 1;
    }
    return at < reader->end ? at + 1 : reader->end;
}

static void fail_duplicate(Reader *reader, const RecordItem *first,
                           const RecordItem *second)
{
    const char *start = reader->start + second->name_start;
    const char *before = reader->start + first->name_start;
    StrBuf shown = {0};
    strbuf_append_printable(&shown, symbol_text(reader->interner, second->name),
                            MAX_SHOWN);
    Diag *diag = fail(reader, DIAG_E0110, start, key_end(reader, start),
                      "the key '%.*s' stands twice in this object",
                      STR_ARG(strbuf_str(&shown)));
    strbuf_release(&shown);
    if (diag != NULL) {
        Span span = {first->name_start,
                     offset_of(reader, key_end(reader, before))};
        diag_label(&reader->module->diags, diag, &reader->module->source, span,
                   "first here");
    }
}

static void check_keys(Reader *reader, const RecordItem *items, uint32_t count)
{
    if (count <= FEW_FIELDS) {
        for (uint32_t i = 0; i < count; i++) {
            for (uint32_t k = 0; k < i; k++) {
                if (items[i].name == items[k].name) {
                    fail_duplicate(reader, &items[k], &items[i]);
                }
            }
        }
        return;
    }
    field_set_begin(&reader->fields);
    for (uint32_t i = 0; i < count; i++) {
        bool added;
        FieldNode *node =
            field_set_add(&reader->fields, 0, items[i].name, &added);
        if (added) {
            node->item = i;
        } else {
            fail_duplicate(reader, &items[node->item], &items[i]);
        }
    }
}

// string ':' value
static void read_member(Reader *reader, RecordItem *out)
{
    *out = (RecordItem){.name_start = offset_of(reader, reader->at)};
    if (!at_char(reader, '"')) {
        fail_unexpected(reader, "a key in double quotes");
        return;
    }
    bool decoded;
    Str key = read_string(reader, &decoded);
    if (reader->failed) {
        return;
    }
    const char *end = decoded ? key.data + key.len : reader->end;
    out->name = name_cache_intern(&reader->names, reader->interner, key, end);
    skip_space(reader);
    if (!at_char(reader, ':')) {
        fail_unexpected(reader, "':'");
        return;
    }
    reader->at++;
    skip_space(reader);
    read_value(reader, &out->plain);
}

static void record_value(Reader *reader, Expr *out)
{
    size_t mark = reader->stack.used;
    uint16_t closed = EXPR_CLOSED;
    if (!enter(reader)) {
        return;
    }
    reader->at++;
    skip_space(reader);
    if (!at_char(reader, '}')) {
        do {
            RecordItem item;
            read_member(reader, &item);
            closed &= item.plain.flags;
            node_stack_push(&reader->stack, &item, sizeof item);
        } while (next_item(reader, '}'));
    }
    reader->at += !reader->failed;
    reader->depth--;
    uint32_t count =
        (uint32_t)((reader->stack.used - mark) / sizeof(RecordItem));
    RecordItem *items =
        node_stack_take(&reader->stack, mark, reader->module->arena);
    if (!reader->failed) {
        check_keys(reader, items, count);
    }
    out->kind = EXPR_RECORD;
    out->flags = closed;
    out->as.record.items = items;
    out->as.record.count = count;
}

// ---- values

static bool take_word(Reader *reader, const char *word)
{
    size_t len = strlen(word);
    if ((size_t)(reader->end - reader->at) < len ||
        memcmp(reader->at, word, len) != 0) {
        return false;
    }
    reader->at += len;
    return true;
}

static void word_value(Reader *reader, Expr *out)
{
    if (take_word(reader, "true")) {
        out->kind = EXPR_BOOL;
        out->as.boolean.value = true;
    } else if (take_word(reader, "false")) {
        out->kind = EXPR_BOOL;
    } else if (take_word(reader, "null")) {
        out->kind = EXPR_CTOR;
        out->flags = 0;
        out->as.ctor.symbol = SYM_NONE;
    } else {
        fail_unexpected(reader, "a JSON value");
    }
}

static void read_value(Reader *reader, Expr *out)
{
    uint32_t start = offset_of(reader, reader->at);
    *out = (Expr){.kind = EXPR_ERROR, .flags = EXPR_CLOSED};
    reader->node_count++;
    char c = reader->at < reader->end ? *reader->at : 0;
    if (c == '"') {
        string_value(reader, out);
    } else if (c == '{') {
        record_value(reader, out);
    } else if (c == '[') {
        list_value(reader, out);
    } else if (c == '-' || byte_is(c, BYTE_DIGIT)) {
        number_value(reader, out);
    } else {
        word_value(reader, out);
    }
    out->span = (Span){start, offset_of(reader, reader->at)};
}

void read_json_module(Module *module, Interner *interner, uint32_t max_nesting)
{
    Str text = module->source.text;
    if (!encoding_check(&module->source, ENCODING_DATA, &module->diags)) {
        module->broken = true;
        return;
    }
    Reader *reader = mem_calloc(1, sizeof *reader);
    reader->start = text.len > 0 ? text.data : "";
    reader->end = reader->start + text.len;
    reader->at = reader->start + encoding_bom_length(text);
    reader->module = module;
    reader->interner = interner;
    reader->max_nesting = max_nesting;
    Expr *value = ARENA_NEW(module->arena, Expr);
    skip_space(reader);
    read_value(reader, value);
    skip_space(reader);
    if (!reader->failed && reader->at < reader->end) {
        fail_unexpected(reader, "the end of the file");
    }
    if (reader->failed) {
        module->broken = true;
    } else {
        module->ast.result = value;
    }
    module->ast.node_count += reader->node_count;
    node_stack_release(&reader->stack);
    field_set_release(&reader->fields);
    strbuf_release(&reader->scratch);
    free(reader);
}
