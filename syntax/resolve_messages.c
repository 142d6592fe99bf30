// What the resolver says, and near names for those that are not there.
#include "syntax/resolve_private.h"

// Unknown names of one module that get a suggestion.
#define MAX_SUGGESTIONS 64

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
        diag_help(r->sink, diag, "did you mean '%.*s'?",
                  STR_ARG(nearest->best));
    }
}

bool resolver_has_suggestions(const Resolver *r)
{
    return r->suggestions < MAX_SUGGESTIONS;
}

bool resolver_may_suggest(Resolver *r)
{
    return r->suggestions++ < MAX_SUGGESTIONS;
}

void resolver_report_twice(Resolver *r, const char *what, Symbol name,
                           Span span, Span first)
{
    DiagSink *diags = r->sink;
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

static void feed(const Resolver *r, const Suggestion *from, Nearest *nearest)
{
    switch (from->from) {
    case SUGGEST_SCOPE:
        scope_nearest(r->program, r->module, from->space, nearest);
        return;
    case SUGGEST_CTORS:
        scope_nearest_ctor(r->program, r->module, nearest);
        return;
    case SUGGEST_ALIASES:
        symbol_map_nearest(&r->module->scope->aliases, r->program->interner,
                           nearest);
        return;
    case SUGGEST_EXPORT:
        scope_nearest_export(r->program, from->target, from->space, nearest);
        return;
    case SUGGEST_EXPORTED_CTOR:
        scope_nearest_exported_ctor(r->program, from->target, nearest);
        return;
    }
}

void resolver_suggest(Resolver *r, const Suggestion *suggestion)
{
    if (suggestion->diag == NULL) {
        return;
    }
    Nearest nearest = suggestion->nearest;
    if (resolver_may_suggest(r)) {
        if (r->is_part) {
            vec_push(&r->suggested, *suggestion);
            return;
        }
        feed(r, suggestion, &nearest);
    }
    if (nearest.best.len == 0 && suggestion->in_predicate) {
        diag_help(r->sink, suggestion->diag,
                  "in a refinement, 'x' is the value");
    } else {
        resolver_help_nearest(r, suggestion->diag, &nearest);
    }
}
