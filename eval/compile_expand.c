// Expansion in place: lambdas that are called where they stand, and small
// functions of the standard library with the lambdas given to them, so that
// `map (\x -> x + 1) xs` is one loop without calls.
#include "eval/compile_internal.h"

#include <assert.h>

#define EXPAND_NODES_MAX 40u
#define EXPAND_DEPTH_MAX 5u

// ---- measuring

typedef struct Measure {
    uint32_t nodes;
    uint32_t local; // whose uses are counted
    uint32_t uses;
} Measure;

static void measure_visit(Expr *expr, void *ctx)
{
    Measure *measure = ctx;
    if (measure->nodes > EXPAND_NODES_MAX) {
        return;
    }
    measure->nodes++;
    if (expr->kind == EXPR_NAME && expr->as.name.ref == REF_LOCAL &&
        expr->as.name.index == measure->local) {
        measure->uses++;
    }
    ast_visit_children(expr, measure_visit, measure);
}

static Measure measure_body(const Function *function, uint32_t local)
{
    Measure measure = {.local = local};
    Expr body = function->body; // the visitor wants it mutable
    measure_visit(&body, &measure);
    return measure;
}

static void uses_visit(Expr *expr, void *ctx)
{
    Measure *measure = ctx;
    measure->uses += expr->kind == EXPR_NAME &&
                     expr->as.name.ref == REF_LOCAL &&
                     expr->as.name.index == measure->local;
    ast_visit_children(expr, uses_visit, measure);
}

uint32_t function_uses(const Function *function, uint32_t local)
{
    Measure measure = {.local = local};
    Expr body = function->body;
    uses_visit(&body, &measure);
    return measure.uses;
}

// True for what need not be evaluated before it is called: lambdas and names
// of functions.
static bool is_known_function(const Compiler *c, const Expr *expr)
{
    const Expr *inner = strip_annotations(c, expr);
    if (c->evaluation->plain || is_special(c, inner)) {
        return false;
    }
    if (inner->kind == EXPR_LAMBDA || inner->kind == EXPR_BUILTIN) {
        return true;
    }
    if (inner->kind != EXPR_NAME && inner->kind != EXPR_CTOR) {
        return false;
    }
    const NameRef *ref = &inner->as.name;
    if (ref->ref == REF_LOCAL) {
        return c->context->locals[ref->index].kind == LOCAL_FUNCTION;
    }
    if (ref->ref == REF_GLOBAL) {
        const Binding *binding =
            program_binding(c->program, ref->module, ref->index);
        const Expr *value = binding->value;
        return value != NULL && !binding_awaits_check(binding) &&
               (value->kind == EXPR_LAMBDA || value->kind == EXPR_BUILTIN);
    }
    return ref->ref == REF_CTOR;
}

// ---- binding parameters

// The name that a parameter's pattern gives to the whole argument.
static uint32_t param_name(const Param *param)
{
    return param->pattern.kind == PATTERN_NAME ? param->pattern.as.name.local
                                               : param->local;
}

// Binds parameter `i` of `function` in `inner` (the current context is still
// that of the arguments). Known functions that are used once stay unevaluated.
static uint32_t bind_argument(Compiler *c, const Function *function, uint32_t i,
                              const Argument *arg, Context *inner)
{
    const Param *param = &function->params[i];
    bool is_name = param->pattern.kind == PATTERN_NAME;
    if (arg->expr != NULL && is_name && is_known_function(c, arg->expr) &&
        measure_body(function, param_name(param)).uses <= 1) {
        const Expr *expr = strip_annotations(c, arg->expr);
        LocalInfo info = {
            .kind = LOCAL_FUNCTION, .expr = expr, .context = c->context};
        if (expr->kind == EXPR_NAME && expr->as.name.ref == REF_LOCAL) {
            info = c->context->locals[expr->as.name.index];
        }
        inner->locals[param_name(param)] = info;
        inner->locals[param->local] = info;
        return NO_REGISTER;
    }
    return argument_operand(c, arg);
}

