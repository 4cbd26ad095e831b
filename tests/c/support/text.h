/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Texts of the tests: two functions of POSIX that Windows lacks. */
#ifndef PYON_TEXT_H
#define PYON_TEXT_H

#include <stdlib.h>
#include <string.h>

/* Copies a text with its NUL. Returns the place of the NUL. */
static inline char *text_put(char *p, const char *text)
{
    const size_t length = strlen(text);

    memcpy(p, text, length + 1);
    return p + length;
}

/* A new text: the first `length` characters; if there are none, `text` may be NULL. */
static inline char *text_start(const char *text, size_t length)
{
    char *copy = malloc(length + 1);

    if (!copy)
        abort();
    if (length > 0)
        memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

#endif
