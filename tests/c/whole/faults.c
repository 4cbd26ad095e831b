/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The memory that fails: see faults.h. This file itself uses the memory of libc. */
#undef malloc
#undef calloc
#undef realloc
#undef free

#include "faults.h"

#include <stdint.h>
#include <stdlib.h>

static size_t count, fail_at = SIZE_MAX, live;
static bool fail_all, failed;

void *faulty_malloc(size_t size);
void *faulty_calloc(size_t count, size_t size);
void *faulty_realloc(void *old, size_t size);
void faulty_free(void *block);

static bool fails(void)
{
    size_t number = count++;
    bool now = number == fail_at || (fail_all && number > fail_at);

    failed |= now;
    return now;
}

void *faulty_malloc(size_t size)
{
    return faulty_realloc(NULL, size);
}

void *faulty_calloc(size_t members, size_t size)
{
    void *block = fails() ? NULL : calloc(members, size);

    live += block != NULL;
    return block;
}

void *faulty_realloc(void *old, size_t size)
{
    void *block = fails() ? NULL : realloc(old, size);

    live += block && !old;
    return block;
}

void faulty_free(void *block)
{
    live -= block != NULL;
    free(block);
}

void faults_start(size_t at, bool all)
{
    count = 0;
    fail_at = at;
    fail_all = all;
    failed = false;
}

bool faults_stop(void)
{
    fail_at = SIZE_MAX;
    fail_all = false;
    return failed;
}

size_t faults_live(void)
{
    return live;
}
