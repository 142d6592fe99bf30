// Which bindings have a twin in the text, and their keys.
#include "eval/fingerprint.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "concurrent/atomics.h"
#include "support/die.h"

typedef enum KeyState { KEY_UNKNOWN, KEY_WRITING, KEY_KNOWN } KeyState;

typedef enum TwinState { TWIN_UNKNOWN, TWIN_NO, TWIN_YES } TwinState;

// The key of a binding group.
typedef struct GroupKey {
    _Atomic(uint32_t) twin;  // TwinState; relaxed: anyone finds out the same
    _Atomic(uint32_t) state; // KeyState; KNOWN with release
    Hash128 key;             // written by whoever made it WRITING
} GroupKey;

struct Fingerprints {
    const Program *program;
    GroupKey *groups;       // of all modules
    uint32_t *first_groups; // by module: where its groups begin there
    // Hashes of the texts of all bindings, open addressing; the lowest bit
    // says that the text occurs more than once. 0 is empty. Relaxed: read
    // once all are there.
    _Atomic(uint64_t) *texts;
    uint64_t text_mask;
};

// What could be equal to another binding.
static bool is_candidate(const Module *module, const Binding *binding)
{
    return !module->is_std && !module->is_data && module->stored == NULL &&
           binding->value != NULL &&
           (binding->kind == BINDING_LET || binding->kind == BINDING_RESULT) &&
           (binding->value->flags & EXPR_CLOSED) == 0;
}

// Equal for equal texts; of a long one only samples count, as what differs
// elsewhere is told apart by its code.
static Hash128 sampled_hash(Str text)
{
    enum { SAMPLES = 32, SAMPLE_BYTES = 64 };
    char samples[SAMPLES * SAMPLE_BYTES];
    if (text.len <= 4 * sizeof samples) {
        return hash128(text);
    }
    size_t stride = (text.len - SAMPLE_BYTES) / (SAMPLES - 1);
    for (size_t i = 0; i < SAMPLES; i++) {
        memcpy(samples + i * SAMPLE_BYTES, text.data + i * stride,
               SAMPLE_BYTES);
    }
    return hash128_combine(hash128(str_make(samples, sizeof samples)),
                           (Hash128){text.len, 0});
}

static uint64_t text_hash(const Module *module, const Binding *binding)
{
    Span span = binding->value->span;
    uint64_t hash =
        sampled_hash(str_slice(module->source.text, span.start, span.end)).low;
    return (hash | 2) & ~UINT64_C(1);
}

static void count_text(const Fingerprints *f, uint64_t hash)
{
    for (uint64_t at = (hash >> 1) & f->text_mask;;
         at = (at + 1) & f->text_mask) {
        uint64_t found = load_relaxed(&f->texts[at]);
        if (found == 0 && cas_acq_rel(&f->texts[at], &found, hash)) {
            return;
        }
        if ((found & ~UINT64_C(1)) == hash) {
            store_relaxed(&f->texts[at], hash | 1);
            return;
        }
    }
}

static bool has_twin(const Fingerprints *f, const Module *module,
                     const Binding *binding)
{
    if (!is_candidate(module, binding)) {
        return false;
    }
    uint64_t hash = text_hash(module, binding);
    uint64_t at = (hash >> 1) & f->text_mask;
    uint64_t found;
    while (((found = load_relaxed(&f->texts[at])) & ~UINT64_C(1)) != hash) {
        assert(found != 0);
        at = (at + 1) & f->text_mask;
    }
    return (found & 1) != 0;
}

static void count_texts(void *ctx, uint64_t begin, uint64_t end, Worker *worker)
{
    (void)worker;
    const Fingerprints *f = ctx;
    for (uint64_t m = begin; m < end; m++) {
        const Module *module = f->program->modules[m];
        for (uint32_t i = 0; i < module->binding_count; i++) {
            if (is_candidate(module, &module->bindings[i])) {
                count_text(f, text_hash(module, &module->bindings[i]));
            }
        }
    }
}

