// Patterns and match.
#include "typecheck/infer_internal.h"
#include "typecheck/type_print.h"

void infer_bind_local(Infer *c, uint32_t local, Type *type,
                      const Scheme *scheme)
{
    if (local >= c->local_capacity) {
        return;
    }
    infer_log(c, &c->locals[local], sizeof c->locals[local]);
    c->locals[local] = (LocalType){.type = type, .scheme = scheme, .by = c};
    if (UNLIKELY(c->watch != NULL)) {
        infer_watch_local(c, local, type, scheme);
    }
}

// A pattern that has another type than the value.
static bool pattern_unify(Infer *c, const Pattern *pattern, Type *type,
                          Type *found, const Expect *why)
{
    if (unify(&c->unifier, type, found)) {
        return true;
    }
    TypeDifference difference =
        type_difference(c->program, c->module, type, found, &c->sink->arena);
    Diag *diag =
        infer_error(c, DIAG_E0219, pattern->span,
                    "the pattern is of type %.*s, the value of type %.*s",
                    STR_ARG(difference.found), STR_ARG(difference.expected));
    infer_label_expect(c, diag, why);
    return false;
}

// Alternatives bind the same names, whose types must agree.
static void bind_name(Infer *c, Pattern *pattern, uint32_t local, Symbol name,
                      Type *type)
{
    Type *before = local < c->local_capacity ? c->locals[local].type : NULL;
    if (before == NULL) {
        infer_bind_local(c, local, type, NULL);
        return;
    }
    if (!unify(&c->unifier, before, type)) {
        infer_error(c, DIAG_E0219, pattern->span,
                    "'%.*s' is of type %.*s here and of type %.*s in another "
                    "alternative",
                    STR_ARG(infer_name_text(c, name)),
                    STR_ARG(infer_print(c, type)),
                    STR_ARG(infer_print(c, before)));
    }
}

static void infer_all(Infer *c, Pattern *patterns, uint32_t count, Type *type,
                      const Expect *why)
{
    for (uint32_t i = 0; i < count; i++) {
        infer_pattern(c, &patterns[i], type, why);
    }
}

static void report_ctor_arity(Infer *c, const Pattern *pattern,
                              uint32_t expected)
{
    const PatternCtor *ctor = pattern->as.ctor;
    Str name = infer_name_text(c, ctor->ref.symbol);
    Diag *diag = infer_error(
        c, DIAG_E0219, pattern->span,
        "constructor '%.*s' has %u argument%s, the pattern %u", STR_ARG(name),
        expected, expected == 1 ? "" : "s", ctor->arg_count);
    if (expected == 1 && ctor->arg_count > 1) {
        diag_help(c->sink, diag,
                  "a tuple stands in parentheses of its own: %.*s ((a, b))",
                  STR_ARG(name));
    } else if (ctor->arg_count < expected) {
        diag_help(c->sink, diag, "'_' stands for what is not needed");
    } else if (expected == 0) {
        diag_help(c->sink, diag, "it stands alone: %.*s", STR_ARG(name));
    }
}

static void infer_ctor_pattern(Infer *c, Pattern *pattern, Type *type,
                               const Expect *why)
{
    PatternCtor *ctor = pattern->as.ctor;
    const ModuleTypes *types = NULL;
    if (infer_resolve_ctor(c, &ctor->ref, ctor->qualifier, pattern->span,
                           type)) {
        types = c->program->modules[ctor->ref.module]->checked;
    }
    const Scheme *scheme = types != NULL ? types->ctors[ctor->ref.index] : NULL;
    if (scheme == NULL) {
        c->failed = true;
        infer_all(c, ctor->args, ctor->arg_count, type_error(), why);
        return;
    }
    infer_meet(c, scheme->type);
    Instance instance;
    instance_open(&instance, scheme, &c->store, c->scratch, c->level);
    Type *made = instance_type(&instance, scheme->type);
    Type **params = arena_array(c->scratch, ctor->arg_count, sizeof *params);
    uint32_t count = 0;
    while (made->kind == TYPE_FUNCTION) {
        if (count < ctor->arg_count) {
            params[count] = made->as.function.param;
        }
        count++;
        made = made->as.function.result;
    }
    bool fits = pattern_unify(c, pattern, type, made, why);
    if (fits && count != ctor->arg_count) {
        report_ctor_arity(c, pattern, count);
        fits = false;
    }
    for (uint32_t i = 0; i < ctor->arg_count; i++) {
        infer_pattern(c, &ctor->args[i],
                      fits ? type_strip(&c->store, params[i]) : type_error(),
                      why);
    }
}

