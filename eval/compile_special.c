// Functions that take dictionaries, compiled again for dictionaries that are
// known: top-level ones get slots of their own, local ones are templates that
// are compiled where they are used. Which are compiled depends on the code
// alone, so it shows in no result and no count of steps.
#include <stdlib.h>

#include "support/hash.h"

#include "eval/compile_internal.h"

// Instances inside instances (Show (List (List a))): a recursion may make them
// ever deeper.
#define EVIDENCE_DEPTH_MAX 4u
// A template is compiled where it is used, and what it uses inside of that: so
// a row of local functions of which each calls the last would recurse over all
// of them. But for the first few, templates have code that takes dictionaries
// before anything uses them, and that is used where this many are open.
#define OPEN_TEMPLATES_MAX 4u
// Types that a function is used at can be as many as combinations of them.
#define TEMPLATE_INSTANCES_MAX 32u

// ---- closed evidence

static bool is_closed(Compiler *c, KnownEvidence known, uint32_t depth)
{
    known = evidence_resolve(c, known.evidence, known.context);
    const Evidence *evidence = known.evidence;
    if (evidence->kind == EVIDENCE_DERIVED) {
        return evidence->shape == NULL && evidence->json == NULL;
    }
    if (evidence->kind != EVIDENCE_INSTANCE || depth >= EVIDENCE_DEPTH_MAX) {
        return false;
    }
    for (uint32_t i = 0; i < evidence->arg_count; i++) {
        if (!is_closed(c, (KnownEvidence){evidence->args[i], known.context},
                       depth + 1)) {
            return false;
        }
    }
    return true;
}

static const Evidence *copy_closed(Compiler *c, KnownEvidence known)
{
    known = evidence_resolve(c, known.evidence, known.context);
    if (known.evidence->kind == EVIDENCE_INSTANCE &&
        known.evidence->arg_count == 0) {
        return known.evidence; // it is the program's
    }
    Evidence *copy = arena_copy(c->arena, known.evidence, sizeof *copy);
    copy->args =
        arena_array(c->arena, (size_t)copy->arg_count + 1, sizeof(Evidence *));
    for (uint32_t i = 0; i < copy->arg_count; i++) {
        copy->args[i] = (Evidence *)copy_closed(
            c, (KnownEvidence){known.evidence->args[i], known.context});
    }
    return copy;
}

// `evidence` is closed.
static bool same_evidence(Compiler *c, const Evidence *evidence,
                          KnownEvidence known)
{
    known = evidence_resolve(c, known.evidence, known.context);
    const Evidence *other = known.evidence;
    if (evidence == other) {
        return true;
    }
    if (evidence->kind != other->kind || evidence->module != other->module ||
        evidence->index != other->index || evidence->shape != other->shape ||
        evidence->json != other->json ||
        evidence->arg_count != other->arg_count) {
        return false;
    }
    for (uint32_t i = 0; i < evidence->arg_count; i++) {
        if (!same_evidence(c, evidence->args[i],
                           (KnownEvidence){other->args[i], known.context})) {
            return false;
        }
    }
    return true;
}

// Resolves the callee's evidence, so that this is not done again.
static bool all_closed(Compiler *c, const Callee *callee)
{
    for (uint32_t i = 0; i < callee->evidence_count; i++) {
        KnownEvidence *known = &callee->evidence[i];
        *known = evidence_resolve(c, known->evidence, known->context);
        if (!is_closed(c, *known, 0)) {
            return false;
        }
    }
    return true;
}

static bool all_same(Compiler *c, const Evidence *const *evidence,
                     const Callee *callee)
{
    for (uint32_t i = 0; i < callee->evidence_count; i++) {
        if (!same_evidence(c, evidence[i], callee->evidence[i])) {
            return false;
        }
    }
    return true;
}

static const Evidence **copy_all(Compiler *c, const Callee *callee)
{
    const Evidence **evidence = arena_array(
        c->arena, (size_t)callee->evidence_count + 1, sizeof *evidence);
    for (uint32_t i = 0; i < callee->evidence_count; i++) {
        evidence[i] = copy_closed(c, callee->evidence[i]);
    }
    return evidence;
}

// ---- top-level functions

typedef struct SpecialSlot SpecialSlot;
struct SpecialSlot {
    Slot slot;
    Specialization specialization;
    SpecialSlot *next; // of its bucket
    SpecialSlot *all;  // of the table
    uint32_t hash;
};

struct Specializations {
    SpecialSlot **buckets;
    uint32_t bucket_count; // a power of two
    uint32_t count;
    SpecialSlot *all;
};

Specializations *specializations_new(void)
{
    enum { FIRST_BUCKETS = 16 };
    Specializations *table = mem_calloc(1, sizeof *table);
    table->bucket_count = FIRST_BUCKETS;
    table->buckets = mem_calloc(FIRST_BUCKETS, sizeof *table->buckets);
    return table;
}

