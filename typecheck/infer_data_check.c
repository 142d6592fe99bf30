// A JSON literal against a type: the inverse of how values print
// (LANGUAGE.md section 7).
#include "typecheck/infer_data.h"

// One step from the root of the data to the value at work.
typedef struct PathStep {
    Symbol field; // 0: an index
    uint32_t index;
} PathStep;

typedef struct DataCheck {
    Infer *c;
    Span annotation;
    VEC(PathStep) path;
} DataCheck;

static void check_value(DataCheck *check, Expr *value, Type *type);

// ---- messages

static Str path_text(DataCheck *check)
{
    StrBuf text = {0};
    for (uint32_t i = 0; i < check->path.count; i++) {
        const PathStep *step = &check->path.items[i];
        if (step->field != 0) {
            strbuf_append_char(&text, '.');
            strbuf_append_printable(&text,
                                    infer_name_text(check->c, step->field), 60);
        } else {
            strbuf_appendf(&text, "[%u]", step->index);
        }
    }
    if (text.len == 0) {
        strbuf_append_char(&text, '.');
    }
    Str result = arena_str(&check->c->sink->arena, strbuf_str(&text));
    strbuf_release(&text);
    return result;
}

static void explain(DataCheck *check, Diag *diag)
{
    Infer *c = check->c;
    diag_note(c->sink, diag, "at %.*s", STR_ARG(path_text(check)));
    if (check->annotation.end > check->annotation.start) {
        diag_label(c->sink, diag, &c->module->source, check->annotation,
                   "the data is read at this type");
    }
}

static bool is_null(const Expr *value)
{
    return value->kind == EXPR_CTOR && value->as.ctor.symbol == SYM_NONE;
}

static const char *value_text(const Expr *value)
{
    switch ((ExprKind)value->kind) {
    case EXPR_BOOL:
        return "a Boolean";
    case EXPR_INT:
        return "an Integer";
    case EXPR_FLOAT:
        return "a Float";
    case EXPR_STRING:
        return "a String";
    case EXPR_LIST:
        return "an array";
    case EXPR_RECORD:
        return "an object";
    case EXPR_CTOR:
        return "null";
    case EXPR_ERROR:
    case EXPR_UNIT:
    case EXPR_INTERPOLATION:
    case EXPR_NAME:
    case EXPR_BUILTIN:
    case EXPR_TUPLE:
    case EXPR_COMPREHENSION:
    case EXPR_FIELD:
    case EXPR_CALL:
    case EXPR_CHAIN:
    case EXPR_UNARY:
    case EXPR_LAMBDA:
    case EXPR_LET:
    case EXPR_IF:
    case EXPR_MATCH:
    case EXPR_ANNOTATED:
        break;
    }
    return "something else";
}

static void report_value(DataCheck *check, const Expr *value, Type *type)
{
    Infer *c = check->c;
    Diag *diag =
        infer_error(c, DIAG_E0505, value->span, "expected %.*s, found %s",
                    STR_ARG(infer_print(c, type)), value_text(value));
    explain(check, diag);
    if (type_is_prim(type, PRIM_INTEGER) && value->kind == EXPR_FLOAT) {
        diag_help(c->sink, diag, "write it without a decimal point");
    }
}

// ---- parts

static void check_items(DataCheck *check, Expr *items, uint32_t count,
                        Type *type)
{
    vec_push(&check->path, (PathStep){0});
    for (uint32_t i = 0; i < count; i++) {
        vec_last(&check->path).index = i;
        check_value(check, &items[i], type);
    }
    (void)vec_pop(&check->path);
}

static void check_tuple(DataCheck *check, Expr *value, Type *type)
{
    if (value->kind != EXPR_LIST ||
        value->as.list.count != type->as.tuple.count) {
        report_value(check, value, type);
        return;
    }
    value->kind = EXPR_TUPLE; // the same layout
    vec_push(&check->path, (PathStep){0});
    for (uint32_t i = 0; i < value->as.tuple.count; i++) {
        vec_last(&check->path).index = i;
        check_value(check, &value->as.tuple.items[i], type->as.tuple.items[i]);
    }
    (void)vec_pop(&check->path);
}

