// Types as text, for people: variables are named a, b, ... in order of
// appearance, fields stand in the order in which they were written, and a
// text never exceeds a bound, however large or shared the type is ("…" stands
// for what was cut). The text depends on the type alone, never on symbol
// numbers, serials or addresses.
//
// Ownership: texts live in the arena given.
// Threads:   any; reads types without marking them.
#ifndef LIGATURE_TYPECHECK_TYPE_PRINT_H
#define LIGATURE_TYPECHECK_TYPE_PRINT_H

#include "support/arena.h"
#include "support/str.h"
#include "syntax/module.h"
#include "typecheck/type.h"

// Bound on the bytes of one type in a message.
#define TYPE_PRINT_MAX_BYTES 4096

// A class applied to types, as part of a scheme or of a message.
typedef struct PrintedConstraint {
    uint32_t module, index; // Module.classes[index]
    Type *const *args;
    uint32_t arg_count;
} PrintedConstraint;

// Integer literals of undecided type print as Integer, a union as its name
// (with its module's where two different ones share it in a difference), a
// refined type as the alias that declares it, else as its base, and a record as
// the alias that the module `from` knows it by (alias_names.h; NULL: none).
Str type_print(const Program *program, const Module *from, Type *type,
               Arena *arena);
// The same, of so many bytes as a message shows.
Str type_print_short(const Program *program, const Module *from, Type *type,
                     Arena *arena);
// That with the fields of a record, whatever its name.
Str type_print_fields(const Program *program, const Module *from, Type *type,
                      Arena *arena);
// The same for two types of one message: equal variables, equal names.
void type_print_pair(const Program *program, const Module *from, Type *first,
                     Type *second, Arena *arena, Str *out_first,
                     Str *out_second);
// "Num a => a -> a", "(Eq a, Num b) => a -> b"; the constraints sorted by
// their text, without repetitions. `max_bytes` bounds the whole. Longer
// defaults of fields stand there than in type_print().
Str type_print_scheme(const Program *program, const Module *from, Type *type,
                      const PrintedConstraint *constraints, uint32_t count,
                      size_t max_bytes, Arena *arena);
// "Eq (List a)".
Str type_print_constraint(const Program *program, const Module *from,
                          const PrintedConstraint *constraint, Arena *arena);

// How `found` differs from `expected`, for messages.
typedef struct TypeDifference {
    Str expected; // with the parts that agree left out: { …, port: Integer }
    Str found;
    Str path;    // of the first difference: ".services[].port"; often empty
    Str missing; // fields that only `expected` has where the first records
                 // differ: "'port' and 'host'"; empty when none
    Str extra;   // fields that only `found` has
} TypeDifference;

// A variable agrees with everything: it is not what makes two types differ.
// Where nothing differs both are printed whole.
TypeDifference type_difference(const Program *program, const Module *from,
                               Type *expected, Type *found, Arena *arena);

#endif
