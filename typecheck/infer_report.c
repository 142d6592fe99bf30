// Messages of inference.
#include <stdarg.h>

#include "support/nearest.h"
#include "syntax/foreign.h"
#include "typecheck/infer_internal.h"
#include "typecheck/type_print.h"

// Bytes of a literal that a help repeats.
#define MAX_SHOWN_LITERAL 40

Str infer_name_text(const Infer *c, Symbol symbol)
{
    return symbol_text(c->program->interner, symbol);
}

// A search costs as much as there are candidates, and few of many thousand
// diagnostics are shown: so many candidates are looked at for a module, or for
// a part of it that is checked by itself.
bool infer_may_suggest(Infer *c, uint32_t candidates)
{
    enum { CANDIDATES_MAX = 1 << 20 };
    c->candidates += candidates;
    return c->candidates <= CANDIDATES_MAX;
}

void infer_suggest_field(Infer *c, Diag *diag, Symbol name,
                         const RecordField *fields, uint32_t count)
{
    if (!infer_may_suggest(c, count)) {
        return;
    }
    Nearest nearest;
    nearest_init(&nearest, infer_name_text(c, name));
    for (uint32_t i = 0; i < count; i++) {
        nearest_consider(&nearest, infer_name_text(c, fields[i].name));
    }
    if (nearest.best.len > 0) {
        diag_did_you_mean(c->sink, diag, nearest.best);
    }
}

Str infer_print(Infer *c, Type *type)
{
    return type_print(c->program, c->module, type, &c->sink->arena);
}

Str infer_print_fields(Infer *c, Type *type)
{
    return type_print_fields(c->program, c->module, type, &c->sink->arena);
}

Diag *infer_error(Infer *c, DiagCode code, Span span, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    Diag *diag = diag_addv(c->sink, code, c->source, span, format, args);
    va_end(args);
    if (diag_code_severity(code) == SEVERITY_ERROR) {
        c->error_count++;
        c->failed = true;
    }
    return diag;
}

// ---- where an expectation comes from

static const char *ordinal(uint32_t index)
{
    static const char *const WORDS[] = {"first",  "second", "third",
                                        "fourth", "fifth",  "sixth"};
    return index < sizeof WORDS / sizeof *WORDS ? WORDS[index] : NULL;
}

static void label_argument(Infer *c, Diag *diag, const Expect *why)
{
    StrBuf place = {0};
    const char *word = ordinal(why->index);
    if (word != NULL) {
        strbuf_appendf(&place, "the %s argument", word);
    } else {
        strbuf_appendf(&place, "argument %u", why->index + 1);
    }
    if (why->name != 0) {
        Str name = infer_name_text(c, why->name);
        diag_label(c->sink, diag, why->source, why->span, "%.*s of '%.*s'",
                   STR_ARG(strbuf_str(&place)), STR_ARG(name));
    } else {
        diag_label(c->sink, diag, why->source, why->span,
                   "%.*s of this function", STR_ARG(strbuf_str(&place)));
    }
    strbuf_release(&place);
}

void infer_label_expect(Infer *c, Diag *diag, const Expect *why)
{
    if (why == NULL) {
        return;
    }
    const char *text = NULL;
    switch (why->kind) {
    case EXPECT_NONE:
        return;
    case EXPECT_ARGUMENT:
        label_argument(c, diag, why);
        return;
    case EXPECT_OPERATOR:
        diag_label(c->sink, diag, why->source, why->span, "operand of '%s'",
                   operator_text(why->op));
        return;
    case EXPECT_OPERAND:
        diag_label(c->sink, diag, why->source, why->span,
                   "both sides of '%s' have one type: this decides it",
                   operator_text(why->op));
        return;
    case EXPECT_METHOD:
        diag_label(c->sink, diag, why->source, why->span,
                   "the class says what '%.*s' is",
                   STR_ARG(infer_name_text(c, why->name)));
        return;
    case EXPECT_FIELD:
        diag_label(c->sink, diag, why->source, why->span,
                   "the type of '%.*s' stands here",
                   STR_ARG(infer_name_text(c, why->name)));
        return;
    case EXPECT_ANNOTATION:
        text = "expected because of this annotation";
        break;
    case EXPECT_RESULT:
        text = "the function gives this type";
        break;
    case EXPECT_ITEM:
        text = "the elements of a list have one type: the first decides it";
        break;
    case EXPECT_BRANCH:
        text = "the branches have one type: the first decides it";
        break;
    case EXPECT_CONDITION:
        text = "a condition is a Boolean";
        break;
    case EXPECT_SCRUTINEE:
        text = "the value that is matched";
        break;
    case EXPECT_SOURCE:
        text = "'for' goes through a list";
        break;
    }
    diag_label(c->sink, diag, why->source, why->span, "%s", text);
}

