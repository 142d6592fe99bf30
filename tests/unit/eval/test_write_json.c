#include "eval/write_json.h"

#include "tests/unit/eval/json_text.h"

TEST(scalars)
{
    Fixture f;
    fixture_init(&f);
    check_json(value_unit(), "null");
    check_json(value_bool(true), "true");
    check_json(value_int(0), "0");
    check_json(value_int(7), "7");
    check_json(value_int(-10), "-10");
    check_json(value_int(123), "123");
    check_json(value_int(INT64_MAX), "9223372036854775807");
    check_json(value_int(INT64_MIN), "-9223372036854775808");
    check_json(value_int((INT64_C(1) << 53) + 1), "9007199254740993");
    check_json(value_float(0.1 + 0.2), "0.30000000000000004");
    check_json(value_float(3), "3.0");
    check_json(make_union(&f, &f.none, NULL), "null");
    check_json(make_union(&f, &f.nil, NULL), "\"Nil\"");
    fixture_release(&f);
}

TEST(strings)
{
    Fixture f;
    fixture_init(&f);
    check_json(make_string(&f, ""), "\"\"");
    check_json(make_string(&f, "a/b'c\x7F"), "\"a/b'c\x7F\"");
    check_json(make_string(&f, "0123456\"\\\b\f\n\r\t\x01\x1F"
                               "0123456789"),
               "\"0123456\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f0123456789\"");
    check_json(value_string(&f.heap, STR("\0")), "\"\\u0000\"");
    Value wide = make_string(&f, "abcdef\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80xyz"
                                 "\xEF\xBF\xBF");
    check_json(wide, "\"abcdef\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80xyz"
                     "\xEF\xBF\xBF\"");
    JsonOptions ascii = compact();
    ascii.ascii = true;
    check_with(ascii, wide, NULL,
               "\"abcdef\\u00e4\\u20ac\\ud83d\\ude00xyz\\uffff\"");
    // All escapes: the text grows sixfold.
    char controls[1001];
    char expected[6003];
    memset(controls, 1, 1000);
    controls[1000] = 0;
    expected[0] = '"';
    for (int i = 0; i < 1000; i++) {
        memcpy(expected + 1 + 6 * i, "\\u0001", 6);
    }
    strcpy(expected + 6001, "\"");
    check_json(make_string(&f, controls), expected);
    fixture_release(&f);
}

// Byte by byte.
static void escape_simply(StrBuf *out, Str text)
{
    strbuf_append_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c < 0x20) {
            strbuf_appendf(out, "\\u%04x", c);
        } else {
            strbuf_append(out, c == '"' || c == '\\' ? STR("\\") : STR(""));
            strbuf_append_char(out, (char)c);
        }
    }
    strbuf_append_char(out, '"');
}

TEST(escapes_at_every_place)
{
    Fixture f;
    fixture_init(&f);
    static const char culprits[] = {'"', '\\', 0x1F, 0x01, 0x20, 0x7F, '!'};
    for (size_t len = 1; len <= 50; len++) {
        for (size_t at = 0; at < len; at++) {
            char text[50];
            for (size_t i = 0; i < len; i++) {
                text[i] = (char)('a' + i % 26);
            }
            text[at] = culprits[(len + at) % sizeof culprits];
            StrBuf expected = {0};
            escape_simply(&expected, str_make(text, len));
            strbuf_append_char(&expected, '\0');
            check_json(value_string(&f.heap, str_make(text, len)),
                       expected.data);
            strbuf_release(&expected);
        }
    }
    fixture_release(&f);
}

TEST(integers_of_every_length)
{
    char expected[32];
    int64_t value = 1;
    for (int digits = 1; digits <= 19; digits++, value *= 10) {
        for (int64_t near = value - 1; near <= value + 1; near++) {
            snprintf(expected, sizeof expected, "%lld", (long long)near);
            check_json(value_int(near), expected);
            snprintf(expected, sizeof expected, "%lld", (long long)-near);
            check_json(value_int(-near), expected);
        }
        if (digits == 19) {
            break;
        }
    }
}

