/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Doubles as text with AVX-512, eight at once: the algorithm of ftoa.c, byte for byte the same.
 *
 *     8 doubles --> scale() --> decide() --> split() --> place() --> 8 * put() --> texts
 *                                  |  near a decision; subnormals; powers of two out of range
 *                                  `--> pyon_ftoa(), one by one
 *
 * The integer multiplier has 52 bits, and so has the fraction of x = c * 2^q / 10^(k+1). The
 * scale 2^q / 10^(k+1), from 1/10 to 1, is taken as G = floor(scale * 2^104). That is T of pow10.h
 * without its lowest bits, so G is too small by less than 1. Let G = g1 * 2^52 + g0 and
 * c = 2^52 + m. Then, in units of u = 2^-52,
 *
 *     x = (g1 + high(m * g1)) * 2^52 + (g0 + low(m * g1) + high(m * g0)) + error
 *
 * where high and low are the 52-bit halves of a product: exactly the terms that the instructions
 * add up. The error has two parts: that of G times c < 2^53, less than 2 u, and the missing term
 * low(m * g0), less than 1 u. So 0 <= error < 3 u. From this all decisions follow as in ftoa.c:
 *
 *   - Is the integer nearest to x within the half width, scale / 2? The code takes g1 * u / 2 for
 *     that, which is too small by at most u / 2. So the difference is wrong by less than 3.5 u, and
 *     a difference up to MARGIN u decides nothing.
 *   - Which is the 17th digit? Ten times the fraction is wrong by less than 30 u, so a distance up
 *     to MARGIN_TENFOLD u from a half decides nothing. Elsewhere the digit is right, even if the
 *     error carries into it, because both ways of rounding meet then. The digit is never 10: a
 *     fraction from 0.95 on is within the half width, which is at least 0.05.
 *
 * Integers and decimals of few digits are far from both, because x is an integer then. That is also
 * why powers of two from 2^-22 to 2^51 need no care, although the next lower double is nearer: k is
 * negative and 10^(-k-1) * 2^e an integer, so x is exactly one (2^-22 has 16 digits). The wider
 * interval that is looked at contains nothing shorter, so the right one does not either.
 *
 * Digits end in one 64-bit word, four bits each, the first one in the lowest. So the zeros at the
 * end of the number are leading zeros of the word. The 17th digit does not fit. So there are two
 * words, with the digits 1 to 16 and 2 to 17. put() picks bits from them by a table for the place
 * of the point, ftoa_layouts.h: 32 characters in one instruction. An exponent is written after
 * that.
 *
 * For digits by multiplication see also D. Lemire, "Converting integers to decimal strings faster
 * with AVX-512" (2022).
 */
#include "cpu.h"
#include "number/ftoa.h"

#if PYON_X86

#include "number/ftoa_layouts.h"
#include "number/pow10.h"

#include <immintrin.h>

#define TARGET                                                                                     \
    __attribute__((target("avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512ifma,avx512vbmi,"     \
                          "avx512vbmi2")))

/* Eight copies of a number. */
#define ALL(x) _mm512_set1_epi64((long long)(x))

#define LANES PYON_FTOA_BATCH
#define FRACTION_BITS 52
#define HALF (INT64_C(1) << 51)
#define LOW_52 ((INT64_C(1) << 52) - 1)

/* Distances that decide nothing, in u: see above. */
#define MARGIN 4
#define MARGIN_TENFOLD 32

/* The powers of two that need no care, as exponents of a double. */
#define LEAST_POWER (1023 - 22)
#define GREATEST_POWER (1023 + 51)

/* Digits and their places. They go through memory, because put() takes one lane at a time. */
struct lanes {
    _Alignas(64) uint64_t digits[LANES]; /* 1 to 16 */
    uint64_t behind[LANES];              /* 2 to 17 */
    uint64_t layout[LANES];              /* an offset in each of the tables */
    uint64_t length[LANES];              /* without an exponent */
    uint64_t exponent[LANES];            /* its text, "e-07" */
    uint64_t end[LANES];                 /* the length with it */
    __m512i points;
    __mmask8 scientific; /* those that have an exponent */
    __mmask8 exact;      /* those that are left to pyon_ftoa() */
};

/* ---- Shortest digits --------------------------------------------------------------------- */

/* x, and the numbers that it was made of */
struct scaled {
    __m512i whole;    /* without the carry from: */
    __m512i fraction; /* in u, below 2^54 */
    __m512i g1;
    __m512i entry; /* of the table: the index of 10^(-k-1) */
};

TARGET static inline __m512i load_rows(const uint64_t *a, const uint64_t *b, const uint64_t *c,
                                       const uint64_t *d)
{
    __m256i ab = _mm256_loadu2_m128i((const void *)b, (const void *)a);
    __m256i cd = _mm256_loadu2_m128i((const void *)d, (const void *)c);

    return _mm512_inserti64x4(_mm512_castsi256_si512(ab), cd, 1);
}

/* T for each lane. Eight loads and six insertions are faster than two gathers. */
TARGET static inline void load_powers(__m512i entries, __m512i *high, __m512i *low)
{
    const uint64_t(*table)[2] = pyon_pow10;
    _Alignas(64) uint64_t at[LANES];
    __m512i even, odd;

    _mm512_store_si512(at, entries);
    even = load_rows(table[at[0]], table[at[2]], table[at[4]], table[at[6]]);
    odd = load_rows(table[at[1]], table[at[3]], table[at[5]], table[at[7]]);
    *high = _mm512_unpacklo_epi64(even, odd);
    *low = _mm512_unpackhi_epi64(even, odd);
}

/* Fills x. tools/make_pow10.py --prove tests it with all exponents. */
TARGET static inline void scale(__m512i bits, __m512i exponents, struct scaled *x)
{
    /* -log10(2^q) in units of 2^-22: its floor is the index of the entry. The part above the floor,
       times log2(10) (here in units of 2^-30), is the number of bits that the scale is short. */
    const __m512i unit = ALL(1262611);
    const __m512i start = ALL((-POW10_MIN << 22) - 1 + INT64_C(1075) * 1262611);
    __m512i logarithm = _mm512_sub_epi64(start, _mm512_mul_epu32(exponents, unit));
    __m512i part = _mm512_and_si512(logarithm, ALL((1 << 22) - 1));
    __m512i shift = _mm512_madd52hi_epu64(ALL(24), part, ALL(INT64_C(3566893132)));
    __m512i high, low, g0;

    x->entry = _mm512_srli_epi64(logarithm, 22);
    load_powers(x->entry, &high, &low);
    /* G = T >> shift, which is 24 to 27. */
    x->g1 = _mm512_srlv_epi64(high, _mm512_sub_epi64(shift, ALL(12)));
    g0 = _mm512_and_si512(_mm512_shrdv_epi64(low, high, shift), ALL(LOW_52));
    /* A multiplication takes the lower 52 bits: those of a double are m. */
    x->whole = _mm512_madd52hi_epu64(x->g1, bits, x->g1);
    x->fraction = _mm512_madd52hi_epu64(g0, bits, g0);
    x->fraction = _mm512_madd52lo_epu64(x->fraction, bits, x->g1);
}

/* Fills 15 or 16 digits, and one more, which is 0 if they are enough. Returns the lanes that are
   too near to a decision. */
TARGET static inline __mmask8 decide(const struct scaled *x, __m512i *whole, __m512i *last)
{
    const int unit = 64 - FRACTION_BITS; /* here, fractions take all 64 bits */
    __m512i fraction = x->fraction;
    __m512i distance = _mm512_abs_epi64(_mm512_slli_epi64(fraction, unit));
    __m512i half = _mm512_slli_epi64(x->g1, unit - 1);
    __m512i gap = _mm512_abs_epi64(_mm512_sub_epi64(distance, half));
    __mmask8 near = _mm512_cmple_epu64_mask(gap, ALL(MARGIN << unit));
    __mmask8 inside = _mm512_cmplt_epu64_mask(distance, half);
    /* 10 * fraction = tenths * 2^52 + rest; then -MARGIN_TENFOLD is a half. */
    __m512i rest = _mm512_madd52lo_epu64(ALL(MARGIN_TENFOLD - HALF), fraction, ALL(10));
    __m512i above = _mm512_madd52hi_epu64(ALL(1), fraction, ALL(10)); /* tenths + 1 */

    near |= _mm512_cmple_epu64_mask(rest, ALL(2 * MARGIN_TENFOLD));
    *last = _mm512_maskz_add_epi64((__mmask8)~inside, above, _mm512_srai_epi64(rest, 63));
    fraction = _mm512_mask_add_epi64(fraction, inside, fraction, ALL(HALF)); /* to the nearest */
    *whole = _mm512_add_epi64(x->whole, _mm512_srli_epi64(fraction, FRACTION_BITS));
    return near;
}

/* ---- Digits ------------------------------------------------------------------------------ */

/* (a, b) in the halves of each lane */
TARGET static inline __m512i halves(__m512i a, __m512i b)
{
    return _mm512_mask_shuffle_epi32(a, 0xaaaa, b, _MM_PERM_CCAA);
}

/*
 * The 16 digits of numbers up to 2^53, four bits each, the first in the lowest. A quotient n / d is
 * the high part of n * M with M = ceil(2^s / d). It is right, since n * (M * d - 2^s) < 2^s.
 */
TARGET static inline __m512i split(__m512i value)
{
    const __m512i zero = _mm512_setzero_si512();
    const __m512i per_10000 = ALL(LOW_52 / 10000 + 1); /* s = 52, n < 10^8 */
    /* By 10^8 = 2^8 * 390625 with s = 64; M * d - 2^s = 214009, n <= 2^45. */
    __m512i scaled =
        _mm512_madd52hi_epu64(zero, _mm512_srli_epi64(value, 8), ALL(INT64_C(47223664828697)));
    __m512i high = _mm512_srli_epi64(scaled, 12);
    /* Right modulo 2^52; the next steps ignore the bits above. */
    __m512i low = _mm512_madd52lo_epu64(value, high, ALL(LOW_52 + 1 - 100000000));
    __m512i eights = halves(high, low);
    __m512i quotients = halves(_mm512_madd52hi_epu64(zero, high, per_10000),
                               _mm512_madd52hi_epu64(zero, low, per_10000));
    /* q + (n - 10000 * q) * 2^16, and q + (n - 100 * q) * 2^8: the first digits are lower. */
    __m512i fours =
        _mm512_sub_epi32(_mm512_slli_epi32(eights, 16),
                         _mm512_mullo_epi32(quotients, _mm512_set1_epi32((10000 << 16) - 1)));
    __m512i hundredths =
        _mm512_srli_epi16(_mm512_mulhi_epu16(fours, _mm512_set1_epi16(5243)), 19 - 16);
    __m512i pairs =
        _mm512_sub_epi16(_mm512_slli_epi16(fours, 8),
                         _mm512_mullo_epi16(hundredths, _mm512_set1_epi16((100 << 8) - 1)));

    return _mm512_permutex2var_epi8(_mm512_load_si512(packed_pairs), pairs,
                                    _mm512_load_si512(packed_pairs + 64));
}

/* ---- Layout ------------------------------------------------------------------------------ */

/* Fills lengths and layouts. `length` is the number of digits plus 1. */
TARGET static inline void place(__m512i bits, __m512i points, __m512i length, struct lanes *lanes)
{
    __mmask8 negative = _mm512_movepi64_mask(bits);
    __m512i row = _mm512_sub_epi64(points, ALL(LAYOUT_MIN));
    __mmask8 scientific = _mm512_cmpgt_epu64_mask(row, ALL(LAYOUT_MAX - LAYOUT_MIN));
    __m512i fixed = _mm512_max_epi64(length, _mm512_add_epi64(points, ALL(2))); /* "10.0" */
    __m512i zeros = _mm512_sub_epi64(ALL(1), points);                           /* "0.00" */

    fixed = _mm512_add_epi64(fixed, _mm512_max_epi64(zeros, _mm512_setzero_si512()));
    length = _mm512_mask_mov_epi64(fixed, scientific, length);
    length = _mm512_mask_add_epi64(length, negative, length, ALL(1));
    row = _mm512_mask_mov_epi64(row, scientific, ALL(1 - LAYOUT_MIN));
    row = _mm512_mask_add_epi64(row, negative, row, ALL(LAYOUT_SIGNED));
    _mm512_store_si512(lanes->length, length);
    _mm512_store_si512(lanes->layout, _mm512_slli_epi64(row, 5));
    lanes->points = points;
    lanes->scientific = scientific;
}

/* Fills digits and layouts of 8 numbers. Inline: so a loop keeps the constants in registers. */
TARGET __attribute__((always_inline)) static inline void convert(const double *values,
                                                                 struct lanes *lanes)
{
    __m512i bits = _mm512_loadu_si512(values);
    __m512i exponents = _mm512_and_si512(_mm512_srli_epi64(bits, FRACTION_BITS), ALL(0x7ff));
    __mmask8 power = _mm512_testn_epi64_mask(bits, ALL(LOW_52));
    __mmask8 lowest = _mm512_testn_epi64_mask(exponents, exponents);
    __mmask8 null = power & lowest;
    __mmask8 far = _mm512_mask_cmpgt_epu64_mask(
        power, _mm512_sub_epi64(exponents, ALL(LEAST_POWER)), ALL(GREATEST_POWER - LEAST_POWER));
    __m512i whole, last, digits, behind, count, points;
    struct scaled x;
    __mmask8 near, is_short;

    scale(bits, exponents, &x);
    near = decide(&x, &whole, &last);
    lanes->exact = (near | lowest | far) & (__mmask8)~null;

    /* Numbers with only 15 digits begin with a 0, which is dropped. 0 has no digits at all. */
    is_short = _mm512_cmplt_epu64_mask(whole, ALL(INT64_C(1000000000000000))) | null;
    digits = split(whole);
    behind = _mm512_maskz_or_epi64((__mmask8)~null, _mm512_srli_epi64(digits, 4),
                                   _mm512_slli_epi64(last, 60));
    digits = _mm512_mask_mov_epi64(digits, is_short, behind);
    behind = _mm512_mask_srli_epi64(behind, is_short, behind, 4);
    _mm512_store_si512(lanes->digits, digits);
    _mm512_store_si512(lanes->behind, behind);

    /* The number is 0.ddd * 10^point with point = k + 17, or 16 if short. 0 is 0.0 * 10^1. */
    points = _mm512_sub_epi64(ALL(17 - 1 - POW10_MIN), x.entry);
    points = _mm512_mask_sub_epi64(points, is_short, points, ALL(1));
    points = _mm512_mask_mov_epi64(points, null, ALL(1));
    count = _mm512_sub_epi64(ALL(17), _mm512_srli_epi64(_mm512_lzcnt_epi64(behind), 2));
    place(bits, points, _mm512_add_epi64(count, ALL(1)), lanes);
}

/* Fills the texts of exponents; they are empty for numbers without one. */
TARGET static inline void add_exponents(struct lanes *lanes)
{
    const __m512i zero = _mm512_setzero_si512();
    __mmask8 scientific = lanes->scientific;
    __m512i length = _mm512_load_si512(lanes->length);
    __m512i behind = _mm512_load_si512(lanes->behind);
    __m512i exponents = _mm512_sub_epi64(lanes->points, ALL(1));
    __m512i size = _mm512_abs_epi64(exponents);
    __m512i hundreds = _mm512_srli_epi64(_mm512_mul_epu32(size, ALL(656)), 16);
    __m512i rest = _mm512_sub_epi64(size, _mm512_mul_epu32(hundreds, ALL(100)));
    __m512i tens = _mm512_srli_epi64(_mm512_mul_epu32(rest, ALL(103)), 10);
    /* tens + (rest - 10 * tens) * 2^8 */
    __m512i text =
        _mm512_sub_epi64(_mm512_slli_epi64(rest, 8), _mm512_mul_epu32(tens, ALL((10 << 8) - 1)));
    __mmask8 three = _mm512_mask_cmpgt_epu64_mask(scientific, hundreds, zero);
    __mmask8 minus = _mm512_movepi64_mask(exponents);

    text = _mm512_mask_or_epi64(text, three, _mm512_slli_epi64(text, 8), hundreds);
    text = _mm512_or_si512(_mm512_slli_epi64(text, 16), ALL(INT64_C(0x3030302b65))); /* e+000 */
    text = _mm512_mask_add_epi64(text, minus, text, ALL(('-' - '+') << 8));
    /* A single digit has no point. */
    length = _mm512_mask_sub_epi64(length, _mm512_mask_cmpeq_epu64_mask(scientific, behind, zero),
                                   length, ALL(1));
    _mm512_store_si512(lanes->exponent, text);
    _mm512_store_si512(lanes->length, length);
    length = _mm512_mask_add_epi64(length, scientific, length, ALL(4));
    length = _mm512_mask_add_epi64(length, three, length, ALL(1));
    _mm512_store_si512(lanes->end, length);
}

TARGET static inline __m256i load_layout(const unsigned char table[][PYON_FTOA_SIZE], size_t offset)
{
    return _mm256_load_si256((const void *)((const char *)table + offset));
}

/* Writes 32 bytes. */
TARGET static inline void put(char *p, const struct lanes *lanes, size_t i)
{
    size_t offset = lanes->layout[i];
    __m256i source = _mm256_set1_epi64x((long long)lanes->digits[i]);
    __m256i text;

    source = _mm256_mask_set1_epi64(source, 0xc, (long long)lanes->behind[i]); /* from byte 16 */
    text = _mm256_multishift_epi64_epi8(load_layout(layout_shift, offset), source);
    /* text & mask | fixed */
    text = _mm256_ternarylogic_epi64(text, load_layout(layout_mask, offset),
                                     load_layout(layout_fixed, offset), 0xea);
    _mm256_storeu_si256((void *)p, text);
}

/* Writes the text of any number; returns its length. */
TARGET static inline size_t put_any(char *p, const struct lanes *lanes, size_t i, double value)
{
    if (PYON_UNLIKELY(lanes->exact >> i & 1))
        return pyon_ftoa(p, value);
    put(p, lanes, i);
    store64(p + lanes->length[i], lanes->exponent[i]);
    return lanes->end[i];
}

/* ---- The kernels ------------------------------------------------------------------------- */

/* Writes 8 texts, and after each of them 32 bytes, of which `length` count. */
TARGET static inline char *put_all(char *p, struct lanes *lanes, const double *values,
                                   __m256i separator, size_t length)
{
    if (PYON_LIKELY((lanes->exact | lanes->scientific) == 0)) {
#pragma GCC unroll 8
        for (size_t i = 0; i < LANES; i++) {
            put(p, lanes, i);
            p += lanes->length[i];
            _mm256_storeu_si256((void *)p, separator);
            p += length;
        }
        return p;
    }
    add_exponents(lanes);
    for (size_t i = 0; i < LANES; i++) {
        p += put_any(p, lanes, i, values[i]);
        _mm256_storeu_si256((void *)p, separator);
        p += length;
    }
    return p;
}

/* The next numbers are converted before the last ones are put: so the processor can do both at
   once. */
TARGET char *pyon_ftoa_run_avx512(char *p, const double *values, size_t count,
                                  const char separator[PYON_FTOA_SEPARATOR], size_t length)
{
    const __m256i bytes = _mm256_loadu_si256((const void *)separator);
    const double *end = values + count;
    struct lanes lanes[2];

    PYON_ASSERT(count % LANES == 0 && length <= PYON_FTOA_SEPARATOR);
    if (count == 0)
        return p;
    convert(values, &lanes[0]);
    for (size_t turn = 0; values < end; turn ^= 1, values += LANES) {
        if (end - values > LANES)
            convert(values + LANES, &lanes[turn ^ 1]);
        p = put_all(p, &lanes[turn], values, bytes, length);
    }
    return p;
}

TARGET void pyon_ftoa_batch_avx512(struct pyon_ftoa_batch *batch,
                                   const double values[PYON_FTOA_BATCH])
{
    struct lanes lanes;

    convert(values, &lanes);
    if (PYON_LIKELY((lanes.exact | lanes.scientific) == 0)) {
#pragma GCC unroll 8
        for (size_t i = 0; i < LANES; i++) {
            put(batch->text[i], &lanes, i);
            batch->length[i] = (unsigned char)lanes.length[i];
        }
    } else {
        add_exponents(&lanes);
        for (size_t i = 0; i < LANES; i++)
            batch->length[i] = (unsigned char)put_any(batch->text[i], &lanes, i, values[i]);
    }
}

#endif
