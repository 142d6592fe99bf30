// What the parser says, and how it goes on behind what is wrong: at the next
// item of a bracket, or at the next declaration.
#include "syntax/parser.h"

#include <stdarg.h>

#include "syntax/byte_class.h"
#include "syntax/parser_internal.h"

// Errors in one file after which it is given up.
#define MAX_ERRORS 1000
// Bytes of a name shown in a message.
#define MAX_SHOWN 60

static uint32_t error_count(const Parser *parser)
{
    return parser->sink->error_count - parser->errors_before;
}

static Diag *add_diag(Parser *parser, DiagCode code, Span span,
                      const char *format, va_list args)
{
    if (parser->failed || (parser->unbalanced && code != DIAG_E0601) ||
        error_count(parser) >= MAX_ERRORS) {
        return NULL;
    }
    if (error_count(parser) == 0) {
        parser->module->is_cut =
            parser_at(parser, TOKEN_END) &&
            parser->token->span.start >= parser->module->source.text.len;
    }
    Diag *diag = diag_addv(parser->sink, code, &parser->module->source, span,
                           format, args);
    if (error_count(parser) >= MAX_ERRORS) {
        parser->sink->gave_up = true;
        parser_stop(parser);
    }
    return diag;
}

Diag *parser_report(Parser *parser, DiagCode code, Span span,
                    const char *format, ...)
{
    va_list args;
    va_start(args, format);
    Diag *diag = add_diag(parser, code, span, format, args);
    va_end(args);
    return diag;
}

Diag *parser_error(Parser *parser, DiagCode code, Span span, const char *format,
                   ...)
{
    va_list args;
    va_start(args, format);
    Diag *diag = add_diag(parser, code, span, format, args);
    va_end(args);
    parser->failed = true;
    return diag;
}

void parser_take_back(Parser *parser, uint32_t diag_count)
{
    diag_sink_cut(parser->sink, diag_count);
    parser->failed = false;
    parser->unbalanced = false;
}

void parser_help(Parser *parser, Diag *diag, const char *format, ...)
{
    if (diag == NULL) {
        return;
    }
    va_list args;
    va_start(args, format);
    diag_helpv(parser->sink, diag, format, args);
    va_end(args);
}

void parser_label(Parser *parser, Diag *diag, Span span, const char *format,
                  ...)
{
    if (diag == NULL) {
        return;
    }
    va_list args;
    va_start(args, format);
    diag_labelv(parser->sink, diag, &parser->module->source, span, format,
                args);
    va_end(args);
}

Str parser_shown(Parser *parser, Symbol symbol)
{
    StrBuf text = {0};
    strbuf_append_printable(&text, symbol_text(parser->interner, symbol),
                            MAX_SHOWN);
    Str shown = arena_str(&parser->sink->arena, strbuf_str(&text));
    strbuf_release(&text);
    return shown;
}

// The next token; where the text was taken to end, what stands there: a name,
// or a byte.
static Span next_span(const Parser *parser)
{
    Str text = parser->module->source.text;
    Span span = parser->token->span;
    if (!parser_at(parser, TOKEN_END) || span.start >= text.len) {
        return span;
    }
    bool is_name = byte_is(text.data[span.start], BYTE_START);
    span.end = span.start + 1;
    while (is_name && span.end < text.len &&
           span.end - span.start < MAX_SHOWN &&
           byte_is(text.data[span.end], BYTE_IDENT)) {
        span.end++;
    }
    return span;
}

// The next token as messages name it.
static Str found_text(Parser *parser)
{
    TokenKind kind = parser->token->kind;
    Str text = parser->module->source.text;
    Span span = next_span(parser);
    if (kind == TOKEN_END && span.start < text.len) {
        return arena_printf(&parser->sink->arena, "'%.*s'",
                            STR_ARG(str_slice(text, span.start, span.end)));
    }
    if (kind != TOKEN_NAME && kind != TOKEN_UPPER_NAME &&
        kind != TOKEN_TYPE_VAR) {
        return str_from_c(token_kind_text(kind));
    }
    Str name = parser_shown(parser, parser->token->as.symbol);
    return arena_printf(&parser->sink->arena,
                        kind == TOKEN_TYPE_VAR ? "''%.*s'" : "'%.*s'",
                        STR_ARG(name));
}

