// Where types differ: what cures it.
#include <string.h>

#include "support/nearest.h"
#include "syntax/byte_class.h"
#include "syntax/foreign.h"
#include "syntax/scope_table.h"
#include "syntax/symbol_map.h"
#include "typecheck/infer_internal.h"
#include "typecheck/infer_records.h"
#include "typecheck/type_print.h"

// Bytes of a literal that a help repeats.
#define MAX_SHOWN_LITERAL 40

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

// The union that is expected and, in *out_ctors, what its constructors are
// called; NULL where it is none, or where enough were looked at.
static const UnionInfo *expected_union(Infer *c, const Type *expected,
                                       const CtorEntry **out_ctors)
{
    if (expected->kind != TYPE_CON) {
        return NULL;
    }
    const UnionInfo *info = type_union_info(c->program, expected->as.con.module,
                                            expected->as.con.index);
    if (info == NULL || !infer_may_suggest(c, info->ctor_count)) {
        return NULL;
    }
    const Module *module = c->program->modules[expected->as.con.module];
    *out_ctors =
        &module->ctors[module->types[expected->as.con.index].first_ctor];
    return info;
}

static bool is_type_of_prelude(const Type *type)
{
    return type->kind == TYPE_CON && type->as.con.module == MODULE_PRELUDE;
}

