// The references of one binding, once per target: a hash table whose entries
// die with their generation, so that a new binding costs nothing. Generations
// begin with 1.
#include <stdlib.h>

#include "support/hash.h"

#include "syntax/resolve_internal.h"

static RefSlot *find_slot(const RefTable *table, uint32_t module,
                          uint32_t index)
{
    uint64_t key = (uint64_t)module << 32 | index;
    uint32_t mask = table->capacity - 1;
    uint32_t at = (uint32_t)((key * HASH_MULTIPLIER) >> 32) & mask;
    for (;;) {
        RefSlot *slot = &table->slots[at];
        if (slot->generation != table->generation ||
            (slot->module == module && slot->index == index)) {
            return slot;
        }
        at = (at + 1) & mask;
    }
}

static void table_grow(RefTable *table)
{
    RefTable grown = *table;
    grown.capacity = table->capacity == 0 ? 64 : table->capacity * 2;
    grown.slots = mem_calloc(grown.capacity, sizeof *grown.slots);
    for (uint32_t i = 0; i < table->capacity; i++) {
        const RefSlot *slot = &table->slots[i];
        if (slot->generation == table->generation) {
            *find_slot(&grown, slot->module, slot->index) = *slot;
        }
    }
    free(table->slots);
    *table = grown;
}

// True when the target is new; its slot either way.
static bool table_add(RefTable *table, uint32_t module, uint32_t index,
                      RefSlot **out_slot)
{
    if (table->count * 2 >= table->capacity) {
        table_grow(table);
    }
    RefSlot *slot = find_slot(table, module, index);
    *out_slot = slot;
    if (slot->generation == table->generation) {
        return false;
    }
    *slot = (RefSlot){module, index, table->generation, 0};
    table->count++;
    return true;
}

void resolver_clear_refs(Resolver *r)
{
    RefTable *table = &r->work->ref_table;
    vec_clear(&r->work->refs);
    table->count = 0;
    if (++table->generation == 0) {
        memset(table->slots, 0, sizeof *table->slots * table->capacity);
        table->generation = 1;
        r->work->stamp++; // forgets what is known by generation
    }
}

// Where a reference stands, or is to stand: behind the others. The first few
// are not in the table.
static uint32_t find_ref(ResolverWork *work, uint32_t module, uint32_t index)
{
    enum { FEW = 8 };
    uint32_t count = work->refs.count;
    for (uint32_t i = 0; i < count && i < FEW; i++) {
        const BindingRef *ref = &work->refs.items[i];
        if (ref->index == index && ref->module == module) {
            return i;
        }
    }
    if (count < FEW) {
        return count;
    }
    RefSlot *slot;
    if (table_add(&work->ref_table, module, index, &slot)) {
        slot->ref = count;
    }
    return slot->ref;
}

static void note_own_ref(Resolver *r, uint32_t index)
{
    r->is_graph |= index > r->current ||
                   (index == r->current && !r->bindings.items[index].rec);
    if (index != r->current && index < r->module->visible_count) {
        resolver_mark_used(&r->used[index]);
    }
}

uint32_t resolver_add_ref(Resolver *r, uint32_t module, uint32_t index,
                          Span span, bool unconditional)
{
    uint32_t at = find_ref(r->work, module, index);
    if (at < r->work->refs.count) {
        r->work->refs.items[at].unconditional |= unconditional;
        return at;
    }
    vec_push(&r->work->refs, (BindingRef){module, index, unconditional, span});
    if (module == r->module->id) {
        note_own_ref(r, index);
    }
    r->names_lazy |= resolver_is_lazy(r->program->modules[module]);
    return at;
}
