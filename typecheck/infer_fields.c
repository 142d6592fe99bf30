// Field access, and what is meant where a field is not there.
#include <string.h>

#include "syntax/byte_class.h"
#include "syntax/scope.h"
#include "syntax/std_files.h"
#include "typecheck/infer_internal.h"

// Whether the text begins with the name, in which blanks may stand around '-'.
static bool begins_with_name(Str text, Str name)
{
    size_t at = 0;
    for (size_t i = 0; i < name.len; i++) {
        bool loose = name.data[i] == '-' || (i > 0 && name.data[i - 1] == '-');
        while (loose && at < text.len && text.data[at] == ' ') {
            at++;
        }
        if (at == text.len || text.data[at++] != name.data[i]) {
            return false;
        }
    }
    return at == text.len || !byte_is(text.data[at], BYTE_IDENT);
}

// j.runs-on, which is the difference of two things, for j."runs-on". False
// where it is not.
static bool help_hyphen(Infer *c, Diag *diag, const Expr *expr,
                        const RecordField *fields, uint32_t count)
{
    Str text = str_slice(c->source->text, expr->as.field.of->name_start,
                         c->source->text.len);
    size_t end = expr->span.end - expr->as.field.of->name_start;
    while (end < text.len && text.data[end] == ' ') {
        end++;
    }
    if (end == text.len || text.data[end] != '-' ||
        !infer_may_suggest(c, count)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        Str name = infer_name_text(c, fields[i].name);
        if (memchr(name.data, '-', name.len) != NULL &&
            begins_with_name(text, name)) {
            diag_help(c->sink, diag, "its name stands in quotes: .\"%.*s\"",
                      STR_ARG(name));
            return true;
        }
    }
    return false;
}

// `record.function`, as where functions are methods of what they are given.
static void help_function(Infer *c, Diag *diag, const Expr *record, Symbol name)
{
    enum { MAX_SHOWN = 40 };
    NameRef found = scope_find_value(c->program, c->module, name);
    bool is_function =
        found.ref == REF_METHOD ||
        (found.ref == REF_GLOBAL &&
         program_binding(c->program, found.module, found.index)->is_function);
    Str text = str_slice(c->source->text, record->span.start, record->span.end);
    if (is_function && record->kind == EXPR_NAME && text.len <= MAX_SHOWN) {
        diag_help(c->sink, diag,
                  "a function is written before what it is applied to: %.*s "
                  "%.*s",
                  STR_ARG(infer_name_text(c, name)), STR_ARG(text));
    }
}

static void report_no_field(Infer *c, const Expr *expr, Type *type)
{
    Symbol name = expr->as.field.field;
    Span span = {expr->as.field.of->name_start, expr->span.end};
    Diag *diag =
        infer_error(c, DIAG_E0205, span, "the record has no field '%.*s'",
                    STR_ARG(infer_name_text(c, name)));
    if (!infer_may_suggest(c, 0)) {
        return; // nor is the type printed for each of so many
    }
    diag_label(c->sink, diag, &c->module->source,
               expr->as.field.of->record.span, "it has type %.*s",
               STR_ARG(infer_print_fields(c, type)));
    uint32_t count;
    Type *tail;
    RecordField *fields = type_record_fields(type, c->scratch, &count, &tail);
    if (!help_hyphen(c, diag, expr, fields, count)) {
        infer_suggest_field(c, diag, name, fields, count);
    }
    if (diag->more->helps.count == 0) {
        help_function(c, diag, &expr->as.field.of->record, name);
    }
}

Str infer_library_of(Infer *c, Type *type, Symbol name)
{
    enum { FILE_COST = 256 }; // a text is looked through
    Str module = type_is_prim(type, PRIM_LIST)     ? STR("std.list")
                 : type_is_prim(type, PRIM_MAP)    ? STR("std.map")
                 : type_is_prim(type, PRIM_STRING) ? STR("std.string")
                 : infer_is_option(c, type)        ? STR("std.option")
                                                   : STR("");
    StrBuf path = {0};
    Str text;
    size_t start = STR("std.").len;
    bool has = module.len > 0 && infer_may_suggest(c, FILE_COST);
    if (has) {
        strbuf_appendf(&path, "std/%.*s.lig",
                       STR_ARG(str_slice(module, start, module.len)));
        has = std_file(strbuf_str(&path), &text) &&
              std_text_exports(text, "let", infer_name_text(c, name));
    }
    strbuf_release(&path);
    return has ? module : STR("");
}

