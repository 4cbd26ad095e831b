#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Makes lib/number/pow10.c, the powers of ten that lib/number/number.c and lib/number/ftoa*.c share.

    python3 tools/make_pow10.py [lib/number/pow10.c]    writes to the file, or to stdout
    python3 tools/make_pow10.py --prove          proves that 128 bits are enough

An entry is T = floor(10^k / 2^(b - 127)) with b = floor(log2(10^k)), so 2^127 <= T < 2^128. It is
exact for 0 <= k <= 55, because 5^55 < 2^128. Where an algorithm wants the ceiling, it adds 1.

A computed product P = w * T differs from the real one by less than w. That matters only where the
real product lies that close to a number at which the result changes, a statement about the
multiples of T modulo a power of two. All such w can be listed by a kind of Euclidean algorithm
(least_multiplier), so that both proofs are a matter of seconds instead of 2^64 trials.
"""

import sys
from fractions import Fraction

MIN, MAX = -342, 324
EXACT = range(0, 56)

HEADER = """\
/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Powers of ten: see pow10.h. Made by tools/make_pow10.py: change that, not this. */
#include "number/pow10.h"

_Static_assert(POW10_MIN == %d && POW10_MAX == %d && POW10_EXACT_MAX == %d, "as in pow10.h");

/* clang-format off */
const uint64_t pyon_pow10[POW10_MAX - POW10_MIN + 1][2] = {
"""

FOOTER = """\
};
"""


def log2_floor(k):
    """floor(log2(10^k)), from exact integers."""
    if k >= 0:
        return (10**k).bit_length() - 1
    return -(10**-k - 1).bit_length()


def significand(k):
    shift = 127 - log2_floor(k)
    if k >= 0:
        return 10**k << shift if shift >= 0 else 10**k >> -shift
    return (1 << shift) // 10**-k


def write_table(file):
    file.write(HEADER % (MIN, MAX, EXACT[-1]))
    for k in range(MIN, MAX + 1):
        assert k * 217706 >> 16 == log2_floor(k)
        value = significand(k)
        high, low = value >> 64, value & (1 << 64) - 1
        assert high >> 63 == 1 and low != (1 << 64) - 1
        file.write("    {0x%016x, 0x%016x}, /* %d */\n" % (high, low, k))
    file.write(FOOTER)


def least_multiplier(a, m, low, high):
    """The least x >= 0 with low <= a * x mod m <= high, or None; 0 <= low <= high < m."""
    if low == 0:
        return 0
    a %= m
    if a == 0:
        return None
    if 2 * a > m:
        return least_multiplier(m - a, m, m - high, m - low)
    x = -(-low // a)
    if a * x <= high:
        return x
    turns = least_multiplier(-m % a, a, low % a, high % a)
    if turns is None:
        return None
    return -(-(low + m * turns) // a)


def multipliers(a, m, low, high, first, last):
    """All x from first to last with a * x mod m from low to high, ends included."""
    while first <= last:
        start, stop = (low - a * first) % m, (high - a * first) % m
        step = 0 if start > stop else least_multiplier(a, m, start, stop)
        if step is None or first + step > last:
            return
        yield first + step
        first += step + 1


def prove_reading():
    """number.c (Eisel-Lemire) takes the bits of w * T from bit 137 on, 2^63 <= w < 2^64.

    They are right unless a multiple of 2^137 lies between w * T and the real product.
    """
    unit = 1 << 137
    for k in range(MIN, 309):
        if k in EXACT:
            continue
        if -27 <= k < 0:
            # The ceiling is used. The real product is w * 2^s / 5^-k; if it is no multiple of
            # 2^137, it is at least 2^min(s, 137) / 5^-k away from one.
            s = 127 - log2_floor(k) + k
            assert (1 << min(s, 137)) // 5**-k >= 1 << 64
            continue
        value = significand(k)
        assert not any(
            multipliers(value, unit, unit - (1 << 64), unit - 1, 1 << 63, (1 << 64) - 1)
        )


def prove_printing():
    """ftoa.c (Schubfach) wants the integer part of w * 2^q / 10^k and whether there is a fraction.

    It takes them from P = w * 2^h * G, G = T or T + 1 (never too small), in units of 2^-128. As
    w < 2^55 and h <= 4, P is less than 2^59 units too large: an exact product has a fraction
    below 2^59, and both answers are right if no other has. (One has 2^62.6, the next 2^64.5: the
    first 64 bits of the fraction would not do.) w is even except at powers of two.
    """
    for q in range(-1074, 972):
        check_scale(q, q * 1262611 >> 22, 2, 1, (1 << 54) - 1)
        if q > -1074:
            k = q * 1262611 - 524031 >> 22
            check_scale(q, k, 1, (1 << 54) - 1, (1 << 54) - 1)
            check_scale(q, k, 2, 1 << 53, (1 << 53) + 1)


def check_scale(q, k, factor, first, last):
    """The same for w = factor * x, x from first to last."""
    h = q + log2_floor(-k) + 1
    assert 1 <= h <= 4 and factor * last < 1 << 55
    scale = Fraction(factor) * Fraction(2) ** q / Fraction(10) ** k
    if scale.denominator <= 1 << 62:
        return  # so that fractions other than 0 are at least 2^-62
    assert last < scale.denominator  # no exact product
    g = significand(-k) + (-k not in EXACT)
    assert not any(multipliers(g * factor << h, 1 << 128, 0, (1 << 59) - 1, first, last))


def prove_batch():
    """ftoa_avx512.c finds entries and shifts by the bits of one logarithm, for any exponent.

    Its scale 2^q / 10^(k+1) must be at least 1/10 and less than 1, and G = floor(scale * 2^104).
    """
    start = (-MIN << 22) - 1 + 1075 * 1262611
    for exponent in range(0, 2048):
        q = exponent - 1075
        logarithm = start - exponent * 1262611
        entry = logarithm >> 22
        shift = 24 + ((logarithm & (1 << 22) - 1) * 3566893132 >> 52)
        power = entry + MIN
        scale = Fraction(2) ** q * Fraction(10) ** power
        assert power == -(q * 1262611 >> 22) - 1 and MIN <= power <= MAX
        assert Fraction(1, 10) <= scale < 1 and 24 <= shift <= 27
        assert significand(power) >> shift == scale * (1 << 104) // 1
    for exponent in range(1023 - 22, 1023 + 51 + 1):
        # Powers of two whose x is an integer of 16 digits at most.
        power = ((start - exponent * 1262611) >> 22) + MIN
        x = Fraction(2) ** (exponent - 1023) * Fraction(10) ** power
        assert x.denominator == 1 and x < 10**16


def main(arguments):
    if arguments == ["--prove"]:
        prove_reading()
        prove_printing()
        prove_batch()
        print("128 bits are enough")
    elif arguments:
        with open(arguments[0], "w") as file:
            write_table(file)
    else:
        write_table(sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
