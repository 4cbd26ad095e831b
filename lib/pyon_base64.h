/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Base64 of the standard alphabet with padding, without line ends: "AAEC" for the bytes 0, 1, 2.
 * Arrays and bytes are written in it. pyon.h includes this file.
 */
#ifndef PYON_BASE64_H
#define PYON_BASE64_H

#include <stddef.h>

#ifndef PYON_API
#error "include pyon.h"
#endif

/* Returns the number of characters for `size` bytes; SIZE_MAX on overflow. */
PYON_API size_t pyon_base64_encoded_size(size_t size);

/*
 * Fills `size` with the number of bytes that a canonical text of `length` characters stands for.
 * The length of such a text is a multiple of 4, and "=" is only padding. Looks at the length and
 * the padding alone. Returns 0, or -1 if the length is wrong.
 */
PYON_API int pyon_base64_decoded_size(const char *text, size_t length, size_t *size);

/* Fills `text` with pyon_base64_encoded_size(size) characters, without a NUL. */
PYON_API void pyon_base64_encode(char *text, const void *data, size_t size);

/*
 * Fills `data` with the bytes of a text; pyon_base64_decoded_size() tells how many. Strict: returns
 * -1 if any character is foreign or unused bits are set. So if the text is accepted, encoding
 * `data` gives the same text again. After a failure the content of `data` is undefined; if the
 * length is wrong, nothing has been written.
 *
 * On failure fills `where`, which may be NULL, with the offset of the first character that does not
 * belong:
 *   - a foreign character;
 *   - "=" where there is no padding, or the character in the place of the second "=" or after it;
 *   - the character before the padding, if it sets unused bits;
 *   - `length`, if the text ends too early.
 */
PYON_API int pyon_base64_decode(void *data, const char *text, size_t length, size_t *where);

#endif
