// What reads a tape from its front, and what reads pieces of it ahead.
//
// Threads: a reader has one owner.
#ifndef LIGATURE_SYNTAX_READ_TAPE_INTERNAL_H
#define LIGATURE_SYNTAX_READ_TAPE_INTERNAL_H

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

// Of TOML: a table, or an array of tables, that is open.
typedef struct TapeFrame {
    TapeWord *word;
    const char *start;
    uint64_t count; // of an array: elements
    uint32_t taken; // of an array: runs before it
    uint32_t mark;  // of a table: keys before its own
    Symbol name;    // 0: the root, or an element
    bool is_list;
    bool is_dotted; // opened by a dotted key
} TapeFrame;

typedef struct TapeReader TapeReader;

// What the formats differ in. A part is an item of a list or a member of an
// object.
typedef struct TapeFormat {
    DataFormat format;
    uint32_t quote_bytes; // between a string's offset and its text
    // Of a stretch of the text: as encoding_is_clean() has it, and without
    // bytes that need the reader of trees.
    bool (*is_clean)(Str text, uint32_t from, uint32_t to);
    // Whether a key always is written as it reads, without quotes around it or
    // in the only ones there are.
    bool (*is_plain_key)(Str text);
    bool (*read_root)(TapeReader *reader, Span *out_span);
    // The first place from `at` on that looks like the start of a part, or
    // `stop`; `near_by`: the place of one such was found near the start of the
    // piece.
    const char *(*find_part)(const TapeReader *reader, const char *at,
                             const char *stop, bool near_by);
    // Whether a member starts at reader->at, where a part was found.
    bool (*at_member)(TapeReader *reader);
    // Reads a part up to what follows it, which must be there; the key of a
    // member goes onto reader->keys.
    bool (*read_part)(TapeReader *reader, bool of_members, TapeShape **likely);
    // Goes to the next part of the same kind, if there is one.
    bool (*next_part)(TapeReader *reader, bool of_members);
} TapeFormat;

extern const TapeFormat tape_of_json;
extern const TapeFormat tape_of_yaml;
extern const TapeFormat tape_of_toml;

struct TapeReader {
    const TapeFormat *format;
    const char *at; // start <= at <= end
    const char *end;
    const char *start;
    const char *line;      // of YAML: where the line of `at` starts
    ptrdiff_t column;      // of YAML: of the parts that are read ahead
    ptrdiff_t flow_column; // of YAML: of the block around brackets
    VEC(TapeFrame) frames; // of TOML
    VEC(Symbol) path;      // of TOML: keys of the last header
    uint32_t base;         // of TOML: frames that lead to the parts read ahead
    bool is_next;          // of TOML: another one of those follows
    TapeWord *cursor;      // of the tape
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
};

// ---- read_tape.c

TapeReader *tape_reader_new(const TapeFormat *format, const Module *module,
                            Arena *arena, Interner *interner,
                            uint32_t max_nesting, ShapeNumbers *numbers);
void tape_reader_free(TapeReader *reader);
// The run of items that begins at reader->at becomes part of a list of *count
// items, and the reader goes on behind it; false where there is none that may
// stand so deep.
bool tape_take_items(TapeReader *reader, uint64_t *count);
// The same of members, whose keys go onto reader->keys.
bool tape_take_members(TapeReader *reader);
// The shape of the keys from `mark` on, which are taken off; NULL: two are the
// same, or there are too many.
TapeShape *tape_find_shape(TapeReader *reader, uint32_t mark);
TapeWord *tape_next_chunk(TapeReader *reader);

// Where the words of the next value stand.
static inline TapeWord *tape_words(TapeReader *r)
{
    enum { ROOM_WORDS = 4 }; // a value takes two at most, and a jump two
    if (UNLIKELY(r->limit - r->cursor < ROOM_WORDS)) {
        return tape_next_chunk(r);
    }
    return r->cursor;
}

static inline TapeWord tape_word(const TapeReader *r, TapeKind kind,
                                 uint32_t number, const char *at)
{
    return (TapeWord)kind | (TapeWord)number << TAPE_KIND_BITS |
           (TapeWord)(at - r->start) << 32;
}

// A list or object begins; it ends with reader->depth--.
static inline bool tape_enter(TapeReader *r)
{
    if (++r->depth > r->height) {
        r->height = r->depth;
    }
    return r->depth <= r->max_nesting;
}

// A list whose items follow its word.
typedef struct TapeList {
    TapeWord *word;
    const char *start;
    uint64_t count; // of items, for who reads them
    uint32_t taken; // runs before it
} TapeList;

static inline bool tape_list_begin(TapeReader *r, TapeList *list)
{
    *list = (TapeList){tape_words(r), r->at, 0, r->taken.count};
    if (!tape_enter(r)) {
        return false;
    }
    r->cursor++;
    return true;
}

static inline bool tape_list_end(TapeReader *r, const TapeList *list)
{
    bool has_parts = r->taken.count > list->taken;
    r->depth--;
    *list->word = tape_word(r, has_parts ? TAPE_PARTS : TAPE_LIST,
                            (uint32_t)list->count, list->start);
    return list->count <= TAPE_NUMBER_MAX;
}

// ---- read_tape_ahead.c

typedef struct TapePieces TapePieces;
// Reads pieces of the text ahead, and looks whether it is clean. NULL: it is
// too short for that, nobody helps, or it is not clean.
TapePieces *tape_pieces_read(const TapeFormat *format, const Module *module,
                             Interner *interner, uint32_t max_nesting,
                             Worker *worker, uint32_t piece_bytes,
                             ShapeNumbers *numbers, AheadRuns *out_runs);
// Adds the shapes of all runs to those of the tape, and gives `arena` the
// memory.
void tape_pieces_finish(TapePieces *pieces, Arena *arena, TapeShape **shapes);
void tape_pieces_free(TapePieces *pieces);

#endif
