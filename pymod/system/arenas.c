/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Arenas in huge pages.
 *
 * Two arenas are one mapping of 2 MiB, at a multiple of that, for which huge pages are advised. Only
 * the function that makes arenas is exchanged, and only for a while. CPython frees them later, one by
 * one, by its own function, which calls munmap. So nothing is exchanged unless its own functions are
 * there.
 */
#include "system/arenas.h"

#if defined(__linux__) && !defined(Py_GIL_DISABLED)

#include <dlfcn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define ARENA ((size_t)1 << 20)
#define HUGE_PAGE ((size_t)2 << 20)

static PyObjectArenaAllocator original; /* as it was before; known to be CPython's */
static _Atomic(char *) spare;           /* the second half of a mapping, or NULL */

static void drop_spare(void)
{
    char *arena = atomic_exchange(&spare, NULL);

    if (arena)
        munmap(arena, ARENA);
}

/* A mapping of the size of a huge page, at a multiple of it; or NULL. */
static char *map_huge_page(void)
{
    char *start =
        mmap(NULL, 2 * HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    size_t before;

    if (start == MAP_FAILED)
        return NULL;
    before = (HUGE_PAGE - (uintptr_t)start % HUGE_PAGE) % HUGE_PAGE;
    if (before > 0)
        munmap(start, before);
    munmap(start + before + HUGE_PAGE, HUGE_PAGE - before);
    madvise(start + before, HUGE_PAGE, MADV_HUGEPAGE);
    return start + before;
}

/* Other interpreters, each with a lock of its own, may call this at the same time. */
static void *make_arena(void *context, size_t size)
{
    char *arena;

    if (size != ARENA)
        return original.alloc(context, size);
    arena = atomic_exchange(&spare, NULL);
    if (arena)
        return arena;
    arena = map_huge_page();
    if (!arena)
        return original.alloc(context, size);
    drop_spare();
    atomic_store(&spare, arena + ARENA);
    return arena;
}

/* Are these the functions of CPython itself? On Linux they call mmap and munmap. */
static bool are_known(const PyObjectArenaAllocator *allocator)
{
    Dl_info interpreter, alloc, release;

    return !allocator->ctx && dladdr((void *)(uintptr_t)PyObject_Malloc, &interpreter) &&
           dladdr((void *)(uintptr_t)allocator->alloc, &alloc) &&
           dladdr((void *)(uintptr_t)allocator->free, &release) &&
           alloc.dli_fbase == interpreter.dli_fbase && release.dli_fbase == interpreter.dli_fbase;
}

/* Asked each time, so that a program can change its mind by os.environ. */
static bool are_wanted(void)
{
    const char *answer = getenv("FASTPYON_HUGE_PAGES");

    return !answer || strcmp(answer, "0") != 0;
}

bool arenas_begin(void)
{
    PyObjectArenaAllocator allocator;

    if (!are_wanted() || PyInterpreterState_Get() != PyInterpreterState_Main())
        return false;
    PyObject_GetArenaAllocator(&allocator);
    if (allocator.alloc == make_arena)
        return false;
    /* To look for them takes longer than to decode an array. */
    if ((allocator.alloc != original.alloc || allocator.free != original.free) &&
        !are_known(&allocator))
        return false;
    original = allocator;
    allocator.alloc = make_arena;
    PyObject_SetArenaAllocator(&allocator);
    return true;
}

/* If a program has exchanged the functions meanwhile, it may call ours: they stay right. */
void arenas_end(void)
{
    PyObjectArenaAllocator allocator;

    PyObject_GetArenaAllocator(&allocator);
    if (allocator.alloc == make_arena)
        PyObject_SetArenaAllocator(&original);
    drop_spare();
}

#else

bool arenas_begin(void)
{
    return false;
}

void arenas_end(void)
{
}

#endif
