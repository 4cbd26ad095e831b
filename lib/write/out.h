/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Storing text into struct pyon_out (see pyon.h). The pattern: reserve room for the worst case
 * once, then store without checks.
 *
 *     if (reserve(out, PYON_FTOA_SIZE) < 0)
 *         return -1;
 *     set_end(out, out->cur + pyon_ftoa(out->cur, value));
 */
#ifndef PYON_OUT_H
#define PYON_OUT_H

#include "base.h"

/* Makes sure that `need` bytes fit after out->cur. Returns 0 or -1. */
static inline int reserve(struct pyon_out *out, size_t need)
{
    int status = 0;

    if (PYON_UNLIKELY((size_t)(out->end - out->cur) < need))
        status = out->grow(out, need);
    PYON_ASSERT(status < 0 || (size_t)(out->end - out->cur) >= need);
    return status;
}

/* The text ends at `cur` now, after the bytes that have been stored. */
static inline void set_end(struct pyon_out *out, char *cur)
{
    PYON_ASSERT(cur >= out->start && cur <= out->end);
    out->cur = cur;
}

/* Appends `length` bytes. Returns 0 or -1. */
static inline int append(struct pyon_out *out, const char *text, size_t length)
{
    if (length == 0) /* there may be no block yet */
        return 0;
    if (reserve(out, length) < 0)
        return -1;
    memcpy(out->cur, text, length);
    set_end(out, out->cur + length);
    return 0;
}

#endif
