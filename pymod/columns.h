/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The values at some paths, of each line of a text. */
#ifndef PYMOD_COLUMNS_H
#define PYMOD_COLUMNS_H

#include "state.h"

/* read_columns(data, paths, types, version, stop) */
PyObject *columns_read(PyObject *module, PyObject *args);
extern const char columns_read_doc[];

#endif
