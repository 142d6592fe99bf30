// The tape of YAML says what libfyaml says, where there is one: of texts that
// it has to take and of those that it has to leave alone, of the YAML test
// suite, and of texts made at random, sound and broken.
#include "tests/unit/syntax/data.h"
#include "tests/unit/syntax/tape_readers.h"

#define CORPUS "/work/shared/corpora/yaml"

static const Str taken_texts[] = {
    STR_INIT("a: 1\n"),
    STR_INIT("a: 1"),
    STR_INIT("- 1\n- b\n-   c"),
    STR_INIT("---\n# x\n\na: 1\n   # y\nb:   # z\n  - 1 # one\n"),
    STR_INIT("\xEF\xBB\xBF"
             "a: [1, b c, \"d\", 'e', []]\nf: {}\n"),
    STR_INIT("  a: 1\n  b: 2\n"),
    STR_INIT("a:\n- 1\n- 2\nb:\n  - 3\nc:\n"),
    STR_INIT("a:\n\n  b:\n    c: 1\n  d: 2\ne: 3\n"),
    STR_INIT("- a: 1\n  b: 2\n- a: 3\n  b: 4\n- b: 5\n- a: 6\n  c: 7\n"),
    STR_INIT("- - 1\n  - 2\n- - - 3\n-\n  - 4\n"),
    STR_INIT("-\n  a: 1\n-\n  a: 2\n"),
    STR_INIT("a: ~\nb: null\nc: true\nd: FALSE\ne: nul\nf: no\n"),
    STR_INIT("a: 0x1F\nb: 0o17\nc: 007\nd: +12\ne: -0\nf: 1_000\n"),
    STR_INIT("a: 1.\nb: .5\nc: -1.5e3\nd: 1e5\ne: 1.2.3\nf: 12:30:45\n"),
    STR_INIT("a: 123456789\nb: -99999999\nc: 9223372036854775807\n"
             "d: -9223372036854775808\ne: 9223372036854775808\n"),
    STR_INIT("a: \"x\\n\\u00e9\\\"\"\n\"b\\tc\": 'it''s'\n'd': ''\n"),
    STR_INIT("a: b # c\nd: e#f\ng:h: i\nj: k:l\n"),
    STR_INIT("\"a: b\": 1\n'c # d': 2\ne f: 3\n"),
    STR_INIT("- \"a: b\": 1\n- \"a: b\": 2\n- a: 3\n"),
    STR_INIT("- '\"x\"': 1\n- '\"x\"': 2\n- x: 3\n- \"x\": 4\n"),
    STR_INIT("a: -1\nb: -x\nc: --x\nd: .5.\ne: <x>\nf: (y)\ng: =\n"),
    STR_INIT("a: \xC3\xA9\n\xE2\x80\x94: \xF0\x9F\x98\x80\n"),
    STR_INIT("a : 1\nb  : 2\n"),
    STR_INIT("a: {b: 1, c: {d: [2, 3]}}\ne: { \"f\": -1 }\n"),
    STR_INIT("a: |\n  x\n   y\n\n  # z\nb: |-\n    u: v\n    w\n\nc: 1\n"),
    STR_INIT("- |\n x\n- a: |\n    y\n  b: |-\n   z\n"),
    STR_INIT("a: |\n  x\n\n    \n\n"),
    STR_INIT("- 'a''''b'\n"),
    STR_INIT("a:\n  |\n  x\n"),
    STR_INIT("a:\n  b\nc:\n  - |\n    d\n"),
    STR_INIT("[1, 2]\n"),
    STR_INIT("[http://a.b:1/c?d=e&f=%20;~g#h, i:j, k::l , m@n, o$ p?]\n"),
    STR_INIT("a: {http://b: c:d, 'e':f:g, h?: 1:2:3, \"i\": j#k # l\n  }\n"),
    STR_INIT("a: >\n  b\n  c\nd: >-\n   e\n   f\n\ng: >-\n h"),
    STR_INIT("a: [1,\n\n  2\n ,\n 3\n ]\nb:\n  [\n  ]\n"),
    STR_INIT("{\n\"a\": [\n1,\n{\"b\":null}\n],\n\"c\":\n2\n}\n"),
    STR_INIT("- a: {\"b\":1,'c':[2]}\n"),
    STR_INIT("a:   \n   # x\n b: 1  \n"),
    STR_INIT("a: b\n  c\n"),
    STR_INIT("- a\n b\n"),
    STR_INIT("a: \"b\n  c\"\n"),
    STR_INIT("a: >\n  b\n\n  c\n"),
    STR_INIT("a: >\n  b\n   c\n"),
    STR_INIT("a: >+\n  b\n"),
    STR_INIT("a: |+\n  b\n\n"),
    STR_INIT("a: |\n\n  b\n"),
    STR_INIT("a: [1, # x\n  2]\n"),
    STR_INIT("a: [1, ]\n"),
    STR_INIT("a: 1\r\nb: 2\r\n"),
    STR_INIT("a: b\n c # d\ne:\n  f\n  - g\n\n\n  h#i\n  j:k\nl: 1\n 2\n"),
    STR_INIT("- - a\n   b\n  - c\n- d: e\n   f\n"),
    STR_INIT("a: 1 # x\nb: 'c\n\n  it''s\n  d '\ne: \"f \\\n   \\n \\\\ "
             "g\n\n h\\u00e9\" # i\n"),
    STR_INIT("- \"a\n b\"\n- c: 'd\n   '\n"),
    STR_INIT("a: |2\n    b\n   c\n\nd: >2-\n  e\n  f\n"),
    STR_INIT("a: |+\n  b\n\n\n# c\nd: >+\n  e\n\n"),
    STR_INIT("a: | # x\n  b\n  # c\n # d\ne: 1\n"),
    STR_INIT("a: >\n\n  b\n  c\n\n   d\n   e\n\n  f\n"),
    STR_INIT("a: {b: 1, # c\n# d\n  e: [f, g, # h\n\n  ], }\ni: [ # j\n "
             "1,\n 2,\n ]\n"),
    STR_INIT("a:\r\n  - b # c\r\n\r\n  - \"d\"\r\ne: |\r\n  f\r\n\r\n  "
             "g\r\n# h\r\ni: [1,\r\n  j ,\r\n k]\r\n"),
    STR_INIT("--- # a\r\nb: c\r\n  d\r\n\r\n  e\r\nf: \"g\r\n  "
             "h\"\r\ni:\r\n- j: \r\n- 1"),
    STR_INIT("- 1\n-\n- c"),
    STR_INIT("a:\n-\n- 1\n- # b\n\n  # c\n-\nd:\n- - e\n  -\n- -\n-"),
    STR_INIT("a: |\n  -\n  - b\nc: d\n  -\n  - -\n  e\nf: 'g\n  -\n  '\n"),
    STR_INIT("x: y ? z\nw: u!v&*\n"),
    STR_INIT("a: <<\n\"<<\": 1\nb:\n- '<<': {c: 1}\n- '<<': 2\n"),
};

