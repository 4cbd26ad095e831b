/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Integers as decimal text. Most integers in a document are short, so everything is inline. Four or
 * eight digits are made at once, as bytes of a word whose lowest byte is the first digit. No NUL is
 * written.
 */
#ifndef PYON_ITOA_H
#define PYON_ITOA_H

#include "cpu.h"

#if PYON_X86
#include <emmintrin.h>
#endif

/* The most bytes of an integer; all of them may be overwritten. */
#define PYON_ITOA_SIZE 24

/* "00" to "99" */
static const char digit_pairs[] = "00010203040506070809101112131415161718192021222324"
                                  "25262728293031323334353637383940414243444546474849"
                                  "50515253545556575859606162636465666768697071727374"
                                  "75767778798081828384858687888990919293949596979899";

/* The digits of a number below 100. */
static inline uint32_t load_pair(uint32_t value)
{
    const unsigned char *pair = (const unsigned char *)digit_pairs + 2 * value;

    return pair[0] | (uint32_t)pair[1] << 8;
}

static inline void store_four(char *p, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        p[i] = (char)(value >> 8 * i);
}

/*
 * Eight digits, zeros too, without '0': halves the number into numbers of four digits, then of two,
 * then of one. Each step divides all parts of the word by one multiplication.
 * For 12345678, with the first part lowest:
 *
 *     1234             5678
 *     12      34       56      78
 *     1   2   3   4    5   6   7   8
 */
static inline uint64_t make_eight(uint64_t value)
{
    uint64_t fours = value / 10000 | value % 10000 << 32;
    uint64_t hundreds = fours * 10486 >> 20 & UINT64_C(0x7f0000007f);
    uint64_t twos = hundreds | (fours - 100 * hundreds) << 16;
    uint64_t tens = twos * 103 >> 10 & UINT64_C(0x000f000f000f000f);

    return tens | (twos - 10 * tens) << 8;
}

static inline void store_digits(char *p, uint64_t digits)
{
    digits |= UINT64_C(0x3030303030303030);
    store64(p, PYON_LITTLE_ENDIAN ? digits : __builtin_bswap64(digits));
}

static inline char *write_eight(char *p, uint64_t value)
{
    store_digits(p, make_eight(value));
    return p + 8;
}

/* Fewer than five digits. Four are made, and the zeros before them are shifted out: a loop or a branch
   would wait for the number of digits, which no processor can guess. */
static inline char *write_four(char *p, uint64_t value)
{
    uint32_t four = (uint32_t)value, hundreds = four * 10486 >> 20;
    uint32_t digits = load_pair(hundreds) | load_pair(four - 100 * hundreds) << 16;
    unsigned zeros = (unsigned)__builtin_ctz((digits & 0x0f0f0f0f) | 1u << 24) & ~7u; /* in bits */

    store_four(p, digits >> zeros);
    return p + 4 - zeros / 8;
}

/* Fewer than nine digits, in the same way if they are more than four. */
static inline char *write_short(char *p, uint64_t value)
{
    uint64_t digits;
    unsigned zeros;

    if (value < 10000)
        return write_four(p, value);
    digits = make_eight(value);
    zeros = (unsigned)__builtin_ctzll(digits) & ~7u;
    store_digits(p, digits >> zeros);
    return p + 8 - zeros / 8;
}

#if PYON_X86
/* Sixteen digits, zeros too, without '0': one a byte, made of 8 in each half:
       12345678          two numbers of 8 digits
       1234 | 5678       four of 4, in 32 bits each
       12 | 34 | 56 | 78
       1|2|3|4|5|6|7|8
   The high part of each is a product and a shift, the low part the rest. */
static inline __m128i make_sixteen(uint64_t number)
{
    __m128i value = _mm_unpacklo_epi64(_mm_cvtsi64_si128((long long)(number / 100000000)),
                                       _mm_cvtsi64_si128((long long)(number % 100000000)));
    /* n / 10000 for n < 10^8, n / 100 for n < 10^4 and n / 10 for n < 100 */
    __m128i high = _mm_srli_epi64(_mm_mul_epu32(value, _mm_set1_epi64x(3518437209)), 45);
    __m128i low = _mm_sub_epi64(value, _mm_mul_epu32(high, _mm_set1_epi64x(10000)));

    value = _mm_or_si128(high, _mm_slli_epi64(low, 32));
    high = _mm_srli_epi16(_mm_mulhi_epu16(value, _mm_set1_epi16(5243)), 3);
    low = _mm_sub_epi16(value, _mm_mullo_epi16(high, _mm_set1_epi16(100)));
    value = _mm_or_si128(high, _mm_slli_epi32(low, 16));
    high = _mm_mulhi_epu16(value, _mm_set1_epi16(6554));
    low = _mm_sub_epi16(value, _mm_mullo_epi16(high, _mm_set1_epi16(10)));
    return _mm_or_si128(high, _mm_slli_epi16(low, 8));
}

static inline char *write_sixteen(char *p, uint64_t value)
{
    _mm_storeu_si128((void *)p, _mm_or_si128(make_sixteen(value), _mm_set1_epi8('0')));
    return p + 16;
}
#else
static inline char *write_sixteen(char *p, uint64_t value)
{
    p = write_eight(p, value / 100000000);
    return write_eight(p, value % 100000000);
}
#endif

/* At least nine digits. Zeros before the number are left out of its first part; the rest is 8 or 16
   digits. A function of its own: where short integers are written, the loop stays small. */
static __attribute__((noinline, unused)) char *write_long(char *p, uint64_t value)
{
    const uint64_t eight = 100000000;

    if (value >= eight * eight)
        return write_sixteen(write_four(p, value / (eight * eight)), value % (eight * eight));
    return write_eight(write_short(p, value / eight), value % eight);
}

static inline char *write_unsigned(char *p, uint64_t value)
{
    return PYON_LIKELY(value < 100000000) ? write_short(p, value) : write_long(p, value);
}

/* Also not inlined, for the same reason. The digits of a positive number replace the sign. */
static __attribute__((noinline, unused)) char *write_signed(char *p, int64_t value)
{
    *p = '-';
    return value < 0 ? write_unsigned(p + 1, 0 - (uint64_t)value)
                     : write_unsigned(p, (uint64_t)value);
}

static inline __attribute__((always_inline)) char *write_integer(char *p, int64_t value)
{
    if (PYON_LIKELY((uint64_t)value < 10000)) /* one look at most of them */
        return write_four(p, (uint64_t)value);
    return write_signed(p, value);
}

#endif
