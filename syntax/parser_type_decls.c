// Declarations of types, classes and instances.
#include "syntax/parser_decls.h"

// An upper-case name, which `what` says more of.
static bool upper_name(Parser *parser, const char *what, Symbol *out_symbol,
                       Span *out_span)
{
    if (!parser_at(parser, TOKEN_UPPER_NAME)) {
        Diag *diag = parser_unexpected(parser, what);
        if (parser_at(parser, TOKEN_NAME)) {
            parser_help(parser, diag,
                        "types, constructors and classes start with an "
                        "upper-case letter");
        }
        return false;
    }
    *out_symbol = parser_take_symbol(parser, out_span);
    return true;
}

static void type_params(Parser *parser, Symbol **out_params, Span **out_spans,
                        uint32_t *out_count)
{
    VEC(Symbol) params = {0};
    VEC(Span) spans = {0};
    while (parser_at(parser, TOKEN_NAME) || parser_at(parser, TOKEN_TYPE_VAR)) {
        Span span;
        vec_push(&params, parser_take_symbol(parser, &span));
        vec_push(&spans, span);
    }
    *out_count = params.count;
    *out_params = NULL;
    if (params.count > 0) {
        *out_params = arena_copy(parser->arena, params.items,
                                 params.count * sizeof *params.items);
        *out_spans = arena_copy(parser->arena, spans.items,
                                spans.count * sizeof *spans.items);
    }
    vec_release(&params);
    vec_release(&spans);
}

// ctor -> Name { atype } | Name "(" type { "," type } ")"
static void push_ctor(Parser *parser)
{
    uint32_t start = parser->token->span.start;
    if (!parser_at(parser, TOKEN_UPPER_NAME)) {
        parser_no_ctor(parser);
        return;
    }
    CtorDecl ctor = {0};
    TypeExpr type = parser_apptype(parser);
    if (ast_ctor_of_type(&type, parser->interner, &ctor)) {
        parser_push(parser, &ctor);
    } else if (type.kind != TYPE_EXPR_ERROR) {
        parser_error(parser, DIAG_E0106, parser_span(parser, start),
                     "expected a constructor, found a type of another module");
    }
}

static CtorDecl *more_ctors(Parser *parser, size_t mark, uint32_t *out_count)
{
    while (!parser->failed && parser_accept(parser, TOKEN_BAR)) {
        push_ctor(parser);
    }
    bool is_refined =
        parser_at(parser, TOKEN_WHERE) || parser_at(parser, TOKEN_WITH);
    if (is_refined && !parser->failed) {
        Diag *diag = parser_unexpected(parser, "';'");
        parser_help(parser, diag,
                    "a refinement is of a type that has a name: type Small = "
                    "Shape where isSmall;");
    }
    return parser_take(parser, mark, CtorDecl, out_count);
}

// Whether `type` is Name(T, U), with the parenthesis touching the name: no
// type is applied like that.
static bool is_ctor_call(const Parser *parser, const TypeExpr *type)
{
    if (type->kind != TYPE_EXPR_NAME || type->as.name.arg_count != 1 ||
        type->as.name.args[0].kind != TYPE_EXPR_TUPLE) {
        return false;
    }
    Str name = symbol_text(parser->interner, type->as.name.ref.symbol);
    return type->as.name.qualifier == 0 &&
           type->as.name.args[0].span.start == type->span.start + name.len;
}

// union | type
static void type_body(Parser *parser, TypeDecl *decl)
{
    size_t mark = parser->stack.used;
    if (parser_at(parser, TOKEN_BAR)) {
        decl->ctors = more_ctors(parser, mark, &decl->ctor_count);
        return;
    }
    TypeExpr type = parser_full_type(parser);
    if (parser->failed) {
        decl->alias = parser_keep_type(parser, type);
        return;
    }
    if (!parser_at(parser, TOKEN_BAR) && !is_ctor_call(parser, &type)) {
        decl->alias = parser_keep_type(parser, type);
        return;
    }
    CtorDecl ctor;
    if (!ast_ctor_of_type(&type, parser->interner, &ctor)) {
        Diag *diag = parser_error(parser, DIAG_E0106, type.span,
                                  "expected a constructor, found a type");
        parser_help(parser, diag,
                    "a constructor is an upper-case name and plain argument "
                    "types; others stand in parentheses");
        return;
    }
    parser_push(parser, &ctor);
    decl->ctors = more_ctors(parser, mark, &decl->ctor_count);
}

// A ',' where a type has no further part.
static void no_type_end(Parser *parser, const TypeDecl *decl)
{
    Diag *diag = parser_unexpected(parser, "';'");
    bool is_refined =
        decl->alias != NULL && decl->alias->kind == TYPE_EXPR_REFINED;
    parser_help(parser, diag, "%s",
                is_refined ? "conditions are joined with '&&'" : CHOICE_HELP);
}

