#include "cli/lsp_message.h"

#include <errno.h>
#include <poll.h>
#include <strings.h>
#include <unistd.h>

#include "cli/output.h"
#include "syntax/byte_class.h"
#include "syntax/read_json.h"

enum {
    MAX_HEADER_BYTES = 8 << 10,
    MAX_BODY_BYTES = 512 << 20,
    MAX_JSON_NESTING = 200,
    READ_BYTES = 64 << 10
};

// ---- framing

// Waits for something to be read, the end included; false where nobody wants it
// any more.
static bool wait_for_more(const LspReader *reader)
{
    enum { LOOKS_EVERY_MS = 1000 };
    struct pollfd ask = {.fd = reader->fd, .events = POLLIN};
    while (!load_relaxed(&reader->stops)) {
        if (poll(&ask, 1, LOOKS_EVERY_MS) > 0) {
            return true;
        }
    }
    return false;
}

// False at the end of the input.
static bool read_more(LspReader *reader)
{
    while (wait_for_more(reader)) {
        char *to = strbuf_reserve(&reader->buffer, READ_BYTES);
        ssize_t count = read(reader->fd, to, READ_BYTES);
        if (count > 0) {
            reader->buffer.len += (size_t)count;
            return true;
        }
        if (count == 0 || errno != EINTR) {
            break;
        }
    }
    return false;
}

// Forgets what was handed out. A buffer that was needed once for a large
// message is not kept.
static void drop_read(LspReader *reader)
{
    enum { KEPT_BYTES = 1 << 20 };
    StrBuf *buffer = &reader->buffer;
    size_t left = buffer->len - reader->at;
    if (buffer->capacity > KEPT_BYTES && left < READ_BYTES) {
        StrBuf small = {0};
        strbuf_append(&small,
                      str_slice(strbuf_str(buffer), reader->at, buffer->len));
        strbuf_release(buffer);
        *buffer = small;
    } else if (reader->at > 0) {
        memmove(buffer->data, buffer->data + reader->at, left);
        buffer->len = left;
    }
    reader->at = 0;
}

// The value of a header `name`, in whatever case; false where it is another.
static bool header_value(Str line, Str name, Str *out)
{
    if (line.len <= name.len || line.data[name.len] != ':' ||
        strncasecmp(line.data, name.data, name.len) != 0) {
        return false;
    }
    size_t from = name.len + 1;
    while (from < line.len && byte_is(line.data[from], BYTE_BLANK)) {
        from++;
    }
    while (line.len > from && byte_is(line.data[line.len - 1], BYTE_BLANK)) {
        line.len--;
    }
    *out = str_slice(line, from, line.len);
    return true;
}

static bool read_length(Str digits, size_t *out)
{
    *out = 0;
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.data[i] < '0' || digits.data[i] > '9') {
            return false;
        }
        *out = *out * 10 + (size_t)(digits.data[i] - '0');
        if (*out > MAX_BODY_BYTES) {
            return false;
        }
    }
    return digits.len > 0;
}

// Reads the header fields, up to the empty line; false where one is no field,
// or none says how long the body is.
static bool read_header(Str header, size_t *out_length)
{
    bool found = false;
    for (size_t at = 0; at < header.len;) {
        size_t end = str_find_byte(header, '\n', at);
        Str line = str_slice(header, at, end);
        line.len -= line.len > 0 && line.data[line.len - 1] == '\r';
        at = end + 1;
        Str value;
        if (header_value(line, STR("Content-Length"), &value)) {
            if (!read_length(value, out_length)) {
                return false;
            }
            found = true;
        } else if (line.len > 0 && str_find_byte(line, ':', 0) == line.len) {
            return false;
        }
    }
    return found;
}

// Where the header ends, behind its empty line; 0: it goes on.
static size_t header_end(Str text)
{
    size_t start = 0; // of the line
    for (;;) {
        size_t end = str_find_byte(text, '\n', start);
        if (end == text.len) {
            return 0;
        }
        size_t len = end - start;
        if (len == 0 || (len == 1 && text.data[start] == '\r')) {
            return end + 1;
        }
        start = end + 1;
    }
}

LspRead lsp_read(LspReader *reader, Str *out_body)
{
    drop_read(reader);
    size_t end;
    while ((end = header_end(strbuf_str(&reader->buffer))) == 0) {
        if (reader->buffer.len > MAX_HEADER_BYTES) {
            return LSP_READ_BAD;
        }
        if (!read_more(reader)) {
            return LSP_READ_END;
        }
    }
    size_t length;
    Str header = str_slice(strbuf_str(&reader->buffer), 0, end);
    if (end > MAX_HEADER_BYTES || !read_header(header, &length)) {
        return LSP_READ_BAD;
    }
    while (reader->buffer.len - end < length) {
        if (!read_more(reader)) {
            return LSP_READ_END;
        }
    }
    reader->at = end + length;
    *out_body = str_slice(strbuf_str(&reader->buffer), end, reader->at);
    return LSP_READ_MESSAGE;
}

bool lsp_reader_is_ready(const LspReader *reader)
{
    struct pollfd ask = {.fd = reader->fd, .events = POLLIN};
    return reader->buffer.len > reader->at || poll(&ask, 1, 0) > 0;
}

void lsp_reader_release(LspReader *reader)
{
    strbuf_release(&reader->buffer);
}

bool lsp_write(Str body)
{
    StrBuf text = {0};
    strbuf_appendf(&text, "Content-Length: %zu\r\n\r\n", body.len);
    strbuf_append(&text, body);
    bool ok = output_write_fd(STDOUT_FILENO, strbuf_str(&text), NULL);
    strbuf_release(&text);
    return ok;
}

// ---- JSON

const Expr *lsp_message_parse(LspMessage *message, Str body)
{
    // A table of names for each: what a client sends must not pile up.
    message->interner = symbols_new();
    message->module = module_new();
    message->module->source.path = STR("message");
    message->module->source.text = body;
    read_json_module(message->module, message->interner, MAX_JSON_NESTING);
    if (message->module->broken || message->module->ast.result == NULL) {
        lsp_message_release(message);
        return NULL;
    }
    return message->module->ast.result;
}

void lsp_message_release(LspMessage *message)
{
    module_free(message->module);
    interner_free(message->interner);
}

const Expr *lsp_member(const LspMessage *message, const Expr *of, Str name)
{
    if (of == NULL || of->kind != EXPR_RECORD) {
        return NULL;
    }
    for (uint32_t i = 0; i < of->as.record.count; i++) {
        const RecordItem *item = &of->as.record.items[i];
        if (str_equal(symbol_text(message->interner, item->name), name)) {
            return record_item_value(item);
        }
    }
    return NULL;
}

bool lsp_get_string(const Expr *value, Str *out)
{
    if (value == NULL || value->kind != EXPR_STRING) {
        return false;
    }
    *out = str_make(value->as.string.data, value->as.string.len);
    return true;
}

bool lsp_get_integer(const Expr *value, int64_t *out)
{
    if (value == NULL || value->kind != EXPR_INT) {
        return false;
    }
    *out = value->as.integer.value;
    return true;
}

bool lsp_is_true(const Expr *value)
{
    return value != NULL && value->kind == EXPR_BOOL && value->as.boolean.value;
}
