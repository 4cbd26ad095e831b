/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Copies in memory of exactly their size, so that a sanitizer or valgrind sees each byte that is
 * read too far: new, free() them.
 */
#ifndef PYON_EXACT_H
#define PYON_EXACT_H

#include <stdlib.h>
#include <string.h>

static inline char *exact_room(size_t size)
{
    char *room = malloc(size > 0 ? size : 1);

    if (!room)
        abort();
    return room;
}

static inline char *exact_copy(const void *data, size_t size)
{
    char *copy = exact_room(size);

    if (size > 0)
        memcpy(copy, data, size);
    return copy;
}

/* With a NUL after it, as the parser wants its text. */
static inline char *exact_text(const char *text, size_t length)
{
    char *copy = exact_room(length + 1);

    if (length > 0)
        memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

#endif
