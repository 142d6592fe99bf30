// Runtime values: 16 bytes, a tag and a payload; what does not fit is an
// object in a heap (or static: constants of the code, which live as long as
// the program). Immutable once built, so sharing needs no lock.
//
// Ownership: objects belong to heaps (eval/heap.h) or to the code's arena.
// Threads:   a value may be read by anyone once its task has been published.
#ifndef LIGATURE_EVAL_VALUE_H
#define LIGATURE_EVAL_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "concurrent/deadline.h"
#include "concurrent/intern.h"
#include "eval/heap.h"
#include "support/hash.h"
#include "support/str.h"

typedef enum ValueTag {
    VALUE_UNIT, // zeroed memory is a unit
    VALUE_BOOL,
    VALUE_INT,
    VALUE_FLOAT,
    VALUE_STRING,
    VALUE_LIST,
    VALUE_TUPLE,
    VALUE_RECORD,
    VALUE_MAP,
    VALUE_UNION,
    VALUE_FUNCTION,   // FunctionObject
    VALUE_PARTIAL,    // PartialObject: a function with some arguments
    VALUE_DICTIONARY, // TupleObject: superclass dictionaries, then methods
    // Kinds of objects that are no values (of ObjectHeader.kind, and of
    // registers that hold what is being made):
    OBJECT_STRING_PART,
    BUFFER_STRING,
    BUFFER_LIST,
    OBJECT_LIST_ROPE,
    OBJECT_MAP_INDEX,
    OBJECT_MAP_PATCH,
    OBJECT_CHECK_WALK, // eval/check_walk.h
    OBJECT_CHECK_STEPS
} ValueTag;

// `case ANY_MERE_OBJECT:` is for all kinds that are no values.
#define ANY_MERE_OBJECT                                                        \
    OBJECT_STRING_PART:                                                        \
    case BUFFER_STRING:                                                        \
    case BUFFER_LIST:                                                          \
    case OBJECT_LIST_ROPE:                                                     \
    case OBJECT_MAP_INDEX:                                                     \
    case OBJECT_MAP_PATCH:                                                     \
    case OBJECT_CHECK_WALK:                                                    \
    case OBJECT_CHECK_STEPS

typedef struct StringObject StringObject;
typedef struct ListObject ListObject;
typedef struct TupleObject TupleObject;
typedef struct RecordObject RecordObject;
typedef struct MapObject MapObject;
typedef struct UnionObject UnionObject;
typedef struct FunctionObject FunctionObject;
typedef struct PartialObject PartialObject;
typedef struct CtorInfo CtorInfo;
typedef struct Code Code; // eval/code.h

typedef struct Value {
    uint8_t tag; // ValueTag
    uint8_t aux8;
    uint16_t arity; // UNION: number of fields
    union {
        uint32_t ctor;   // UNION: the constructor's index in its union
        uint32_t origin; // other data, where that is asked for: eval/origin.h
    };
    union {
        int64_t integer;
        double number;
        bool boolean;
        const StringObject *string;
        const ListObject *list;
        const TupleObject *tuple; // also DICTIONARY
        const RecordObject *record;
        const MapObject *map;
        const UnionObject *object; // UNION with arity > 0
        const CtorInfo *ctor_info; // UNION with arity 0
        const FunctionObject *function;
        const PartialObject *partial;
        const void *pointer;
    } as;
} Value;

// First word of every heap object; all have two words at least. The collector
// sets the low bit of what it has moved, and says in the second word where to.
typedef struct ObjectHeader {
    uint32_t kind;  // ValueTag, or BUFFER_* (low bit clear: kind << 1)
    uint32_t words; // size of the object in 8-byte words, header included
} ObjectHeader;

static inline ObjectHeader object_header(uint32_t kind, size_t bytes)
{
    return (ObjectHeader){kind << 1, (uint32_t)((bytes + 7) / 8)};
}