TEST(taken)
{
    check_texts(DATA_YAML, taken_texts,
                sizeof taken_texts / sizeof *taken_texts, TWICE_BOTH);
}

// What another reader takes.
TEST(left_alone)
{
    static const Str texts[] = {
        STR_INIT("...\na: b\n"),
        STR_INIT("a: &x 1\nb: *x\n"),
        STR_INIT("<<: {a: 1}\nb: 2\n"),
        STR_INIT("- a: 1\n- <<:\n    a: 1\n"),
        STR_INIT("a: !!str 1\n"),
        STR_INIT("? a\n: b\n"),
        STR_INIT("a: [b\n  c]\n"),
        STR_INIT("a: [b: 1]\n"),
        STR_INIT("a: {b, c: 1}\n"),
        STR_INIT("[a:, b]\n"),
        STR_INIT("[a::, b]\n"),
        STR_INIT("{a:b}\n"),
        STR_INIT("{a:b, c: 1}\n"),
        STR_INIT("a: \"\\x41\"\n"),
        STR_INIT("a: 1\n...\n"),
        STR_INIT("--- 1\n"),
        STR_INIT("--- \n1\n"),
        STR_INIT("%YAML 1.2\n---\na: 1\n"),
        STR_INIT("just text\n"),
        STR_INIT("\"text\"\n"),
        STR_INIT("a:\t1\n"),
        STR_INIT(": a\n"),
    };
    check_texts(DATA_YAML, texts, sizeof texts / sizeof *texts, TWICE_TREE);
}

