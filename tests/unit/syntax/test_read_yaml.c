// Values by the core schema, refusals, aliases, and yaml-test-suite where its
// folder is at hand.
#include "syntax/read_yaml.h"

#include <dirent.h>

#include "tests/unit/syntax/data.h"

#define CORPUS "/work/shared/corpora/yaml"

static void read_one(Module *module, Interner *interner)
{
    read_yaml_module(module, interner, 50, false, NULL);
}

static void read_all(Module *module, Interner *interner)
{
    read_yaml_module(module, interner, 1000, true, NULL);
}

#define VALUE(text, expected)                                                  \
    data_check_text(__FILE__, __LINE__, read_one, STR(text), (expected))
#define DOCUMENTS(text, expected)                                              \
    data_check_text(__FILE__, __LINE__, read_all, STR(text), (expected))

TEST(values)
{
    VALUE("a: 1\nb:\n- x\n- [y, {z: w}]\n", "{a=1,b=[1'x',[1'y',{z=1'w'}]]}");
    VALUE("- 0x1F\n- 0o17\n- -12\n- +3\n- 012\n", "[31,15,-12,3,12]");
    VALUE("- 1.5\n- .5\n- 2.\n- 1e3\n- -1.0\n", "[f1.5,f0.5,f2,f1000,f-1]");
    VALUE("- true\n- False\n- ~\n- null\n-\n", "[true,false,None,None,None]");
    VALUE("9223372036854775808", "f9.2233720368547758e+18");
    VALUE("- 9223372036854775807\n- -9223372036854775808\n"
          "- -9223372036854775809\n",
          "[9223372036854775807,-9223372036854775808,"
          "f-9.2233720368547758e+18]");
    VALUE("|\n x\n y\n", "4'x\ny\n'");
    VALUE("\xEF\xBB\xBF"
          "a: 1\n",
          "{a=1}");
}

// What YAML 1.1 would take for something else.
TEST(strings_stay_strings)
{
    VALUE("[yes, No, on, off, y, n]", "[3'yes',2'No',2'on',3'off',1'y',1'n']");
    VALUE("[12:30, 1_000, 2001-01-01, 0b1, 1e, =]",
          "[5'12:30',5'1_000',10'2001-01-01',3'0b1',2'1e',1'=']");
    VALUE("['1', \"true\", !!str 2, ! 3]", "[1'1',4'true',1'2',1'3']");
    VALUE("{1: a, true: b}", "{1=1'a',true=1'b'}");
}

// libfyaml 0.7 alone refuses most of these.
TEST(empty_items)
{
    VALUE("a:\n-\n- b\n", "{a=[None,1'b']}");
    VALUE("a:\n- b\n-\n", "{a=[1'b',None]}");
    VALUE("a:\n- # b\n\n# c\n-\nd: 1\n", "{a=[None,None],d=1}");
    VALUE("a:\n- - - b\n    -\n  -\n-", "{a=[[[1'b',None],None],None]}");
    VALUE("a:\r\n-\r\n- b\r\n", "{a=[None,1'b']}");
    VALUE("-\n  a: 1\n-\n- b\n", "[{a=1},None,1'b']");
    VALUE("- |\n  -\n  - -\n-\n- 'x\n  -\n  y'\n- x\n  -\n  y\n",
          "[6'-\n- -\n',None,5'x - y',5'x - y']");
    VALUE("-\n- a\n-\n- .inf\n", "E0111@10-14");
    VALUE("-\n- a: 1\n  a: 2\n", "E0111@11-12");
    VALUE("a:\n-\n- b\nc: [\n", "E0111@14-14");
}

