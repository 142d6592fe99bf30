// Placing checks on expressions.
#include "typecheck/refinements.h"

typedef struct Placer {
    Infer *c;
    uint32_t module; // of the annotation
    Span annotation;
    bool noted;                   // else constants are looked at, no more
    Symbol name;                  // of the value; 0: none
    const RefinementCheck *check; // the newest: elements share theirs
} Placer;

static void place(Placer *p, Expr *expr, Type *type);

static uint32_t binding_index(const Infer *c)
{
    return (uint32_t)(c->binding - c->module->bindings);
}

// ---- references of predicates

static void add_shape_refs(Infer *c, const CheckShape *shape, Span span)
{
    void **seen = ptr_map_at(&c->check_refs, (uintptr_t)shape,
                             (uintptr_t)binding_index(c) + 1);
    if (*seen != NULL) {
        return;
    }
    *seen = c;
    if (shape->kind == CHECK_REFINED) {
        const TypeExpr *expr = shape->refined->expr;
        for (uint32_t i = 0; i < expr->as.refined.count; i++) {
            uint32_t hidden = expr->as.refined.predicates[i].hidden;
            if (hidden != UINT32_MAX) {
                refinements_add_ref(c, shape->refined->module, hidden, span);
            }
        }
    }
    for (uint32_t i = 0; i < shape->count; i++) {
        if (shape->parts[i] != NULL) {
            add_shape_refs(c, shape->parts[i], span);
        }
    }
}

// ---- sites

static const RefinementCheck *new_check(Placer *p, const CheckShape *shape)
{
    Symbol name = shape->kind == CHECK_FUNCTION ? p->name : 0;
    if (p->check == NULL || p->check->shape != shape ||
        p->check->name != name) {
        RefinementCheck *check = ARENA_NEW(p->c->arena, RefinementCheck);
        *check = (RefinementCheck){.shape = shape,
                                   .module = p->module,
                                   .annotation = p->annotation,
                                   .name = name};
        refinements_scan(p->c, check);
        p->check = check;
    }
    return p->check;
}

static void add_site(Placer *p, Expr *expr, Type *type, bool shallow)
{
    Infer *c = p->c;
    bool own = p->noted && p->module == c->module->id &&
               (type->flags & TYPE_HAS_GENERICS) == 0;
    const CheckShape *shape =
        refinements_shape(c, type, shallow, own ? &p->annotation : NULL);
    if (shape == NULL) {
        return;
    }
    const RefinementCheck *check = new_check(p, shape);
    if (p->noted) {
        Note note = {.kind = NOTE_CHECK};
        note.as.check.item = check;
        infer_add_note(c, &expr->note, &note);
        expr->flags |= EXPR_HAS_CHECK;
        add_shape_refs(c, shape, p->annotation);
    }
    bool is_local = expr->kind == EXPR_NAME && expr->as.name.ref == REF_LOCAL;
    if (!is_local) {
        CheckSite site = {expr, binding_index(c), check, p->noted,
                          c->in_predicate};
        vec_push(&c->sites, site);
    }
}

// ---- forms

static bool is_scalar(const Expr *expr)
{
    return expr->kind != EXPR_LIST && expr->kind != EXPR_RECORD &&
           expr->kind != EXPR_TUPLE;
}

// Literal data that one check is good for: all but lists of lists, records
// and the like, whose elements are looked at one by one.
static bool is_flat(const Expr *expr)
{
    if ((expr->flags & EXPR_CLOSED) == 0) {
        return false;
    }
    if (expr->kind == EXPR_LIST) {
        return expr->as.list.count == 0 || is_scalar(&expr->as.list.items[0]);
    }
    if (expr->kind == EXPR_RECORD) {
        for (uint32_t i = 0; i < expr->as.record.count; i++) {
            const RecordItem *item = &expr->as.record.items[i];
            if (record_item_path(item) != NULL ||
                !is_flat(record_item_value(item))) {
                return false;
            }
        }
        return true;
    }
    return expr->kind != EXPR_TUPLE;
}

