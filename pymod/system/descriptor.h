/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Files by descriptors of the C runtime: descriptor_posix.c and descriptor_windows.c say how. Names
 * are those of PyUnicode_FSConverter. A function that fails sets errno, unless it says otherwise. A
 * descriptor that is none is EBADF.
 */
#ifndef PYMOD_DESCRIPTOR_H
#define PYMOD_DESCRIPTOR_H

#include "compat.h"

/* Opens a file. The flags are those of open(2), here O_RDONLY or O_RDWR | O_CREAT | O_APPEND. No
   other program gets the descriptor, and others may replace the file meanwhile. */
int descriptor_open(const char *path, int flags);
void descriptor_close(int fd);

/* Return the number of bytes, which may be smaller than `size`; 0 at the end; -1. */
Py_ssize_t descriptor_read(int fd, char *data, size_t size);
Py_ssize_t descriptor_write(int fd, const char *data, size_t size);

/* Is it a file with a size? Fills that; 0 for any other. Returns 0, or -1. */
int descriptor_look(int fd, bool *is_regular, int64_t *size);

/* The offset of the next byte that is read; -1. */
int64_t descriptor_offset(int fd);

/* Goes to the end of the file. Returns its size, and fills the last byte if there is one; -1. */
int64_t descriptor_find_end(int fd, char *last);

/* Cuts the file. Returns 0, or -1. */
int descriptor_truncate(int fd, int64_t size);

/* The last part of a path. */
const char *descriptor_name(const char *path);

/* Sets the exception for a file that cannot be replaced since it is EBUSY. */
void descriptor_raise_busy(PyObject *name);

#endif
