/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Large integers, of a bounded size: what Python writes as a text, 4300 digits, and a little more.
 * The arithmetic is that of schools: there is little of it, and the bound makes it cheap.
 *
 * A number is a struct by value, without memory of its own. Functions whose result may be too large
 * return false then; what they fill is undefined. What is filled may be an operand too.
 */
#ifndef PYON_NUMBER_BIG_H
#define PYON_NUMBER_BIG_H

#include "base.h"

#define PYON_BIG_DIGITS 4300 /* the digits that Python writes, unless it is told otherwise */
#define PYON_BIG_LIMBS 480   /* a result has at most so many: 4624 digits */
#define PYON_BIG_SLACK 4     /* for the steps of one operation */
#define PYON_BIG_TEXT 4640   /* the room for a text of any of them */

struct big {
    bool negative;  /* zero is not */
    unsigned count; /* of limbs; the last one, the highest, is not zero */
    uint32_t limbs[PYON_BIG_LIMBS + PYON_BIG_SLACK];
};

PYON_INTERNAL void pyon_big_from_integer(struct big *big, int64_t value);

/* `text` is [-]digits in base 2, 8, 10 or 16. */
PYON_INTERNAL bool pyon_big_from_text(struct big *big, const char *text, size_t length,
                                      unsigned base);

/* The value of a finite double, without what is behind its point. */
PYON_INTERNAL void pyon_big_from_real(struct big *big, double value);

/* Is it an int64_t? Fills it. */
PYON_INTERNAL bool pyon_big_to_integer(const struct big *big, int64_t *value);

/* Fills `text` with PYON_BIG_TEXT bytes at the most, no NUL; returns its length. */
PYON_INTERNAL size_t pyon_big_to_text(const struct big *big, char *text);

/* The double nearest to a / b, infinity where there is none; b is not zero. `exact` may be NULL. */
PYON_INTERNAL double pyon_big_quotient(const struct big *a, const struct big *b, bool *exact);

/* The double nearest to q * 2**exponent, or to a little more; infinity where there is none. Fills
   whether it is just that. */
PYON_INTERNAL double pyon_scale_binary(uint64_t q, int exponent, bool more, bool *exact);

PYON_INTERNAL size_t pyon_big_bits(const struct big *big); /* of its magnitude */

PYON_INTERNAL bool pyon_big_add(struct big *sum, const struct big *a, const struct big *b);
PYON_INTERNAL bool pyon_big_subtract(struct big *difference, const struct big *a,
                                     const struct big *b);
PYON_INTERNAL bool pyon_big_multiply(struct big *product, const struct big *a, const struct big *b);
PYON_INTERNAL bool pyon_big_power(struct big *power, const struct big *a, uint64_t exponent);
PYON_INTERNAL bool pyon_big_shift_left(struct big *result, const struct big *a, size_t count);

/* Rounds down, as Python does, and the remainder has the sign of b, which is not zero. Both results may
   be NULL. */
PYON_INTERNAL void pyon_big_divide(struct big *quotient, struct big *remainder, const struct big *a,
                                   const struct big *b);
PYON_INTERNAL void pyon_big_shift_right(struct big *result, const struct big *a, size_t count);

/* Of two's complement, of any length. */
PYON_INTERNAL void pyon_big_and(struct big *result, const struct big *a, const struct big *b);
PYON_INTERNAL void pyon_big_or(struct big *result, const struct big *a, const struct big *b);
PYON_INTERNAL void pyon_big_xor(struct big *result, const struct big *a, const struct big *b);

/* The greatest common divisor, not negative. */
PYON_INTERNAL void pyon_big_gcd(struct big *result, const struct big *a, const struct big *b);

static inline bool big_is_zero(const struct big *big)
{
    return big->count == 0;
}

#endif
