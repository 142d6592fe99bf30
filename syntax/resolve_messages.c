// What the resolver says.
#include "syntax/resolve_internal.h"

#include "support/nearest.h"

// Bytes of a name that a message shows.
#define MAX_NAME_SHOWN 60

Str resolver_name(const Resolver *r, Symbol symbol)
{
    Str text = symbol_text(r->program->interner, symbol);
    if (text.len <= MAX_NAME_SHOWN) {
        return text;
    }
    return arena_printf(&r->sink->arena, "%.*s...", MAX_NAME_SHOWN, text.data);
}

void resolver_help_nearest(Resolver *r, Diag *diag, const Nearest *nearest)
{
    if (nearest->best.len > 0) {
        diag_did_you_mean(r->sink, diag, nearest->best);
    }
}

void resolver_report_twice(Resolver *r, const char *what, Symbol name, Span one,
                           Span other)
{
    DiagSink *diags = r->sink;
    Span first = one.start < other.start ? one : other;
    Span span = one.start < other.start ? other : one;
    Diag *diag = diag_add(diags, DIAG_E0202, &r->module->source, span,
                          "%s '%.*s' is declared twice", what,
                          STR_ARG(resolver_name(r, name)));
    diag_label(diags, diag, &r->module->source, first, "first declared here");
}

// The name as it is, or cut.
#define UNUSED_FORM(end, with)                                                 \
    {                                                                          \
        .before = STR_INIT("'"), .after = STR_INIT(end "' is never used"),     \
        .help_before = STR_INIT("remove it, or call it '_"),                   \
        .help_after = STR_INIT(end "'"), .mark = STR_INIT(with),               \
    }

const DiagForm *resolver_unused_form(const Resolver *r, Symbol symbol,
                                     bool is_alone, Str *out_name)
{
    static const DiagForm forms[2][2] = {
        {UNUSED_FORM("", ""), UNUSED_FORM("", "_")},
        {UNUSED_FORM("...", ""), UNUSED_FORM("...", "_")},
    };
    *out_name = symbol_text(r->program->interner, symbol);
    bool is_long = out_name->len > MAX_NAME_SHOWN;
    out_name->len = is_long ? MAX_NAME_SHOWN : out_name->len;
    return &forms[is_long][is_alone];
}
