// Declarations; for parser.c.
#ifndef LIGATURE_SYNTAX_PARSER_DECLS_H
#define LIGATURE_SYNTAX_PARSER_DECLS_H

#include "syntax/parser_internal.h"

// Reads the module header (where `first`), a declaration or the final
// expression; the former and the latter go into the module's tree. Returns
// whether *out_decl was filled in.
bool parser_declaration(Parser *parser, bool first, Decl *out_decl);

// ---- parser_type_decls.c

bool parser_type_decl(Parser *parser, uint32_t start, bool exported, Span doc,
                      Decl *out_decl);
bool parser_class_decl(Parser *parser, uint32_t start, Span doc,
                       Decl *out_decl);
bool parser_instance_decl(Parser *parser, uint32_t start, Decl *out_decl);

// ---- parser_ends.c

// Where a declaration begins, or what may be one.
typedef struct DeclStart {
    TokenKind kind;
    uint32_t start;
    Span doc;
    uint32_t local_rec_count;
    uint64_t node_count;
    uint32_t diag_count;
    unsigned habits;
    bool is_unbalanced; // set behind errors: its brackets do not match
} DeclStart;

// After errors in parser_declaration(), which returned `made`: where the layout
// shows that the declaration ends before what was read of it, and only its end
// is missing there, says that instead, and the parser stands behind what is
// broken. Returns whether *out_decl is filled in.
bool parser_lost_end(Parser *parser, DeclStart *from, bool made,
                     Decl *out_decl);

// ---- parser_braces.c

// Takes the `where` before methods. Where they stand in braces, says that they
// do not, with `help`, takes the one that opens as well, and is true: then
// parser_methods_end() takes the other one.
bool parser_methods_begin(Parser *parser, const char *help);
void parser_methods_end(Parser *parser);

// ---- parser_imports.c

extern const char *const parser_export_class_help;

// name { "." name }
Symbol *parser_dotted_names(Parser *parser, uint32_t *out_count);
bool parser_import(Parser *parser, uint32_t start, Decl *out_decl);
// items | "{" items "}", behind "export"
bool parser_export_items(Parser *parser, uint32_t start, Decl *out_decl);

#endif
