// Where in the literal of a binding a value stands: "config.servers[1].port".
// Only the tree is looked at, and of it only what no pass writes to.
#include "typecheck/infer_internal.h"

// Fewer steps are seen at a glance; of more the middle is left out.
enum { FEWEST_STEPS = 2, SHOWN_HEAD = 8, SHOWN_TAIL = 8, MAX_KEY = 40 };

typedef struct Step {
    const RecordItem *item; // NULL: an element of a list
    uint32_t index;
} Step;

typedef struct Place {
    Symbol name; // of the binding; 0 for the final expression, or a function
    VEC(Step) steps;
} Place;

static bool encloses(Span outer, Span inner)
{
    return outer.start <= inner.start && inner.end <= outer.end;
}

// The item whose value encloses `span`.
static const RecordItem *item_around(const Expr *record, Span span)
{
    const RecordItem *items = record->as.record.items;
    uint32_t low = 0;
    uint32_t high = record->as.record.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        Span value = record_item_value(&items[middle])->span;
        if (encloses(value, span)) {
            return &items[middle];
        }
        if (value.end <= span.start) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

// The element of a list that encloses `span`; its count for none.
static uint32_t element_around(const Expr *list, Span span)
{
    uint32_t low = 0;
    uint32_t high = list->as.list.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        Span value = list->as.list.items[middle].span;
        if (encloses(value, span)) {
            return middle;
        }
        if (value.end <= span.start) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return list->as.list.count;
}

static const Bind *bind_around(const Bind *binds, uint32_t count, Span span)
{
    uint32_t low = 0;
    uint32_t high = count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (binds[middle].value.span.end <= span.start) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool is_in = low < count && encloses(binds[low].value.span, span);
    return is_in ? &binds[low] : NULL;
}

// Goes into `expr`, which encloses `span`; NULL when the way ends.
static const Expr *step_into(const Expr *expr, Span span, Place *place)
{
    switch ((int)expr->kind) {
    case EXPR_RECORD: {
        const RecordItem *item = item_around(expr, span);
        if (item == NULL || item->name == 0) {
            return NULL;
        }
        vec_push(&place->steps, (Step){.item = item});
        return record_item_value(item);
    }
    case EXPR_LIST: {
        uint32_t index = element_around(expr, span);
        if (index == expr->as.list.count) {
            return NULL;
        }
        vec_push(&place->steps, (Step){.index = index});
        return &expr->as.list.items[index];
    }
    case EXPR_LAMBDA:
        place->name = 0;
        vec_clear(&place->steps);
        return &expr->as.lambda->body;
    case EXPR_LET: {
        const Let *let = expr->as.let;
        if (encloses(let->body.span, span)) {
            return &let->body;
        }
        const Bind *bind = bind_around(let->binds, let->count, span);
        if (bind == NULL) {
            return NULL;
        }
        place->name = bind->name;
        vec_clear(&place->steps);
        return &bind->value;
    }
    default:
        return NULL;
    }
}

static const Expr *find_root(const Module *module, Span span, Place *place)
{
    const ModuleAst *ast = &module->ast;
    if (ast->result != NULL && encloses(ast->result->span, span)) {
        return ast->result;
    }
    const Decl *decl = ast_decl_at(ast, span.start);
    if (decl == NULL || decl->kind != DECL_LET) {
        return NULL;
    }
    const LetDecl *let = &decl->as.let;
    const Bind *bind = bind_around(let->binds, let->count, span);
    if (bind == NULL) {
        return NULL;
    }
    place->name = bind->name;
    return &bind->value;
}

static void append_item(const Infer *c, const RecordItem *item, StrBuf *out)
{
    const FieldPath *path = record_item_path(item);
    uint32_t count = path != NULL ? path->count : 1;
    for (uint32_t i = 0; i < count; i++) {
        Symbol name = path != NULL ? path->names[i] : item->name;
        strbuf_append_char(out, '.');
        strbuf_append_key(out, infer_name_text(c, name), MAX_KEY);
    }
}

static void append_place(const Infer *c, const Place *place, StrBuf *out)
{
    if (place->name != 0) {
        strbuf_append_printable(out, infer_name_text(c, place->name), MAX_KEY);
    }
    uint32_t count = place->steps.count;
    for (uint32_t i = 0; i < count; i++) {
        if (i == SHOWN_HEAD && count > SHOWN_HEAD + SHOWN_TAIL) {
            strbuf_append(out, STR("..."));
            i = count - SHOWN_TAIL;
        }
        const Step *step = &place->steps.items[i];
        if (step->item != NULL) {
            append_item(c, step->item, out);
        } else {
            strbuf_appendf(out, "[%u]", step->index);
        }
    }
}

void infer_note_place(Infer *c, Diag *diag, Span span)
{
    Place place = {0};
    const Expr *expr = find_root(c->module, span, &place);
    while (expr != NULL &&
           !(expr->span.start == span.start && expr->span.end == span.end)) {
        expr = step_into(expr, span, &place);
    }
    if (place.steps.count >= FEWEST_STEPS) {
        StrBuf text = {0};
        append_place(c, &place, &text);
        diag_note(c->sink, diag, "at %.*s", STR_ARG(strbuf_str(&text)));
        strbuf_release(&text);
    }
    vec_release(&place.steps);
}
