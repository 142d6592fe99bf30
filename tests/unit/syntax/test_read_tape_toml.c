// The tape of TOML says what the tree says, where there is one: of texts that
// it has to take and of those that it has to leave alone, of the TOML test
// suite, and of texts made at random, sound and broken.
#include "tests/unit/syntax/data.h"
#include "tests/unit/syntax/tape_readers.h"

#define CORPUS "/work/shared/corpora/toml"

TEST(taken)
{
    static const Str texts[] = {
        STR_INIT(""),
        STR_INIT("# x"),
        STR_INIT("\xEF\xBB\xBF"
                 "a = 1"),
        STR_INIT("a = 1 # x\n\n  b-c = \"x\\n\\u00e9\\\"\"\t\n"),
        STR_INIT("\"a b\" = ''\n'c \"d' = 'e\\f'\n1 = \"\t\"\n"),
        STR_INIT("a = [1, -2]\n"),
        STR_INIT("a = [ # x\n 1,\n\n [2], [\n], {b = [3]},\n]\n"),
        STR_INIT("a = {}\nb = { c = 1, d = {e = true} }\n"),
        STR_INIT("a = 12345678\nb = 123456789\nc = -0\nd = 0\n"
                 "e = 9223372036854775807\nf = -9223372036854775808\n"),
        STR_INIT("a = 1.5\nb = -0.0\nc = 1e5\nd = 1E-2\ne = 6.02e+23\n"),
        STR_INIT("a = 1979-05-27T07:32:00Z\nb = 1979-05-27\nc = 07:32:00 \n"),
        STR_INIT("[a]\nb = 1\n[a.c]\nd = 2\n[a.c.e.f]\ng = 3\n[h]\n"),
        STR_INIT("[[a]]\nb = 1\n[a.c]\nd = 2\n[[a]]\nb = 3\n[[a.c]]\ne = 4\n"
                 "[[a.c]]\ne = 5\n[f]\n[[f.g]]\n"),
        STR_INIT("[ a . \"b\" ] # x\nc = 1\n[[ d ]]\n"),
        STR_INIT("a.b = 1\n"),
        STR_INIT("a = \"\"\"b\"\"\"\n"),
        STR_INIT("a = '''b'''\n"),
        STR_INIT("a = 1\r\n"),
        STR_INIT("a.b = 1\na.c = 2\nd = 3\ne . \"f g\" . h = {i = 1}\ne.j = "
                 "[\n]\n\n[k]\nl.m.n = 1 # x\n\nl.m.o = 2\nl.p = 3\nq = 4\n"),
        STR_INIT("[[a]]\nb.c = 1\nb.d = 2\n[a.e]\nf.g = 1\n[[a]]\nb.c = "
                 "3\n[[a]]\nh = 1\n"),
        STR_INIT("a = \"\"\"\n  b \\\n\n\t  c\\\\ \\\"\"\" d\\u00e9\"\" "
                 "\"\"\"\"\"\nb = \"\"\"\"\"\"\nc = \"\"\"\"x\"\"\"\"\n"),
        STR_INIT("a = '''\n\n\\x ''y'''''\nb = ['''''', ''''z''']\n"),
        STR_INIT("a = \"b\"\r\n# c\r\n\r\n[d] # e\r\nf = [1, # g\r\n "
                 "2\r\n]\r\nh = \"\"\"\r\n i\r\n\r\n\\ \r\n  j\r\n\"\"\"\r\nk "
                 "= '''\r\nl\r\n'''\r\nm.n = 1.5\r\no = true\r\n"),
        STR_INIT("a = false"),
    };
    check_texts(DATA_TOML, texts, sizeof texts / sizeof *texts, TWICE_BOTH);
}

// What another reader takes.
TEST(left_alone)
{
    static const Str texts[] = {
        STR_INIT("a.b = 1\nc = 2\na.d = 3\n"),
        STR_INIT("a.b = 1\n[a.c]\n"),
        STR_INIT("a = {b.c = 1}\n"),
        STR_INIT("a = \"\"\"\\U0001F600\"\"\"\n"),
        STR_INIT("a = 0xFF\n"),
        STR_INIT("a = 1_000\n"),
        STR_INIT("a = +1\n"),
        STR_INIT("a = 1979-05-27 07:32:00z\n"),
        STR_INIT("a = \"\\U0001F600\"\n"),
        STR_INIT("[a.b]\n[a]\nc = 1\n"),
        STR_INIT("[a.b]\n[c]\n[a.d]\n"),
        STR_INIT("[[a]]\n[b]\n[a.c]\n"),
    };
    check_texts(DATA_TOML, texts, sizeof texts / sizeof *texts, TWICE_TREE);
}

