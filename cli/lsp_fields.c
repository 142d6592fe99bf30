#include "cli/lsp_fields.h"

#include <stdlib.h>

#include "support/compare.h"

// ---- shapes

static void sort_names(SymbolVec *names)
{
    if (names->count == 0) {
        return;
    }
    qsort(names->items, names->count, sizeof *names->items, compare_numbers);
    uint32_t kept = 1;
    for (uint32_t i = 1; i < names->count; i++) {
        if (names->items[i] != names->items[kept - 1]) {
            names->items[kept++] = names->items[i];
        }
    }
    names->count = kept;
}

static bool is_subset(const SymbolVec *some, const SymbolVec *all)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < some->count; i++) {
        while (at < all->count && all->items[at] < some->items[i]) {
            at++;
        }
        if (at == all->count || all->items[at] != some->items[i]) {
            return false;
        }
    }
    return true;
}

static bool may_be_same(const FieldShape *a, const FieldShape *b)
{
    if (a->is_open && b->is_open) {
        return true;
    }
    if (a->is_open || b->is_open) {
        return a->is_open ? is_subset(&a->names, &b->names)
                          : is_subset(&b->names, &a->names);
    }
    return a->names.count == b->names.count && is_subset(&a->names, &b->names);
}

// The name of a field, or of the one that a pun is, too; 0: of none.
static Symbol name_of(const LspProgram *run, const Module *module,
                      const NameUse *use)
{
    if (use->target.kind == NAME_FIELD) {
        return use->target.index;
    }
    return use->is_pun && use->record.end > 0
               ? intern(run->program->interner,
                        str_slice(module->source.text, use->span.start,
                                  use->span.end))
               : 0;
}

