#include "cli/lsp_repair.h"

#include "cli/lsp_text.h"
#include "cli/token_scan.h"

static bool is_token_at(Str text, size_t at)
{
    TokenScan scan;
    token_scan_begin(&scan, text);
    Token token;
    do {
        lexer_next(scan.lexer, &token);
    } while (token.kind != TOKEN_END && token.span.start < at);
    bool found = token.kind == TOKEN_NAME && token.span.start == at;
    token_scan_end(&scan);
    return found;
}

bool lsp_mark_place(Str text, size_t offset, StrBuf *out, size_t *out_at)
{
    size_t start = offset;
    while (start > 0 && lsp_is_name_byte(text.data[start - 1])) {
        start--;
    }
    size_t end = offset;
    while (end < text.len && lsp_is_name_byte(text.data[end])) {
        end++;
    }
    strbuf_append(out, str_slice(text, 0, start));
    strbuf_append(out, STR(LSP_HERE));
    strbuf_append(out, str_slice(text, end, text.len));
    *out_at = start;
    return is_token_at(strbuf_str(out), start);
}

// ---- what is open

typedef enum OpenKind {
    OPEN_PAREN,
    OPEN_BRACKET,
    OPEN_CLAUSES, // a bracket in which a 'for' has been: 'if' is a filter
    OPEN_BRACE,
    OPEN_ARMS,       // of a match, before a '=>'
    OPEN_ARM,        // behind it
    OPEN_STRING,     // an interpolation
    OPEN_LET,        // 'in' is to come
    OPEN_LET_NAME,   // '=' before it
    OPEN_FOR,        // 'in' is to come
    OPEN_IF,         // 'then' is to come
    OPEN_THEN,       // 'else' is to come
    OPEN_MATCH,      // '{' is to come
    OPEN_LAMBDA,     // '->' is to come
    OPEN_DECLARATION // '=' is to come
} OpenKind;

typedef VEC(OpenKind) Opens;

static bool is_bracket(OpenKind kind)
{
    return kind <= OPEN_STRING;
}

static void close_bracket(Opens *opens)
{
    while (opens->count > 0 && !is_bracket(vec_last(opens))) {
        opens->count--;
    }
    opens->count -= opens->count > 0;
}

// What stands on top becomes another thing, or nothing, where it is one of two.
static void replace_top(Opens *opens, OpenKind one, OpenKind other,
                        const OpenKind *with)
{
    while (opens->count > 0 && !is_bracket(vec_last(opens))) {
        OpenKind top = vec_pop(opens);
        if (top == one || top == other) {
            if (with != NULL) {
                vec_push(opens, *with);
            }
            return;
        }
    }
}

static bool top_is(const Opens *opens, OpenKind kind)
{
    return opens->count > 0 && vec_last(opens) == kind;
}

static void open_clauses(Opens *opens)
{
    for (uint32_t i = opens->count; i-- > 0;) {
        if (is_bracket(opens->items[i])) {
            opens->items[i] = opens->items[i] == OPEN_BRACKET ? OPEN_CLAUSES
                                                              : opens->items[i];
            break;
        }
    }
    vec_push(opens, OPEN_FOR);
}

// Behind the end of an arm, a field or an item.
static void end_item(Opens *opens)
{
    while (opens->count > 0 && !is_bracket(vec_last(opens))) {
        opens->count--;
    }
    if (top_is(opens, OPEN_ARM)) {
        vec_last(opens) = OPEN_ARMS;
    }
}

static void take_equals(Opens *opens)
{
    if (top_is(opens, OPEN_DECLARATION)) {
        opens->count--;
    } else if (top_is(opens, OPEN_LET_NAME)) {
        vec_last(opens) = OPEN_LET;
    }
}

static void take_fat_arrow(Opens *opens)
{
    while (opens->count > 0 && !is_bracket(vec_last(opens))) {
        opens->count--;
    }
    if (top_is(opens, OPEN_ARMS)) {
        vec_last(opens) = OPEN_ARM;
    }
}

static void take_word(Opens *opens, TokenKind kind)
{
    static const OpenKind then = OPEN_THEN;
    if (kind == TOKEN_LET) {
        vec_push(opens, OPEN_LET_NAME);
    } else if (kind == TOKEN_FOR) {
        open_clauses(opens);
    } else if (kind == TOKEN_IN) {
        replace_top(opens, OPEN_LET, OPEN_FOR, NULL);
    } else if (kind == TOKEN_IF && !top_is(opens, OPEN_CLAUSES)) {
        vec_push(opens, OPEN_IF);
    } else if (kind == TOKEN_THEN) {
        replace_top(opens, OPEN_IF, OPEN_IF, &then);
    } else if (kind == TOKEN_ELSE) {
        replace_top(opens, OPEN_THEN, OPEN_THEN, NULL);
    } else if (kind == TOKEN_MATCH) {
        vec_push(opens, OPEN_MATCH);
    }
}