static const char *bracket_text(TokenKind closer)
{
    return closer == TOKEN_RIGHT_PAREN     ? "'('"
           : closer == TOKEN_RIGHT_BRACKET ? "'['"
                                           : "'{'";
}

bool parser_is_declaration_keyword(TokenKind kind)
{
    return kind == TOKEN_LET || kind == TOKEN_TYPE || kind == TOKEN_TYPECLASS ||
           kind == TOKEN_INSTANCE || kind == TOKEN_IMPORT ||
           kind == TOKEN_EXPORT || kind == TOKEN_INPUT;
}

bool parser_is_first_column(const Parser *parser, uint32_t start)
{
    const char *text = parser->module->source.text.data;
    return start == 0 || text[start - 1] == '\n' || text[start - 1] == '\r';
}

bool parser_at_next_declaration(const Parser *parser)
{
    return parser_is_declaration_keyword(parser->token->kind) &&
           parser_is_first_column(parser, parser->token->span.start);
}

// The comment behind a token, on its line; len 0: there is none.
static Str comment_behind(const Parser *parser, uint32_t behind)
{
    Str text = parser->module->source.text;
    size_t start = behind;
    while (start < text.len && byte_is(text.data[start], BYTE_BLANK)) {
        start++;
    }
    if (!str_starts_with(str_slice(text, start, text.len), STR("//"))) {
        return STR(""); // before the rest of a long line is looked at
    }
    size_t end = start;
    while (end < text.len && !byte_is(text.data[end], BYTE_LINE)) {
        end++;
    }
    while (end > start && byte_is(text.data[end - 1], BYTE_BLANK)) {
        end--;
    }
    return str_slice(text, start, end);
}

static void help_lost_mark(Parser *parser, Diag *diag, char mark)
{
    parser_help(parser, diag,
                "its '%c' is in a comment, which begins with '//'; a changed "
                "record is written { ..base, field = value }, integers are "
                "divided with '/'",
                mark);
}

bool parser_help_comment(Parser *parser, Diag *diag, uint32_t behind)
{
    Str comment = comment_behind(parser, behind);
    char last = comment.len > 0 ? comment.data[comment.len - 1] : '\0';
    if (last != ';' && last != ',' && last != '{') {
        return false;
    }
    help_lost_mark(parser, diag, last);
    return true;
}

bool parser_report_comment(Parser *parser, uint32_t start)
{
    Str text = parser->module->source.text;
    size_t at = start;
    while (at < text.len && byte_is(text.data[at], BYTE_BLANK | BYTE_IDENT)) {
        at++;
    }
    while (at > start && byte_is(text.data[at - 1], BYTE_BLANK)) {
        at--;
    }
    Str comment = comment_behind(parser, (uint32_t)at);
    if (comment.len == 0 || comment.data[comment.len - 1] != '{') {
        return false;
    }
    uint32_t mark = (uint32_t)(comment.data - text.data);
    Diag *diag = parser_report(parser, DIAG_E0106, (Span){mark, mark + 2},
                               "'//' begins a comment, and is no operator");
    help_lost_mark(parser, diag, '{');
    return true;
}

// Where the line begins that a place stands on.
static size_t line_start(Str text, size_t at)
{
    while (at > 0 && !byte_is(text.data[at - 1], BYTE_LINE)) {
        at--;
    }
    return at;
}

// "base // {" and on the next line "field =": the bracket is in a comment.
static bool help_lost_opener(Parser *parser, Diag *diag)
{
    Str text = parser->module->source.text;
    size_t start = line_start(text, parser->prev_end);
    for (size_t i = start; i < parser->prev_end; i++) {
        if (!byte_is(text.data[i], BYTE_BLANK | BYTE_IDENT)) {
            return false;
        }
    }
    size_t end = start;
    while (end > 0 && byte_is(text.data[end - 1], BYTE_BLANK | BYTE_LINE)) {
        end--;
    }
    if (end == 0 || text.data[end - 1] != '{') {
        return false;
    }
    Str above = str_slice(text, line_start(text, end), end);
    bool is_comment = memmem(above.data, above.len, "//", 2) != NULL;
    if (is_comment) {
        help_lost_mark(parser, diag, '{');
    }
    return is_comment;
}