static void check_map(DataCheck *check, Expr *value, Type *item)
{
    value->flags |= EXPR_AS_MAP;
    vec_push(&check->path, (PathStep){0});
    for (uint32_t i = 0; i < value->as.record.count; i++) {
        RecordItem *entry = &value->as.record.items[i];
        vec_last(&check->path).field = entry->name;
        check_value(check, &entry->value, item);
    }
    (void)vec_pop(&check->path);
}

// ---- records

static void report_extra(DataCheck *check, const RecordCheck *record)
{
    Infer *c = check->c;
    for (uint32_t i = 0; i < record->extra.count; i++) {
        Symbol name = record->extra.items[i].name;
        Diag *diag =
            infer_error(c, DIAG_E0505, record->extra.items[i].span,
                        "the object has a field '%.*s' that its type does "
                        "not know",
                        STR_ARG(infer_name_text(c, name)));
        explain(check, diag);
        Nearest nearest;
        nearest_init(&nearest, infer_name_text(c, name));
        for (uint32_t f = 0; f < record->field_count; f++) {
            if (!record->seen[f]) {
                nearest_consider(&nearest,
                                 infer_name_text(c, record->fields[f].name));
            }
        }
        if (nearest.best.len > 0) {
            diag_help(c->sink, diag, "did you mean '%.*s'?",
                      STR_ARG(nearest.best));
        }
    }
}

// What the object lacks: defaults and None where the type says so; an Option
// may be left out in data whether it is marked optional or not.
static void finish_record(DataCheck *check, Expr *value, RecordCheck *record)
{
    Infer *c = check->c;
    StrBuf names = {0};
    uint32_t missing = 0;
    for (uint32_t i = 0; i < record->field_count; i++) {
        const RecordField *field = &record->fields[i];
        if (record->seen[i] || field->fill != NULL) {
            continue;
        }
        if (infer_is_option(c, field->type)) {
            record->fields[i].fill =
                infer_optional_fill(c, field->name, value->span);
            continue;
        }
        strbuf_appendf(&names, "%s'%.*s'", missing++ > 0 ? ", " : "",
                       STR_ARG(infer_name_text(c, field->name)));
        record->seen[i] = 1; // reported here
    }
    if (missing > 0 && record->extra.count == 0) {
        Diag *diag = infer_error(
            c, DIAG_E0505, value->span, "the object lacks field%s %.*s",
            missing > 1 ? "s" : "", STR_ARG(strbuf_str(&names)));
        explain(check, diag);
    }
    strbuf_release(&names);
    report_extra(check, record);
    vec_clear(&record->extra);
    infer_finish_record(c, value, record);
}

static void check_record(DataCheck *check, Expr *value, Type *type)
{
    Infer *c = check->c;
    RecordCheck record;
    infer_begin_record(c, type, NULL, &record);
    // Fields may be filled: the type's own array stays as it is.
    record.fields = arena_copy(c->store.arena, record.fields,
                               record.field_count * sizeof *record.fields);
    vec_push(&check->path, (PathStep){0});
    for (uint32_t i = 0; i < value->as.record.count; i++) {
        RecordItem *item = &value->as.record.items[i];
        RecordField *field = infer_find_field(&record, item->name);
        vec_last(&check->path).field = item->name;
        if (field != NULL) {
            record.seen[field - record.fields] = 1;
            check_value(check, &item->value, field->type);
        } else if (record.tail == NULL) {
            vec_push(&record.extra,
                     (ExtraField){item->name, infer_item_span(c, item)});
        }
    }
    (void)vec_pop(&check->path);
    finish_record(check, value, &record);
}

// ---- unions

static void make_ctor(DataCheck *check, Expr *value, const Type *type,
                      uint32_t tag)
{
    const Module *module = check->c->program->modules[type->as.con.module];
    const TypeEntry *entry = &module->types[type->as.con.index];
    value->kind = EXPR_CTOR;
    value->flags &= ~EXPR_CLOSED;
    value->as.ctor = (NameRef){.symbol = entry->decl->ctors[tag].name,
                               .ref = REF_CTOR,
                               .module = type->as.con.module,
                               .index = entry->first_ctor + tag};
}

