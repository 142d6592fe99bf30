#include "typecheck/type_watch.h"

#include <stdlib.h>

#include "typecheck/scheme.h"
#include "typecheck/type_print.h"

void type_watch_init(TypeWatch *watch)
{
    *watch = (TypeWatch){0};
    mutex_init(&watch->mutex, LOCK_CLIENT);
}

void type_watch_release(TypeWatch *watch)
{
    vec_release(&watch->notes);
    mutex_release(&watch->mutex);
}

static int compare_numbers(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

static int compare_places(const TypeNote *a, const TypeNote *b)
{
    uint32_t ones[] = {a->kind,  a->module,     a->binding,
                       a->local, a->span.start, a->span.end};
    uint32_t others[] = {b->kind,  b->module,     b->binding,
                         b->local, b->span.start, b->span.end};
    int order = 0;
    for (size_t i = 0; i < sizeof ones / sizeof *ones && order == 0; i++) {
        order = compare_numbers(ones[i], others[i]);
    }
    return order;
}

static int compare_notes(const void *left, const void *right)
{
    const TypeNote *a = left, *b = right;
    int order = compare_places(a, b);
    return order != 0 ? order : compare_numbers(a->number, b->number);
}

void type_watch_settle(TypeWatch *watch)
{
    for (uint32_t i = 0; i < watch->notes.count; i++) {
        watch->notes.items[i].number = i;
    }
    if (watch->notes.count > 0) {
        qsort(watch->notes.items, watch->notes.count, sizeof(TypeNote),
              compare_notes);
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < watch->notes.count; i++) {
        const TypeNote *note = &watch->notes.items[i];
        bool is_last =
            i + 1 == watch->notes.count || compare_places(note, note + 1) != 0;
        if (is_last) {
            watch->notes.items[kept++] = *note;
        }
    }
    watch->notes.count = kept;
}

static const TypeNote *find(const TypeWatch *watch, const TypeNote *wanted)
{
    uint32_t low = 0;
    uint32_t high = watch->notes.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const TypeNote *note = &watch->notes.items[middle];
        int order = compare_places(note, wanted);
        if (order == 0) {
            return note;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

const TypeNote *type_watch_local(const TypeWatch *watch, uint32_t module,
                                 uint32_t binding, uint32_t local)
{
    return find(watch, &(TypeNote){.kind = TYPE_NOTE_LOCAL,
                                   .module = module,
                                   .binding = binding,
                                   .local = local});
}

const TypeNote *type_watch_find(const TypeWatch *watch, TypeNoteKind kind,
                                uint32_t module, Span span)
{
    return find(watch,
                &(TypeNote){.kind = kind, .module = module, .span = span});
}

Str type_note_print(const Program *program, const TypeNote *note, Arena *arena)
{
    if (note->scheme != NULL) {
        return scheme_print(program, program->modules[note->module],
                            note->scheme, arena);
    }
    return type_resolve(note->type)->kind == TYPE_ERROR
               ? STR("")
               : type_print(program, program->modules[note->module], note->type,
                            arena);
}

static Type *type_of(const TypeNote *note)
{
    return type_resolve(note->scheme != NULL ? note->scheme->type : note->type);
}

static int compare_order(const void *left, const void *right)
{
    uint32_t a = ((const TypeNoteField *)left)->order;
    uint32_t b = ((const TypeNoteField *)right)->order;
    return (a > b) - (a < b);
}

TypeNoteField *type_note_fields(const Program *program, const TypeNote *note,
                                Arena *arena, uint32_t *out_count)
{
    Type *type = type_of(note);
    *out_count = 0;
    if (type->kind != TYPE_RECORD) {
        return NULL;
    }
    Type *tail;
    uint32_t count;
    const RecordField *found = type_record_fields(type, arena, &count, &tail);
    TypeNoteField *fields = arena_array(arena, count, sizeof *fields);
    for (uint32_t i = 0; i < count; i++) {
        fields[i] = (TypeNoteField){
            .name = found[i].name,
            .type = type_print(program, program->modules[note->module],
                               found[i].type, arena),
            .order = found[i].order,
            .may_be_out = found[i].fill != NULL,
        };
    }
    if (count > 1) {
        qsort(fields, count, sizeof *fields, compare_order);
    }
    *out_count = count;
    return fields;
}

const void *type_note_identity(const TypeNote *note)
{
    return type_of(note);
}

bool type_note_field_names(const TypeNote *note, SymbolVec *out, bool *out_open)
{
    Type *type = type_of(note);
    if (type->kind != TYPE_RECORD) {
        return false;
    }
    Arena arena;
    arena_init(&arena);
    Type *tail;
    uint32_t count;
    const RecordField *fields = type_record_fields(type, &arena, &count, &tail);
    for (uint32_t i = 0; i < count; i++) {
        vec_push(out, fields[i].name);
    }
    *out_open = tail != NULL;
    arena_release(&arena);
    return true;
}

bool type_note_union(const TypeNote *note, uint32_t *out_module,
                     uint32_t *out_type)
{
    const Type *type = type_of(note);
    if (type->kind != TYPE_CON || type->as.con.module == TYPE_MODULE_PRIM) {
        return false;
    }
    *out_module = type->as.con.module;
    *out_type = type->as.con.index;
    return true;
}