static void bind_parameters(Compiler *c, const Function *function,
                            const Argument *args, uint32_t count,
                            Context *inner)
{
    uint32_t *regs = arena_array(c->scratch, count, sizeof *regs);
    for (uint32_t i = 0; i < count; i++) {
        regs[i] = bind_argument(c, function, i, &args[i], inner);
    }
    const Context *outer = c->context;
    Span span = c->span;
    c->context = inner;
    for (uint32_t i = 0; i < count; i++) {
        if (regs[i] != NO_REGISTER) {
            uint32_t note = function->params[i].pattern.note;
            if (checks_wrap(c, note)) { // which writes the register
                uint32_t own = register_new(c);
                emit_move(c, own, regs[i]);
                regs[i] = own;
            }
            local_set(c, function->params[i].local, regs[i]);
            if (args[i].expr != NULL && !outer->has_span) {
                c->span = args[i].expr->span;
            }
            compile_checks(c, note, regs[i], (CheckUse){0});
            c->span = span;
            compile_pattern(c, &function->params[i].pattern, regs[i]);
        }
    }
}

Expansion expand_begin(Compiler *c, const Callee *callee, const Argument *args,
                       uint32_t count)
{
    const Function *function = callee->expr->as.lambda;
    assert(function->param_count == count);
    Expansion expansion = {.body = &function->body,
                           .context = c->context,
                           .span = c->span,
                           .mark = register_mark(c)};
    bind_parameters(c, function, args, count, callee->context);
    return expansion;
}

void expand_end(Compiler *c, const Expansion *expansion)
{
    c->context = expansion->context;
    c->span = expansion->span;
    register_release(c, expansion->mark);
}

// ---- library functions

static bool may_expand(const Compiler *c, const Callee *callee, uint32_t count)
{
    const Module *module = c->program->modules[callee->module];
    if (!module->is_std || c->evaluation->plain) {
        return false;
    }
    const Binding *binding = &module->bindings[callee->index];
    const Expr *value = binding->value;
    if (binding->rec || value == NULL || value->kind != EXPR_LAMBDA ||
        (value->flags & EXPR_WRAP_SOME) != 0 ||
        value->as.lambda->param_count != count ||
        c->context->expansion_depth >= EXPAND_DEPTH_MAX ||
        evaluation_slot(c->evaluation, callee->module, callee->index) ==
            c->slot) {
        return false;
    }
    const Note *note =
        note_find(&module->notes, binding->note, NOTE_GENERALISED);
    uint32_t dictionaries = note != NULL ? note->as.generalised.count : 0;
    return dictionaries == callee->evidence_count &&
           measure_body(value->as.lambda, UINT32_MAX).nodes <= EXPAND_NODES_MAX;
}

bool expand_global(Compiler *c, const Callee *callee, const Argument *args,
                   uint32_t count, Place place)
{
    if (!may_expand(c, callee, count)) {
        return false;
    }
    Context *inner = context_new(c, callee->module, callee->index);
    const Function *function = inner->binding->value->as.lambda;
    const Note *note =
        note_find(inner->notes, inner->binding->note, NOTE_GENERALISED);
    for (uint32_t i = 0; i < callee->evidence_count; i++) {
        inner->locals[note->as.generalised.locals[i]] =
            (LocalInfo){.kind = LOCAL_EVIDENCE,
                        .evidence = callee->evidence[i].evidence,
                        .context = callee->evidence[i].context};
    }
    inner->has_span = true;
    inner->span = c->span;
    inner->expansion_depth = c->context->expansion_depth + 1;
    Context *outer = c->context;
    Span span = c->span;
    bind_parameters(c, function, args, count, inner);
    c->span = span;
    compile_into(c, &function->body, place);
    c->context = outer;
    c->span = span;
    return true;
}
