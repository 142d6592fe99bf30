// Every builtin with every number of steps and every size of memory that is
// too little for it: it stops with the code for that, and with one more it
// gives what it gives without limits.
#include "tests/unit/eval/builtin_calls.h"

typedef struct Call {
    const char *name;
    const Value *args;
    Builtin builtin;
    StrBuf expected;
    int64_t steps; // that it takes
} Call;

typedef struct Try {
    Heap heap;
    HeapBudget budget;
    int64_t steps, looks;
    BuiltinContext ctx;
    Value result;
    bool okay;
} Try;

// With a heap of its own, in which there is nothing yet.
static void try_call(Try *t, Calls *c, const Call *call, int64_t steps,
                     uint64_t bytes)
{
    heap_budget_init(&t->budget, bytes, 1);
    heap_init(&t->heap, &t->budget);
    t->steps = t->looks = steps;
    t->ctx = c->ctx;
    t->ctx.heap = &t->heap;
    t->ctx.steps = &t->steps;
    t->ctx.looks = &t->looks;
    t->ctx.cancelled = false;
    t->okay = builtin_function(call->builtin)(&t->ctx, call->args, &t->result);
}

static void try_end(Try *t)
{
    heap_release(&t->heap);
    heap_budget_release(&t->budget);
}

static void check_result(const Try *t, const Call *call)
{
    StrBuf text = {0};
    CHECK(t->okay);
    if (t->okay) {
        CHECK(value_show(&text, t->result, UINT64_MAX));
        CHECK_EQ_STR(strbuf_str(&text), strbuf_str(&call->expected));
    }
    strbuf_release(&text);
}

#define PLENTY (INT64_C(1) << 40)

static void sweep_steps(Calls *c, const Call *call)
{
    for (int64_t steps = 0; steps <= call->steps; steps++) {
        Try t;
        try_call(&t, c, call, steps, UINT64_MAX);
        if (steps < call->steps) {
            if (t.okay || t.ctx.cancelled || t.ctx.error_code != DIAG_E0602) {
                harness_fail(__FILE__, __LINE__, call->name);
            }
        } else {
            check_result(&t, call);
        }
        try_end(&t);
    }
}

// Small values are made whatever the limit is, so the builtin may end well
// before it fits; what it must not do is fail again with more.
static void sweep_memory(Calls *c, const Call *call)
{
    enum { STEP = 48, MOST = 1 << 20 };
    bool okay = false;
    for (uint64_t bytes = 0; bytes < MOST && !okay; bytes += STEP) {
        Try t;
        try_call(&t, c, call, PLENTY, bytes);
        okay = t.okay;
        if (okay) {
            check_result(&t, call);
        } else if (t.ctx.error_code != DIAG_E0604 || !t.heap.over_limit) {
            harness_fail(__FILE__, __LINE__, call->name);
        }
        try_end(&t);
    }
    if (!okay) {
        harness_fail(__FILE__, __LINE__, call->name);
    }
}

static void sweep(Calls *c, const char *name, const Value *args)
{
    Call call = {.name = name, .args = args};
    CHECK(builtin_from_name(str_from_c(name), &call.builtin));
    Try t;
    try_call(&t, c, &call, PLENTY, UINT64_MAX);
    if (t.okay) {
        CHECK(value_show(&call.expected, t.result, UINT64_MAX));
    } else {
        harness_fail(__FILE__, __LINE__, name);
    }
    call.steps = PLENTY - t.steps;
    try_end(&t);
    sweep_steps(c, &call);
    sweep_memory(c, &call);
    strbuf_release(&call.expected);
}

#define SWEEP(name, ...) sweep(&c, name, (Value[]){__VA_ARGS__})

static Value numbers(Calls *c, uint32_t count)
{
    Value items[256];
    for (uint32_t i = 0; i < count; i++) {
        items[i] = value_int((i * 37) % 101);
    }
    return make_list(&c->f, count, items);
}

static Value names(Calls *c, uint32_t count)
{
    Value items[256];
    for (uint32_t i = 0; i < count; i++) {
        char text[32];
        snprintf(text, sizeof text, "name%u", (i * 37) % 101);
        items[i] = make_string(&c->f, text);
    }
    return make_list(&c->f, count, items);
}

