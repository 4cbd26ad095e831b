/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Text to a JSON string in ASCII, with its quotes, as Python's json.dumps writes it:
 *
 *     "   \   BS  FF  LF  CR  TAB    \" \\ \b \f \n \r \t
 *     space to tilde                 unchanged
 *     anything else, DEL too         \u00e9, in lower case; above U+FFFF a surrogate pair
 *
 * The functions reserve the room that they need, and return 0 or -1.
 */
#ifndef PYON_ESCAPE_H
#define PYON_ESCAPE_H

#include "cpu.h"
#include "write/out.h"

/* `length` code points of `width` bytes each: 1, 2 or 4. */
PYON_INTERNAL int pyon_escape(struct pyon_out *out, const void *data, size_t length,
                              unsigned width);

/*
 * The same in parts: skips the first `done` code points, writes some hundred, and adds them to
 * `done`. The first part has the opening quote, and the last part, which makes `done` `length`, the
 * closing one. If `done` is NULL: all at once.
 */
PYON_INTERNAL int pyon_escape_part(struct pyon_out *out, const void *data, size_t length,
                                   unsigned width, size_t *done);

/* UTF-8 (see utf8.h); PYON_ERROR_UTF8 if it is not. */
PYON_INTERNAL int pyon_escape_utf8(struct pyon_out *out, const char *text, size_t length);

/* Bytes to a Python bytes literal in that quote, as repr() writes it; `done` as above. */
PYON_INTERNAL int pyon_escape_bytes(struct pyon_out *out, const void *data, size_t length,
                                    char quote, size_t *done);

#if PYON_X86
/*
 * Writes vectors of a text of bytes: up to one that has other special characters than quotes and
 * backslashes, or to the last that is whole. Returns the number of bytes taken, and moves `end`
 * after what is written. There is room for two bytes for each byte of text, and for a vector more.
 */
PYON_INTERNAL size_t pyon_escape_quotes_ssse3(char **end, const unsigned char *data, size_t length);

/*
 * Writes code points of `width` bytes, whatever they are. It reads steps of 16 bytes, of 8 if the
 * width is 1: after the last code point there are spaces up to the end of its step. There is room
 * for the longest escape of each code point and for 21 bytes more. Returns the end.
 */
PYON_INTERNAL char *pyon_escape_beyond_ssse3(char *p, const void *data, size_t length,
                                             unsigned width);
#endif

#endif
