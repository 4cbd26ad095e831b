/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Fractions, reduced, as fractions.Fraction makes them. */
#ifndef PYON_COMPOSE_FRACTION_H
#define PYON_COMPOSE_FRACTION_H

#include "compose/builder.h"

/* Fills the node. A missing argument is NULL. Returns as pyon_construct(). */
PYON_INTERNAL int pyon_make_fraction(struct pyon_tree_builder *builder,
                                     const struct pyon_node *numerator,
                                     const struct pyon_node *denominator, struct pyon_node *value);

#endif