// ---- strings: valid UTF-8; may be a slice of another's bytes. The bytes of
// literals stand in the source text; those of short strings behind the
// object; those of others in a buffer. Where a string ends at the end of the
// buffer's used part, an append by the heap that made the buffer extends it
// in place, and where it begins at its start, a prepend does (so that folds of
// `acc ++ "x"` and recursions of `"x" ++ rest` are linear).
typedef struct StringBuffer {
    ObjectHeader header;
    uint64_t owner; // heap_id() of the heap that may extend it
    uint32_t start; // [start, end) of `bytes` is in use
    uint32_t end;
    uint32_t capacity;
    // Behind them, from STRING_COUNTED_MIN bytes on: how many code points begin
    // in each STRING_CHUNK of them, once someone has asked.
    char bytes[];
} StringBuffer;
#define STRING_CHUNK 2048

#define STRING_CHARS_UNKNOWN UINT32_MAX
struct StringObject {
    ObjectHeader header;
    uint32_t len;        // bytes
    uint32_t char_count; // code points, from STRING_COUNTED_MIN bytes on;
                         // STRING_CHARS_UNKNOWN: not counted
    const char *bytes;   // static, or right behind the object
};

// A string whose bytes are part of a buffer; of the kind OBJECT_STRING_PART.
typedef struct StringPart {
    StringObject string;
    StringBuffer *buffer;
} StringPart;

// NULL: of bytes that stand elsewhere.
static inline StringBuffer *value_string_buffer(const StringObject *string)
{
    return string->header.kind == OBJECT_STRING_PART << 1
               ? ((const StringPart *)string)->buffer
               : NULL;
}

// Strings of at least this many bytes are not inline, so that slices need
// never point into another object than a buffer.
#define STRING_INLINE_MAX 64

// Longer ones know how many code points they have, so that the place of one in
// an ASCII text is known at once. What this depends on is the text alone, and
// so steps do, too.
#define STRING_COUNTED_MIN 4096

// ---- lists: contiguous, but where `items` is NULL: then the integers first,
// first + 1, ... (a range that nobody has needed as an array), or a rope.
typedef struct ListBuffer {
    ObjectHeader header;
    uint64_t owner; // as in StringBuffer
    uint32_t start;
    uint32_t end;
    uint32_t capacity;
    Value items[];
} ListBuffer;
#define LIST_INLINE_MAX 8
// So that the size of a buffer in words fits in its header.
#define LIST_COUNT_MAX (UINT32_MAX / 2 - 8)

struct ListObject {
    ObjectHeader header;
    uint32_t count;
    const Value *items;
    union {
        ListBuffer *buffer; // items in a buffer: slices and extension in
                            // place, as for strings; NULL: static, or inline
        int64_t first;      // items NULL
        const ListObject *left; // of a rope
    } as;
};

// Two lists, one after the other: eval/list_rope.h. Of the kind
// OBJECT_LIST_ROPE; whoever needs an array makes one of them.
typedef struct ListRope {
    ListObject list;
    const ListObject *right;
    uint32_t height; // above its lowest leaf
} ListRope;

static inline bool list_is_rope(const ListObject *list)
{
    return list->header.kind == OBJECT_LIST_ROPE << 1;
}

struct TupleObject {
    ObjectHeader header;
    uint32_t count;
    uint32_t reserved;
    Value items[];
};

// ---- records: a shape (names in the order written) and the fields.
typedef struct Shape {
    uint32_t id; // never 0; depends on scheduling: for caches only
    uint32_t count;
    const Symbol *names;
    const Str *texts;
    // For shapes of more than 8 fields: open-addressing index of names.
    const uint32_t *index; // index_mask + 1 entries of field + 1; or NULL
    uint32_t index_mask;
    uint64_t index_multiplier; // random and odd: see shape_index_slot()
    const uint32_t *sorted;    // fields in the byte order of their names
    uint64_t text_bytes;       // of all names together
    uint64_t hash;             // of `names`
} Shape;

