/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Paths: where a value is in a tree, written as in Python, with PYON literals.
 *
 *     calibration.ca1.frequency      data[3]      ["x y"][(1, 2)]      scans.*.points[2:10:2]
 *
 *   a.b          names: a.b is the value of the key "a.b". If there is no such key, it is the value
 *                of "b" in the value of "a". So at each dict the longest key counts that the names
 *                that are left begin with. There is no way back: if "a.b" is there, a.b.c is not
 *                looked for in "a".
 *   ["a.b"]      exactly this key: any literal of version 1. Numbers that are equal in Python are
 *                the same key.
 *   [3] [-1]     of a dict, the value of this key; of a list, a tuple, an array or the arguments of
 *                a call, the item of that number.
 *   [2:10:2]     a slice, by Python's rules: each of these items. Not of a dict.
 *   .* or [*]    every item of these, or every value of a dict.
 *
 * 397 and a-b are names. A name may contain any character except . [ ] " ' and blanks and control
 * characters. A dot may stand before the first name. The empty path is the whole value.
 *
 * array[1] is a row, and array[0:2][1] is a part of a column, as for a list of lists: each index of
 * an array takes one of its dimensions, from the first on.
 *
 *     struct pyon_path *path = pyon_path_parse("data[3]", 7, &error);
 *     struct pyon_match match;
 *     if (path && pyon_path_find(path, pyon_tree_root(tree), &match) > 0)
 *         ... match.node
 *     pyon_path_free(path);
 *
 * A path does not change, so many threads may use it at once.
 */
#ifndef PYON_PATH_H
#define PYON_PATH_H

#include "pyon_tree.h"

#ifdef __cplusplus
extern "C" {
#endif

struct pyon_path;

/* New: the path of a text; pyon_path_free() it. `text` is UTF-8, has `length` bytes and needs no
   NUL. Returns NULL on failure, and fills `error`: its message says what is wrong at its offset. */
PYON_API struct pyon_path *pyon_path_parse(const char *text, size_t length,
                                           struct pyon_error *error);

/* Frees a path, which may be NULL. */
PYON_API void pyon_path_free(struct pyon_path *path);

/* Returns the text that the path was made of: borrowed of the path, with a NUL at its end. Fills
   `length` with its bytes; `length` may be NULL. */
PYON_API const char *pyon_path_text(const struct pyon_path *path, size_t *length);

/* ---- Matches ----------------------------------------------------------------------------- */

#define PYON_DIMENSIONS 64 /* of an array, at most */

/* A value that a path leads to. Do not copy this struct, because it points into itself. */
struct pyon_match {
    /* The value, or the array that `part` is a part of: borrowed of the tree. */
    const struct pyon_node *node;
    bool is_part;           /* the value is `part` */
    struct pyon_array part; /* a view of the array, with strides of its own */
    int64_t shape[PYON_DIMENSIONS], strides[PYON_DIMENSIONS];
    /* Where the value is: borrowed until `found` returns; NULL from pyon_path_find(). */
    const char *path;
    size_t path_length; /* bytes */
    const void *reserved[2];
};

/*
 * Calls `found` for each match, in the order of the tree. `found` returns 0 to get the next match.
 * If it returns any other number, the search ends, and this number is the result. Otherwise the
 * result is 0, or -1 without memory. `self` is passed to `found`.
 */
PYON_API int pyon_path_each(const struct pyon_path *path, const struct pyon_node *root,
                            int (*found)(void *self, const struct pyon_match *match), void *self);

/* Fills `match` with the first match and returns 1. Returns 0 if there is none, -1 without
   memory. */
PYON_API int pyon_path_find(const struct pyon_path *path, const struct pyon_node *root,
                            struct pyon_match *match);

/* ---- Misses ------------------------------------------------------------------------------ */

#define PYON_NEAR 3 /* keys that are suggested, at most */

/* Why a path has no match: the place up to which it leads, and the step that leads to nothing. */
struct pyon_miss {
    /* Of this step, or of its names, in the text of the path: in bytes. */
    size_t offset, length;
    const struct pyon_node *node; /* the node that the step was tried on: borrowed of the tree */
    size_t size;                  /* its items or pairs; of an array, the length of the dimension */
    const struct pyon_node *similar[PYON_NEAR]; /* keys of the node, the most similar first */
    size_t similar_count;
    const void *reserved[2];
};

/*
 * If the path has no match, fills `miss`, and appends a sentence without a final stop to `out`. For
 * instance
 *     no "frequency" in calibration.ca1, a dict of 2 pairs; did you mean "freq"?
 * Then returns 1. Returns 0 if the path has a match, -1 without memory.
 */
PYON_API int pyon_path_explain(const struct pyon_path *path, const struct pyon_node *root,
                               struct pyon_miss *miss, struct pyon_out *out);

/* ---- Texts of paths ---------------------------------------------------------------------- */

/*
 * Steps from a node to its members, as text. The steps from the root to a value, joined, are a path
 * with this value as its one match. All keys of a dict decide together which of them must be
 * quoted. So this is found once for the dict; after that a step takes time only for its own text.
 */
struct pyon_steps;

/* New: the steps from a node; pyon_steps_free() it. Borrows the node until then. Returns NULL
   without memory. */
PYON_API struct pyon_steps *pyon_steps_new(const struct pyon_node *node);

/* Frees the steps, which may be NULL. */
PYON_API void pyon_steps_free(struct pyon_steps *steps);

/* Appends to `out` the step to member `n`, from 0: the value of pair `n` of a dict, or item `n`. If
   `out` is empty, the step begins a path. Returns 0, or -1 with the code in `out`: PYON_ERROR_PATH
   if there is no such member, or no path to it. */
PYON_API int pyon_steps_append(const struct pyon_steps *steps, size_t n, struct pyon_out *out);

#ifdef __cplusplus
}
#endif

#endif
