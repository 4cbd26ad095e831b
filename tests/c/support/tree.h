/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Values as trees: the meaning of a text, to be compared, changed and written again.
 *
 *     struct tree_maker maker = {.height = 0};
 *     struct tree *tree = tree_parse(&maker, &pyon_v1, text, length, NULL, &error);
 *     ... tree_text(tree, &pyon_v1, true, &length)
 *     tree_free(&maker);
 *
 * Two differences are removed that reading and writing cannot show, in the reference neither:
 *   - a string holds UTF-16 units, each as three bytes of UTF-8 above U+07FF: a code point above
 *     U+FFFF is written as a surrogate pair, which version 2 joins and version 1 does not;
 *   - a complex number of version 1 has no -0.0, infinities and NaN, since its text is a sum.
 */
#ifndef PYON_TREE_H
#define PYON_TREE_H

#include "pyon.h"

enum tree_kind {
    TREE_NULL,
    TREE_BOOLEAN,
    TREE_INTEGER,
    TREE_BIGINT, /* `text`: [-]digits */
    TREE_REAL,
    TREE_COMPLEX,
    TREE_STRING,
    TREE_BYTES,
    TREE_CONTAINER,
    TREE_CALL,    /* `text`: its name; members: arguments, then keywords */
    TREE_KEYWORD, /* `text`: its name; one member */
};

struct tree {
    enum tree_kind kind;
    enum pyon_container container;
    int64_t integer; /* also a boolean, or the base of a bigint */
    double real, imaginary;
    char *text;
    size_t length;         /* of the text */
    struct tree **members; /* of pairs: key, value, key, value, ... */
    size_t count;          /* of members */
    struct tree *next;     /* the tree that was made before this one */
};

/* Owns all trees that it makes. All members are zero at first. */
struct tree_maker {
    struct tree *made;
    struct tree **stack; /* of finished values, and of calls and keywords that have begun */
    size_t height, capacity;
};

/* A value of that kind: owned by the maker, its other members zero. */
struct tree *tree_new(struct tree_maker *maker, enum tree_kind kind);

/* Gives it a copy of a text. The text of a string is in UTF-16 units. */
void tree_set_text(struct tree *tree, const char *text, size_t length);

/* Gives it a copy of an array of members. */
void tree_set_members(struct tree *tree, struct tree *const *members, size_t count);

/* The value of the text, as pyon_parse reads it: owned by the maker. NULL if that fails. */
struct tree *tree_parse(struct tree_maker *maker, const struct pyon_dialect *dialect,
                        const char *text, size_t length, const struct pyon_options *options,
                        struct pyon_error *error);

/* Frees all trees of the maker. */
void tree_free(struct tree_maker *maker);

/* Are they the same value? NaN is the same as NaN. */
bool tree_equal(const struct tree *a, const struct tree *b);

/* Does it contain a value of this kind? */
bool tree_has(const struct tree *tree, enum tree_kind kind);

/* Are all keys of this dict strings? */
bool tree_has_keys(const struct tree *tree);

/* Writes it; a keyword as version 1 does. Returns 0, or -1 as soon as one call fails. */
int tree_write(struct pyon_writer *writer, const struct tree *tree);

/* Its text: new, free() it. */
char *tree_text(const struct tree *tree, const struct pyon_dialect *dialect, bool pretty,
                size_t *length);

#endif
