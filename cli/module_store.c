#include "cli/module_store.h"

#include <stdlib.h>

#include "eval/stored_values.h"
#include "support/pack.h"
#include "typecheck/check.h"
#include "typecheck/stored_types.h"

#define KEY_TAG  'm'
#define TEXT_TAG 't'

// What was found of a module.
typedef struct Candidate {
    bool known;  // `key` is, and the module depends on no input
    bool suits;  // it could be stored
    bool wanted; // it is taken from the store, as far as is known
    bool fresh;  // it is to be kept
    Hash256 key;
    Str types; // packed: what was found, or is to be kept
    StoredModule stored;
} Candidate;

typedef VEC(uint32_t) ModuleVec;

struct ModuleStore {
    Program *program;
    ModulePack *pack;
    ModulePaths *paths;
    TypePlaces *places;
    Candidate *candidates; // by module
    ModuleVec refused;     // whose references are to be looked at
    Arena arena;
};

// ---- keys

static void append_limits(const Program *program, StrBuf *key)
{
    const Limits *limits = &program->options.limits;
    pack_number(key, program->options.totality);
    pack_number(key, limits->max_nesting);
    pack_number(key, limits->max_depth);
    pack_number(key, limits->max_steps);
    pack_number(key, limits->max_memory_bytes);
    pack_number(key, limits->max_type_nodes);
}

// False where the module has errors, or what it depends on is not known.
static bool append_imports(const ModuleStore *store, const Module *module,
                           StrBuf *key)
{
    for (uint32_t i = 0; i < module->ast.decl_count; i++) {
        const Decl *decl = &module->ast.decls[i];
        if (decl->kind == DECL_INPUT) {
            return false;
        }
        if (decl->kind != DECL_IMPORT) {
            continue;
        }
        uint32_t target = decl->as.import->module;
        if (target >= store->program->module_count ||
            !store->candidates[target].known) {
            return false;
        }
        pack_hash(key, &store->candidates[target].key);
    }
    return true;
}

// Dependencies stand before dependents.
static void make_keys(ModuleStore *store)
{
    StrBuf key = {0};
    for (uint32_t m = 0; m < store->program->module_count; m++) {
        const Module *module = store->program->modules[m];
        Candidate *candidate = &store->candidates[m];
        Hash256 text = hash256(TEXT_TAG, module->source.text);
        strbuf_clear(&key);
        module_paths_append(module, &key);
        pack_text(&key, module->name);
        pack_number(&key, module->is_data);
        pack_hash(&key, &text);
        append_limits(store->program, &key);
        candidate->known = !module->broken && module->outer == MODULE_PRELUDE &&
                           append_imports(store, module, &key);
        candidate->key = hash256(KEY_TAG, strbuf_str(&key));
        candidate->suits = candidate->known && stored_types_suit(module);
    }
    strbuf_release(&key);
}

// ---- what was found

static bool read_values(ModuleStore *store, const Module *module,
                        Candidate *candidate, PackReader *reader)
{
    Str *values =
        arena_zalloc(&store->arena, module->binding_count * sizeof *values);
    uint64_t *steps =
        arena_zalloc(&store->arena, module->binding_count * sizeof *steps);
    for (uint32_t n = unpack_count(reader); n > 0 && !reader->failed; n--) {
        uint64_t binding = unpack_number(reader);
        uint64_t taken = unpack_number(reader);
        Str value = unpack_text(reader);
        if (reader->failed || binding >= module->visible_count ||
            module->bindings[binding].is_function) {
            return false;
        }
        steps[binding] = taken;
        values[binding] = value;
    }
    candidate->stored =
        (StoredModule){.values = values, .steps = steps, .paths = store->paths};
    return pack_ended(reader);
}

static void look_up(ModuleStore *store, const Module *module)
{
    Candidate *candidate = &store->candidates[module->id];
    Str payload;
    if (!candidate->suits ||
        !module_pack_find(store->pack, &candidate->key, &payload)) {
        return;
    }
    PackReader reader = pack_reader(payload);
    candidate->types = unpack_text(&reader);
    uint64_t type_nodes = unpack_number(&reader);
    candidate->wanted = read_values(store, module, candidate, &reader);
    candidate->stored.type_nodes = type_nodes;
}

// Whether the bytes can be read; done for those only that are still wanted
// then.
static bool is_sound(ModuleStore *store, const Module *module)
{
    Candidate *candidate = &store->candidates[module->id];
    for (uint32_t i = 0; i < module->visible_count; i++) {
        Str value = candidate->stored.values[i];
        if (value.data != NULL &&
            !stored_value_check(store->program, store->paths, value)) {
            return false;
        }
    }
    PackReader reader = pack_reader(candidate->types);
    candidate->stored.types =
        stored_types_read(store->program, store->places, store->paths, module,
                          &store->arena, &reader);
    return candidate->stored.types != NULL && pack_ended(&reader);
}

// ---- what can be taken

static void refuse(ModuleStore *store, uint32_t module)
{
    if (store->candidates[module].wanted) {
        store->candidates[module].wanted = false;
        vec_push(&store->refused, module);
    }
}

// `module` is checked and compiled: what it names must have its code, or be a
// stored value.
static void follow_refs(ModuleStore *store, uint32_t module)
{
    const Module *owner = store->program->modules[module];
    if (owner->outer != MODULE_PRELUDE) {
        refuse(store, owner->outer);
    }
    for (uint32_t i = 0; i < owner->binding_count; i++) {
        const Binding *binding = &owner->bindings[i];
        for (uint32_t k = 0; k < binding->ref_count; k++) {
            const BindingRef *ref = &binding->refs[k];
            const Candidate *target = &store->candidates[ref->module];
            if (target->wanted &&
                target->stored.values[ref->index].data == NULL) {
                refuse(store, ref->module);
            }
        }
    }
}

