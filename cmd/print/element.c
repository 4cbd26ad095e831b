/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Elements of arrays for people. */
#include "print/element.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Numbers ---- */

bool line_put_real(struct line_text *line, double value, int digits)
{
    if (isnan(value))
        return line_put(line, "nan");
    if (isinf(value))
        return line_put(line, value < 0 ? "-inf" : "inf");
    return line_putf(line, "%.*g", digits, value);
}

/* As Python shows it. */
bool line_put_exact_real(struct line_text *line, double value)
{
    char text[64];
    struct pyon_out out = {.start = text, .cur = text, .end = text + sizeof text};
    struct pyon_writer writer;

    pyon_writer_init(&writer, &out, &pyon_v1, false);
    if (pyon_write_real(&writer, value) < 0)
        return false;
    *out.cur = '\0';
    return line_put(line, text);
}

bool line_put_complex(struct line_text *line, double real, double imaginary)
{
    return line_put_exact_real(line, real) && (signbit(imaginary) || line_put(line, "+")) &&
           line_put_exact_real(line, imaginary) && line_put(line, "j");
}

/* ---- Dates ---- */

/* The unit of the integers of a dtype, and how many of that unit each of them counts. */
struct unit {
    long count;
    char name[8];
};

/* "<M8[25ns]"; without a unit NumPy counts nothing known. */
static struct unit unit_of(const struct pyon_array *array)
{
    const char *bracket = strchr(array->dtype, '[');
    struct unit unit = {.count = 1};

    if (bracket && sscanf(bracket, "[%ld%7[a-zA-Z]", &unit.count, unit.name) != 2)
        sscanf(bracket, "[%7[a-zA-Z]", unit.name);
    return unit;
}

/* Units of a second and shorter. */
static const struct {
    const char *name;
    int digits; /* of a fraction of a second */
    int64_t per_second;
} fine_units[] = {{"s", 0, 1},
                  {"ms", 3, 1000},
                  {"us", 6, 1000000},
                  {"ns", 9, 1000000000},
                  {"ps", 12, 1000000000000},
                  {"fs", 15, 1000000000000000},
                  {"as", 18, 1000000000000000000}};

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

#define DAYS_OF_ERA 146097 /* of 400 years, after which the calendar repeats */
#define DAYS_BEFORE_1970                                                                           \
    719468 /* since March 1st of the year 0: a leap day is the last of its year */

/*
 * A day, counted from 1970-01-01, by the Gregorian calendar, as H. Hinnant computes it. gmtime() of some systems knows
 * only some centuries. False if even the number of the year is too large to be of use.
 */
static bool put_day(struct line_text *line, int64_t days)
{
    const int64_t shifted = days + DAYS_BEFORE_1970, era = floor_divide(shifted, DAYS_OF_ERA);
    const int64_t day = shifted - era * DAYS_OF_ERA;
    const int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    const int64_t day_of_year = day - (365 * year + year / 4 - year / 100);
    const int64_t month = (5 * day_of_year + 2) / 153; /* from March */
    const int64_t number = year + 400 * era + (month >= 10);

    if (number > INT32_MAX || number < INT32_MIN)
        return false;
    return line_putf(line, "%" PRId64 "-%02d-%02d", number,
                     (int)(month < 10 ? month + 3 : month - 9),
                     (int)(day_of_year - (153 * month + 2) / 5 + 1));
}

/* Seconds since 1970, and a fraction of `digits` digits. */
static bool put_time(struct line_text *line, int64_t seconds, int64_t fraction, int digits)
{
    const int64_t days = floor_divide(seconds, 86400);
    const int second = (int)(seconds - days * 86400);

    return put_day(line, days) &&
           line_putf(line, "T%02d:%02d:%02d", second / 3600, second / 60 % 60, second % 60) &&
           (digits == 0 || line_putf(line, ".%0*" PRId64, digits, fraction));
}

/* Is the number of years, or what else, so large that a date of it makes no sense? */
static bool is_far(int64_t value)
{
    return value > 100000000 || value < -100000000;
}

static bool put_coarse_date(struct line_text *line, int64_t value, const char *unit)
{
    if (is_far(value))
        return false;
    switch (unit[0]) {
    case 'Y':
        return line_putf(line, "%" PRId64, 1970 + value);
    case 'M':
        return line_putf(line, "%" PRId64 "-%02d", 1970 + floor_divide(value, 12),
                         (int)(value - 12 * floor_divide(value, 12)) + 1);
    case 'W':
        return put_day(line, 7 * value);
    case 'D':
        return put_day(line, value);
    case 'h':
        return put_time(line, value * 3600, 0, 0);
    case 'm':
        return put_time(line, value * 60, 0, 0);
    default:
        return false;
    }
}