// ---- mismatches

// Whether it is the prelude's union of this name.
static bool is_of_prelude(const Infer *c, Type *type, Symbol name)
{
    type = type_resolve(type);
    return type->kind == TYPE_CON && type->as.con.module == MODULE_PRELUDE &&
           c->program->modules[MODULE_PRELUDE]
                   ->types[type->as.con.index]
                   .name == name;
}

bool infer_is_option(const Infer *c, Type *type)
{
    return is_of_prelude(c, type, SYM_OPTION);
}

// Whether the function, given all its arguments, gives something like what is
// expected.
static bool leads_to(Type *function, const Type *expected)
{
    Type *result = function;
    while (result->kind == TYPE_FUNCTION) {
        result = type_resolve(result->as.function.result);
    }
    if (result->kind != expected->kind || result->kind != TYPE_CON) {
        return result->kind == expected->kind ||
               (result->kind == TYPE_VAR &&
                (result->flags & TYPE_IS_LITERAL) == 0);
    }
    return type_same_con(result, expected);
}

// Whether the value at `span` is a literal in quotes that would do without.
static bool is_quoted(const Infer *c, Span span, const Type *expected)
{
    Str text = str_slice(c->source->text, span.start, span.end);
    if (text.len < 3 || text.data[0] != '"' || text.data[text.len - 1] != '"') {
        return false;
    }
    Str inner = str_slice(text, 1, text.len - 1);
    if (type_is_prim(expected, PRIM_BOOLEAN)) {
        return str_equal(inner, STR("true")) || str_equal(inner, STR("false"));
    }
    bool digits = type_is_prim(expected, PRIM_INTEGER);
    for (size_t i = inner.data[0] == '-' && inner.len > 1; i < inner.len; i++) {
        digits &= inner.data[i] >= '0' && inner.data[i] <= '9';
    }
    return digits;
}

// Whether the value at `span` is in quotes what is a constructor without them.
static bool is_quoted_ctor(Infer *c, Span span, const Type *expected)
{
    Str text = str_slice(c->source->text, span.start, span.end);
    if (text.len < 3 || text.data[0] != '"' || expected->kind != TYPE_CON) {
        return false;
    }
    const UnionInfo *info = type_union_info(c->program, expected->as.con.module,
                                            expected->as.con.index);
    if (info == NULL || !infer_may_suggest(c, info->ctor_count)) {
        return false;
    }
    const Module *module = c->program->modules[expected->as.con.module];
    const CtorEntry *ctors =
        &module->ctors[module->types[expected->as.con.index].first_ctor];
    Str inner = str_slice(text, 1, text.len - 1);
    bool found = false;
    for (uint32_t i = 0; i < info->ctor_count && !found; i++) {
        found = info->ctors[i].arg_count == 0 &&
                str_equal(infer_name_text(c, ctors[i].name), inner);
    }
    return found;
}

