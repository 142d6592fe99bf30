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
    const Token *token = parser->token;
    Expr piece;
    expr_put(&piece, EXPR_STRING, EXPR_CLOSED, token->span,
             expr_of_parts(token->as.string.data, token->as.string.len));
    parser_push_expr(parser, &piece);
}

// STRING_START expr { STRING_MIDDLE expr } STRING_END: pieces and expressions
// take turns; empty pieces are dropped at the end.
static NOINLINE void interpolation(Parser *parser, Expr *out)
{
    uint32_t start = parser->token->span.start;
    uint32_t height = 0;
    size_t mark = parser->stack.used;
    unsigned context = parser->context;
    parser->context = 0;
    bool block = parser->token->raw;
    bool more = true;
    push_piece(parser);
    while (more && !parser->failed) {
        parser_advance(parser);
        Expr part;
        parser_expr(parser, &part);
        parser_note_height(parser, &height);
        parser_push_expr(parser, &part);
        more = parser_at(parser, TOKEN_STRING_MIDDLE);
        if (more || parser_at(parser, TOKEN_STRING_END)) {
            push_piece(parser);
        } else {
            parser_unexpected(parser, "')' after the interpolated value");
        }
    }
    uint32_t indent = parser->token->indent;
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
    parser_node(parser, out, EXPR_INTERPOLATION, block ? EXPR_QUOTED : 0, start,
                height + 1, expr_of_parts(parts, kept));
}

// ---- parentheses

// expr [ ":" type ], pushed
static void push_paren_item(Parser *parser, uint32_t *height)
{
    uint32_t start = parser->token->span.start;
    Expr item;
    parser_expr(parser, &item);
    parser_note_height(parser, height);
    if (!parser->failed && parser_accept(parser, TOKEN_COLON)) {
        uint32_t inner = parser->height;
        TypeExpr *type = parser_type(parser);
        parser_note_height(parser, &inner);
        Expr *kept = parser_keep_expr(parser, &item);
        parser_node(parser, &item, EXPR_ANNOTATED, 0, start, inner + 1,
                    (ExprContents){(uintptr_t)kept, (uintptr_t)type});
        parser_note_height(parser, height);
    }
    parser_push_expr(parser, &item);
}

void parser_push_arguments(Parser *parser, uint32_t *height)
{
    uint32_t start = parser->token->span.start;
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
        Expr unit;
        parser_node(parser, &unit, EXPR_UNIT, 0, start, 1, expr_of_none());
        parser_note_height(parser, height);
        parser_push_expr(parser, &unit);
    }
}

// "(" ")" | "(" expr ")" | "(" expr ":" type ")" | "(" expr { "," expr } ")"
static NOINLINE void paren_expr(Parser *parser, Expr *out)
{
    uint32_t start = parser->token->span.start;
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
        const Expr *item =
            (const Expr *)(const void *)(parser->stack.data + mark);
        expr_copy(out, item);
        parser->stack.used = mark;
        expr_add(out, 0, EXPR_PARENTHESISED);
        expr_set_span(out, parser_span(parser, start));
        parser_set_height(parser, height);
        return;
    }
    if (pushed == 0) {
        parser_node(parser, out, EXPR_UNIT, 0, start, 1, expr_of_none());
        return;
    }
    uint32_t count;
    Expr *items = parser_take(parser, mark, Expr, &count);
    parser_node(parser, out, EXPR_TUPLE, 0, start, height + 1,
                expr_of_parts(items, count));
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
    parser_expr(parser, &clause.expr);
    parser_note_height(parser, height);
    parser_push(parser, &clause);
}

// "[" expr clause { clause } "]", from the first clause on
static void comprehension(Parser *parser, const Bracket *bracket,
                          uint32_t height, const Expr *body, Expr *out)
{
    Comprehension *node = ARENA_NEW(parser->arena, Comprehension);
    expr_copy(&node->body, body);
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
            Expr dropped;
            parser_expr(parser, &dropped);
        }
    }
    parser_close(parser, bracket);
    node->clauses = parser_take(parser, mark, Clause, &node->count);
    parser_node(parser, out, EXPR_COMPREHENSION, 0, bracket->start, height + 1,
                expr_of_parts(node, 0));
}

