// Two texts to a unified diff, line by line (Myers, "An O(ND) difference
// algorithm", 1986). Where the texts have little in common the search is given
// up, and all between their common beginning and end counts as changed.
//
// Threads: pure but for `out`.
#ifndef LIGATURE_CLI_TEXT_DIFF_H
#define LIGATURE_CLI_TEXT_DIFF_H

#include "support/str.h"

// Appends the diff with its header; nothing when the texts are equal. NULL
// stands for a file that is not there, which the header calls /dev/null.
void text_diff_append(StrBuf *out, Str name, const Str *before,
                      const Str *after);

#endif
