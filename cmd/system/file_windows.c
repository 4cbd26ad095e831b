/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Files by the calls of Windows. Descriptors are those of the C runtime, in binary mode (start_windows.c). */
#if defined(_WIN32)

#include "file/windows.h"
#include "system/file.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST ((size_t)1 << 20) /* bytes of one call: some consoles refuse more */

static HANDLE handle_of(int fd)
{
    return (HANDLE)_get_osfhandle(fd);
}

/* Sets errno for the error of the system: always false. */
static bool fail(void)
{
    errno = pyon_windows_errno(GetLastError());
    return false;
}

/* A directory can be opened as well, so that there is something to say about it. */
static HANDLE open_shared(const char *path, DWORD access)
{
    const DWORD shared = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    wchar_t *wide = pyon_windows_path(path);
    HANDLE handle;

    if (!wide)
        return INVALID_HANDLE_VALUE;
    handle =
        CreateFileW(wide, access, shared, NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    if (handle == INVALID_HANDLE_VALUE)
        fail();
    free(wide);
    return handle;
}

int file_open(const char *path)
{
    HANDLE handle = open_shared(path, GENERIC_READ);
    int fd;

    if (handle == INVALID_HANDLE_VALUE)
        return -1;
    fd = _open_osfhandle((intptr_t)handle, _O_RDONLY | _O_BINARY | _O_NOINHERIT);
    if (fd < 0)
        CloseHandle(handle);
    return fd;
}

void file_close(int fd)
{
    _close(fd);
}

/* Standard input may be a file that tells only its size. */
static bool take_facts(struct file_facts *facts, HANDLE handle)
{
    BY_HANDLE_FILE_INFORMATION status;
    LARGE_INTEGER size;

    *facts = (struct file_facts){0};
    if (GetFileType(handle) != FILE_TYPE_DISK)
        return true;
    facts->is_directory = GetFileInformationByHandle(handle, &status) &&
                          (status.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY);
    facts->is_regular = !facts->is_directory;
    if (facts->is_regular && !GetFileSizeEx(handle, &size))
        return fail();
    facts->size = facts->is_regular ? (uint64_t)size.QuadPart : 0;
    return true;
}

bool file_look(int fd, struct file_facts *facts)
{
    return take_facts(facts, handle_of(fd));
}

bool file_look_at(const char *path, struct file_facts *facts)
{
    HANDLE handle = open_shared(path, FILE_READ_ATTRIBUTES);
    bool done;

    if (handle == INVALID_HANDLE_VALUE)
        return false;
    done = take_facts(facts, handle);
    CloseHandle(handle);
    return done;
}

int64_t file_offset(int fd)
{
    return _telli64(fd);
}

bool file_seek(int fd, uint64_t offset)
{
    return _lseeki64(fd, (int64_t)offset, SEEK_SET) >= 0;
}

ptrdiff_t file_read(int fd, char *data, size_t size)
{
    return _read(fd, data, (unsigned)(size < MOST ? size : MOST));
}

/* A read at an offset moves the offset of the file, too. */
ptrdiff_t file_read_at(int fd, char *data, size_t size, uint64_t offset)
{
    const int64_t before = _telli64(fd);
    OVERLAPPED place = {.Offset = (DWORD)offset, .OffsetHigh = (DWORD)(offset >> 32)};
    DWORD count = 0, error = 0;

    if (!ReadFile(handle_of(fd), data, (DWORD)(size < MOST ? size : MOST), &count, &place))
        error = GetLastError();
    if (_lseeki64(fd, before, SEEK_SET) < 0)
        return -1;
    if (error == 0 || error == ERROR_HANDLE_EOF)
        return (ptrdiff_t)count;
    errno = pyon_windows_errno(error);
    return -1;
}

ptrdiff_t file_write(int fd, const char *data, size_t size)
{
    int count = _write(fd, data, (unsigned)(size < MOST ? size : MOST));

    if (count < 0 && file_has_no_reader())
        errno = EPIPE;
    return count;
}

/* errno does not tell: the C runtime knows only one of these errors, and forgets a text that it could not write. */
bool file_has_no_reader(void)
{
    return _doserrno == ERROR_NO_DATA || _doserrno == ERROR_BROKEN_PIPE ||
           _doserrno == ERROR_PIPE_NOT_CONNECTED;
}

void file_keep_rights(int fd, const char *old)
{
    wchar_t *path = pyon_windows_path(old);
    SECURITY_DESCRIPTOR *rights = NULL;
    DWORD size = 0;

    if (!path)
        return;
    GetFileSecurityW(path, DACL_SECURITY_INFORMATION, NULL, 0, &size);
    if (size > 0)
        rights = malloc(size);
    if (rights && GetFileSecurityW(path, DACL_SECURITY_INFORMATION, rights, size, &size))
        SetKernelObjectSecurity(handle_of(fd), DACL_SECURITY_INFORMATION, rights);
    free(rights);
    free(path);
}

const char *file_name(const char *path)
{
    const char *name = path;

    for (const char *p = path; *p; p++)
        if (*p == '\\' || *p == '/' || (*p == ':' && p == path + 1))
            name = p + 1;
    return name;
}

const char *file_reason(int code)
{
    return code == EBUSY ? "another program has it open" : strerror(code);
}

#endif
