// What a shell and man(1) are told about the command line, made from the
// tables that it is parsed by.
//
// Threads: pure, apart from the buffer written to.
#ifndef LIGATURE_CLI_COMPLETIONS_H
#define LIGATURE_CLI_COMPLETIONS_H

#include "support/str.h"

void completions_write_bash(StrBuf *out);
void completions_write_zsh(StrBuf *out);
void completions_write_fish(StrBuf *out);

#endif
