// Functions, closures and `let`.
#include "eval/compile_internal.h"

static void compile_param_check(Compiler *c, const Pattern *pattern,
                                uint32_t reg, uint32_t number)
{
    if (pattern->note >= NOTE_FIRST) {
        Span old = compiler_set_span(c, pattern->span);
        compile_checks(c, pattern->note, reg, (CheckUse){.param = number});
        origin_checks(c, pattern->note, reg);
        c->span = old;
    }
}

Code *compile_function(Compiler *c, const Function *function, const Expr *body,
                       const Note *generalised, Str name, LocalInfo *self,
                       Slot *slot, FunctionState **out_state)
{
    Span span = c->span;
    FunctionState *fn = function_begin(c, name);
    fn->slot = slot;
    if (self != NULL) {
        self->self = fn;
    }
    uint32_t dictionaries =
        generalised != NULL ? generalised->as.generalised.count : 0;
    uint32_t params = function != NULL ? function->param_count : 0;
    uint32_t first = registers_new(c, dictionaries + params);
    for (uint32_t i = 0; i < dictionaries; i++) {
        local_set(c, generalised->as.generalised.locals[i], first + i);
    }
    for (uint32_t i = 0; i < params; i++) {
        uint32_t reg = first + dictionaries + i;
        local_set(c, function->params[i].local, reg);
        compile_param_check(c, &function->params[i].pattern, reg, i + 1);
        compile_pattern(c, &function->params[i].pattern, reg);
    }
    bool local_rec = c->local_rec;
    c->local_rec |= self != NULL;
    compile_into(c, body, (Place){register_new(c), true});
    c->local_rec = local_rec;
    c->span = span;
    *out_state = fn;
    return function_end(c, dictionaries + params);
}

void emit_closure(Compiler *c, Code *code, FunctionState *state, uint32_t reg)
{
    uint32_t count = state->captures.count;
    if (count == 0) {
        Value function = function_constant(c, code);
        code->function = function.as.function;
        emit_const(c, reg, function);
        return;
    }
    uint32_t mark = register_mark(c);
    uint32_t first = registers_new(c, count);
    for (uint32_t i = 0; i < count && !c->too_large; i++) {
        LocalInfo *local = state->captures.items[i].local;
        emit_move(c, first + i, local_register(c, local, first + i));
    }
    emit_op2(c, OP_CLOSURE, reg, first, count, pointer_index(c, code), 0);
    register_release(c, mark);
}

void compile_lambda(Compiler *c, const Expr *expr, uint32_t reg)
{
    const Function *function = expr->as.lambda;
    FunctionState *state;
    Code *code = compile_function(c, function, &function->body, NULL,
                                  STR("lambda"), NULL, NULL, &state);
    emit_closure(c, code, state, reg);
}

// ---- let

static const Note *bind_dictionaries(const Compiler *c, const Bind *bind)
{
    return note_find(c->context->notes, bind->note, NOTE_GENERALISED);
}

static bool is_function(const Compiler *c, const Bind *bind)
{
    return is_lambda(&bind->value) || bind_dictionaries(c, bind) != NULL;
}

static Code *compile_bind_code(Compiler *c, const Bind *bind, LocalInfo *self,
                               FunctionState **out_state)
{
    const Function *function =
        is_lambda(&bind->value) ? bind->value.as.lambda : NULL;
    return compile_function(
        c, function, function != NULL ? &function->body : &bind->value,
        bind_dictionaries(c, bind),
        symbol_text(c->program->interner, bind->name), self, NULL, out_state);
}

// What a refinement says of the function as a whole.
static void check_function(Compiler *c, const Bind *bind, uint32_t reg)
{
    if (has_checks(c, &bind->value)) {
        Span old = compiler_set_span(c, bind->value.span);
        compile_checks(c, bind->value.note, reg, (CheckUse){0});
        c->span = old;
    }
}

