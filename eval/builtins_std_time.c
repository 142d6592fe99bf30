// Builtins of std/time.lig: durations and points in time as milliseconds.
#include "eval/builtins_std.h"
#include "syntax/byte_class.h"

#define MS_PER_SECOND INT64_C(1000)
#define MS_PER_MINUTE (60 * MS_PER_SECOND)
#define MS_PER_HOUR   (60 * MS_PER_MINUTE)
#define MS_PER_DAY    (24 * MS_PER_HOUR)

typedef struct Unit {
    Str name;
    int64_t ms;
} Unit;

// Longest first; "ms" before "m" where names are looked for.
static const Unit units[] = {
    {STR_INIT("w"), 7 * MS_PER_DAY}, {STR_INIT("d"), MS_PER_DAY},
    {STR_INIT("h"), MS_PER_HOUR},    {STR_INIT("ms"), 1},
    {STR_INIT("m"), MS_PER_MINUTE},  {STR_INIT("s"), MS_PER_SECOND},
};
#define UNIT_COUNT (sizeof units / sizeof *units)

static bool is_digit(Str text, size_t at)
{
    return at < text.len && byte_is(text.data[at], BYTE_DIGIT);
}

static const Unit *unit_at(Str text, size_t at)
{
    for (size_t i = 0; i < UNIT_COUNT; i++) {
        if (str_starts_with(str_slice(text, at, text.len), units[i].name)) {
            return &units[i];
        }
    }
    return NULL;
}

// The digits from *at on; false when there are none or they are too large.
static bool parse_digits(Str text, size_t *at, uint64_t *out_value)
{
    size_t from = *at;
    uint64_t value = 0;
    for (; is_digit(text, *at); (*at)++) {
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(text.data[*at] - '0'),
                                   &value)) {
            return false;
        }
    }
    *out_value = value;
    return *at > from;
}

// More digits than this, the last not 0, are no whole part of any unit: each
// takes a factor 2 and a factor 5.
#define FRACTION_DIGITS_MAX 18

// The digits behind the point as a part of the unit; false unless that is
// whole.
static bool parse_fraction(Str digits, const Unit *unit, uint64_t *out_ms)
{
    while (digits.len > 0 && digits.data[digits.len - 1] == '0') {
        digits.len--;
    }
    if (digits.len > FRACTION_DIGITS_MAX) {
        return false;
    }
    __extension__ unsigned __int128 ms = (uint64_t)unit->ms;
    uint64_t numerator = 0;
    uint64_t divisor = 1;
    for (size_t i = 0; i < digits.len; i++) {
        numerator = numerator * 10 + (uint64_t)(digits.data[i] - '0');
        divisor *= 10;
    }
    ms *= numerator;
    *out_ms = (uint64_t)(ms / divisor);
    return ms % divisor == 0;
}

// part = digits [ "." digits ] unit
static bool parse_part(Str text, size_t *at, uint64_t *out_ms)
{
    uint64_t whole;
    if (!parse_digits(text, at, &whole)) {
        return false;
    }
    size_t fraction = *at;
    if (*at < text.len && text.data[*at] == '.') {
        fraction = ++*at;
        while (is_digit(text, *at)) {
            (*at)++;
        }
        if (*at == fraction) {
            return false;
        }
    }
    const Unit *unit = unit_at(text, *at);
    uint64_t ms;
    if (unit == NULL ||
        !parse_fraction(str_slice(text, fraction, *at), unit, &ms) ||
        __builtin_mul_overflow(whole, (uint64_t)unit->ms, &whole) ||
        __builtin_add_overflow(whole, ms, &whole)) {
        return false;
    }
    *at += unit->name.len;
    *out_ms = whole;
    return true;
}

// duration = [ "-" ] ( "0" | part { part } )
static bool parse_duration(Str text, int64_t *out_ms)
{
    bool negative = text.len > 0 && text.data[0] == '-';
    uint64_t total = 0;
    size_t at = negative;
    if (str_equal(str_slice(text, at, text.len), STR("0"))) {
        *out_ms = 0;
        return true;
    }
    do {
        uint64_t ms;
        if (!parse_part(text, &at, &ms) ||
            __builtin_add_overflow(total, ms, &total)) {
            return false;
        }
    } while (at < text.len);
    if (total > (uint64_t)INT64_MAX + negative) {
        return false;
    }
    *out_ms = (int64_t)(negative ? 0 - total : total);
    return true;
}

