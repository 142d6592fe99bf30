// Record literals.
#include "syntax/parser_split.h"

// So many fields are compared with each other; more go through the set.
#define FEW_FIELDS 16
// Bytes of a path that a help shows.
#define MAX_SHOWN_PATH 60

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

// Whether a type stands there that was meant to be one.
static bool is_certain_type(const Parser *parser, const TypeExpr *type)
{
    return !parser->failed &&
           (type->kind == TYPE_EXPR_NAME || type->kind == TYPE_EXPR_FUNCTION ||
            parser_at(parser, TOKEN_NAME));
}

// ":" type "=", or, of other languages, ":" before the value. Returns whether a
// value follows.
static bool field_type(Parser *parser, TypeExpr **out_type, uint32_t *height)
{
    Span colon = parser->token->span;
    uint32_t diag_count = parser->sink->diags.count;
    bool may_go_back =
        !parser->failed && !lexer_is_interpolating(parser->lexer);
    parser_advance(parser);
    if (may_go_back && (parser->habits & HABIT_COLON) != 0) {
        return true;
    }
    *out_type = parser_type(parser);
    parser_note_height(parser, height);
    if (!parser->failed && (parser_accept(parser, TOKEN_EQUALS) ||
                            parser_foreign_equals(parser))) {
        return true;
    }
    if (!may_go_back || parser_at(parser, TOKEN_END) ||
        is_certain_type(parser, *out_type)) {
        return false;
    }
    parser_take_back(parser, diag_count);
    parser_seek(parser, colon.end);
    *out_type = NULL;
    parser_foreign_colon(parser, colon);
    return true;
}

// `path` stands where an item does, without a value; NULL: a name.
static void report_no_value(Parser *parser, const RecordItem *item,
                            const FieldPath *path)
{
    Diag *diag = parser_unexpected(parser, "'=' and a value");
    if (item->name == SYM_TOKEN_LET) {
        parser_help(parser, diag,
                    "bindings stand before the record: let x = 1; { ... }");
    } else if (item->name == SYM_TOKEN_IF) {
        parser_help(parser, diag, "%s", parser_left_out_help);
    } else if (item->name == SYM_TOKEN_FOR) {
        parser_help(parser, diag,
                    "names that are computed are keys of a Map: 'fromList "
                    "[(key, value) for ... in list]' of std.map");
    } else if (path != NULL && (parser_at(parser, TOKEN_COMMA) ||
                                parser_at(parser, TOKEN_RIGHT_BRACE))) {
        Str text = str_slice(parser->module->source.text, item->name_start,
                             parser->prev_end);
        if (text.len > MAX_SHOWN_PATH) {
            text = STR("record.field");
        }
        parser_help(parser, diag, "a field has a name and a value: name = %.*s",
                    STR_ARG(text));
    } else if (path == NULL) {
        parser_help_item(parser, diag, item->name_start);
    } else {
        parser_help_update(parser, diag);
    }
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
    is_name = !parser_foreign_name(parser, name, &item->name) && is_name;
    if (parser_at(parser, TOKEN_DOT)) {
        path = field_path(parser, item->name, name);
        parser_set_height(parser, path->count);
        parser_note_height(parser, height);
    }
    bool given =
        parser_accept(parser, TOKEN_EQUALS) || parser_foreign_equals(parser);
    if (!given && parser_at(parser, TOKEN_COLON)) {
        given = field_type(parser, &type, height);
    }
    if (given) {
        parser_expr(parser, &value);
    } else if (is_name && path == NULL && type == NULL &&
               (parser_at(parser, TOKEN_COMMA) ||
                parser_at(parser, TOKEN_RIGHT_BRACE) ||
                parser_at(parser, TOKEN_SEMICOLON) ||
                (parser_at(parser, TOKEN_NAME) && parser_at_line(parser)))) {
        parser_node(parser, &value, EXPR_NAME, 0, name.start, 1,
                    expr_of_name(item->name));
    } else {
        report_no_value(parser, item, path);
        item->name = path == NULL ? 0 : item->name; // it may be no field
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
        parser_error_node(parser, &item.plain, item.name_start, 1);
        *closed = 0;
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
void parser_record(Parser *parser, Expr *out)
{
    uint32_t start = parser->token->span.start;
    uint32_t height = 0;
    unsigned closed = EXPR_CLOSED;
    size_t mark = parser->stack.used;
    Bracket bracket;
    parser_open(parser, &bracket, TOKEN_RIGHT_BRACE, OF_FIELDS);
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
