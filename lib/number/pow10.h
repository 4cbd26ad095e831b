/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Powers of ten to 128 bits. tools/make_pow10.py makes the table.
 *
 * pyon_pow10[k - POW10_MIN] is {high, low} of T = floor(10^k / 2^(b - 127)), where
 * b = floor(log2(10^k)) = pow10_log2(k). So its top bit is set. T is exact for k from 0 to
 * POW10_EXACT_MAX; elsewhere the power lies between T and T + 1. No low half is 2^64 - 1.
 */
#ifndef PYON_POW10_H
#define PYON_POW10_H

#include "base.h"

#define POW10_MIN (-342)
#define POW10_MAX 324
#define POW10_EXACT_MAX 55

/* floor(log2(10^k)). The shift of a negative number must be that of two's complement. */
static inline int pow10_log2(int k)
{
    return (k * 217706) >> 16;
}

extern PYON_INTERNAL const uint64_t pyon_pow10[POW10_MAX - POW10_MIN + 1][2];

/* The 192 bits of a product. */
struct pow10_product {
    uint64_t high, middle, low;
};

/* w * (T + more); `more` is 0 or 1. */
static inline struct pow10_product pow10_multiply(uint64_t w, int k, unsigned more)
{
    const uint64_t *power;
    struct pow10_product product;
    uint64_t carry;

    PYON_ASSERT(k >= POW10_MIN && k <= POW10_MAX);
    power = pyon_pow10[k - POW10_MIN];
    carry = multiply_high(w, power[1] + more, &product.low);
    product.high = multiply_high(w, power[0], &product.middle);
    product.middle += carry;
    product.high += product.middle < carry;
    return product;
}

#endif
