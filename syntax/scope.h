// Module scopes: what each name means at the top level of a module, its own
// declarations first, then its imports, then the prelude.
//
// Ownership: a scope lives in its module's arena.
// Threads:   written by the resolver, immutable after.
#ifndef LIGATURE_SYNTAX_SCOPE_H
#define LIGATURE_SYNTAX_SCOPE_H

#include "syntax/module.h"

// NameRef.ref says what was found; REF_UNRESOLVED when nothing.
NameRef scope_find_value(const Program *program, const Module *module,
                         Symbol name);
// All constructors that `name` may mean in `module`, nearest first: its own
// (then only these, where no expected type says otherwise), imported, the
// prelude's. Returns how many there are, of `max` the first.
uint32_t scope_find_ctors(const Program *program, const Module *module,
                          Symbol qualifier, Symbol name, NameRef *out_refs,
                          uint32_t max);
// The one of them that is of a given union. False: none is.
bool scope_find_ctor_of(const Program *program, const Module *module,
                        Symbol qualifier, Symbol name, uint32_t type_module,
                        uint32_t type, NameRef *out_ref);

// References to all that a module offers, which who has named it as a value has
// made; NULL: nobody has.
BindingRef *scope_offered(const Module *module, uint32_t *out_count);

#endif
