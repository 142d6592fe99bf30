#include "syntax/data_path.h"

// Steps shown; of a longer path the middle is left out.
#define MAX_HEAD 12
#define MAX_TAIL 12
// Bytes of one key.
#define MAX_KEY 60

uint32_t data_path_step(Module *module, uint32_t parent, Symbol field,
                        uint32_t index)
{
    if (module->data_steps.count == 0) {
        vec_push(&module->data_steps, (DataStep){0});
    }
    vec_push(&module->data_steps, (DataStep){parent, field, index});
    return module->data_steps.count - 1;
}

static void append_step(const Interner *interner, const DataStep *step,
                        bool first, StrBuf *out)
{
    if (step->field == 0 && step->index == INDEX_NONE) {
        strbuf_append(out, STR("[]"));
        return;
    }
    if (step->field == 0) {
        strbuf_appendf(out, "[%u]", (unsigned)step->index);
        return;
    }
    Str name = symbol_text(interner, step->field);
    if (!first) {
        strbuf_append_char(out, '.');
    }
    strbuf_append_key(out, name, MAX_KEY);
}

void data_path_append(const Module *module, const Interner *interner,
                      const DataValue *data, uint32_t step, StrBuf *out)
{
    const DataStep *steps = module->data_steps.items;
    uint32_t count = 0;
    for (uint32_t at = step; at != 0; at = steps[at].parent) {
        count++;
    }
    if (data->input != 0) {
        strbuf_append(out, STR("input "));
        DataStep input = {.field = data->input};
        append_step(interner, &input, true, out);
    } else if (count == 0) {
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (i == MAX_HEAD && count > MAX_HEAD + MAX_TAIL) {
            strbuf_append(out, STR("..."));
            i = count - MAX_TAIL;
        }
        uint32_t at = step;
        for (uint32_t up = count - 1 - i; up > 0; up--) {
            at = steps[at].parent;
        }
        append_step(interner, &steps[at], false, out);
    }
    strbuf_append(out, STR(": "));
}

Span data_key_span(const Interner *interner, const RecordItem *item,
                   const Source *source)
{
    Str name = symbol_text(interner, item->name);
    size_t end = item->name_start + name.len;
    if (name.len > 0 &&
        str_equal(str_slice(source->text, item->name_start, end), name)) {
        return (Span){item->name_start, (uint32_t)end};
    }
    return record_item_name_span(item, source);
}

DiagCode data_path_code(const DataValue *data)
{
    return data->input != 0 ? DIAG_E0504 : DIAG_E0505;
}
