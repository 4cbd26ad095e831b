/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Prints COUNT doubles of random bits, from the START-th on, one a line: what float_repr.py
 * compares with Python. See there how to build it.
 *
 * The i-th number has the bits mix(SEED + i * GOLDEN), so that Python can make the same numbers
 * with NumPy, a million at once. (The mixing is that of SplitMix64: shifts, exclusive ors and
 * two multiplications.) Infinities and NaNs lose the highest bit of their exponent.
 */
#include "number/ftoa.h"

#include <stdio.h>
#include <stdlib.h>

static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static double number(uint64_t seed, uint64_t i)
{
    const uint64_t exponent = UINT64_C(0x7ff) << 52;
    uint64_t bits = mix(seed + i * UINT64_C(0x9e3779b97f4a7c15));
    double value;

    if ((bits & exponent) == exponent)
        bits ^= UINT64_C(1) << 62;
    memcpy(&value, &bits, sizeof value);
    return value;
}

int main(int argc, char **argv)
{
    uint64_t seed, start, count;

    if (argc != 4) {
        fprintf(stderr, "usage: float_print SEED START COUNT\n");
        return 2;
    }
    seed = strtoull(argv[1], NULL, 10);
    start = strtoull(argv[2], NULL, 10);
    count = strtoull(argv[3], NULL, 10);
    for (uint64_t i = start; i < start + count; i++) {
        char text[PYON_FTOA_SIZE + 1];
        size_t length = pyon_ftoa(text, number(seed, i));

        text[length] = '\n';
        fwrite(text, 1, length + 1, stdout);
    }
    return fflush(stdout) != 0;
}