struct RecordObject {
    ObjectHeader header;
    const Shape *shape;
    Value fields[];
};

// ---- maps: string keys in insertion order, with a hash index. The entries
// stand behind the object, or in a ListBuffer (two items each, from its first
// on), which newer maps extend in place as lists do; then the index is theirs
// too, and a map leaves out what it finds there beyond its own count.
#define MAP_INLINE_MAX 16 // entries behind the object, at most
//
// A value that was replaced in a large map stands in its patch, which also says
// what slots have lost their entry: read through value_map_key() and
// value_map_value(). An entry that comes again after it was removed stands in a
// new slot, which the index does not know: the patch of its first one does.
typedef struct MapPatch MapPatch; // eval/map_patch.h
typedef struct MapEntry {
    Value key; // STRING
    Value value;
} MapEntry;

struct MapObject {
    ObjectHeader header;
    uint32_t count;
    uint32_t index_mask;   // index has index_mask + 1 entries; NULL if small
    const MapEntry *slots; // of the entries, in insertion order
    const MapPatch *patch; // what has changed in slots; or NULL
    // Slot + 1, or 0. Atomic (relaxed), since a newer map may be adding to it.
    const _Atomic(uint32_t) *index;
    HashKey key; // of the index
};

// ---- unions
typedef enum CtorRole { // how JSON prints it
    CTOR_PLAIN,
    CTOR_NONE,
    CTOR_SOME
} CtorRole;

struct CtorInfo {
    Str name;
    uint32_t tag;
    uint32_t arity;
    CtorRole role;
    uint32_t origin; // of the value: eval/origin.h; else 0
    // What the arguments of a constructor that stands as a function must
    // satisfy: CtorEntry.checks.
    const struct RefinementCheck *const *checks;
};

struct UnionObject {
    ObjectHeader header;
    const CtorInfo *ctor;
    Value fields[]; // Value.arity of them
};

// ---- functions. Builtins and constructors are functions with a Code of
// their own, so that there is one kind of call.
struct FunctionObject {
    ObjectHeader header;
    const Code *code; // says the arity
    uint32_t captured_count;
    uint32_t reserved;
    Value captured[];
};

struct PartialObject {
    ObjectHeader header;
    Value function; // FUNCTION
    uint32_t count; // less than the function's arity
    uint32_t reserved;
    Value args[];
};

// ---- constructors of values
static inline Value value_unit(void)
{
    return (Value){.tag = VALUE_UNIT};
}
static inline Value value_bool(bool b)
{
    return (Value){.tag = VALUE_BOOL, .as.integer = b};
}
static inline Value value_int(int64_t i)
{
    return (Value){.tag = VALUE_INT, .as.integer = i};
}
static inline Value value_float(double d)
{
    return (Value){.tag = VALUE_FLOAT, .as.number = d};
}
// Copies the bytes into the heap. `value_string_static` borrows them: they
// must outlive every value (source text, code arena). Both for less than
// 4 GiB; ask heap_can_hold() first where a program controls the length.
Value value_string(Heap *heap, Str text);
Value value_string_static(Heap *heap, Str text);
// A slice [from, to) in bytes, sharing where that pays.
Value value_string_slice(Heap *heap, Value string, uint32_t from, uint32_t to);
// As value_string, to be filled, and then finished, before anyone sees it.
Value value_string_new(Heap *heap, uint32_t len, char **out_bytes);
// Counts what is long and new; nothing happens to other strings.
void value_string_finish(Value string);
// `count` parts, joined; in place where the buffer of the first or the last
// part allows.
// False when the result would be over the budget or 4 GiB.
MUST_USE bool value_string_concat(Heap *heap, const Value *parts,
                                  uint32_t count, Value *out);
