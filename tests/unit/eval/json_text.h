// Values as JSON text, for tests of the writer.
#ifndef LIGATURE_TESTS_EVAL_JSON_TEXT_H
#define LIGATURE_TESTS_EVAL_JSON_TEXT_H

#include "eval/write_json.h"
#include "tests/unit/eval/fixture.h"

typedef struct Output {
    StrBuf text;
    uint32_t calls;
} Output;

static inline bool collect(void *ctx, Str bytes)
{
    Output *output = ctx;
    strbuf_append(&output->text, bytes);
    output->calls++;
    return true;
}

static inline JsonOptions plain(void)
{
    return (JsonOptions){.max_bytes = UINT64_MAX};
}

static inline JsonOptions compact(void)
{
    return (JsonOptions){.compact = true, .max_bytes = UINT64_MAX};
}

// The text, without the line break at its end, or the first diagnostic.
static inline void check_with(JsonOptions options, Value value, Worker *worker,
                              const char *expected)
{
    DiagSink diags;
    diag_sink_init(&diags);
    Output output = {0};
    JsonDocument *document =
        json_prepare(&options, value, worker, NULL, &diags);
    if (document == NULL) {
        CHECK(diags.error_count > 0);
        const Diag *diag = diag_at(&diags, 0);
        strbuf_appendf(&output.text, "%s: %.*s\n", diag_code_name(diag->code),
                       STR_ARG(diag->message));
    } else {
        CHECK(json_document_write(document, collect, &output));
        CHECK_EQ_INT(json_document_bytes(document), output.text.len);
    }
    Str text = strbuf_str(&output.text);
    CHECK(str_ends_with(text, STR("\n")));
    CHECK_EQ_STR(str_slice(text, 0, text.len - 1), str_from_c(expected));
    json_document_free(document);
    strbuf_release(&output.text);
    diag_sink_release(&diags);
}

static inline void check_json(Value value, const char *expected)
{
    check_with(compact(), value, NULL, expected);
}

static inline Value make_people(Fixture *f, uint32_t count)
{
    Value *items;
    Value list = value_list(&f->heap, count, &items);
    Value none = make_union(f, &f->none, NULL);
    for (uint32_t i = 0; i < count; i++) {
        Value number = value_int(i);
        Value fields[] = {make_string(f, "some \"name\" of a person"),
                          i % 3 == 0 ? none : make_union(f, &f->some, &number),
                          value_list_range(&f->heap, i, i % 4),
                          value_float(i / 8.0)};
        items[i] = make_record(f, "name tag list weight", fields);
    }
    return list;
}

static inline Str print(JsonOptions options, Value value, Worker *worker,
                        Output *output)
{
    DiagSink diags;
    diag_sink_init(&diags);
    JsonDocument *document =
        json_prepare(&options, value, worker, NULL, &diags);
    CHECK(document != NULL);
    uint64_t least = json_document_bytes(document);
    CHECK(json_document_write(document, collect, output));
    if (!options.unmeasured) {
        CHECK_EQ_INT(json_document_bytes(document), output->text.len);
    }
    CHECK(least <= output->text.len && least > output->text.len / 8);
    json_document_free(document);
    diag_sink_release(&diags);
    return strbuf_str(&output->text);
}

#endif
