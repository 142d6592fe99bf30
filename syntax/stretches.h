// Cutting long literals into stretches of items, by bytes of source: what
// passes over the tree do with the stretches beside each other. The cuts depend
// on the source only.
//
// Threads: any.
#ifndef LIGATURE_SYNTAX_STRETCHES_H
#define LIGATURE_SYNTAX_STRETCHES_H

#include "syntax/module.h"

// Bytes of source that are worth a task.
uint64_t stretch_grain(const Program *program);

// Whether the list or record is worth splitting, or the item of one.
bool stretches_worth(const Expr *literal, uint64_t grain);
bool stretch_is_giant(const Expr *literal, uint32_t item, uint64_t grain);

// Where the stretch that begins with the item ends: about `grain` bytes on, and
// before a giant, which is a stretch of its own.
uint32_t stretch_end(const Expr *literal, uint32_t item, uint64_t grain);

#endif