Fingerprints *fingerprints_new(const Program *program, Worker *worker)
{
    Fingerprints *f = mem_calloc(1, sizeof *f);
    f->program = program;
    f->first_groups =
        mem_calloc(program->module_count + 1, sizeof *f->first_groups);
    uint64_t count = 0;
    uint32_t groups = 0;
    for (uint32_t m = 0; m < program->module_count; m++) {
        const Module *module = program->modules[m];
        count += module->is_std ? 0 : module->binding_count;
        f->first_groups[m] = groups;
        groups += module->group_count;
    }
    f->groups = mem_calloc((size_t)groups + 1, sizeof *f->groups);
    uint64_t capacity = 16;
    while (capacity < 2 * count) {
        capacity *= 2;
    }
    f->texts = mem_calloc(capacity, sizeof *f->texts);
    f->text_mask = capacity - 1;
    enum { MODULES_AT_ONCE = 64 };
    parallel_for(worker, NULL, program->module_count, MODULES_AT_ONCE,
                 count_texts, f);
    return f;
}

void fingerprints_free(Fingerprints *f)
{
    if (f == NULL) {
        return;
    }
    free(f->groups);
    free(f->first_groups);
    free(f->texts);
    free(f);
}

// ---- keys of groups

typedef struct GroupRef {
    uint32_t module;
    uint32_t group;
} GroupRef;

// A group whose references are being looked at.
typedef struct GroupFrame {
    GroupRef ref;
    uint32_t member;
    uint32_t next; // reference of that member
} GroupFrame;

typedef VEC(GroupFrame) GroupStack;

static const BindingGroup *group_of(const Fingerprints *f, GroupRef ref)
{
    return &f->program->modules[ref.module]->groups[ref.group];
}

static GroupKey *key_of(const Fingerprints *f, GroupRef ref)
{
    return &f->groups[f->first_groups[ref.module] + ref.group];
}

static bool is_known(const Fingerprints *f, GroupRef ref)
{
    // Acquire: pairs with the release in publish().
    return load_acquire(&key_of(f, ref)->state) == KEY_KNOWN;
}

static GroupRef ref_to(const Fingerprints *f, uint32_t module, uint32_t index)
{
    return (GroupRef){module,
                      program_binding(f->program, module, index)->group};
}

