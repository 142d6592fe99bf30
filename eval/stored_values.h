// Values as bytes, for a later run: each object once, behind those that it
// consists of, so that what is shared stays shared. Functions, and what is
// nested or large beyond all reason, are not stored.
//
// The reader believes nothing: it asks for known tags, valid UTF-8, names that
// differ, constructors that the program declares with as many arguments.
//
// Ownership: values that are read live in the heap given.
// Threads:   pure but for the heap.
#ifndef LIGATURE_EVAL_STORED_VALUES_H
#define LIGATURE_EVAL_STORED_VALUES_H

#include "eval/run.h"
#include "syntax/module_paths.h"

// Bytes of one value.
#define STORED_VALUE_MAX ((size_t)1 << 20)

// Where the evaluation has its constructors.
typedef struct CtorPlaces CtorPlaces;
CtorPlaces *ctor_places_new(const Evaluation *evaluation);
void ctor_places_free(CtorPlaces *places);

// False, and nothing was appended, where the value cannot be stored.
bool stored_value_append(const CtorPlaces *places, Value value, StrBuf *out);
// Whether the bytes can be read in this program.
bool stored_value_check(const Program *program, const ModulePaths *paths,
                        Str bytes);
// They have passed stored_value_check().
Value stored_value_read(Evaluation *evaluation, const ModulePaths *paths,
                        Heap *heap, Str bytes);

#endif
