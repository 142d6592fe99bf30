// Patterns and parameters.
#include "syntax/parser_internal.h"

static Pattern pattern_node(Parser *parser, PatternKind kind, uint32_t start,
                            uint32_t height)
{
    Pattern pattern = {.kind = (uint8_t)kind,
                       .span = parser_span(parser, start)};
    parser->node_count++;
    parser_set_height(parser, height);
    return pattern;
}

static Pattern name_pattern(Parser *parser, Symbol symbol, uint32_t start)
{
    Pattern pattern = pattern_node(parser, PATTERN_NAME, start, 1);
    pattern.as.name.symbol = symbol;
    return pattern;
}

static bool at_argument(const Parser *parser)
{
    switch ((int)parser->token->kind) {
    case TOKEN_UNDERSCORE:
    case TOKEN_NAME:
    case TOKEN_UPPER_NAME:
    case TOKEN_INT:
    case TOKEN_FLOAT:
    case TOKEN_STRING:
    case TOKEN_STRING_START:
    case TOKEN_TRUE:
    case TOKEN_FALSE:
    case TOKEN_LEFT_PAREN:
    case TOKEN_LEFT_BRACKET:
    case TOKEN_LEFT_BRACE:
        return true;
    default:
        return false;
    }
}

static Pattern primary_pattern(Parser *parser, bool with_args);

// Patterns in parentheses, pushed; their number is what was pushed.
static void push_paren(Parser *parser, uint32_t *height)
{
    Bracket bracket;
    parser_open(parser, &bracket, TOKEN_RIGHT_PAREN, OF_PATTERNS);
    if (!parser_at(parser, TOKEN_RIGHT_PAREN)) {
        do {
            Pattern item = parser_pattern(parser);
            parser_note_height(parser, height);
            parser_push(parser, &item);
        } while (parser_separator(parser, &bracket));
    }
    parser_close(parser, &bracket);
}

// The items pushed since `mark` as one pattern.
static Pattern paren_result(Parser *parser, size_t mark, uint32_t start,
                            uint32_t height)
{
    uint32_t count;
    Pattern *items = parser_take(parser, mark, Pattern, &count);
    if (count == 1) {
        items[0].span = parser_span(parser, start);
        parser_set_height(parser, height);
        return items[0];
    }
    Pattern pattern = pattern_node(
        parser, count == 0 ? PATTERN_UNIT : PATTERN_TUPLE, start, height + 1);
    if (count > 0) {
        pattern.as.tuple.items = items;
        pattern.as.tuple.count = count;
    }
    return pattern;
}

// [ name "." ] Name { apat } | [ name "." ] Name "(" pattern { "," ... } ")"
// whose names were read
static Pattern ctor_pattern(Parser *parser, Symbol qualifier, Symbol name,
                            uint32_t start, bool with_args)
{
    PatternCtor *ctor = ARENA_NEW(parser->arena, PatternCtor);
    ctor->qualifier = qualifier;
    ctor->ref.symbol = name;
    uint32_t height = 0;
    size_t mark = parser->stack.used;
    while (with_args && at_argument(parser) && !parser->failed) {
        if (parser_at(parser, TOKEN_LEFT_PAREN)) {
            // A list in parentheses is several arguments, `()` is one.
            size_t before = parser->stack.used;
            uint32_t from = parser->token->span.start;
            push_paren(parser, &height);
            if (parser->stack.used - before <= sizeof(Pattern)) {
                Pattern one = paren_result(parser, before, from, height);
                parser_note_height(parser, &height);
                parser_push(parser, &one);
            }
        } else {
            Pattern arg = primary_pattern(parser, false);
            parser_note_height(parser, &height);
            parser_push(parser, &arg);
        }
    }
    ctor->args = parser_take(parser, mark, Pattern, &ctor->arg_count);
    Pattern pattern = pattern_node(parser, PATTERN_CTOR, start, height + 1);
    pattern.as.ctor = ctor;
    return pattern;
}

