/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Memory that ends with a page; the page after it cannot be read (pages.h).
 *
 *     char *end = edge_of(size);             after the last of `size` bytes
 *     char *text = memcpy(end - n, data, n);
 *     edge_out(&out, end);                   an output that always ends there
 */
#ifndef PYON_EDGE_H
#define PYON_EDGE_H

#include "pages.h"
#include "pyon.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The memory stays until the program ends. */
static inline char *edge_of(size_t size)
{
    size_t page = pages_size(), count = (size + page - 1) / page;

    return pages_new(count) + count * page;
}

/* The first byte of the last page of that memory: before it is a page that cannot be read if the size is not above that
   of a page. */
static inline char *edge_begin(char *end)
{
    return end - pages_size();
}

/* The text moves to the left, by just what is missing. */
static inline int edge_grow(struct pyon_out *out, size_t need)
{
    size_t used = (size_t)(out->cur - out->start);

    out->start = memmove(out->end - need - used, out->start, used);
    out->cur = out->end - need;
    return 0;
}

/* An output that has as much room as is asked for and no more, up to `end` of edge_of(). It owns
   nothing. */
static inline void edge_out(struct pyon_out *out, char *end)
{
    *out = (struct pyon_out){.start = end, .cur = end, .end = end, .grow = edge_grow};
}

/* Random numbers, the same in each run (D. Knuth's MMIX generator). */
static inline uint32_t edge_random(void)
{
    static uint64_t state = 1;

    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33);
}

#endif
