/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Base64 with AVX-512 VBMI: 48 bytes to 64 characters at a time, and back.
 *
 * After W. Mula and D. Lemire, "Base64 encoding and decoding at almost the speed of a memory copy"
 * (2020). The whole alphabet is one vector, its inverse is two vectors, and one instruction looks
 * 64 bytes up in them. Loads and stores are masked, so nothing passes an end.
 *
 * The drawings show one of the 16 quanta: 32 bits, the highest byte first.
 */
#include "base64/base64.h"

#if PYON_X86

#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi")))

/*
 * The order of bytes for encoding: 1 0 2 1 of each three, for the 16 quanta.
 *
 *     in         ........ ccdddddd bbbbcccc aaaaaabb
 *     spread     bbbbcccc ccdddddd aaaaaabb bbbbcccc
 */
static const unsigned char spread[64] = {
    1,  0,  2,  1,  4,  3,  5,  4,  7,  6,  8,  7,  10, 9,  11, 10, 13, 12, 14, 13, 16, 15,
    17, 16, 19, 18, 20, 19, 22, 21, 23, 22, 25, 24, 26, 25, 28, 27, 29, 28, 31, 30, 32, 31,
    34, 33, 35, 34, 37, 36, 38, 37, 40, 39, 41, 40, 43, 42, 44, 43, 46, 45, 47, 46};

/* The order of bytes after decoding: 2 1 0 of each four, the 16 triples together. */
static const unsigned char gather[64] = {
    2,  1,  0,  6,  5,  4,  10, 9,  8,  14, 13, 12, 18, 17, 16, 22, 21, 20, 26, 25, 24, 30, 29, 28,
    34, 33, 32, 38, 37, 36, 42, 41, 40, 46, 45, 44, 50, 49, 48, 54, 53, 52, 58, 57, 56, 62, 61, 60};

#define BYTES_48 ((__mmask64)0xffffffffffff)

/*
 * The bit at which each 6-bit value begins, in 64 bits of two quanta. The instruction takes 8 bits
 * from there; the lookup after it ignores the upper two.
 *
 *     spread     bbbbcccc ccdddddd aaaaaabb bbbbcccc
 *     from bit          22     16         10      4
 *     values     ..dddddd ..cccccc ..bbbbbb ..aaaaaa
 */
#define SHIFTS 0x3036242a1016040a

TARGET static void encode(char *text, const unsigned char *data, size_t size)
{
    const __m512i letters = _mm512_loadu_si512(pyon_base64_alphabet);
    const __m512i order = _mm512_loadu_si512(spread);

    for (; size >= 48; size -= 48, data += 48, text += 64) {
        __m512i in = _mm512_maskz_loadu_epi8(BYTES_48, data);
        __m512i bytes = _mm512_permutexvar_epi8(order, in);
        __m512i values = _mm512_multishift_epi64_epi8(_mm512_set1_epi64(SHIFTS), bytes);

        /* A lookup uses only the lower 6 bits of an index. */
        _mm512_storeu_si512(text, _mm512_permutexvar_epi8(values, letters));
    }
    pyon_base64_scalar.encode(text, data, size);
}

TARGET static const unsigned char *decode(unsigned char *data, const unsigned char *text,
                                          size_t quanta)
{
    const __m512i lower = _mm512_loadu_si512(pyon_base64_values);
    const __m512i upper = _mm512_loadu_si512(pyon_base64_values + 64);
    const __m512i order = _mm512_loadu_si512(gather);

    while (quanta >= 16) {
        const unsigned char *sound = text, *end = text + 64 * pyon_base64_run(quanta / 16);
        __m512i foreign = _mm512_setzero_si512();

        for (; text < end; text += 64, data += 48) {
            __m512i in = _mm512_loadu_si512(text);
            __m512i values = _mm512_permutex2var_epi8(lower, in, upper);
            /* values  00dddddd 00cccccc 00bbbbbb 00aaaaaa
               pairs   0000cccc ccdddddd 0000aaaa aabbbbbb    64 * first + second
               triples 00000000 aaaaaabb bbbbcccc ccdddddd    4096 * first + second */
            __m512i pairs = _mm512_maddubs_epi16(values, _mm512_set1_epi32(0x01400140));
            __m512i triples = _mm512_madd_epi16(pairs, _mm512_set1_epi32(0x00011000));

            foreign = _mm512_or_si512(foreign, _mm512_or_si512(in, values));
            _mm512_mask_storeu_epi8(data, BYTES_48, _mm512_permutexvar_epi8(order, triples));
        }
        if (_mm512_movepi8_mask(foreign) != 0)
            return sound;
        quanta -= (size_t)(text - sound) / 4;
    }
    return pyon_base64_scalar.decode(data, text, quanta);
}

const struct pyon_base64_codec pyon_base64_avx512 = {"avx512", encode, decode};

#endif
