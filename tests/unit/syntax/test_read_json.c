// Values, refusals, and the JSON parsing test suite (JSONTestSuite of Nicolas
// Seriot) where its folder is at hand.
#include "syntax/read_json.h"

#include <dirent.h>

#include "tests/unit/syntax/data.h"

#define CORPUS "/work/shared/corpora/json"

typedef struct Fixture {
    Interner *interner;
    Module *module;
} Fixture;

static void fixture_read(Fixture *fixture, Str text, uint32_t max_nesting)
{
    fixture->interner = symbols_new();
    fixture->module = module_new();
    fixture->module->source = (Source){.path = STR("test.json"), .text = text};
    read_json_module(fixture->module, fixture->interner, max_nesting);
}

static void fixture_close(Fixture *fixture)
{
    module_free(fixture->module);
    interner_free(fixture->interner);
}

static void read_json(Module *module, Interner *interner)
{
    read_json_module(module, interner, 1000);
}

#define VALUE(text, expected)                                                  \
    data_check_text(__FILE__, __LINE__, read_json, STR(text), (expected))

TEST(values)
{
    VALUE(" {\"a\": [1, -2, true, false, null], \"b c\": {}, \"\": []}\n",
          "{a=[1,-2,true,false,None],b c={},=[]}");
    VALUE("\xEF\xBB\xBF[]", "[]");
}

TEST(nul_is_kept)
{
    Fixture fixture;
    fixture_read(&fixture, STR("{\"a\\u0000b\": \"\\u0000\"}"), 1000);
    const Expr *record = fixture.module->ast.result;
    CHECK(record != NULL && record->as.record.count == 1);
    CHECK_EQ_STR(symbol_text(fixture.interner, record->as.record.items[0].name),
                 STR("a\0b"));
    CHECK_EQ_INT(record->as.record.items[0].plain.as.string.len, 1);
    CHECK((record->flags & EXPR_CLOSED) != 0);
    fixture_close(&fixture);
}

TEST(numbers)
{
    VALUE("[9223372036854775807, -9223372036854775808, 0, -0]",
          "[9223372036854775807,-9223372036854775808,0,0]");
    VALUE("[9223372036854775808, -9223372036854775809, 1e2, 1.0]",
          "[f9.2233720368547758e+18,f-9.2233720368547758e+18,f100,f1]");
    VALUE("123456789012345678", "123456789012345678");
    VALUE("1234567890123456789", "1234567890123456789");
    VALUE("1e999", "E0110@0-5");
    VALUE("[01]", "E0110@1-3");
    VALUE("[1.]", "E0110@1-3");
    VALUE("[-]", "E0110@1-2");
    VALUE("[+1]", "E0110@1-2");
    VALUE("[0x1]", "E0110@2-3");
}

TEST(refusals)
{
    VALUE("", "E0110@0-0");
    VALUE("[1,]", "E0110@3-4");
    VALUE("{\"a\":1,}", "E0110@7-8");
    VALUE("{\"a\" 1}", "E0110@5-6");
    VALUE("{a: 1}", "E0110@1-2");
    VALUE("[1] x", "E0110@4-5");
    VALUE("// c\n1", "E0110@0-1");
    VALUE("\"a\nb\"", "E0110@2-3");
    VALUE("\"a\tb\"", "E0110@2-3");
    VALUE("\"abc", "E0110@0-1");
    VALUE("\"\\ud800\"", "E0110@1-7");
    VALUE("\"\\udc00x\"", "E0110@1-7");
    VALUE("\"\\x\"", "E0110@1-2");
    VALUE("[nul]", "E0110@1-2");
    VALUE("{\"a\": 1, \"b\": 2, \"\\u0061\": 3}", "E0110@17-25");
    VALUE("{\"a\": {\"b\": 1, \"b\": 2}}", "E0110@15-18");
    VALUE("[\"\xFF\"]", "E0101@2-3");
    VALUE("[1\0]", "E0101@2-3");
}

