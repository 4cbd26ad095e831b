/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Parts of the tests of numbers: doubles by their bits (number/bits.h), and words of a table. */
#ifndef NUMBERS_H
#define NUMBERS_H

#include "number/bits.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static inline bool same(double a, double b)
{
    return to_bits(a) == to_bits(b);
}

/* Takes the next word of a string, if there is one. */
static inline bool next_word(const char **words, char word[100])
{
    size_t length = strcspn(*words, " ");

    snprintf(word, 100, "%.*s", (int)length, *words);
    *words += length;
    *words += strspn(*words, " ");
    return length > 0;
}

#endif