static void compile_bind(Compiler *c, const Bind *bind)
{
    if (bind_dictionaries(c, bind) != NULL) {
        template_bind(c, bind);
    } else if (is_function(c, bind)) {
        uint32_t reg = register_new(c);
        FunctionState *state;
        Code *code = compile_bind_code(c, bind, NULL, &state);
        emit_closure(c, code, state, reg);
        check_function(c, bind, reg);
        local_set(c, bind->local, reg);
    } else {
        local_set(c, bind->local, compile_operand(c, &bind->value));
    }
}

static uint32_t bind_arity(const Compiler *c, const Bind *bind)
{
    const Note *note = bind_dictionaries(c, bind);
    uint32_t arity = note != NULL ? note->as.generalised.count : 0;
    return is_lambda(&bind->value) ? arity + bind->value.as.lambda->param_count
                                   : arity;
}

// A group of a `let rec`.
typedef struct FunctionGroup {
    const Bind **binds;
    FunctionState **states; // NULL: no function
    uint32_t count;
} FunctionGroup;

// Captured members of the group that are made later are put in afterwards. The
// members' registers, which nothing else has, are a run.
static void emit_patches(Compiler *c, const FunctionGroup *group)
{
    uint32_t first = local_info(c, group->binds[0]->local)->reg;
    for (uint32_t i = 0; i < group->count; i++) {
        const FunctionState *state = group->states[i];
        uint32_t count = state != NULL ? state->captures.count : 0;
        for (uint32_t k = 0; k < count; k++) {
            const LocalInfo *captured = state->captures.items[k].local;
            if (captured->fn == c->fn && captured->reg >= first + i &&
                captured->reg < first + group->count) {
                emit_op(c, OP_PATCH, first + i, captured->reg, k);
            }
        }
    }
}

static void compile_group(Compiler *c, const FunctionGroup *group)
{
    for (uint32_t i = 0; i < group->count; i++) {
        const Bind *bind = group->binds[i];
        *local_info(c, bind->local) = (LocalInfo){
            .kind = is_function(c, bind) ? LOCAL_SELF : LOCAL_REGISTER,
            .reg = register_new(c),
            .fn = c->fn,
            .arity = bind_arity(c, bind)};
    }
    for (uint32_t i = 0; i < group->count; i++) {
        const Bind *bind = group->binds[i];
        if (is_function(c, bind)) {
            LocalInfo *info = local_info(c, bind->local);
            Code *code = compile_bind_code(c, bind, info, &group->states[i]);
            emit_closure(c, code, group->states[i], info->reg);
        }
    }
    for (uint32_t i = 0; i < group->count; i++) {
        const Bind *bind = group->binds[i];
        if (!is_function(c, bind)) {
            compile_expr(c, &bind->value, local_info(c, bind->local)->reg);
        }
    }
    emit_patches(c, group);
    for (uint32_t i = 0; i < group->count; i++) {
        const Bind *bind = group->binds[i];
        if (is_function(c, bind)) {
            check_function(c, bind, local_info(c, bind->local)->reg);
        }
    }
}

static void compile_rec(Compiler *c, const Let *let)
{
    uint32_t count = let_group_count(let);
    for (uint32_t i = 0; i < count && !c->too_large; i++) {
        LetGroup members = let_group(let, i);
        FunctionGroup group = {
            .binds =
                arena_array(c->scratch, members.count, sizeof *group.binds),
            .states =
                arena_zalloc(c->scratch, members.count * sizeof *group.states),
            .count = members.count};
        for (uint32_t k = 0; k < members.count; k++) {
            group.binds[k] = &let->binds[let_group_member(&members, k)];
        }
        if (group.count == 1 && bind_dictionaries(c, group.binds[0]) != NULL) {
            template_bind(c, group.binds[0]);
        } else {
            compile_group(c, &group);
        }
    }
}

void compile_let(Compiler *c, const Expr *expr, Place place)
{
    const Let *let = expr->as.let;
    if (let->rec) {
        compile_rec(c, let);
    } else {
        for (uint32_t i = 0; i < let->count && !c->too_large; i++) {
            compile_bind(c, &let->binds[i]);
        }
    }
    compile_into(c, &let->body, place);
}
