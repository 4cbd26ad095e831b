/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Memory that ends with a page; the page after it cannot be read. So a test sees each byte that is
 * read too far, without a sanitizer and at every alignment.
 *
 *     char *end = edge_of(size);             after the last of `size` bytes
 *     char *text = memcpy(end - n, data, n);
 *     edge_out(&out, end);                   an output that always ends there
 */
#ifndef PYON_EDGE_H
#define PYON_EDGE_H

#include "pyon.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The memory stays until the program ends. */
static inline char *edge_of(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (size + page - 1) / page * page;
    char *block =
        mmap(NULL, room + 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (block == MAP_FAILED || mprotect(block, page, PROT_NONE) < 0 ||
        mprotect(block + page + room, page, PROT_NONE) < 0)
        abort();
    return block + page + room;
}

/* The first byte of the last page of that memory: before it is a page that cannot be read if the size is not above that
   of a page. */
static inline char *edge_begin(char *end)
{
    return end - sysconf(_SC_PAGESIZE);
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
