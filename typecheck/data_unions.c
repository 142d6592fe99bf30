// Constructors: "Name", {"Name": payload}, {"Name": [a, b]}; and Option, which
// shows as its value or not at all.
#include "support/nearest.h"
#include "syntax/data_path.h"
#include "typecheck/data_internal.h"

// Constructors that a message lists.
#define MAX_LISTED 8

bool data_is_null(const Expr *in)
{
    return in->kind == EXPR_CTOR && in->as.ctor.symbol == SYM_NONE &&
           (in->flags & EXPR_IMPLICIT) == 0;
}

static UnionShape *shape_of(DataReader *d, Type *con)
{
    void **known = ptr_map_at(&d->unions, (uintptr_t)con, 0);
    if (*known != NULL) {
        return *known;
    }
    UnionShape *shape = ARENA_NEW(d->c->scratch, UnionShape);
    *known = shape;
    shape->module = d->c->program->modules[con->as.con.module];
    shape->entry = &shape->module->types[con->as.con.index];
    shape->info =
        type_union_info(d->c->program, con->as.con.module, con->as.con.index);
    shape->is_option = con->as.con.module == MODULE_PRELUDE &&
                       shape->entry->name == SYM_OPTION;
    uint32_t count = shape->info != NULL ? shape->info->ctor_count : 0;
    shape->args = arena_zalloc(d->c->scratch, count * sizeof *shape->args);
    for (uint32_t i = 0; i < count; i++) {
        Symbol name = shape->module->ctors[shape->entry->first_ctor + i].name;
        *ptr_map_at(&shape->numbers, name, 0) = (void *)(uintptr_t)(i + 1);
    }
    return shape;
}

// The types of the arguments of a constructor.
static Type **ctor_args(DataReader *d, UnionShape *shape, const Type *con,
                        uint32_t tag)
{
    const CtorInfo *info = &shape->info->ctors[tag];
    if (con->as.con.count == 0) {
        return info->args;
    }
    if (shape->args[tag] == NULL) {
        Type **args =
            arena_array(d->c->store.arena, info->arg_count, sizeof *args);
        for (uint32_t i = 0; i < info->arg_count; i++) {
            args[i] = type_substitute(&d->c->store, info->args[i],
                                      con->as.con.args, con->as.con.count);
        }
        shape->args[tag] = args;
    }
    return shape->args[tag];
}

static void make_ctor(const UnionShape *shape, const Type *con, uint32_t tag,
                      Span span, Expr *out)
{
    uint32_t index = shape->entry->first_ctor + tag;
    *out = (Expr){.kind = EXPR_CTOR, .flags = EXPR_CLOSED, .span = span};
    out->as.ctor = (NameRef){shape->module->ctors[index].name, REF_CTOR,
                             con->as.con.module, index};
}

// ---- Option

static Reading read_option(DataReader *d, const Expr *in, UnionShape *shape,
                           Type *con, Place *place, Expr *out)
{
    bool is_none = in->kind == EXPR_CTOR && in->as.ctor.symbol == SYM_NONE;
    if (is_none) {
        uintptr_t number =
            (uintptr_t)ptr_map_find(&shape->numbers, SYM_NONE, 0);
        make_ctor(shape, con, (uint32_t)number - 1, in->span, out);
        return READ_NEW;
    }
    if (in->kind == EXPR_CALL &&
        in->as.call.parts[0].as.ctor.symbol == SYM_SOME &&
        in->as.call.count == 2) {
        in = &in->as.call.parts[1];
    }
    Reading reading = data_read(d, in, con->as.con.args[0], place, out);
    if (reading == READ_BAD) {
        return READ_BAD;
    }
    if ((out->flags & EXPR_WRAP_SOME) == 0) {
        out->flags |= EXPR_WRAP_SOME;
        return READ_NEW;
    }
    Expr *parts = arena_array(d->c->module->arena, 2, sizeof *parts);
    uintptr_t number = (uintptr_t)ptr_map_find(&shape->numbers, SYM_SOME, 0);
    make_ctor(shape, con, (uint32_t)number - 1, in->span, &parts[0]);
    parts[1] = *out;
    *out = (Expr){.kind = EXPR_CALL,
                  .flags = parts[1].flags & EXPR_CLOSED,
                  .span = in->span};
    out->as.call.parts = parts;
    out->as.call.count = 2;
    return READ_NEW;
}