TEST(merges)
{
    VALUE("a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3\n  e: 4\n",
          "{a={b=1,c=2},d={b=1,c=3,e=4}}");
    VALUE("- &x {a: 1}\n- &y {a: 2, b: 3}\n- b: 0\n  <<: [*x, *y]\n  c: 4\n",
          "[{a=1},{a=2,b=3},{b=0,a=1,c=4}]");
    VALUE("- &x {a: 1}\n- &y {<<: *x, b: 2}\n- <<: *y\n",
          "[{a=1},{a=1,b=2},{a=1,b=2}]");
    VALUE("<<:\n  a: 1\n  b: 2\nb: 3\n", "{a=1,b=3}");
    VALUE("<<: []\n", "{}");
    VALUE("<<: {}\na: <<\n", "{a=2'<<'}");
    // In quotes it is a key as any other.
    VALUE("'<<': {a: 1}\nb: \"<<\"\n", "{<<={a=1},b=2'<<'}");
    VALUE("!!str <<: {a: 1}\n", "{<<={a=1}}");
    VALUE("<<: 1\n", "E0111@0-2");
    VALUE("<<:\n", "E0111@0-2");
    VALUE("<<: [{a: 1}, 2]\n", "E0111@0-2");
    VALUE("a: &x {b: 1}\nc: {<<: *x, <<: *x}\n", "E0111@25-26");
}

// libfyaml 0.7 alone gives other bytes for many of these.
TEST(blocks)
{
    VALUE("a: |\n  x\n  y\nb: 1\n", "{a=4'x\ny\n',b=1}");
    VALUE("a: |\n  x", "{a=1'x'}");
    VALUE("a: |-\n  x\n\nb: >\n  x\n  y\n\n  z\n", "{a=1'x',b=6'x y\nz\n'}");
    VALUE("a: |+\n  x\n\n \nb: 1\n", "{a=4'x\n\n\n',b=1}");
    VALUE("a: |+ \n", "{a=0''}");
    VALUE("- - |2 # two\n     x\n\n    y\n", "[[6' x\n\ny\n']]");
    VALUE("- b: >-\n    '\n \n     w\n    - q\n\n", "[{b=9''\n\n w\n- q'}]");
    VALUE("'a | # x': |\n  y\n", "{a | # x=2'y\n'}");
    VALUE("a: |\r\n  x\r\n\r\n  y\r\n", "{a=5'x\n\ny\n'}");
    VALUE("- b: |\n  # c\n- 1\n", "[{b=0''},1]");
    VALUE("- -   |\n\n  - q\n- 1\n", "E0111@11-12");
}

TEST(folded_quotes)
{
    VALUE("a: \"x \\\n   y\\\n\n   z \n   w\"\n", "{a=7'x y\nz w'}");
    VALUE("a: \" end \\ \n it\"\n", "{a=9' end   it'}");
    VALUE("a: \"\\ud83d\\ude00\\x41\\u00e9\\U0001F600\\e\\/\\_\"",
          "{a=15'\U0001F600A\u00e9\U0001F600\x1b/\u00a0'}");
    VALUE("a: x y \n\n  z\n  w # c\n", "{a=7'x y\nz w'}");
    VALUE("a: '\n  x\n\n '\n", "{a=3' x\n'}");
}

TEST(single_quotes)
{
    VALUE("['', '''', '''''', 'it''s']", "[0'',1''',2'''',4'it's']");
    VALUE("- 'it''''s'\n", "[5'it''s']");
    VALUE("'k''''l': ['a''''', '''''''b']", "{k''l=[3'a''',4'\'''b']}");
    VALUE("a: 'x''''y  \n\n\n   z\r\n   w'\n", "{a=9'x''y\n\nz w'}");
}

TEST(refusals)
{
    VALUE("a: [1\n", "E0111@6-6");
    VALUE("a: 1\nb: 2\na: 3\n", "E0111@10-11");
    VALUE("? [a]\n: 1\n", "E0111@2-3");
    VALUE("a: .inf", "E0111@3-7");
    VALUE("a: !secret x", "E0111@3-10");
    VALUE("a: !!int x", "E0111@9-10");
    VALUE("a: !!float x", "E0111@11-12");
    VALUE("a: !!seq x", "E0111@3-8");
    VALUE("", "E0111@0-0");
    VALUE("# only\n", "E0111@0-0");
    VALUE("a: 1\n---\nb: 2\n", "E0111@5-5");
    VALUE("a: \xFF", "E0101@3-4");
}

