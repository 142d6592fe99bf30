// What the checker tells the compiler: elaboration written into the AST.
// `Expr.note` is ELAB_NONE, one of the small tags below (which need no
// memory), or the number of a note of the module.
//
// Ownership: notes live in their module's Notes, what they point to in its
//            arena.
// Threads:   several workers may write notes of one module, each through a
//            NoteWriter of its own; a note is read by who wrote it, and once
//            that task is done by anyone. Immutable after the check.
#ifndef LIGATURE_SYNTAX_ELAB_H
#define LIGATURE_SYNTAX_ELAB_H

#include <stdint.h>

#include "concurrent/atomics.h"
#include "support/arena.h"
#include "support/attributes.h"
#include "syntax/ast.h"

// The type at which an operator works, where it is known:
// + - * / %, unary -      ELAB_INT, ELAB_FLOAT
// == != < <= > >=         ELAB_INT, ELAB_FLOAT, ELAB_STRING, ELAB_DATA
// ++                      ELAB_STRING, ELAB_LIST
// interpolation           ELAB_DATA: every part shows structurally
// Otherwise the note is a NOTE_EVIDENCE with the class's dictionary.
enum {
    ELAB_NONE,
    ELAB_INT,
    ELAB_FLOAT,
    ELAB_STRING,
    ELAB_LIST,
    ELAB_DATA, // structural: no instance written by a user is inside
    NOTE_FIRST = 16
};

typedef struct Evidence Evidence;
typedef struct DerivedShape DerivedShape;
typedef struct JsonShape JsonShape;

typedef enum EvidenceKind {
    EVIDENCE_INSTANCE, // a written instance, applied to evidence for its
                       // context
    EVIDENCE_LOCAL,    // a dictionary parameter: local number `local`
    EVIDENCE_SUPER,    // superclass `index` of the dictionary `args[0]`
    EVIDENCE_DERIVED   // automatic Eq, Ord, Show
} EvidenceKind;

// A dictionary at run time is the tuple of its superclass dictionaries and
// then its methods, in the order of the class declaration.
struct Evidence {
    EvidenceKind kind;
    uint32_t module; // INSTANCE: Module.instances[index]; DERIVED: the class,
    uint32_t index;  // Module.classes[index]
    uint32_t local;
    Evidence **args;
    uint32_t arg_count;
    const DerivedShape *shape; // DERIVED; NULL when structural all through
    const JsonShape *json;     // DERIVED, of FromJson: how a Json is read
    const struct RefinementCheck *check; // of what was read; NULL: none
};

typedef enum DerivedShapeKind {
    DERIVED_DATA,     // structural all through
    DERIVED_EVIDENCE, // by `evidence`
    DERIVED_LIST,     // parts[0]
    DERIVED_MAP,      // parts[0]
    DERIVED_TUPLE,    // parts
    DERIVED_RECORD,   // parts, with their names in `fields`
    DERIVED_UNION     // parts: the arguments of all constructors in order
} DerivedShapeKind;

// How an automatic instance goes through a type. May be cyclic through
// DERIVED_UNION.
struct DerivedShape {
    DerivedShapeKind kind;
    Evidence *evidence;
    uint32_t module, type; // UNION: Module.types[type]
    const Symbol *fields;
    DerivedShape **parts;
    uint32_t count;
    bool shared; // part of several shapes: types are shared graphs
};

typedef enum JsonKind {
    JSON_ANY,
    JSON_UNIT,
    JSON_BOOLEAN,
    JSON_INTEGER,
    JSON_FLOAT,
    JSON_STRING,
    JSON_LIST,    // parts[0]
    JSON_MAP,     // parts[0]
    JSON_OPTION,  // parts[0]
    JSON_TUPLE,   // parts
    JSON_RECORD,  // parts, with their names in `fields`
    JSON_UNION,   // parts: the arguments of all constructors in order
    JSON_EVIDENCE // by the instance of `evidence`
} JsonKind;

// May be cyclic through JSON_UNION.
struct JsonShape {
    JsonKind kind;
    Evidence *evidence;
    uint32_t module, type; // UNION: Module.types[type]
    const Symbol *fields;
    const struct RecordFill *fills; // by field; without a name: none
    JsonShape **parts;
    uint32_t count;
    const struct Type *refined; // checker: of imported data, where the type has
                                // refinements itself; else NULL
    bool may_be_refined;        // likewise: it, or what it leads to
};

typedef enum NoteKind {
    NOTE_EVIDENCE,    // on a name or method: dictionaries to apply it to
                      // first; on a method, items[0] is the dictionary that
                      // it is taken from and the rest are applied to it. On
                      // an operator or literal: items[0]; on an integer
                      // pattern: Num, Eq. On an interpolation: one per part,
                      // NULL for strings; a part that turns out to be a String
                      // at run time stands as it is
    NOTE_GENERALISED, // on a Bind: its dictionary parameters
    NOTE_RECORD,      // on a record literal: fields to fill in
    NOTE_MODULE,      // on the name of a module: what its record consists of
    NOTE_CHECK        // on an expression, before its EXPR_WRAP_SOME, and on
                      // the pattern of a parameter: refinements to check.
                      // There may be several
} NoteKind;

