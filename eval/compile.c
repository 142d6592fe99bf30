// The entry of the compiler, and what all its files build on: instructions,
// labels, registers, constants, function states.
#include "eval/compile_internal.h"

#include <assert.h>

#include "eval/expr_cache.h"

// ---- instructions

// Notes the span of the instruction that comes next.
static inline void note_span(Compiler *c, FunctionState *fn)
{
    if (fn->last_span.start != c->span.start ||
        fn->last_span.end != c->span.end) {
        fn->last_span = c->span;
        vec_push(&fn->out.spans, (CodeSpan){fn->out.words.count, c->span});
    }
}

// Without a span: for what cannot fail.
static inline void emit_quiet(Compiler *c, uint64_t word)
{
    vec_push(&c->fn->out.words, word);
}

static inline void emit(Compiler *c, uint64_t word)
{
    note_span(c, c->fn);
    vec_push(&c->fn->out.words, word);
}

void emit_op(Compiler *c, Op op, uint32_t a, uint32_t b, uint32_t d)
{
    emit(c, code_word(op, a, b, d));
}

void emit_op2(Compiler *c, Op op, uint32_t a, uint32_t b, uint32_t d,
              uint32_t low, uint32_t high)
{
    FunctionState *fn = c->fn;
    note_span(c, fn);
    vec_reserve(&fn->out.words, 2);
    uint64_t *words = &fn->out.words.items[fn->out.words.count];
    words[0] = code_word(op, a, b, d);
    words[1] = code_pair(low, high);
    fn->out.words.count += 2;
}

void emit_wide(Compiler *c, Op op, uint32_t a, uint32_t wide)
{
    emit(c, code_wide(op, a, wide));
}

void emit_move(Compiler *c, uint32_t to, uint32_t from)
{
    if (to != from) {
        emit_quiet(c, code_word(OP_MOVE, to, from, 0));
    }
}

void emit_const(Compiler *c, uint32_t to, Value value)
{
    bool plain = c->origins == NULL;
    if (plain && value.tag == VALUE_INT &&
        value.as.integer == (int32_t)value.as.integer) {
        emit_quiet(c, code_wide(OP_INT, to, (uint32_t)value.as.integer));
        return;
    }
    if (plain && value.tag == VALUE_BOOL) {
        emit_quiet(c, code_word(OP_BOOL, to, value.as.boolean, 0));
        return;
    }
    vec_push(&c->fn->out.constants, value);
    emit_quiet(c, code_wide(OP_CONST, to, c->fn->out.constants.count - 1));
}

void emit_return(Compiler *c, uint32_t reg)
{
    emit_op(c, OP_RETURN, reg, 0, 0);
}

// ---- labels

static void jump_patch(FunctionState *fn, uint32_t at, uint32_t place)
{
    uint64_t *word = &fn->out.words.items[at];
    *word = (uint32_t)*word | (uint64_t)(uint32_t)(place - at) << 32;
}

// The word at `at` holds a jump to `label`.
static void label_use(Compiler *c, uint32_t at, Label *label)
{
    if (label->place != UINT32_MAX) {
        jump_patch(c->fn, at, label->place);
        return;
    }
    uint64_t *word = &c->fn->out.words.items[at];
    *word = (uint32_t)*word | (uint64_t)label->chain << 32;
    label->chain = at + 1;
}

void emit_jump(Compiler *c, Op op, uint32_t a, Label *label)
{
    emit_wide(c, op, a, 0);
    label_use(c, c->fn->out.words.count - 1, label);
}

void emit_jump2(Compiler *c, Op op, uint32_t a, uint32_t b, uint32_t d,
                uint32_t low, Label *label)
{
    emit_op2(c, op, a, b, d, low, 0);
    label_use(c, c->fn->out.words.count - 1, label);
}

