// The elaborated code of a binding as bytes without ambiguity: each node is
// its kind, its numbers, and its children behind their count.
#include "eval/fingerprint.h"
#include "support/die.h"

typedef FingerprintWriter Writer;

static void put_bytes(Writer *w, const void *bytes, size_t len)
{
    strbuf_append(w->out, str_make(bytes, len));
}

static void put_byte(Writer *w, unsigned byte)
{
    strbuf_append_char(w->out, (char)byte);
}

static void put_u32(Writer *w, uint32_t number)
{
    put_bytes(w, &number, sizeof number);
}

static void put_text(Writer *w, const char *data, uint32_t len)
{
    put_u32(w, len);
    put_bytes(w, data, len);
}

// A place in the program; the same in every binding.
static void put_place(Writer *w, uint32_t module, uint32_t index)
{
    put_u32(w, module);
    put_u32(w, index);
}

static void put_name(Writer *w, NameRef name)
{
    put_byte(w, name.ref);
    if (name.ref == REF_GLOBAL) {
        w->append_ref(w->ctx, w->out, name.module, name.index);
    } else if (name.ref == REF_LOCAL) {
        put_u32(w, name.index);
    } else {
        put_place(w, name.module, name.index);
    }
}

// ---- notes

static void put_evidence(Writer *w, const Evidence *evidence)
{
    if (evidence == NULL) {
        put_byte(w, UINT8_MAX);
        return;
    }
    put_byte(w, evidence->kind);
    put_place(w, evidence->module, evidence->index);
    put_u32(w, evidence->local);
    put_bytes(w, &evidence->shape, sizeof evidence->shape);
    put_bytes(w, &evidence->json, sizeof evidence->json);
    put_bytes(w, &evidence->check, sizeof evidence->check);
    put_u32(w, evidence->arg_count);
    for (uint32_t i = 0; i < evidence->arg_count; i++) {
        put_evidence(w, evidence->args[i]);
    }
}

static void put_fill(Writer *w, const RecordFill *fill)
{
    put_u32(w, fill->name);
    put_byte(w, fill->is_none);
    if (!fill->is_none) {
        w->append_ref(w->ctx, w->out, fill->module, fill->index);
        put_u32(w, fill->arg_count);
        put_bytes(w, fill->args, fill->arg_count * sizeof *fill->args);
    }
}

static void put_expr(Writer *w, const Expr *expr);

static void put_refined(Writer *w, const Refined *refined)
{
    const TypeExpr *expr = refined->expr;
    put_place(w, refined->module, expr->as.refined.count);
    for (uint32_t i = 0; i < expr->as.refined.count; i++) {
        const Predicate *predicate = &expr->as.refined.predicates[i];
        if (predicate->hidden != UINT32_MAX) {
            w->append_ref(w->ctx, w->out, refined->module, predicate->hidden);
            uint32_t count =
                refined->evidence != NULL ? refined->evidence[i].count : 0;
            put_u32(w, count);
            for (uint32_t k = 0; k < count; k++) {
                put_evidence(w, refined->evidence[i].items[k]);
            }
        } else {
            put_u32(w, predicate->x_local);
            put_expr(w, &predicate->expr);
        }
    }
}

// Unions may lead back to themselves: those on the way stand for their number.
typedef struct OuterShape {
    const CheckShape *shape;
    const struct OuterShape *outer;
} OuterShape;

static void put_shape(Writer *w, const CheckShape *shape,
                      const OuterShape *outer)
{
    if (shape == NULL) {
        put_byte(w, UINT8_MAX);
        return;
    }
    uint32_t up = 1;
    for (const OuterShape *o = outer; o != NULL; o = o->outer, up++) {
        if (o->shape == shape) {
            put_byte(w, UINT8_MAX - 1);
            put_u32(w, up);
            return;
        }
    }
    put_byte(w, shape->kind);
    put_place(w, shape->module, shape->type);
    if (shape->kind == CHECK_REFINED) {
        put_refined(w, shape->refined);
    }
    put_u32(w, shape->count);
    OuterShape here = {shape, outer};
    for (uint32_t i = 0; i < shape->count; i++) {
        put_u32(w, shape->fields != NULL ? shape->fields[i] : 0);
        put_shape(w, shape->parts[i],
                  shape->kind == CHECK_UNION ? &here : outer);
    }
}

