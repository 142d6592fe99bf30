// Diagnostics as JSON.
#include "cli/diag_json.h"

#include <cJSON.h>

#include "cli/json_text.h"
#include "tests/harness.h"

static const Source main_file = {
    .path = STR_INIT("main.lig"),
    .text = STR_INIT("let port = 1;\n\"\xC3\xA9\" + port\n"),
};

static void check_text(Str text, size_t max_bytes, Str expected)
{
    StrBuf out = {0};
    json_text_append(&out, text, max_bytes);
    CHECK_EQ_STR(strbuf_str(&out), expected);
    strbuf_release(&out);
}

TEST(strings_are_escaped)
{
    check_text(STR("plain \xC3\xA9"), 100, STR("\"plain \xC3\xA9\""));
    check_text(STR("a\"b\\c\n\t\r\b\f\v"), 100,
               STR("\"a\\\"b\\\\c\\n\\t\\r\\b\\f\\u000b\""));
    check_text(STR("a\0b\x1B\x7F"), 100, STR("\"a\\u0000b\\u001b\\u007f\""));
    check_text(STR("\xFF\xE2\x80\xAE"), 100, STR("\"\\\\xff\\u202e\""));
    check_text(STR("##[x]"), 100, STR("\"#\\u0023[x]\""));
    check_text(STR("abcdef"), 3, STR("\"abc...\""));
    check_text(STR("ab\xC3\xA9"
                   "f"),
               3, STR("\"ab\xC3\xA9...\""));
    check_text(STR(""), 3, STR("\"\""));
}

TEST(no_diagnostics_give_an_empty_document)
{
    DiagSink sink;
    diag_sink_init(&sink);
    StrBuf out = {0};
    diag_json_write(&out, &sink);
    CHECK_EQ_STR(strbuf_str(&out), STR("{\"version\":1,\"diagnostics\":[]}\n"));
    strbuf_release(&out);
    diag_sink_release(&sink);
}

TEST(a_whole_diagnostic)
{
    DiagSink sink;
    diag_sink_init(&sink);
    Diag *diag = diag_add(&sink, DIAG_E0203, &main_file, (Span){14, 18},
                          "expected %s", "Integer");
    diag_label(&sink, diag, &main_file, (Span){11, 12}, "a number");
    diag_note(&sink, diag, "one");
    diag_note(&sink, diag, "two");
    diag_help(&sink, diag, "use 'toString'");
    diag_trace(&sink, diag, STR("f"), &main_file, (Span){21, 25});
    StrBuf out = {0};
    diag_json_write_array(&out, &sink);
    CHECK_EQ_STR(
        strbuf_str(&out),
        STR("[{\"code\":\"E0203\",\"severity\":\"error\","
            "\"message\":\"expected Integer\",\"file\":\"main.lig\","
            "\"line\":2,\"column\":1,\"endLine\":2,\"endColumn\":4,"
            "\"labels\":[{\"file\":\"main.lig\",\"line\":1,\"column\":12,"
            "\"endLine\":1,\"endColumn\":13,\"message\":\"a number\"}],"
            "\"notes\":[\"one\",\"two\"],\"help\":[\"use 'toString'\"],"
            "\"trace\":[{\"function\":\"f\",\"file\":\"main.lig\","
            "\"line\":2}]}]"));
    strbuf_release(&out);
    diag_sink_release(&sink);
}

TEST(no_place_is_null)
{
    DiagSink sink;
    diag_sink_init(&sink);
    diag_add(&sink, DIAG_W0201, NULL, (Span){0, 0}, "x");
    StrBuf out = {0};
    diag_json_write_array(&out, &sink);
    CHECK_EQ_STR(
        strbuf_str(&out),
        STR("[{\"code\":\"W0201\",\"severity\":\"warning\",\"message\":\"x\","
            "\"file\":null,\"line\":null,\"column\":null,\"endLine\":null,"
            "\"endColumn\":null,\"labels\":[],\"notes\":[],\"help\":[],"
            "\"trace\":[]}]"));
    strbuf_release(&out);
    diag_sink_release(&sink);
}

// Every document reads back, whatever bytes it was made of.
TEST(hostile_bytes_still_parse)
{
    DiagSink sink;
    diag_sink_init(&sink);
    char bytes[256];
    for (int i = 0; i < 256; i++) {
        bytes[i] = (char)(255 - i);
    }
    Source source = {.path = {bytes, 256}, .text = {bytes, 256}};
    for (uint32_t i = 0; i < 256; i++) {
        Diag *diag = diag_add(&sink, DIAG_E0101, &source, (Span){i, i + 9},
                              "%.*s", 255, bytes);
        diag_label(&sink, diag, &source, (Span){255 - i, 256}, "here");
    }
    StrBuf out = {0};
    diag_json_write(&out, &sink);
    CHECK_EQ_INT(utf8_validate(strbuf_str(&out)), out.len);
    cJSON *document = cJSON_ParseWithLength(out.data, out.len);
    CHECK(document != NULL);
    cJSON *diags = cJSON_GetObjectItem(document, "diagnostics");
    CHECK_EQ_INT(cJSON_GetArraySize(diags), 256);
    cJSON_Delete(document);
    strbuf_release(&out);
    diag_sink_release(&sink);
}

TEST(long_traces_are_cut_in_the_middle)
{
    DiagSink sink;
    diag_sink_init(&sink);
    Diag *diag = diag_add(&sink, DIAG_E0603, &main_file, (Span){0, 1}, "deep");
    for (uint32_t i = 0; i < 1000; i++) {
        diag_trace(&sink, diag, STR("f"), &main_file, (Span){i % 20, 20});
    }
    StrBuf out = {0};
    diag_json_write(&out, &sink);
    cJSON *document = cJSON_ParseWithLength(out.data, out.len);
    cJSON *diags = cJSON_GetObjectItem(document, "diagnostics");
    cJSON *first = cJSON_GetArrayItem(diags, 0);
    CHECK_EQ_INT(cJSON_GetArraySize(cJSON_GetObjectItem(first, "trace")), 64);
    cJSON *note = cJSON_GetArrayItem(cJSON_GetObjectItem(first, "notes"), 0);
    CHECK_EQ_STR(
        str_from_c(cJSON_GetStringValue(note)),
        STR("936 more calls in the middle of the trace are not listed"));
    cJSON_Delete(document);
    strbuf_release(&out);
    diag_sink_release(&sink);
}

TEST_MAIN(RUN(strings_are_escaped), RUN(no_diagnostics_give_an_empty_document),
          RUN(a_whole_diagnostic), RUN(no_place_is_null),
          RUN(hostile_bytes_still_parse),
          RUN(long_traces_are_cut_in_the_middle))
