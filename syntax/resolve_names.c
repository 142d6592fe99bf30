// Names in expressions and types to what they stand for.
#include "syntax/byte_class.h"
#include "syntax/resolve_internal.h"

// ---- values

static inline void mark_global(const Resolver *r, Expr *expr)
{
    expr->flags |= r->unconditional ? EXPR_UNCONDITIONAL : 0;
}

static void set_global(Resolver *r, Expr *expr, uint32_t module, uint32_t index)
{
    (void)resolver_add_ref(r, module, index, expr->span, r->unconditional);
    mark_global(r, expr);
}

static NOINLINE void set_module(Resolver *r, Expr *expr)
{
    resolver_add_module_ref(r, expr);
    mark_global(r, expr);
}

void resolver_module_value(Resolver *r, Expr *expr, uint32_t target)
{
    Symbol name = expr->as.name.symbol;
    expr->kind = EXPR_NAME;
    expr->as.name = scope_module_value(r->program, target, name);
    if (expr->as.name.ref == REF_GLOBAL) {
        set_global(r, expr, target, expr->as.name.index);
    } else if (expr->as.name.ref == REF_MODULE) {
        set_module(r, expr);
    }
}

static inline KnownName *known_slot(const Resolver *r, Symbol symbol)
{
    return &r->work->known[symbol % KNOWN_NAMES];
}

// What the name stands for that is no local one; NULL: nothing. Good until the
// next call.
static inline KnownName *find_known(Resolver *r, Symbol symbol)
{
    KnownName *known = known_slot(r, symbol);
    return LIKELY(known->key == resolver_name_key(r, symbol))
               ? known
               : resolver_look_up(r, symbol, known);
}

// A further use of what the binding refers to already makes no new reference.
static inline void use_again(const Resolver *r, Expr *expr,
                             const KnownName *known)
{
    if (r->unconditional) {
        r->work->refs.items[known->ref].unconditional = true;
        expr->flags |= EXPR_UNCONDITIONAL;
    }
}

static inline bool is_referred(const Resolver *r, const KnownName *known)
{
    return known->generation == r->work->ref_table.generation;
}

static void set_known_global(Resolver *r, Expr *expr, KnownName *known)
{
    if (is_referred(r, known)) {
        use_again(r, expr, known);
        return;
    }
    known->ref = resolver_add_ref(r, known->found.module, known->found.index,
                                  expr->span, r->unconditional);
    known->generation = r->work->ref_table.generation;
    mark_global(r, expr);
}

static inline void set_name(Expr *expr, const ScopeRef *found)
{
    NameRef *name = &expr->as.name;
    *name = (NameRef){name->symbol, found->ref, found->module, found->index};
}

static void set_known(Resolver *r, Expr *expr, KnownName *known)
{
    set_name(expr, &known->found);
    if (LIKELY(known->found.ref == REF_GLOBAL)) {
        set_known_global(r, expr, known);
    } else if (known->found.ref == REF_MODULE) {
        set_module(r, expr);
    }
}

static NOINLINE void set_unknown(Resolver *r, Expr *expr)
{
    resolver_unknown_value(r, expr->as.name.symbol, expr->span);
    expr->as.name.ref = REF_ERROR;
}

// A local variable, if it is one.
static inline bool set_local(Resolver *r, Expr *expr)
{
    uint32_t local;
    if (!resolver_has_locals(r) ||
        !resolver_use_local(r, expr->as.name.symbol, &local)) {
        return false;
    }
    expr->as.name.ref = REF_LOCAL;
    resolver_put_local(r, &expr->as.name.index, local);
    return true;
}

static NOINLINE void set_first(Resolver *r, Expr *expr)
{
    if (set_local(r, expr)) {
        return;
    }
    KnownName *known = find_known(r, expr->as.name.symbol);
    if (known == NULL) {
        set_unknown(r, expr);
    } else {
        set_known(r, expr, known);
    }
}

// Most are names that the binding has used before.
static inline bool set_again(const Resolver *r, Expr *expr)
{
    Symbol symbol = expr->as.name.symbol;
    const KnownName *known = known_slot(r, symbol);
    // Only bindings are referred to.
    if (known->key != resolver_name_key(r, symbol) || !is_referred(r, known) ||
        resolver_has_locals(r)) {
        return false;
    }
    set_name(expr, &known->found);
    use_again(r, expr, known);
    return true;
}

void resolver_name_expr(Resolver *r, Expr *expr)
{
    if (!set_again(r, expr)) {
        set_first(r, expr);
    }
}

// The import that `name` means before a '.', unless a value hides it.
static const ScopeRef *find_qualifier(const Resolver *r, Symbol name)
{
    return resolver_is_local(r, name) ? NULL
                                      : resolver_find_value_alias(r, name);
}

static void set_error_name(Expr *expr, Symbol symbol)
{
    expr->kind = EXPR_NAME;
    expr->as.name = (NameRef){symbol, REF_ERROR, MODULE_NONE, INDEX_NONE};
}