static inline Str value_str(Value string)
{
    return str_make(string.as.string->bytes, string.as.string->len);
}
uint32_t value_string_chars(Value string); // code points
// As utf8_offset(), but what is far in a long text is not looked for from its
// start.
size_t value_string_offset(Value string, size_t at, uint64_t index);

// A list of `count` uninitialised items, to be filled before anyone sees it.
Value value_list(Heap *heap, uint32_t count, Value **out_items);
Value value_list_range(Heap *heap, int64_t first, uint32_t count);
Value value_list_slice(Heap *heap, Value list, uint32_t from, uint32_t to);
MUST_USE bool value_list_append(Heap *heap, Value a, Value b, Value *out);
// How many items may be written behind the list's, or in front of them, in a
// buffer that this heap extends.
uint32_t value_list_room(Heap *heap, const ListObject *list, bool before);
static inline uint32_t value_list_count(Value list)
{
    return list.as.list->count;
}
Value list_rope_at(const ListObject *rope, uint32_t i);
static inline Value value_list_at(Value list, uint32_t i)
{
    const ListObject *object = list.as.list;
    return object->items != NULL            ? object->items[i]
           : UNLIKELY(list_is_rope(object)) ? list_rope_at(object, i)
                                            : value_int(object->as.first + i);
}
// Copies `count` items from `from` on.
void value_list_copy(Value *out, Value list, uint32_t from, uint32_t count);
// The items as an array; what is a range, or a rope, is written out into the
// heap first. NULL when that would pass the budget (over_limit is set). Not
// NULL for count 0.
const Value *value_list_items(Heap *heap, Value list);
// The same in memory of the caller's, for who has no heap.
Value *value_list_array(const ListObject *list);
// *list without ropes, for who walks through all of it.
MUST_USE bool value_list_flatten(Heap *heap, Value *list);

// Lists that grow item by item (comprehensions): *buffer is NULL at first and
// nobody else's until value_list_finish().
MUST_USE bool list_buffer_grow(Heap *heap, ListBuffer **buffer);
MUST_USE static inline bool list_buffer_push(Heap *heap, ListBuffer **buffer,
                                             Value item)
{
    if (UNLIKELY(*buffer == NULL || (*buffer)->end == (*buffer)->capacity) &&
        !list_buffer_grow(heap, buffer)) {
        return false; // over the budget, or too many
    }
    (*buffer)->items[(*buffer)->end++] = item;
    return true;
}
// Room for `count` items more, for who writes them there and then raises `end`.
MUST_USE bool list_buffer_reserve(Heap *heap, ListBuffer **buffer,
                                  uint32_t count);
MUST_USE bool list_buffer_append(Heap *heap, ListBuffer **buffer,
                                 const Value *items, uint32_t count);
// A buffer that has items will probably have `count`. It grows to twice its
// length at least, or not: in the inner loop of a comprehension, the guess goes
// up with each turn of the outer one.
void list_buffer_expect(Heap *heap, ListBuffer **buffer, uint64_t count);
Value value_list_finish(Heap *heap, ListBuffer *buffer);

