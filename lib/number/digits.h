/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Digits to integers, many at a time.
 *
 * A branch on the end of a run of digits would often be predicted wrong. So the end is calculated,
 * from the comparison of many characters at once. The load of the digits then ends with the last
 * one, and a mask clears the bytes before the first one: no shift, no loop. For "x=1234,":
 *
 *     load       . . x = 1 2 3 4       the 8 bytes before the comma
 *     mask       0 0 0 0 f f f f       keep_digits + count
 *     digits     0 0 0 0 1 2 3 4
 *
 * For more than 8 digits three words are joined in any case, because whether a number has 16 digits
 * or 17 is a coin toss.
 *
 * All this reads beyond the run: RUN_MAX and RUN_LOADED say how far.
 */
#ifndef PYON_DIGITS_H
#define PYON_DIGITS_H

#include "cpu.h"

#if PYON_X86
#include <tmmintrin.h>
#endif

/* All 19-digit numbers fit 64 bits. */
#define MAX_DIGITS 19

/* Bytes that count_run and join_run may load before the end, and after the start, of a run. */
#define RUN_MAX 24
#define RUN_LOADED 32

static inline bool is_digit(char c)
{
    return (unsigned char)(c - '0') <= 9;
}

/* The values of 8 characters, the first in the lowest byte. Right for digits. */
static inline uint64_t load_digits(const char *p)
{
    return load64_le(p) ^ UINT64_C(0x3030303030303030);
}

/* The number of digits among them, from the first one on. */
static inline unsigned count_digits(uint64_t word)
{
    /* Up to the first byte above 9, none carries into the next. */
    uint64_t others = (word | (word + UINT64_C(0x0606060606060606))) & UINT64_C(0xf0f0f0f0f0f0f0f0);

    return others ? (unsigned)__builtin_ctzll(others) / 8 : 8;
}

/* The integer of 8 digits. */
static inline uint64_t join_digits(uint64_t word)
{
    /* For 12345678, the first digit in the lowest byte:
         bytes      1 2 3 4 5 6 7 8
         pairs      12 . 34 . 56 . 78 .    a pair in every other byte
         products   12 * 10^6 + 56 * 100 and 34 * 10^4 + 78, each in its upper half */
    const uint64_t mask = UINT64_C(0x000000ff000000ff);

    word = word * 10 + (word >> 8);
    word = (word & mask) * (100 + (UINT64_C(1000000) << 32)) +
           (word >> 16 & mask) * (1 + (UINT64_C(10000) << 32));
    return word >> 32;
}

#if PYON_X86
/* Which of the 32 bytes at `p` are digits: a bit for each, the first one lowest. */
static inline uint64_t find_digits(const char *p)
{
    const __m128i zeros = _mm_set1_epi8('0'), nine = _mm_set1_epi8(9);
    __m128i first = _mm_sub_epi8(_mm_loadu_si128((const __m128i *)p), zeros);
    __m128i second = _mm_sub_epi8(_mm_loadu_si128((const __m128i *)(p + 16)), zeros);
    unsigned low = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(first, nine), first));
    unsigned high = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(second, nine), second));

    return low | high << 16;
}
#endif

/* The number of digits at `p`. If there are RUN_MAX or more: some number from RUN_MAX on. */
static inline unsigned count_run(const char *p)
{
#if PYON_X86
    return (unsigned)__builtin_ctzll(~find_digits(p));
#else
    unsigned count = count_digits(load_digits(p));

    if (count == 8)
        count += count_digits(load_digits(p + 8));
    if (count == 16)
        count += count_digits(load_digits(p + 16));
    return count;
#endif
}

/* The RUN_MAX bytes from the byte `count` on are a mask that keeps the last `count` of them. */
/* clang-format off */
static const unsigned char keep_digits[2 * RUN_MAX] = {
    [RUN_MAX] =
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
};
/* clang-format on */

/* The integer of the `count` digits, at most RUN_MAX, that end at `end`, modulo 2^64. */
static inline uint64_t join_run(const char *end, unsigned count)
{
    const unsigned char *mask = keep_digits + count;
    uint64_t low = join_digits(load_digits(end - 8) & load64_le(mask + 16)), middle, high;

    PYON_ASSERT(count <= RUN_MAX);
    if (count <= 8)
        return low;
    middle = join_digits(load_digits(end - 16) & load64_le(mask + 8));
    high = join_digits(load_digits(end - 24) & load64_le(mask));
    return (high * 100000000 + middle) * 100000000 + low;
}

#if PYON_X86
/* The same; SSSE3 joins the last 16 digits. */
__attribute__((target("ssse3"))) static inline uint64_t join_run_ssse3(const char *end,
                                                                       unsigned count)
{
    const unsigned char *mask = keep_digits + count;
    __m128i digits, pairs, words;
    uint64_t low, high;

    PYON_ASSERT(count <= RUN_MAX);
    if (count <= 8)
        return join_digits(load_digits(end - 8) & load64_le(mask + 16));
    digits = _mm_sub_epi8(_mm_loadu_si128((const __m128i *)(end - 16)), _mm_set1_epi8('0'));
    digits = _mm_and_si128(digits, _mm_loadu_si128((const __m128i *)(mask + 8)));
    pairs = _mm_maddubs_epi16(digits, _mm_set1_epi16(10 | 1 << 8));
    words = _mm_madd_epi16(pairs, _mm_set1_epi32(100 | 1 << 16));
    words = _mm_packs_epi32(words, words);
    words = _mm_madd_epi16(words, _mm_set1_epi32(10000 | 1 << 16));
    low = (uint64_t)_mm_cvtsi128_si64(words); /* two numbers of 8 digits */
    high = join_digits(load_digits(end - 24) & load64_le(mask));
    return (high * 100000000 + (uint32_t)low) * 100000000 + (low >> 32);
}
#endif

/* 10^power modulo 2^64. */
static inline uint64_t power_of_ten(unsigned power)
{
    /* clang-format off */
    static const uint64_t powers[RUN_MAX] = {
        1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000,
        100000000000, 1000000000000, 10000000000000, 100000000000000, 1000000000000000,
        10000000000000000, 100000000000000000, 1000000000000000000, 10000000000000000000U,
        7766279631452241920, 3875820019684212736, 1864712049423024128, 200376420520689664};
    /* clang-format on */

    PYON_ASSERT(power < RUN_MAX);
    return powers[power];
}

/* Appends a digit to an exponent, unless that is 10^17 or more already. */
static inline uint64_t append_clamped(uint64_t exponent, char digit)
{
    return exponent < UINT64_C(100000000000000000) ? exponent * 10 + (uint64_t)(digit - '0')
                                                   : exponent;
}

/* Has no branch, because in many texts signs are random. */
static inline int64_t with_sign(uint64_t magnitude, bool negative)
{
    uint64_t mask = 0 - (uint64_t)negative;

    return (int64_t)((magnitude ^ mask) - mask);
}

#endif
