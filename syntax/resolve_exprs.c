// Expressions: scopes, local numbers, and what is evaluated on demand only.
#include "support/graph.h"
#include "syntax/resolve_internal.h"

void resolver_conditional(Resolver *r, Expr *expr)
{
    bool outer = r->unconditional;
    r->unconditional = false;
    resolver_expr(r, expr);
    r->unconditional = outer;
}

static inline void resolve_item(Resolver *r, Expr *expr)
{
    if (expr->kind == EXPR_NAME) { // as most are
        resolver_name_expr(r, expr);
    } else {
        resolver_expr(r, expr);
    }
}

static NOINLINE void expr_array(Resolver *r, Expr *exprs, uint32_t count)
{
    const Expr *end = exprs + count;
    for (Expr *expr = exprs; expr < end; expr++) {
        resolve_item(r, expr);
    }
}

// ---- functions

// Numbers the whole arguments first, so that they lie together.
static void number_params(Resolver *r, Function *function)
{
    for (uint32_t i = 0; i < function->param_count; i++) {
        Param *param = &function->params[i];
        if (param->pattern.kind != PATTERN_NAME) {
            resolver_put_local(r, &param->local,
                               resolver_new_local(r, 0, param->pattern.span));
            continue;
        }
        // resolver_param() takes it below.
        Symbol name = param->pattern.as.name.symbol;
        resolver_put_local(r, &param->local,
                           resolver_new_local(r, name, param->pattern.span));
    }
}

static NOINLINE void resolve_function(Resolver *r, Function *function)
{
    bool outer = r->unconditional;
    r->unconditional = false;
    for (uint32_t i = 0; i < function->param_count; i++) {
        if (function->params[i].type != NULL) {
            resolver_type(r, function->params[i].type);
        }
    }
    if (function->result != NULL) {
        resolver_type(r, function->result);
    }
    number_params(r, function);
    uint32_t mark = resolver_mark(r);
    for (uint32_t i = 0; i < function->param_count; i++) {
        resolver_param(r, &function->params[i], mark);
    }
    resolver_expr(r, &function->body);
    resolver_pop_locals(r, mark);
    r->unconditional = outer;
}

// ---- let

static bool is_function(const Expr *value)
{
    return value->kind == EXPR_LAMBDA;
}

void resolver_bind(Resolver *r, Bind *bind)
{
    if (bind->type != NULL) {
        resolver_type(r, bind->type);
    }
    resolver_expr(r, &bind->value);
}

// E0217 where a `let rec` binds no function.
static void check_rec(Resolver *r, Bind *bind)
{
    if (is_function(&bind->value) || bind->value.kind == EXPR_ERROR) {
        return;
    }
    Diag *diag =
        diag_add(r->sink, DIAG_E0217, &r->module->source, bind->name_span,
                 "recursive binding '%.*s' is not a function",
                 STR_ARG(resolver_name(r, bind->name)));
    diag_help(r->sink, diag,
              "give it a parameter, or write 'let' without 'rec'");
    bind->value.kind = EXPR_ERROR; // of what type it is nobody asks
}

static void bind_local(Resolver *r, Bind *bind, uint32_t mark)
{
    resolver_put_local(
        r, &bind->local,
        resolver_bind_name(r, bind->name, bind->name_span, mark));
    uint32_t at = local_env_find(&r->work->env, bind->name);
    if (at != INDEX_NONE) {
        r->work->env.entries.items[at].warns = true;
    }
}

// As at the top level: the strongly connected components of who names whom.
static void set_groups(Resolver *r, Let *let, const Graph *graph)
{
    Arena scratch;
    arena_init(&scratch);
    Components groups = graph_components(graph, &scratch);
    if (groups.count > 1) {
        groups = graph_components(graph, r->arena);
        let->groups = arena_copy(r->arena, &groups, sizeof groups);
    }
    arena_release(&scratch);
}

// Marks the entries of the members, which are those from `mark` on.
static void set_rec(Resolver *r, uint32_t mark, OpenRec *rec)
{
    LocalEnv *env = &r->work->env;
    for (uint32_t i = mark; i < env->entries.count; i++) {
        env->entries.items[i].rec = rec;
        env->entries.items[i].member = i - mark;
    }
}

static void rec_value(Resolver *r, Bind *bind)
{
    check_rec(r, bind);
    resolver_bind(r, bind);
}

static void rec_values(Resolver *r, Let *let, uint32_t mark)
{
    OpenRec rec = {0};
    set_rec(r, mark, &rec);
    for (uint32_t i = 0; i < let->count; i++) {
        rec.current = i;
        vec_push(&rec.starts, rec.named.count);
        rec_value(r, &let->binds[i]);
    }
    vec_push(&rec.starts, rec.named.count);
    set_rec(r, mark, NULL);
    // Where two have one name there is no telling them apart.
    if (resolver_mark(r) - mark == let->count) {
        Graph graph = {let->count, rec.starts.items, rec.named.items};
        set_groups(r, let, &graph);
    }
    vec_release(&rec.starts);
    vec_release(&rec.named);
}

