/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A value that is read, written and read again is the same, in both layouts. And a value of version
 * 1, written in version 2 and read, has the same text again.
 */
#ifndef FUZZ_ROUNDTRIP_H
#define FUZZ_ROUNDTRIP_H

#include "../../tests/c/support/tree.h"
#include "fuzz.h"

/* The value of a text that was written. */
static inline struct tree *fuzz_read_again(struct tree_maker *maker,
                                           const struct pyon_dialect *dialect, const char *text,
                                           size_t length)
{
    struct pyon_error error;
    struct tree *tree = tree_parse(maker, dialect, text, length, NULL, &error);

    if (!tree)
        fuzz_fail(error.message, text);
    return tree;
}

/* Writes a value and reads it. It must be the same. */
static inline void fuzz_same(const struct pyon_dialect *dialect, const struct tree *tree,
                             bool pretty)
{
    struct tree_maker maker = {.height = 0};
    size_t length;
    char *text = tree_text(tree, dialect, pretty, &length);

    if (!tree_equal(tree, fuzz_read_again(&maker, dialect, text, length)))
        fuzz_fail("another value", text);
    tree_free(&maker);
    free(text);
}

/* Writes a value in version 2, reads it and writes it again. The text must be the same. */
static inline void fuzz_same_text(const struct tree *tree, bool pretty)
{
    struct tree_maker maker = {.height = 0};
    size_t length, again_length;
    char *text = tree_text(tree, &pyon_v2, pretty, &length), *again;

    again =
        tree_text(fuzz_read_again(&maker, &pyon_v2, text, length), &pyon_v2, pretty, &again_length);
    if (length != again_length || memcmp(text, again, length) != 0)
        fuzz_fail(again, text);
    tree_free(&maker);
    free(text);
    free(again);
}

static inline void fuzz_round_trip(const struct pyon_dialect *dialect, const uint8_t *data,
                                   size_t size)
{
    /* A tuple without brackets gets some. */
    struct pyon_options options = {.max_depth = 150};
    struct tree_maker maker = {.height = 0};
    struct pyon_error error;
    char *text = fuzz_text(data, size);
    struct tree *tree = tree_parse(&maker, dialect, text, size, &options, &error);

    for (int pretty = 0; tree && pretty < 2; pretty++) {
        fuzz_same(dialect, tree, pretty);
        /* Not values without a spelling in version 2: they would be written as in version 1. */
        if (!tree_has(tree, TREE_KEYWORD) && !tree_has(tree, TREE_BIGINT))
            fuzz_same_text(tree, pretty);
    }
    tree_free(&maker);
    free(text);
}

#endif
