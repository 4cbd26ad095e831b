/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Arithmetic of complex numbers, as in Python up to version 3.13. */
#ifndef PYON_COMPOSE_COMPLEX_H
#define PYON_COMPOSE_COMPLEX_H

#include "tree/node.h"

/* Fills the node with the result of a + bi and c + di. Returns 0, or 1 if there is none. */
PYON_INTERNAL int pyon_complex_compute(enum pyon_operator op, double a, double b, double c,
                                       double d, struct pyon_node *result);
PYON_INTERNAL int pyon_complex_power(double a, double b, double c, double d,
                                     struct pyon_node *result);

#endif
