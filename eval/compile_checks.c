// Refinements: code that checks a value, conjunct by conjunct, so that what
// fails can be named with the values of its operands. Predicates of declared
// types are expanded in place; parts of a value are walked by CHECK_NEXT.
#include "eval/check_walk.h"
#include "eval/compile_internal.h"
#include "eval/machine_internal.h"
#include "support/ptr_map.h"

enum {
    OPERANDS_MAX = 4,
    // Predicates inside predicates that are expanded; deeper ones are called.
    PREDICATE_DEPTH_MAX = 4
};

// The check that is being compiled.
typedef struct CheckCode {
    Compiler *c;
    const RefinementCheck *check;
    const Refined *refined;
    CheckUse use;
    Span span;      // of the value
    uint32_t value; // register
    uint32_t walk;  // register, or NO_REGISTER
    Label *next;    // of a constant: behind the predicates
} CheckCode;

// ---- operands that a message shows

typedef struct Operands {
    const Expr *exprs[OPERANDS_MAX];
    uint32_t count;
    const CheckCode *code;
    uint32_t value_local;
} Operands;

static bool is_value(const Operands *operands, const Expr *expr)
{
    return expr->kind == EXPR_NAME && expr->as.name.ref == REF_LOCAL &&
           expr->as.name.index == operands->value_local;
}

// Whether both are the same name, or the same field of it.
static bool is_same(const Operands *operands, const Expr *a, const Expr *b)
{
    while (a->kind == EXPR_FIELD && b->kind == EXPR_FIELD &&
           a->as.field.field == b->as.field.field) {
        a = &a->as.field.of->record;
        b = &b->as.field.of->record;
    }
    return (is_value(operands, a) && is_value(operands, b)) ||
           (a->kind == EXPR_NAME && b->kind == EXPR_NAME &&
            a->as.name.symbol == b->as.name.symbol);
}

static void add_operand(Operands *operands, const Expr *expr)
{
    for (uint32_t i = 0; i < operands->count; i++) {
        if (is_same(operands, operands->exprs[i], expr)) {
            return;
        }
    }
    if (operands->count < OPERANDS_MAX) {
        operands->exprs[operands->count++] = expr;
    }
}

// Names and fields: evaluating them cannot fail.
static bool is_plain(const Compiler *c, const Expr *expr)
{
    while (expr->kind == EXPR_FIELD && !is_special(c, expr)) {
        expr = &expr->as.field.of->record;
    }
    return expr->kind == EXPR_NAME && expr->as.name.ref == REF_LOCAL &&
           !is_special(c, expr);
}

// What says its value by itself: 5, [], None, Some "a".
static bool is_written(const Expr *expr)
{
    if (expr->kind != EXPR_CALL) {
        return expr->kind == EXPR_CTOR || expr->kind <= EXPR_STRING ||
               (expr->flags & EXPR_CLOSED) != 0;
    }
    bool written = expr->as.call.parts[0].kind == EXPR_CTOR;
    for (uint32_t i = 1; i < expr->as.call.count; i++) {
        written &= (expr->as.call.parts[i].flags & EXPR_CLOSED) != 0;
    }
    return written;
}

// `done`: the expression has been evaluated when the conjunct fails.
static void collect_operands(Operands *operands, const Expr *expr, bool done)
{
    const Compiler *c = operands->code->c;
    if (is_logic(expr) ||
        (expr->kind == EXPR_UNARY && expr->as.unary.op == OP_NOT)) {
        uint32_t count = expr->kind == EXPR_UNARY ? 1 : expr->as.chain.count;
        const Expr *parts = expr->kind == EXPR_UNARY ? expr->as.unary.operand
                                                     : expr->as.chain.operands;
        for (uint32_t i = 0; i < count; i++) {
            collect_operands(operands, &parts[i], false);
        }
        return;
    }
    if (is_comparison(expr)) {
        bool two = expr->as.chain.count == 2;
        for (uint32_t i = 0; i < expr->as.chain.count; i++) {
            const Expr *operand = &expr->as.chain.operands[i];
            if (is_plain(c, operand) || (done && two && !is_written(operand))) {
                add_operand(operands, operand);
            }
        }
        return;
    }
    if (is_plain(c, expr)) {
        add_operand(operands, expr);
    } else if (expr->kind == EXPR_CALL) {
        for (uint32_t i = 1; i < expr->as.call.count; i++) {
            if (is_plain(c, &expr->as.call.parts[i])) {
                add_operand(operands, &expr->as.call.parts[i]);
            }
        }
    }
}

