// Trees as short text: (f x y) is a call, (+ a b) a chain, {a=1} a record.
// Then what is refused: the codes and offsets of all diagnostics.
#include "syntax/parser.h"
#include "tests/harness.h"

typedef struct Printer {
    StrBuf *out;
    const Interner *interner;
} Printer;

static void put_expr(Printer *p, const Expr *expr);
static void put_type(Printer *p, const TypeExpr *type);
static void put_pattern(Printer *p, const Pattern *pattern);

static void put(Printer *p, const char *text)
{
    strbuf_append(p->out, str_from_c(text));
}

static void put_symbol(Printer *p, Symbol symbol)
{
    strbuf_append(p->out, symbol_text(p->interner, symbol));
}

static void put_string(Printer *p, const char *data, uint32_t len)
{
    put(p, "'");
    strbuf_append(p->out, str_make(data, len));
    put(p, "'");
}

static void put_exprs(Printer *p, const Expr *exprs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        put(p, i == 0 ? "" : " ");
        put_expr(p, &exprs[i]);
    }
}

static void put_types(Printer *p, const TypeExpr *types, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        put(p, i == 0 ? "" : " ");
        put_type(p, &types[i]);
    }
}

static void put_patterns(Printer *p, const Pattern *patterns, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        put(p, i == 0 ? "" : " ");
        put_pattern(p, &patterns[i]);
    }
}

static void put_constraints(Printer *p, const Constraint *items, uint32_t count)
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

static void put_record_type(Printer *p, const TypeRecord *record)
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

static void put_type(Printer *p, const TypeExpr *type)
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

static void put_record_pattern(Printer *p, const PatternRecord *record)
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

static void put_pattern(Printer *p, const Pattern *pattern)
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

static void put_function(Printer *p, const Function *function)
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

static void put_binds(Printer *p, const Bind *binds, uint32_t count)
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

static void put_record(Printer *p, const Expr *expr)
{
    put(p, "{");
    for (uint32_t i = 0; i < expr->as.record.count; i++) {
        const RecordItem *item = &expr->as.record.items[i];
        put(p, i == 0 ? "" : ", ");
        if (item->name == 0) {
            put(p, "..");
            put_expr(p, &item->value);
            continue;
        }
        for (uint32_t k = 0; item->path != NULL && k < item->path->count; k++) {
            put(p, k == 0 ? "" : ".");
            put_symbol(p, item->path->names[k]);
        }
        if (item->path == NULL) {
            put_symbol(p, item->name);
        }
        if (item->type != NULL) {
            put(p, ": ");
            put_type(p, item->type);
        }
        put(p, "=");
        put_expr(p, &item->value);
    }
    put(p, "}");
}

static void put_match(Printer *p, const Match *match)
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

static void put_comprehension(Printer *p, const Comprehension *node)
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

static void put_chain(Printer *p, const Expr *expr)
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

static void put_expr(Printer *p, const Expr *expr)
{
    switch ((ExprKind)expr->kind) {
    case EXPR_ERROR:
        put(p, "<error>");
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
            put_symbol(p, expr->as.ctor.module);
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
        put_expr(p, expr->as.field.record);
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
        put_expr(p, expr->as.annotated.expr);
        put(p, " : ");
        put_type(p, expr->as.annotated.type);
        put(p, ")");
        break;
    }
}

static void put_items(Printer *p, const ImportItem *items, uint32_t count)
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

static void put_import(Printer *p, const Import *import)
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

static void put_type_decl(Printer *p, const TypeDecl *decl)
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

static void put_class(Printer *p, const ClassDecl *decl)
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

static void put_decl(Printer *p, const Decl *decl)
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
        put_symbol(p, decl->as.input.name);
        put(p, ": ");
        put_type(p, decl->as.input.type);
        if (decl->as.input.default_value != NULL) {
            put(p, " = ");
            put_expr(p, decl->as.input.default_value);
        }
        break;
    case DECL_IMPORT:
        put_import(p, &decl->as.import);
        break;
    case DECL_EXPORT:
        put(p, "export");
        put_items(p, decl->as.export_.items, decl->as.export_.count);
        break;
    case DECL_TYPE:
        put_type_decl(p, &decl->as.type);
        break;
    case DECL_CLASS:
        put_class(p, &decl->as.class_);
        break;
    case DECL_INSTANCE:
        put(p, "instance ");
        if (decl->as.instance.context_count > 0) {
            put_constraints(p, decl->as.instance.context,
                            decl->as.instance.context_count);
            put(p, " => ");
        }
        put_constraints(p, &decl->as.instance.head, 1);
        put(p, " . ");
        put_binds(p, decl->as.instance.methods, decl->as.instance.method_count);
        break;
    }
}

