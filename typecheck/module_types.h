// What the checker knows of a module once it is done: schemes of its bindings
// and constructors, its unions, aliases, classes and instances, and the
// instances that it sees through its imports.
//
// Ownership: everything lives in Program.checks until check_program_release();
//            sets of visible instances may be shared with an imported module.
// Threads:   written by the worker that checks the module; immutable once its
//            task has finished.
#ifndef LIGATURE_TYPECHECK_MODULE_TYPES_H
#define LIGATURE_TYPECHECK_MODULE_TYPES_H

#include "typecheck/scheme.h"

// A class applied to types in which the variables of the declaration at hand
// are GENERIC.
typedef struct ClassUse {
    const ClassInfo *class_;
    Type **args;
    Span span;
} ClassUse;

// Classes of std.record, which hold of records whose fields are known:
// classes_records.c.
typedef enum RecordClass {
    RECORD_CLASS_NONE,
    RECORD_CLASS_KNOWN,
    RECORD_CLASS_FIELDS,
    RECORD_CLASS_MAPPED,
    RECORD_CLASS_MERGED
} RecordClass;

// The arguments that decide the others, as bits.
static inline uint32_t record_class_inputs(RecordClass records)
{
    switch (records) {
    case RECORD_CLASS_MERGED:
        return 1 << 0 | 1 << 1;
    case RECORD_CLASS_MAPPED:
        return 1 << 0 | 1 << 3;
    case RECORD_CLASS_NONE:
    case RECORD_CLASS_KNOWN:
    case RECORD_CLASS_FIELDS:
        break;
    }
    return 1 << 0;
}

// A longer chain of superclasses is an error where it gets too long.
#define SUPERS_MAX_DEPTH 500

struct ClassInfo {
    uint32_t module, index; // Module.classes[index]
    Symbol name;
    uint32_t param_count;
    ClassUse *supers; // over GENERIC 0..param_count - 1
    uint32_t super_count;
    uint32_t depth;   // the longest chain of superclasses: SUPERS_MAX_DEPTH
    Scheme **methods; // GENERIC 0.. are the class's parameters;
                      // constraints[0] is the class itself
    Type **refined;   // by method: the same with refinements; NULL: there are
                      // none
    uint32_t method_count;
    bool lacks_supers;   // it or one of them has an error: not all are known
    bool derivable;      // the prelude's Eq, Ord, Show: automatic instances
    RecordClass records; // not NONE: no instances can be written
};

typedef struct InstanceInfo {
    uint32_t module, index; // Module.instances[index]
    const ClassInfo *class_;
    Type **args; // of the head; its variables are GENERIC
    uint32_t generic_count;
    const Symbol *var_names; // of the generics, as written
    SchemeConstraint *context;
    uint32_t context_count;
    bool lacks_context; // it has an error: not all that it asks for is known
    Evidence **plain;   // where there is no context: one
    Span span;
} InstanceInfo;

// Instances of one class, and among these those whose first argument has one
// head.
typedef struct SeenInstance {
    const InstanceInfo *info;
    uint32_t rank;                        // among those of its head, from 1 on
    uint32_t class_rank;                  // among all of its class
    const struct SeenInstance *same_head; // the one before
    const struct SeenInstance *of_class;
} SeenInstance;

typedef struct InstanceLink {
    const SeenInstance *entry;
    const struct InstanceLink *next;
    uint32_t count; // of this one and those after it
} InstanceLink;

// The instances whose path begins in one way, or of which one argument has one
// head; see instance_index.h.
typedef struct InstanceNode {
    const InstanceLink *through; // all of them
    const InstanceLink *ending;  // those whose path ends there; or none
} InstanceNode;

// The instances that a module sees: its layer and those below, which belong to
// modules that it imports. Each is larger than the one above it when that is
// made (the logarithmic method of Bentley and Saxe, 1980), so that there are
// few, and a module costs what it adds and not what it sees.
typedef struct InstanceSet {
    const struct InstanceSet *below; // NULL: none
    uint32_t *modules;               // that declare instances; ascending
    uint32_t module_count;           // of this layer, as all that follows
    uint32_t instance_count;
    PtrMap by_head;  // (ClassInfo, instance_head_key()) -> SeenInstance
    PtrMap by_class; // (ClassInfo, 0) -> SeenInstance
    PtrMap by_path;  // (ClassInfo, hash of a path) -> InstanceNode
} InstanceSet;

static inline const SeenInstance *instances_by_head(const InstanceSet *layer,
                                                    const ClassInfo *class_,
                                                    uintptr_t key)
{
    return ptr_map_find(&layer->by_head, (uintptr_t)class_, key);
}

static inline const SeenInstance *instances_by_class(const InstanceSet *layer,
                                                     const ClassInfo *class_)
{
    return ptr_map_find(&layer->by_class, (uintptr_t)class_, 0);
}

typedef struct AliasInfo {
    Type *type; // GENERIC 0.. are the parameters, those beyond the rows left
                // open; with refinements. NULL where it failed
    uint32_t param_count;
    uint32_t row_count;
} AliasInfo;

struct ModuleTypes {
    // What all importers look at comes first.
    Scheme **schemes; // by binding; NULL until known
    const InstanceSet *visible;
    Type **refined;    // by binding: its annotation, with refinements; NULL
                       // where there are none
    Arena *arena;      // Module.check_arena
    UnionInfo *unions; // by type; ctors NULL for an alias
    AliasInfo *aliases;
    struct AliasShape *shapes; // of some: alias_names.h
    uint32_t shape_count;
    Scheme **ctors; // by constructor; NULL where its declaration failed
    ClassInfo *classes;
    InstanceInfo *instances;
    InstanceSet *own_layer; // the first of `visible`, where it was made here
    uint64_t node_count;    // type nodes of what is declared; in the end of all
};

// How many type nodes one pass over the module may make. The limit is for
// programs: the library that comes with the checker is not held to it.
static inline uint64_t module_type_limit(const Program *program,
                                         const Module *module)
{
    return module->is_std ? limits_default().max_type_nodes
                          : program->options.limits.max_type_nodes;
}

#endif
