/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Base64 with NEON: 48 bytes to 64 characters at a time, and back.
 *
 * The loads and stores of this instruction set separate the members of groups of three or four: the
 * first bytes of 16 quanta are one vector, the second bytes the next. Four registers together are a
 * table of 64 bytes: the alphabet is one such table, its inverse two. No load or store passes an
 * end.
 */
#include "base64/base64.h"

#if PYON_AARCH64

#include <arm_neon.h>

static void encode(char *text, const unsigned char *data, size_t size)
{
    const uint8x16x4_t letters = vld1q_u8_x4((const uint8_t *)pyon_base64_alphabet);
    const uint8x16_t six = vdupq_n_u8(0x3f);

    for (; size >= 48; size -= 48, data += 48, text += 64) {
        uint8x16x3_t in = vld3q_u8(data);
        uint8x16x4_t out;

        /* "Shift left and insert" (vsli) puts the upper bits above those that are shifted right.
             in.val    aaaaaabb bbbbcccc ccdddddd
             out.val   00aaaaaa 00bbbbbb 00cccccc 00dddddd */
        out.val[0] = vshrq_n_u8(in.val[0], 2);
        out.val[1] = vandq_u8(vsliq_n_u8(vshrq_n_u8(in.val[1], 4), in.val[0], 4), six);
        out.val[2] = vandq_u8(vsliq_n_u8(vshrq_n_u8(in.val[2], 6), in.val[1], 2), six);
        out.val[3] = vandq_u8(in.val[2], six);
        out.val[0] = vqtbl4q_u8(letters, out.val[0]);
        out.val[1] = vqtbl4q_u8(letters, out.val[1]);
        out.val[2] = vqtbl4q_u8(letters, out.val[2]);
        out.val[3] = vqtbl4q_u8(letters, out.val[3]);
        vst4q_u8((uint8_t *)text, out);
    }
    pyon_base64_scalar.encode(text, data, size);
}

/*
 * Characters to 6-bit values. Sets bit 7 of `foreign` for characters that are not of the alphabet.
 * Its inverse is in `lower` for characters below 64, in `upper` from there to 127.
 */
static inline uint8x16_t to_values(uint8x16_t in, uint8x16x4_t lower, uint8x16x4_t upper,
                                   uint8x16_t *foreign)
{
    uint8x16_t values = vqtbl4q_u8(lower, in); /* 0 for characters from 64 on */

    values = vqtbx4q_u8(values, upper, veorq_u8(in, vdupq_n_u8(64)));
    *foreign = vorrq_u8(*foreign, vorrq_u8(in, values)); /* bit 7 of `in`: not ASCII */
    return values;
}

static const unsigned char *decode(unsigned char *data, const unsigned char *text, size_t quanta)
{
    const uint8x16x4_t lower = vld1q_u8_x4(pyon_base64_values);
    const uint8x16x4_t upper = vld1q_u8_x4(pyon_base64_values + 64);

    while (quanta >= 16) {
        const unsigned char *sound = text, *end = text + 64 * pyon_base64_run(quanta / 16);
        uint8x16_t foreign = vdupq_n_u8(0);

        for (; text < end; text += 64, data += 48) {
            uint8x16x4_t in = vld4q_u8(text);
            uint8x16_t a = to_values(in.val[0], lower, upper, &foreign);
            uint8x16_t b = to_values(in.val[1], lower, upper, &foreign);
            uint8x16_t c = to_values(in.val[2], lower, upper, &foreign);
            uint8x16_t d = to_values(in.val[3], lower, upper, &foreign);
            uint8x16x3_t out;

            /* a to d    00aaaaaa 00bbbbbb 00cccccc 00dddddd
               out.val   aaaaaabb bbbbcccc ccdddddd */
            out.val[0] = vsliq_n_u8(vshrq_n_u8(b, 4), a, 2);
            out.val[1] = vsliq_n_u8(vshrq_n_u8(c, 2), b, 4);
            out.val[2] = vsliq_n_u8(d, c, 6);
            vst3q_u8(data, out);
        }
        if (vmaxvq_u8(foreign) >= PYON_BASE64_FOREIGN)
            return sound;
        quanta -= (size_t)(text - sound) / 4;
    }
    return pyon_base64_scalar.decode(data, text, quanta);
}

const struct pyon_base64_codec pyon_base64_neon = {"neon", encode, decode};

#endif
