// Tokens, written as "kind:text" lists, and what is refused.
#include "syntax/byte_runs.h"
#include "syntax/lexer.h"
#include "syntax/module.h"
#include "tests/harness.h"
#include "tests/lex_twice.h"

typedef struct Fixture {
    Interner *interner;
    Arena arena;
    DiagSink sink;
    Source source;
} Fixture;

static void fixture_open(Fixture *fixture, Str text)
{
    fixture->interner = symbols_new();
    arena_init(&fixture->arena);
    diag_sink_init(&fixture->sink);
    fixture->source = (Source){.path = STR("test.lig"), .text = text};
}

static void fixture_close(Fixture *fixture)
{
    diag_sink_release(&fixture->sink);
    arena_release(&fixture->arena);
    interner_free(fixture->interner);
}

static void put_token(StrBuf *out, const Fixture *fixture, const Token *token)
{
    Str text = str_make(token->as.string.data, token->as.string.len);
    switch ((int)token->kind) {
    case TOKEN_NAME:
    case TOKEN_UPPER_NAME:
    case TOKEN_TYPE_VAR:
        text = symbol_text(fixture->interner, token->as.symbol);
        strbuf_appendf(out, "%s%.*s", token->kind == TOKEN_TYPE_VAR ? "'" : "",
                       STR_ARG(text));
        break;
    case TOKEN_INT:
        strbuf_appendf(out, "%lld%s", (long long)token->as.integer,
                       token->overflow ? "!" : "");
        break;
    case TOKEN_FLOAT:
        strbuf_appendf(out, "f%g", token->as.number);
        break;
    case TOKEN_STRING:
        strbuf_appendf(out, "\"%.*s\"", STR_ARG(text));
        break;
    case TOKEN_STRING_START:
        strbuf_appendf(out, "\"%.*s\\(", STR_ARG(text));
        break;
    case TOKEN_STRING_MIDDLE:
        strbuf_appendf(out, ")%.*s\\(", STR_ARG(text));
        break;
    case TOKEN_STRING_END:
        strbuf_appendf(out, ")%.*s\"", STR_ARG(text));
        break;
    case TOKEN_ERROR:
        strbuf_append(out, STR("<error>"));
        break;
    default:
        strbuf_append(out, str_from_c(token_kind_text(token->kind)));
    }
}

// The tokens of `text` with spaces between, then " | CODE@offset" for each
// diagnostic.
static void check_bytes(const char *file, int line, Str text,
                        const char *expected)
{
    Fixture fixture;
    fixture_open(&fixture, text);
    Lexer *lexer = lexer_new(fixture.interner);
    lexer_start(lexer, &fixture.source, &fixture.arena, &fixture.sink);
    StrBuf out = {0};
    Token token;
    for (lexer_next(lexer, &token); token.kind != TOKEN_END;
         lexer_next(lexer, &token)) {
        if (out.len > 0) {
            strbuf_append_char(&out, ' ');
        }
        put_token(&out, &fixture, &token);
    }
    for (uint32_t i = 0; i < fixture.sink.diags.count; i++) {
        const Diag *diag = diag_at(&fixture.sink, i);
        strbuf_appendf(&out, "%s| %s@%u", out.len > 0 ? " " : "",
                       diag_code_name(diag->code), (unsigned)diag->span.start);
    }
    harness_check_str(file, line, "tokens", strbuf_str(&out),
                      str_from_c(expected));
    strbuf_release(&out);
    CHECK(lex_twice(text, fixture.interner, UINT32_MAX));
    lexer_free(lexer);
    fixture_close(&fixture);
}

#define TOKENS(text, expected)                                                 \
    check_bytes(__FILE__, __LINE__, STR(text), (expected))

TEST(names_and_keywords)
{
    TOKENS("", "");
    TOKENS("a B _x c' d'' 'e _", "a B _x c' d'' 'e '_'");
    TOKENS("let lets rec in", "'let' lets 'rec' 'in'");
    TOKENS("a_very_long_name_1 a_very_long_name_2 a_very_long_name_1",
           "a_very_long_name_1 a_very_long_name_2 a_very_long_name_1");
    TOKENS("r r1 true when", "r r1 'true' 'when'");
}

