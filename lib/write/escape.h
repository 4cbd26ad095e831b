/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Text to a JSON string in ASCII, in its quotes, as Python's json.dumps writes it: the short
 * escapes \" \\ \b \f \n \r \t, and \uXXXX in lower case for everything else outside space to
 * tilde (DEL too), as a surrogate pair above U+FFFF.
 *
 * Reserves what it needs, returns 0 or -1.
 */
#ifndef PYON_ESCAPE_H
#define PYON_ESCAPE_H

#include "write/out.h"

/* `length` code points of `width` 1, 2 or 4 bytes. */
PYON_INTERNAL int pyon_escape(struct pyon_out *out, const void *data, size_t length,
                              unsigned width);

/*
 * The same behind the first `done` of them, by some hundred, which become done. The quotes stand
 * at both ends of the whole, which is written when `done` is `length`. NULL: all at once.
 */
PYON_INTERNAL int pyon_escape_part(struct pyon_out *out, const void *data, size_t length,
                                   unsigned width, size_t *done);

/* UTF-8 (see utf8.h); PYON_ERROR_UTF8 if it is not that. */
PYON_INTERNAL int pyon_escape_utf8(struct pyon_out *out, const char *text, size_t length);

/* Bytes to a Python bytes literal with that quote, as repr() writes it; `done` likewise. */
PYON_INTERNAL int pyon_escape_bytes(struct pyon_out *out, const void *data, size_t length,
                                    char quote, size_t *done);

#endif
