// Texts that stand for what files hold: those of an editor, which are not
// saved yet.
//
// Ownership: all is borrowed.
// Threads:   immutable.
#ifndef LIGATURE_SYNTAX_OPEN_TEXTS_H
#define LIGATURE_SYNTAX_OPEN_TEXTS_H

#include "support/str.h"

typedef struct OpenText {
    Str path; // canonical
    Str text;
} OpenText;

typedef struct OpenTexts {
    const OpenText *items; // sorted by path
    size_t count;
} OpenTexts;

// NULL where `texts` is NULL or does not have the file.
static inline const OpenText *open_texts_find(const OpenTexts *texts, Str path)
{
    size_t low = 0;
    size_t high = texts != NULL ? texts->count : 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_compare(texts->items[middle].path, path);
        if (order == 0) {
            return &texts->items[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

#endif
