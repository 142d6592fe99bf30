// Keys and tables of TOML, which may come in any order: a tree of entries that
// becomes records at the end. The first error ends the reading.
#include <stdarg.h>

#include "syntax/byte_class.h"
#include "syntax/encoding.h"
#include "syntax/read_toml_internal.h"

#define MAX_SHOWN 60
// Parents in TomlReader.names that are no table: of inline tables, which have
// numbers instead of keys.
#define INLINE_PARENT UINT32_MAX

uint32_t toml_offset(const TomlReader *reader, const char *at)
{
    return (uint32_t)(at - reader->start);
}

static Diag *report(TomlReader *reader, Span span, Str message)
{
    if (reader->failed) {
        return NULL;
    }
    reader->failed = true;
    Module *module = reader->module;
    return diag_add(&module->diags, DIAG_E0112, &module->source, span, "%.*s",
                    STR_ARG(message));
}

bool toml_fail(TomlReader *reader, const char *start, const char *end,
               const char *format, ...)
{
    StrBuf text = {0};
    va_list args;
    va_start(args, format);
    strbuf_appendv(&text, format, args);
    va_end(args);
    end = end > reader->end ? reader->end : end;
    (void)report(reader,
                 (Span){toml_offset(reader, start), toml_offset(reader, end)},
                 strbuf_str(&text));
    strbuf_release(&text);
    return false;
}

bool toml_fail_help(TomlReader *reader, const char *start, const char *end,
                    const char *message, const char *help)
{
    Diag *diag = report(
        reader, (Span){toml_offset(reader, start), toml_offset(reader, end)},
        str_from_c(message));
    if (diag != NULL) {
        diag_help(&reader->module->diags, diag, "%s", help);
    }
    return false;
}

bool toml_fail_unexpected(TomlReader *reader, const char *expected)
{
    const char *at = reader->at;
    if (at == reader->end || *at == '\n' || *at == '\r') {
        return toml_fail(reader, at, at, "expected %s, found the end of the %s",
                         expected, at == reader->end ? "file" : "line");
    }
    size_t len = 0;
    utf8_decode(str_make(at, (size_t)(reader->end - at)), &len);
    StrBuf shown = {0};
    strbuf_append_printable(&shown, str_make(at, len), MAX_SHOWN);
    (void)toml_fail(reader, at, at + len, "expected %s, found '%.*s'", expected,
                    STR_ARG(strbuf_str(&shown)));
    strbuf_release(&shown);
    return false;
}

static bool at_char(const TomlReader *reader, char c)
{
    return reader->at < reader->end && *reader->at == c;
}

// ---- keys

static bool is_key_char(char c)
{
    return byte_is(c, BYTE_IDENT) || c == '-';
}

static bool read_key(TomlReader *reader, TomlKey *out)
{
    const char *start = reader->at;
    Str text;
    if (at_char(reader, '"') || at_char(reader, '\'')) {
        if (!toml_string(reader, false, &text)) {
            return false;
        }
    } else {
        while (reader->at < reader->end && is_key_char(*reader->at)) {
            reader->at++;
        }
        text = str_make(start, (size_t)(reader->at - start));
        if (text.len == 0) {
            return toml_fail_unexpected(reader, "a key");
        }
    }
    out->name = intern(reader->interner, text);
    out->start = toml_offset(reader, start);
    out->span = (Span){out->start, toml_offset(reader, reader->at)};
    return true;
}

// key { '.' key }; behind each part blanks.
typedef VEC(TomlKey) TomlKeys;

static bool read_keys(TomlReader *reader, TomlKeys *out)
{
    for (;;) {
        TomlKey key;
        toml_skip_blanks(reader);
        if (!read_key(reader, &key)) {
            return false;
        }
        vec_push(out, key);
        toml_skip_blanks(reader);
        if (!at_char(reader, '.')) {
            return true;
        }
        reader->at++;
    }
}

// ---- entries

static bool fail_key(TomlReader *reader, const TomlKey *key, uint32_t first,
                     const char *what)
{
    StrBuf text = {0};
    strbuf_append_char(&text, '\'');
    strbuf_append_printable(&text, symbol_text(reader->interner, key->name),
                            MAX_SHOWN);
    strbuf_appendf(&text, "' %s", what);
    Diag *diag = report(reader, key->span, strbuf_str(&text));
    strbuf_release(&text);
    if (diag != NULL) {
        const TomlEntry *entry = &reader->entries.items[first];
        Span span = {entry->name_start, entry->name_start + 1};
        diag_label(&reader->module->diags, diag, &reader->module->source, span,
                   "first here");
    }
    return false;
}

