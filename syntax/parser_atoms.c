// Atoms: literals, names, and what stands in brackets.
#include "syntax/parser_split.h"

// So many fields are compared with each other; more go through the set.
#define FEW_FIELDS 16

// ---- strings

// Joins the pieces of a block string to what they are without indentation.
static void decode_block_pieces(Parser *parser, Expr *parts, uint32_t count,
                                uint32_t indent)
{
    for (uint32_t i = 0; i < count; i += 2) {
        Str raw = str_make(parts[i].as.string.data, parts[i].as.string.len);
        Str text = lexer_block_text(parser->lexer, raw, indent, i == 0,
                                    i == count - 1);
        parts[i].as.string.data = text.data;
        parts[i].as.string.len = (uint32_t)text.len;
    }
}

static void push_piece(Parser *parser)
{
    const Token *token = &parser->token;
    Expr piece = {
        .kind = EXPR_STRING,
        .flags = EXPR_CLOSED,
        .span = token->span,
    };
    piece.as.string.data = token->as.string.data;
    piece.as.string.len = token->as.string.len;
    parser_push(parser, &piece);
}

// STRING_START expr { STRING_MIDDLE expr } STRING_END: pieces and expressions
// take turns; empty pieces are dropped at the end.
static NOINLINE void interpolation(Parser *parser, Expr *out)
{
    uint32_t start = parser->token.span.start;
    uint32_t height = 0;
    size_t mark = parser->stack.used;
    unsigned context = parser->context;
    parser->context = 0;
    bool block = parser->token.raw;
    bool more = true;
    push_piece(parser);
    while (more && !parser->failed) {
        parser_advance(parser);
        Expr part = parser_expr(parser);
        parser_note_height(parser, &height);
        parser_push(parser, &part);
        more = parser_at(parser, TOKEN_STRING_MIDDLE);
        if (more || parser_at(parser, TOKEN_STRING_END)) {
            push_piece(parser);
        } else {
            parser_unexpected(parser, "')' after the interpolated value");
        }
    }
    uint32_t indent = parser->token.indent;
    parser->context = context;
    uint32_t count;
    Expr *parts = parser_take(parser, mark, Expr, &count);
    if (!parser->failed) {
        parser_advance(parser);
        if (block) {
            decode_block_pieces(parser, parts, count, indent);
        }
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (i % 2 == 1 || parts[i].as.string.len > 0) {
            parts[kept++] = parts[i];
        }
    }
    *out = parser_node(parser, EXPR_INTERPOLATION, start, height + 1);
    out->flags = block ? EXPR_QUOTED : 0;
    out->as.interpolation.parts = parts;
    out->as.interpolation.count = kept;
}

// ---- parentheses

// expr [ ":" type ], pushed
static void push_paren_item(Parser *parser, uint32_t *height)
{
    uint32_t start = parser->token.span.start;
    Expr item;
    parser_expr_into(parser, &item);
    parser_note_height(parser, height);
    if (!parser->failed && parser_accept(parser, TOKEN_COLON)) {
        uint32_t inner = parser->height;
        TypeExpr *type = parser_type(parser);
        parser_note_height(parser, &inner);
        Expr annotated = parser_node(parser, EXPR_ANNOTATED, start, inner + 1);
        annotated.as.annotated.expr = parser_keep_expr(parser, item);
        annotated.as.annotated.type = type;
        parser_note_height(parser, height);
        item = annotated;
    }
    parser_push(parser, &item);
}

void parser_push_arguments(Parser *parser, uint32_t *height)
{
    uint32_t start = parser->token.span.start;
    Bracket bracket;
    parser_open(parser, &bracket, TOKEN_RIGHT_PAREN);
    bool empty = parser_at(parser, TOKEN_RIGHT_PAREN);
    if (!empty) {
        do {
            push_paren_item(parser, height);
        } while (parser_separator(parser, &bracket));
    }
    parser_close(parser, &bracket);
    if (empty) {
        Expr unit = parser_node(parser, EXPR_UNIT, start, 1);
        parser_note_height(parser, height);
        parser_push(parser, &unit);
    }
}

