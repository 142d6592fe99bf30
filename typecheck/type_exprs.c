// Types as written to types.
#include "typecheck/type_exprs.h"

#include <stdlib.h>

#include "support/hash.h"
#include "syntax/foreign.h"

static Diag *report(TypeReader *reader, DiagCode code, Span span)
{
    reader->errors++;
    return diag_add(reader->sink, code, &reader->module->source, span, "%s",
                    "");
}

static Str text_of(const TypeReader *reader, Symbol symbol)
{
    return symbol_text(reader->program->interner, symbol);
}

static Str sink_text(const TypeReader *reader, const char *format, ...)
    PRINTF_LIKE(2, 3);

static Str sink_text(const TypeReader *reader, const char *format, ...)
{
    StrBuf buf = {0};
    va_list args;
    va_start(args, format);
    strbuf_appendv(&buf, format, args);
    va_end(args);
    Str text = arena_str(&reader->sink->arena, strbuf_str(&buf));
    strbuf_release(&buf);
    return text;
}

// ---- variables

// So many are looked through one by one.
#define FEW_VARS 32

// Where the variable is, or belongs.
static uint32_t *index_slot(const TypeReader *reader, Symbol symbol)
{
    const TypeVarIndex *index = &reader->index;
    uint64_t mixed = symbol * HASH_MULTIPLIER;
    uint32_t at = (uint32_t)(mixed >> 32) & index->mask;
    while (index->slots[at] != 0 &&
           reader->vars->items[index->slots[at] - 1].symbol != symbol) {
        at = (at + 1) & index->mask;
    }
    return &index->slots[at];
}

static void index_vars(TypeReader *reader)
{
    TypeVarIndex *index = &reader->index;
    uint32_t count = reader->vars->count;
    if (index->slots == NULL || count > index->mask / 2) {
        uint32_t capacity = 4 * FEW_VARS;
        while (capacity / 4 < count) {
            capacity *= 2;
        }
        *index = (TypeVarIndex){
            .slots = arena_zalloc(reader->store->arena,
                                  capacity * sizeof *index->slots),
            .mask = capacity - 1};
    }
    while (index->count < count) {
        uint32_t i = index->count++;
        *index_slot(reader, reader->vars->items[i].symbol) = i + 1;
    }
}

static TypeVarEntry *find_var(TypeReader *reader, Symbol symbol)
{
    TypeVarEntry *items = reader->vars->items;
    if (reader->vars->count > FEW_VARS) {
        index_vars(reader);
        uint32_t found = *index_slot(reader, symbol);
        return found > 0 ? &items[found - 1] : NULL;
    }
    for (uint32_t i = reader->vars->count; i-- > 0;) {
        if (items[i].symbol == symbol) {
            return &items[i];
        }
    }
    return NULL;
}

static Type *refused_var(TypeReader *reader, Symbol symbol, Span span)
{
    bool is_type = reader->new_vars == NEW_VARS_REFUSED;
    Str name = text_of(reader, symbol);
    Diag *diag = report(reader, DIAG_E0201, span);
    diag->message = sink_text(
        reader,
        is_type ? "type variable '%.*s' is not a parameter of this type"
                : "type variable '%.*s' does not stand in the instance's head",
        STR_ARG(name));
    const char *help = foreign_type(name);
    if (help != NULL) {
        diag_help(reader->sink, diag, "%s", help);
    } else if (is_type) {
        diag_help(reader->sink, diag,
                  "a parameter stands behind the type's name: type Name %.*s "
                  "= ...",
                  STR_ARG(name));
    }
    return type_error();
}

static bool is_declared(const TypeDecl *declaration, Symbol symbol)
{
    for (uint32_t i = 0; i < declaration->param_count; i++) {
        if (declaration->params[i] == symbol) {
            return true;
        }
    }
    return false;
}

// `entry`: what is known of it but for its type.
static Type *new_var(TypeReader *reader, TypeVarEntry entry, Span span,
                     uint8_t flags)
{
    if (reader->new_vars != NEW_VARS_RIGID) {
        return refused_var(reader, entry.symbol, span);
    }
    if (reader->declaration != NULL &&
        !is_declared(reader->declaration, entry.symbol)) {
        return type_error(); // reported with the declaration
    }
    flags |= reader->var_flags;
    entry.type = type_skolem(reader->store, reader->level, entry.symbol, flags);
    vec_push(reader->vars, entry);
    return entry.type;
}