void label_place(Compiler *c, Label *label)
{
    FunctionState *fn = c->fn;
    uint32_t place = fn->out.words.count;
    for (uint32_t chain = label->chain; chain != 0;) {
        uint32_t at = chain - 1;
        chain = (uint32_t)(fn->out.words.items[at] >> 32);
        jump_patch(fn, at, place);
    }
    label->place = place;
    label->chain = 0;
}

uint32_t pointer_index(Compiler *c, const void *pointer)
{
    enum { COUNT = sizeof c->memory->guesses / sizeof(uint32_t) };
    uint32_t *guess = &c->memory->guesses[((uintptr_t)pointer >> 3) % COUNT];
    FunctionState *fn = c->fn;
    if (*guess >= fn->out.pointers.count ||
        fn->out.pointers.items[*guess] != pointer) {
        *guess = fn->out.pointers.count;
        vec_push(&fn->out.pointers, pointer);
    }
    return *guess;
}

// ---- registers

uint32_t registers_new(Compiler *c, uint32_t count)
{
    FunctionState *fn = c->fn;
    uint32_t first = fn->next_register;
    if (count > REGISTER_MAX || first + count > REGISTER_MAX) {
        c->too_large = true; // the code is thrown away
        return first;
    }
    fn->next_register += count;
    if (fn->next_register > fn->register_count) {
        fn->register_count = fn->next_register;
    }
    return first;
}

uint32_t register_new(Compiler *c)
{
    return registers_new(c, 1);
}

// ---- constructors and contexts

const CtorInfo *compiler_ctor(const Compiler *c, uint32_t module,
                              uint32_t index)
{
    return &c->evaluation->ctors[module][index];
}

const CtorInfo *prelude_ctor(const Compiler *c, Symbol name)
{
    const Module *prelude = c->program->modules[MODULE_PRELUDE];
    for (uint32_t i = 0; i < prelude->ctor_count; i++) {
        if (prelude->ctors[i].name == name) {
            return compiler_ctor(c, MODULE_PRELUDE, i);
        }
    }
    UNREACHABLE();
}

Context *context_new(Compiler *c, uint32_t module, uint32_t index)
{
    Context *context = ARENA_NEW(c->scratch, Context);
    context->module = c->program->modules[module];
    context->binding = &context->module->bindings[index];
    context->notes = &context->module->notes;
    context->locals =
        arena_zalloc(c->scratch, ((size_t)context->binding->local_count + 1) *
                                     sizeof(LocalInfo));
    const Expr *value = context->binding->value;
    if (context->binding->kind == BINDING_HIDDEN && value != NULL &&
        value->kind == EXPR_LAMBDA) {
        context->value_local = value->as.lambda->params[0].local;
    }
    return context;
}

// ---- functions

static void buffers_release(CodeBuffers *buffers)
{
    vec_release(&buffers->words);
    vec_release(&buffers->constants);
    vec_release(&buffers->pointers);
    vec_release(&buffers->spans);
    vec_release(&buffers->asks);
}

// Keeps the memory for the next function, unless it is large.
static void buffers_give_back(CompileMemory *memory, CodeBuffers *buffers)
{
    enum { KEPT_COUNT = 16, KEPT_WORDS = 16384 };
    if (memory->spare.count == KEPT_COUNT ||
        buffers->words.capacity > KEPT_WORDS) {
        buffers_release(buffers);
        return;
    }
    vec_clear(&buffers->words);
    vec_clear(&buffers->constants);
    vec_clear(&buffers->pointers);
    vec_clear(&buffers->spans);
    vec_clear(&buffers->asks);
    vec_push(&memory->spare, *buffers);
}

