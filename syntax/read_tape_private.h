// What reads a tape from its front, and what reads pieces of it ahead.
//
// Threads: a reader has one owner.
#ifndef LIGATURE_SYNTAX_READ_TAPE_PRIVATE_H
#define LIGATURE_SYNTAX_READ_TAPE_PRIVATE_H

#include "concurrent/atomics.h"
#include "support/vec.h"
#include "syntax/data_tape.h"
#include "syntax/field_set.h"
#include "syntax/name_cache.h"

// Items of some list, or members of some object, that were read ahead.
typedef struct AheadRun {
    uint32_t start;  // of the first one
    uint32_t resume; // the end of the last one
    uint32_t height; // of the highest
    uint32_t count;
    uint64_t node_count;
    const TapeWord *words;
    TapeWord *end;      // of members: a JUMP, to be set
    const Symbol *keys; // of members; NULL: items
} AheadRun;

// Numbers for the shapes of several readers.
typedef struct ShapeNumbers {
    _Atomic(uint32_t) next; // relaxed
} ShapeNumbers;

typedef struct AheadRuns {
    AheadRun *items; // by start
    uint32_t count;
} AheadRuns;

typedef struct TapeReader {
    const char *at; // start <= at <= end
    const char *end;
    const char *start;
    TapeWord *cursor; // of the tape
    TapeWord *limit;
    Arena *arena;
    Interner *interner;
    uint32_t max_nesting;
    uint32_t depth;
    uint32_t height; // the greatest depth so far
    uint64_t node_count;
    const AheadRun *next_run; // that it may come by
    const AheadRun *end_runs;
    VEC(TapeRun) taken; // items
    VEC(Symbol) keys;   // of the objects that are open
    FieldSet fields;
    StrBuf scratch;
    VEC(TapeShape *) shapes;
    ShapeNumbers *numbers;
    uint32_t next_number, end_number; // that are its own
    uint64_t hash_key; // so that nobody can choose keys that collide
    TapeShape **table; // by hash
    uint32_t table_size;
    NameCache names;
} TapeReader;

// ---- read_tape.c

TapeReader *tape_reader_new(const Module *module, Arena *arena,
                            Interner *interner, uint32_t max_nesting,
                            ShapeNumbers *numbers);
void tape_reader_free(TapeReader *reader);
// White space.
void tape_skip_space(TapeReader *reader);
// The value at reader->at. `likely` is the place of the shape of an object
// there. False where it has a fault.
MUST_USE bool tape_read_value(TapeReader *reader, TapeShape **likely);
// The key at reader->at, which goes onto reader->keys, and its value. The
// reader goes on behind white space.
MUST_USE bool tape_read_member(TapeReader *reader, TapeShape **likely);
// Where the words of the next value will stand.
TapeWord *tape_next_words(TapeReader *reader);

// ---- read_tape_ahead.c

typedef struct TapePieces TapePieces;
// Reads pieces of the text ahead, whose encoding it checks. NULL: it is too
// short for that, nobody helps, or it is not clean.
TapePieces *tape_pieces_read(const Module *module, Interner *interner,
                             uint32_t max_nesting, Worker *worker,
                             uint32_t piece_bytes, ShapeNumbers *numbers,
                             AheadRuns *out_runs);
// Adds the shapes of all runs to those of the tape, and gives `arena` the
// memory.
void tape_pieces_finish(TapePieces *pieces, Arena *arena, TapeShape **shapes);
void tape_pieces_free(TapePieces *pieces);

#endif