static Type *read_var(TypeReader *reader, const TypeExpr *expr)
{
    Symbol symbol = expr->as.var.symbol;
    TypeVarEntry *entry = find_var(reader, symbol);
    if (entry == NULL) {
        return new_var(reader, (TypeVarEntry){.symbol = symbol}, expr->span, 0);
    }
    if ((entry->type->flags & TYPE_IS_ROW) != 0) {
        Diag *diag = report(reader, DIAG_E0220, expr->span);
        diag->message = sink_text(
            reader, "'%.*s' stands for the rest of a record, not for a type",
            STR_ARG(text_of(reader, symbol)));
        return type_error();
    }
    return entry->type;
}

static bool stands_beside(const TypeVarEntry *row, const RecordField *fields,
                          uint32_t count)
{
    bool same = row->beside_count == count;
    for (uint32_t i = 0; same && i < count; i++) {
        same = row->beside[i].name == fields[i].name;
    }
    return same;
}

// A row variable stands for the fields beside the same named ones wherever it
// is used, which keeps labels unique. `fields` are sorted by symbol.
static Type *read_named_row(TypeReader *reader, const TypeExpr *expr,
                            const RecordField *fields, uint32_t count)
{
    const TypeRecord *record = expr->as.record;
    const TypeVarEntry *entry = find_var(reader, record->row);
    if (entry == NULL) {
        TypeVarEntry row = {
            .symbol = record->row, .beside = fields, .beside_count = count};
        return new_var(reader, row, expr->span, TYPE_IS_ROW);
    }
    bool is_row = (entry->type->flags & TYPE_IS_ROW) != 0;
    if (is_row && stands_beside(entry, fields, count)) {
        return entry->type;
    }
    Str name = text_of(reader, record->row);
    Diag *diag = report(reader, DIAG_E0220, expr->span);
    if (!is_row) {
        diag->message = sink_text(
            reader, "'%.*s' stands for a type, not for the rest of a record",
            STR_ARG(name));
        diag_help(reader->sink, diag, "'..' alone takes any further fields");
        return type_error();
    }
    diag->message =
        sink_text(reader, "'..%.*s' stands beside other fields than elsewhere",
                  STR_ARG(name));
    diag_help(reader->sink, diag,
              "a row variable needs the same fields before it everywhere");
    return type_error();
}

static Type *read_open_row(TypeReader *reader, const TypeExpr *expr)
{
    switch (reader->open_rows) {
    case OPEN_ROWS_REFUSED: {
        Diag *diag = report(reader, DIAG_E0220, expr->span);
        diag->message =
            STR("a record in a constructor or instance must be closed");
        diag_help(reader->sink, diag, "leave out the '..'");
        return type_error();
    }
    case OPEN_ROWS_RIGID: {
        Type *row = type_skolem(reader->store, reader->level, 0, TYPE_IS_ROW);
        vec_push(&reader->rows, row);
        return row;
    }
    case OPEN_ROWS_BY_PLACE:
        if (reader->negative) {
            return type_skolem(reader->store, reader->level, 0,
                               reader->var_flags | TYPE_IS_ROW);
        }
        break;
    case OPEN_ROWS_INFERRED:
        break;
    }
    reader->has_open = true;
    return type_var(reader->store, reader->level, TYPE_IS_ROW);
}

// ---- names

static Type *report_arity(TypeReader *reader, const TypeExpr *expr,
                          uint32_t expected)
{
    const NameRef *ref = &expr->as.name.ref;
    uint32_t count = expr->as.name.arg_count;
    for (uint32_t i = 0; i < count; i++) {
        if (expr->as.name.args[i].kind == TYPE_EXPR_ERROR) {
            return type_error(); // reported; how many were meant is unknown
        }
    }
    Diag *diag = report(reader, DIAG_E0208, expr->span);
    diag->message =
        sink_text(reader, "type '%.*s' takes %u argument%s, found %u",
                  STR_ARG(text_of(reader, ref->symbol)), expected,
                  expected == 1 ? "" : "s", count);
    if (ref->ref == REF_PRIM && ref->index == PRIM_MAP && count == 2) {
        diag_help(reader->sink, diag,
                  "its keys are Strings; 'Map Type' says what its values are");
    }
    return type_error();
}

static Type **read_args(TypeReader *reader, const TypeExpr *args,
                        uint32_t count)
{
    Type **types = arena_array(reader->store->arena, count, sizeof *types);
    for (uint32_t i = 0; i < count; i++) {
        types[i] = type_read(reader, &args[i]);
    }
    return types;
}

static Type *expand_alias(TypeReader *reader, const TypeExpr *expr,
                          const AliasInfo *alias)
{
    if (alias->type == NULL) {
        return type_error();
    }
    uint32_t count = alias->param_count + alias->row_count;
    if (count == 0) {
        return alias->type;
    }
    Type **args = arena_array(reader->store->arena, count, sizeof *args);
    for (uint32_t i = 0; i < alias->param_count; i++) {
        args[i] = type_read(reader, &expr->as.name.args[i]);
    }
    for (uint32_t i = alias->param_count; i < count; i++) {
        args[i] = read_open_row(reader, expr);
    }
    return type_substitute(reader->store, alias->type, args, count);
}