static bool fail_depth(TomlReader *reader, const TomlKey *key)
{
    DiagSink *sink = &reader->module->diags;
    reader->failed = true;
    Diag *diag = diag_add(sink, DIAG_E0601, &reader->module->source, key->span,
                          "the nesting is deeper than %u levels",
                          (unsigned)reader->max_nesting);
    diag_help(sink, diag, "raise --max-nesting");
    return false;
}

static void add_child(TomlReader *reader, uint32_t parent, uint32_t child)
{
    TomlEntry *table = &reader->entries.items[parent];
    if (table->first == 0) {
        table->first = child;
    } else {
        reader->entries.items[table->last].next = child;
    }
    table->last = child;
    table->count++;
}

static uint32_t new_entry(TomlReader *reader, uint32_t parent, TomlKind kind,
                          const TomlKey *key)
{
    TomlEntry entry = {.kind = kind,
                       .name = key->name,
                       .name_start = key->start,
                       .depth = reader->entries.items[parent].depth + 1,
                       .section = reader->section,
                       .span = key->span};
    vec_push(&reader->entries, entry);
    uint32_t number = reader->entries.count - 1;
    add_child(reader, parent, number);
    return number;
}

// The entry of `key` in the table, made of `kind` where there is none.
// INDEX_NONE when that would be too deep.
static uint32_t find_entry(TomlReader *reader, uint32_t parent, TomlKind kind,
                           const TomlKey *key, bool *out_is_new)
{
    const TomlEntry *table = &reader->entries.items[parent];
    if (table->depth >= reader->max_nesting) {
        fail_depth(reader, key);
        return INDEX_NONE;
    }
    FieldNode *node =
        field_set_add(&reader->names, table->node, key->name, out_is_new);
    if (*out_is_new) {
        uint32_t number = node->node;
        uint32_t entry = new_entry(reader, parent, kind, key);
        node->item = entry;
        reader->entries.items[entry].node = number;
    }
    return node->item;
}

static uint32_t new_element(TomlReader *reader, uint32_t tables,
                            const TomlKey *key)
{
    uint32_t element = new_entry(reader, tables, TOML_ELEMENT, key);
    bool added;
    // Elements have numbers for names.
    const FieldNode *node =
        field_set_add(&reader->names, reader->entries.items[tables].node,
                      reader->entries.items[tables].count, &added);
    reader->entries.items[element].node = node->node;
    return element;
}

// ---- headers

// One step of a header that leads on; INDEX_NONE after reporting.
static uint32_t go_through(TomlReader *reader, uint32_t parent,
                           const TomlKey *key)
{
    bool is_new;
    uint32_t entry = find_entry(reader, parent, TOML_IMPLICIT, key, &is_new);
    if (entry == INDEX_NONE) {
        return INDEX_NONE;
    }
    const TomlEntry *found = &reader->entries.items[entry];
    if (found->kind == TOML_VALUE) {
        fail_key(reader, key, entry, "is a value, and no table to go into");
        return INDEX_NONE;
    }
    return found->kind == TOML_TABLES ? found->last : entry;
}

static uint32_t open_table(TomlReader *reader, uint32_t parent,
                           const TomlKey *key)
{
    bool is_new;
    uint32_t entry = find_entry(reader, parent, TOML_HEADER, key, &is_new);
    if (entry == INDEX_NONE || is_new) {
        return entry;
    }
    TomlEntry *found = &reader->entries.items[entry];
    if (found->kind != TOML_IMPLICIT) {
        fail_key(reader, key, entry, "is defined already");
        return INDEX_NONE;
    }
    found->kind = TOML_HEADER;
    found->span = key->span;
    return entry;
}