static void let_rec(Resolver *r, Let *let)
{
    uint32_t mark = resolver_mark(r);
    for (uint32_t i = 0; i < let->count; i++) {
        bind_local(r, &let->binds[i], mark);
    }
    if (let->count == 1) {
        rec_value(r, &let->binds[0]);
    } else {
        rec_values(r, let, mark);
    }
}

static void let_sequence(Resolver *r, Let *let)
{
    OpenLet open = {.outer = r->lets, .let = let};
    for (uint32_t i = 0; i < let->count; i++) {
        Bind *bind = &let->binds[i];
        open.current = i;
        r->lets = &open;
        resolver_bind(r, bind);
        r->lets = open.outer;
        // Each hides those before it.
        bind_local(r, bind, resolver_mark(r));
        if (UNLIKELY(open.early != 0 && open.early == bind->name)) {
            uint32_t unused;
            (void)resolver_use_local(r, bind->name, &unused);
        }
    }
}

static NOINLINE void resolve_let(Resolver *r, Let *let)
{
    uint32_t mark = resolver_mark(r);
    if (let->rec) {
        let_rec(r, let);
    } else {
        let_sequence(r, let);
    }
    resolver_expr(r, &let->body);
    resolver_pop_locals(r, mark);
}

// ---- the rest

static NOINLINE void resolve_match(Resolver *r, Match *match)
{
    resolver_expr(r, &match->scrutinee);
    for (uint32_t i = 0; i < match->arm_count; i++) {
        Arm *arm = &match->arms[i];
        uint32_t mark = resolver_mark(r);
        resolver_arm_patterns(r, arm);
        if (arm->guard != NULL) {
            resolver_conditional(r, arm->guard);
        }
        resolver_conditional(r, &arm->body);
        resolver_pop_locals(r, mark);
    }
}

// The first source is always evaluated; the rest is like a function body.
static NOINLINE void resolve_comprehension(Resolver *r,
                                           Comprehension *comprehension)
{
    uint32_t mark = resolver_mark(r);
    for (uint32_t i = 0; i < comprehension->count; i++) {
        Clause *clause = &comprehension->clauses[i];
        if (i == 0) {
            resolver_expr(r, &clause->expr);
        } else {
            resolver_conditional(r, &clause->expr);
        }
        if (!clause->is_filter) {
            resolver_pattern(r, &clause->pattern, resolver_mark(r));
        }
    }
    resolver_conditional(r, &comprehension->body);
    resolver_pop_locals(r, mark);
}

static void resolve_record(Resolver *r, RecordItem *items, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if ((items[i].plain.flags & r->closed) != 0) {
            continue; // no box either
        }
        TypeExpr *type = record_item_type(&items[i]);
        if (type != NULL) {
            resolver_type(r, type);
        }
        resolve_item(r, record_item_value(&items[i]));
    }
}

void resolver_items(Resolver *r, Expr *literal, uint32_t begin, uint32_t end)
{
    if (literal->kind == EXPR_RECORD) {
        resolve_record(r, literal->as.record.items + begin, end - begin);
    } else {
        expr_array(r, literal->as.list.items + begin, end - begin);
    }
}

static NOINLINE void resolve_literal(Resolver *r, Expr *literal, uint32_t count)
{
    OpenRecord record = {r->record, literal};
    if (literal->kind == EXPR_RECORD) {
        r->record = &record;
    }
    if (resolver_is_long(r, literal)) {
        resolver_long_literal(r, literal);
    } else {
        resolver_items(r, literal, 0, count);
    }
    r->record = record.outer;
}

// How many operands of a chain are evaluated whatever the others are.
static uint32_t unconditional_operands(const Expr *chain)
{
    switch ((Operator)chain->as.chain.operands[1].op) {
    case OP_COALESCE:
    case OP_OR:
    case OP_AND:
        return 1;
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
        return 2; // a < b < c is a < b && b < c
    case OP_NONE:
    case OP_PIPE:
    case OP_EQ:
    case OP_NE:
    case OP_APPEND:
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_DIV:
    case OP_REM:
    case OP_NEG:
    case OP_NOT:
        break;
    }
    return chain->as.chain.count;
}

static NOINLINE void resolve_chain(Resolver *r, Expr *chain)
{
    uint32_t always = unconditional_operands(chain);
    expr_array(r, chain->as.chain.operands, always);
    for (uint32_t i = always; i < chain->as.chain.count; i++) {
        resolver_conditional(r, &chain->as.chain.operands[i]);
    }
}

static NOINLINE void resolve_branch(Resolver *r, Expr *parts, uint32_t count)
{
    resolver_expr(r, &parts[0]);
    for (uint32_t i = 1; i < count; i++) {
        resolver_conditional(r, &parts[i]);
    }
}

static NOINLINE void resolve_annotated(Resolver *r, Expr *expr)
{
    resolver_type(r, expr->as.annotated->type);
    resolver_expr(r, &expr->as.annotated->expr);
}