// What `parse` makes of the text, as an Option.
static bool read_time(BuiltinContext *ctx, Value value,
                      bool (*parse)(Str text, int64_t *out_ms), Value *out)
{
    Str text = value_str(value);
    int64_t ms;
    if (!builtin_take_steps(ctx, text.len / BUILTIN_BYTES_PER_STEP)) {
        return false;
    }
    *out =
        parse(text, &ms) ? builtin_some(ctx, value_int(ms)) : builtin_none(ctx);
    return true;
}

// parseDuration text
bool builtin_time_parse_duration(BuiltinContext *ctx, const Value *args,
                                 Value *out)
{
    return read_time(ctx, args[0], parse_duration, out);
}

static Value take_text(BuiltinContext *ctx, StrBuf *text)
{
    Value value = value_string(ctx->heap, strbuf_str(text));
    strbuf_release(text);
    return value;
}

// formatDuration ms: in days, hours, minutes, seconds and milliseconds
bool builtin_time_format_duration(BuiltinContext *ctx, const Value *args,
                                  Value *out)
{
    int64_t ms = args[0].as.integer;
    uint64_t rest = ms < 0 ? 0 - (uint64_t)ms : (uint64_t)ms;
    static const Unit written[] = {{STR_INIT("d"), MS_PER_DAY},
                                   {STR_INIT("h"), MS_PER_HOUR},
                                   {STR_INIT("m"), MS_PER_MINUTE},
                                   {STR_INIT("s"), MS_PER_SECOND},
                                   {STR_INIT("ms"), 1}};
    StrBuf text = {0};
    if (ms < 0) {
        strbuf_append_char(&text, '-');
    }
    for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
        uint64_t count = rest / (uint64_t)written[i].ms;
        rest %= (uint64_t)written[i].ms;
        if (count > 0) {
            strbuf_append_i64(&text, (int64_t)count);
            strbuf_append(&text, written[i].name);
        }
    }
    if (ms == 0) {
        strbuf_append(&text, STR("0s"));
    }
    *out = take_text(ctx, &text);
    return true;
}

// ---- points in time

typedef struct CivilDate {
    int64_t year;
    int month; // 1 to 12
    int day;   // 1 to 31
} CivilDate;

// Days since 1970-01-01 in the proleptic Gregorian calendar, by eras of 400
// years that begin in March (H. Hinnant, "chrono-compatible low-level date
// algorithms").
static int64_t days_of_date(CivilDate date)
{
    int64_t year = date.month <= 2 ? date.year - 1 : date.year;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t month = (date.month + 9) % 12;
    int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
    int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static CivilDate date_of_days(int64_t days)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
                           day_of_era / 146096) /
                          365;
    int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    CivilDate date = {.year = year_of_era + era * 400};
    date.day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    date.month = (int)(month < 10 ? month + 3 : month - 9);
    date.year += date.month <= 2;
    return date;
}

