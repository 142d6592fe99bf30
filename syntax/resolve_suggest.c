// What may be meant by names that are not there: the same name in a module that
// is imported, a name that is near, the same name in the library.
#include <string.h>

#include "support/nearest.h"
#include "syntax/foreign.h"
#include "syntax/resolve_internal.h"
#include "syntax/std_files.h"

// Unknown names of one module that get a suggestion.
#define MAX_SUGGESTIONS 64

bool resolver_has_suggestions(const Resolver *r)
{
    return r->suggestions < MAX_SUGGESTIONS;
}

bool resolver_may_suggest(Resolver *r)
{
    return r->suggestions++ < MAX_SUGGESTIONS;
}

// ---- offered by a module

// INDEX_NONE where there is none.
static uint32_t exported_ctor(const Module *module, Symbol name)
{
    const Scope *scope = module->scope;
    const ScopeRef *first = symbol_map_find(&scope->own_ctors, name);
    uint32_t at = first != NULL ? first->index : INDEX_NONE;
    while (at != INDEX_NONE && !scope->offers_all &&
           !scope->type_exported[module->ctors[at].type]) {
        at = scope->ctor_next[at];
    }
    return at;
}

bool resolver_exports_ctor(const Module *module, Symbol name)
{
    return exported_ctor(module, name) != INDEX_NONE;
}

static bool offers(const Resolver *r, uint32_t target, const Suggestion *wanted)
{
    const Module *module = r->program->modules[target];
    if (wanted->from == SUGGEST_CTORS) {
        return resolver_exports_ctor(module, wanted->name);
    }
    if (wanted->space == SPACE_VALUE && module->ast.result != NULL) {
        return false; // `m` is its value
    }
    ScopeRef found =
        scope_find_export(r->program, target, wanted->space, wanted->name);
    return found.ref != REF_UNRESOLVED && found.ref != REF_ERROR;
}

// By the first import with a name of its own that does.
static bool help_qualified(Resolver *r, const Suggestion *wanted)
{
    const SymbolMap *aliases = &r->module->scope->aliases;
    const SymbolSlot *first = NULL;
    for (uint32_t i = 0; i < aliases->count; i++) {
        const SymbolSlot *slot = &aliases->slots[i];
        if (slot->key != 0 && slot->value.ref == REF_MODULE &&
            (first == NULL || slot->value.index < first->value.index) &&
            offers(r, slot->value.module, wanted)) {
            first = slot;
        }
    }
    if (first != NULL) {
        diag_help(r->sink, wanted->diag, "write '%.*s.%.*s'",
                  STR_ARG(resolver_name(r, first->key)),
                  STR_ARG(resolver_name(r, wanted->name)));
    }
    return first != NULL;
}

// By the first module of which something else is imported.
static bool help_imported(Resolver *r, const Suggestion *wanted)
{
    for (uint32_t i = 0; i < r->import_count; i++) {
        const Import *import = r->imports[i];
        if (import->item_count == 0 || import->module == UINT32_MAX ||
            !offers(r, import->module, wanted)) {
            continue;
        }
        const Module *module = r->program->modules[import->module];
        Symbol item = wanted->name;
        if (wanted->from == SUGGEST_CTORS) {
            uint32_t ctor = exported_ctor(module, item);
            item = module->types[module->ctors[ctor].type].name;
        }
        diag_help(r->sink, wanted->diag,
                  "module '%.*s' has it: import '%.*s' from there, too",
                  STR_ARG(module->name), STR_ARG(resolver_name(r, item)));
        return true;
    }
    return false;
}