static void infer_tuple_pattern(Infer *c, Pattern *pattern, Type *type,
                                const Expect *why)
{
    uint32_t count = pattern->as.tuple.count;
    Pattern *items = pattern->as.tuple.items;
    if (type->kind == TYPE_TUPLE && type->as.tuple.count == count) {
        for (uint32_t i = 0; i < count; i++) {
            infer_pattern(c, &items[i], type->as.tuple.items[i], why);
        }
        return;
    }
    Type **types = arena_array(c->store.arena, count, sizeof *types);
    for (uint32_t i = 0; i < count; i++) {
        types[i] = type_var(&c->store, c->level, 0);
    }
    Type *tuple = type_tuple(&c->store, types, count);
    bool fits = pattern_unify(c, pattern, type, tuple, why);
    for (uint32_t i = 0; i < count; i++) {
        infer_pattern(c, &items[i], fits ? types[i] : type_error(), why);
    }
}

static void infer_list_pattern(Infer *c, Pattern *pattern, Type *type,
                               const Expect *why)
{
    PatternList *list = pattern->as.list;
    Type *item;
    if (type_is_prim(type, PRIM_LIST)) {
        item = type->as.con.args[0];
    } else {
        item = type_var(&c->store, c->level, 0);
        if (!pattern_unify(c, pattern, type, type_list(&c->store, item), why)) {
            item = type_error();
        }
    }
    infer_all(c, list->items, list->count, item, why);
    if (list->has_rest && list->rest != 0) {
        bind_name(c, pattern, list->rest_local, list->rest,
                  type_list(&c->store, item));
    }
}

static Type *field_of_pattern(Infer *c, const Pattern *pattern,
                              const PatternField *field, Type *type)
{
    Type *found = unify_field(&c->unifier, type, field->name, c->level);
    if (found != NULL) {
        return found;
    }
    Diag *diag = infer_error(c, DIAG_E0206, field->name_span,
                             "the value has no field '%.*s'",
                             STR_ARG(infer_name_text(c, field->name)));
    uint32_t count;
    Type *tail;
    RecordField *fields = type_record_fields(type, c->scratch, &count, &tail);
    infer_suggest_field(c, diag, field->name, fields, count);
    if (diag->more == NULL || diag->more->helps.count == 0) {
        diag_label(c->sink, diag, c->source, pattern->span, "it has type %.*s",
                   STR_ARG(infer_print_fields(c, type)));
    }
    return type_error();
}

static void infer_record_pattern(Infer *c, Pattern *pattern, Type *type,
                                 const Expect *why)
{
    PatternRecord *record = pattern->as.record;
    if (type->kind != TYPE_RECORD && type->kind != TYPE_ERROR) {
        Type *row = type_var(&c->store, c->level, TYPE_IS_ROW);
        Type *open = type_record(&c->store, NULL, 0, row);
        type = pattern_unify(c, pattern, type, open, why) ? type_resolve(open)
                                                          : type_error();
    }
    for (uint32_t i = 0; i < record->count; i++) {
        PatternField *field = &record->fields[i];
        Type *found = type->kind == TYPE_RECORD
                          ? field_of_pattern(c, pattern, field, type)
                          : type_error();
        infer_pattern(c, &field->pattern, found, why);
    }
}

static void prim_pattern(Infer *c, const Pattern *pattern, PrimType prim,
                         Type *type, const Expect *why)
{
    if (!type_is_prim(type, prim)) {
        pattern_unify(c, pattern, type, type_prim(prim), why);
    }
}

