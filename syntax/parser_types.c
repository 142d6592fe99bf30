// Types as written.
#include "syntax/foreign.h"
#include "syntax/parser_internal.h"

static TypeExpr type_node(Parser *parser, TypeExprKind kind, uint32_t start,
                          uint32_t height)
{
    TypeExpr type = {.kind = (uint8_t)kind, .span = parser_span(parser, start)};
    parser->node_count++;
    parser_set_height(parser, height);
    return type;
}

TypeExpr *parser_keep_type(Parser *parser, TypeExpr type)
{
    return arena_copy(parser->arena, &type, sizeof type);
}

static bool at_atype(Parser *parser)
{
    TokenKind kind = parser->token->kind;
    return kind == TOKEN_UPPER_NAME || kind == TOKEN_NAME ||
           kind == TOKEN_TYPE_VAR || kind == TOKEN_LEFT_PAREN ||
           kind == TOKEN_LEFT_BRACKET ||
           (kind == TOKEN_LEFT_BRACE &&
            !(parser->in_head && parser_at_method_brace(parser)));
}

// Name | name '.' Name | Name '.' Name | tyvar
static TypeExpr type_name(Parser *parser)
{
    uint32_t start = parser->token->span.start;
    bool is_upper = parser_at(parser, TOKEN_UPPER_NAME);
    Symbol symbol = parser->token->as.symbol;
    parser_advance(parser);
    Symbol qualifier = 0;
    if (parser_accept(parser, TOKEN_DOT)) {
        if (!parser_at(parser, TOKEN_UPPER_NAME)) {
            parser_unexpected(parser, "a type's name");
            return type_node(parser, TYPE_EXPR_ERROR, start, 1);
        }
        qualifier = symbol;
        symbol = parser->token->as.symbol;
        parser_advance(parser);
    } else if (!is_upper) {
        TypeExpr var = type_node(parser, TYPE_EXPR_VAR, start, 1);
        var.as.var.symbol = symbol;
        return var;
    }
    TypeExpr name = type_node(parser, TYPE_EXPR_NAME, start, 1);
    name.as.name.ref.symbol = symbol;
    name.as.name.qualifier = qualifier;
    return name;
}

// "(" [ type { "," type } ] ")"
static TypeExpr paren_type(Parser *parser)
{
    uint32_t start = parser->token->span.start;
    uint32_t height = 0;
    Bracket bracket;
    size_t mark = parser->stack.used;
    parser_open(parser, &bracket, TOKEN_RIGHT_PAREN, OF_OTHERS);
    if (!parser_at(parser, TOKEN_RIGHT_PAREN)) {
        do {
            TypeExpr item = parser_full_type(parser);
            parser_note_height(parser, &height);
            parser_push(parser, &item);
        } while (parser_separator(parser, &bracket));
    }
    parser_close(parser, &bracket);
    uint32_t count;
    TypeExpr *items = parser_take(parser, mark, TypeExpr, &count);
    if (count == 1) {
        items[0].span = parser_span(parser, start);
        items[0].flags |= TYPE_EXPR_PARENTHESISED;
        parser_set_height(parser, height);
        return items[0];
    }
    TypeExpr type =
        type_node(parser, count == 0 ? TYPE_EXPR_UNIT : TYPE_EXPR_TUPLE, start,
                  height + 1);
    if (count > 0) {
        type.as.tuple.items = items;
        type.as.tuple.count = count;
    }
    return type;
}

// "[" type "]"
static TypeExpr list_type(Parser *parser)
{
    uint32_t start = parser->token->span.start;
    Bracket bracket;
    parser_open(parser, &bracket, TOKEN_RIGHT_BRACKET, OF_OTHERS);
    TypeExpr *item = parser_type(parser);
    uint32_t height = parser->height;
    parser_close(parser, &bracket);
    TypeExpr list = type_node(parser, TYPE_EXPR_LIST, start, height + 1);
    list.as.list.item = item;
    return list;
}

