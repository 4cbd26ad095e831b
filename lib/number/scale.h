/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * w * 10^x as the nearest double, in the first of these ways that is certain to be exact:
 *
 *   - Both w and the power of ten are doubles: then one multiplication or division rounds
 *     correctly. The number of digits tells whether w is a double. A text repeats a number of
 *     digits more often than a size of w, so the branch is easy to predict.
 *   - The algorithm of Eisel and Lemire ("Number parsing at a gigabyte per second", 2021): the
 *     upper bits of the product of w and a 128-bit power of ten. Mushtak and Lemire ("Fast number
 *     parsing without fallback", 2023) have shown that 128 bits are always enough, and
 *     tools/make_pow10.py --prove shows it for our table.
 *
 * All of it is in a header, because it is a part of the loops that read numbers. Even the rare
 * cases are here: if a loop contains a call to another file, it takes half as long again, even if
 * the call is never made.
 */
#ifndef PYON_SCALE_H
#define PYON_SCALE_H

#include "number/bits.h"
#include "number/pow10.h"

#include <float.h>

#define FRACTION_BITS 52
#define EXPONENT_BIAS 1023
#define INFINITY_EXPONENT 0x7ff
#define INFINITY_BITS ((uint64_t)INFINITY_EXPONENT << FRACTION_BITS)

/*
 * Can w * 10^x be the middle between two doubles? Such a middle has 54 bits, so 5^24 is too large a
 * factor of it; and w = 5^5 * 2^53 has more than 64 bits. For the x that remain, a product whose
 * lower bits are 0 is that middle. For others it is only near it.
 */
static inline bool may_tie(int64_t x)
{
    return x >= -4 && x <= 23;
}

/* A double below the normal ones. `m` has 54 bits, of which the lowest 1 + `shift` are dropped. */
static inline double subnormal(uint64_t m, int64_t shift)
{
    PYON_ASSERT(m >> 54 == 0 && shift > 0);
    if (shift > FRACTION_BITS + 1)
        return 0;
    /* No tie can occur: it would need a w with hundreds of factors of 5. The result may be 2^52:
       that is the least normal number, and its bits say so. */
    return from_bits(((m >> shift) + 1) >> 1);
}

/* The double nearest to w * 10^x, for all w and x. */
static double eisel_lemire(uint64_t w, int64_t x)
{
    struct pow10_product product;
    uint64_t m, bits;
    int64_t exponent;
    int zeros, shift;

    if (w == 0 || x < POW10_MIN)
        return 0;
    if (x > DBL_MAX_10_EXP)
        return from_bits(INFINITY_BITS);

    /* For x from -27 to -1, w may be a multiple of 5^-x. Then w * 10^x has few bits, and the
       product shows only those if the power is rounded up. */
    zeros = __builtin_clzll(w);
    product = pow10_multiply(w << zeros, (int)x, x < 0 && x >= -27);

    /* The 53 bits of a double and one more, for rounding. */
    shift = 9 + (int)(product.high >> 63);
    m = product.high >> shift;
    exponent = pow10_log2((int)x) + (63 - 9 - zeros) + shift + EXPONENT_BIAS;
    if (exponent <= 0)
        return subnormal(m, 1 - exponent);
    if (product.middle == 0 && m << shift == product.high && may_tie(x))
        m -= (m & 3) == 1; /* down to the even neighbour, not up */
    /* Rounding may carry into the exponent. Then the fraction is 0, which is right. */
    bits = ((m + 1) >> 1) + ((uint64_t)(exponent - 1) << FRACTION_BITS);
    return from_bits(bits < INFINITY_BITS ? bits : INFINITY_BITS);
}

/*
 * The same for easy cases: half of the power decides. The other half adds less than one to `high`.
 * That matters if it carries through the 9 lowest bits. A tie shows as a `middle` of 0, or as a
 * carry if the power was rounded down.
 */
static inline __attribute__((always_inline)) double scale_by_half(uint64_t w, int64_t x)
{
    uint64_t high, middle;
    int64_t exponent;
    int zeros, shift;

    if (PYON_UNLIKELY(w == 0 || x < POW10_MIN || x > DBL_MAX_10_EXP))
        return eisel_lemire(w, x);
    zeros = __builtin_clzll(w);
    high = multiply_high(w << zeros, pyon_pow10[x - POW10_MIN][0], &middle);
    shift = 9 + (int)(high >> 63);
    exponent = pow10_log2((int)x) + (63 - 9 - zeros) + shift + EXPONENT_BIAS;
    if (PYON_UNLIKELY((high & 0x1ff) == 0x1ff || middle == 0 || exponent <= 0 ||
                      exponent >= INFINITY_EXPONENT - 1))
        return eisel_lemire(w, x);
    return from_bits((((high >> shift) + 1) >> 1) + ((uint64_t)(exponent - 1) << FRACTION_BITS));
}

/*
 * The most digits for which one multiplication or division is certain to be exact. It is none if
 * the program has changed the rounding of the processor with fesetround(), or if the processor
 * rounds twice, as the x87 does. Only an addition tells. It is not free: loops ask once, other
 * callers where the answer matters.
 */
static inline size_t safe_digits(void)
{
    static const volatile float least = FLT_MIN; /* so that the compiler does not compute with it */
    float x = least;

    return FLT_EVAL_METHOD == 0 && 1.0f + x == 1.0f - x ? DBL_DIG : 0;
}

#define SAFE_UNASKED SIZE_MAX /* in its place: ask where the other conditions hold */

static inline __attribute__((always_inline)) bool is_safe(size_t digits, size_t safe)
{
    return safe == SAFE_UNASKED ? digits <= DBL_DIG && digits <= safe_digits() : digits <= safe;
}

/* The powers of ten that are doubles; the last entry is none, and fills three vectors of eight. */
static const double exact_powers[24] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                        1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                        1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22, 1};

/* The double nearest to w * 10^x, for a `w` of at most `digits` digits. `safe` is safe_digits(), or
   SAFE_UNASKED. */
static inline __attribute__((always_inline)) double scale(uint64_t w, size_t digits, int64_t x,
                                                          size_t safe)
{
    if (x >= -22 && x <= 22 && is_safe(digits, safe)) {
        double value = (double)(int64_t)w;

        PYON_ASSERT(w >> (FRACTION_BITS + 1) == 0);
        return x < 0 ? value / exact_powers[-x] : value * exact_powers[x];
    }
    return scale_by_half(w, x);
}

/* The double nearest to an integer, in whatever way the processor rounds. */
static inline double nearest_real(int64_t integer)
{
    const int64_t exact = INT64_C(1) << (FRACTION_BITS + 1); /* up to here, nothing is rounded */
    bool negative = integer < 0;
    uint64_t w = negative ? -(uint64_t)integer : (uint64_t)integer;

    if (PYON_LIKELY(integer >= -exact && integer <= exact))
        return (double)integer;
    return from_bits(to_bits(eisel_lemire(w, 0)) | (uint64_t)negative << 63);
}

#endif
