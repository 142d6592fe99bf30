// What the files of declarations share.
#ifndef LIGATURE_TYPECHECK_DECLARE_INTERNAL_H
#define LIGATURE_TYPECHECK_DECLARE_INTERNAL_H

#include "typecheck/declare.h"
#include "typecheck/type_exprs.h"

typedef struct Declarer {
    const Program *program;
    Module *module;
    ModuleTypes *types;
    TypeStore store;
    TypeVars vars;
    uint64_t candidates; // methods compared with misspelt ones
} Declarer;

// A reader of types of this module; the variables are those in d->vars.
TypeReader declare_reader(Declarer *d);
// Brings type variables into scope, in place of those before.
void declare_vars(Declarer *d, const Symbol *names, uint32_t count);
// A generaliser in which the variables in scope are GENERIC 0, 1, ...
void declare_generaliser(Declarer *d, Generaliser *generaliser);

// declare_classes.c
void declare_classes(Declarer *d);
void declare_instances(Declarer *d);
// declare_visible.c
void declare_visible(Declarer *d);

#endif
