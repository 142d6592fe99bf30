// The writer that the files of ast_json share.
#ifndef LIGATURE_SYNTAX_AST_JSON_INTERNAL_H
#define LIGATURE_SYNTAX_AST_JSON_INTERNAL_H

#include "syntax/ast_json.h"

typedef struct Writer {
    StrBuf *out;
    const Module *module;
    const Interner *interner;
    SourceIndex positions;
} Writer;

// ---- ast_json.c: pieces of JSON

void ast_json_put(Writer *writer, const char *text);
void ast_json_put_string(Writer *writer, Str text);
void ast_json_put_symbol(Writer *writer, Symbol symbol);
void ast_json_put_key(Writer *writer, const char *key);
void ast_json_put_symbol_field(Writer *writer, const char *key, Symbol symbol);
void ast_json_put_bool_field(Writer *writer, const char *key, bool value);
void ast_json_put_integer(Writer *writer, int64_t value);
void ast_json_put_number(Writer *writer, double value);
void ast_json_begin_node(Writer *writer, const char *kind, Span span);
void ast_json_begin_named(Writer *writer, Symbol name, Span span);
void ast_json_end_node(Writer *writer);
void ast_json_put_comma(Writer *writer, uint32_t i);
void ast_json_put_exprs(Writer *writer, const char *key, const Expr *exprs,
                        uint32_t count);
void ast_json_put_expr(Writer *writer, const char *key, const Expr *expr);
void ast_json_put_type(Writer *writer, const char *key, const TypeExpr *type);
void ast_json_put_types(Writer *writer, const char *key, const TypeExpr *types,
                        uint32_t count);
void ast_json_put_patterns(Writer *writer, const char *key,
                           const Pattern *patterns, uint32_t count);

// ---- ast_json_types.c: types and patterns

void ast_json_put_constraint(Writer *writer, const Constraint *constraint);
void ast_json_put_constraints(Writer *writer, const char *key,
                              const Constraint *constraints, uint32_t count);
void ast_json_write_type(Writer *writer, const TypeExpr *type);
void ast_json_write_pattern(Writer *writer, const Pattern *pattern);

// ---- ast_json_exprs.c

void ast_json_put_binds(Writer *writer, const char *key, const Bind *binds,
                        uint32_t count);
void ast_json_write_expr(Writer *writer, const Expr *expr);

// ast_json.c
void ast_json_write_bind(Writer *writer, const Bind *bind);

#endif
