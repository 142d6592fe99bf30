// The one wrapper of uthash: our keyed hash function and our out-of-memory
// hook (uthash's default exits on its own). Include this, never <uthash.h>.
#ifndef LIGATURE_SUPPORT_TABLE_H
#define LIGATURE_SUPPORT_TABLE_H

#include "support/die.h"

#define uthash_fatal(message) die_out_of_memory()
// Callers compute the hash (support/hash.h) and use the *_BYHASHVALUE forms.
#define HASH_NONFATAL_OOM 0

#include <uthash.h>

#endif
