/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Lines that were received: bytes that are a str already. */
#ifndef PYMOD_LINE_H
#define PYMOD_LINE_H

#include "compat.h"

/* Takes `size` bytes from the start of a bytearray: a str if they are ASCII, else bytes. What is
   behind them stays. */
PyObject *line_take(PyObject *buffer, Py_ssize_t size);

/* take_text(buffer, size): the same, for Python. */
PyObject *line_take_text(PyObject *module, PyObject *args);

/* Puts the types Gather and Line into the module. */
int line_add_types(PyObject *module);

#endif