// What is found in the cache of names is what was put there, whatever follows.
TEST(repeated_names)
{
    TOKENS("'_ _ _ 'r r\"x\" r @", "'_ '_' '_' 'r \"x\" r <error> | E0105@17");
    TOKENS("ab ab' ab ab'' ab", "ab ab' ab ab'' ab");
    for (size_t len = 1; len <= 40; len++) {
        StrBuf text = {0}, expected = {0};
        for (int i = 0; i < 6; i++) {
            // Alike but for one letter in the middle.
            StrBuf name = {0};
            strbuf_append_repeat(&name, 'a', len);
            name.data[len / 2] = (char)('w' + i % 3);
            strbuf_append(&text, strbuf_str(&name));
            strbuf_append_char(&text, i % 2 == 0 ? ' ' : '\n');
            strbuf_append(&expected, strbuf_str(&name));
            strbuf_append_char(&expected, ' ');
            strbuf_release(&name);
        }
        expected.data[expected.len - 1] = '\0';
        check_bytes(__FILE__, __LINE__, strbuf_str(&text), expected.data);
        strbuf_release(&text);
        strbuf_release(&expected);
    }
}

// Names that differ in their last bytes or length alone share slots.
TEST(names_that_collide)
{
    StrBuf text = {0}, expected = {0};
    for (uint32_t round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 1024; i++) {
            char name[20] = "aaaaaaaaaaaaaaaaaa";
            for (uint32_t bit = 0; bit < 7; bit++) {
                name[9 + bit] = (char)('a' + (i >> bit & 1));
            }
            name[9 + (i >> 7)] = '\0';
            strbuf_appendf(&text, "%s ", name);
            strbuf_appendf(&expected, "%s ", name);
        }
    }
    expected.data[expected.len - 1] = '\0';
    check_bytes(__FILE__, __LINE__, strbuf_str(&text), expected.data);
    strbuf_release(&text);
    strbuf_release(&expected);
}

TEST(marks)
{
    TOKENS("-1/2-a", "'-' 1 '/' 2 '-' a");
    TOKENS("a.b..c.", "a '.' b '..' c '.'");
    TOKENS("=.|+<>!", "'=' '.' '|' '+' '<' '>' '!'");
    TOKENS("=1", "'=' 1");

    TOKENS("()[]{},;:", "'(' ')' '[' ']' '{' '}' ',' ';' ':'");
    TOKENS(". .. = == => -> - > >=", "'.' '..' '=' '==' '=>' '->' '-' '>' "
                                     "'>='");
    TOKENS("| || |> \\ ? ? ! !=", "'|' '||' '|>' '\\' '?' '?' '!' '!='");
    TOKENS("?"
           "?",
           "'?"
           "?'");
    TOKENS("+ ++ * / % < <= &&", "'+' '++' '*' '/' '%' '<' '<=' '&&'");
}

TEST(numbers)
{
    TOKENS("0 1 42 1_000 9223372036854775807",
           "0 1 42 1000 9223372036854775807");
    TOKENS("9223372036854775808", "-9223372036854775808!");
    TOKENS("0xff 0xFF 0o17 0b1010 0xdead_beef", "255 255 15 10 3735928559");
    TOKENS("0x7fffffffffffffff", "9223372036854775807");
    TOKENS("1.5 2e10 1.5e-3 2E+2 1_0.5", "f1.5 f2e+10 f0.0015 f200 f10.5");
    TOKENS("5e-324 0.0", "f4.94066e-324 f0");
    TOKENS("1..2", "1 '..' 2");
}

TEST(bad_numbers)
{
    TOKENS("1__0", "0 | E0104@0");
    TOKENS("1_", "0 | E0104@0");
    TOKENS("1.", "0 | E0104@0");
    TOKENS("1.x", "0 | E0104@0");
    TOKENS(".5", "<error> | E0104@0");
    TOKENS("007", "0 | E0104@0");
    TOKENS("00", "0 | E0104@0");
    TOKENS("00.5", "0 | E0104@0");
    TOKENS("0b12", "0 | E0104@0");
    TOKENS("0o8", "0 | E0104@0");
    TOKENS("0x", "0 | E0104@0");
    TOKENS("0xg", "0 | E0104@0");
    TOKENS("0x_1", "0 | E0104@0");
    TOKENS("1e", "0 | E0104@0");
    TOKENS("1e+", "0 '+' | E0104@0");
    TOKENS("1e5_", "0 | E0104@0");
    TOKENS("12abc", "0 | E0104@0");
    TOKENS("1e999", "0 | E0104@0");
    TOKENS("9223372036854775809", "0 | E0104@0");
    TOKENS("18446744073709551616", "0 | E0104@0");
    TOKENS("0x8000000000000001", "0 | E0104@0");
}

