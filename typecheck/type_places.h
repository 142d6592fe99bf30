// Fields and refinements of type declarations by their place in the text.
//
// Ownership: borrows the program; type_places_new() makes.
// Threads:   one owner; looking up fills the tables.
#ifndef LIGATURE_TYPECHECK_TYPE_PLACES_H
#define LIGATURE_TYPECHECK_TYPE_PLACES_H

#include "syntax/module.h"

typedef struct TypePlaces TypePlaces;

TypePlaces *type_places_new(const Program *program);
void type_places_free(TypePlaces *places);
// NULL where nothing of the kind stands there.
const TypeField *type_places_field(TypePlaces *places, uint32_t module,
                                   uint32_t start);
const TypeExpr *type_places_refined(TypePlaces *places, uint32_t module,
                                    uint32_t start);

#endif
