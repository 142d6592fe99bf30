// Code that explains where values come from: marks behind the expressions
// that make values or hand them on. See eval/origin.h.
//
// What is expanded from the standard library says nothing: it is the call that
// the reader knows.
#include "eval/compile_internal.h"

#define NAME_MAX_BYTES 60

bool explains(const Compiler *c)
{
    return c->origins != NULL && !c->context->has_span &&
           !c->context->module->is_std;
}

static const Source *context_source(const Compiler *c)
{
    return binding_source(c->context->module, c->context->binding);
}

// ---- sites

static OriginSite *site_new(Compiler *c, OriginKind kind, Span span, Str name)
{
    OriginSite *site = ARENA_NEW(origins_arena(c->origins), OriginSite);
    site->kind = kind;
    site->source = context_source(c);
    site->span = span;
    site->name = name;
    site->branch = c->branch;
    return site;
}

// The first line of what is written there.
static Str written(const Compiler *c, Span span)
{
    Str text = str_slice(context_source(c)->text, span.start, span.end);
    size_t end = 0;
    while (end < text.len && end < NAME_MAX_BYTES &&
           (unsigned char)text.data[end] >= ' ') {
        end++;
    }
    return str_slice(text, 0, utf8_start(text, end));
}

static OriginSite *call_site(Compiler *c, const Expr *expr)
{
    const Expr *callee = &expr->as.call.parts[0];
    while (callee->kind == EXPR_CALL) {
        callee = &callee->as.call.parts[0];
    }
    if (callee->kind == EXPR_CTOR) {
        return site_new(c, FROM_BUILT, expr->span, (Str){0});
    }
    bool has_name = callee->kind == EXPR_NAME || callee->kind == EXPR_FIELD;
    Str name = has_name ? written(c, callee->span) : STR("a function");
    return site_new(c, FROM_CALL, expr->span, name);
}

static OriginSite *chain_site(Compiler *c, const Expr *expr)
{
    const Expr *last = &expr->as.chain.operands[expr->as.chain.count - 1];
    Operator op = (Operator)expr->as.chain.operands[1].op;
    if (op == OP_COALESCE) {
        return site_new(c, FROM_CHOSEN, expr->span,
                        STR("?"
                            "?"));
    }
    if (op != OP_PIPE) {
        return site_new(c, FROM_OPERATOR, expr->span,
                        str_from_c(operator_text(op)));
    }
    if (last->kind == EXPR_CALL) {
        last = &last->as.call.parts[0];
    }
    bool has_name = last->kind == EXPR_NAME || last->kind == EXPR_FIELD;
    return site_new(c, FROM_CALL, expr->span,
                    has_name ? written(c, last->span) : STR("a function"));
}

// What an expression does to its value; NULL where it hands on what a part of
// it yields, or has marked it already.
static OriginSite *expr_site(Compiler *c, const Expr *expr)
{
    switch ((ExprKind)expr->kind) {
    case EXPR_CTOR:
        return site_new(c, FROM_LITERAL, expr->span, (Str){0});
    case EXPR_INTERPOLATION:
        return site_new(c, FROM_OPERATOR, expr->span, STR("\\()"));
    case EXPR_NAME:
        // The record of a module is marked where the module is named.
        return expr->as.name.ref == REF_LOCAL || expr->as.name.ref == REF_MODULE
                   ? NULL
                   : site_new(c, FROM_NAME, expr->span, written(c, expr->span));
    case EXPR_TUPLE:
        return site_new(c, FROM_BUILT, expr->span, STR("tuple"));
    case EXPR_LIST:
        return site_new(c, FROM_BUILT, expr->span, STR("list"));
    case EXPR_COMPREHENSION:
        return site_new(c, FROM_BUILT, expr->span, STR("comprehension"));
    case EXPR_RECORD:
        return site_new(c, FROM_BUILT, expr->span, STR("record"));
    case EXPR_FIELD:
        return site_new(c, FROM_SELECTED, expr->span, written(c, expr->span));
    case EXPR_CALL:
        return call_site(c, expr);
    case EXPR_CHAIN:
        return chain_site(c, expr);
    case EXPR_UNARY:
        return site_new(c, FROM_OPERATOR, expr->span,
                        str_from_c(operator_text(expr->as.unary.op)));
    case EXPR_ERROR:
    case EXPR_UNIT:
    case EXPR_BOOL:
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_STRING:
    case EXPR_BUILTIN:
    case EXPR_DATA:
    case EXPR_LAMBDA:
    case EXPR_LET:
    case EXPR_IF:
    case EXPR_MATCH:
    case EXPR_ANNOTATED:
        return NULL;
    }
    UNREACHABLE();
}

// ---- marks

