// The reader of stored values: it believes nothing of what it reads.
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "eval/stored_values.h"
#include "eval/stored_values_internal.h"
#include "support/compare.h"
#include "support/pack.h"

// What is read once may be looked at as often as it is used.
enum { PARTS_MAX = 1 << 20 };

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
    if (r->evaluation == NULL) {
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
    if (r->evaluation == NULL) {
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
    if (r->evaluation == NULL) {
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
    return r->evaluation == NULL
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
    Value value = read_all(&reader);
    assert(pack_ended(&reader.in)); // as it was checked to be
    return value;
}