// A bracket whose closing one is in the comment behind the last token, where
// nothing opens it.
static void help_lost_closer(Parser *parser, Diag *diag, TokenKind closer)
{
    Str comment = comment_behind(parser, parser->prev_end);
    char close = token_kind_text(closer)[1];
    char open = bracket_text(closer)[1];
    int64_t surplus = 0;
    for (size_t i = 0; i < comment.len; i++) {
        surplus += (comment.data[i] == close) - (comment.data[i] == open);
    }
    if (surplus > 0) {
        help_lost_mark(parser, diag, close);
    }
}

// Reports that `bracket` is not closed where the next token stands.
static void unclosed_bracket(Parser *parser, const Bracket *bracket)
{
    Diag *diag = parser_error(
        parser, DIAG_E0107, (Span){bracket->start, bracket->start + 1},
        "%s is not closed", bracket_text(bracket->closer));
    parser_label(parser, diag, next_span(parser), "expected %s before this",
                 token_kind_text(bracket->closer));
    help_lost_closer(parser, diag, bracket->closer);
}

// Reports that the next token closes nothing, `open` being the innermost.
static void closes_nothing(Parser *parser, const Bracket *open)
{
    const char *kind = token_kind_text(parser->token->kind);
    if (open == NULL) {
        parser_error(parser, DIAG_E0107, parser->token->span,
                     "%s closes nothing", kind);
        return;
    }
    Diag *diag =
        parser_error(parser, DIAG_E0107, parser->token->span,
                     "%s does not close %s", kind, bracket_text(open->closer));
    parser_label(parser, diag, (Span){open->start, open->start + 1},
                 "this %s is open", bracket_text(open->closer));
}

Diag *parser_unexpected(Parser *parser, const char *expected)
{
    if (parser->failed || parser_at(parser, TOKEN_ERROR)) {
        parser->failed = true; // the lexer has reported it
        return NULL;
    }
    if (parser_at(parser, TOKEN_END) && parser->bracket != NULL) {
        unclosed_bracket(parser, parser->bracket);
        return NULL;
    }
    int index = parser_closer_index(parser->token->kind);
    if (index >= 0 && parser->open[index] == 0) {
        closes_nothing(parser, parser->bracket);
        return NULL;
    }
    Str found = found_text(parser);
    Diag *diag =
        parser_error(parser, DIAG_E0106, next_span(parser),
                     "expected %s, found %.*s", expected, STR_ARG(found));
    return diag;
}

bool parser_at_line(const Parser *parser)
{
    const char *text = parser->module->source.text.data;
    for (uint32_t i = parser->prev_end; i < parser->token->span.start; i++) {
        if (byte_is(text[i], BYTE_LINE)) {
            return true;
        }
    }
    return false;
}

// Where a mark is missing: behind the last token when a new line begins.
static Span missing_place(const Parser *parser)
{
    if (parser_at(parser, TOKEN_END) || parser_at_line(parser)) {
        return (Span){parser->prev_end, parser->prev_end};
    }
    return parser->token->span;
}

bool parser_at_open_argument(const Parser *parser)
{
    return parser_at_open_expr(parser) && !parser_at_next_declaration(parser);
}

bool parser_expect(Parser *parser, TokenKind kind)
{
    if (parser_accept(parser, kind)) {
        return true;
    }
    Span place = missing_place(parser);
    Diag *diag = parser_unexpected(parser, token_kind_text(kind));
    if (diag == NULL) {
        return false;
    }
    bool is_comment =
        kind == TOKEN_SEMICOLON &&
        (parser_help_comment(parser, diag, parser->prev_end) ||
         (parser_at(parser, TOKEN_EQUALS) && help_lost_opener(parser, diag)));
    if (!is_comment && !parser_at_next_declaration(parser)) {
        parser_help_foreign(parser, diag);
    }
    if (kind == TOKEN_SEMICOLON) {
        diag->span = place;
        if (!is_comment && parser_at_open_argument(parser) &&
            diag->more->helps.count == 0) {
            parser_help(parser, diag,
                        "as an argument it stands in parentheses; a "
                        "declaration ends with ';'");
        } else if (diag->more->helps.count == 0) {
            parser_help(parser, diag, "a declaration ends with ';'");
            diag_fix(parser->sink, diag, (Span){place.start, place.start},
                     STR(";"), "insert ';'");
        }
    }
    return false;
}

