/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Large integers of a bounded size: up to the 4300 digits that Python writes as a text, and a
 * little more. The arithmetic is that of pen and paper: there is little of it, and the bound makes
 * it cheap.
 *
 * A number is a struct by value, without memory of its own. If a result is too large, the function
 * returns false, and the number that it fills is undefined. The number that a function fills may
 * also be its operand.
 */
#ifndef PYON_NUMBER_BIG_H
#define PYON_NUMBER_BIG_H

#include "base.h"

#define PYON_BIG_DIGITS 4300 /* the most digits that Python writes by default */
#define PYON_BIG_LIMBS 480   /* the most limbs of a result: 4624 digits */
#define PYON_BIG_SLACK 4     /* for the steps of one operation */
#define PYON_BIG_TEXT 4640   /* the room for the text of any result */

struct big {
    bool negative;  /* zero is not negative */
    unsigned count; /* of limbs; the last one, the highest, is not zero */
    uint32_t limbs[PYON_BIG_LIMBS + PYON_BIG_SLACK];
};

PYON_INTERNAL void pyon_big_from_integer(struct big *big, int64_t value);

/* `text` is [-]digits in base 2, 8, 10 or 16. */
PYON_INTERNAL bool pyon_big_from_text(struct big *big, const char *text, size_t length,
                                      unsigned base);

/* The value of a finite double, without its fraction. */
PYON_INTERNAL void pyon_big_from_real(struct big *big, double value);

/* Fills the number as an int64_t. Returns false if it is not one. */
PYON_INTERNAL bool pyon_big_to_integer(const struct big *big, int64_t *value);

/* Fills `text` with at most PYON_BIG_TEXT bytes, without a NUL. Returns its length. */
PYON_INTERNAL size_t pyon_big_to_text(const struct big *big, char *text);

/* The double nearest to a / b; infinity if there is none. b is not zero. `exact` may be NULL. */
PYON_INTERNAL double pyon_big_quotient(const struct big *a, const struct big *b, bool *exact);

/* The double nearest to q * 2**exponent, or to a little more if `more` says so; infinity if there
   is none. Fills whether it is exact. */
PYON_INTERNAL double pyon_scale_binary(uint64_t q, int exponent, bool more, bool *exact);

PYON_INTERNAL size_t pyon_big_bits(const struct big *big); /* bits of its magnitude */

PYON_INTERNAL bool pyon_big_add(struct big *sum, const struct big *a, const struct big *b);
PYON_INTERNAL bool pyon_big_subtract(struct big *difference, const struct big *a,
                                     const struct big *b);
PYON_INTERNAL bool pyon_big_multiply(struct big *product, const struct big *a, const struct big *b);
PYON_INTERNAL bool pyon_big_power(struct big *power, const struct big *a, uint64_t exponent);
PYON_INTERNAL bool pyon_big_shift_left(struct big *result, const struct big *a, size_t count);

/* Rounds down, as Python does. The remainder has the sign of b, which is not zero. Both results may
   be NULL. */
PYON_INTERNAL void pyon_big_divide(struct big *quotient, struct big *remainder, const struct big *a,
                                   const struct big *b);
PYON_INTERNAL void pyon_big_shift_right(struct big *result, const struct big *a, size_t count);

/* In two's complement, of any length. */
PYON_INTERNAL void pyon_big_and(struct big *result, const struct big *a, const struct big *b);
PYON_INTERNAL void pyon_big_or(struct big *result, const struct big *a, const struct big *b);
PYON_INTERNAL void pyon_big_xor(struct big *result, const struct big *a, const struct big *b);

/* The greatest common divisor; it is not negative. */
PYON_INTERNAL void pyon_big_gcd(struct big *result, const struct big *a, const struct big *b);

static inline bool big_is_zero(const struct big *big)
{
    return big->count == 0;
}

#endif
