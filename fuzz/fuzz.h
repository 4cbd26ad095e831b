/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the targets share. */
#ifndef FUZZ_H
#define FUZZ_H

#include "pyon.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A finding: says what it is, and ends. */
static inline void fuzz_fail(const char *what, const char *text)
{
    fprintf(stderr, "%s, with:\n%s\n", what, text);
    abort();
}

/* The input as a text: with a NUL behind it, in a block of exactly that size. New: free() it. */
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

/* Checks the syntax of the input. An error must lie within the text and have a message. */
static inline void fuzz_parse(const struct pyon_dialect *dialect, const uint8_t *data, size_t size)
{
    struct pyon_error error;
    char *text = fuzz_text(data, size);

    if (pyon_parse(dialect, text, size, &pyon_null_builder, NULL, NULL, &error) < 0) {
        size_t line, column;

        if (error.offset > size || error.length > size - error.offset || !error.message)
            fuzz_fail("an error somewhere else", text);
        pyon_locate(text, error.offset, &line, &column);
    }
    free(text);
}

#endif
