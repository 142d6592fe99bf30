#include "cli/token_scan.h"

#include "syntax/module.h"

void token_scan_begin(TokenScan *scan, Str text)
{
    *scan = (TokenScan){.interner = symbols_new(),
                        .source = {.path = STR("text"), .text = text}};
    arena_init(&scan->arena);
    diag_sink_init(&scan->sink);
    scan->lexer = lexer_new(scan->interner);
    lexer_start(scan->lexer, &scan->source, &scan->arena, &scan->sink);
}

void token_scan_end(TokenScan *scan)
{
    lexer_free(scan->lexer);
    diag_sink_release(&scan->sink);
    arena_release(&scan->arena);
    interner_free(scan->interner);
}
