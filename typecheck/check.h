// The checker's entry: resolved modules in; schemes, elaboration notes and
// diagnostics out. Modules are checked in parallel as soon as those that they
// import are done; inside a module binding groups in dependency order.
//
// Ownership: what it builds belongs to each module (module->checked) and dies
//            with check_program_release().
// Threads:   called by the main worker; uses the program's pool. Afterwards
//            everything is immutable.
#ifndef LIGATURE_TYPECHECK_CHECK_H
#define LIGATURE_TYPECHECK_CHECK_H

#include "concurrent/cache_map.h"
#include "syntax/module.h"
#include "typecheck/verdict_store.h"

typedef struct CheckOptions {
    CacheMap *type_cache; // may be NULL: no cache. Its `drop` is
                          // type_cache_drop() (typecheck/type_cache.h)
    // Behind type_cache, for other programs too; may be NULL: then the cache is
    // of use only where modules have equal texts.
    const VerdictStore *verdict_store;
    bool verdict_only; // nobody will read schemes and notes: modules that
                       // the cache knows need not be checked
} CheckOptions;

// True when no module has an error. Broken modules are checked as far as
// they can be; a name that failed to check causes no further diagnostics.
bool check_program(Program *program, const CheckOptions *options);
// The same module by module, without caches, each when those that it imports
// are checked: begin and end by the main worker. Where not all modules were
// there, `is_complete` is false.
typedef struct Checker Checker;
Checker *checker_begin(Program *program);
void checker_module(void *checker, Module *module, Worker *worker);
bool checker_end(Checker *checker, bool is_complete);
void check_program_release(Program *program);
// Warns of what the entries export and their results leave out, though it is no
// function: values of any type with some instance.
void check_left_out(const Program *program, DiagSink *diags);

// The printed scheme of a binding ("Num a => a -> a"), for --show-types;
// variables are named a, b, ... in order of appearance. In the arena given.
Str check_binding_type(const Program *program, uint32_t module,
                       uint32_t binding, Arena *arena);
// The same of a constructor and of a method; "?" where its declaration failed.
Str check_ctor_type(const Program *program, uint32_t module, uint32_t ctor,
                    Arena *arena);
Str check_method_type(const Program *program, uint32_t module, uint32_t method,
                      Arena *arena);
// How many type nodes the check of the module has made.
uint64_t check_type_nodes(const Module *module);
// What the binding gives for so many arguments; len 0 where its type is not
// known or has variables.
Str check_binding_result(const Program *program, uint32_t module,
                         uint32_t binding, uint32_t arguments, Arena *arena);

#endif
