/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Base64 in portable C: three bytes become four characters by the alphabet, and four characters
 * become three bytes by the inverse of the alphabet. The values of a run are OR-ed, so one test at
 * its end finds any foreign character. The other codecs leave their ends to this one, and some use
 * its tables.
 */
#include "base64/base64.h"

const char pyon_base64_alphabet[65] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#define X PYON_BASE64_FOREIGN
const unsigned char pyon_base64_values[256] = {
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  /* 0x00 */
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  /* 0x10 */
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  62, X,  X,  X,  63, /* 0x20 */
    52, 53, 54, 55, 56, 57, 58, 59, 60, 61, X,  X,  X,  X,  X,  X,  /* 0x30 */
    X,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, /* 0x40 */
    15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, X,  X,  X,  X,  X,  /* 0x50 */
    X,  26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, /* 0x60 */
    41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, X,  X,  X,  X,  X,  /* 0x70 */
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  /* 0x80 */
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  /* 0x90 */
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  /* 0xa0 */
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  /* 0xb0 */
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  /* 0xc0 */
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  /* 0xd0 */
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  /* 0xe0 */
    X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  /* 0xf0 */
};
#undef X

static void encode(char *text, const unsigned char *data, size_t size)
{
    for (; size >= 3; size -= 3, data += 3) {
        /* aaaaaabb bbbbcccc ccdddddd */
        uint32_t bits = (uint32_t)data[0] << 16 | (uint32_t)data[1] << 8 | data[2];

        *text++ = pyon_base64_alphabet[bits >> 18];
        *text++ = pyon_base64_alphabet[bits >> 12 & 63];
        *text++ = pyon_base64_alphabet[bits >> 6 & 63];
        *text++ = pyon_base64_alphabet[bits & 63];
    }
    if (size > 0) {
        uint32_t bits = (uint32_t)data[0] << 16 | (size > 1 ? (uint32_t)data[1] << 8 : 0);

        *text++ = pyon_base64_alphabet[bits >> 18];
        *text++ = pyon_base64_alphabet[bits >> 12 & 63];
        *text++ = size > 1 ? pyon_base64_alphabet[bits >> 6 & 63] : '=';
        *text++ = '=';
    }
}

static const unsigned char *decode(unsigned char *data, const unsigned char *text, size_t quanta)
{
    while (quanta > 0) {
        const unsigned char *sound = text, *end = text + 4 * pyon_base64_run(quanta);
        uint32_t foreign = 0;

        for (; text < end; text += 4, data += 3) {
            uint32_t a = pyon_base64_values[text[0]], b = pyon_base64_values[text[1]];
            uint32_t c = pyon_base64_values[text[2]], d = pyon_base64_values[text[3]];
            /* aaaaaabb bbbbcccc ccdddddd */
            uint32_t bits = a << 18 | b << 12 | c << 6 | d;

            foreign |= a | b | c | d;
            data[0] = (unsigned char)(bits >> 16);
            data[1] = (unsigned char)(bits >> 8);
            data[2] = (unsigned char)bits;
        }
        if (foreign & PYON_BASE64_FOREIGN)
            return sound;
        quanta -= (size_t)(text - sound) / 4;
    }
    return text;
}

const struct pyon_base64_codec pyon_base64_scalar = {"scalar", encode, decode};