TEST(compounds)
{
    Fixture f;
    fixture_init(&f);
    Value one = value_int(1);
    Value none = make_union(&f, &f.none, NULL);
    Value some = make_union(&f, &f.some, &one);
    check_json(make_list(&f, 0, NULL), "[]");
    check_json(value_list_range(&f.heap, 1, 3), "[1,2,3]");
    check_json(make_tuple(&f, one, none), "[1,null]");
    check_json(make_record(&f, "", NULL), "{}");
    check_json(make_record(&f, "a b c", (Value[]){none, some, one}),
               "{\"b\":1,\"c\":1}");
    check_json(make_record(&f, "a", &none), "{}");
    check_json(make_union(&f, &f.some, &some), "1");
    MapEntry entries[] = {{make_string(&f, "z\""), none},
                          {make_string(&f, "a"), some}};
    Value map = value_map(&f.heap, entries, 2);
    check_json(map, "{\"z\\\"\":null,\"a\":1}");
    check_json(value_map(&f.heap, NULL, 0), "{}");
    check_json(make_chain(&f, 2), "{\"Cons\":[1,{\"Cons\":[0,\"Nil\"]}]}");
    CtorInfo wrap = {STR("Wrap"), 0, 1, CTOR_PLAIN, 0, NULL};
    check_json(make_union(&f, &wrap, &none), "{\"Wrap\":null}");
    check_json(make_union(&f, &wrap, &map),
               "{\"Wrap\":{\"z\\\"\":null,\"a\":1}}");
    JsonOptions sorted = compact();
    sorted.sort_keys = true;
    check_with(sorted, map, NULL, "{\"a\":1,\"z\\\"\":null}");
    check_with(sorted,
               make_record(&f, "b ab a none", (Value[]){one, some, map, none}),
               NULL, "{\"a\":{\"a\":1,\"z\\\"\":null},\"ab\":1,\"b\":1}");
    fixture_release(&f);
}

TEST(pretty)
{
    Fixture f;
    fixture_init(&f);
    Value none = make_union(&f, &f.none, NULL);
    Value empty = make_list(&f, 0, NULL);
    Value record =
        make_record(&f, "a b c d",
                    (Value[]){empty, value_list_range(&f.heap, 1, 2),
                              make_record(&f, "x", &none), make_chain(&f, 1)});
    check_with(plain(), record, NULL,
               "{\n"
               "  \"a\": [],\n"
               "  \"b\": [\n"
               "    1,\n"
               "    2\n"
               "  ],\n"
               "  \"c\": {},\n"
               "  \"d\": {\n"
               "    \"Cons\": [\n"
               "      0,\n"
               "      \"Nil\"\n"
               "    ]\n"
               "  }\n"
               "}");
    CtorInfo wrap = {STR("Wrap"), 0, 1, CTOR_PLAIN, 0, NULL};
    Value inner = make_record(&f, "x", (Value[]){value_int(1)});
    check_with(plain(),
               make_list(&f, 1, (Value[]){make_union(&f, &wrap, &inner)}), NULL,
               "[\n"
               "  {\n"
               "    \"Wrap\": {\n"
               "      \"x\": 1\n"
               "    }\n"
               "  }\n"
               "]");
    StrBuf out = {0};
    JsonOptions options = plain();
    CHECK(json_append(&options, inner, 2, &out));
    CHECK_EQ_STR(strbuf_str(&out), STR("{\n      \"x\": 1\n    }"));
    strbuf_release(&out);
    fixture_release(&f);
}

