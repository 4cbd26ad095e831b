/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Dicts and sets: keys that are one are folded, and large ones have an index.
 *
 * An entry is a pair of a dict, or a member of a set; `step` says how many nodes that is. The index is
 * a hash table of the numbers of entries, open, at most half full. Its size and place follow from the
 * number of entries, its seed is its place in memory.
 */
#ifndef PYON_TREE_INDEX_H
#define PYON_TREE_INDEX_H

#include "tree/node.h"

#define PYON_INDEX_NONE SIZE_MAX

/* The bytes of the index of so many entries; SIZE_MAX if there are too many. */
PYON_INTERNAL size_t pyon_index_size(size_t count);

/*
 * Copies `count` entries to the members, after which there is room for the index, and makes it. Of equal
 * keys the first stays, with the value of the last. Returns how many entries there are then.
 */
PYON_INTERNAL size_t pyon_index_fold(struct members *members, const struct pyon_node *nodes,
                                     size_t count, size_t step);

/* The number of the entry of a dict or set that has the key; or PYON_INDEX_NONE. */
PYON_INTERNAL size_t pyon_index_find(const struct pyon_node *container,
                                     const struct pyon_node *key);

#endif