static void put_module(Printer *p, const ModuleAst *ast)
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

// What to look at in a parsed text.
typedef enum Look { LOOK_TREE, LOOK_ERRORS } Look;

static void check_text(const char *file, int line, Look look, Str text,
                       const char *expected)
{
    Interner *interner = symbols_new();
    Module *module = module_new();
    module->source = (Source){STR("test.lig"), text, 0};
    module->is_std = str_starts_with(text, STR("//std"));
    parser_parse_module(module, interner, 100);
    StrBuf out = {0};
    Printer printer = {&out, interner};
    if (look == LOOK_TREE) {
        put_module(&printer, &module->ast);
    }
    for (uint32_t i = 0; i < module->diags.diags.count; i++) {
        const Diag *diag = module->diags.diags.items[i];
        strbuf_appendf(&out, "%s%s@%u", out.len > 0 ? " " : "",
                       diag_code_name(diag->code), (unsigned)diag->span.start);
    }
    harness_check_int(file, line, "broken", module->broken,
                      module->diags.error_count > 0);
    harness_check_str(file, line, "tree", strbuf_str(&out),
                      str_from_c(expected));
    strbuf_release(&out);
    module_free(module);
    interner_free(interner);
}

#define TREE(text, expected)                                                   \
    check_text(__FILE__, __LINE__, LOOK_TREE, STR(text), (expected))
#define ERRORS(text, expected)                                                 \
    check_text(__FILE__, __LINE__, LOOK_ERRORS, STR(text), (expected))

TEST(literals)
{
    TREE("", "");
    TREE("()", "()");
    TREE("[1, 2.5, \"a\", true,]", "[1 f2.5 'a' true]");
    TREE("-9223372036854775808", "-9223372036854775808");
    TREE("[-1, - 2, -1.5, -x, - -1, !(-1)]", "[-1 -2 f-1.5 -x --1 !-1]");
    TREE("(1, \"x\", ())", "(, 1 'x' ())");
    TREE("(1)", "1");
    TREE("(1,)", "1");
}

TEST(application)
{
    TREE("f x y", "(f x y)");
    TREE("f(x)(y)", "(f x y)");
    TREE("f(x, y)", "(f x y)");
    TREE("f (x, y)", "(f x y)");
    TREE("f ((x, y))", "(f (, x y))");
    TREE("f x (y, z) w", "(f x y z w)");
    TREE("f(x) y", "(f x y)");
    TREE("(f x) y", "((f x) y)");
    TREE("g f(x)", "(g (f x))");
    TREE("f(x).y z", "((f x).y z)");
    TREE("f()", "(f ())");
    TREE("f ()", "(f ())");
    TREE("f (x)(y)", "(f (x y))");
    TREE("f (a, b)(c)", "(f a b c)");
    TREE("f { a = 1 } [2] \"s\" 3", "(f {a=1} [2] 's' 3)");
    TREE("f -1", "(f - 1)");
    TREE("f (-1)", "(f -1)");
    TREE("Cons(x, xs)", "(Cons x xs)");
    TREE("f(x : Int)", "(f (x : Int))");
    TREE("a\n  b", "(a b)");
}

TEST(fields)
{
    TREE("a.b.c", "a.b.c");
    TREE("{ type = \"bearer\" }.type", "{type='bearer'}.type");
    TREE("a.\"b c\"", "a.b c");
    TREE("u.Ctor x", "(u.Ctor x)");
    TREE("Lib.value", "Lib.value");
    TREE("Lib.Ctor", "Lib.Ctor");
    TREE("a.b.Ctor", "a.b.Ctor");
}

