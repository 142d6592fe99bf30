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

const DiagForm *resolver_unused_form(const Resolver *r, Symbol symbol,
                                     Str *out_name)
{
    static const DiagForm form = {
        .before = STR_INIT("'"),
        .after = STR_INIT("' is never used"),
        .help_before = STR_INIT("remove it, or call it '_"),
        .help_after = STR_INIT("'"),
    };
    static const DiagForm cut = {
        .before = STR_INIT("'"),
        .after = STR_INIT("...' is never used"),
        .help_before = STR_INIT("remove it, or call it '_"),
        .help_after = STR_INIT("...'"),
    };
    *out_name = symbol_text(r->program->interner, symbol);
    if (out_name->len <= MAX_NAME_SHOWN) {
        return &form;
    }
    out_name->len = MAX_NAME_SHOWN;
    return &cut;
}
