// Names that are not there: what is said of them, and what may have been meant.
#include "syntax/resolve_internal.h"

#include "support/nearest.h"

// For the name, of which `diag` says that it is not there.
static Suggestion suggest_name(const Resolver *r, Symbol name, Diag *diag,
                               SuggestFrom from)
{
    Suggestion suggestion = {.diag = diag, .name = name, .from = from};
    suggestion.in_predicate = r->in_predicate && from < SUGGEST_EXPORT;
    nearest_init(&suggestion.nearest, symbol_text(r->program->interner, name));
    return suggestion;
}

// `type P = P;`, which is meant to have a constructor: E0209 says what it is.
static bool is_own_alias(const Resolver *r, Symbol name)
{
    const ScopeRef *own =
        symbol_map_find(&r->module->scope->own[SPACE_TYPE], name);
    if (own == NULL || own->ref != REF_TYPE) {
        return false;
    }
    const TypeExpr *alias = r->module->types[own->index].decl->alias;
    return alias != NULL && alias->kind == TYPE_EXPR_NAME &&
           alias->as.name.qualifier == 0 && alias->as.name.ref.symbol == name;
}

// The binding of that name in a `let` without `rec` around it, which is not in
// scope yet, among the nearest ones; NULL: there is none.
static const Bind *find_early(const Resolver *r, Symbol name,
                              OpenLet **out_open)
{
    enum { LOOK_MAX = 64 };
    uint32_t looks = 0;
    for (OpenLet *at = r->lets; at != NULL; at = at->outer) {
        for (uint32_t i = at->current; i < at->let->count; i++) {
            if (at->let->binds[i].name == name) {
                *out_open = at;
                return &at->let->binds[i];
            }
            if (++looks > LOOK_MAX) {
                return NULL;
            }
        }
    }
    return NULL;
}

static const char *early_help(const Bind *at_work, const Bind *named)
{
    bool are_functions =
        at_work->value.kind == EXPR_LAMBDA && named->value.kind == EXPR_LAMBDA;
    if (named == at_work) {
        return are_functions
                   ? "write 'let rec' for a function that calls itself"
                   : "a value cannot be made out of itself, also not with "
                     "'let rec'";
    }
    return are_functions
               ? "it is bound behind this: write 'let rec ... and ...' for "
                 "functions that call each other"
               : "it is bound behind this: each binding sees those before it";
}

// A broken module lacks declarations that did not parse, and a name that an
// import has written wrong is not there: no follow-on errors. NULL where
// nothing is to be suggested.
static Diag *report_unknown(Resolver *r, const char *what, Symbol name,
                            Span span)
{
    if (r->module->broken || is_own_alias(r, name) ||
        symbol_map_find(&r->module->scope->meant_imports, name) != NULL) {
        return NULL;
    }
    Str text = resolver_name(r, name);
    const Source *source = &r->module->source;
    if (r->module->is_made) { // the user sees no scope, but FILE#TYPE
        Str file = r->program->modules[r->module->outer]->source.path;
        return diag_add(r->sink, DIAG_E0201, source, span,
                        "'%.*s' has no %s '%.*s'", STR_ARG(file), what,
                        STR_ARG(text));
    }
    Diag *diag = diag_add(r->sink, DIAG_E0201, source, span,
                          "%s '%.*s' is not in scope", what, STR_ARG(text));
    OpenLet *open;
    const Bind *named = find_early(r, name, &open);
    if (named != NULL) {
        const Bind *at_work = &open->let->binds[open->current];
        diag_help(r->sink, diag, "%s", early_help(at_work, named));
        if (!r->is_stretch) { // others may be at work beside it
            open->early = name;
        }
        return NULL;
    }
    return diag;
}

// ---- in the module

// Whether a literal around the name has a field that is called so, other than
// itself: { name }.
static bool is_field_around(const Resolver *r, Symbol name, Span span)
{
    for (const OpenRecord *at = r->record; at != NULL; at = at->outer) {
        const Expr *literal = at->literal;
        for (uint32_t i = 0; i < literal->as.record.count; i++) {
            RecordItem *item = &literal->as.record.items[i];
            if (item->name == name &&
                record_item_value(item)->span.start != span.start) {
                return true;
            }
        }
    }
    return false;
}

// A name that touches a quote: "he said "hi"", or f"port {n}" as Python and
// others have it; NULL for neither.
static const char *quote_help(const Resolver *r, Span span)
{
    Str text = r->module->source.text;
    if (span.start > 0 && text.data[span.start - 1] == '"') {
        return "a quote in a string is written \\\"";
    }
    return span.end < text.len && text.data[span.end] == '"'
               ? "a text takes in values where they stand: \"port \\(n)\""
               : NULL;
}