// A constructor of the union that takes what was found and nothing else, as
// Value does where an EnvVar is expected; false where there is none.
static bool help_constructor(Infer *c, Diag *diag, const Type *expected,
                             const Type *found)
{
    const UnionInfo *info =
        expected->kind == TYPE_CON
            ? type_union_info(c->program, expected->as.con.module,
                              expected->as.con.index)
            : NULL;
    if (info == NULL || found->kind != TYPE_CON ||
        found->as.con.module != TYPE_MODULE_PRIM ||
        expected->as.con.module == MODULE_PRELUDE ||
        !infer_may_suggest(c, info->ctor_count)) {
        return false;
    }
    const Module *module = c->program->modules[expected->as.con.module];
    const CtorEntry *ctors =
        &module->ctors[module->types[expected->as.con.index].first_ctor];
    for (uint32_t i = 0; i < info->ctor_count; i++) {
        const Type *arg = info->ctors[i].arg_count == 1
                              ? type_resolve(info->ctors[i].args[0])
                              : NULL;
        if (arg != NULL && arg->kind == TYPE_CON && type_same_con(arg, found)) {
            diag_help(c->sink, diag, "write the constructor '%.*s' before it",
                      STR_ARG(infer_name_text(c, ctors[i].name)));
            return true;
        }
    }
    return false;
}

// Whether the value at `span` is a number or Boolean as it is written.
static bool is_unquoted(const Infer *c, Span span)
{
    Str text = str_slice(c->source->text, span.start, span.end);
    bool plain = text.len > 0 && text.len <= MAX_SHOWN_LITERAL;
    for (size_t i = 0; i < text.len; i++) {
        plain &=
            (text.data[i] >= '0' && text.data[i] <= '9') || text.data[i] == '.';
    }
    return plain || str_equal(text, STR("true")) ||
           str_equal(text, STR("false"));
}

// Whether it stands in arithmetic, which is not of strings.
static bool is_calculated(const Expect *why)
{
    return why != NULL && why->kind == EXPECT_OPERAND &&
           infer_is_arithmetic(why->op);
}

// The cure of a literal; false where there is none.
static bool help_literal(Infer *c, Diag *diag, const Type *expected,
                         const Type *found, Span span, const Expect *why)
{
    Str text = str_slice(c->source->text, span.start, span.end);
    if (type_is_prim(found, PRIM_STRING) &&
        (is_quoted(c, span, expected) || is_quoted_ctor(c, span, expected))) {
        diag_help(c->sink, diag, "write it without quotes: %.*s",
                  STR_ARG(str_slice(text, 1, text.len - 1)));
        return true;
    }
    if (type_is_prim(expected, PRIM_STRING) && is_unquoted(c, span) &&
        !is_calculated(why)) {
        diag_help(c->sink, diag, "write it in quotes: \"%.*s\"", STR_ARG(text));
        return true;
    }
    return false;
}

// "%s:%d" % ..., as in Python and Jsonnet; false where it is not.
static bool help_format(Infer *c, Diag *diag, const Type *found, Span span,
                        const Expect *why)
{
    Str text = str_slice(c->source->text, span.start, span.end);
    if (why == NULL || why->kind != EXPECT_OPERATOR || why->op != OP_REM ||
        !type_is_prim(found, PRIM_STRING) ||
        memchr(text.data, '%', text.len) == NULL) {
        return false;
    }
    diag_help(c->sink, diag,
              "a text takes in values where they stand: \"port \\(n)\"");
    return true;
}