// Place of a binding among the members of its group.
static uint32_t member_number(const BindingGroup *group, uint32_t index)
{
    uint32_t low = 0;
    uint32_t high = group->member_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (group->members[middle] <= index) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

typedef struct GroupText {
    const Fingerprints *f;
    GroupRef self;
} GroupText;

enum { REF_OF_GROUP, REF_BY_KEY, REF_BY_PLACE };

static void append_ref(void *ctx, StrBuf *out, uint32_t module, uint32_t index)
{
    const GroupText *text = ctx;
    const Fingerprints *f = text->f;
    GroupRef ref = ref_to(f, module, index);
    uint32_t number = member_number(group_of(f, ref), index);
    if (ref.module == text->self.module && ref.group == text->self.group) {
        strbuf_append_char(out, REF_OF_GROUP);
    } else if (is_known(f, ref)) {
        strbuf_append_char(out, REF_BY_KEY);
        strbuf_append(
            out, str_make((const char *)&key_of(f, ref)->key, sizeof(Hash128)));
    } else {
        // No twin, so that it is equal to nothing but itself.
        strbuf_append_char(out, REF_BY_PLACE);
        strbuf_append(out, str_make((const char *)&ref.module, 4));
        number = index;
    }
    strbuf_append(out, str_make((const char *)&number, 4));
}

static Hash128 group_hash(const Fingerprints *f, GroupRef ref)
{
    const BindingGroup *group = group_of(f, ref);
    StrBuf code = {0};
    GroupText text = {f, ref};
    FingerprintWriter writer = {.out = &code,
                                .notes =
                                    &f->program->modules[ref.module]->notes,
                                .append_ref = append_ref,
                                .ctx = &text};
    for (uint32_t i = 0; i < group->member_count; i++) {
        fingerprint_append_binding(
            &writer,
            program_binding(f->program, ref.module, group->members[i]));
    }
    Hash128 hash = hash128(strbuf_str(&code));
    strbuf_release(&code);
    return hash;
}

static void publish(const Fingerprints *f, GroupRef ref, Hash128 hash)
{
    GroupKey *key = key_of(f, ref);
    uint32_t expected = KEY_UNKNOWN;
    if (cas_acq_rel(&key->state, &expected, KEY_WRITING)) {
        key->key = hash;
        // Release: pairs with the acquire in is_known().
        store_release(&key->state, KEY_KNOWN);
        return;
    }
    // Another worker writes the same two words at this moment.
    while (!is_known(f, ref)) {
        cpu_relax();
    }
}

static bool group_has_twin(const Fingerprints *f, GroupRef ref)
{
    GroupKey *key = key_of(f, ref);
    uint32_t known = load_relaxed(&key->twin);
    if (known != TWIN_UNKNOWN) {
        return known == TWIN_YES;
    }
    const Module *module = f->program->modules[ref.module];
    const BindingGroup *group = group_of(f, ref);
    bool all = true;
    for (uint32_t i = 0; i < group->member_count && all; i++) {
        all = has_twin(f, module, &module->bindings[group->members[i]]);
    }
    store_relaxed(&key->twin, (uint32_t)(all ? TWIN_YES : TWIN_NO));
    return all;
}

// The next group that `frame` refers to and whose key must come first.
static bool next_missing(const Fingerprints *f, GroupFrame *frame,
                         GroupRef *out_ref)
{
    const BindingGroup *group = group_of(f, frame->ref);
    for (; frame->member < group->member_count; frame->member++) {
        const Binding *binding = program_binding(f->program, frame->ref.module,
                                                 group->members[frame->member]);
        while (frame->next < binding->ref_count) {
            const BindingRef *to = &binding->refs[frame->next++];
            GroupRef ref = ref_to(f, to->module, to->index);
            bool own = ref.module == frame->ref.module &&
                       ref.group == frame->ref.group;
            if (!own && !is_known(f, ref) && group_has_twin(f, ref)) {
                *out_ref = ref;
                return true;
            }
        }
        frame->next = 0;
    }
    return false;
}

// Groups refer to each other without cycles; the stack is our own, since a
// chain may be as long as the program.
static void make_key(const Fingerprints *f, GroupRef ref)
{
    GroupStack stack = {0};
    vec_push(&stack, (GroupFrame){.ref = ref});
    while (stack.count > 0) {
        GroupRef missing;
        if (next_missing(f, &vec_last(&stack), &missing)) {
            vec_push(&stack, (GroupFrame){.ref = missing});
        } else {
            GroupRef done = vec_pop(&stack).ref;
            publish(f, done, group_hash(f, done));
        }
    }
    vec_release(&stack);
}

bool fingerprint_binding(Fingerprints *f, uint32_t module, uint32_t index,
                         Hash128 *out_key)
{
    GroupRef ref = ref_to(f, module, index);
    if (!is_known(f, ref)) {
        if (!group_has_twin(f, ref)) {
            return false;
        }
        make_key(f, ref);
    }
    uint64_t number = member_number(group_of(f, ref), index);
    *out_key = hash128_combine(key_of(f, ref)->key, (Hash128){number, 0});
    return true;
}

// ---- cost

static void find_cost(Expr *expr, void *ctx)
{
    bool *found = ctx;
    *found = *found || fingerprint_has_cost(expr);
}

bool fingerprint_has_cost(const Expr *expr)
{
    if ((expr->flags & EXPR_CLOSED) != 0 || expr->kind == EXPR_LAMBDA) {
        return false;
    }
    if (expr->kind == EXPR_COMPREHENSION ||
        (expr->kind == EXPR_CALL && expr->as.call.parts[0].kind != EXPR_CTOR) ||
        (expr->kind == EXPR_CHAIN &&
         expr->as.chain.operands[1].op == OP_PIPE)) {
        return true;
    }
    bool found = false;
    // The visitor takes what the parser writes; nothing is written here.
    ast_visit_children((Expr *)(uintptr_t)expr, find_cost, &found);
    return found;
}