void resolver_unknown_qualifier(Resolver *r, Symbol name, Symbol member,
                                Span span)
{
    if (r->module->scope->lacks_methods && member == 0) {
        return; // it may be one of theirs
    }
    Diag *diag = report_unknown(r, "name", name, span);
    if (diag != NULL && r->fields != NULL &&
        symbol_map_find(r->fields, name) != NULL) {
        diag_help(r->sink, diag,
                  "a default may use the fields that stand before it");
        diag = NULL;
    }
    const char *quote = member == 0 ? quote_help(r, span) : NULL;
    if (diag != NULL && quote != NULL) {
        diag_help(r->sink, diag, "%s", quote);
        diag = NULL;
    }
    Suggestion suggestion = suggest_name(r, name, diag, SUGGEST_SCOPE);
    suggestion.space = SPACE_VALUE;
    if (resolver_has_suggestions(r)) {
        suggestion.is_sibling = is_field_around(r, name, span);
        resolver_nearest_local(r, &suggestion.nearest);
    }
    suggestion.member = member;
    resolver_suggest(r, &suggestion);
}

void resolver_unknown_value(Resolver *r, Symbol name, Span span)
{
    resolver_unknown_qualifier(r, name, 0, span);
}

void resolver_unknown_in(Resolver *r, NameSpace space, Symbol name, Span span)
{
    const char *what = space == SPACE_CLASS ? "class" : "type";
    Diag *diag = report_unknown(r, what, name, span);
    Suggestion suggestion = suggest_name(r, name, diag, SUGGEST_SCOPE);
    suggestion.space = space;
    resolver_suggest(r, &suggestion);
}

void resolver_unknown_ctor(Resolver *r, Symbol name, Span span)
{
    const Scope *scope = r->module->scope;
    if (scope->lacks_types ||
        symbol_map_find(&scope->meant_ctors, name) != NULL) {
        return; // it may be one of theirs
    }
    Diag *diag = report_unknown(r, "constructor", name, span);
    Suggestion suggestion = suggest_name(r, name, diag, SUGGEST_CTORS);
    resolver_suggest(r, &suggestion);
}

void resolver_unknown_module(Resolver *r, Symbol name, Symbol member, Span span)
{
    Diag *diag = report_unknown(r, "module", name, span);
    Suggestion suggestion = suggest_name(r, name, diag, SUGGEST_ALIASES);
    suggestion.member = member;
    resolver_suggest(r, &suggestion);
}

// ---- in another module

// What the module exports of that name, for who has asked for something else.
static const char *exported_kind(const Resolver *r, uint32_t target,
                                 Symbol name)
{
    static const char *const kinds[] = {[SPACE_VALUE] = "value",
                                        [SPACE_TYPE] = "type",
                                        [SPACE_CLASS] = "class"};
    for (int space = 0; space < SPACE_COUNT; space++) {
        ScopeRef found =
            scope_find_export(r->program, target, (NameSpace)space, name);
        if (found.ref != REF_UNRESOLVED) {
            return kinds[space];
        }
    }
    bool is_ctor = resolver_exports_ctor(r->program->modules[target], name);
    return is_ctor ? "constructor" : NULL;
}

// The name that the module exports its own `name` by; 0 where it does not.
static Symbol exported_as(const Module *module, Symbol name)
{
    const Scope *scope = module->scope;
    for (int space = 0; space < SPACE_COUNT; space++) {
        const ScopeRef *own = symbol_map_find(&scope->own[space], name);
        const SymbolMap *exports = &scope->exports[space];
        for (uint32_t i = 0; own != NULL && i < exports->count; i++) {
            const ScopeRef *export = &exports->slots[i].value;
            if (export->ref == own->ref && export->index == own->index &&
                export->module == module->id && exports->slots[i].key != 0) {
                return exports->slots[i].key;
            }
        }
    }
    return 0;
}

static bool help_renamed(Resolver *r, const Module *module, Symbol name,
                         Diag *diag)
{
    Symbol as = resolver_may_suggest(r) ? exported_as(module, name) : 0;
    if (as != 0) {
        diag_help(r->sink, diag, "it is exported as '%.*s'",
                  STR_ARG(resolver_name(r, as)));
    }
    return as != 0;
}

// How the module, which has it, comes to export it.
static void help_export(Resolver *r, const Module *module, Symbol name,
                        bool is_ctor, Diag *diag)
{
    if (is_ctor) {
        const ScopeRef *ctor = symbol_map_find(&module->scope->own_ctors, name);
        name = module->types[module->ctors[ctor->index].type].name;
    }
    diag_help(r->sink, diag, "there, add 'export { %.*s };'",
              STR_ARG(resolver_name(r, name)));
}

// What the module would have to export for that name, which it imports; 0 where
// it does not.
static Symbol imported_as(const Resolver *r, const Module *module, Symbol name)
{
    const Scope *scope = module->scope;
    for (int space = 0; space < SPACE_COUNT; space++) {
        const ScopeRef *found = symbol_map_find(&scope->imported[space], name);
        if (found != NULL && found->ref != REF_ERROR) {
            return name;
        }
    }
    const ScopeRef *entry = symbol_map_find(&scope->imported_ctors, name);
    if (entry == NULL) {
        return 0;
    }
    const ImportedCtor *ctor = &scope->imported_ctor_list[entry->index];
    const Module *from = r->program->modules[ctor->module];
    return from->types[from->ctors[ctor->index].type].name;
}

