// Builtins of std/encoding.lig over text: base 64, base 16, URLs, SHA-256. The
// decoders give a pair of the text and what is wrong, one of them empty.
#include <nettle/sha2.h>
#include <string.h>

#include "eval/builtins_std.h"
#include "syntax/byte_class.h"

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char hex_digits[] = "0123456789abcdef";
static const char upper_hex_digits[] = "0123456789ABCDEF";

// base64Encode text: RFC 4648, with padding
bool builtin_base64_encode(BuiltinContext *ctx, const Value *args, Value *out)
{
    Str text = value_str(args[0]);
    char *bytes;
    if (!builtin_text_new(ctx, ((uint64_t)text.len + 2) / 3 * 4, &bytes, out)) {
        return false;
    }
    BuiltinPoll poll = {ctx, 0};
    const unsigned char *in = (const unsigned char *)text.data;
    for (size_t at = 0; at < text.len; at += 3, bytes += 4) {
        size_t left = text.len - at;
        uint32_t three = (uint32_t)in[at] << 16 |
                         (left > 1 ? (uint32_t)in[at + 1] << 8 : 0) |
                         (left > 2 ? in[at + 2] : 0);
        bytes[0] = base64_digits[three >> 18];
        bytes[1] = base64_digits[three >> 12 & 63];
        bytes[2] = left > 1 ? base64_digits[three >> 6 & 63] : '=';
        bytes[3] = left > 2 ? base64_digits[three & 63] : '=';
        if (!builtin_passes(&poll, at)) {
            return false;
        }
    }
    return true;
}

// hexEncode text: lower case
bool builtin_hex_encode(BuiltinContext *ctx, const Value *args, Value *out)
{
    Str text = value_str(args[0]);
    char *bytes;
    if (!builtin_text_new(ctx, 2 * (uint64_t)text.len, &bytes, out)) {
        return false;
    }
    BuiltinPoll poll = {ctx, 0};
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        *bytes++ = hex_digits[byte >> 4];
        *bytes++ = hex_digits[byte & 15];
        if (!builtin_passes(&poll, i)) {
            return false;
        }
    }
    return true;
}

// sha256 text: in lower-case hexadecimal
bool builtin_sha256(BuiltinContext *ctx, const Value *args, Value *out)
{
    Str text = value_str(args[0]);
    unsigned char hash[SHA256_DIGEST_SIZE];
    char digits[2 * SHA256_DIGEST_SIZE];
    if (!builtin_take_steps(ctx, text.len / BUILTIN_BYTES_PER_STEP)) {
        return false;
    }
    struct sha256_ctx sha;
    sha256_init(&sha);
    for (size_t at = 0; at < text.len; at += BUILTIN_POLL_BYTES) {
        size_t left = text.len - at;
        sha256_update(&sha,
                      left < BUILTIN_POLL_BYTES ? left : BUILTIN_POLL_BYTES,
                      (const unsigned char *)text.data + at);
        if (left > BUILTIN_POLL_BYTES && !builtin_goes_on(ctx)) {
            return false;
        }
    }
    sha256_digest(&sha, sizeof hash, hash);
    for (size_t i = 0; i < sizeof hash; i++) {
        digits[2 * i] = hex_digits[hash[i] >> 4];
        digits[2 * i + 1] = hex_digits[hash[i] & 15];
    }
    *out = value_string(ctx->heap, str_make(digits, sizeof digits));
    return true;
}

// Unreserved characters of RFC 3986.
static bool is_unreserved(char c)
{
    return byte_is(c, BYTE_IDENT) || c == '-' || c == '.' || c == '~';
}

// urlEncode text
bool builtin_url_encode(BuiltinContext *ctx, const Value *args, Value *out)
{
    Str text = value_str(args[0]);
    BuiltinPoll poll = {ctx, 0};
    uint64_t total = 0;
    for (size_t i = 0; i < text.len; i++) {
        total += is_unreserved(text.data[i]) ? 1 : 3;
    }
    char *bytes;
    if (!builtin_text_new(ctx, total, &bytes, out)) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        if (is_unreserved(text.data[i])) {
            *bytes++ = text.data[i];
        } else {
            *bytes++ = '%';
            *bytes++ = upper_hex_digits[byte >> 4];
            *bytes++ = upper_hex_digits[byte & 15];
        }
        if (!builtin_passes(&poll, i)) {
            return false;
        }
    }
    return true;
}

// ---- decoders. They write to `out`, at most as many bytes as they read.

typedef struct Decoded {
    BuiltinPoll poll;
    StrBuf bytes;
    const char *wrong; // NULL: nothing
    size_t at;         // where
} Decoded;

static bool decode_fails(Decoded *decoded, const char *wrong, size_t at)
{
    decoded->wrong = wrong;
    decoded->at = at;
    return false;
}

