/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Lines of small values, written without a step in Python for each. */
#ifndef PYMOD_LINES_H
#define PYMOD_LINES_H

#include "state.h"

/* write_plain_lines(file, values, version) of _core. */
PyObject *lines_write(PyObject *module, PyObject *args);
extern const char lines_write_doc[];

#endif
