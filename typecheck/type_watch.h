// Types of places inside of bindings, for who shows them: what inference finds
// of local names, of fields and of record literals in the modules of the
// command line. Elsewhere only elaboration stays of it (syntax/elab.h).
//
// Ownership: a watch owns its list; types live until check_program_release(),
//            texts in the arena given.
// Threads:   a module is checked by one worker, and therefore must be checked
//            in one part (ProgramOptions.grain); several modules by several,
//            which take turns to write. Immutable after.
#ifndef LIGATURE_TYPECHECK_TYPE_WATCH_H
#define LIGATURE_TYPECHECK_TYPE_WATCH_H

#include "concurrent/thread.h"
#include "support/vec.h"
#include "syntax/module.h"

typedef enum TypeNoteKind {
    TYPE_NOTE_LOCAL,  // a local name; `span` is not set
    TYPE_NOTE_FIELD,  // the name of a field behind a '.': its type
    TYPE_NOTE_HOLDER, // the same name: type of what the field is taken of
    TYPE_NOTE_RECORD, // a record literal: the type that is expected of it
    TYPE_NOTE_MATCH   // the value that a match takes apart, by its span
} TypeNoteKind;

typedef struct TypeNote {
    TypeNoteKind kind;
    uint32_t module;
    uint32_t number;         // private to type_watch_settle()
    uint32_t binding, local; // of TYPE_NOTE_LOCAL
    Span span;
    struct Type *type;           // NULL where there is
    const struct Scheme *scheme; // of a polymorphic local
} TypeNote;

typedef struct TypeWatch {
    Mutex mutex; // guards the notes while a check runs
    VEC(TypeNote) notes;
} TypeWatch;

void type_watch_init(TypeWatch *watch);
void type_watch_release(TypeWatch *watch);
// To be called once the check is over: of what was noted of one place the last
// counts, and look-ups are fast.
void type_watch_settle(TypeWatch *watch);

// NULL where nothing was found.
const TypeNote *type_watch_local(const TypeWatch *watch, uint32_t module,
                                 uint32_t binding, uint32_t local);
const TypeNote *type_watch_find(const TypeWatch *watch, TypeNoteKind kind,
                                uint32_t module, Span span);
// len 0 where an error has left no type.
Str type_note_print(const Program *program, const TypeNote *note, Arena *arena);

typedef struct TypeNoteField {
    Symbol name;
    Str type;
    uint32_t order;  // as written
    bool may_be_out; // a literal may leave it out
} TypeNoteField;
// The fields of a record type, in the order in which they were written; those
// that are found so far where it is open. None of other types.
TypeNoteField *type_note_fields(const Program *program, const TypeNote *note,
                                Arena *arena, uint32_t *out_count);
// The same for two notes of one type.
const void *type_note_identity(const TypeNote *note);
// Appends the names of these; false where it is no record. *out_open: there may
// be others.
typedef VEC(Symbol) SymbolVec;
bool type_note_field_names(const TypeNote *note, SymbolVec *out,
                           bool *out_open);
// False where it is no union; else which one.
bool type_note_union(const TypeNote *note, uint32_t *out_module,
                     uint32_t *out_type);

#endif
