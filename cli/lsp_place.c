#include "cli/lsp_place.h"

#include "cli/lsp_text.h"
#include "syntax/scope_table.h"

typedef struct Finder {
    const Program *program;
    const Module *module;
    uint32_t binding;
    Symbol name;
    uint32_t at;
    const Match *match; // whose patterns are walked
    Place *place;
} Finder;

static bool is_found(const Finder *f)
{
    return f->place->kind != PLACE_NONE;
}

static bool covers(const Finder *f, Span span)
{
    return span.start <= f->at && f->at < span.end;
}

static void find(Finder *f, PlaceKind kind, Span span)
{
    f->place->kind = kind;
    f->place->span = span;
}

static void push_local(Finder *f, uint32_t local)
{
    vec_push(&f->place->locals, (ScopedLocal){f->binding, local});
}

// ---- types

static void find_in_expr(Expr *expr, void *finder);
static void find_in_type(Finder *f, const TypeExpr *type);

static void find_in_types(Finder *f, const TypeExpr *types, uint32_t count)
{
    for (uint32_t i = 0; i < count && !is_found(f); i++) {
        find_in_type(f, &types[i]);
    }
}

static void find_in_record_type(Finder *f, const TypeRecord *record)
{
    for (uint32_t i = 0; i < record->count && !is_found(f); i++) {
        find_in_type(f, record->fields[i].type);
    }
}

static void find_in_refined(Finder *f, const TypeExpr *type)
{
    find_in_type(f, type->as.refined.base);
    for (uint32_t i = 0; i < type->as.refined.count && !is_found(f); i++) {
        Predicate *predicate = &type->as.refined.predicates[i];
        if (predicate->hidden == UINT32_MAX) {
            find_in_expr(&predicate->expr, f);
        }
    }
}

static void find_in_type(Finder *f, const TypeExpr *type)
{
    if (type == NULL || is_found(f) || !covers(f, type->span)) {
        return;
    }
    switch ((TypeExprKind)type->kind) {
    case TYPE_EXPR_ERROR:
    case TYPE_EXPR_UNIT:
        return;
    case TYPE_EXPR_VAR:
        if (type->as.var.symbol == f->name) {
            find(f, PLACE_TYPE, type->span);
        }
        return;
    case TYPE_EXPR_NAME:
        find_in_types(f, type->as.name.args, type->as.name.arg_count);
        return;
    case TYPE_EXPR_FUNCTION:
        find_in_types(f, type->as.function.parts, type->as.function.count);
        return;
    case TYPE_EXPR_TUPLE:
        find_in_types(f, type->as.tuple.items, type->as.tuple.count);
        return;
    case TYPE_EXPR_LIST:
        find_in_type(f, type->as.list.item);
        return;
    case TYPE_EXPR_RECORD:
        find_in_record_type(f, type->as.record);
        return;
    case TYPE_EXPR_REFINED:
        find_in_refined(f, type);
        return;
    case TYPE_EXPR_CONSTRAINED:
        find_in_type(f, type->as.constrained.type);
        return;
    }
}

// ---- patterns

static void find_in_pattern(const Pattern *pattern, void *finder)
{
    Finder *f = finder;
    if (pattern->kind == PATTERN_NAME) {
        if (pattern->as.name.symbol == f->name && covers(f, pattern->span)) {
            find(f, PLACE_PATTERN, pattern->span);
            f->place->match = f->match;
        } else if (!is_found(f)) {
            push_local(f, pattern->as.name.local);
        }
    } else if (pattern->kind == PATTERN_AS && !is_found(f)) {
        push_local(f, pattern->as.alias.local);
    } else if (pattern->kind == PATTERN_LIST && pattern->as.list->rest != 0 &&
               !is_found(f)) {
        push_local(f, pattern->as.list->rest_local);
    }
    ast_visit_subpatterns(pattern, find_in_pattern, f);
}

// ---- expressions

static void find_in_lambda(Finder *f, Function *function)
{
    for (uint32_t i = 0; i < function->param_count && !is_found(f); i++) {
        find_in_type(f, function->params[i].type);
        find_in_pattern(&function->params[i].pattern, f);
    }
    find_in_type(f, function->result);
    find_in_expr(&function->body, f);
}

static void find_in_bind(Finder *f, Bind *bind)
{
    find_in_type(f, bind->type);
    find_in_expr(&bind->value, f);
}

static void find_in_let(Finder *f, Let *let)
{
    for (uint32_t i = 0; i < let->count && let->rec; i++) {
        push_local(f, let->binds[i].local);
    }
    for (uint32_t i = 0; i < let->count && !is_found(f); i++) {
        find_in_bind(f, &let->binds[i]);
        if (!let->rec && !is_found(f)) {
            push_local(f, let->binds[i].local);
        }
    }
    find_in_expr(&let->body, f);
}

static void find_in_match(Finder *f, Match *match)
{
    find_in_expr(&match->scrutinee, f);
    for (uint32_t i = 0; i < match->arm_count && !is_found(f); i++) {
        Arm *arm = &match->arms[i];
        uint32_t mark = f->place->locals.count;
        f->match = match;
        for (uint32_t p = 0; p < arm->pattern_count; p++) {
            find_in_pattern(&arm->patterns[p], f);
        }
        f->match = NULL;
        if (arm->guard != NULL) {
            find_in_expr(arm->guard, f);
        }
        find_in_expr(&arm->body, f);
        if (!is_found(f)) {
            f->place->locals.count = mark;
        }
    }
}