static uint32_t open_element(TomlReader *reader, uint32_t parent,
                             const TomlKey *key)
{
    bool is_new;
    uint32_t entry = find_entry(reader, parent, TOML_TABLES, key, &is_new);
    if (entry == INDEX_NONE) {
        return INDEX_NONE;
    }
    const TomlEntry *found = &reader->entries.items[entry];
    if (found->kind != TOML_TABLES) {
        fail_key(reader, key, entry,
                 "is defined already, and no array of "
                 "tables");
        return INDEX_NONE;
    }
    if (found->depth >= reader->max_nesting) {
        fail_depth(reader, key);
        return INDEX_NONE;
    }
    return new_element(reader, entry, key);
}

// '[' key ']' or '[[' key ']]'
static bool read_header(TomlReader *reader, uint32_t *out_table)
{
    bool is_array = reader->end - reader->at >= 2 && reader->at[1] == '[';
    reader->at += is_array ? 2 : 1;
    TomlKeys keys = {0};
    bool fine = read_keys(reader, &keys);
    if (fine &&
        (!at_char(reader, ']') || (is_array && (reader->end - reader->at < 2 ||
                                                reader->at[1] != ']')))) {
        fine = toml_fail_unexpected(reader, is_array ? "']]'" : "']'");
    }
    uint32_t table = 0;
    for (uint32_t i = 0; fine && i + 1 < keys.count; i++) {
        table = go_through(reader, table, &keys.items[i]);
        fine = table != INDEX_NONE;
    }
    if (fine) {
        reader->at += is_array ? 2 : 1;
        reader->section++;
        table = is_array ? open_element(reader, table, &vec_last(&keys))
                         : open_table(reader, table, &vec_last(&keys));
    }
    vec_release(&keys);
    *out_table = table;
    return fine && table != INDEX_NONE && toml_end_line(reader);
}

// ---- pairs

// The table into which a part of a dotted key leads.
static uint32_t go_dotted(TomlReader *reader, uint32_t parent,
                          const TomlKey *key)
{
    bool is_new;
    uint32_t entry = find_entry(reader, parent, TOML_DOTTED, key, &is_new);
    if (entry == INDEX_NONE || is_new) {
        return entry;
    }
    TomlEntry *found = &reader->entries.items[entry];
    bool open =
        found->kind == TOML_IMPLICIT ||
        (found->kind == TOML_DOTTED && found->section == reader->section);
    if (!open) {
        fail_key(reader, key, entry, "is defined already");
        return INDEX_NONE;
    }
    found->kind = TOML_DOTTED;
    found->section = reader->section;
    return entry;
}

static bool set_value(TomlReader *reader, uint32_t table, const TomlKeys *keys)
{
    for (uint32_t i = 0; i + 1 < keys->count; i++) {
        table = go_dotted(reader, table, &keys->items[i]);
        if (table == INDEX_NONE) {
            return false;
        }
    }
    const TomlKey *key = &keys->items[keys->count - 1];
    bool is_new;
    uint32_t entry = find_entry(reader, table, TOML_VALUE, key, &is_new);
    if (entry == INDEX_NONE) {
        return false;
    }
    if (!is_new) {
        return fail_key(reader, key, entry, "is defined already");
    }
    Expr value;
    if (!toml_value(reader, reader->entries.items[table].depth + 1, &value)) {
        return false;
    }
    reader->entries.items[entry].value = value;
    return true;
}

// keys '=' value
static bool read_pair(TomlReader *reader, uint32_t table)
{
    TomlKeys keys = {0};
    bool fine = read_keys(reader, &keys);
    if (fine && !at_char(reader, '=')) {
        fine = toml_fail_unexpected(reader, "'='");
    }
    if (fine) {
        reader->at++;
        toml_skip_blanks(reader);
        fine = set_value(reader, table, &keys);
    }
    vec_release(&keys);
    return fine;
}

// ---- entries to expressions

static Expr build(TomlReader *reader, uint32_t number);

static Expr build_list(TomlReader *reader, const TomlEntry *entry)
{
    Expr *items =
        arena_array(reader->module->arena, entry->count, sizeof *items);
    uint32_t count = 0;
    uint16_t closed = EXPR_CLOSED;
    for (uint32_t at = entry->first; at != 0;
         at = reader->entries.items[at].next) {
        items[count] = build(reader, at);
        closed &= items[count++].flags;
    }
    Expr list = {.kind = EXPR_LIST, .flags = closed, .span = entry->span};
    list.as.list.items = items;
    list.as.list.count = count;
    return list;
}

