// Names in expressions, patterns and types.
#include "cli/lsp_index_internal.h"

#include "cli/lsp_text.h"

// ---- types

void indexer_types(Indexer *x, const TypeExpr *types, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        indexer_type(x, &types[i]);
    }
}

// `Q.Name` at the start of the span.
static void qualified_ref(Indexer *x, Span span, const NameRef *ref,
                          Symbol qualifier)
{
    if (qualifier != 0) {
        indexer_qualifier(x, span, qualifier);
        span.start +=
            (uint32_t)symbol_text(x->program->interner, qualifier).len;
    }
    indexer_ref(x, span, ref, false, (NameUse){0});
}

void indexer_constraints(Indexer *x, const Constraint *constraints,
                         uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const Constraint *constraint = &constraints[i];
        qualified_ref(x, constraint->span, &constraint->ref,
                      constraint->qualifier);
        indexer_types(x, constraint->args, constraint->arg_count);
    }
}

static void index_record_type(Indexer *x, const TypeRecord *record, Span span)
{
    for (uint32_t i = 0; i < record->count; i++) {
        const TypeField *field = &record->fields[i];
        indexer_field(x, field->name_span, field->name,
                      (NameUse){.record = span,
                                .is_open = record->open,
                                .declares = true,
                                .writes = true});
        indexer_type(x, field->type);
    }
    if (record->row != 0) {
        indexer_type_var(x, span, record->row, false);
    }
}

// Predicates and defaults that are bindings of their own are walked as such.
static void index_refined(Indexer *x, const TypeExpr *type)
{
    indexer_type(x, type->as.refined.base);
    for (uint32_t i = 0; i < type->as.refined.count; i++) {
        Predicate *predicate = &type->as.refined.predicates[i];
        if (predicate->hidden == UINT32_MAX) {
            indexer_expr(&predicate->expr, x);
        }
    }
}

void indexer_type(Indexer *x, const TypeExpr *type)
{
    switch ((TypeExprKind)type->kind) {
    case TYPE_EXPR_ERROR:
    case TYPE_EXPR_UNIT:
        return;
    case TYPE_EXPR_VAR:
        indexer_type_var(x, type->span, type->as.var.symbol, false);
        return;
    case TYPE_EXPR_NAME:
        qualified_ref(x, type->span, &type->as.name.ref,
                      type->as.name.qualifier);
        indexer_types(x, type->as.name.args, type->as.name.arg_count);
        return;
    case TYPE_EXPR_FUNCTION:
        indexer_types(x, type->as.function.parts, type->as.function.count);
        return;
    case TYPE_EXPR_TUPLE:
        indexer_types(x, type->as.tuple.items, type->as.tuple.count);
        return;
    case TYPE_EXPR_LIST:
        indexer_type(x, type->as.list.item);
        return;
    case TYPE_EXPR_RECORD:
        index_record_type(x, type->as.record, type->span);
        return;
    case TYPE_EXPR_REFINED:
        index_refined(x, type);
        return;
    case TYPE_EXPR_CONSTRAINED:
        indexer_constraints(x, type->as.constrained.constraints,
                            type->as.constrained.count);
        indexer_type(x, type->as.constrained.type);
        return;
    }
}

// ---- patterns

// A name that several alternatives bind is declared by each.
static void index_local(Indexer *x, Span span, Symbol name, uint32_t local,
                        bool last, NameUse use)
{
    use.target = (NameTarget){NAME_LOCAL, x->module->id, x->binding, local};
    use.declares = true;
    use.is_param = x->in_params;
    indexer_add(x, span, name, last, use);
}

static void index_pattern(const Pattern *pattern, void *indexer);

static void index_record_pattern(Indexer *x, const PatternRecord *record,
                                 Span span)
{
    NameUse use = {.record = span, .is_open = true};
    for (uint32_t i = 0; i < record->count; i++) {
        const PatternField *field = &record->fields[i];
        const Pattern *pattern = &field->pattern;
        bool is_pun = pattern->kind == PATTERN_NAME &&
                      pattern->span.start == field->name_span.start;
        if (is_pun) {
            NameUse pun = use;
            pun.is_pun = true;
            index_local(x, pattern->span, pattern->as.name.symbol,
                        pattern->as.name.local, false, pun);
        } else {
            indexer_field(x, field->name_span, field->name, use);
            index_pattern(pattern, x);
        }
    }
}

static void index_pattern(const Pattern *pattern, void *indexer)
{
    Indexer *x = indexer;
    if (pattern->kind == PATTERN_RECORD) {
        index_record_pattern(x, pattern->as.record, pattern->span);
        return;
    }
    ast_visit_subpatterns(pattern, index_pattern, x);
    if (pattern->kind == PATTERN_NAME) {
        index_local(x, pattern->span, pattern->as.name.symbol,
                    pattern->as.name.local, false, (NameUse){0});
    } else if (pattern->kind == PATTERN_AS) {
        index_local(x, pattern->span, pattern->as.alias.symbol,
                    pattern->as.alias.local, true, (NameUse){0});
    } else if (pattern->kind == PATTERN_LIST) {
        index_local(x, pattern->as.list->rest_span, pattern->as.list->rest,
                    pattern->as.list->rest_local, true, (NameUse){0});
    } else if (pattern->kind == PATTERN_CTOR) {
        qualified_ref(x, pattern->span, &pattern->as.ctor->ref,
                      pattern->as.ctor->qualifier);
    }
}