static void find_in_comprehension(Finder *f, Comprehension *comprehension)
{
    for (uint32_t i = 0; i < comprehension->count && !is_found(f); i++) {
        Clause *clause = &comprehension->clauses[i];
        find_in_expr(&clause->expr, f);
        if (!clause->is_filter && !is_found(f)) {
            find_in_pattern(&clause->pattern, f);
        }
    }
    find_in_expr(&comprehension->body, f);
}

static void find_in_record(Finder *f, Expr *record)
{
    for (uint32_t i = 0; i < record->as.record.count && !is_found(f); i++) {
        RecordItem *item = &record->as.record.items[i];
        Expr *value = record_item_value(item);
        if (item->name == f->name && item->name_start == f->at) {
            find(f, PLACE_FIELD, (Span){f->at, f->at});
            f->place->literal = record;
            return;
        }
        find_in_type(f, record_item_type(item));
        find_in_expr(value, f);
    }
}

// m.name: where m is a module without a value the resolver makes one name of
// both.
static void find_in_name(Finder *f, const Expr *expr)
{
    if (expr->as.name.symbol != f->name) {
        return;
    }
    find(f, PLACE_VALUE, expr->span);
    Str text = f->module->source.text;
    size_t start = lsp_name_start(text, expr->span);
    if (start >= f->at) {
        return;
    }
    size_t end = str_find_byte(text, '.', start);
    Symbol qualifier =
        intern(f->program->interner, str_slice(text, start, end));
    const ScopeRef *alias = scope_find_alias(f->program, f->module, qualifier);
    f->place->kind = PLACE_EXPORT;
    f->place->module = alias != NULL ? alias->module : INDEX_NONE;
}

static void find_in_children(Finder *f, Expr *expr)
{
    uint32_t mark = f->place->locals.count;
    if (expr->kind == EXPR_LAMBDA) {
        find_in_lambda(f, expr->as.lambda);
    } else if (expr->kind == EXPR_LET) {
        find_in_let(f, expr->as.let);
    } else if (expr->kind == EXPR_MATCH) {
        find_in_match(f, expr->as.match);
    } else if (expr->kind == EXPR_COMPREHENSION) {
        find_in_comprehension(f, expr->as.comprehension);
    } else if (expr->kind == EXPR_RECORD) {
        find_in_record(f, expr);
    } else {
        if (expr->kind == EXPR_ANNOTATED) {
            find_in_type(f, expr->as.annotated->type);
        }
        ast_visit_children(expr, find_in_expr, f);
    }
    if (!is_found(f)) {
        f->place->locals.count = mark;
    }
}

// As deep as the parser has let the source be.
static void find_in_expr(Expr *expr, void *finder)
{
    Finder *f = finder;
    if (is_found(f) || !covers(f, expr->span)) {
        return;
    }
    if (expr->kind == EXPR_NAME) {
        find_in_name(f, expr);
    } else if (expr->kind == EXPR_FIELD && expr->as.field.field == f->name &&
               expr->as.field.of->name_start == f->at) {
        find(f, PLACE_MEMBER, (Span){f->at, expr->span.end});
    } else {
        find_in_children(f, expr);
    }
}

// ---- declarations

static void find_in_items(Finder *f, const Import *import)
{
    for (uint32_t i = 0; i < import->item_count; i++) {
        if (import->items[i].name == f->name &&
            covers(f, import->items[i].span)) {
            find(f, PLACE_ITEM, import->items[i].span);
            f->place->module = import->module;
        }
    }
}

static void find_in_type_decl(Finder *f, const TypeDecl *decl)
{
    find_in_type(f, decl->alias);
    for (uint32_t i = 0; i < decl->ctor_count; i++) {
        find_in_types(f, decl->ctors[i].args, decl->ctors[i].arg_count);
    }
}

static void find_in_decl(Finder *f, const Decl *decl)
{
    if (!covers(f, decl->span)) {
        return;
    }
    if (decl->kind == DECL_IMPORT) {
        find_in_items(f, decl->as.import);
        find_in_type(f, decl->as.import->type);
    } else if (decl->kind == DECL_TYPE) {
        find_in_type_decl(f, decl->as.type);
    } else if (decl->kind == DECL_CLASS) {
        for (uint32_t i = 0; i < decl->as.class_->method_count; i++) {
            find_in_type(f, decl->as.class_->methods[i].type);
        }
    } else if (decl->kind == DECL_INSTANCE) {
        find_in_types(f, decl->as.instance->head.args,
                      decl->as.instance->head.arg_count);
    }
}

void lsp_place_find(const Program *program, const Module *module, Symbol name,
                    uint32_t at, Place *out)
{
    *out = (Place){.module = INDEX_NONE};
    Finder finder = {.program = program,
                     .module = module,
                     .name = name,
                     .at = at,
                     .place = out};
    for (uint32_t i = 0; i < module->ast.decl_count && !is_found(&finder);
         i++) {
        find_in_decl(&finder, &module->ast.decls[i]);
    }
    for (uint32_t i = 0; i < module->binding_count && !is_found(&finder); i++) {
        const Binding *binding = &module->bindings[i];
        finder.binding = i;
        find_in_type(&finder, binding->type);
        if (binding->value != NULL && !binding->value_is_data) {
            find_in_expr(binding->value, &finder);
        }
    }
}

void lsp_place_release(Place *place)
{
    vec_release(&place->locals);
}
