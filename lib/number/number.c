/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * JSON numbers.
 *
 *     text --> digits w, their number, exponent x --> scale() --> w * 10^x as a double
 *                  | more digits than w holds
 *                  `--> pyon_read_decimal() (decimal.c)
 *
 * There are two readers. The reader of wide.h uses loads of fixed size. Where these are not
 * allowed, or where it meets more digits than it can count, the reader here takes its place. The
 * reader here reads eight digits at a time where eight bytes can be loaded. The last of them may be
 * the NUL that ends the text, but none before it may be. Seven branches, which are never taken,
 * test that.
 *
 * Exponents are clamped at a value beyond any possible number of digits, so sums of both neither
 * overflow nor change the result.
 */
#include "number/wide.h"

/* ---- Digits ------------------------------------------------------------------------------ */

/* May 8 bytes be loaded at `p`, in a text that ends with a NUL? The last one may be that NUL. */
static inline bool is_loadable(const char *p)
{
    return p[0] && p[1] && p[2] && p[3] && p[4] && p[5] && p[6];
}

/*
 * Reads a run of digits, one at least, in a text that ends with a NUL: appends them to the digits
 * of `w`, modulo 2^64, and returns the end of the run.
 */
static inline const char *read_digits(const char *p, uint64_t *w)
{
    static const uint32_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};

    /* If one or two digits are the rule, a guess at their number lets the processor continue at
       once. Waiting for count_digits() would take twice the time. */
    if (!is_digit(p[1])) {
        *w = *w * 10 + (uint64_t)(p[0] - '0');
        return p + 1;
    }
    if (!is_digit(p[2])) {
        *w = *w * 100 + (uint64_t)(p[0] * 10 + p[1] - '0' * 11);
        return p + 2;
    }
    while (PYON_LIKELY(is_loadable(p))) {
        uint64_t word = load_digits(p);
        unsigned count = count_digits(word);

        if (count < 8) {
            /* Zeros before them. 8 * (8 - count) may be too much to shift at once. */
            word = word << 4 * (8 - count) << 4 * (8 - count);
            *w = *w * powers[count] + join_digits(word);
            return p + count;
        }
        *w = *w * 100000000 + join_digits(word);
        p += 8;
    }
    for (; is_digit(*p); p++)
        *w = *w * 10 + (uint64_t)(*p - '0');
    return p;
}

/* ---- JSON numbers ------------------------------------------------------------------------ */

/*
 * Reads a fraction at `p` if there is one: appends its digits to `w`, subtracts their number from
 * `exponent`, and returns its end.
 */
static inline const char *read_fraction(const char *p, uint64_t *w, int64_t *exponent)
{
    const char *digits = p + 1;

    if (p[0] != '.' || !is_digit(p[1]))
        return p;
    p = read_digits(digits, w);
    *exponent -= p - digits;
    return p;
}

/* There are more digits than w holds. If the excess is zeros at the start, w is right; else all
   digits are read again. */
PYON_COLD static double long_real(const char *start, const char *end, uint64_t w, size_t digits,
                                  int64_t exponent)
{
    if (w != 0 && digits - leading_zeros(start) <= MAX_DIGITS)
        return eisel_lemire(w, exponent);
    return pyon_read_decimal(start, (size_t)(end - start));
}

const char *pyon_read_number(const char *p, struct pyon_number *number)
{
    bool negative = *p == '-';
    const char *start = p + negative, *whole_end, *fraction_end, *end;
    size_t digits, fraction;
    int64_t exponent = 0;
    uint64_t w;

    if (!is_digit(*start))
        return NULL;
    w = (uint64_t)(*start - '0');
    whole_end = start + 1;
    if (w != 0 && is_digit(*whole_end))
        whole_end = read_digits(whole_end, &w);
    fraction_end = read_fraction(whole_end, &w, &exponent);
    fraction = (size_t)-exponent;
    end = read_exponent(fraction_end, &exponent);

    digits = (size_t)(whole_end - start);
    if (end == whole_end) {
        set_integer(number, w, digits, negative);
        return end;
    }
    digits += fraction;
    set_real(number,
             PYON_LIKELY(digits <= MAX_DIGITS) ? scale(w, digits, exponent, SAFE_UNASKED)
                                               : long_real(start, end, w, digits, exponent),
             negative);
    return end;
}
