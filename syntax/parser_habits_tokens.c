// What a token that was not expected is to mean in another language: how that
// is said in this one.
#include "syntax/parser_internal.h"

#include <string.h>

#include "syntax/byte_class.h"

static const char *const type_help =
    "a value and its type stand in parentheses: (value : Type); a function is "
    "written \\x -> value";
static const char *const rest_help =
    "the rest of a list is '..rest', with two dots";
static const char *const take_apart_help = "'[x, ..rest]' takes a list apart";

static const char *const parameter_help =
    "a parameter has no default; a field of a record type has: "
    "{ size: Integer = 1 }";
static const char *const comprehension_help =
    "a comprehension is [expr for x in list if condition]";
static const char *const pipe_help =
    "'|>' gives a value to a function, '||' is the disjunction";
static const char *const increment_help =
    "'++' joins two lists or strings; one more is x + 1";
static const char *const function_help = "a function is written \\x -> value";
static const char *const path_help =
    "a path stands in quotes; a file is imported with import \"./file\" as "
    "name;";
static const char *const list_help =
    "a list is written [a, b], a record { name = value }";
static const char *const default_help =
    "a default stands behind '=': port: Integer = 80";
static const char *const condition_help =
    "a condition stands before the default: port: Integer where > 0 = 80";
static const char *const local_help = "a local binding is let x = value in ...";
static const char *const long_text_help =
    "text of several lines stands in \"\"\"";

static Str source_text(const Parser *parser)
{
    return parser->module->source.text;
}

static bool is_text_at(Str text, uint32_t at, const char *what)
{
    return str_starts_with(str_slice(text, at, text.len), str_from_c(what));
}

// Of a '=' or '>' that may end an operator.
static const char *foreign_operator(Str text, uint32_t start)
{
    char before = start > 0 ? text.data[start - 1] : ' ';
    if (is_text_at(text, start, "=~")) {
        return "'regexp' and 'pattern' match a text: regexp \"[a-z]\" text";
    }
    if (text.data[start] == '>') {
        return before == '<' ? "inequality is written '!='" : NULL;
    }
    if (before == '/' ||
        (before == '=' && start > 1 && text.data[start - 2] == '!')) {
        return "inequality is written '!='";
    }
    if (before == '+' || before == '-' || before == '*') {
        return "nothing is assigned: give the new value a name of its own";
    }
    return "equality is written '=='";
}

// { name: Type | rest }, as others write what a record type leaves open.
static bool is_before_variable(const Parser *parser)
{
    Str text = source_text(parser);
    uint32_t at = parser->token->span.end;
    while (at < text.len && text.data[at] == ' ') {
        at++;
    }
    return at < text.len && text.data[at] >= 'a' && text.data[at] <= 'z';
}

// Whether the line has a `x <- list` behind the token, as Haskell has it.
static bool has_generator(const Parser *parser)
{
    Str text = source_text(parser);
    uint32_t start = parser->token->span.end;
    uint32_t at = start;
    while (at < text.len && at - start < LOOK_MAX &&
           !byte_is(text.data[at], BYTE_LINE)) {
        if (is_text_at(text, at, "<-") || is_text_at(text, at, " for ") ||
            is_text_at(text, at, " in ")) {
            return true;
        }
        at++;
    }
    return false;
}

static const char *foreign_bar(const Parser *parser)
{
    const Bracket *bracket = parser->bracket;
    if (bracket != NULL && bracket->closer == TOKEN_RIGHT_BRACKET) {
        return bracket->items != OF_EXPRS ? take_apart_help
               : has_generator(parser)    ? comprehension_help
                                          : pipe_help;
    }
    if (bracket != NULL && bracket->items == OF_TYPES) {
        return bracket->closer == TOKEN_RIGHT_BRACE &&
                       is_before_variable(parser)
                   ? "further fields of any names are '..': { name: Type, .. }"
                   : CHOICE_HELP;
    }
    if (bracket != NULL && bracket->items == OF_PATTERNS) {
        return "alternatives are whole patterns of an arm: "
               "Some 1 | Some 2 => ...";
    }
    Str text = source_text(parser);
    Span span = parser->token->span;
    bool is_behind_equals =
        parser->prev_end > 0 && text.data[parser->prev_end - 1] == '=';
    if (is_behind_equals && span.end < text.len &&
        byte_is(text.data[span.end], BYTE_LINE)) {
        return long_text_help;
    }
    if (is_behind_equals || parser->prev_end == span.start) {
        return function_help; // let f = |x| x + 1, or (|x| x + 1)
    }
    return pipe_help;
}

