// Types as written, and the hidden bindings that stand in them.
#include <stdlib.h>

#include "support/compare.h"
#include "syntax/resolve_internal.h"

// ---- hoisting

static Function *new_function(Resolver *r, Symbol name, uint32_t param_count)
{
    Arena *arena = r->arena;
    Function *function = ARENA_NEW(arena, Function);
    function->name = name;
    function->params =
        arena_zalloc(arena, param_count * sizeof *function->params);
    function->param_count = param_count;
    return function;
}

static void set_param(Param *param, Symbol symbol, Span span, TypeExpr *type,
                      uint32_t local)
{
    param->pattern.kind = PATTERN_NAME;
    param->pattern.span = span;
    param->pattern.as.name.symbol = symbol;
    param->pattern.as.name.local = local;
    param->type = type;
    param->local = local;
}

// Makes the value of `bind` a function whose body is what it was.
static void wrap_in_function(Bind *bind, Function *function)
{
    function->body = bind->value;
    bind->value = (Expr){.kind = EXPR_LAMBDA,
                         .span = function->body.span,
                         .as.lambda = function};
}

static Bind *new_bind(Resolver *r, Symbol name, Span span, const Expr *value)
{
    Bind *bind = ARENA_NEW(r->arena, Bind);
    bind->name = name;
    bind->name_span = span;
    bind->value = *value;
    return bind;
}

static void hoist_predicate(Resolver *r, Predicate *predicate, TypeExpr *base)
{
    Bind *bind =
        new_bind(r, r->hidden_name, predicate->expr.span, &predicate->expr);
    Function *function = new_function(r, r->hidden_name, 1);
    set_param(&function->params[0], SYM_X, base->span, base, 0);
    wrap_in_function(bind, function);
    predicate->x_local = 0;
    predicate->hidden = resolver_add_hidden(r, bind);
    vec_push(&r->jobs, (HiddenJob){.kind = HIDDEN_PREDICATE,
                                   .binding = predicate->hidden,
                                   .predicate = predicate});
}

// The type of the field's value: an optional one holds an Option.
static TypeExpr *field_type(Resolver *r, const TypeField *field)
{
    ScopeRef option = scope_find_prelude(r->program, SPACE_TYPE, SYM_OPTION);
    if (!field->optional || option.ref != REF_TYPE) {
        return field->type;
    }
    TypeExpr *type = ARENA_NEW(r->arena, TypeExpr);
    type->kind = TYPE_EXPR_NAME;
    type->span = field->type->span;
    type->as.name.ref =
        (NameRef){SYM_OPTION, REF_TYPE, option.module, option.index};
    type->as.name.args = field->type;
    type->as.name.arg_count = 1;
    return type;
}

static void hoist_default(Resolver *r, TypeRecord *record, uint32_t index,
                          SymbolMap *fields)
{
    TypeField *field = &record->fields[index];
    Bind *bind =
        new_bind(r, field->name, field->name_span, field->default_value);
    bind->type = field_type(r, field);
    field->hidden = resolver_add_hidden(r, bind);
    vec_push(&r->jobs, (HiddenJob){.kind = HIDDEN_DEFAULT,
                                   .binding = field->hidden,
                                   .record = record,
                                   .field = index,
                                   .fields = fields});
}

// ---- types

static void refined_type(Resolver *r, TypeExpr *type)
{
    TypeExpr *base = type->as.refined.base;
    resolver_type(r, base);
    for (uint32_t i = 0; i < type->as.refined.count; i++) {
        Predicate *predicate = &type->as.refined.predicates[i];
        if (r->in_declaration) {
            hoist_predicate(r, predicate, base);
            continue;
        }
        uint32_t mark = resolver_mark(r);
        predicate->hidden = UINT32_MAX;
        resolver_put_local(r, &predicate->x_local,
                           resolver_new_local(r, SYM_X, predicate->expr.span));
        resolver_push_local(r, SYM_X, predicate->expr.span, predicate->x_local);
        bool outer = r->in_predicate;
        r->in_predicate = true;
        resolver_conditional(r, &predicate->expr);
        r->in_predicate = outer;
        resolver_pop_locals(r, mark);
    }
}

