// Tags, and plain scalars by the core schema of YAML 1.2.
#include "support/number.h"
#include "syntax/byte_class.h"
#include "syntax/read_yaml_internal.h"

// ---- tags

YamlTag yaml_tag(Str text)
{
    const Str prefix = STR("tag:yaml.org,2002:");
    static const struct {
        const char *name;
        YamlTag tag;
    } known[] = {{"str", YAML_TAG_STRING},    {"null", YAML_TAG_NULL},
                 {"bool", YAML_TAG_BOOL},     {"int", YAML_TAG_INT},
                 {"float", YAML_TAG_FLOAT},   {"map", YAML_TAG_COLLECTION},
                 {"seq", YAML_TAG_COLLECTION}};
    if (text.len == 0) {
        return YAML_TAG_NONE;
    }
    if (str_equal(text, STR("!"))) {
        return YAML_TAG_STRING;
    }
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (str_starts_with(text, prefix) &&
            str_equal(str_slice(text, prefix.len, text.len),
                      str_from_c(known[i].name))) {
            return known[i].tag;
        }
    }
    return YAML_TAG_OTHER;
}

// ---- words and numbers

static bool is_any(Str text, const Str *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_equal(text, words[i])) {
            return true;
        }
    }
    return false;
}

static bool is_null(Str text)
{
    static const Str words[] = {STR_INIT(""), STR_INIT("~"), STR_INIT("null"),
                                STR_INIT("Null"), STR_INIT("NULL")};
    return is_any(text, words, sizeof words / sizeof *words);
}

static bool is_bool(Str text, bool *out)
{
    static const Str words[] = {STR_INIT("true"),  STR_INIT("True"),
                                STR_INIT("TRUE"),  STR_INIT("false"),
                                STR_INIT("False"), STR_INIT("FALSE")};
    *out = text.len == 4;
    return is_any(text, words, sizeof words / sizeof *words);
}

static bool is_not_finite(Str text)
{
    static const Str words[] = {STR_INIT(".inf"), STR_INIT(".Inf"),
                                STR_INIT(".INF"), STR_INIT(".nan"),
                                STR_INIT(".NaN"), STR_INIT(".NAN")};
    bool has_sign =
        text.len > 1 && (text.data[0] == '-' || text.data[0] == '+');
    Str rest = str_slice(text, has_sign ? 1 : 0, text.len);
    return is_any(rest, words, sizeof words / sizeof *words) &&
           !(has_sign && rest.data[1] == 'n');
}

typedef enum Number { NUMBER_NONE, NUMBER_READ, NUMBER_TOO_LARGE } Number;

// What follows the sign, or a number without one: "0o7", "0xff".
static bool is_based(Str digits, int *out_base)
{
    if (digits.len < 3 || digits.data[0] != '0') {
        return false;
    }
    *out_base = digits.data[1] == 'x' ? 16 : digits.data[1] == 'o' ? 8 : 0;
    for (size_t i = 2; i < digits.len && *out_base != 0; i++) {
        if (!byte_is(digits.data[i], BYTE_HEX) ||
            byte_hex_value(digits.data[i]) >= (uint32_t)*out_base) {
            return false;
        }
    }
    return *out_base != 0;
}

static size_t digits_end(Str text, size_t at)
{
    while (at < text.len && byte_is(text.data[at], BYTE_DIGIT)) {
        at++;
    }
    return at;
}

// [0-9]+ ['.' [0-9]*] | '.' [0-9]+, then [('e'|'E') ['-'|'+'] [0-9]+]
static bool is_decimal(Str text, bool *out_is_float)
{
    size_t whole = digits_end(text, 0);
    size_t at = whole;
    *out_is_float = false;
    if (at < text.len && text.data[at] == '.') {
        *out_is_float = true;
        at = digits_end(text, at + 1);
        if (whole == 0 && at == 1) {
            return false;
        }
    } else if (whole == 0) {
        return false;
    }
    if (at < text.len && (text.data[at] | 0x20) == 'e') {
        *out_is_float = true;
        at++;
        at += at < text.len && (text.data[at] == '-' || text.data[at] == '+');
        size_t exponent = at;
        at = digits_end(text, at);
        if (at == exponent) {
            return false;
        }
    }
    return at == text.len;
}

// A '.' with no digit on one side gets a zero there.
static bool parse_padded(Str text, double *out)
{
    StrBuf plain = {0};
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        bool before = i > 0 && byte_is(text.data[i - 1], BYTE_DIGIT);
        bool after = i + 1 < text.len && byte_is(text.data[i + 1], BYTE_DIGIT);
        if (c == '.' && !before) {
            strbuf_append_char(&plain, '0');
        }
        strbuf_append_char(&plain, c);
        if (c == '.' && !after) {
            strbuf_append_char(&plain, '0');
        }
    }
    bool okay = number_parse_double(strbuf_str(&plain), out);
    strbuf_release(&plain);
    return okay;
}

