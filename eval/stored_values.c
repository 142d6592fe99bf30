#include "eval/stored_values.h"

#include <math.h>
#include <stdlib.h>

#include "support/pack.h"

enum {
    NESTING_MAX = 400,
    // What is read once may be looked at as often as it is used.
    PARTS_MAX = 1 << 20
};

// Where a value stands: itself, or the number of an object before.
typedef enum RefTag {
    REF_TAG_UNIT,
    REF_TAG_FALSE,
    REF_TAG_TRUE,
    REF_TAG_INT,
    REF_TAG_FLOAT,
    REF_TAG_CTOR, // without arguments
    REF_TAG_OBJECT,
    REF_TAG_COUNT
} RefTag;

typedef enum ObjectTag {
    OBJECT_TAG_STRING,
    OBJECT_TAG_LIST,
    OBJECT_TAG_RANGE,
    OBJECT_TAG_TUPLE,
    OBJECT_TAG_RECORD,
    OBJECT_TAG_MAP,
    OBJECT_TAG_UNION,
    OBJECT_TAG_COUNT
} ObjectTag;

// ---- writing

typedef struct CtorPlace {
    const CtorInfo *first; // of the module
    uint32_t module;
} CtorPlace;

struct CtorPlaces {
    const Program *program;
    CtorPlace *sorted;
};

static int compare_places(const void *left, const void *right)
{
    uintptr_t a = (uintptr_t)((const CtorPlace *)left)->first;
    uintptr_t b = (uintptr_t)((const CtorPlace *)right)->first;
    return (a > b) - (a < b);
}

CtorPlaces *ctor_places_new(const Evaluation *evaluation)
{
    uint32_t count = evaluation->program->module_count;
    CtorPlaces *places = mem_calloc(1, sizeof *places);
    places->program = evaluation->program;
    places->sorted = mem_calloc((size_t)count + 1, sizeof *places->sorted);
    for (uint32_t m = 0; m < count; m++) {
        places->sorted[m] = (CtorPlace){evaluation->ctors[m], m};
    }
    qsort(places->sorted, count, sizeof *places->sorted, compare_places);
    return places;
}

void ctor_places_free(CtorPlaces *places)
{
    if (places != NULL) {
        free(places->sorted);
        free(places);
    }
}

typedef struct KnownObject {
    const void *object;
    uint32_t number;
} KnownObject;

typedef struct ValueWriter {
    const CtorPlaces *places;
    StrBuf *out;
    KnownObject *known;
    uint32_t capacity; // of `known`; a power of two
    uint32_t count;    // objects written
    uint32_t nesting;
    bool failed;
} ValueWriter;

static KnownObject *find_known(const ValueWriter *w, const void *object)
{
    uint64_t hash = (uint64_t)(uintptr_t)object * UINT64_C(0x9e3779b97f4a7c15);
    uint32_t at = (uint32_t)(hash >> 32) & (w->capacity - 1);
    while (w->known[at].object != NULL && w->known[at].object != object) {
        at = (at + 1) & (w->capacity - 1);
    }
    return &w->known[at];
}

static void remember(ValueWriter *w, const void *object)
{
    if (2 * (w->count + 1) > w->capacity) {
        KnownObject *old = w->known;
        uint32_t old_capacity = w->capacity;
        w->capacity = old_capacity == 0 ? 64 : 2 * old_capacity;
        w->known = mem_calloc(w->capacity, sizeof *w->known);
        for (uint32_t i = 0; i < old_capacity; i++) {
            if (old[i].object != NULL) {
                *find_known(w, old[i].object) = old[i];
            }
        }
        free(old);
    }
    *find_known(w, object) = (KnownObject){object, w->count++};
}

static bool is_object(Value value)
{
    return value.tag >= VALUE_STRING &&
           (value.tag != VALUE_UNION || value.arity > 0);
}

// The place of a constructor in the program.
static bool put_ctor(ValueWriter *w, const CtorInfo *info)
{
    const Program *program = w->places->program;
    uint32_t low = 0;
    uint32_t high = program->module_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if ((uintptr_t)w->places->sorted[middle].first <= (uintptr_t)info) {
            low = middle;
        } else {
            high = middle;
        }
    }
    const CtorPlace *place = &w->places->sorted[low];
    const Module *module = program->modules[place->module];
    if (info < place->first || info >= place->first + module->ctor_count) {
        return false;
    }
    module_paths_append(module, w->out);
    pack_number(w->out, (uint64_t)(info - place->first));
    return true;
}

static void put_int(ValueWriter *w, int64_t integer)
{
    // Small numbers of either sign are short.
    pack_number(w->out, ((uint64_t)integer << 1) ^ (uint64_t)(integer >> 63));
}

