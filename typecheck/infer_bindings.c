// Annotations: types as written, refinements, and what they say of a binding.
#include "typecheck/data.h"
#include "typecheck/infer_internal.h"
#include "typecheck/refinements.h"

// ---- refinements

static void walk_refined(Infer *c, Type *type);

// Predicates written in an annotation belong to the binding at work; those of
// declared types are bindings of their own.
static void check_predicates(Infer *c, const Type *type)
{
    const TypeExpr *expr = type->as.refined.refinement->expr;
    if (type->as.refined.refinement->module != c->module->id) {
        return;
    }
    if (expr->as.refined.count == 0 ||
        expr->as.refined.predicates[0].hidden != UINT32_MAX) {
        return; // hoisted, as all of them are
    }
    Type *base = refinements_strip(c, type->link);
    for (uint32_t i = 0; i < expr->as.refined.count; i++) {
        Predicate *predicate = &expr->as.refined.predicates[i];
        void **seen = ptr_map_at(&c->predicates, (uintptr_t)predicate, 0);
        if (predicate->hidden == UINT32_MAX && *seen == NULL) {
            *seen = predicate;
            infer_bind_local(c, predicate->x_local, base, NULL);
            infer_predicate(c, &predicate->expr, base);
        }
    }
}

static void walk_parts(Infer *c, Type *type)
{
    switch ((TypeKind)type->kind) {
    case TYPE_CON:
        for (uint32_t i = 0; i < type->as.con.count; i++) {
            walk_refined(c, type->as.con.args[i]);
        }
        return;
    case TYPE_TUPLE:
        for (uint32_t i = 0; i < type->as.tuple.count; i++) {
            walk_refined(c, type->as.tuple.items[i]);
        }
        return;
    case TYPE_FUNCTION:
        walk_refined(c, type->as.function.param);
        walk_refined(c, type->as.function.result);
        return;
    case TYPE_RECORD:
        for (uint32_t i = 0; i < type->as.record.count; i++) {
            walk_refined(c, type->as.record.fields[i].type);
        }
        return;
    case TYPE_REFINED:
        check_predicates(c, type);
        walk_refined(c, type->link);
        return;
    case TYPE_ERROR:
    case TYPE_VAR:
    case TYPE_SKOLEM:
    case TYPE_GENERIC:
        break;
    }
}

static void walk_refined(Infer *c, Type *type)
{
    if ((type->flags & TYPE_HAS_REFINED) == 0) {
        return;
    }
    void **seen = ptr_map_at(&c->walked, (uintptr_t)type, 0);
    if (*seen == NULL) {
        *seen = type;
        walk_parts(c, type);
    }
}

// Predicates say all about their types themselves, so what they want of
// classes is settled at once, wherever the annotation stands.
static void check_all_predicates(Infer *c, Type *type)
{
    if ((type->flags & TYPE_HAS_REFINED) == 0) {
        return;
    }
    InferMark mark = infer_mark(c);
    walk_refined(c, type);
    c->level--;
    infer_finish_annotated(c, mark);
    c->level++;
}

// ---- annotations

// Of the type that a default or predicate belongs to; NULL: it belongs to an
// annotation, or is none.
static const TypeDecl *declaration_around(const Infer *c)
{
    if (c->binding->kind != BINDING_HIDDEN) {
        return NULL;
    }
    const Decl *decl =
        ast_decl_at(&c->module->ast, c->binding->name_span.start);
    return decl != NULL && decl->kind == DECL_TYPE ? decl->as.type : NULL;
}

static TypeReader annotation_reader(Infer *c, ClassUses *context)
{
    return (TypeReader){.program = c->program,
                        .module = c->module,
                        .store = &c->store,
                        .sink = c->sink,
                        .arena = c->arena,
                        .vars = &c->vars,
                        .binding = (uint32_t)(c->binding - c->module->bindings),
                        .level = c->bind_level,
                        .new_vars = NEW_VARS_RIGID,
                        .var_flags = c->bind_open ? TYPE_IS_OPEN : 0,
                        .open_rows = OPEN_ROWS_BY_PLACE,
                        .context = context,
                        .declaration = declaration_around(c)};
}

