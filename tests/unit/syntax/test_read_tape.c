// The tape says what the tree says: of the texts of test_read_json.c, of the
// JSON parsing test suite, and of texts made at random, whoever reads them and
// wherever the pieces begin.
#include "tests/unit/syntax/data.h"
#include "tests/unit/syntax/tape_readers.h"

#define CORPUS "/work/shared/corpora/json"

static void check_text(Readers *readers, const char *name, Str text)
{
    check_format(readers, name, DATA_JSON, text, TWICE_DIFFER);
}

TEST(texts)
{
    static const Str texts[] = {
        STR_INIT(""),
        STR_INIT("1"),
        STR_INIT(
            " {\"a\": [1, -2, true, false, null], \"b c\": {}, \"\": []}\n"),
        STR_INIT("\xEF\xBB\xBF[]"),
        STR_INIT(
            "{\"a\\u0000b\": \"\\u0000\", \"\\ud83d\\ude00\": \"\\n\\\"\"}"),
        STR_INIT("[134217727, -134217728, 134217728, -134217729, 99999999, "
                 "-99999999, 100000000]"),
        STR_INIT("[9223372036854775807, -9223372036854775808, 0, -0, -0.0]"),
        STR_INIT("[9223372036854775808, 1e2, 1.0, 123456789012345678]"),
        STR_INIT("[01]"),
        STR_INIT("[1.]"),
        STR_INIT("[-]"),
        STR_INIT("[1e999]"),
        STR_INIT("[1,]"),
        STR_INIT("{\"a\":1,}"),
        STR_INIT("{\"a\" 1}"),
        STR_INIT("[1] x"),
        STR_INIT("\"a\tb\""),
        STR_INIT("\"a\x7F"
                 "b\""),
        STR_INIT("\"\\ud800\""),
        STR_INIT("[nul]"),
        STR_INIT("{\"a\": 1, \"b\": 2, \"\\u0061\": 3}"),
        STR_INIT("[\"\xFF\"]"),
        // A key that is written as another one reads.
        STR_INIT("[{\"a\\\\b\": 1}, {\"a\\b\": 2}, {\"a\\\\b\": 3}]"),
        // The keys of the object before, and then others.
        STR_INIT(
            "[{\"a\": 1, \"b\": 2}, {\"a\": 3}, {\"a\": 4, \"b\": 5, \"c\": "
            "6}, {\"b\": 7, \"a\": 8}, {\"a\": 9, \"a\": 1}]"),
        STR_INIT(
            "[{\"a\": 1, \"b\": 2}, {\"a\": 3}, {\"a\": 4, \"b\": 5, \"c\": "
            "6}, {}, {\"b\": 7, \"a\": 8}, {\"a\": 9,}]"),
        STR_INIT(
            "[{\"a\": {\"a\": {\"a\": 1}}}, {\"a\": {\"a\": 2}}, {\"a\": 3}]"),
        STR_INIT("[{\"\": 1}, {\"\": 2}, {\"\": 3, \"a\": 4}]"),
        // What looks like items, in strings.
        STR_INIT(
            "[\"}, {\", \"},{\\\"a\\\":1},{\", [\"],[\"], {\"},{\": \"],[\"}]"),
    };
    Readers readers = readers_new();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        check_text(&readers, texts[i].data, texts[i]);
    }
    readers_free(&readers);
}

TEST(depth)
{
    Readers readers = readers_new();
    StrBuf text = {0};
    for (size_t depth = MAX_NESTING - 2; depth <= MAX_NESTING + 2; depth++) {
        strbuf_clear(&text);
        strbuf_append_repeat(&text, '[', depth - 2);
        for (int i = 0; i < 40; i++) {
            strbuf_append(&text, STR("{\"a\": [1]}, {\"a\": [2]}, "));
        }
        strbuf_append_char(&text, '3');
        strbuf_append_repeat(&text, ']', depth - 2);
        check_text(&readers, "depth", strbuf_str(&text));
    }
    strbuf_release(&text);
    readers_free(&readers);
}

// ---- at random

static void put_random(StrBuf *out, uint64_t *state, uint32_t depth)
{
    static const Str scalars[] = {
        STR_INIT("1"),          STR_INIT("-20"),        STR_INIT("1.5e3"),
        STR_INIT("true"),       STR_INIT("null"),       STR_INIT("\"},{\""),
        STR_INIT("\"a\\\"b\""), STR_INIT("\"],[1,2\""), STR_INIT("\"\"")};
    static const Str keys[] = {STR_INIT("a"), STR_INIT("bc"), STR_INIT("d"),
                               STR_INIT("},{"), STR_INIT("e\\nf")};
    static const Str spaces[] = {STR_INIT(""), STR_INIT(" "), STR_INIT("\n  ")};
    uint32_t kind = next_random(state) % 5;
    if (depth == 0 || kind < 2) {
        strbuf_append(out, scalars[next_random(state) % 9]);
        return;
    }
    bool is_list = kind < 4;
    uint32_t count = next_random(state) % (is_list ? 9 : 6);
    Str space = spaces[next_random(state) % 3];
    uint32_t left_out = next_random(state) % 12;
    strbuf_append_char(out, is_list ? '[' : '{');
    for (uint32_t i = 0, put = 0; i < count; i++) {
        if (!is_list && i == left_out) {
            continue;
        }
        strbuf_append(out, put++ > 0 ? STR(",") : STR(""));
        strbuf_append(out, space);
        if (!is_list && i < 5) {
            strbuf_append_char(out, '"');
            strbuf_append(out, keys[i]);
            strbuf_append(out, STR("\": "));
        } else if (!is_list) {
            strbuf_append(out, STR("\"z\" :"));
        }
        put_random(out, state, depth - 1);
    }
    strbuf_append(out, space);
    strbuf_append_char(out, is_list ? ']' : '}');
}

