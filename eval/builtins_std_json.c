// Builtins of std/encoding.lig that write values.
#include <string.h>

#include "eval/builtins_std.h"
#include "eval/write_json.h"

static uint64_t memory_left(const Heap *heap)
{
    uint64_t used = load_relaxed(&heap->budget->bytes);
    uint64_t limit = heap->budget->limit_bytes;
    return used < limit ? limit - used : 0;
}

static bool append_bytes(void *sink_ctx, Str bytes)
{
    strbuf_append(sink_ctx, bytes);
    return true;
}

// What the writer reported, as a failure of the builtin.
static bool fail_as(BuiltinContext *ctx, const DiagSink *diags)
{
    if (diags->diags.count == 0) {
        ctx->cancelled = true;
        return false;
    }
    const Diag *diag = diags->diags.items[0];
    if (diag->code == DIAG_E0605) {
        return builtin_no_room(ctx); // the text is no output
    }
    if (diag->helps.count > 0) {
        Value help = value_string(ctx->heap, diag->helps.items[0]);
        ctx->error_help = value_str(help);
    }
    return builtin_failf(ctx, diag->code, "%.*s", STR_ARG(diag->message));
}

// The text without the line break at its end.
static bool take_text(BuiltinContext *ctx, JsonDocument *document, Value *out)
{
    uint64_t len = json_document_bytes(document) - 1;
    char *bytes;
    if (!builtin_text_new(ctx, len, &bytes, out)) {
        return false;
    }
    StrBuf text = {0};
    bool ok = json_document_write(document, append_bytes, &text);
    if (ok && len > 0) {
        memcpy(bytes, text.data, len);
    }
    strbuf_release(&text);
    ctx->cancelled = !ok;
    return ok;
}

static bool write_json(BuiltinContext *ctx, Value value, bool compact,
                       Value *out)
{
    JsonOptions options = {.compact = compact,
                           .max_bytes = memory_left(ctx->heap)};
    DiagSink diags;
    diag_sink_init(&diags);
    JsonDocument *document =
        json_prepare(&options, value, NULL, ctx->token, &diags);
    bool ok =
        document != NULL ? take_text(ctx, document, out) : fail_as(ctx, &diags);
    json_document_free(document);
    diag_sink_release(&diags);
    return ok;
}

// toJson value
bool builtin_to_json(BuiltinContext *ctx, const Value *args, Value *out)
{
    return write_json(ctx, args[0], true, out);
}

// toJsonPretty value
bool builtin_to_json_pretty(BuiltinContext *ctx, const Value *args, Value *out)
{
    return write_json(ctx, args[0], false, out);
}
