// What the names of values stand for that are no local ones.
#include "syntax/resolve_internal.h"

void resolver_mark_found(const Resolver *r, const ScopeRef *found)
{
    if (found->origin != ORIGIN_NONE) {
        resolver_mark_used(r->module->scope->used[found->origin]);
    }
}

const ScopeRef *resolver_find_alias(const Resolver *r, Symbol name)
{
    const ScopeRef *own = symbol_map_find(&r->module->scope->aliases, name);
    if (own != NULL) {
        resolver_mark_found(r, own);
        return own;
    }
    return scope_find_alias(r->program, r->module, name);
}

const ScopeRef *resolver_find_value_alias(const Resolver *r, Symbol name)
{
    const ScopeRef *found = scope_find_value_alias(r->program, r->module, name);
    if (found != NULL &&
        found == symbol_map_find(&r->module->scope->aliases, name)) {
        resolver_mark_found(r, found);
    }
    return found;
}

// What the name of an import stands for; the module stays.
static void set_alias(const Resolver *r, Symbol symbol, KnownName *known)
{
    known->is_alias = true;
    known->found.origin = ORIGIN_NONE; // marked, or another module's
    if (known->found.ref == REF_MODULE) {
        NameRef value =
            scope_module_value(r->program, known->found.module, symbol);
        known->found.ref = value.ref;
        known->found.index = value.index;
    }
}

// Where the name is found in the module itself.
static const ScopeRef *find_here(const Resolver *r, Symbol symbol)
{
    const Scope *scope = r->module->scope;
    const ScopeRef *found = symbol_map_find(&scope->own[SPACE_VALUE], symbol);
    return found != NULL
               ? found
               : symbol_map_find(&scope->imported[SPACE_VALUE], symbol);
}

static bool find_outside(const Resolver *r, Symbol symbol, KnownName *known)
{
    const ScopeRef *alias = resolver_find_value_alias(r, symbol);
    if (alias != NULL) {
        known->found = *alias;
        set_alias(r, symbol, known);
        return true;
    }
    known->found = scope_find_outer(r->program, r->module, SPACE_VALUE, symbol);
    return known->found.ref != REF_UNRESOLVED;
}

// In a session, `let x = x + 1` makes a new x out of the one entered before.
static bool find_earlier(const Resolver *r, const ScopeRef *own, Symbol symbol,
                         ScopeRef *out)
{
    if (!r->module->is_link || own->ref != REF_GLOBAL ||
        own->module != r->module->id || own->index != r->current ||
        r->bindings.items[r->current].rec) {
        return false;
    }
    *out = scope_find_outer(r->program, r->module, SPACE_VALUE, symbol);
    return out->ref == REF_GLOBAL && r->program->modules[out->module]->is_outer;
}

KnownName *resolver_look_up(Resolver *r, Symbol symbol, KnownName *known)
{
    const ScopeRef *found = find_here(r, symbol);
    ScopeRef earlier;
    known->key = resolver_name_key(r, symbol);
    known->is_alias = false;
    // Not that of the binding at work.
    known->generation = r->work->ref_table.generation - 1;
    if (found != NULL && find_earlier(r, found, symbol, &earlier)) {
        known->found = earlier;
        known->key = 0; // it is another one for the next binding
    } else if (found != NULL) {
        known->found = *found;
    } else if (!find_outside(r, symbol, known)) {
        known->key = 0;
        return NULL;
    }
    resolver_mark_found(r, &known->found);
    return known;
}
