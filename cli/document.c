#include "cli/document.h"

#include "eval/write_text.h"
#include "eval/write_toml.h"
#include "eval/write_yaml.h"

static bool prepare_json(Session *session, const DocumentOptions *options,
                         Value value, bool compact, Document *out_document)
{
    const Settings *settings = session->settings;
    JsonOptions json = {
        .compact = compact,
        .sort_keys = settings->sort_keys,
        .ascii = settings->ascii,
        .check_precision = settings->check_precision,
        .unmeasured = true,
        .max_bytes = options->max_bytes,
        .max_nesting = session->program->options.limits.max_nesting,
        .path = options->path,
        .source = options->source,
        .span = options->span,
        .locate = options->locate,
        .locate_ctx = options->locate_ctx,
        .trace = session->trace,
    };
    out_document->json =
        json_prepare(&json, value, pool_main_worker(session->pool),
                     &session->token, &session->diags);
    return out_document->json != NULL;
}

// ---- what is held in memory as a whole

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

// How much text there is memory for. For a little there always is: whether it
// is printed is not to depend on how many heaps there are.
static uint64_t memory_left(const Session *session, uint64_t held_bytes)
{
    enum { ALWAYS = 1 << 20 };
    const HeapBudget *budget = &session->evaluation->budget;
    uint64_t used = load_relaxed(&budget->bytes) + held_bytes;
    uint64_t left = used < budget->limit_bytes ? budget->limit_bytes - used : 0;
    return left > ALWAYS ? left : ALWAYS;
}

static void refuse_for_memory(Session *session, const DocumentOptions *options)
{
    Diag *diag = diag_add(
        &session->diags, DIAG_E0604, options->source, options->span,
        "the output as text needs more memory than the %llu bytes allowed",
        (unsigned long long)session->program->options.limits.max_memory_bytes);
    diag_help(&session->diags, diag,
              "raise --max-memory, select a part, or print JSON, which is not "
              "held as a whole");
}

static bool prepare_raw(Session *session, const DocumentOptions *options,
                        Value value, Document *out_document)
{
    Str text;
    if (!text_raw(value, options->path, options->source, options->span,
                  options->max_bytes, &session->diags, &text)) {
        return false;
    }
    strbuf_append(&out_document->text, text);
    return true;
}

// ---- YAML and TOML, from compact JSON

static bool too_large(Session *session, const DocumentOptions *options)
{
    Diag *diag = diag_add(
        &session->diags, DIAG_E0605, options->source, options->span,
        "the output is over %llu bytes",
        (unsigned long long)session->program->options.limits.max_output_bytes);
    diag_help(&session->diags, diag, "raise --max-output or select a part");
    return false;
}

static bool no_list(Session *session, const DocumentOptions *options)
{
    Str path = options->path;
    Diag *diag =
        path.len == 0
            ? diag_add(&session->diags, DIAG_E0409, options->source,
                       options->span,
                       "'--yaml-stream' prints the items of a list, and the "
                       "result is none")
            : diag_add(&session->diags, DIAG_E0409, options->source,
                       options->span,
                       "'--yaml-stream' prints the items of a list, and what "
                       "stands at %.*s is none",
                       STR_ARG(path));
    diag_help(&session->diags, diag, "put it into brackets: [ ... ]");
    return false;
}

static bool convert_yaml(Session *session, const DocumentOptions *options,
                         Str json, StrBuf *out)
{
    bool is_stream = options->yaml_stream ||
                     (options->yaml_lists && str_starts_with(json, STR("[")));
    YamlOptions yaml = {
        .ascii = session->settings->ascii,
        .separate = options->yaml_separate || is_stream,
        .max_bytes = options->max_bytes,
    };
    bool is_list = true;
    bool okay = is_stream ? yaml_stream_from_json(json, &yaml, &is_list, out)
                          : yaml_from_json(json, &yaml, out);
    if (!is_list) {
        return no_list(session, options);
    }
    return okay || too_large(session, options);
}

static bool convert_toml(Session *session, const DocumentOptions *options,
                         Str json, StrBuf *out)
{
    TomlOptions toml = {
        .ascii = session->settings->ascii,
        .max_bytes = options->max_bytes,
        .max_nesting = session->program->options.limits.max_nesting,
        .path = options->path,
        .source = options->source,
        .span = options->span,
    };
    return toml_from_json(json, &toml, &session->diags, out);
}

// Lowers options->max_bytes by what the JSON takes.
static bool prepare_converted(Session *session, DocumentOptions *options,
                              Value value, Document *out_document)
{
    Document json = {0};
    StrBuf text = {0};
    bool okay = prepare_json(session, options, value, true, &json) &&
                json_document_write(json.json, json_sink_append, &text);
    options->max_bytes =
        least(options->max_bytes,
              memory_left(session, options->held_bytes + text.len));
    if (okay && options->format == FORMAT_TOML) {
        okay = convert_toml(session, options, strbuf_str(&text),
                            &out_document->text);
    } else if (okay) {
        okay = convert_yaml(session, options, strbuf_str(&text),
                            &out_document->text);
    }
    json_document_free(json.json);
    strbuf_release(&text);
    return okay;
}

static bool prepare_format(Session *session, DocumentOptions *options,
                           Value value, Document *out_document)
{
    switch (options->format) {
    case FORMAT_JSON:
        break;
    case FORMAT_YAML:
    case FORMAT_TOML:
        return prepare_converted(session, options, value, out_document);
    case FORMAT_TEXT:
        return text_show(value, options->source, options->span,
                         options->max_bytes, &session->diags,
                         &out_document->text);
    case FORMAT_RAW:
        return prepare_raw(session, options, value, out_document);
    }
    return false;
}

static bool prepare_held(Session *session, const DocumentOptions *options,
                         Value value, Document *out_document)
{
    DocumentOptions within = *options;
    within.max_bytes =
        least(options->max_bytes, memory_left(session, options->held_bytes));
    uint32_t before = session->diags.diags.count;
    bool okay = prepare_format(session, &within, value, out_document);
    uint32_t count = session->diags.diags.count;
    if (!okay && within.max_bytes < options->max_bytes && count > before &&
        session->diags.diags.items[count - 1]->code == DIAG_E0605) {
        diag_sink_cut(&session->diags, before);
        refuse_for_memory(session, options);
    }
    return okay;
}

// ---- the whole

bool document_prepare(Session *session, const DocumentOptions *options,
                      Value value, Document *out_document)
{
    *out_document = (Document){0};
    return options->format == FORMAT_JSON
               ? prepare_json(session, options, value,
                              session->settings->compact, out_document)
               : prepare_held(session, options, value, out_document);
}

uint64_t document_bytes(const Document *document)
{
    return document->json != NULL ? json_document_bytes(document->json)
                                  : document->text.len;
}

bool document_write(Document *document, JsonSink *sink, void *ctx)
{
    return document->json != NULL
               ? json_document_write(document->json, sink, ctx)
               : sink(ctx, strbuf_str(&document->text));
}

void document_release(Document *document)
{
    json_document_free(document->json);
    document->json = NULL;
    strbuf_release(&document->text);
}
