/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The 64 bits of a double: sign, exponent, fraction. */
#ifndef PYON_NUMBER_BITS_H
#define PYON_NUMBER_BITS_H

#include "base.h"

static inline double from_bits(uint64_t bits)
{
    double value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint64_t to_bits(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits;
}

#endif
