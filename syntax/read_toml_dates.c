// Dates and times of TOML, which stay texts.
#include "syntax/byte_class.h"
#include "syntax/read_toml_internal.h"

static bool take_digits(const char **at, const char *end, int count,
                        int *out_value)
{
    int value = 0;
    for (int i = 0; i < count; i++) {
        if (*at == end || !byte_is(**at, BYTE_DIGIT)) {
            return false;
        }
        value = value * 10 + (*(*at)++ - '0');
    }
    *out_value = value;
    return true;
}

static bool take_char(const char **at, const char *end, char c)
{
    bool there = *at < end && **at == c;
    *at += there;
    return there;
}

static bool take_date(const char **at, const char *end)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day;
    if (!take_digits(at, end, 4, &year) || !take_char(at, end, '-') ||
        !take_digits(at, end, 2, &month) || !take_char(at, end, '-') ||
        !take_digits(at, end, 2, &day) || month < 1 || month > 12) {
        return false;
    }
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day >= 1 && day <= days[month - 1] + (month == 2 && leap);
}

static bool take_time(const char **at, const char *end)
{
    int hour, minute, second, digit;
    if (!take_digits(at, end, 2, &hour) || !take_char(at, end, ':') ||
        !take_digits(at, end, 2, &minute) || !take_char(at, end, ':') ||
        !take_digits(at, end, 2, &second) || hour > 23 || minute > 59 ||
        second > 60) {
        return false;
    }
    if (!take_char(at, end, '.')) {
        return true;
    }
    bool any = false;
    while (take_digits(at, end, 1, &digit)) {
        any = true;
    }
    return any;
}

static bool take_offset(const char **at, const char *end)
{
    int hour, minute;
    if (take_char(at, end, 'Z') || take_char(at, end, 'z')) {
        return true;
    }
    if (!take_char(at, end, '+') && !take_char(at, end, '-')) {
        return true; // local
    }
    return take_digits(at, end, 2, &hour) && take_char(at, end, ':') &&
           take_digits(at, end, 2, &minute) && hour <= 23 && minute <= 59;
}

const char *toml_date_end(const char *start, const char *end)
{
    const char *at = start;
    if (take_time(&at, end)) {
        return at;
    }
    at = start;
    if (!take_date(&at, end)) {
        return NULL;
    }
    const char *date = at;
    bool has_time = take_char(&at, end, 'T') || take_char(&at, end, 't') ||
                    (end - at > 1 && *at == ' ' && byte_is(at[1], BYTE_DIGIT) &&
                     take_char(&at, end, ' '));
    if (!has_time) {
        return date;
    }
    return take_time(&at, end) && take_offset(&at, end) ? at : NULL;
}