// The next token, an expression of its own, pushed
static inline void push_plain(Parser *parser, uint32_t *height,
                              unsigned *closed)
{
    Expr *item = parser_push_room(parser, Expr);
    parser_plain(parser, parser->token, item);
    *closed &= item->flags;
    parser_note_height(parser, height);
    parser_advance(parser);
}

// "[" [ expr { "," expr } ] "]"
static NOINLINE void list_expr(Parser *parser, Expr *out)
{
    uint32_t start = parser->token->span.start;
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
            if (UNLIKELY(parser->token->span.start >= parser->split_from) &&
                !split_loop_next(parser, &loop, TOKEN_RIGHT_BRACKET, &height,
                                 &closed)) {
                break;
            }
            if (parser_at_plain_item(parser, parser->token,
                                     TOKEN_RIGHT_BRACKET)) {
                push_plain(parser, &height, &closed);
                continue;
            }
            Expr item;
            parser_expr(parser, &item);
            parser_note_height(parser, &height);
            if (UNLIKELY(parser_at(parser, TOKEN_FOR)) &&
                parser->stack.used == mark && !parser->failed) {
                comprehension(parser, &bracket, height, &item, out);
                return;
            }
            closed &= item.flags;
            parser_push_expr(parser, &item);
        } while (parser_separator(parser, &bracket));
        if (UNLIKELY(parser->split != NULL) && lexer_is_cut(parser->lexer)) {
            split_loop_keep(parser, &loop);
        }
    }
    parser_close(parser, &bracket);
    uint32_t count;
    Expr *items = parser_take(parser, mark, Expr, &count);
    parser_node(parser, out, EXPR_LIST, closed, start, height + 1,
                expr_of_parts(items, count));
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
        parser_expr(parser, &value);
    } else if (is_name && path == NULL && type == NULL &&
               (parser_at(parser, TOKEN_COMMA) ||
                parser_at(parser, TOKEN_RIGHT_BRACE) ||
                (parser_at(parser, TOKEN_NAME) && parser_at_line(parser)))) {
        parser_node(parser, &value, EXPR_NAME, 0, name.start, 1,
                    expr_of_name(item->name));
    } else {
        parser_unexpected(parser, "'=' and a value");
    }
    *item = record_item_make(parser->arena, item->name, item->name_start, path,
                             type, &value);
}

static inline void record_item_name(RecordItem *item, Symbol name,
                                    uint32_t name_start)
{
    item->name = name;
    item->name_start = name_start;
}

// name "=" token, as most items are, pushed; false for others.
static inline bool push_plain_item(Parser *parser, unsigned *closed)
{
    const Token *token = parser->token;
    if (token[0].kind != TOKEN_NAME || token + 2 >= parser->token_limit ||
        token[1].kind != TOKEN_EQUALS ||
        !parser_at_plain_item(parser, token + 2, TOKEN_RIGHT_BRACE)) {
        return false;
    }
    RecordItem *item = parser_push_room(parser, RecordItem);
    record_item_name(item, token->as.symbol, token->span.start);
    parser_plain(parser, token + 2, &item->plain);
    *closed &= item->plain.flags;
    parser->token += 3;
    parser->prev_end = token[2].span.end;
    return true;
}

