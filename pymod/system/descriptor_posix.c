/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Files by the calls of POSIX. */
#if !defined(_WIN32)

#include "system/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int descriptor_open(const char *path, int flags)
{
    return open(path, flags | O_CLOEXEC, 0666);
}

void descriptor_close(int fd)
{
    close(fd);
}

Py_ssize_t descriptor_read(int fd, char *data, size_t size)
{
    return read(fd, data, size);
}

Py_ssize_t descriptor_write(int fd, const char *data, size_t size)
{
    return write(fd, data, size);
}

int descriptor_look(int fd, bool *is_regular, int64_t *size)
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        return -1;
    *is_regular = S_ISREG(status.st_mode);
    *size = *is_regular ? status.st_size : 0;
    return 0;
}

int64_t descriptor_offset(int fd)
{
    return lseek(fd, 0, SEEK_CUR);
}

int64_t descriptor_find_end(int fd, char *last)
{
    off_t size = lseek(fd, 0, SEEK_END);

    return size > 0 && pread(fd, last, 1, size - 1) < 0 ? -1 : size;
}

int descriptor_truncate(int fd, int64_t size)
{
    int status;

    do
        status = ftruncate(fd, (off_t)size);
    while (status < 0 && errno == EINTR);
    return status;
}

const char *descriptor_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

void descriptor_raise_busy(PyObject *name)
{
    PyObject *error = PyObject_CallFunction(PyExc_OSError, "isO", EBUSY,
                                            "Device or resource busy: a file that is a mount point "
                                            "cannot be replaced; mount its directory instead",
                                            name);

    if (error)
        PyErr_SetObject((PyObject *)Py_TYPE(error), error);
    Py_XDECREF(error);
}

#endif