// name | [ name "." ] Name ...
static Pattern named_pattern(Parser *parser, bool with_args)
{
    uint32_t start = parser->token->span.start;
    bool is_upper = parser_at(parser, TOKEN_UPPER_NAME);
    Symbol symbol = parser->token->as.symbol;
    parser_advance(parser);
    if (!parser_accept(parser, TOKEN_DOT)) {
        return is_upper ? ctor_pattern(parser, 0, symbol, start, with_args)
                        : name_pattern(parser, symbol, start);
    }
    if (!parser_at(parser, TOKEN_UPPER_NAME)) {
        parser_unexpected(parser, "a constructor");
        return pattern_node(parser, PATTERN_ERROR, start, 1);
    }
    Symbol name = parser->token->as.symbol;
    parser_advance(parser);
    return ctor_pattern(parser, symbol, name, start, with_args);
}

// literal | "-" number
static Pattern literal_pattern(Parser *parser)
{
    Token token = *parser->token;
    uint32_t start = token.span.start;
    bool negative = parser_accept(parser, TOKEN_MINUS);
    if (negative) {
        token = *parser->token;
    }
    Pattern pattern;
    if (token.kind == TOKEN_INT) {
        if (token.overflow && !negative) {
            parser_report(parser, DIAG_E0104, token.span,
                          "this integer does not fit into 64 bits");
        }
        parser_advance(parser);
        pattern = pattern_node(parser, PATTERN_INT, start, 1);
        pattern.as.integer.value =
            negative && !token.overflow ? -token.as.integer : token.as.integer;
    } else if (token.kind == TOKEN_FLOAT) {
        parser_advance(parser);
        pattern = pattern_node(parser, PATTERN_FLOAT, start, 1);
        pattern.as.number.value = negative ? -token.as.number : token.as.number;
    } else if (negative) {
        parser_unexpected(parser, "a number");
        pattern = pattern_node(parser, PATTERN_ERROR, start, 1);
    } else if (token.kind == TOKEN_STRING) {
        parser_advance(parser);
        pattern = pattern_node(parser, PATTERN_STRING, start, 1);
        pattern.as.string.data = token.as.string.data;
        pattern.as.string.len = token.as.string.len;
    } else {
        parser_advance(parser);
        pattern = pattern_node(parser, PATTERN_BOOL, start, 1);
        pattern.as.boolean.value = token.kind == TOKEN_TRUE;
    }
    return pattern;
}

// "(" pattern { "," pattern } ")"
static Pattern paren_pattern(Parser *parser)
{
    uint32_t start = parser->token->span.start;
    uint32_t height = 0;
    size_t mark = parser->stack.used;
    push_paren(parser, &height);
    return paren_result(parser, mark, start, height);
}

// ".." [ name ]
static void list_rest(Parser *parser, PatternList *list)
{
    list->rest_span = parser->token->span;
    list->has_rest = true;
    parser_advance(parser);
    if (parser_at(parser, TOKEN_NAME)) {
        list->rest = parser->token->as.symbol;
        list->rest_span = parser->token->span;
        parser_advance(parser);
    } else if (parser_at(parser, TOKEN_UNDERSCORE)) {
        parser_advance(parser);
    }
    if (parser_accept(parser, TOKEN_COMMA) &&
        !parser_at(parser, TOKEN_RIGHT_BRACKET)) {
        parser_unexpected(parser, "']' (the rest of a list stands last)");
    }
}

// "[" [ pattern { "," pattern } ] [ "," ".." [ name ] ] "]"
static Pattern list_pattern(Parser *parser)
{
    uint32_t start = parser->token->span.start;
    uint32_t height = 0;
    uint32_t diag_count = parser->sink->diags.count;
    PatternList *list = ARENA_NEW(parser->arena, PatternList);
    size_t mark = parser->stack.used;
    Bracket bracket;
    parser_open(parser, &bracket, TOKEN_RIGHT_BRACKET, OF_OTHERS);
    bool more = !parser_at(parser, TOKEN_RIGHT_BRACKET);
    while (more && !parser_at(parser, TOKEN_DOT_DOT)) {
        Pattern item = parser_pattern(parser);
        parser_note_height(parser, &height);
        parser_push(parser, &item);
        more = parser_separator(parser, &bracket);
    }
    if (more) {
        list_rest(parser, list);
        parser_separator(parser, &bracket);
    }
    parser_close(parser, &bracket);
    list->items = parser_take(parser, mark, Pattern, &list->count);
    if (UNLIKELY(parser->sink->diags.count > diag_count)) {
        // What it was to match is unknown: no value is one that it misses.
        return pattern_node(parser, PATTERN_ERROR, start, 1);
    }
    Pattern pattern = pattern_node(parser, PATTERN_LIST, start, height + 1);
    pattern.as.list = list;
    return pattern;
}