TEST(plain_strings)
{
    TOKENS("\"\" \"a b\"", "\"\" \"a b\"");
    TOKENS("\"\\n\\t\\r\\\"\\\\\\/\\b\\f\"", "\"\n\t\r\"\\/\b\f\"");
    TOKENS("\"a\\u00e9\\ud83d\\ude00\\u{1F600}\\u{41}\"",
           "\"a\xC3\xA9\xF0\x9F\x98\x80\xF0\x9F\x98\x80"
           "A\"");
    TOKENS("\"${x} \t\"", "\"${x} \t\"");
    TOKENS("r\"\\n\" r#\"a\"b\"# r##\"\"#\"##", "\"\\n\" \"a\"b\" \"\"#\"");
    TOKENS("\"\xC3\xA9\"", "\"\xC3\xA9\"");
}

TEST(bad_strings)
{
    TOKENS("\"abc", "<error> | E0102@0");
    TOKENS("x \"abc\ny", "x <error> y | E0102@2");
    TOKENS("\"abc\\", "<error> | E0102@0");
    TOKENS("r#\"abc\"", "<error> | E0102@0");
    TOKENS("\"\"\"abc\"\"", "<error> | E0102@0");
    TOKENS("\"\\q\"", "\"\" | E0103@1");
    TOKENS("\"\\x41\"", "\"41\" | E0103@1");
    TOKENS("\"\\ud800\"", "\"\" | E0103@1");
    TOKENS("\"\\ud83d\\ue000\"", "\"\xEE\x80\x80\" | E0103@1");
    TOKENS("\"\\ud83d\\u0041\"", "\"A\" | E0103@1");
    TOKENS("\"\\udc00\\ud800\"", "\"\" | E0103@1 | E0103@7");
    TOKENS("\"\\u{110000}\"", "\"\" | E0103@1");
    TOKENS("\"\\u{ffffffffffffffffffff}\"", "\"\" | E0103@1");
    TOKENS("\"\\u{d800}\"", "\"\" | E0103@1");
    TOKENS("\"\\u{}\"", "\"\" | E0103@1");
    TOKENS("\"\\u12\"", "\"\" | E0103@1");
    TOKENS("\"a\x01z\"", "\"a\x01z\" | E0101@2");
    TOKENS("\"\x7F\"", "\"\x7F\" | E0101@1");
}

TEST(interpolation)
{
    TOKENS("\"a\\(x)b\"", "\"a\\( x )b\"");
    TOKENS("\"\\(f (a) (b))\\(c)\"", "\"\\( f '(' a ')' '(' b ')' )\\( c )\"");
    TOKENS("\"\\(\"\\(x)\")\" y", "\"\\( \"\\( x )\" )\" y");
    TOKENS("\"\\(x", "\"\\( x <error> | E0102@0");
    TOKENS("\"\\(x\ny", "\"\\( x <error> y | E0102@0");
    TOKENS("\"\\(x\"\ny", "\"\\( x <error> y | E0102@0");
}

TEST(block_strings)
{
    TOKENS("\"\"\"\n  a\n    b\n  \"\"\"", "\"a\n  b\n\"");
    TOKENS("\"\"\"\n  a\n  b\"\"\"", "\"a\nb\"");
    TOKENS("\"\"\"\n    a\n  \"\"\"", "\"  a\n\"");
    TOKENS("\"\"\"\r\n  a\r\n\r\n  b\r\"\"\"", "\"  a\n\n  b\n\"");
    TOKENS("\"\"\"\n   \n  a\n \n  \"\"\"", "\" \na\n\n\"");
    TOKENS("\"\"\"one line\"\"\"", "\"one line\"");
    TOKENS("\"\"\"\"a\" \"\"b\"\"\"", "\"\"a\" \"\"b\"");
    TOKENS("\"\"\"\n\ta\n  b\n\"\"\"", "\"\ta\n  b\n\"");
    TOKENS("\"\"\"\n  a\\n  \\\"\"\"\n  \"\"\" x", "\"a\n  \"\"\"\n\" x");
    TOKENS("\"\"\"\"\"\"", "\"\"");
}

