// Names that nobody uses, and that stand in a text as other languages have it:
// "${name}" is no interpolation.
#include "syntax/byte_class.h"
#include "syntax/resolve_internal.h"

// Bytes behind a name that are looked at, and braces around it in them.
enum { NEAR = 4 << 10, MAX_BRACES = 8 };

// Whether a string is open at `at`, by its line.
static bool is_in_string(Str text, size_t from, size_t at)
{
    bool open = false;
    for (; at > from && !byte_is(text.data[at - 1], BYTE_LINE); at--) {
        bool is_escaped = at > 1 && text.data[at - 2] == '\\';
        open ^= text.data[at - 1] == '"' && !is_escaped;
    }
    return open;
}

static size_t skip_spaces(Str text, size_t at)
{
    while (at < text.len && text.data[at] == ' ') {
        at++;
    }
    return at;
}

// Whether the braces that open at `open` are around the name; *out is where
// they close.
static bool is_around(Str text, size_t open, Str name, size_t *out)
{
    size_t at = skip_spaces(text, open + 1);
    if (!str_starts_with(str_slice(text, at, text.len), name)) {
        return false;
    }
    *out = skip_spaces(text, at + name.len);
    return *out < text.len && text.data[*out] == '}';
}

// Whether such braces are those of ${name}, #{name}, {{name}} or, in a string,
// {name}; then all of that.
static bool is_hole(Str text, size_t from, size_t open, size_t close, Span *out)
{
    char before = open > 0 ? text.data[open - 1] : ' ';
    bool is_doubled =
        before == '{' && close + 1 < text.len && text.data[close + 1] == '}';
    bool is_marked = before == '$' || before == '#' || is_doubled;
    *out = (Span){(uint32_t)(open - is_marked),
                  (uint32_t)(close + 1 + is_doubled)};
    return is_marked || is_in_string(text, from, open);
}

bool resolver_find_hole(const Resolver *r, Symbol symbol, Span place, Span *out)
{
    Str name = symbol_text(r->program->interner, symbol);
    Str text = r->module->source.text;
    text.len = text.len < place.end + (size_t)NEAR ? text.len
                                                   : place.end + (size_t)NEAR;
    uint32_t braces = 0;
    for (size_t at = str_find_byte(text, '{', place.end);
         at < text.len && braces < MAX_BRACES;
         at = str_find_byte(text, '{', at + 1)) {
        size_t close;
        if (is_around(text, at, name, &close)) {
            braces++;
            if (is_hole(text, place.end, at, close, out)) {
                return true;
            }
        }
    }
    return false;
}

void resolver_label_hole(const Resolver *r, Diag *diag, Symbol symbol,
                         Span hole)
{
    diag_label(r->sink, diag, &r->module->source, hole,
               "plain text: a value is taken in by \\(%.*s)",
               STR_ARG(resolver_name(r, symbol)));
}
