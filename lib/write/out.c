/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The growth of an output, and the output in memory from malloc.
 *
 * Small blocks double, so that few bytes are moved. Blocks from 1 MiB on grow by a fifth: there
 * realloc moves pages and not bytes, and the peak stays close to the size of the text.
 */
#include "write/out.h"
#include "pyon_host.h"

#include <stdlib.h>
#if defined(__GLIBC__)
#include <sys/mman.h>
#endif

#define FIRST_CAPACITY 512
#define LARGE ((size_t)1 << 20)
#define LARGE_MAPPING ((size_t)4 << 20) /* contains at least one huge page */
#define PAGE 4096                       /* if pages are larger, madvise may refuse: no harm */
#define HEADER (2 * sizeof(size_t))     /* of malloc, before a block */

size_t pyon_out_capacity(size_t used, size_t capacity, size_t need)
{
    size_t step = capacity < LARGE ? capacity : capacity / 5;
    size_t wanted;

    if (need > PTRDIFF_MAX - used)
        return 0;
    wanted = used + need;
    if (wanted < FIRST_CAPACITY)
        wanted = FIRST_CAPACITY;
    if (step <= PTRDIFF_MAX - capacity && wanted < capacity + step)
        wanted = capacity + step;
    return wanted;
}

#if defined(__GLIBC__) && defined(MADV_HUGEPAGE)

void pyon_advise_large(void *block, size_t size)
{
    size_t header = (uintptr_t)block % PAGE;

    /* A block that malloc maps alone begins after a header at the start of a page. A block of the
       heap must not be advised, since the advice would outlive it; one in 256 begins at the same
       place and is advised, which does no harm. The whole mapping is advised, because realloc
       cannot move one that differs in its parts, and would copy: so header, block and a word, in
       whole pages. */
    if (size >= LARGE_MAPPING && size <= PTRDIFF_MAX && header == HEADER)
        madvise((char *)block - header, HEADER + size + sizeof(size_t), MADV_HUGEPAGE);
}

#else

/* Other systems choose the size of a page by themselves, or have only one. */
void pyon_advise_large(void *block, size_t size)
{
    (void)block, (void)size;
}

#endif

static int grow_memory(struct pyon_out *out, size_t need)
{
    size_t used = (size_t)(out->cur - out->start);
    size_t capacity = pyon_out_capacity(used, (size_t)(out->end - out->start), need);
    char *block = capacity ? realloc(out->start, capacity) : NULL;

    if (!block) {
        out->code = PYON_ERROR_MEMORY;
        return -1;
    }
    pyon_advise_large(block, capacity);
    out->start = block;
    out->cur = block + used;
    out->end = block + capacity;
    return 0;
}

void pyon_out_init(struct pyon_out *out)
{
    *out = (struct pyon_out){.grow = grow_memory};
}

char *pyon_out_detach(struct pyon_out *out, size_t *length)
{
    char *text = NULL;

    if (append(out, "", 1) == 0) {
        *length = (size_t)(out->cur - out->start) - 1;
        text = realloc(out->start, *length + 1);
        if (!text)
            text = out->start; /* it could not shrink: the old block is good enough */
        out->start = out->cur = out->end = NULL;
    }
    return text;
}

void pyon_out_free(struct pyon_out *out)
{
    free(out->start);
    out->start = out->cur = out->end = NULL;
}
