/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Base64 with AVX2: 24 bytes to 32 characters at a time, and back. It is the code of ssse3.c in two
 * lanes of 16 bytes; the drawings are there.
 */
#include "base64/base64.h"

#if PYON_X86

#include <immintrin.h>

#define TARGET __attribute__((target("avx2")))

/* The same 16 bytes in both lanes. */
#define BOTH(...) _mm256_broadcastsi128_si256(_mm_setr_epi8(__VA_ARGS__))

TARGET static inline __m256i spread(__m256i in)
{
    __m256i bytes =
        _mm256_shuffle_epi8(in, BOTH(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10));
    __m256i even = _mm256_and_si256(bytes, _mm256_set1_epi32(0x0fc0fc00));
    __m256i odd = _mm256_and_si256(bytes, _mm256_set1_epi32(0x003f03f0));

    return _mm256_or_si256(_mm256_mulhi_epu16(even, _mm256_set1_epi32(0x04000040)),
                           _mm256_mullo_epi16(odd, _mm256_set1_epi32(0x01000010)));
}

TARGET static inline __m256i to_characters(__m256i values)
{
    const __m256i offsets =
        BOTH('a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
             '0' - 52, '0' - 52, '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0);
    __m256i range = _mm256_subs_epu8(values, _mm256_set1_epi8(51));
    __m256i upper = _mm256_cmpgt_epi8(_mm256_set1_epi8(26), values);

    range = _mm256_or_si256(range, _mm256_and_si256(upper, _mm256_set1_epi8(13)));
    return _mm256_add_epi8(values, _mm256_shuffle_epi8(offsets, range));
}

TARGET static void encode(char *text, const unsigned char *data, size_t size)
{
    for (; size >= 28; size -= 24, data += 24, text += 32) {
        __m256i in =
            _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)data)),
                                    _mm_loadu_si128((const __m128i *)(data + 12)), 1);

        _mm256_storeu_si256((__m256i *)text, to_characters(spread(in)));
    }
    pyon_base64_scalar.encode(text, data, size);
}

TARGET static inline __m256i to_values(__m256i in, __m256i *foreign)
{
    const __m256i lower_sets = BOTH(0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
                                    0x13, 0x1a, 0x1b, 0x1b, 0x1b, 0x1a);
    const __m256i upper_sets = BOTH(0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10,
                                    0x10, 0x10, 0x10, 0x10, 0x10, 0x10);
    const __m256i offsets = BOTH(0, 63 - '/', 62 - '+', 52 - '0', -'A', -'A', 26 - 'a', 26 - 'a', 0,
                                 0, 0, 0, 0, 0, 0, 0);
    const __m256i nibble = _mm256_set1_epi8(0x0f);
    __m256i upper = _mm256_and_si256(_mm256_srli_epi32(in, 4), nibble);
    __m256i lower = _mm256_and_si256(in, nibble);
    __m256i slash = _mm256_cmpeq_epi8(in, _mm256_set1_epi8('/'));

    *foreign = _mm256_or_si256(*foreign, _mm256_and_si256(_mm256_shuffle_epi8(lower_sets, lower),
                                                          _mm256_shuffle_epi8(upper_sets, upper)));
    return _mm256_add_epi8(in, _mm256_shuffle_epi8(offsets, _mm256_add_epi8(slash, upper)));
}

/* As in ssse3.c; then the 12 bytes of both lanes go together into the lower 24. */
TARGET static inline __m256i gather(__m256i values)
{
    __m256i pairs = _mm256_maddubs_epi16(values, _mm256_set1_epi32(0x01400140));
    __m256i triples = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00011000));
    __m256i lanes =
        _mm256_shuffle_epi8(triples, BOTH(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1));

    return _mm256_permutevar8x32_epi32(lanes, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7));
}

TARGET static const unsigned char *decode(unsigned char *data, const unsigned char *text,
                                          size_t quanta)
{
    while (quanta >= 11) {
        const unsigned char *sound = text, *end = text + 32 * pyon_base64_run((quanta - 3) / 8);
        __m256i foreign = _mm256_setzero_si256();

        for (; text < end; text += 32, data += 24) {
            __m256i in = _mm256_loadu_si256((const __m256i *)text);

            _mm256_storeu_si256((__m256i *)data, gather(to_values(in, &foreign)));
        }
        if (!_mm256_testz_si256(foreign, foreign))
            return sound;
        quanta -= (size_t)(text - sound) / 4;
    }
    return pyon_base64_scalar.decode(data, text, quanta);
}

#undef BOTH

const struct pyon_base64_codec pyon_base64_avx2 = {"avx2", encode, decode};

#endif