TEST(random_texts)
{
    Readers readers = readers_new();
    uint64_t state = 7;
    StrBuf text = {0};
    for (int i = 0; i < 300; i++) {
        strbuf_clear(&text);
        strbuf_append_char(&text, '[');
        for (int k = 0; k < 20; k++) {
            strbuf_append(&text, k > 0 ? STR(",") : STR(""));
            put_random(&text, &state, 5);
        }
        strbuf_append_char(&text, ']');
        check_text(&readers, "random", strbuf_str(&text));
        break_text(&text, "{}[],:\"\\ 0-e.\n", &state);
        check_text(&readers, "random, broken", strbuf_str(&text));
    }
    CHECK(readers.ahead > 10000);
    strbuf_release(&text);
    readers_free(&readers);
}

// ---- long ones

// Most of a long list is read ahead.
static void check_share(const char *item)
{
    enum { ITEMS = 4000 };
    StrBuf text = {0};
    strbuf_append(&text, STR("{\"items\": [\n"));
    for (int i = 0; i < ITEMS; i++) {
        strbuf_appendf(&text, "%s%s", i > 0 ? ",\n" : "", item);
    }
    strbuf_append(&text, STR("]}"));
    check_mostly_ahead(DATA_JSON, strbuf_str(&text), ITEMS);
    strbuf_release(&text);
}

TEST(shares)
{
    check_share("{\"a\": 1, \"b\": [\"x\", \"y\"], \"c\": {\"d\": 2.5}}");
    check_share(
        "{\"a\": [{\"b\": 1}, {\"b\": 2}, {\"b\": 3}], \"c\": \"},{\"}");
    check_share("[1, 2, 3]");
    check_share("12345");
    check_share("\"text, and more\"");
}

// Members that are read ahead, and those of them that stand twice.
static void check_members(const char *value)
{
    enum { MEMBERS = 500 };
    Readers readers = readers_new();
    StrBuf text = {0};
    for (int last = MEMBERS - 1; last <= MEMBERS; last++) {
        strbuf_clear(&text);
        strbuf_append(&text, STR("[{\"first\": 0, \"all\": {\n"));
        for (int i = 0; i < MEMBERS; i++) {
            strbuf_appendf(&text, "\"k%d\": %s,\n", i, value);
        }
        strbuf_appendf(&text, "\"k%d\": 1}}]", last);
        check_text(&readers, value, strbuf_str(&text));
    }
    strbuf_release(&text);
    readers_free(&readers);
}

TEST(members)
{
    check_members("1");
    check_members("\"}, \\\"a\\\": {\"");
    check_members("{\"a\": 1, \"b\": [\"x\", {\"y\": 2}], \"c\": \"},{\"}");
    check_members("[{\"a\": {\"b\": 1}, \"c\": 2}, {\"a\": {\"b\": 3}}]");
}

TEST(keys)
{
    Interner *interner = symbols_new();
    Module *module = module_new();
    module->source = (Source){.path = STR("test.json"),
                              .text = STR("{\"a\": 1, \"b\": {\"c\": 2}}")};
    CHECK(data_tape_read(module, DATA_JSON, interner, MAX_NESTING, NULL, 64));
    const DataTape *tape = module->ast.result->as.data->tape;
    CHECK(data_tape_has_key(tape, intern(interner, STR("b"))));
    CHECK(!data_tape_has_key(tape, intern(interner, STR("c"))));
    module_free(module);
    module = module_new();
    module->source =
        (Source){.path = STR("test.json"), .text = STR("[{\"a\": 1}]")};
    CHECK(data_tape_read(module, DATA_JSON, interner, MAX_NESTING, NULL, 64));
    CHECK(!data_tape_has_key(module->ast.result->as.data->tape,
                             intern(interner, STR("a"))));
    module_free(module);
    interner_free(interner);
}

TEST(conformance)
{
    check_corpus(CORPUS, ".json", DATA_JSON);
}

TEST_MAIN(RUN(texts), RUN(depth), RUN(random_texts), RUN(shares), RUN(members),
          RUN(keys), RUN(conformance))