TEST(broken)
{
    static const Str texts[] = {
        STR_INIT(""),
        STR_INIT("# x\n"),
        STR_INIT("a: 1\na: 2\n"),
        STR_INIT("- a: 1\n  a: 2\n"),
        STR_INIT("- a: 1\n- b: 1\n  b: 2\n"),
        STR_INIT("a: b: c\n"),
        STR_INIT("a: - 1\n"),
        STR_INIT("a: 1\n b: 2\n"),
        STR_INIT("  a: 1\n b: 2\n"),
        STR_INIT("a:\n    b: 1\n  c: 2\n"),
        STR_INIT("- 1\nb\n"),
        STR_INIT("- 1\na: 2\n"),
        STR_INIT("a: 1\n- 2\n"),
        STR_INIT("a: 1\nb\n"),
        STR_INIT("... a: b:"),
        STR_INIT("a: [1\n"),
        STR_INIT("a: [\n1]\n"),
        STR_INIT("[1,\n---\n2]\n"),
        STR_INIT("a: [1]]\n"),
        STR_INIT("a: [1] 2\n"),
        STR_INIT("a: \"b\" c\n"),
        STR_INIT("a: \"b\"#c\n"),
        STR_INIT("a: @b\n"),
        STR_INIT("a: .inf\n"),
        STR_INIT("a: 1e999\n"),
        STR_INIT("a: 1\n---\nb: 2\n"),
        STR_INIT("a: |\n  b\n c\n"),
        STR_INIT("a: \"\\q\"\n"),
        STR_INIT("a: \xFF\n"),
    };
    check_texts(DATA_YAML, texts, sizeof texts / sizeof *texts, TWICE_BROKEN);
}

TEST(depth)
{
    Readers readers = readers_new();
    StrBuf text = {0};
    for (size_t depth = MAX_NESTING - 2; depth <= MAX_NESTING + 2; depth++) {
        strbuf_clear(&text);
        for (size_t i = 0; i + 2 < depth; i++) {
            strbuf_append_repeat(&text, ' ', i);
            strbuf_append(&text, i % 2 == 0 ? STR("a:\n") : STR("-\n"));
        }
        for (int i = 0; i < 40; i++) {
            strbuf_append_repeat(&text, ' ', depth);
            strbuf_append(&text, STR("- a: [1]\n"));
        }
        check_format(&readers, "depth", DATA_YAML, strbuf_str(&text),
                     depth <= MAX_NESTING - 1 ? TWICE_BOTH : TWICE_BROKEN);
    }
    strbuf_release(&text);
    readers_free(&readers);
}

// ---- at random

static const Str scalars[] = {
    STR_INIT("1"),
    STR_INIT("-20"),
    STR_INIT("1.5e3"),
    STR_INIT("true"),
    STR_INIT("null"),
    STR_INIT("a: b"),
    STR_INIT("\"a\\\"b\""),
    STR_INIT("'it''s - 1'"),
    STR_INIT("''"),
    STR_INIT("a b"),
    STR_INIT("[1,\n                a b]"),
    STR_INIT("{a: 1, b: []}"),
    STR_INIT("[a://b?c=d#e f, g:h, {i@j: k::l}]"),
    STR_INIT("x # y"),
    STR_INIT("\"- a: 1\""),
    STR_INIT("10.0.0.1"),
    STR_INIT("~"),
    STR_INIT("a\n                b # c"),
    STR_INIT("a\n\n                - b"),
    STR_INIT("\"a\n \n                b\\n\""),
    STR_INIT("'a \n                b'''"),
    STR_INIT("[1, # a\n                b, ]"),
    STR_INIT("{ a: b, # c\n                # d\n                }"),
    STR_INIT("x\r")};
enum { SCALARS = sizeof scalars / sizeof *scalars };
static const Str keys[] = {STR_INIT("a"),      STR_INIT("bc"),  STR_INIT("d e"),
                           STR_INIT("'f: g'"), STR_INIT("h-1"), STR_INIT("z")};

static void put_value(StrBuf *out, uint64_t *state, uint32_t depth,
                      size_t column, bool is_member);

static void put_gap(StrBuf *out, uint64_t *state, size_t column)
{
    if (next_random(state) % 16 == 0) {
        strbuf_append(out, STR("\n"));
        strbuf_append_repeat(out, ' ', next_random(state) % 6);
        strbuf_append(out, STR("# - a: 1\n"));
        strbuf_append_repeat(out, ' ', column);
    }
}

static void put_block(StrBuf *out, uint64_t *state, uint32_t depth,
                      size_t column)
{
    bool is_list = next_random(state) % 2 == 0;
    uint32_t count = 1 + next_random(state) % 6;
    uint32_t left_out = next_random(state) % 12;
    for (uint32_t i = 0, put = 0; i < count; i++) {
        if (!is_list && i == left_out && count > 1) {
            continue;
        }
        if (put++ > 0) {
            strbuf_append_char(out, '\n');
            strbuf_append_repeat(out, ' ', column);
            put_gap(out, state, column);
        }
        strbuf_append(out, is_list ? STR("-") : keys[i]);
        strbuf_append(out, is_list ? STR("") : STR(":"));
        put_value(out, state, depth - 1, column, !is_list);
    }
}