TEST(operators)
{
    TREE("1 + 2 * 3 - 4", "(1 + (2 * 3) - 4)");
    TREE("a || b && c == d < e ++ f + g * -h",
         "(a || (b && (c == (d < (e ++ (f + (g * -h)))))))");
    TREE("a * b + c ++ d < e == f && g || h ?"
         "? i |> j",
         "(((((((((a * b) + c) ++ d) < e) == f) && g) || h) ?"
         "? i) |> j)");
    TREE("a < b <= c", "(a < b <= c)");
    TREE("x |> f |> g", "(x |> f |> g)");
    TREE("xs |> \\y -> y + 1", "(xs |> (\\y -> (y + 1)))");
    TREE("1 + if a then b else c + 1", "(1 + (if a b (c + 1)))");
    TREE("a - -b", "(a - -b)");
    TREE("!a && !!b", "(!a && !!b)");
    TREE("a--b\n+ c", "(a + c)");
}

TEST(functions)
{
    TREE("\\x -> x", "(\\x -> x)");
    TREE("\\x (a, b) _ { p, q = z, .. } (t: Int) () -> x",
         "(\\x (, a b) _ {p=p q=z ..} t:Int () -> x)");
    TREE("\\x: Int -> x", "(\\x:Int -> x)");
    TREE("\\x: (Int -> Int) y -> x", "(\\x:(-> Int Int) y -> x)");
}

TEST(let_and_if)
{
    TREE("let x = 1 in x", "(let x = 1 in x)");
    TREE("let x = 1; y = x; in y", "(let x = 1; y = x in y)");
    TREE("let rec f x = g x and g y = f y in f",
         "(let rec f = (\\x -> (g x)); g = (\\y -> (f y)) in f)");
    TREE("(let x = 1; f y = x in f)", "(let x = 1; f = (\\y -> x) in f)");
    TREE("if a then b else if c then d else e", "(if a b c d e)");
    TREE("let a = 1;\nlet b = 2 in b", "let a = 1 ;; (let b = 2 in b)");
}

TEST(match)
{
    TREE("match f x { 0 | -1 => a, n when n > 3 => b, }",
         "(match (f x) | 0 -1 => a | n when (n > 3) => b)");
    TREE("match x { Some (a, b) => 1, m.C x [a, ..r] => 2 }",
         "(match x | (Some a b) => 1 | (m.C x [a ..r]) => 2)");
    TREE("match x { Some ((a, b)) => 1, C () (d) => 2, Lib.D => 3 }",
         "(match x | (Some (, a b)) => 1 | (C () d) => 2 | (Lib.D) => 3)");
    TREE("match x { [..] => 1, [] => 2, [a, _, .._] => 3 }",
         "(match x | [ ..] => 1 | [] => 2 | [a _ ..] => 3)");
    TREE("match x { { type = t, a, \"b\" = 1, .. } => t, {} => 1 }",
         "(match x | {type=t a=a b=1 ..} => t | {} => 1)");
    TREE("match x { (a, b) as c => 1, Some x as y => 2, -1.5 => 3 }",
         "(match x | (, a b)@c => 1 | (Some x)@y => 2 | f-1.5 => 3)");
    TREE("match x { -9223372036854775808 => 1, \"s\" => 2, true => 3 }",
         "(match x | -9223372036854775808 => 1 | 's' => 2 | true => 3)");
    TREE("match ({ a = 1 }) { _ => { b = 2 } }", "(match {a=1} | _ => {b=2})");
    TREE("match x { _ => match y { _ => { a } } }",
         "(match x | _ => (match y | _ => {a=a}))");
}

TEST(lists_and_records)
{
    TREE("[x * y for x in xs if x > 0 for (y, _) in ys]",
         "[(x * y) for x in xs if (x > 0) for (, y _) in ys]");
    TREE("[if a then b else c for x in if d then e else f]",
         "[(if a b c) for x in (if d e f)]");
    TREE("{ ..base, port = 443, tls.enabled = true, name, \"x y\" = 1, "
         "type: Int = 3, Up = 2, a.\"b\".type = 1, }",
         "{..base, port=443, tls.enabled=true, name=name, x y=1, type: "
         "Int=3, Up=2, a.b.type=1}");
    TREE("{}", "{}");
    TREE("{ if = 1, let = { in = 2 } }", "{if=1, let={in=2}}");
}

TEST(strings)
{
    TREE("\"a\\(x + 1)b\\(y)\"", "(show 'a' (x + 1) 'b' y)");
    TREE("\"\\(\"\\(x)\")\"", "(show (show x))");
    TREE("\"\"\"\n  a \\(x)\n    b\\n\n  \"\"\"", "(show 'a ' x '\n  b\n\n')");
    TREE("\"\"\"\n    \\(x)\n  y\"\"\"", "(show '  ' x '\ny')");
    TREE("\"\"\"\n  \\({ a = [1] }.a)\n  \"\"\"", "(show {a=[1]}.a '\n')");
    TREE("r\"\\d\"", "'\\d'");
}

