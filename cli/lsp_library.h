// The library for clients that show texts without files (LSP 3.18).
//
// Threads: no state.
#ifndef LIGATURE_CLI_LSP_LIBRARY_H
#define LIGATURE_CLI_LSP_LIBRARY_H

#include "syntax/module.h"

#define LSP_LIBRARY_SCHEME "ligature-std"

// Of a module of the library.
void lsp_library_append_uri(const Module *module, StrBuf *out);
bool lsp_library_has_uri(Str uri);

#endif
