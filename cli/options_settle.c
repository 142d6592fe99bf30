// Settings that contradict each other: which of two origins wins, and what is
// wrong where neither does.
#include <stddef.h>

#include "cli/diag_write.h"
#include "cli/options.h"
#include "cli/overwrite.h"

// ---- contradictions

// The name of a file may have a '#' in it, and a type the text of a pattern.
Str settings_schema(const Settings *settings)
{
    Str text = settings->type;
    size_t first = str_find_byte(text, '#', 0);
    for (size_t at = first; at < text.len;
         at = str_find_byte(text, '#', at + 1)) {
        Str file = str_slice(text, 0, at);
        if (str_ends_with(file, STR(".lig"))) {
            return file;
        }
    }
    return str_slice(text, 0, first);
}

Str settings_first_file(const Settings *settings)
{
    Str schema = settings_schema(settings);
    return schema.len > 0                 ? schema
           : settings->operands.count > 0 ? settings->operands.items[0]
                                          : STR("-");
}

static bool check_inputs(const Settings *settings, StrBuf *out_error)
{
    for (uint32_t i = 0; i < settings->inputs.count; i++) {
        Str input = settings->inputs.items[i];
        size_t equals = str_find_byte(input, '=', 0);
        if (equals == 0 || equals == input.len) {
            strbuf_append(out_error, STR("'--input' takes NAME=VALUE, not '"));
            strbuf_append_printable(out_error, input, 200);
            strbuf_append_char(out_error, '\'');
            return false;
        }
    }
    return true;
}

static bool check_stream(const Settings *settings, StrBuf *out_error)
{
    if (settings->yaml_stream && settings->has_format &&
        settings->format != FORMAT_YAML) {
        strbuf_append(out_error, STR("'--yaml-stream' contradicts '--format'"));
        return false;
    }
    return true;
}

// Nothing stands beside a document.
static bool check_stats(const Settings *settings, StrBuf *out_error)
{
    bool ok = !settings->stats || settings->diagnostics_file.len > 0 ||
              !diag_write_is_document(settings);
    if (!ok) {
        strbuf_append(out_error,
                      STR("'--stats' and '--diagnostics' would both write to "
                          "standard error: name a --diagnostics-file"));
    }
    return ok;
}

static uint32_t count_stdin(const StrVec *files)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < files->count; i++) {
        count += str_equal(files->items[i], STR("-"));
    }
    return count;
}

// The second one to read it would find it empty.
static bool check_stdin(const Settings *settings, StrBuf *out_error)
{
    bool is_schema = str_equal(settings_schema(settings), STR("-"));
    bool ok = count_stdin(&settings->operands) +
                  count_stdin(&settings->input_files) + is_schema <=
              1;
    if (!ok) {
        strbuf_append(out_error,
                      STR("'-' is standard input, which can be read once"));
    }
    return ok;
}

bool options_check(const Settings *settings, StrBuf *out_error)
{
    if (!check_stream(settings, out_error) ||
        !check_stats(settings, out_error) ||
        !check_stdin(settings, out_error) ||
        !check_inputs(settings, out_error) ||
        !overwrite_check(settings, out_error)) {
        return false;
    }
    if (settings->sequential &&
        (settings->parallel || settings->async || settings->workers > 1)) {
        strbuf_append(out_error,
                      STR("'--sequential' contradicts '--parallel', '--async' "
                          "and '--workers'"));
        return false;
    }
    return true;
}

// ---- origins

static SettingOrigin origin_of(const Settings *settings, const void *field)
{
    size_t offset = (size_t)((const char *)field - (const char *)settings);
    for (uint32_t i = 0; i < OPTION_COUNT_ALL; i++) {
        if (option_at(i)->offset == offset) {
            return settings->sources[i].origin;
        }
    }
    return ORIGIN_DEFAULT;
}

// What a higher origin overrules is as if nobody had said it.
static void forget(Settings *settings, void *field, size_t size)
{
    size_t offset = (size_t)((char *)field - (char *)settings);
    memset(field, 0, size);
    for (uint32_t i = 0; i < OPTION_COUNT_ALL; i++) {
        if (option_at(i)->offset == offset) {
            settings->sources[i] = (SettingSource){.origin = ORIGIN_DEFAULT};
        }
    }
}

static void settle_workers(Settings *settings)
{
    const struct {
        void *field;
        size_t size;
        bool is_given;
    } others[] = {
        {&settings->parallel, sizeof(bool), settings->parallel},
        {&settings->async, sizeof(bool), settings->async},
        {&settings->workers, sizeof(uint64_t), settings->workers > 0},
    };
    for (size_t i = 0;
         i < sizeof others / sizeof *others && settings->sequential; i++) {
        SettingOrigin sequential = origin_of(settings, &settings->sequential);
        SettingOrigin other = origin_of(settings, others[i].field);
        if (others[i].is_given && other < sequential) {
            forget(settings, others[i].field, others[i].size);
        } else if (others[i].is_given && other > sequential) {
            forget(settings, &settings->sequential, sizeof(bool));
        }
    }
}

static void settle_stream(Settings *settings)
{
    SettingOrigin stream = origin_of(settings, &settings->yaml_stream);
    SettingOrigin format = origin_of(settings, &settings->format);
    if (!settings->yaml_stream || settings->format == FORMAT_YAML) {
        return;
    }
    if (format < stream) {
        forget(settings, &settings->format, sizeof settings->format);
        settings->has_format = false;
    } else if (format > stream) {
        forget(settings, &settings->yaml_stream, sizeof(bool));
    }
}

bool options_settle(Settings *settings, StrBuf *out_error)
{
    settle_workers(settings);
    settle_stream(settings);
    bool ok = options_check(settings, out_error);
    if (settings->yaml_stream) {
        settings->format = FORMAT_YAML;
    }
    return ok;
}