void parser_too_deep(Parser *parser)
{
    if (parser->failed) {
        // While an error is unwound: the heights of what is broken count
        // for nothing.
        return;
    }
    Diag *diag = parser_error(parser, DIAG_E0601, parser->token->span,
                              "the nesting is deeper than %u levels",
                              (unsigned)parser->max_nesting);
    parser_help(parser, diag,
                "give parts a name with 'let', or raise --max-nesting");
    parser_stop(parser);
}

// ---- brackets and recovery

void parser_open(Parser *parser, Bracket *bracket, TokenKind closer,
                 BracketItems items)
{
    *bracket = (Bracket){
        .outer = parser->bracket,
        .start = parser->token->span.start,
        .closer = closer,
        .context = parser->context,
        .items = items,
    };
    parser->bracket = bracket;
    parser->open[parser_closer_index(closer)]++;
    parser->context = 0;
    parser_advance(parser);
}

// Skips to the ',' or the closing bracket of `bracket`; false when neither
// comes before something that belongs further out.
static bool skip_item(Parser *parser, const Bracket *bracket)
{
    uint32_t depth = 0;
    for (;; parser_advance(parser)) {
        TokenKind kind = parser->token->kind;
        if (kind == TOKEN_END || parser_at_next_declaration(parser)) {
            return false;
        }
        if (token_opens(kind) || kind == TOKEN_STRING_START) {
            depth++;
        } else if (depth > 0) {
            depth -= token_closes(kind) || kind == TOKEN_STRING_END;
        } else if (kind == TOKEN_COMMA || kind == bracket->closer) {
            parser->failed = false;
            return true;
        } else if (kind == TOKEN_SEMICOLON || kind == TOKEN_STRING_MIDDLE ||
                   kind == TOKEN_STRING_END ||
                   (parser_closer_index(kind) >= 0 &&
                    parser->open[parser_closer_index(kind)] > 0)) {
            return false;
        }
    }
}

static bool recover_item(Parser *parser, const Bracket *bracket)
{
    lexer_set_quiet(parser->lexer, true);
    bool found = skip_item(parser, bracket);
    lexer_set_quiet(parser->lexer, false);
    return found;
}

// A field stands in no record: what is wrong is its bracket, and those behind.
static void field_outside(Parser *parser, Diag *diag, const Bracket *bracket)
{
    bool is_list = bracket->closer == TOKEN_RIGHT_BRACKET;
    parser_help(parser, diag,
                is_list ? "fields stand in a record: { name = value }"
                        : "arguments have no names; equality is written '=='");
    parser->unbalanced |= is_list;
}

// Reports that neither ',' nor the closing bracket follows an item.
static void bad_separator(Parser *parser, const Bracket *bracket)
{
    TokenKind kind = parser->token->kind;
    int index = parser_closer_index(kind);
    if (parser->failed || kind == TOKEN_ERROR) {
        parser->failed = true;
    } else if (index >= 0 && parser->open[index] == 0) {
        closes_nothing(parser, bracket);
    } else if (index >= 0 || kind == TOKEN_END ||
               parser_at_next_declaration(parser)) {
        unclosed_bracket(parser, bracket);
    } else {
        Span place = missing_place(parser);
        Str found = found_text(parser);
        Diag *diag = parser_error(
            parser, DIAG_E0106, place, "expected ',' or %s, found %.*s",
            token_kind_text(bracket->closer), STR_ARG(found));
        parser_label(parser, diag, (Span){bracket->start, bracket->start + 1},
                     "this %s is open", bracket_text(bracket->closer));
        if (bracket->items == OF_ARMS && kind == TOKEN_AND) {
            parser_help(parser, diag, "%s", parser_and_help);
        } else if (bracket->items == OF_ARMS) {
            parser_help(parser, diag, "arms are separated by ','");
        } else if (bracket->items == OF_FIELDS && kind == TOKEN_IF &&
                   parser_at_line(parser)) {
            parser_help(parser, diag, "%s", parser_left_out_help);
        } else if (kind == TOKEN_EQUALS && bracket->items == OF_EXPRS) {
            field_outside(parser, diag, bracket);
        } else {
            parser_help_foreign(parser, diag);
        }
        if (parser_at_open_argument(parser)) {
            parser_help(parser, diag,
                        "as an argument it stands in parentheses");
        }
    }
}