// What libfyaml 0.7 lets pass.
TEST(lines_of_their_own)
{
    VALUE("x: 1\na: : b\n", "E0111@8-9");
    VALUE("- 'a': : 2\n", "E0111@7-8");
    VALUE("%YAML 1.2\na: 1\n", "E0111@0-0");
    VALUE("%TAG ! tag:x,2000:\na: 1\n", "E0111@0-0");
    VALUE("%YAML 1.2\n---\na: 1\n", "{a=1}");
    VALUE("a: &x\n  : b\n", "{a={=1'b'}}");
    VALUE("? a\n: b: c\n", "{a={b=1'c'}}");
    VALUE("? |\n  a\n: b: c\n", "{a\n={b=1'c'}}");
    VALUE("a: {b: {c: 1}}\nd: [e: f]\n", "{a={b={c=1}},d=[{e=1'f'}]}");
}

TEST(documents)
{
    DOCUMENTS("a: 1\n---\n- 2\n...\n---\nx\n", "[{a=1},[2],1'x']");
    DOCUMENTS("---\n---\n", "[None,None]");
}

TEST(aliases)
{
    VALUE("a: &x [1, 2]\nb: *x\nc: *x\n", "{a=[1,2],b=[1,2],c=[1,2]}");
    VALUE("a: *x", "E0111@4-5");
    VALUE("a: &x [*x]", "E0111@8-9");
    StrBuf text = {0};
    strbuf_append(&text, STR("a0: &a0 [x, x, x, x, x, x, x, x, x]\n"));
    for (int i = 1; i < 20; i++) {
        strbuf_appendf(&text, "a%d: &a%d [", i, i);
        for (int k = 0; k < 9; k++) {
            strbuf_appendf(&text, "*a%d, ", i - 1);
        }
        strbuf_append(&text, STR("]\n"));
    }
    CHECK(!data_accepts(read_one, strbuf_str(&text)));
    strbuf_release(&text);
}

TEST(aliases_for_keys)
{
    VALUE("a: &x b\n*x : 1\n", "{a=1'b',b=1}");
    VALUE("&x a: 1\nb: {*x : 2}\n", "{a=1,b={a=2}}");
    VALUE("a: &x b\n*x : 1\nb: 2\n", "E0111@15-16");
    VALUE("a: &x 1\n*x : 2\n", "E0111@9-10");
    VALUE("a: &x [b]\n*x : 2\n", "E0111@11-12");
}

// What an alias stands for is as deep as it is where it is written; at most 50.
TEST(nested_aliases)
{
    for (uint32_t depth = 29; depth <= 30; depth++) {
        StrBuf text = {0};
        strbuf_append(&text, STR("- &x "));
        strbuf_append_repeat(&text, '[', 20);
        strbuf_append_repeat(&text, ']', 20);
        strbuf_append(&text, STR("\n- "));
        strbuf_append_repeat(&text, '[', depth);
        strbuf_append(&text, STR("*x"));
        strbuf_append_repeat(&text, ']', depth);
        CHECK(data_accepts(read_one, strbuf_str(&text)) == (depth == 29));
        strbuf_release(&text);
    }
}

TEST(nesting)
{
    StrBuf text = {0};
    strbuf_append_repeat(&text, '[', 100000);
    CHECK(!data_accepts(read_all, strbuf_str(&text)));
    strbuf_release(&text);
}

// ---- the suite: a list of cases, each `yaml: |` with its text indented by
// four, and `fail: true` where it must be refused