// The cure where the operands of an operator differ; false where there is none.
static bool help_operands(Infer *c, Diag *diag, Type *expected, Type *found,
                          const Expect *why)
{
    if (why == NULL || why->kind != EXPECT_OPERAND) {
        return false;
    }
    bool is_text =
        type_is_prim(expected, PRIM_STRING) || type_is_prim(found, PRIM_STRING);
    if (why->op == OP_MUL && type_is_prim(expected, PRIM_STRING)) {
        diag_help(c->sink, diag, "'repeat' of std.string repeats a text");
    } else if (why->op == OP_ADD && is_text) {
        diag_help(c->sink, diag,
                  "'++' joins strings; 'toString' or \"\\(...)\" make them");
    } else if (why->op == OP_APPEND && type_is_prim(expected, PRIM_LIST) &&
               !type_is_prim(found, PRIM_LIST) && !infer_is_option(c, found)) {
        diag_help(c->sink, diag, "a list of one element is written [ ... ]");
    } else if (why->op != OP_COALESCE && infer_is_option(c, expected) &&
               !infer_is_option(c, found)) {
        diag_help(c->sink, diag,
                  "'?? default' takes the value out of the Option");
    } else if (type_is_prim(expected, PRIM_INTEGER) &&
               type_is_prim(found, PRIM_FLOAT)) {
        diag_help(c->sink, diag, "'toFloat' makes a Float of the Integer");
    } else {
        return false;
    }
    return true;
}

static bool is_element(Type *element, const Type *found)
{
    element = type_resolve(element);
    return element->kind == TYPE_CON && found->kind == TYPE_CON &&
           type_same_con(element, found);
}

// The cure where one container stands for another; false where there is none.
static bool help_containers(Infer *c, Diag *diag, Type *expected, Type *found)
{
    if (is_of_prelude(c, expected, SYM_RESULT) && infer_is_option(c, found)) {
        diag_help(c->sink, diag,
                  "'toResult' of std.option makes a Result of an Option, "
                  "'isSome' asks whether there is a value");
    } else if (infer_is_option(c, expected) &&
               is_of_prelude(c, found, SYM_RESULT)) {
        diag_help(c->sink, diag,
                  "'toOption' of std.result makes an Option of a Result");
    } else if (type_is_prim(expected, PRIM_LIST) && infer_is_option(c, found)) {
        diag_help(c->sink, diag,
                  "'toList' of std.option makes a list of an Option");
    } else if (type_is_prim(expected, PRIM_LIST) &&
               is_element(expected->as.con.args[0], found)) {
        diag_help(c->sink, diag, "a list of one element is written [ ... ]");
    } else if (type_is_prim(expected, PRIM_LIST) &&
               type_is_prim(found, PRIM_MAP)) {
        diag_help(c->sink, diag,
                  "'entries' of std.map makes a list of keys and values, "
                  "'values' one of the values");
    } else if (type_is_prim(expected, PRIM_MAP) &&
               type_is_prim(found, PRIM_LIST)) {
        diag_help(c->sink, diag,
                  "'fromList' of std.map makes a Map of a list of keys and "
                  "values");
    } else {
        return false;
    }
    return true;
}

static bool is_empty_record(const Type *type)
{
    return type->as.record.count == 0 && type->as.record.tail == NULL;
}