TEST(types)
{
    TREE("type A = Integer;", "type A = Integer");
    TREE("type A a 'b = a -> ('b -> List a) -> [Map 'b];",
         "type A 'a 'b = (-> 'a (-> 'b (List 'a)) [(Map 'b)])");
    TREE("type A = { x: Int, y?: String = \"a\", \"q r\": u.T, type: (), "
         "..r };",
         "type A = {x: Int, y?: String = 'a', q r: u.T, type: () ..r}");
    TREE("type A = { .. };", "type A = { ..}");
    TREE("type A = { a: Int, .., };", "type A = {a: Int ..}");
    TREE("type A = (Int, String, (Lib.T a));",
         "type A = (, Int String (Lib.T 'a))");
    TREE("let x: Eq a => a -> (Show b, Ord b) => b = y;",
         "let x: (Eq 'a) => (-> 'a (, (Show 'b) (Ord 'b))) = <error> "
         "E0106@36");
}

TEST(refinements)
{
    TREE("type A = Int where x > 0 && x <= 65535;",
         "type A = Int where ((x > 0) && (x <= 65535))");
    TREE("type A = Int where >= 0 && <= 150 || == 7;",
         "type A = Int where (((~x >= 0) && (~x <= 150)) || (~x == 7))");
    TREE("type A = Int where (> 0) && !(< 3);",
         "type A = Int where ((~x > 0) && !(~x < 3))");
    TREE("type A = String with regexp(r\"^a\") with length <= 63 where f;",
         "type A = String with (regexp '^a') with (length <= 63) where f");
    TREE("type A = Int where x > 0 -> String where contains \"@\";",
         "type A = (-> Int where (x > 0) String where (contains '@'))");
    TREE("let f (n: Int where > 0): Int where < 9 = n;",
         "let f = (\\n:Int where (~x > 0) : Int where (~x < 9) -> n)");
    TREE("type A = { a: Int where > 0 = 3, b: Int where x > 1 };",
         "type A = {a: Int where (~x > 0) = 3, b: Int where (x > 1)}");
    ERRORS("type A = Int where 1 + > 5;", "E0106@23");
    ERRORS("let a = (> 5);", "E0106@9");
}

TEST(unions)
{
    TREE("type A = A | B Int (List a) | C(Int, String) | D { x: Int };",
         "type A = | A | B Int (List 'a) | C Int String | D {x: Int}");
    TREE("type A = | B;", "type A = | B");
    TREE("type A = B X;", "type A = (B X)");
    TREE("type A = B(X, Y);", "type A = | B X Y");
    TREE("type A = B (X, Y);", "type A = (B (, X Y))");
    TREE("type A = | B (X, Y) | C ((X, Y)) | D (X, Y) Z;",
         "type A = | B X Y | C (, X Y) | D (, X Y) Z");
    TREE("export type A = B | C;", "export type A = | B | C");
}

TEST(classes)
{
    TREE("typeclass C a b where superclass Eq a, Ord b; m : a -> b; "
         "n : Show a => a;\nx",
         "class C 'a 'b < (Eq 'a, Ord 'b) . m: (-> 'a 'b) . n: (Show 'a) => "
         "'a ;; x");
    TREE("instance (Eq a, Show a) => C (List a) Int where\n f x = 1;\n"
         " g = h;\ni j",
         "instance (Eq 'a, Show 'a) => (C (List 'a) Int) . f = (\\x -> 1); "
         "g = h ;; (i j)");
    TREE("instance Eq a => C a where", "instance (Eq 'a) => (C 'a) . ");
    TREE("//std\nlet e = builtin \"error\";", "let e = builtin#0");
    TREE("let e = builtin \"error\";", "let e = (builtin 'error')");
}

