// Expressions as JSON.
#include "syntax/ast_json_internal.h"

static void put_function(Writer *writer, const Function *function)
{
    ast_json_put_key(writer, "params");
    ast_json_put(writer, "[");
    for (uint32_t i = 0; i < function->param_count; i++) {
        const Param *param = &function->params[i];
        ast_json_put_comma(writer, i);
        ast_json_put(writer, "{\"pattern\":");
        ast_json_write_pattern(writer, &param->pattern);
        ast_json_put_type(writer, "type", param->type);
        ast_json_put(writer, "}");
    }
    ast_json_put(writer, "]");
    ast_json_put_type(writer, "result", function->result);
    ast_json_put_expr(writer, "body", &function->body);
}

void ast_json_put_binds(Writer *writer, const char *key, const Bind *binds,
                        uint32_t count)
{
    ast_json_put_key(writer, key);
    ast_json_put(writer, "[");
    for (uint32_t i = 0; i < count; i++) {
        ast_json_put_comma(writer, i);
        ast_json_write_bind(writer, &binds[i]);
    }
    ast_json_put(writer, "]");
}

static void put_comprehension(Writer *writer, const Comprehension *node)
{
    ast_json_put_expr(writer, "body", &node->body);
    ast_json_put_key(writer, "clauses");
    ast_json_put(writer, "[");
    for (uint32_t i = 0; i < node->count; i++) {
        const Clause *clause = &node->clauses[i];
        ast_json_put_comma(writer, i);
        if (clause->is_filter) {
            ast_json_put(writer, "{\"if\":");
        } else {
            ast_json_put(writer, "{\"for\":");
            ast_json_write_pattern(writer, &clause->pattern);
            ast_json_put(writer, ",\"in\":");
        }
        ast_json_write_expr(writer, &clause->expr);
        ast_json_put(writer, "}");
    }
    ast_json_put(writer, "]");
}

static void put_record_item(Writer *writer, const RecordItem *item)
{
    if (item->name == 0) {
        ast_json_put(writer, "{\"spread\":");
        ast_json_write_expr(writer, record_item_value(item));
        ast_json_put(writer, "}");
        return;
    }
    const Symbol *names = record_item_path(item) == NULL
                              ? &item->name
                              : record_item_path(item)->names;
    uint32_t count =
        record_item_path(item) == NULL ? 1 : record_item_path(item)->count;
    ast_json_put(writer, "{\"path\":[");
    for (uint32_t i = 0; i < count; i++) {
        ast_json_put_comma(writer, i);
        ast_json_put_symbol(writer, names[i]);
    }
    ast_json_put(writer, "]");
    ast_json_put_type(writer, "type", record_item_type(item));
    ast_json_put_expr(writer, "value", record_item_value(item));
    ast_json_put(writer, "}");
}

static void put_record(Writer *writer, const Expr *expr)
{
    ast_json_put_key(writer, "items");
    ast_json_put(writer, "[");
    for (uint32_t i = 0; i < expr->as.record.count; i++) {
        ast_json_put_comma(writer, i);
        put_record_item(writer, &expr->as.record.items[i]);
    }
    ast_json_put(writer, "]");
}

static void put_chain(Writer *writer, const Expr *expr)
{
    const Expr *operands = expr->as.chain.operands;
    uint32_t count = expr->as.chain.count;
    ast_json_put_exprs(writer, "operands", operands, count);
    ast_json_put_key(writer, "operators");
    ast_json_put(writer, "[");
    for (uint32_t i = 1; i < count; i++) {
        ast_json_put_comma(writer, i - 1);
        ast_json_put_string(
            writer, str_from_c(operator_text((Operator)operands[i].op)));
    }
    ast_json_put(writer, "]");
}

static void put_if(Writer *writer, const Expr *expr)
{
    const Expr *parts = expr->as.branch.parts;
    uint32_t count = expr->as.branch.count;
    ast_json_put_key(writer, "branches");
    ast_json_put(writer, "[");
    for (uint32_t i = 0; i + 1 < count; i += 2) {
        ast_json_put_comma(writer, i);
        ast_json_put(writer, "{\"condition\":");
        ast_json_write_expr(writer, &parts[i]);
        ast_json_put_expr(writer, "then", &parts[i + 1]);
        ast_json_put(writer, "}");
    }
    ast_json_put(writer, "]");
    ast_json_put_expr(writer, "else", &parts[count - 1]);
}

static void put_match(Writer *writer, const Match *match)
{
    ast_json_put_expr(writer, "subject", &match->scrutinee);
    ast_json_put_key(writer, "arms");
    ast_json_put(writer, "[");
    for (uint32_t i = 0; i < match->arm_count; i++) {
        const Arm *arm = &match->arms[i];
        ast_json_put_comma(writer, i);
        ast_json_put(writer, "{\"patterns\":[");
        for (uint32_t k = 0; k < arm->pattern_count; k++) {
            ast_json_put_comma(writer, k);
            ast_json_write_pattern(writer, &arm->patterns[k]);
        }
        ast_json_put(writer, "]");
        if (arm->guard != NULL) {
            ast_json_put_expr(writer, "guard", arm->guard);
        }
        ast_json_put_expr(writer, "body", &arm->body);
        ast_json_put(writer, "}");
    }
    ast_json_put(writer, "]");
}