static void report_no_record(Infer *c, const Expr *expr, Type *type)
{
    Diag *diag = infer_error(c, DIAG_E0203, expr->as.field.of->record.span,
                             "expected a record with field '%.*s', found %.*s",
                             STR_ARG(infer_name_text(c, expr->as.field.field)),
                             STR_ARG(infer_print(c, type)));
    Symbol field = expr->as.field.field;
    const Module *prelude = c->program->modules[MODULE_PRELUDE];
    uint32_t name_start = expr->as.field.of->name_start;
    Str library = infer_library_of(c, type, field);
    bool is_function =
        scope_find_value(c->program, prelude, field).ref != REF_UNRESOLVED ||
        library.len > 0;
    Str before = str_slice(c->source->text, name_start - 2, name_start);
    if (type->kind == TYPE_FUNCTION && str_equal(before, STR(" ."))) {
        diag_help(c->sink, diag,
                  "a function that takes a field is written \\r -> r.%.*s",
                  STR_ARG(infer_name_text(c, field)));
    } else if (type->kind == TYPE_FUNCTION &&
               (is_function || c->source->text.data[name_start - 1] == ' ')) {
        diag_help(c->sink, diag,
                  "'compose f g' applies g and then f; 'value |> g |> f' as "
                  "well");
    } else if (type->kind != TYPE_RECORD && type->kind != TYPE_VAR &&
               is_function) {
        Str name = infer_name_text(c, field);
        diag_help(c->sink, diag,
                  "there are no methods: the function '%.*s'%s%.*s takes the "
                  "value as its last argument",
                  STR_ARG(name), library.len > 0 ? " of " : "",
                  STR_ARG(library));
    } else if (type_is_prim(type, PRIM_MAP)) {
        diag_help(c->sink, diag, "'get' of std.map looks up a key");
    } else if (type_is_prim(type, PRIM_STRING)) {
        diag_help(c->sink, diag,
                  "there are no methods: functions of std.string take the "
                  "value as their last argument");
    } else if (type_is_prim(type, PRIM_JSON)) {
        diag_help(c->sink, diag,
                  "'decode' of std.encoding reads it at a type; so does an "
                  "import: import \"./file.json\" as name: Type;");
    } else if (type_is_prim(type, PRIM_LIST)) {
        diag_help(c->sink, diag, "'map' reaches into each element");
    } else if (type->kind == TYPE_CON &&
               type->as.con.module != TYPE_MODULE_PRIM) {
        diag_help(c->sink, diag, "'match' takes the value apart first");
    } else if (type->kind == TYPE_FUNCTION) {
        diag_help(c->sink, diag,
                  "the function lacks arguments; parentheses may help");
    }
}

static Type *field_of(Infer *c, Expr *expr)
{
    Type *type = type_resolve(infer_expr(c, &expr->as.field.of->record));
    Span name = {expr->as.field.of->name_start, expr->span.end};
    infer_watch(c, TYPE_NOTE_HOLDER, name, type);
    if (type->kind == TYPE_ERROR) {
        return type;
    }
    if (type->kind != TYPE_RECORD && type->kind != TYPE_VAR) {
        report_no_record(c, expr, type);
        return type_error();
    }
    if (type->kind == TYPE_RECORD) {
        const RecordField *found =
            type_fields_find(type->as.record.fields, type->as.record.count,
                             expr->as.field.field);
        if (found != NULL) {
            return found->type;
        }
    }
    Type *field =
        unify_field(&c->unifier, type, expr->as.field.field, c->level);
    if (field == NULL) {
        if (type->kind == TYPE_RECORD) {
            report_no_field(c, expr, type);
        } else {
            report_no_record(c, expr, type);
        }
        return type_error();
    }
    return field;
}

Type *infer_field(Infer *c, Expr *expr)
{
    Type *type = field_of(c, expr);
    Span name = {expr->as.field.of->name_start, expr->span.end};
    infer_watch(c, TYPE_NOTE_FIELD, name, type);
    return type;
}
