/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The codecs of pyon_base64_encode and pyon_base64_decode (see pyon.h). Each instruction set has a
 * file <isa>.c with the same two functions in a struct pyon_base64_codec; cpu.h decides which one
 * is used.
 *
 * A quantum is three bytes, or the four characters that they become. All files draw its 24 bits by
 * the four 6-bit values, a to d, with the highest bit first:
 *
 *     bytes        aaaaaabb bbbbcccc ccdddddd
 *     characters   00aaaaaa 00bbbbbb 00cccccc 00dddddd   (their values in the alphabet)
 */
#ifndef PYON_BASE64_BASE64_H
#define PYON_BASE64_BASE64_H

#include "cpu.h"

struct pyon_base64_codec {
    const char *name;
    /* Fills the text of `size` bytes, padding included. */
    void (*encode)(char *text, const unsigned char *data, size_t size);
    /*
     * Fills `data` from whole quanta without padding. Returns the place up to which the text is
     * known to be sound: its end; or the start of a quantum, if a foreign character stands in the
     * run of steps that begins there.
     */
    const unsigned char *(*decode)(unsigned char *data, const unsigned char *text, size_t quanta);
};

/* The alphabet, and its inverse: PYON_BASE64_FOREIGN for other characters, "=" included. */
#define PYON_BASE64_FOREIGN 0x80
extern PYON_INTERNAL const char pyon_base64_alphabet[65];
extern PYON_INTERNAL const unsigned char pyon_base64_values[256];

extern PYON_INTERNAL const struct pyon_base64_codec pyon_base64_scalar;
#if PYON_X86
extern PYON_INTERNAL const struct pyon_base64_codec pyon_base64_ssse3;
extern PYON_INTERNAL const struct pyon_base64_codec pyon_base64_avx2;
extern PYON_INTERNAL const struct pyon_base64_codec pyon_base64_avx512;
#elif PYON_AARCH64
extern PYON_INTERNAL const struct pyon_base64_codec pyon_base64_neon;
#endif

/*
 * Decoding notes foreign characters in every step, but looks at the note only after a run of steps.
 * That costs nothing and is often enough. Returns how many of `steps` make the next run.
 */
static inline size_t pyon_base64_run(size_t steps)
{
    return steps < 64 ? steps : 64;
}

/* The codec in use. */
PYON_INTERNAL const struct pyon_base64_codec *pyon_base64_codec(void);

#endif