TEST(refusals)
{
    Fixture f;
    fixture_init(&f);
    Value function = {.tag = VALUE_FUNCTION};
    check_json(function, "E0406: the result is a function");
    Value handler =
        make_record(&f, "port handler", (Value[]){value_int(1), function});
    Value services =
        make_list(&f, 3, (Value[]){value_int(1), value_int(2), handler});
    check_json(
        make_record(&f, "services", &services),
        "E0406: a function stands in the result at .services[2].handler");
    MapEntry entry = {make_string(&f, "a b"), function};
    Value map = value_map(&f.heap, &entry, 1);
    check_json(make_union(&f, &f.cons, (Value[]){value_int(1), map}),
               "E0406: a function stands in the result at .Cons[1].\"a b\"");
    Value none = make_union(&f, &f.none, NULL);
    Value some_none = make_union(&f, &f.some, &none);
    check_json(some_none,
               "E0407: the result is 'Some None', which has no JSON");
    Value deeper = make_union(&f, &f.some, &some_none);
    check_json(
        make_tuple(&f, value_int(1), deeper),
        "E0407: 'Some None' stands in the result at [1] and has no JSON");
    JsonOptions precise = compact();
    precise.check_precision = true;
    DiagSink diags;
    diag_sink_init(&diags);
    Value large = value_list_range(&f.heap, (INT64_C(1) << 53) - 1, 100);
    JsonDocument *document = json_prepare(&precise, large, NULL, NULL, &diags);
    CHECK(document != NULL);
    // One place has one diagnostic.
    CHECK_EQ_INT(diags.diags.count, 1);
    CHECK_EQ_INT(diags.error_count, 0);
    const DiagMore *more = diag_at(&diags, 0)->more;
    CHECK_EQ_INT(more->notes.count, 20);
    CHECK_EQ_STR(more->notes.items[0], STR("so is 9007199254740994 at [3]"));
    CHECK_EQ_STR(more->notes.items[19], STR("there are more such values"));
    json_document_free(document);
    large = make_tuple(&f, large, function);
    precise.path = STR(".a");
    CHECK(json_prepare(&precise, large, NULL, NULL, &diags) == NULL);
    CHECK_EQ_INT(diags.error_count, 1);
    CHECK_EQ_STR(diag_at(&diags, 2)->message,
                 STR("a function stands in the result at .a[1]"));
    diag_sink_release(&diags);
    fixture_release(&f);
}

TEST(output_limit)
{
    Fixture f;
    fixture_init(&f);
    JsonOptions options = compact();
    options.max_bytes = 10;
    check_with(options, value_list_range(&f.heap, 1, 4), NULL, "[1,2,3,4]");
    check_with(options, value_list_range(&f.heap, 6, 5), NULL,
               "E0605: the output is over 10 bytes");
    check_with(options, make_string(&f, "0123456789abcdefghijklmnopq"), NULL,
               "E0605: the output is over 10 bytes");
    // Sharing makes a small value a large text.
    Value laughs = value_int(1);
    for (int i = 0; i < 60; i++) {
        laughs = make_tuple(&f, laughs, laughs);
    }
    options.max_bytes = 100 << 20;
    check_with(options, laughs, NULL,
               "E0605: the output is over 104857600 bytes");
    CancelToken token;
    cancel_token_init(&token, NULL, INT64_MAX);
    cancel_token_cancel(&token, CANCEL_TIMEOUT);
    DiagSink diags;
    diag_sink_init(&diags);
    CHECK(json_prepare(&options, laughs, NULL, &token, &diags) == NULL);
    CHECK_EQ_INT(diags.error_count, 0);
    diag_sink_release(&diags);
    fixture_release(&f);
}

TEST(deep_values)
{
    Fixture f;
    fixture_init(&f);
    JsonOptions options = compact();
    DiagSink diags;
    diag_sink_init(&diags);
    Output output = {0};
    JsonDocument *document =
        json_prepare(&options, make_chain(&f, 1000000), NULL, NULL, &diags);
    CHECK(document != NULL);
    CHECK(json_document_write(document, collect, &output));
    CHECK(str_starts_with(strbuf_str(&output.text),
                          STR("{\"Cons\":[999999,{\"Cons\":[999998,")));
    json_document_free(document);
    strbuf_release(&output.text);
    // Indentation makes it quadratic; the limit stops it.
    options = (JsonOptions){.max_bytes = 100 << 20};
    CHECK(json_prepare(&options, make_chain(&f, 1000000), NULL, NULL, &diags) ==
          NULL);
    diag_sink_release(&diags);
    fixture_release(&f);
}

