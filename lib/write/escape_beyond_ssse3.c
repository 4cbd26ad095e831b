/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Escaping text beyond ASCII with SSSE3: eight units of 16 bits at once, then two by two. No branch
 * depends on which of them are ASCII, which no processor can guess.
 *
 *     units      20ac    0061         two units, and a bit for each that is beyond ASCII: 1 0
 *     source     2 0 a c  0 0 6 1  . . a . \ u     the digits, the units themselves, a constant
 *     shuffled   \ u 2 0 a c a                     as a table says for these bits
 *
 * A code point of four bytes is made two units first: a surrogate pair, or itself and zero.
 */
#include "write/escape.h"
#include "write/escape_table.h"
#include "write/plain.h"

#if PYON_X86

#include <tmmintrin.h>

#define TARGET __attribute__((target("ssse3")))

/* For two bits: the places in the source of the bytes to be written, and their number. */
struct choice {
    unsigned char from[4][16], length[4];
};

/* A bit for each of two units: is it beyond ASCII? */
static const struct choice two_units = {
    {{8, 10},
     {12, 13, 0, 1, 2, 3, 10},
     {8, 12, 13, 4, 5, 6, 7},
     {12, 13, 0, 1, 2, 3, 12, 13, 4, 5, 6, 7}},
    {2, 7, 7, 12},
};

/* The lower bit: is a code point beyond ASCII? The upper one: is it a pair? */
static const struct choice one_point = {
    {{8}, {12, 13, 0, 1, 2, 3}, {0}, {12, 13, 0, 1, 2, 3, 12, 13, 4, 5, 6, 7}},
    {1, 6, 0, 12},
};

/* A bit for each unit of which all are set. */
TARGET static inline unsigned mask_units(__m128i x)
{
    return (unsigned)_mm_movemask_epi8(_mm_packs_epi16(x, x)) & 0xff;
}

/* Is one of these units special in ASCII, as a quote is? They are ASCII. */
TARGET static inline bool has_special(__m128i x, unsigned units)
{
    struct vector bytes = {_mm_packs_epi16(x, x)};

    return vector_mask(find_special(bytes, '"')) & units;
}

TARGET static inline char *put_chosen(char *p, __m128i source, unsigned bits,
                                      const struct choice *choice)
{
    __m128i from = _mm_loadu_si128((const __m128i *)choice->from[bits & 3]);

    _mm_storeu_si128((__m128i *)p, _mm_shuffle_epi8(source, from));
    return p + choice->length[bits & 3];
}

/* Writes eight units, with a bit for each. */
TARGET static inline char *put_eight(char *p, __m128i x, unsigned bits, const struct choice *choice)
{
    const __m128i low = _mm_set1_epi8(15), escape = _mm_set1_epi16('\\' | 'u' << 8);
    const __m128i letters = _mm_setr_epi8('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a',
                                          'b', 'c', 'd', 'e', 'f');
    __m128i swapped = _mm_or_si128(_mm_slli_epi16(x, 8), _mm_srli_epi16(x, 8));
    __m128i first = _mm_and_si128(_mm_srli_epi16(swapped, 4), low);
    __m128i second = _mm_and_si128(swapped, low);
    __m128i digits0 = _mm_shuffle_epi8(letters, _mm_unpacklo_epi8(first, second));
    __m128i digits1 = _mm_shuffle_epi8(letters, _mm_unpackhi_epi8(first, second));
    __m128i units0 = _mm_unpacklo_epi32(x, escape), units1 = _mm_unpackhi_epi32(x, escape);

    p = put_chosen(p, _mm_unpacklo_epi64(digits0, units0), bits, choice);
    p = put_chosen(p, _mm_unpackhi_epi64(digits0, units0), bits >> 2, choice);
    p = put_chosen(p, _mm_unpacklo_epi64(digits1, units1), bits >> 4, choice);
    return put_chosen(p, _mm_unpackhi_epi64(digits1, units1), bits >> 6, choice);
}

TARGET static inline char *put_units(char *p, __m128i x)
{
    const __m128i beyond = _mm_set1_epi16((short)0xff80);
    unsigned ascii = mask_units(_mm_cmpeq_epi16(_mm_and_si128(x, beyond), _mm_setzero_si128()));
    uint16_t units[8];

    if (PYON_LIKELY(!has_special(x, ascii)))
        return put_eight(p, x, ascii ^ 0xff, &two_units);
    _mm_storeu_si128((__m128i *)units, x);
    for (int i = 0; i < 8; i++)
        p = put_unit(p, units[i]);
    return p;
}

TARGET static inline char *put_points(char *p, const uint32_t *points)
{
    __m128i x = _mm_loadu_si128((const __m128i *)points);
    __m128i beyond = _mm_cmpgt_epi32(x, _mm_set1_epi32(0x7f));
    __m128i pairs = _mm_cmpgt_epi32(x, _mm_set1_epi32(0xffff));
    __m128i first = _mm_add_epi32(_mm_srli_epi32(x, 10), _mm_set1_epi32(0xd800 - (0x10000 >> 10)));
    __m128i second = _mm_or_si128(_mm_slli_epi32(x, 16 + 6), _mm_setzero_si128());
    unsigned bits;

    /* The lower ten bits at the top of a lane, then in their place, after 0xdc00. */
    second = _mm_or_si128(_mm_slli_epi32(_mm_srli_epi32(second, 22), 16),
                          _mm_set1_epi32((int)0xdc000000));
    x = _mm_or_si128(_mm_andnot_si128(pairs, x), _mm_and_si128(pairs, _mm_or_si128(first, second)));
    bits = mask_units(_mm_or_si128(_mm_srli_epi32(beyond, 16), _mm_slli_epi32(pairs, 16)));
    if (PYON_LIKELY(!has_special(x, ~bits & 0x55)))
        return put_eight(p, x, bits, &one_point);
    for (int i = 0; i < 4; i++)
        p = put_code_point(p, points[i]);
    return p;
}

TARGET char *pyon_escape_beyond_ssse3(char *p, const void *data, size_t length, unsigned width)
{
    const char *text = data, *end = text + length * width;

    if (width == 4)
        for (; text < end; text += 16)
            p = put_points(p, (const void *)text);
    else if (width == 2)
        for (; text < end; text += 16)
            p = put_units(p, _mm_loadu_si128((const void *)text));
    else
        for (; text < end; text += 8)
            p = put_units(
                p, _mm_unpacklo_epi8(_mm_loadl_epi64((const void *)text), _mm_setzero_si128()));
    return p - (size_t)(text - end) / width;
}

#endif
