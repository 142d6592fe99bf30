// What each byte can be, for the scanners.
//
// Threads: constant data.
#ifndef LIGATURE_SYNTAX_BYTE_CLASS_H
#define LIGATURE_SYNTAX_BYTE_CLASS_H

#include <stdbool.h>
#include <stdint.h>

enum {
    BYTE_IDENT = 1 << 0,   // letters, digits, '_'
    BYTE_DIGIT = 1 << 1,   // 0-9
    BYTE_HEX = 1 << 2,     // 0-9 a-f A-F
    BYTE_STOP = 1 << 3,    // ends the plain run of a string: " \ controls
    BYTE_BLANK = 1 << 4,   // space, tab
    BYTE_LINE = 1 << 5,    // LF, CR
    BYTE_CONTROL = 1 << 6, // controls other than tab, LF, CR
    BYTE_START = 1 << 7    // letters, '_'
};

extern const uint8_t byte_class[256];

static inline bool byte_is(char byte, unsigned classes)
{
    return (byte_class[(unsigned char)byte] & classes) != 0;
}

// The value of a hexadecimal digit, which the byte is.
static inline uint32_t byte_hex_value(char digit)
{
    return digit <= '9' ? (uint32_t)(digit - '0')
                        : (uint32_t)((digit | 0x20) - 'a' + 10);
}

#endif