// Reads once: the same annotation gives the same rigid variables, and the
// same errors only once.
static Type *read_once(Infer *c, TypeReader *reader, const TypeExpr *expr)
{
    void **known = ptr_map_at(&c->annotations, (uintptr_t)expr, 0);
    if (*known != NULL) {
        return *known;
    }
    uint32_t errors = reader->errors;
    Type *type = type_read(reader, expr);
    c->error_count += reader->errors - errors;
    c->failed |= reader->errors > errors;
    infer_meet(c, type);
    *ptr_map_at(&c->annotations, (uintptr_t)expr, 0) = type;
    return type;
}

Type *infer_annotation(Infer *c, const TypeExpr *type, AnnotationPlace place)
{
    ClassUses context = {0};
    TypeReader reader = annotation_reader(c, &context);
    reader.negative = place == ANNOTATION_PARAM;
    if (place == ANNOTATION_LAMBDA) {
        reader.open_rows = OPEN_ROWS_INFERRED;
    }
    Type *result = read_once(c, &reader, type);
    check_all_predicates(c, result);
    vec_release(&context);
    return result;
}

void infer_read_params(Infer *c, const Expr *value)
{
    if (value->kind != EXPR_LAMBDA) {
        return;
    }
    const Function *function = value->as.lambda;
    for (uint32_t i = 0; i < function->param_count; i++) {
        if (function->params[i].type != NULL) {
            infer_annotation(c, function->params[i].type, ANNOTATION_PARAM);
        }
    }
}

// ---- signatures

bool infer_all_annotated(const Function *function)
{
    for (uint32_t i = 0; i < function->param_count; i++) {
        if (function->params[i].type == NULL) {
            return false;
        }
    }
    return function->result != NULL;
}

static Type *function_type(Infer *c, TypeReader *reader,
                           const Function *function)
{
    Type **params =
        arena_array(c->scratch, function->param_count, sizeof *params);
    for (uint32_t i = 0; i < function->param_count; i++) {
        reader->negative = true;
        params[i] = read_once(c, reader, function->params[i].type);
    }
    reader->negative = false;
    Type *type = read_once(c, reader, function->result);
    for (uint32_t i = function->param_count; i-- > 0;) {
        type = type_function(&c->store, params[i], type);
    }
    return type;
}

bool infer_read_signature(Infer *c, const TypeExpr *type, const Expr *value,
                          Signature *signature)
{
    bool is_function = type == NULL && value != NULL &&
                       value->kind == EXPR_LAMBDA &&
                       infer_all_annotated(value->as.lambda);
    if (type == NULL && !is_function) {
        return false;
    }
    uint32_t vars = c->vars.count;
    TypeReader reader = annotation_reader(c, &signature->context);
    signature->annotation = type;
    signature->type = is_function ? function_type(c, &reader, value->as.lambda)
                                  : read_once(c, &reader, type);
    signature->whole = !reader.has_open;
    signature->var_count = c->vars.count - vars;
    signature->vars = arena_copy(c->scratch, c->vars.items + vars,
                                 signature->var_count * sizeof(TypeVarEntry));
    if (reader.has_open) {
        for (uint32_t i = vars; i < c->vars.count; i++) {
            c->vars.items[i].type->flags |= TYPE_IS_OPEN;
        }
    }
    if (!signature->whole || signature->context.count == 0) {
        check_all_predicates(c, signature->type);
    }
    return signature->whole;
}

static Type *outline_part(Infer *c, const TypeExpr *annotation,
                          AnnotationPlace place)
{
    return annotation == NULL
               ? type_var(&c->store, c->level, 0)
               : type_strip(&c->store, infer_annotation(c, annotation, place));
}

