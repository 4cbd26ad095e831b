/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Escaping quotes and backslashes with SSSE3, for text in which there are many of them: PYON or JSON
 * in a string. No branch depends on how many there are in a vector, which no processor can guess.
 *
 *     text       a  "  b  c            four characters, and a bit for each that is special: 0 1 0 0
 *     pairs      \  a  \  "  \  b  \  c
 *     shuffled      a  \  "     b     c   as a table says for these bits
 */
#include "write/escape.h"
#include "write/plain.h"

#if PYON_X86

#include <tmmintrin.h>

#define TARGET __attribute__((target("ssse3")))

/* For each four bits: the places in four pairs of the bytes to be written, and their number. No entry lies
   on two lines of the cache. */
static const _Alignas(64) unsigned char chosen[16][8] = {
    {1, 3, 5, 7},       {0, 1, 3, 5, 7},       {1, 2, 3, 5, 7},       {0, 1, 2, 3, 5, 7},
    {1, 3, 4, 5, 7},    {0, 1, 3, 4, 5, 7},    {1, 2, 3, 4, 5, 7},    {0, 1, 2, 3, 4, 5, 7},
    {1, 3, 5, 6, 7},    {0, 1, 3, 5, 6, 7},    {1, 2, 3, 5, 6, 7},    {0, 1, 2, 3, 5, 6, 7},
    {1, 3, 4, 5, 6, 7}, {0, 1, 3, 4, 5, 6, 7}, {1, 2, 3, 4, 5, 6, 7}, {0, 1, 2, 3, 4, 5, 6, 7},
};
static const unsigned char lengths[16] = {4, 5, 5, 6, 5, 6, 6, 7, 5, 6, 6, 7, 6, 7, 7, 8};

/* Writes the four characters of the lower eight bytes. */
TARGET static inline char *put_four(char *p, __m128i pairs, unsigned special)
{
    __m128i from = _mm_loadl_epi64((const __m128i *)chosen[special & 15]);

    _mm_storel_epi64((__m128i *)p, _mm_shuffle_epi8(pairs, from));
    return p + lengths[special & 15];
}

TARGET size_t pyon_escape_quotes_ssse3(char **end, const unsigned char *data, size_t length)
{
    const __m128i backslash = _mm_set1_epi8('\\'), quote = _mm_set1_epi8('"');
    size_t i = 0;
    char *p = *end;

    for (; length - i >= 16; i += 16) {
        __m128i x = _mm_loadu_si128((const __m128i *)(data + i));
        __m128i both = _mm_or_si128(_mm_cmpeq_epi8(x, backslash), _mm_cmpeq_epi8(x, quote));
        unsigned special = (unsigned)_mm_movemask_epi8(both);
        __m128i first = _mm_unpacklo_epi8(backslash, x), last = _mm_unpackhi_epi8(backslash, x);

        if (vector_mask(find_special((struct vector){x}, '"')) != special)
            break;
        if (special == 0) {
            _mm_storeu_si128((__m128i *)p, x);
            p += 16;
            continue;
        }
        p = put_four(p, first, special);
        p = put_four(p, _mm_unpackhi_epi64(first, first), special >> 4);
        p = put_four(p, last, special >> 8);
        p = put_four(p, _mm_unpackhi_epi64(last, last), special >> 12);
    }
    *end = p;
    return i;
}

#endif
