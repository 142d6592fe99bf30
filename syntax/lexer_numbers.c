// Number literals. The short ones are read in one go; what is longer, or has
// underscores, is cleaned into the scratch buffer first.
#include "support/number.h"
#include "syntax/lexer_internal.h"

// Skips digits of the classes given and single underscores between them.
// *out_separators tells whether there are any; *out_bad where one stands
// wrongly.
static const char *skip_digits(const Lexer *lexer, const char *at,
                               unsigned classes, bool *out_separators,
                               const char **out_bad)
{
    const char *first = at;
    for (; at < lexer->end; at++) {
        if (*at == '_') {
            *out_separators = true;
            bool between = at > first && at[-1] != '_' && at + 1 < lexer->end &&
                           byte_is(at[1], classes);
            if (!between && *out_bad == NULL) {
                *out_bad = at;
            }
        } else if (!byte_is(*at, classes)) {
            break;
        }
    }
    return at;
}

// The text without underscores.
static Str without_separators(Lexer *lexer, const char *start, const char *end)
{
    strbuf_clear(&lexer->scratch);
    char *out = strbuf_reserve(&lexer->scratch, (size_t)(end - start));
    for (const char *at = start; at < end; at++) {
        if (*at != '_') {
            *out++ = *at;
            lexer->scratch.len++;
        }
    }
    return strbuf_str(&lexer->scratch);
}

static void number_error(Lexer *lexer, Token *token, const char *start,
                         const char *end, const char *what, const char *help)
{
    Diag *diag = lexer_report(lexer, DIAG_E0104, start, end, "%s", what);
    lexer_help(lexer, diag, help);
    token->kind = TOKEN_INT;
    token->as.integer = 0;
    lexer->cursor = end;
}

static void set_integer(Lexer *lexer, Token *token, Str digits, int base,
                        const char *start, const char *end)
{
    uint64_t value;
    const uint64_t limit = (uint64_t)INT64_MAX + 1;
    if (!number_parse_digits(digits, base, &value) || value > limit) {
        number_error(lexer, token, start, end,
                     "this integer does not fit into 64 bits",
                     "integers go from -9223372036854775808 to "
                     "9223372036854775807; a Float has a '.' or an 'e'");
        return;
    }
    token->kind = TOKEN_INT;
    token->overflow = value == limit;
    token->as.integer = token->overflow ? INT64_MIN : (int64_t)value;
    lexer->cursor = end;
}

// integer -> '0' ('x' | 'o' | 'b') digits
static void based_integer(Lexer *lexer, Token *token, const char *start)
{
    char letter = start[1];
    int base = letter == 'x' ? 16 : letter == 'o' ? 8 : 2;
    bool separators = false;
    const char *bad = NULL;
    const char *digits = start + 2;
    const char *end = digits;
    while (end < lexer->end && byte_is(*end, BYTE_IDENT)) {
        end++;
    }
    const char *stop = skip_digits(lexer, digits, BYTE_HEX, &separators, &bad);
    bool ok = stop == end && end > digits && bad == NULL;
    for (const char *at = digits; ok && at < end; at++) {
        ok = *at == '_' || byte_hex_value(*at) < (uint32_t)base;
    }
    if (!ok) {
        number_error(lexer, token, start, end,
                     base == 16  ? "a hexadecimal integer is '0x' and then "
                                   "digits 0-9 a-f"
                     : base == 8 ? "an octal integer is '0o' and then digits "
                                   "0-7"
                                 : "a binary integer is '0b' and then digits "
                                   "0 and 1",
                     "single '_' may stand between digits");
        return;
    }
    Str text = separators ? without_separators(lexer, digits, end)
                          : str_make(digits, (size_t)(end - digits));
    set_integer(lexer, token, text, base, start, end);
}

// What is wrong behind a number, from `end` on: all that still looks like a
// part of it.
static const char *skip_word(const Lexer *lexer, const char *end)
{
    while (end < lexer->end && byte_is(*end, BYTE_IDENT)) {
        end++;
    }
    return end;
}

// exponent -> ('e' | 'E') ['+' | '-'] digits; NULL when it has no digits
static const char *skip_exponent(const Lexer *lexer, const char *at,
                                 bool *separators, const char **bad)
{
    at++;
    if (at < lexer->end && (*at == '+' || *at == '-')) {
        at++;
    }
    if (at == lexer->end || !byte_is(*at, BYTE_DIGIT)) {
        return NULL;
    }
    return skip_digits(lexer, at, BYTE_DIGIT, separators, bad);
}

static void set_float(Lexer *lexer, Token *token, const char *start,
                      const char *end, bool separators)
{
    Str text = separators ? without_separators(lexer, start, end)
                          : str_make(start, (size_t)(end - start));
    double value;
    if (!number_parse_double(text, &value)) {
        number_error(lexer, token, start, end,
                     "this float is larger than any that there is",
                     "the largest is 1.7976931348623157e308");
        return;
    }
    token->kind = TOKEN_FLOAT;
    token->as.number = value;
    lexer->cursor = end;
}