// An entry's result is what it shows.
static bool has_result(const ModuleStore *store, const Module *module)
{
    const Str *values = store->candidates[module->id].stored.values;
    for (uint32_t i = 0; i < module->visible_count; i++) {
        const Binding *binding = &module->bindings[i];
        if (stored_types_show(binding) && !binding->is_function &&
            values[i].data == NULL) {
            return false;
        }
    }
    return true;
}

static void settle(ModuleStore *store)
{
    while (store->refused.count > 0) {
        follow_refs(store, vec_pop(&store->refused));
    }
}

static void choose(ModuleStore *store)
{
    const Program *program = store->program;
    for (uint32_t m = 0; m < program->module_count; m++) {
        if (!store->candidates[m].wanted) {
            vec_push(&store->refused, m);
        } else if (program->modules[m]->is_entry &&
                   !has_result(store, program->modules[m])) {
            refuse(store, m);
        }
    }
    settle(store);
    for (uint32_t m = 0; m < program->module_count; m++) {
        Candidate *candidate = &store->candidates[m];
        if (candidate->wanted && !is_sound(store, program->modules[m])) {
            refuse(store, m);
            settle(store);
        }
    }
}

ModuleStore *module_store_plan(Program *program, ModulePack *pack)
{
    ModuleStore *store = mem_calloc(1, sizeof *store);
    arena_init(&store->arena);
    store->program = program;
    store->pack = pack;
    store->paths = module_paths_new(program);
    store->places = type_places_new(program);
    store->candidates = mem_calloc((size_t)program->module_count + 1,
                                   sizeof *store->candidates);
    make_keys(store);
    for (uint32_t m = 0; m < program->module_count; m++) {
        look_up(store, program->modules[m]);
    }
    choose(store);
    for (uint32_t m = 0; m < program->module_count; m++) {
        Candidate *candidate = &store->candidates[m];
        program->modules[m]->stored =
            candidate->wanted ? &candidate->stored : NULL;
    }
    return store;
}

void module_store_free(ModuleStore *store)
{
    if (store == NULL) {
        return;
    }
    for (uint32_t m = 0; m < store->program->module_count; m++) {
        store->program->modules[m]->stored = NULL;
        stored_types_free(store->candidates[m].stored.types);
    }
    type_places_free(store->places);
    module_paths_free(store->paths);
    arena_release(&store->arena);
    vec_release(&store->refused);
    free(store->candidates);
    free(store);
}

// ---- what is added

void module_store_checked(ModuleStore *store)
{
    const Program *program = store->program;
    StrBuf types = {0};
    for (uint32_t m = 0; m < program->module_count; m++) {
        const Module *module = program->modules[m];
        Candidate *candidate = &store->candidates[m];
        bool has_use = !module->is_entry || program->entry_count > 1;
        candidate->fresh = candidate->suits && !candidate->wanted && has_use &&
                           module->checked != NULL &&
                           module->diags.diags.count == 0;
        strbuf_clear(&types);
        if (candidate->fresh) {
            candidate->fresh =
                stored_types_append(program, store->places, module, &types);
            candidate->types = arena_str(&store->arena, strbuf_str(&types));
            candidate->stored.type_nodes = check_type_nodes(module);
        }
    }
    strbuf_release(&types);
}

// The values that others may name. False where there are none.
static bool append_values(const Module *module, Evaluation *evaluation,
                          const CtorPlaces *places, StrBuf *out)
{
    StrBuf values = {0};
    StrBuf value = {0};
    uint32_t count = 0;
    for (uint32_t i = 0; i < module->visible_count; i++) {
        const Binding *binding = &module->bindings[i];
        if (binding->is_function || !stored_types_show(binding)) {
            continue;
        }
        Slot *slot = evaluation_slot(evaluation, module->id, i);
        strbuf_clear(&value);
        if (slot_state(slot) == SLOT_DONE &&
            stored_value_append(places, slot->value, &value)) {
            pack_number(&values, i);
            pack_number(&values, slot->steps);
            pack_text(&values, strbuf_str(&value));
            count++;
        }
    }
    pack_number(out, count);
    strbuf_append(out, strbuf_str(&values));
    strbuf_release(&values);
    strbuf_release(&value);
    return count > 0;
}

static void keep_module(ModuleStore *store, const Module *module,
                        Evaluation *evaluation, const CtorPlaces *places)
{
    const Candidate *candidate = &store->candidates[module->id];
    StrBuf payload = {0};
    pack_text(&payload, candidate->types);
    pack_number(&payload, candidate->stored.type_nodes);
    if (append_values(module, evaluation, places, &payload)) {
        module_pack_keep(store->pack, &candidate->key, strbuf_str(&payload));
    }
    strbuf_release(&payload);
}

void module_store_keep(ModuleStore *store, Evaluation *evaluation)
{
    const Program *program = store->program;
    CtorPlaces *places = ctor_places_new(evaluation);
    for (uint32_t m = 0; m < program->module_count; m++) {
        if (store->candidates[m].fresh) {
            keep_module(store, program->modules[m], evaluation, places);
        }
    }
    ctor_places_free(places);
}
