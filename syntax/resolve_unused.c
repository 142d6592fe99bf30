// What a module imports or declares and nobody uses. Where that is much,
// several workers say so.
#include <stdlib.h>

#include "support/compare.h"
#include "syntax/byte_class.h"
#include "syntax/resolve_internal.h"

// ---- imports

static bool is_exempt(const Resolver *r, Symbol name)
{
    return symbol_text(r->program->interner, name).data[0] == '_';
}

// An item with one of the commas beside it.
static Span item_with_comma(Str text, Span item)
{
    Span span = item;
    uint32_t at = item.end;
    while (at < text.len && byte_is(text.data[at], BYTE_BLANK | BYTE_LINE)) {
        at++;
    }
    if (at < text.len && text.data[at] == ',') {
        span.end = at + 1;
        while (span.end < text.len &&
               byte_is(text.data[span.end], BYTE_BLANK)) {
            span.end++;
        }
        return span;
    }
    at = item.start;
    while (at > 0 && byte_is(text.data[at - 1], BYTE_BLANK | BYTE_LINE)) {
        at--;
    }
    if (at > 0 && text.data[at - 1] == ',') {
        span.start = at - 1;
    }
    return span;
}

static void fix_import(const Resolver *r, Diag *diag, const Decl *decl)
{
    diag_fix(&r->module->diags, diag,
             source_whole_lines(r->module->source.text, decl->span), STR(""),
             "remove this import");
}

static void warn_item(const Resolver *r, const Decl *decl,
                      const ImportItem *item)
{
    if (load_relaxed(&item->used) || is_exempt(r, item->alias)) {
        return;
    }
    Diag *diag = diag_add(&r->module->diags, DIAG_W0202, &r->module->source,
                          item->span, "import '%.*s' is never used",
                          STR_ARG(resolver_name(r, item->alias)));
    const Import *import = decl->as.import;
    if (import->item_count == 1 && import->alias == 0) {
        fix_import(r, diag, decl);
    } else {
        Span whole = {item->span.start, item->alias_span.end};
        diag_fix(&r->module->diags, diag,
                 item_with_comma(r->module->source.text, whole), STR(""),
                 "remove this name");
    }
}

static void warn_import(const Resolver *r, const Decl *decl)
{
    const Import *import = decl->as.import;
    if (import->item_count == 0 && load_relaxed(&import->used)) {
        return; // as most are
    }
    // Instances are visible without being named.
    if (import->module == INDEX_NONE ||
        r->program->modules[import->module]->instance_count > 0 ||
        r->program->modules[import->module]->broken) {
        return;
    }
    for (uint32_t i = 0; i < import->item_count; i++) {
        warn_item(r, decl, &import->items[i]);
    }
    bool has_alias = import->alias != 0 || import->item_count == 0;
    if (!has_alias || load_relaxed(&import->used) ||
        (import->alias != 0 && is_exempt(r, import->alias))) {
        return;
    }
    Diag *diag = diag_add(&r->module->diags, DIAG_W0202, &r->module->source,
                          import->source_span, "this import is never used");
    if (import->alias == 0 && resolver_import_stem(r, import) == 0) {
        diag_help(&r->module->diags, diag,
                  "the file's name is no identifier: give it one with 'as'");
    }
    if (import->item_count == 0) {
        fix_import(r, diag, decl);
    }
}

static void warn_imports(const Resolver *r)
{
    uint32_t left = r->import_count;
    for (const Decl *decl = r->module->ast.decls; left > 0; decl++) {
        if (decl->kind == DECL_IMPORT) {
            warn_import(r, decl);
            left--;
        }
    }
}

// ---- bindings

// Bindings of which more may be said: not many are shown.
enum { MAX_SHOWN_UNUSED = 50 };

typedef struct Unused {
    const Resolver *r;
    VEC(uint32_t) bindings;
    Diag *diags; // one for each
} Unused;

static bool is_unused(const Resolver *r, uint32_t index)
{
    const Binding *binding = &r->module->bindings[index];
    // Relaxed: all parts are done.
    return !load_relaxed(&r->used[index]) && binding->kind != BINDING_RESULT &&
           !is_exempt(r, binding->name);
}

static void warn_range(void *ctx, uint64_t begin, uint64_t end, Worker *worker)
{
    (void)worker;
    const Unused *unused = ctx;
    const Resolver *r = unused->r;
    for (uint64_t i = begin; i < end; i++) {
        const Binding *binding =
            &r->module->bindings[unused->bindings.items[i]];
        Str name;
        // Those who give an input know it by its name.
        bool is_alone = binding->kind == BINDING_LET && !binding->rec;
        const DiagForm *form =
            resolver_unused_form(r, binding->name, is_alone, &name);
        diag_fill_form(&unused->diags[i], DIAG_W0201, &r->module->source,
                       binding->name_span, form, name);
    }
}

// Those of a file that offers all: who imports them comes later.
static void keep_unused(const Resolver *r, const Unused *unused, uint32_t first)
{
    Arena *arena = r->module->arena;
    UnusedNames *names = ARENA_NEW(arena, UnusedNames);
    names->first = first;
    names->count = unused->bindings.count;
    names->bindings = arena_copy(arena, unused->bindings.items,
                                 names->count * sizeof *names->bindings);
    names->imported =
        arena_zalloc(arena, names->count * sizeof *names->imported);
    r->module->unused = names;
}

void resolver_mark_imported(const Resolver *r, const ScopeRef *found)
{
    const UnusedNames *unused = found->ref == REF_GLOBAL
                                    ? r->program->modules[found->module]->unused
                                    : NULL;
    const uint32_t *place =
        unused == NULL ? NULL
                       : bsearch(&found->index, unused->bindings, unused->count,
                                 sizeof *unused->bindings, compare_numbers);
    if (place != NULL) {
        resolver_mark_used(&unused->imported[place - unused->bindings]);
    }
}

static void warn_bindings(const Resolver *r)
{
    Unused unused = {.r = r};
    for (uint32_t i = 0; i < r->module->visible_count; i++) {
        if (is_unused(r, i)) {
            vec_push(&unused.bindings, i);
        }
    }
    uint32_t count = unused.bindings.count;
    if (!r->has_exports && count > 0) {
        keep_unused(r, &unused, r->sink->diags.count);
    }
    unused.diags = diag_extend(r->sink, DIAG_W0201, count);
    resolver_each(r, count, warn_range, &unused);
    for (uint32_t i = 0; i < count && i < MAX_SHOWN_UNUSED; i++) {
        const Binding *binding = &r->module->bindings[unused.bindings.items[i]];
        Span hole;
        if (resolver_find_hole(r, binding->name, binding->name_span, &hole)) {
            resolver_label_hole(r, &unused.diags[i], binding->name, hole);
        }
    }
    vec_release(&unused.bindings);
}

void resolver_warn_unused(const Resolver *r)
{
    const Module *module = r->module;
    // After an error, what is unused may be what the user meant.
    if (r->quiet || r->all_used || module->broken ||
        module->diags.error_count > 0) {
        return;
    }
    warn_imports(r);
    if (r->has_exports || module->ast.result != NULL) {
        warn_bindings(r);
    }
}
