// Numbers and texts as bytes, for what outlives the process. Numbers are
// unsigned LEB128, texts stand behind their length. The reader believes
// nothing: whatever is odd makes it fail for good, and then all that is read
// is zero and empty.
//
// Ownership: a reader borrows the bytes, and so do the texts that it returns.
// Threads:   plain data; one owner at a time.
#ifndef LIGATURE_SUPPORT_PACK_H
#define LIGATURE_SUPPORT_PACK_H

#include <stdbool.h>
#include <stdint.h>

#include "support/hash.h"
#include "support/str.h"

void pack_number(StrBuf *out, uint64_t number);
void pack_text(StrBuf *out, Str text);
static inline void pack_hash(StrBuf *out, const Hash256 *hash)
{
    strbuf_append(out, str_make((const char *)hash->bytes, sizeof *hash));
}
// Eight bytes: what LEB128 would make longer.
void pack_word(StrBuf *out, uint64_t word);

typedef struct PackReader {
    const char *at, *end;
    bool failed;
} PackReader;

static inline PackReader pack_reader(Str bytes)
{
    return (PackReader){bytes.data, bytes.data + bytes.len, false};
}
// Whether all was read, and nothing was odd.
static inline bool pack_ended(const PackReader *reader)
{
    return !reader->failed && reader->at == reader->end;
}
// For the client that finds what it has read odd.
void pack_fail(PackReader *reader);
uint64_t unpack_number(PackReader *reader);
// Fails above `max`.
uint64_t unpack_up_to(PackReader *reader, uint64_t max);
// A number of things, each of which takes a byte at least: what is left to
// read bounds it, so that memory for them can be taken.
uint32_t unpack_count(PackReader *reader);
Str unpack_text(PackReader *reader);
Hash256 unpack_hash(PackReader *reader);
uint64_t unpack_word(PackReader *reader);

#endif
