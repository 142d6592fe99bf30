// Declarations; for parser.c.
#ifndef LIGATURE_SYNTAX_PARSER_DECLS_H
#define LIGATURE_SYNTAX_PARSER_DECLS_H

#include "syntax/parser_internal.h"

// Reads the module header (where `first`), a declaration or the final
// expression; the former and the latter go into the module's tree. Returns
// whether *out_decl was filled in.
bool parser_declaration(Parser *parser, bool first, Decl *out_decl);

// ---- parser_semicolon.c

// Where a declaration begins, or what may be one.
typedef struct DeclStart {
    TokenKind kind;
    uint32_t start;
    Span doc;
    uint32_t local_rec_count;
    uint64_t node_count;
    uint32_t diag_count;
    bool is_clean; // no errors so far, and no final expression
} DeclStart;

// After errors in parser_declaration(), which returned `made`: where only the
// ';' is missing before the final expression, says that instead, and the parser
// stands before the expression. Returns whether *out_decl is filled in.
bool parser_lost_semicolon(Parser *parser, const DeclStart *from, bool made,
                           Decl *out_decl);

// ---- parser_imports.c

bool parser_at_name(const Parser *parser);
// name { "." name }
Symbol *parser_dotted_names(Parser *parser, uint32_t *out_count);
bool parser_import(Parser *parser, uint32_t start, Decl *out_decl);
// items | "{" items "}", behind "export"
bool parser_export_items(Parser *parser, uint32_t start, Decl *out_decl);

#endif