static bool help_library(Resolver *r, const Suggestion *wanted)
{
    bool is_type = wanted->space == SPACE_TYPE;
    if (wanted->from != SUGGEST_SCOPE ||
        (wanted->space != SPACE_VALUE && !is_type)) {
        return false;
    }
    StrBuf help = {0};
    Str name = resolver_name(r, wanted->name);
    for (uint32_t i = 0; i < std_file_count(); i++) {
        Str path = std_file_path(i);
        Str text;
        if (std_file(path, &text) &&
            std_text_exports(text, is_type ? "type" : "let", name)) {
            Str module =
                str_slice(path, STR("std/").len, path.len - STR(".lig").len);
            if (help.len == 0) {
                strbuf_appendf(&help, "'import { %.*s } from std.%.*s;'",
                               STR_ARG(name), STR_ARG(module));
            } else {
                strbuf_appendf(&help, " or from std.%.*s", STR_ARG(module));
            }
        }
    }
    bool found = help.len > 0;
    if (found) {
        diag_help(r->sink, wanted->diag, "the library has it: %.*s",
                  STR_ARG(strbuf_str(&help)));
    }
    strbuf_release(&help);
    return found;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

// Whether an import of the module would be named so: L, list or lists for
// std.list.
static bool may_name(Str alias, Str module)
{
    size_t len = alias.len;
    if (len == module.len + 1 && alias.data[module.len] == 's') {
        len = module.len;
    }
    bool fits = len <= module.len;
    for (size_t i = 0; i < len && fits; i++) {
        fits = lower(alias.data[i]) == module.data[i];
    }
    return fits;
}

// M.get where nothing is called M: the import of std.map is forgotten. A letter
// in upper case is a module, too, where no module has that letter.
static bool help_forgotten_import(Resolver *r, const Suggestion *wanted)
{
    if (wanted->member == 0) {
        return false;
    }
    Str alias = resolver_name(r, wanted->name);
    Str member = resolver_name(r, wanted->member);
    bool any_name =
        alias.len == 1 && alias.data[0] >= 'A' && alias.data[0] <= 'Z';
    const char *kind = wanted->from == SUGGEST_ALIASES ? "type" : "let";
    Str found = {0};
    for (uint32_t i = 0; i < std_file_count(); i++) {
        Str path = std_file_path(i);
        Str module =
            str_slice(path, STR("std/").len, path.len - STR(".lig").len);
        Str text;
        if (std_file(path, &text) && std_text_exports(text, kind, member)) {
            if (may_name(alias, module)) {
                found = module;
                break;
            }
            if (any_name && found.len == 0) {
                found = module;
            }
        }
    }
    if (found.len > 0) {
        bool same = str_equal(found, alias);
        diag_help(r->sink, wanted->diag,
                  "'%.*s' is in the library: 'import std.%.*s%s%.*s;'",
                  STR_ARG(member), STR_ARG(found), same ? "" : " as ",
                  STR_ARG(same ? STR("") : alias));
    }
    return found.len > 0;
}

// The shortest of the map's names that go on where `name` ends, as mapValues
// does after map; empty where none does.
static Str longer_name(const Resolver *r, const SymbolMap *map, Str name)
{
    Str best = {0};
    for (uint32_t i = 0; i < map->count; i++) {
        if (map->slots[i].key == 0) {
            continue;
        }
        Str text = symbol_text(r->program->interner, map->slots[i].key);
        bool longer = text.len > name.len &&
                      memcmp(text.data, name.data, name.len) == 0 &&
                      text.data[name.len] >= 'A' && text.data[name.len] <= 'Z';
        if (longer && (best.len == 0 || text.len < best.len ||
                       (text.len == best.len && str_compare(text, best) < 0))) {
            best = text;
        }
    }
    return best;
}

// A name that a module of the library does not have.
static bool help_of_library(Resolver *r, const Suggestion *wanted)
{
    if (wanted->from != SUGGEST_EXPORT || wanted->space == SPACE_CLASS ||
        !r->program->modules[wanted->target]->is_std) {
        return false;
    }
    Str name = resolver_name(r, wanted->name);
    const Scope *scope = r->program->modules[wanted->target]->scope;
    Str longer = longer_name(r, &scope->exports[wanted->space], name);
    if (longer.len > 0) {
        diag_did_you_mean(r->sink, wanted->diag, longer);
        return true;
    }
    bool found =
        scope_find_prelude(r->program, wanted->space, wanted->name).ref !=
        REF_UNRESOLVED;
    if (found) {
        diag_help(r->sink, wanted->diag,
                  "'%.*s' is in scope everywhere: it stands without a module",
                  STR_ARG(name));
    }
    return found;
}

// What a module of the user's has to offer, where that is little.
static bool help_offers(Resolver *r, const Suggestion *wanted)
{
    enum { LISTED_MOST = 8 };
    const Module *target = wanted->from == SUGGEST_EXPORT
                               ? r->program->modules[wanted->target]
                               : NULL;
    if (target == NULL || target->is_std || wanted->space != SPACE_VALUE) {
        return false;
    }
    const Scope *scope = target->scope;
    uint32_t count =
        scope->offers_all ? target->visible_count : scope->exported_count;
    if (count == 0 || count > LISTED_MOST) {
        return false;
    }
    StrBuf names = {0};
    for (uint32_t i = 0; i < count; i++) {
        uint32_t index = scope->offers_all ? i : scope->exported_bindings[i];
        strbuf_appendf(&names, "%s'%.*s'", i > 0 ? ", " : "",
                       STR_ARG(resolver_name(r, target->bindings[index].name)));
    }
    diag_help(r->sink, wanted->diag, "it has %.*s",
              STR_ARG(strbuf_str(&names)));
    strbuf_release(&names);
    return true;
}

// What else `ligature validate` could be asked for.
static bool help_schema(Resolver *r, const Suggestion *wanted)
{
    enum { SHOWN_MOST = 8 };
    const Module *schema = r->program->modules[r->module->outer];
    if (!r->module->is_made || wanted->from != SUGGEST_SCOPE ||
        wanted->space != SPACE_TYPE || schema->type_count == 0) {
        return false;
    }
    StrBuf names = {0};
    for (uint32_t i = 0; i < schema->type_count && i < SHOWN_MOST; i++) {
        strbuf_appendf(&names, "%s'%.*s'", i > 0 ? ", " : "",
                       STR_ARG(resolver_name(r, schema->types[i].name)));
    }
    diag_help(r->sink, wanted->diag, "it has %.*s%s",
              STR_ARG(strbuf_str(&names)),
              schema->type_count > SHOWN_MOST ? ", ..." : "");
    strbuf_release(&names);
    return true;
}

// By an import with a name that differs in its case alone.
static bool help_alias(Resolver *r, const Suggestion *wanted)
{
    if (wanted->member == 0) {
        return false;
    }
    Str name = resolver_name(r, wanted->name);
    Nearest nearest;
    nearest_init(&nearest, name);
    symbol_map_nearest(&r->module->scope->aliases, r->program->interner,
                       &nearest);
    bool same = nearest.best.len == name.len;
    for (size_t i = 0; i < name.len && same; i++) {
        same = lower(nearest.best.data[i]) == lower(name.data[i]);
    }
    if (same) {
        resolver_help_nearest(r, wanted->diag, &nearest);
    }
    return same;
}

// By a name of another language.
static bool help_foreign(Resolver *r, const Suggestion *wanted)
{
    Str name = resolver_name(r, wanted->name);
    if (wanted->in_predicate &&
        (str_equal(name, STR("self")) || str_equal(name, STR("this")))) {
        return false; // the value, of no record
    }
    const char *help =
        wanted->from == SUGGEST_CTORS ? foreign_ctor(name)
        : wanted->space == SPACE_TYPE ? foreign_type(name)
        : wanted->from == SUGGEST_ALIASES || wanted->space == SPACE_VALUE
            ? foreign_value(name)
            : NULL;
    if (help != NULL) {
        diag_help(r->sink, wanted->diag, "%s", help);
    }
    return help != NULL;
}

bool resolver_help_otherwise(Resolver *r, const Suggestion *wanted)
{
    bool is_member = wanted->from == SUGGEST_EXPORT;
    const Module *target =
        is_member ? r->program->modules[wanted->target] : NULL;
    if (wanted->space != SPACE_VALUE || (is_member && !target->is_std) ||
        (!is_member && wanted->from != SUGGEST_SCOPE)) {
        return false;
    }
    const LibraryName *known = foreign_library(
        is_member ? target->name : STR(""), resolver_name(r, wanted->name));
    if (known == NULL) {
        return false;
    }
    Str ours = str_from_c(known->ours), module = str_from_c(known->module);
    Suggestion here = {.diag = wanted->diag,
                       .name = intern(r->program->interner, ours),
                       .from = SUGGEST_SCOPE,
                       .space = SPACE_VALUE};
    if (is_member ? offers(r, wanted->target, &here) : module.len == 0) {
        diag_did_you_mean(r->sink, wanted->diag, ours);
        return true;
    }
    if (module.len == 0) {
        diag_help(r->sink, wanted->diag,
                  "did you mean '%.*s'? It stands without a module",
                  STR_ARG(ours));
        return true;
    }
    if (!help_qualified(r, &here) && !help_imported(r, &here)) {
        diag_help(r->sink, wanted->diag,
                  "the library calls it '%.*s': 'import { %.*s } from "
                  "std.%.*s;'",
                  STR_ARG(ours), STR_ARG(ours), STR_ARG(module));
    }
    return true;
}

// std.length, builtins.map, lib.elem: of the modules that Jsonnet and Nix have
// in scope.
static bool help_whole_library(Resolver *r, const Suggestion *wanted)
{
    Str name = resolver_name(r, wanted->name);
    if (wanted->member == 0 ||
        !(str_equal(name, STR("std")) || str_equal(name, STR("lib")) ||
          str_equal(name, STR("builtins")))) {
        return false;
    }
    Suggestion member = *wanted;
    member.name = wanted->member;
    member.member = 0;
    member.from = SUGGEST_SCOPE;
    member.space = SPACE_VALUE;
    bool is_prelude =
        scope_find_prelude(r->program, SPACE_VALUE, member.name).ref !=
        REF_UNRESOLVED;
    if (is_prelude) {
        diag_help(r->sink, wanted->diag,
                  "'%.*s' is in scope everywhere: it stands without a module",
                  STR_ARG(resolver_name(r, member.name)));
    }
    return is_prelude || help_qualified(r, &member) ||
           resolver_help_otherwise(r, &member) || help_library(r, &member);
}

static bool names_class(const Resolver *r, Symbol name)
{
    return scope_find_here(r->module, SPACE_CLASS, name).ref !=
               REF_UNRESOLVED ||
           scope_find_outer(r->program, r->module, SPACE_CLASS, name).ref !=
               REF_UNRESOLVED;
}

// A class in the place of a type, or of a module.
static bool help_class(Resolver *r, const Suggestion *wanted)
{
    bool is_type = wanted->space == SPACE_TYPE;
    if (wanted->from != SUGGEST_SCOPE || (!is_type && wanted->member == 0) ||
        !names_class(r, wanted->name)) {
        return false;
    }
    if (is_type) {
        diag_help(r->sink, wanted->diag,
                  "it is a class, which stands before the type: %.*s a => a",
                  STR_ARG(resolver_name(r, wanted->name)));
    } else {
        diag_help(r->sink, wanted->diag,
                  "it is a class, whose methods stand alone: %.*s",
                  STR_ARG(resolver_name(r, wanted->member)));
    }
    return true;
}

static bool names_type(const Resolver *r, Symbol name)
{
    const Scope *scope = r->module->scope;
    return symbol_map_find(&scope->own[SPACE_TYPE], name) != NULL ||
           symbol_map_find(&scope->imported[SPACE_TYPE], name) != NULL;
}

// A constructor with its type before it, a type in its place, or one with a
// lower-case letter.
static bool help_ctor(Resolver *r, const Suggestion *wanted)
{
    if (wanted->from == SUGGEST_ALIASES) {
        if (names_type(r, wanted->name)) {
            diag_help(r->sink, wanted->diag,
                      "a constructor stands without its type");
            return true;
        }
        return help_foreign(r, wanted);
    }
    if (wanted->from == SUGGEST_CTORS && names_type(r, wanted->name)) {
        diag_help(r->sink, wanted->diag,
                  "it is a type: write the value alone, or (value : %.*s)",
                  STR_ARG(resolver_name(r, wanted->name)));
        return true;
    }
    Str name = symbol_text(r->program->interner, wanted->name);
    if (wanted->from != SUGGEST_SCOPE || wanted->space != SPACE_VALUE ||
        name.data[0] < 'a' || name.data[0] > 'z') {
        return false;
    }
    Nearest nearest;
    nearest_init(&nearest, name);
    scope_nearest_ctor(r->program, r->module, &nearest);
    bool found = nearest.best.len == name.len &&
                 nearest.best.data[0] == name.data[0] - 'a' + 'A' &&
                 str_equal(str_slice(nearest.best, 1, name.len),
                           str_slice(name, 1, name.len));
    if (found) {
        resolver_help_nearest(r, wanted->diag, &nearest);
    }
    return found;
}

// ---- near

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
    bool is_here =
        suggestion->from == SUGGEST_SCOPE || suggestion->from == SUGGEST_CTORS;
    Nearest nearest = suggestion->nearest;
    if (resolver_may_suggest(r)) {
        if (r->is_part) {
            vec_push(&r->suggested, *suggestion);
            return;
        }
        if (suggestion->is_sibling) {
            diag_help(r->sink, suggestion->diag,
                      "fields do not see each other: give values a name with "
                      "'let'");
            return;
        }
        if (help_forgotten_import(r, suggestion) ||
            help_whole_library(r, suggestion)) {
            return;
        }
        if (is_here && help_alias(r, suggestion)) {
            return;
        }
        if (is_here &&
            (help_qualified(r, suggestion) || help_imported(r, suggestion) ||
             help_foreign(r, suggestion))) {
            return;
        }
        if (help_class(r, suggestion) || help_ctor(r, suggestion) ||
            resolver_help_otherwise(r, suggestion)) {
            return;
        }
        feed(r, suggestion, &nearest);
        if (nearest.best.len == 0 &&
            (help_library(r, suggestion) || help_of_library(r, suggestion) ||
             help_schema(r, suggestion) || help_offers(r, suggestion))) {
            return;
        }
    }
    if (nearest.best.len == 0 && suggestion->in_predicate) {
        diag_help(r->sink, suggestion->diag,
                  "in a refinement, 'x' is the value, and of a record 'x.%.*s' "
                  "is a field",
                  STR_ARG(resolver_name(r, suggestion->name)));
    } else {
        resolver_help_nearest(r, suggestion->diag, &nearest);
    }
}
