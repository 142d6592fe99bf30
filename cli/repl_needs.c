#include "cli/repl_needs.h"

#include "syntax/byte_class.h"

void repl_needs_release(ReplNeeds *needs)
{
    for (uint32_t i = 0; i < needs->inputs.count; i++) {
        vec_release(&needs->inputs.items[i].mentions);
    }
    vec_release(&needs->inputs);
    vec_release(&needs->names);
    ptr_map_release(&needs->latest);
}

// ---- names

static void note_mentions(Str text, NameHashes *out)
{
    for (size_t at = 0; at < text.len;) {
        size_t start = at;
        while (at < text.len && byte_is(text.data[at], BYTE_IDENT)) {
            at++;
        }
        if (at > start && byte_is(text.data[start], BYTE_START)) {
            vec_push(out, hash128(str_slice(text, start, at)));
        }
        at += at == start;
    }
}

static void declare(ReplNeeds *needs, const Interner *interner, Symbol name)
{
    Hash128 hash = hash128(symbol_text(interner, name));
    void **latest = ptr_map_at(&needs->latest, (uintptr_t)hash.low | 1,
                               (uintptr_t)hash.high);
    vec_push(&needs->names,
             (NeedsName){.input = needs->inputs.count,
                         .before = (uint32_t)(uintptr_t)*latest});
    *latest = (void *)(uintptr_t)needs->names.count;
}

// The latest input before `input` that declares the name; INDEX_NONE: none.
static uint32_t find_declared(const ReplNeeds *needs, Hash128 hash,
                              uint32_t input)
{
    void *latest = ptr_map_find(&needs->latest, (uintptr_t)hash.low | 1,
                                (uintptr_t)hash.high);
    uint32_t at = (uint32_t)(uintptr_t)latest;
    while (at != 0 && needs->names.items[at - 1].input >= input) {
        at = needs->names.items[at - 1].before;
    }
    return at != 0 ? needs->names.items[at - 1].input : INDEX_NONE;
}

// ---- inputs

// True where it brings what has no name.
static bool declare_all(ReplNeeds *needs, const Interner *interner,
                        const Decl *decl)
{
    switch ((DeclKind)decl->kind) {
    case DECL_LET:
        for (uint32_t i = 0; i < decl->as.let.count; i++) {
            declare(needs, interner, decl->as.let.binds[i].name);
        }
        return false;
    case DECL_INPUT:
        declare(needs, interner, decl->as.input->name);
        return false;
    case DECL_TYPE:
        declare(needs, interner, decl->as.type->name);
        for (uint32_t i = 0; i < decl->as.type->ctor_count; i++) {
            declare(needs, interner, decl->as.type->ctors[i].name);
        }
        return false;
    case DECL_CLASS:
        declare(needs, interner, decl->as.class_->name);
        for (uint32_t i = 0; i < decl->as.class_->method_count; i++) {
            declare(needs, interner, decl->as.class_->methods[i].name);
        }
        return false;
    case DECL_INSTANCE:
    case DECL_IMPORT:
    case DECL_EXPORT:
    case DECL_ERROR:
        break;
    }
    return true;
}

void repl_needs_add(ReplNeeds *needs, const Module *module,
                    const Interner *interner)
{
    NeedsInput input = {.always = module == NULL};
    if (module != NULL) {
        note_mentions(module->source.text, &input.mentions);
        for (uint32_t i = 0; i < module->ast.decl_count; i++) {
            input.always |= declare_all(needs, interner, &module->ast.decls[i]);
        }
    }
    vec_push(&needs->inputs, input);
}

// ---- what is needed

typedef VEC(uint32_t) InputVec;

static void need(InputVec *waiting, bool *needed, uint32_t input)
{
    if (input != INDEX_NONE && !needed[input]) {
        needed[input] = true;
        vec_push(waiting, input);
    }
}

static void need_all(const ReplNeeds *needs, const NameHashes *mentions,
                     uint32_t input, InputVec *waiting, bool *needed)
{
    for (uint32_t i = 0; i < mentions->count; i++) {
        need(waiting, needed, find_declared(needs, mentions->items[i], input));
    }
}

void repl_needs_find(const ReplNeeds *needs, Str text, uint32_t latest,
                     bool *out_needed)
{
    InputVec waiting = {0};
    NameHashes mentions = {0};
    note_mentions(text, &mentions);
    need_all(needs, &mentions, needs->inputs.count, &waiting, out_needed);
    for (uint32_t i = 0; i < needs->inputs.count; i++) {
        if (needs->inputs.items[i].always ||
            needs->inputs.count - i <= latest) {
            need(&waiting, out_needed, i);
        }
    }
    while (waiting.count > 0) {
        uint32_t input = vec_pop(&waiting);
        need_all(needs, &needs->inputs.items[input].mentions, input, &waiting,
                 out_needed);
    }
    vec_release(&mentions);
    vec_release(&waiting);
}