// The cure that fits the innermost difference.
static void help_mismatch(Infer *c, Diag *diag, Type *expected, Type *found,
                          Span span, const Expect *why)
{
    bool to_float =
        type_is_prim(expected, PRIM_FLOAT) && type_is_prim(found, PRIM_INTEGER);
    bool to_integer =
        type_is_prim(expected, PRIM_INTEGER) && type_is_prim(found, PRIM_FLOAT);
    if (help_format(c, diag, found, span, why) ||
        help_literal(c, diag, expected, found, span, why) ||
        help_operands(c, diag, expected, found, why) ||
        help_constructor(c, diag, expected, found) ||
        help_containers(c, diag, expected, found)) {
        return;
    }
    if (to_float) {
        diag_help(c->sink, diag, "'toFloat' makes a Float of an Integer");
    } else if (to_integer) {
        diag_help(c->sink, diag,
                  "'round', 'floor', 'ceil' or 'truncate' make an Integer of "
                  "a Float");
    } else if (infer_is_option(c, expected) && !infer_is_option(c, found) &&
               found->kind != TYPE_FUNCTION) {
        diag_help(c->sink, diag, "write 'Some' before a value that is there");
    } else if (infer_is_option(c, found) && !infer_is_option(c, expected) &&
               expected->kind != TYPE_FUNCTION) {
        diag_help(c->sink, diag,
                  "'?? default' takes the value out of an Option");
    } else if (type_is_prim(expected, PRIM_STRING) && !is_calculated(why) &&
               found->kind != TYPE_FUNCTION && found->kind != TYPE_SKOLEM) {
        diag_help(c->sink, diag, "'toString' or \"\\(...)\" make a String");
    } else if (found->kind == TYPE_FUNCTION &&
               expected->kind != TYPE_FUNCTION &&
               c->source->text.data[span.start] != '\\' &&
               leads_to(found, expected)) {
        diag_help(c->sink, diag, "the function lacks arguments here");
    } else if (type_is_prim(expected, PRIM_JSON) &&
               found->kind != TYPE_FUNCTION && found->kind != TYPE_VAR) {
        diag_help(c->sink, diag, "'asJson' of std.encoding makes Json of data");
    } else if (type_is_prim(expected, PRIM_MAP) && found->kind == TYPE_RECORD) {
        diag_help(c->sink, diag,
                  is_empty_record(found)
                      ? "'empty' of std.map is the Map without entries"
                      : "'fromRecord' of std.map makes a Map of a record");
    } else if (type_is_prim(found, PRIM_JSON) &&
               expected->kind != TYPE_FUNCTION && expected->kind != TYPE_VAR) {
        diag_help(c->sink, diag,
                  "'decode' of std.encoding reads Json as data of a type");
    } else if (type_is_prim(expected, PRIM_LIST) && found->kind != TYPE_CON &&
               found->kind != TYPE_FUNCTION) {
        diag_help(c->sink, diag, "a list stands in brackets: [ ... ]");
    } else if (expected->kind == TYPE_FUNCTION && why != NULL &&
               why->kind == EXPECT_OPERAND && why->op == OP_SUB) {
        diag_help(c->sink, diag,
                  "this subtracts; an argument that is negative stands in "
                  "parentheses: f (-1)");
    } else if (expected->kind == TYPE_FUNCTION && why != NULL &&
               why->kind == EXPECT_OPERAND) {
        diag_help(c->sink, diag, "the function before it lacks arguments");
    } else if (expected->kind == TYPE_FUNCTION && why != NULL &&
               why->kind == EXPECT_ARGUMENT && found->kind == TYPE_CON) {
        diag_help(c->sink, diag, "a function is written \\x -> value");
    }
}

// What stands for any type was written by who annotates.
static void note_rigid(Infer *c, Diag *diag, const Type *rigid)
{
    Symbol symbol = rigid->as.var.name;
    Str name = symbol != 0 ? infer_name_text(c, symbol) : STR("");
    if ((rigid->flags & TYPE_IS_ROW) != 0) {
        diag_note(c->sink, diag,
                  "the annotation promises that '..%.*s' can be any fields",
                  STR_ARG(name));
        return;
    }
    if (symbol == 0) { // a variable of a method that is not the class's
        diag_note(c->sink, diag, "the class promises that it can be any type");
        return;
    }
    diag_note(c->sink, diag,
              "the annotation promises that '%.*s' can be any type",
              STR_ARG(name));
    const char *help = foreign_type(name);
    if (help != NULL) {
        diag_help(c->sink, diag, "%s", help);
    }
}

static void report_rigid(Infer *c, Span span, Type *expected, Type *found,
                         const Expect *why)
{
    Type *inner_expected = c->unifier.expected;
    Type *inner_found = c->unifier.found;
    const Type *rigid =
        inner_expected->kind == TYPE_SKOLEM ? inner_expected : inner_found;
    Str expected_text;
    Str found_text;
    type_print_pair(c->program, c->module, expected, found, &c->sink->arena,
                    &expected_text, &found_text);
    Diag *diag = infer_error(c, DIAG_E0215, span, "expected %.*s, found %.*s",
                             STR_ARG(expected_text), STR_ARG(found_text));
    infer_label_expect(c, diag, why);
    note_rigid(c, diag, rigid);
}