// ---- what a literal says

// A constructor and its payload, as they are written.
typedef struct Written {
    Str name;
    Span name_span;
    const Expr *payload; // of one argument, or the list of several; or NULL
    const Expr *args;    // of a Ligature literal
    uint32_t arg_count;
    bool is_call;
} Written;

static bool read_written(const DataReader *d, const Expr *in, Written *out)
{
    const Interner *interner = d->c->program->interner;
    *out = (Written){.name_span = in->span};
    if (in->kind == EXPR_STRING) {
        out->name = str_make(in->as.string.data, in->as.string.len);
        return true;
    }
    if (in->kind == EXPR_CTOR && !data_is_null(in)) {
        out->name = symbol_text(interner, in->as.ctor.symbol);
        out->is_call = true;
        return true;
    }
    if (in->kind == EXPR_CALL) {
        const Expr *parts = in->as.call.parts;
        out->name = symbol_text(interner, parts[0].as.ctor.symbol);
        out->name_span = parts[0].span;
        out->args = parts + 1;
        out->arg_count = in->as.call.count - 1;
        out->is_call = true;
        return true;
    }
    if (in->kind == EXPR_RECORD && in->as.record.count == 1) {
        const RecordItem *item = &in->as.record.items[0];
        out->name = symbol_text(interner, item->name);
        out->name_span =
            data_key_span(interner, item, &d->data->module->source);
        out->payload = record_item_value(item);
        return true;
    }
    return false;
}

static Str ctor_name(const DataReader *d, const UnionShape *shape, uint32_t tag)
{
    return symbol_text(
        d->c->program->interner,
        shape->module->ctors[shape->entry->first_ctor + tag].name);
}

// "'A', 'B'"
static void list_ctors(const DataReader *d, const UnionShape *shape,
                       StrBuf *out)
{
    uint32_t count = shape->info->ctor_count;
    for (uint32_t i = 0; i < count && i < MAX_LISTED; i++) {
        strbuf_appendf(out, "%s'%.*s'", i > 0 ? ", " : "",
                       STR_ARG(ctor_name(d, shape, i)));
    }
    if (count > MAX_LISTED) {
        strbuf_appendf(out, " and %u more", count - MAX_LISTED);
    }
}

static Reading report_unknown(DataReader *d, const UnionShape *shape,
                              Type *type, const Written *written, Place *place)
{
    StrBuf shown = {0};
    strbuf_append_printable(&shown, written->name, 60);
    Diag *diag = data_report(
        d, written->name_span, place, "%.*s has no constructor '%.*s'",
        STR_ARG(infer_print(d->c, type)), STR_ARG(strbuf_str(&shown)));
    Nearest nearest;
    nearest_init(&nearest, written->name);
    uint32_t count = shape->info->ctor_count;
    for (uint32_t i = 0; i < count && infer_may_suggest(d->c, 1); i++) {
        nearest_consider(&nearest, ctor_name(d, shape, i));
    }
    if (nearest.best.len > 0) {
        diag_help(d->c->sink, diag, "did you mean '%.*s'?",
                  STR_ARG(nearest.best));
    } else {
        strbuf_clear(&shown);
        list_ctors(d, shape, &shown);
        diag_help(d->c->sink, diag, "it has %.*s", STR_ARG(strbuf_str(&shown)));
    }
    strbuf_release(&shown);
    return READ_BAD;
}