static void put_ctor(Writer *writer, const Expr *expr)
{
    ast_json_put_symbol_field(writer, "name", expr->as.ctor.symbol);
    // After resolving, `module` is no symbol any more.
    if ((expr->flags & EXPR_QUALIFIED) != 0 &&
        expr->as.ctor.ref == REF_UNRESOLVED) {
        ast_json_put_symbol_field(writer, "qualifier", expr->as.ctor.index);
    }
}

static void put_literal(Writer *writer, const Expr *expr)
{
    ast_json_put_key(writer, "value");
    if (expr->kind == EXPR_BOOL) {
        ast_json_put(writer, expr->as.boolean.value ? "true" : "false");
    } else if (expr->kind == EXPR_INT) {
        ast_json_put_integer(writer, expr->as.integer.value);
    } else if (expr->kind == EXPR_FLOAT) {
        ast_json_put_number(writer, expr->as.number.value);
    } else {
        ast_json_put_string(
            writer, str_make(expr->as.string.data, expr->as.string.len));
    }
}

static void put_unary(Writer *writer, const Expr *expr)
{
    ast_json_put_key(writer, "operator");
    ast_json_put_string(writer, str_from_c(operator_text(expr->as.unary.op)));
    ast_json_put_expr(writer, "operand", expr->as.unary.operand);
}

// What an expression has besides kind and span.
static void put_expr_fields(Writer *writer, const Expr *expr)
{
    switch ((ExprKind)expr->kind) {
    case EXPR_ERROR:
    case EXPR_UNIT:
    case EXPR_DATA:    // not of a program alone
    case EXPR_BUILTIN: // of std/ alone
        break;
    case EXPR_BOOL:
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_STRING:
        put_literal(writer, expr);
        break;
    case EXPR_INTERPOLATION:
        ast_json_put_exprs(writer, "parts", expr->as.interpolation.parts,
                           expr->as.interpolation.count);
        break;
    case EXPR_NAME:
        ast_json_put_symbol_field(writer, "name", expr->as.name.symbol);
        if ((expr->flags & EXPR_IMPLICIT) != 0) {
            ast_json_put_bool_field(writer, "implicit", true);
        }
        break;
    case EXPR_CTOR:
        put_ctor(writer, expr);
        break;
    case EXPR_TUPLE:
        ast_json_put_exprs(writer, "items", expr->as.tuple.items,
                           expr->as.tuple.count);
        break;
    case EXPR_LIST:
        ast_json_put_exprs(writer, "items", expr->as.list.items,
                           expr->as.list.count);
        break;
    case EXPR_COMPREHENSION:
        put_comprehension(writer, expr->as.comprehension);
        break;
    case EXPR_RECORD:
        put_record(writer, expr);
        break;
    case EXPR_FIELD:
        ast_json_put_expr(writer, "record", &expr->as.field.of->record);
        ast_json_put_symbol_field(writer, "field", expr->as.field.field);
        break;
    case EXPR_CALL:
        ast_json_put_expr(writer, "callee", &expr->as.call.parts[0]);
        ast_json_put_exprs(writer, "args", expr->as.call.parts + 1,
                           expr->as.call.count - 1);
        break;
    case EXPR_CHAIN:
        put_chain(writer, expr);
        break;
    case EXPR_UNARY:
        put_unary(writer, expr);
        break;
    case EXPR_LAMBDA:
        put_function(writer, expr->as.lambda);
        break;
    case EXPR_LET:
        ast_json_put_bool_field(writer, "rec", expr->as.let->rec);
        ast_json_put_binds(writer, "bindings", expr->as.let->binds,
                           expr->as.let->count);
        ast_json_put_expr(writer, "body", &expr->as.let->body);
        break;
    case EXPR_IF:
        put_if(writer, expr);
        break;
    case EXPR_MATCH:
        put_match(writer, expr->as.match);
        break;
    case EXPR_ANNOTATED:
        ast_json_put_expr(writer, "expression", &expr->as.annotated->expr);
        ast_json_put_type(writer, "type", expr->as.annotated->type);
        break;
    }
}

void ast_json_write_expr(Writer *writer, const Expr *expr)
{
    ast_json_begin_node(writer, expr_kind_label((ExprKind)expr->kind),
                        expr->span);
    if ((expr->flags & EXPR_PARENTHESISED) != 0) {
        ast_json_put_bool_field(writer, "parenthesised", true);
    }
    put_expr_fields(writer, expr);
    ast_json_end_node(writer);
}
