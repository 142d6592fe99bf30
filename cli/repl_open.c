#include "cli/repl_open.h"

#include <string.h>

#include "cli/token_scan.h"

// From so many bytes on.
#define LONG_BYTES ((size_t)16 << 10)

void repl_open_release(ReplOpen *open)
{
    vec_release(&open->closers);
}

static void take_bracket(ReplOpen *open, TokenKind kind)
{
    if (kind == TOKEN_LEFT_PAREN) {
        vec_push(&open->closers, TOKEN_RIGHT_PAREN);
    } else if (kind == TOKEN_LEFT_BRACKET) {
        vec_push(&open->closers, TOKEN_RIGHT_BRACKET);
    } else if (kind == TOKEN_LEFT_BRACE) {
        vec_push(&open->closers, TOKEN_RIGHT_BRACE);
    } else if (token_closes(kind)) {
        open->is_odd |=
            open->closers.count == 0 || vec_pop(&open->closers) != kind;
    }
}

// Tokens between two operands.
static bool wants_more(TokenKind kind)
{
    return kind == TOKEN_COMMA || kind == TOKEN_COLON || kind == TOKEN_EQUALS ||
           kind == TOKEN_ARROW || kind == TOKEN_FAT_ARROW ||
           (kind >= TOKEN_PLUS && kind <= TOKEN_PIPE) || kind == TOKEN_IN ||
           kind == TOKEN_THEN || kind == TOKEN_ELSE;
}

// A block string or a comment of several lines ends in a line with these.
static bool may_end_block(Str line)
{
    return memmem(line.data, line.len, "\"\"\"", 3) != NULL ||
           memmem(line.data, line.len, "*/", 2) != NULL;
}

// What begins at the place and has not come to its end.
static bool is_block(Str text)
{
    return str_starts_with(text, STR("\"\"\"")) ||
           str_starts_with(text, STR("/*"));
}

// A string with interpolations, at its start.
typedef struct InString {
    uint32_t depth; // of strings within each other; 0: none
    uint32_t start;
    uint32_t closers;
} InString;

static void take_string(InString *in, const Token *token, uint32_t closers)
{
    if (token->kind == TOKEN_STRING_START && in->depth++ == 0) {
        in->start = token->span.start;
        in->closers = closers;
    } else if (token->kind == TOKEN_STRING_END && in->depth > 0) {
        in->depth--;
    }
}

// Takes the tokens up to the end of the text, or to a block that goes on there.
static void take_tokens(ReplOpen *open, Str text)
{
    TokenScan scan;
    Str fresh = str_slice(text, open->taken, text.len);
    token_scan_begin(&scan, fresh);
    InString in = {0};
    Token token;
    lexer_next(scan.lexer, &token);
    while (token.kind != TOKEN_END && scan.sink.diags.count == 0) {
        take_string(&in, &token, open->closers.count);
        take_bracket(open, token.kind);
        open->goes_on = wants_more(token.kind);
        lexer_next(scan.lexer, &token);
    }
    size_t end = fresh.len;
    open->in_block = scan.sink.diags.count > 0;
    if (open->in_block) {
        const Diag *diag = diag_at(&scan.sink, 0);
        end = in.depth > 0 ? in.start : diag->span.start;
        open->is_odd |= diag->code != DIAG_E0102 ||
                        !is_block(str_slice(fresh, end, fresh.len)) ||
                        (in.depth > 0 && open->closers.count < in.closers);
    }
    if (in.depth > 0 && !open->is_odd) { // they will be taken again
        open->closers.count = in.closers;
    }
    token_scan_end(&scan);
    open->taken += end;
}

bool repl_open_goes_on(ReplOpen *open, Str text)
{
    if (text.len < LONG_BYTES || open->is_odd) {
        return false;
    }
    size_t line = text.len;
    while (line > 0 && text.data[line - 1] != '\n') {
        line--;
    }
    if (!open->in_block || may_end_block(str_slice(text, line, text.len))) {
        take_tokens(open, text);
    }
    return !open->is_odd &&
           (open->closers.count > 0 || open->goes_on || open->in_block);
}