static void put_one_note(Writer *w, const Note *note)
{
    put_byte(w, note->kind);
    switch (note->kind) {
    case NOTE_EVIDENCE:
        put_u32(w, note->as.evidence.count);
        for (uint32_t i = 0; i < note->as.evidence.count; i++) {
            put_evidence(w, note->as.evidence.items[i]);
        }
        return;
    case NOTE_GENERALISED:
        put_u32(w, note->as.generalised.count);
        put_bytes(w, note->as.generalised.locals,
                  note->as.generalised.count * sizeof(uint32_t));
        return;
    case NOTE_RECORD:
        put_u32(w, note->as.record.count);
        for (uint32_t i = 0; i < note->as.record.count; i++) {
            put_fill(w, &note->as.record.fills[i]);
        }
        return;
    case NOTE_MODULE: // the module goes with its name
        put_u32(w, note->as.module.count);
        put_bytes(w, note->as.module.bindings,
                  note->as.module.count * sizeof(uint32_t));
        return;
    case NOTE_CHECK:
        put_shape(w, note->as.check.item->shape, NULL);
        return;
    }
    UNREACHABLE();
}

static void put_note(Writer *w, uint32_t note)
{
    while (note >= NOTE_FIRST) {
        const Note *found = note_at(w->notes, note);
        put_byte(w, NOTE_FIRST);
        put_one_note(w, found);
        note = found->next;
    }
    put_byte(w, note);
}

// ---- patterns

static void put_pattern(Writer *w, const Pattern *pattern);

static void put_patterns(Writer *w, const Pattern *patterns, uint32_t count)
{
    put_u32(w, count);
    for (uint32_t i = 0; i < count; i++) {
        put_pattern(w, &patterns[i]);
    }
}

static void put_record_pattern(Writer *w, const PatternRecord *record)
{
    put_u32(w, record->count);
    for (uint32_t i = 0; i < record->count; i++) {
        put_u32(w, record->fields[i].name);
        put_pattern(w, &record->fields[i].pattern);
    }
}

static void put_list_pattern(Writer *w, const PatternList *list)
{
    put_patterns(w, list->items, list->count);
    put_byte(w, list->has_rest);
    put_byte(w, list->rest != 0);
    put_u32(w, list->rest != 0 ? list->rest_local : 0);
}

static void put_pattern(Writer *w, const Pattern *pattern)
{
    put_byte(w, pattern->kind);
    put_byte(w, pattern->flags);
    put_note(w, pattern->note);
    switch ((PatternKind)pattern->kind) {
    case PATTERN_ERROR:
    case PATTERN_WILDCARD:
    case PATTERN_UNIT:
        return;
    case PATTERN_NAME:
        put_u32(w, pattern->as.name.local);
        return;
    case PATTERN_BOOL:
        put_byte(w, pattern->as.boolean.value);
        return;
    case PATTERN_INT:
        put_bytes(w, &pattern->as.integer.value, 8);
        return;
    case PATTERN_FLOAT:
        put_bytes(w, &pattern->as.number.value, 8);
        return;
    case PATTERN_STRING:
        put_text(w, pattern->as.string.data, pattern->as.string.len);
        return;
    case PATTERN_CTOR:
        put_name(w, pattern->as.ctor->ref);
        put_patterns(w, pattern->as.ctor->args, pattern->as.ctor->arg_count);
        return;
    case PATTERN_TUPLE:
        put_patterns(w, pattern->as.tuple.items, pattern->as.tuple.count);
        return;
    case PATTERN_LIST:
        put_list_pattern(w, pattern->as.list);
        return;
    case PATTERN_RECORD:
        put_record_pattern(w, pattern->as.record);
        return;
    case PATTERN_AS:
        put_u32(w, pattern->as.alias.local);
        put_pattern(w, pattern->as.alias.pattern);
        return;
    }
    UNREACHABLE();
}

// ---- expressions

static void put_exprs(Writer *w, const Expr *exprs, uint32_t count)
{
    put_u32(w, count);
    for (uint32_t i = 0; i < count; i++) {
        put_expr(w, &exprs[i]);
    }
}

static void put_function(Writer *w, const Function *function)
{
    put_u32(w, function->param_count);
    for (uint32_t i = 0; i < function->param_count; i++) {
        put_u32(w, function->params[i].local);
        put_pattern(w, &function->params[i].pattern);
    }
    put_expr(w, &function->body);
}

static void put_let(Writer *w, const Let *let)
{
    put_byte(w, let->rec);
    put_u32(w, let->count);
    for (uint32_t i = 0; i < let->count; i++) {
        put_u32(w, let->binds[i].local);
        put_note(w, let->binds[i].note);
        put_expr(w, &let->binds[i].value);
    }
    put_expr(w, &let->body);
}

