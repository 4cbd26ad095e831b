/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The memory of a tree: a chain of blocks. A piece that is taken from it is never given back; all
 * pieces are freed at once. Blocks grow with the tree. A piece that is larger than a block has a
 * block of its own.
 */
#ifndef PYON_TREE_ARENA_H
#define PYON_TREE_ARENA_H

#include "base.h"

struct block {
    struct block *next;
    size_t size; /* of the part after the header */
};

/* An arena of zeros is empty. */
struct arena {
    struct block *blocks;
    char *cur, *end; /* the rest of the newest block */
};

/* Takes a piece that does not fit into the newest block: as arena_take(). */
PYON_INTERNAL void *pyon_arena_grow(struct arena *arena, size_t size, size_t alignment);

/* New: a block outside any arena; pyon_block_free() or pyon_arena_add() it. Fills `data` with a
   place in it for `size` bytes, aligned to 64. Returns NULL without memory. */
PYON_INTERNAL struct block *pyon_block_new(size_t size, void **data);
PYON_INTERNAL void pyon_block_free(struct block *block);

/* Steals the block. */
PYON_INTERNAL void pyon_arena_add(struct arena *arena, struct block *block);

/* Frees its memory but for the newest block, which it goes on with. No piece is valid after that. */
PYON_INTERNAL void pyon_arena_reset(struct arena *arena);

/* Frees all its memory. It is empty after that. */
PYON_INTERNAL void pyon_arena_free(struct arena *arena);

/* Takes `size` bytes: borrowed from the arena. The alignment is a power of two, at most 64. Returns
   NULL without memory. */
static inline void *arena_take(struct arena *arena, size_t size, size_t alignment)
{
    size_t skip = (0 - (uintptr_t)arena->cur) & (alignment - 1);
    size_t left = (size_t)(arena->end - arena->cur);
    char *place;

    if (PYON_UNLIKELY(left < skip || left - skip < size))
        return pyon_arena_grow(arena, size, alignment);
    place = arena->cur + skip;
    arena->cur = place + size;
    return place;
}

#endif