// fieldname [ "=" pattern ]
static void pattern_field(Parser *parser, uint32_t *height)
{
    PatternField field = {0};
    bool is_name = parser_at(parser, TOKEN_NAME);
    if (!parser_field_name(parser, &field.name, &field.name_span)) {
        return;
    }
    if (parser_accept(parser, TOKEN_EQUALS)) {
        field.pattern = parser_pattern(parser);
    } else if (is_name) {
        field.pattern = name_pattern(parser, field.name, field.name_span.start);
    } else {
        Diag *diag = parser_unexpected(parser, "'='");
        parser_help(parser, diag,
                    "a field whose name cannot be a variable needs a pattern: "
                    "type = t");
    }
    parser_note_height(parser, height);
    parser_push(parser, &field);
}

static bool binds_same(const Pattern *a, const Pattern *b)
{
    return a->kind == PATTERN_NAME && b->kind == PATTERN_NAME &&
           a->as.name.symbol == b->as.name.symbol;
}

static void check_field_names(Parser *parser, PatternRecord *record)
{
    field_set_begin(&parser->fields);
    for (uint32_t i = 0; i < record->count; i++) {
        PatternField *field = &record->fields[i];
        bool added;
        FieldNode *node =
            field_set_add(&parser->fields, 0, field->name, &added);
        if (added) {
            node->item = i;
        } else {
            const PatternField *first = &record->fields[node->item];
            parser_duplicate_field(parser, field->name, first->name_span,
                                   field->name_span);
            if (binds_same(&first->pattern, &field->pattern)) {
                field->pattern.kind = PATTERN_ERROR; // that is said
            }
        }
    }
}

// "{" fieldname [ "=" pattern ] { "," ... } [ "," ".." ] "}"
static Pattern record_pattern(Parser *parser)
{
    uint32_t start = parser->token->span.start;
    uint32_t height = 0;
    PatternRecord *record = ARENA_NEW(parser->arena, PatternRecord);
    size_t mark = parser->stack.used;
    Bracket bracket;
    parser_open(parser, &bracket, TOKEN_RIGHT_BRACE, OF_OTHERS);
    bool more = !parser_at(parser, TOKEN_RIGHT_BRACE);
    while (more && !parser_at(parser, TOKEN_DOT_DOT)) {
        pattern_field(parser, &height);
        more = parser_separator(parser, &bracket);
    }
    if (more) {
        parser_advance(parser);
        record->open = true;
        parser_accept(parser, TOKEN_COMMA);
        if (!parser_at(parser, TOKEN_RIGHT_BRACE)) {
            parser_unexpected(parser, "'}' after '..'");
        }
        parser_separator(parser, &bracket);
    }
    parser_close(parser, &bracket);
    record->fields = parser_take(parser, mark, PatternField, &record->count);
    check_field_names(parser, record);
    Pattern pattern = pattern_node(parser, PATTERN_RECORD, start, height + 1);
    pattern.as.record = record;
    return pattern;
}