// Evaluates them once more, into consecutive registers. Returns the first.
static uint32_t compile_operands(CheckCode *code, const Expr *conjunct,
                                 CheckFailure *failure)
{
    Compiler *c = code->c;
    Operands operands = {.code = code, .value_local = c->context->value_local};
    collect_operands(&operands, conjunct, true);
    uint32_t count = operands.count;
    uint32_t first = registers_new(c, count > 0 ? count : 1);
    CheckOperand *shown =
        arena_array(c->arena, count > 0 ? count : 1, sizeof *shown);
    for (uint32_t i = 0; i < count; i++) {
        const Expr *expr = operands.exprs[i];
        compile_expr(c, expr, first + i);
        shown[i] =
            (CheckOperand){.source = failure->predicate_source,
                           .span = expr->span,
                           .is_value = is_value(&operands, expr),
                           .applied = (expr->flags & EXPR_APPLY_VALUE) != 0};
    }
    if (count == 0) {
        emit_move(c, first, code->value);
        shown[0] = (CheckOperand){.is_value = true};
    }
    failure->operands = shown;
    failure->operand_count = count > 0 ? count : 1;
    return first;
}

// ---- predicates

static bool is_default(const Binding *binding)
{
    const Expr *value = binding->value;
    return binding->kind == BINDING_HIDDEN &&
           (binding->type != NULL ||
            (value != NULL && value->kind == EXPR_LAMBDA &&
             value->as.lambda->result != NULL));
}

static CheckFailure *new_failure(CheckCode *code, Span conjunct)
{
    Compiler *c = code->c;
    const RefinementCheck *check = code->check;
    CheckFailure *failure = ARENA_NEW(c->arena, CheckFailure);
    failure->predicate_source =
        &c->program->modules[code->refined->module]->source;
    failure->predicate = conjunct;
    if (code->refined->alias != 0) {
        failure->alias =
            symbol_text(c->program->interner, code->refined->alias);
    }
    failure->annotation_source = &c->program->modules[check->module]->source;
    failure->annotation = check->annotation;
    failure->param = code->use.param;
    failure->result = code->use.result;
    failure->constant = code->use.constant;
    failure->soft = code->use.soft != NULL;
    failure->is_default = is_default(
        program_binding(c->program, c->slot->module, c->slot->index));
    return failure;
}

// What happens where a check does not hold.
static void emit_failure(CheckCode *code, uint32_t first,
                         const CheckFailure *failure)
{
    Compiler *c = code->c;
    bool in_walk = code->walk != NO_REGISTER;
    if (code->use.quiet != NULL) {
        if (in_walk) {
            emit_op(c, OP_CHECK_END, code->walk, 0, 0);
        }
        emit_jump(c, OP_JUMP, 0, code->use.quiet);
        return;
    }
    emit_op2(c, OP_FAIL_CHECK, code->value, first,
             in_walk ? code->walk : UINT16_MAX, pointer_index(c, failure),
             code->use.message);
    if (code->use.constant != NULL) {
        emit_jump(c, OP_JUMP, 0, code->next);
    } else if (code->use.soft != NULL) {
        if (in_walk) {
            emit_op(c, OP_CHECK_END, code->walk, 0, 0);
        }
        emit_jump(c, OP_JUMP, 0, code->use.soft);
    }
}

