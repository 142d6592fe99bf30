// What a Scope holds; for scope.c and the resolver only.
//
// Ownership: everything lives in the module's arena.
// Threads:   written by the one worker that has the module; immutable once it
//            is resolved, but for `offered_refs`, which is published once.
#ifndef LIGATURE_SYNTAX_SCOPE_TABLE_H
#define LIGATURE_SYNTAX_SCOPE_TABLE_H

#include "support/nearest.h"
#include "syntax/scope.h"
#include "syntax/symbol_map.h"

#define ORIGIN_NONE UINT32_MAX

typedef enum NameSpace {
    SPACE_VALUE,
    SPACE_TYPE,
    SPACE_CLASS,
    SPACE_COUNT
} NameSpace;

// A constructor that came in with its union.
typedef struct ImportedCtor {
    uint32_t module, index;
    uint32_t origin;
    uint32_t next; // with the same name; INDEX_NONE at the end
    bool exported; // the union is exported again
} ImportedCtor;

struct Scope {
    SymbolMap own[SPACE_COUNT];
    SymbolMap imported[SPACE_COUNT];
    SymbolMap exports[SPACE_COUNT]; // unused where offers_all
    bool offers_all;                // no `export` in the module
    bool lacks_types;    // one that is imported by name is missing there, or
                         // what it is made of is unknown
    bool lacks_methods;  // the same of what may be a class
    bool *type_exported; // by type; NULL where offers_all
    uint32_t *exported_bindings; // ascending; NULL where offers_all
    uint32_t exported_count;
    _Atomic(BindingRef *) offered_refs; // by who names the module as a value

    SymbolMap own_ctors;      // index: the first in Module.ctors
    SymbolMap meant_ctors;    // `A` of `type T = A;`, where it is no type
    SymbolMap meant_imports;  // near to what is imported and not there
    uint32_t *ctor_next;      // by constructor: the next of its name
    SymbolMap imported_ctors; // index: into imported_ctor_list
    ImportedCtor *imported_ctor_list;
    uint32_t imported_ctor_count;
    uint32_t imported_ctor_capacity;

    SymbolMap aliases;    // REF_MODULE, or REF_ERROR; index: number of import
    _Atomic(bool) **used; // by origin: the mark in Import or ImportItem
};

// What `name` is for those who import `module`. REF_UNRESOLVED when it is not
// offered, REF_ERROR when that was reported elsewhere.
ScopeRef scope_find_export(const Program *program, uint32_t module,
                           NameSpace space, Symbol name);
// Own or imported; REF_UNRESOLVED when neither. Not the prelude.
ScopeRef scope_find_here(const Module *module, NameSpace space, Symbol name);
// What the name means outside `module`: in Module.outer and on to the prelude.
ScopeRef scope_find_outer(const Program *program, const Module *module,
                          NameSpace space, Symbol name);
// The prelude's.
ScopeRef scope_find_prelude(const Program *program, NameSpace space,
                            Symbol name);
// Feeds all names of `space` that `module` sees.
void scope_nearest(const Program *program, const Module *module,
                   NameSpace space, Nearest *nearest);
// Hands over the names of `space` that `module` sees, some of them more than
// once; and constructors.
typedef void NameVisitor(void *ctx, Str name);
void scope_each(const Program *program, const Module *module, NameSpace space,
                NameVisitor *visit, void *ctx);
void scope_each_ctor(const Program *program, const Module *module,
                     NameVisitor *visit, void *ctx);
void scope_nearest_export(const Program *program, uint32_t module,
                          NameSpace space, Nearest *nearest);
void scope_nearest_ctor(const Program *program, const Module *module,
                        Nearest *nearest);
void scope_nearest_exported_ctor(const Program *program, uint32_t module,
                                 Nearest *nearest);
// The value of a module as a whole: its RESULT, or REF_MODULE.
NameRef scope_module_value(const Program *program, uint32_t module,
                           Symbol name);
// The import whose alias `name` is, `module` INDEX_NONE where it could not be
// loaded; NULL when there is no such alias.
const ScopeRef *scope_find_alias(const Program *program, const Module *module,
                                 Symbol name);
// The same for a name that stands for a value: NULL also where a value hides
// it, as one of the type does that an import has.
const ScopeRef *scope_find_value_alias(const Program *program,
                                       const Module *module, Symbol name);

#endif
