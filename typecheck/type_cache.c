// Verdicts of modules by content.
#include "typecheck/type_cache.h"

#include <stdlib.h>

#include "concurrent/deadline.h"
#include "concurrent/parallel_hash.h"
#include "typecheck/cached_verdict.h"
#include "typecheck/interface.h"
#include "typecheck/stored_types.h"

// Raised whenever the checker changes what it says.
#define TYPE_CACHE_VERSION "ligature type cache 3"

typedef struct PlannedModule {
    Digest interface_hash;
    Digest text;         // of the source
    uint32_t first_diag; // those before are of earlier passes
    bool known;          // interface_hash is
    bool settled;        // looked up, or to be checked
    bool hit;
    bool due;        // to be checked in this round
    bool reads_code; // of other modules, as far as is known: code_key()
    bool read;       // by one of those: types alone are not enough
    bool done;
    bool imported;       // by some module
    Str types;           // of a hit: what the store has
    uint64_t type_nodes; // of a hit that is not checked again
} PlannedModule;

struct TypeCachePlan {
    const Program *program;
    CacheMap *map;             // NULL: everything is checked
    const VerdictStore *store; // may be NULL
    DigestKind kind;
    uint32_t round;
    PlannedModule *modules;
    ModulePaths *paths; // with a store
};

enum {
    // Rounds after which all that is left is checked: a chain of changed
    // modules would have one for each.
    MAX_ROUNDS = 64
};

void type_cache_drop(void *value, void *ctx)
{
    (void)ctx;
    cached_verdict_free(value);
}

// ---- keys

static Digest add_text(DigestKind kind, Digest digest, Str text)
{
    return digest_combine(kind, digest, digest_text(kind, text));
}

static Digest add_number(DigestKind kind, Digest digest, uint64_t number)
{
    return digest_combine(kind, digest, digest_number(kind, number));
}

// Where the hash need not withstand prepared contents, a long text is hashed by
// all workers.
static Digest source_digest(const TypeCachePlan *plan, Str text)
{
    if (plan->kind == DIGEST_STRONG) {
        return digest_text(plan->kind, text);
    }
    Pool *pool = plan->program->pool;
    Worker *worker = pool != NULL ? pool_main_worker(pool) : NULL;
    return digest_widen(parallel_hash128(worker, text));
}

static bool imports_known(const TypeCachePlan *plan, const Module *module)
{
    if (module->id != MODULE_PRELUDE && !plan->modules[MODULE_PRELUDE].known) {
        return false;
    }
    for (uint32_t i = 0; i < module->import_count; i++) {
        if (!plan->modules[module->imports[i]].known) {
            return false;
        }
    }
    return true;
}

// The key that covers the text of what the module imports, directly or not.
static Digest code_key(const TypeCachePlan *plan, const Module *module,
                       Digest key)
{
    const Program *program = plan->program;
    Arena arena;
    arena_init(&arena);
    Digest *codes = arena_array(&arena, module->id, sizeof *codes);
    bool *is_wanted = arena_zalloc(&arena, module->id + 1);
    is_wanted[module->id] = true;
    // Imports stand before the modules that import them.
    for (uint32_t i = module->id + 1; i-- > 0;) {
        const Module *user = program->modules[i];
        for (uint32_t j = 0; is_wanted[i] && j < user->import_count; j++) {
            is_wanted[user->imports[j]] = true;
        }
    }
    for (uint32_t i = 0; i < module->id; i++) {
        if (!is_wanted[i]) {
            continue;
        }
        const Module *used = program->modules[i];
        codes[i] = plan->modules[i].text;
        for (uint32_t j = 0; j < used->import_count; j++) {
            codes[i] =
                digest_combine(plan->kind, codes[i], codes[used->imports[j]]);
        }
    }
    for (uint32_t j = 0; j < module->import_count; j++) {
        key = digest_combine(plan->kind, key, codes[module->imports[j]]);
    }
    arena_release(&arena);
    return key;
}