TEST(modules)
{
    TREE("module My.App.main; import \"./u\"; import \"d.json\" as d : T;",
         "module My.App.main ;; import './u' ;; import 'd.json' as d: T");
    TREE("import { a, B as C, c as d, } from \"./x\";",
         "import './x' {a, B as C, c as d}");
    TREE("import std.list as L { map }; import std.type;",
         "import std.list as L {map} ;; import std.type");
    TREE("export a, B as C; export { d }; export let x = 1; "
         "export { e } export f",
         "export {a, B as C} ;; export {d} ;; export let x = 1 ;; export {e} "
         ";; export {f}");
    TREE("input a: Int = 1; input b: T where > 0; a",
         "input a: Int = 1 ;; input b: T where (~x > 0) ;; a");
    TREE("let rec a x = b and b y = a;",
         "let rec a = (\\x -> b); b = (\\y -> a)");
    TREE("let f x: Int = y;", "let f = (\\x : Int -> y)");
}

TEST(syntax_errors)
{
    ERRORS("let x = (1 + ;\nlet y = [1, 2;\nlet z = 3 $;\nlet w = 1;",
           "E0106@13 E0106@28 E0105@40");
    ERRORS("[1, , 2, =, 3]", "E0106@4 E0106@9");
    ERRORS("{ a = , b = 2, c 3, d = 4 }", "E0106@6 E0106@17");
    ERRORS("let x = 1\nlet y = 2;", "E0106@9");
    ERRORS("let x = 1;\ny = 2;", "E0106@11");
    ERRORS("1 +\n", "E0106@4");
    ERRORS("map \\x -> x", "E0106@4");
    ERRORS("1 2 3; let x = 1;", "E0106@7");
    ERRORS("a; b", "E0106@3");
    ERRORS("let = 1;", "E0106@4");
    ERRORS("let let = 1;\nlet x = ];", "E0106@4 E0106@21");
    ERRORS("if a then b", "E0106@11");
    ERRORS("match x { }", "E0106@10");
    ERRORS("match { a = 1 } { _ => 1 }", "E0106@6");
    ERRORS("match x { A => 1 B => 2, C => }", "E0106@19 E0106@30");
    ERRORS("match x { \"\\(y)\" => 1 }", "E0106@10");
    ERRORS("let x = 1 and y = 2;", "E0106@10");
    ERRORS("import;", "E0106@6");
    ERRORS("let a = _;\nlet b = ..;", "E0106@8 E0106@19");
    ERRORS("type a = Int;\ntype B = ;\ntypeclass;",
           "E0106@5 E0106@23 E0106@34");
    ERRORS("type A = B -> C | D;", "E0106@9");
    ERRORS("export 1;", "E0106@7");
    ERRORS("let f = [for x in xs];", "E0106@9");
    ERRORS("{ type }", "E0106@7");
    ERRORS("9223372036854775808", "E0104@0");
    ERRORS("let f = \\(x, y) [z] -> x;\nlet g = );", "E0106@16 E0106@34");
}

TEST(bracket_errors)
{
    ERRORS(")))))", "E0107@0");
    ERRORS("[1, 2}, 3, $]", "E0107@5 E0105@11");
    ERRORS("let a = (1, 2];\nlet b = [;", "E0107@13 E0106@25");
    ERRORS("[ (1, 2 ], 3 ]", "E0107@2");
    ERRORS("f (", "E0107@2");
    ERRORS("[[[[", "E0107@3");
    ERRORS("let a = { b = 1\nlet c = );", "E0107@8 E0106@24");
    ERRORS("\"a\\(x", "E0102@0");
    ERRORS("\"a\\(x y z) \\(1 +) b\"", "E0106@16");
}

TEST(comparison_chains)
{
    ERRORS("a < b > c", "E0108@6");
    ERRORS("a < b >= c < d", "E0108@6");
    ERRORS("a == b == c", "E0108@7");
    ERRORS("a <= b < c && a > b >= c", "");
}

TEST(duplicate_fields)
{
    ERRORS("{ a = 1, b = 2, a = 3 }", "E0109@16");
    ERRORS("{ a.b = 1, a.c = 2, a.b.d = 3 }", "E0109@20");
    ERRORS("{ a.b = 1, a = 2 }", "E0109@11");
    ERRORS("{ a = 1, a.b = 2 }", "E0109@9");
    ERRORS("{ \"a\" = 1, a = 2 }", "E0109@11");
    ERRORS("{ a, a }", "E0109@5");
    ERRORS("{ ..x, a = 1, ..y }", "");
    ERRORS("{ a=1, b=1, c=1, d=1, e=1, f=1, g=1, h=1, i=1, j=1, c=2 }",
           "E0109@52");
    ERRORS("type A = { a: Int, a: Int };", "E0109@19");
    ERRORS("match x { { a, a = 1 } => 1 }", "E0109@15");
}

