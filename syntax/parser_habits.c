// What is written as in other languages: said in the terms of this one, once,
// and read as it was meant, so that nothing else follows from it.
#include "syntax/parser_internal.h"

#include "syntax/byte_class.h"

// Bytes of a name that a message shows.
#define MAX_SHOWN 60

static Str source_text(const Parser *parser)
{
    return parser->module->source.text;
}

static Str text_from(Str text, uint32_t at)
{
    return str_slice(text, at, text.len);
}

static bool is_text_at(Str text, uint32_t at, const char *what)
{
    return str_starts_with(text_from(text, at), str_from_c(what));
}

bool parser_note_habit(Parser *parser, unsigned habit)
{
    bool is_new = (parser->habits & habit) == 0;
    parser->habits |= habit;
    return is_new;
}

const char *const parser_and_help = "the conjunction is written '&&'";
const char *const parser_update_help =
    "a changed record is written { ..base, field = value }";

const char *const parser_left_out_help =
    "a field that may be left out is an Option: name = if condition then Some "
    "value else None";
const char *const parser_assert_help =
    "a check gives a value: assert (condition) \"message\" value";
const char *const parser_if_help =
    "an 'if' is written if condition then value else value";

void parser_help_keyword(Parser *parser, Diag *diag)
{
    TokenKind kind = parser->token->kind;
    Span span = parser->token->span;
    Str word = str_slice(source_text(parser), span.start, span.end);
    if (kind == TOKEN_TYPE || kind == TOKEN_FROM || kind == TOKEN_MATCH ||
        kind == TOKEN_WHEN || (kind >= TOKEN_WITH && kind <= TOKEN_EXPORT) ||
        kind == TOKEN_INPUT) {
        parser_help(parser, diag, "a keyword cannot be a name, but %.*s' can",
                    STR_ARG(word));
    } else if (kind >= TOKEN_LET) {
        parser_help(parser, diag, "a keyword cannot be a name here");
    }
}

void parser_help_update(Parser *parser, Diag *diag)
{
    if (parser_at(parser, TOKEN_WITH) || parser_at(parser, TOKEN_BAR)) {
        parser_help(parser, diag, "%s", parser_update_help);
    }
}

void parser_help_item(Parser *parser, Diag *diag, uint32_t start)
{
    Str text = source_text(parser);
    Span next = parser->token->span;
    if (parser_at(parser, TOKEN_PLUS) && is_text_at(text, next.end, ":")) {
        parser_help(parser, diag,
                    "a part of a field is changed by its path: { ..base, "
                    "field.part = value }");
    } else if (parser_at(parser, TOKEN_NAME) &&
               is_text_at(text, start, "inherit")) {
        parser_help(parser, diag,
                    "a name that is a field stands alone: { name, port }");
    } else if (parser_at(parser, TOKEN_DOT_DOT)) {
        parser_help(parser, diag,
                    "a spread begins with its dots: { ..base, field = value }");
    } else if (parser_at(parser, TOKEN_FAT_ARROW) ||
               parser_at(parser, TOKEN_ARROW)) {
        parser_help(parser, diag, "a field is written name = value");
    } else if (is_text_at(text, start, "return ")) {
        parser_help(parser, diag,
                    "the value of a function is all of its body: let f x = "
                    "value;");
    } else if (is_text_at(text, start, "assert ")) {
        parser_help(parser, diag, "%s", parser_assert_help);
    } else if (parser_at(parser, TOKEN_PLUS) &&
               is_text_at(text, next.end, "=")) {
        parser_help(parser, diag,
                    "a field is given anew: { ..base, items = base.items ++ "
                    "more }");
    } else if (parser_at(parser, TOKEN_LEFT_PAREN) ||
               parser_at(parser, TOKEN_UNDERSCORE) ||
               (parser_at(parser, TOKEN_NAME) && parser_at_bind(parser))) {
        parser_help(parser, diag,
                    "a field that is a function is written name = \\x -> "
                    "value");
    } else if (parser_at(parser, TOKEN_BAR) &&
               parser_peek(parser) == TOKEN_UPPER_NAME) {
        parser_help(parser, diag,
                    "the type of a field stands behind ':': name: Type = "
                    "value");
    } else {
        parser_help_update(parser, diag);
    }
}

// ---- '=', ':' and ';'