// "(" ")" | "(" expr ")" | "(" expr ":" type ")" | "(" expr { "," expr } ")"
static NOINLINE void paren_expr(Parser *parser, Expr *out)
{
    uint32_t start = parser->token.span.start;
    uint32_t height = 0;
    size_t mark = parser->stack.used;
    Bracket bracket;
    parser_open(parser, &bracket, TOKEN_RIGHT_PAREN);
    parser->context = bracket.context & IN_PREDICATE;
    if (!parser_at(parser, TOKEN_RIGHT_PAREN)) {
        do {
            push_paren_item(parser, &height);
        } while (parser_separator(parser, &bracket));
    }
    parser_close(parser, &bracket);
    size_t pushed = parser->stack.used - mark;
    if (pushed == sizeof(Expr)) {
        memcpy(out, parser->stack.data + mark, sizeof *out);
        parser->stack.used = mark;
        out->flags |= EXPR_PARENTHESISED;
        out->span = parser_span(parser, start);
        parser_set_height(parser, height);
        return;
    }
    if (pushed == 0) {
        *out = parser_node(parser, EXPR_UNIT, start, 1);
        return;
    }
    uint32_t count;
    Expr *items = parser_take(parser, mark, Expr, &count);
    *out = parser_node(parser, EXPR_TUPLE, start, height + 1);
    out->as.tuple.items = items;
    out->as.tuple.count = count;
}

// ---- lists

// clause -> "for" pattern "in" expr | "if" expr, pushed
static void push_clause(Parser *parser, uint32_t *height)
{
    Clause clause = {.is_filter = parser_at(parser, TOKEN_IF)};
    parser_advance(parser);
    if (!clause.is_filter) {
        clause.pattern = parser_pattern(parser);
        parser_note_height(parser, height);
        parser_expect(parser, TOKEN_IN);
    }
    clause.expr = parser_expr(parser);
    parser_note_height(parser, height);
    parser_push(parser, &clause);
}

// "[" expr clause { clause } "]", from the first clause on
static void comprehension(Parser *parser, const Bracket *bracket,
                          uint32_t height, Expr body, Expr *out)
{
    Comprehension *node = ARENA_NEW(parser->arena, Comprehension);
    node->body = body;
    size_t mark = parser->stack.used;
    while (!parser->failed &&
           (parser_at(parser, TOKEN_FOR) || parser_at(parser, TOKEN_IF))) {
        push_clause(parser, &height);
    }
    if (!parser->failed && !parser_at(parser, TOKEN_RIGHT_BRACKET)) {
        parser_unexpected(parser, "'for', 'if' or ']'");
    }
    if (parser->failed) {
        while (parser_separator(parser, bracket)) {
            // The items behind a broken comprehension are read and dropped.
            parser_expr(parser);
        }
    }
    parser_close(parser, bracket);
    node->clauses = parser_take(parser, mark, Clause, &node->count);
    *out = parser_node(parser, EXPR_COMPREHENSION, bracket->start, height + 1);
    out->as.comprehension = node;
}

// "[" [ expr { "," expr } ] "]"
static NOINLINE void list_expr(Parser *parser, Expr *out)
{
    uint32_t start = parser->token.span.start;
    uint32_t height = 0;
    unsigned closed = EXPR_CLOSED;
    size_t mark = parser->stack.used;
    Bracket bracket;
    parser_open(parser, &bracket, TOKEN_RIGHT_BRACKET);
    if (!parser_at(parser, TOKEN_RIGHT_BRACKET)) {
        RunLoop loop;
        if (UNLIKELY(parser->split != NULL)) {
            split_loop_begin(parser, &loop, RUN_ITEMS);
        }
        do {
            if (UNLIKELY(parser->split != NULL) &&
                !split_loop_next(parser, &loop, TOKEN_RIGHT_BRACKET, &height,
                                 &closed)) {
                break;
            }
            Expr item;
            parser_expr_into(parser, &item);
            parser_note_height(parser, &height);
            if (UNLIKELY(parser_at(parser, TOKEN_FOR)) &&
                parser->stack.used == mark && !parser->failed) {
                comprehension(parser, &bracket, height, item, out);
                return;
            }
            closed &= item.flags;
            parser_push(parser, &item);
        } while (parser_separator(parser, &bracket));
        if (UNLIKELY(parser->split != NULL) && lexer_is_cut(parser->lexer)) {
            split_loop_keep(parser, &loop);
        }
    }
    parser_close(parser, &bracket);
    uint32_t count;
    Expr *items = parser_take(parser, mark, Expr, &count);
    *out = parser_node(parser, EXPR_LIST, start, height + 1);
    out->flags = (uint16_t)closed;
    out->as.list.items = items;
    out->as.list.count = count;
}