Type *infer_outline(Infer *c, const Expr *value, Signature *signature)
{
    if (signature->type != NULL) {
        return type_strip(&c->store, signature->type);
    }
    if (value == NULL || value->kind != EXPR_LAMBDA) {
        return type_var(&c->store, c->level, 0);
    }
    const Function *function = value->as.lambda;
    uint32_t vars = c->vars.count;
    bool outer = c->bind_open;
    c->bind_open = true;
    Type **params =
        arena_array(c->scratch, function->param_count, sizeof *params);
    for (uint32_t i = 0; i < function->param_count; i++) {
        params[i] = outline_part(c, function->params[i].type, ANNOTATION_PARAM);
    }
    Type *type = outline_part(c, function->result, ANNOTATION_VALUE);
    for (uint32_t i = function->param_count; i-- > 0;) {
        type = type_function(&c->store, params[i], type);
    }
    signature->var_count = c->vars.count - vars;
    signature->vars = arena_copy(c->scratch, c->vars.items + vars,
                                 signature->var_count * sizeof(TypeVarEntry));
    c->vars.count = vars;
    c->bind_open = outer;
    return type;
}

void infer_enter_signature(Infer *c, const Signature *signature)
{
    for (uint32_t i = 0; i < signature->var_count; i++) {
        vec_push(&c->vars, signature->vars[i]);
    }
}

void infer_push_signature(Infer *c, Signature *signature, uint32_t *note)
{
    uint32_t count = signature->context.count;
    if (count == 0) {
        return;
    }
    signature->dictionaries =
        infer_new_dictionaries(c, c->binding, count, note);
    for (uint32_t i = 0; i < count; i++) {
        const ClassUse *use = &signature->context.items[i];
        infer_push_given(c, (Given){.class_ = use->class_,
                                    .args = use->args,
                                    .locals = &signature->dictionaries[i]});
    }
    // They may want what the context gives.
    check_all_predicates(c, signature->type);
}

void infer_check_signature(Infer *c, const Signature *signature, Symbol name,
                           Expr *value)
{
    Expect why = infer_expect(c, EXPECT_NONE, value->span);
    Type *type = signature->type;
    if (signature->why != NULL) {
        why = *signature->why;
    } else if (signature->annotation != NULL) {
        why = infer_expect(c, EXPECT_ANNOTATION, signature->annotation->span);
    } else { // the parameters and the result check their own refinements
        type = type_strip(&c->store, type);
    }
    infer_check(c, value, type, &why);
    // A method's class may stand in another file.
    bool here = why.source == &c->module->source;
    refinements_place(c, value, type, name,
                      here ? why.span : c->binding->name_span);
}

void infer_check_data(Infer *c, const Signature *signature, Binding *binding)
{
    Expect why =
        infer_expect(c, c->module->is_made ? EXPECT_NONE : EXPECT_ANNOTATION,
                     signature->annotation->span);
    data_check(c, binding, signature->type, &why);
}

const Scheme *infer_signature_scheme(Infer *c, const Signature *signature)
{
    Generaliser generaliser;
    generaliser_init(&generaliser, &c->store, c->level);
    Type *type = generalise_type(&generaliser, signature->type);
    uint32_t count = signature->context.count;
    SchemeConstraint *constraints =
        arena_array(c->store.arena, count, sizeof *constraints);
    for (uint32_t i = 0; i < count; i++) {
        const ClassUse *use = &signature->context.items[i];
        uint32_t arg_count = use->class_->param_count;
        Type **args = arena_array(c->store.arena, arg_count, sizeof *args);
        for (uint32_t a = 0; a < arg_count; a++) {
            args[a] = generalise_type(&generaliser, use->args[a]);
        }
        constraints[i] = (SchemeConstraint){use->class_, args};
    }
    Scheme *scheme = generaliser_scheme(&generaliser, type, constraints, count);
    generaliser_release(&generaliser);
    return scheme;
}

void infer_release_signature(Signature *signature)
{
    vec_release(&signature->context);
}
