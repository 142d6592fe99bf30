// Names to what they stand for, in the order in which they came. A few are
// looked through; more have an index: by hash, or, where their numbers lie
// close together, as those of names that stand in one file first do, by number.
//
// Ownership: everything lives in the arena given.
// Threads:   one owner while it is filled, immutable after.
#ifndef LIGATURE_SYNTAX_SYMBOL_MAP_H
#define LIGATURE_SYNTAX_SYMBOL_MAP_H

#include "concurrent/intern.h"
#include "support/arena.h"
#include "support/nearest.h"

// A NameRef without its name; `ref` REF_UNRESOLVED in Scope.exports says that
// the entry stands for the name `index` (a Symbol) of `module`.
typedef struct ScopeRef {
    uint32_t ref; // RefKind
    uint32_t module;
    uint32_t index;
    uint32_t origin; // what it was imported by: into Scope.used
} ScopeRef;

typedef struct SymbolSlot {
    Symbol key; // 0: never found
    ScopeRef value;
} SymbolSlot;

// With room for no more than these there is no index.
#define SYMBOL_MAP_FEW 8

// Zero-initialised is empty. Private to symbol_map.{h,c}.
typedef struct SymbolMap {
    SymbolSlot *slots; // behind a SymbolIndex, where there is one
    uint32_t count;
    uint32_t capacity;
} SymbolMap;

ScopeRef *symbol_map_find_many(const SymbolMap *map, Symbol key);

// NULL where there is none.
static inline ScopeRef *symbol_map_find(const SymbolMap *map, Symbol key)
{
    if (map->count == 0 || key == 0) {
        return NULL;
    }
    if (map->capacity > SYMBOL_MAP_FEW) {
        return symbol_map_find_many(map, key);
    }
    for (uint32_t i = 0; i < map->count; i++) {
        if (map->slots[i].key == key) {
            return &map->slots[i].value;
        }
    }
    return NULL;
}

// The value that `key` has already, which stays; NULL when it was added.
ScopeRef *symbol_map_add(SymbolMap *map, Arena *arena, Symbol key,
                         ScopeRef value);
void symbol_map_reserve(SymbolMap *map, Arena *arena, uint32_t extra);

// For many at once: slots that the caller fills, by several workers if it
// likes, and room for some more. Then symbol_map_begin_links(), and
// symbol_map_link() for each in order, which says what symbol_map_add() does;
// before that nothing is found.
SymbolSlot *symbol_map_extend(SymbolMap *map, Arena *arena, uint32_t extra,
                              uint32_t spare);
void symbol_map_begin_links(SymbolMap *map, Arena *arena, uint32_t extra);
ScopeRef *symbol_map_link(SymbolMap *map, const SymbolSlot *slot);

void symbol_map_nearest(const SymbolMap *map, const Interner *interner,
                        Nearest *nearest);

#endif