static void put_match(Writer *w, const Match *match)
{
    put_note(w, match->note);
    put_expr(w, &match->scrutinee);
    put_u32(w, match->arm_count);
    for (uint32_t i = 0; i < match->arm_count; i++) {
        const Arm *arm = &match->arms[i];
        put_patterns(w, arm->patterns, arm->pattern_count);
        put_byte(w, arm->guard != NULL);
        if (arm->guard != NULL) {
            put_expr(w, arm->guard);
        }
        put_expr(w, &arm->body);
    }
}

static void put_comprehension(Writer *w, const Comprehension *comprehension)
{
    put_u32(w, comprehension->count);
    for (uint32_t i = 0; i < comprehension->count; i++) {
        const Clause *clause = &comprehension->clauses[i];
        put_byte(w, clause->is_filter);
        if (!clause->is_filter) {
            put_pattern(w, &clause->pattern);
        }
        put_expr(w, &clause->expr);
    }
    put_expr(w, &comprehension->body);
}

static void put_record(Writer *w, const RecordItem *items, uint32_t count)
{
    put_u32(w, count);
    for (uint32_t i = 0; i < count; i++) {
        const RecordItem *item = &items[i];
        uint32_t names =
            record_item_path(item) != NULL ? record_item_path(item)->count : 1;
        put_u32(w, names);
        put_bytes(w,
                  record_item_path(item) != NULL ? record_item_path(item)->names
                                                 : &item->name,
                  names * sizeof(Symbol));
        put_expr(w, record_item_value(item));
    }
}

static void put_expr_parts(Writer *w, const Expr *expr)
{
    switch ((ExprKind)expr->kind) {
    case EXPR_ERROR:
    case EXPR_UNIT:
        return;
    case EXPR_BOOL:
        put_byte(w, expr->as.boolean.value);
        return;
    case EXPR_INT:
        put_bytes(w, &expr->as.integer.value, 8);
        return;
    case EXPR_FLOAT:
        put_bytes(w, &expr->as.number.value, 8);
        return;
    case EXPR_STRING:
        put_text(w, expr->as.string.data, expr->as.string.len);
        return;
    case EXPR_INTERPOLATION:
        put_exprs(w, expr->as.interpolation.parts,
                  expr->as.interpolation.count);
        return;
    case EXPR_NAME:
        put_name(w, expr->as.name);
        return;
    case EXPR_CTOR:
        put_name(w, expr->as.ctor);
        return;
    case EXPR_BUILTIN:
        put_u32(w, expr->as.builtin.index);
        return;
    case EXPR_DATA:
        put_bytes(w, expr->as.data, sizeof *expr->as.data);
        return;
    case EXPR_TUPLE:
    case EXPR_LIST:
        put_exprs(w, expr->as.list.items, expr->as.list.count);
        return;
    case EXPR_COMPREHENSION:
        put_comprehension(w, expr->as.comprehension);
        return;
    case EXPR_RECORD:
        put_record(w, expr->as.record.items, expr->as.record.count);
        return;
    case EXPR_FIELD:
        put_u32(w, expr->as.field.field);
        put_expr(w, &expr->as.field.of->record);
        return;
    case EXPR_CALL:
        put_exprs(w, expr->as.call.parts, expr->as.call.count);
        return;
    case EXPR_CHAIN:
        put_exprs(w, expr->as.chain.operands, expr->as.chain.count);
        return;
    case EXPR_UNARY:
        put_byte(w, expr->as.unary.op);
        put_expr(w, expr->as.unary.operand);
        return;
    case EXPR_LAMBDA:
        put_function(w, expr->as.lambda);
        return;
    case EXPR_LET:
        put_let(w, expr->as.let);
        return;
    case EXPR_IF:
        put_exprs(w, expr->as.branch.parts, expr->as.branch.count);
        return;
    case EXPR_MATCH:
        put_match(w, expr->as.match);
        return;
    case EXPR_ANNOTATED:
        put_expr(w, &expr->as.annotated->expr);
        return;
    }
    UNREACHABLE();
}

// The flags that change what is evaluated.
#define CODE_FLAGS (EXPR_AS_FLOAT | EXPR_WRAP_SOME)

static void put_expr(Writer *w, const Expr *expr)
{
    put_byte(w, expr->kind);
    put_byte(w, expr->op);
    put_byte(w, expr->flags & CODE_FLAGS);
    put_note(w, expr->note);
    put_expr_parts(w, expr);
}

void fingerprint_append_binding(FingerprintWriter *writer,
                                const Binding *binding)
{
    put_byte(writer, binding->kind);
    put_note(writer, binding->note);
    put_expr(writer, binding->value);
}
