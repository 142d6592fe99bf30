// YAML and TOML made of the JSON writer's text.
#include "eval/write_toml.h"
#include "eval/write_yaml.h"
#include "tests/harness.h"

static void check_yaml(const char *file, int line, Str json,
                       const char *expected)
{
    YamlOptions options = {.max_bytes = 1000000};
    StrBuf out = {0};
    harness_check_int(file, line, "okay", yaml_from_json(json, &options, &out),
                      true);
    harness_check_str(file, line, "yaml", strbuf_str(&out),
                      str_from_c(expected));
    strbuf_release(&out);
}

#define YAML(json, expected)                                                   \
    check_yaml(__FILE__, __LINE__, STR(json "\n"), (expected))

TEST(yaml_structure)
{
    YAML("1", "1\n");
    YAML("{}", "{}\n");
    YAML("{\"a\":[1,[2,[]],{\"b\":null,\"c\":{\"d\":true}}],\"e\":{}}",
         "a:\n  - 1\n  - - 2\n    - []\n  - b: null\n    c:\n      d: true\n"
         "e: {}\n");
}

TEST(yaml_strings)
{
    YAML("[\"abc\",\"a b\",\"no\",\"Y\",\"12\",\"1:2\",\"\",\" x\",\"a: b\"]",
         "- abc\n- a b\n- \"no\"\n- \"Y\"\n- \"12\"\n- \"1:2\"\n- \"\"\n"
         "- \" x\"\n- \"a: b\"\n");
    YAML("{\"a\":\"x\\ny\\n\",\"b\":\"x\\ny\",\"c\":\"x\\n\\n\"}",
         "a: |\n  x\n  y\nb: |-\n  x\n  y\nc: |+\n  x\n\n");
    YAML("[\"\\u0001\\ud83d\\ude00\\\\\\\"\",\"\\n\"]",
         "- \"\\x01\xF0\x9F\x98\x80\\\\\\\"\"\n- \"\\n\"\n");
    YAML("\"a\\nb\"", "|-\n  a\n  b\n");
    YAML("{\"no\":1,\"a b\":2,\"x: y\":3}", "\"no\": 1\na b: 2\n\"x: y\": 3\n");
}

TEST(yaml_numbers)
{
    YAML("[-1,1.5,1e21,1.5e-7]", "- -1\n- 1.5\n- 1.0e+21\n- 1.5e-7\n");
}

TEST(yaml_stream)
{
    YamlOptions options = {.max_bytes = 1000, .separate = true};
    bool is_list;
    StrBuf out = {0};
    CHECK(yaml_stream_from_json(STR("[{\"a\":1},2]\n"), &options, &is_list,
                                &out));
    CHECK_EQ_STR(strbuf_str(&out), STR("---\na: 1\n---\n2\n"));
    CHECK(!yaml_stream_from_json(STR("{}\n"), &options, &is_list, &out));
    CHECK(!is_list);
    strbuf_clear(&out);
    options.max_bytes = 8;
    CHECK(!yaml_stream_from_json(STR("[{\"a\":1},2]\n"), &options, &is_list,
                                 &out));
    strbuf_release(&out);
}

// The text, or the code and message of what is wrong.
static void check_toml(const char *file, int line, Str json,
                       const char *expected)
{
    TomlOptions options = {.max_bytes = 1000, .max_nesting = 20};
    DiagSink diags;
    diag_sink_init(&diags);
    StrBuf out = {0};
    if (!toml_from_json(json, &options, &diags, &out)) {
        const Diag *diag = diag_at(&diags, 0);
        strbuf_clear(&out);
        strbuf_appendf(&out, "%s %.*s", diag_code_name(diag->code),
                       STR_ARG(diag->message));
    }
    harness_check_str(file, line, "toml", strbuf_str(&out),
                      str_from_c(expected));
    strbuf_release(&out);
    diag_sink_release(&diags);
}

#define TOML(json, expected)                                                   \
    check_toml(__FILE__, __LINE__, STR(json "\n"), (expected))

TEST(toml)
{
    TOML("{}", "");
    TOML("{\"b\":{\"c\":1},\"a\":[1,{\"x\":true}],\"d e\":\"x\\ny\"}",
         "a = [1, { x = true }]\n\"d e\" = \"\"\"\nx\ny\"\"\"\n\n[b]\nc = 1\n");
    TOML("{\"a\":{\"b\":{\"c\":{}}},\"s\":[{\"n\":1,\"t\":{\"u\":2}},{}]}",
         "[a.b.c]\n\n[[s]]\nn = 1\n\n[s.t]\nu = 2\n\n[[s]]\n");
    TOML("[1]", "E0409 a TOML document is a table, and the result is no "
                "record or map");
    TOML("{\"a\":[1,null]}", "E0409 TOML has no null, which stands at .a[1]");
    TOML("{\"a\":\"\\u0001\\\"\\\\\"}", "a = \"\\u0001\\\"\\\\\"\n");
}

TEST_MAIN(RUN(yaml_structure), RUN(yaml_strings), RUN(yaml_numbers),
          RUN(yaml_stream), RUN(toml))
