// Orders of what many arrays hold, for qsort() and bsearch().
//
// Threads: no state.
#ifndef LIGATURE_SUPPORT_COMPARE_H
#define LIGATURE_SUPPORT_COMPARE_H

// Of uint32_t, which symbols are too.
int compare_numbers(const void *left, const void *right);
// Of Str, by their bytes.
int compare_texts(const void *left, const void *right);

#endif
