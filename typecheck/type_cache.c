// Verdicts of modules by content.
#include "typecheck/type_cache.h"

#include <stdlib.h>

#include "concurrent/deadline.h"
#include "concurrent/parallel_hash.h"
#include "typecheck/interface.h"
#include "typecheck/stored_types.h"

// Raised whenever the checker changes what it says.
#define TYPE_CACHE_VERSION "ligature type cache 1"

// A diagnostic whose places are all in the module itself.
typedef struct CachedLabel {
    Span span;
    Str message;
} CachedLabel;

typedef struct CachedDiag {
    DiagCode code;
    Span span;
    Str message;
    CachedLabel *labels;
    uint32_t label_count;
    Str *notes;
    uint32_t note_count;
    Str *helps;
    uint32_t help_count;
} CachedDiag;

typedef struct CachedVerdict {
    Arena arena; // of what follows
    Digest interface_hash;
    bool has_interface; // the hash was made: an importer was there to ask
    Str path; // of the module, where there are diagnostics: they may name it
    CachedDiag *diags;
    uint32_t diag_count;
} CachedVerdict;

typedef struct PlannedModule {
    Digest interface_hash;
    Digest text;         // of the source
    uint32_t first_diag; // those before are of earlier passes
    bool known;          // interface_hash is
    bool settled;        // looked up, or to be checked
    bool hit;
    bool due; // to be checked in this round
    bool done;
    bool imported; // by some module
    Str types;     // of a hit: what the store has
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

// ---- values

void type_cache_drop(void *value, void *ctx)
{
    (void)ctx;
    CachedVerdict *verdict = value;
    arena_release(&verdict->arena);
    free(verdict);
}

static bool is_own(const Module *module, const Diag *diag)
{
    bool own = diag->source == &module->source && diag->trace.count == 0;
    for (uint32_t i = 0; i < diag->labels.count; i++) {
        own = own && diag->labels.items[i].source == &module->source;
    }
    return own;
}

static Str *copy_texts(Arena *arena, const Str *texts, uint32_t count)
{
    Str *copies = arena_array(arena, count, sizeof *copies);
    for (uint32_t i = 0; i < count; i++) {
        copies[i] = arena_str(arena, texts[i]);
    }
    return copies;
}

static void copy_diag(Arena *arena, const Diag *diag, CachedDiag *out)
{
    *out = (CachedDiag){.code = diag->code,
                        .span = diag->span,
                        .message = arena_str(arena, diag->message),
                        .label_count = diag->labels.count,
                        .note_count = diag->notes.count,
                        .help_count = diag->helps.count};
    out->labels = arena_array(arena, diag->labels.count, sizeof *out->labels);
    for (uint32_t i = 0; i < diag->labels.count; i++) {
        out->labels[i].span = diag->labels.items[i].span;
        out->labels[i].message =
            arena_str(arena, diag->labels.items[i].message);
    }
    out->notes = copy_texts(arena, diag->notes.items, diag->notes.count);
    out->helps = copy_texts(arena, diag->helps.items, diag->helps.count);
}

// NULL where a diagnostic points into another file.
static CachedVerdict *make_verdict(const Module *module,
                                   const PlannedModule *planned)
{
    uint32_t end = module->diags.diags.count;
    for (uint32_t i = planned->first_diag; i < end; i++) {
        if (!is_own(module, module->diags.diags.items[i])) {
            return NULL;
        }
    }
    CachedVerdict *verdict = mem_calloc(1, sizeof *verdict);
    arena_init(&verdict->arena);
    verdict->interface_hash = planned->interface_hash;
    verdict->has_interface = planned->known;
    verdict->diag_count = end - planned->first_diag;
    if (verdict->diag_count > 0) {
        verdict->path = arena_str(&verdict->arena, module->source.path);
    }
    verdict->diags = arena_array(&verdict->arena, verdict->diag_count,
                                 sizeof *verdict->diags);
    for (uint32_t i = 0; i < verdict->diag_count; i++) {
        const Diag *diag = module->diags.diags.items[planned->first_diag + i];
        copy_diag(&verdict->arena, diag, &verdict->diags[i]);
    }
    return verdict;
}

static void replay(const CachedVerdict *verdict, Module *module)
{
    DiagSink *sink = &module->diags;
    for (uint32_t i = 0; i < verdict->diag_count; i++) {
        const CachedDiag *from = &verdict->diags[i];
        Diag *diag = diag_add(sink, from->code, &module->source, from->span,
                              "%.*s", STR_ARG(from->message));
        for (uint32_t j = 0; j < from->label_count; j++) {
            diag_label(sink, diag, &module->source, from->labels[j].span,
                       "%.*s", STR_ARG(from->labels[j].message));
        }
        for (uint32_t j = 0; j < from->note_count; j++) {
            diag_note(sink, diag, "%.*s", STR_ARG(from->notes[j]));
        }
        for (uint32_t j = 0; j < from->help_count; j++) {
            diag_help(sink, diag, "%.*s", STR_ARG(from->helps[j]));
        }
    }
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
        uint32_t target = decl->as.import.module;
        if (target >= plan->program->module_count) {
            return false; // could not be loaded
        }
        key = digest_combine(kind, key, plan->modules[target].interface_hash);
    }
    *out_key = key;
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
    Digest interface_hash;
    if (plan->store != NULL &&
        plan->store->find(plan->store->ctx, key, &interface_hash, out_types)) {
        CachedVerdict *verdict = mem_calloc(1, sizeof *verdict);
        arena_init(&verdict->arena);
        verdict->interface_hash = interface_hash;
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
    replay(verdict, module);
    planned->interface_hash = verdict->interface_hash;
    planned->known = verdict->has_interface;
    planned->hit = true;
    return true;
}

// ---- the plan

TypeCachePlan *type_cache_plan(const Program *program, CacheMap *map,
                               const VerdictStore *store, bool verdict_only)
{
    TypeCachePlan *plan = mem_calloc(1, sizeof *plan);
    plan->program = program;
    plan->map = verdict_only ? map : NULL;
    if (plan->map == NULL) {
        return plan;
    }
    plan->store = store;
    plan->kind = store != NULL ? DIGEST_STRONG : DIGEST_FAST;
    plan->paths = store != NULL ? module_paths_new(program) : NULL;
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

// Takes back what was replayed, before the check says it again.
static void forget_replayed(Module *module, const PlannedModule *planned)
{
    DiagSink *sink = &module->diags;
    while (sink->diags.count > planned->first_diag) {
        const Diag *diag = sink->diags.items[--sink->diags.count];
        if (diag_code_severity(diag->code) == SEVERITY_ERROR) {
            sink->error_count--;
        }
    }
}

static void make_due(TypeCachePlan *plan, uint32_t module_id)
{
    PlannedModule *planned = &plan->modules[module_id];
    if (planned->done || planned->due) {
        return;
    }
    planned->due = true;
    if (planned->hit) {
        forget_replayed(plan->program->modules[module_id], planned);
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
    if (plan->map == NULL || !plan->modules[module_id].hit ||
        plan->modules[module_id].types.len == 0) {
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
    return ok;
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
                 const Digest *key, const Digest *interface_hash)
{
    StrBuf types = {0};
    TypePlaces *places = type_places_new(plan->program);
    if (!stored_types_suit(module) ||
        !stored_types_append(plan->program, places, module, &types)) {
        strbuf_clear(&types);
    }
    plan->store->keep(plan->store->ctx, key, interface_hash,
                      strbuf_str(&types));
    type_places_free(places);
    strbuf_release(&types);
}

void type_cache_store(TypeCachePlan *plan, uint32_t module_id)
{
    if (plan->map == NULL || plan->modules[module_id].hit) {
        return; // checked only because an importer needed it
    }
    PlannedModule *planned = &plan->modules[module_id];
    const Module *module = plan->program->modules[module_id];
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
    CachedVerdict *verdict = make_verdict(module, planned);
    if (verdict == NULL) {
        return;
    }
    if (plan->store != NULL && module->diags.diags.count == 0) {
        keep(plan, module, &key, &planned->interface_hash);
    }
    insert(plan, &key, verdict);
}