static void take(Opens *opens, TokenKind kind)
{
    if (kind == TOKEN_LEFT_PAREN) {
        vec_push(opens, OPEN_PAREN);
    } else if (kind == TOKEN_LEFT_BRACKET) {
        vec_push(opens, OPEN_BRACKET);
    } else if (kind == TOKEN_LEFT_BRACE && top_is(opens, OPEN_MATCH)) {
        vec_last(opens) = OPEN_ARMS;
    } else if (kind == TOKEN_LEFT_BRACE) {
        vec_push(opens, OPEN_BRACE);
    } else if (kind == TOKEN_STRING_START) {
        vec_push(opens, OPEN_STRING);
    } else if (token_closes(kind) || kind == TOKEN_STRING_END) {
        close_bracket(opens);
    } else if (kind == TOKEN_COMMA) {
        end_item(opens);
    } else if (kind == TOKEN_EQUALS) {
        take_equals(opens);
    } else if (kind == TOKEN_FAT_ARROW) {
        take_fat_arrow(opens);
    } else if (kind == TOKEN_BACKSLASH) {
        vec_push(opens, OPEN_LAMBDA);
    } else if (kind == TOKEN_ARROW && top_is(opens, OPEN_LAMBDA)) {
        opens->count--;
    } else if (kind == TOKEN_SEMICOLON && top_is(opens, OPEN_LET)) {
        vec_last(opens) = OPEN_LET_NAME;
    } else {
        take_word(opens, kind);
    }
}

static bool is_declaration(TokenKind kind)
{
    return kind == TOKEN_LET || kind == TOKEN_TYPE || kind == TOKEN_IMPORT ||
           kind == TOKEN_EXPORT || kind == TOKEN_INPUT ||
           kind == TOKEN_TYPECLASS || kind == TOKEN_INSTANCE;
}

static bool begins_line(Str text, size_t at)
{
    return at == 0 || text.data[at - 1] == '\n' || text.data[at - 1] == '\r';
}

// The end of the declaration that the place is in: where a later one begins.
static size_t find_opens(Str text, size_t at, Opens *opens,
                         TokenKind *out_first)
{
    TokenScan scan;
    token_scan_begin(&scan, text);
    Token token;
    *out_first = TOKEN_END;
    for (;;) {
        lexer_next(scan.lexer, &token);
        bool begins =
            is_declaration(token.kind) && begins_line(text, token.span.start);
        if (token.kind == TOKEN_END || (begins && token.span.start > at)) {
            break;
        }
        if (begins || (begins_line(text, token.span.start) &&
                       opens->count == 0 && *out_first == TOKEN_END)) {
            vec_clear(opens);
            *out_first = token.kind;
        }
        if (begins) {
            if (token.kind == TOKEN_LET || token.kind == TOKEN_TYPE) {
                vec_push(opens, OPEN_DECLARATION);
            }
        } else if (token.span.start <= at) {
            if (token.kind == TOKEN_LET && opens->count == 0 &&
                *out_first == TOKEN_EXPORT) {
                vec_push(opens, OPEN_DECLARATION);
            } else if (token.kind == TOKEN_SEMICOLON && opens->count == 0) {
                *out_first = TOKEN_END;
            } else {
                take(opens, token.kind);
            }
        }
    }
    size_t end = token.kind == TOKEN_END ? text.len : token.span.start;
    token_scan_end(&scan);
    return end;
}

// Any value at all.
#define FILLER "(error \"\")"

static Str closing(OpenKind kind)
{
    switch (kind) {
    case OPEN_PAREN:
        return STR(")");
    case OPEN_BRACKET:
    case OPEN_CLAUSES:
        return STR("]");
    case OPEN_BRACE:
    case OPEN_ARM:
        return STR("}");
    case OPEN_ARMS:
        return STR(" => " FILLER " }");
    case OPEN_STRING:
        return STR(")\"");
    case OPEN_LET:
        return STR(" in " FILLER);
    case OPEN_LET_NAME:
        return STR(" = " FILLER " in " FILLER);
    case OPEN_FOR:
        return STR(" in []");
    case OPEN_IF:
        return STR(" then " FILLER " else " FILLER);
    case OPEN_THEN:
        return STR(" else " FILLER);
    case OPEN_MATCH:
        return STR(" { _ => " FILLER " }");
    case OPEN_LAMBDA:
        return STR(" -> " FILLER);
    case OPEN_DECLARATION:
        return STR(" = " FILLER);
    }
    return STR("");
}

void lsp_close_place(Str marked, size_t at, StrBuf *out)
{
    Opens opens = {0};
    TokenKind first;
    size_t end = find_opens(marked, at, &opens, &first);
    strbuf_append(out, str_slice(marked, 0, at + strlen(LSP_HERE)));
    while (opens.count > 0) {
        strbuf_append(out, closing(vec_pop(&opens)));
    }
    strbuf_append(out, is_declaration(first) ? STR(";\n") : STR("\n"));
    // A declaration behind a final expression is an error.
    if (is_declaration(first)) {
        strbuf_append(out, str_slice(marked, end, marked.len));
    }
    vec_release(&opens);
}