static void emit_mark(Compiler *c, uint32_t reg, const OriginSite *site)
{
    emit_wide(c, OP_ORIGIN, reg, pointer_index(c, site));
}

static void mark_checks(Compiler *c, uint32_t note, uint32_t reg)
{
    if (note < NOTE_FIRST) {
        return;
    }
    const Notes *notes = c->context->notes;
    for (const Note *found = note_find(notes, note, NOTE_CHECK); found != NULL;
         found = note_find(notes, found->next, NOTE_CHECK)) {
        const RefinementCheck *check = found->as.check.item;
        if (check->looks) {
            OriginSite *site =
                site_new(c, FROM_CHECK, check->annotation, (Str){0});
            site->source = &c->program->modules[check->module]->source;
            site->check = check;
            emit_mark(c, reg, site);
        }
    }
}

void origin_checks(Compiler *c, uint32_t note, uint32_t reg)
{
    if (explains(c)) {
        mark_checks(c, note, reg);
    }
}

// Whether `expr` is an operand or argument of `whole`.
static bool is_part_of(const Expr *whole, const Expr *expr)
{
    const Expr *parts = NULL;
    uint32_t count = 0;
    if (whole == NULL) {
        return false;
    }
    if (whole->kind == EXPR_CHAIN) {
        parts = whole->as.chain.operands;
        count = whole->as.chain.count;
    } else if (whole->kind == EXPR_UNARY) {
        parts = whole->as.unary.operand;
        count = 1;
    } else if (whole->kind == EXPR_INTERPOLATION) {
        parts = whole->as.interpolation.parts;
        count = whole->as.interpolation.count;
    } else if (whole->kind == EXPR_FIELD) {
        parts = &whole->as.field.of->record;
        count = 1;
    } else if (whole->kind == EXPR_CALL) {
        parts = whole->as.call.parts + 1;
        count = whole->as.call.count - 1;
    }
    uintptr_t at = (uintptr_t)expr;
    return at >= (uintptr_t)parts && at < (uintptr_t)(parts + count);
}

void origin_operand(Compiler *c, const Expr *expr, uint32_t reg)
{
    if (!explains(c) || !is_part_of(c->whole, expr)) {
        return;
    }
    bool is_text =
        c->whole->kind == EXPR_INTERPOLATION && expr->kind == EXPR_STRING;
    if (!is_text) {
        OriginPlace *place = ARENA_NEW(origins_arena(c->origins), OriginPlace);
        *place = (OriginPlace){context_source(c), expr->span};
        emit_wide(c, OP_ORIGIN_PART, reg, pointer_index(c, place));
    }
}

// In a recursive function a tail call must stay one, and leaves no mark.
static bool keeps_tail(const Compiler *c, const Expr *expr)
{
    Operator op = expr->kind == EXPR_CHAIN
                      ? (Operator)expr->as.chain.operands[1].op
                      : OP_NONE;
    bool may_call = expr->kind == EXPR_CALL || op == OP_PIPE ||
                    op == OP_COALESCE || op == OP_AND || op == OP_OR;
    return may_call && (c->context->binding->rec || c->local_rec);
}

static bool collects(const Expr *expr)
{
    return expr->kind == EXPR_CHAIN || expr->kind == EXPR_UNARY ||
           expr->kind == EXPR_INTERPOLATION || expr->kind == EXPR_CALL ||
           expr->kind == EXPR_FIELD;
}

void compile_explained(Compiler *c, const Expr *expr, Place place)
{
    OriginSite *site = expr_site(c, expr);
    const Expr *whole = c->whole;
    if (site == NULL || (place.tail && keeps_tail(c, expr))) {
        c->whole = NULL;
        compile_value_into(c, expr, place);
        c->whole = whole;
        if (!place.tail) {
            mark_checks(c, expr->note, place.reg);
            origin_operand(c, expr, place.reg);
        }
        return;
    }
    site->collects = collects(expr);
    c->whole = site->collects ? expr : NULL;
    if (site->collects) {
        emit_op(c, OP_ORIGIN_BEGIN, 0, 0, 0);
    }
    compile_value_into(c, expr, place_reg(place.reg));
    c->whole = whole;
    emit_mark(c, place.reg, site);
    mark_checks(c, expr->note, place.reg);
    origin_operand(c, expr, place.reg);
    place_done(c, place);
}

// ---- constants