// Keys of many shapes are kept while those of what is around them are in use.
TEST(many_shapes)
{
    Fixture f;
    fixture_init(&f);
    Value parts[100];
    StrBuf expected = {0};
    strbuf_append(&expected, STR("{\"parts\":["));
    for (int i = 0; i < 100; i++) {
        char names[48];
        snprintf(names, sizeof names, "x%d longer_name_%d", i, i);
        Value fields[] = {value_int(i), value_bool(true)};
        parts[i] = make_record(&f, names, fields);
        strbuf_appendf(&expected, "%s{\"x%d\":%d,\"longer_name_%d\":true}",
                       i > 0 ? "," : "", i, i, i);
    }
    Value list = make_list(&f, 100, parts);
    Value record =
        make_record(&f, "parts then again", (Value[]){list, parts[7], list});
    strbuf_append(&expected, STR("],\"then\":{\"x7\":7,\"longer_name_7\":"
                                 "true},\"again\":["));
    Str items = str_slice(strbuf_str(&expected), 9, expected.len);
    items = str_slice(items, 0, str_find_byte(items, ']', 0));
    StrBuf copy = {0};
    strbuf_append(&copy, items);
    strbuf_append(&expected, str_slice(strbuf_str(&copy), 1, copy.len));
    strbuf_append(&expected, STR("]}"));
    strbuf_append_char(&expected, '\0');
    check_json(record, expected.data);
    strbuf_release(&copy);
    strbuf_release(&expected);
    fixture_release(&f);
}

TEST(deep_lines)
{
    Fixture f;
    fixture_init(&f);
    Value value = value_int(7);
    StrBuf expected = {0};
    for (int i = 0; i < 100; i++) {
        value = make_list(&f, 2, (Value[]){value_bool(true), value});
        strbuf_append(&expected, STR("[\n"));
        strbuf_append_repeat(&expected, ' ', 2 * (size_t)i + 2);
        strbuf_append(&expected, STR("true,\n"));
        strbuf_append_repeat(&expected, ' ', 2 * (size_t)i + 2);
    }
    strbuf_append(&expected, STR("7"));
    for (int i = 99; i >= 0; i--) {
        strbuf_append(&expected, STR("\n"));
        strbuf_append_repeat(&expected, ' ', 2 * (size_t)i);
        strbuf_append(&expected, STR("]"));
    }
    strbuf_append_char(&expected, '\0');
    check_with(plain(), value, NULL, expected.data);
    strbuf_release(&expected);
    fixture_release(&f);
}

// What is written once only was looked at as closely.
TEST(nesting_of_the_unmeasured)
{
    Fixture f;
    fixture_init(&f);
    Value *items;
    Value list = value_list(&f.heap, 100000, &items);
    Value empty = make_record(&f, "", NULL);
    for (uint32_t i = 0; i < 100000; i++) {
        items[i] = empty;
    }
    JsonOptions options = plain();
    options.unmeasured = true;
    options.max_nesting = 1;
    check_with(options, list, NULL,
               "E0601: the result is nested more than 1 levels deep");
    fixture_release(&f);
}

