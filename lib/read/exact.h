/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Scalars of version 2 that the writer would write just as they are in a text: so they need no
   conversion to be copied. */
#ifndef PYON_EXACT_H
#define PYON_EXACT_H

#include "read/scalar.h"

/* As find_plain_end(), but DEL is not plain either: the writer escapes it. */
static inline const char *find_exact_end(const char *p, const char *end)
{
    const struct vector quote = vector_splat('"'), backslash = vector_splat('\\');
    const struct vector control = vector_splat(' ' - 1), del = vector_splat(0x7f);

    for (; p < end; p += VECTOR_SIZE) {
        struct vector x = vector_load(p);
        struct vector ends = vector_or(vector_equal(x, quote), vector_equal(x, backslash));
        struct vector others = vector_or(vector_at_most(x, control), vector_tops(x));
        uint64_t mask = vector_mask(vector_or(vector_or(ends, others), vector_equal(x, del)));

        if (mask)
            return p + mask_first(mask);
    }
    return NULL;
}

/*
 * Would the number be written so? An integer would, except -0. A decimal number of at most 15 digits
 * is the shortest one that is read as its double, since no two of them are read as the same. The
 * writer has at least one digit after the point and no zeros at the end. It takes an exponent after
 * more than three zeros after "0.".
 */
static inline bool is_exact_number(const char *text, size_t length)
{
    bool negative = *text == '-';
    const char *p = text + negative, *last = text + length - 1;
    unsigned whole = count_run(p), part;

    if (negative + (size_t)whole == length)
        return whole < RUN_MAX && !(negative && *p == '0');
    part = count_run(p + whole + 1);
    if (p[whole] != '.' || negative + (size_t)whole + 1 + part != length || whole + part > 15)
        return false;
    if (*last == '0')
        return part == 1;
    return *p != '0' || memcmp(p + 2, "0000", 4) != 0;
}

#endif
