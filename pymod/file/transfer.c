/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Bytes to and from files, pipes and sockets.
 *
 * Each function returns the number of bytes before a signal handler of Python can run. The caller
 * notes it first: so no byte is lost or written twice if the handler raises.
 */
#include "file/transfer.h"
#include "raise.h"
#include "system/descriptor.h"

#include <errno.h>

Py_ssize_t transfer_by_method(PyObject *method, char *data, Py_ssize_t size, int access)
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

/* The number of bytes that a buffered file has taken before it had to wait. The exception stays. */
static Py_ssize_t taken_before_waiting(void)
{
    PyObject *exception, *number;
    Py_ssize_t count;

    if (!PyErr_ExceptionMatches(PyExc_BlockingIOError))
        return 0;
    exception = raise_take();
    number = PyObject_GetAttrString(exception, "characters_written");
    count = number ? PyLong_AsSsize_t(number) : -1;
    Py_XDECREF(number);
    raise_again(exception); /* also in the place of an AttributeError */
    return count > 0 ? count : 0;
}

Py_ssize_t transfer_by_copy(PyObject *write, const char *data, Py_ssize_t size, Py_ssize_t *before)
{
    PyObject *copy = PyBytes_FromStringAndSize(data, size);
    PyObject *view = copy ? PyMemoryView_FromObject(copy) : NULL, *number;
    Py_ssize_t count = -1;

    Py_XDECREF(copy);
    if (!view)
        return -1;
    number = PyObject_CallOneArg(write, view);
    if (!number) {
        count = taken_before_waiting();
        *before = count < size ? count : size;
        count = -1;
    } else if (number == Py_None) {
        PyErr_SetString(PyExc_BlockingIOError, "the file takes no data at the moment");
    } else {
        count = PyLong_AsSsize_t(number);
        if (count > size || (count < 0 && !PyErr_Occurred())) {
            PyErr_SetString(PyExc_OSError, "a file has moved more bytes than it was given");
            count = -1;
        }
    }
    Py_XDECREF(number);
    Py_DECREF(view);
    return count;
}

Py_ssize_t transfer_by_descriptor(int fd, char *data, size_t size, bool out, PyObject *name)
{
    Py_ssize_t count;
    int code;

    do {
        PyThreadState *thread = PyEval_SaveThread();

        count = out ? descriptor_write(fd, data, size) : descriptor_read(fd, data, size);
        code = errno;
        PyEval_RestoreThread(thread);
        if (count < 0 && code == EINTR && PyErr_CheckSignals() < 0)
            return -1;
    } while (count < 0 && code == EINTR);
    if (count < 0) {
        errno = code;
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, name);
    }
    return count;
}