void infer_report_rigid_row(Infer *c, Span span, const Type *row,
                            const Expect *why)
{
    Diag *diag =
        infer_error(c, DIAG_E0215, span,
                    "the type of the record promises fields beyond its own");
    infer_label_expect(c, diag, why);
    note_rigid(c, diag, row);
    diag_help(c->sink, diag,
              "'{ ..r }' hands on the fields of a record 'r' of that type; a "
              "type without '..' has no others");
}

static void report_endless(Infer *c, Span span, const Expect *why)
{
    Str expected_text;
    Str found_text;
    type_print_pair(c->program, c->module, c->unifier.expected,
                    c->unifier.found, &c->sink->arena, &expected_text,
                    &found_text);
    Diag *diag = infer_error(c, DIAG_E0207, span,
                             "a type would contain itself: %.*s = %.*s",
                             STR_ARG(expected_text), STR_ARG(found_text));
    infer_label_expect(c, diag, why);
    diag_help(c->sink, diag, "a recursive type needs a union");
}

static void report_difference(Infer *c, Span span, Type *expected, Type *found,
                              const Expect *why)
{
    TypeDifference difference = type_difference(c->program, c->module, expected,
                                                found, &c->sink->arena);
    bool of_method = why != NULL && why->kind == EXPECT_METHOD;
    Diag *diag =
        infer_error(c, of_method ? DIAG_E0213 : DIAG_E0203, span,
                    "expected %.*s, found %.*s", STR_ARG(difference.expected),
                    STR_ARG(difference.found));
    infer_label_expect(c, diag, why);
    if (why != NULL && why->out_misfit != NULL) {
        *why->out_misfit = found;
    }
    infer_note_place(c, diag, span);
    if (difference.path.len > 0) {
        diag_note(c->sink, diag, "they differ at %.*s",
                  STR_ARG(difference.path));
    }
    if (difference.missing.len > 0) {
        diag_note(c->sink, diag, "missing: %.*s", STR_ARG(difference.missing));
    }
    if (difference.extra.len > 0) {
        diag_note(c->sink, diag, "not expected: %.*s",
                  STR_ARG(difference.extra));
    }
    help_mismatch(c, diag, type_resolve(c->unifier.expected),
                  type_resolve(c->unifier.found), span, why);
}

void infer_mismatch(Infer *c, Span span, Type *expected, Type *found,
                    const Expect *why)
{
    switch (c->unifier.failure) {
    case UNIFY_RIGID:
    case UNIFY_ESCAPE:
        report_rigid(c, span, expected, found, why);
        return;
    case UNIFY_ENDLESS:
        report_endless(c, span, why);
        return;
    case UNIFY_MISMATCH:
    case UNIFY_FIELDS:
    case UNIFY_LITERAL:
        report_difference(c, span, expected, found, why);
        return;
    }
}

// ---- notes

void infer_add_note(Infer *c, uint32_t *note, Note *content)
{
    content->next = *note;
    infer_log(c, note, sizeof *note);
    *note = note_write(&c->notes, content);
}

void infer_add_evidence(Infer *c, uint32_t *note, Evidence **items,
                        uint32_t *shared)
{
    if (*shared != 0 && *note == 0) {
        infer_log(c, note, sizeof *note);
        *note = *shared;
        return;
    }
    bool is_first = *note == 0;
    Note content = {.kind = NOTE_EVIDENCE};
    content.as.evidence.items = items;
    content.as.evidence.count = 1;
    infer_add_note(c, note, &content);
    *shared = is_first ? *note : *shared; // nothing else hangs on it
}

void infer_set_tag(Infer *c, uint32_t *note, uint32_t tag)
{
    if (*note < NOTE_FIRST) {
        infer_log(c, note, sizeof *note);
    }
    while (*note >= NOTE_FIRST) {
        note = &note_at(c->notes.notes, *note)->next;
    }
    *note = tag;
}
