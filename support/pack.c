#include "support/pack.h"

enum { LAST_SHIFT = 63 };

void pack_number(StrBuf *out, uint64_t number)
{
    for (; number >= 0x80; number >>= 7) {
        strbuf_append_char(out, (char)(number | 0x80));
    }
    strbuf_append_char(out, (char)number);
}

void pack_text(StrBuf *out, Str text)
{
    pack_number(out, text.len);
    strbuf_append(out, text);
}

void pack_word(StrBuf *out, uint64_t word)
{
    for (int i = 0; i < 8; i++) {
        strbuf_append_char(out, (char)(word >> (8 * i)));
    }
}

void pack_fail(PackReader *reader)
{
    reader->failed = true;
    reader->at = reader->end;
}

// `len` bytes; NULL after failing.
static const char *take(PackReader *reader, uint64_t len)
{
    if (reader->failed || len > (uint64_t)(reader->end - reader->at)) {
        pack_fail(reader);
        return NULL;
    }
    const char *bytes = reader->at;
    reader->at += len;
    return bytes;
}

uint64_t unpack_number(PackReader *reader)
{
    uint64_t number = 0;
    for (int shift = 0; shift <= LAST_SHIFT; shift += 7) {
        const char *byte = take(reader, 1);
        if (byte == NULL) {
            return 0;
        }
        uint64_t bits = (unsigned char)*byte & 0x7F;
        if (shift == LAST_SHIFT && bits > 1) {
            break;
        }
        number |= bits << shift;
        if (((unsigned char)*byte & 0x80) == 0) {
            return number;
        }
    }
    pack_fail(reader);
    return 0;
}

uint64_t unpack_up_to(PackReader *reader, uint64_t max)
{
    uint64_t number = unpack_number(reader);
    if (number > max) {
        pack_fail(reader);
        return 0;
    }
    return number;
}

uint32_t unpack_count(PackReader *reader)
{
    uint64_t count = unpack_up_to(reader, UINT32_MAX - 1);
    if (count > (uint64_t)(reader->end - reader->at)) {
        pack_fail(reader);
        return 0;
    }
    return (uint32_t)count;
}

Str unpack_text(PackReader *reader)
{
    uint64_t len = unpack_number(reader);
    const char *bytes = take(reader, len);
    return bytes == NULL ? STR("") : str_make(bytes, len);
}

Hash256 unpack_hash(PackReader *reader)
{
    Hash256 hash = {{0}};
    const char *bytes = take(reader, sizeof hash.bytes);
    if (bytes != NULL) {
        memcpy(hash.bytes, bytes, sizeof hash.bytes);
    }
    return hash;
}

uint64_t unpack_word(PackReader *reader)
{
    const char *bytes = take(reader, 8);
    uint64_t word = 0;
    for (int i = 0; bytes != NULL && i < 8; i++) {
        word |= (uint64_t)(unsigned char)bytes[i] << (8 * i);
    }
    return word;
}
