/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * How much of the C stack of a thread may be used.
 *
 * The walk over a value recurses, and so does Python over values that have been decoded, without
 * looking at the stack: to hash nested tuples, or to free nested slices. Programs may raise
 * sys.setrecursionlimit far beyond what the stack holds, or give threads a small one. So nothing
 * here goes further than to the middle of the stack; the other half is for what is called there.
 *
 * The place of a stack is asked for once in each thread: of the first one, that is slow. It stays
 * unknown where a program runs on another stack than that of the thread, as some with coroutines do,
 * and where /proc is not mounted. Python itself looks at no stack: there, it is trusted with what
 * Python dares on any stack by default, and no more.
 */
#include "room.h"

#include <pthread.h>

/* Bytes that an unknown stack has left: what encoding takes for the nesting that sipyco encodes. */
#define UNKNOWN ((size_t)192 << 10)
#define DARED 1000  /* levels of json on an unknown stack: the default of the recursion limit */
#define BRACKET 256 /* bytes that Python may need for each level of nesting, at most */
#if PY_VERSION_HEX >= 0x030B0000
#define LEVEL BRACKET /* the same for a level of wrap() in pyon.py */
#else
#define LEVEL 2048 /* where calls in Python take some of the stack, too */
#endif

static _Thread_local uintptr_t lowest;
static _Thread_local size_t size; /* 0 as long as it is not known */

static void find_stack(void)
{
#ifdef __linux__
    pthread_attr_t attributes;
    void *start;

    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
        if (pthread_attr_getstack(&attributes, &start, &size) == 0)
            lowest = (uintptr_t)start;
        pthread_attr_destroy(&attributes);
    }
#endif
}

static bool is_known(uintptr_t here)
{
    if (size == 0)
        find_stack();
    return here - lowest < size;
}

uintptr_t room_floor(void)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);

    return is_known(here) ? lowest + size / 2 : here - UNKNOWN;
}

/* How many levels of so many bytes each have room, and one more. */
static size_t room_for(size_t bytes)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0), floor;

    if (!is_known(here))
        return DARED;
    floor = lowest + size / 2;
    return here > floor ? (here - floor) / bytes + 1 : 1;
}

size_t room_for_brackets(size_t most)
{
    size_t count = room_for(BRACKET);

    return count < most ? count : most;
}

PyObject *room_levels(PyObject *module, PyObject *unused)
{
    (void)module, (void)unused;
    return PyLong_FromSize_t(room_for(LEVEL));
}