static FunctionState *begin_in(Compiler *c, Str name, Arena *arena)
{
    FunctionState *fn = ARENA_NEW(c->scratch, FunctionState);
    if (c->memory->spare.count > 0) {
        fn->out = vec_pop(&c->memory->spare);
    }
    fn->parent = c->fn;
    fn->arena = arena;
    fn->last_span = (Span){UINT32_MAX, 0};
    fn->code = ARENA_NEW(arena, Code);
    fn->code->name = name;
    const Module *module = c->program->modules[c->slot->module];
    // A part of a binding may be the default of an input that is given: that
    // stands in the module, whatever the value comes from.
    fn->code->source =
        c->may_be_open
            ? &module->source
            : binding_source(module, &module->bindings[c->slot->index]);
    fn->code->is_std = module->is_std;
    c->fn = fn;
    fn->older = c->states;
    c->states = fn;
    return fn;
}

FunctionState *function_begin(Compiler *c, Str name)
{
    return begin_in(c, name, c->arena);
}

static const void *copy_items(Arena *arena, const void *items, size_t bytes)
{
    return bytes == 0 ? NULL : arena_copy(arena, items, bytes);
}

// A function without captures that calls itself more than once repeats its
// work where calls have equal arguments: such calls go through the expression
// cache, which looks at scalars only and gives up where it does not pay.
static void remember_calls(const Compiler *c, FunctionState *fn, uint32_t arity)
{
    if (c->evaluation->expression_cache == NULL || fn->captures.count > 0 ||
        arity == 0 || arity > EXPR_CACHE_MAX_ARGS) {
        return;
    }
    uint64_t *words = fn->out.words.items;
    for (uint32_t at = 0; fn->self_calls > 1 && at < fn->out.words.count;
         at += op_words(code_op(words[at]))) {
        if (code_op(words[at]) == OP_CALL_SELF) {
            // The operation is the lowest part of the word.
            words[at] += OP_CALL_SELF_MEMO - OP_CALL_SELF;
        }
    }
}

Code *function_end(Compiler *c, uint32_t arity)
{
    FunctionState *fn = c->fn;
    Code *code = fn->code;
    remember_calls(c, fn, arity);
    code->arity = arity;
    code->register_count = fn->register_count;
    code->word_count = fn->out.words.count;
    code->words = copy_items(fn->arena, fn->out.words.items,
                             fn->out.words.count * sizeof(uint64_t));
    code->constant_count = fn->out.constants.count;
    code->constants = copy_items(fn->arena, fn->out.constants.items,
                                 fn->out.constants.count * sizeof(Value));
    code->pointer_count = fn->out.pointers.count;
    code->pointers = copy_items(fn->arena, fn->out.pointers.items,
                                fn->out.pointers.count * sizeof(void *));
    code->span_count = fn->out.spans.count;
    code->spans = copy_items(fn->arena, fn->out.spans.items,
                             fn->out.spans.count * sizeof(CodeSpan));
    code->ask_count = fn->out.asks.count;
    code->asks = copy_items(fn->arena, fn->out.asks.items,
                            fn->out.asks.count * sizeof(CodeAsk));
    if (fn->cache_count > 0) {
        code->caches =
            arena_array(fn->arena, fn->cache_count, sizeof(_Atomic(uint64_t)));
        for (uint32_t i = 0; i < fn->cache_count; i++) {
            store_relaxed(&code->caches[i], 0);
        }
    }
    buffers_give_back(c->memory, &fn->out);
    c->fn = fn->parent;
    return code;
}

static void *append(char **at, const void *items, size_t bytes)
{
    void *copy = *at;
    if (bytes > 0) {
        memcpy(copy, items, bytes);
    }
    *at += bytes;
    return copy;
}

// A copy of the code with its tables, in one block.
static Code *code_block(const Code *from, uint32_t cache_count)
{
    size_t words = from->word_count * sizeof *from->words;
    size_t constants = from->constant_count * sizeof *from->constants;
    size_t pointers = from->pointer_count * sizeof *from->pointers;
    size_t asks = from->ask_count * sizeof *from->asks;
    size_t caches = cache_count * sizeof *from->caches;
    size_t spans = from->span_count * sizeof *from->spans;
    Code *code = mem_alloc(sizeof *code + words + constants + pointers + asks +
                           caches + spans);
    memcpy(code, from, sizeof *code);
    char *at = (char *)(code + 1);
    code->words = append(&at, from->words, words);
    code->constants = append(&at, from->constants, constants);
    code->pointers = append(&at, (const void *)from->pointers, pointers);
    code->asks = append(&at, from->asks, asks);
    code->caches = append(&at, (const void *)from->caches, caches);
    code->spans = append(&at, from->spans, spans); // aligned to four bytes
    code->in_block = true;
    return code;
}