static Reading report_payload(DataReader *d, const Expr *in, Str name,
                              uint32_t wanted, Place *place)
{
    if (wanted == 0) {
        Diag *diag = data_report(d, in->span, place, "'%.*s' has no payload",
                                 STR_ARG(name));
        diag_help(d->c->sink, diag, "write \"%.*s\"", STR_ARG(name));
        return READ_BAD;
    }
    Diag *diag =
        data_report(d, in->span, place, "'%.*s' has %u %s", STR_ARG(name),
                    wanted, wanted == 1 ? "value" : "values, in a list");
    diag_help(d->c->sink, diag, "write {\"%.*s\": %s}", STR_ARG(name),
              wanted == 1 ? "VALUE" : "[VALUE, ...]");
    return READ_BAD;
}

// The arguments where they are `wanted`; false when there are others.
static bool find_args(const Written *written, uint32_t wanted,
                      const Expr **out_args)
{
    if (written->is_call) {
        *out_args = written->args;
        return written->arg_count == wanted;
    }
    if (written->payload == NULL || wanted == 0) {
        return written->payload == NULL && wanted == 0;
    }
    if (wanted == 1) {
        *out_args = written->payload;
        return true;
    }
    *out_args = written->payload->as.list.items;
    return (written->payload->kind == EXPR_LIST ||
            written->payload->kind == EXPR_TUPLE) &&
           written->payload->as.list.count == wanted;
}

static Reading read_args(DataReader *d, const Expr *args, Type *const *types,
                         uint32_t count, const Written *written, Place *place,
                         Expr *parts)
{
    Reading all = READ_NEW;
    Place payload = *place;
    Place *at = place;
    if (written->payload != NULL) {
        payload = data_field_place(
            place, intern(d->c->program->interner, written->name));
        at = &payload;
    }
    for (uint32_t i = 0; i < count; i++) {
        Place here = data_item_place(at, i);
        Reading one = data_read(
            d, &args[i], types[i],
            count == 1 && written->payload != NULL ? at : &here, &parts[i]);
        all = one == READ_BAD ? READ_BAD : all;
    }
    return all;
}

static Reading read_ctor(DataReader *d, const Expr *in, UnionShape *shape,
                         const Type *con, uint32_t tag, const Written *written,
                         Place *place, Expr *out)
{
    uint32_t count = shape->info->ctors[tag].arg_count;
    const Expr *args = NULL;
    if (!find_args(written, count, &args)) {
        return report_payload(d, in, written->name, count, place);
    }
    if (count == 0) {
        make_ctor(shape, con, tag, in->span, out);
        return READ_NEW;
    }
    Expr *parts =
        arena_zalloc(d->c->module->arena, (count + 1) * sizeof *parts);
    make_ctor(shape, con, tag, written->name_span, &parts[0]);
    Reading reading = read_args(d, args, ctor_args(d, shape, con, tag), count,
                                written, place, parts + 1);
    *out = (Expr){.kind = EXPR_CALL, .flags = EXPR_CLOSED, .span = in->span};
    for (uint32_t i = 1; i <= count; i++) {
        out->flags &= parts[i].flags;
    }
    out->as.call.parts = parts;
    out->as.call.count = count + 1;
    return reading;
}

Reading data_read_union(DataReader *d, const Expr *in, Type *type, Type *con,
                        Place *place, Expr *out)
{
    UnionShape *shape = shape_of(d, con);
    if (shape->info == NULL) {
        return READ_BAD; // its declaration failed
    }
    if (shape->is_option) {
        return read_option(d, in, shape, con, place, out);
    }
    Written written;
    if (!read_written(d, in, &written)) {
        (void)data_mismatch(d, in, type, place);
        StrBuf names = {0};
        list_ctors(d, shape, &names);
        diag_help(d->c->sink, vec_last(&d->c->sink->diags),
                  "a constructor is written \"Name\", {\"Name\": value} or "
                  "{\"Name\": [value, ...]}; there are %.*s",
                  STR_ARG(strbuf_str(&names)));
        strbuf_release(&names);
        return READ_BAD;
    }
    Symbol name = intern(d->c->program->interner, written.name);
    uintptr_t number = (uintptr_t)ptr_map_find(&shape->numbers, name, 0);
    if (number == 0) {
        return report_unknown(d, shape, type, &written, place);
    }
    return read_ctor(d, in, shape, con, (uint32_t)number - 1, &written, place,
                     out);
}