// Whether a ':' is followed by what only types begin with.
static bool at_type(const Parser *parser)
{
    Str text = source_text(parser);
    uint32_t at = parser->token->span.end;
    at += is_text_at(text, at, " ") ? 1 : 0;
    return at < text.len && text.data[at] >= 'A' && text.data[at] <= 'Z';
}

// Whether the token stands in a line that is an item of a list in YAML.
static bool is_in_item(const Parser *parser)
{
    Str text = source_text(parser);
    uint32_t end = parser->token->span.start;
    uint32_t at = end;
    while (at > 0 && end - at < LOOK_MAX &&
           !byte_is(text.data[at - 1], BYTE_LINE)) {
        at--;
    }
    while (at < end && text.data[at] == ' ') {
        at++;
    }
    return is_text_at(text, at, "- ");
}

static const char *foreign_colon(const Parser *parser)
{
    const Bracket *bracket = parser->bracket;
    if (bracket != NULL && bracket->items == OF_PATTERNS) {
        return at_type(parser) ? "a type stands behind the whole pattern: "
                                 "((a, b): (Integer, String))"
                               : take_apart_help;
    }
    if (is_text_at(source_text(parser), parser->token->span.start, "::{")) {
        return "defaults are filled in where a type is expected: ({ ... } : "
               "Type)";
    }
    if (is_text_at(source_text(parser), parser->token->span.start, "::")) {
        return "there is no '::': a type stands behind ':'; '[x, ..rest]' "
               "takes a list apart, '[x] ++ rest' puts one together";
    }
    if (bracket == NULL || bracket->items == OF_EXPRS) {
        return bracket == NULL && is_in_item(parser) ? list_help : type_help;
    }
    return bracket->items == OF_TYPES ? "fields are separated by ','" : NULL;
}

// A function as Nix or Python has it, (x: x + 1) or (lambda x: x + 1), of which
// the type was read.
static const char *foreign_parameter(const Parser *parser)
{
    const Bracket *bracket = parser->bracket;
    if (bracket == NULL || bracket->closer != TOKEN_RIGHT_PAREN) {
        return NULL;
    }
    Str text = source_text(parser);
    uint32_t start = bracket->start + 1;
    bool is_lambda = is_text_at(text, start, "lambda ");
    start += is_lambda ? (uint32_t)strlen("lambda ") : 0;
    uint32_t at = start;
    while (at < text.len && at - start < LOOK_MAX &&
           byte_is(text.data[at], BYTE_IDENT)) {
        at++;
    }
    return at == start || !is_text_at(text, at, ":") ? NULL
           : is_lambda                               ? function_help
                                                     : type_help;
}

// `a if c else b`: an `if` that goes on to its `else` without a `then`.
static const char *foreign_choice(const Parser *parser)
{
    Str text = source_text(parser);
    uint32_t start = parser->token->span.start;
    uint32_t at = start;
    while (at < text.len && at - start < LOOK_MAX &&
           !byte_is(text.data[at], BYTE_LINE) &&
           !is_text_at(text, at, " then ")) {
        if (is_text_at(text, at, " else ")) {
            return parser_if_help;
        }
        at++;
    }
    return NULL;
}

// What opens a bracket behind a word that other languages begin types with.
static const char *foreign_braces(const Parser *parser)
{
    Str text = source_text(parser);
    uint32_t end = parser->prev_end;
    uint32_t start = end;
    while (start > 0 && byte_is(text.data[start - 1], BYTE_IDENT)) {
        start--;
    }
    Str word = str_slice(text, start, end);
    return str_equal(word, STR("enum")) || str_equal(word, STR("oneof"))
               ? CHOICE_HELP
           : str_equal(word, STR("struct")) || str_equal(word, STR("record"))
               ? "a record type is written { name: Type }"
               : NULL;
}

// 50%, behind which an operand is missing.
static bool is_behind_percent(const Parser *parser)
{
    Str text = source_text(parser);
    uint32_t end = parser->prev_end;
    return end >= 2 && text.data[end - 1] == '%' &&
           byte_is(text.data[end - 2], BYTE_DIGIT);
}

