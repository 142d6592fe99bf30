// The pages of `ligature help` and --help, made from the tables of the command
// line.
//
// Threads: pure, apart from the buffer written to.
#ifndef LIGATURE_CLI_HELP_PAGE_H
#define LIGATURE_CLI_HELP_PAGE_H

#include "cli/command.h"

void help_page_of_verb(const Command *command, StrBuf *out);
void help_page_of_program(StrBuf *out);

#endif
