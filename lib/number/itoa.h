/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Integers as decimal text. Most integers in a document are short, so everything is inline: the
 * number of bits and one comparison give the width, and the digits go to their final place from the
 * right, two per division. Of a long integer, eight digits are made at once. No NUL is written.
 */
#ifndef PYON_ITOA_H
#define PYON_ITOA_H

#include "base.h"

/* The most bytes of an integer. */
#define PYON_ITOA_SIZE 24

/* "00" to "99" */
static const char digit_pairs[] = "00010203040506070809101112131415161718192021222324"
                                  "25262728293031323334353637383940414243444546474849"
                                  "50515253545556575859606162636465666768697071727374"
                                  "75767778798081828384858687888990919293949596979899";

/* The number of decimal digits of `value`, 1 for 0. */
static inline unsigned decimal_width(uint64_t value)
{
    /* The least number with one digit more than the index; but 0 has one digit, too. */
    /* clang-format off */
    static const uint64_t least[] = {
        0, 10, 100, 1000, 10000, 100000, 1000000, 10000000,
        100000000, 1000000000, 10000000000, 100000000000,
        1000000000000, 10000000000000, 100000000000000,
        1000000000000000, 10000000000000000, 100000000000000000,
        1000000000000000000, 10000000000000000000U,
    };
    /* clang-format on */
    unsigned bits = 64 - (unsigned)__builtin_clzll(value | 1);
    unsigned width = (bits * 1233) >> 12; /* floor(bits * log10(2)): right, or 1 too small */

    PYON_ASSERT(width < sizeof least / sizeof *least);
    return width + (value >= least[width]);
}

/* Fewer than nine digits. */
static inline char *write_short(char *p, uint64_t value)
{
    char *end = p + decimal_width(value);

    p = end;
    while (value >= 100) {
        p -= 2;
        memcpy(p, digit_pairs + 2 * (value % 100), 2);
        value /= 100;
    }
    if (value >= 10)
        memcpy(p - 2, digit_pairs + 2 * value, 2);
    else
        p[-1] = (char)('0' + value);
    return end;
}

/*
 * Eight digits, zeros too, as bytes of one word: halves it into numbers of four digits, then of two,
 * then of one. Each step divides all parts of the word by one multiplication. For 12345678, with the
 * first part lowest:
 *
 *     1234             5678
 *     12      34       56      78
 *     1   2   3   4    5   6   7   8
 */
static inline char *write_eight(char *p, uint64_t value)
{
    uint64_t fours = value / 10000 | value % 10000 << 32;
    uint64_t hundreds = fours * 10486 >> 20 & UINT64_C(0x7f0000007f);
    uint64_t twos = hundreds | (fours - 100 * hundreds) << 16;
    uint64_t tens = twos * 103 >> 10 & UINT64_C(0x000f000f000f000f);
    uint64_t digits = tens | (twos - 10 * tens) << 8;

    digits |= UINT64_C(0x3030303030303030);
    store64(p, PYON_LITTLE_ENDIAN ? digits : __builtin_bswap64(digits));
    return p + 8;
}

/* At least nine digits. A function of its own: where short integers are written, the loop stays small. */
static __attribute__((noinline, unused)) char *write_long(char *p, uint64_t value)
{
    const uint64_t eight = 100000000;

    if (value < eight * eight) {
        p = write_short(p, value / eight);
    } else {
        p = write_short(p, value / eight / eight);
        p = write_eight(p, value / eight % eight);
    }
    return write_eight(p, value % eight);
}

static inline char *write_unsigned(char *p, uint64_t value)
{
    return PYON_LIKELY(value < 100000000) ? write_short(p, value) : write_long(p, value);
}

static inline char *write_integer(char *p, int64_t value)
{
    uint64_t magnitude = (uint64_t)value;

    if (value < 0) {
        *p++ = '-';
        magnitude = 0 - magnitude;
    }
    return write_unsigned(p, magnitude);
}

#endif
