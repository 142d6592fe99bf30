// Builtins of std/encoding.lig that write values.
#include <string.h>

#include "eval/builtins_std.h"
#include "eval/write_json.h"
#include "eval/write_toml.h"
#include "eval/write_yaml.h"
#include "support/limits.h"

// What the writer reported, as a failure of the builtin.
static bool fail_as(BuiltinContext *ctx, const DiagSink *diags)
{
    if (diags->diags.count == 0) {
        ctx->cancelled = true;
        return false;
    }
    const Diag *diag = diag_at(diags, 0);
    if (diag->code == DIAG_E0605) {
        return builtin_no_room(ctx); // the text is no output
    }
    if (diag->more->helps.count > 0) {
        Value help = value_string(ctx->heap, diag->more->helps.items[0]);
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
    bool ok = json_document_write(document, json_sink_append, &text);
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
                           .max_bytes = heap_left(ctx->heap)};
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

// ---- YAML and TOML, from compact JSON

// Wraps up `text`, or the first of `diags`.
static bool take_converted(BuiltinContext *ctx, bool okay, const StrBuf *text,
                           const DiagSink *diags, Value *out)
{
    char *bytes;
    if (!okay) {
        return diags->diags.count > 0 ? fail_as(ctx, diags)
                                      : builtin_no_room(ctx);
    }
    if (!builtin_text_new(ctx, text->len, &bytes, out)) {
        return false;
    }
    if (text->len > 0) {
        memcpy(bytes, text->data, text->len);
    }
    return true;
}

static bool convert(BuiltinContext *ctx, Value value, bool to_toml, Value *out)
{
    Value json;
    if (!write_json(ctx, value, true, &json)) {
        return false;
    }
    uint64_t max_bytes = heap_left(ctx->heap);
    DiagSink diags;
    diag_sink_init(&diags);
    StrBuf source = {0}; // the writer looks at the line break behind
    strbuf_append(&source, value_str(json));
    strbuf_append_char(&source, '\n');
    StrBuf text = {0};
    bool okay;
    if (to_toml) {
        TomlOptions options = {.max_bytes = max_bytes,
                               .max_nesting = limits_default().max_nesting};
        okay = toml_from_json(strbuf_str(&source), &options, &diags, &text);
    } else {
        YamlOptions options = {.max_bytes = max_bytes};
        okay = yaml_from_json(strbuf_str(&source), &options, &text);
    }
    bool fine = take_converted(ctx, okay, &text, &diags, out);
    strbuf_release(&source);
    strbuf_release(&text);
    diag_sink_release(&diags);
    return fine;
}

// toYaml value
bool builtin_to_yaml(BuiltinContext *ctx, const Value *args, Value *out)
{
    return convert(ctx, args[0], false, out);
}

// toToml value
bool builtin_to_toml(BuiltinContext *ctx, const Value *args, Value *out)
{
    return convert(ctx, args[0], true, out);
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
