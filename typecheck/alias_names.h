// Names for records of several fields, for messages: an alias that a reader of
// the module knows and that stands for the very type. What is found depends on
// the types and the declarations alone, never on which node an annotation
// shares with which literal.
//
// Ownership: what is declared lives in ModuleTypes.arena.
// Threads:   reads modules that were declared.
#ifndef LIGATURE_TYPECHECK_ALIAS_NAMES_H
#define LIGATURE_TYPECHECK_ALIAS_NAMES_H

#include "typecheck/module_types.h"

// Fewer fields tell more than a name does, and agree by accident.
#define ALIAS_LEAST_FIELDS 3

// An alias without parameters that is declared as a closed record.
typedef struct AliasShape {
    uint64_t hash; // of the names of the fields
    uint32_t type; // index into Module.types
} AliasShape;

// Writes down the shapes of the module's aliases, sorted.
void alias_names_declare(ModuleTypes *types, const Module *module);

// The name by which `from` knows the record (resolved); 0: none, or it is not
// clear which. Refinements and defaults are no part of a type. An undecided
// integer literal counts as Integer, as it is printed.
Symbol alias_names_find(const Program *program, const Module *from,
                        Type *record);

#endif
