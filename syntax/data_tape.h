// Long data as a tape: a word of eight bytes for most values, in the order of
// the text, where a tree takes 32 to 40. Objects with the same keys in the same
// order share a shape; those of a list mostly do, so that their keys are
// compared with those of the one before and not looked up. Strings without
// escapes stay in the text. Compare the tape of simdjson (Langdale and Lemire
// 2019) and the hidden classes of Self (Chambers et al. 1989).
//
// A tape is read at a type by typecheck/data_tape.c and becomes a value in
// eval/tape_values.c. Where anything is to be said of the data, or it does not
// look like its type, the text is read again as a tree (data_tree.h).
//
// A word is a kind (4 bits), a number (28) and the offset of the text (32):
//   NULL, FALSE, TRUE
//   INT      the number, if it has 28 bits; else WIDE_INT and a second word
//   FLOAT    and a second word
//   STRING   its length; in JSON the text begins behind the offset, a quote
//   DECODED  its length, and a second word: where its bytes are
//   LIST     how many items follow
//   PARTS    the same of a list some of whose items stand in runs
//   RUN      in PARTS: the number of a run
//   RECORD   the number of its shape; the values of its fields follow
//   JUMP     a second word: where the tape goes on
//
// Ownership: all of a tape lives in its module's arena, or the arenas that this
//            has adopted.
// Threads:   made by one worker, or several (data_tape_read); then immutable.
#ifndef LIGATURE_SYNTAX_DATA_TAPE_H
#define LIGATURE_SYNTAX_DATA_TAPE_H

#include "concurrent/atomics.h"
#include "support/hash.h"
#include "syntax/elab.h"
#include "syntax/module.h"

typedef enum TapeKind {
    TAPE_NULL,
    TAPE_FALSE,
    TAPE_TRUE,
    TAPE_INT,
    TAPE_WIDE_INT,
    TAPE_FLOAT,
    TAPE_STRING,
    TAPE_DECODED,
    TAPE_LIST,
    TAPE_PARTS,
    TAPE_RUN,
    TAPE_RECORD,
    TAPE_JUMP
} TapeKind;

#define TAPE_KIND_BITS   4
#define TAPE_NUMBER_BITS 28
// Above it, what a number says needs a tree.
#define TAPE_NUMBER_MAX ((UINT32_C(1) << TAPE_NUMBER_BITS) - 1)

typedef uint64_t TapeWord;

// The keys of an object, in their order.
typedef struct TapeShape TapeShape;
struct TapeShape {
    uint32_t number; // in DataTape.shapes
    uint32_t count;
    const Symbol *names;
    // While the tape is made:
    const Str *texts;
    TapeShape **likely; // by field: the shape of the last object there
    TapeShape *next;    // in the table
    uint64_t hash;
    bool is_plain; // keys that are written as they read
};

// Items of a list that were read ahead.
typedef struct TapeRun {
    const TapeWord *words;
    uint32_t count;
} TapeRun;

// The tree of a text that is on a tape, for who needs more than a look.
typedef struct TapeTree {
    _Atomic(const Expr *) root; // NULL: nobody has asked
} TapeTree;

typedef enum DataFormat { DATA_JSON, DATA_YAML, DATA_TOML } DataFormat;

typedef struct DataTape {
    Str text;            // of the source
    const char *strings; // string texts begin their offset behind it
    DataFormat format;
    TapeTree *tree;
    const TapeWord *words;
    TapeShape *const *shapes; // by number; NULL: there is none
    const TapeRun *runs;
    uint32_t run_count;
    uint32_t shape_count; // numbers are less
} DataTape;

// Shorter texts are read as trees at once.
#ifdef NDEBUG
#define DATA_TAPE_BYTES (UINT32_C(64) << 10)
#else
#define DATA_TAPE_BYTES UINT32_C(64)
#endif

// Of a text that others help to read.
#ifdef NDEBUG
#define DATA_TAPE_PIECE_BYTES (UINT32_C(128) << 10)
#else
#define DATA_TAPE_PIECE_BYTES UINT32_C(128)
#endif

// Reads the module's text, and makes its literal an EXPR_DATA. False where that
// has any fault, or what no tape can hold: nothing was said, and
// the reader of trees has to do it. `worker` may be NULL: nobody helps.
MUST_USE bool data_tape_read(Module *module, DataFormat format,
                             Interner *interner, uint32_t max_nesting,
                             Worker *worker, uint32_t piece_bytes);
// Whether the root is an object with the key.
bool data_tape_has_key(const DataTape *tape, Symbol name);
// The keys of the root; NULL: it is no object.
const TapeShape *data_tape_keys(const DataTape *tape);
// The values of the root, an object, as tapes of their own.
const DataTape *const *data_tape_members(const DataTape *tape, Arena *arena);

// ---- reading

// Where somebody reads.
typedef struct TapeCursor {
    const DataTape *tape;
    const TapeWord *at;
} TapeCursor;

static inline TapeCursor tape_start(const DataTape *tape)
{
    return (TapeCursor){tape, tape->words};
}

static inline TapeKind tape_kind(TapeWord word)
{
    return (TapeKind)(word & ((1u << TAPE_KIND_BITS) - 1));
}

static inline uint32_t tape_number(TapeWord word)
{
    return (uint32_t)word >> TAPE_KIND_BITS;
}

static inline uint32_t tape_offset(TapeWord word)
{
    return (uint32_t)(word >> 32);
}