// Most nodes are names. All cases are calls at the end, so that this has no
// frame.
void resolver_expr(Resolver *r, Expr *expr)
{
    if ((expr->flags & r->closed) != 0) {
        return;
    }
    switch ((ExprKind)expr->kind) {
    case EXPR_ERROR:
    case EXPR_UNIT:
    case EXPR_BOOL:
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_BUILTIN:
    case EXPR_DATA:
        return;
    case EXPR_STRING:
        resolver_text(r, expr);
        return;
    case EXPR_INTERPOLATION:
        expr_array(r, expr->as.interpolation.parts,
                   expr->as.interpolation.count);
        return;
    case EXPR_NAME:
        resolver_name_expr(r, expr);
        return;
    case EXPR_CTOR:
        resolver_ctor_expr(r, expr);
        return;
    case EXPR_TUPLE:
        expr_array(r, expr->as.tuple.items, expr->as.tuple.count);
        return;
    case EXPR_LIST:
        resolve_literal(r, expr, expr->as.list.count);
        return;
    case EXPR_COMPREHENSION:
        resolve_comprehension(r, expr->as.comprehension);
        return;
    case EXPR_RECORD:
        resolve_literal(r, expr, expr->as.record.count);
        return;
    case EXPR_FIELD:
        resolver_field_expr(r, expr);
        return;
    case EXPR_CALL:
        expr_array(r, expr->as.call.parts, expr->as.call.count);
        return;
    case EXPR_CHAIN:
        resolve_chain(r, expr);
        return;
    case EXPR_UNARY:
        resolver_expr(r, expr->as.unary.operand);
        return;
    case EXPR_LAMBDA:
        resolve_function(r, expr->as.lambda);
        return;
    case EXPR_LET:
        resolve_let(r, expr->as.let);
        return;
    case EXPR_IF:
        resolve_branch(r, expr->as.branch.parts, expr->as.branch.count);
        return;
    case EXPR_MATCH:
        resolve_match(r, expr->as.match);
        return;
    case EXPR_ANNOTATED:
        resolve_annotated(r, expr);
        return;
    }
}

// ---- bindings

void resolver_begin_binding(Resolver *r, uint32_t index)
{
    r->current = index;
    r->unconditional = true;
    r->hidden_name = r->bindings.items[index].name;
    vec_clear(&r->work->locals);
    resolver_clear_refs(r);
}

void resolver_end_binding(Resolver *r)
{
    Arena *arena = r->arena;
    Binding *binding = &r->bindings.items[r->current];
    if (binding->bind != NULL) {
        binding->value = &binding->bind->value;
        binding->type = binding->bind->type;
    }
    binding->is_function =
        binding->value != NULL && is_function(binding->value);
    binding->is_builtin =
        binding->value != NULL && binding->value->kind == EXPR_BUILTIN;
    binding->local_count = r->work->locals.count;
    // Room for the dictionary that many functions get.
    binding->local_capacity = binding->local_count + binding->is_function;
    binding->locals =
        arena_array(arena, binding->local_capacity, sizeof(Local));
    if (binding->local_count > 0) {
        memcpy(binding->locals, r->work->locals.items,
               binding->local_count * sizeof(Local));
    }
    binding->refs = arena_copy(arena, r->work->refs.items,
                               r->work->refs.count * sizeof(BindingRef));
    binding->ref_count = r->work->refs.count;
}

void resolver_binding(Resolver *r, uint32_t index)
{
    resolver_begin_binding(r, index);
    const Binding binding = r->bindings.items[index];
    if (binding.kind == BINDING_INPUT) {
        resolver_data_type(r, binding.name, binding.type);
    } else if (binding.type != NULL) {
        resolver_type(r, binding.type);
    }
    if (binding.data != NULL && binding.kind == BINDING_INPUT &&
        binding.value != NULL) {
        resolver_conditional(r, binding.value); // a default: never evaluated
    } else if (binding.value != NULL) {
        resolver_expr(r, binding.value);
    }
    if (binding.rec) {
        check_rec(r, binding.bind);
    }
    resolver_end_binding(r);
}

void resolver_bodies(Resolver *r)
{
    const Module *module = r->module;
    uint32_t left =
        module->type_count + module->class_count + module->instance_count;
    for (uint32_t i = 0; left > 0; i++) {
        Decl *decl = &module->ast.decls[i];
        left -= decl->kind == DECL_TYPE || decl->kind == DECL_CLASS ||
                decl->kind == DECL_INSTANCE;
        if (decl->kind == DECL_TYPE) {
            resolver_type_decl(r, decl->as.type);
        } else if (decl->kind == DECL_CLASS) {
            resolver_class_decl(r, decl->as.class_);
        } else if (decl->kind == DECL_INSTANCE) {
            resolver_instance_decl(r, decl->as.instance);
        }
    }
    resolver_visible(r);
    resolver_hidden(r);
    resolver_make_module_values(r);
}
