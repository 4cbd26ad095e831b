/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Plain values, which are written many at a time. */
#ifndef PYMOD_PLAIN_H
#define PYMOD_PLAIN_H

#include "walk/walk.h"

/* Writes x, if it is plain: 1 if so, 0 if not, and -1. */
int plain_value(struct walker *walker, PyObject *x);
/* Writes the members of a list or tuple from the i-th on as long as they are plain, with separators
   between them. Returns their number, which may be 0, or -1. */
Py_ssize_t plain_members(struct walker *walker, PyObject *x, Py_ssize_t i);
/* The same for the pairs of a dict from `position` on, at most `most`. */
Py_ssize_t plain_pairs(struct walker *walker, PyObject *dict, Py_ssize_t *position, size_t most);

#endif