// Its texts show what cannot be seen.
static void show_plainly(Str text, StrBuf *out)
{
    static const struct {
        const char *shown;
        const char *plain;
    } marks[] = {{"\xE2\x90\xA3", " "},  {"\xE2\x86\xB5", ""},
                 {"\xE2\x86\x90", "\r"}, {"\xE2\x87\x94", "\xEF\xBB\xBF"},
                 {"\xE2\x80\x94", ""},   {"\xC2\xBB", "\t"}};
    for (size_t at = 0; at < text.len;) {
        Str rest = str_slice(text, at, text.len);
        if (str_equal(rest, STR("\xE2\x88\x8E\n"))) {
            return;
        }
        size_t i = 0;
        while (i < 6 && !str_starts_with(rest, str_from_c(marks[i].shown))) {
            i++;
        }
        strbuf_append(out, i < 6 ? str_from_c(marks[i].plain)
                                 : str_slice(rest, 0, 1));
        at += i < 6 ? strlen(marks[i].shown) : 1;
    }
}

// The first case of the file. False when it has no text.
static bool first_case(Str file, StrBuf *out_text, bool *out_fails)
{
    bool inside = false;
    bool any = false;
    uint32_t cases = 0;
    StrBuf raw = {0};
    *out_fails = false;
    for (size_t at = 0; at < file.len;) {
        size_t end = str_find_byte(file, '\n', at);
        Str line = str_slice(file, at, end);
        at = end + 1;
        cases += str_starts_with(line, STR("- "));
        if (cases > 1) {
            break;
        }
        bool is_text = line.len == 0 || str_starts_with(line, STR("    "));
        if (inside && is_text) {
            strbuf_append(&raw, str_slice(line, 4, line.len));
            strbuf_append_char(&raw, '\n');
            continue;
        }
        inside = str_equal(line, STR("  yaml: |")) ||
                 str_equal(line, STR("- yaml: |"));
        any |= inside;
        *out_fails |= str_equal(line, STR("  fail: true")) ||
                      str_equal(line, STR("- fail: true"));
    }
    show_plainly(strbuf_str(&raw), out_text);
    strbuf_release(&raw);
    return any;
}

// Valid YAML that is no plain data with a value: complex keys, tags, no
// document, a key twice.
static bool is_refused_here(Str name)
{
    static const char names[] =
        "2JQS 2XXW 4FJ6 565N 5TYM 6BFJ 6CK3 6PBE 6WLZ 7FWL 8G76 98YD 9MMW 9WXW "
        "AVM7 C4HZ CC74 CUP7 HWV9 J7PZ KK5P LX3P M2N8 M5C3 M5DY P76L Q9WF QT73 "
        "RZP5 SBG9 UGM3 V9D5 X38W XW4D Z67P Z9M4";
    StrBuf text = {0};
    strbuf_appendf(&text, "%.4s%c", name.data, 0);
    bool found = strstr(names, text.data) != NULL;
    strbuf_release(&text);
    return found;
}

TEST(corpus)
{
    DIR *folder = opendir(CORPUS);
    if (folder == NULL) {
        harness_skip(CORPUS);
        return;
    }
    uint32_t seen = 0;
    struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        Str name = str_from_c(entry->d_name);
        StrBuf path = {0};
        StrBuf file = {0};
        StrBuf text = {0};
        bool fails;
        strbuf_appendf(&path, CORPUS "/%s%c", entry->d_name, 0);
        if (str_ends_with(name, STR(".yaml")) && data_file(path.data, &file) &&
            first_case(strbuf_str(&file), &text, &fails)) {
            bool valid = !fails && !is_refused_here(name);
            if (data_accepts(read_all, strbuf_str(&text)) != valid) {
                printf("# %s\n", entry->d_name);
                CHECK(!"the verdict differs");
            }
            seen++;
        }
        strbuf_release(&path);
        strbuf_release(&file);
        strbuf_release(&text);
    }
    closedir(folder);
    CHECK(seen > 300);
}

TEST_MAIN(RUN(values), RUN(strings_stay_strings), RUN(empty_items), RUN(merges),
          RUN(blocks), RUN(folded_quotes), RUN(single_quotes), RUN(refusals),
          RUN(lines_of_their_own), RUN(documents), RUN(aliases),
          RUN(aliases_for_keys), RUN(nested_aliases), RUN(nesting), RUN(corpus))
