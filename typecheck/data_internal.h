// What the files data*.c share.
#ifndef LIGATURE_TYPECHECK_DATA_INTERNAL_H
#define LIGATURE_TYPECHECK_DATA_INTERNAL_H

#include "support/ptr_map.h"
#include "typecheck/data.h"

// Where the reader stands in the data; numbered when something is said of it.
typedef struct Place {
    struct Place *parent; // NULL: the root
    Symbol field;         // 0: element `index`
    uint32_t index;
    uint32_t number;             // in Module.data_steps; 0: none yet
    const RecordField *declared; // the field of the type, or NULL
} Place;

typedef struct DataReader {
    Infer *c;
    const Binding *binding;
    const DataValue *data;
    const Expect *why;
    PtrMap shapes; // Type -> RecordShape, of record types
    PtrMap unions; // (Type, 0) -> UnionShape
} DataReader;

// What reading a value gave.
typedef enum Reading {
    READ_SAME, // the literal as it is
    READ_NEW,  // an elaborated expression
    READ_BAD   // reported
} Reading;

// A record type, and what its last value left out.
typedef struct RecordShape {
    RecordField *fields; // sorted by symbol
    uint32_t count;
    Type *tail;
    uint32_t *hints; // by item of the last value: the field
    uint32_t hint_count;
    uint32_t note; // of the last value, and which fields it fills
    uint32_t *filled;
    uint32_t filled_count;
    uint32_t *missing; // room for the fields that one value leaves out; NULL:
                       // none yet
    bool closed;       // all of them are constants
} RecordShape;

typedef struct UnionShape {
    const Module *module;
    const TypeEntry *entry;
    const UnionInfo *info;
    Type ***args;   // by constructor, at the type's arguments; made on use
    PtrMap numbers; // (symbol) -> tag + 1
    bool is_option;
} UnionShape;

// ---- data.c
Reading data_read(DataReader *d, const Expr *in, Type *type, Place *place,
                  Expr *out);
// Notes the refinements of the type itself, which the value must satisfy;
// on_tape: as DataCheck says.
void data_add_checks(DataReader *d, Type *type, Place *place, const Expr *value,
                     bool on_tape);

// ---- data_records.c
Reading data_read_record(DataReader *d, const Expr *in, Type *type,
                         Type *record, Place *place, Expr *out);
void data_free_shapes(DataReader *d);
// Before the elements of a list are read: what `..` of their type stands for.
void data_open_items(DataReader *d, const Expr *items, uint32_t count,
                     Type *item, Place *place);

// ---- data_unions.c
Reading data_read_union(DataReader *d, const Expr *in, Type *type, Type *con,
                        Place *place, Expr *out);
bool data_is_null(const Expr *in);

// ---- data_infer.c
// The type that fits all of the values.
Type *data_infer_all(DataReader *d, const Expr *const *values, uint32_t count,
                     Place *place);

// ---- data_tape.c
// Whether the data, a tape, fits the type as it is; then *out is what it is
// there. Nothing was said else.
bool data_read_tape(DataReader *d, const Expr *in, Type *type, Expr *out);

// ---- data_report.c
Diag *data_report(DataReader *d, Span span, Place *place, const char *format,
                  ...) PRINTF_LIKE(4, 5);
// "expected TYPE, found ..."
Reading data_mismatch(DataReader *d, const Expr *in, Type *type, Place *place);
// What a value is, in words: "the number 5", "an object".
void data_describe(const DataReader *d, const Expr *in, StrBuf *out);
Place data_field_place(Place *parent, Symbol field);
Place data_item_place(Place *parent, uint32_t index);
uint32_t data_place_number(DataReader *d, Place *place);

#endif