TEST(broken)
{
    static const Str texts[] = {
        STR_INIT("a.b = 1\na.b.c = 2\n"),
        STR_INIT("a.b = 1\na = 2\n"),
        STR_INIT("a = 1\na.b = 2\n"),
        STR_INIT("a.b = 1\n[a]\n"),
        STR_INIT("[a]\nb.c = 1\n[a.b]\n"),
        STR_INIT("a.b = 1\na.b = 2\n"),
        STR_INIT("a. = 1\n"),
        STR_INIT("a = \"\"\"b\"\"\"\"\"\"\n"),
        STR_INIT("a = \"\"\"b\n"),
        STR_INIT("a = \"\"\"\\ b\"\"\"\n"),
        STR_INIT("a = \r\n1\r\n"),
        STR_INIT("a \r\n= 1\r\n"),
        STR_INIT("a = 1\r"),
        STR_INIT("a = 'b\r\n'\r\n"),
        STR_INIT("a = {b = 1\r\n}\r\n"),
        STR_INIT("\"\"\"a\"\"\" = 1\n"),
        STR_INIT("a = 1\na = 2\n"),
        STR_INIT("[a]\nb = 1\n[a]\nc = 2\n"),
        STR_INIT("[a]\n[b]\n[a]\n"),
        STR_INIT("[a]\n[[a]]\n"),
        STR_INIT("[[a]]\n[a]\n"),
        STR_INIT("a = []\n[[a]]\n"),
        STR_INIT("a = {}\n[a.b]\n"),
        STR_INIT("[a]\nb = 1\n[a.b]\n"),
        STR_INIT("a = {b = 1, b = 2}\n"),
        STR_INIT("a = {b = 1,}\n"),
        STR_INIT("a = {b = 1\n}\n"),
        STR_INIT("a = 01\n"),
        STR_INIT("a = 1.\n"),
        STR_INIT("a = 1x\n"),
        STR_INIT("a = truex\n"),
        STR_INIT("a = inf\n"),
        STR_INIT("a = 9223372036854775808\n"),
        STR_INIT("a = 1e999\n"),
        STR_INIT("a = \"\\/\"\n"),
        STR_INIT("a = \"b\n"),
        STR_INIT("a = [1\n"),
        STR_INIT("a = 1 b = 2\n"),
        STR_INIT("a =\n"),
        STR_INIT("a\n"),
        STR_INIT("[a\n"),
        STR_INIT("[[a]\n"),
        STR_INIT("[]\n"),
        STR_INIT("[a] b\n"),
        STR_INIT("a = \x7F\n"),
        STR_INIT("a = '\xFF'\n"),
    };
    check_texts(DATA_TOML, texts, sizeof texts / sizeof *texts, TWICE_BROKEN);
}

TEST(depth)
{
    Readers readers = readers_new();
    StrBuf text = {0};
    for (size_t depth = MAX_NESTING - 6; depth <= MAX_NESTING + 2; depth++) {
        for (int kind = 0; kind < 3; kind++) {
            strbuf_clear(&text);
            strbuf_append(&text, STR("[[a]]\n[[a"));
            for (size_t i = 0; kind == 0 && i < depth / 2; i++) {
                strbuf_append(&text, STR(".b"));
            }
            strbuf_append(&text, kind == 0 ? STR("]]\n") : STR(".c]]\n"));
            strbuf_append(&text, STR("d = "));
            for (size_t i = 0; kind > 0 && i < depth; i++) {
                strbuf_append(&text, kind == 1 ? STR("[") : STR("{e = "));
            }
            strbuf_append_char(&text, '1');
            for (size_t i = 0; kind > 0 && i < depth; i++) {
                strbuf_append(&text, kind == 1 ? STR("]") : STR("}"));
            }
            strbuf_append(&text, STR("\n[[a]]\nb = 1\n[[a]]\nb = 2\n"));
            check_format(&readers, "depth", DATA_TOML, strbuf_str(&text),
                         TWICE_DIFFER);
        }
    }
    strbuf_release(&text);
    readers_free(&readers);
}

// ---- at random

static const Str scalars[] = {STR_INIT("1"),
                              STR_INIT("-20"),
                              STR_INIT("1.5e3"),
                              STR_INIT("true"),
                              STR_INIT("\"[[a]]\""),
                              STR_INIT("'\"b'"),
                              STR_INIT("\"a\\\"b\""),
                              STR_INIT("1979-05-27"),
                              STR_INIT("''"),
                              STR_INIT("[1, [2], ]"),
                              STR_INIT("[[1],\n[2]]"),
                              STR_INIT("{c = 1}"),
                              STR_INIT("{ d = 'x' }"),
                              STR_INIT("[]"),
                              STR_INIT("\"\"\"\n[[a]]\nb = 1\n\"\"\""),
                              STR_INIT("\"\"\"a \\\n  b\"\"\"\"\""),
                              STR_INIT("'''\r\n[a]\r\n'''"),
                              STR_INIT("1\r")};
