// Declarations; for parser.c.
#ifndef LIGATURE_SYNTAX_PARSER_DECLS_H
#define LIGATURE_SYNTAX_PARSER_DECLS_H

#include "syntax/parser_internal.h"

// Reads the module header (where `first`), a declaration or the final
// expression; the former and the latter go into the module's tree. Returns
// whether *out_decl was filled in.
bool parser_declaration(Parser *parser, bool first, Decl *out_decl);

// ---- parser_imports.c

bool parser_at_name(const Parser *parser);
// name { "." name }
Symbol *parser_dotted_names(Parser *parser, uint32_t *out_count);
bool parser_import(Parser *parser, uint32_t start, Decl *out_decl);
// items | "{" items "}", behind "export"
bool parser_export_items(Parser *parser, uint32_t start, Decl *out_decl);

#endif
