/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The codecs behind pyon_base64_encode and pyon_base64_decode (see pyon.h). Each instruction set
 * has a file base64_<isa>.c with the same two functions in a struct pyon_base64_codec; which of
 * them is used, cpu.h decides.
 */
#ifndef PYON_BASE64_H
#define PYON_BASE64_H

#include "cpu.h"

struct pyon_base64_codec {
    const char *name;
    /* Fills the text of `size` bytes, padding included. */
    void (*encode)(char *text, const unsigned char *data, size_t size);
    /* Fills `data` from whole quanta of four characters without padding: 0, or -1 if one is
       foreign. */
    int (*decode)(unsigned char *data, const unsigned char *text, size_t quanta);
};

extern PYON_INTERNAL const struct pyon_base64_codec pyon_base64_scalar;
#if PYON_X86
extern PYON_INTERNAL const struct pyon_base64_codec pyon_base64_ssse3;
extern PYON_INTERNAL const struct pyon_base64_codec pyon_base64_avx2;
extern PYON_INTERNAL const struct pyon_base64_codec pyon_base64_avx512;
#endif

/* The one in use. */
PYON_INTERNAL const struct pyon_base64_codec *pyon_base64_codec(void);

#endif
