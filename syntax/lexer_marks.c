// Marks of one or two bytes, and what is no token at all.
#include "syntax/lexer_internal.h"

// A mark of one byte, or of two when `second` follows.
static TokenKind one_or_two(Lexer *lexer, TokenKind one, char second,
                            TokenKind two)
{
    if (lexer->cursor < lexer->end && *lexer->cursor == second) {
        lexer->cursor++;
        return two;
    }
    return one;
}

static TokenKind lex_dot(Lexer *lexer, const char *at)
{
    if (lexer->cursor == lexer->end || !byte_is(*lexer->cursor, BYTE_DIGIT)) {
        return one_or_two(lexer, TOKEN_DOT, '.', TOKEN_DOT_DOT);
    }
    const char *end = lexer->cursor;
    while (end < lexer->end && byte_is(*end, BYTE_IDENT)) {
        end++;
    }
    Diag *diag = lexer_report(lexer, DIAG_E0104, at, end,
                              "a number does not start with '.'");
    lexer_help(lexer, diag,
               "write a zero before it; parts of a tuple are taken with "
               "'match'");
    lexer->cursor = end;
    return TOKEN_ERROR;
}

static TokenKind lex_mark(Lexer *lexer, const char *at)
{
    lexer->cursor = at + 1;
    switch (*at) {
    case '/':
        return TOKEN_SLASH;
    case '.':
        return lex_dot(lexer, at);
    case '=': {
        TokenKind kind =
            one_or_two(lexer, TOKEN_EQUALS, '=', TOKEN_EQUAL_EQUAL);
        return kind == TOKEN_EQUALS
                   ? one_or_two(lexer, kind, '>', TOKEN_FAT_ARROW)
                   : kind;
    }
    case '-':
        return one_or_two(lexer, TOKEN_MINUS, '>', TOKEN_ARROW);
    case '|': {
        TokenKind kind = one_or_two(lexer, TOKEN_BAR, '|', TOKEN_BAR_BAR);
        return kind == TOKEN_BAR ? one_or_two(lexer, kind, '>', TOKEN_PIPE)
                                 : kind;
    }
    case '?':
        return one_or_two(lexer, TOKEN_QUESTION, '?', TOKEN_QUESTION_QUESTION);
    case '!':
        return one_or_two(lexer, TOKEN_BANG, '=', TOKEN_BANG_EQUAL);
    case '+':
        return one_or_two(lexer, TOKEN_PLUS, '+', TOKEN_PLUS_PLUS);
    case '<':
        return one_or_two(lexer, TOKEN_LESS, '=', TOKEN_LESS_EQUAL);
    case '>':
        return one_or_two(lexer, TOKEN_GREATER, '=', TOKEN_GREATER_EQUAL);
    case '&':
        return one_or_two(lexer, TOKEN_ERROR, '&', TOKEN_AND_AND);
    default:
        return TOKEN_ERROR;
    }
}

// How it is written here; `text` begins with the character.
static const char *character_help(uint32_t code, Str text)
{
    switch (code) {
    case '&':
        return "'&&' is the conjunction; merge records with '{ ..a, ..b }' or "
               "'merge' of std.record; a type takes a condition with 'where'";
    case '`':
        return "strings stand in double quotes";
    case '#':
        return "comments start with '//'";
    case '$':
        if (str_starts_with(text, STR("$."))) {
            return "fields do not see each other: give values a name with "
                   "'let'";
        }
        return "'\\(...)' interpolates in a string; a call as an argument "
               "stands in parentheses";
    case '^':
        return "powers are taken with 'pow' of std.math";
    case '~':
        return "'regexp' and 'pattern' match a text: regexp \"[a-z]\" text";
    case '@':
        return "'++' joins lists and texts";
    case 0x03BB:
        return "a function is written \\x -> value";
    case 0x2018:
    case 0x2019:
    case 0x201C:
    case 0x201D:
        return "use the plain quotation mark \"";
    case 0x00D7:
        return "a product is written with '*'";
    case 0x00F7:
        return "a quotient is written with '/'";
    case 0x00AC:
        return "the negation is written '!'";
    case 0x2013:
    case 0x2014:
    case 0x2212:
        return "use the plain '-'";
    case 0x2026:
        return "write dots one by one: a spread is '..'";
    case 0x2192:
    case 0x21D2:
        return "arrows are written '->' and '=>'";
    case 0x2227:
        return "the conjunction is written '&&'";
    case 0x2228:
        return "the disjunction is written '||'";
    case 0x2260:
        return "inequality is written '!='";
    case 0x2264:
    case 0x2265:
        return "comparisons are written '<=' and '>='";
    case 0x200B:
    case 0x200C:
    case 0x200D:
    case 0x2060:
    case 0x00A0:
    case 0x3000:
        return "it looks like white space or like nothing; delete it";
    default:
        return code < 0x80 ? NULL
               : code >= 0xFF01 && code <= 0xFF5E
                   ? "use the plain character, which is narrower"
                   : "names are made of the letters a-z and A-Z, "
                     "digits and '_'; other text stands in strings";
    }
}

// One report for a run of characters that no token starts with.
static void unexpected_character(Lexer *lexer, Token *token, const char *at)
{
    Str text = str_make(at, (size_t)(lexer->end - at));
    size_t len = 0;
    uint32_t code = (uint32_t)utf8_decode(text, &len);
    size_t next = len;
    while (next < text.len) {
        size_t here = next;
        if ((uint32_t)utf8_decode(text, &next) != code) {
            len = here;
            break;
        }
        len = next;
    }
    // A word of another script is one mistake.
    while (len < text.len && (unsigned char)text.data[len] >= 0x80) {
        len++;
    }
    StrBuf shown = {0};
    if (code > 0x20 && code != 0x7F) {
        strbuf_append_codepoint(&shown, code);
    }
    StrBuf safe = {0};
    strbuf_append_printable(&safe, strbuf_str(&shown), 64);
    Diag *diag =
        shown.len == 0
            ? lexer_report(lexer, DIAG_E0105, at, at + len,
                           "the control character U+%04X", (unsigned)code)
            : lexer_report(lexer, DIAG_E0105, at, at + len,
                           "unexpected character '%.*s' (U+%04X)",
                           STR_ARG(strbuf_str(&safe)), (unsigned)code);
    const char *help = character_help(code, text);
    if (help != NULL) {
        lexer_help(lexer, diag, help);
    }
    strbuf_release(&safe);
    strbuf_release(&shown);
    lexer->cursor = at + len;
    token->kind = TOKEN_ERROR;
}

void lexer_mark(Lexer *lexer, Token *token, const char *at)
{
    token->kind = lex_mark(lexer, at);
    // lex_dot() has reported its own.
    if (token->kind == TOKEN_ERROR && *at != '.') {
        unexpected_character(lexer, token, at);
    }
}