// Whether the value at `span` is in quotes what is a constructor without them.
static bool is_quoted_ctor(Infer *c, Span span, const Type *expected)
{
    Str text = str_slice(c->source->text, span.start, span.end);
    const CtorEntry *ctors;
    const UnionInfo *info = text.len >= 3 && text.data[0] == '"'
                                ? expected_union(c, expected, &ctors)
                                : NULL;
    if (info == NULL) {
        return false;
    }
    Str inner = str_slice(text, 1, text.len - 1);
    bool found = false;
    for (uint32_t i = 0; i < info->ctor_count && !found; i++) {
        found = info->ctors[i].arg_count == 0 &&
                str_equal(infer_name_text(c, ctors[i].name), inner);
    }
    return found;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_letters(Str a, Str b)
{
    bool same = a.len == b.len;
    for (size_t i = 0; i < a.len && same; i++) {
        same = lower(a.data[i]) == lower(b.data[i]);
    }
    return same;
}

// A text where a constructor stands: the one that is nearest to it, else all of
// a few. False where no text is written there.
static bool help_text_for_ctor(Infer *c, Diag *diag, const Type *expected,
                               Span span)
{
    enum { LISTED_MOST = 6 };
    Str text = str_slice(c->source->text, span.start, span.end);
    const CtorEntry *ctors;
    const UnionInfo *info =
        text.len >= 3 && text.data[0] == '"' && !is_type_of_prelude(expected)
            ? expected_union(c, expected, &ctors)
            : NULL;
    if (info == NULL) {
        return false;
    }
    Str inner = str_slice(text, 1, text.len - 1);
    Nearest nearest;
    nearest_init(&nearest, inner);
    StrBuf names = {0};
    Str meant = {0};
    for (uint32_t i = 0; i < info->ctor_count; i++) {
        Str name = infer_name_text(c, ctors[i].name);
        nearest_consider(&nearest, name);
        meant = same_letters(name, inner) ? name : meant;
        if (i < LISTED_MOST) {
            strbuf_appendf(&names, "%s'%.*s'", i > 0 ? ", " : "",
                           STR_ARG(name));
        }
    }
    meant = meant.len > 0 ? meant : nearest.best;
    if (meant.len > 0) {
        diag_help(c->sink, diag, "did you mean the constructor '%.*s'?",
                  STR_ARG(meant));
    } else {
        diag_help(c->sink, diag, "its constructors are %.*s%s",
                  STR_ARG(strbuf_str(&names)),
                  info->ctor_count > LISTED_MOST ? ", ..." : "");
    }
    strbuf_release(&names);
    return true;
}

// Whether a constructor that has `arg` could take a record of the type `found`.
static bool takes_record(const Type *arg, const Type *found)
{
    if (arg->kind != TYPE_RECORD || found->kind != TYPE_RECORD ||
        found->as.record.count == 0) {
        return false;
    }
    for (uint32_t i = 0; i < found->as.record.count; i++) {
        if (type_fields_find(arg->as.record.fields, arg->as.record.count,
                             found->as.record.fields[i].name) == NULL) {
            return false;
        }
    }
    return true;
}

// A constructor of the union that takes what was found and nothing else, as
// Value does where an EnvVar is expected; false where there is none.
static bool help_constructor(Infer *c, Diag *diag, const Type *expected,
                             const Type *found)
{
    bool is_prim =
        found->kind == TYPE_CON && found->as.con.module == TYPE_MODULE_PRIM;
    bool may_be = (is_prim || found->kind == TYPE_RECORD) &&
                  !is_type_of_prelude(expected);
    const CtorEntry *ctors;
    const UnionInfo *info = may_be ? expected_union(c, expected, &ctors) : NULL;
    if (info == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < info->ctor_count; i++) {
        const Type *arg = info->ctors[i].arg_count == 1
                              ? type_resolve(info->ctors[i].args[0])
                              : NULL;
        if (arg != NULL &&
            ((is_prim && arg->kind == TYPE_CON && type_same_con(arg, found)) ||
             takes_record(arg, found))) {
            diag_help(c->sink, diag, "write the constructor '%.*s' before it",
                      STR_ARG(infer_name_text(c, ctors[i].name)));
            return true;
        }
    }
    return false;
}

// A constructor that is called like a type, which others write between bars, or
// which is no type here: `type T = String | Integer;`, `type T = Dict String;`.
// False where there is none.
static bool help_named_as_type(Infer *c, Diag *diag, const Type *expected,
                               Type *found)
{
    const CtorEntry *ctors;
    const UnionInfo *info = is_type_of_prelude(expected)
                                ? NULL
                                : expected_union(c, expected, &ctors);
    if (info == NULL) {
        return false;
    }
    Str type = infer_print(c, found);
    for (uint32_t i = 0; i < info->ctor_count; i++) {
        Str name = infer_name_text(c, ctors[i].name);
        if (info->ctors[i].arg_count == 0 && str_equal(name, type)) {
            diag_help(c->sink, diag,
                      "'%.*s' is the name of a constructor there; one that "
                      "holds a %.*s is declared with a name of its own: "
                      "Name %.*s",
                      STR_ARG(name), STR_ARG(name), STR_ARG(name));
            return true;
        }
    }
    Str only = infer_name_text(c, ctors[0].name);
    const char *meant = info->ctor_count == 1 ? foreign_type(only) : NULL;
    if (meant != NULL) {
        diag_help(c->sink, diag,
                  "'%.*s' is no type, so it is the name of a constructor "
                  "there: %s",
                  STR_ARG(only), meant);
    }
    return meant != NULL;
}

// Whether the value at `span` is a number or Boolean as it is written.
static bool is_unquoted(const Infer *c, Span span)
{
    Str text = str_slice(c->source->text, span.start, span.end);
    bool plain = text.len > 0 && text.len <= MAX_SHOWN_LITERAL;
    for (size_t i = 0; i < text.len && plain; i++) {
        plain =
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

// `assert a == b`: what is compared is what the call gives. False where nothing
// is.
static bool help_compared_call(Infer *c, Diag *diag, const Type *expected,
                               Span span, const Expect *why)
{
    if (why == NULL || why->kind != EXPECT_ARGUMENT || why->name == 0 ||
        !type_is_prim(expected, PRIM_BOOLEAN)) {
        return false;
    }
    Str text = c->source->text;
    size_t at = span.end;
    while (at < text.len && byte_is(text.data[at], BYTE_BLANK)) {
        at++;
    }
    char next = at + 1 < text.len ? text.data[at] : 0;
    bool is_comparison =
        next == '<' || next == '>' ||
        ((next == '=' || next == '!') && text.data[at + 1] == '=');
    if (is_comparison) {
        diag_help(c->sink, diag,
                  "a comparison as an argument stands in parentheses: "
                  "%.*s (a == b)",
                  STR_ARG(infer_name_text(c, why->name)));
    }
    return is_comparison;
}

// Whether the annotation is that of `name?: Type = default`.
static bool is_of_optional_field(const Infer *c, const Expect *why)
{
    if (why == NULL || why->kind != EXPECT_ANNOTATION ||
        why->source != c->source) {
        return false;
    }
    uint32_t at = why->span.start;
    while (at > 0 && byte_is(c->source->text.data[at - 1], BYTE_BLANK)) {
        at--;
    }
    return at >= 2 && memcmp(&c->source->text.data[at - 2], "?:", 2) == 0;
}

// What is handed to a function that asks it for a field which is called like a
// function of the library, `xs.isEmpty`. False where nothing is.
static bool help_method(Infer *c, Diag *diag, const Type *expected, Type *found)
{
    if (expected->kind != TYPE_RECORD || expected->as.record.tail == NULL ||
        expected->as.record.count != 1) {
        return false;
    }
    Symbol name = expected->as.record.fields[0].name;
    Str module = infer_library_of(c, found, name);
    if (module.len > 0) {
        diag_help(c->sink, diag,
                  "it is asked for a field '%.*s', and there are no methods: "
                  "the function '%.*s' of %.*s takes the value as its last "
                  "argument",
                  STR_ARG(infer_name_text(c, name)),
                  STR_ARG(infer_name_text(c, name)), STR_ARG(module));
    }
    return module.len > 0;
}

// Of an Option that stands where what it may have does.
static const char *option_help(const Infer *c, const Type *expected, Span span)
{
    Str text = str_slice(c->source->text, span.start, span.end);
    return type_is_prim(expected, PRIM_BOOLEAN)
               ? "'isSome' asks whether there is a value"
           : str_starts_with(text, STR("Some "))
               ? "the value has to be there: it stands without 'Some'"
           : str_equal(text, STR("None"))
               ? "the value has to be there: an Option may lack it"
               : "'?? default' takes the value out of an Option";
}

static bool is_empty_record(const Type *type)
{
    return type->as.record.count == 0 && type->as.record.tail == NULL;
}

void infer_help_mismatch(Infer *c, Diag *diag, Type *expected, Type *found,
                         Span span, const Expect *why)
{
    bool to_float =
        type_is_prim(expected, PRIM_FLOAT) && type_is_prim(found, PRIM_INTEGER);
    bool to_integer =
        type_is_prim(expected, PRIM_INTEGER) && type_is_prim(found, PRIM_FLOAT);
    if (help_format(c, diag, found, span, why) ||
        help_literal(c, diag, expected, found, span, why) ||
        help_operands(c, diag, expected, found, why) ||
        help_compared_call(c, diag, expected, span, why) ||
        help_constructor(c, diag, expected, found) ||
        help_named_as_type(c, diag, expected, found) ||
        help_text_for_ctor(c, diag, expected, span) ||
        help_containers(c, diag, expected, found)) {
        return;
    }
    if (help_method(c, diag, expected, found)) {
        return;
    }
    if (to_float) {
        diag_help(c->sink, diag, "'toFloat' makes a Float of an Integer");
    } else if (to_integer) {
        diag_help(c->sink, diag,
                  "'round', 'floor', 'ceil' or 'truncate' make an Integer of "
                  "a Float");
    } else if (infer_is_option(c, expected) && is_of_optional_field(c, why)) {
        diag_help(c->sink, diag,
                  "a field that has a default is always there: leave out its "
                  "'?'");
    } else if (infer_is_option(c, expected) && !infer_is_option(c, found) &&
               found->kind != TYPE_FUNCTION) {
        diag_help(c->sink, diag, "write 'Some' before a value that is there");
    } else if (infer_is_option(c, found) && !infer_is_option(c, expected) &&
               expected->kind != TYPE_FUNCTION) {
        diag_help(c->sink, diag, "%s", option_help(c, expected, span));
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
        diag_help(c->sink, diag, NEGATIVE_HELP);
    } else if (expected->kind == TYPE_FUNCTION && why != NULL &&
               why->kind == EXPECT_OPERAND) {
        diag_help(c->sink, diag, "the function before it lacks arguments");
    } else if (expected->kind == TYPE_FUNCTION && why != NULL &&
               why->kind == EXPECT_ARGUMENT && found->kind == TYPE_CON) {
        diag_help(c->sink, diag, "a function is written \\x -> value");
    }
}

// ---- literals that were checked against nothing

// Whether the group at work refers to the binding, which is done then: others
// may be at work on any other one.
static bool is_referred(Infer *c, uint32_t index)
{
    const BindingGroup *group = c->group;
    for (uint32_t m = 0; group != NULL && m < group->member_count; m++) {
        const Binding *member = &c->module->bindings[group->members[m]];
        uint32_t count =
            infer_may_suggest(c, member->ref_count) ? member->ref_count : 0;
        for (uint32_t r = 0; r < count; r++) {
            const BindingRef *ref = &member->refs[r];
            if (ref->module == c->module->id && ref->index == index) {
                return true;
            }
        }
    }
    return false;
}

// The binding of this module that the text at `span` names; NULL for none.
static const Binding *binding_at(Infer *c, Span span)
{
    Str text = str_slice(c->source->text, span.start, span.end);
    bool is_name = text.len > 0 && byte_is(text.data[0], BYTE_START);
    for (size_t i = 0; i < text.len && is_name; i++) {
        is_name = byte_is(text.data[i], BYTE_IDENT) || text.data[i] == '\'';
    }
    Symbol symbol = is_name ? intern_find(c->program->interner, text) : 0;
    const ScopeRef *ref =
        symbol == 0
            ? NULL
            : symbol_map_find(&c->module->scope->own[SPACE_VALUE], symbol);
    return ref != NULL && is_referred(c, ref->index)
               ? &c->module->bindings[ref->index]
               : NULL;
}

// Whether a value of the type is what has the scheme, as far as is seen here: a
// type without variables is shared.
static bool may_be_of(const Scheme *scheme, const Type *type)
{
    const Type *own = type_resolve(scheme->type);
    bool is_record = own->kind == TYPE_RECORD && type->kind == TYPE_RECORD;
    return own == type || (scheme->generic_count > 0 && is_record &&
                           own->as.record.count == type->as.record.count);
}

void infer_help_unannotated(Infer *c, Diag *diag, Span span, Type *expected,
                            Type *found)
{
    enum { LONGEST = 60 };
    const Binding *binding = binding_at(c, span);
    if (binding == NULL || binding->type != NULL || binding->bind == NULL ||
        (binding->value->kind != EXPR_RECORD &&
         binding->value->kind != EXPR_LIST)) {
        return;
    }
    const Scheme *scheme =
        c->module->checked->schemes[binding - c->module->bindings];
    if (scheme == NULL || !may_be_of(scheme, type_resolve(found))) {
        return; // a local variable has the name
    }
    Str type = infer_print(c, expected);
    diag_label(c->sink, diag, c->source, binding->name_span,
               "made here, without a type to be checked against");
    if (type.len <= LONGEST && type.data[0] != '{') {
        diag_help(c->sink, diag,
                  "annotate it there, which says what does not fit and fills "
                  "in defaults: let %.*s: %.*s = ...",
                  STR_ARG(infer_name_text(c, binding->name)), STR_ARG(type));
    }
}

void infer_help_meant(Infer *c, Diag *diag, const Expr *expr,
                      const RecordCheck *check, const RecordField *missing)
{
    if (check->tail == NULL || !infer_may_suggest(c, expr->as.record.count)) {
        return;
    }
    Nearest nearest;
    nearest_init(&nearest, infer_name_text(c, missing->name));
    for (uint32_t i = 0; i < expr->as.record.count; i++) {
        Symbol name = expr->as.record.items[i].name;
        if (name != 0 &&
            type_fields_find(check->fields, check->field_count, name) == NULL) {
            nearest_consider(&nearest, infer_name_text(c, name));
        }
    }
    if (nearest.best.len > 0) {
        diag_help(c->sink, diag, "it has '%.*s': did you mean '%.*s'?",
                  STR_ARG(nearest.best),
                  STR_ARG(infer_name_text(c, missing->name)));
    }
}