static void record_type(Resolver *r, TypeRecord *record)
{
    SymbolMap *fields = ARENA_NEW(r->arena, SymbolMap);
    symbol_map_reserve(fields, r->arena, record->count);
    for (uint32_t i = 0; i < record->count; i++) {
        TypeField *field = &record->fields[i];
        ScopeRef entry = {REF_UNRESOLVED, INDEX_NONE, i, ORIGIN_NONE};
        // One that stands twice was reported by the parser.
        (void)symbol_map_add(fields, r->arena, field->name, entry);
        // A default is a binding of its own, whose annotation this is, too.
        bool outer = r->in_declaration;
        r->in_declaration |= field->default_value != NULL;
        resolver_type(r, field->type);
        r->in_declaration = outer;
        field->hidden = INDEX_NONE;
        if (field->default_value != NULL) {
            hoist_default(r, record, i, fields);
        }
    }
}

static void resolve_constraint(Resolver *r, Constraint *constraint)
{
    resolver_class_ref(r, &constraint->ref, constraint->qualifier,
                       constraint->span);
    for (uint32_t i = 0; i < constraint->arg_count; i++) {
        resolver_type(r, &constraint->args[i]);
    }
}

static void type_array(Resolver *r, TypeExpr *types, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        resolver_type(r, &types[i]);
    }
}

void resolver_type(Resolver *r, TypeExpr *type)
{
    switch ((TypeExprKind)type->kind) {
    case TYPE_EXPR_ERROR:
    case TYPE_EXPR_VAR:
    case TYPE_EXPR_UNIT:
        return;
    case TYPE_EXPR_NAME:
        resolver_type_ref(r, &type->as.name.ref, type->as.name.qualifier,
                          type->span);
        type_array(r, type->as.name.args, type->as.name.arg_count);
        return;
    case TYPE_EXPR_FUNCTION:
        type_array(r, type->as.function.parts, type->as.function.count);
        return;
    case TYPE_EXPR_TUPLE:
        type_array(r, type->as.tuple.items, type->as.tuple.count);
        return;
    case TYPE_EXPR_LIST:
        resolver_type(r, type->as.list.item);
        return;
    case TYPE_EXPR_RECORD:
        record_type(r, type->as.record);
        return;
    case TYPE_EXPR_REFINED:
        refined_type(r, type);
        return;
    case TYPE_EXPR_CONSTRAINED:
        for (uint32_t i = 0; i < type->as.constrained.count; i++) {
            resolve_constraint(r, &type->as.constrained.constraints[i]);
        }
        resolver_type(r, type->as.constrained.type);
        return;
    }
}

void resolver_data_type(Resolver *r, Symbol name, TypeExpr *type)
{
    r->in_declaration = true;
    r->hidden_name = name;
    resolver_type(r, type);
    r->in_declaration = false;
}

// ---- declarations

void resolver_type_decl(Resolver *r, TypeDecl *decl)
{
    r->in_declaration = true;
    r->hidden_name = decl->name;
    if (decl->ctors == NULL && decl->alias != NULL) {
        uint32_t count = r->sink->diags.count;
        resolver_type(r, decl->alias);
        if (r->sink->diags.count == count + 1 && !r->module->is_made &&
            decl->alias->kind == TYPE_EXPR_NAME &&
            decl->alias->as.name.arg_count == 0 &&
            decl->alias->as.name.qualifier == 0) {
            diag_help(r->sink, vec_last(&r->sink->diags),
                      "a union of this constructor alone begins with '|'");
            symbol_map_add(&r->module->scope->meant_ctors,
                           r->module->check_arena,
                           decl->alias->as.name.ref.symbol, (ScopeRef){0});
        }
    }
    for (uint32_t i = 0; i < decl->ctor_count; i++) {
        type_array(r, decl->ctors[i].args, decl->ctors[i].arg_count);
    }
    r->in_declaration = false;
}

void resolver_class_decl(Resolver *r, ClassDecl *decl)
{
    r->in_declaration = true;
    for (uint32_t i = 0; i < decl->superclass_count; i++) {
        resolve_constraint(r, &decl->superclasses[i]);
    }
    for (uint32_t i = 0; i < decl->method_count; i++) {
        r->hidden_name = decl->methods[i].name;
        resolver_type(r, decl->methods[i].type);
    }
    r->in_declaration = false;
}