static void check_depth(const char *unit, const char *tail, uint32_t times,
                        const char *expected)
{
    StrBuf text = {0};
    strbuf_append(&text, STR("let x = "));
    for (uint32_t i = 0; i < times; i++) {
        strbuf_append(&text, str_from_c(unit));
    }
    strbuf_append(&text, str_from_c(tail));
    Interner *interner = symbols_new();
    Module *module = module_new();
    module->source = (Source){STR("test.lig"), strbuf_str(&text), 0};
    parser_parse_module(module, interner, 100);
    StrBuf out = {0};
    for (uint32_t i = 0; i < module->diags.diags.count; i++) {
        strbuf_append(&out, str_from_c(diag_code_name(
                                module->diags.diags.items[i]->code)));
    }
    harness_check_str(__FILE__, __LINE__, unit, strbuf_str(&out),
                      str_from_c(expected));
    strbuf_release(&out);
    strbuf_release(&text);
    module_free(module);
    interner_free(interner);
}

TEST(nesting)
{
    static const char *const deep[] = {"(",
                                       "[",
                                       "{ a = ",
                                       "\\x -> ",
                                       "- ",
                                       "!",
                                       "if a then ",
                                       "let a = 1 in ",
                                       "match a { _ => ",
                                       "f(",
                                       "f (a, ",
                                       "\"\\(",
                                       "\"\"\"\\(",
                                       "[a for x in ",
                                       "(a : ",
                                       "{ a: (",
                                       "a|>b?"
                                       "?c||d&&e==f<g++h+i*("};
    for (size_t i = 0; i < sizeof deep / sizeof *deep; i++) {
        check_depth(deep[i], "", 3000, i == 14 ? "E0106" : "E0601");
    }
    check_depth("(", "", 90, "E0107");
}

TEST(height)
{
    check_depth("a.b.", "c;", 49, "");
    check_depth("a.b.", "c;", 3000, "E0601");
    check_depth("a.b(c).", "d;", 3000, "E0601");
    check_depth("match x { a", "", 1, "E0107");
    // Runs are one node each.
    check_depth("1 + ", "1;", 3000, "");
    check_depth("a ++ ", "b;", 3000, "");
    check_depth("f ", "x;", 3000, "");
    check_depth("if a then b else ", "c;", 3000, "");
    check_depth("a ?"
                "? ",
                "c;", 3000, "");
}

// Fragments in any order: the parser ends, and says something or nothing.
TEST(any_tokens)
{
    static const char *const parts[] = {
        "let ",       "in ",   "x ",   "X ",      "= ",      ";",
        "(",          ")",     "[",    "]",       "{",       "}",
        ", ",         "\\",    "-> ",  "if ",     "then ",   "else ",
        "match ",     "=> ",   "| ",   "type ",   "where ",  "> ",
        "1 ",         "\"\\(", "\"",   "\n",      "for ",    "..",
        ".",          ": ",    "and ", "export ", "import ", "instance ",
        "typeclass ", "as ",   "$"};
    uint64_t seed = 99;
    for (int i = 0; i < 2000; i++) {
        StrBuf text = {0};
        for (int k = 0; k < 60; k++) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
            strbuf_append(&text, str_from_c(parts[(seed >> 33) % 39]));
        }
        Interner *interner = symbols_new();
        Module *module = module_new();
        module->source = (Source){STR("test.lig"), strbuf_str(&text), 0};
        parser_parse_module(module, interner, 50);
        for (uint32_t k = 0; k < module->diags.diags.count; k++) {
            const Diag *diag = module->diags.diags.items[k];
            CHECK(diag->span.start <= diag->span.end &&
                  diag->span.end <= text.len);
        }
        module_free(module);
        interner_free(interner);
        strbuf_release(&text);
    }
}

