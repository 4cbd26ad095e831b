/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The part of the C stack of a thread that may be used.
 *
 * The walk over a value recurses. Python recurses over values that have been decoded, too, and does
 * not look at the stack: it hashes nested tuples and frees nested slices in this way. A program may
 * set a recursion limit that is too large for the stack, or give a thread a small stack. So pymod/
 * uses at most half of the stack; the other half is for the functions that are called there.
 *
 * Each thread looks for its stack once; in the first thread, this is slow. The stack is unknown if
 * a program runs on another stack than that of the thread, as some coroutines do, and if /proc is
 * not mounted. There, as many levels are allowed as Python allows on any stack by default.
 */
#include "room.h"
#include "system/stack.h"

/* Bytes of an unknown stack that may be used: enough to encode as many levels as sipyco. */
#define UNKNOWN ((size_t)192 << 10)
#define DARED 1000  /* levels on an unknown stack: the default recursion limit */
#define BRACKET 256 /* bytes that Python needs for a level of nesting, at most */
#if PY_VERSION_HEX >= 0x030B0000
#define LEVEL BRACKET /* bytes for a level of wrap() in pyon.py */
#else
#define LEVEL 2048 /* before 3.11, a call in Python takes some of the C stack, too */
#endif

static _Thread_local uintptr_t lowest;
static _Thread_local size_t size; /* 0 as long as it is not known */

static bool is_known(uintptr_t here)
{
    if (size == 0)
        stack_find(&lowest, &size);
    return here - lowest < size;
}

uintptr_t room_floor(void)
{
    uintptr_t here = (uintptr_t)__builtin_frame_address(0);

    return is_known(here) ? lowest + size / 2 : here - UNKNOWN;
}

/* The number of levels, of that many bytes each, for which there is room, and 1 more. */
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