// A pattern without `as`; a constructor takes arguments only `with_args`.
static Pattern primary_pattern(Parser *parser, bool with_args)
{
    uint32_t start = parser->token->span.start;
    switch ((int)parser->token->kind) {
    case TOKEN_UNDERSCORE:
        parser_advance(parser);
        return pattern_node(parser, PATTERN_WILDCARD, start, 1);
    case TOKEN_NAME:
    case TOKEN_UPPER_NAME:
        return named_pattern(parser, with_args);
    case TOKEN_INT:
    case TOKEN_FLOAT:
    case TOKEN_STRING:
    case TOKEN_TRUE:
    case TOKEN_FALSE:
    case TOKEN_MINUS:
        return literal_pattern(parser);
    case TOKEN_LEFT_PAREN:
        return paren_pattern(parser);
    case TOKEN_LEFT_BRACKET:
        return list_pattern(parser);
    case TOKEN_LEFT_BRACE:
        return record_pattern(parser);
    default: {
        Diag *diag = parser_unexpected(parser, "a pattern");
        if (parser_at(parser, TOKEN_STRING_START)) {
            parser_help(parser, diag,
                        "a pattern has no interpolation; compare in a guard: "
                        "s when s == \"...\"");
        }
        if (parser_at(parser, TOKEN_ELSE)) {
            parser_help(parser, diag, "what is left is '_ => value'");
        } else {
            parser_help_keyword(parser, diag);
        }
        return pattern_node(parser, PATTERN_ERROR, start, 1);
    }
    }
}

// pattern -> primary { "as" name }
Pattern parser_pattern(Parser *parser)
{
    uint32_t start = parser->token->span.start;
    if (!parser_enter(parser)) {
        parser_leave(parser);
        return pattern_node(parser, PATTERN_ERROR, start, 1);
    }
    Pattern pattern = primary_pattern(parser, true);
    while (!parser->failed && parser_accept(parser, TOKEN_AS)) {
        uint32_t height = parser->height;
        if (!parser_at(parser, TOKEN_NAME)) {
            parser_unexpected(parser, "a name");
            break;
        }
        Symbol symbol = parser->token->as.symbol;
        parser_advance(parser);
        Pattern alias = pattern_node(parser, PATTERN_AS, start, height + 1);
        alias.as.alias.pattern =
            arena_copy(parser->arena, &pattern, sizeof pattern);
        alias.as.alias.symbol = symbol;
        pattern = alias;
    }
    parser_leave(parser);
    return pattern;
}

static bool at_param(const Parser *parser)
{
    TokenKind kind = parser->token->kind;
    return kind == TOKEN_NAME || kind == TOKEN_UNDERSCORE ||
           kind == TOKEN_LEFT_PAREN || kind == TOKEN_LEFT_BRACE;
}

// "(" pattern [ ":" type ] ")" | "(" pattern { "," pattern } ")" | "(" ")"
static Param paren_param(Parser *parser, uint32_t *height)
{
    Param param = {0};
    uint32_t start = parser->token->span.start;
    uint32_t inner = 0;
    size_t mark = parser->stack.used;
    Bracket bracket;
    parser_open(parser, &bracket, TOKEN_RIGHT_PAREN, OF_OTHERS);
    if (!parser_at(parser, TOKEN_RIGHT_PAREN)) {
        bool more;
        do {
            Pattern item = parser_pattern(parser);
            parser_note_height(parser, &inner);
            if (parser->stack.used == mark && !parser->failed &&
                parser_accept(parser, TOKEN_COLON)) {
                param.type = parser_type(parser);
                parser_note_height(parser, height);
            }
            parser_push(parser, &item);
            more = parser_separator(parser, &bracket);
        } while (more && param.type == NULL);
        if (more) {
            Diag *diag = parser_unexpected(parser, "')' after the type");
            parser_help(parser, diag,
                        "each parameter has parentheses of its own: "
                        "(a: Integer) (b: Integer)");
        }
    }
    parser_close(parser, &bracket);
    param.pattern = paren_result(parser, mark, start, inner);
    parser_note_height(parser, height);
    return param;
}

void parser_push_params(Parser *parser, bool lambda, uint32_t *height)
{
    while (at_param(parser) && !parser->failed) {
        Param param = {0};
        if (parser_at(parser, TOKEN_LEFT_PAREN)) {
            param = paren_param(parser, height);
        } else {
            bool bare = !parser_at(parser, TOKEN_LEFT_BRACE);
            param.pattern = primary_pattern(parser, false);
            parser_note_height(parser, height);
            if (lambda && bare && parser_accept(parser, TOKEN_COLON)) {
                TypeExpr type = parser_atype(parser);
                param.type = parser_keep_type(parser, type);
                parser_note_height(parser, height);
            }
        }
        parser_push(parser, &param);
    }
}
