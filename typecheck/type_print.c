// Types as text.
#include "typecheck/type_print.h"

#include <stdlib.h>

#include "support/compare.h"
#include "typecheck/alias_names.h"
#include "typecheck/type_printer.h"

// What closing brackets may still need once the limit is reached.
#define RESERVED_BYTES 512
#define MESSAGE_BYTES  200
#define MAX_DEPTH      16
#define MAX_NAME_BYTES 64
// Of a default in a message, which is about the types, and in a listing.
#define MESSAGE_DEFAULT_BYTES 24
#define LISTED_DEFAULT_BYTES  80
#define ELLIPSIS              STR("…")

void printer_init(Printer *printer, const Program *program, const Module *from)
{
    *printer = (Printer){.program = program,
                         .from = from,
                         .limit = TYPE_PRINT_MAX_BYTES - RESERVED_BYTES,
                         .default_bytes = MESSAGE_DEFAULT_BYTES};
    arena_init(&printer->arena);
}

void printer_release(Printer *printer)
{
    ptr_map_release(&printer->known);
    vec_release(&printer->skolems);
    arena_release(&printer->arena);
}

static void append(Printer *printer, Str text)
{
    strbuf_append(printer->out, text);
}

static void append_symbol(Printer *printer, Symbol symbol)
{
    Str text = symbol_text(printer->program->interner, symbol);
    strbuf_append_printable(printer->out, text, MAX_NAME_BYTES);
}

// True, after writing "…", where the text is long or deep enough.
static bool is_cut(Printer *printer)
{
    if (printer->out->len < printer->limit && printer->depth < MAX_DEPTH) {
        return false;
    }
    append(printer, ELLIPSIS);
    return true;
}

// ---- variables

static VarName *find_name(Printer *printer, const Type *var)
{
    bool is_generic = var->kind == TYPE_GENERIC;
    void **known = ptr_map_at(&printer->known, is_generic ? 1 : (uintptr_t)var,
                              is_generic ? var->as.generic.index : 0);
    if (*known == NULL) {
        VarName *name = ARENA_NEW(&printer->arena, VarName);
        if (var->kind == TYPE_SKOLEM) {
            name->written = var->as.var.name;
            vec_push(&printer->skolems, name);
        }
        *known = name;
    }
    return *known;
}

static bool is_written(const Printer *printer, Str text)
{
    for (uint32_t i = 0; i < printer->skolems.count; i++) {
        Symbol written = printer->skolems.items[i]->written;
        if (written != 0 &&
            str_equal(symbol_text(printer->program->interner, written), text)) {
            return true;
        }
    }
    return false;
}

static bool is_taken(const Printer *printer, Str text)
{
    for (uint32_t i = 0; i < printer->skolems.count; i++) {
        if (str_equal(printer->skolems.items[i]->text, text)) {
            return true;
        }
    }
    return false;
}

// a, ..., z, a1, ..., without those that the user wrote.
static Str next_name(Printer *printer)
{
    for (;;) {
        uint32_t number = printer->next_name++;
        char letter = (char)('a' + number % 26);
        Str text = number < 26 ? arena_printf(&printer->arena, "%c", letter)
                               : arena_printf(&printer->arena, "%c%u", letter,
                                              number / 26);
        if (!is_written(printer, text)) {
            return text;
        }
    }
}

// Two rigid variables of one written name (of different bindings) differ by
// primes.
static Str written_name(Printer *printer, Symbol written)
{
    StrBuf text = {0};
    strbuf_append_printable(&text,
                            symbol_text(printer->program->interner, written),
                            MAX_NAME_BYTES);
    while (is_taken(printer, strbuf_str(&text))) {
        strbuf_append_char(&text, '\'');
    }
    Str name = arena_str(&printer->arena, strbuf_str(&text));
    strbuf_release(&text);
    return name;
}