// The next word; the cursor stands behind it.
static inline TapeWord tape_take(TapeCursor *cursor)
{
    TapeWord word = *cursor->at++;
    while (UNLIKELY(tape_kind(word) == TAPE_JUMP)) {
        cursor->at = (const TapeWord *)(uintptr_t)*cursor->at;
        word = *cursor->at++;
    }
    return word;
}

// So that tape_take() gives the last word again.
static inline void tape_put_back(TapeCursor *cursor)
{
    cursor->at--;
}

void tape_skip_any(TapeCursor *cursor);
// Goes over the value at the cursor.
static inline void tape_skip(TapeCursor *cursor)
{
    const uint32_t one_word = 1u << TAPE_NULL | 1u << TAPE_FALSE |
                              1u << TAPE_TRUE | 1u << TAPE_INT |
                              1u << TAPE_STRING;
    if (LIKELY((one_word >> tape_kind(*cursor->at) & 1) != 0)) {
        cursor->at++;
    } else {
        tape_skip_any(cursor);
    }
}

static inline bool tape_is_list(TapeWord word)
{
    return tape_kind(word) == TAPE_LIST || tape_kind(word) == TAPE_PARTS;
}

// What `word`, the last one taken, says; behind it the cursor goes on.
static inline int64_t tape_int(TapeCursor *cursor, TapeWord word)
{
    return tape_kind(word) == TAPE_INT
               ? (int32_t)(uint32_t)word >> TAPE_KIND_BITS
               : (int64_t)*cursor->at++;
}

static inline double tape_float(TapeCursor *cursor)
{
    double value;
    memcpy(&value, cursor->at++, sizeof value);
    return value;
}

static inline Str tape_text(TapeCursor *cursor, TapeWord word)
{
    if (LIKELY(tape_kind(word) == TAPE_STRING)) {
        return str_make(cursor->tape->strings + tape_offset(word),
                        tape_number(word));
    }
    const char *bytes = (const char *)(uintptr_t)*cursor->at++;
    return str_make(bytes, tape_number(word));
}

static inline const TapeShape *tape_shape(const TapeCursor *cursor,
                                          TapeWord word)
{
    return cursor->tape->shapes[tape_number(word)];
}

// The value at the cursor as a tape of its own.
const DataTape *data_tape_part(const TapeCursor *at, Arena *arena);

// The items of a list, whose word was taken: they stand in pieces, each of
// which somebody reads with a cursor of its own, or after the last one.
typedef struct TapeItems {
    TapeCursor *list; // behind the list's word; at last behind its items
    TapeCursor run;   // of the piece, if it is a run
    uint32_t left;    // items that are in no piece so far
    bool has_runs;
} TapeItems;

static inline TapeItems tape_items(TapeCursor *list, TapeWord word)
{
    return (TapeItems){.list = list,
                       .left = tape_number(word),
                       .has_runs = tape_kind(word) == TAPE_PARTS};
}

// The next items: *out_count of them follow at the cursor. NULL: no more.
TapeCursor *tape_next_items(TapeItems *items, uint32_t *out_count);

// ---- objects at a type

// Objects of one shape at one record type.
typedef struct TapeMatch {
    const JsonShape *plan;
    bool fits;        // all keys are fields, and what is left out has a fill
    bool used;        // the owner's
    uint32_t *fields; // by key
    uint32_t *fills;  // the fields that are left out, as declared
    uint32_t fill_count;
    void *extra; // the owner's
} TapeMatch;

// What one owner knows of pairs of shapes and types; `arena` set and the rest
// zero is ready.
typedef struct TapeMatchSlot {
    const TapeShape *shape; // NULL: free
    const JsonShape *plan;
    void *value;
} TapeMatchSlot;

typedef struct TapeMatches {
    Arena *arena;
    TapeMatchSlot *slots; // open addressing
    uint32_t capacity;    // 0 or a power of two
    uint32_t count;
} TapeMatches;

void tape_matches_release(TapeMatches *matches);
// Where something about the pair stands, NULL at first; good until the next
// call. The owner keeps to one kind of thing for one plan.
void **tape_matches_add(TapeMatches *matches, const TapeShape *shape,
                        const JsonShape *plan);
static inline void **tape_matches_at(TapeMatches *matches,
                                     const TapeShape *shape,
                                     const JsonShape *plan)
{
    if (LIKELY(matches->capacity > 0)) {
        uint64_t hash =
            ((uintptr_t)shape ^ (uintptr_t)plan >> 4) * HASH_MULTIPLIER;
        TapeMatchSlot *slot =
            &matches->slots[hash >> 32 & (matches->capacity - 1)];
        if (LIKELY(slot->shape == shape && slot->plan == plan)) {
            return &slot->value;
        }
    }
    return tape_matches_add(matches, shape, plan);
}

TapeMatch *tape_match_new(Arena *arena, const TapeShape *shape,
                          const JsonShape *plan);
static inline TapeMatch *
tape_match(TapeMatches *matches, const TapeShape *shape, const JsonShape *plan)
{
    void **match = tape_matches_at(matches, shape, plan);
    if (UNLIKELY(*match == NULL)) {
        *match = tape_match_new(matches->arena, shape, plan);
    }
    return *match;
}

// ---- constructors

// The one of a JSON_UNION that is named so, whose arguments are parts of the
// plan from CtorEntry.first_arg on. NULL: there is none.
const CtorEntry *tape_find_ctor(const Program *program, const JsonShape *plan,
                                Symbol name);

#endif
