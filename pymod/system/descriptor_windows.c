/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Files by the calls of Windows. Python and the extension must have the same C runtime, UCRT: their
 * descriptors are in a table of it. Sockets are not there.
 *
 * The runtime would end the process if it is given a descriptor that is none. So each of its calls
 * stands between quiet() and unquiet(), and then it sets EBADF.
 */
#if defined(_WIN32)

#include "file/windows.h"
#include "system/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <limits.h>
#include <stdlib.h>

/* Of UCRT; the headers of MinGW do not have it. */
__declspec(dllimport) _invalid_parameter_handler
    __cdecl _set_thread_local_invalid_parameter_handler(_invalid_parameter_handler handler);

static void ignore(const wchar_t *expression, const wchar_t *function, const wchar_t *file,
                   unsigned line, uintptr_t reserved)
{
    (void)expression, (void)function, (void)file, (void)line, (void)reserved;
}

static _invalid_parameter_handler quiet(void)
{
    return _set_thread_local_invalid_parameter_handler(ignore);
}

static void unquiet(_invalid_parameter_handler before)
{
    int code = errno;

    _set_thread_local_invalid_parameter_handler(before);
    errno = code;
}

static HANDLE handle_of(int fd)
{
    _invalid_parameter_handler before = quiet();
    HANDLE handle = (HANDLE)_get_osfhandle(fd);

    unquiet(before);
    return handle;
}

/* Sets errno for the error of the system: always -1. */
static int fail(void)
{
    errno = pyon_windows_errno(GetLastError());
    return -1;
}

int descriptor_open(const char *path, int flags)
{
    const DWORD access = flags & O_RDWR ? GENERIC_READ | GENERIC_WRITE : GENERIC_READ;
    const DWORD shared = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    wchar_t *wide = pyon_windows_path(path);
    HANDLE handle;
    int fd;

    if (!wide)
        return -1;
    handle = CreateFileW(wide, access, shared, NULL, flags & O_CREAT ? OPEN_ALWAYS : OPEN_EXISTING,
                         FILE_ATTRIBUTE_NORMAL, NULL);
    free(wide);
    if (handle == INVALID_HANDLE_VALUE)
        return fail();
    fd = _open_osfhandle((intptr_t)handle, flags | _O_BINARY | _O_NOINHERIT);
    if (fd < 0)
        CloseHandle(handle);
    return fd;
}

void descriptor_close(int fd)
{
    _invalid_parameter_handler before = quiet();

    _close(fd);
    unquiet(before);
}

Py_ssize_t descriptor_read(int fd, char *data, size_t size)
{
    _invalid_parameter_handler before = quiet();
    int count = _read(fd, data, (unsigned)(size < INT_MAX ? size : INT_MAX));

    unquiet(before);
    return count;
}

Py_ssize_t descriptor_write(int fd, const char *data, size_t size)
{
    _invalid_parameter_handler before = quiet();
    int count = _write(fd, data, (unsigned)(size < INT_MAX ? size : INT_MAX));

    unquiet(before);
    return count;
}

int descriptor_look(int fd, bool *is_regular, int64_t *size)
{
    HANDLE handle = handle_of(fd);
    LARGE_INTEGER bytes = {0};

    if (handle == INVALID_HANDLE_VALUE)
        return -1;
    *is_regular = GetFileType(handle) == FILE_TYPE_DISK;
    if (*is_regular && !GetFileSizeEx(handle, &bytes))
        return fail();
    *size = bytes.QuadPart;
    return 0;
}

static int64_t seek(int fd, int64_t offset, int whence)
{
    _invalid_parameter_handler before = quiet();
    int64_t place = _lseeki64(fd, offset, whence);

    unquiet(before);
    return place;
}

int64_t descriptor_offset(int fd)
{
    return seek(fd, 0, SEEK_CUR);
}

int64_t descriptor_find_end(int fd, char *last)
{
    int64_t size = seek(fd, 0, SEEK_END);

    if (size > 0 && (seek(fd, size - 1, SEEK_SET) < 0 || descriptor_read(fd, last, 1) < 0))
        return -1;
    return size;
}

int descriptor_truncate(int fd, int64_t size)
{
    _invalid_parameter_handler before = quiet();
    int code = _chsize_s(fd, size);

    unquiet(before);
    return code == 0 ? 0 : -1;
}

const char *descriptor_name(const char *path)
{
    const char *name = path;

    for (const char *p = path; *p; p++)
        if (*p == '\\' || *p == '/' || (*p == ':' && p == path + 1))
            name = p + 1;
    return name;
}

/* A PermissionError, as os.replace() raises it. */
void descriptor_raise_busy(PyObject *name)
{
    PyErr_SetExcFromWindowsErrWithFilenameObject(PyExc_OSError, ERROR_SHARING_VIOLATION, name);
}

#endif
