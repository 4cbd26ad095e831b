/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Text that is handed out in pieces. */
#ifndef PYMOD_PIECES_H
#define PYMOD_PIECES_H

#include "state.h"

/* Makes the type of the iterators. */
int pieces_init(PyObject *module, struct state *state);
PyObject *pieces_v1(PyObject *module, PyObject *const *args, Py_ssize_t count, PyObject *keywords);
PyObject *pieces_v2(PyObject *module, PyObject *const *args, Py_ssize_t count, PyObject *keywords);
extern const char pieces_v1_doc[], pieces_v2_doc[];

#endif