// m.x, where m is a module without a final expression.
static void set_export(Resolver *r, Expr *expr, uint32_t target, Symbol name)
{
    Program *program = r->program;
    ScopeRef found = scope_find_export(program, target, SPACE_VALUE, name);
    set_error_name(expr, name);
    if (found.ref != REF_UNRESOLVED) {
        NameRef *value = &expr->as.name;
        *value = (NameRef){name, found.ref, found.module, found.index};
        if (found.ref == REF_GLOBAL) {
            set_global(r, expr, found.module, found.index);
        }
        return;
    }
    resolver_no_such_export(r, target, SPACE_VALUE, name, expr->span);
}

// m.x, where m is no value.
static void set_module_field(Resolver *r, Expr *expr, uint32_t target)
{
    if (target == INDEX_NONE) {
        set_error_name(expr, expr->as.field.field);
    } else {
        set_export(r, expr, target, expr->as.field.field);
    }
}

// ---- constructors

// A union is used when one of its constructors is.
static void mark_ctor_used(Resolver *r, Symbol name)
{
    const Scope *scope = r->module->scope;
    const ScopeRef *first = symbol_map_find(&scope->imported_ctors, name);
    uint32_t at = first != NULL ? first->index : INDEX_NONE;
    while (at != INDEX_NONE) {
        const ImportedCtor *ctor = &scope->imported_ctor_list[at];
        if (load_relaxed(scope->used[ctor->origin])) {
            return;
        }
        resolver_mark_used(scope->used[ctor->origin]);
        at = ctor->next;
    }
}

// Sets what `ref` means when there is one candidate only; false when there is
// none.
static bool find_ctor(Resolver *r, NameRef *ref, Symbol qualifier)
{
    NameRef found[2];
    uint32_t count = scope_find_ctors(r->program, r->module, qualifier,
                                      ref->symbol, found, 2);
    if (count == 0) {
        return false;
    }
    if (qualifier == 0) {
        mark_ctor_used(r, ref->symbol);
    }
    if (count == 1) {
        *ref = found[0];
    }
    return true;
}

// Resolves, or reports and sets REF_ERROR; may leave REF_UNRESOLVED where the
// type must choose.
void resolver_ctor_ref(Resolver *r, NameRef *ref, Symbol qualifier, Span span)
{
    const ScopeRef *alias = NULL;
    if (qualifier != 0) {
        alias = resolver_find_alias(r, qualifier);
        if (alias == NULL || alias->module == INDEX_NONE) {
            if (alias == NULL) {
                resolver_unknown_module(r, qualifier, ref->symbol, span);
            }
            ref->ref = REF_ERROR;
            return;
        }
    }
    if (find_ctor(r, ref, qualifier)) {
        return;
    }
    ref->ref = REF_ERROR;
    if (alias != NULL) {
        resolver_no_such_ctor(r, alias->module, ref->symbol, span);
    } else {
        resolver_unknown_ctor(r, ref->symbol, span);
    }
}

// x.Name is a field where x is a value.
static void ctor_to_field(Resolver *r, Expr *expr, Symbol record_name)
{
    Symbol field = expr->as.ctor.symbol;
    Interner *interner = r->program->interner;
    FieldOf *of = ARENA_NEW(r->arena, FieldOf);
    Expr *record = &of->record;
    uint32_t record_len = (uint32_t)symbol_text(interner, record_name).len;
    uint32_t field_len = (uint32_t)symbol_text(interner, field).len;
    record->kind = EXPR_NAME;
    record->op = OP_NONE;
    record->span = (Span){expr->span.start, expr->span.start + record_len};
    record->as.name.symbol = record_name;
    expr->kind = EXPR_FIELD;
    expr->flags &= (uint16_t)~EXPR_QUALIFIED;
    expr->as.field.of = of;
    expr->as.field.field = field;
    of->name_start = expr->span.end - field_len;
    resolver_field_expr(r, expr);
}

static bool has_result(const Resolver *r, const ScopeRef *alias)
{
    return alias->module != INDEX_NONE &&
           r->program->modules[alias->module]->ast.result != NULL;
}

static void qualified_ctor_expr(Resolver *r, Expr *expr)
{
    NameRef *ref = &expr->as.ctor;
    Symbol qualifier = ref->index;
    const ScopeRef *alias = find_qualifier(r, qualifier);
    NameRef found;
    bool is_value =
        alias == NULL
            ? scope_find_value(r->program, r->module, qualifier).ref !=
                      REF_UNRESOLVED ||
                  resolver_is_local(r, qualifier)
            : has_result(r, alias) &&
                  scope_find_ctors(r->program, r->module, qualifier,
                                   ref->symbol, &found, 1) == 0;
    if (is_value) {
        ctor_to_field(r, expr, qualifier);
        return;
    }
    resolver_ctor_ref(r, ref, qualifier, expr->span);
}