static void place_all(Placer *p, Expr *items, uint32_t count, Type *type)
{
    for (uint32_t i = 0; i < count; i++) {
        place(p, &items[i], type);
    }
}

static void place_tuple(Placer *p, Expr *expr, const Type *type)
{
    if (type->kind == TYPE_TUPLE &&
        type->as.tuple.count == expr->as.tuple.count) {
        for (uint32_t i = 0; i < expr->as.tuple.count; i++) {
            place(p, &expr->as.tuple.items[i], type->as.tuple.items[i]);
        }
    }
}

static void place_fields(Placer *p, Expr *expr, Type *type)
{
    for (uint32_t i = 0; i < expr->as.record.count; i++) {
        RecordItem *item = &expr->as.record.items[i];
        RecordField *field = item->name != 0 && record_item_path(item) == NULL
                                 ? type_record_find(type, item->name, NULL)
                                 : NULL;
        if (field != NULL) {
            p->name = item->name;
            place(p, record_item_value(item), field->type);
        }
    }
}

// What a spread or a dotted path brings is walked at the end; fields that are
// written are looked at as constants, too.
static void place_record(Placer *p, Expr *expr, Type *type, Type *refined)
{
    bool plain = true;
    for (uint32_t i = 0; i < expr->as.record.count; i++) {
        const RecordItem *item = &expr->as.record.items[i];
        plain &= item->name != 0 && record_item_path(item) == NULL;
    }
    bool noted = p->noted;
    add_site(p, expr, refined, plain);
    p->noted = noted && plain;
    if (type->kind == TYPE_RECORD) {
        place_fields(p, expr, type);
    }
    p->noted = noted;
}

// The type of argument `index` of the constructor that `ctor` names.
static Type *ctor_argument(Infer *c, const Expr *ctor, const Type *type,
                           uint32_t index)
{
    if (ctor->kind != EXPR_CTOR || ctor->as.ctor.ref != REF_CTOR) {
        return NULL;
    }
    const Module *module = c->program->modules[ctor->as.ctor.module];
    const CtorEntry *entry = &module->ctors[ctor->as.ctor.index];
    const UnionInfo *info =
        type_union_info(c->program, module->id, entry->type);
    if (info == NULL || index >= info->ctors[entry->tag].arg_count) {
        return NULL;
    }
    Type *arg = info->ctors[entry->tag].args[index];
    if (type == NULL) {
        return arg;
    }
    return type_is_con(type, module->id, entry->type)
               ? type_substitute(&c->store, arg, type->as.con.args,
                                 type->as.con.count)
               : NULL;
}

static bool is_ctor_call(const Expr *expr)
{
    return expr->kind == EXPR_CALL && expr->as.call.parts[0].kind == EXPR_CTOR;
}

static bool has_all_arguments(const Infer *c, const Expr *call)
{
    const Expr *ctor = &call->as.call.parts[0];
    if (ctor->as.ctor.ref != REF_CTOR) {
        return false;
    }
    const Module *module = c->program->modules[ctor->as.ctor.module];
    const CtorEntry *entry = &module->ctors[ctor->as.ctor.index];
    return entry->decl->arg_count == call->as.call.count - 1;
}

// Of a call with too few or too many arguments the type is another one, so that
// nothing is known of what its arguments are.
static void place_payload(Placer *p, Expr *expr, const Type *type)
{
    if (!has_all_arguments(p->c, expr)) {
        return;
    }
    for (uint32_t i = 1; i < expr->as.call.count; i++) {
        Type *arg = ctor_argument(p->c, &expr->as.call.parts[0], type, i - 1);
        if (arg != NULL) {
            place(p, &expr->as.call.parts[i], arg);
        }
    }
}

// A lambda checks its parameters by itself, and its result where that is made.
// Where something is said of what it is after some of its arguments, it is
// wrapped.
static void place_lambda(Placer *p, Expr *expr, Type *refined)
{
    Function *function = expr->as.lambda;
    Type *type = refined;
    for (uint32_t i = 0; i < function->param_count; i++) {
        if (i > 0 && type->kind == TYPE_REFINED) {
            add_site(p, expr, refined, false);
            return;
        }
        type = type_resolve(type);
        if (type->kind != TYPE_FUNCTION) {
            return;
        }
        type = type->as.function.result;
    }
    add_site(p, expr, refined, true);
    place(p, &function->body, type);
}