// ---- records

// The dotted rest of fieldpath -> fieldname { "." fieldname }
static FieldPath *field_path(Parser *parser, Symbol first, Span first_span)
{
    FieldPath *path = ARENA_NEW(parser->arena, FieldPath);
    VEC(Symbol) names = {0};
    VEC(Span) spans = {0};
    Symbol name = first;
    Span span = first_span;
    do {
        vec_push(&names, name);
        vec_push(&spans, span);
    } while (parser_accept(parser, TOKEN_DOT) &&
             parser_field_name(parser, &name, &span));
    path->count = names.count;
    path->names = arena_copy(parser->arena, names.items,
                             names.count * sizeof *names.items);
    path->spans = arena_copy(parser->arena, spans.items,
                             spans.count * sizeof *spans.items);
    vec_release(&names);
    vec_release(&spans);
    return path;
}

// The rest of an item behind its name where no '=' follows that.
static NOINLINE void unusual_item(Parser *parser, RecordItem *item, Span name,
                                  bool is_name, uint32_t *height,
                                  unsigned *closed)
{
    FieldPath *path = NULL;
    TypeExpr *type = NULL;
    Expr value = {0};
    *closed = 0;
    if (parser_at(parser, TOKEN_DOT)) {
        path = field_path(parser, item->name, name);
        parser_set_height(parser, path->count);
        parser_note_height(parser, height);
    }
    if (parser_accept(parser, TOKEN_COLON)) {
        type = parser_type(parser);
        parser_note_height(parser, height);
    }
    if (parser_accept(parser, TOKEN_EQUALS)) {
        parser_expr_into(parser, &value);
    } else if (is_name && path == NULL && type == NULL &&
               (parser_at(parser, TOKEN_COMMA) ||
                parser_at(parser, TOKEN_RIGHT_BRACE))) {
        value = parser_node(parser, EXPR_NAME, name.start, 1);
        value.as.name.symbol = item->name;
    } else {
        parser_unexpected(parser, "'=' and a value");
    }
    *item = record_item_make(parser->arena, item->name, item->name_start, path,
                             type, &value);
}

// ritem -> ".." expr | fieldpath [ ":" type ] "=" expr | name
void parser_push_record_item(Parser *parser, uint32_t *height, unsigned *closed)
{
    RecordItem item;
    item.name = 0;
    item.name_start = parser->token.span.start;
    bool is_name = parser_at(parser, TOKEN_NAME);
    Span span;
    if (UNLIKELY(parser_accept(parser, TOKEN_DOT_DOT))) {
        parser_expr_into(parser, &item.plain);
        *closed = 0;
    } else if (!parser_field_name(parser, &item.name, &span)) {
        return;
    } else if (LIKELY(parser_accept(parser, TOKEN_EQUALS))) {
        parser_expr_into(parser, &item.plain);
        *closed &= item.plain.flags;
    } else {
        unusual_item(parser, &item, span, is_name, height, closed);
    }
    parser_note_height(parser, height);
    parser_push(parser, &item);
}

