// The candidates nearest to a name by edit distance (Damerau 1964), for "did
// you mean": feed each candidate, then read `best`. Ties keep the first in
// byte order, so the order of feeding does not show.
//
// Ownership: borrows the name and the candidates.
// Threads:   plain data; one owner at a time.
#ifndef LIGATURE_SUPPORT_NEAREST_H
#define LIGATURE_SUPPORT_NEAREST_H

#include <stdint.h>

#include "support/str.h"

typedef struct Nearest {
    Str name;
    Str best; // len 0 when nothing is near enough
    uint32_t distance;
} Nearest;

void nearest_init(Nearest *nearest, Str name);
void nearest_consider(Nearest *nearest, Str candidate);
// The same for words of a command line, which many tools let be cut short:
// nothing is nearer than what begins with the name.
void nearest_consider_begun(Nearest *nearest, Str candidate);

#endif