static void place_if(Placer *p, Expr *expr, Type *type)
{
    uint32_t count = expr->as.branch.count;
    for (uint32_t i = 1; i < count; i += 2) {
        place(p, &expr->as.branch.parts[i], type);
    }
    place(p, &expr->as.branch.parts[count - 1], type);
}

static void place_match(Placer *p, Match *match, Type *type)
{
    for (uint32_t i = 0; i < match->arm_count; i++) {
        place(p, &match->arms[i].body, type);
    }
}

// What is read from JSON and breaks a refinement is an Err, as all that does
// not fit: the check goes with the evidence. False where that is not known.
static bool place_decode(Placer *p, const Expr *expr, Type *type)
{
    Infer *c = p->c;
    Evidence *evidence = p->noted ? refinements_decoder(c, expr) : NULL;
    Type *result = type_resolve(type);
    if (evidence == NULL || result->kind != TYPE_CON ||
        result->as.con.count != 2) {
        return false;
    }
    const CheckShape *shape =
        refinements_shape(c, result->as.con.args[0], false, &p->annotation);
    if (shape == NULL) {
        return false;
    }
    evidence->check = new_check(p, shape);
    add_shape_refs(c, shape, p->annotation);
    return true;
}

static void place_value(Placer *p, Expr *expr, Type *type)
{
    if (place_decode(p, expr, type)) {
        return;
    }
    if (!refinements_implied(refinements_known(p->c, expr), type)) {
        add_site(p, expr, type, false);
    }
}

// The list's element type, or NULL.
static Type *element_type(Type *type)
{
    return type_is_prim(type, PRIM_LIST) ? type->as.con.args[0] : NULL;
}

static void place_form(Placer *p, Expr *expr, Type *refined)
{
    Type *type = type_resolve(refined);
    Type *element = element_type(type);
    switch ((ExprKind)expr->kind) {
    case EXPR_TUPLE:
        add_site(p, expr, refined, true);
        place_tuple(p, expr, type);
        return;
    case EXPR_LIST:
        add_site(p, expr, refined, true);
        if (element != NULL) {
            place_all(p, expr->as.list.items, expr->as.list.count, element);
        }
        return;
    case EXPR_COMPREHENSION:
        add_site(p, expr, refined, true);
        if (element != NULL) {
            place(p, &expr->as.comprehension->body, element);
        }
        return;
    case EXPR_RECORD:
        place_record(p, expr, type, refined);
        return;
    case EXPR_CALL:
        if (is_ctor_call(expr)) {
            add_site(p, expr, refined, true);
            place_payload(p, expr, type);
        } else {
            place_value(p, expr, refined);
        }
        return;
    case EXPR_LAMBDA:
        place_lambda(p, expr, refined);
        return;
    case EXPR_LET:
        place(p, &expr->as.let->body, refined);
        return;
    case EXPR_IF:
        place_if(p, expr, refined);
        return;
    case EXPR_MATCH:
        place_match(p, expr->as.match, refined);
        return;
    case EXPR_ERROR:
    case EXPR_BUILTIN:
    case EXPR_DATA:
        return;
    case EXPR_UNIT:
    case EXPR_BOOL:
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_STRING:
    case EXPR_INTERPOLATION:
    case EXPR_NAME:
    case EXPR_CTOR:
    case EXPR_FIELD:
    case EXPR_CHAIN:
    case EXPR_UNARY:
    case EXPR_ANNOTATED:
        place_value(p, expr, refined);
        return;
    }
}