// Everything that the check of the module depends on. False where that is not
// known, or the module has errors of earlier passes.
static bool module_key(const TypeCachePlan *plan, const Module *module,
                       Digest *out_key)
{
    // --expr sees the inside of a file, which no interface describes.
    if (module->broken || module->outer != MODULE_PRELUDE ||
        !imports_known(plan, module)) {
        return false;
    }
    // Data at a type is more than its text: inputs, checks still to come.
    for (uint32_t i = 0; i < module->binding_count && !module->is_data; i++) {
        if (module->bindings[i].data != NULL) {
            return false;
        }
    }
    const ProgramOptions *options = &plan->program->options;
    DigestKind kind = plan->kind;
    Digest key = digest_text(kind, STR(TYPE_CACHE_VERSION));
    key = digest_combine(kind, key, plan->modules[module->id].text);
    key = add_text(kind, key, module->name);
    if (kind == DIGEST_STRONG) {
        key = add_text(kind, key, module->source.path);
    }
    key =
        add_number(kind, key, (uint64_t)module->is_std << 1 | module->is_data);
    key = add_number(kind, key, (uint64_t)options->totality);
    key = add_number(kind, key, options->limits.max_type_nodes);
    key = add_number(kind, key, options->limits.max_nesting);
    if (module->id != MODULE_PRELUDE) {
        key = digest_combine(kind, key,
                             plan->modules[MODULE_PRELUDE].interface_hash);
    }
    // By declaration: which of them a name comes from matters.
    for (uint32_t i = 0; i < module->ast.decl_count; i++) {
        const Decl *decl = &module->ast.decls[i];
        if (decl->kind != DECL_IMPORT) {
            continue;
        }
        uint32_t target = decl->as.import->module;
        if (target >= plan->program->module_count) {
            return false; // could not be loaded
        }
        key = digest_combine(kind, key, plan->modules[target].interface_hash);
    }
    *out_key = plan->modules[module->id].reads_code
                   ? code_key(plan, module, key)
                   : key;
    return true;
}

static void insert(TypeCachePlan *plan, const Digest *key,
                   CachedVerdict *verdict)
{
    uint64_t bytes = sizeof *verdict + arena_bytes(&verdict->arena);
    if (cache_map_insert(plan->map, digest_key(key), verdict, bytes) !=
        verdict) {
        type_cache_drop(verdict, NULL);
    }
}

// Brings what the store knows into the map, which a process begins empty.
static void fetch(TypeCachePlan *plan, const Digest *key, Str *out_types)
{
    StoredVerdict stored;
    if (plan->store != NULL &&
        plan->store->find(plan->store->ctx, key, &stored)) {
        *out_types = stored.types;
        CachedVerdict *verdict = cached_verdict_new();
        verdict->interface_hash = stored.interface_hash;
        verdict->type_nodes = stored.type_nodes;
        verdict->has_interface = true;
        insert(plan, key, verdict);
    }
}

static bool needs_interface(const TypeCachePlan *plan,
                            const PlannedModule *planned)
{
    return planned->imported || plan->store != NULL;
}

// Replays a hit. A verdict with diagnostics belongs to its path.
static bool look_up(TypeCachePlan *plan, Module *module)
{
    PlannedModule *planned = &plan->modules[module->id];
    planned->settled = true;
    Digest key;
    if (!module_key(plan, module, &key)) {
        return false;
    }
    fetch(plan, &key, &planned->types);
    const CachedVerdict *verdict = cache_map_find(plan->map, digest_key(&key));
    if (verdict == NULL || (verdict->diag_count > 0 &&
                            !str_equal(verdict->path, module->source.path))) {
        return false;
    }
    if (needs_interface(plan, planned) && !verdict->has_interface) {
        return false;
    }
    cached_verdict_replay(verdict, module);
    planned->interface_hash = verdict->interface_hash;
    planned->known = verdict->has_interface;
    planned->type_nodes = verdict->type_nodes;
    planned->hit = true;
    return true;
}

// ---- the plan

// That a module has read the code of others once is remembered by its path.
static Digest reader_key(const TypeCachePlan *plan, const Module *module)
{
    Digest key = digest_text(plan->kind, STR("reads code"));
    return add_text(plan->kind, key, module->source.path);
}

static bool may_recur(const Module *module)
{
    bool may = module->ast.has_local_rec || module->instance_count > 0;
    for (uint32_t i = 0; i < module->binding_count && !may; i++) {
        may = module->bindings[i].rec;
    }
    return may;
}

// Finds who reads code, and whose code that may be.
static void find_readers(TypeCachePlan *plan)
{
    for (uint32_t i = plan->program->module_count; i-- > 0;) {
        const Module *module = plan->program->modules[i];
        PlannedModule *planned = &plan->modules[i];
        if (!module->is_std && may_recur(module)) {
            Digest key = reader_key(plan, module);
            Str none;
            fetch(plan, &key, &none);
            planned->reads_code =
                cache_map_find(plan->map, digest_key(&key)) != NULL;
        }
        bool read = planned->reads_code || planned->read;
        for (uint32_t j = 0; read && j < module->import_count; j++) {
            plan->modules[module->imports[j]].read = true;
        }
    }
}

