// What is refused, where it stands, and what stops the writer.
#include "tests/unit/eval/json_text.h"

// `levels` lists around a value.
static Value make_nest(Fixture *f, uint32_t levels, Value inner)
{
    for (uint32_t i = 0; i < levels; i++) {
        inner = make_list(f, 1, &inner);
    }
    return inner;
}

TEST(nesting_limit)
{
    Fixture f;
    fixture_init(&f);
    JsonOptions options = compact();
    options.max_nesting = 3;
    check_with(options, make_nest(&f, 3, value_int(1)), NULL, "[[[1]]]");
    check_with(options, make_nest(&f, 4, value_int(1)), NULL,
               "E0601: the result is nested more than 3 levels deep");
    // Where the text is not made to be measured, a walk looks for it.
    options.unmeasured = true;
    check_with(options, make_nest(&f, 4, value_int(1)), NULL,
               "E0601: the result is nested more than 3 levels deep");
    Pool *pool = pool_new(2, 0);
    Value *items;
    Value list = value_list(&f.heap, 10000, &items);
    for (uint32_t i = 0; i < 10000; i++) {
        items[i] = make_nest(&f, i == 5000 ? 3 : 2, value_int(1));
    }
    check_with(options, list, pool_main_worker(pool),
               "E0601: the result is nested more than 3 levels deep");
    pool_free(pool);
    fixture_release(&f);
}

// What the walk does not see to the end of is measured nevertheless.
TEST(what_cannot_be_bounded)
{
    Fixture f;
    fixture_init(&f);
    JsonOptions options = compact();
    options.unmeasured = true;
    StrBuf deep = {0};
    for (int i = 0; i < 150; i++) {
        strbuf_append_char(&deep, '[');
    }
    strbuf_append_char(&deep, '1');
    for (int i = 0; i < 150; i++) {
        strbuf_append_char(&deep, ']');
    }
    strbuf_append_char(&deep, '\0');
    check_with(options, make_nest(&f, 150, value_int(1)), NULL, deep.data);
    strbuf_release(&deep);
    Value one = value_int(1);
    Value text = make_string(&f, "0123456789");
    Value none = make_union(&f, &f.none, NULL);
    Value some_none = make_union(&f, &f.some, &none);
    MapEntry entry = {text, one};
    // Shorter than six bytes for each of theirs.
    options.max_bytes = 40;
    check_with(options, text, NULL, "\"0123456789\"");
    check_with(options, value_map(&f.heap, &entry, 1), NULL,
               "{\"0123456789\":1}");
    check_with(options, make_record(&f, "abcdefghij", &one), NULL,
               "{\"abcdefghij\":1}");
    CtorInfo wrap = {STR("Abcdefghij"), 0, 1, CTOR_PLAIN, 0, NULL};
    check_with(options, make_union(&f, &wrap, &one), NULL,
               "{\"Abcdefghij\":1}");
    options.max_bytes = UINT64_MAX;
    check_with(options, make_list(&f, 1, &some_none), NULL,
               "E0407: 'Some None' stands in the result at [0] and has no "
               "JSON");
    entry.value = some_none;
    check_with(options, value_map(&f.heap, &entry, 1), NULL,
               "E0407: 'Some None' stands in the result at .\"0123456789\" "
               "and has no JSON");
    fixture_release(&f);
}

TEST(places_of_what_is_refused)
{
    Fixture f;
    fixture_init(&f);
    Value function = {.tag = VALUE_FUNCTION};
    check_json(make_nest(&f, 16, function),
               "E0406: a function stands in the result at [0][0][0][0][0][0]"
               "[0][0][0][0][0][0][0][0][0][0]");
    check_json(make_nest(&f, 17, function),
               "E0406: a function stands in the result at [0][0][0][0][0][0]"
               "[0][0]...[0][0][0][0][0][0][0][0]");
    Value one = value_int(1);
    JsonOptions sorted = compact();
    sorted.sort_keys = true;
    static const struct {
        const char *name, *shown;
    } names[] = {{"aZ_'9", "aZ_'9"}, {"9a", "\"9a\""}, {"[", "\"[\""},
                 {"`", "\"`\""},     {"{", "\"{\""},   {"/", "\"/\""},
                 {"a:", "\"a:\""},   {"@", "\"@\""},   {"a/", "\"a/\""}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char expected[100];
        char fields[20];
        snprintf(expected, sizeof expected,
                 "E0406: a function stands in the result at .%s",
                 names[i].shown);
        snprintf(fields, sizeof fields, "zz %s", names[i].name);
        check_with(sorted, make_record(&f, fields, (Value[]){one, function}),
                   NULL, expected);
        MapEntry entries[] = {{make_string(&f, "zz"), one},
                              {make_string(&f, names[i].name), function}};
        check_with(sorted, value_map(&f.heap, entries, 2), NULL, expected);
    }
    MapEntry nameless = {make_string(&f, ""), function};
    check_json(value_map(&f.heap, &nameless, 1),
               "E0406: a function stands in the result at .\"\"");
    CtorInfo wrap = {STR("Wrap"), 0, 1, CTOR_PLAIN, 0, NULL};
    Value wrapped = make_union(&f, &wrap, &function);
    check_json(wrapped, "E0406: a function stands in the result at .Wrap");
    fixture_release(&f);
}

