/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Keys to entries: see index.h. */
#include "tree/index.h"

#include "tree/key.h"

#define SMALL 8 /* so few entries are faster to search one by one */

/* A slot holds the number of an entry plus 1; 0 is free. */
#define SLOTS_MAX ((size_t)1 << 31)

struct index {
    uint32_t *slots;
    size_t mask;
    uint64_t seed;
};

/* The number of slots; 0 if there is no index. */
static size_t slot_count(size_t count)
{
    size_t slots = 4 * SMALL;

    if (count <= SMALL)
        return 0;
    while (slots < 2 * count)
        slots *= 2;
    return slots;
}

size_t pyon_index_size(size_t count)
{
    return count < SLOTS_MAX / 4 ? slot_count(count) * sizeof(uint32_t) : SIZE_MAX;
}

static struct index index_of(const struct members *members, size_t count, size_t step)
{
    const struct pyon_node *end = members->nodes + count * step;

    return (struct index){.slots = (uint32_t *)(uintptr_t)end,
                          .mask = slot_count(count) - 1,
                          .seed = (uintptr_t)members * UINT64_C(0xd6e8feb86659fd93)};
}

/*
 * Fills the slot of the key: that of an equal one if there is one, else a free one. Returns false
 * if no dict can have the key.
 */
static bool find_slot(const struct index *index, const struct members *members, size_t step,
                      const struct pyon_node *key, size_t *slot)
{
    uint64_t hash;
    uint32_t entry;

    if (!pyon_key_hash(key, index->seed, &hash))
        return false;
    for (*slot = hash & index->mask; (entry = index->slots[*slot]) > 0;
         *slot = (*slot + 1) & index->mask)
        if (pyon_key_equal(&members->nodes[(entry - 1) * step], key))
            break;
    return true;
}

/* Compares keys; strings, which most keys are, without a call. */
static inline bool is_equal(const struct pyon_node *a, const struct pyon_node *b)
{
    if (a->kind == PYON_KIND_STRING && b->kind == PYON_KIND_STRING)
        return a->size == b->size &&
               (a->size == 0 || (*a->text == *b->text && memcmp(a->text, b->text, a->size) == 0));
    return pyon_key_equal(a, b);
}

/* Searches the first `count` entries for the key, one by one. Returns its number. */
static size_t search(const struct members *members, size_t count, size_t step,
                     const struct pyon_node *key)
{
    for (size_t i = 0; i < count; i++)
        if (is_equal(&members->nodes[i * step], key))
            return i;
    return PYON_INDEX_NONE;
}

static void clear(const struct index *index)
{
    memset(index->slots, 0, (index->mask + 1) * sizeof *index->slots);
}

/* If entries were left out, the index has another size and place. */
static void make_index(struct members *members, size_t count, size_t step)
{
    struct index index = index_of(members, count, step);
    size_t slot;

    clear(&index);
    for (size_t i = 0; i < count; i++)
        if (find_slot(&index, members, step, &members->nodes[i * step], &slot))
            index.slots[slot] = (uint32_t)(i + 1);
}

/* Appends an entry. But if its key is there already, only replaces the value. */
static size_t put(struct members *members, size_t count, size_t step, const struct pyon_node *entry,
                  size_t same)
{
    if (same != PYON_INDEX_NONE) {
        if (step == 2)
            members->nodes[2 * same + 1] = entry[1];
        return count;
    }
    members->nodes[count * step] = entry[0];
    if (step == 2)
        members->nodes[count * step + 1] = entry[1];
    return count + 1;
}

static size_t fold_small(struct members *members, const struct pyon_node *nodes, size_t count,
                         size_t step)
{
    size_t folded = 0;

    for (size_t i = 0; i < count; i++)
        folded = put(members, folded, step, nodes + i * step,
                     search(members, folded, step, nodes + i * step));
    return folded;
}

static size_t fold_large(struct members *members, const struct pyon_node *nodes, size_t count,
                         size_t step)
{
    struct index index = index_of(members, count, step);
    size_t folded = 0, slot;

    clear(&index);
    for (size_t i = 0; i < count; i++) {
        const struct pyon_node *entry = nodes + i * step;
        bool hashed = find_slot(&index, members, step, entry, &slot);
        size_t same = hashed && index.slots[slot] > 0 ? index.slots[slot] - 1 : PYON_INDEX_NONE;

        folded = put(members, folded, step, entry, same);
        if (hashed && same == PYON_INDEX_NONE)
            index.slots[slot] = (uint32_t)folded;
    }
    if (folded < count && slot_count(folded) > 0)
        make_index(members, folded, step);
    return folded;
}

size_t pyon_index_fold(struct members *members, const struct pyon_node *nodes, size_t count,
                       size_t step)
{
    return slot_count(count) > 0 ? fold_large(members, nodes, count, step)
                                 : fold_small(members, nodes, count, step);
}

size_t pyon_index_find(const struct pyon_node *container, const struct pyon_node *key)
{
    const struct members *members = container->members;
    size_t count = container->size, step = has_pairs(container) ? 2 : 1, slot;
    struct index index;

    if (slot_count(count) == 0)
        return search(members, count, step, key);
    index = index_of(members, count, step);
    if (!find_slot(&index, members, step, key, &slot) || index.slots[slot] == 0)
        return PYON_INDEX_NONE;
    return index.slots[slot] - 1;
}

const struct pyon_node *pyon_node_find_key(const struct pyon_node *node,
                                           const struct pyon_node *key)
{
    size_t entry = has_pairs(node) ? pyon_index_find(node, key) : PYON_INDEX_NONE;

    return entry == PYON_INDEX_NONE ? NULL : &node->members->nodes[2 * entry + 1];
}

const struct pyon_node *pyon_node_find(const struct pyon_node *node, const char *utf8,
                                       size_t length)
{
    struct pyon_node key = {.kind = PYON_KIND_STRING, .size = length, .text = utf8};

    return pyon_node_find_key(node, &key);
}
