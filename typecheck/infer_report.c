// Messages of inference.
#include <stdarg.h>

#include "support/nearest.h"
#include "syntax/byte_class.h"
#include "syntax/foreign.h"
#include "typecheck/classes_internal.h"
#include "typecheck/type_print.h"

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
    return type_print_short(c->program, c->module, type, &c->sink->arena);
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

// Whether an integer literal meets a variable: it is of any type that has
// numbers.
static bool lacks_numbers(const Infer *c, Span span, const Type *rigid,
                          const Type *found)
{
    return rigid->kind == TYPE_SKOLEM && rigid->as.var.name != 0 &&
           type_is_prim(found, PRIM_INTEGER) &&
           byte_is(c->source->text.data[span.start], BYTE_DIGIT);
}

static void help_number(Infer *c, Diag *diag, Type *rigid)
{
    Str text = infer_name_text(c, rigid->as.var.name);
    if (diag->more->helps.count == 0) {
        diag_help(c->sink, diag,
                  "a number is of type '%.*s' where the annotation has 'Num "
                  "%.*s =>'",
                  STR_ARG(text), STR_ARG(text));
        classes_keep_unmet(c, c->num, &rigid, diag);
    }
}

// Two variables, of which each may be any type.
static void help_two_rigid(Infer *c, Diag *diag, const Type *a, const Type *b)
{
    if (a->kind == TYPE_SKOLEM && b->kind == TYPE_SKOLEM &&
        a->as.var.name != 0 && b->as.var.name != 0 &&
        a->as.var.name != b->as.var.name &&
        ((a->flags | b->flags) & TYPE_IS_ROW) == 0) {
        diag_help(c->sink, diag,
                  "'%.*s' and '%.*s' may be different types: write one "
                  "variable for both where they are the same",
                  STR_ARG(infer_name_text(c, a->as.var.name)),
                  STR_ARG(infer_name_text(c, b->as.var.name)));
    }
}

static void report_rigid(Infer *c, Span span, Type *expected, Type *found,
                         const Expect *why)
{
    Type *inner_expected = c->unifier.expected;
    Type *inner_found = c->unifier.found;
    const Type *rigid =
        inner_expected->kind == TYPE_SKOLEM ? inner_expected : inner_found;
    bool is_number = lacks_numbers(c, span, inner_expected, inner_found);
    if (is_number && classes_is_unmet_again(c, c->num, &inner_expected, span)) {
        c->error_count++;
        c->failed = true;
        return;
    }
    Str expected_text;
    Str found_text;
    type_print_pair(c->program, c->module, expected, found, &c->sink->arena,
                    &expected_text, &found_text);
    Diag *diag = infer_error(c, DIAG_E0215, span, "expected %.*s, found %.*s",
                             STR_ARG(expected_text), STR_ARG(found_text));
    infer_label_expect(c, diag, why);
    if (why != NULL && why->out_misfit != NULL) {
        *why->out_misfit = found;
    }
    note_rigid(c, diag, rigid);
    if (why == NULL || why->kind != EXPECT_METHOD) {
        help_two_rigid(c, diag, inner_expected, inner_found);
    }
    if (is_number) {
        help_number(c, diag, inner_expected);
    }
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
    if (difference.extra.len > 0 && difference.missing.len == 0 &&
        why != NULL &&
        (why->kind == EXPECT_ARGUMENT || why->kind == EXPECT_ANNOTATION)) {
        diag_help(c->sink, diag,
                  "a record type that ends in ', ..' takes records with "
                  "further fields");
    }
    infer_help_mismatch(c, diag, type_resolve(c->unifier.expected),
                        type_resolve(c->unifier.found), span, why);
    if (difference.path.len > 0 || difference.missing.len > 0) {
        infer_help_unannotated(c, diag, span, expected, found);
    }
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