// field -> fieldname [ "?" ] ":" type [ "=" expr ]
static void type_field(Parser *parser, uint32_t *height)
{
    TypeField field = {0};
    if (parser_field_name(parser, &field.name, &field.name_span)) {
        (void)parser_foreign_name(parser, field.name_span, &field.name);
        field.optional = parser_accept(parser, TOKEN_QUESTION);
        if (parser_untyped_field(parser, field.name_span)) {
            return;
        }
        if (parser_accept(parser, TOKEN_COLON)) {
            field.type = parser_type(parser);
        } else if (!parser_foreign_field(parser, &field)) {
            parser_no_field_type(parser, field.name_span);
        }
        parser_note_height(parser, height);
        if (parser_accept(parser, TOKEN_EQUALS)) {
            field.default_value = parser_new_expr(parser);
            parser_note_height(parser, height);
        }
        parser_push(parser, &field);
    }
}

static void check_field_names(Parser *parser, const TypeRecord *record)
{
    field_set_begin(&parser->fields);
    for (uint32_t i = 0; i < record->count; i++) {
        const TypeField *field = &record->fields[i];
        bool added;
        FieldNode *node =
            field_set_add(&parser->fields, 0, field->name, &added);
        if (added) {
            node->item = i;
        } else {
            parser_duplicate_field(parser, field->name,
                                   record->fields[node->item].name_span,
                                   field->name_span);
        }
    }
}

// ".." [ tyvar ], the last in a record type
static void row_rest(Parser *parser, TypeRecord *record)
{
    parser_advance(parser);
    record->open = true;
    if (parser_at(parser, TOKEN_NAME) || parser_at(parser, TOKEN_TYPE_VAR)) {
        record->row = parser->token->as.symbol;
        parser_advance(parser);
    }
    parser_accept(parser, TOKEN_COMMA);
    if (!parser_at(parser, TOKEN_RIGHT_BRACE)) {
        Diag *diag = parser_unexpected(parser, "'}' after '..'");
        if (parser_at(parser, TOKEN_NAME)) {
            parser_help(parser, diag, "'..' stands behind all fields");
        } else if (parser_at(parser, TOKEN_UPPER_NAME)) {
            parser_help(parser, diag,
                        "a record type takes in no other one: it names all of "
                        "its fields, one of which may have that type");
        } else if (parser_at(parser, TOKEN_DOT)) {
            parser_help(parser, diag,
                        "the rest of a record type is '..', with two dots");
        }
    }
}

// "{" [ field { "," field } ] [ "," ".." [ tyvar ] ] "}"
static TypeExpr record_type(Parser *parser)
{
    uint32_t start = parser->token->span.start;
    uint32_t height = 0;
    Bracket bracket;
    size_t mark = parser->stack.used;
    uint32_t diag_count = parser->sink->diags.count;
    TypeRecord *record = ARENA_NEW(parser->arena, TypeRecord);
    parser_open(parser, &bracket, TOKEN_RIGHT_BRACE, OF_TYPES);
    bool more = !parser_at(parser, TOKEN_RIGHT_BRACE);
    while (more && !parser_at(parser, TOKEN_DOT_DOT)) {
        type_field(parser, &height);
        more = parser_separator(parser, &bracket);
    }
    if (more) {
        row_rest(parser, record);
        parser_separator(parser, &bracket);
    }
    parser_close(parser, &bracket);
    record->fields = parser_take(parser, mark, TypeField, &record->count);
    if (UNLIKELY(parser->sink->diags.count > diag_count)) {
        // Fields may be lost, whose lack is no error of its own.
        return type_node(parser, TYPE_EXPR_ERROR, start, 1);
    }
    check_field_names(parser, record);
    TypeExpr type = type_node(parser, TYPE_EXPR_RECORD, start, height + 1);
    type.as.record = record;
    return type;
}

