/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* See keys.h. */
#include "copy/keys.h"

#include <stdlib.h>

#define FEW 16 /* keys: each is compared with each */

static uint64_t mix(uint64_t hash, uint64_t word)
{
    uint64_t low, high = multiply_high(hash ^ word, UINT64_C(0x9e3779b97f4a7c15), &low);

    return high ^ low;
}

/* The seed is one that the writer of a text does not know: keys that share places cannot be chosen. */
static uint64_t hash_of(const char *key, size_t length, uint64_t seed)
{
    uint64_t hash = mix(seed, length);

    for (; length > 8; length -= 8, key += 8)
        hash = mix(hash, load64_le(key)) + UINT64_C(0x632be59bd9b4e019);
    if (length > 0)
        hash = mix(hash, load64_le(key) << (64 - 8 * length));
    hash = mix(hash, UINT64_C(0x8bb84b93962eacc9));
    return hash ? hash : 1; /* 0 is an empty place */
}

int pyon_keys_add(struct keys *keys, const char *key, size_t length)
{
    if (PYON_UNLIKELY(keys->count == keys->capacity)) {
        size_t capacity = keys->capacity ? 2 * keys->capacity : 256;
        uint64_t *hashes = NULL;

        if (capacity <= SIZE_MAX / sizeof *hashes)
            hashes = realloc(keys->hashes, capacity * sizeof *hashes);
        if (!hashes)
            return -1;
        if (keys->capacity == 0)
            keys->seed = (uintptr_t)hashes * UINT64_C(0xd6e8feb86659fd93);
        keys->hashes = hashes;
        keys->capacity = capacity;
    }
    keys->hashes[keys->count++] = hash_of(key, length, keys->seed);
    return 0;
}

static int compare_few(const uint64_t *hashes, size_t count)
{
    for (size_t i = 1; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (hashes[i] == hashes[k])
                return 1;
    return 0;
}

/* A table with at least half of its places empty. */
static int compare_many(const uint64_t *hashes, size_t count)
{
    size_t size = 2 * FEW;
    uint64_t *table;
    int twice = 0;

    while (size / 2 < count)
        size *= 2; /* cannot overflow: the hashes are in memory */
    table = calloc(size, sizeof *table);
    if (!table)
        return -1;
    for (size_t i = 0; i < count && !twice; i++) {
        size_t place = (size_t)hashes[i] & (size - 1);

        while (table[place] != 0 && table[place] != hashes[i])
            place = (place + 1) & (size - 1);
        twice = table[place] == hashes[i];
        table[place] = hashes[i];
    }
    free(table);
    return twice;
}

int pyon_keys_end(struct keys *keys, size_t first)
{
    size_t count = keys->count - first;

    keys->count = first;
    if (count < 2)
        return 0;
    return count <= FEW ? compare_few(keys->hashes + first, count)
                        : compare_many(keys->hashes + first, count);
}