// False: the run ends.
static bool decode_byte(Decoded *decoded, char byte)
{
    strbuf_append_char(&decoded->bytes, byte);
    return builtin_passes(&decoded->poll, decoded->bytes.len);
}

static char hex_byte(char high, char low)
{
    return (char)(byte_hex_value(high) << 4 | byte_hex_value(low));
}

static bool decode_hex(Str text, Decoded *decoded)
{
    for (size_t i = 0; i < text.len; i += 2) {
        if (!byte_is(text.data[i], BYTE_HEX)) {
            return decode_fails(decoded, "no hexadecimal digit", i);
        }
        if (i + 1 == text.len) {
            return decode_fails(decoded, "half a byte", i);
        }
        if (!byte_is(text.data[i + 1], BYTE_HEX)) {
            return decode_fails(decoded, "no hexadecimal digit", i + 1);
        }
        if (!decode_byte(decoded, hex_byte(text.data[i], text.data[i + 1]))) {
            return false;
        }
    }
    return true;
}

static int base64_value(char c)
{
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+'             ? 62
           : c == '/'             ? 63
                                  : -1;
}

static bool decode_base64(Str text, Decoded *decoded)
{
    size_t padding = 0;
    while (padding < 2 && padding < text.len &&
           text.data[text.len - 1 - padding] == '=') {
        padding++;
    }
    size_t digits = text.len - padding;
    uint32_t bits = 0;
    for (size_t i = 0; i < digits; i++) {
        int value = base64_value(text.data[i]);
        if (value < 0) {
            return decode_fails(decoded, "no digit of base 64", i);
        }
        bits = bits << 6 | (uint32_t)value;
        if (i % 4 != 0) {
            int left = 6 - 2 * (int)(i % 4); // bits of the next byte
            if (!decode_byte(decoded, (char)(bits >> left))) {
                return false;
            }
            bits &= (1u << left) - 1;
        }
    }
    if (text.len % 4 != 0) {
        return decode_fails(decoded, "the length is no multiple of 4",
                            text.len);
    }
    if (bits != 0 || digits % 4 == 1) {
        return decode_fails(decoded, "bits are left over", digits - 1);
    }
    return true;
}

static bool decode_url(Str text, Decoded *decoded)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] != '%') {
            if (!decode_byte(decoded, text.data[i])) {
                return false;
            }
            continue;
        }
        if (i + 2 >= text.len || !byte_is(text.data[i + 1], BYTE_HEX) ||
            !byte_is(text.data[i + 2], BYTE_HEX)) {
            return decode_fails(decoded, "no two hexadecimal digits follow '%'",
                                i);
        }
        if (!decode_byte(decoded,
                         hex_byte(text.data[i + 1], text.data[i + 2]))) {
            return false;
        }
        i += 2;
    }
    return true;
}

typedef bool Decoder(Str text, Decoded *decoded);

static bool decode(BuiltinContext *ctx, Decoder *decoder, Value text,
                   Value *out)
{
    Decoded decoded = {.poll = {ctx, 0}};
    Str in = value_str(text);
    if (!builtin_take_steps(ctx, in.len / BUILTIN_BYTES_PER_STEP) ||
        !builtin_room(ctx, 2 * (uint64_t)in.len + 512)) {
        return false;
    }
    StrBuf message = {0};
    if (!decoder(in, &decoded)) {
        if (ctx->cancelled) {
            strbuf_release(&decoded.bytes);
            return false;
        }
        strbuf_appendf(&message, "%s at offset %zu", decoded.wrong, decoded.at);
        strbuf_clear(&decoded.bytes);
    } else {
        Str bytes = strbuf_str(&decoded.bytes);
        size_t valid = utf8_validate(bytes);
        if (valid < bytes.len) {
            strbuf_appendf(&message,
                           "the decoded bytes are not UTF-8 at offset %zu",
                           valid);
            strbuf_clear(&decoded.bytes);
        }
    }
    Value *pair;
    *out = value_tuple(ctx->heap, 2, &pair);
    pair[0] = value_string(ctx->heap, strbuf_str(&decoded.bytes));
    pair[1] = value_string(ctx->heap, strbuf_str(&message));
    strbuf_release(&decoded.bytes);
    strbuf_release(&message);
    return true;
}

// base64Decode text
bool builtin_base64_decode(BuiltinContext *ctx, const Value *args, Value *out)
{
    return decode(ctx, decode_base64, args[0], out);
}

// hexDecode text
bool builtin_hex_decode(BuiltinContext *ctx, const Value *args, Value *out)
{
    return decode(ctx, decode_hex, args[0], out);
}

// urlDecode text
bool builtin_url_decode(BuiltinContext *ctx, const Value *args, Value *out)
{
    return decode(ctx, decode_url, args[0], out);
}