// atype -> Name | tyvar | "(" ... ")" | "[" type "]" | recordtype
TypeExpr parser_atype(Parser *parser)
{
    uint32_t start = parser->token->span.start;
    TokenKind kind = parser->token->kind;
    if (kind == TOKEN_UPPER_NAME || kind == TOKEN_NAME) {
        return type_name(parser);
    }
    if (kind == TOKEN_LEFT_PAREN) {
        return paren_type(parser);
    }
    if (kind == TOKEN_LEFT_BRACKET) {
        return list_type(parser);
    }
    if (kind == TOKEN_LEFT_BRACE) {
        return record_type(parser);
    }
    if (kind == TOKEN_TYPE_VAR) {
        Symbol symbol = parser->token->as.symbol;
        parser_advance(parser);
        TypeExpr var = type_node(parser, TYPE_EXPR_VAR, start, 1);
        var.as.var.symbol = symbol;
        return var;
    }
    parser_no_type(parser);
    return type_node(parser, TYPE_EXPR_ERROR, start, 1);
}

static void applied_variable(Parser *parser, const TypeExpr *head)
{
    Str name = symbol_text(parser->interner, head->as.var.symbol);
    const char *foreign = foreign_type(name);
    Diag *diag = parser_error(parser, DIAG_E0106, parser->token->span,
                              "a type variable takes no arguments");
    parser_help(parser, diag, "%s",
                foreign != NULL
                    ? foreign
                    : "variables stand for types, such as 'List a', not for "
                      "what makes types, such as 'List'");
}

// apptype -> Name { atype } | atype
TypeExpr parser_apptype(Parser *parser)
{
    TypeExpr head = parser_atype(parser);
    if (head.kind == TYPE_EXPR_VAR && (parser_at(parser, TOKEN_NAME) ||
                                       parser_at(parser, TOKEN_UPPER_NAME))) {
        applied_variable(parser, &head);
        return head;
    }
    bool is_name = head.kind == TYPE_EXPR_NAME &&
                   (head.flags & TYPE_EXPR_PARENTHESISED) == 0;
    if (!is_name || !at_atype(parser)) {
        if (UNLIKELY(parser_at(parser, TOKEN_LESS) ||
                     parser_at(parser, TOKEN_QUESTION))) {
            parser_foreign_type(parser);
        }
        return head;
    }
    uint32_t height = 0;
    size_t mark = parser->stack.used;
    while (at_atype(parser) && !parser->failed) {
        TypeExpr arg = parser_atype(parser);
        parser_note_height(parser, &height);
        parser_push(parser, &arg);
    }
    head.as.name.args =
        parser_take(parser, mark, TypeExpr, &head.as.name.arg_count);
    head.span = parser_span(parser, head.span.start);
    parser_set_height(parser, height + 1);
    return head;
}

// refined -> apptype { ("where" | "with") predicate }
static TypeExpr refined_type(Parser *parser)
{
    uint32_t start = parser->token->span.start;
    TypeExpr base = parser_apptype(parser);
    if (!parser_at(parser, TOKEN_WHERE) && !parser_at(parser, TOKEN_WITH)) {
        return base;
    }
    uint32_t height = parser->height;
    size_t mark = parser->stack.used;
    while ((parser_at(parser, TOKEN_WHERE) || parser_at(parser, TOKEN_WITH)) &&
           !parser->failed) {
        Predicate predicate = {.is_with = parser_at(parser, TOKEN_WITH),
                               .hidden = UINT32_MAX};
        parser_advance(parser);
        parser_predicate(parser, &predicate.expr);
        parser_note_height(parser, &height);
        parser_push(parser, &predicate);
    }
    uint32_t count;
    Predicate *predicates = parser_take(parser, mark, Predicate, &count);
    TypeExpr type = type_node(parser, TYPE_EXPR_REFINED, start, height + 1);
    type.as.refined.base = parser_keep_type(parser, base);
    type.as.refined.predicates = predicates;
    type.as.refined.count = count;
    return type;
}

