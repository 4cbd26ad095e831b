/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Text to doubles with AVX-512, eight at once: the algorithm of scale.h, bit for bit the same.
 *
 *     "0.25,-17.125,..." --> find_marks() --> measure() --> join() --> scale_all() --> doubles
 *                                                                          | near the middle of two doubles
 *                                                                          `--> settle()
 *
 * A number has three marks: its first character, its point, and the comma after it. The places of
 * all marks are found first, for a piece of the text. So no branch depends on where a number ends:
 *
 *     0.25,-17.125,        places  0 1 4  5 8 12        bytes  0 . ,  - . ,
 *
 * Other text has other bytes at these marks, or something between them that is no digit. Such a lane
 * is bad. The numbers before the first bad lane are taken; the caller goes on with that one.
 *
 * Each number is loaded so that it ends at the end of 32 bytes. The point is taken out by a second
 * load, one byte earlier, for the digits before it:
 *
 *     first load     . . . - 1 7 . 1 2 5        keep   0 0 0 0 0 1 1 1 1 1
 *     second load    . . . , - 1 7 . 1 2        early  1 1 1 1 1 1 1 0 0 0
 *     digits         0 0 0 0 0 1 7 1 2 5
 *
 * Multiplications and additions join digits to w, eight numbers at a time. As in scale_by_half(), the
 * upper half of a power of ten decides; `doubt` marks the lanes where it cannot.
 */
#include "number/reals.h"

#if PYON_X86

#include "number/scale.h"

#include <immintrin.h>

#define TARGET                                                                                     \
    __attribute__((target("avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512ifma,avx512vbmi,"     \
                          "avx512vbmi2,bmi,bmi2,lzcnt,popcnt")))

/* Copies of a number, in all lanes. */
#define ALL(x) _mm512_set1_epi64((long long)(x))
#define ALL_32(x) _mm256_set1_epi32((int)(x))

#define LANES 8
#define BLOCK 64            /* bytes that are looked at together */
#define MARKS 3             /* of a number */
#define WIDTH 32            /* bytes in which a number lies */
#define LONGEST (WIDTH - 2) /* of a number: so eight, with spaces and commas, are 256 bytes */
#define POWERS 32

_Static_assert(REALS_BEFORE == WIDTH + 1, "the second load begins one byte earlier");

/* The marks of a piece of text; and room for stores beyond. Places are modulo 256. */
struct marks {
    unsigned char places[REALS_TEXT + BLOCK];
    char bytes[REALS_TEXT + BLOCK];
    size_t count;
};

/* ---- Marks ------------------------------------------------------------------------------- */

/* Is there a character above '9', which no number has? Others, as tabs and slashes, are found later,
   since they are no digits. */
TARGET static inline bool has_foreign(__m512i block)
{
    return _mm512_cmpgt_epu8_mask(block, _mm512_set1_epi8('9')) != 0;
}

/* Finds the marks in `size` bytes, a multiple of BLOCK. A block with a character that no number has
   is the last one. So is one without a mark: then numbers are so short that their lengths follow from
   places modulo 256. */
TARGET static void find_marks(struct marks *marks, const char *text, size_t size)
{
    _Alignas(64) static const unsigned char order[BLOCK] = {
        0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
        22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
        44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};
    __m512i places = _mm512_load_si512(order);
    uint64_t begins = 1;  /* a start that is known from the block before */
    uint64_t carried = 0; /* it is after a space, and no other one may follow */
    size_t count = 0;

    for (const char *p = text; p < text + size; p += BLOCK) {
        __m512i block = _mm512_loadu_si512(p);
        __mmask64 commas = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8(','));
        __mmask64 points = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('.'));
        __mmask64 spaces = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8(' '));
        /* A start at a space moves to the next bit. That bit is free, since a space is no comma; that of
           the last byte leaves the sum, and is carried to the next block. */
        __mmask64 starts = commas << 1 | begins, skipped = starts & spaces & ~carried;
        __mmask64 at = (starts + skipped) | commas | points;

        _mm512_storeu_si512(marks->places + count, _mm512_maskz_compress_epi8(at, places));
        _mm512_storeu_si512(marks->bytes + count, _mm512_maskz_compress_epi8(at, block));
        count += (size_t)_mm_popcnt_u64(at);
        if (PYON_UNLIKELY(has_foreign(block) || at == 0))
            break;
        carried = skipped >> (BLOCK - 1);
        begins = commas >> (BLOCK - 1) | carried;
        places = _mm512_add_epi8(places, _mm512_set1_epi8(BLOCK));
    }
    marks->count = count;
    /* Lanes without a number look at these. */
    _mm512_storeu_si512(marks->places + count,
                        _mm512_set1_epi8((char)marks->places[count - (count > 0)]));
    _mm512_storeu_si512(marks->bytes + count, _mm512_setzero_si512());
}

/* ---- Digits ------------------------------------------------------------------------------ */

/* Eight numbers: what is known from their marks. */
struct lanes {
    _Alignas(32) uint32_t keep[LANES];  /* bits: the bytes that are digits */
    _Alignas(32) uint32_t early[LANES]; /* those of the second load: up to the point */
    __m512i digits;                     /* their number */
    __m512i fraction;                   /* those after the point */
    __mmask8 minus;
    __mmask8 several; /* more than one before the point */
    __mmask8 bad;     /* not in the form that is read here: then nothing else of it holds */
};

/* Every third byte, from `first` on, in 32 bits. */
TARGET static inline __m256i every_third(__m256i bytes, int first)
{
    const __m256i index =
        _mm256_add_epi32(_mm256_setr_epi32(0, 3, 6, 9, 12, 15, 18, 21), ALL_32(first));

    return _mm256_maskz_permutexvar_epi8(0x11111111, index, bytes);
}

/* Fills the masks from marks of which `count` are there. */
TARGET static inline void measure(struct lanes *lanes, const unsigned char *places,
                                  const char *bytes, size_t count)
{
    const __m256i shape =
        _mm256_setr_epi8('-', '.', ',', '-', '.', ',', '-', '.', ',', '-', '.', ',', '-', '.', ',',
                         '-', '.', ',', '-', '.', ',', '-', '.', ',', 0, 0, 0, 0, 0, 0, 0, 0);
    const __m256i one = ALL_32(1), all = ALL_32(-1);
    const uint32_t firsts = 0x249249; /* every third bit */
    __m256i at = _mm256_loadu_si256((const void *)places);
    __m256i found = _mm256_loadu_si256((const void *)bytes);
    __m256i start = every_third(at, 0), point = every_third(at, 1), comma = every_third(at, 2);
    uint32_t expected = _mm256_cmpeq_epi8_mask(found, shape);
    uint32_t good = expected >> 1 & expected >> 2; /* at a first mark: both others are right */
    __mmask8 minus = (__mmask8)_pext_u32(expected, firsts);
    /* In bytes: the differences are modulo 256. */
    __m256i length = _mm256_sub_epi8(comma, start);
    __m256i fraction = _mm256_sub_epi8(_mm256_sub_epi8(comma, point), one);
    __m256i digits = _mm256_sub_epi8(length, one);
    __m256i whole;
    __mmask8 empty, is_long;

    digits = _mm256_mask_sub_epi32(digits, minus, digits, one);
    whole = _mm256_sub_epi32(digits, fraction);
    empty = _mm256_testn_epi32_mask(whole, whole) | _mm256_testn_epi32_mask(fraction, fraction);
    is_long = _mm256_cmpge_epu32_mask(length, ALL_32(LONGEST + 1));
    lanes->several = _mm256_cmpgt_epi32_mask(whole, one);
    lanes->minus = minus;
    lanes->bad = (__mmask8)~_pext_u32(good, firsts) | empty | is_long |
                 (__mmask8)(0xff << (count / MARKS < LANES ? count / MARKS : LANES));
    _mm256_store_si256((void *)lanes->keep,
                       _mm256_sllv_epi32(all, _mm256_sub_epi32(ALL_32(WIDTH), digits)));
    _mm256_store_si256((void *)lanes->early, _mm256_srlv_epi32(all, fraction));
    lanes->digits = _mm512_cvtepu32_epi64(digits);
    lanes->fraction = _mm512_cvtepu32_epi64(fraction);
}

/* Where eight numbers are: the text from `text` on, the places of their marks, and the place that
   `text` has. */
struct piece {
    const char *text;
    const unsigned char *places;
    unsigned char place;
};

/* A mark of a lane that is not bad, and before which none is, lies at most 255 bytes further: LONGEST
   ensures that. Of other lanes, it is some place from `text` on and not after the mark. So all loads lie
   within the text and the REALS_BEFORE bytes before it. */
static inline const char *address(struct piece piece, size_t mark)
{
    return piece.text + (unsigned char)(piece.places[mark] - piece.place);
}

/* The same after `count` of them. */
static inline struct piece after(struct piece piece, size_t count)
{
    const unsigned char *places = piece.places + MARKS * count;

    return (struct piece){address(piece, MARKS * count - 1) + 1, places,
                          (unsigned char)(places[-1] + 1)};
}

/* The masks of two neighbours. */
static inline uint64_t pair_of(const uint32_t *masks)
{
    uint64_t pair;

    memcpy(&pair, masks, sizeof pair);
    return pair;
}

TARGET static inline __m512i load_pair(const char *first, const char *second)
{
    __m256i low = _mm256_loadu_si256((const void *)first);

    return _mm512_inserti64x4(_mm512_castsi256_si512(low), _mm256_loadu_si256((const void *)second),
                              1);
}

/* The digits of the numbers `i` and `i` + 1, joined by fours, in 32 bits each. Sets a bit of `wrong`
   for each character that is no digit. */
TARGET static inline __m512i fours(const struct lanes *lanes, size_t i, struct piece piece,
                                   __mmask64 *wrong)
{
    const char *end = address(piece, MARKS * i + 2), *next = address(piece, MARKS * i + 5);
    __m512i late = load_pair(end - WIDTH, next - WIDTH);
    __m512i early = load_pair(end - WIDTH - 1, next - WIDTH - 1);
    __m512i characters = _mm512_mask_blend_epi8(pair_of(lanes->early + i), late, early);
    __m512i digits =
        _mm512_maskz_sub_epi8(pair_of(lanes->keep + i), characters, _mm512_set1_epi8('0'));
    __m512i pairs = _mm512_maddubs_epi16(digits, _mm512_set1_epi16(10 | 1 << 8));

    *wrong = _mm512_cmpgt_epu8_mask(digits, _mm512_set1_epi8(9));
    return _mm512_madd_epi16(pairs, _mm512_set1_epi32(100 | 1 << 16));
}

/* Do the numbers of several digits begin with a zero? `digits` is less than 32. */
TARGET static inline __mmask8 begin_with_zero(__m512i w, __m512i digits, __mmask8 several)
{
    _Alignas(64) static const uint64_t least[WIDTH] = {
        0, 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000, 10000000000,
        100000000000, 1000000000000, 10000000000000, 100000000000000, 1000000000000000,
        10000000000000000, 100000000000000000, 1000000000000000000, 10000000000000000000U,
        /* A number of more digits is larger than any w. */
        UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,
        UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};
    __m512i lower = _mm512_permutex2var_epi64(_mm512_load_si512(least), digits,
                                              _mm512_load_si512(least + LANES));
    __m512i upper = _mm512_permutex2var_epi64(_mm512_load_si512(least + 2 * LANES), digits,
                                              _mm512_load_si512(least + 3 * LANES));
    __mmask8 is_upper = _mm512_cmpge_epu64_mask(digits, ALL(2 * LANES));

    return _mm512_mask_cmplt_epu64_mask(several, w, _mm512_mask_mov_epi64(lower, is_upper, upper));
}

/* The lanes of two neighbours that have a wrong character. */
static inline __mmask8 lanes_of(__mmask64 wrong)
{
    return (__mmask8)(((uint32_t)wrong != 0) | (wrong >> WIDTH != 0) << 1);
}

/*
 * The integers of all digits. Adds to lanes->bad. A number has 32 digits, of which the first are zeros:
 *
 *     AAAAAAAABBBBBBBB CCCCCCCCDDDDDDDD      top has A and B, low has C and D, in 32 bits each
 *     w = (B * 10^8 + C) * 10^8 + D          if A is 0 and B is at most 999: then w is below 2^64
 */
TARGET static inline __m512i join(struct lanes *lanes, struct piece piece)
{
    const __m512i weights = _mm512_set1_epi32(10000 | 1 << 16);
    const __m512i firsts = _mm512_setr_epi64(0, 4, 1, 5, 8, 12, 9, 13);
    const uint64_t ten_to_16 = UINT64_C(10000000000000000);
    __mmask64 wrong[LANES / 2];
    __m512i a = fours(lanes, 0, piece, &wrong[0]);
    __m512i b = fours(lanes, 2, piece, &wrong[1]);
    __m512i c = fours(lanes, 4, piece, &wrong[2]);
    __m512i d = fours(lanes, 6, piece, &wrong[3]);
    /* 8 digits in 32 bits, in pairs: of number 0 the first 16 digits, then those of 2; of 0 the last
       16 digits, and of 2; then the same of 1 and 3. The others have 4 to 7. */
    __m512i even = _mm512_madd_epi16(_mm512_packus_epi32(a, b), weights);
    __m512i odd = _mm512_madd_epi16(_mm512_packus_epi32(c, d), weights);
    __m512i top = _mm512_permutex2var_epi64(even, firsts, odd);
    __m512i low = _mm512_permutex2var_epi64(even, _mm512_add_epi64(firsts, ALL(2)), odd);
    __mmask8 is_large = _mm512_test_epi64_mask(top, ALL(UINT32_MAX)) |
                        _mm512_cmpge_epu64_mask(top, ALL(UINT64_C(1000) << 32));
    __m512i w = _mm512_add_epi64(_mm512_mul_epu32(low, ALL(100000000)), _mm512_srli_epi64(low, 32));

    top = _mm512_srli_epi64(top, 32);
    w = _mm512_add_epi64(w, _mm512_mul_epu32(top, ALL((uint32_t)ten_to_16)));
    w = _mm512_add_epi64(w, _mm512_slli_epi64(_mm512_mul_epu32(top, ALL(ten_to_16 >> 32)), 32));
    lanes->bad |= is_large | begin_with_zero(w, lanes->digits, lanes->several);
    if (PYON_UNLIKELY((wrong[0] | wrong[1] | wrong[2] | wrong[3]) != 0))
        for (unsigned i = 0; i < LANES / 2; i++)
            lanes->bad |= (__mmask8)(lanes_of(wrong[i]) << 2 * i);
    return w;
}

/* ---- Doubles ----------------------------------------------------------------------------- */

/* The upper halves of the powers of ten from -31 to 0. */
struct powers {
    __m512i halves[POWERS / LANES];
};

TARGET static inline struct powers load_powers(void)
{
    const __m512i firsts = _mm512_setr_epi64(0, 2, 4, 6, 8, 10, 12, 14);
    struct powers powers;

    for (unsigned i = 0; i < POWERS / LANES; i++) {
        const uint64_t(*table)[2] = pyon_pow10 + (1 - POWERS - POW10_MIN) + (size_t)i * LANES;

        powers.halves[i] = _mm512_permutex2var_epi64(_mm512_loadu_si512(table), firsts,
                                                     _mm512_loadu_si512(table + LANES / 2));
    }
    return powers;
}

/* w / 10^fraction, for those that are certain. Fills `doubt` with the others. */
TARGET static inline __m512i scale_all(__m512i w, __m512i fraction, const struct powers *powers,
                                       __mmask8 *doubt)
{
    const __m512i low_32 = ALL(UINT32_MAX);
    __m512i zeros = _mm512_lzcnt_epi64(w), a = _mm512_sllv_epi64(w, zeros);
    __m512i index = _mm512_sub_epi64(ALL(POWERS - 1), fraction);
    __mmask8 is_upper = _mm512_cmplt_epu64_mask(fraction, ALL(POWERS / 2));
    __m512i lower = _mm512_permutex2var_epi64(powers->halves[0], index, powers->halves[1]);
    __m512i upper = _mm512_permutex2var_epi64(powers->halves[2], index, powers->halves[3]);
    __m512i b = _mm512_mask_mov_epi64(lower, is_upper, upper);
    /* The product of 64 by 64 bits, of halves. */
    __m512i a1 = _mm512_srli_epi64(a, 32), b1 = _mm512_srli_epi64(b, 32);
    __m512i p00 = _mm512_mul_epu32(a, b), p01 = _mm512_mul_epu32(a, b1);
    __m512i p10 = _mm512_mul_epu32(a1, b), p11 = _mm512_mul_epu32(a1, b1);
    __m512i middle = _mm512_add_epi64(
        _mm512_srli_epi64(p00, 32),
        _mm512_add_epi64(_mm512_and_si512(p01, low_32), _mm512_and_si512(p10, low_32)));
    __m512i high =
        _mm512_add_epi64(_mm512_add_epi64(p11, _mm512_srli_epi64(middle, 32)),
                         _mm512_add_epi64(_mm512_srli_epi64(p01, 32), _mm512_srli_epi64(p10, 32)));
    __m512i rest = _mm512_or_si512(_mm512_and_si512(p00, low_32), _mm512_slli_epi64(middle, 32));
    __m512i shift = _mm512_add_epi64(_mm512_srli_epi64(high, 63), ALL(9));
    __m512i rounded =
        _mm512_srli_epi64(_mm512_add_epi64(_mm512_srlv_epi64(high, shift), ALL(1)), 1);
    /* pow10_log2(-fraction) */
    __m512i log2 = _mm512_srai_epi64(_mm512_mul_epi32(fraction, ALL(-217706)), 16);
    __m512i exponent = _mm512_add_epi64(_mm512_add_epi64(log2, shift),
                                        _mm512_sub_epi64(ALL(63 - 9 + EXPONENT_BIAS - 1), zeros));

    *doubt = _mm512_testn_epi64_mask(rest, rest) |
             _mm512_testn_epi64_mask(_mm512_andnot_si512(high, ALL(0x1ff)), ALL(0x1ff));
    return _mm512_add_epi64(rounded, _mm512_slli_epi64(exponent, FRACTION_BITS));
}

/* w / 10^fraction, where both are doubles: `exact` has these. */
TARGET static inline __m512i divide(__m512i w, __m512i fraction, __mmask8 *exact)
{
    __m512d lower = _mm512_permutex2var_pd(_mm512_loadu_pd(exact_powers), fraction,
                                           _mm512_loadu_pd(exact_powers + LANES));
    __m512d upper = _mm512_permutexvar_pd(fraction, _mm512_loadu_pd(exact_powers + 2 * LANES));
    __mmask8 is_upper = _mm512_cmpge_epu64_mask(fraction, ALL(2 * LANES));

    *exact = _mm512_cmple_epu64_mask(fraction, ALL(22)) &
             _mm512_cmple_epu64_mask(w, ALL(UINT64_C(1) << (FRACTION_BITS + 1)));
    return _mm512_castpd_si512(
        _mm512_div_pd(_mm512_cvtepu64_pd(w), _mm512_mask_mov_pd(lower, is_upper, upper)));
}

/* The doubles of those that are in doubt. Not inlined: the loop is short without it. */
TARGET static __attribute__((noinline)) __m512i settle(__m512i bits, __m512i w, __m512i fraction,
                                                       __mmask8 doubt, bool divides)
{
    _Alignas(64) uint64_t integers[LANES], digits[LANES], results[LANES];
    __mmask8 exact = 0;

    if (divides)
        bits = _mm512_mask_mov_epi64(bits, doubt, divide(w, fraction, &exact));
    doubt &= (__mmask8)~exact;
    if (PYON_LIKELY(doubt == 0))
        return bits;
    _mm512_store_si512(integers, w);
    _mm512_store_si512(digits, fraction);
    _mm512_store_si512(results, bits);
    for (unsigned left = doubt; left; left &= left - 1) {
        unsigned i = (unsigned)__builtin_ctz(left);

        results[i] = to_bits(eisel_lemire(integers[i], -(int64_t)digits[i]));
    }
    return _mm512_load_si512(results);
}

/* ---- The kernel -------------------------------------------------------------------------- */

TARGET size_t pyon_read_reals_avx512(const char **text, const char *end, double values[REALS_MOST],
                                     bool divides)
{
    size_t size = (size_t)(end - *text) < REALS_TEXT ? (size_t)(end - *text) : REALS_TEXT, done = 0;
    struct marks marks;
    struct piece piece = {*text, marks.places, 0};
    struct powers powers;

    /* A few numbers gain nothing. */
    if (size < BLOCK || has_foreign(_mm512_loadu_si512(*text)))
        return 0;
    find_marks(&marks, *text, size / BLOCK * BLOCK);
    if (marks.count < MARKS * LANES)
        return 0;
    powers = load_powers();
    for (size_t i = 0; i + MARKS <= marks.count; i += MARKS * LANES) {
        struct lanes lanes;
        __m512i w, bits;
        __mmask8 doubt;

        measure(&lanes, piece.places, marks.bytes + i, marks.count - i);
        w = join(&lanes, piece);
        bits = scale_all(w, lanes.fraction, &powers, &doubt);
        doubt &= (__mmask8)~lanes.bad;
        if (PYON_UNLIKELY(doubt != 0))
            bits = settle(bits, w, lanes.fraction, doubt, divides);
        bits = _mm512_mask_or_epi64(bits, lanes.minus, bits, ALL(INT64_MIN));
        _mm512_storeu_si512(values + done, bits);
        if (PYON_UNLIKELY(lanes.bad != 0)) {
            unsigned good = (unsigned)__builtin_ctz(lanes.bad);

            if (good > 0)
                piece = after(piece, good);
            done += good;
            break;
        }
        piece = after(piece, LANES);
        done += LANES;
    }
    *text = piece.text;
    return done;
}

#endif
