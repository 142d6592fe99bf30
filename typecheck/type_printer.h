// The inside of type_print.h, shared by type_print.c and type_difference.c.
//
// Ownership: a Printer owns its names and scratch memory until released.
// Threads:   one owner.
#ifndef LIGATURE_TYPECHECK_TYPE_PRINTER_H
#define LIGATURE_TYPECHECK_TYPE_PRINTER_H

#include "support/ptr_map.h"
#include "support/vec.h"
#include "typecheck/type_print.h"

// How tightly what stands around a type binds.
typedef enum TypePlace {
    PLACE_TOP,      // anything
    PLACE_PARAM,    // left of an arrow: functions take brackets
    PLACE_ARGUMENT, // applications do too
} TypePlace;

// A variable that occurs in what is printed.
typedef struct VarName {
    Symbol written; // of a skolem; else 0
    uint32_t uses;
    Str text; // len 0 until it was printed
} VarName;

// Prints in two passes over the same types: the first (`counting`) finds how
// often each variable occurs and which names the user wrote.
typedef struct Printer {
    const Program *program;
    const Module *from;
    StrBuf *out;
    size_t limit;         // length of `out` from which on everything is cut
    size_t default_bytes; // of a field, beyond which it is cut
    uint32_t depth;
    bool counting;
    Str qualified; // what types of this name are of is said: "lib.Shape"
    bool expands;  // the next record shows its fields, whatever its name
    uint32_t next_name;
    PtrMap known; // (variable, 0) or (1, number of a generic) to its VarName
    VEC(VarName *) skolems;
    Arena arena; // scratch and names
} Printer;

void printer_init(Printer *printer, const Program *program, const Module *from);
void printer_release(Printer *printer);
// The first pass over one type; writes nothing.
void printer_count(Printer *printer, Type *type);
void printer_type(Printer *printer, Type *type, TypePlace place);
void printer_field_name(Printer *printer, Symbol name);
// What comes behind the fields; `count` of them were printed.
void printer_record_end(Printer *printer, uint32_t count, Type *tail);
// What a type constructor is called, and the module that declares it: types
// that are built in are the prelude's.
Str printer_con_text(const Printer *printer, const Type *con);
const Module *printer_con_module(const Printer *printer, const Type *con);
// "List", "Shape", "lib.Shape".
void printer_con_name(Printer *printer, const Type *con);
// Pointers to the fields in the order in which they were written; in the
// printer's scratch memory.
RecordField **printer_record_fields(Printer *printer, Type *record,
                                    uint32_t *out_count, Type **out_tail);

#endif
