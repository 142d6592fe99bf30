// Programs and modules: making and freeing them.
#include "syntax/module.h"

#include <stdlib.h>

#include "concurrent/aligned.h"
#include "support/die.h"
#include "support/hash.h"

typedef struct PrimInfo {
    const char *name;
    uint32_t arity;
} PrimInfo;

static const PrimInfo prim_infos[PRIM_COUNT] = {
    [PRIM_INTEGER] = {"Integer", 0}, [PRIM_FLOAT] = {"Float", 0},
    [PRIM_STRING] = {"String", 0},   [PRIM_BOOLEAN] = {"Boolean", 0},
    [PRIM_UNIT] = {"Unit", 0},       [PRIM_LIST] = {"List", 1},
    [PRIM_MAP] = {"Map", 1},         [PRIM_JSON] = {"Json", 0},
};

const char *prim_type_name(PrimType prim)
{
    return prim_infos[prim].name;
}

uint32_t prim_type_arity(PrimType prim)
{
    return prim_infos[prim].arity;
}

Interner *symbols_new(void)
{
    static const Str fixed[] = {
#define SYMBOL(enumerator, text) {text, sizeof text - 1},
#include "syntax/symbols.def"
    };
    return interner_new(fixed, sizeof fixed / sizeof *fixed);
}

