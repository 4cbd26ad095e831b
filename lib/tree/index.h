/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Dicts and sets: equal keys are folded into one, and large containers have an index.
 *
 * An entry is a pair of a dict, or a member of a set; `step` is its number of nodes. The index is
 * an open hash table of the numbers of entries, at most half full. The number of entries determines
 * the size and the place of the index. The seed of the index is its place in memory.
 */
#ifndef PYON_TREE_INDEX_H
#define PYON_TREE_INDEX_H

#include "tree/node.h"

#define PYON_INDEX_NONE SIZE_MAX

/* The bytes of the index of `count` entries; SIZE_MAX if there are too many. */
PYON_INTERNAL size_t pyon_index_size(size_t count);

/*
 * Copies `count` entries to the members, which have room for the index after them, and makes the
 * index. Of equal keys the first stays, with the value of the last. Returns the number of entries
 * that stay.
 */
PYON_INTERNAL size_t pyon_index_fold(struct members *members, const struct pyon_node *nodes,
                                     size_t count, size_t step);

/* The number of the entry with that key in a dict or set; PYON_INDEX_NONE if there is none. */
PYON_INTERNAL size_t pyon_index_find(const struct pyon_node *container,
                                     const struct pyon_node *key);

#endif
