/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Bytes to and from files, pipes and sockets. */
#ifndef PYMOD_TRANSFER_H
#define PYMOD_TRANSFER_H

#include "compat.h"

/*
 * method(view of the data), which reads into it or writes from it: the number of bytes that it says,
 * or -1. Methods of Python's own files and sockets, which are C, return without a look at signals:
 * nothing comes between what they have done and what the caller of this notes.
 */
Py_ssize_t transfer_by_method(PyObject *method, char *data, Py_ssize_t size, int access);

/* write(view of a copy), which the method may keep. If it raises because it would have to wait, `before`
   is how much it has taken. */
Py_ssize_t transfer_by_copy(PyObject *write, const char *data, Py_ssize_t size, Py_ssize_t *before);

/* As transfer_by_method, by read(2) or write(2), while other threads run: an interrupted call is made again. Errors
   name the file, unless `name` is NULL. */
Py_ssize_t transfer_by_descriptor(int fd, char *data, size_t size, bool out, PyObject *name);

#endif
