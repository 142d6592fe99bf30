// Names for targets that read single texts. An interner knows hundreds of names
// from the start: making it would take longer than to read most inputs, so it
// is made anew once in a while only, before it has grown large.
//
// Ownership: fuzz_names() keeps it; it lives until the next call.
// Threads:   the fuzzer's only one.
#ifndef LIGATURE_TESTS_FUZZ_FUZZ_NAMES_H
#define LIGATURE_TESTS_FUZZ_FUZZ_NAMES_H

#include "syntax/module.h"

static inline Interner *fuzz_names(void)
{
    enum { USES = 1000 };
    static Interner *names;
    static uint32_t uses;
    if (uses++ % USES == 0) {
        interner_free(names);
        names = symbols_new();
    }
    return names;
}

#endif