static void compile_conjunct(CheckCode *code, const Expr *expr)
{
    Compiler *c = code->c;
    if (expr->kind == EXPR_CHAIN && !is_special(c, expr) &&
        (Operator)expr->as.chain.operands[1].op == OP_AND) {
        for (uint32_t i = 0; i < expr->as.chain.count; i++) {
            compile_conjunct(code, &expr->as.chain.operands[i]);
        }
        return;
    }
    Label okay = LABEL_NEW;
    uint32_t mark = register_mark(c);
    uint32_t begin = c->fn->out.words.count;
    compile_condition(c, expr, true, &okay);
    CheckFailure *failure = new_failure(code, expr->span);
    uint32_t first = compile_operands(code, expr, failure);
    if (c->context->has_span) {
        vec_push(&c->fn->out.asks,
                 (CodeAsk){begin, c->fn->out.words.count, expr->span,
                           failure->predicate_source});
    }
    c->span = code->span;
    emit_failure(code, first, failure);
    label_place(c, &okay);
    register_release(c, mark);
}

// The dictionaries of a hoisted predicate; NULL: it takes none.
static const PredicateEvidence *predicate_evidence(const CheckCode *code,
                                                   const Predicate *predicate)
{
    const Refined *refined = code->refined;
    if (refined->evidence == NULL) {
        return NULL;
    }
    return &refined->evidence[predicate - refined->expr->as.refined.predicates];
}

// A hoisted predicate that is called.
static void call_predicate(CheckCode *code, uint32_t module,
                           const Predicate *predicate)
{
    Compiler *c = code->c;
    Label okay = LABEL_NEW;
    uint32_t mark = register_mark(c);
    uint32_t verdict = register_new(c);
    Callee callee = {
        .kind = CALLEE_GLOBAL, .module = module, .index = predicate->hidden};
    const PredicateEvidence *evidence = predicate_evidence(code, predicate);
    if (evidence != NULL) {
        callee.evidence_count = evidence->count;
        callee.evidence =
            arena_array(c->scratch, evidence->count, sizeof *callee.evidence);
        for (uint32_t i = 0; i < evidence->count; i++) {
            callee.evidence[i] =
                (KnownEvidence){evidence->items[i], c->context};
        }
    }
    Argument value = {NULL, code->value};
    compile_apply(c, &callee, &value, 1, place_reg(verdict));
    emit_jump(c, OP_JUMP_IF, verdict, &okay);
    CheckFailure *failure = new_failure(code, predicate->expr.span);
    CheckOperand *shown = ARENA_NEW(c->arena, CheckOperand);
    shown->is_value = true;
    failure->operands = shown;
    failure->operand_count = 1;
    emit_failure(code, code->value, failure);
    label_place(c, &okay);
    register_release(c, mark);
}

// In `inner`, where the predicate is expanded, its dictionaries are known ones
// of the current context.
static void bind_evidence(CheckCode *code, const Predicate *predicate,
                          Context *inner)
{
    const PredicateEvidence *evidence = predicate_evidence(code, predicate);
    if (evidence == NULL || evidence->count == 0) {
        return;
    }
    const Note *note =
        note_find(inner->notes, inner->binding->note, NOTE_GENERALISED);
    for (uint32_t i = 0; i < evidence->count; i++) {
        inner->locals[note->as.generalised.locals[i]] =
            (LocalInfo){.kind = LOCAL_EVIDENCE,
                        .evidence = evidence->items[i],
                        .context = code->c->context};
    }
}

static bool is_current(const Compiler *c, const Refined *refined)
{
    return refined->binding != INDEX_NONE &&
           c->context->module->id == refined->module &&
           c->context->binding ==
               &c->context->module->bindings[refined->binding];
}

// A predicate with errors in it has no code: what comes to it, while constants
// are checked, stops there as it does at any binding that failed.
static bool refuse_failed(Compiler *c, uint32_t module, uint32_t index)
{
    const Binding *binding = program_binding(c->program, module, index);
    if (!c->program->modules[module]->groups[binding->group].failed) {
        return false;
    }
    uint32_t mark = register_mark(c);
    emit_wide(c, OP_GLOBAL, register_new(c),
              pointer_index(c, evaluation_slot(c->evaluation, module, index)));
    register_release(c, mark);
    return true;
}