static bool parse_float(Str text, double *out)
{
    size_t dot = str_find_byte(text, '.', 0);
    bool is_plain =
        dot == text.len || (dot > 0 && dot + 1 < text.len &&
                            byte_is(text.data[dot + 1], BYTE_DIGIT));
    return is_plain ? number_parse_double(text, out) : parse_padded(text, out);
}

static void set_integer(uint64_t value, bool negative, Expr *out)
{
    out->kind = EXPR_INT;
    out->as.integer.value = negative ? (int64_t)(0 - value) : (int64_t)value;
}

static Number read_number(Str text, Expr *out)
{
    int base;
    uint64_t value;
    if (is_based(text, &base)) {
        if (!number_parse_digits(str_slice(text, 2, text.len), base, &value) ||
            value > INT64_MAX) {
            return NUMBER_TOO_LARGE;
        }
        set_integer(value, false, out);
        return NUMBER_READ;
    }
    bool negative = text.len > 0 && text.data[0] == '-';
    bool has_sign = negative || (text.len > 0 && text.data[0] == '+');
    Str digits = str_slice(text, has_sign ? 1 : 0, text.len);
    bool is_float;
    if (!is_decimal(digits, &is_float)) {
        return NUMBER_NONE;
    }
    if (!is_float && number_parse_digits(digits, 10, &value) &&
        value <= (uint64_t)INT64_MAX + negative) {
        set_integer(value, negative, out);
        return NUMBER_READ;
    }
    double number;
    if (!parse_float(digits, &number)) {
        return NUMBER_TOO_LARGE;
    }
    out->kind = EXPR_FLOAT;
    out->as.number.value = negative ? -number : number;
    return NUMBER_READ;
}

// ---- scalars

static void set_string(Str text, Expr *out)
{
    out->kind = EXPR_STRING;
    out->as.string.data = text.data;
    out->as.string.len = (uint32_t)text.len;
}

void yaml_set_string(Module *module, Str text, Expr *out)
{
    Str source = module->source.text;
    bool inside = text.len > 0 && text.data >= source.data &&
                  text.data + text.len <= source.data + source.len;
    if (!inside) {
        text = arena_str(module->arena, text);
    }
    set_string(text, out);
}

void yaml_set_null(Expr *out)
{
    out->kind = EXPR_CTOR;
    out->flags = 0;
    out->as.ctor.symbol = SYM_NONE;
}

static bool fits_tag(YamlTag tag, const Expr *value)
{
    switch (tag) {
    case YAML_TAG_NULL:
        return value->kind == EXPR_CTOR;
    case YAML_TAG_BOOL:
        return value->kind == EXPR_BOOL;
    case YAML_TAG_INT:
        return value->kind == EXPR_INT;
    case YAML_TAG_FLOAT:
        return value->kind == EXPR_FLOAT;
    case YAML_TAG_NONE:
    case YAML_TAG_STRING:
        return true;
    case YAML_TAG_COLLECTION:
    case YAML_TAG_OTHER:
        break;
    }
    return false;
}

// What words and numbers begin with differs.
static bool starts_number(Str text)
{
    return text.len > 0 &&
           (byte_is(text.data[0], BYTE_DIGIT) || text.data[0] == '-' ||
            text.data[0] == '+' || text.data[0] == '.');
}

YamlProblem yaml_resolve(Str text, Expr *out)
{
    bool truth;
    if (starts_number(text)) {
        if (is_not_finite(text)) {
            return (YamlProblem){"infinities and NaN are no values",
                                 "in quotes it is a string"};
        }
        Number number = read_number(text, out);
        if (number == NUMBER_TOO_LARGE) {
            return (YamlProblem){"this number is too large", NULL};
        }
        if (number == NUMBER_NONE) {
            set_string(text, out);
        }
    } else if (is_null(text)) {
        yaml_set_null(out);
    } else if (is_bool(text, &truth)) {
        out->kind = EXPR_BOOL;
        out->as.boolean.value = truth;
    } else {
        set_string(text, out);
    }
    return (YamlProblem){0};
}

YamlProblem yaml_set_plain(Module *module, YamlTag tag, Str text, Expr *out)
{
    YamlProblem problem = yaml_resolve(text, out);
    if (problem.message != NULL) {
        return problem;
    }
    if (out->kind == EXPR_STRING) {
        yaml_set_string(module, text, out);
    } else if (out->kind == EXPR_INT && tag == YAML_TAG_FLOAT) {
        out->kind = EXPR_FLOAT;
        out->as.number.value = (double)out->as.integer.value;
    }
    return fits_tag(tag, out)
               ? (YamlProblem){0}
               : (YamlProblem){"the value does not fit its tag", NULL};
}