// x++, behind which an operand is missing.
static bool is_behind_increment(const Parser *parser)
{
    return parser->prev_end >= 2 &&
           is_text_at(source_text(parser), parser->prev_end - 2, "++");
}

// <Integer>1
static bool is_cast(Str text, uint32_t less)
{
    return less + 1 < text.len && text.data[less + 1] >= 'A' &&
           text.data[less + 1] <= 'Z';
}

// Of those that mean one thing wherever they stand; NULL for others.
static const char *foreign_word(TokenKind kind)
{
    switch ((int)kind) {
    case TOKEN_FAT_ARROW:
    case TOKEN_ARROW:
        return "a function is written \\x -> value, an arm of a match "
               "pattern => value";
    case TOKEN_AND:
        return parser_and_help;
    case TOKEN_TYPE_VAR:
        return "strings stand in double quotes";
    case TOKEN_WHERE:
        return "local bindings stand first: let name = value in ...";
    case TOKEN_WITH:
        return parser_update_help;
    case TOKEN_IN:
        return "'contains x list' says whether a list has x";
    case TOKEN_FROM:
        return "names are imported with import { name } from \"./file\";";
    case TOKEN_IMPORT:
        return "imports are declarations: import \"./file\" as name;";
    case TOKEN_REC:
        return "fields do not see each other: give values a name with 'let'";
    default:
        return NULL;
    }
}

static bool is_in_list_of_others(const Parser *parser)
{
    const Bracket *bracket = parser->bracket;
    return bracket != NULL && bracket->items == OF_OTHERS &&
           bracket->closer == TOKEN_RIGHT_BRACKET;
}

// Of a parameter or another pattern, in parentheses.
static bool is_in_pattern(const Parser *parser)
{
    const Bracket *bracket = parser->bracket;
    return bracket != NULL && bracket->closer == TOKEN_RIGHT_PAREN &&
           (bracket->items == OF_OTHERS || bracket->items == OF_PATTERNS);
}

static bool is_behind_digit(const Parser *parser)
{
    Str text = source_text(parser);
    return parser->bracket != NULL && parser->prev_end > 0 &&
           parser->prev_end == parser->token->span.start &&
           byte_is(text.data[parser->prev_end - 1], BYTE_DIGIT);
}

static const char *foreign_dots(const Parser *parser)
{
    if (is_text_at(source_text(parser), parser->token->span.start, "../")) {
        return path_help;
    }
    if (is_behind_digit(parser)) {
        return "'range' makes a list of integers: range 0 10";
    }
    if (parser->bracket == NULL) {
        return "'range' makes a list of integers, a refinement is 'where "
               ">= 1 && <= 9'";
    }
    return parser->bracket->items == OF_EXPRS
               ? "'range' makes a list of integers"
           : is_in_list_of_others(parser) ? rest_help
                                          : NULL;
}

static const char *foreign_dot(const Parser *parser)
{
    Str text = source_text(parser);
    uint32_t start = parser->token->span.start;
    if (is_text_at(text, start, "./")) {
        return path_help;
    }
    return start == 0 || !is_text_at(text, start - 1, "..") ? NULL
           : parser->bracket != NULL &&
                   parser->bracket->closer == TOKEN_RIGHT_BRACKET
               ? rest_help
               : "a spread has two dots: { ..base, field = value }";
}

// Whether the name before the token is the first of its line.
static bool is_behind_first_name(const Parser *parser)
{
    Str text = source_text(parser);
    uint32_t at = parser->prev_end;
    while (at > 0 && byte_is(text.data[at - 1], BYTE_IDENT)) {
        at--;
    }
    bool is_name = at < parser->prev_end;
    while (at > 0 && byte_is(text.data[at - 1], BYTE_BLANK)) {
        at--;
    }
    return is_name && at > 0 && byte_is(text.data[at - 1], BYTE_LINE);
}

// Of a '=' behind the first name of its line.
static const char *foreign_binding(const Bracket *bracket)
{
    return bracket == NULL ? local_help
           : bracket->items == OF_FIELDS
               ? "a value that has fields stands in braces: name = { field = "
                 "value }"
               : "fields stand in a record: { name = value }";
}

