// Source text to AST: recursive descent, one function per production of
// LANGUAGE.md section 2, operator runs by precedence. After a syntax error
// it goes on at the next ',', closing bracket or declaration.
//
// Ownership: the tree lives in `module->arena`.
// Threads:   one module, one worker.
#ifndef LIGATURE_SYNTAX_PARSER_H
#define LIGATURE_SYNTAX_PARSER_H

#include "syntax/module.h"

// Fills module->ast from module->source; sets module->broken and reports into
// module->diags where the text is wrong. `max_nesting` bounds the depth of
// the tree (E0601).
void parser_parse_module(Module *module, Interner *interner,
                         uint32_t max_nesting);
// The same with the help of the worker's pool, where the text is long: in
// pieces of about `piece_bytes`. The result does not depend on them. Returns
// how many nodes of the tree were parsed ahead.
#define PARSER_PIECE_BYTES (UINT32_C(256) << 10)
uint64_t parser_parse_split(Module *module, Interner *interner,
                            uint32_t max_nesting, Worker *worker,
                            uint32_t piece_bytes);
// Parses one expression (--expr, --input, repl). NULL after reporting.
Expr *parser_parse_expr(Module *module, Interner *interner,
                        uint32_t max_nesting);

#endif
