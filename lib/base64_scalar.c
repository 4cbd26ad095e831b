/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Base64 in portable C: three bytes to four characters through the alphabet, four characters to
 * three bytes through its inverse. The inverse knows no foreign characters, "=" included;
 * the values of a run are OR-ed, so that one test at its end finds any.
 */
#include "base64.h"

#define RUN 64 /* quanta between two tests */

static const char alphabet[64] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* The place of c in the alphabet plus one; 0 for foreign characters. */
#define ROW(c, v) [c] = (v) + 1
static const unsigned char places[256] = {
    ROW('A', 0),  ROW('B', 1),  ROW('C', 2),  ROW('D', 3),  ROW('E', 4),  ROW('F', 5),
    ROW('G', 6),  ROW('H', 7),  ROW('I', 8),  ROW('J', 9),  ROW('K', 10), ROW('L', 11),
    ROW('M', 12), ROW('N', 13), ROW('O', 14), ROW('P', 15), ROW('Q', 16), ROW('R', 17),
    ROW('S', 18), ROW('T', 19), ROW('U', 20), ROW('V', 21), ROW('W', 22), ROW('X', 23),
    ROW('Y', 24), ROW('Z', 25), ROW('a', 26), ROW('b', 27), ROW('c', 28), ROW('d', 29),
    ROW('e', 30), ROW('f', 31), ROW('g', 32), ROW('h', 33), ROW('i', 34), ROW('j', 35),
    ROW('k', 36), ROW('l', 37), ROW('m', 38), ROW('n', 39), ROW('o', 40), ROW('p', 41),
    ROW('q', 42), ROW('r', 43), ROW('s', 44), ROW('t', 45), ROW('u', 46), ROW('v', 47),
    ROW('w', 48), ROW('x', 49), ROW('y', 50), ROW('z', 51), ROW('0', 52), ROW('1', 53),
    ROW('2', 54), ROW('3', 55), ROW('4', 56), ROW('5', 57), ROW('6', 58), ROW('7', 59),
    ROW('8', 60), ROW('9', 61), ROW('+', 62), ROW('/', 63),
};
#undef ROW

static void encode(char *text, const unsigned char *data, size_t size)
{
    for (; size >= 3; size -= 3, data += 3) {
        uint32_t bits = (uint32_t)data[0] << 16 | (uint32_t)data[1] << 8 | data[2];

        *text++ = alphabet[bits >> 18];
        *text++ = alphabet[bits >> 12 & 63];
        *text++ = alphabet[bits >> 6 & 63];
        *text++ = alphabet[bits & 63];
    }
    if (size > 0) {
        uint32_t bits = (uint32_t)data[0] << 16 | (size > 1 ? (uint32_t)data[1] << 8 : 0);

        *text++ = alphabet[bits >> 18];
        *text++ = alphabet[bits >> 12 & 63];
        *text++ = size > 1 ? alphabet[bits >> 6 & 63] : '=';
        *text++ = '=';
    }
}

static int decode(unsigned char *data, const unsigned char *text, size_t quanta)
{
    while (quanta > 0) {
        size_t run = quanta < RUN ? quanta : RUN;
        uint32_t foreign = 0;

        for (size_t i = 0; i < run; i++, text += 4, data += 3) {
            /* A foreign character is 0 - 1: all bits set. */
            uint32_t a = places[text[0]] - 1u, b = places[text[1]] - 1u;
            uint32_t c = places[text[2]] - 1u, d = places[text[3]] - 1u;
            uint32_t bits = a << 18 | b << 12 | c << 6 | d;

            foreign |= a | b | c | d;
            data[0] = (unsigned char)(bits >> 16);
            data[1] = (unsigned char)(bits >> 8);
            data[2] = (unsigned char)bits;
        }
        if (foreign >> 6)
            return -1;
        quanta -= run;
    }
    return 0;
}

const struct pyon_base64_codec pyon_base64_scalar = {"scalar", encode, decode};
