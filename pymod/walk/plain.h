/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Plain values, which are written many at a time. */
#ifndef PYMOD_PLAIN_H
#define PYMOD_PLAIN_H

#include "walk/walk.h"

/* May x be plain? A quick look at its type, which tells that most other values are not. */
static inline bool plain_may_be(PyObject *x)
{
    const unsigned long flags = Py_TPFLAGS_UNICODE_SUBCLASS | Py_TPFLAGS_LONG_SUBCLASS |
                                Py_TPFLAGS_DICT_SUBCLASS | Py_TPFLAGS_LIST_SUBCLASS |
                                Py_TPFLAGS_TUPLE_SUBCLASS; /* a bool is an int */

    return Py_TYPE(x)->tp_flags & flags || PyFloat_CheckExact(x) || x == Py_None;
}

/* Both write x, if it is plain: 1 if so, 0 if not, and -1. */
int plain_value(struct walker *walker, PyObject *x);
int plain_container(struct walker *walker, PyObject *x); /* a scalar counts as not plain */
/* Is a number written faster here than by pyon_write_reals(), which may make several together? */
bool plain_takes_number(PyObject *x);
/* Writes the members of a list or tuple from the i-th on as long as they are plain, with separators
   between them. Returns their number, which may be 0, or -1. With `numbers`, it ends at the first
   member that is no number, and is faster. */
Py_ssize_t plain_members(struct walker *walker, PyObject *x, Py_ssize_t i, bool numbers);
/* The same for the pairs of a dict from `position` on, at most `most`. */
Py_ssize_t plain_pairs(struct walker *walker, PyObject *dict, Py_ssize_t *position, size_t most);

#endif