static void print_var(Printer *printer, const Type *var)
{
    VarName *name = find_name(printer, var);
    if (printer->counting) {
        name->uses++;
        append(printer, STR("a"));
        return;
    }
    if (name->text.len == 0) {
        name->text = name->written != 0 ? written_name(printer, name->written)
                                        : next_name(printer);
    }
    append(printer, name->text);
}

// ---- records

static bool is_plain_name(Str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        bool is_letter =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        bool is_other = (c >= '0' && c <= '9') || c == '\'';
        if (!is_letter && (i == 0 || !is_other)) {
            return false;
        }
    }
    return text.len > 0;
}

void printer_field_name(Printer *printer, Symbol name)
{
    Str text = symbol_text(printer->program->interner, name);
    if (is_plain_name(text)) {
        append_symbol(printer, name);
        return;
    }
    strbuf_append_char(printer->out, '"');
    append_symbol(printer, name);
    strbuf_append_char(printer->out, '"');
}

typedef struct OrderedField {
    RecordField *field;
    Str name;
} OrderedField;

static int compare_fields(const void *left, const void *right)
{
    const OrderedField *a = left;
    const OrderedField *b = right;
    if (a->field->order != b->field->order) {
        return a->field->order < b->field->order ? -1 : 1;
    }
    return str_compare(a->name, b->name);
}

static void sort_fields(Printer *printer, RecordField *fields, uint32_t count,
                        RecordField **out)
{
    OrderedField *ordered =
        arena_array(&printer->arena, count, sizeof *ordered);
    for (uint32_t i = 0; i < count; i++) {
        ordered[i].field = &fields[i];
        ordered[i].name =
            symbol_text(printer->program->interner, fields[i].name);
    }
    qsort(ordered, count, sizeof *ordered, compare_fields);
    for (uint32_t i = 0; i < count; i++) {
        out[i] = ordered[i].field;
    }
}

// By their numbers; false where those leave gaps.
static bool place_fields(RecordField *fields, uint32_t count, RecordField **out)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = fields[i].order;
        if (at >= count || out[at] != NULL) {
            return false;
        }
        out[at] = &fields[i];
    }
    return true;
}

RecordField **printer_record_fields(Printer *printer, Type *record,
                                    uint32_t *out_count, Type **out_tail)
{
    uint32_t count;
    RecordField *fields =
        type_record_fields(record, &printer->arena, &count, out_tail);
    RecordField **ordered =
        arena_zalloc(&printer->arena, count * sizeof(RecordField *));
    if (!place_fields(fields, count, ordered)) {
        sort_fields(printer, fields, count, ordered);
    }
    *out_count = count;
    return ordered;
}

void printer_record_end(Printer *printer, uint32_t count, Type *tail)
{
    if (tail == NULL) {
        append(printer, count > 0 ? STR(" }") : STR("{}"));
        return;
    }
    append(printer, count > 0 ? STR(", ..") : STR("{ .."));
    bool is_var = tail->kind == TYPE_VAR || tail->kind == TYPE_SKOLEM ||
                  tail->kind == TYPE_GENERIC;
    // A row that occurs once needs no name.
    if (is_var && (printer->counting || find_name(printer, tail)->uses > 1)) {
        print_var(printer, tail);
    }
    append(printer, STR(" }"));
}

static void print_default(Printer *printer, const FieldFill *fill)
{
    append(printer, STR(" = "));
    const Expr *value = fill->decl->default_value;
    Str text = STR("");
    if (value != NULL && fill->module != INDEX_NONE) {
        const Module *module = printer->program->modules[fill->module];
        text =
            str_slice(module->source.text, value->span.start, value->span.end);
    }
    bool fits = text.len > 0 && text.len <= printer->default_bytes &&
                printer->out->len < printer->limit &&
                str_find_byte(text, '\n', 0) == text.len;
    if (fits) {
        strbuf_append_printable(printer->out, text, text.len * 4);
    } else {
        append(printer, ELLIPSIS);
    }
}