typedef struct RecordFill {
    Symbol name;
    bool is_none;           // an optional field: None; else a default,
    uint32_t module, index; // hidden function Module.bindings[index], applied
    const Symbol *args;     // to these fields of the record (or a value, when
    uint32_t arg_count;     // arg_count is 0)
} RecordFill;

// How to walk from a value to the parts that refinements speak of.
typedef enum CheckKind {
    CHECK_REFINED, // parts[0], the base (or NULL), and then the predicates
    CHECK_LIST,    // parts[0]: every element
    CHECK_MAP,     // parts[0]: every value
    CHECK_TUPLE,   // parts: the items
    CHECK_RECORD,  // parts: the fields named in `fields`, and only those
    CHECK_UNION,   // parts: the arguments of all constructors in order
    CHECK_FUNCTION // parts: the parameters, and then the result. Nothing can be
                   // said of the function itself: it is wrapped in one that
                   // checks them at each call (Findler & Felleisen 2002)
} CheckKind;

// The dictionaries that a hoisted predicate takes before the value.
typedef struct PredicateEvidence {
    Evidence **items;
    uint32_t count;
} PredicateEvidence;

// One refined type as written, at the types of its use.
typedef struct Refined {
    const TypeExpr *expr; // TYPE_EXPR_REFINED
    uint32_t module;      // that it is written in
    uint32_t binding;     // whose locals those predicates use that are not
                          // hoisted
    Symbol alias;         // the type that it is the declaration of; or 0
    const PredicateEvidence *evidence; // by predicate; NULL: none takes any
    bool open; // some of that may be dictionaries of the binding at work
} Refined;

// May be cyclic through CHECK_UNION. Parts with nothing to check are NULL.
typedef struct CheckShape CheckShape;
struct CheckShape {
    CheckKind kind;
    bool closed; // no predicate in it uses a local: what has passed for a
                 // value passes again
    const Refined *refined;
    uint32_t module, type; // UNION: Module.types[type]
    const Symbol *fields;
    CheckShape **parts;
    uint32_t count;
};

// A value meets an annotation.
typedef struct RefinementCheck {
    const CheckShape *shape;
    uint32_t module; // where the annotation stands
    Span annotation;
    Symbol name; // of a function that is wrapped; may be 0
    bool looks;  // there are predicates outside of functions
    bool wraps;  // there are functions: the value is replaced
} RefinementCheck;

typedef struct Note {
    NoteKind kind;
    uint32_t next; // a further note on the same node, or a small tag
    union {
        // clang-format off
        struct { Evidence **items; uint32_t count; } evidence;
        struct { const uint32_t *locals; uint32_t count; } generalised;
        struct { const RecordFill *fills; uint32_t count; } record;
        struct { const uint32_t *bindings; uint32_t count; } module;
        struct { const RefinementCheck *item; } check;
        // clang-format on
    } as;
} Note;

// Notes never move: segment 0 holds 8 of them, and each one after it as many
// as all before, so that the number of a note says where it stands. Writers
// take numbers by the run, so which number a note has depends on scheduling:
// numbers are never ordered by or shown. Zero-initialised is empty.
enum { NOTE_RUN = 8, NOTE_FEW_SEGMENTS = 4, NOTE_SEGMENTS = 29 };
typedef _Atomic(Note *) NoteSegment;
typedef struct Notes {
    _Atomic(uint32_t) runs; // handed out
    NoteSegment few[NOTE_FEW_SEGMENTS];
    _Atomic(NoteSegment *) more; // the others, where there are any
} Notes;

// One worker's hand on the notes of a module, and its arena, which lives as
// long as the module. Zero-initialised but for these is ready.
typedef struct NoteWriter {
    Notes *notes;
    Arena *arena;
    uint32_t next, end; // what is left of the run at hand
} NoteWriter;

// Adds a note; returns its number.
uint32_t note_write(NoteWriter *writer, const Note *note);

static inline uint32_t note_segment_size(uint32_t segment)
{
    return segment == 0 ? NOTE_RUN : (uint32_t)NOTE_RUN << (segment - 1);
}

static inline uint32_t note_segment(uint32_t number)
{
    uint32_t run = (number - NOTE_FIRST) / NOTE_RUN;
    return run == 0 ? 0 : 32 - (uint32_t)__builtin_clz(run);
}

// Of a number that note_write() gave.
static inline Note *note_at(const Notes *notes, uint32_t number)
{
    uint32_t index = number - NOTE_FIRST;
    uint32_t segment = note_segment(number);
    // Relaxed: who has the number has seen the note that was written.
    const NoteSegment *home =
        LIKELY(segment < NOTE_FEW_SEGMENTS)
            ? &notes->few[segment]
            : load_relaxed(&notes->more) + segment - NOTE_FEW_SEGMENTS;
    return load_relaxed(home) +
           (segment == 0 ? index : index - note_segment_size(segment));
}

// The note of `kind` that hangs on `note`, or NULL.
static inline const Note *note_find(const Notes *notes, uint32_t note,
                                    NoteKind kind)
{
    while (note >= NOTE_FIRST) {
        const Note *found = note_at(notes, note);
        if (found->kind == kind) {
            return found;
        }
        note = found->next;
    }
    return NULL;
}

// The small tag on a node, behind its notes; ELAB_NONE when it has none.
static inline uint32_t note_tag(const Notes *notes, uint32_t note)
{
    while (note >= NOTE_FIRST) {
        note = note_at(notes, note)->next;
    }
    return note;
}

#endif