TEST(comments)
{
    TOKENS("a // b\nc -- d\re /* f /* g */ h */ i", "a c e i");
    TOKENS("/*/", "<error> | E0102@0");
    TOKENS("a /* /* */", "a <error> | E0102@2");
    TOKENS("#!/usr/bin/ligature\na", "a");
    TOKENS("\xEF\xBB\xBF#!x\na", "a");
    TOKENS("\xEF\xBB\xBF", "");
    TOKENS("// a\x01\nb", "b | E0101@4");
}

TEST(encoding)
{
    TOKENS("a\xFF", "| E0101@1");
    TOKENS("a \xC0\x80", "| E0101@2");
    TOKENS("\"\xED\xA0\x80\"", "| E0101@1");
    TOKENS("// \xF4\x90\x80\x80", "| E0101@3");
    TOKENS("12345678901\0 ", "| E0101@11");
    TOKENS("\xFF\xFE"
           "a\0",
           "| E0101@0");
    TOKENS("\xFE\xFF\0a", "| E0101@0");
    TOKENS("a\0b\0", "| E0101@0");
    TOKENS("\"\xE2\x80\xAE\"", "| E0101@1");
    TOKENS("\"\xE2\x81\xA6\"", "| E0101@1");
    TOKENS("a\xEF\xBB\xBF", "| E0101@1");
}

TEST(unexpected_characters)
{
    TOKENS("a $ b", "a <error> b | E0105@2");
    TOKENS("a & b", "a <error> b | E0105@2");
    TOKENS("\x01", "<error> | E0105@0");
    TOKENS("@@@", "<error> | E0105@0");
    TOKENS("na\xC3\xAFve", "na <error> ve | E0105@2");
    TOKENS("'", "<error> | E0105@0");
    TOKENS("'1", "<error> | E0105@0");
}

TEST(token_places)
{
    Fixture fixture;
    fixture_open(&fixture, STR("/// one\n/// two\nf (x)\n\n//// no\ng"));
    Lexer *lexer = lexer_new(fixture.interner);
    lexer_start(lexer, &fixture.source, &fixture.arena, &fixture.sink);
    Token token;
    lexer_next(lexer, &token);
    CHECK_EQ_INT(token.span.start, 16);
    CHECK_EQ_INT(token.doc.start, 0);
    CHECK_EQ_INT(token.doc.end, 15);
    lexer_next(lexer, &token);
    CHECK_EQ_INT(token.doc.end, 0);
    lexer_next(lexer, &token);
    LexerMark mark = lexer_look_ahead(lexer);
    lexer_next(lexer, &token);
    CHECK_EQ_INT(token.kind, TOKEN_RIGHT_PAREN);
    lexer_look_back(lexer, mark);
    lexer_next(lexer, &token);
    CHECK_EQ_INT(token.kind, TOKEN_RIGHT_PAREN);
    lexer_next(lexer, &token);
    CHECK_EQ_INT(token.doc.end, 0);
    lexer_free(lexer);
    fixture_close(&fixture);
}

// Every file of one byte, and seeded mixtures of fragments, come to an end.
TEST(any_bytes)
{
    static const char *const parts[] = {
        "\"", "\\(", ")",  "\"\"\"", "/*", "*/",   "\n", "a",  "1",
        ".",  "r#",  "\\", "'",      "-",  "\xC3", "(",  "  ", "\r\n"};
    uint64_t seed = 12345;
    for (int i = 0; i < 256 + 400; i++) {
        StrBuf text = {0};
        if (i < 256) {
            strbuf_append_char(&text, (char)i);
        }
        for (int k = 0; i >= 256 && k < 40; k++) {
            seed = seed * UINT64_C(6364136223846793005) + 1;
            strbuf_append(&text, str_from_c(parts[(seed >> 33) % 18]));
        }
        Fixture fixture;
        fixture_open(&fixture, strbuf_str(&text));
        Lexer *lexer = lexer_new(fixture.interner);
        lexer_start(lexer, &fixture.source, &fixture.arena, &fixture.sink);
        Token token;
        uint32_t count = 0;
        do {
            lexer_next(lexer, &token);
            count++;
            CHECK(token.span.start <= token.span.end);
            CHECK(token.span.end <= text.len);
        } while (token.kind != TOKEN_END && count < 10000);
        CHECK_EQ_INT(token.kind, TOKEN_END);
        lexer_free(lexer);
        fixture_close(&fixture);
        strbuf_release(&text);
    }
}

