/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Bytes to and from files, pipes and sockets.
 *
 * The number of bytes is returned before a signal handler of Python can run: the caller notes it first,
 * so that nothing is lost or written twice if the handler raises.
 */
#include "file/transfer.h"

#include <errno.h>
#include <unistd.h>

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

Py_ssize_t transfer_by_descriptor(int fd, char *data, size_t size, bool out, PyObject *name)
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
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, name);
    }
    return count;
}
