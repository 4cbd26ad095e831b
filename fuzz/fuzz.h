/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the targets share: text with a NUL behind it, in a block of exactly that size. */
#ifndef FUZZ_H
#define FUZZ_H

#include "pyon.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Checks the syntax of the input. An error must lie within the text and have a message. */
static inline void fuzz_parse(const struct pyon_dialect *dialect, const uint8_t *data, size_t size)
{
    struct pyon_error error;
    char *text = malloc(size + 1);

    if (!text)
        return;
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    if (pyon_parse(dialect, text, size, &pyon_null_builder, NULL, NULL, &error) < 0) {
        size_t line, column;

        if (error.offset > size || error.length > size - error.offset || !error.message)
            abort();
        pyon_locate(text, error.offset, &line, &column);
    }
    free(text);
}

#endif
