#include "typecheck/type_watch.h"

#include <stdlib.h>

#include "typecheck/scheme.h"
#include "typecheck/type_print.h"

void type_watch_release(TypeWatch *watch)
{
    vec_release(&watch->notes);
}

const TypeNote *type_watch_local(const TypeWatch *watch, uint32_t module,
                                 uint32_t binding, uint32_t local)
{
    for (uint32_t i = watch->notes.count; i-- > 0;) {
        const TypeNote *note = &watch->notes.items[i];
        if (note->kind == TYPE_NOTE_LOCAL && note->local == local &&
            note->binding == binding && note->module == module) {
            return note;
        }
    }
    return NULL;
}

const TypeNote *type_watch_find(const TypeWatch *watch, TypeNoteKind kind,
                                uint32_t module, Span span)
{
    for (uint32_t i = watch->notes.count; i-- > 0;) {
        const TypeNote *note = &watch->notes.items[i];
        if (note->kind == kind && note->span.start == span.start &&
            note->span.end == span.end && note->module == module) {
            return note;
        }
    }
    return NULL;
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
