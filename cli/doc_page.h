// Reference pages in Markdown from the `///` comments of a module.
//
// Ownership: borrows the checked program.
// Threads:   main thread only.
#ifndef LIGATURE_CLI_DOC_PAGE_H
#define LIGATURE_CLI_DOC_PAGE_H

#include "syntax/module.h"

// "std.list", "prelude", or the path of the file.
void doc_page_title(const Module *module, StrBuf *out);
// The comment that the file begins with, if there is one.
void doc_page_about(const Module *module, StrBuf *out);
// That; then each declaration that the module
// offers and that has a comment: what it is, its type, its examples (lines
// that begin with "> ").
void doc_page_write(const Program *program, const Module *module, StrBuf *out);

#endif
