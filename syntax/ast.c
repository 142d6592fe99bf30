// What several passes ask of the tree.
#include "syntax/ast.h"

#include "support/graph.h"
#include "syntax/byte_class.h"
#include "syntax/module.h"

const char *expr_kind_label(ExprKind kind)
{
    static const char *const labels[] = {
#define EXPR(kind, label) [kind] = label,
#include "syntax/exprs.def"
    };
    return labels[kind];
}

const char *pattern_kind_label(PatternKind kind)
{
    static const char *const labels[] = {
#define PATTERN(kind, label) [kind] = label,
#include "syntax/exprs.def"
    };
    return labels[kind];
}

const char *type_expr_kind_label(TypeExprKind kind)
{
    static const char *const labels[] = {
#define TYPE_EXPR(kind, label) [kind] = label,
#include "syntax/exprs.def"
    };
    return labels[kind];
}

const char *decl_kind_label(DeclKind kind)
{
    static const char *const labels[] = {
#define DECL(kind, label) [kind] = label,
#include "syntax/exprs.def"
    };
    return labels[kind];
}

const char *operator_text(Operator op)
{
    static const char *const texts[] = {
#define OPERATOR(kind, spelling) [kind] = spelling,
#include "syntax/exprs.def"
    };
    return texts[op];
}

static void visit_all(Expr *exprs, uint32_t count, ExprVisitor *visit,
                      void *ctx)
{
    for (uint32_t i = 0; i < count; i++) {
        visit(&exprs[i], ctx);
    }
}

static void visit_comprehension(Comprehension *node, ExprVisitor *visit,
                                void *ctx)
{
    visit(&node->body, ctx);
    for (uint32_t i = 0; i < node->count; i++) {
        visit(&node->clauses[i].expr, ctx);
    }
}

static void visit_let(Let *let, ExprVisitor *visit, void *ctx)
{
    for (uint32_t i = 0; i < let->count; i++) {
        visit(&let->binds[i].value, ctx);
    }
    visit(&let->body, ctx);
}

static void visit_match(Match *match, ExprVisitor *visit, void *ctx)
{
    visit(&match->scrutinee, ctx);
    for (uint32_t i = 0; i < match->arm_count; i++) {
        Arm *arm = &match->arms[i];
        if (arm->guard != NULL) {
            visit(arm->guard, ctx);
        }
        visit(&arm->body, ctx);
    }
}

void ast_visit_children(Expr *expr, ExprVisitor *visit, void *ctx)
{
    switch ((ExprKind)expr->kind) {
    case EXPR_ERROR:
    case EXPR_UNIT:
    case EXPR_BOOL:
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_STRING:
    case EXPR_NAME:
    case EXPR_CTOR:
    case EXPR_BUILTIN:
    case EXPR_DATA:
        return;
    case EXPR_INTERPOLATION:
        visit_all(expr->as.interpolation.parts, expr->as.interpolation.count,
                  visit, ctx);
        return;
    case EXPR_TUPLE:
        visit_all(expr->as.tuple.items, expr->as.tuple.count, visit, ctx);
        return;
    case EXPR_LIST:
        visit_all(expr->as.list.items, expr->as.list.count, visit, ctx);
        return;
    case EXPR_COMPREHENSION:
        visit_comprehension(expr->as.comprehension, visit, ctx);
        return;
    case EXPR_RECORD:
        for (uint32_t i = 0; i < expr->as.record.count; i++) {
            visit(record_item_value(&expr->as.record.items[i]), ctx);
        }
        return;
    case EXPR_FIELD:
        visit(&expr->as.field.of->record, ctx);
        return;
    case EXPR_CALL:
        visit_all(expr->as.call.parts, expr->as.call.count, visit, ctx);
        return;
    case EXPR_CHAIN:
        visit_all(expr->as.chain.operands, expr->as.chain.count, visit, ctx);
        return;
    case EXPR_UNARY:
        visit(expr->as.unary.operand, ctx);
        return;
    case EXPR_LAMBDA:
        visit(&expr->as.lambda->body, ctx);
        return;
    case EXPR_LET:
        visit_let(expr->as.let, visit, ctx);
        return;
    case EXPR_IF:
        visit_all(expr->as.branch.parts, expr->as.branch.count, visit, ctx);
        return;
    case EXPR_MATCH:
        visit_match(expr->as.match, visit, ctx);
        return;
    case EXPR_ANNOTATED:
        visit(&expr->as.annotated->expr, ctx);
        return;
    }
}

static void visit_patterns(const Pattern *patterns, uint32_t count,
                           PatternVisitor *visit, void *ctx)
{
    for (uint32_t i = 0; i < count; i++) {
        visit(&patterns[i], ctx);
    }
}

void ast_visit_subpatterns(const Pattern *pattern, PatternVisitor *visit,
                           void *ctx)
{
    switch ((PatternKind)pattern->kind) {
    case PATTERN_ERROR:
    case PATTERN_WILDCARD:
    case PATTERN_NAME:
    case PATTERN_UNIT:
    case PATTERN_BOOL:
    case PATTERN_INT:
    case PATTERN_FLOAT:
    case PATTERN_STRING:
        return;
    case PATTERN_CTOR:
        visit_patterns(pattern->as.ctor->args, pattern->as.ctor->arg_count,
                       visit, ctx);
        return;
    case PATTERN_TUPLE:
        visit_patterns(pattern->as.tuple.items, pattern->as.tuple.count, visit,
                       ctx);
        return;
    case PATTERN_LIST:
        visit_patterns(pattern->as.list->items, pattern->as.list->count, visit,
                       ctx);
        return;
    case PATTERN_RECORD:
        for (uint32_t i = 0; i < pattern->as.record->count; i++) {
            visit(&pattern->as.record->fields[i].pattern, ctx);
        }
        return;
    case PATTERN_AS:
        visit(pattern->as.alias.pattern, ctx);
        return;
    }
}