enum { SCALARS = sizeof scalars / sizeof *scalars };
static const Str headers[] = {
    STR_INIT("[[a]]"),   STR_INIT("[[a]]"),         STR_INIT("[[a]] # x"),
    STR_INIT("[a.b]"),   STR_INIT("[[a.c]]"),       STR_INIT("[[a.c]]"),
    STR_INIT("[a.c.d]"), STR_INIT("[[a.c.\"e\"]]"), STR_INIT("[ a . f.g ]")};
static const Str ends[] = {STR_INIT("\n"), STR_INIT(" # [[a]]\n"),
                           STR_INIT("\n\n"), STR_INIT("\n")};

static void put_section(StrBuf *out, uint64_t *state)
{
    static const Str names[] = {STR_INIT("x"),     STR_INIT("\"y z\""),
                                STR_INIT("d.e"),   STR_INIT("'d' . f"),
                                STR_INIT("d.g.h"), STR_INIT("b-1"),
                                STR_INIT("'w'"),   STR_INIT("v")};
    enum { NAMES = sizeof names / sizeof *names };
    uint32_t left_out = next_random(state) % (NAMES + 3);
    strbuf_append(out, headers[next_random(state) % 9]);
    strbuf_append(out, ends[next_random(state) % 4]);
    for (uint32_t i = 0; i < next_random(state) % (NAMES + 1) && i < NAMES;
         i++) {
        if (i == left_out) {
            continue;
        }
        strbuf_append(out, names[i]);
        strbuf_append(out, STR(" = "));
        strbuf_append(out, scalars[next_random(state) % SCALARS]);
        strbuf_append(out, ends[next_random(state) % 4]);
    }
}

TEST(random_texts)
{
    Readers readers = readers_new();
    uint64_t state = 5;
    StrBuf text = {0};
    const char *rounds = getenv("TEST_ROUNDS");
    int count = rounds != NULL ? atoi(rounds) : 500;
    for (int i = 0; i < count; i++) {
        strbuf_clear(&text);
        strbuf_append(&text, STR("first = 1\n[[a]]\n"));
        for (uint32_t k = 0; k < 1 + next_random(&state) % 20; k++) {
            put_section(&text, &state);
            if (next_random(&state) % 2 == 0) {
                strbuf_append(&text, STR("[[a]]\n"));
            }
        }
        check_format(&readers, "random", DATA_TOML, strbuf_str(&text),
                     TWICE_DIFFER);
        for (int k = 0; k < 3; k++) {
            break_text(&text, "{}[],=\"' \n-#.0ae\t_:T\r\\", &state);
            check_format(&readers, "random, broken", DATA_TOML,
                         strbuf_str(&text), TWICE_DIFFER);
        }
    }
    CHECK(readers.ahead > 1000);
    strbuf_release(&text);
    readers_free(&readers);
}

// ---- long ones

// Most of a long array of tables is read ahead.
static void check_share(const char *item)
{
    enum { ITEMS = 4000 };
    StrBuf text = {0};
    strbuf_append(&text, STR("title = \"x\"\n[other]\n"));
    for (int i = 0; i < ITEMS; i++) {
        strbuf_append(&text, str_from_c(item));
    }
    check_mostly_ahead(DATA_TOML, strbuf_str(&text), ITEMS);
    strbuf_release(&text);
}

TEST(shares)
{
    check_share("[[a]]\nb = 1\nc = [\"x\", \"y\"]\n[a.d]\ne = 2.5\n\n");
    check_share("[[other.a]]\nb = {c = 1}\n");
    check_share("[[a]]\n[[a.b]]\nc = 1\n[[a.b]]\nc = 2\n# [[a]]\n");
}

TEST(conformance)
{
    StrBuf list = {0};
    if (!data_file(CORPUS "/files-toml-1.0.0", &list)) {
        harness_skip(CORPUS);
        return;
    }
    Readers readers = readers_new();
    int files = 0;
    for (size_t at = 0; at < list.len;) {
        size_t end = str_find_byte(strbuf_str(&list), '\n', at);
        Str name = str_slice(strbuf_str(&list), at, end);
        at = end + 1;
        if (!str_ends_with(name, STR(".toml"))) {
            continue;
        }
        char path[1024];
        snprintf(path, sizeof path, CORPUS "/%.*s", STR_ARG(name));
        StrBuf text = {0};
        CHECK(data_file(path, &text));
        check_format(&readers, path, DATA_TOML, strbuf_str(&text),
                     TWICE_DIFFER);
        strbuf_release(&text);
        files++;
    }
    CHECK(files > 600);
    strbuf_release(&list);
    readers_free(&readers);
}

TEST_MAIN(RUN(taken), RUN(left_alone), RUN(broken), RUN(depth),
          RUN(random_texts), RUN(shares), RUN(conformance))
