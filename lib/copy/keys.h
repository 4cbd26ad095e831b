/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Is a key twice in a dict? Only hashes of 64 bits are kept and compared: two keys with the same hash
   are taken for the same key. */
#ifndef PYON_COPY_KEYS_H
#define PYON_COPY_KEYS_H

#include "base.h"

/* The keys of all dicts that are open, the innermost one's last. */
struct keys {
    uint64_t *hashes;
    size_t count, capacity;
    uint64_t seed; /* of the hashes, chosen with the first key */
};

/* Adds a key; 8 bytes after it can be read. Returns 0, or -1 without memory. */
PYON_INTERNAL int pyon_keys_add(struct keys *keys, const char *key, size_t length);

/* Takes the keys from number `first` on away. Returns 1 if one of them was there twice, 0 if not, -1
   without memory. */
PYON_INTERNAL int pyon_keys_end(struct keys *keys, size_t first);

#endif
