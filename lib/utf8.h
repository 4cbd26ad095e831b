/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * UTF-8 as this library reads it. A surrogate may stand as three bytes, since Python strings may
 * hold surrogates (Python calls this "surrogatepass"). Everything else is strict: the shortest
 * form, nothing above U+10FFFF.
 */
#ifndef PYON_UTF8_H
#define PYON_UTF8_H

#include "base.h"

#define PYON_UTF8_MAX 4 /* the most bytes of a code point */

/*
 * Fills the code point that starts at `p`, which is before `end`, and returns the place after it.
 * Returns NULL if the bytes are not UTF-8.
 */
PYON_INTERNAL const char *pyon_utf8_next(const char *p, const char *end, uint32_t *code_point);

/* The number of bytes of valid UTF-8 at the start of `text`: `length` if all of it is valid. */
PYON_INTERNAL size_t pyon_utf8_valid(const char *text, size_t length);

/* Stores a code point of at most U+10FFFF. Returns the place after its last byte. */
static inline char *pyon_utf8_put(char *p, uint32_t c)
{
    PYON_ASSERT(c <= 0x10ffff);
    if (c < 0x80) {
        *p++ = (char)c;
    } else if (c < 0x800) {
        *p++ = (char)(0xc0 | c >> 6);
        *p++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *p++ = (char)(0xe0 | c >> 12);
        *p++ = (char)(0x80 | (c >> 6 & 0x3f));
        *p++ = (char)(0x80 | (c & 0x3f));
    } else {
        *p++ = (char)(0xf0 | c >> 18);
        *p++ = (char)(0x80 | (c >> 12 & 0x3f));
        *p++ = (char)(0x80 | (c >> 6 & 0x3f));
        *p++ = (char)(0x80 | (c & 0x3f));
    }
    return p;
}

#endif