// ---- expressions

// A default is a function of earlier fields that it names: those are no
// parameters for who reads them.
static bool is_earlier_field(const Indexer *x, const Param *param)
{
    const Binding *binding = &x->module->bindings[x->binding];
    return binding->kind == BINDING_HIDDEN &&
           param->pattern.span.end <= binding->name_span.start;
}

static void index_function(Indexer *x, const Function *function)
{
    for (uint32_t i = 0; i < function->param_count; i++) {
        const Param *param = &function->params[i];
        if (is_earlier_field(x, param)) {
            continue;
        }
        x->in_params = true;
        index_pattern(&param->pattern, x);
        x->in_params = false;
        if (param->type != NULL) {
            indexer_type(x, param->type);
        }
    }
    if (function->result != NULL) {
        indexer_type(x, function->result);
    }
}

static void index_let(Indexer *x, const Let *let)
{
    for (uint32_t i = 0; i < let->count; i++) {
        const Bind *bind = &let->binds[i];
        index_local(x, bind->name_span, bind->name, bind->local, false,
                    (NameUse){0});
        if (bind->type != NULL) {
            indexer_type(x, bind->type);
        }
    }
}

static void index_match(Indexer *x, const Match *match)
{
    for (uint32_t i = 0; i < match->arm_count; i++) {
        for (uint32_t p = 0; p < match->arms[i].pattern_count; p++) {
            index_pattern(&match->arms[i].patterns[p], x);
        }
    }
}

static void index_clauses(Indexer *x, const Comprehension *comprehension)
{
    for (uint32_t i = 0; i < comprehension->count; i++) {
        if (!comprehension->clauses[i].is_filter) {
            index_pattern(&comprehension->clauses[i].pattern, x);
        }
    }
}

static bool is_pun(const RecordItem *item)
{
    const Expr *value = record_item_value(item);
    return value->kind == EXPR_NAME && value->span.start == item->name_start;
}

static void index_record_item(Indexer *x, const RecordItem *item, NameUse use)
{
    Expr *value = record_item_value(item);
    const FieldPath *path = record_item_path(item);
    const TypeExpr *type = record_item_type(item);
    if (type != NULL) {
        indexer_type(x, type);
    }
    if (item->name != 0 && is_pun(item)) {
        use.is_pun = true;
        indexer_ref(x, value->span, &value->as.name, true, use);
        return;
    }
    use.writes = true;
    if (path != NULL) {
        for (uint32_t n = 0; n < path->count; n++) {
            indexer_field(x, path->spans[n], path->names[n], use);
            use.record = (Span){0, 0}; // the others are of those before
        }
    } else if (item->name != 0) {
        indexer_field(x, record_item_name_span(item, &x->module->source),
                      item->name, use);
    }
    indexer_expr(value, x);
}

static void index_record(Indexer *x, const Expr *record)
{
    // What a literal with spreads or paths has is not all written there.
    NameUse use = {.record = record->span,
                   .is_open = !record_names_fields(record)};
    for (uint32_t i = 0; i < record->as.record.count; i++) {
        index_record_item(x, &record->as.record.items[i], use);
    }
}

// m.name: both are told of.
static void index_name(Indexer *x, const Expr *expr)
{
    const NameRef *ref = &expr->as.name;
    indexer_ref(x, expr->span, ref, true, (NameUse){0});
    Str name = symbol_text(x->program->interner, ref->symbol);
    Str text = x->module->source.text;
    size_t start = lsp_name_start(text, expr->span);
    size_t end = start;
    while (end < expr->span.end && lsp_is_name_byte(text.data[end])) {
        end++;
    }
    if (end + name.len < expr->span.end && expr->span.end <= text.len) {
        Str qualifier = str_slice(text, start, end);
        indexer_qualifier(x, expr->span,
                          intern(x->program->interner, qualifier));
    }
}

void indexer_expr(Expr *expr, void *indexer)
{
    Indexer *x = indexer;
    if ((expr->flags & EXPR_CLOSED) != 0 && expr->kind != EXPR_RECORD) {
        return;
    }
    if (expr->kind == EXPR_RECORD) {
        index_record(x, expr);
        return;
    }
    if (expr->kind == EXPR_NAME) {
        index_name(x, expr);
    } else if (expr->kind == EXPR_CTOR) {
        if ((expr->flags & EXPR_QUALIFIED) != 0) {
            index_name(x, expr);
        } else {
            indexer_ref(x, expr->span, &expr->as.ctor, true, (NameUse){0});
        }
    } else if (expr->kind == EXPR_FIELD) {
        Span name = {expr->as.field.of->name_start, expr->span.end};
        indexer_field(x, name, expr->as.field.field, (NameUse){0});
    } else if (expr->kind == EXPR_LAMBDA) {
        index_function(x, expr->as.lambda);
    } else if (expr->kind == EXPR_LET) {
        index_let(x, expr->as.let);
    } else if (expr->kind == EXPR_MATCH) {
        index_match(x, expr->as.match);
    } else if (expr->kind == EXPR_COMPREHENSION) {
        index_clauses(x, expr->as.comprehension);
    } else if (expr->kind == EXPR_ANNOTATED) {
        indexer_type(x, expr->as.annotated->type);
    }
    ast_visit_children(expr, indexer_expr, x);
}
