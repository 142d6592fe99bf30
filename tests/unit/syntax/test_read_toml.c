// Values, tables, refusals, and toml-test where its folder is at hand.
#include "syntax/read_toml.h"

#include "tests/unit/syntax/data.h"

#define CORPUS "/work/shared/corpora/toml"

static void read_toml(Module *module, Interner *interner)
{
    read_toml_module(module, interner, 50);
}

#define VALUE(text, expected)                                                  \
    data_check_text(__FILE__, __LINE__, read_toml, STR(text), (expected))

TEST(values)
{
    VALUE("", "{}");
    VALUE("a = 1_000\nb = 0xfF # c\nc = -0\nd = +7", "{a=1000,b=255,c=0,d=7}");
    VALUE("a = 1.5e3\nb = -0.0", "{a=f1500,b=f-0}");
    VALUE("a = true\nb = [1, [], # c\n 'x',]", "{a=true,b=[1,[],1'x']}");
    VALUE("a = 9223372036854775807\nb = -9223372036854775808",
          "{a=9223372036854775807,b=-9223372036854775808}");
    VALUE("a = 9223372036854775808", "E0112@4-23");
    VALUE("a = inf", "E0112@4-7");
    VALUE("\xEF\xBB\xBF"
          "a = 1",
          "{a=1}");
}

TEST(strings)
{
    VALUE("a = \"x\\ty\\u00e9\"", "{a=5'x\ty\xC3\xA9'}");
    VALUE("a = '\\x'", "{a=2'\\x'}");
    VALUE("a = \"\"\"\r\nx\r\ny\\\n   z\"\"\"\"", "{a=5'x\nyz\"'}");
    VALUE("a = '''\nx'''", "{a=1'x'}");
    VALUE("a = \"\\x\"", "E0112@5-6");
    VALUE("a = \"x\n\"", "E0112@4-5");
    VALUE("a = \"\\ud800\"", "E0112@5-11");
}

TEST(dates_are_strings)
{
    VALUE("a = 1979-05-27", "{a=10'1979-05-27'}");
    VALUE("a = 1979-05-27 07:32:00z", "{a=20'1979-05-27T07:32:00Z'}");
    VALUE("a = 07:32:00.5", "{a=10'07:32:00.5'}");
    VALUE("a = 2023-02-29", "E0112@4-14");
}

TEST(tables)
{
    VALUE("a.b.c = 1\na.d = 2", "{a={b={c=1},d=2}}");
    VALUE("[a.b]\nx = 1\n[a]\ny = 2", "{a={b={x=1},y=2}}");
    VALUE("[[a]]\nx = 1\n[a.b]\ny = 1\n[[a]]", "{a=[{x=1,b={y=1}},{}]}");
    VALUE("a = {x = 1, y.z = 2, w = {}}", "{a={x=1,y={z=2},w={}}}");
    VALUE("\"a b\".'c' = 1", "{a b={c=1}}");
}

TEST(defined_twice)
{
    VALUE("a = 1\na = 2", "E0112@6-7");
    VALUE("[a]\n[a]", "E0112@5-6");
    VALUE("a = {}\na.b = 1", "E0112@7-8");
    VALUE("a = {x.y = 1, x.y = 2}", "E0112@16-17");
    VALUE("[a]\nb.c = 1\n[a.b]", "E0112@15-16");
    VALUE("a = []\n[[a]]", "E0112@9-10");
    VALUE("[[a]]\n[a]", "E0112@7-8");
    VALUE("[a.b]\n[a]\nb.c = 1", "E0112@10-11");
    VALUE("[a.b.c]\n[a]\nb.d = 1", "{a={b={c={},d=1}}}");
}

TEST(refusals)
{
    VALUE("a = ", "E0112@4-4");
    VALUE("a = 1 b = 2", "E0112@6-7");
    VALUE("a = 01", "E0112@4-6");
    VALUE("a = 1_", "E0112@4-6");
    VALUE("= 1", "E0112@0-1");
    VALUE("[a", "E0112@2-2");
    VALUE("[a\n", "E0112@2-2");
    VALUE("[ \r\n", "E0112@2-2");
    VALUE("a = {x = 1,}", "E0112@11-12");
    VALUE("a = [1", "E0112@4-5");
    VALUE("a = 1 # \x01", "E0112@8-9");
    VALUE("a\xFF = 1", "E0101@1-2");
}

TEST(nesting)
{
    StrBuf text = {0};
    strbuf_append(&text, STR("a = "));
    strbuf_append_repeat(&text, '[', 100000);
    CHECK(!data_accepts(read_toml, strbuf_str(&text)));
    strbuf_clear(&text);
    for (int i = 0; i < 1000; i++) {
        strbuf_append(&text, STR("a."));
    }
    strbuf_append(&text, STR("a = 1"));
    CHECK(!data_accepts(read_toml, strbuf_str(&text)));
    strbuf_release(&text);
}

// Infinities and NaN are no values of Ligature.
static bool is_refused_here(Str name)
{
    return str_equal(name, STR("valid/comment/after-literal-no-ws.toml")) ||
           str_equal(name, STR("valid/float/inf-and-nan.toml")) ||
           str_equal(name, STR("valid/spec-1.0.0/float-2.toml"));
}

TEST(corpus)
{
    StrBuf list = {0};
    if (!data_file(CORPUS "/files-toml-1.0.0", &list)) {
        harness_skip(CORPUS);
        return;
    }
    uint32_t seen = 0;
    for (size_t at = 0; at < list.len;) {
        size_t end = str_find_byte(strbuf_str(&list), '\n', at);
        Str name = str_slice(strbuf_str(&list), at, end);
        at = end + 1;
        if (!str_ends_with(name, STR(".toml"))) {
            continue;
        }
        StrBuf path = {0};
        StrBuf text = {0};
        strbuf_appendf(&path, CORPUS "/%.*s%c", STR_ARG(name), 0);
        CHECK(data_file(path.data, &text));
        bool valid =
            str_starts_with(name, STR("valid/")) && !is_refused_here(name);
        if (data_accepts(read_toml, strbuf_str(&text)) != valid) {
            printf("# %.*s\n", STR_ARG(name));
            CHECK(!"the verdict differs");
        }
        seen++;
        strbuf_release(&path);
        strbuf_release(&text);
    }
    CHECK(seen > 600);
    strbuf_release(&list);
}

TEST_MAIN(RUN(values), RUN(strings), RUN(dates_are_strings), RUN(tables),
          RUN(defined_twice), RUN(refusals), RUN(nesting), RUN(corpus))