bool parser_take_foreign_equals(Parser *parser)
{
    Span span = parser->token->span;
    bool is_colon = parser_at(parser, TOKEN_COLON);
    span.end = span.start + 2;
    Diag *diag =
        parser_report(parser, DIAG_E0106, span, "expected '=', found '%s'",
                      is_colon ? ":=" : "==");
    parser_help(parser, diag,
                is_colon ? "a value is given with '='"
                         : "a value is given with '='; '==' compares two");
    parser_advance(parser);
    return !is_colon || parser_accept(parser, TOKEN_EQUALS) ||
           parser_accept(parser, TOKEN_EQUAL_EQUAL);
}

bool parser_foreign_and(Parser *parser)
{
    Span span = parser->token->span;
    bool may_be = !parser_at_line(parser) && !parser->failed;
    parser_advance(parser);
    if (!may_be || parser_at_bind(parser)) {
        return false;
    }
    Diag *diag =
        parser_error(parser, DIAG_E0106, span, "expected ';', found 'and'");
    parser_help(parser, diag, "%s", parser_and_help);
    return true;
}

bool parser_foreign_or(const Parser *parser, Span *out_word)
{
    Str text = source_text(parser);
    uint32_t end = parser->token->span.start;
    for (uint32_t at = end; at > 0 && end - at < LOOK_MAX &&
                            !byte_is(text.data[at - 1], BYTE_LINE) &&
                            !is_text_at(text, at - 1, "=");
         at--) {
        if (is_text_at(text, at - 1, " or ")) {
            *out_word = (Span){at, at + 2};
            return true;
        }
    }
    return false;
}

bool parser_foreign_arrow(Parser *parser)
{
    bool is_colon =
        parser_at(parser, TOKEN_COLON) &&
        !is_text_at(source_text(parser), parser->token->span.start, "::");
    if (parser->failed || !(is_colon || parser_at(parser, TOKEN_ARROW))) {
        return false;
    }
    if (parser_note_habit(parser, HABIT_ARROW)) {
        Diag *diag =
            parser_report(parser, DIAG_E0106, parser->token->span,
                          "expected '=>', found '%s'", is_colon ? ":" : "->");
        parser_help(parser, diag, "an arm is written pattern => value");
    }
    parser_advance(parser);
    return true;
}

bool parser_foreign_name(Parser *parser, Span name, Symbol *out_name)
{
    Str text = source_text(parser);
    Span minus = parser->token->span;
    if (parser->failed || !parser_at(parser, TOKEN_MINUS) ||
        minus.start != name.end ||
        !byte_is(text.data[name.start], BYTE_IDENT)) {
        return false;
    }
    Span span = {name.start, minus.end};
    while (span.end < text.len && (byte_is(text.data[span.end], BYTE_IDENT) ||
                                   text.data[span.end] == '-')) {
        span.end++;
    }
    if (span.end == minus.end) {
        return false;
    }
    Str whole = str_slice(text, span.start, span.end);
    if (whole.len > MAX_SHOWN) {
        parser_report(parser, DIAG_E0106, span,
                      "a name with '-' stands in quotes");
    } else {
        Diag *diag =
            parser_report(parser, DIAG_E0106, span,
                          "'%.*s' is a name in quotes only", STR_ARG(whole));
        parser_help(parser, diag, "write \"%.*s\"", STR_ARG(whole));
    }
    parser_seek(parser, span.end);
    *out_name = intern(parser->interner, whole);
    return true;
}

void parser_foreign_colon(Parser *parser, Span colon)
{
    if (parser_note_habit(parser, HABIT_COLON)) {
        Diag *diag = parser_report(parser, DIAG_E0106, colon,
                                   "expected '=' and a value, found ':'");
        parser_help(parser, diag,
                    "a ':' is followed by a type; values are given with '='");
    }
    while (parser_at(parser, TOKEN_COLON) &&
           parser->token->span.start == parser->prev_end) {
        parser_advance(parser); // a field that Jsonnet hides
    }
}

bool parser_foreign_separator(Parser *parser, const Bracket *bracket)
{
    if (!parser_at(parser, TOKEN_SEMICOLON) || bracket->items == OF_OTHERS ||
        bracket->items == OF_PATTERNS || bracket->items == OF_ARMS ||
        lexer_is_interpolating(parser->lexer)) {
        return false;
    }
    Span span = parser->token->span;
    TokenKind next = parser_peek(parser);
    Str rest = text_from(source_text(parser), span.end);
    bool is_last_of_line = rest.len > 0 && byte_is(rest.data[0], BYTE_LINE);
    bool goes_on =
        next == bracket->closer ||
        (bracket->items == OF_FIELDS ? next == TOKEN_NAME : !is_last_of_line);
    if (!goes_on || next == TOKEN_LET || next == TOKEN_END) {
        return false;
    }
    if (parser_note_habit(parser, HABIT_SEMICOLON)) {
        Diag *diag = parser_report(parser, DIAG_E0106, span,
                                   "expected ',' or %s, found ';'",
                                   token_kind_text(bracket->closer));
        parser_help(parser, diag, "%s are separated by ','",
                    bracket->items == OF_EXPRS ? "items" : "fields");
    }
    parser_advance(parser);
    return true;
}