static void put_ref(ValueWriter *w, Value value)
{
    uint64_t bits;
    switch ((ValueTag)value.tag) {
    case VALUE_UNIT:
        pack_number(w->out, REF_TAG_UNIT);
        return;
    case VALUE_BOOL:
        pack_number(w->out,
                    value.as.integer != 0 ? REF_TAG_TRUE : REF_TAG_FALSE);
        return;
    case VALUE_INT:
        pack_number(w->out, REF_TAG_INT);
        put_int(w, value.as.integer);
        return;
    case VALUE_FLOAT:
        pack_number(w->out, REF_TAG_FLOAT);
        memcpy(&bits, &value.as.number, sizeof bits);
        pack_word(w->out, bits);
        return;
    case VALUE_UNION:
        if (value.arity == 0) {
            pack_number(w->out, REF_TAG_CTOR);
            w->failed |= !put_ctor(w, value.as.ctor_info);
            return;
        }
        break;
    case VALUE_STRING:
    case VALUE_LIST:
    case VALUE_TUPLE:
    case VALUE_RECORD:
    case VALUE_MAP:
        break;
    case VALUE_FUNCTION:
    case VALUE_PARTIAL:
    case VALUE_DICTIONARY:
    case ANY_MERE_OBJECT:
        w->failed = true;
        return;
    }
    pack_number(w->out, REF_TAG_OBJECT);
    pack_number(w->out, find_known(w, value.as.pointer)->number);
}

static void write_object(ValueWriter *w, Value value);

static void write_part(ValueWriter *w, Value part)
{
    if (is_object(part) && !w->failed) {
        write_object(w, part);
    }
}

static void write_parts(ValueWriter *w, const Value *parts, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        write_part(w, parts[i]);
    }
}

static void put_refs(ValueWriter *w, ObjectTag tag, const Value *parts,
                     uint32_t count)
{
    pack_number(w->out, tag);
    pack_number(w->out, count);
    for (uint32_t i = 0; i < count; i++) {
        put_ref(w, parts[i]);
    }
}

static void write_list(ValueWriter *w, const ListObject *list)
{
    if (list->items == NULL && list->count > 0) {
        pack_number(w->out, OBJECT_TAG_RANGE);
        pack_number(w->out, list->count);
        put_int(w, list->as.first);
        return;
    }
    write_parts(w, list->items, list->count);
    put_refs(w, OBJECT_TAG_LIST, list->items, list->count);
}

static void write_record(ValueWriter *w, const RecordObject *record)
{
    const Shape *shape = record->shape;
    write_parts(w, record->fields, shape->count);
    put_refs(w, OBJECT_TAG_RECORD, record->fields, shape->count);
    for (uint32_t i = 0; i < shape->count; i++) {
        pack_text(w->out, shape->texts[i]);
    }
}

static void write_map(ValueWriter *w, const MapObject *map)
{
    for (uint32_t i = 0; i < map->count; i++) {
        write_part(w, value_map_value(map, i));
    }
    pack_number(w->out, OBJECT_TAG_MAP);
    pack_number(w->out, map->count);
    for (uint32_t i = 0; i < map->count; i++) {
        put_ref(w, value_map_value(map, i));
        pack_text(w->out, value_str(value_map_key(map, i)));
    }
}

static void write_union(ValueWriter *w, Value value)
{
    write_parts(w, value.as.object->fields, value.arity);
    put_refs(w, OBJECT_TAG_UNION, value.as.object->fields, value.arity);
    w->failed |= !put_ctor(w, value.as.object->ctor);
}

static void write_object(ValueWriter *w, Value value)
{
    if (w->count > 0 &&
        find_known(w, value.as.pointer)->object == value.as.pointer) {
        return;
    }
    w->failed |= ++w->nesting > NESTING_MAX || w->out->len > STORED_VALUE_MAX;
    if (w->failed) {
        return;
    }
    switch ((ValueTag)value.tag) {
    case VALUE_STRING:
        pack_number(w->out, OBJECT_TAG_STRING);
        pack_text(w->out, value_str(value));
        break;
    case VALUE_LIST:
        write_list(w, value.as.list);
        break;
    case VALUE_TUPLE:
        write_parts(w, value.as.tuple->items, value.as.tuple->count);
        put_refs(w, OBJECT_TAG_TUPLE, value.as.tuple->items,
                 value.as.tuple->count);
        break;
    case VALUE_RECORD:
        write_record(w, value.as.record);
        break;
    case VALUE_MAP:
        write_map(w, value.as.map);
        break;
    case VALUE_UNION:
        write_union(w, value);
        break;
    case VALUE_UNIT:
    case VALUE_BOOL:
    case VALUE_INT:
    case VALUE_FLOAT:
    case VALUE_FUNCTION:
    case VALUE_PARTIAL:
    case VALUE_DICTIONARY:
    case ANY_MERE_OBJECT:
        w->failed = true;
        return;
    }
    remember(w, value.as.pointer);
    w->nesting--;
}