void specializations_free(Specializations *table)
{
    if (table == NULL) {
        return;
    }
    for (SpecialSlot *slot = table->all; slot != NULL; slot = slot->all) {
        if (slot->slot.diags != NULL) {
            diag_sink_release(slot->slot.diags);
            free(slot->slot.diags);
        }
    }
    free(table->buckets);
    free(table);
}

static SpecialSlot **bucket_of(const Specializations *table, uint32_t hash)
{
    return &table->buckets[hash & (table->bucket_count - 1)];
}

static void add_special(Specializations *table, SpecialSlot *slot)
{
    if (table->count == table->bucket_count) {
        free(table->buckets);
        table->bucket_count *= 2;
        table->buckets =
            mem_calloc(table->bucket_count, sizeof *table->buckets);
        for (SpecialSlot *old = table->all; old != NULL; old = old->all) {
            SpecialSlot **bucket = bucket_of(table, old->hash);
            old->next = *bucket;
            *bucket = old;
        }
    }
    SpecialSlot **bucket = bucket_of(table, slot->hash);
    slot->next = *bucket;
    *bucket = slot;
    slot->all = table->all;
    table->all = slot;
    table->count++;
}

// Of one whose evidence is resolved.
static uint32_t callee_hash(const Callee *callee)
{
    uint32_t hash = callee->module * 31 + callee->index;
    for (uint32_t i = 0; i < callee->evidence_count; i++) {
        const Evidence *evidence = callee->evidence[i].evidence;
        hash = hash * 31 + evidence->module * 7 + evidence->index;
    }
    return (uint32_t)((hash * HASH_MULTIPLIER) >> 32);
}

static bool is_for(Compiler *c, const Slot *slot, const Callee *callee)
{
    return slot->module == callee->module && slot->index == callee->index &&
           all_same(c, slot->specialization->evidence, callee);
}

static Slot *find_special(Compiler *c, const Callee *callee)
{
    uint32_t hash = callee_hash(callee);
    for (SpecialSlot *slot = *bucket_of(c->specializations, hash); slot != NULL;
         slot = slot->next) {
        if (slot->hash == hash && is_for(c, &slot->slot, callee)) {
            return &slot->slot;
        }
    }
    SpecialSlot *slot = ARENA_NEW(c->arena, SpecialSlot);
    slot->specialization.evidence = copy_all(c, callee);
    slot->specialization.count = callee->evidence_count;
    slot->slot.module = callee->module;
    slot->slot.index = callee->index;
    slot->slot.specialization = &slot->specialization;
    slot->hash = hash;
    add_special(c->specializations, slot);
    return &slot->slot;
}

Slot *specialized_slot(Compiler *c, const Callee *callee)
{
    if (callee->evidence_count == 0 || c->evaluation->plain) {
        return NULL;
    }
    Slot *last = c->memory->special;
    if (last != NULL && callee->evidence_count == last->specialization->count &&
        is_for(c, last, callee)) {
        return last;
    }
    const Module *module = c->program->modules[callee->module];
    const Binding *binding = &module->bindings[callee->index];
    const Note *note =
        note_find(&module->notes, binding->note, NOTE_GENERALISED);
    if (note == NULL || note->as.generalised.count != callee->evidence_count ||
        binding->value == NULL || !is_lambda(binding->value) ||
        !all_closed(c, callee)) {
        return NULL;
    }
    c->memory->special = find_special(c, callee);
    return c->memory->special;
}

// ---- local functions

typedef struct Instance Instance;
struct Instance {
    const Evidence *const *evidence; // NULL: takes dictionaries
    Code *code;                      // NULL while it is being compiled
    FunctionState *state;            // says what it captures
    LocalInfo self;
    Instance *next;
};

struct Template {
    const Bind *bind;
    Context *context;
    Instance *general;   // that takes dictionaries, or NULL
    Instance *instances; // the others, newest first
    uint32_t instance_count;
    uint32_t compiling; // instances being compiled
};

static void set_evidence(const Context *context, const Note *note,
                         const KnownEvidence *evidence)
{
    for (uint32_t i = 0; i < note->as.generalised.count; i++) {
        context->locals[note->as.generalised.locals[i]] =
            (LocalInfo){.kind = LOCAL_EVIDENCE,
                        .evidence = evidence[i].evidence,
                        .context = evidence[i].context};
    }
}

