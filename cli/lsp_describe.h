// What names are, for people: types, declarations and comments.
//
// Ownership: borrows all.
// Threads:   main thread only.
#ifndef LIGATURE_CLI_LSP_DESCRIBE_H
#define LIGATURE_CLI_LSP_DESCRIBE_H

#include "cli/lsp_program.h"

// Appends the type of a value, constructor, method or local name; false where
// it is not known.
bool lsp_append_type(const LspProgram *run, const NameTarget *target,
                     StrBuf *out);
// Appends name and type, or the declaration. False where nothing is known.
bool lsp_append_head(const LspProgram *run, const NameUse *use, StrBuf *out);
// Appends Markdown: that, and the comment. False
// where there is nothing to be said.
bool lsp_describe(const LspProgram *run, const NameUse *use, StrBuf *out);
// Appends the comment above the target's declaration, or at the top of a
// module's file, without its marks.
void lsp_append_doc(const LspProgram *run, const NameTarget *target,
                    StrBuf *out);
// Whether the name stands for a function.
bool lsp_is_function_type(Str type);

#endif
