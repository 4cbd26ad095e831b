/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Scalars of version 2 that are checked, but not converted: for code that skips, compares or copies
 * values. Each function returns the end of the token at `p`, NULL if it is not in the form that most
 * texts have: then the grammar has to look at it. At most SKIP_MARGIN bytes from `p` on are looked
 * at, and of a string as many from its end on.
 */
#ifndef PYON_SCALAR_H
#define PYON_SCALAR_H

#include "number/digits.h"
#include "vector.h"

#define SKIP_MARGIN 80
#define SKIP_DIGITS 32  /* digits in a row, and */
#define SKIP_EXPONENT 8 /* of an exponent; more are for the grammar */

/* The first byte from `p` on that is not plain text in a string; NULL if there is none before
   `end`. `exact`: DEL is not plain either, since the writer escapes it. */
static inline __attribute__((always_inline)) const char *find_end(const char *p, const char *end,
                                                                  bool exact)
{
    const struct vector quote = vector_splat('"'), backslash = vector_splat('\\');
    const struct vector del = vector_splat(0x7f);

    for (; p < end; p += VECTOR_SIZE) {
        struct vector x = vector_load(p);
        struct vector ends = vector_or(vector_equal(x, quote), vector_equal(x, backslash));
        struct vector others = vector_not_from(x, ' ');
        uint64_t mask;

        if (exact)
            others = vector_or(others, vector_equal(x, del));
        mask = vector_mask(vector_or(ends, others));
        if (mask)
            return p + mask_first(mask);
    }
    return NULL;
}

static inline __attribute__((always_inline)) const char *find_plain_end(const char *p,
                                                                        const char *end)
{
    return find_end(p, end, false);
}

/* A string with escapes or bytes above 0x7f. `body` is the text between the quotes. (skip.c) */
PYON_INTERNAL const char *pyon_skip_special(const char *body, const char *limit);

/* A string of which `p` is the opening quote. `end` is SKIP_MARGIN bytes before the limit. */
static inline const char *skip_string(const char *p, const char *end)
{
    const char *stop = find_plain_end(p + 1, end);

    if (PYON_LIKELY(stop && *stop == '"'))
        return stop + 1;
    return stop ? pyon_skip_special(p + 1, end + SKIP_MARGIN) : NULL;
}

static inline const char *skip_exponent(const char *p)
{
    const char *digits;

    if (PYON_LIKELY((*p | 0x20) != 'e'))
        return p;
    digits = p + 1 + (p[1] == '-' || p[1] == '+');
    p = digits;
    while (is_digit(*p) && p - digits < SKIP_EXPONENT)
        p++;
    return p > digits && !is_digit(*p) ? p : NULL;
}

/* The number of digits at `p`, at most SKIP_DIGITS: as many on each processor. */
static inline unsigned count_digit_run(const char *p)
{
    unsigned count = count_run(p);

    if (PYON_UNLIKELY(count >= RUN_MAX))
        while (count < SKIP_DIGITS && is_digit(p[count]))
            count++;
    return count;
}

/* A number of any length. */
static inline const char *skip_long_number(const char *p)
{
    unsigned digits = 1;

    p += *p == '-';
    if (!is_digit(*p))
        return NULL;
    if (is_digit(p[1])) {
        digits = count_digit_run(p);
        if (*p == '0' || digits >= SKIP_DIGITS)
            return NULL;
    }
    p += digits;
    if (*p == '.') {
        digits = count_digit_run(p + 1);
        if (digits == 0 || digits >= SKIP_DIGITS)
            return NULL;
        p += 1 + digits;
    }
    return skip_exponent(p);
}

/* A number of version 2. At most SKIP_MARGIN bytes are looked at. */
static inline const char *skip_number(const char *p)
{
#if PYON_X86
    /* All digits are found at once, so that no branch depends on their number. */
    uint64_t digits = find_digits(p);
    unsigned start = *p == '-', length = (unsigned)__builtin_ctzll(~(digits >> start)), end;

    if (PYON_UNLIKELY(length == 0 || (p[start] == '0' && length > 1)))
        return NULL;
    end = start + length;
    if (p[end] == '.') {
        length = (unsigned)__builtin_ctzll(~(digits >> (end + 1)));
        if (PYON_UNLIKELY(length == 0))
            return end < 31 ? NULL : skip_long_number(p);
        end += 1 + length;
    }
    return PYON_LIKELY(end < 31) ? skip_exponent(p + end) : skip_long_number(p);
#else
    return skip_long_number(p);
#endif
}

static inline const char *skip_word(const char *p)
{
    if (memcmp(p, "true", 4) == 0 || memcmp(p, "null", 4) == 0)
        return p + 4;
    return memcmp(p, "false", 5) == 0 ? p + 5 : NULL;
}

/* A value without members. */
static inline __attribute__((always_inline)) const char *skip_scalar(const char *p, const char *end)
{
    switch (*p) {
    case '"':
        return skip_string(p, end);
    case 't':
    case 'f':
    case 'n':
        return skip_word(p);
    default:
        return skip_number(p);
    }
}

/* ---- Scalars that the writer of version 2 would write just as they are: they are copied ---- */

static inline const char *find_exact_end(const char *p, const char *end)
{
    return find_end(p, end, true);
}

#define EXACT_DIGITS 15
#define EXACT_LONGEST (EXACT_DIGITS + 2) /* with a sign and a point */

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
    unsigned whole, part;

    if (length > EXACT_LONGEST)
        return false;
    whole = count_run(p);
    if (negative + (size_t)whole == length)
        return whole < RUN_MAX && !(negative && *p == '0');
    part = count_run(p + whole + 1);
    if (p[whole] != '.' || negative + (size_t)whole + 1 + part != length ||
        whole + part > EXACT_DIGITS)
        return false;
    if (*last == '0')
        return part == 1;
    return *p != '0' || memcmp(p + 2, "0000", 4) != 0;
}

#endif