static void place(Placer *p, Expr *expr, Type *type)
{
    if ((expr->flags & EXPR_WRAP_SOME) != 0) {
        // The check comes before the value is wrapped.
        Type *option = type_resolve(type);
        if (option->kind != TYPE_CON || option->as.con.count != 1) {
            return;
        }
        type = option->as.con.args[0];
    }
    if ((type->flags & TYPE_HAS_REFINED) == 0) {
        return;
    }
    if (is_flat(expr)) {
        add_site(p, expr, type, false);
    } else {
        place_form(p, expr, type);
    }
}

void refinements_place(Infer *c, Expr *expr, Type *type, Symbol name,
                       Span annotation)
{
    if ((type->flags & TYPE_HAS_REFINED) != 0) {
        Placer placer = {.c = c,
                         .module = c->module->id,
                         .annotation = annotation,
                         .noted = true,
                         .name = name};
        place(&placer, expr, type);
    }
}

// ---- functions and constructors

// A default takes earlier fields of its record, which are checked there.
static bool is_earlier_field(const Infer *c, const Param *param)
{
    const Binding *binding = c->binding;
    if (binding->kind != BINDING_HIDDEN || binding->value == NULL ||
        binding->value->kind != EXPR_LAMBDA ||
        (c->method_of != NULL && c->method_of[binding_index(c)] != NULL)) {
        return false;
    }
    const Function *function = binding->value->as.lambda;
    return param >= function->params &&
           param < function->params + function->param_count;
}

void refinements_param(Infer *c, Param *param, Type *type, Span annotation)
{
    const CheckShape *shape =
        is_earlier_field(c, param)
            ? NULL
            : refinements_shape(c, type, false, &annotation);
    if (shape == NULL) {
        return;
    }
    Placer placer = {.c = c, .module = c->module->id, .annotation = annotation};
    if (param->pattern.kind == PATTERN_NAME) {
        placer.name = param->pattern.as.name.symbol;
    }
    Note note = {.kind = NOTE_CHECK};
    note.as.check.item = new_check(&placer, shape);
    infer_add_note(c, &param->pattern.note, &note);
    add_shape_refs(c, shape, annotation);
}

// Where parameter `index` of a function is annotated.
static Span param_annotation(const Infer *c, const Expr *callee, uint32_t index,
                             uint32_t *out_module)
{
    Span span = callee->span;
    *out_module = c->module->id;
    if (callee->kind == EXPR_NAME && callee->as.name.ref == REF_GLOBAL) {
        const Binding *binding = program_binding(
            c->program, callee->as.name.module, callee->as.name.index);
        *out_module = callee->as.name.module;
        span = binding->name_span;
        if (binding->type != NULL) {
            span = binding->type->span;
        } else if (binding->value != NULL &&
                   binding->value->kind == EXPR_LAMBDA &&
                   index < binding->value->as.lambda->param_count &&
                   binding->value->as.lambda->params[index].type != NULL) {
            span = binding->value->as.lambda->params[index].type->span;
        }
    }
    return span;
}

void refinements_argument(Infer *c, Expr *argument, const Expr *callee,
                          uint32_t index)
{
    if (callee->kind != EXPR_NAME && callee->kind != EXPR_FIELD) {
        return;
    }
    Type *type = refinements_known(c, callee);
    for (uint32_t i = 0; type != NULL && i <= index; i++) {
        type = type_resolve(type);
        if (type->kind != TYPE_FUNCTION) {
            return;
        }
        if (i == index) {
            type = type->as.function.param;
            break;
        }
        type = type->as.function.result;
    }
    if (type == NULL || (type->flags & TYPE_HAS_REFINED) == 0) {
        return;
    }
    Placer placer = {.c = c};
    placer.annotation = param_annotation(c, callee, index, &placer.module);
    place(&placer, argument, type);
}

void refinements_ctor_call(Infer *c, Expr *argument, const Expr *ctor,
                           uint32_t index)
{
    Type *type = ctor_argument(c, ctor, NULL, index);
    if (type == NULL || (type->flags & TYPE_HAS_REFINED) == 0) {
        return;
    }
    const Module *module = c->program->modules[ctor->as.ctor.module];
    const CtorDecl *decl = module->ctors[ctor->as.ctor.index].decl;
    Placer placer = {.c = c,
                     .module = module->id,
                     .annotation = decl->args[index].span,
                     .noted = true};
    place(&placer, argument, type);
}