static Value entries(Calls *c, uint32_t count)
{
    Value items[256];
    for (uint32_t i = 0; i < count; i++) {
        char text[32];
        snprintf(text, sizeof text, "key%u", i);
        items[i] =
            make_tuple(&c->f, make_string(&c->f, text), value_int((int64_t)i));
    }
    return make_list(&c->f, count, items);
}

static Value map_of(Calls *c, uint32_t count)
{
    Value list = entries(c, count);
    return call(c, "map_from_list", &list);
}

// `part`, as often as is told.
static Value text_of(Calls *c, const char *part, uint32_t times)
{
    StrBuf text = {0};
    for (uint32_t i = 0; i < times; i++) {
        strbuf_append(&text, str_from_c(part));
    }
    Value value = value_string(&c->f.heap, strbuf_str(&text));
    strbuf_release(&text);
    return value;
}

TEST(lists)
{
    Calls c;
    calls_init(&c);
    Value list = numbers(&c, 100);
    SWEEP("list_concat", LIST(list, list, list));
    SWEEP("list_reverse", list);
    SWEEP("list_slice", I(10), I(80), list);
    SWEEP("list_zip", list, list);
    SWEEP("list_replicate", I(200), I(1));
    SWEEP("list_chunk", I(7), list);
    SWEEP("list_group", names(&c, 100), list);
    SWEEP("list_sort_data", list, list);
    SWEEP("list_sort_data", names(&c, 100), list);
    SWEEP("list_sort_data", entries(&c, 100), list);
    SWEEP("list_sort_data",
          call(&c, "range", (Value[]){value_int(0), value_int(100)}), list);
    SWEEP("list_unique_data", list, list);
    SWEEP("list_push", list, I(1));
    SWEEP("range", I(0), I(10));
    calls_release(&c);
}

TEST(maps_and_records)
{
    Calls c;
    calls_init(&c);
    Value map = map_of(&c, 100);
    SWEEP("map_from_list", entries(&c, 100));
    SWEEP("map_to_list", map);
    SWEEP("map_keys", map);
    SWEEP("map_values", map);
    SWEEP("map_insert", S("key50"), I(0), map);
    SWEEP("map_insert", S("fresh"), I(0), map);
    SWEEP("map_remove", S("key50"), map);
    SWEEP("map_remove", S("fresh"), map);
    SWEEP("map_merge", map, map_of(&c, 120));
    SWEEP("map_with_values", numbers(&c, 100), map);
    Value inner = make_record(&c.f, "x y z", (Value[]){I(1), I(2), I(3)});
    Value left = make_record(&c.f, "a b c", (Value[]){I(1), inner, I(3)});
    Value right = make_record(&c.f, "b d", (Value[]){inner, I(4)});
    SWEEP("record_merge", left, right);
    SWEEP("record_fields", left);
    SWEEP("record_values", left);
    SWEEP("record_with_values", LIST(I(7), I(8), I(9)), left);
    SWEEP("record_to_map", left);
    calls_release(&c);
}

TEST(texts)
{
    Calls c;
    calls_init(&c);
    Value text = text_of(&c, "abc, d\xC3\xA9 \n", 60);
    Value plain = text_of(&c, "abc, de \n", 60);
    SWEEP("string_split", S(","), text);
    SWEEP("string_split", S(""), text);
    SWEEP("string_join", text, LIST(text, plain, text));
    SWEEP("string_replace", S("b"), S("--b--"), text);
    SWEEP("string_replace", S(""), S("-"), text);
    SWEEP("string_starts_with", text, text);
    SWEEP("string_ends_with", text, text);
    SWEEP("string_strip_prefix", S("abc"), text);
    SWEEP("string_strip_suffix", S("\n"), text);
    SWEEP("string_index_of", S("x"), text);
    SWEEP("string_contains", S("x"), text);
    SWEEP("string_repeat", I(20), text);
    SWEEP("string_lines", text);
    SWEEP("string_words", text);
    SWEEP("string_indent", I(5), text);
    SWEEP("string_format", S("{} and {} and {}"), LIST(text, plain, text));
    SWEEP("string_trim", text_of(&c, " \t\xC2\xA0", 100));
    SWEEP("string_trim_start", text_of(&c, " \t\xC2\xA0", 100));
    SWEEP("string_trim_end", text_of(&c, " \t\xC2\xA0", 100));
    SWEEP("string_chars", text);
    SWEEP("string_code_points", text);
    SWEEP("string_slice", I(10), I(500), text);
    SWEEP("string_slice", I(10), I(500), plain);
    SWEEP("string_to_upper", text);
    SWEEP("string_to_lower", plain);
    SWEEP("string_pad_start", I(900), S("<>"), text);
    SWEEP("string_pad_end", I(900), S("\xC3\xA9"), plain);
    calls_release(&c);
}