static void locate(void *ctx, Str field, const Source **out_source,
                   Span *out_span)
{
    (void)out_source;
    strbuf_append(ctx, field);
    *out_span = (Span){7, 8};
}

// Where the first diagnostic points.
static uint32_t culprit_of(JsonOptions options, Value value)
{
    DiagSink diags;
    diag_sink_init(&diags);
    JsonDocument *document = json_prepare(&options, value, NULL, NULL, &diags);
    CHECK(diags.diags.count > 0);
    uint32_t start = diag_at(&diags, 0)->span.start;
    json_document_free(document);
    diag_sink_release(&diags);
    return start;
}

TEST(fields_have_places)
{
    Fixture f;
    fixture_init(&f);
    StrBuf asked = {0};
    JsonOptions options = compact();
    options.locate = locate;
    options.locate_ctx = &asked;
    options.span = (Span){3, 4};
    Value function = {.tag = VALUE_FUNCTION};
    Value record = make_record(&f, "b a", (Value[]){function, value_int(1)});
    CHECK_EQ_INT(culprit_of(options, record), 7);
    options.sort_keys = true;
    CHECK_EQ_INT(culprit_of(options, record), 7);
    CHECK_EQ_STR(strbuf_str(&asked), STR("bb"));
    CHECK_EQ_INT(culprit_of(options, function), 3);
    CHECK_EQ_INT(culprit_of(options, make_list(&f, 1, &function)), 3);
    CHECK_EQ_STR(strbuf_str(&asked), STR("bb"));
    strbuf_release(&asked);
    fixture_release(&f);
}

TEST(precision)
{
    Fixture f;
    fixture_init(&f);
    JsonOptions options = compact();
    options.check_precision = true;
    int64_t limit = INT64_C(1) << 53;
    DiagSink diags;
    diag_sink_init(&diags);
    for (int sign = -1; sign <= 1; sign += 2) {
        JsonDocument *document =
            json_prepare(&options, value_int(sign * limit), NULL, NULL, &diags);
        CHECK_EQ_INT(diags.diags.count, 0);
        json_document_free(document);
    }
    json_document_free(
        json_prepare(&options, value_int(-limit - 1), NULL, NULL, &diags));
    Value large = value_int(limit + 1);
    json_document_free(
        json_prepare(&options, make_list(&f, 1, &large), NULL, NULL, &diags));
    CHECK_EQ_INT(diags.diags.count, 2);
    CHECK_EQ_STR(diag_at(&diags, 0)->message,
                 STR("the integer -9007199254740993 is beyond 2^53 and loses "
                     "precision in many readers"));
    CHECK_EQ_STR(diag_at(&diags, 1)->message,
                 STR("the integer 9007199254740993 at [0] is beyond 2^53 and "
                     "loses precision in many readers"));
    // What is too long to be kept is written again, and not warned of again.
    Value list = value_list_range(&f.heap, limit + 1, 2000000);
    uint32_t before = diags.diags.count;
    JsonDocument *document = json_prepare(&options, list, NULL, NULL, &diags);
    CHECK_EQ_INT(diags.diags.count, before + 1);
    Output output = {0};
    CHECK(json_document_write(document, collect, &output));
    CHECK(output.calls > 1);
    CHECK_EQ_INT(output.text.len, json_document_bytes(document));
    CHECK_EQ_INT(diags.diags.count, before + 1);
    CHECK_EQ_INT(diag_at(&diags, before)->more->notes.count, 20);
    json_document_free(document);
    strbuf_release(&output.text);
    diag_sink_release(&diags);
    fixture_release(&f);
}