bool stored_value_append(const CtorPlaces *places, Value value, StrBuf *out)
{
    StrBuf objects = {0};
    ValueWriter w = {.places = places, .out = &objects};
    write_part(&w, value);
    size_t from = out->len;
    if (!w.failed) {
        pack_number(out, w.count);
        strbuf_append(out, strbuf_str(&objects));
        w.out = out;
        put_ref(&w, value);
    }
    bool ok = !w.failed && objects.len <= STORED_VALUE_MAX;
    out->len = ok ? out->len : from;
    strbuf_release(&objects);
    free(w.known);
    return ok;
}

// ---- reading

typedef struct ValueReader {
    const Program *program;
    const ModulePaths *paths;
    PackReader in;
    Evaluation *evaluation; // NULL: the bytes are only looked at
    Heap *heap;
    Value *objects;
    uint32_t count;
    uint64_t parts;
    Arena scratch;
} ValueReader;

static int64_t read_int(ValueReader *r)
{
    uint64_t bits = unpack_number(&r->in);
    return (int64_t)(bits >> 1) ^ -(int64_t)(bits & 1);
}

// NULL after failing, and where there is no evaluation.
static const CtorInfo *read_ctor(ValueReader *r, uint32_t arity)
{
    const Module *module = module_paths_read(r->paths, &r->in);
    uint64_t index = unpack_number(&r->in);
    if (module == NULL || index >= module->ctor_count ||
        module->ctors[index].decl->arg_count != arity) {
        pack_fail(&r->in);
        return NULL;
    }
    return r->evaluation != NULL ? &r->evaluation->ctors[module->id][index]
                                 : NULL;
}

static Value read_ref(ValueReader *r)
{
    Value *none;
    const CtorInfo *info;
    uint64_t number;
    double real;
    switch ((RefTag)unpack_up_to(&r->in, REF_TAG_COUNT - 1)) {
    case REF_TAG_UNIT:
    case REF_TAG_COUNT:
        return value_unit();
    case REF_TAG_FALSE:
        return value_bool(false);
    case REF_TAG_TRUE:
        return value_bool(true);
    case REF_TAG_INT:
        return value_int(read_int(r));
    case REF_TAG_FLOAT:
        number = unpack_word(&r->in);
        memcpy(&real, &number, sizeof real);
        if (!isfinite(real)) { // no program makes one
            pack_fail(&r->in);
        }
        return value_float(real);
    case REF_TAG_CTOR:
        info = read_ctor(r, 0);
        return info != NULL ? value_union(r->heap, info, &none) : value_unit();
    case REF_TAG_OBJECT:
        number = unpack_number(&r->in);
        if (number < r->count) {
            return r->objects[number];
        }
        pack_fail(&r->in);
        break;
    }
    return value_unit();
}

static Value *read_refs(ValueReader *r, uint32_t *out_count)
{
    *out_count = unpack_count(&r->in);
    r->parts += *out_count;
    Value *parts = arena_array(&r->scratch, *out_count, sizeof *parts);
    for (uint32_t i = 0; i < *out_count; i++) {
        parts[i] = read_ref(r);
    }
    return parts;
}

static int compare_texts(const void *left, const void *right)
{
    return str_compare(*(const Str *)left, *(const Str *)right);
}

static Str read_utf8(ValueReader *r)
{
    Str text = unpack_text(&r->in);
    if (r->evaluation == NULL && utf8_validate(text) != text.len) {
        pack_fail(&r->in);
    }
    return text;
}

static void must_differ(ValueReader *r, const Str *texts, uint32_t count)
{
    if (r->evaluation != NULL || count < 2) {
        return;
    }
    Str *sorted = arena_copy(&r->scratch, texts, count * sizeof *texts);
    qsort(sorted, count, sizeof *sorted, compare_texts);
    for (uint32_t i = 1; i < count; i++) {
        if (str_equal(sorted[i], sorted[i - 1])) {
            pack_fail(&r->in);
        }
    }
}