TEST(patterns)
{
    Calls c;
    calls_init(&c);
    Value text = text_of(&c, "key=value; ", 50);
    SWEEP("regexp", S("e=v.*x$"), text);
    SWEEP("pattern", S("(key=value; )+"), text);
    SWEEP("regex_matches", S("[a-z]+"), text);
    SWEEP("regex_matches", S("x"), text);
    SWEEP("regex_captures", S("(\\w+)=(\\w+)"), text);
    SWEEP("regex_replace", S("(\\w+)=(\\w+)"), S("$2=${1}"), text);
    calls_release(&c);
}

TEST(encodings)
{
    Calls c;
    calls_init(&c);
    Value text = text_of(&c, "a \xC3\xA9\n", 60);
    SWEEP("base64_encode", text);
    SWEEP("base64_decode", call(&c, "base64_encode", &text));
    SWEEP("hex_encode", text);
    SWEEP("hex_decode", call(&c, "hex_encode", &text));
    SWEEP("sha256", text);
    SWEEP("url_encode", text);
    SWEEP("url_decode", call(&c, "url_encode", &text));
    Value record = make_record(&c.f, "name tags more",
                               (Value[]){text, names(&c, 40), map_of(&c, 10)});
    SWEEP("to_json", record);
    SWEEP("to_json_pretty", record);
    SWEEP("to_yaml", record);
    SWEEP("to_toml", record);
    SWEEP("parse_int", S("-123"));
    SWEEP("parse_float", S("1.5e3"));
    SWEEP("time_parse_duration", S("1h30m"));
    SWEEP("time_format_duration", I(5400000));
    SWEEP("time_parse_rfc3339", S("1970-01-01T00:00:00Z"));
    SWEEP("time_format_rfc3339", I(0));
    SWEEP("ip_parse", S("1::2"));
    SWEEP("ip_format", LIST(I(1), I(2), I(3), I(4)));
    SWEEP("ip_mask", I(16), LIST(I(0xFFFFFFFF)));
    SWEEP("ip_offset", I(8), I(1), LIST(I(0x0A000000)));
    SWEEP("show", record);
    SWEEP("compare", record, record);
    calls_release(&c);
}

// What takes many steps at once asks whether it is still wanted.
TEST(cancelled)
{
    Calls c;
    calls_init(&c);
    Value list = call(&c, "list_replicate",
                      (Value[]){value_int(10000), make_string(&c.f, "x")});
    Value text = text_of(&c, "a,", 300000);
    cancel_token_cancel(&c.token, CANCEL_TIMEOUT);
    const struct {
        const char *name;
        Value args[3];
    } calls[] = {
        {"list_reverse", {list}},
        {"list_zip", {list, list}},
        {"list_group", {list, list}},
        {"list_sort_data", {list, list}},
        {"list_unique_data", {list, list}},
        {"string_join", {text, list}},
        {"string_split", {S(","), text}},
        {"string_replace", {S("a"), S("b"), text}},
        {"string_to_upper", {text}},
        {"base64_encode", {text}},
        {"sha256", {text}},
        {"regexp", {S("x$"), text}},
    };
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        Call one = {.name = calls[i].name, .args = calls[i].args};
        CHECK(builtin_from_name(str_from_c(one.name), &one.builtin));
        Try t;
        try_call(&t, &c, &one, PLENTY, UINT64_MAX);
        if (t.okay || !t.ctx.cancelled) {
            harness_fail(__FILE__, __LINE__, one.name);
        }
        try_end(&t);
    }
    calls_release(&c);
}

TEST_MAIN(RUN(lists), RUN(maps_and_records), RUN(texts), RUN(patterns),
          RUN(encodings), RUN(cancelled))
