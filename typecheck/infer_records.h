// What infer_records.c and infer_updates.c share.
#ifndef LIGATURE_TYPECHECK_INFER_RECORDS_H
#define LIGATURE_TYPECHECK_INFER_RECORDS_H

#include "typecheck/infer_internal.h"

typedef struct ExtraField {
    Symbol name;
    Span span;
} ExtraField;

// A record literal against a record type.
typedef struct RecordCheck {
    RecordField *fields; // of the type, sorted
    uint32_t field_count;
    uint32_t next; // behind the field found last: likely to be asked for next
    Type *tail;    // the type is open
    uint8_t *seen; // by field: the literal has it
    uint8_t few_seen[32];
    VEC(ExtraField) extra;
    const Expect *why;
} RecordCheck;

void infer_begin_record(Infer *c, Type *expected, const Expect *why,
                        RecordCheck *check);
// Fills what is left out, or reports it; reports extra fields.
void infer_finish_record(Infer *c, Expr *expr, RecordCheck *check);
// What may be meant by the missing field of an open type: such a type knows of
// no field that the literal should not have. In infer_cures.c.
void infer_help_meant(Infer *c, Diag *diag, const Expr *expr,
                      const RecordCheck *check, const RecordField *missing);
RecordField *infer_find_field(RecordCheck *check, Symbol name);
void infer_close_row(Infer *c, Expr *expr, Type *expected, RecordCheck *check);
Expect infer_field_expect(const Infer *c, const RecordField *field,
                          const Expect *why);
Type *infer_item_value(Infer *c, RecordItem *item);
Span infer_item_span(const Infer *c, const RecordItem *item);
// The type of a literal all of whose fields are `item`. NULL where it has
// spreads or dotted paths.
Type *infer_record_of(Infer *c, const Expr *expr, Type *item);

// Whether a spread is among the items from number `from` on.
bool infer_has_spread(const Expr *expr, uint32_t from);
// Turns dotted paths into nested literals, but for those that go into fields
// that are there already: `kept`, by symbol. No spread stands behind a path.
void infer_nest_paths(Infer *c, Expr *expr, const PtrMap *kept);
// A literal with spreads or dotted paths; `expected` is a resolved record
// type, or NULL.
Type *infer_update(Infer *c, Expr *expr, Type *expected, const Expect *why);

#endif
