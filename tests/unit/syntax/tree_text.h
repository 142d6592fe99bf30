// Trees as short text: (f x y) is a call, (+ a b) a chain, {a=1} a record. A
// case for each kind of node, hence longer than a header may be.
#ifndef LIGATURE_TESTS_SYNTAX_TREE_TEXT_H
#define LIGATURE_TESTS_SYNTAX_TREE_TEXT_H

#include "syntax/module.h"
#include "tests/harness.h"

typedef struct Printer {
    StrBuf *out;
    const Interner *interner;
} Printer;

static inline void put_expr(Printer *p, const Expr *expr);
static inline void put_type(Printer *p, const TypeExpr *type);
static inline void put_pattern(Printer *p, const Pattern *pattern);

static inline void put(Printer *p, const char *text)
{
    strbuf_append(p->out, str_from_c(text));
}

static inline void put_symbol(Printer *p, Symbol symbol)
{
    strbuf_append(p->out, symbol_text(p->interner, symbol));
}

static inline void put_string(Printer *p, const char *data, uint32_t len)
{
    put(p, "'");
    strbuf_append(p->out, str_make(data, len));
    put(p, "'");
}

static inline void put_exprs(Printer *p, const Expr *exprs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        put(p, i == 0 ? "" : " ");
        put_expr(p, &exprs[i]);
    }
}

static inline void put_types(Printer *p, const TypeExpr *types, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        put(p, i == 0 ? "" : " ");
        put_type(p, &types[i]);
    }
}

static inline void put_patterns(Printer *p, const Pattern *patterns,
                                uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        put(p, i == 0 ? "" : " ");
        put_pattern(p, &patterns[i]);
    }
}

static inline void put_constraints(Printer *p, const Constraint *items,
                                   uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        put(p, i == 0 ? "(" : ", ");
        if (items[i].qualifier != 0) {
            put_symbol(p, items[i].qualifier);
            put(p, ".");
        }
        put_symbol(p, items[i].ref.symbol);
        put(p, " ");
        put_types(p, items[i].args, items[i].arg_count);
    }
    put(p, ")");
}

static inline void put_record_type(Printer *p, const TypeRecord *record)
{
    put(p, "{");
    for (uint32_t i = 0; i < record->count; i++) {
        const TypeField *field = &record->fields[i];
        put(p, i == 0 ? "" : ", ");
        put_symbol(p, field->name);
        put(p, field->optional ? "?: " : ": ");
        put_type(p, field->type);
        if (field->default_value != NULL) {
            put(p, " = ");
            put_expr(p, field->default_value);
        }
    }
    if (record->open) {
        put(p, " ..");
    }
    if (record->row != 0) {
        put_symbol(p, record->row);
    }
    put(p, "}");
}

static inline void put_type(Printer *p, const TypeExpr *type)
{
    switch ((TypeExprKind)type->kind) {
    case TYPE_EXPR_ERROR:
        put(p, "<error>");
        break;
    case TYPE_EXPR_NAME:
        put(p, type->as.name.arg_count > 0 ? "(" : "");
        if (type->as.name.qualifier != 0) {
            put_symbol(p, type->as.name.qualifier);
            put(p, ".");
        }
        put_symbol(p, type->as.name.ref.symbol);
        put(p, type->as.name.arg_count > 0 ? " " : "");
        put_types(p, type->as.name.args, type->as.name.arg_count);
        put(p, type->as.name.arg_count > 0 ? ")" : "");
        break;
    case TYPE_EXPR_VAR:
        put(p, "'");
        put_symbol(p, type->as.var.symbol);
        break;
    case TYPE_EXPR_UNIT:
        put(p, "()");
        break;
    case TYPE_EXPR_FUNCTION:
        put(p, "(-> ");
        put_types(p, type->as.function.parts, type->as.function.count);
        put(p, ")");
        break;
    case TYPE_EXPR_TUPLE:
        put(p, "(, ");
        put_types(p, type->as.tuple.items, type->as.tuple.count);
        put(p, ")");
        break;
    case TYPE_EXPR_LIST:
        put(p, "[");
        put_type(p, type->as.list.item);
        put(p, "]");
        break;
    case TYPE_EXPR_RECORD:
        put_record_type(p, type->as.record);
        break;
    case TYPE_EXPR_REFINED:
        put_type(p, type->as.refined.base);
        for (uint32_t i = 0; i < type->as.refined.count; i++) {
            const Predicate *predicate = &type->as.refined.predicates[i];
            put(p, predicate->is_with ? " with " : " where ");
            put_expr(p, &predicate->expr);
        }
        break;
    case TYPE_EXPR_CONSTRAINED:
        put_constraints(p, type->as.constrained.constraints,
                        type->as.constrained.count);
        put(p, " => ");
        put_type(p, type->as.constrained.type);
        break;
    }
}

