// Exact number text: integers that fit or do not, doubles that read back.
//
// Threads: pure functions.
#ifndef LIGATURE_SUPPORT_NUMBER_H
#define LIGATURE_SUPPORT_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "support/attributes.h"
#include "support/str.h"

// Room for any number that number_format_* writes.
#define NUMBER_TEXT_MAX 40

// Decimal digits without sign or separators into *out_value; false when the
// value is over UINT64_MAX or the text is not all digits (base 2, 8, 10, 16).
MUST_USE bool number_parse_digits(Str digits, int base, uint64_t *out_value);
// A decimal float literal (digits, '.', exponent); correctly rounded. False
// when it overflows to infinity or is malformed.
MUST_USE bool number_parse_double(Str text, double *out_value);
// Both write into `out` (NUMBER_TEXT_MAX bytes) and return the length; no NUL.
size_t number_format_i64(char *out, int64_t value);
// Shortest text that reads back; exponent form below 1e-5 and from 1e21 on;
// integral values keep ".0" outside the exponent form. `value` is finite.
size_t number_format_double(char *out, double value);

#endif
