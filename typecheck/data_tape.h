// What the files data_tape*.c share: data as a tape (syntax/data_tape.h)
// against types.
//
// Threads: the owner of the Infer.
#ifndef LIGATURE_TYPECHECK_DATA_TAPE_H
#define LIGATURE_TYPECHECK_DATA_TAPE_H

#include "syntax/data_tape.h"
#include "typecheck/data_internal.h"

// ---- data_tape_checks.c
// Notes what of the data is refined; `plan` is its type, which it fits.
void data_check_tape(DataReader *d, const DataTape *tape, const JsonShape *plan,
                     Arena *arena);

// ---- data_guess.c
// The type that fits all of the data; NULL: data_infer_all() has to find it, or
// say why there is none.
Type *data_guess_tape(Infer *c, const DataTape *tape);

#endif
