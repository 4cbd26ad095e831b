/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Bytes to and from files, pipes and sockets. */
#ifndef PYMOD_TRANSFER_H
#define PYMOD_TRANSFER_H

#include "compat.h"

/*
 * Calls method(view of the data), which reads into the view or writes from it. Returns the number
 * of bytes that the method returns, or -1. The methods of Python's own files and sockets are C: no
 * signal handler runs between their system call and the return of this function, so the caller can
 * note the number first.
 */
Py_ssize_t transfer_by_method(PyObject *method, char *data, Py_ssize_t size, int access);

/* Calls write(view of a copy), which the method may keep. If it raises because it would have to
   wait, fills `before` with the number of bytes that it has taken. */
Py_ssize_t transfer_by_copy(PyObject *write, const char *data, Py_ssize_t size, Py_ssize_t *before);

/* Does the same by read(2) or write(2), while other threads run. A call that a signal interrupts
   is made again. Errors contain the name of the file, unless `name` is NULL. */
Py_ssize_t transfer_by_descriptor(int fd, char *data, size_t size, bool out, PyObject *name);

#endif
