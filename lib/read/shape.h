/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Values of the same shape. The values of a stream are often records: dicts that have the same keys
 * in the same order, and differ in their leaves alone.
 *
 *     {"rid":1,"pos":{"x":0.5},"data":[1,2]}      a value
 *     {"rid": # ,"pos":{"x": # },"data": # }      its shape: texts, and leaves between them
 *
 * A leaf is a scalar, a list of scalars and lists, or an empty dict. The shape of one value is
 * learned. For the next value it is enough to compare the texts and to check the leaves. If the value
 * has another shape, or an error, the grammar reads it from its start.
 */
#ifndef PYON_SHAPE_H
#define PYON_SHAPE_H

#include "read/parser.h"

struct shape;

/* New: room for a shape, free() it; NULL without memory. */
PYON_INTERNAL struct shape *pyon_shape_new(void);

/* Learns the shape of a value in the place of the old one. Returns 0, also if there will be no shape
   now, or -1 if the selector has failed. */
PYON_INTERNAL int pyon_shape_learn(struct shape *shape, const struct parser *parser,
                                   const char *text, size_t length);

/* Has a shape been learned? */
PYON_INTERNAL bool pyon_shape_known(const struct shape *shape);

/* Returns the end of the value of this shape at `p`, NULL if there is none. `limit` is the end of
   the text that is there. */
PYON_INTERNAL const char *pyon_shape_find(struct shape *shape, const char *p, const char *limit);

/* The leaves of that value that the selector keeps. */
PYON_INTERNAL const struct pyon_leaf *pyon_shape_leaves(const struct shape *shape, size_t *count);

#endif