// They are ascending by module.
uint32_t module_value_binding(const Module *module, uint32_t target)
{
    uint32_t low = module->binding_count - module->module_value_count;
    uint32_t high = module->binding_count;
    while (low + 1 < high) {
        uint32_t middle = low + (high - low) / 2;
        if (module->bindings[middle].bind->value.as.name.module <= target) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

// A module that belongs to no program.
typedef struct LoneModule {
    Module module;
    Arena arena;
    ModuleTimes times;
} LoneModule;

Module *module_new(void)
{
    LoneModule *lone = mem_calloc(1, sizeof *lone);
    arena_init(&lone->arena);
    lone->module.arena = lone->module.check_arena = &lone->arena;
    lone->module.times = &lone->times;
    diag_sink_init(&lone->module.diags);
    return &lone->module;
}

Module *module_new_in(Arena *arena, bool timed)
{
    Module *module = ARENA_NEW(arena, Module);
    module->arena = module->check_arena = arena;
    diag_sink_init(&module->diags);
    module->is_in_arena = true;
    module->times = timed ? ARENA_NEW(arena, ModuleTimes) : NULL;
    return module;
}

void module_enter(Program *program, Module *module, const Worker *worker)
{
    module->arena = worker_arenas_of(&program->trees, worker);
    module->check_arena = worker_arenas_of(&program->checks, worker);
}

void module_free(Module *module)
{
    if (module == NULL) {
        return;
    }
    vec_release(&module->check_sites);
    vec_release(&module->data_checks);
    vec_release(&module->data_steps);
    diag_sink_release(&module->diags);
    if (!module->is_in_arena) {
        LoneModule *lone = (LoneModule *)module;
        arena_release(&lone->arena);
        free(lone);
    }
}

// ---- constructors

// Unions of no more constructors have no index.
enum { FEW_CTORS = 8 };

// The size less one of the open addressing: a power of two, half of it free.
static uint32_t places_mask(uint32_t count)
{
    return UINT32_MAX >> __builtin_clz(2 * count - 1);
}

// Where the number of the constructor, from 1, is or would be noted.
static uint32_t ctor_place(const uint32_t *places, uint32_t count,
                           const CtorEntry *ctors, Symbol name)
{
    uint32_t mask = places_mask(count);
    uint32_t at = (uint32_t)((name * HASH_MULTIPLIER) >> 32) & mask;
    while (places[at] != 0 && ctors[places[at] - 1].name != name) {
        at = (at + 1) & mask;
    }
    return at;
}

void module_index_ctors(Module *module, TypeEntry *type)
{
    uint32_t count = type->decl->ctor_count;
    const CtorEntry *ctors = &module->ctors[type->first_ctor];
    if (count <= FEW_CTORS) {
        return;
    }
    uint32_t *places = arena_zalloc(
        module->arena, ((size_t)places_mask(count) + 1) * sizeof *places);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t *place =
            &places[ctor_place(places, count, ctors, ctors[i].name)];
        *place = *place == 0 ? i + 1 : *place;
    }
    type->ctor_places = places;
}

const CtorEntry *module_find_ctor(const Module *module, const TypeEntry *type,
                                  Symbol name)
{
    uint32_t count = type->decl->ctor_count;
    const CtorEntry *ctors = &module->ctors[type->first_ctor];
    if (type->ctor_places != NULL) {
        const uint32_t *places = type->ctor_places;
        uint32_t number = places[ctor_place(places, count, ctors, name)];
        return number == 0 ? NULL : &ctors[number - 1];
    }
    for (uint32_t i = 0; i < count; i++) {
        if (ctors[i].name == name) {
            return &ctors[i];
        }
    }
    return NULL;
}

void module_note_pass(Module *module, TimedPass pass, int64_t start_ns,
                      const Worker *worker)
{
    if (module->times != NULL) {
        module->times->passes[pass] =
            (PassTime){start_ns, clock_monotonic_ns() - start_ns,
                       worker != NULL ? worker_index(worker) : 0};
    }
}

PassTime module_pass_time(const Module *module, TimedPass pass)
{
    return module->times != NULL ? module->times->passes[pass] : (PassTime){0};
}

void program_make_room(Program *program)
{
#ifdef NDEBUG
    // A flow stands still while there is no room.
    enum { FIRST = 64, FIRST_OF_FLOW = 1 << 15 };
#else
    enum { FIRST = 4, FIRST_OF_FLOW = 4 };
#endif
    uint32_t capacity = 2 * program->module_capacity;
    if (capacity == 0) {
        capacity = program->flow != NULL ? FIRST_OF_FLOW : FIRST;
    }
    program->modules =
        mem_realloc(program->modules, capacity, sizeof(Module *));
    program->module_capacity = capacity;
}

Program *program_new(const ProgramOptions *options, Pool *pool,
                     CancelToken *token)
{
    Program *program = aligned_zalloc(1, sizeof *program);
    program->options = *options;
    program->interner = symbols_new();
    program->pool = pool;
    program->token = token;
    worker_arenas_init(&program->trees, pool);
    worker_arenas_init(&program->checks, pool);
    diag_sink_init(&program->diags);
    return program;
}

void program_free(Program *program)
{
    if (program == NULL) {
        return;
    }
    for (uint32_t i = 0; i < program->module_count; i++) {
        module_free(program->modules[i]);
    }
    free(program->modules);
    free(program->entries);
    free(program->inputs);
    diag_sink_release(&program->diags);
    worker_arenas_release(&program->trees);
    worker_arenas_release(&program->checks);
    interner_free(program->interner);
    free(program);
}

// What other files import is used.
static void drop_imported(Module *module)
{
    const UnusedNames *unused = module->unused;
    Diag **diags = module->diags.diags.items;
    uint32_t kept = unused->first;
    for (uint32_t i = kept; i < module->diags.diags.count; i++) {
        uint32_t at = i - unused->first;
        // Relaxed: all modules are resolved.
        if (at >= unused->count || !load_relaxed(&unused->imported[at])) {
            diags[kept++] = diags[i];
        }
    }
    module->diags.diags.count = kept;
}

void program_take_diags(Program *program, DiagSink *into)
{
    diag_sink_merge(into, &program->diags);
    for (uint32_t i = 0; i < program->module_count; i++) {
        Module *module = program->modules[i];
        // A flow that gives up may have taken the warnings back.
        if (module->unused != NULL &&
            module->diags.diags.count > module->unused->first) {
            drop_imported(module);
        }
        diag_sink_merge(into, &module->diags);
    }
}