/* In the form of ISO 8601: false if it cannot be shown as a date, or there is no room. */
static bool put_date(struct line_text *line, int64_t value, const struct unit *unit)
{
    int64_t scaled;

    if (__builtin_mul_overflow(value, unit->count, &scaled))
        return false;
    for (size_t i = 0; i < sizeof fine_units / sizeof *fine_units; i++)
        if (strcmp(unit->name, fine_units[i].name) == 0) {
            int64_t seconds = floor_divide(scaled, fine_units[i].per_second);

            return put_time(line, seconds, scaled - seconds * fine_units[i].per_second,
                            fine_units[i].digits);
        }
    return put_coarse_date(line, scaled, unit->name);
}

/* A date, or a difference of two: "3600s"; as a number if it cannot be shown as that. */
static bool put_moment(struct line_text *line, const struct pyon_array *array, size_t index)
{
    struct unit unit = unit_of(array);
    const struct line_text before = *line;
    int64_t value;

    if (pyon_array_integer(array, index, &value) < 0 || value == INT64_MIN)
        return line_put(line, "NaT");
    if (array->kind == 'M') {
        if (put_date(line, value, &unit))
            return true;
        if (line->full)
            return false;
        line_back(line, &before);
        return line_putf(line, "%" PRId64, value);
    }
    return unit.count == 1 ? line_putf(line, "%" PRId64 "%s", value, unit.name)
                           : line_putf(line, "%" PRId64 "*%ld%s", value, unit.count, unit.name);
}

/* ---- Texts ---- */

/* Appends a code point as UTF-8, surrogates as three bytes. */
static char *append_utf8(char *text, uint32_t c)
{
    if (c < 0x80) {
        *text++ = (char)c;
        return text;
    }
    if (c >= 0x10000) {
        *text++ = (char)(0xf0 | c >> 18);
        *text++ = (char)(0x80 | (c >> 12 & 0x3f));
    } else if (c >= 0x800) {
        *text++ = (char)(0xe0 | c >> 12);
    }
    *text++ = (char)(c >= 0x800 ? 0x80 | (c >> 6 & 0x3f) : 0xc0 | c >> 6);
    *text++ = (char)(0x80 | (c & 0x3f));
    return text;
}

char *element_utf8(const struct pyon_array *array, size_t index, size_t *length)
{
    const char *data = array_element(array, index);
    size_t count = array->item_size / 4;
    char *text = malloc(array->item_size + 1), *end = text;

    for (size_t i = 0; text && i < count; i++) {
        uint32_t c;

        memcpy(&c, data + 4 * i, 4);
        c = array->swapped ? __builtin_bswap32(c) : c;
        end = append_utf8(end, c <= 0x10ffff ? c : 0xfffd);
    }
    while (end > text && end[-1] == '\0')
        end--;
    *length = (size_t)(end - text);
    return text;
}

size_t element_size(const struct pyon_array *array, size_t index)
{
    const char *data = array_element(array, index);
    size_t size = array->item_size;

    while (size > 0 && data[size - 1] == '\0')
        size--;
    return size;
}

static bool put_fixed_string(struct line_text *line, const struct pyon_array *array, size_t index)
{
    size_t length;
    char *text = element_utf8(array, index, &length);
    bool fits = false;

    if (text)
        fits = line_put_quoted(line, text, length);
    else
        line->full = true;
    free(text);
    return fits;
}

static bool put_fixed_bytes(struct line_text *line, const struct pyon_array *array, size_t index)
{
    return line_put_byte_string(line, array_element(array, index), element_size(array, index));
}

/* Of a type that is not known here: structures, whose fields the format does not keep. */
static bool put_void(struct line_text *line, const struct pyon_array *array, size_t index)
{
    const char *data = array_element(array, index);

    if (!line_put(line, "0x"))
        return false;
    for (size_t i = 0; i < array->item_size; i++)
        if (!line_putf(line, "%02x", (unsigned char)data[i]))
            return false;
    return true;
}

/* ---- All ---- */

bool line_put_element(struct line_text *line, const struct pyon_array *array, size_t index)
{
    double real, imaginary;
    int64_t integer;

    switch (array->kind) {
    case 'b':
        return pyon_array_integer(array, index, &integer) >= 0 &&
               line_put(line, integer ? "true" : "false");
    case 'i':
    case 'u':
        if (pyon_array_integer(array, index, &integer) == PYON_EXACT)
            return line_putf(line, "%" PRId64, integer);
        return line_putf(line, "%" PRIu64, unsigned_element(array, index));
    case 'f':
        return pyon_array_real(array, index, &real) >= 0 && line_put_exact_real(line, real);
    case 'c':
        return pyon_array_complex(array, index, &real, &imaginary) >= 0 &&
               line_put_complex(line, real, imaginary);
    case 'M':
    case 'm':
        return put_moment(line, array, index);
    case 'S':
        return put_fixed_bytes(line, array, index);
    case 'U':
        return put_fixed_string(line, array, index);
    default:
        return put_void(line, array, index);
    }
}
