/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The C stack of a thread, as each system tells it. */
#include "system/stack.h"

#if defined(_WIN32)

#include <windows.h>

void stack_find(uintptr_t *lowest, size_t *size)
{
    ULONG_PTR low, high;

    GetCurrentThreadStackLimits(&low, &high);
    *lowest = low;
    *size = high - low;
}

#elif defined(__linux__)

#include <pthread.h>

void stack_find(uintptr_t *lowest, size_t *size)
{
    pthread_attr_t attributes;
    void *start;

    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
        if (pthread_attr_getstack(&attributes, &start, size) == 0)
            *lowest = (uintptr_t)start;
        pthread_attr_destroy(&attributes);
    }
}

#elif defined(__APPLE__)

#include <pthread.h>

/* The first function tells the highest address. */
void stack_find(uintptr_t *lowest, size_t *size)
{
    uintptr_t highest = (uintptr_t)pthread_get_stackaddr_np(pthread_self());

    *size = pthread_get_stacksize_np(pthread_self());
    *lowest = highest - *size;
}

#else

void stack_find(uintptr_t *lowest, size_t *size)
{
    (void)lowest, (void)size;
}

#endif
