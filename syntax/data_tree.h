// The tree of data that is on a tape (syntax/data_tape.h): its text is read
// again when it is first asked for.
//
// Ownership: the tree belongs to the arena of who asked first.
// Threads:   any. Several that ask at once may all read; one tree is kept.
#ifndef LIGATURE_SYNTAX_DATA_TREE_H
#define LIGATURE_SYNTAX_DATA_TREE_H

#include "syntax/module.h"

// The literal of the data, whose own may be a tape. `arena` must live as long
// as the tape.
const Expr *data_tree(const Program *program, const DataValue *data,
                      Arena *arena);
// Where the part at `step` of the data of a binding of `module` stands.
Span data_tree_span(const Program *program, const Module *module,
                    const DataValue *data, uint32_t step, Arena *arena);

#endif
