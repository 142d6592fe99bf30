// Declarations; for parser.c.
#ifndef LIGATURE_SYNTAX_PARSER_DECLS_H
#define LIGATURE_SYNTAX_PARSER_DECLS_H

#include "syntax/parser_internal.h"

// Reads the module header (where `first`), a declaration or the final
// expression; the former and the latter go into the module's tree. Returns
// whether *out_decl was filled in.
bool parser_declaration(Parser *parser, bool first, Decl *out_decl);

#endif