void parser_drop_expr(Parser *parser, Expr *expr)
{
    expr_put(expr, EXPR_ERROR, 0, parser_span(parser, expr->span.start),
             expr_of_none());
}

// Leaves no expression of the item that was pushed last.
static void drop_item(Parser *parser, const Bracket *bracket)
{
    char *end = parser->stack.data + parser->stack.used;
    switch (bracket->items) {
    case OF_OTHERS:
    case OF_TYPES:
        return;
    case OF_PATTERNS: {
        Pattern pattern;
        memcpy(&pattern, end - sizeof pattern, sizeof pattern);
        pattern.kind = PATTERN_ERROR;
        memcpy(end - sizeof pattern, &pattern, sizeof pattern);
        return;
    }
    case OF_EXPRS:
        parser_drop_expr(parser, (Expr *)(void *)end - 1);
        return;
    case OF_FIELDS:
        parser_drop_expr(parser,
                         record_item_value((RecordItem *)(void *)end - 1));
        return;
    case OF_ARMS: {
        // What it covers is unknown, and it may have taken others with it.
        Arm arm; // which may not be aligned there
        memcpy(&arm, end - sizeof arm, sizeof arm);
        for (uint32_t i = 0; i < arm.pattern_count; i++) {
            arm.patterns[i].kind = PATTERN_ERROR;
        }
        parser_drop_expr(
            parser, (Expr *)(void *)(end - sizeof arm + offsetof(Arm, body)));
        return;
    }
    }
}

bool parser_other_separator(Parser *parser, const Bracket *bracket)
{
    if (!parser->failed && parser_foreign_separator(parser, bracket)) {
        return !parser_at(parser, bracket->closer);
    }
    if (parser->failed || !parser_at(parser, bracket->closer)) {
        bad_separator(parser, bracket);
        drop_item(parser, bracket);
        if (!recover_item(parser, bracket)) {
            return false;
        }
    }
    return parser_accept(parser, TOKEN_COMMA) &&
           !parser_at(parser, bracket->closer);
}

void parser_close(Parser *parser, const Bracket *bracket)
{
    parser->bracket = bracket->outer;
    parser->open[parser_closer_index(bracket->closer)]--;
    parser->context = bracket->context;
    if (parser_at(parser, bracket->closer)) {
        parser_advance(parser);
        return;
    }
    if (!parser->failed) {
        bad_separator(parser, bracket);
    }
    // What closes the bracket around this one: only this one is broken.
    if (parser->bracket != NULL && parser_at(parser, parser->bracket->closer)) {
        parser->failed = false;
        parser->unbalanced = true;
    }
}

// Skips to the next declaration; what is wrong on the way is not reported.
static void skip_declaration(Parser *parser)
{
    while (!parser_at(parser, TOKEN_END) &&
           !parser_at_next_declaration(parser)) {
        bool ends = parser_at(parser, TOKEN_SEMICOLON);
        lexer_set_quiet(parser->lexer, !ends);
        parser_advance(parser);
        if (ends &&
            (parser_is_declaration_keyword(parser->token->kind) ||
             parser_is_first_column(parser, parser->token->span.start))) {
            return;
        }
    }
}

void parser_unwind(Parser *parser)
{
    parser->failed = false;
    parser->bracket = NULL;
    parser->context = 0;
    parser->depth = 0;
    parser->stack.used = 0;
    memset(parser->open, 0, sizeof parser->open);
}

void parser_forget(Parser *parser)
{
    parser_unwind(parser);
    parser->unbalanced = false;
    parser->result_seen = false;
    parser->late_decl_reported = false;
}

void parser_recover_declaration(Parser *parser, uint32_t start)
{
    parser_unwind(parser);
    if (parser->token->span.start == start) {
        lexer_set_quiet(parser->lexer, true);
        parser_advance(parser);
    }
    skip_declaration(parser);
    lexer_set_quiet(parser->lexer, false);
}
