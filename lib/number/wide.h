/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * JSON numbers far from the ends of the text: no load is checked (see digits.h). This is for loops
 * that read many numbers, so all of it is inline. number.c has the reader for any place.
 */
#ifndef PYON_NUMBER_WIDE_H
#define PYON_NUMBER_WIDE_H

#include "number/digits.h"
#include "number/number.h"
#include "number/scale.h"

/* Bytes that may be loaded before the start of a number, and from its start on: sign, digits,
   point, fraction. */
#define NUMBER_BEFORE RUN_MAX
#define NUMBER_BEHIND (1 + MAX_DIGITS + 1 + RUN_LOADED)

/* Reads an exponent at `p` if there is one, adds it to `exponent`, and returns its end. */
static inline const char *read_exponent(const char *p, int64_t *exponent)
{
    const char *digits = p + 1;
    uint64_t value = 0;

    if (PYON_LIKELY((*p | 0x20) != 'e'))
        return p;
    digits += *digits == '-' || *digits == '+';
    if (!is_digit(*digits))
        return p;
    for (p = digits; is_digit(*p); p++)
        value = append_clamped(value, *p);
    *exponent += with_sign(value, digits[-1] == '-');
    return p;
}

static inline void set_integer(struct pyon_number *number, uint64_t w, size_t digits, bool negative)
{
    bool fits = digits <= MAX_DIGITS && w <= (uint64_t)INT64_MAX + negative;

    number->kind = fits ? PYON_NUMBER_INTEGER : PYON_NUMBER_BIGINT;
    number->integer = fits ? with_sign(w, negative) : 0;
    number->real = 0;
}

static inline void set_real(struct pyon_number *number, double value, bool negative)
{
    number->kind = PYON_NUMBER_REAL;
    number->integer = 0;
    number->real = from_bits(to_bits(value) | (uint64_t)negative << 63);
}

/* The number of zeros at the start of 0.000ddd. Some other digit follows. */
static size_t leading_zeros(const char *p)
{
    size_t zeros = 0;

    for (; *p == '0' || *p == '.'; p++)
        zeros += *p == '0';
    return zeros;
}

/* Does w hold this number of digits, of which those at the start may be zeros (0.000ddd)? */
static inline bool fit(const char *start, unsigned digits)
{
    return digits < RUN_MAX && digits - leading_zeros(start) <= MAX_DIGITS;
}

/* Passes the address of another variable: so `number` can live in registers. */
static inline const char *read_carefully(const char *p, struct pyon_number *number)
{
    struct pyon_number careful;
    const char *end = pyon_read_number(p, &careful);

    *number = careful;
    return end;
}

/*
 * As pyon_read_number, at a place where NUMBER_BEFORE bytes before `p` and NUMBER_BEHIND bytes from
 * it on can be loaded, whether they are text or not. `join` is a function join_run, `safe` is as for
 * scale().
 */
static inline __attribute__((always_inline)) const char *
read_number_wide(const char *p, struct pyon_number *number,
                 uint64_t (*join)(const char *, unsigned), size_t safe)
{
    bool negative = *p == '-';
    const char *start = p + negative, *whole_end, *end;
    unsigned digits = 1;
    uint64_t word, w = (uint64_t)(*start - '0');
    int64_t exponent = 0;

    if (PYON_UNLIKELY(w > 9))
        return NULL;
    if (w != 0 && is_digit(start[1])) {
        word = load_digits(start);
        digits = count_digits(word);
        if (digits < 8) {
            w = join_digits(word << 8 * (8 - digits)); /* zeros before them */
        } else {
            digits = count_run(start);
            if (PYON_UNLIKELY(digits > MAX_DIGITS))
                return read_carefully(p, number);
            w = join(start + digits, digits);
        }
    }
    whole_end = end = start + digits;
    if (*end == '.' && is_digit(end[1])) {
        unsigned fraction = count_run(end + 1);

        PYON_ASSERT(end + 1 + RUN_LOADED <= p + NUMBER_BEHIND);
        digits += fraction;
        if (PYON_UNLIKELY(digits > MAX_DIGITS) && !(w == 0 && fit(start, digits)))
            return read_carefully(p, number);
        end += 1 + fraction;
        w = w * power_of_ten(fraction) + join(end, fraction);
        exponent = -(int64_t)fraction;
    }
    end = read_exponent(end, &exponent);
    if (end == whole_end)
        set_integer(number, w, digits, negative);
    else
        set_real(number, scale(w, digits, exponent, safe), negative);
    return end;
}

#endif
