// Which build of the program this is.
//
// Threads: any.
#ifndef LIGATURE_CLI_BUILD_ID_H
#define LIGATURE_CLI_BUILD_ID_H

#include "support/str.h"

// The hash of the program that the linker left in it (ELF's NT_GNU_BUILD_ID);
// empty where it left none.
Str build_id(void);

#endif