static void report_ctor(DataCheck *check, Span span, const Type *type, Str name)
{
    Infer *c = check->c;
    const Module *module = c->program->modules[type->as.con.module];
    const TypeDecl *decl = module->types[type->as.con.index].decl;
    Diag *diag = infer_error(
        c, DIAG_E0505, span, "type '%.*s' has no constructor '%.*s'",
        STR_ARG(infer_name_text(c, decl->name)), STR_ARG(name));
    explain(check, diag);
    Nearest nearest;
    nearest_init(&nearest, name);
    for (uint32_t i = 0; i < decl->ctor_count; i++) {
        nearest_consider(&nearest, infer_name_text(c, decl->ctors[i].name));
    }
    if (nearest.best.len > 0) {
        diag_help(c->sink, diag, "did you mean '%.*s'?", STR_ARG(nearest.best));
    }
}

// The constructor of this name, or INDEX_NONE.
static uint32_t find_ctor(const Infer *c, const Type *type, Str name)
{
    const Module *module = c->program->modules[type->as.con.module];
    const TypeDecl *decl = module->types[type->as.con.index].decl;
    for (uint32_t i = 0; i < decl->ctor_count; i++) {
        if (str_equal(infer_name_text(c, decl->ctors[i].name), name)) {
            return i;
        }
    }
    return INDEX_NONE;
}

static Type *payload_type(Infer *c, const CtorInfo *ctor, uint32_t index,
                          const Type *type)
{
    return type_substitute(&c->store, ctor->args[index], type->as.con.args,
                           type->as.con.count);
}

// {"Name": payload}, or {"Name": [a, b]} for several.
static void check_payload(DataCheck *check, Expr *value, const Type *type,
                          const UnionInfo *info)
{
    Infer *c = check->c;
    RecordItem *item = &value->as.record.items[0];
    uint32_t tag = find_ctor(c, type, infer_name_text(c, item->name));
    if (tag == INDEX_NONE) {
        report_ctor(check, infer_item_span(c, item), type,
                    infer_name_text(c, item->name));
        return;
    }
    const CtorInfo *ctor = &info->ctors[tag];
    uint32_t count = ctor->arg_count;
    Expr *payload = &item->value;
    bool several = count > 1;
    if (count == 0 || (several && (payload->kind != EXPR_LIST ||
                                   payload->as.list.count != count))) {
        Diag *diag = infer_error(c, DIAG_E0505, payload->span,
                                 "constructor '%.*s' has %u argument%s",
                                 STR_ARG(infer_name_text(c, item->name)), count,
                                 count == 1 ? "" : "s");
        explain(check, diag);
        return;
    }
    vec_push(&check->path, (PathStep){.field = item->name});
    Expr *parts = arena_zalloc(&c->module->arena, (count + 1) * sizeof *parts);
    for (uint32_t i = 0; i < count; i++) {
        parts[i + 1] = several ? payload->as.list.items[i] : *payload;
        check_value(check, &parts[i + 1], payload_type(c, ctor, i, type));
    }
    (void)vec_pop(&check->path);
    parts[0].span = infer_item_span(c, item);
    make_ctor(check, &parts[0], type, tag);
    value->kind = EXPR_CALL;
    value->flags &= ~EXPR_CLOSED;
    value->as.call.parts = parts;
    value->as.call.count = count + 1;
}

static void check_union(DataCheck *check, Expr *value, Type *type,
                        const UnionInfo *info)
{
    if (value->kind == EXPR_RECORD && value->as.record.count == 1) {
        check_payload(check, value, type, info);
        return;
    }
    if (value->kind != EXPR_STRING) {
        report_value(check, value, type);
        return;
    }
    Str name = str_make(value->as.string.data, value->as.string.len);
    uint32_t tag = find_ctor(check->c, type, name);
    if (tag == INDEX_NONE) {
        report_ctor(check, value->span, type, name);
    } else if (info->ctors[tag].arg_count > 0) {
        report_value(check, value, type);
    } else {
        make_ctor(check, value, type, tag);
    }
}

// ---- values

