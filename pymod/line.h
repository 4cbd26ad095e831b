/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The types Gather and Line: lines that come in pieces, and long lines that are a str already. */
#ifndef PYMOD_LINE_H
#define PYMOD_LINE_H

#include "compat.h"

/* Makes the type Line. */
int line_init(PyObject *module);
/* Is the type Line, or a subclass of it? */
bool line_is_type(PyTypeObject *type);
/* Makes a line of such a type. line_end() must give it an ASCII str, which it steals. */
PyObject *line_begin(PyTypeObject *type);
void line_end(PyObject *line, PyObject *text);

/* ---- gather.c ---- */

/* Makes the type Gather. */
int gather_init(PyObject *module);

#endif
