/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Text between a str and a file; path.c and file_read.c are parts of it. */
#ifndef PYMOD_FILE_H
#define PYMOD_FILE_H

#include "state.h"

/* Makes the type File. */
int file_init(PyObject *module, struct state *state);
PyObject *file_open(PyObject *module, PyObject *path);
PyObject *file_replace(PyObject *module, PyObject *args);
PyObject *file_append(PyObject *module, PyObject *args);

/* ---- file_read.c ---- */

PyObject *file_read(PyObject *module, PyObject *path);

/* ---- path.c ---- */

/* Fills a name as errors show it, and as the system takes it: bytes. Both are new. */
int path_take(PyObject *path, PyObject **name, PyObject **encoded);

/* open(2), which may take long: signal handlers and other threads run meanwhile. */
int path_open(const char *path, PyObject *name, const char *mode, int flags);

/* Sets the OSError of a system call. */
void path_raise(int code, PyObject *name);

#endif