static void compile_predicate(CheckCode *code, const Predicate *predicate)
{
    Compiler *c = code->c;
    const Refined *refined = code->refined;
    Context *outer = c->context;
    bool hidden = predicate->hidden != UINT32_MAX;
    if ((hidden || !is_current(c, refined)) &&
        refuse_failed(c, refined->module,
                      hidden ? predicate->hidden : refined->binding)) {
        return;
    }
    if (hidden && outer->expansion_depth >= PREDICATE_DEPTH_MAX) {
        call_predicate(code, refined->module, predicate);
        return;
    }
    uint32_t value_local = outer->value_local;
    const Expr *expr = &predicate->expr;
    uint32_t local = predicate->x_local;
    if (hidden || !is_current(c, refined)) {
        Context *inner = context_new(
            c, refined->module, hidden ? predicate->hidden : refined->binding);
        inner->has_span = true;
        inner->span = code->span;
        inner->expansion_depth = outer->expansion_depth + 1;
        if (hidden) {
            const Function *function = inner->binding->value->as.lambda;
            expr = &function->body;
            local = function->params[0].local;
            bind_evidence(code, predicate, inner);
        }
        c->context = inner;
    }
    c->context->value_local = local;
    local_set(c, local, code->value);
    compile_conjunct(code, expr);
    c->context = outer;
    c->context->value_local = value_local;
    c->span = code->span;
}

static void compile_refined(CheckCode *code, const Refined *refined)
{
    code->refined = refined;
    const TypeExpr *expr = refined->expr;
    for (uint32_t i = 0; i < expr->as.refined.count; i++) {
        compile_predicate(code, &expr->as.refined.predicates[i]);
    }
}

// ---- walks

typedef struct NodeEntry {
    const CheckShape *shape;
    CheckNode *node;
} NodeEntry;

typedef struct NodeTable {
    Compiler *c;
    VEC(NodeEntry) entries; // in the order in which they were come to
    PtrMap nodes;           // by shape
} NodeTable;

uint32_t *check_union_starts(Compiler *c, const CheckShape *shape)
{
    const Module *module = c->program->modules[shape->module];
    const TypeEntry *entry = &module->types[shape->type];
    uint32_t count = entry->decl->ctor_count;
    uint32_t *starts = arena_array(c->arena, count, sizeof *starts);
    uint32_t at = 0;
    for (uint32_t i = 0; i < count; i++) {
        starts[i] = at;
        at += entry->decl->ctors[i].arg_count;
    }
    return starts;
}

// Shapes are trees but for unions. Depth is bounded by the height of types.
static CheckNode *node_of(NodeTable *table, const CheckShape *shape)
{
    void **known = ptr_map_at(&table->nodes, (uintptr_t)shape, 0);
    if (*known != NULL) {
        return *known;
    }
    Compiler *c = table->c;
    CheckNode *node = ARENA_NEW(c->arena, CheckNode);
    *known = node;
    vec_push(&table->entries, (NodeEntry){shape, node});
    // Functions are wrapped, not looked into.
    uint32_t count = shape->kind == CHECK_FUNCTION ? 0 : shape->count;
    const CheckNode **parts = arena_array(c->arena, count, sizeof *parts);
    for (uint32_t i = 0; i < count; i++) {
        parts[i] =
            shape->parts[i] != NULL ? node_of(table, shape->parts[i]) : NULL;
    }
    *node = (CheckNode){.kind = shape->kind,
                        .shape = shape->closed ? shape : NULL,
                        .fields = shape->fields,
                        .parts = parts,
                        .count = count};
    if (shape->kind == CHECK_UNION) {
        node->starts = check_union_starts(c, shape);
    }
    return node;
}

