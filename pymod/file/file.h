/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Files that are read, replaced and appended to. */
#ifndef PYMOD_FILE_H
#define PYMOD_FILE_H

#include "state.h"

/* Makes the type File. */
int file_init(PyObject *module, struct state *state);
PyObject *file_open(PyObject *module, PyObject *path);
PyObject *file_replace(PyObject *module, PyObject *args);
PyObject *file_append(PyObject *module, PyObject *args);
/* Writes bytes to a File. */
int file_put(PyObject *file, const char *data, size_t size);

/* ---- file_read.c ---- */

PyObject *file_read(PyObject *module, PyObject *path);

/* ---- path.c ---- */

/* Fills the name of a file for errors, and the bytes of it for the system. Both are new. */
int path_take(PyObject *path, PyObject **name, PyObject **encoded);

/* Calls open(2). Signal handlers and other threads run meanwhile. */
int path_open(const char *path, PyObject *name, const char *mode, int flags);

/* Sets the OSError of a system call. */
void path_raise(int code, PyObject *name);

#endif
