// What infer.c, infer_methods.c and infer_require.c share.
#ifndef LIGATURE_TYPECHECK_INFER_GROUP_H
#define LIGATURE_TYPECHECK_INFER_GROUP_H

#include "typecheck/infer_internal.h"

// Which method of which instance a hidden binding is.
typedef struct MethodBinding {
    const InstanceInfo *instance;
    uint32_t method; // in the instance's declaration
} MethodBinding;

// One binding of the group at work.
typedef struct Member {
    Binding *binding;
    uint32_t index; // in Module.bindings
    uint32_t owner; // in the group
    Signature signature;
    const MethodBinding *method; // NULL for other bindings
    bool is_predicate;           // of a refinement
    Expect why;                  // of a method
} Member;

// By binding; NULL when the module has no instances.
MethodBinding **infer_method_table(Infer *c);
// The type that the class gives to the method, at the instance's types.
void infer_method_signature(Infer *c, Member *member);

// ---- infer.c

// Whether the binding is the hoisted predicate of a refinement.
bool infer_is_predicate(const Infer *c, uint32_t index);

// ---- infer_require.c

// Checks the group of the module's binding now, where it is not done. False
// where that cannot be: it is at work itself.
bool infer_require(Infer *c, uint32_t index);

#endif
