/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Texts of dtypes, as numpy.dtype() takes them. */
#ifndef PYON_COMPOSE_DTYPE_H
#define PYON_COMPOSE_DTYPE_H

#include "base.h"

#define PYON_DTYPE_TEXT 40

struct dtype {
    char text[PYON_DTYPE_TEXT]; /* numpy.dtype(...).str, with a NUL */
    char kind;                  /* its letter */
    bool swapped;               /* not the byte order of this machine */
    size_t item_size;           /* in bytes; not 0 */
};

/*
 * Fills `dtype` from a text that NumPy knows: "<f8", "float64", "d", ">M8[25us]", "S5". Returns
 * false for other texts, for types of objects, for structures, and for types without a size: no
 * array of these can be read.
 */
PYON_INTERNAL bool pyon_read_dtype(const char *text, size_t length, struct dtype *dtype);

/* The same type in the byte order of this machine, and, for texts and voids, of another size. */
PYON_INTERNAL void pyon_make_dtype(struct dtype *dtype, size_t item_size);

#endif