TEST(closed_flag)
{
    static const struct {
        const char *text;
        bool closed;
    } cases[] = {
        {"1", true},
        {"[1, -2, \"a\", true]", true},
        {"{ a = [], b = { c = 1.5 } }", true},
        {"[x]", false},
        {"{ a = None }", false},
        {"{ ..{} }", false},
        {"{ a.b = 1 }", false},
        {"\"\\(1)\"", false},
        {"[1 + 2]", false},
        {"{ a: Int = 1 }", false},
        {"[[1], [[], [f]]]", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Interner *interner = symbols_new();
        Module *module = module_new();
        module->source =
            (Source){STR("test.lig"), str_from_c(cases[i].text), 0};
        const Expr *expr = parser_parse_expr(module, interner, 100);
        CHECK(expr != NULL);
        harness_check_int(__FILE__, __LINE__, cases[i].text,
                          expr != NULL && (expr->flags & EXPR_CLOSED) != 0,
                          cases[i].closed);
        module_free(module);
        interner_free(interner);
    }
}

TEST(single_expression)
{
    Interner *interner = symbols_new();
    Module *module = module_new();
    module->source = (Source){STR("-"), STR("let x = 1; in x + 1;"), 0};
    CHECK(parser_parse_expr(module, interner, 100) != NULL);
    module->source.text = STR("1 + ");
    CHECK(parser_parse_expr(module, interner, 100) == NULL);
    CHECK_EQ_INT(module->diags.error_count, 1);
    module->source.text = STR("let x = 1;");
    CHECK(parser_parse_expr(module, interner, 100) == NULL);
    module->source.text = STR("1; 2");
    CHECK(parser_parse_expr(module, interner, 100) == NULL);
    module_free(module);
    interner_free(interner);
}

TEST(docs_and_spans)
{
    Interner *interner = symbols_new();
    Module *module = module_new();
    module->source =
        (Source){STR("t"), STR("/// one\n/// two\nlet f x = (x + 1).y;\n"), 0};
    parser_parse_module(module, interner, 100);
    const Bind *bind = &module->ast.decls[0].as.let.binds[0];
    CHECK_EQ_INT(bind->doc.start, 0);
    CHECK_EQ_INT(bind->doc.end, 15);
    CHECK_EQ_INT(bind->name_span.start, 20);
    const Expr *body = &bind->value.as.lambda->body;
    CHECK_EQ_INT(body->kind, EXPR_FIELD);
    CHECK_EQ_INT(body->span.start, 26);
    CHECK_EQ_INT(body->span.end, 35);
    CHECK_EQ_INT(body->as.field.field_start, 34);
    CHECK_EQ_INT(body->as.field.record->span.end, 33);
    CHECK_EQ_INT(module->ast.decls[0].span.end, 36);
    module_free(module);
    interner_free(interner);
}

static void check_many_errors(const char *line)
{
    StrBuf text = {0};
    for (int i = 0; i < 5000; i++) {
        strbuf_append(&text, str_from_c(line));
    }
    Interner *interner = symbols_new();
    Module *module = module_new();
    module->source = (Source){STR("t"), strbuf_str(&text), 0};
    parser_parse_module(module, interner, 100);
    CHECK_EQ_INT(module->diags.error_count, 1000);
    module_free(module);
    interner_free(interner);
    strbuf_release(&text);
}

TEST(many_errors_stop)
{
    check_many_errors("let x = );\n");       // the parser's
    check_many_errors("let x = \"\\q\";\n"); // the lexer's
}

// Only the library may name what the machine provides.
TEST(builtins)
{
    static const struct {
        const char *text;
        bool is_std;
        uint32_t errors;
        ExprKind kind;
    } rows[] = {
        {"builtin \"int_add\"", true, 0, EXPR_BUILTIN},
        {"builtin \"int_add\"", false, 0, EXPR_CALL},
        {"builtin \"no_such_thing\"", true, 1, EXPR_ERROR},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        Interner *interner = symbols_new();
        Module *module = module_new();
        module->source = (Source){STR("t"), str_from_c(rows[i].text), 0};
        module->is_std = rows[i].is_std;
        parser_parse_module(module, interner, 100);
        CHECK_EQ_INT(module->diags.error_count, rows[i].errors);
        CHECK_EQ_INT(module->ast.result->kind, rows[i].kind);
        module_free(module);
        interner_free(interner);
    }
}

TEST_MAIN(RUN(literals), RUN(application), RUN(fields), RUN(operators),
          RUN(functions), RUN(let_and_if), RUN(match), RUN(lists_and_records),
          RUN(strings), RUN(types), RUN(refinements), RUN(unions), RUN(classes),
          RUN(modules), RUN(syntax_errors), RUN(bracket_errors),
          RUN(comparison_chains), RUN(duplicate_fields), RUN(nesting),
          RUN(height), RUN(any_tokens), RUN(closed_flag),
          RUN(single_expression), RUN(docs_and_spans), RUN(many_errors_stop),
          RUN(builtins))
