/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The numbers of nodes. */
#ifndef PYON_TREE_NUMERIC_H
#define PYON_TREE_NUMERIC_H

#include "number/big.h"
#include "tree/node.h"

#include <math.h>

static inline int saturate(bool negative, int64_t *value)
{
    *value = negative ? INT64_MIN : INT64_MAX;
    return PYON_ROUNDED;
}

/* Returns as pyon_node_integer(). */
static inline int real_to_integer(double real, int64_t *value)
{
    if (isnan(real))
        return PYON_NOT_A_NUMBER;
    if (!(real >= -TWO_TO_63 && real < TWO_TO_63))
        return saturate(real < 0, value);
    *value = (int64_t)real;
    return (double)*value == real ? PYON_EXACT : PYON_ROUNDED;
}

/* Is the integer of these digits, which may have a sign, exactly this double? */
PYON_INTERNAL bool pyon_is_exact(const char *digits, size_t length, double real);

/* Is it the integer 1? */
PYON_INTERNAL bool pyon_is_one(const struct pyon_node *node);

/* Fills the value of a boolean, integer or bigint. Returns false for other nodes, and if it is too
   large. */
PYON_INTERNAL bool pyon_get_big(const struct pyon_node *node, struct big *big);

/* Makes a node of it. Returns PYON_OK, PYON_ERROR_LARGE (too many digits), or PYON_ERROR_MEMORY. */
PYON_INTERNAL enum pyon_error_code pyon_set_big(struct pyon_node *node, struct arena *arena,
                                                const struct big *big);

#endif