// Takes so many pieces.
typedef struct Valve {
    CancelToken *token; // cancelled instead of refusing, where there is one
    uint32_t left;
    uint32_t calls;
} Valve;

static bool take_some(void *ctx, Str bytes)
{
    Valve *valve = ctx;
    CHECK(bytes.len > 0);
    valve->calls++;
    if (valve->left-- > 1) {
        return true;
    }
    if (valve->token == NULL) {
        return false;
    }
    cancel_token_cancel(valve->token, CANCEL_TIMEOUT);
    return true;
}

TEST(writing_stops)
{
    Fixture f;
    fixture_init(&f);
    Pool *pool = pool_new(4, 0);
    DiagSink diags;
    diag_sink_init(&diags);
    JsonOptions options = plain();
    options.unmeasured = true;
    Value values[] = {value_int(1), make_people(&f, 100000)};
    for (int i = 0; i < 8; i++) {
        Worker *worker = i & 1 ? pool_main_worker(pool) : NULL;
        bool large = (i & 2) != 0;
        CancelToken token;
        cancel_token_init(&token, NULL, INT64_MAX);
        Valve valve = {.token = i & 4 ? &token : NULL, .left = large ? 3 : 1};
        JsonDocument *document =
            json_prepare(&options, values[large], worker, &token, &diags);
        CHECK(document != NULL);
        bool okay = json_document_write(document, take_some, &valve);
        // All of a small one is taken at once.
        CHECK_EQ_INT(okay, !large && valve.token != NULL);
        CHECK(large || valve.calls == 1);
        CHECK(valve.calls < 100);
        json_document_free(document);
    }
    CHECK_EQ_INT(diags.diags.count, 0);
    diag_sink_release(&diags);
    pool_free(pool);
    fixture_release(&f);
}

TEST(parts_are_traced)
{
    Fixture f;
    fixture_init(&f);
    Pool *pool = pool_new(4, 0);
    JsonOptions options = plain();
    options.trace = trace_new(pool);
    Output output = {0};
    uint32_t items = 123456;
    print(options, value_list_range(&f.heap, 1, items), pool_main_worker(pool),
          &output);
    uint64_t told = 0;
    for (uint32_t w = 0; w < 4; w++) {
        uint32_t count;
        uint64_t dropped;
        const TraceEvent *events =
            trace_events(options.trace, w, &count, &dropped);
        for (uint32_t i = 0; i < count; i++) {
            CHECK(strcmp(events[i].kind, "print") == 0);
            CHECK(events[i].first + events[i].count <= items);
            CHECK(events[i].end_ns >= events[i].start_ns);
            told += events[i].count;
        }
    }
    // A few are written first, to see how long they are.
    CHECK(told > items / 2 && told <= items);
    strbuf_release(&output.text);
    trace_free(options.trace);
    pool_free(pool);
    fixture_release(&f);
}

TEST(texts_are_appended)
{
    Fixture f;
    fixture_init(&f);
    JsonOptions options = compact();
    StrBuf out = {0};
    strbuf_append(&out, STR("x"));
    Value list = value_list_range(&f.heap, 1, 100000);
    CHECK(json_append(&options, list, 0, &out));
    CHECK_EQ_INT(out.len, 1 + 588896);
    CHECK(str_starts_with(strbuf_str(&out), STR("x[1,2,")));
    strbuf_clear(&out);
    options.max_bytes = 100000;
    CHECK(!json_append(&options, list, 0, &out));
    CHECK(out.len < 300000);
    options.max_bytes = 5;
    strbuf_clear(&out);
    CHECK(!json_append(&options, make_string(&f, "0123456789"), 0, &out));
    strbuf_clear(&out);
    CHECK(json_append(&options, make_string(&f, "012"), 0, &out));
    Value function = {.tag = VALUE_FUNCTION};
    CHECK(!json_append(&options, function, 0, &out));
    strbuf_release(&out);
    fixture_release(&f);
}

TEST_MAIN(RUN(nesting_limit), RUN(what_cannot_be_bounded),
          RUN(places_of_what_is_refused), RUN(fields_have_places),
          RUN(precision), RUN(writing_stops), RUN(parts_are_traced),
          RUN(texts_are_appended))
