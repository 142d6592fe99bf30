// Interning: equal text, equal symbol. Reading takes no lock, nor does adding
// but where a table grows. Who adds many names beside others has a hand of its
// own, so that they rarely write to the same cache lines; others take a lock.
//
// Ownership: text is copied into the interner and lives as long as it does.
// Threads:   every function may be called from any thread. Symbol numbers
//            depend on scheduling (but for the fixed ones): never order,
//            print or hash by them into anything that a user can see.
#ifndef LIGATURE_CONCURRENT_INTERN_H
#define LIGATURE_CONCURRENT_INTERN_H

#include <stdint.h>

#include "support/str.h"

// 0 is no symbol.
typedef uint32_t Symbol;

typedef struct Interner Interner;

// `fixed` becomes symbols 1, 2, ... in order.
Interner *interner_new(const Str *fixed, uint32_t fixed_count);
void interner_free(Interner *interner);

Symbol intern(Interner *interner, Str text);

// Numbers and memory for names that one owner will add to one interner. Zero-
// initialised is ready; may be forgotten at any time. Private to intern.c.
typedef struct InternHand {
    Symbol next, end;
    uint32_t run; // how many numbers were taken last
    uint32_t block_bytes;
    char *cursor, *limit;
} InternHand;

Symbol intern_by(Interner *interner, InternHand *hand, Str text);
// The symbol of `text`, or 0 when it was never interned.
Symbol intern_find(Interner *interner, Str text);
// Text of a symbol that intern() returned; good until interner_free().
Str symbol_text(const Interner *interner, Symbol symbol);
// Names, and numbers that hands have taken for more.
uint32_t interner_count(const Interner *interner);

#endif
