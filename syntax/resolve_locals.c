// Local names in scope: a stack of entries, and by symbol the innermost one.
#include <stdlib.h>

#include "support/hash.h"

#include "support/nearest.h"
#include "syntax/resolve_internal.h"

static uint32_t env_slot(const LocalEnv *env, Symbol symbol)
{
    uint32_t mask = env->capacity - 1;
    uint32_t at = (uint32_t)((symbol * HASH_MULTIPLIER) >> 32) & mask;
    while (env->keys[at] != 0 && env->keys[at] != symbol) {
        at = (at + 1) & mask;
    }
    return at;
}

static void env_grow(LocalEnv *env)
{
    LocalEnv grown = *env;
    grown.capacity = env->capacity == 0 ? 64 : env->capacity * 2;
    grown.keys = mem_calloc(grown.capacity, sizeof *grown.keys);
    grown.tops = mem_calloc(grown.capacity, sizeof *grown.tops);
    for (uint32_t i = 0; i < env->capacity; i++) {
        if (env->keys[i] != 0) {
            uint32_t at = env_slot(&grown, env->keys[i]);
            grown.keys[at] = env->keys[i];
            grown.tops[at] = env->tops[i];
        }
    }
    free(env->keys);
    free(env->tops);
    *env = grown;
}

uint32_t local_env_find(const LocalEnv *env, Symbol symbol)
{
    if (env->capacity == 0 || symbol == 0) {
        return INDEX_NONE;
    }
    uint32_t at = env_slot(env, symbol);
    return env->keys[at] == symbol ? env->tops[at] : INDEX_NONE;
}

void local_env_release(LocalEnv *env)
{
    vec_release(&env->entries);
    free(env->keys);
    free(env->tops);
    *env = (LocalEnv){0};
}

void local_env_trim(LocalEnv *env)
{
    enum { KEPT_MAX = 1024 };
    if (env->capacity > KEPT_MAX) {
        local_env_release(env);
    }
}

uint32_t resolver_new_local(Resolver *r, Symbol symbol, Span span)
{
    vec_push(&r->work->locals, (Local){symbol, span});
    return r->work->first_local + r->work->locals.count - 1;
}

LocalEntry *resolver_push_local(Resolver *r, Symbol symbol, Span span,
                                uint32_t local)
{
    LocalEnv *env = &r->work->env;
    if (env->count * 2 >= env->capacity) {
        env_grow(env);
    }
    uint32_t at = env_slot(env, symbol);
    if (env->keys[at] == 0) {
        env->keys[at] = symbol;
        env->tops[at] = INDEX_NONE;
        env->count++;
    }
    LocalEntry entry = {
        .symbol = symbol,
        .local = local,
        .outer = env->tops[at],
        .span = span,
    };
    env->tops[at] = env->entries.count;
    vec_push(&env->entries, entry);
    return &vec_last(&env->entries);
}

uint32_t resolver_mark(const Resolver *r)
{
    return r->work->env.entries.count;
}

static bool is_exempt(const Resolver *r, Symbol symbol)
{
    return r->quiet || r->module->broken ||
           symbol_text(r->program->interner, symbol).data[0] == '_';
}

static void warn_unused(Resolver *r, const LocalEntry *entry)
{
    if (entry->used || is_exempt(r, entry->symbol)) {
        return;
    }
    // A parameter may be there for others, but not where a text seems to use
    // it.
    Span hole;
    bool has_hole = resolver_find_hole(r, entry->symbol, entry->span, &hole);
    if (!entry->warns && !has_hole) {
        return;
    }
    Str name;
    const DiagForm *form =
        resolver_unused_form(r, entry->symbol, entry->warns, &name);
    Diag *diag = diag_add_form(r->sink, DIAG_W0201, &r->module->source,
                               entry->span, form, name);
    if (has_hole) {
        resolver_label_hole(r, diag, entry->symbol, hole);
    }
}

void resolver_pop_locals(Resolver *r, uint32_t mark)
{
    LocalEnv *env = &r->work->env;
    while (env->entries.count > mark) {
        LocalEntry entry = vec_pop(&env->entries);
        env->tops[env_slot(env, entry.symbol)] = entry.outer;
        warn_unused(r, &entry);
    }
}

void resolver_nearest_local(const Resolver *r, Nearest *nearest)
{
    for (uint32_t i = 0; i < r->work->env.entries.count; i++) {
        Symbol symbol = r->work->env.entries.items[i].symbol;
        nearest_consider(nearest, symbol_text(r->program->interner, symbol));
    }
}

// The entry of an earlier field of the record type whose default is at work.
static ScopeRef *find_field(const Resolver *r, Symbol symbol)
{
    if (r->fields == NULL) {
        return NULL;
    }
    ScopeRef *found = symbol_map_find(r->fields, symbol);
    return found != NULL && found->index < r->field_limit ? found : NULL;
}

bool resolver_is_local(const Resolver *r, Symbol symbol)
{
    return local_env_find(&r->work->env, symbol) != INDEX_NONE ||
           find_field(r, symbol) != NULL;
}

void resolver_use_entry(LocalEntry *entry)
{
    entry->used = true;
    OpenRec *rec = entry->rec;
    if (rec != NULL && entry->named_by != rec->current + 1) {
        entry->named_by = rec->current + 1;
        vec_push(&rec->named, entry->member);
    }
}

bool resolver_use_local(Resolver *r, Symbol symbol, uint32_t *out_local)
{
    uint32_t at = local_env_find(&r->work->env, symbol);
    if (at != INDEX_NONE) {
        LocalEntry *entry = &r->work->env.entries.items[at];
        resolver_use_entry(entry);
        *out_local = entry->local;
        return true;
    }
    ScopeRef *field = find_field(r, symbol);
    if (field == NULL) {
        return false;
    }
    if (field->module != r->current) {
        field->module = r->current;
        field->origin = resolver_new_local(r, symbol, (Span){0, 0});
        vec_push(&r->work->field_uses, field->index);
    }
    *out_local = field->origin;
    return true;
}