// Of 10.0.0.1, from its second '.' on: all of it. NULL for a number.
static const char *skip_version(const Lexer *lexer, const char *end)
{
    if (lexer->end - end < 2 || end[0] != '.' || !byte_is(end[1], BYTE_DIGIT)) {
        return NULL;
    }
    while (end < lexer->end && (*end == '.' || byte_is(*end, BYTE_IDENT))) {
        end++;
    }
    return end;
}

// Whether a keyword that may stand behind a number has lost its space.
static bool is_keyword_behind(Str word)
{
    static const Str behind[] = {
        STR_INIT("if"), STR_INIT("then"), STR_INIT("else"), STR_INIT("for"),
        STR_INIT("in"), STR_INIT("and"),  STR_INIT("when"), STR_INIT("as")};
    bool found = false;
    for (size_t i = 0; i < sizeof behind / sizeof *behind; i++) {
        found |= str_equal(word, behind[i]);
    }
    return found;
}

static void word_error(Lexer *lexer, Token *token, const char *start,
                       const char *end, const char *word)
{
    bool is_keyword = is_keyword_behind(str_make(end, (size_t)(word - end)));
    number_error(lexer, token, start, word, "a number goes over into a name",
                 is_keyword ? "put a space between them"
                            : "a number with a unit is a text, in quotes; a "
                              "product is written with '*'");
    if (is_keyword) {
        lexer->cursor = end;
    }
}

// Where the date ends whose month is the number from `start` to `end`, in
// 2026-01-31; `end` where it is none.
static const char *skip_date(const Lexer *lexer, const char *start,
                             const char *end)
{
    bool is_month = end - start == 2 && start - lexer->start >= 5 &&
                    start[-1] == '-' && byte_is(start[-2], BYTE_DIGIT) &&
                    byte_is(start[-5], BYTE_DIGIT);
    bool is_date = is_month && lexer->end - end >= 3 && end[0] == '-' &&
                   byte_is(end[1], BYTE_DIGIT) && byte_is(end[2], BYTE_DIGIT);
    return is_date ? end + 3 : end;
}

// number -> digits ['.' digits] [exponent]
static void decimal(Lexer *lexer, Token *token, const char *start)
{
    bool separators = false;
    const char *bad = NULL;
    const char *end = skip_digits(lexer, start, BYTE_DIGIT, &separators, &bad);
    const char *whole = end;
    bool is_float = false;
    if (end < lexer->end && *end == '.' &&
        !(end + 1 < lexer->end && end[1] == '.')) {
        is_float = true;
        if (end + 1 == lexer->end || !byte_is(end[1], BYTE_DIGIT)) {
            number_error(lexer, token, start, skip_word(lexer, end + 1),
                         "a float has digits behind its '.'",
                         "write a zero behind it");
            return;
        }
        end = skip_digits(lexer, end + 1, BYTE_DIGIT, &separators, &bad);
    }
    if (end < lexer->end && (*end == 'e' || *end == 'E')) {
        is_float = true;
        const char *exponent = skip_exponent(lexer, end, &separators, &bad);
        if (exponent == NULL) {
            number_error(lexer, token, start, skip_word(lexer, end + 1),
                         "the exponent has no digits",
                         "write it as in 1.5e10 or 2e-3");
            return;
        }
        end = exponent;
    }
    const char *word = skip_word(lexer, end);
    const char *version = is_float ? skip_version(lexer, end) : NULL;
    if (version != NULL) {
        number_error(lexer, token, start, version,
                     "a number has one '.' at most",
                     "an address or a version is a text: write it in quotes");
    } else if (bad != NULL) {
        number_error(lexer, token, start, word,
                     "'_' stands singly and between digits in a number", "");
    } else if (word != end) {
        word_error(lexer, token, start, end, word);
    } else if (*start == '0' && whole - start > 1) {
        const char *date = skip_date(lexer, start, end);
        number_error(lexer, token, start, date,
                     "a number does not start with zeros",
                     date > end ? "a date is a text: write it in quotes"
                                : "octal integers are written 0o17");
    } else if (is_float) {
        set_float(lexer, token, start, end, separators);
    } else {
        Str text = separators ? without_separators(lexer, start, end)
                              : str_make(start, (size_t)(end - start));
        set_integer(lexer, token, text, 10, start, end);
    }
}

void lexer_number(Lexer *lexer, Token *token, const char *at)
{
    const char *end = at;
    uint64_t value = 0;
    while (end < lexer->end && byte_is(*end, BYTE_DIGIT) &&
           end - at < SAFE_DIGITS) {
        value = value * 10 + (uint64_t)(*end++ - '0');
    }
    char next = end < lexer->end ? *end : 0;
    bool plain = next != '.' && !byte_is(next, BYTE_IDENT) &&
                 (*at != '0' || end - at == 1);
    if (LIKELY(plain)) {
        token->kind = TOKEN_INT;
        token->as.integer = (int64_t)value;
        lexer->cursor = end;
    } else if (*at == '0' && (next == 'x' || next == 'o' || next == 'b')) {
        based_integer(lexer, token, at);
    } else {
        decimal(lexer, token, at);
    }
}