// False where there may be duplicates, which are rare.
static bool few_and_different(const RecordItem *items, uint32_t count)
{
    if (count > FEW_FIELDS) {
        return false;
    }
    // Symbols of different ends mostly: then they all differ.
    uint64_t ends = 0;
    bool may_repeat = false;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t end = UINT64_C(1) << items[i].name % 64;
        may_repeat |= (ends & end) != 0;
        ends |= end;
    }
    if (!may_repeat) {
        return true;
    }
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < i; k++) {
            if (items[i].name == items[k].name && items[i].name != 0) {
                return false;
            }
        }
    }
    return true;
}

static Span item_span(Parser *parser, const RecordItem *item)
{
    Span span = record_item_name_span(item, &parser->module->source);
    if (record_item_path(item) != NULL) {
        span.end = record_item_path(item)
                       ->spans[record_item_path(item)->count - 1]
                       .end;
    }
    return span;
}

static void report_overlap(Parser *parser, const RecordItem *first,
                           const RecordItem *second, Symbol name)
{
    if (record_item_path(first) == NULL && record_item_path(second) == NULL) {
        parser_duplicate_field(parser, name, item_span(parser, first),
                               item_span(parser, second));
        return;
    }
    Span span = item_span(parser, second);
    Span before = item_span(parser, first);
    Str text = parser->module->source.text;
    StrBuf shown = {0};
    strbuf_append_printable(&shown, str_slice(text, span.start, span.end), 60);
    Diag *diag = parser_report(parser, DIAG_E0109, span,
                               "the path '%.*s' overlaps with one before it",
                               STR_ARG(strbuf_str(&shown)));
    strbuf_release(&shown);
    parser_label(parser, diag, before, "first here");
    parser_help(parser, diag,
                "give the field one value: a whole record, or its fields one "
                "by one");
}

// Two items clash when the path of one is a beginning of the other's: when a
// walk passes a node where another ended, or ends at a node that exists.
static void check_record_item(Parser *parser, const RecordItem *items,
                              uint32_t index)
{
    const RecordItem *item = &items[index];
    uint32_t length =
        record_item_path(item) == NULL ? 1 : record_item_path(item)->count;
    uint32_t parent = 0;
    for (uint32_t i = 0; i < length; i++) {
        Symbol name = record_item_path(item) == NULL
                          ? item->name
                          : record_item_path(item)->names[i];
        bool added;
        FieldNode *node = field_set_add(&parser->fields, parent, name, &added);
        bool is_last = i == length - 1;
        if (added) {
            node->item = index;
            node->ends = is_last;
        } else if (node->ends || is_last) {
            report_overlap(parser, &items[node->item], item, name);
            return;
        }
        parent = node->node;
    }
}

static void check_record(Parser *parser, const RecordItem *items,
                         uint32_t count)
{
    if (LIKELY(few_and_different(items, count))) {
        return;
    }
    field_set_begin(&parser->fields);
    for (uint32_t i = 0; i < count; i++) {
        if (items[i].name != 0) {
            check_record_item(parser, items, i);
        }
    }
}

// record -> "{" [ ritem { "," ritem } ] "}"
static NOINLINE void record_expr(Parser *parser, Expr *out)
{
    uint32_t start = parser->token.span.start;
    uint32_t height = 0;
    unsigned closed = EXPR_CLOSED;
    size_t mark = parser->stack.used;
    Bracket bracket;
    parser_open(parser, &bracket, TOKEN_RIGHT_BRACE);
    if (!parser_at(parser, TOKEN_RIGHT_BRACE)) {
        RunLoop loop;
        if (UNLIKELY(parser->split != NULL)) {
            split_loop_begin(parser, &loop, RUN_FIELDS);
        }
        do {
            if (UNLIKELY(parser->split != NULL) &&
                !split_loop_next(parser, &loop, TOKEN_RIGHT_BRACE, &height,
                                 &closed)) {
                break;
            }
            parser_push_record_item(parser, &height, &closed);
        } while (parser_separator(parser, &bracket));
        if (UNLIKELY(parser->split != NULL) && lexer_is_cut(parser->lexer)) {
            split_loop_keep(parser, &loop);
        }
    }
    parser_close(parser, &bracket);
    uint32_t count;
    RecordItem *items = parser_take(parser, mark, RecordItem, &count);
    check_record(parser, items, count);
    *out = parser_node(parser, EXPR_RECORD, start, height + 1);
    out->flags = (uint16_t)closed;
    out->as.record.items = items;
    out->as.record.count = count;
}