static void instance_methods(Resolver *r, InstanceDecl *decl)
{
    SymbolMap seen = {0};
    Arena scratch;
    arena_init(&scratch);
    decl->hidden =
        arena_array(r->arena, decl->method_count, sizeof *decl->hidden);
    for (uint32_t i = 0; i < decl->method_count; i++) {
        Bind *bind = &decl->methods[i];
        ScopeRef *first =
            symbol_map_add(&seen, &scratch, bind->name, (ScopeRef){.index = i});
        if (first != NULL) {
            resolver_report_twice(r, "method", bind->name, bind->name_span,
                                  decl->methods[first->index].name_span);
        }
        decl->hidden[i] = resolver_add_hidden(r, bind);
        vec_push(&r->jobs, (HiddenJob){.kind = HIDDEN_METHOD,
                                       .binding = decl->hidden[i]});
    }
    arena_release(&scratch);
}

void resolver_instance_decl(Resolver *r, InstanceDecl *decl)
{
    r->in_declaration = true;
    r->hidden_name = decl->head.ref.symbol;
    resolve_constraint(r, &decl->head);
    for (uint32_t i = 0; i < decl->context_count; i++) {
        resolve_constraint(r, &decl->context[i]);
    }
    r->in_declaration = false;
    instance_methods(r, decl);
}

// ---- hidden bindings

static void hidden_predicate(Resolver *r, const HiddenJob *job, Bind *bind)
{
    Function *function = bind->value.as.lambda;
    Param *param = &function->params[0];
    uint32_t mark = resolver_mark(r);
    param->local = resolver_new_local(r, SYM_X, param->pattern.span);
    param->pattern.as.name.local = param->local;
    resolver_push_local(r, SYM_X, param->pattern.span, param->local);
    r->in_predicate = true;
    resolver_conditional(r, &function->body);
    r->in_predicate = false;
    resolver_pop_locals(r, mark);
    job->predicate->expr = function->body;
}

// A default becomes a function of the earlier fields that it names.
static void take_fields(Resolver *r, const HiddenJob *job, Bind *bind)
{
    uint32_t count = r->work->field_uses.count;
    qsort(r->work->field_uses.items, count, sizeof(uint32_t), compare_numbers);
    Function *function = new_function(r, bind->name, count);
    function->result = bind->type;
    bind->type = NULL;
    for (uint32_t i = 0; i < count; i++) {
        const TypeField *field =
            &job->record->fields[r->work->field_uses.items[i]];
        ScopeRef *entry = symbol_map_find(job->fields, field->name);
        r->work->locals.items[entry->origin].span = field->name_span;
        set_param(&function->params[i], field->name, field->name_span,
                  field_type(r, field), entry->origin);
    }
    wrap_in_function(bind, function);
}

// Whether a default is evaluated depends on the record, so what it names is
// evaluated on demand.
static void hidden_default(Resolver *r, const HiddenJob *job, Bind *bind)
{
    r->fields = job->fields;
    r->field_limit = job->field;
    vec_clear(&r->work->field_uses);
    resolver_conditional(r, &bind->value);
    r->fields = NULL;
    *job->record->fields[job->field].default_value = bind->value;
    if (r->work->field_uses.count > 0) {
        take_fields(r, job, bind);
    }
}

static void hidden_job(Resolver *r, const HiddenJob *job)
{
    resolver_begin_binding(r, job->binding);
    Bind *bind = r->bindings.items[job->binding].bind;
    switch (job->kind) {
    case HIDDEN_METHOD:
        resolver_bind(r, bind);
        break;
    case HIDDEN_PREDICATE:
        hidden_predicate(r, job, bind);
        break;
    case HIDDEN_DEFAULT:
        hidden_default(r, job, bind);
        break;
    case HIDDEN_IMPORT:
        if (bind->type != NULL) {
            resolver_data_type(r, bind->name, bind->type);
        }
        if (r->bindings.items[job->binding].data == NULL &&
            job->target != INDEX_NONE) { // else it is missing
            resolver_module_value(r, job->path, job->target);
        }
        break;
    }
    resolver_end_binding(r);
}

void resolver_hidden(Resolver *r)
{
    // Resolving one may add others.
    for (uint32_t i = 0; i < r->jobs.count; i++) {
        HiddenJob job = r->jobs.items[i];
        hidden_job(r, &job);
    }
}