static void check_prim(DataCheck *check, Expr *value, Type *type)
{
    bool fits = false;
    switch ((PrimType)type->as.con.index) {
    case PRIM_INTEGER:
        fits = value->kind == EXPR_INT;
        break;
    case PRIM_FLOAT:
        fits = value->kind == EXPR_FLOAT || value->kind == EXPR_INT;
        if (value->kind == EXPR_INT) {
            value->flags |= EXPR_AS_FLOAT;
        }
        break;
    case PRIM_STRING:
        fits = value->kind == EXPR_STRING;
        break;
    case PRIM_BOOLEAN:
        fits = value->kind == EXPR_BOOL;
        break;
    case PRIM_UNIT:
        fits = is_null(value);
        value->kind = fits ? EXPR_UNIT : value->kind;
        break;
    case PRIM_JSON:
        fits = true;
        break;
    case PRIM_LIST:
        fits = value->kind == EXPR_LIST;
        if (fits) {
            check_items(check, value->as.list.items, value->as.list.count,
                        type->as.con.args[0]);
        }
        break;
    case PRIM_MAP:
        fits = value->kind == EXPR_RECORD;
        if (fits) {
            check_map(check, value, type->as.con.args[0]);
        }
        break;
    case PRIM_COUNT:
        break;
    }
    if (!fits) {
        report_value(check, value, type);
    }
}

static void check_con(DataCheck *check, Expr *value, Type *type)
{
    if (type->as.con.module == TYPE_MODULE_PRIM) {
        check_prim(check, value, type);
        return;
    }
    if (infer_is_option(check->c, type)) {
        if (!is_null(value)) {
            check_value(check, value, type->as.con.args[0]);
            value->flags |= EXPR_WRAP_SOME;
        }
        return;
    }
    const UnionInfo *info = type_union_info(
        check->c->program, type->as.con.module, type->as.con.index);
    if (info != NULL) {
        check_union(check, value, type, info);
    }
}

static void check_value(DataCheck *check, Expr *value, Type *type)
{
    for (; type->kind == TYPE_REFINED; type = type->link) {
        infer_refinement(check->c, &value->note, type->as.refined.refinement);
    }
    type = type_resolve(type);
    switch ((TypeKind)type->kind) {
    case TYPE_ERROR:
        return;
    case TYPE_CON:
        check_con(check, value, type);
        return;
    case TYPE_TUPLE:
        check_tuple(check, value, type);
        return;
    case TYPE_RECORD:
        if (value->kind == EXPR_RECORD) {
            check_record(check, value, type);
        } else {
            report_value(check, value, type);
        }
        return;
    case TYPE_FUNCTION:
    case TYPE_VAR:
    case TYPE_SKOLEM:
    case TYPE_GENERIC:
    case TYPE_REFINED:
        report_value(check, value, type);
        return;
    }
}

void infer_check_data(Infer *c, Expr *value, Type *type, Span annotation)
{
    DataCheck check = {.c = c, .annotation = annotation};
    check_value(&check, value, type);
    vec_release(&check.path);
}

// ---- imports with a type

static Expr copy_expr(Infer *c, const Expr *from);

static Expr *copy_exprs(Infer *c, const Expr *from, uint32_t count)
{
    Expr *copy = arena_array(&c->module->arena, count, sizeof *copy);
    for (uint32_t i = 0; i < count; i++) {
        copy[i] = copy_expr(c, &from[i]);
    }
    return copy;
}

// What another check has written into the literal is left behind.
static Expr copy_expr(Infer *c, const Expr *from)
{
    Expr copy = *from;
    copy.flags &= (uint16_t) ~(EXPR_AS_FLOAT | EXPR_WRAP_SOME | EXPR_AS_MAP);
    copy.note = 0;
    if (from->kind == EXPR_LIST) {
        copy.as.list.items =
            copy_exprs(c, from->as.list.items, from->as.list.count);
    } else if (from->kind == EXPR_RECORD) {
        uint32_t count = from->as.record.count;
        RecordItem *items =
            arena_array(&c->module->arena, count, sizeof *items);
        for (uint32_t i = 0; i < count; i++) {
            items[i] = from->as.record.items[i];
            items[i].value = copy_expr(c, &from->as.record.items[i].value);
        }
        copy.as.record.items = items;
    }
    return copy;
}

void infer_take_import(Infer *c, Member *member)
{
    Binding *binding = member->binding;
    if (binding->kind != BINDING_HIDDEN || binding->type == NULL ||
        binding->value == NULL || binding->value->kind != EXPR_NAME ||
        binding->value->as.name.ref != REF_GLOBAL) {
        return;
    }
    const Module *data = c->program->modules[binding->value->as.name.module];
    if (!data->is_data || data->ast.result == NULL) {
        return;
    }
    *binding->value = copy_expr(c, data->ast.result);
    binding->ref_count = 0; // it holds the data itself now
    member->data = data;
}