static Type *read_declared(TypeReader *reader, const TypeExpr *expr)
{
    const NameRef *ref = &expr->as.name.ref;
    const Module *module = reader->program->modules[ref->module];
    const ModuleTypes *types = module->checked;
    const TypeDecl *decl = module->types[ref->index].decl;
    if (types == NULL) {
        return type_error();
    }
    if (decl->param_count != expr->as.name.arg_count) {
        return report_arity(reader, expr, decl->param_count);
    }
    if (decl->ctors == NULL) {
        return expand_alias(reader, expr, &types->aliases[ref->index]);
    }
    const UnionInfo *info = &types->unions[ref->index];
    if (decl->param_count == 0 && info->type != NULL) {
        return info->type;
    }
    return type_con(reader->store, ref->module, ref->index,
                    read_args(reader, expr->as.name.args, decl->param_count),
                    decl->param_count);
}

static Type *read_name(TypeReader *reader, const TypeExpr *expr)
{
    const NameRef *ref = &expr->as.name.ref;
    if (ref->ref == REF_PRIM) {
        uint32_t arity = prim_type_arity((PrimType)ref->index);
        if (arity != expr->as.name.arg_count) {
            return report_arity(reader, expr, arity);
        }
        return type_con(reader->store, TYPE_MODULE_PRIM, ref->index,
                        read_args(reader, expr->as.name.args, arity), arity);
    }
    if (ref->ref == REF_TYPE) {
        return read_declared(reader, expr);
    }
    return type_error(); // the resolver reported it
}

// ---- structure

const FieldFill *type_fill(TypeStore *store, Arena *arena, const Module *module,
                           const TypeField *field)
{
    if (!field->optional && field->default_value == NULL) {
        return NULL;
    }
    FieldFill *fill = ARENA_NEW(store->arena, FieldFill);
    store->made_parts = true;
    fill->decl = field;
    fill->module = module->id;
    fill->optional = field->optional && field->default_value == NULL;
    if (field->default_value == NULL ||
        field->hidden >= module->binding_count) {
        return fill;
    }
    const Binding *hidden = &module->bindings[field->hidden];
    if (hidden->value == NULL || hidden->value->kind != EXPR_LAMBDA ||
        hidden->type != NULL) {
        return fill;
    }
    // A function of the earlier fields that the default names.
    const Function *function = hidden->value->as.lambda;
    // Notes take it over (RecordFill).
    Symbol *args = arena_array(arena, function->param_count, sizeof *args);
    for (uint32_t i = 0; i < function->param_count; i++) {
        args[i] = function->params[i].pattern.as.name.symbol;
    }
    fill->args = args;
    fill->arg_count = function->param_count;
    return fill;
}

static Type *read_option(TypeReader *reader, Type *item)
{
    const Module *prelude = reader->program->modules[MODULE_PRELUDE];
    for (uint32_t i = 0; i < prelude->type_count; i++) {
        if (prelude->types[i].name == SYM_OPTION) {
            Type **args = arena_alloc(reader->store->arena, sizeof *args);
            args[0] = item;
            return type_con(reader->store, MODULE_PRELUDE, i, args, 1);
        }
    }
    return type_error();
}

// The resolver reports a field that stands twice; one is enough here.
static uint32_t drop_repeated(RecordField *fields, uint32_t count)
{
    type_sort_fields(fields, count);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (kept == 0 || fields[kept - 1].name != fields[i].name) {
            fields[kept++] = fields[i];
        }
    }
    return kept;
}

static Type *read_record(TypeReader *reader, const TypeExpr *expr)
{
    const TypeRecord *record = expr->as.record;
    RecordField *fields =
        arena_array(reader->store->arena, record->count, sizeof *fields);
    for (uint32_t i = 0; i < record->count; i++) {
        const TypeField *field = &record->fields[i];
        Type *type = type_read(reader, field->type);
        if (field->optional) {
            type = read_option(reader, type);
        }
        fields[i] =
            (RecordField){.name = field->name,
                          .order = i,
                          .type = type,
                          .fill = type_fill(reader->store, reader->arena,
                                            reader->module, field)};
    }
    uint32_t count = drop_repeated(fields, record->count);
    Type *tail = NULL;
    if (record->open) {
        tail = record->row != 0 ? read_named_row(reader, expr, fields, count)
                                : read_open_row(reader, expr);
    }
    return type_record(reader->store, fields, count, tail);
}