static void compile_instance_code(Compiler *c, Template *template_,
                                  Instance *instance, const Note *note)
{
    const Bind *bind = template_->bind;
    const Function *function =
        is_lambda(&bind->value) ? bind->value.as.lambda : NULL;
    Context *outer = c->context;
    Context *context = template_->context;
    size_t bytes =
        ((size_t)context->binding->local_count + 1) * sizeof(LocalInfo);
    LocalInfo *saved = NULL;
    if (template_->compiling > 0) {
        // The same locals are in use by another instance of the function.
        saved = arena_copy(c->scratch, context->locals, bytes);
    }
    template_->compiling++;
    c->open_templates++;
    c->context = context;
    instance->self = (LocalInfo){
        .kind = LOCAL_SELF,
        .arity = (function != NULL ? function->param_count : 0) +
                 (instance->evidence == NULL ? note->as.generalised.count : 0)};
    instance->code = compile_function(
        c, function, function != NULL ? &function->body : &bind->value,
        instance->evidence == NULL ? note : NULL,
        symbol_text(c->program->interner, bind->name), &instance->self, NULL,
        &instance->state);
    c->context = outer;
    c->open_templates--;
    template_->compiling--;
    if (saved != NULL) {
        memcpy(context->locals, saved, bytes);
    }
}

static Instance *general_instance(Compiler *c, Template *template_,
                                  const Note *note)
{
    if (template_->general == NULL) {
        template_->general = ARENA_NEW(c->scratch, Instance);
        compile_instance_code(c, template_, template_->general, note);
    }
    return template_->general;
}

// Whether no more code of its own is made for a use of the template.
static bool use_general(const Compiler *c, const Template *template_)
{
    return template_->instance_count >= TEMPLATE_INSTANCES_MAX ||
           (template_->general != NULL &&
            c->open_templates >= OPEN_TEMPLATES_MAX);
}

static Instance *instance_for(Compiler *c, Template *template_,
                              const Callee *callee, const Note *note)
{
    bool closed = callee->evidence_count == note->as.generalised.count &&
                  is_lambda(&template_->bind->value) && all_closed(c, callee);
    if (!closed) {
        return general_instance(c, template_, note);
    }
    for (Instance *i = template_->instances; i != NULL; i = i->next) {
        if (all_same(c, i->evidence, callee)) {
            return i;
        }
    }
    if (use_general(c, template_)) {
        return general_instance(c, template_, note);
    }
    Instance *instance = ARENA_NEW(c->scratch, Instance);
    instance->next = template_->instances;
    template_->instances = instance;
    template_->instance_count++;
    instance->evidence = copy_all(c, callee);
    KnownEvidence *known = arena_array(
        c->scratch, (size_t)callee->evidence_count + 1, sizeof *known);
    for (uint32_t i = 0; i < callee->evidence_count; i++) {
        known[i] = (KnownEvidence){instance->evidence[i], template_->context};
    }
    set_evidence(template_->context, note, known);
    compile_instance_code(c, template_, instance, note);
    return instance;
}

static const Note *template_note(const Template *template_)
{
    return note_find(template_->context->notes, template_->bind->note,
                     NOTE_GENERALISED);
}

void template_bind(Compiler *c, const Bind *bind)
{
    Template *template_ = ARENA_NEW(c->scratch, Template);
    template_->bind = bind;
    template_->context = c->context;
    *local_info(c, bind->local) = (LocalInfo){
        .kind = LOCAL_TEMPLATE, .fn = c->fn, .template_ = template_};
    if (++c->templates > OPEN_TEMPLATES_MAX) {
        (void)general_instance(c, template_, template_note(template_));
    }
}

// A value that takes dictionaries is made where it is used.
static uint32_t compile_value_here(Compiler *c, Template *template_,
                                   const Callee *callee, const Note *note)
{
    uint32_t reg = register_new(c);
    Context *outer = c->context;
    template_->instance_count++;
    c->open_templates++;
    set_evidence(template_->context, note, callee->evidence);
    c->context = template_->context;
    compile_expr(c, &template_->bind->value, reg);
    c->context = outer;
    c->open_templates--;
    return reg;
}

Callee template_callee(Compiler *c, const Callee *callee)
{
    Template *template_ = callee->local->template_;
    const Note *note = template_note(template_);
    bool is_value = !is_lambda(&template_->bind->value);
    if (is_value && !use_general(c, template_) &&
        callee->evidence_count == note->as.generalised.count) {
        return (Callee){.kind = CALLEE_REGISTER,
                        .reg = compile_value_here(c, template_, callee, note)};
    }
    Instance *instance = instance_for(c, template_, callee, note);
    Callee result = *callee;
    result.kind = CALLEE_REGISTER;
    result.local = NULL;
    if (instance->evidence != NULL) {
        result.evidence_count = 0;
    }
    if (instance->code == NULL) {
        result.local = &instance->self; // inside itself
    } else {
        result.reg = register_new(c);
        emit_closure(c, instance->code, instance->state, result.reg);
    }
    return result;
}
