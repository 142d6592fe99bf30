// Patterns: numbers their variables and resolves their constructors.
#include "syntax/resolve_internal.h"

// An entry whose mismatch between alternatives was reported.
#define ALTERNATIVE_REPORTED UINT32_MAX

static const char *const alternatives_help =
    "all alternatives of an arm must bind the same names";

static void warn_hiding(Resolver *r, Symbol symbol, Span span, Span outer)
{
    Str name = resolver_name(r, symbol);
    if (r->quiet || name.data[0] == '_') {
        return;
    }
    Diag *diag = diag_add(r->sink, DIAG_W0203, &r->module->source, span,
                          "'%.*s' hides another local variable", STR_ARG(name));
    diag_label(r->sink, diag, &r->module->source, outer,
               "the one that it hides");
}

// A variable that an earlier alternative of the arm may have bound.
static uint32_t bind_again(Resolver *r, LocalEntry *entry, Span span)
{
    if (entry->alternative == r->alternative) {
        resolver_report_twice(r, "variable", entry->symbol, span, entry->span);
    } else if (entry->alternative != ALTERNATIVE_REPORTED) {
        entry->alternative = r->alternative;
    }
    return entry->local;
}

// `local` is the number it has already, or INDEX_NONE.
static uint32_t bind_variable(Resolver *r, Symbol symbol, Span span,
                              uint32_t mark, uint32_t local)
{
    if (symbol == 0) { // a name that did not parse
        return local != INDEX_NONE ? local : resolver_new_local(r, 0, span);
    }
    uint32_t known = local_env_find(&r->work->env, symbol);
    if (known != INDEX_NONE && known >= mark) {
        return bind_again(r, &r->work->env.entries.items[known], span);
    }
    if (known != INDEX_NONE) {
        warn_hiding(r, symbol, span, r->work->env.entries.items[known].span);
    }
    if (local == INDEX_NONE) {
        local = resolver_new_local(r, symbol, span);
    }
    LocalEntry *entry = resolver_push_local(r, symbol, span, local);
    entry->alternative = r->alternative;
    if (r->alternative > 0) {
        entry->alternative = ALTERNATIVE_REPORTED;
        Diag *diag =
            diag_add(r->sink, DIAG_E0303, &r->module->source, span,
                     "this alternative binds '%.*s', the ones before it do not",
                     STR_ARG(resolver_name(r, symbol)));
        diag_help(r->sink, diag, "%s", alternatives_help);
        r->binds_more = true;
    }
    return local;
}

uint32_t resolver_bind_name(Resolver *r, Symbol symbol, Span span,
                            uint32_t mark)
{
    return bind_variable(r, symbol, span, mark, INDEX_NONE);
}

void resolver_param(Resolver *r, Param *param, uint32_t mark)
{
    Pattern *pattern = &param->pattern;
    if (pattern->kind != PATTERN_NAME) {
        resolver_pattern(r, pattern, mark);
        return;
    }
    resolver_put_local(r, &pattern->as.name.local, param->local);
    bind_variable(r, pattern->as.name.symbol, pattern->span, mark,
                  param->local);
}

static void pattern_ctor(Resolver *r, Pattern *pattern, uint32_t mark)
{
    PatternCtor *ctor = pattern->as.ctor;
    Span name = pattern->span;
    if (ctor->arg_count > 0 && ctor->qualifier == 0) {
        Str text = symbol_text(r->program->interner, ctor->ref.symbol);
        name.end = name.start + (uint32_t)text.len;
    }
    resolver_ctor_ref(r, &ctor->ref, ctor->qualifier, name);
    for (uint32_t i = 0; i < ctor->arg_count; i++) {
        resolver_pattern(r, &ctor->args[i], mark);
    }
}

static void pattern_list(Resolver *r, PatternList *list, uint32_t mark)
{
    for (uint32_t i = 0; i < list->count; i++) {
        resolver_pattern(r, &list->items[i], mark);
    }
    if (list->has_rest && list->rest != 0) {
        resolver_put_local(
            r, &list->rest_local,
            resolver_bind_name(r, list->rest, list->rest_span, mark));
    }
}

void resolver_pattern(Resolver *r, Pattern *pattern, uint32_t mark)
{
    switch ((PatternKind)pattern->kind) {
    case PATTERN_ERROR:
    case PATTERN_WILDCARD:
    case PATTERN_UNIT:
    case PATTERN_BOOL:
    case PATTERN_INT:
    case PATTERN_FLOAT:
    case PATTERN_STRING:
        return;
    case PATTERN_NAME:
        resolver_put_local(r, &pattern->as.name.local,
                           resolver_bind_name(r, pattern->as.name.symbol,
                                              pattern->span, mark));
        return;
    case PATTERN_CTOR:
        pattern_ctor(r, pattern, mark);
        return;
    case PATTERN_TUPLE:
        for (uint32_t i = 0; i < pattern->as.tuple.count; i++) {
            resolver_pattern(r, &pattern->as.tuple.items[i], mark);
        }
        return;
    case PATTERN_LIST:
        pattern_list(r, pattern->as.list, mark);
        return;
    case PATTERN_RECORD:
        for (uint32_t i = 0; i < pattern->as.record->count; i++) {
            resolver_pattern(r, &pattern->as.record->fields[i].pattern, mark);
        }
        return;
    case PATTERN_AS:
        resolver_pattern(r, pattern->as.alias.pattern, mark);
        resolver_put_local(r, &pattern->as.alias.local,
                           resolver_bind_name(r, pattern->as.alias.symbol,
                                              pattern->span, mark));
        return;
    }
}

// What the first alternative binds and this one does not. Where it binds
// something else instead, that is the same mistake.
static void report_missing(Resolver *r, const Pattern *pattern, uint32_t mark)
{
    for (uint32_t i = mark; i < r->work->env.entries.count; i++) {
        LocalEntry *entry = &r->work->env.entries.items[i];
        if (entry->alternative == r->alternative ||
            entry->alternative == ALTERNATIVE_REPORTED) {
            continue;
        }
        entry->alternative = ALTERNATIVE_REPORTED;
        if (r->binds_more) {
            continue;
        }
        Diag *diag =
            diag_add(r->sink, DIAG_E0303, &r->module->source, pattern->span,
                     "this alternative does not bind '%.*s'",
                     STR_ARG(resolver_name(r, entry->symbol)));
        diag_label(r->sink, diag, &r->module->source, entry->span,
                   "bound here");
        diag_help(r->sink, diag, "%s", alternatives_help);
    }
}

void resolver_arm_patterns(Resolver *r, Arm *arm)
{
    uint32_t mark = resolver_mark(r);
    for (uint32_t i = 0; i < arm->pattern_count; i++) {
        r->alternative = i;
        r->binds_more = false;
        resolver_pattern(r, &arm->patterns[i], mark);
        if (i > 0) {
            report_missing(r, &arm->patterns[i], mark);
        }
    }
    r->alternative = 0;
}
