// Where a part of a result comes from: what eval/origin.h knows, put in order
// for `ligature why` and `eval --source-map`.
//
// Ownership: an answer borrows the values and origins of the evaluation; what
//            it collects is released with it.
// Threads:   main thread only.
#ifndef LIGATURE_CLI_PROVENANCE_H
#define LIGATURE_CLI_PROVENANCE_H

#include "cli/session.h"
#include "eval/origin.h"
#include "eval/select.h"

// A refinement that the part satisfies, and where it was asked for.
typedef struct ProvenanceCheck {
    const Refined *refined;
    const OriginSite *site; // the annotation
} ProvenanceCheck;

typedef struct Provenance {
    Session *session;
    const Module *module; // the entry
    SelectPath path;
    Value *values; // the result, and the part after each step of the path
    VEC(ProvenanceCheck) checks;
    SourceIndex index;
    Arena arena;
} Provenance;

// What the session selects. False after reporting when the path leads nowhere.
// To be released either way.
bool provenance_find(Provenance *out, Session *session, uint32_t entry);
void provenance_release(Provenance *provenance);

// The origins of the value from the oldest to the newest; the caller frees the
// array.
uint32_t provenance_steps(const Origins *origins, uint32_t origin,
                          const Origin ***out_steps);

// What the JSON of a value has inside.
uint32_t provenance_part_count(Value value);
// False where JSON leaves it out.
bool provenance_part(Session *session, Value value, uint32_t i,
                     SelectStep *out_step, Value *out);
void provenance_append_step(StrBuf *out, const SelectStep *step);
// `count` steps; "." for none.
void provenance_append_path(StrBuf *out, const SelectPath *path,
                            uint32_t count);
// A short text of the value: JSON, or "a list of 3". False: it is the latter.
bool provenance_append_value(StrBuf *out, Value value);

// The name of the kind in JSON.
const char *provenance_kind(OriginKind kind);
// "computed by '+'", to which " at PLACE" is added.
void provenance_append_phrase(StrBuf *out, const Origin *origin);

// The two forms of an answer.
void provenance_text(Provenance *provenance, bool color, StrBuf *out);
void provenance_json(Provenance *provenance, StrBuf *out);

// eval --source-map: all paths of all results as one document, where a file is
// named for it. False after reporting.
bool source_map_write(Session *session);

#endif
