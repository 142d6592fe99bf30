// The writer; the reader is in stored_values_read.c.
#include "eval/stored_values.h"

#include <stdlib.h>

#include "eval/stored_values_internal.h"
#include "support/hash.h"
#include "support/pack.h"

enum { NESTING_MAX = 400 };

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
    uint64_t hash = (uint64_t)(uintptr_t)object * HASH_MULTIPLIER;
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

static void write_items(ValueWriter *w, const Value *items, uint32_t count)
{
    write_parts(w, items, count);
    put_refs(w, OBJECT_TAG_LIST, items, count);
}

static void write_list(ValueWriter *w, const ListObject *list)
{
    if (list_is_rope(list)) {
        Value *items = value_list_array(list);
        write_items(w, items, list->count);
        free(items);
        return;
    }
    if (list->items == NULL && list->count > 0) {
        pack_number(w->out, OBJECT_TAG_RANGE);
        pack_number(w->out, list->count);
        put_int(w, list->as.first);
        return;
    }
    write_items(w, list->items, list->count);
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