static void print_field(Printer *printer, const RecordField *field)
{
    printer_field_name(printer, field->name);
    const FieldFill *fill = field->fill;
    Type *type = field->type;
    if (fill != NULL && fill->optional) {
        Type *option = type_resolve(type);
        if (option->kind == TYPE_CON && option->as.con.count == 1) {
            type = option->as.con.args[0];
            append(printer, STR("?"));
        }
    }
    append(printer, STR(": "));
    printer_type(printer, type, PLACE_TOP);
    if (fill != NULL && !fill->optional) {
        print_default(printer, fill);
    }
}

static void print_record(Printer *printer, Type *record)
{
    Symbol name = printer->expands ? 0
                                   : alias_names_find(printer->program,
                                                      printer->from, record);
    printer->expands = false;
    if (name != 0) {
        append_symbol(printer, name);
        return;
    }
    uint32_t count;
    Type *tail;
    RecordField **fields =
        printer_record_fields(printer, record, &count, &tail);
    for (uint32_t i = 0; i < count; i++) {
        append(printer, i == 0 ? STR("{ ") : STR(", "));
        if (is_cut(printer)) {
            break;
        }
        print_field(printer, fields[i]);
    }
    printer_record_end(printer, count, tail);
}

// ---- the other forms

Str printer_con_text(const Printer *printer, const Type *con)
{
    if (con->as.con.module == TYPE_MODULE_PRIM) {
        return str_from_c(prim_type_name((PrimType)con->as.con.index));
    }
    const Module *module = printer->program->modules[con->as.con.module];
    return symbol_text(printer->program->interner,
                       module->types[con->as.con.index].name);
}

const Module *printer_con_module(const Printer *printer, const Type *con)
{
    bool prim = con->as.con.module == TYPE_MODULE_PRIM;
    return printer->program
        ->modules[prim ? MODULE_PRELUDE : con->as.con.module];
}

void printer_con_name(Printer *printer, const Type *con)
{
    Str name = printer_con_text(printer, con);
    if (printer->qualified.len > 0 && str_equal(printer->qualified, name)) {
        const Module *module = printer_con_module(printer, con);
        strbuf_append_printable(printer->out, module->name, MAX_NAME_BYTES);
        append(printer, STR("."));
    }
    strbuf_append_printable(printer->out, name, MAX_NAME_BYTES);
}

static void print_con(Printer *printer, Type *con, TypePlace place)
{
    bool in_brackets = place == PLACE_ARGUMENT && con->as.con.count > 0;
    append(printer, in_brackets ? STR("(") : STR(""));
    printer_con_name(printer, con);
    for (uint32_t i = 0; i < con->as.con.count; i++) {
        append(printer, STR(" "));
        if (is_cut(printer)) {
            break;
        }
        printer_type(printer, con->as.con.args[i], PLACE_ARGUMENT);
    }
    append(printer, in_brackets ? STR(")") : STR(""));
}

static void print_tuple(Printer *printer, Type *tuple)
{
    append(printer, STR("("));
    for (uint32_t i = 0; i < tuple->as.tuple.count; i++) {
        append(printer, i > 0 ? STR(", ") : STR(""));
        if (is_cut(printer)) {
            break;
        }
        printer_type(printer, tuple->as.tuple.items[i], PLACE_TOP);
    }
    append(printer, STR(")"));
}

static void print_function(Printer *printer, Type *type, TypePlace place)
{
    append(printer, place != PLACE_TOP ? STR("(") : STR(""));
    while (type->kind == TYPE_FUNCTION) {
        printer_type(printer, type->as.function.param, PLACE_PARAM);
        append(printer, STR(" -> "));
        if (is_cut(printer)) {
            append(printer, place != PLACE_TOP ? STR(")") : STR(""));
            return;
        }
        Type *result = type->as.function.result;
        if (result->kind == TYPE_REFINED) {
            type = result; // may have a name of its own
            break;
        }
        type = type_resolve(result);
    }
    printer_type(printer, type, PLACE_TOP);
    append(printer, place != PLACE_TOP ? STR(")") : STR(""));
}

