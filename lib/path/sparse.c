/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Lists of which only some items were kept, as selection.c makes them: calls with the arguments
 *
 *     index, item, index, item, ..., size of the list
 *
 * For the matcher they are lists in which items are missing.
 */
#include "path/path.h"

static bool is_sparse(const struct pyon_node *node)
{
    return pyon_node_kind(node) == PYON_KIND_CALL && *pyon_node_text(node, NULL) == *SPARSE_NAME;
}

static size_t number(const struct pyon_node *node, size_t n)
{
    int64_t value = 0;

    pyon_node_integer(pyon_node_item(node, n), &value);
    return (size_t)value;
}

size_t pyon_path_size(const struct pyon_node *node)
{
    size_t size = pyon_node_size(node);

    return is_sparse(node) ? number(node, size - 1) : size;
}

const struct pyon_node *pyon_path_item(const struct pyon_node *node, size_t n)
{
    size_t low = 0, high = pyon_node_size(node) / 2;

    if (!is_sparse(node))
        return pyon_node_item(node, n);
    while (low < high) {
        size_t middle = low + (high - low) / 2, index = number(node, 2 * middle);

        if (index == n)
            return pyon_node_item(node, 2 * middle + 1);
        if (index < n)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
