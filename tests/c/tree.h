/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Values as a tree: what a text means, to be compared, changed and written again.
 *
 *     struct tree_maker maker = {.height = 0};
 *     struct tree *tree = tree_parse(&maker, &pyon_v1, text, length, NULL, &error);
 *     ... tree_text(tree, &pyon_v1, true, &length)
 *     tree_free(&maker);
 *
 * Two things are made equal that reading and writing cannot tell apart, as the reference cannot:
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
    int64_t integer; /* also: a boolean, the base of a bigint */
    double real, imaginary;
    char *text;
    size_t length;         /* of the text */
    struct tree **members; /* of pairs: key, value, key, value, ... */
    size_t count;          /* of members */
    struct tree *next;     /* that was made before this one */
};

/* Owns all trees that it makes. All is zero at first. */
struct tree_maker {
    struct tree *made;
    struct tree **stack; /* of finished values, and of calls and keywords that have begun */
    size_t height, capacity;
};

/* A value: of the maker, zero but for its kind. */
struct tree *tree_new(struct tree_maker *maker, enum tree_kind kind);

/* Gives it a copy of a text; of a string, in UTF-16 units. */
void tree_set_text(struct tree *tree, const char *text, size_t length);

/* Gives it a copy of an array of members. */
void tree_set_members(struct tree *tree, struct tree *const *members, size_t count);

/* What pyon_parse makes of the text, the maker's; or NULL. */
struct tree *tree_parse(struct tree_maker *maker, const struct pyon_dialect *dialect,
                        const char *text, size_t length, const struct pyon_options *options,
                        struct pyon_error *error);

/* Frees all that it has made. */
void tree_free(struct tree_maker *maker);

/* Is it the same value? NaN is. */
bool tree_equal(const struct tree *a, const struct tree *b);

/* Is there one of this kind in it? */
bool tree_has(const struct tree *tree, enum tree_kind kind);

/* Of a dict: are all its keys strings? */
bool tree_has_keys(const struct tree *tree);

/* Writes it; a keyword as version 1 has it: 0, or -1 as soon as one call fails. */
int tree_write(struct pyon_writer *writer, const struct tree *tree);

/* Its text: new, free() it. */
char *tree_text(const struct tree *tree, const struct pyon_dialect *dialect, bool pretty,
                size_t *length);

#endif