static inline void put_record_pattern(Printer *p, const PatternRecord *record)
{
    put(p, "{");
    for (uint32_t i = 0; i < record->count; i++) {
        put(p, i == 0 ? "" : " ");
        put_symbol(p, record->fields[i].name);
        put(p, "=");
        put_pattern(p, &record->fields[i].pattern);
    }
    put(p, record->open ? " ..}" : "}");
}

static inline void put_pattern(Printer *p, const Pattern *pattern)
{
    switch ((PatternKind)pattern->kind) {
    case PATTERN_ERROR:
        put(p, "<error>");
        break;
    case PATTERN_WILDCARD:
        put(p, "_");
        break;
    case PATTERN_NAME:
        put_symbol(p, pattern->as.name.symbol);
        break;
    case PATTERN_UNIT:
        put(p, "()");
        break;
    case PATTERN_BOOL:
        put(p, pattern->as.boolean.value ? "true" : "false");
        break;
    case PATTERN_INT:
        strbuf_append_i64(p->out, pattern->as.integer.value);
        break;
    case PATTERN_FLOAT:
        strbuf_appendf(p->out, "f%g", pattern->as.number.value);
        break;
    case PATTERN_STRING:
        put_string(p, pattern->as.string.data, pattern->as.string.len);
        break;
    case PATTERN_CTOR:
        put(p, "(");
        if (pattern->as.ctor->qualifier != 0) {
            put_symbol(p, pattern->as.ctor->qualifier);
            put(p, ".");
        }
        put_symbol(p, pattern->as.ctor->ref.symbol);
        put(p, pattern->as.ctor->arg_count > 0 ? " " : "");
        put_patterns(p, pattern->as.ctor->args, pattern->as.ctor->arg_count);
        put(p, ")");
        break;
    case PATTERN_TUPLE:
        put(p, "(, ");
        put_patterns(p, pattern->as.tuple.items, pattern->as.tuple.count);
        put(p, ")");
        break;
    case PATTERN_LIST:
        put(p, "[");
        put_patterns(p, pattern->as.list->items, pattern->as.list->count);
        if (pattern->as.list->has_rest) {
            put(p, " ..");
        }
        if (pattern->as.list->rest != 0) {
            put_symbol(p, pattern->as.list->rest);
        }
        put(p, "]");
        break;
    case PATTERN_RECORD:
        put_record_pattern(p, pattern->as.record);
        break;
    case PATTERN_AS:
        put_pattern(p, pattern->as.alias.pattern);
        put(p, "@");
        put_symbol(p, pattern->as.alias.symbol);
        break;
    }
}

static inline void put_function(Printer *p, const Function *function)
{
    put(p, "\\");
    for (uint32_t i = 0; i < function->param_count; i++) {
        const Param *param = &function->params[i];
        put(p, i == 0 ? "" : " ");
        put_pattern(p, &param->pattern);
        if (param->type != NULL) {
            put(p, ":");
            put_type(p, param->type);
        }
    }
    if (function->result != NULL) {
        put(p, " : ");
        put_type(p, function->result);
    }
    put(p, " -> ");
    put_expr(p, &function->body);
}

static inline void put_binds(Printer *p, const Bind *binds, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        put(p, i == 0 ? "" : "; ");
        put_symbol(p, binds[i].name);
        if (binds[i].type != NULL) {
            put(p, ": ");
            put_type(p, binds[i].type);
        }
        put(p, " = ");
        put_expr(p, &binds[i].value);
    }
}

static inline void put_record(Printer *p, const Expr *expr)
{
    put(p, "{");
    for (uint32_t i = 0; i < expr->as.record.count; i++) {
        const RecordItem *item = &expr->as.record.items[i];
        put(p, i == 0 ? "" : ", ");
        if (item->name == 0) {
            put(p, "..");
            put_expr(p, record_item_value(item));
            continue;
        }
        for (uint32_t k = 0; record_item_path(item) != NULL &&
                             k < record_item_path(item)->count;
             k++) {
            put(p, k == 0 ? "" : ".");
            put_symbol(p, record_item_path(item)->names[k]);
        }
        if (record_item_path(item) == NULL) {
            put_symbol(p, item->name);
        }
        if (record_item_type(item) != NULL) {
            put(p, ": ");
            put_type(p, record_item_type(item));
        }
        put(p, "=");
        put_expr(p, record_item_value(item));
    }
    put(p, "}");
}