// "type" Name { tyvar } "=" ( union | type ) ";"
bool parser_type_decl(Parser *parser, uint32_t start, bool exported, Span doc,
                      Decl *out_decl)
{
    TypeDecl decl = {.exported = exported, .doc = doc};
    parser_advance(parser);
    if (!upper_name(parser, "the type's name", &decl.name, &decl.name_span)) {
        return false;
    }
    type_params(parser, &decl.params, &decl.param_spans, &decl.param_count);
    if (!parser_accept(parser, TOKEN_EQUALS)) {
        Diag *diag = parser_unexpected(parser, "'='");
        if (exported && parser_at(parser, TOKEN_SEMICOLON)) {
            Str name = symbol_text(parser->interner, decl.name);
            parser_help(parser, diag,
                        "what is declared already is exported by its name "
                        "alone: export %.*s;",
                        STR_ARG(name));
        } else {
            parser_help(parser, diag,
                        "a type is written type Name = { field: Type };");
        }
    }
    if (!parser->failed) {
        type_body(parser, &decl);
        if (parser_at(parser, TOKEN_COMMA) && !parser->failed) {
            no_type_end(parser, &decl);
        }
        if (!parser_expect(parser, TOKEN_SEMICOLON) &&
            !parser_at_next_declaration(parser)) {
            decl.ctors = NULL; // what it is made of is unknown
            decl.ctor_count = 0;
            decl.alias = NULL;
        }
    }
    if (decl.ctors == NULL && decl.alias == NULL) {
        // Broken, but declared: its uses are no errors of their own.
        TypeExpr error = {.kind = TYPE_EXPR_ERROR,
                          .span = parser_span(parser, start)};
        decl.alias = parser_keep_type(parser, error);
    }
    *out_decl = (Decl){.kind = DECL_TYPE,
                       .span = parser_span(parser, start),
                       .as.type = parser_keep(parser, &decl)};
    return true;
}

// The last one before a brace may lack its ';'.
static void method_end(Parser *parser, bool braces)
{
    if (!braces || !parser_at(parser, TOKEN_RIGHT_BRACE)) {
        parser_expect(parser, TOKEN_SEMICOLON);
    }
}

// What a class would do where an instance lacks the method.
static bool method_default(Parser *parser)
{
    if (parser->failed || !parser_at(parser, TOKEN_EQUALS)) {
        return false;
    }
    Diag *diag = parser_unexpected(parser, "';'");
    parser_help(parser, diag,
                "a class says of what type its methods are; what they do "
                "stands in the instances");
    return true;
}

// { "superclass" constraint { "," constraint } ";" | name ":" type ";" }
static void class_body(Parser *parser, ClassDecl *decl)
{
    bool braces = parser_methods_begin(parser, CLASS_HELP);
    VEC(Constraint) superclasses = {0};
    size_t mark = parser->stack.used;
    while (!parser->failed) {
        if (parser_accept(parser, TOKEN_SUPERCLASS)) {
            do {
                TypeExpr type = parser_apptype(parser);
                Constraint constraint;
                if (parser_constraint(parser, &type, &constraint)) {
                    vec_push(&superclasses, constraint);
                }
            } while (parser_accept(parser, TOKEN_COMMA) &&
                     !parser_at(parser, TOKEN_SEMICOLON));
        } else if (parser_at(parser, TOKEN_NAME) &&
                   parser_peek(parser) == TOKEN_COLON) {
            MethodDecl method = {0};
            method.name = parser_take_symbol(parser, &method.name_span);
            parser_advance(parser);
            method.type = parser_type(parser);
            parser_lost_signature_end(parser, method.name_span);
            parser_push(parser, &method);
            if (method_default(parser)) {
                break;
            }
        } else {
            break;
        }
        method_end(parser, braces);
    }
    if (braces) {
        parser_methods_end(parser);
    }
    decl->methods = parser_take(parser, mark, MethodDecl, &decl->method_count);
    decl->superclass_count = superclasses.count;
    if (superclasses.count > 0) {
        decl->superclasses =
            arena_copy(parser->arena, superclasses.items,
                       superclasses.count * sizeof *superclasses.items);
    }
    vec_release(&superclasses);
}

// "typeclass" Name { tyvar } "where" body
bool parser_class_decl(Parser *parser, uint32_t start, Span doc, Decl *out_decl)
{
    ClassDecl decl = {.doc = doc};
    parser_advance(parser);
    if (!upper_name(parser, "the class's name", &decl.name, &decl.name_span)) {
        return false;
    }
    type_params(parser, &decl.params, &decl.param_spans, &decl.param_count);
    if (decl.param_count == 0) {
        Diag *diag = parser_unexpected(parser, "a type variable");
        parser_help(parser, diag, CLASS_HELP);
    }
    class_body(parser, &decl);
    if (parser->failed) {
        return false; // a class that lacks methods has follow-on errors
    }
    *out_decl = (Decl){.kind = DECL_CLASS,
                       .span = parser_span(parser, start),
                       .as.class_ = parser_keep(parser, &decl)};
    return true;
}

// "instance" [ context "=>" ] Name { atype } "where" { method }
bool parser_instance_decl(Parser *parser, uint32_t start, Decl *out_decl)
{
    InstanceDecl decl = {0};
    parser_advance(parser);
    parser->in_head = true;
    TypeExpr head = parser_apptype(parser);
    if (!parser->failed && parser_at(parser, TOKEN_FAT_ARROW)) {
        size_t mark = parser->stack.used;
        parser_push_constraints(parser, &head);
        decl.context =
            parser_take(parser, mark, Constraint, &decl.context_count);
        parser_advance(parser);
        head = parser_apptype(parser);
    }
    parser_foreign_for(parser, &head);
    parser->in_head = false;
    if (parser->failed || !parser_constraint(parser, &head, &decl.head)) {
        return false;
    }
    bool braces = parser_methods_begin(parser, INSTANCE_HELP);
    size_t mark = parser->stack.used;
    while (!parser->failed && parser_at_bind(parser)) {
        Bind method;
        parser_bind(parser, parser->token->doc, false, &method);
        if (parser->failed ||
            !parser_lost_semicolon(parser, parser_bind_body(&method), false)) {
            method_end(parser, braces);
        }
        parser_push(parser, &method);
    }
    if (braces) {
        parser_methods_end(parser);
    }
    decl.is_cut = parser->failed;
    decl.methods = parser_take(parser, mark, Bind, &decl.method_count);
    *out_decl = (Decl){.kind = DECL_INSTANCE,
                       .span = parser_span(parser, start),
                       .as.instance = parser_keep(parser, &decl)};
    return true;
}