// The alias without parameters that a refined type was declared as; 0 when it
// was written in place.
static Symbol refined_name(const Printer *printer, const Type *refined)
{
    const Refinement *refinement = refined->as.refined.refinement;
    if (refinement == NULL || refinement->module == INDEX_NONE) {
        return 0;
    }
    const Module *module = printer->program->modules[refinement->module];
    for (uint32_t i = 0; i < module->type_count; i++) {
        const TypeDecl *decl = module->types[i].decl;
        if (decl != NULL && decl->alias == refinement->expr &&
            decl->alias != NULL && decl->param_count == 0) {
            return module->types[i].name;
        }
    }
    return 0;
}

static void print_resolved(Printer *printer, Type *type, TypePlace place)
{
    switch ((TypeKind)type->kind) {
    case TYPE_ERROR:
    case TYPE_REFINED:
        append(printer, STR("_"));
        return;
    case TYPE_VAR:
        if ((type->flags & TYPE_IS_LITERAL) != 0) {
            append(printer, STR("Integer"));
            return;
        }
        print_var(printer, type);
        return;
    case TYPE_SKOLEM:
    case TYPE_GENERIC:
        print_var(printer, type);
        return;
    case TYPE_CON:
        print_con(printer, type, place);
        return;
    case TYPE_TUPLE:
        print_tuple(printer, type);
        return;
    case TYPE_FUNCTION:
        print_function(printer, type, place);
        return;
    case TYPE_RECORD:
        print_record(printer, type);
        return;
    }
    UNREACHABLE();
}

void printer_type(Printer *printer, Type *type, TypePlace place)
{
    if (is_cut(printer)) {
        return;
    }
    while (type->link != NULL) {
        Symbol name =
            type->kind == TYPE_REFINED ? refined_name(printer, type) : 0;
        if (name != 0) {
            append_symbol(printer, name);
            return;
        }
        type = type->link;
    }
    printer->depth++;
    print_resolved(printer, type, place);
    printer->depth--;
}

static void put_constraint(Printer *printer,
                           const PrintedConstraint *constraint)
{
    const Module *module = printer->program->modules[constraint->module];
    append_symbol(printer, module->classes[constraint->index].name);
    for (uint32_t i = 0; i < constraint->arg_count; i++) {
        append(printer, STR(" "));
        printer_type(printer, constraint->args[i], PLACE_ARGUMENT);
    }
}

void printer_count(Printer *printer, Type *type)
{
    StrBuf ignored = {0};
    StrBuf *out = printer->out;
    printer->out = &ignored;
    printer->counting = true;
    printer_type(printer, type, PLACE_TOP);
    printer->counting = false;
    printer->out = out;
    strbuf_release(&ignored);
}

// ---- entries

static Str print_into(Printer *printer, Type *type, Arena *arena)
{
    StrBuf out = {0};
    printer->out = &out;
    printer_type(printer, type, PLACE_TOP);
    Str text = arena_str(arena, strbuf_str(&out));
    strbuf_release(&out);
    return text;
}

Str type_print(const Program *program, const Module *from, Type *type,
               Arena *arena)
{
    Printer printer;
    printer_init(&printer, program, from);
    printer_count(&printer, type);
    Str text = print_into(&printer, type, arena);
    printer_release(&printer);
    return text;
}

Str type_print_short(const Program *program, const Module *from, Type *type,
                     Arena *arena)
{
    Printer printer;
    printer_init(&printer, program, from);
    printer.limit = MESSAGE_BYTES;
    printer_count(&printer, type);
    Str text = print_into(&printer, type, arena);
    printer_release(&printer);
    return text;
}