static Expr build_record(TomlReader *reader, const TomlEntry *entry)
{
    RecordItem *items =
        arena_zalloc(reader->module->arena, entry->count * sizeof *items);
    uint32_t count = 0;
    uint16_t closed = EXPR_CLOSED;
    for (uint32_t at = entry->first; at != 0;
         at = reader->entries.items[at].next) {
        items[count].name = reader->entries.items[at].name;
        items[count].name_start = reader->entries.items[at].name_start;
        items[count].plain = build(reader, at);
        closed &= items[count++].plain.flags;
    }
    Expr record = {.kind = EXPR_RECORD, .flags = closed, .span = entry->span};
    record.as.record.items = items;
    record.as.record.count = count;
    return record;
}

// The depth of entries is bounded by max_nesting.
static Expr build(TomlReader *reader, uint32_t number)
{
    const TomlEntry entry = reader->entries.items[number];
    switch (entry.kind) {
    case TOML_VALUE:
        return entry.value;
    case TOML_TABLES:
        return build_list(reader, &entry);
    case TOML_IMPLICIT:
    case TOML_HEADER:
    case TOML_DOTTED:
    case TOML_ELEMENT:
        break;
    }
    return build_record(reader, &entry);
}

// ---- inline tables

static uint32_t new_inline(TomlReader *reader, uint32_t depth)
{
    bool added;
    const FieldNode *node = field_set_add(&reader->names, INLINE_PARENT,
                                          ++reader->inline_count, &added);
    uint32_t offset = toml_offset(reader, reader->at);
    TomlEntry entry = {.kind = TOML_DOTTED,
                       .node = node->node,
                       .depth = depth,
                       .span = {offset, offset + 1}};
    vec_push(&reader->entries, entry);
    return reader->entries.count - 1;
}

static bool inline_pairs(TomlReader *reader, uint32_t table)
{
    toml_skip_blanks(reader);
    if (at_char(reader, '}')) {
        return true;
    }
    for (;;) {
        if (!read_pair(reader, table)) {
            return false;
        }
        toml_skip_blanks(reader);
        if (at_char(reader, '}')) {
            return true;
        }
        if (!at_char(reader, ',')) {
            return toml_fail_unexpected(reader, "',' or '}'");
        }
        reader->at++;
    }
}

bool toml_inline_table(TomlReader *reader, uint32_t depth, Expr *out)
{
    uint32_t section = reader->section;
    reader->section = UINT32_MAX - reader->inline_count; // of its own
    uint32_t table = new_inline(reader, depth);
    reader->at++;
    bool fine = inline_pairs(reader, table);
    reader->section = section;
    if (fine) {
        reader->at++;
        Span span = out->span;
        *out = build(reader, table);
        out->span = span;
    }
    return fine;
}

// ---- the whole

static bool read_lines(TomlReader *reader)
{
    uint32_t table = 0;
    for (;;) {
        if (!toml_skip_space(reader)) {
            return false;
        }
        if (reader->at == reader->end) {
            return true;
        }
        if (*reader->at == '[') {
            if (!read_header(reader, &table)) {
                return false;
            }
        } else if (!read_pair(reader, table) || !toml_end_line(reader)) {
            return false;
        }
    }
}

void read_toml_module(Module *module, Interner *interner, uint32_t max_nesting)
{
    Str text = module->source.text;
    if (!encoding_check(&module->source, ENCODING_DATA, &module->diags)) {
        module->broken = true;
        return;
    }
    TomlReader reader = {
        .module = module, .interner = interner, .max_nesting = max_nesting};
    reader.start = text.len > 0 ? text.data : "";
    reader.end = reader.start + text.len;
    reader.at = reader.start + encoding_bom_length(text);
    field_set_begin(&reader.names);
    vec_push(&reader.entries, (TomlEntry){.kind = TOML_HEADER});
    reader.entries.items[0].span =
        (Span){toml_offset(&reader, reader.at), (uint32_t)text.len};
    if (read_lines(&reader)) {
        Expr *value = ARENA_NEW(module->arena, Expr);
        *value = build(&reader, 0);
        module->ast.result = value;
    } else {
        module->broken = true;
    }
    vec_release(&reader.entries);
    field_set_release(&reader.names);
    node_stack_release(&reader.stack);
    strbuf_release(&reader.scratch);
}
