/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Memory between two pages that cannot be read. So a test sees each byte that is read too far,
 * without a sanitizer and at every alignment. The memory stays until the program ends.
 */
#ifndef PYON_PAGES_H
#define PYON_PAGES_H

#include <stdlib.h>

#if defined(_WIN32)

#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>
#undef near
#undef far

static inline size_t pages_size(void)
{
    SYSTEM_INFO info;

    GetSystemInfo(&info);
    return info.dwPageSize;
}

/* Pages that are not committed cannot be read. */
static inline char *pages_new(size_t count)
{
    const size_t page = pages_size();
    char *block = VirtualAlloc(NULL, (count + 2) * page, MEM_RESERVE, PAGE_NOACCESS);

    if (!block || !VirtualAlloc(block + page, count * page, MEM_COMMIT, PAGE_READWRITE))
        abort();
    return block + page;
}

#else

#include <sys/mman.h>
#include <unistd.h>

/* The bytes of a page. */
static inline size_t pages_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* `count` pages. */
static inline char *pages_new(size_t count)
{
    const size_t page = pages_size(), size = count * page;
    char *block =
        mmap(NULL, size + 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (block == MAP_FAILED || mprotect(block, page, PROT_NONE) < 0 ||
        mprotect(block + page + size, page, PROT_NONE) < 0)
        abort();
    return block + page;
}

#endif

#endif
