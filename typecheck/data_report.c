// What is said about data that does not fit.
#include <stdarg.h>

#include "support/number.h"
#include "syntax/data_path.h"
#include "typecheck/data_internal.h"
#include "typecheck/infer_records.h"

// Bytes of a value shown in a message.
#define MAX_SHOWN 40

Place data_field_place(Place *parent, Symbol field)
{
    return (Place){.parent = parent, .field = field};
}

Place data_item_place(Place *parent, uint32_t index)
{
    return (Place){.parent = parent, .index = index};
}

uint32_t data_place_number(DataReader *d, Place *place)
{
    // The chain from the first one without a number down, as numbers are made
    // from the outside in.
    while (place->parent != NULL && place->number == 0) {
        Place *at = place;
        while (at->parent->parent != NULL && at->parent->number == 0) {
            at = at->parent;
        }
        at->number = data_path_step(d->c->module, at->parent->number, at->field,
                                    at->index);
    }
    return place->number;
}

static void label(DataReader *d, Diag *diag, const Place *place)
{
    const Expect *why = d->why;
    for (; place != NULL; place = place->parent) {
        if (place->declared != NULL && place->declared->fill != NULL) {
            Expect field = infer_field_expect(d->c, place->declared, why);
            infer_label_expect(d->c, diag, &field);
            return;
        }
    }
    infer_label_expect(d->c, diag, why);
}

Diag *data_report(DataReader *d, Span span, Place *place, const char *format,
                  ...)
{
    Infer *c = d->c;
    StrBuf text = {0};
    data_path_append(c->module, c->program->interner, d->data,
                     data_place_number(d, place), &text);
    va_list args;
    va_start(args, format);
    strbuf_appendv(&text, format, args);
    va_end(args);
    Diag *diag =
        diag_add(c->sink, data_path_code(d->data), &d->data->module->source,
                 span, "%.*s", STR_ARG(strbuf_str(&text)));
    strbuf_release(&text);
    c->error_count++;
    c->failed = true;
    label(d, diag, place);
    return diag;
}

static void describe_string(const Expr *in, StrBuf *out)
{
    Str text = str_make(in->as.string.data, in->as.string.len);
    strbuf_append(out, STR("the string \""));
    strbuf_append_printable(out, text, MAX_SHOWN);
    strbuf_append_char(out, '"');
}

static void describe_source(const DataReader *d, const Expr *in,
                            const char *what, StrBuf *out)
{
    Str text =
        str_slice(d->data->module->source.text, in->span.start, in->span.end);
    strbuf_append(out, str_from_c(what));
    strbuf_append_printable(out, text, MAX_SHOWN);
}

void data_describe(const DataReader *d, const Expr *in, StrBuf *out)
{
    const Interner *interner = d->c->program->interner;
    if (in->kind == EXPR_STRING) {
        describe_string(in, out);
    } else if (in->kind == EXPR_INT || in->kind == EXPR_FLOAT) {
        describe_source(d, in, "the number ", out);
    } else if (in->kind == EXPR_BOOL) {
        strbuf_append(out, in->as.boolean.value ? STR("true") : STR("false"));
    } else if (data_is_null(in)) {
        strbuf_append(out, STR("null"));
    } else if (in->kind == EXPR_LIST) {
        strbuf_appendf(out, "a list of %u", (unsigned)in->as.list.count);
    } else if (in->kind == EXPR_RECORD && in->as.record.count == 0) {
        strbuf_append(out, STR("an empty object"));
    } else if (in->kind == EXPR_RECORD) {
        strbuf_append(out, STR("an object with the field '"));
        Str name = symbol_text(interner, in->as.record.items[0].name);
        strbuf_append_printable(out, name, MAX_SHOWN);
        strbuf_append(out,
                      in->as.record.count > 1 ? STR("' and others") : STR("'"));
    } else {
        describe_source(d, in, "", out);
    }
}

// A string that would be of the type without its quotes.
static bool fits_unquoted(const Expr *in, const Type *type)
{
    Str text = str_make(in->as.string.data, in->as.string.len);
    if (type_is_prim(type, PRIM_BOOLEAN)) {
        return str_equal(text, STR("true")) || str_equal(text, STR("false"));
    }
    Str digits = str_slice(text, str_starts_with(text, STR("-")), text.len);
    uint64_t whole;
    double number;
    return (type_is_prim(type, PRIM_INTEGER) &&
            number_parse_digits(digits, 10, &whole) && whole <= INT64_MAX) ||
           (type_is_prim(type, PRIM_FLOAT) &&
            number_parse_double(digits, &number));
}

// The cure for what is easily taken for something else.
static void help(DataReader *d, Diag *diag, const Expr *in, Type *type)
{
    DiagSink *sink = d->c->sink;
    bool is_number = in->kind == EXPR_INT || in->kind == EXPR_FLOAT;
    if (data_is_null(in)) {
        diag_help(sink, diag,
                  "null stands for a missing value: only an "
                  "Option may be null");
    } else if (type_is_prim(type, PRIM_STRING) &&
               (is_number || in->kind == EXPR_BOOL)) {
        diag_help(sink, diag, "write it in quotes");
    } else if (in->kind == EXPR_STRING && fits_unquoted(in, type)) {
        diag_help(sink, diag, "write it without quotes");
    } else if (type_is_prim(type, PRIM_INTEGER) && in->kind == EXPR_FLOAT) {
        diag_help(sink, diag,
                  "an Integer is written without '.' and exponent and has 64 "
                  "bits");
    }
}

Reading data_mismatch(DataReader *d, const Expr *in, Type *type, Place *place)
{
    StrBuf found = {0};
    data_describe(d, in, &found);
    Diag *diag = data_report(d, in->span, place, "expected %.*s, found %.*s",
                             STR_ARG(infer_print(d->c, type)),
                             STR_ARG(strbuf_str(&found)));
    strbuf_release(&found);
    help(d, diag, in, type_resolve(type));
    return READ_BAD;
}
