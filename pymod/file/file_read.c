/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The text of a file, from open to close in one call. In Python, a signal handler may raise between
 * any two steps: a descriptor that was just opened would stay open. Here handlers run after each
 * piece, and the file is closed even if a handler raises.
 *
 * Most files are ASCII, where a character is a byte: they are read into the inside of the str.
 */
#include "ascii.h"
#include "file/file.h"
#include "file/transfer.h"
#include "system/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define PIECE                                                                                      \
    ((size_t)1                                                                                     \
     << 20) /* bytes of a system call: signal handlers and other threads run between two of them */
#define UNKNOWN ((size_t)1 << 16) /* bytes that are read first of a file whose size is unknown */

/* Reads `size` bytes, fewer only at the end of the file. Returns the number, or -1. */
static Py_ssize_t read_all(int fd, PyObject *name, char *data, size_t size)
{
    size_t total = 0;
    Py_ssize_t count = 1;

    for (; total < size && count != 0; total += (size_t)count) {
        size_t most = size - total < PIECE ? size - total : PIECE;

        count = transfer_by_descriptor(fd, data + total, most, false, name);
        if (count < 0 || PyErr_CheckSignals() < 0)
            return -1;
    }
    return (Py_ssize_t)total;
}

/* All of a file, as bytes. The `length` bytes at `begun` have been read already; `expected`
   bytes are the likely size of it all. */
static PyObject *read_rest(int fd, PyObject *name, const char *begun, size_t length,
                           size_t expected)
{
    size_t size =
        expected > length ? expected + 1 : length + UNKNOWN; /* one more: to see the end */
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size);
    Py_ssize_t count;

    if (bytes)
        memcpy(PyBytes_AS_STRING(bytes), begun, length);
    while (bytes) {
        count = read_all(fd, name, PyBytes_AS_STRING(bytes) + length, size - length);
        if (count < 0) {
            Py_CLEAR(bytes);
            break;
        }
        length += (size_t)count;
        if (length < size) {
            compat_bytes_resize(&bytes, length);
            break;
        }
        if (size > (size_t)PY_SSIZE_T_MAX / 4) {
            PyErr_NoMemory();
            Py_CLEAR(bytes);
            break;
        }
        size *= 2;
        compat_bytes_resize(&bytes, size);
    }
    return bytes;
}

static bool is_plain(const char *data, size_t size)
{
    return is_ascii(data, size) && !memchr(data, '\r', size);
}

/* Reads `size` bytes, but only a piece if that is not plain. Returns the number, or -1. */
static Py_ssize_t read_plain(int fd, PyObject *name, char *data, size_t size)
{
    size_t first = size < PIECE ? size : PIECE;
    Py_ssize_t count = read_all(fd, name, data, first), more;

    if (count < 0 || (size_t)count == size || (size_t)count < first || !is_plain(data, first))
        return count;
    more = read_all(fd, name, data + first, size - first);
    return more < 0 ? -1 : count + more;
}

/* A file of that size, in bytes: its text if that is ASCII without CR, else all its bytes. */
static PyObject *read_text(int fd, PyObject *name, size_t size)
{
    PyObject *text = PyUnicode_New((Py_ssize_t)size, 127), *bytes = NULL;
    char *data = text ? PyUnicode_DATA(text) : NULL;
    Py_ssize_t count, grown = 0;

    if (!text)
        return NULL;
    advise_object(text, data, size);
    count = read_plain(fd, name, data, size);
    if (count == (Py_ssize_t)size && is_plain(data, size)) {
        grown = read_all(fd, name, data + size, 1); /* a byte more, in the place of the NUL */
        if (grown == 0) {
            data[size] = '\0';
            return text;
        }
    }
    if (count >= 0 && grown >= 0)
        bytes = read_rest(fd, name, data, (size_t)(count + grown), size);
    Py_DECREF(text);
    return bytes;
}

static PyObject *read_descriptor(int fd, PyObject *name)
{
    int64_t start, end;
    bool is_regular;

    if (descriptor_look(fd, &is_regular, &end) != 0) {
        path_raise(errno, name);
        return NULL;
    }
    if (!is_regular)
        return read_rest(fd, name, "", 0, 0);
    start = descriptor_offset(fd);
    if (start < 0) {
        path_raise(errno, name);
        return NULL;
    }
    if (end <= start)
        return read_rest(fd, name, "", 0, 0);
    if ((uint64_t)(end - start) > (size_t)PY_SSIZE_T_MAX / 4)
        return PyErr_NoMemory();
    return read_text(fd, name, (size_t)(end - start));
}

/* Reads a file, and closes it in any case. */
static PyObject *read_and_close(int fd, PyObject *name)
{
    PyObject *text = read_descriptor(fd, name);

    descriptor_close(fd);
    return text;
}

PyObject *file_read(PyObject *module, PyObject *path)
{
    PyObject *name, *encoded = NULL, *text = NULL;
    int fd;

    (void)module;
    if (PyLong_Check(path)) {
        fd = PyObject_AsFileDescriptor(path);
        name = fd < 0 ? NULL : PyObject_Str(path);
    } else {
        if (path_take(path, &name, &encoded) < 0)
            return NULL;
        fd = path_open(PyBytes_AS_STRING(encoded), name, "r", O_RDONLY);
    }
    if (name && fd >= 0)
        text = read_and_close(fd, name);
    Py_XDECREF(encoded);
    Py_XDECREF(name);
    return text;
}
