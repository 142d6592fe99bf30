// --select a.b[0]."k.x": a path into the result, as its JSON shows it: Some v
// is v, `Name payload` an object with the field Name, tuples are arrays.
//
// Ownership: a path lives in the arena given and borrows the text.
// Threads:   pure.
#ifndef LIGATURE_EVAL_SELECT_H
#define LIGATURE_EVAL_SELECT_H

#include "eval/value.h"
#include "support/diag.h"

typedef struct SelectStep {
    bool is_index;
    uint64_t index;
    Str name;
} SelectStep;

typedef struct SelectPath {
    Str text;
    SelectStep *steps;
    uint32_t count;
} SelectPath;

// E0001 without a place when `text` is no path; `of_what`
// follows "the path" there (" of --select"). "" and "." select the whole.
MUST_USE bool select_parse(Str text, const char *of_what, Arena *arena,
                           SelectPath *out_path, DiagSink *diags);
// The first `count` steps, as messages have them: .a[3]."k.x".
void select_append_path(StrBuf *out, const SelectPath *path, uint32_t count);

// What a path is looked for in.
typedef struct SelectFrom {
    Value value;
    const Source *source; // where the value stands
    Span span;
} SelectFrom;

// E0409, naming the nearest field, when the value has no such path. The heap
// holds what has to be made on the way (the payloads of a constructor as a
// tuple).
MUST_USE bool select_apply(const SelectPath *path, const SelectFrom *from,
                           Heap *heap, DiagSink *diags, Value *out_value);

#endif