static inline void put_match(Printer *p, const Match *match)
{
    put(p, "(match ");
    put_expr(p, &match->scrutinee);
    for (uint32_t i = 0; i < match->arm_count; i++) {
        const Arm *arm = &match->arms[i];
        put(p, " | ");
        put_patterns(p, arm->patterns, arm->pattern_count);
        if (arm->guard != NULL) {
            put(p, " when ");
            put_expr(p, arm->guard);
        }
        put(p, " => ");
        put_expr(p, &arm->body);
    }
    put(p, ")");
}

static inline void put_comprehension(Printer *p, const Comprehension *node)
{
    put(p, "[");
    put_expr(p, &node->body);
    for (uint32_t i = 0; i < node->count; i++) {
        const Clause *clause = &node->clauses[i];
        if (clause->is_filter) {
            put(p, " if ");
        } else {
            put(p, " for ");
            put_pattern(p, &clause->pattern);
            put(p, " in ");
        }
        put_expr(p, &clause->expr);
    }
    put(p, "]");
}

static inline void put_chain(Printer *p, const Expr *expr)
{
    put(p, "(");
    for (uint32_t i = 0; i < expr->as.chain.count; i++) {
        const Expr *operand = &expr->as.chain.operands[i];
        if (i > 0) {
            put(p, " ");
            put(p, operator_text((Operator)operand->op));
            put(p, " ");
        }
        put_expr(p, operand);
    }
    put(p, ")");
}

static inline void put_expr(Printer *p, const Expr *expr)
{
    switch ((ExprKind)expr->kind) {
    case EXPR_ERROR:
        put(p, "<error>");
        break;
    case EXPR_DATA:
        put(p, "<data>");
        break;
    case EXPR_UNIT:
        put(p, "()");
        break;
    case EXPR_BOOL:
        put(p, expr->as.boolean.value ? "true" : "false");
        break;
    case EXPR_INT:
        strbuf_append_i64(p->out, expr->as.integer.value);
        break;
    case EXPR_FLOAT:
        strbuf_appendf(p->out, "f%g", expr->as.number.value);
        break;
    case EXPR_STRING:
        put_string(p, expr->as.string.data, expr->as.string.len);
        break;
    case EXPR_INTERPOLATION:
        put(p, "(show ");
        put_exprs(p, expr->as.interpolation.parts,
                  expr->as.interpolation.count);
        put(p, ")");
        break;
    case EXPR_NAME:
        put(p, (expr->flags & EXPR_IMPLICIT) != 0 ? "~" : "");
        put_symbol(p, expr->as.name.symbol);
        break;
    case EXPR_CTOR:
        if ((expr->flags & EXPR_QUALIFIED) != 0) {
            put_symbol(p, expr->as.ctor.index);
            put(p, ".");
        }
        put_symbol(p, expr->as.ctor.symbol);
        break;
    case EXPR_BUILTIN:
        strbuf_appendf(p->out, "builtin#%u", (unsigned)expr->as.builtin.index);
        break;
    case EXPR_TUPLE:
        put(p, "(, ");
        put_exprs(p, expr->as.tuple.items, expr->as.tuple.count);
        put(p, ")");
        break;
    case EXPR_LIST:
        put(p, "[");
        put_exprs(p, expr->as.list.items, expr->as.list.count);
        put(p, "]");
        break;
    case EXPR_COMPREHENSION:
        put_comprehension(p, expr->as.comprehension);
        break;
    case EXPR_RECORD:
        put_record(p, expr);
        break;
    case EXPR_FIELD:
        put_expr(p, &expr->as.field.of->record);
        put(p, ".");
        put_symbol(p, expr->as.field.field);
        break;
    case EXPR_CALL:
        put(p, "(");
        put_exprs(p, expr->as.call.parts, expr->as.call.count);
        put(p, ")");
        break;
    case EXPR_CHAIN:
        put_chain(p, expr);
        break;
    case EXPR_UNARY:
        put(p, operator_text(expr->as.unary.op));
        put_expr(p, expr->as.unary.operand);
        break;
    case EXPR_LAMBDA:
        put(p, "(");
        put_function(p, expr->as.lambda);
        put(p, ")");
        break;
    case EXPR_LET:
        put(p, expr->as.let->rec ? "(let rec " : "(let ");
        put_binds(p, expr->as.let->binds, expr->as.let->count);
        put(p, " in ");
        put_expr(p, &expr->as.let->body);
        put(p, ")");
        break;
    case EXPR_IF:
        put(p, "(if ");
        put_exprs(p, expr->as.branch.parts, expr->as.branch.count);
        put(p, ")");
        break;
    case EXPR_MATCH:
        put_match(p, expr->as.match);
        break;
    case EXPR_ANNOTATED:
        put(p, "(");
        put_expr(p, &expr->as.annotated->expr);
        put(p, " : ");
        put_type(p, expr->as.annotated->type);
        put(p, ")");
        break;
    }
}