static Type *read_function(TypeReader *reader, const TypeExpr *expr)
{
    uint32_t count = expr->as.function.count;
    const TypeExpr *parts = expr->as.function.parts;
    Type **types = arena_array(reader->store->arena, count, sizeof *types);
    bool outer = reader->negative;
    for (uint32_t i = 0; i + 1 < count; i++) {
        reader->negative = !outer;
        types[i] = type_read(reader, &parts[i]);
        reader->negative = outer;
    }
    Type *result = type_read(reader, &parts[count - 1]);
    for (uint32_t i = count - 1; i-- > 0;) {
        result = type_function(reader->store, types[i], result);
    }
    return result;
}

// ---- constraints

// The class of a constraint, or NULL after reporting.
static const ClassInfo *read_class(TypeReader *reader, const Constraint *use)
{
    if (use->ref.ref != REF_CLASS) {
        return NULL; // the resolver reported it
    }
    const Module *module = reader->program->modules[use->ref.module];
    const ModuleTypes *types = module->checked;
    if (types == NULL) {
        return NULL;
    }
    const ClassInfo *class_ = &types->classes[use->ref.index];
    if (class_->param_count != use->arg_count) {
        Diag *diag = report(reader, DIAG_E0208, use->span);
        diag->message = sink_text(
            reader, "class '%.*s' takes %u argument%s, found %u",
            STR_ARG(text_of(reader, class_->name)), class_->param_count,
            class_->param_count == 1 ? "" : "s", use->arg_count);
        return NULL;
    }
    return class_;
}

bool type_read_constraint(TypeReader *reader, const Constraint *use,
                          ClassUse *out_use)
{
    const ClassInfo *class_ = read_class(reader, use);
    if (class_ == NULL) {
        return false;
    }
    *out_use = (ClassUse){.class_ = class_,
                          .args = read_args(reader, use->args, use->arg_count),
                          .span = use->span};
    return true;
}

// What a constraint that is wrong would have said of its variables is not
// known: nothing that they lack is reported.
static void excuse_vars(TypeReader *reader, const Constraint *use)
{
    Type **args = read_args(reader, use->args, use->arg_count);
    for (uint32_t i = 0; i < use->arg_count; i++) {
        if (args[i]->kind == TYPE_SKOLEM) {
            args[i]->flags |= TYPE_HAS_ERROR;
        }
    }
}

static Type *read_constrained(TypeReader *reader, const TypeExpr *expr)
{
    uint32_t count = expr->as.constrained.count;
    if (reader->context == NULL && count > 0) {
        Diag *diag = report(reader, DIAG_E0208,
                            expr->as.constrained.constraints[0].span);
        diag->message = STR("a context cannot stand here");
        diag_help(reader->sink, diag,
                  "contexts belong to the annotation of a binding");
        return type_error();
    }
    for (uint32_t i = 0; i < count; i++) {
        ClassUse use;
        if (type_read_constraint(reader, &expr->as.constrained.constraints[i],
                                 &use)) {
            vec_push(reader->context, use);
        } else {
            excuse_vars(reader, &expr->as.constrained.constraints[i]);
        }
    }
    return type_read(reader, expr->as.constrained.type);
}

static bool is_hoisted(const TypeExpr *refined)
{
    return refined->as.refined.count == 0 ||
           refined->as.refined.predicates[0].hidden != UINT32_MAX;
}

static Type *read_refined(TypeReader *reader, const TypeExpr *expr)
{
    Type *base = type_read(reader, expr->as.refined.base);
    Refinement *refinement = ARENA_NEW(reader->store->arena, Refinement);
    reader->store->made_parts = true;
    refinement->expr = expr;
    refinement->module = reader->module->id;
    refinement->binding = is_hoisted(expr) ? INDEX_NONE : reader->binding;
    return type_refined(reader->store, base, refinement);
}

Type *type_read(TypeReader *reader, const TypeExpr *expr)
{
    switch ((TypeExprKind)expr->kind) {
    case TYPE_EXPR_ERROR:
        break;
    case TYPE_EXPR_NAME:
        return read_name(reader, expr);
    case TYPE_EXPR_VAR:
        return read_var(reader, expr);
    case TYPE_EXPR_UNIT:
        return type_prim(PRIM_UNIT);
    case TYPE_EXPR_FUNCTION:
        return read_function(reader, expr);
    case TYPE_EXPR_TUPLE:
        return type_tuple(
            reader->store,
            read_args(reader, expr->as.tuple.items, expr->as.tuple.count),
            expr->as.tuple.count);
    case TYPE_EXPR_LIST:
        return type_list(reader->store, type_read(reader, expr->as.list.item));
    case TYPE_EXPR_RECORD:
        return read_record(reader, expr);
    case TYPE_EXPR_REFINED:
        return read_refined(reader, expr);
    case TYPE_EXPR_CONSTRAINED:
        return read_constrained(reader, expr);
    }
    return type_error();
}
