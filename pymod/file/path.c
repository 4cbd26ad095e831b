/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Names of files, and the errors that contain them.
 *
 * Only errors of system calls get the name of the file. An exception of a signal handler or of a
 * constructor stays as it is, even if it is an OSError.
 */
#include "file/file.h"
#include "system/descriptor.h"

#include <errno.h>

void path_raise(int code, PyObject *name)
{
    errno = code;
    PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, name);
}

int path_take(PyObject *path, PyObject **name, PyObject **encoded)
{
    *name = PyOS_FSPath(path);
    if (!*name)
        return -1;
    if (!PyUnicode_FSConverter(*name, encoded))
        Py_CLEAR(*name);
    return *name ? 0 : -1;
}

int path_open(const char *path, PyObject *name, const char *mode, int flags)
{
    int fd, code;

    if (PySys_Audit("open", "Osi", name, mode, flags) < 0)
        return -1;
    do {
        PyThreadState *thread = PyEval_SaveThread();

        fd = descriptor_open(path, flags);
        code = errno;
        PyEval_RestoreThread(thread);
        if (fd < 0 && code == EINTR && PyErr_CheckSignals() < 0)
            return -1;
    } while (fd < 0 && code == EINTR);
    if (fd < 0)
        path_raise(code, name);
    return fd;
}