Value value_tuple(Heap *heap, uint32_t count, Value **out_items);
Value value_record(Heap *heap, const Shape *shape, Value **out_fields);
// `info` must outlive the value. With arity 0 no memory is taken.
Value value_union(Heap *heap, const CtorInfo *info, Value **out_fields);
static inline const CtorInfo *value_ctor(Value v)
{
    return v.arity == 0 ? v.as.ctor_info : v.as.object->ctor;
}
// What is in it, where it is Some of something.
Value value_without_some(Value value);
// Keys must be distinct; the entries are copied.
Value value_map(Heap *heap, const MapEntry *entries, uint32_t count);
Value value_map_patched_key(const MapObject *map, uint32_t entry);
static inline Value value_map_key(const MapObject *map, uint32_t entry)
{
    return LIKELY(map->patch == NULL) ? map->slots[entry].key
                                      : value_map_patched_key(map, entry);
}
Value value_map_patched(const MapObject *map, uint32_t entry);
static inline Value value_map_value(const MapObject *map, uint32_t entry)
{
    return LIKELY(map->patch == NULL) ? map->slots[entry].value
                                      : value_map_patched(map, entry);
}
// Entry number of `key`, or -1.
int64_t value_map_find(Value map, Str key);
// For who makes maps of maps: the slot of the key that the index knows, or -1;
// where the key's entry stands then, or -1; how many slots there are.
int64_t value_map_find_slot(Value map, Str key);
int64_t value_map_live_slot(const MapObject *map, int64_t slot);
uint32_t value_map_slot_count(const MapObject *map);
// value_map_update.c: false when the result would be over the budget. An
// entry that is replaced keeps its place; in a merge, `b` wins.
MUST_USE bool value_map_insert(Heap *heap, Value map, Value key, Value value,
                               Value *out);
MUST_USE bool value_map_remove(Heap *heap, Value map, Str key, Value *out);
MUST_USE bool value_map_merge(Heap *heap, Value a, Value b, Value *out);
// Whether the entries of `b` are inserted one by one: a fold that merges small
// maps into a large one must not copy that each time.
static inline bool value_map_changes_little(const MapObject *a,
                                            const MapObject *b)
{
    return b->count < a->count / 16;
}

// ---- shapes, interned for the run
typedef struct ShapeTable ShapeTable;
ShapeTable *shape_table_new(const Interner *interner);
void shape_table_free(ShapeTable *table);
// Where the names of shapes are interned: any thread may intern more.
Interner *shape_table_interner(const ShapeTable *table);
// Any thread; names are distinct and copied.
const Shape *shape_intern(ShapeTable *table, const Symbol *names,
                          uint32_t count);
static inline uint32_t shape_index_slot(const Shape *shape, Symbol name)
{
    // Multiply-shift with a random multiplier (Dietzfelbinger et al. 1997):
    // symbols cannot be chosen so that they collide.
    return (uint32_t)((name * shape->index_multiplier) >> 32) &
           shape->index_mask;
}
// Field number of `name`, or -1.
int32_t shape_find(const Shape *shape, Symbol name);
// The same by text, for what comes from outside (--select).
int32_t shape_find_text(const Shape *shape, Str name);
// For record updates: `shape` with `name` (kept in place where it is there).
const Shape *shape_with(ShapeTable *table, const Shape *shape, Symbol name);

// ---- structural operations; explicit stacks, never C recursion. Functions
// inside are a bug of the checker (UNREACHABLE). Records and maps are equal
// whatever the order of their fields and entries.
int value_compare(Value a, Value b); // <0, 0, >0; total on data. Records by
                                     // field names in byte order, unions by
                                     // constructor order, None < Some
// The same for running programs: takes a look for every part looked at beyond
// the two values themselves (values may share parts, so that a small one takes
// 2^60 looks) and polls the token. False when *looks fell below 0 or the token
// was cancelled. What is one object is not looked at, and that is chance: looks
// are no steps. `equality`: *out_order says only whether it is 0.
MUST_USE bool value_compare_counted(Value a, Value b, bool equality,
                                    int64_t *looks, CancelToken *token,
                                    int *out_order);
// Appends Ligature source of the value (LANGUAGE.md section 10, "Classes");
// maps as `fromList [("key", value)]`, functions as `<function>`.
// False when it would grow over `max_bytes`, *steps (may be NULL), one for each
// part, is below 0, or the token (may be NULL) was cancelled.
MUST_USE bool value_show_until(StrBuf *out, Value value, uint64_t max_bytes,
                               int64_t *steps, CancelToken *token);
MUST_USE static inline bool value_show(StrBuf *out, Value value,
                                       uint64_t max_bytes)
{
    return value_show_until(out, value, max_bytes, NULL, NULL);
}

#endif
