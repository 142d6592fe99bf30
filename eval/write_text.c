// The formats without structure.
#include "eval/write_text.h"

#include "support/die.h"

static void add_too_large(const Source *source, Span span, uint64_t max_bytes,
                          DiagSink *diags)
{
    Diag *diag = diag_add(diags, DIAG_E0605, source, span,
                          "the output is over %llu bytes",
                          (unsigned long long)max_bytes);
    diag_help(diags, diag, "raise --max-output or select a part");
}

static const char *kind_text(Value value)
{
    switch ((ValueTag)value.tag) {
    case VALUE_UNIT:
        return "()";
    case VALUE_BOOL:
        return "a Boolean";
    case VALUE_INT:
        return "an Integer";
    case VALUE_FLOAT:
        return "a Float";
    case VALUE_STRING:
        return "a String";
    case VALUE_LIST:
        return "a list";
    case VALUE_TUPLE:
        return "a tuple";
    case VALUE_RECORD:
        return "a record";
    case VALUE_MAP:
        return "a Map";
    case VALUE_UNION:
        return "a constructor";
    case VALUE_FUNCTION:
    case VALUE_PARTIAL:
        return "a function";
    case VALUE_DICTIONARY:
    case ANY_MERE_OBJECT:
        break;
    }
    UNREACHABLE();
}

static bool fail_raw(Value value, Str path, const Source *source, Span span,
                     DiagSink *diags)
{
    const char *kind = kind_text(value);
    Diag *diag =
        path.len == 0
            ? diag_add(diags, DIAG_E0409, source, span,
                       "--format raw prints a String, and the result is %s",
                       kind)
            : diag_add(diags, DIAG_E0409, source, span,
                       "--format raw prints a String, and %s stands at %.*s",
                       kind, STR_ARG(path));
    diag_help(diags, diag, "--select a String in it, or use another format");
    return false;
}

bool text_raw(Value value, Str path, const Source *source, Span span,
              uint64_t max_bytes, DiagSink *diags, Str *out_text)
{
    if (value.tag != VALUE_STRING) {
        return fail_raw(value, path, source, span, diags);
    }
    if (value.as.string->len > max_bytes) {
        add_too_large(source, span, max_bytes, diags);
        return false;
    }
    *out_text = value_str(value);
    return true;
}

bool text_show(Value value, const Source *source, Span span, uint64_t max_bytes,
               DiagSink *diags, StrBuf *out)
{
    size_t start = out->len;
    bool ok = true;
    if (value.tag == VALUE_STRING) {
        ok = value.as.string->len <= max_bytes;
        if (ok) {
            strbuf_append(out, value_str(value));
        }
    } else {
        ok = value_show(out, value, max_bytes);
    }
    strbuf_append_char(out, '\n');
    if (!ok || out->len - start > max_bytes) {
        add_too_large(source, span, max_bytes, diags);
        return false;
    }
    return true;
}
