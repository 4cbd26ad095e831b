/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Text between a str and a file without a copy beside it: what is written or read is the inside
 * of the str. Only for ASCII, of which a character is a byte; _files.py does the rest.
 *
 * The file is a method, write or readinto of an unbuffered binary file, which is given a view of
 * a piece of the str. The view is released when the method returns: such a file keeps none.
 */
#include "pymod.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define PIECE ((Py_ssize_t)1 << 20) /* bytes to a call: signals and other threads come between */

Py_ssize_t file_transfer(PyObject *method, char *data, Py_ssize_t size, int access)
{
    PyObject *view = PyMemoryView_FromMemory(data, size, access), *count, *none;
    Py_ssize_t done = -1;

    if (!view)
        return -1;
    count = PyObject_CallOneArg(method, view);
    if (count == Py_None) {
        PyErr_SetString(PyExc_BlockingIOError, "the file would have to wait");
        Py_CLEAR(count);
    }
    if (count) {
        done = PyLong_AsSsize_t(count);
        if (!PyErr_Occurred() && (done < 0 || done > size))
            PyErr_SetString(PyExc_OSError, "a file has moved more bytes than it was given");
        Py_DECREF(count);
        none = PyErr_Occurred() ? NULL : PyObject_CallMethod(view, "release", NULL);
        if (!none)
            done = -1;
        Py_XDECREF(none);
    }
    Py_DECREF(view);
    return done;
}

Py_ssize_t file_move(int fd, char *data, size_t size, bool out)
{
    Py_ssize_t count;
    int code;

    do {
        PyThreadState *thread = PyEval_SaveThread();

        count = out ? write(fd, data, size) : read(fd, data, size);
        code = errno;
        PyEval_RestoreThread(thread);
        if (count < 0 && code == EINTR && PyErr_CheckSignals() < 0)
            return -1;
    } while (count < 0 && code == EINTR);
    if (count < 0) {
        errno = code;
        PyErr_SetFromErrno(PyExc_OSError);
    }
    return count;
}

PyObject *file_write(PyObject *method, PyObject *text)
{
    char *data = PyUnicode_DATA(text);
    Py_ssize_t left = PyUnicode_GET_LENGTH(text), done;

    for (; left > 0; data += done, left -= done) {
        done = file_transfer(method, data, left < PIECE ? left : PIECE, PyBUF_READ);
        if (done < 0)
            return NULL;
        if (done == 0) {
            PyErr_SetString(PyExc_OSError, "a file takes no more bytes");
            return NULL;
        }
    }
    Py_RETURN_NONE;
}

/* Reads up to `size` bytes: how many, or -1. */
static Py_ssize_t read_pieces(PyObject *method, char *data, Py_ssize_t size)
{
    Py_ssize_t total = 0, done = 1;

    for (; total < size && done > 0; total += done) {
        Py_ssize_t left = size - total;

        done = file_transfer(method, data + total, left < PIECE ? left : PIECE, PyBUF_WRITE);
        if (done < 0)
            return -1;
    }
    return total;
}

PyObject *file_read(PyObject *method, Py_ssize_t size)
{
    PyObject *text = PyUnicode_New(size, 127);
    Py_ssize_t total;

    if (!text || size == 0)
        return text;
    advise_object(text, PyUnicode_DATA(text), (size_t)size);
    total = read_pieces(method, PyUnicode_DATA(text), size);
    if (total == size && is_ascii(PyUnicode_DATA(text), (size_t)size) &&
        !memchr(PyUnicode_DATA(text), '\r', (size_t)size))
        return text;
    /* Not yet a str: its bytes may be anything. */
    Py_DECREF(text);
    if (total < 0)
        return NULL;
    Py_RETURN_NONE;
}
