// Facts about operations, spans, and a disassembler.
#include "eval/code.h"

#include <inttypes.h>

typedef struct OpInfo {
    const char *name;
    uint32_t words;
    const char *operands;
} OpInfo;

static const OpInfo op_infos[OP_COUNT] = {
#define OP(name, words, operands) [OP_##name] = {#name, words, operands},
#include "eval/ops.def"
};

uint32_t op_words(Op op)
{
    return op_infos[op].words;
}

Span code_span(const Code *code, uint32_t at)
{
    uint32_t low = 0;
    uint32_t high = code->span_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (code->spans[middle].at <= at) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return code->span_count > 0 ? code->spans[low].span : (Span){0, 0};
}

const CodeAsk *code_ask(const Code *code, uint32_t at)
{
    for (uint32_t i = 0; i < code->ask_count; i++) {
        const CodeAsk *ask = &code->asks[i];
        if (ask->begin <= at && at < ask->end) {
            return ask;
        }
    }
    return NULL;
}

static void print_constant(StrBuf *out, Value value)
{
    switch ((ValueTag)value.tag) {
    case VALUE_FUNCTION:
        strbuf_appendf(out, " <%.*s>", STR_ARG(value.as.function->code->name));
        return;
    case VALUE_UNIT:
    case VALUE_BOOL:
    case VALUE_INT:
    case VALUE_FLOAT:
    case VALUE_STRING:
    case VALUE_LIST:
    case VALUE_TUPLE:
    case VALUE_RECORD:
    case VALUE_MAP:
    case VALUE_UNION: {
        enum { SHOWN_MAX = 60 };
        StrBuf text = {0};
        if (value_show(&text, value, SHOWN_MAX)) {
            strbuf_append_char(out, ' ');
            strbuf_append(out, strbuf_str(&text));
        } else {
            strbuf_append(out, STR(" ..."));
        }
        strbuf_release(&text);
        return;
    }
    case VALUE_PARTIAL:
    case VALUE_DICTIONARY:
    case ANY_MERE_OBJECT:
        strbuf_append(out, STR(" <object>"));
        return;
    }
}

// One operand: `field` is its bits, `at` the word that holds it.
static void print_operand(const Code *code, StrBuf *out, char kind,
                          uint32_t field, uint32_t at)
{
    switch (kind) {
    case 'r':
        strbuf_appendf(out, " r%" PRIu32, field);
        return;
    case 'n':
        strbuf_appendf(out, " %" PRIu32, field);
        return;
    case 'i':
        strbuf_appendf(out, " %d", (int16_t)field);
        return;
    case 'W':
        strbuf_appendf(out, " %" PRId32, (int32_t)field);
        return;
    case 'K':
        print_constant(out, code->constants[field]);
        return;
    case 'P':
    case 'p':
        strbuf_appendf(out, " p%" PRIu32, field);
        return;
    case 's':
        strbuf_append(out, STR(" field"));
        return;
    case 'J':
    case 'j':
        strbuf_appendf(out, " ->%" PRId64, (int64_t)at + (int32_t)field);
        return;
    default: // unused
        return;
    }
}

void code_print(const Code *code, StrBuf *out)
{
    for (uint32_t at = 0; at < code->word_count;) {
        uint64_t word = code->words[at];
        const OpInfo *info = &op_infos[code_op(word)];
        const char *kinds = info->operands;
        strbuf_appendf(out, "%" PRIu32 " %s", at, info->name);
        print_operand(code, out, kinds[0], (uint16_t)(word >> 16), at);
        if (strchr("WKPJ", kinds[1]) != NULL && kinds[1] != '\0') {
            print_operand(code, out, kinds[1], (uint32_t)(word >> 32), at);
        } else {
            print_operand(code, out, kinds[1], (uint16_t)(word >> 32), at);
            print_operand(code, out, kinds[2], (uint16_t)(word >> 48), at);
        }
        if (info->words == 2) {
            uint64_t next = code->words[at + 1];
            print_operand(code, out, kinds[4], (uint32_t)next, at + 1);
            print_operand(code, out, kinds[5], (uint32_t)(next >> 32), at + 1);
        }
        strbuf_append_char(out, '\n');
        at += info->words;
    }
}