bool ast_ctor_of_type(const TypeExpr *type, const Interner *interner,
                      CtorDecl *out_ctor)
{
    if (type->kind != TYPE_EXPR_NAME || type->as.name.qualifier != 0 ||
        (type->flags & TYPE_EXPR_PARENTHESISED) != 0) {
        return false;
    }
    Symbol name = type->as.name.ref.symbol;
    uint32_t len = (uint32_t)symbol_text(interner, name).len;
    CtorDecl ctor = {
        .name = name,
        .name_span = {type->span.start, type->span.start + len},
        .args = type->as.name.args,
        .arg_count = type->as.name.arg_count,
    };
    if (ctor.arg_count == 1 && ctor.args[0].kind == TYPE_EXPR_TUPLE &&
        (ctor.args[0].flags & TYPE_EXPR_PARENTHESISED) == 0) {
        const TypeExpr *tuple = &ctor.args[0];
        ctor.args = tuple->as.tuple.items;
        ctor.arg_count = tuple->as.tuple.count;
    }
    *out_ctor = ctor;
    return true;
}

// The end of the string that starts at `at`, in text that was lexed.
static size_t string_end(Str text, size_t at)
{
    size_t hashes = 0;
    bool raw = text.data[at] == 'r';
    for (at += raw; at < text.len && text.data[at] == '#'; at++) {
        hashes++;
    }
    size_t quotes =
        !raw && str_starts_with(str_slice(text, at, text.len), STR("\"\"\""))
            ? 3
            : 1;
    for (at += quotes; at < text.len; at++) {
        if (text.data[at] == '\\' && !raw) {
            at++;
            continue;
        }
        size_t run = 0;
        while (run < quotes && at + run < text.len &&
               text.data[at + run] == '"') {
            run++;
        }
        size_t end = at + run;
        while (run == quotes && end - at - run < hashes && end < text.len &&
               text.data[end] == '#') {
            end++;
        }
        if (run == quotes && end - at - run == hashes) {
            return end;
        }
    }
    return text.len;
}

RecordItem record_item_make(Arena *arena, Symbol name, uint32_t name_start,
                            FieldPath *path, TypeExpr *type, const Expr *value)
{
    RecordItem item = {.name = name, .name_start = name_start};
    if (path == NULL && type == NULL) {
        item.plain = *value;
        return item;
    }
    item.plain.flags = EXPR_BOXED;
    item.plain.as.box =
        arena_copy(arena, &(ItemBox){path, type, *value}, sizeof(ItemBox));
    return item;
}

Span record_item_name_span(const RecordItem *item, const Source *source)
{
    if (record_item_path(item) != NULL) {
        return record_item_path(item)->spans[0];
    }
    Str text = source->text;
    size_t start = item->name_start;
    size_t at = start;
    while (at < text.len && byte_is(text.data[at], BYTE_IDENT)) {
        at++;
    }
    bool quoted = at < text.len &&
                  (text.data[at] == '"' || text.data[at] == '#') &&
                  at - start <= 1 && (at == start || text.data[start] == 'r');
    if (quoted) {
        at = string_end(text, start);
    } else {
        while (at < text.len && text.data[at] == '\'') {
            at++;
        }
    }
    return (Span){(uint32_t)start, (uint32_t)at};
}

// NULL where it is no call of a lambda with all of its arguments.
static const Function *called_lambda(const Expr *expr)
{
    const Expr *callee = NULL;
    uint32_t given = 1;
    if (expr->kind == EXPR_CALL) {
        callee = &expr->as.call.parts[0];
        given = expr->as.call.count - 1;
    } else if (expr->kind == EXPR_CHAIN) {
        const Expr *last = &expr->as.chain.operands[expr->as.chain.count - 1];
        callee = last->op == OP_PIPE ? last : NULL;
    }
    return callee != NULL && callee->kind == EXPR_LAMBDA &&
                   callee->as.lambda->param_count == given
               ? callee->as.lambda
               : NULL;
}

const Expr *ast_result(const Expr *expr)
{
    for (;;) {
        const Function *function = called_lambda(expr);
        if (function != NULL) {
            expr = &function->body;
        } else if (expr->kind == EXPR_LET) {
            expr = &expr->as.let->body;
        } else {
            return expr;
        }
    }
}

const Decl *ast_decl_at(const ModuleAst *ast, uint32_t offset)
{
    uint32_t low = 0;
    uint32_t high = ast->decl_count;
    while (low < high) { // the first that starts behind
        uint32_t middle = low + (high - low) / 2;
        if (ast->decls[middle].span.start <= offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const Decl *decl = low > 0 ? &ast->decls[low - 1] : NULL;
    return decl != NULL && offset < decl->span.end ? decl : NULL;
}

uint32_t let_group_count(const Let *let)
{
    return let->groups != NULL ? let->groups->count : 1;
}

LetGroup let_group(const Let *let, uint32_t index)
{
    const Components *groups = let->groups;
    if (groups == NULL) {
        return (LetGroup){NULL, let->count};
    }
    uint32_t start = groups->starts[index];
    return (LetGroup){groups->members + start,
                      groups->starts[index + 1] - start};
}
