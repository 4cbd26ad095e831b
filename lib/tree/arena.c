/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The memory of a tree: see arena.h. */
#include "tree/arena.h"
#include "pyon_host.h"

#include <stdlib.h>

#define FIRST ((size_t)4 << 10) /* bytes of the first block; each next block is twice as large */
#define LARGEST ((size_t)1 << 20)
#define ALIGNMENT 64

/* A block with `size` bytes at any alignment; NULL without memory. */
static struct block *new_block(size_t size)
{
    struct block *block;

    if (size > SIZE_MAX - sizeof *block - ALIGNMENT)
        return NULL;
    block = malloc(sizeof *block + ALIGNMENT + size);
    if (!block)
        return NULL;
    block->next = NULL;
    block->size = ALIGNMENT + size;
    pyon_advise_large(block, sizeof *block + block->size);
    return block;
}

static char *align(char *p, size_t alignment)
{
    return p + ((0 - (uintptr_t)p) & (alignment - 1));
}

struct block *pyon_block_new(size_t size, void **data)
{
    struct block *block = new_block(size);

    if (block)
        *data = align((char *)(block + 1), ALIGNMENT);
    return block;
}

void pyon_block_free(struct block *block)
{
    free(block);
}

/* Keeps the newest block first: it has room left. */
void pyon_arena_add(struct arena *arena, struct block *block)
{
    struct block **place = arena->blocks ? &arena->blocks->next : &arena->blocks;

    block->next = *place;
    *place = block;
}

static size_t next_size(const struct arena *arena)
{
    size_t size = arena->cur ? 2 * arena->blocks->size : FIRST;

    return size < LARGEST ? size : LARGEST;
}

void *pyon_arena_grow(struct arena *arena, size_t size, size_t alignment)
{
    size_t block_size = next_size(arena);
    struct block *block;
    void *place;

    if (size > block_size / 4) {
        block = pyon_block_new(size, &place);
        if (!block)
            return NULL;
        pyon_arena_add(arena, block);
        return place;
    }
    block = new_block(block_size);
    if (!block)
        return NULL;
    block->next = arena->blocks;
    arena->blocks = block;
    arena->cur = align((char *)(block + 1), alignment);
    arena->end = (char *)(block + 1) + block->size;
    place = arena->cur;
    arena->cur += size;
    return place;
}

static void free_blocks(struct block *block)
{
    for (struct block *next; block; block = next) {
        next = block->next;
        free(block);
    }
}

void pyon_arena_reset(struct arena *arena)
{
    if (!arena->cur) { /* there are only pieces with blocks of their own */
        pyon_arena_free(arena);
        return;
    }
    free_blocks(arena->blocks->next);
    arena->blocks->next = NULL;
    arena->cur = (char *)(arena->blocks + 1);
}

void pyon_arena_free(struct arena *arena)
{
    free_blocks(arena->blocks);
    *arena = (struct arena){.cur = NULL};
}