// What texts are made of that are read in batches and token by token.
static const char *const batch_parts[] = {" ",
                                          "\n",
                                          "\n    ",
                                          "\t",
                                          "\r\n",
                                          "=",
                                          "=>",
                                          ".",
                                          "..",
                                          ".5",
                                          "+",
                                          "++",
                                          "|",
                                          "|>",
                                          "-",
                                          "->",
                                          "-- c\n",
                                          "1",
                                          "042",
                                          "12",
                                          "1.5",
                                          "9_000",
                                          "0x1F",
                                          "1e3",
                                          "r",
                                          "r#",
                                          "_",
                                          "a",
                                          "abc'",
                                          "letter",
                                          "let",
                                          "Type",
                                          "'a",
                                          "(",
                                          ")",
                                          ",",
                                          ";",
                                          "\"s\"",
                                          "{",
                                          "]",
                                          "a_name_of_17_chars",
                                          "/// d\n",
                                          "x1",
                                          "eight_ch",
                                          "sixteen_chars_01",
                                          "a.b",
                                          "\"a longer string with a lot in it, "
                                          "which ends behind a block\"",
                                          "\"\"",
                                          "\"\\n\"",
                                          "\"x \\(",
                                          ") y\"",
                                          "\"\"\"",
                                          "/* c */",
                                          "123456789",
                                          "12345678901234567890",
                                          "                    ",
                                          "&&",
                                          "r\"raw\"",
                                          "\""};

TEST(batches)
{
    enum { PARTS = sizeof batch_parts / sizeof *batch_parts };
    uint64_t seed = 1;
    Interner *interner = symbols_new();
    for (int i = 0; i < 20000; i++) {
        StrBuf text = {0};
        for (int k = 0; k < 4 + i % 64; k++) {
            seed = seed * UINT64_C(6364136223846793005) + 1;
            strbuf_append(&text, str_from_c(batch_parts[(seed >> 33) % PARTS]));
        }
        uint32_t stop = i % 4 == 0 ? (uint32_t)(seed % text.len) : UINT32_MAX;
        CHECK(lex_twice(strbuf_str(&text), interner, stop));
        strbuf_release(&text);
    }
    interner_free(interner);
}

typedef const char *RunEnd(const char *at, const char *end);

static void check_run(RunEnd *run_end, unsigned classes, bool wanted,
                      const char *text, size_t len)
{
    const char *expected = text;
    while (expected < text + len && byte_is(*expected, classes) == wanted) {
        expected++;
    }
    CHECK(run_end(text, text + len) == expected);
}

// Every byte ends the runs that it ends, at any place, and nothing is read
// behind the end: the texts are allocated one by one.
TEST(byte_runs)
{
    for (size_t len = 0; len <= 40; len++) {
        for (size_t at = 0; at < len; at++) {
            for (int byte = 0; byte < 256; byte++) {
                char *text = malloc(len);
                memset(text, "a \xC3"[byte % 3], len);
                text[at] = (char)byte;
                check_run(byte_run_ident_end, BYTE_IDENT, true, text, len);
                check_run(byte_run_blank_end, BYTE_BLANK, true, text, len);
                check_run(byte_run_string_end, BYTE_STOP, false, text, len);
                check_run(byte_run_comment_end, BYTE_LINE | BYTE_CONTROL, false,
                          text, len);
                free(text);
            }
        }
    }
}

TEST_MAIN(RUN(names_and_keywords), RUN(repeated_names), RUN(names_that_collide),
          RUN(marks), RUN(numbers), RUN(bad_numbers), RUN(plain_strings),
          RUN(bad_strings), RUN(interpolation), RUN(block_strings),
          RUN(comments), RUN(encoding), RUN(unexpected_characters),
          RUN(token_places), RUN(any_bytes), RUN(batches), RUN(byte_runs))