// What an operator of this language is the beginning of.
static const char *foreign_sign(const Parser *parser)
{
    Str text = source_text(parser);
    uint32_t start = parser->token->span.start;
    switch ((int)parser->token->kind) {
    case TOKEN_LESS:
        return is_text_at(text, start, "<<") ? long_text_help
               : is_cast(text, start)        ? type_help
                                             : NULL;
    case TOKEN_BANG:
        return is_text_at(text, start, "!(")
                   ? NULL
                   : "'?? default' takes the value out of an Option";
    case TOKEN_BAR_BAR:
        return is_text_at(text, start, "|||") ? long_text_help : NULL;
    case TOKEN_QUESTION:
        return is_text_at(text, start, "?.")
                   ? "'match' takes the value out of an Option"
                   : "a choice is written if condition then value else value";
    case TOKEN_STAR:
        return start > 0 && is_text_at(text, start - 1, "**")
                   ? "powers are taken with 'pow' of std.math"
                   : NULL;
    case TOKEN_EQUALS:
        return is_in_pattern(parser) ? parameter_help
               : is_behind_first_name(parser) && !is_text_at(text, start, "==")
                   ? foreign_binding(parser->bracket)
                   : foreign_operator(text, start);
    case TOKEN_GREATER:
        return foreign_operator(text, start);
    default:
        return NULL;
    }
}

// Behind the type of a field.
static const char *foreign_field_end(TokenKind kind)
{
    switch ((int)kind) {
    case TOKEN_WHERE:
    case TOKEN_WITH:
        return condition_help;
    case TOKEN_INT:
    case TOKEN_FLOAT:
    case TOKEN_STRING:
    case TOKEN_STRING_START:
    case TOKEN_TRUE:
    case TOKEN_FALSE:
        return default_help;
    default:
        return NULL;
    }
}

static const char *foreign_help(const Parser *parser)
{
    Str text = source_text(parser);
    if (parser->bracket != NULL && parser->bracket->items == OF_TYPES) {
        const char *help = foreign_field_end(parser->token->kind);
        if (help != NULL) {
            return help;
        }
    }
    switch ((int)parser->token->kind) {
    case TOKEN_IF:
        return foreign_choice(parser);
    case TOKEN_FOR:
        return parser->bracket != NULL && parser->bracket->items == OF_FIELDS
                   ? "names that are computed are keys of a Map: 'fromList "
                     "[(key, value) for ... in list]' of std.map"
                   : NULL;
    case TOKEN_LEFT_BRACE:
        return foreign_braces(parser);
    case TOKEN_LEFT_BRACKET:
        return is_text_at(text, parser->token->span.start, "[]")
                   ? "a list type is 'List Type'"
                   : NULL;
    case TOKEN_DOT_DOT:
        return foreign_dots(parser);
    case TOKEN_DOT:
        return foreign_dot(parser);
    case TOKEN_BAR:
        return foreign_bar(parser);
    case TOKEN_AS:
        return parser->prev_end >= 2 &&
                       is_text_at(text, parser->prev_end - 2, "..")
                   ? rest_help
                   : type_help;
    case TOKEN_COLON:
        return foreign_colon(parser);
    case TOKEN_WHEN:
        return is_in_list_of_others(parser) ? comprehension_help : NULL;
    case TOKEN_END:
    case TOKEN_RIGHT_PAREN:
        return is_behind_increment(parser) ? increment_help : NULL;
    case TOKEN_SEMICOLON:
    case TOKEN_COMMA:
    case TOKEN_RIGHT_BRACE:
        return is_behind_increment(parser) ? increment_help
               : is_behind_percent(parser)
                   ? "a number with a unit is a text, in quotes"
               : is_text_at(text, parser->prev_end - 1, ";;")
                   ? "a declaration ends with one ';'"
                   : NULL;
    case TOKEN_LESS:
    case TOKEN_BANG:
    case TOKEN_BAR_BAR:
    case TOKEN_QUESTION:
    case TOKEN_STAR:
    case TOKEN_EQUALS:
    case TOKEN_GREATER:
        return foreign_sign(parser);
    default: {
        const char *help = parser_at(parser, TOKEN_IN) && is_in_pattern(parser)
                               ? comprehension_help
                               : foreign_word(parser->token->kind);
        return help != NULL ? help : foreign_parameter(parser);
    }
    }
}

void parser_help_foreign(Parser *parser, Diag *diag)
{
    const char *help = foreign_help(parser);
    if (help != NULL) {
        parser_help(parser, diag, "%s", help);
    }
}