static int compare_numbers(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

// Whether two modules have the same text, or may have.
static bool has_twins(const TypeCachePlan *plan)
{
    uint32_t count = plan->program->module_count;
    uint64_t *texts = mem_calloc((size_t)count + 1, sizeof *texts);
    for (uint32_t i = 0; i < count; i++) {
        texts[i] = digest_key(&plan->modules[i].text).low;
    }
    qsort(texts, count, sizeof *texts, compare_numbers);
    bool found = false;
    for (uint32_t i = 1; i < count && !found; i++) {
        found = texts[i] == texts[i - 1];
    }
    free(texts);
    return found;
}

static void plan_modules(TypeCachePlan *plan)
{
    const Program *program = plan->program;
    plan->modules = mem_calloc(program->module_count, sizeof *plan->modules);
    for (uint32_t i = 0; i < program->module_count; i++) {
        const Module *module = program->modules[i];
        plan->modules[i].first_diag = module->diags.diags.count;
        // Here, by the main worker, for all that ask later.
        plan->modules[i].text = source_digest(plan, module->source.text);
        for (uint32_t j = 0; j < module->import_count; j++) {
            plan->modules[module->imports[j]].imported = true;
        }
        if (module->outer != MODULE_PRELUDE) {
            plan->modules[module->outer].imported = true;
        }
    }
    plan->modules[MODULE_PRELUDE].imported = program->module_count > 1;
}

TypeCachePlan *type_cache_plan(const Program *program,
                               const CheckOptions *options)
{
    TypeCachePlan *plan = mem_calloc(1, sizeof *plan);
    plan->program = program;
    plan->map = options->verdict_only ? options->type_cache : NULL;
    if (plan->map == NULL) {
        return plan;
    }
    plan->store = options->verdict_store;
    plan->kind = plan->store != NULL ? DIGEST_STRONG : DIGEST_FAST;
    plan_modules(plan);
    if (plan->store == NULL && !has_twins(plan)) {
        free(plan->modules);
        plan->modules = NULL;
        plan->map = NULL;
        return plan;
    }
    plan->paths = plan->store != NULL ? module_paths_new(program) : NULL;
    find_readers(plan);
    return plan;
}

void type_cache_plan_free(TypeCachePlan *plan)
{
    if (plan != NULL) {
        module_paths_free(plan->paths);
        free(plan->modules);
        free(plan);
    }
}

static bool is_decided(const PlannedModule *planned)
{
    return planned->known || planned->done;
}

// Whether all that the module depends on has been looked up or checked.
static bool is_ready(const TypeCachePlan *plan, const Module *module)
{
    bool ready = module->id == MODULE_PRELUDE ||
                 (is_decided(&plan->modules[MODULE_PRELUDE]) &&
                  is_decided(&plan->modules[module->outer]));
    for (uint32_t i = 0; i < module->import_count && ready; i++) {
        ready = is_decided(&plan->modules[module->imports[i]]);
    }
    return ready;
}

static void make_due(TypeCachePlan *plan, uint32_t module_id)
{
    PlannedModule *planned = &plan->modules[module_id];
    if (planned->done || planned->due) {
        return;
    }
    planned->due = true;
    if (planned->hit) {
        // What was replayed, the check says again.
        diag_sink_cut(&plan->program->modules[module_id]->diags,
                      planned->first_diag);
    }
}

// What is checked needs the types of what it imports. Dependencies come first.
static void close_over_imports(TypeCachePlan *plan)
{
    const Program *program = plan->program;
    for (uint32_t i = program->module_count; i-- > 0;) {
        const Module *module = program->modules[i];
        if (!plan->modules[i].due) {
            continue;
        }
        make_due(plan, MODULE_PRELUDE);
        make_due(plan, module->outer);
        for (uint32_t j = 0; j < module->import_count; j++) {
            make_due(plan, module->imports[j]);
        }
    }
}

bool type_cache_next(TypeCachePlan *plan)
{
    if (plan->map == NULL) {
        return plan->round++ == 0;
    }
    const Program *program = plan->program;
    uint32_t hits = 0, pending = 0, due = 0;
    for (uint32_t i = 0; i < program->module_count; i++) {
        PlannedModule *planned = &plan->modules[i];
        planned->due = false;
    }
    for (uint32_t i = 0; i < program->module_count; i++) {
        PlannedModule *planned = &plan->modules[i];
        if (planned->settled || planned->done) {
            continue;
        }
        if (!is_ready(plan, program->modules[i])) {
            pending++;
        } else if (look_up(plan, program->modules[i])) {
            hits++;
        } else {
            make_due(plan, i);
            due++;
        }
    }
    // Where nothing is known, waiting for interfaces gains nothing.
    bool all = plan->round++ == MAX_ROUNDS || (plan->round == 1 && hits == 0);
    for (uint32_t i = 0; i < program->module_count && all; i++) {
        if (!plan->modules[i].settled) {
            make_due(plan, i);
        }
    }
    close_over_imports(plan);
    return due > 0 || (all && pending > 0);
}

bool type_cache_skip(TypeCachePlan *plan, uint32_t module)
{
    if (plan->map == NULL) {
        return false;
    }
    PlannedModule *planned = &plan->modules[module];
    if (!planned->due || planned->done) {
        return true;
    }
    planned->done = true;
    // What an importer may still need is checked; the rest may be a hit now
    // that the interfaces of its imports are known.
    return !planned->settled && !planned->imported &&
           look_up(plan, plan->program->modules[module]);
}

bool type_cache_restore(TypeCachePlan *plan, uint32_t module_id, Arena *arena)
{
    if (plan->map == NULL || !plan->modules[module_id].hit) {
        return false;
    }
    if (plan->modules[module_id].types.len == 0 ||
        plan->modules[module_id].read) {
        plan->modules[module_id].type_nodes = 0;
        return false;
    }
    const Program *program = plan->program;
    Module *module = program->modules[module_id];
    PackReader reader = pack_reader(plan->modules[module_id].types);
    TypePlaces *places = type_places_new(program);
    StoredTypes *types =
        stored_types_read(program, places, plan->paths, module, arena, &reader);
    bool ok = types != NULL && pack_ended(&reader);
    if (ok) {
        stored_types_declare(program, module, types, arena);
        // Nobody has looked at its code: no constant may be found by it.
        StoredModule *stored = ARENA_NEW(arena, StoredModule);
        stored->values =
            arena_zalloc(arena, module->binding_count * sizeof(Str));
        stored->steps =
            arena_zalloc(arena, module->binding_count * sizeof(uint64_t));
        module->stored = stored;
    }
    stored_types_free(types);
    type_places_free(places);
    if (!ok) {
        plan->modules[module_id].type_nodes = 0;
    }
    return ok;
}

uint64_t type_cache_nodes(const TypeCachePlan *plan)
{
    uint64_t nodes = 0;
    for (uint32_t i = 0; plan->map != NULL && i < plan->program->module_count;
         i++) {
        const Module *module = plan->program->modules[i];
        nodes += module->is_std ? 0 : plan->modules[i].type_nodes;
    }
    return nodes;
}

static Digest checked_interface(const TypeCachePlan *plan, const Module *module)
{
    Arena arena;
    arena_init(&arena);
    Digest *imports =
        arena_array(&arena, module->import_count, sizeof *imports);
    for (uint32_t i = 0; i < module->import_count; i++) {
        imports[i] = plan->modules[module->imports[i]].interface_hash;
    }
    Digest hash = interface_hash(plan->program, module, plan->kind, imports);
    arena_release(&arena);
    return hash;
}

static void keep(const TypeCachePlan *plan, const Module *module,
                 const Digest *key, const CachedVerdict *verdict)
{
    StrBuf types = {0};
    TypePlaces *places = type_places_new(plan->program);
    if (!stored_types_suit(module) ||
        !stored_types_append(plan->program, places, module, &types)) {
        strbuf_clear(&types);
    }
    StoredVerdict stored = {.interface_hash = verdict->interface_hash,
                            .types = strbuf_str(&types),
                            .type_nodes = verdict->type_nodes};
    plan->store->keep(plan->store->ctx, key, &stored);
    type_places_free(places);
    strbuf_release(&types);
}

static void keep_reader(TypeCachePlan *plan, const Module *module)
{
    Digest key = reader_key(plan, module);
    insert(plan, &key, cached_verdict_new());
    if (plan->store != NULL) {
        StoredVerdict none = {.types = STR("")};
        plan->store->keep(plan->store->ctx, &key, &none);
    }
}

void type_cache_store(TypeCachePlan *plan, uint32_t module_id, bool reads_code)
{
    if (plan->map == NULL || plan->modules[module_id].hit) {
        return; // checked only because an importer needed it
    }
    PlannedModule *planned = &plan->modules[module_id];
    const Module *module = plan->program->modules[module_id];
    if (reads_code && !planned->reads_code) {
        planned->reads_code = true;
        keep_reader(plan, module);
    }
    Digest key;
    bool stopped = plan->program->token != NULL &&
                   cancel_token_reason(plan->program->token) != CANCEL_NONE;
    if (stopped || module->checked == NULL || !module_key(plan, module, &key)) {
        return;
    }
    if (needs_interface(plan, planned)) {
        planned->interface_hash = checked_interface(plan, module);
        planned->known = true;
    }
    if (module->check_sites.count > 0) {
        return; // eval/check_constants.h may have more to say
    }
    CachedVerdict *verdict = cached_verdict_make(module, planned->first_diag);
    if (verdict == NULL) {
        return;
    }
    verdict->interface_hash = planned->interface_hash;
    verdict->has_interface = planned->known;
    verdict->type_nodes = check_type_nodes(module);
    if (plan->store != NULL && module->diags.diags.count == 0) {
        keep(plan, module, &key, verdict);
    }
    insert(plan, &key, verdict);
}