TEST(many_keys)
{
    StrBuf text = {0};
    strbuf_append_char(&text, '{');
    for (int i = 0; i < 5000; i++) {
        strbuf_appendf(&text, "%s\"k%d\":%d", i == 0 ? "" : ",", i, i);
    }
    size_t before = text.len;
    strbuf_append_char(&text, '}');
    Fixture fixture;
    fixture_read(&fixture, strbuf_str(&text), 1000);
    CHECK(!fixture.module->broken);
    CHECK_EQ_INT(fixture.module->ast.result->as.record.count, 5000);
    fixture_close(&fixture);
    text.len = before;
    strbuf_append(&text, STR(",\"k77\":0}"));
    fixture_read(&fixture, strbuf_str(&text), 1000);
    CHECK_EQ_INT(fixture.module->diags.error_count, 1);
    CHECK_EQ_INT(diag_at(&fixture.module->diags, 0)->more->labels.count, 1);
    fixture_close(&fixture);
    strbuf_release(&text);
}

TEST(nesting)
{
    StrBuf text = {0};
    strbuf_append_repeat(&text, '[', 100);
    strbuf_append_repeat(&text, ']', 100);
    Fixture fixture;
    fixture_read(&fixture, strbuf_str(&text), 100);
    CHECK(!fixture.module->broken);
    fixture_close(&fixture);
    fixture_read(&fixture, strbuf_str(&text), 99);
    CHECK_EQ_INT(fixture.module->diags.diags.count, 1);
    CHECK_EQ_INT(diag_at(&fixture.module->diags, 0)->code, DIAG_E0601);
    fixture_close(&fixture);
    strbuf_clear(&text);
    strbuf_append_repeat(&text, '[', 200000);
    fixture_read(&fixture, strbuf_str(&text), 1000);
    CHECK_EQ_INT(fixture.module->diags.diags.count, 1);
    fixture_close(&fixture);
    strbuf_release(&text);
}

TEST(spans)
{
    Fixture fixture;
    fixture_read(&fixture, STR(" {\"a\": [10, \"x\"]}"), 1000);
    const Expr *record = fixture.module->ast.result;
    CHECK_EQ_INT(record->span.start, 1);
    CHECK_EQ_INT(record->span.end, 17);
    const RecordItem *item = &record->as.record.items[0];
    CHECK_EQ_INT(item->name_start, 2);
    Span name = record_item_name_span(item, &fixture.module->source);
    CHECK_EQ_INT(name.end, 5);
    CHECK_EQ_INT(record_item_value(item)->as.list.items[1].span.start, 12);
    CHECK_EQ_INT(record_item_value(item)->as.list.items[1].span.end, 15);
    fixture_close(&fixture);
}

static bool read_whole(const char *path, StrBuf *out)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }
    size_t got;
    do {
        char *room = strbuf_reserve(out, 4096);
        got = fread(room, 1, 4096, file);
        out->len += got;
    } while (got > 0);
    fclose(file);
    return true;
}

// y_: accepted, n_: refused, i_: either.
TEST(conformance)
{
    DIR *folder = opendir(CORPUS);
    if (folder == NULL) {
        harness_skip(CORPUS);
        return;
    }
    int files = 0;
    struct dirent *entry;
    while ((entry = readdir(folder)) != NULL) {
        const char *name = entry->d_name;
        if (!str_ends_with(str_from_c(name), STR(".json"))) {
            continue;
        }
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", CORPUS, name);
        StrBuf text = {0};
        CHECK(read_whole(path, &text));
        Fixture fixture;
        fixture_read(&fixture, strbuf_str(&text), 1000);
        bool accepted = !fixture.module->broken;
        // Duplicate keys are valid JSON that Ligature refuses.
        bool duplicates = strstr(name, "duplicated_key") != NULL;
        if ((name[0] == 'y' && !duplicates && !accepted) ||
            (name[0] == 'n' && accepted) || (duplicates && accepted)) {
            printf("# %s: %s\n", name, accepted ? "accepted" : "refused");
            CHECK(!"conforms");
        }
        files++;
        fixture_close(&fixture);
        strbuf_release(&text);
    }
    closedir(folder);
    printf("# %d files of " CORPUS "\n", files);
    CHECK(files > 0);
}

TEST_MAIN(RUN(values), RUN(nul_is_kept), RUN(numbers), RUN(refusals),
          RUN(many_keys), RUN(nesting), RUN(spans), RUN(conformance))