// ritem -> ".." expr | fieldpath [ ":" type ] "=" expr | name
void parser_push_record_item(Parser *parser, uint32_t *height, unsigned *closed)
{
    if (LIKELY(push_plain_item(parser, closed))) {
        parser_note_height(parser, height);
        return;
    }
    RecordItem item;
    item.name = 0;
    item.name_start = parser->token->span.start;
    bool is_name = parser_at(parser, TOKEN_NAME);
    Span span;
    if (UNLIKELY(parser_accept(parser, TOKEN_DOT_DOT))) {
        parser_expr(parser, &item.plain);
        *closed = 0;
    } else if (!parser_field_name(parser, &item.name, &span)) {
        return;
    } else if (LIKELY(parser_accept(parser, TOKEN_EQUALS))) {
        parser_expr(parser, &item.plain);
        *closed &= item.plain.flags;
    } else {
        unusual_item(parser, &item, span, is_name, height, closed);
    }
    parser_note_height(parser, height);
    RecordItem *pushed = parser_push_room(parser, RecordItem);
    record_item_name(pushed, item.name, item.name_start);
    expr_copy(&pushed->plain, &item.plain);
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

// The one that was pushed just now, as all are that have not failed.
static RecordItem *last_item(const Parser *parser)
{
    return (RecordItem *)(parser->stack.data + parser->stack.used) - 1;
}

static inline bool another_field(Parser *parser, const Bracket *bracket)
{
    if (LIKELY(parser_at(parser, TOKEN_COMMA) ||
               parser_at(parser, TOKEN_RIGHT_BRACE))) {
        return parser_separator(parser, bracket);
    }
    return (!parser->failed && parser_lost_comma(parser, last_item(parser))) ||
           parser_separator(parser, bracket);
}

// record -> "{" [ ritem { "," ritem } ] "}"
static NOINLINE void record_expr(Parser *parser, Expr *out)
{
    uint32_t start = parser->token->span.start;
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
            if (UNLIKELY(parser->token->span.start >= parser->split_from) &&
                !split_loop_next(parser, &loop, TOKEN_RIGHT_BRACE, &height,
                                 &closed)) {
                break;
            }
            parser_push_record_item(parser, &height, &closed);
        } while (another_field(parser, &bracket));
        if (UNLIKELY(parser->split != NULL) && lexer_is_cut(parser->lexer)) {
            split_loop_keep(parser, &loop);
        }
    }
    parser_close(parser, &bracket);
    uint32_t count;
    RecordItem *items = parser_take(parser, mark, RecordItem, &count);
    check_record(parser, items, count);
    parser_node(parser, out, EXPR_RECORD, closed, start, height + 1,
                expr_of_parts(items, count));
}

// ---- literals and names

const uint64_t parser_plain_heads[TOKEN_KIND_COUNT] = {
    [TOKEN_NAME] = EXPR_HEAD(EXPR_NAME, 0, 0),
    [TOKEN_UPPER_NAME] = EXPR_HEAD(EXPR_CTOR, 0, 0),
    [TOKEN_INT] = EXPR_HEAD(EXPR_INT, 0, EXPR_CLOSED),
    [TOKEN_FLOAT] = EXPR_HEAD(EXPR_FLOAT, 0, EXPR_CLOSED),
    [TOKEN_STRING] = EXPR_HEAD(EXPR_STRING, 0, EXPR_CLOSED),
    [TOKEN_TRUE] = EXPR_HEAD(EXPR_BOOL, 0, EXPR_CLOSED),
    [TOKEN_FALSE] = EXPR_HEAD(EXPR_BOOL, 0, EXPR_CLOSED),
};

void parser_odd_literal(Parser *parser, const Token *token, Expr *out)
{
    if (token->raw) {
        expr_add(out, 0, EXPR_QUOTED);
        return;
    }
    Diag *diag = parser_report(parser, DIAG_E0104, token->span,
                               "this integer does not fit into 64 bits");
    parser_help(parser, diag, "only its negative does");
}

static NOINLINE void no_expr(Parser *parser, Expr *out)
{
    Diag *diag = parser_unexpected(parser, "an expression");
    switch ((int)parser->token->kind) {
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
        if (parser->token->kind >= TOKEN_LET) {
            parser_help(parser, diag, "a keyword cannot be a name here");
        }
    }
    parser_error_node(parser, out, parser->token->span.start, 1);
}

void parser_atom(Parser *parser, Expr *out)
{
    switch ((int)parser->token->kind) {
    case TOKEN_NAME:
    case TOKEN_UPPER_NAME:
    case TOKEN_INT:
    case TOKEN_FLOAT:
    case TOKEN_STRING:
    case TOKEN_TRUE:
    case TOKEN_FALSE:
        parser_plain(parser, parser->token, out);
        parser_advance(parser);
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
    no_expr(parser, out);
}