// ---- strings

// The quotes that some editors and languages put around strings.
static const struct {
    const char *open;
    const char *close;
} foreign_quotes[] = {
    {"'", "'"},
    {"`", "`"},
    {"\xE2\x80\x9C", "\xE2\x80\x9D"}, // double, as a book has them
    {"\xE2\x80\x98", "\xE2\x80\x99"}, // single
};

// Bytes of a string in such quotes.
enum { MAX_STRING = 4096 };

// Where the string that starts at `start` in such quotes ends; 0 for none.
static uint32_t foreign_string_end(Str text, uint32_t start)
{
    size_t count = sizeof foreign_quotes / sizeof foreign_quotes[0];
    size_t kind = 0;
    while (kind < count &&
           !is_text_at(text, start, foreign_quotes[kind].open)) {
        kind++;
    }
    if (kind == count) {
        return 0;
    }
    Str close = str_from_c(foreign_quotes[kind].close);
    uint32_t at = start + (uint32_t)close.len;
    while (at < text.len && at - start < MAX_STRING &&
           !byte_is(text.data[at], BYTE_LINE)) {
        if (str_starts_with(text_from(text, at), close)) {
            return at + (uint32_t)close.len;
        }
        at++;
    }
    return 0;
}

bool parser_foreign_string(Parser *parser)
{
    Span span = parser->token->span;
    bool is_said = parser_at(parser, TOKEN_ERROR);
    if (parser->failed || lexer_is_interpolating(parser->lexer) ||
        !(is_said || parser_at(parser, TOKEN_TYPE_VAR))) {
        return false;
    }
    span.end = foreign_string_end(source_text(parser), span.start);
    if (span.end == 0) {
        return false;
    }
    if (!is_said && parser_note_habit(parser, HABIT_QUOTES)) {
        Diag *diag = parser_report(
            parser, DIAG_E0106, span,
            "expected an expression, found text in single quotes");
        parser_help(parser, diag, "strings stand in double quotes");
    }
    parser_seek(parser, span.end);
    return true;
}

// ---- words

// Whether the tokens from the `if` at `start` on are if c { ... } else, or end
// behind the '}'.
static bool find_braces(Parser *parser, uint32_t start, Span *out_brace)
{
    LexerMark mark = lexer_look_ahead(parser->lexer);
    lexer_seek(parser->lexer, start);
    Token token;
    parser_guess_next(parser, &token); // `if`
    uint32_t depth = 0;
    bool found = false;
    bool more = true;
    while (more) {
        parser_guess_next(parser, &token);
        TokenKind kind = token.kind;
        if (depth == 0 && kind == TOKEN_LEFT_BRACE && !found) {
            *out_brace = token.span;
            found = true;
        }
        bool closes = token_closes(kind);
        more = kind != TOKEN_END && kind != TOKEN_SEMICOLON &&
               kind != TOKEN_THEN && !(closes && depth == 0) &&
               !(kind == TOKEN_COMMA && depth == 0);
        depth += token_opens(kind);
        depth -= closes && depth > 0;
        if (depth == 0 && found && kind == TOKEN_RIGHT_BRACE) {
            parser_guess_next(parser, &token);
            more = false;
            found = token.kind == TOKEN_ELSE || token.kind == TOKEN_SEMICOLON ||
                    token.kind == TOKEN_COMMA;
        } else if (!more) {
            found = false;
        }
    }
    lexer_look_back(parser->lexer, mark);
    return found;
}

bool parser_foreign_if(Parser *parser, uint32_t start, uint32_t diag_count)
{
    Span brace;
    if (lexer_is_interpolating(parser->lexer) || parser->sink->gave_up) {
        return false;
    }
    uint32_t next = parser->token->span.start;
    uint32_t end = parser->prev_end;
    bool found = find_braces(parser, start, &brace);
    parser_seek(parser, next);
    parser->prev_end = end;
    if (!found) {
        return false;
    }
    diag_sink_cut(parser->sink, diag_count);
    parser->failed = false;
    Diag *diag =
        parser_error(parser, DIAG_E0106, brace, "expected 'then', found '{'");
    parser_help(parser, diag, "%s", parser_if_help);
    return true;
}