Str type_print_fields(const Program *program, const Module *from, Type *type,
                      Arena *arena)
{
    Printer printer;
    printer_init(&printer, program, from);
    printer.limit = MESSAGE_BYTES;
    bool is_record = type_resolve(type)->kind == TYPE_RECORD;
    printer.expands = is_record;
    printer_count(&printer, type);
    printer.expands = is_record;
    Str text = print_into(&printer, type, arena);
    printer_release(&printer);
    return text;
}

void type_print_pair(const Program *program, const Module *from, Type *first,
                     Type *second, Arena *arena, Str *out_first,
                     Str *out_second)
{
    Printer printer;
    printer_init(&printer, program, from);
    printer_count(&printer, first);
    printer_count(&printer, second);
    *out_first = print_into(&printer, first, arena);
    *out_second = print_into(&printer, second, arena);
    printer_release(&printer);
}

static Str constraint_text(Printer *printer,
                           const PrintedConstraint *constraint)
{
    StrBuf out = {0};
    printer->out = &out;
    put_constraint(printer, constraint);
    Str text = arena_str(&printer->arena, strbuf_str(&out));
    strbuf_release(&out);
    return text;
}

// Appends "Num a => " or "(Eq a, Num b) => ".
static void append_context(Str *texts, uint32_t count, size_t limit,
                           StrBuf *out)
{
    if (count == 0) {
        return;
    }
    qsort(texts, count, sizeof *texts, compare_texts);
    uint32_t kept = 1;
    for (uint32_t i = 1; i < count; i++) {
        if (!str_equal(texts[i], texts[kept - 1])) {
            texts[kept++] = texts[i];
        }
    }
    strbuf_append(out, kept > 1 ? STR("(") : STR(""));
    for (uint32_t i = 0; i < kept; i++) {
        strbuf_append(out, i > 0 ? STR(", ") : STR(""));
        if (out->len + texts[i].len > limit) {
            strbuf_append(out, ELLIPSIS);
            break;
        }
        strbuf_append(out, texts[i]);
    }
    strbuf_append(out, kept > 1 ? STR(") => ") : STR(" => "));
}

Str type_print_scheme(const Program *program, const Module *from, Type *type,
                      const PrintedConstraint *constraints, uint32_t count,
                      size_t max_bytes, Arena *arena)
{
    Printer printer;
    printer_init(&printer, program, from);
    printer.default_bytes = LISTED_DEFAULT_BYTES;
    size_t room = max_bytes > 2 * RESERVED_BYTES ? max_bytes - RESERVED_BYTES
                                                 : RESERVED_BYTES;
    // A context takes a third at most.
    size_t context_room = count > 0 ? room / 3 : 0;
    printer.limit = room - context_room;
    printer_count(&printer, type);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = 0; j < constraints[i].arg_count; j++) {
            printer_count(&printer, constraints[i].args[j]);
        }
    }
    // The type comes first so that its variables are a, b, ...
    Str body = print_into(&printer, type, &printer.arena);
    Str *texts = arena_array(&printer.arena, count, sizeof *texts);
    printer.limit = context_room;
    for (uint32_t i = 0; i < count; i++) {
        texts[i] = constraint_text(&printer, &constraints[i]);
    }
    StrBuf out = {0};
    append_context(texts, count, context_room, &out);
    strbuf_append(&out, body);
    Str text = arena_str(arena, strbuf_str(&out));
    strbuf_release(&out);
    printer_release(&printer);
    return text;
}

Str type_print_constraint(const Program *program, const Module *from,
                          const PrintedConstraint *constraint, Arena *arena)
{
    Printer printer;
    printer_init(&printer, program, from);
    for (uint32_t i = 0; i < constraint->arg_count; i++) {
        printer_count(&printer, constraint->args[i]);
    }
    Str text = constraint_text(&printer, constraint);
    Str copy = arena_str(arena, text);
    printer_release(&printer);
    return copy;
}
