// Types as other languages write them: said in the terms of this one.
#include "syntax/parser_internal.h"

// Bytes of a field's name that a message shows.
enum { MAX_SHOWN_FIELD = 60 };

void parser_foreign_for(Parser *parser, TypeExpr *head)
{
    if (parser->failed || !parser_at(parser, TOKEN_FOR) ||
        head->kind != TYPE_EXPR_NAME || head->as.name.arg_count > 0) {
        return;
    }
    Diag *diag = parser_report(parser, DIAG_E0106, parser->token->span,
                               "expected a type, found 'for'");
    parser_help(parser, diag, INSTANCE_HELP);
    parser_advance(parser);
    head->as.name.args = parser_keep_type(parser, parser_apptype(parser));
    head->as.name.arg_count = 1;
}

void parser_foreign_type(Parser *parser)
{
    bool is_optional = parser_at(parser, TOKEN_QUESTION);
    Diag *diag = parser_error(parser, DIAG_E0106, parser->token->span,
                              "expected the end of the type, found '%s'",
                              is_optional ? "?" : "<");
    parser_help(parser, diag,
                is_optional
                    ? "an optional field is 'name?: Type', what may be "
                      "missing elsewhere is an 'Option Type'"
                    : "what a type is made of stands behind it: List Integer");
}

bool parser_foreign_field(Parser *parser, TypeField *field)
{
    if (parser->failed || !parser_at(parser, TOKEN_EQUALS)) {
        return false;
    }
    TokenKind next = parser_peek(parser);
    bool is_default = next == TOKEN_INT || next == TOKEN_FLOAT ||
                      next == TOKEN_STRING || next == TOKEN_STRING_START ||
                      next == TOKEN_TRUE || next == TOKEN_FALSE;
    if (parser_note_habit(parser, HABIT_EQUALS)) {
        Diag *diag = parser_report(parser, DIAG_E0106, parser->token->span,
                                   "expected ':', found '='");
        parser_help(parser, diag,
                    "a field's type stands behind ':', its default behind '='");
    }
    parser_advance(parser);
    if (is_default) {
        field->default_value = parser_new_expr(parser);
    } else {
        field->type = parser_type(parser);
    }
    return true;
}

bool parser_foreign_function_type(Parser *parser, const TypeExpr *type)
{
    if (type->kind != TYPE_EXPR_NAME || type->as.name.arg_count > 0) {
        return false;
    }
    Diag *diag = parser_report(parser, DIAG_E0106, parser->token->span,
                               "expected '->', found '=>'");
    parser_help(parser, diag,
                "a function type is written A -> B; a context names a class "
                "and its types: Eq a => a -> a");
    return true;
}

bool parser_untyped_field(Parser *parser, Span name)
{
    if (parser->failed || !(parser_at(parser, TOKEN_COMMA) ||
                            parser_at(parser, TOKEN_RIGHT_BRACE))) {
        return false;
    }
    if (parser_note_habit(parser, HABIT_NO_TYPE)) {
        Diag *diag = parser_report(parser, DIAG_E0106, name,
                                   "this field of a record type has no type");
        parser_help(parser, diag,
                    parser->in_import
                        ? "write { name: Type }; names alone are imported with "
                          "import \"./file\" { name };"
                        : "write { name: Type }");
    }
    return true;
}

// ---- where no type stands

// Whether "a" of "a" | "b" ends there.
static bool before_bar(Str text, uint32_t end)
{
    end += end < text.len && text.data[end] == ' ' ? 1 : 0;
    return end < text.len && text.data[end] == '|';
}

// What is meant by a token that no type begins with; NULL for nothing.
static const char *no_type_help(const Parser *parser)
{
    Str text = parser->module->source.text;
    uint32_t end = parser->token->span.end;
    switch ((int)parser->token->kind) {
    case TOKEN_INT:
    case TOKEN_FLOAT:
    case TOKEN_TRUE:
    case TOKEN_FALSE:
    case TOKEN_STRING:
        if (str_starts_with(str_slice(text, end, text.len), STR(".."))) {
            return "a range is a condition behind the type: Integer where 1 <= "
                   "x <= 9";
        }
        return text.data[parser->prev_end - 1] == ':' && !before_bar(text, end)
                   ? "a ':' is followed by a type; values are given with '='"
               : parser_at(parser, TOKEN_STRING) ? CHOICE_HELP
                                                 : NULL;
    case TOKEN_COLON:
        return "one ':' stands before a type";
    case TOKEN_RIGHT_BRACKET:
    case TOKEN_DOT_DOT:
        return "a list type is 'List Type' or '[Type]'";
    case TOKEN_STAR:
        return "a default stands behind the type: port: Integer = 80";
    case TOKEN_LESS:
    case TOKEN_LESS_EQUAL:
    case TOKEN_GREATER:
    case TOKEN_GREATER_EQUAL:
    case TOKEN_BANG_EQUAL:
        return "a condition stands behind the type: Integer where > 0";
    case TOKEN_EQUALS:
        return end < text.len && text.data[end] == '~'
                   ? "a condition stands behind the type: String with regexp "
                     "\"[a-z]\""
                   : NULL;
    case TOKEN_UNDERSCORE:
        return "what may be anything is of type 'Json'";
    default:
        return NULL;
    }
}

void parser_no_type(Parser *parser)
{
    const char *help = parser->failed ? NULL : no_type_help(parser);
    Diag *diag = parser_unexpected(parser, "a type");
    if (help != NULL) {
        parser_help(parser, diag, "%s", help);
    }
}

void parser_no_ctor(Parser *parser)
{
    Diag *diag = parser_unexpected(parser, "a constructor");
    if (parser_at(parser, TOKEN_NAME) || parser_at(parser, TOKEN_STRING)) {
        parser_help(parser, diag, "%s", CHOICE_HELP);
    }
}

void parser_no_field_type(Parser *parser, Span name)
{
    Diag *diag = parser_unexpected(parser, "':'");
    if (parser_at(parser, TOKEN_NAME) || parser_at(parser, TOKEN_UPPER_NAME)) {
        parser_help(parser, diag, "a field is written name: Type");
    } else if (parser_at(parser, TOKEN_BANG)) {
        parser_help(parser, diag,
                    "a field without '?' and without a default has to be "
                    "there");
    } else if (parser_at(parser, TOKEN_DOT)) {
        Str text = str_slice(parser->module->source.text, name.start, name.end);
        bool is_long = text.len > MAX_SHOWN_FIELD;
        parser_help(parser, diag,
                    "a field in depth has a record type: %.*s: { name: Type }",
                    STR_ARG(is_long ? STR("field") : text));
    }
}