Value function_constant(Compiler *c, const Code *code)
{
    FunctionObject *object = arena_alloc(c->arena, sizeof *object);
    object->header = object_header(VALUE_FUNCTION, sizeof *object);
    object->code = code;
    object->captured_count = 0;
    object->reserved = 0;
    return (Value){.tag = VALUE_FUNCTION, .as.function = object};
}

// ---- the entry

static Str binding_name(const Compiler *c, const Binding *binding)
{
    if (binding->kind == BINDING_RESULT || binding->name == 0) {
        return STR("the result");
    }
    return symbol_text(c->program->interner, binding->name);
}

static const Code *compile_value(Compiler *c, const Binding *binding)
{
    const Note *generalised =
        note_find(c->context->notes, binding->note, NOTE_GENERALISED);
    const Specialization *special = c->slot->specialization;
    for (uint32_t i = 0; special != NULL && i < special->count; i++) {
        c->context->locals[generalised->as.generalised.locals[i]] =
            (LocalInfo){.kind = LOCAL_EVIDENCE,
                        .evidence = special->evidence[i],
                        .context = c->context};
    }
    if (special != NULL) {
        generalised = NULL;
    }
    const Expr *value = binding->value;
    Str name = binding_name(c, binding);
    bool checked = generalised == NULL && binding_awaits_check(binding);
    if ((is_lambda(value) && !checked) || generalised != NULL) {
        FunctionState *fn;
        const Function *function = is_lambda(value) ? value->as.lambda : NULL;
        Code *code = compile_function(
            c, function, function != NULL ? &function->body : value,
            generalised, name, NULL, c->slot, &fn);
        assert(fn->captures.count == 0);
        code->function = function_constant(c, code).as.function;
        return code;
    }
    FunctionState *fn = begin_in(c, name, c->runs_once ? c->scratch : c->arena);
    c->span = binding->kind == BINDING_RESULT || binding->data != NULL
                  ? value->span
                  : binding->name_span;
    c->may_part = binding->kind != BINDING_HIDDEN;
    // Not in tail position: the frame marks where the binding begins.
    uint32_t reg = register_new(c);
    compile_expr(c, value, reg);
    origin_binding(c, binding, reg);
    emit_return(c, reg);
    Code *code = function_end(c, 0);
    return c->runs_once && !c->too_large ? code_block(code, fn->cache_count)
                                         : code;
}

CompileMemory *compile_memory_new(void)
{
    CompileMemory *memory = mem_calloc(1, sizeof *memory);
    arena_init(&memory->scratch);
    return memory;
}

void compile_memory_free(CompileMemory *memory)
{
    if (memory == NULL) {
        return;
    }
    for (uint32_t i = 0; i < memory->spare.count; i++) {
        buffers_release(&memory->spare.items[i]);
    }
    vec_release(&memory->spare);
    arena_release(&memory->scratch);
    free(memory);
}

void compiler_begin(Compiler *c, Evaluation *evaluation,
                    const CompileTarget *target, Slot *slot)
{
    *c = (Compiler){
        .evaluation = evaluation,
        .program = evaluation->program,
        .arena = target->arena,
        .heap = target->heap,
        .specializations = target->specializations,
        // Equal constants come from several places.
        .constants = evaluation->origins == NULL ? target->constants : NULL,
        .defaults = target->constants,
        .worker = target->worker,
        .origins = evaluation->origins,
        .runs_once = target->runs_once && evaluation->origins == NULL,
        .slot = slot,
    };
    c->memory = target->memory;
    c->owns_memory = c->memory == NULL || c->memory->taken;
    if (c->owns_memory) {
        c->memory = compile_memory_new();
    }
    c->memory->taken = true;
    c->scratch = &c->memory->scratch;
    c->context = context_new(c, slot->module, slot->index);
}

