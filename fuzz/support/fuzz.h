/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* For all targets. */
#ifndef FUZZ_H
#define FUZZ_H

#include "pyon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A finding: writes a message and aborts. */
static inline void fuzz_fail_bytes(const char *what, const char *data, size_t size)
{
    fprintf(stderr, "%s, with:\n%.*s\n", what, (int)size, data);
    abort();
}

/* The same for a text with a NUL after it. */
static inline void fuzz_fail(const char *what, const char *text)
{
    fuzz_fail_bytes(what, text, strlen(text));
}

/* The input as a text: with a NUL after it, in a block of exactly that size. New: free() it. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    if (!text)
        abort();
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

#endif
