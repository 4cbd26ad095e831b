/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Objects of earlier texts that are likely to come again.
 *
 * With the lock of the interpreter there is one cache in the state of the module. With free threads
 * each thread has its own: so they neither wait for each other, nor count references to the same
 * objects, which is slow.
 */
#ifndef PYMOD_CACHE_H
#define PYMOD_CACHE_H

#include "compat.h"

#define KEYS 2048
#define WIDE_KEYS 1024
#define DTYPES 64
#define SHAPE_BITS 6
#define SHAPES (1 << SHAPE_BITS)

/* The keys of dicts, see build/shape.c. */
struct shape {
    PyObject *dict; /* or NULL */
    uint64_t seen;  /* the fingerprint of keys that came once, or 0 */
};

struct cache {
    PyObject *keys[KEYS];           /* short keys, or NULL */
    uint16_t next[KEYS];            /* of each: the place of the key that came after it */
    PyObject *wide_keys[WIDE_KEYS]; /* the same, of keys that are not ASCII */
    struct {
        uint64_t text;
        PyObject *dtype;
    } dtypes[DTYPES]; /* see find_dtype() in array.c */
    struct shape shapes[SHAPES];
};

/* Drops the objects. */
void cache_clear(struct cache *cache);

#ifdef Py_GIL_DISABLED

/* The name of the caches of an interpreter. */
struct cache_place {
    PyObject *name;
};

int cache_init(struct cache_place *place);
void cache_end(struct cache_place *place);
/* The cache of this thread, which is made at its first call. NULL with an exception without
   memory. */
struct cache *cache_find(struct cache_place *place);

#else

struct cache_place {
    struct cache cache;
};

static inline int cache_init(struct cache_place *place)
{
    (void)place;
    return 0;
}

static inline void cache_end(struct cache_place *place)
{
    cache_clear(&place->cache);
}

static inline struct cache *cache_find(struct cache_place *place)
{
    return &place->cache;
}

#endif
#endif
