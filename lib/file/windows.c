/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Names and errors of Windows: see windows.h. */
#if defined(_WIN32)

#include "file/windows.h"

#include <errno.h>
#include <stdlib.h>

#ifndef ERROR_DISK_QUOTA_EXCEEDED
#define ERROR_DISK_QUOTA_EXCEEDED 1295
#endif

#define LONG_PATH 240 /* from here on a path gets a prefix; the system's own bound is 260 */

static const struct {
    DWORD error;
    int code;
} codes[] = {
    {ERROR_FILE_NOT_FOUND, ENOENT},      {ERROR_PATH_NOT_FOUND, ENOENT},
    {ERROR_INVALID_DRIVE, ENOENT},       {ERROR_BAD_NETPATH, ENOENT},
    {ERROR_BAD_NET_NAME, ENOENT},        {ERROR_BAD_PATHNAME, ENOENT},
    {ERROR_TOO_MANY_OPEN_FILES, EMFILE}, {ERROR_ACCESS_DENIED, EACCES},
    {ERROR_PRIVILEGE_NOT_HELD, EPERM},   {ERROR_INVALID_HANDLE, EBADF},
    {ERROR_SHARING_VIOLATION, EBUSY},    {ERROR_LOCK_VIOLATION, EBUSY},
    {ERROR_USER_MAPPED_FILE, EBUSY},     {ERROR_BUSY, EBUSY},
    {ERROR_NOT_ENOUGH_MEMORY, ENOMEM},   {ERROR_OUTOFMEMORY, ENOMEM},
    {ERROR_WRITE_PROTECT, EROFS},        {ERROR_FILE_EXISTS, EEXIST},
    {ERROR_ALREADY_EXISTS, EEXIST},      {ERROR_DISK_FULL, ENOSPC},
    {ERROR_HANDLE_DISK_FULL, ENOSPC},    {ERROR_DISK_QUOTA_EXCEEDED, ENOSPC},
    {ERROR_BROKEN_PIPE, EPIPE},          {ERROR_NO_DATA, EPIPE},
    {ERROR_PIPE_NOT_CONNECTED, EPIPE},   {ERROR_FILENAME_EXCED_RANGE, ENAMETOOLONG},
    {ERROR_NOT_SAME_DEVICE, EXDEV},      {ERROR_TOO_MANY_LINKS, EMLINK},
    {ERROR_DIRECTORY, ENOTDIR},          {ERROR_INVALID_NAME, EINVAL},
    {ERROR_INVALID_PARAMETER, EINVAL},   {ERROR_INVALID_FUNCTION, ENOSYS},
    {ERROR_NOT_SUPPORTED, ENOSYS},
};

int pyon_windows_errno(DWORD error)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (codes[i].error == error)
            return codes[i].code;
    return EIO;
}

wchar_t *pyon_windows_text(const char *text)
{
    int count = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, NULL, 0);
    wchar_t *wide;

    if (count <= 0) {
        errno = EILSEQ;
        return NULL;
    }
    wide = malloc((size_t)count * sizeof *wide);
    if (wide)
        MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, wide, count);
    else
        errno = ENOMEM;
    return wide;
}

/* The prefix that an absolute path needs, and how much of the path it replaces. */
static const wchar_t *prefix_for(const wchar_t *path, size_t length, size_t *replaced)
{
    *replaced = 0;
    if (length < LONG_PATH || wcsncmp(path, L"\\\\?\\", 4) == 0 ||
        wcsncmp(path, L"\\\\.\\", 4) == 0)
        return L"";
    if (wcsncmp(path, L"\\\\", 2) != 0)
        return L"\\\\?\\";
    *replaced = 2; /* "\\server\share" */
    return L"\\\\?\\UNC\\";
}

/* Puts the prefix before a path, which is freed. */
static wchar_t *prefix_path(wchar_t *path)
{
    size_t length = wcslen(path), replaced;
    const wchar_t *prefix = prefix_for(path, length, &replaced);
    size_t more = wcslen(prefix);
    wchar_t *whole;

    if (more == 0)
        return path;
    whole = malloc((more + length - replaced + 1) * sizeof *whole);
    if (whole) {
        memcpy(whole, prefix, more * sizeof *whole);
        memcpy(whole + more, path + replaced, (length - replaced + 1) * sizeof *whole);
    } else {
        errno = ENOMEM;
    }
    free(path);
    return whole;
}

/* The absolute path of a path that is not empty. */
static wchar_t *absolute_path(const wchar_t *path)
{
    DWORD room = GetFullPathNameW(path, 0, NULL, NULL), length;
    wchar_t *absolute = room > 0 ? malloc(room * sizeof *absolute) : NULL;

    if (room > 0 && !absolute) {
        errno = ENOMEM;
        return NULL;
    }
    length = room > 0 ? GetFullPathNameW(path, room, absolute, NULL) : 0;
    if (length > 0 && length < room) /* it is longer if another thread changes the directory */
        return prefix_path(absolute);
    free(absolute);
    errno = ENOENT;
    return NULL;
}

wchar_t *pyon_windows_path(const char *path)
{
    wchar_t *wide, *absolute;

    if (!*path) {
        errno = ENOENT;
        return NULL;
    }
    wide = pyon_windows_text(path);
    if (!wide)
        return NULL;
    absolute = absolute_path(wide);
    free(wide);
    return absolute;
}

const wchar_t *pyon_windows_name(const wchar_t *path)
{
    const wchar_t *name = path;

    for (const wchar_t *p = path; *p; p++)
        if (*p == L'\\' || *p == L'/' || (*p == L':' && p == path + 1))
            name = p + 1;
    return name;
}

#endif