static inline void put_items(Printer *p, const ImportItem *items,
                             uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        put(p, i == 0 ? " {" : ", ");
        put_symbol(p, items[i].name);
        if (items[i].alias != items[i].name) {
            put(p, " as ");
            put_symbol(p, items[i].alias);
        }
    }
    put(p, count > 0 ? "}" : "");
}

static inline void put_import(Printer *p, const Import *import)
{
    put(p, "import ");
    if (import->dotted_count == 0) {
        put_string(p, import->path.data, (uint32_t)import->path.len);
    }
    for (uint32_t i = 0; i < import->dotted_count; i++) {
        put(p, i == 0 ? "" : ".");
        put_symbol(p, import->dotted[i]);
    }
    if (import->alias != 0) {
        put(p, " as ");
        put_symbol(p, import->alias);
    }
    if (import->type != NULL) {
        put(p, ": ");
        put_type(p, import->type);
    }
    put_items(p, import->items, import->item_count);
}

static inline void put_type_decl(Printer *p, const TypeDecl *decl)
{
    put(p, decl->exported ? "export type " : "type ");
    put_symbol(p, decl->name);
    for (uint32_t i = 0; i < decl->param_count; i++) {
        put(p, " '");
        put_symbol(p, decl->params[i]);
    }
    put(p, " =");
    if (decl->alias != NULL) {
        put(p, " ");
        put_type(p, decl->alias);
    }
    for (uint32_t i = 0; i < decl->ctor_count; i++) {
        put(p, " | ");
        put_symbol(p, decl->ctors[i].name);
        put(p, decl->ctors[i].arg_count > 0 ? " " : "");
        put_types(p, decl->ctors[i].args, decl->ctors[i].arg_count);
    }
}

static inline void put_class(Printer *p, const ClassDecl *decl)
{
    put(p, "class ");
    put_symbol(p, decl->name);
    for (uint32_t i = 0; i < decl->param_count; i++) {
        put(p, " '");
        put_symbol(p, decl->params[i]);
    }
    if (decl->superclass_count > 0) {
        put(p, " < ");
        put_constraints(p, decl->superclasses, decl->superclass_count);
    }
    for (uint32_t i = 0; i < decl->method_count; i++) {
        put(p, " . ");
        put_symbol(p, decl->methods[i].name);
        put(p, ": ");
        put_type(p, decl->methods[i].type);
    }
}

static inline void put_decl(Printer *p, const Decl *decl)
{
    switch ((DeclKind)decl->kind) {
    case DECL_ERROR:
        put(p, "<error>");
        break;
    case DECL_LET:
        put(p, decl->as.let.exported ? "export " : "");
        put(p, decl->as.let.rec ? "let rec " : "let ");
        put_binds(p, decl->as.let.binds, decl->as.let.count);
        break;
    case DECL_INPUT:
        put(p, "input ");
        put_symbol(p, decl->as.input->name);
        put(p, ": ");
        put_type(p, decl->as.input->type);
        if (decl->as.input->default_value != NULL) {
            put(p, " = ");
            put_expr(p, decl->as.input->default_value);
        }
        break;
    case DECL_IMPORT:
        put_import(p, decl->as.import);
        break;
    case DECL_EXPORT:
        put(p, "export");
        put_items(p, decl->as.export_.items, decl->as.export_.count);
        break;
    case DECL_TYPE:
        put_type_decl(p, decl->as.type);
        break;
    case DECL_CLASS:
        put_class(p, decl->as.class_);
        break;
    case DECL_INSTANCE:
        put(p, "instance ");
        if (decl->as.instance->context_count > 0) {
            put_constraints(p, decl->as.instance->context,
                            decl->as.instance->context_count);
            put(p, " => ");
        }
        put_constraints(p, &decl->as.instance->head, 1);
        put(p, " . ");
        put_binds(p, decl->as.instance->methods,
                  decl->as.instance->method_count);
        break;
    }
}

static inline void put_module(Printer *p, const ModuleAst *ast)
{
    for (uint32_t i = 0; i < ast->path_count; i++) {
        put(p, i == 0 ? "module " : ".");
        put_symbol(p, ast->path[i]);
    }
    bool first = ast->path_count == 0;
    for (uint32_t i = 0; i < ast->decl_count; i++) {
        put(p, first ? "" : " ;; ");
        first = false;
        put_decl(p, &ast->decls[i]);
    }
    if (ast->result != NULL) {
        put(p, first ? "" : " ;; ");
        put_expr(p, ast->result);
    }
}

#endif