static void put_lines(StrBuf *out, uint64_t *state, size_t column)
{
    static const Str heads[] = {
        STR_INIT(" |"),  STR_INIT(" |-"), STR_INIT(" >"),    STR_INIT(" >-"),
        STR_INIT(" |+"), STR_INIT(" >2"), STR_INIT(" > # c")};
    enum { HEADS = sizeof heads / sizeof *heads };
    strbuf_append(out, heads[next_random(state) % HEADS]);
    for (uint32_t i = 0; i <= next_random(state) % 3; i++) {
        strbuf_append_repeat(out, '\n', 1 + next_random(state) % 4 / 3);
        strbuf_append_repeat(
            out, ' ', column + 2 + (i > 0 ? next_random(state) % 4 / 3 : 0));
        strbuf_append(out, scalars[next_random(state) % SCALARS]);
    }
}

static void put_value(StrBuf *out, uint64_t *state, uint32_t depth,
                      size_t column, bool is_member)
{
    uint32_t kind = next_random(state) % 8;
    if (depth == 0 || kind < 3 || (kind == 4 && !is_member)) {
        strbuf_append_char(out, ' ');
        strbuf_append(out, scalars[next_random(state) % SCALARS]);
    } else if (kind == 3) {
        put_lines(out, state, column);
    } else if (kind == 4) {
        put_gap(out, state, column);
    } else if (kind < 6 && !is_member) {
        size_t more = 1 + next_random(state) % 3;
        strbuf_append_repeat(out, ' ', more);
        put_block(out, state, depth, column + 1 + more);
    } else {
        size_t more = 1 + next_random(state) % 3;
        strbuf_append_char(out, '\n');
        strbuf_append_repeat(out, ' ', column + more);
        put_block(out, state, depth, column + more);
    }
}

TEST(random_texts)
{
    Readers readers = readers_new();
    uint64_t state = 11;
    StrBuf text = {0};
    const char *rounds = getenv("TEST_ROUNDS");
    int count = rounds != NULL ? atoi(rounds) : 400;
    state += rounds != NULL ? (uint64_t)count : 0;
    for (int i = 0; i < count; i++) {
        strbuf_clear(&text);
        for (int k = 0; k < 12; k++) {
            strbuf_append_char(&text, '-');
            put_value(&text, &state, 4, 0, false);
            strbuf_append_char(&text, '\n');
        }
        check_format(&readers, "random", DATA_YAML, strbuf_str(&text),
                     TWICE_DIFFER);
        for (int k = 0; k < 4; k++) {
            break_text(&text, "{}[],:\"' \n-#|0a&*!\t.~\r>+\\", &state);
            check_format(&readers, "random, broken", DATA_YAML,
                         strbuf_str(&text), TWICE_DIFFER);
        }
    }
    CHECK(readers.ahead > 10000);
    strbuf_release(&text);
    readers_free(&readers);
}

// ---- long ones

// Most of a long list is read ahead.
static void check_share(const char *head, const char *item)
{
    enum { ITEMS = 4000 };
    StrBuf text = {0};
    strbuf_append(&text, str_from_c(head));
    for (int i = 0; i < ITEMS; i++) {
        strbuf_append(&text, str_from_c(item));
    }
    check_mostly_ahead(DATA_YAML, strbuf_str(&text), ITEMS);
    strbuf_release(&text);
}

TEST(shares)
{
    check_share("", "- a: 1\n  b:\n    - x\n    - y\n  c:\n    d: 2.5\n");
    check_share("items:\n", "- a: 1\n  b:\n  - x\n  - y\n  c: |\n    - d\n");
    check_share("a:\n  items:\n", "    -\n      a: 1\n\n      b: 2\n");
    check_share("items:\n", "  - 12345\n");
    check_share("", "- text, and: more\n");
}

TEST(members)
{
    enum { MEMBERS = 500 };
    Readers readers = readers_new();
    StrBuf text = {0};
    for (int last = MEMBERS - 1; last <= MEMBERS; last++) {
        strbuf_clear(&text);
        strbuf_append(&text, STR("- first: 0\n  all:\n"));
        for (int i = 0; i < MEMBERS; i++) {
            strbuf_appendf(&text, "    k%d:\n      a: [1]\n      b: x\n", i);
        }
        strbuf_appendf(&text, "    k%d: 1\n- 2\n", last);
        check_format(&readers, "members", DATA_YAML, strbuf_str(&text),
                     last < MEMBERS ? TWICE_BROKEN : TWICE_BOTH);
    }
    strbuf_release(&text);
    readers_free(&readers);
}

TEST(conformance)
{
    check_corpus(CORPUS, ".yaml", DATA_YAML);
}

TEST_MAIN(RUN(taken), RUN(left_alone), RUN(broken), RUN(depth),
          RUN(random_texts), RUN(shares), RUN(members), RUN(conformance))