static bool report_imported(Resolver *r, const Module *module, Symbol name,
                            Span span)
{
    Symbol item = module->is_std ? 0 : imported_as(r, module, name);
    if (item == 0) {
        return false;
    }
    Diag *diag =
        diag_add(r->sink, DIAG_E0216, &r->module->source, span,
                 "module '%.*s' imports '%.*s' but does not export it",
                 STR_ARG(module->name), STR_ARG(resolver_name(r, name)));
    if (module->scope->offers_all) {
        diag_help(r->sink, diag,
                  "there, add 'export { %.*s, ... };' with all that it offers: "
                  "one export hides the rest",
                  STR_ARG(resolver_name(r, item)));
    } else {
        diag_help(r->sink, diag, "there, add 'export { %.*s };'",
                  STR_ARG(resolver_name(r, item)));
    }
    return true;
}

// `is_value` tells that a value or constructor was asked for.
static Diag *report_not_exported(Resolver *r, uint32_t target, Symbol name,
                                 Span span, bool is_value)
{
    const Module *module = r->program->modules[target];
    if (module->broken) {
        return NULL;
    }
    const char *kind = exported_kind(r, target, name);
    if (kind != NULL) {
        Diag *misplaced = diag_add(
            r->sink, DIAG_E0216, &r->module->source, span,
            "'%.*s' of module '%.*s' is a %s, which does not fit here",
            STR_ARG(resolver_name(r, name)), STR_ARG(module->name), kind);
        if (is_value && strcmp(kind, "type") == 0) {
            diag_help(r->sink, misplaced,
                      "write the value alone, or (value : %.*s)",
                      STR_ARG(str_slice(r->module->source.text, span.start,
                                        span.end)));
        }
        return NULL;
    }
    bool hidden = false;
    for (int space = 0; space < SPACE_COUNT; space++) {
        hidden |= symbol_map_find(&module->scope->own[space], name) != NULL;
    }
    bool is_ctor =
        !hidden && symbol_map_find(&module->scope->own_ctors, name) != NULL;
    hidden |= is_ctor;
    if (!hidden && report_imported(r, module, name, span)) {
        return NULL;
    }
    Diag *diag =
        diag_add(r->sink, DIAG_E0216, &r->module->source, span,
                 hidden ? "module '%.*s' has '%.*s' but does not export it"
                        : "module '%.*s' has no '%.*s'",
                 STR_ARG(module->name), STR_ARG(resolver_name(r, name)));
    if (hidden && help_renamed(r, module, name, diag)) {
        return NULL;
    }
    if (hidden && !module->is_std) {
        help_export(r, module, name, is_ctor, diag);
        return NULL;
    }
    return diag;
}

// Whether the prelude has what is looked for in another module of the library.
static bool is_everywhere(const Resolver *r, uint32_t target, Symbol name)
{
    bool found =
        resolver_exports_ctor(r->program->modules[MODULE_PRELUDE], name);
    for (int space = 0; space < SPACE_COUNT && !found; space++) {
        found = scope_find_prelude(r->program, (NameSpace)space, name).ref !=
                REF_UNRESOLVED;
    }
    return found && r->program->modules[target]->is_std;
}

void resolver_report_not_exported(Resolver *r, uint32_t target, Symbol name,
                                  Span span, const Nearest *nearest)
{
    Diag *diag = report_not_exported(r, target, name, span, false);
    if (diag == NULL) {
        return;
    }
    Suggestion wanted = suggest_name(r, name, diag, SUGGEST_EXPORT);
    wanted.target = target;
    wanted.space = SPACE_VALUE;
    if (resolver_help_otherwise(r, &wanted)) {
        return;
    }
    if (nearest->best.len == 0 && is_everywhere(r, target, name)) {
        diag_help(r->sink, diag,
                  "'%.*s' is in scope everywhere: it needs no import",
                  STR_ARG(resolver_name(r, name)));
    } else {
        resolver_help_nearest(r, diag, nearest);
    }
}

void resolver_no_such_export(Resolver *r, uint32_t target, NameSpace space,
                             Symbol name, Span span)
{
    Diag *diag =
        report_not_exported(r, target, name, span, space == SPACE_VALUE);
    Suggestion suggestion = suggest_name(r, name, diag, SUGGEST_EXPORT);
    suggestion.target = target;
    suggestion.space = space;
    resolver_suggest(r, &suggestion);
}

void resolver_no_such_ctor(Resolver *r, uint32_t target, Symbol name, Span span)
{
    Diag *diag = report_not_exported(r, target, name, span, true);
    Suggestion suggestion = suggest_name(r, name, diag, SUGGEST_EXPORTED_CTOR);
    suggestion.target = target;
    resolver_suggest(r, &suggestion);
}