// arrow -> refined [ "->" arrow ], whose first part was read
static TypeExpr arrow_type(Parser *parser, TypeExpr first, uint32_t start)
{
    if (!parser_at(parser, TOKEN_ARROW)) {
        return first;
    }
    uint32_t height = parser->height;
    size_t mark = parser->stack.used;
    parser_push(parser, &first);
    while (!parser->failed && parser_accept(parser, TOKEN_ARROW)) {
        TypeExpr part = refined_type(parser);
        parser_note_height(parser, &height);
        parser_push(parser, &part);
    }
    uint32_t count;
    TypeExpr *parts = parser_take(parser, mark, TypeExpr, &count);
    TypeExpr type = type_node(parser, TYPE_EXPR_FUNCTION, start, height + 1);
    type.as.function.parts = parts;
    type.as.function.count = count;
    return type;
}

bool parser_constraint(Parser *parser, const TypeExpr *type,
                       Constraint *out_constraint)
{
    if (type->kind != TYPE_EXPR_NAME) {
        if (type->kind != TYPE_EXPR_ERROR) {
            Diag *diag = parser_error(parser, DIAG_E0106, type->span,
                                      "expected a constraint, found a type");
            parser_help(parser, diag,
                        "a constraint is a class and its types: Eq a");
        }
        return false;
    }
    *out_constraint = (Constraint){
        .ref = type->as.name.ref,
        .qualifier = type->as.name.qualifier,
        .span = type->span,
        .args = type->as.name.args,
        .arg_count = type->as.name.arg_count,
    };
    return true;
}

void parser_push_constraints(Parser *parser, const TypeExpr *type)
{
    bool many = type->kind == TYPE_EXPR_TUPLE;
    const TypeExpr *items = many ? type->as.tuple.items : type;
    uint32_t count = many ? type->as.tuple.count : 1;
    for (uint32_t i = 0; i < count; i++) {
        Constraint constraint;
        if (parser_constraint(parser, &items[i], &constraint)) {
            parser_push(parser, &constraint);
        }
    }
}

// type -> [ context "=>" ] arrow
TypeExpr parser_full_type(Parser *parser)
{
    uint32_t start = parser->token->span.start;
    if (!parser_enter(parser)) {
        parser_leave(parser);
        return type_node(parser, TYPE_EXPR_ERROR, start, 1);
    }
    TypeExpr type = refined_type(parser);
    if (UNLIKELY(parser_at(parser, TOKEN_FAT_ARROW)) && !parser->failed &&
        parser_foreign_function_type(parser, &type)) {
        parser->token->kind = TOKEN_ARROW;
    }
    if (!parser->failed && parser_at(parser, TOKEN_FAT_ARROW)) {
        uint32_t height = parser->height;
        size_t mark = parser->stack.used;
        parser_push_constraints(parser, &type);
        uint32_t count;
        Constraint *constraints = parser_take(parser, mark, Constraint, &count);
        parser_advance(parser);
        uint32_t inner = parser->token->span.start;
        type = arrow_type(parser, refined_type(parser), inner);
        parser_note_height(parser, &height);
        TypeExpr whole =
            type_node(parser, TYPE_EXPR_CONSTRAINED, start, height + 1);
        whole.as.constrained.constraints = constraints;
        whole.as.constrained.count = count;
        whole.as.constrained.type = parser_keep_type(parser, type);
        type = whole;
    } else {
        type = arrow_type(parser, type, start);
    }
    parser_leave(parser);
    if (UNLIKELY(parser->failed)) {
        return type_node(parser, TYPE_EXPR_ERROR, start, 1);
    }
    return type;
}

TypeExpr *parser_type(Parser *parser)
{
    return parser_keep_type(parser, parser_full_type(parser));
}