const Code *compiler_end(Compiler *c, const Code *code)
{
    for (FunctionState *fn = c->states; fn != NULL; fn = fn->older) {
        vec_release(&fn->captures);
        ptr_map_release(&fn->capture_numbers);
    }
    arena_clear(c->scratch);
    c->memory->taken = false;
    if (c->owns_memory) {
        compile_memory_free(c->memory);
    }
    return c->too_large ? NULL : code;
}

void compile_report_size(const Evaluation *evaluation, Slot *slot)
{
    const Module *module = evaluation->program->modules[slot->module];
    const Binding *binding = &module->bindings[slot->index];
    DiagSink *sink = slot_diags(slot);
    Diag *diag =
        diag_add(sink, DIAG_E0611, &module->source,
                 binding->kind == BINDING_RESULT ? binding->value->span
                                                 : binding->name_span,
                 "a function here needs more than %u variables or class "
                 "dictionaries",
                 REGISTER_MAX);
    diag_help(sink, diag, "split it into several functions");
}

// Small values that may be known without code. Of large ones a part that is
// not known would be found too late.
static bool may_be_known(const Expr *value)
{
    enum { ITEMS_MAX = 32 };
    ExprKind kind = (ExprKind)value->kind;
    return kind == EXPR_UNIT || kind == EXPR_BOOL || kind == EXPR_INT ||
           kind == EXPR_FLOAT || kind == EXPR_STRING || kind == EXPR_UNARY ||
           kind == EXPR_DATA ||
           (kind == EXPR_CHAIN && value->as.chain.count <= ITEMS_MAX) ||
           (kind == EXPR_LIST && value->as.list.count <= ITEMS_MAX) ||
           (kind == EXPR_RECORD && value->as.record.count <= ITEMS_MAX);
}

const Code *compile_binding(Evaluation *evaluation, const CompileTarget *target,
                            Slot *slot, Value *out_constant)
{
    Compiler c;
    compiler_begin(&c, evaluation, target, slot);
    const Binding *binding = c.context->binding;
    const Code *code = NULL;
    out_constant->tag = VALUE_FUNCTION; // no constant is one
    if (slot->specialization != NULL || evaluation->origins != NULL ||
        !may_be_known(binding->value) ||
        note_find(c.context->notes, binding->note, NOTE_GENERALISED) != NULL ||
        !constant_value(&c, binding->value, out_constant)) {
        out_constant->tag = VALUE_FUNCTION;
        code = compile_value(&c, binding);
    }
    return compiler_end(&c, code);
}

const Code *compile_list_part(Evaluation *evaluation,
                              const CompileTarget *target,
                              const ListParts *parts, uint32_t number,
                              bool *out_alone)
{
    Compiler c;
    compiler_begin(&c, evaluation, target, parts->slot);
    uint32_t from = number * parts->part_items;
    uint32_t left = parts->list->as.list.count - from;
    Expr items = *parts->list;
    items.as.list.items += from;
    items.as.list.count = left < parts->part_items ? left : parts->part_items;
    (void)function_begin(&c, binding_name(&c, c.context->binding));
    c.fn->code->is_part = true;
    c.span = items.span;
    const char *cursor = c.arena->cursor;
    size_t bytes = arena_bytes(c.arena);
    uint32_t reg = register_new(&c);
    compile_list(&c, &items, reg);
    emit_return(&c, reg);
    *out_alone = c.arena->cursor == cursor && arena_bytes(c.arena) == bytes;
    return compiler_end(&c, function_end(&c, 0));
}