static void infer_int_pattern(Infer *c, Pattern *pattern, Type *type,
                              const Expect *why)
{
    if (type->kind != TYPE_VAR && type->kind != TYPE_ERROR &&
        !infer_literal_fits(c, type)) {
        pattern_unify(c, pattern, type, type_prim(PRIM_INTEGER), why);
        return;
    }
    infer_int_literal(c, NULL, pattern, type, why);
}

void infer_pattern(Infer *c, Pattern *pattern, Type *type, const Expect *why)
{
    type = type_resolve(type);
    switch ((PatternKind)pattern->kind) {
    case PATTERN_ERROR:
        c->failed = true;
        return;
    case PATTERN_WILDCARD:
        return;
    case PATTERN_NAME:
        bind_name(c, pattern, pattern->as.name.local, pattern->as.name.symbol,
                  type);
        return;
    case PATTERN_UNIT:
        prim_pattern(c, pattern, PRIM_UNIT, type, why);
        return;
    case PATTERN_BOOL:
        prim_pattern(c, pattern, PRIM_BOOLEAN, type, why);
        return;
    case PATTERN_INT:
        infer_int_pattern(c, pattern, type, why);
        return;
    case PATTERN_FLOAT:
        prim_pattern(c, pattern, PRIM_FLOAT, type, why);
        return;
    case PATTERN_STRING:
        prim_pattern(c, pattern, PRIM_STRING, type, why);
        return;
    case PATTERN_CTOR:
        infer_ctor_pattern(c, pattern, type, why);
        return;
    case PATTERN_TUPLE:
        infer_tuple_pattern(c, pattern, type, why);
        return;
    case PATTERN_LIST:
        infer_list_pattern(c, pattern, type, why);
        return;
    case PATTERN_RECORD:
        infer_record_pattern(c, pattern, type, why);
        return;
    case PATTERN_AS:
        infer_pattern(c, pattern->as.alias.pattern, type, why);
        bind_name(c, pattern, pattern->as.alias.local, pattern->as.alias.symbol,
                  type);
        return;
    }
}

void infer_must_match(Infer *c, const Pattern *pattern, const char *place)
{
    if (pattern->kind != PATTERN_NAME && pattern->kind != PATTERN_WILDCARD &&
        pattern->kind != PATTERN_UNIT) {
        vec_push(&c->patterns,
                 (PendingPattern){.pattern = pattern, .place = place});
    }
}

// ---- match

// The type of an arm's body, checked where `expected` is known.
static Type *infer_arm(Infer *c, Arm *arm, Type *scrutinee,
                       const Expect *of_value, Type *expected,
                       const Expect *why)
{
    for (uint32_t i = 0; i < arm->pattern_count; i++) {
        infer_pattern(c, &arm->patterns[i], scrutinee, of_value);
    }
    if (arm->guard != NULL) {
        Expect condition = infer_expect(c, EXPECT_CONDITION, arm->guard->span);
        infer_check(c, arm->guard, type_prim(PRIM_BOOLEAN), &condition);
    }
    if (expected == NULL) {
        return infer_expr(c, &arm->body);
    }
    infer_check(c, &arm->body, expected, why);
    return expected;
}

Type *infer_match(Infer *c, Expr *expr, Type *expected, const Expect *why)
{
    Match *match = expr->as.match;
    uint32_t errors = c->error_count;
    Type *scrutinee = infer_expr(c, &match->scrutinee);
    infer_watch(c, TYPE_NOTE_MATCH, match->scrutinee.span, scrutinee);
    Expect of_value = infer_expect(c, EXPECT_SCRUTINEE, match->scrutinee.span);
    Expect first = {.kind = EXPECT_NONE};
    bool decides = expected == NULL || infer_is_undecided(expected);
    for (uint32_t i = 0; i < match->arm_count; i++) {
        Arm *arm = &match->arms[i];
        expected = infer_arm(c, arm, scrutinee, &of_value, expected,
                             why != NULL ? why : &first);
        if (decides) {
            first = infer_expect(c, EXPECT_BRANCH, arm->body.span);
            why = &first;
            decides = false;
        }
    }
    if (expected == NULL) { // no arms
        expected = type_var(&c->store, c->level, 0);
    }
    if (c->error_count == errors) {
        vec_push(&c->patterns, (PendingPattern){.match = match});
    }
    return expected;
}
