/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Paths: where a value is in a tree, written as in Python, with PYON literals.
 *
 *     calibration.ca1.frequency      data[3]      ["x y"][(1, 2)]      scans.*.points[2:10:2]
 *
 *   a.b          names: the value of a string key. A key may itself contain dots. So at each dict
 *                the longest key counts that the names that are left begin with: a.b is the value
 *                of "a.b" if there is such a key, or else the value of "b" in that of "a". There
 *                is no way back: if "a.b" is there, a.b.c is not looked for in "a".
 *   ["a.b"]      a key, exactly: any literal of version 1, of which numbers that Python holds for
 *                equal are the same key.
 *   [3] [-1]     the same for a dict; of a list, a tuple, an array or the arguments of a call, the
 *                item of that number.
 *   [2:10:2]     a slice, with Python's rules: each of these items. Not of a dict.
 *   .* or [*]    every item of one of these, every value of a dict.
 *
 * Names consist of everything but . [ ] " ' and blanks and control characters; so 397 and a-b are
 * names. A dot may stand before the first one. The empty path is the whole value.
 *
 * Each index of an array takes one of its dimensions, from the first on. So array[1] is a row, and
 * array[0:2][1] a part of a column, as it is for a list of lists.
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

/* New: pyon_path_free() it. NULL on failure, with `error` filled: its message says what is expected
   at its offset. `text` is UTF-8 and needs no NUL. */
PYON_API struct pyon_path *pyon_path_parse(const char *text, size_t length,
                                           struct pyon_error *error);

/* NULL is nothing to free. */
PYON_API void pyon_path_free(struct pyon_path *path);

/* The text that the path was made of: borrowed, with a NUL. Fills `length`, which may be NULL. */
PYON_API const char *pyon_path_text(const struct pyon_path *path, size_t *length);

/* ---- Matches ----------------------------------------------------------------------------- */

#define PYON_DIMENSIONS 64 /* of an array, at most */

/* A value that a path leads to. It points into itself: not to be copied. */
struct pyon_match {
    const struct pyon_node
        *node;    /* the value, or the array of which it is a part: borrowed of the tree */
    bool is_part; /* it is `part`: a view of the array, with strides of its own */
    struct pyon_array part;
    int64_t shape[PYON_DIMENSIONS], strides[PYON_DIMENSIONS];
    const char
        *path; /* where it is: borrowed until the function returns; NULL from pyon_path_find() */
    size_t path_length;
    const void *reserved[2];
};

/*
 * Calls `found` for each match, in the order of the tree. It returns 0 to go on; anything else ends
 * the search, and is the result. Else the result is 0, or -1 without memory.
 */
PYON_API int pyon_path_each(const struct pyon_path *path, const struct pyon_node *root,
                            int (*found)(void *self, const struct pyon_match *match), void *self);

/* Fills `match` with the first match: returns 1; 0 if there is none, -1 without memory. */
PYON_API int pyon_path_find(const struct pyon_path *path, const struct pyon_node *root,
                            struct pyon_match *match);

/* ---- Misses ------------------------------------------------------------------------------ */

#define PYON_NEAR 3 /* keys that are suggested, at most */

/* Why a path has no match: where it leads farthest. */
struct pyon_miss {
    size_t offset,
        length; /* of the step that leads to nothing, or its names, in the text of the path */
    const struct pyon_node *node; /* what it was tried on: borrowed of the tree */
    size_t size; /* how many items or pairs that has, or the dimension of an array */
    const struct pyon_node
        *near[PYON_NEAR]; /* keys like the one that is not there, the nearest first */
    size_t near_count;
    const void *reserved[2];
};

/*
 * If the path has no match, fills `miss`, appends a sentence without a final stop to `out`, for
 * instance
 *     no "frequency" in calibration.ca1, a dict of 2 pairs; did you mean "freq"?
 * and returns 1. Returns 0 if it has one, -1 without memory.
 */
PYON_API int pyon_path_explain(const struct pyon_path *path, const struct pyon_node *root,
                               struct pyon_miss *miss, struct pyon_out *out);

/* ---- Texts of paths ---------------------------------------------------------------------- */

/*
 * Steps from a node to its members, as text. Joined from the root on, they are a path that has this
 * one match. Which keys must be quoted depends on all keys of a dict; so that is found once for the
 * dict, and then each of its n steps takes the time for its text.
 */
struct pyon_steps;

/* New: pyon_steps_free() it. Borrows the node. NULL without memory. */
PYON_API struct pyon_steps *pyon_steps_new(const struct pyon_node *node);
PYON_API void pyon_steps_free(struct pyon_steps *steps);

/* Appends the step to member `n`: the value of the n-th pair of a dict, or the n-th item. If the
   output is empty, it begins a path. Returns 0, or -1 with the code in the output; a member that is
   not there, or has no path, is PYON_ERROR_PATH. */
PYON_API int pyon_steps_append(const struct pyon_steps *steps, size_t n, struct pyon_out *out);

#ifdef __cplusplus
}
#endif

#endif