static uint32_t first_behind(const NameIndex *index, uint32_t offset)
{
    uint32_t low = 0;
    uint32_t high = index->uses.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (index->uses.items[middle].span.start < offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

// What is written in the same record.
static void shape_as_written(const LspProgram *run, const Module *module,
                             const NameIndex *index, const NameUse *use,
                             FieldShape *out)
{
    out->is_open = use->is_open;
    for (uint32_t i = first_behind(index, use->record.start);
         i < index->uses.count; i++) {
        const NameUse *other = &index->uses.items[i];
        if (other->span.start >= use->record.end) {
            break;
        }
        if (other->record.start == use->record.start &&
            other->record.end == use->record.end) {
            vec_push(&out->names, name_of(run, module, other));
        }
    }
}

static bool shape_of_note(const TypeNote *note, FieldShape *out)
{
    vec_clear(&out->names);
    return note != NULL &&
           type_note_field_names(note, &out->names, &out->is_open);
}

static const TypeNote *holder_of(const LspProgram *run, const Module *module,
                                 const NameUse *use)
{
    return type_watch_find(&run->watch, TYPE_NOTE_HOLDER, module->id,
                           use->span);
}

// A literal is of the type that is expected of it, unless that leaves open what
// it is.
static bool is_expected(const LspProgram *run, const Module *module,
                        const NameUse *use, FieldShape *out)
{
    const TypeNote *note =
        type_watch_find(&run->watch, TYPE_NOTE_RECORD, module->id, use->record);
    return shape_of_note(note, out) && !out->is_open;
}

// False where nothing is known.
static bool find_shape(const LspProgram *run, const Module *module,
                       const NameIndex *index, const NameUse *use,
                       FieldShape *out)
{
    if (use->record.end == 0) {
        if (!shape_of_note(holder_of(run, module, use), out)) {
            return false;
        }
    } else if (!is_expected(run, module, use, out)) {
        vec_clear(&out->names);
        shape_as_written(run, module, index, use, out);
    }
    sort_names(&out->names);
    return true;
}

// ---- searches

bool lsp_fields_begin(FieldSearch *search, const LspProgram *run,
                      const NameIndex *index, const NameUse *at)
{
    const Module *module = run->program->modules[at->target.module];
    *search = (FieldSearch){.run = run, .name = at->target.index};
    bool known = find_shape(run, module, index, at, &search->shape);
    if (!known) {
        lsp_fields_end(search);
    }
    return known;
}

void lsp_fields_end(FieldSearch *search)
{
    vec_release(&search->shape.names);
    ptr_map_release(&search->verdicts);
}

// Where the verdict on the record of the use is kept: a record may be long, and
// have the field in many places.
static void **verdict_at(FieldSearch *search, const Module *module,
                         const NameUse *use)
{
    if (use->record.end > 0) {
        return ptr_map_at(&search->verdicts, (uintptr_t)module->id + 1,
                          use->record.start);
    }
    const TypeNote *note = holder_of(search->run, module, use);
    return note != NULL ? ptr_map_at(&search->verdicts,
                                     (uintptr_t)type_note_identity(note), 0)
                        : NULL;
}

static bool is_of_such(const FieldSearch *search, const Module *module,
                       const NameIndex *index, const NameUse *use)
{
    FieldShape shape = {0};
    bool matches = find_shape(search->run, module, index, use, &shape) &&
                   may_be_same(&shape, &search->shape);
    vec_release(&shape.names);
    return matches;
}

bool lsp_fields_match(FieldSearch *search, const Module *module,
                      const NameIndex *index, const NameUse *use)
{
    static const char verdicts[2]; // places for no and yes
    const void *yes = &verdicts[true];
    if (name_of(search->run, module, use) != search->name) {
        return false;
    }
    void **verdict = verdict_at(search, module, use);
    if (verdict != NULL && *verdict == NULL) {
        bool matches = is_of_such(search, module, index, use);
        *verdict = (void *)(uintptr_t)&verdicts[matches];
    }
    return verdict != NULL && *verdict == yes;
}

// ---- definitions

// Where a field may be said to be declared: what comes first is better.
typedef enum Declarer { BY_TYPE, BY_LITERAL, BY_UPDATE } Declarer;

static bool is_sought(const NameUse *use, Declarer by)
{
    return use->target.kind == NAME_FIELD && use->record.end > 0 &&
           use->writes && use->declares == (by == BY_TYPE) &&
           (use->declares || use->is_open == (by == BY_UPDATE));
}

static void search_module(FieldSearch *search, const Module *module,
                          const NameIndex *index, Declarer by, FieldPlaces *out)
{
    for (uint32_t i = 0; i < index->uses.count; i++) {
        const NameUse *use = &index->uses.items[i];
        if (is_sought(use, by) &&
            lsp_fields_match(search, module, index, use)) {
            vec_push(out, (FieldPlace){module->id, use->span});
        }
    }
}

static void search_all(FieldSearch *search, Declarer by, FieldPlaces *out)
{
    const Program *program = search->run->program;
    for (uint32_t i = 0; i < program->module_count; i++) {
        const Module *module = program->modules[i];
        if (module == search->run->entry) {
            search_module(search, module, &search->run->index, by, out);
        } else if (!module->is_std) {
            NameIndex index = {0};
            lsp_index_build(&index, program, module);
            search_module(search, module, &index, by, out);
            lsp_index_release(&index);
        }
    }
    // What leaves open of which record it is says little.
    if (search->shape.is_open && out->count > 1) {
        vec_clear(out);
    }
}

void lsp_fields_declared(const LspProgram *run, const NameUse *at,
                         FieldPlaces *out)
{
    FieldSearch search;
    if (!at->declares && lsp_fields_begin(&search, run, &run->index, at)) {
        Declarer last = at->writes ? BY_TYPE : BY_UPDATE;
        for (Declarer by = BY_TYPE; by <= last && out->count == 0; by++) {
            search_all(&search, by, out);
        }
        lsp_fields_end(&search);
    }
    if (out->count == 0 && at->writes) {
        vec_push(out, (FieldPlace){at->target.module, at->span});
    }
}