TEST(large_documents_stream)
{
    Fixture f;
    fixture_init(&f);
    Pool *pool = pool_new(4, 0);
    Worker *worker = pool_main_worker(pool);
    Value people = make_people(&f, 350000);
    Value nested =
        make_record(&f, "people count", (Value[]){people, value_int(350000)});
    Output alone = {0};
    Output shared = {0};
    Str a = print(plain(), nested, NULL, &alone);
    Str b = print(plain(), nested, worker, &shared);
    CHECK(a.len > 32 << 20);
    CHECK(str_equal(a, b));
    JsonOptions unmeasured = plain();
    unmeasured.unmeasured = true;
    Output once = {0};
    CHECK(str_equal(a, print(unmeasured, nested, worker, &once)));
    strbuf_release(&once.text);
    CHECK(alone.calls > 100);
    strbuf_release(&alone.text);
    strbuf_release(&shared.text);
    // A culprit far inside is found by slices and told in order.
    Value function = {.tag = VALUE_FUNCTION};
    ((Value *)people.as.list->items)[300001] = function;
    ((Value *)people.as.list->items)[300000] = function;
    check_with(plain(), nested, worker,
               "E0406: a function stands in the result at .people[300000]");
    JsonOptions options = plain();
    options.max_bytes = 20 << 20;
    check_with(options, nested, worker,
               "E0605: the output is over 20971520 bytes");
    pool_free(pool);
    fixture_release(&f);
}

// A list whose items are of very different lengths.
static Value make_uneven(Fixture *f, uint32_t count)
{
    Value *items;
    Value list = value_list(&f->heap, count, &items);
    for (uint32_t i = 0; i < count; i++) {
        items[i] = value_list_range(&f->heap, i, i % 97 == 96 ? 200000 : i % 5);
    }
    return list;
}

static Value make_map(Fixture *f, uint32_t count)
{
    MapEntry *entries = calloc(count, sizeof *entries);
    for (uint32_t i = 0; i < count; i++) {
        char key[32];
        snprintf(key, sizeof key, "key \"%u\"", (i * 7919) % count);
        entries[i] = (MapEntry){make_string(f, key), value_int(i)};
    }
    Value map = value_map(&f->heap, entries, count);
    free(entries);
    return map;
}

// Most of its fields are left out, all of the first ones.
static Value make_sparse(Fixture *f, uint32_t count)
{
    Symbol *names = calloc(count, sizeof *names);
    for (uint32_t i = 0; i < count; i++) {
        char name[16];
        snprintf(name, sizeof name, "f%u", i);
        names[i] = intern(f->interner, str_from_c(name));
    }
    Value *fields;
    Value record =
        value_record(&f->heap, shape_intern(f->shapes, names, count), &fields);
    for (uint32_t i = 0; i < count; i++) {
        fields[i] = i < 100 || i % 3 != 0 ? make_union(f, &f->none, NULL)
                                          : value_int(i);
    }
    free(names);
    return record;
}

TEST(workers_write_the_same)
{
    Fixture f;
    fixture_init(&f);
    Pool *pool = pool_new(4, 0);
    Value values[] = {make_uneven(&f, 1000), make_map(&f, 50000),
                      make_sparse(&f, 300000), make_sparse(&f, 900)};
    for (size_t i = 0; i < 2 * sizeof values / sizeof *values; i++) {
        JsonOptions options = plain();
        options.sort_keys = options.compact = i % 2 == 1;
        options.unmeasured = true;
        Output alone = {0};
        Output shared = {0};
        Str a = print(options, values[i / 2], NULL, &alone);
        Str b = print(options, values[i / 2], pool_main_worker(pool), &shared);
        CHECK(a.len > 1000);
        CHECK(str_equal(a, b));
        strbuf_release(&alone.text);
        strbuf_release(&shared.text);
    }
    pool_free(pool);
    fixture_release(&f);
}

TEST_MAIN(RUN(scalars), RUN(strings), RUN(escapes_at_every_place),
          RUN(integers_of_every_length), RUN(compounds), RUN(pretty),
          RUN(refusals), RUN(output_limit), RUN(deep_values), RUN(many_shapes),
          RUN(deep_lines), RUN(nesting_of_the_unmeasured),
          RUN(large_documents_stream), RUN(workers_write_the_same))