static void compile_walk(CheckCode *code)
{
    Compiler *c = code->c;
    NodeTable table = {.c = c};
    const CheckNode *root = node_of(&table, code->check->shape);
    uint32_t mark = register_mark(c);
    uint32_t value = code->value;
    code->walk = register_new(c);
    uint32_t part = register_new(c);
    Label end = LABEL_NEW;
    Label next = LABEL_NEW;
    Label finished = LABEL_NEW;
    emit_jump2(c, OP_CHECK_BEGIN, code->walk, value, 0, pointer_index(c, root),
               &end);
    label_place(c, &next);
    emit_op(c, OP_CHECK_NEXT, part, code->walk, 0);
    emit_jump(c, OP_JUMP, 0, &finished);
    code->value = part;
    code->next = &next;
    for (uint32_t i = 0; i < table.entries.count && !c->too_large; i++) {
        const NodeEntry *entry = &table.entries.items[i];
        if (entry->shape->kind == CHECK_REFINED) {
            entry->node->target = c->fn->out.words.count;
            compile_refined(code, entry->shape->refined);
            emit_jump(c, OP_JUMP, 0, &next);
        }
    }
    label_place(c, &finished);
    emit_op(c, OP_CHECK_END, code->walk, 0, 0);
    label_place(c, &end);
    vec_release(&table.entries);
    ptr_map_release(&table.nodes);
    register_release(c, mark);
}

// Refinements of refinements, with nothing to walk.
static bool is_simple(const CheckShape *shape)
{
    for (; shape != NULL; shape = shape->parts[0]) {
        if (shape->kind != CHECK_REFINED) {
            return false;
        }
    }
    return true;
}

static void compile_simple(CheckCode *code, const CheckShape *shape)
{
    enum { CHAIN_MAX = 64 };
    const CheckShape *chain[CHAIN_MAX];
    uint32_t count = 0;
    for (; shape != NULL && count < CHAIN_MAX; shape = shape->parts[0]) {
        chain[count++] = shape;
    }
    while (count > 0) {
        compile_refined(code, chain[--count]->refined);
    }
}

static bool is_short(const CheckShape *shape)
{
    uint32_t count = 0;
    for (; shape != NULL; shape = shape->parts[0]) {
        count++;
    }
    return count <= 64;
}

void compile_check(Compiler *c, const RefinementCheck *check, uint32_t reg,
                   CheckUse use)
{
    Label next = LABEL_NEW;
    CheckCode code = {.c = c,
                      .check = check,
                      .use = use,
                      .span = c->span,
                      .value = reg,
                      .walk = NO_REGISTER,
                      .next = &next};
    if (is_simple(check->shape) && is_short(check->shape)) {
        compile_simple(&code, check->shape);
        label_place(c, &next);
    } else if (check->looks) {
        compile_walk(&code);
    }
    c->span = code.span;
    if (check->wraps && use.constant == NULL) {
        compile_contracts(c, check, reg);
    }
}

static const Note *next_check(const Compiler *c, uint32_t note)
{
    return note_find(c->context->notes, note, NOTE_CHECK);
}

void compile_checks(Compiler *c, uint32_t note, uint32_t reg, CheckUse use)
{
    for (const Note *found = next_check(c, note); found != NULL;
         found = next_check(c, found->next)) {
        compile_check(c, found->as.check.item, reg, use);
    }
}

bool checks_wrap(const Compiler *c, uint32_t note)
{
    for (const Note *found = next_check(c, note); found != NULL;
         found = next_check(c, found->next)) {
        if (found->as.check.item->wraps) {
            return true;
        }
    }
    return false;
}

void compile_ctor_checks(Compiler *c, const RefinementCheck *const *checks,
                         uint32_t count, uint32_t first)
{
    for (uint32_t i = 0; checks != NULL && i < count; i++) {
        if (checks[i] != NULL) {
            compile_check(c, checks[i], first + i, (CheckUse){.param = i + 1});
        }
    }
}
