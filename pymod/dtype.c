/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* See dtype.h. */
#include "dtype.h"

#define LONG_REAL ((long)sizeof(long double))
#define DTYPE_DIGITS 8 /* of a size, at most: it overflows in no unit */

/* The number whose digits are from `text` to `end`; 0 if other characters are there, or too
   many. */
static long read_size(const char *text, const char *end)
{
    long size = 0;

    if (end - text > DTYPE_DIGITS || *text == '0')
        return 0;
    for (; text < end; text++) {
        if (*text < '0' || *text > '9')
            return 0;
        size = size * 10 + (*text - '0');
    }
    return size;
}

bool dtype_is_plain(const char *text, size_t length)
{
    long size = length < 3 ? 0 : read_size(text + 2, text + length);
    bool has_order = length > 0 && (text[0] == '<' || text[0] == '>');

    if (size == 0 || (!has_order && text[0] != '|'))
        return false;
    switch (text[1]) {
    case 'b':
        return !has_order && size == 1;
    case 'i':
    case 'u':
        return has_order ? size == 2 || size == 4 || size == 8 : size == 1;
    case 'f':
        return has_order && (size == 2 || size == 4 || size == 8 || size == LONG_REAL);
    case 'c':
        return has_order && (size == 8 || size == 16 || size == 2 * LONG_REAL);
    case 'S':
    case 'V':
        return !has_order;
    case 'U':
        return has_order;
    default:
        return false;
    }
}