// Constructors that stand as functions check their arguments by themselves.
void refinements_declare(Infer *c)
{
    Module *module = c->module;
    BindingGroup nobody = {0};
    c->group = &nobody;
    c->binding = module->bindings;
    for (uint32_t i = 0; i < module->ctor_count; i++) {
        CtorEntry *entry = &module->ctors[i];
        const UnionInfo *info =
            type_union_info(c->program, module->id, entry->type);
        uint32_t count = info != NULL ? info->ctors[entry->tag].arg_count : 0;
        for (uint32_t a = 0; a < count; a++) {
            Type *type = info->ctors[entry->tag].args[a];
            Span annotation = entry->decl->args[a].span;
            const CheckShape *shape =
                refinements_shape(c, type, false, &annotation);
            if (shape == NULL) {
                continue;
            }
            if (entry->checks == NULL) {
                entry->checks =
                    arena_zalloc(module->arena, count * sizeof *entry->checks);
            }
            Placer placer = {
                .c = c, .module = module->id, .annotation = annotation};
            entry->checks[a] = new_check(&placer, shape);
        }
    }
    c->group = NULL;
    c->binding = NULL;
}

void refinements_pattern(Infer *c, Expr *argument, const Expr *callee)
{
    if (callee->kind != EXPR_NAME || callee->as.name.ref != REF_GLOBAL ||
        argument->kind != EXPR_STRING) {
        return;
    }
    const Module *module = c->program->modules[callee->as.name.module];
    if (!module->is_std) {
        return;
    }
    const Binding *binding = &module->bindings[callee->as.name.index];
    Str name = infer_name_text(c, binding->name);
    static const char *const takers[] = {"regexp", "pattern", "matches",
                                         "captures", "replaceRegexp"};
    for (size_t i = 0; i < sizeof takers / sizeof *takers; i++) {
        if (str_equal(name, str_from_c(takers[i]))) {
            CheckSite site = {argument, binding_index(c), NULL, false,
                              c->in_predicate};
            vec_push(&c->sites, site);
            return;
        }
    }
}

// ---- what uses of names know

void refinements_note_local(Infer *c, uint32_t local, Type *type)
{
    if (local < c->local_capacity && (type->flags & TYPE_HAS_REFINED) != 0) {
        c->locals[local].refined = type;
    }
}

// A function whose parameters say more than its type: that of its parts.
static Type *function_type(Infer *c, const Expr *value)
{
    if (value == NULL || value->kind != EXPR_LAMBDA) {
        return NULL;
    }
    const Function *function = value->as.lambda;
    if (c->annotations.count == 0) {
        return NULL; // none of its parts has one
    }
    Type *type = type_error();
    if (function->result != NULL) {
        Type *result =
            ptr_map_find(&c->annotations, (uintptr_t)function->result, 0);
        type = result != NULL ? result : type;
    }
    for (uint32_t i = function->param_count; i-- > 0;) {
        Type *param = NULL;
        if (function->params[i].type != NULL) {
            param = ptr_map_find(&c->annotations,
                                 (uintptr_t)function->params[i].type, 0);
        }
        type = type_function(&c->store, param != NULL ? param : type_error(),
                             type);
    }
    return (type->flags & TYPE_HAS_REFINED) != 0 ? type : NULL;
}

void refinements_note_bind(Infer *c, const Bind *bind, const Type *signature)
{
    Type *type = signature != NULL ? (Type *)(uintptr_t)signature
                                   : function_type(c, &bind->value);
    if (type != NULL) {
        refinements_note_local(c, bind->local, type);
    }
}

void refinements_note_binding(Infer *c, uint32_t index, const Type *signature)
{
    const Binding *binding = &c->module->bindings[index];
    Type *type = signature != NULL ? (Type *)(uintptr_t)signature
                                   : function_type(c, binding->value);
    if (type != NULL && (type->flags & TYPE_HAS_REFINED) != 0) {
        c->types->refined[index] = type;
    }
}