static Value read_record(ValueReader *r)
{
    uint32_t count;
    Value *parts = read_refs(r, &count);
    Str *names = arena_array(&r->scratch, count, sizeof *names);
    for (uint32_t i = 0; i < count; i++) {
        names[i] = read_utf8(r);
    }
    must_differ(r, names, count);
    if (r->evaluation == NULL || r->in.failed) {
        return value_unit();
    }
    ShapeTable *shapes = r->evaluation->shapes;
    Symbol *symbols = arena_array(&r->scratch, count, sizeof *symbols);
    for (uint32_t i = 0; i < count; i++) {
        symbols[i] = intern(shape_table_interner(shapes), names[i]);
    }
    Value *fields;
    Value record =
        value_record(r->heap, shape_intern(shapes, symbols, count), &fields);
    memcpy(fields, parts, count * sizeof *fields);
    return record;
}

static Value read_map(ValueReader *r)
{
    uint32_t count = unpack_count(&r->in);
    r->parts += count;
    MapEntry *entries = arena_array(&r->scratch, count, sizeof *entries);
    Str *keys = arena_array(&r->scratch, count, sizeof *keys);
    for (uint32_t i = 0; i < count; i++) {
        entries[i].value = read_ref(r);
        keys[i] = read_utf8(r);
    }
    must_differ(r, keys, count);
    if (r->evaluation == NULL || r->in.failed) {
        return value_unit();
    }
    for (uint32_t i = 0; i < count; i++) {
        entries[i].key = value_string(r->heap, keys[i]);
    }
    return value_map(r->heap, entries, count);
}

static Value read_list(ValueReader *r, bool is_tuple)
{
    uint32_t count;
    Value *items;
    Value *parts = read_refs(r, &count);
    if (r->evaluation == NULL || r->in.failed) {
        return value_unit();
    }
    Value value = is_tuple ? value_tuple(r->heap, count, &items)
                           : value_list(r->heap, count, &items);
    memcpy(items, parts, count * sizeof *items);
    return value;
}

static Value read_range(ValueReader *r)
{
    uint64_t count = unpack_up_to(&r->in, LIST_COUNT_MAX);
    int64_t first = read_int(r);
    int64_t last;
    if (count == 0 || __builtin_add_overflow(first, (int64_t)count, &last)) {
        pack_fail(&r->in);
    }
    return r->evaluation == NULL || r->in.failed
               ? value_unit()
               : value_list_range(r->heap, first, (uint32_t)count);
}

static Value read_union(ValueReader *r)
{
    uint32_t count;
    Value *parts = read_refs(r, &count);
    const CtorInfo *info = read_ctor(r, count);
    if (count == 0) {
        pack_fail(&r->in);
    }
    if (info == NULL) {
        return value_unit();
    }
    Value *fields;
    Value value = value_union(r->heap, info, &fields);
    memcpy(fields, parts, count * sizeof *fields);
    return value;
}

static Value read_object(ValueReader *r)
{
    Str text;
    switch ((ObjectTag)unpack_up_to(&r->in, OBJECT_TAG_COUNT - 1)) {
    case OBJECT_TAG_STRING:
        text = read_utf8(r);
        return r->evaluation == NULL ? value_unit()
                                     : value_string(r->heap, text);
    case OBJECT_TAG_LIST:
        return read_list(r, false);
    case OBJECT_TAG_RANGE:
        return read_range(r);
    case OBJECT_TAG_TUPLE:
        return read_list(r, true);
    case OBJECT_TAG_RECORD:
        return read_record(r);
    case OBJECT_TAG_MAP:
        return read_map(r);
    case OBJECT_TAG_UNION:
        return read_union(r);
    case OBJECT_TAG_COUNT:
        break;
    }
    return value_unit();
}

static Value read_all(ValueReader *r)
{
    arena_init(&r->scratch);
    uint32_t count = unpack_count(&r->in);
    r->objects = mem_calloc((size_t)count + 1, sizeof *r->objects);
    for (uint32_t i = 0; i < count && !r->in.failed; i++) {
        r->objects[i] = read_object(r);
        r->count = i + 1;
        arena_clear(&r->scratch);
        if (r->parts > PARTS_MAX) {
            pack_fail(&r->in);
        }
    }
    Value value = read_ref(r);
    free(r->objects);
    arena_release(&r->scratch);
    return value;
}

bool stored_value_check(const Program *program, const ModulePaths *paths,
                        Str bytes)
{
    ValueReader reader = {
        .program = program, .paths = paths, .in = pack_reader(bytes)};
    (void)read_all(&reader);
    return bytes.len <= STORED_VALUE_MAX + 64 && pack_ended(&reader.in);
}

Value stored_value_read(Evaluation *evaluation, const ModulePaths *paths,
                        Heap *heap, Str bytes)
{
    ValueReader reader = {.program = evaluation->program,
                          .paths = paths,
                          .in = pack_reader(bytes),
                          .evaluation = evaluation,
                          .heap = heap};
    return read_all(&reader);
}