static int days_in_month(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

// `count` digits at *at, at most 4; false when they are not there.
static bool take_number(Str text, size_t *at, int count, int *out_number)
{
    int number = 0;
    for (int i = 0; i < count; i++, (*at)++) {
        if (!is_digit(text, *at)) {
            return false;
        }
        number = number * 10 + (text.data[*at] - '0');
    }
    *out_number = number;
    return true;
}

// A letter may be of either case.
static bool take_char(Str text, size_t *at, char lower)
{
    bool is_letter = lower >= 'a' && lower <= 'z';
    bool found =
        *at < text.len && (text.data[*at] == lower ||
                           (is_letter && (text.data[*at] | 0x20) == lower));
    *at += found;
    return found;
}

// full-date = year "-" month "-" day
static bool take_date(Str text, size_t *at, CivilDate *out)
{
    int year;
    bool ok = take_number(text, at, 4, &year) && take_char(text, at, '-') &&
              take_number(text, at, 2, &out->month) &&
              take_char(text, at, '-') && take_number(text, at, 2, &out->day);
    out->year = year;
    return ok && out->month >= 1 && out->month <= 12 && out->day >= 1 &&
           out->day <= days_in_month(year, out->month);
}

// partial-time = hour ":" minute ":" second [ "." digits ], in milliseconds;
// what is finer than that is cut off.
static bool take_time(Str text, size_t *at, int64_t *out_ms, bool *out_leap)
{
    int hour;
    int minute;
    int second;
    if (!take_number(text, at, 2, &hour) || !take_char(text, at, ':') ||
        !take_number(text, at, 2, &minute) || !take_char(text, at, ':') ||
        !take_number(text, at, 2, &second) || hour > 23 || minute > 59 ||
        second > 60) {
        return false;
    }
    int64_t ms =
        hour * MS_PER_HOUR + minute * MS_PER_MINUTE + second * MS_PER_SECOND;
    if (take_char(text, at, '.')) {
        if (!is_digit(text, *at)) {
            return false;
        }
        for (int64_t scale = 100; is_digit(text, *at); (*at)++, scale /= 10) {
            ms += scale * (text.data[*at] - '0');
        }
    }
    *out_ms = ms;
    *out_leap = second == 60;
    return true;
}

// offset = "Z" | ( "+" | "-" ) hour ":" minute
static bool take_offset(Str text, size_t *at, int64_t *out_ms)
{
    if (take_char(text, at, 'z')) {
        *out_ms = 0;
        return true;
    }
    if (*at == text.len || (text.data[*at] != '+' && text.data[*at] != '-')) {
        return false;
    }
    int64_t sign = text.data[(*at)++] == '-' ? -1 : 1;
    int hour;
    int minute;
    if (!take_number(text, at, 2, &hour) || !take_char(text, at, ':') ||
        !take_number(text, at, 2, &minute) || hour > 23 || minute > 59) {
        return false;
    }
    *out_ms = sign * (hour * MS_PER_HOUR + minute * MS_PER_MINUTE);
    return true;
}

// A leap second stands at the end of a month in UTC only.
static bool may_be_leap(int64_t next_ms)
{
    int64_t start = next_ms - next_ms % MS_PER_SECOND;
    return start % MS_PER_DAY == 0 && date_of_days(start / MS_PER_DAY).day == 1;
}

// date-time of RFC 3339
static bool parse_rfc3339(Str text, int64_t *out_ms)
{
    CivilDate date;
    int64_t time;
    int64_t offset;
    bool leap;
    size_t at = 0;
    if (!take_date(text, &at, &date) ||
        !(take_char(text, &at, 't') ||
          (at < text.len && text.data[at] == ' ' && ++at > 0)) ||
        !take_time(text, &at, &time, &leap) ||
        !take_offset(text, &at, &offset) || at != text.len) {
        return false;
    }
    *out_ms = days_of_date(date) * MS_PER_DAY + time - offset;
    return !leap || may_be_leap(*out_ms);
}

// parseRfc3339 text
bool builtin_time_parse_rfc3339(BuiltinContext *ctx, const Value *args,
                                Value *out)
{
    return read_time(ctx, args[0], parse_rfc3339, out);
}

// formatRfc3339 ms: in UTC. Years of more than four digits have a sign and six
// digits at least, as in ISO 8601.
bool builtin_time_format_rfc3339(BuiltinContext *ctx, const Value *args,
                                 Value *out)
{
    int64_t ms = args[0].as.integer;
    int64_t days = ms / MS_PER_DAY - (ms % MS_PER_DAY < 0);
    int64_t time = (int64_t)((uint64_t)ms - (uint64_t)days * MS_PER_DAY);
    CivilDate date = date_of_days(days);
    StrBuf text = {0};
    if (date.year < 0 || date.year > 9999) {
        strbuf_appendf(&text, "%+07lld", (long long)date.year);
    } else {
        strbuf_appendf(&text, "%04d", (int)date.year);
    }
    strbuf_appendf(&text, "-%02d-%02dT%02d:%02d:%02d", date.month, date.day,
                   (int)(time / MS_PER_HOUR), (int)(time / MS_PER_MINUTE % 60),
                   (int)(time / MS_PER_SECOND % 60));
    if (time % MS_PER_SECOND != 0) {
        strbuf_appendf(&text, ".%03d", (int)(time % MS_PER_SECOND));
    }
    strbuf_append_char(&text, 'Z');
    *out = take_text(ctx, &text);
    return true;
}
