// The base protocol of the language server: messages with a Content-Length in,
// JSON out.
//
// Ownership: a reader owns its buffer; the body of a message is borrowed until
//            the next one is read. An LspMessage owns its tree, whose strings
//            may point into the body.
// Threads:   a reader and a message have one owner at a time.
#ifndef LIGATURE_CLI_LSP_MESSAGE_H
#define LIGATURE_CLI_LSP_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "support/str.h"
#include "syntax/module.h"

typedef struct LspReader {
    int fd;
    StrBuf buffer;
    size_t at;           // what is before it was handed out
    _Atomic(bool) stops; // set by others, relaxed: nobody wants to know more
} LspReader;

typedef enum LspRead {
    LSP_READ_MESSAGE,
    LSP_READ_END, // nobody writes any more
    LSP_READ_BAD  // no header that could be understood, or too long a body
} LspRead;

// Waits for a message.
LspRead lsp_read(LspReader *reader, Str *out_body);
// Whether there is something to be read without waiting, the end included.
bool lsp_reader_is_ready(const LspReader *reader);
void lsp_reader_release(LspReader *reader);

typedef struct LspMessage {
    Module *module;
    Interner *interner;
} LspMessage;

// NULL where the body is no JSON; else to be released.
const Expr *lsp_message_parse(LspMessage *message, Str body);
void lsp_message_release(LspMessage *message);
// NULL where `of` is NULL or no object, or has no such member.
const Expr *lsp_member(const LspMessage *message, const Expr *of, Str name);
// False where `value` is NULL or something else.
bool lsp_get_string(const Expr *value, Str *out);
bool lsp_get_integer(const Expr *value, int64_t *out);
// true; all else is false.
bool lsp_is_true(const Expr *value);

// Writes a message with its header to standard output; false with errno.
bool lsp_write(Str body);

#endif
