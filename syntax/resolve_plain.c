// Names that stand in a text as other languages have it: "${name}" is no
// interpolation.
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

// ---- W0204: "${name}" where there is a value of that name

// Where the path like `name` or `name.field` at `at` ends, and its first name;
// 0 where that is none, or a name that stands nowhere else.
static Symbol read_path(const Resolver *r, Str text, size_t at, size_t *out_end)
{
    size_t start = at;
    size_t name_end = 0;
    bool is_name = false; // before `at`
    for (; at < text.len; at++) {
        char c = text.data[at];
        if (c == '.' && is_name) {
            name_end = name_end == 0 ? at : name_end;
            is_name = false;
        } else if (byte_is(c, is_name ? BYTE_IDENT : BYTE_START) ||
                   (c == '\'' && is_name)) {
            is_name = true;
        } else {
            break;
        }
    }
    *out_end = at;
    Str name = str_slice(text, start, name_end == 0 ? at : name_end);
    return is_name ? intern_find(r->program->interner, name) : 0;
}

// Whether the binding at work may name the value, which no longer counts as
// unused.
static bool may_name(Resolver *r, Symbol name)
{
    uint32_t local = local_env_find(&r->work->env, name);
    if (local != INDEX_NONE) {
        r->work->env.entries.items[local].used = true;
        return true;
    }
    KnownName known;
    if (resolver_is_local(r, name)) {
        return true;
    }
    if (resolver_look_up(r, name, &known) == NULL) {
        return false;
    }
    const ScopeRef *found = &known.found;
    bool is_own = found->ref == REF_GLOBAL && found->module == r->module->id;
    if (is_own && found->index != r->current &&
        found->index < r->module->visible_count) {
        resolver_mark_used(&r->used[found->index]);
    }
    return is_own ? found->index != r->current
                  : found->ref == REF_MODULE ||
                        (found->ref == REF_GLOBAL &&
                         !r->program->modules[found->module]->is_std);
}

static void warn_plain(Resolver *r, Span hole, Str path)
{
    Diag *diag =
        diag_add(r->sink, DIAG_W0204, &r->module->source, hole,
                 "'${%.*s}' is plain text, and not the value", STR_ARG(path));
    diag_help(r->sink, diag,
              "write \\(%.*s) for the value; where the text is meant, a raw "
              "string: r\"...\"",
              STR_ARG(path));
    Str fixed = arena_printf(&r->sink->arena, "\\(%.*s)", STR_ARG(path));
    diag_fix(r->sink, diag, hole, fixed, "change it to '%.*s'", STR_ARG(fixed));
}

void resolver_text(Resolver *r, const Expr *expr)
{
    Str text = str_slice(r->module->source.text, 0, expr->span.end);
    uint32_t start = expr->span.start;
    if (r->closed != 0 || r->module->broken ||
        text.data[start] == 'r') { // as it stands
        return;
    }
    for (size_t at = str_find_byte(text, '$', start); at + 1 < text.len;
         at = str_find_byte(text, '$', at + 1)) {
        bool is_escaped = text.data[at - 1] == '$'; // for those who read it
        if (text.data[at + 1] != '{' || is_escaped) {
            continue;
        }
        size_t end;
        Symbol name = read_path(r, text, at + 2, &end);
        bool is_closed = end < text.len && text.data[end] == '}';
        if (name != 0 && is_closed && may_name(r, name)) {
            warn_plain(r, (Span){(uint32_t)at, (uint32_t)end + 1},
                       str_slice(text, at + 2, end));
        }
    }
}