// ---- literals and names

// A number, boolean or string without interpolations.
static void literal(Parser *parser, Expr *out)
{
    const Token *token = &parser->token;
    *out = (Expr){.flags = EXPR_CLOSED, .span = token->span};
    parser->node_count++;
    parser->height = 1;
    if (token->kind == TOKEN_INT) {
        out->kind = EXPR_INT;
        out->as.integer.value = token->as.integer;
        if (UNLIKELY(token->overflow)) {
            Diag *diag = parser_report(parser, DIAG_E0104, token->span,
                                       "this integer does not fit into 64 "
                                       "bits");
            parser_help(parser, diag, "only its negative does");
        }
    } else if (token->kind == TOKEN_STRING) {
        out->kind = EXPR_STRING;
        out->flags |= token->raw ? EXPR_QUOTED : 0;
        out->as.string.data = token->as.string.data;
        out->as.string.len = token->as.string.len;
    } else if (token->kind == TOKEN_FLOAT) {
        out->kind = EXPR_FLOAT;
        out->as.number.value = token->as.number;
    } else {
        out->kind = EXPR_BOOL;
        out->as.boolean.value = token->kind == TOKEN_TRUE;
    }
    parser_advance(parser);
}

static void name_expr(Parser *parser, ExprKind kind, Expr *out)
{
    *out = (Expr){.kind = (uint8_t)kind, .span = parser->token.span};
    out->as.name.symbol = parser->token.as.symbol;
    parser->node_count++;
    parser->height = 1;
    parser_advance(parser);
}

static NOINLINE Expr no_expr(Parser *parser)
{
    Diag *diag = parser_unexpected(parser, "an expression");
    switch ((int)parser->token.kind) {
    case TOKEN_UNDERSCORE:
        parser_help(parser, diag, "'_' is a pattern; it has no value");
        break;
    case TOKEN_EQUALS:
        parser_help(parser, diag, "equality is written '=='");
        break;
    case TOKEN_DOT_DOT:
        parser_help(parser, diag,
                    "a spread '..' stands in a record; lists are joined with "
                    "'++'");
        break;
    case TOKEN_LEFT_BRACE:
        parser_help(parser, diag,
                    "a record as the subject of a match stands in "
                    "parentheses");
        break;
    case TOKEN_FOR:
        parser_help(parser, diag, "a comprehension is [expr for x in list]");
        break;
    default:
        if (parser->token.kind >= TOKEN_LET) {
            parser_help(parser, diag, "a keyword cannot be a name here");
        }
    }
    return parser_node(parser, EXPR_ERROR, parser->token.span.start, 1);
}

void parser_atom(Parser *parser, Expr *out)
{
    switch ((int)parser->token.kind) {
    case TOKEN_NAME:
        name_expr(parser, EXPR_NAME, out);
        return;
    case TOKEN_UPPER_NAME:
        name_expr(parser, EXPR_CTOR, out);
        return;
    case TOKEN_INT:
    case TOKEN_FLOAT:
    case TOKEN_STRING:
    case TOKEN_TRUE:
    case TOKEN_FALSE:
        literal(parser, out);
        return;
    case TOKEN_LEFT_BRACKET:
        list_expr(parser, out);
        return;
    case TOKEN_LEFT_PAREN:
        paren_expr(parser, out);
        return;
    case TOKEN_STRING_START:
        interpolation(parser, out);
        return;
    case TOKEN_LEFT_BRACE:
        if (LIKELY((parser->context & NO_BRACE) == 0)) {
            record_expr(parser, out);
            return;
        }
        break;
    }
    *out = no_expr(parser);
}
