// Source text to AST: recursive descent, one function per production of
// LANGUAGE.md section 2, operator runs by precedence. After a syntax error
// it goes on at the next ',', closing bracket or declaration.
//
// Ownership: the tree lives in `module->arena`. A Parser owns what it needs
//            meanwhile, and keeps it for the next module.
// Threads:   one module, one worker; a Parser has one owner.
#ifndef LIGATURE_SYNTAX_PARSER_H
#define LIGATURE_SYNTAX_PARSER_H

#include "syntax/module.h"

typedef struct Parser Parser;

Parser *parser_new(Interner *interner);
void parser_free(Parser *parser);

// Fills module->ast from module->source; sets module->broken and reports into
// module->diags where the text is wrong. `max_nesting` bounds the depth of
// the tree (E0601).
void parser_parse(Parser *parser, Module *module, uint32_t max_nesting);
// The same with the help of the worker's pool, where the text is long: in
// pieces of at least `piece_bytes`. The result does not depend on them. Returns
// how many nodes of the tree were parsed ahead.
#define PARSER_PIECE_BYTES (UINT32_C(64) << 10)
uint64_t parser_parse_split(Parser *parser, Module *module,
                            uint32_t max_nesting, Worker *worker,
                            uint32_t piece_bytes);

// parser_parse() of a single module.
void parser_parse_module(Module *module, Interner *interner,
                         uint32_t max_nesting);

#endif
