/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Base64 with SSSE3: 12 bytes to 16 characters at a time, and back.
 *
 * After W. Mula and D. Lemire, "Faster Base64 Encoding and Decoding using AVX2 Instructions"
 * (2018). A step loads and stores 16 bytes, but it uses or makes only 12 of them. So the loops end
 * before a step would pass the end, and the scalar codec does the rest.
 *
 * The drawings show one of the four quanta: 32 bits, the highest byte first. In memory the bytes
 * stand in the opposite order.
 */
#include "base64/base64.h"

#if PYON_X86

#include <tmmintrin.h>

#define TARGET __attribute__((target("ssse3")))

/*
 * Three bytes of each 32 bits to four 6-bit values, one a byte. Products shift the two halves of 16
 * bits, each by an amount of its own.
 *
 *     in                      ........ ccdddddd bbbbcccc aaaaaabb
 *     shuffled                bbbbcccc ccdddddd aaaaaabb bbbbcccc
 *     even                    0000cccc cc000000 aaaaaa00 00000000
 *     odd                     00000000 00dddddd 000000bb bbbb0000
 *     even >> 6 | even >> 10  00000000 00cccccc 00000000 00aaaaaa
 *     odd << 8  | odd << 4    00dddddd 00000000 00bbbbbb 00000000
 *     both                    00dddddd 00cccccc 00bbbbbb 00aaaaaa
 */
TARGET static inline __m128i spread(__m128i in)
{
    __m128i bytes =
        _mm_shuffle_epi8(in, _mm_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10));
    __m128i even = _mm_and_si128(bytes, _mm_set1_epi32(0x0fc0fc00));
    __m128i odd = _mm_and_si128(bytes, _mm_set1_epi32(0x003f03f0));

    return _mm_or_si128(_mm_mulhi_epu16(even, _mm_set1_epi32(0x04000040)),
                        _mm_mullo_epi16(odd, _mm_set1_epi32(0x01000010)));
}

/*
 * 6-bit values to characters: each range of the alphabet has an offset.
 *
 *     value     0-25   26-51   52-61   62   63
 *     range       13       0    1-10   11   12     max(value - 51, 0), or 13 below 26
 *     offset   to "A"  to "a"  to "0"  "+"  "/"
 */
TARGET static inline __m128i to_characters(__m128i values)
{
    const __m128i offsets =
        _mm_setr_epi8('a' - 26, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52, '0' - 52,
                      '0' - 52, '0' - 52, '0' - 52, '0' - 52, '+' - 62, '/' - 63, 'A', 0, 0);
    __m128i range = _mm_subs_epu8(values, _mm_set1_epi8(51));
    __m128i upper = _mm_cmpgt_epi8(_mm_set1_epi8(26), values);

    range = _mm_or_si128(range, _mm_and_si128(upper, _mm_set1_epi8(13)));
    return _mm_add_epi8(values, _mm_shuffle_epi8(offsets, range));
}

TARGET static void encode(char *text, const unsigned char *data, size_t size)
{
    for (; size >= 16; size -= 12, data += 12, text += 16) {
        __m128i in = _mm_loadu_si128((const __m128i *)data);

        _mm_storeu_si128((__m128i *)text, to_characters(spread(in)));
    }
    pyon_base64_scalar.encode(text, data, size);
}

/*
 * Characters to 6-bit values. Each upper nibble has an offset; "/" takes that of 1.
 *
 * Sets bits of `foreign` for other characters. Each upper nibble has a bit of its own kind, and
 * each lower nibble has the bits of the kinds that it does not go with. So a character of the
 * alphabet has no bit in both sets, and every other one has.
 *
 *     upper nibble   2     3     4, 6  5, 7  other
 *     bit            0x01  0x02  0x04  0x08  0x10
 *     lower nibble   0     1-9   a     b, f  c-e
 *     bits           0x15  0x11  0x13  0x1a  0x1b
 */
TARGET static inline __m128i to_values(__m128i in, __m128i *foreign)
{
    const __m128i lower_sets = _mm_setr_epi8(0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11,
                                             0x11, 0x13, 0x1a, 0x1b, 0x1b, 0x1b, 0x1a);
    const __m128i upper_sets = _mm_setr_epi8(0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10,
                                             0x10, 0x10, 0x10, 0x10, 0x10, 0x10, 0x10);
    const __m128i offsets = _mm_setr_epi8(0, 63 - '/', 62 - '+', 52 - '0', -'A', -'A', 26 - 'a',
                                          26 - 'a', 0, 0, 0, 0, 0, 0, 0, 0);
    const __m128i nibble = _mm_set1_epi8(0x0f);
    __m128i upper = _mm_and_si128(_mm_srli_epi32(in, 4), nibble);
    __m128i lower = _mm_and_si128(in, nibble);
    __m128i slash = _mm_cmpeq_epi8(in, _mm_set1_epi8('/'));

    *foreign = _mm_or_si128(*foreign, _mm_and_si128(_mm_shuffle_epi8(lower_sets, lower),
                                                    _mm_shuffle_epi8(upper_sets, upper)));
    return _mm_add_epi8(in, _mm_shuffle_epi8(offsets, _mm_add_epi8(slash, upper)));
}

/*
 * Four 6-bit values of each 32 bits to three bytes, all of them together in the lower 12.
 *
 *     values     00dddddd 00cccccc 00bbbbbb 00aaaaaa
 *     pairs      0000cccc ccdddddd 0000aaaa aabbbbbb    64 * first + second
 *     triples    00000000 aaaaaabb bbbbcccc ccdddddd    4096 * first + second
 *     shuffled   ........ ccdddddd bbbbcccc aaaaaabb    then without the gap between quanta
 */
TARGET static inline __m128i gather(__m128i values)
{
    __m128i pairs = _mm_maddubs_epi16(values, _mm_set1_epi32(0x01400140));
    __m128i triples = _mm_madd_epi16(pairs, _mm_set1_epi32(0x00011000));

    return _mm_shuffle_epi8(triples,
                            _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1));
}

TARGET static const unsigned char *decode(unsigned char *data, const unsigned char *text,
                                          size_t quanta)
{
    while (quanta >= 6) {
        const unsigned char *sound = text, *end = text + 16 * pyon_base64_run((quanta - 2) / 4);
        __m128i foreign = _mm_setzero_si128();

        for (; text < end; text += 16, data += 12) {
            __m128i in = _mm_loadu_si128((const __m128i *)text);

            _mm_storeu_si128((__m128i *)data, gather(to_values(in, &foreign)));
        }
        if (_mm_movemask_epi8(_mm_cmpeq_epi8(foreign, _mm_setzero_si128())) != 0xffff)
            return sound;
        quanta -= (size_t)(text - sound) / 4;
    }
    return pyon_base64_scalar.decode(data, text, quanta);
}

const struct pyon_base64_codec pyon_base64_ssse3 = {"ssse3", encode, decode};

#endif