Value origin_constant(Compiler *c, const Expr *expr, Value value)
{
    if (!explains(c)) {
        return value;
    }
    const Binding *binding = c->context->binding;
    bool is_data = binding->value_is_data || c->context->module->is_data;
    bool is_built = expr->kind == EXPR_RECORD || expr->kind == EXPR_LIST ||
                    expr->kind == EXPR_TUPLE;
    bool is_operator = expr->kind == EXPR_CHAIN;
    const DataValue *data = binding->data;
    bool is_input = is_data && data != NULL && data->input != 0;
    OriginKind kind = is_input      ? FROM_INPUT
                      : is_data     ? FROM_DATA
                      : is_built    ? FROM_BUILT
                      : is_operator ? FROM_OPERATOR
                                    : FROM_LITERAL;
    Str name =
        is_input  ? symbol_text(c->program->interner, data->input)
        : is_data ? (Str){0}
        : expr->kind == EXPR_RECORD ? STR("record")
        : expr->kind == EXPR_LIST   ? STR("list")
        : expr->kind == EXPR_TUPLE  ? STR("tuple")
        : is_operator
            ? str_from_c(operator_text((Operator)expr->as.chain.operands[1].op))
            : (Str){0};
    return origin_mark(c->origins, c->heap, site_new(c, kind, expr->span, name),
                       origin_clear(value));
}

// ---- fields and bindings

static OriginSite *item_site(Compiler *c, const RecordItem *item)
{
    if (item->name == 0) {
        return site_new(c, FROM_SPREAD, record_item_value(item)->span,
                        (Str){0});
    }
    Span span = {item->name_start, record_item_value(item)->span.end};
    return site_new(c, FROM_FIELD, span,
                    symbol_text(c->program->interner, item->name));
}

void origin_field(Compiler *c, const RecordItem *item, uint32_t reg)
{
    if (explains(c)) {
        emit_mark(c, reg, item_site(c, item));
    }
}

void origin_items(Compiler *c, const RecordPlan *plan, const RecordItem *items,
                  uint32_t first)
{
    if (!explains(c)) {
        return;
    }
    Arena *arena = origins_arena(c->origins);
    OriginUpdate *update = ARENA_NEW(arena, OriginUpdate);
    update->plan = plan;
    update->sites = arena_array(arena, plan->count, sizeof *update->sites);
    update->replaced =
        arena_array(arena, plan->count, sizeof *update->replaced);
    for (uint32_t i = 0; i < plan->count; i++) {
        update->sites[i] = item_site(c, &items[plan->items[i].value]);
        update->replaced[i] = ARENA_NEW(arena, OriginSite);
        *update->replaced[i] = *update->sites[i];
        update->replaced[i]->kind = FROM_REPLACED;
    }
    emit_wide(c, OP_ORIGIN_UPDATE, first, pointer_index(c, update));
}

static OriginSite *default_site(Compiler *c, const RecordFill *fill)
{
    OriginSite *site = site_new(c, FROM_DEFAULT, c->span,
                                symbol_text(c->program->interner, fill->name));
    if (!fill->is_none) {
        const Module *module = c->program->modules[fill->module];
        const Binding *binding = &module->bindings[fill->index];
        const Expr *value = binding->value;
        site->other_source = &module->source;
        site->other = value->kind == EXPR_LAMBDA ? value->as.lambda->body.span
                                                 : value->span;
    }
    return site;
}

void origin_default(Compiler *c, const RecordFill *fill, uint32_t reg)
{
    if (explains(c)) {
        emit_mark(c, reg, default_site(c, fill));
    }
}

Value origin_constant_default(Compiler *c, const Expr *record,
                              const RecordFill *fill, Value value)
{
    if (!explains(c)) {
        return value;
    }
    Span old = c->span;
    c->span = record->span;
    OriginSite *site = default_site(c, fill);
    c->span = old;
    return origin_mark(c->origins, c->heap, site, value);
}

void origin_binding(Compiler *c, const Binding *binding, uint32_t reg)
{
    bool is_let = binding->kind == BINDING_LET;
    if (explains(c) && (is_let || binding->kind == BINDING_INPUT)) {
        Span span = binding->name_span;
        bool has_default = binding->data == NULL && binding->value != NULL;
        if (is_let ? !binding->value_is_data : has_default) {
            span.end = binding->value->span.end;
        }
        OriginSite *site =
            site_new(c, FROM_BINDING, span,
                     symbol_text(c->program->interner, binding->name));
        site->source = &c->context->module->source;
        emit_mark(c, reg, site);
    }
}

// ---- branches

const OriginBranch *origin_branch(Compiler *c, Span condition, bool is_match,
                                  bool sense)
{
    const OriginBranch *outer = c->branch;
    if (explains(c)) {
        OriginBranch *branch =
            ARENA_NEW(origins_arena(c->origins), OriginBranch);
        *branch = (OriginBranch){outer, context_source(c), condition, is_match,
                                 sense};
        c->branch = branch;
    }
    return outer;
}