void resolver_ctor_expr(Resolver *r, Expr *expr)
{
    if ((expr->flags & EXPR_QUALIFIED) != 0) {
        qualified_ctor_expr(r, expr);
        return;
    }
    NameRef *ref = &expr->as.ctor;
    if (find_ctor(r, ref, 0)) {
        return;
    }
    if (find_known(r, ref->symbol) != NULL) { // of an import
        Symbol symbol = ref->symbol;
        expr->kind = EXPR_NAME;
        expr->as.name.symbol = symbol;
        resolver_name_expr(r, expr);
        return;
    }
    resolver_unknown_ctor(r, ref->symbol, expr->span);
    ref->ref = REF_ERROR;
}

// ---- fields

// Where `Upper` of Upper.x is no module it may be a constructor; that it has no
// fields is for the checker to say.
static void no_value(Resolver *r, Expr *record, Symbol field)
{
    NameRef ctor = {.symbol = record->as.name.symbol};
    if (find_ctor(r, &ctor, 0)) {
        record->kind = EXPR_CTOR;
        record->as.ctor = ctor;
    } else {
        resolver_unknown_qualifier(r, record->as.name.symbol, field,
                                   record->span);
        record->as.name.ref = REF_ERROR;
    }
}

static void name_field(Resolver *r, Expr *expr, Expr *record)
{
    if (set_again(r, record) || set_local(r, record)) {
        return;
    }
    KnownName *known = find_known(r, record->as.name.symbol);
    if (known == NULL) {
        no_value(r, record, expr->as.field.field);
    } else if (known->is_alias && known->found.ref != REF_GLOBAL) {
        set_module_field(r, expr, known->found.module);
    } else {
        set_known(r, record, known);
    }
}

static void ctor_field(Resolver *r, Expr *expr, Expr *record)
{
    const ScopeRef *alias = find_qualifier(r, record->as.ctor.symbol);
    if (alias == NULL) {
        resolver_expr(r, record);
    } else if (has_result(r, alias)) {
        resolver_module_value(r, record, alias->module);
    } else {
        set_module_field(r, expr, alias->module);
    }
}

void resolver_field_expr(Resolver *r, Expr *expr)
{
    Expr *record = &expr->as.field.of->record;
    if (record->kind == EXPR_NAME) {
        name_field(r, expr, record);
    } else if (record->kind == EXPR_CTOR &&
               (record->flags & EXPR_QUALIFIED) == 0) {
        ctor_field(r, expr, record);
    } else {
        resolver_expr(r, record);
    }
}

// ---- types and classes

static ScopeRef find_qualified(Resolver *r, NameSpace space, Symbol qualifier,
                               Symbol name, Span span)
{
    ScopeRef error = {REF_ERROR, INDEX_NONE, INDEX_NONE, ORIGIN_NONE};
    const ScopeRef *alias = resolver_find_alias(r, qualifier);
    if (alias == NULL) {
        resolver_unknown_module(r, qualifier, name, span);
        return error;
    }
    ScopeRef found = scope_find_export(r->program, alias->module, space, name);
    found.origin = ORIGIN_NONE;
    if (found.ref != REF_UNRESOLVED) {
        return found;
    }
    resolver_no_such_export(r, alias->module, space, name, span);
    return error;
}

static ScopeRef find_unqualified(Resolver *r, NameSpace space, Symbol name,
                                 Span span)
{
    ScopeRef found = scope_find_here(r->module, space, name);
    if (found.ref == REF_UNRESOLVED) {
        found = scope_find_outer(r->program, r->module, space, name);
    }
    if (found.ref != REF_UNRESOLVED) {
        return found;
    }
    resolver_unknown_in(r, space, name, span);
    return (ScopeRef){REF_ERROR, INDEX_NONE, INDEX_NONE, ORIGIN_NONE};
}

// The name that `whole` begins with, behind the brackets that it stands in; its
// arguments may follow.
static Span name_span(const Resolver *r, Symbol name, Symbol qualifier,
                      Span whole)
{
    const Interner *interner = r->program->interner;
    Str text = r->module->source.text;
    size_t len = symbol_text(interner, name).len;
    if (qualifier != 0) {
        len += symbol_text(interner, qualifier).len + 1;
    }
    uint32_t start = whole.start;
    while (start < whole.end && start < text.len &&
           (text.data[start] == '(' ||
            byte_is(text.data[start], BYTE_BLANK | BYTE_LINE))) {
        start++;
    }
    bool fits = len <= whole.end - start;
    return fits ? (Span){start, start + (uint32_t)len} : whole;
}

static void resolve_in(Resolver *r, NameSpace space, NameRef *ref,
                       Symbol qualifier, Span whole)
{
    Span span = name_span(r, ref->symbol, qualifier, whole);
    ScopeRef found =
        qualifier != 0 ? find_qualified(r, space, qualifier, ref->symbol, span)
                       : find_unqualified(r, space, ref->symbol, span);
    resolver_mark_found(r, &found);
    ref->ref = found.ref;
    ref->module = found.module;
    ref->index = found.index;
}

void resolver_type_ref(Resolver *r, NameRef *ref, Symbol qualifier, Span span)
{
    resolve_in(r, SPACE_TYPE, ref, qualifier, span);
}

void resolver_class_ref(Resolver *r, NameRef *ref, Symbol qualifier, Span span)
{
    resolve_in(r, SPACE_CLASS, ref, qualifier, span);
}
