// The page of man(1), made from the tables of the command line.
//
// Threads: pure, apart from the buffer written to.
#ifndef LIGATURE_CLI_MAN_PAGE_H
#define LIGATURE_CLI_MAN_PAGE_H

#include "support/str.h"

void man_page_write(StrBuf *out);

#endif
