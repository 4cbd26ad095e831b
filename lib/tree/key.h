/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Are two keys of a dict, or two members of a set, one key in Python? Equal numbers of any types
 * are one key (1, 1.0, true, npscalar("<i2", ...) of 1). So are equal strings, equal bytes, and
 * tuples of equal keys. If a dict of Python cannot have a key (a list, dict, set, array, call, or a
 * tuple of these), the key equals no other key.
 *
 * NaN equals NaN: in the texts of both versions its name always means the same object.
 */
#ifndef PYON_TREE_KEY_H
#define PYON_TREE_KEY_H

#include "tree/node.h"

/* Fills the hash. Returns false if no dict can have such a key. */
PYON_INTERNAL bool pyon_key_hash(const struct pyon_node *key, uint64_t seed, uint64_t *hash);

PYON_INTERNAL bool pyon_key_equal(const struct pyon_node *a, const struct pyon_node *b);

#endif