bool parser_foreign_let(Parser *parser)
{
    static const char *const words[] = {"const", "local", "set", "val", "var"};
    Span span = parser->token->span;
    Str word = str_slice(source_text(parser), span.start, span.end);
    size_t count = sizeof words / sizeof words[0];
    size_t i = 0;
    while (i < count && !str_equal(word, str_from_c(words[i]))) {
        i++;
    }
    if (i == count || parser_peek(parser) != TOKEN_NAME) {
        return false;
    }
    parser_advance(parser);
    return true;
}

// A word that other languages begin functions, matches or declarations with.
typedef struct ForeignWord {
    const char *word;
    const char *help;
    bool declares; // what stands behind it is an upper-case name
} ForeignWord;

#define FUNCTION_HELP                                                          \
    "a function is written \\x -> value, or with a name let f x = value;"
#define TYPE_HELP                                                              \
    "a type is written type Name = { field: Type }; or type Name = A | B;"
#define MATCH_HELP "a match is written match value { pattern => value, ... }"

static const ForeignWord foreign_words[] = {
    {"case", MATCH_HELP, false},        {"class", TYPE_HELP, true},
    {"data", TYPE_HELP, true},          {"def", FUNCTION_HELP, false},
    {"enum", TYPE_HELP, true},          {"fn", FUNCTION_HELP, false},
    {"fun", FUNCTION_HELP, false},      {"func", FUNCTION_HELP, false},
    {"function", FUNCTION_HELP, false}, {"impl", INSTANCE_HELP, true},
    {"interface", TYPE_HELP, true},     {"lambda", FUNCTION_HELP, false},
    {"newtype", TYPE_HELP, true},       {"record", TYPE_HELP, true},
    {"schema", TYPE_HELP, true},        {"struct", TYPE_HELP, true},
    {"switch", MATCH_HELP, false},      {"trait", CLASS_HELP, true},
};

// A class as Haskell has it, where others mean a type of records.
static const ForeignWord class_of_types = {"class", CLASS_HELP, true};

static bool is_before_where(Str text, uint32_t start)
{
    uint32_t at = start;
    while (at < text.len && at - start < LOOK_MAX &&
           !byte_is(text.data[at], BYTE_LINE)) {
        if (is_text_at(text, at, " where")) {
            return true;
        }
        at++;
    }
    return false;
}

// What the word at `start` is to mean, where something is applied to it; NULL
// for nothing.
static const ForeignWord *foreign_meaning(const Parser *parser, uint32_t start)
{
    Str text = source_text(parser);
    uint32_t end = start;
    while (end < text.len && byte_is(text.data[end], BYTE_IDENT)) {
        end++;
    }
    uint32_t next = end;
    while (next < text.len && byte_is(text.data[next], BYTE_BLANK)) {
        next++;
    }
    size_t count = sizeof foreign_words / sizeof foreign_words[0];
    size_t i = 0;
    Str word = str_slice(text, start, end);
    while (i < count && !str_equal(word, str_from_c(foreign_words[i].word))) {
        i++;
    }
    if (i == count || next == text.len) {
        return NULL;
    }
    // Names such as `data` are ordinary ones before anything but a type.
    const ForeignWord *found = &foreign_words[i];
    char first = text.data[next];
    bool is_applied = found->declares ? first >= 'A' && first <= 'Z'
                                      : next > end || first == '(';
    if (!is_applied) {
        return NULL;
    }
    return str_equal(word, STR("class")) && is_before_where(text, next)
               ? &class_of_types
               : found;
}

bool parser_at_foreign_word(const Parser *parser, uint32_t start)
{
    return foreign_meaning(parser, start) != NULL;
}

bool parser_foreign_word(Parser *parser, uint32_t start, uint32_t diag_count)
{
    const ForeignWord *meant = foreign_meaning(parser, start);
    if (meant == NULL || parser->sink->gave_up) {
        return false;
    }
    bool failed = parser->failed;
    parser_take_back(parser, diag_count);
    Str word = str_from_c(meant->word);
    Diag *diag = parser_report(
        parser, DIAG_E0106, (Span){start, start + (uint32_t)word.len},
        meant->declares ? "expected a declaration, found '%.*s'"
                        : "expected an expression, found '%.*s'",
        STR_ARG(word));
    parser_help(parser, diag, "%s", meant->help);
    parser->failed = failed;
    return true;
}
