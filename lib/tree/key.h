/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Which keys of a dict, or members of a set, Python takes for one: equal numbers whatever their
 * type (1, 1.0, true, npscalar("<i2", ...) of 1), equal strings, bytes, and tuples of such. Keys that
 * Python cannot have in a dict (lists, dicts, sets, arrays, calls, or tuples of these) equal no other.
 *
 * NaN equals NaN: in the texts of both versions the name always means the same object.
 */
#ifndef PYON_TREE_KEY_H
#define PYON_TREE_KEY_H

#include "tree/node.h"

/* Fills the hash: false if no dict can have such a key. */
PYON_INTERNAL bool pyon_key_hash(const struct pyon_node *key, uint64_t seed, uint64_t *hash);

PYON_INTERNAL bool pyon_key_equal(const struct pyon_node *a, const struct pyon_node *b);

#endif
