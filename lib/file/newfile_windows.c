/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A new file that takes the place of another one, on Windows.
 *
 * Every file has a name there. But a file can be marked for deletion: the system removes it when
 * its last handle is closed, however the process ends. The new file, which has the name of beside.h
 * from the start, has this mark until its content is on the disk. So a process that is killed
 * leaves nothing, except between the two calls that take the mark away and rename the file.
 *
 * The handle of the new file lets no other program write to it. This is the lock: it holds as long
 * as the process lives. The next process removes a file of that name only if it can open the file
 * for writing and nobody else has it open, and if the file has no other name. Another process that
 * stores the same file at the same time takes other names.
 *
 * The system does not replace a file that another program has open, unless that program shares it
 * for deletion. Virus scanners and indexers open new files for a moment. So what fails for such a
 * reason is tried again for two seconds; then the error is EBUSY, and the old file stays.
 */
#if defined(_WIN32)

#include "file/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <string.h>

#define LONGEST_PAUSE 128 /* milliseconds between two tries: 1, 2, 4, ... */
#define ALL_PAUSES 2000

/* All others may do the same at the same time. */
#define SHARED (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

/* The way of Windows 10 and newer: as on POSIX, readers keep the old file, if they share it. The
   headers have these names only for programs that run nowhere else. */
#define RENAME_INFO_EX ((FILE_INFO_BY_HANDLE_CLASS)22)
#define RENAME_REPLACE 1
#define RENAME_POSIX 2

/* ---- Files ---- */

/* Opens a file, or a link itself; a directory too. */
static HANDLE open_named(const wchar_t *path, DWORD access, DWORD share)
{
    return CreateFileW(path, access, share, NULL, OPEN_EXISTING,
                       FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS, NULL);
}

/* Fills the facts about a name. Returns 0, or an error of the system. */
static DWORD look(const wchar_t *path, BY_HANDLE_FILE_INFORMATION *facts)
{
    HANDLE handle = open_named(path, FILE_READ_ATTRIBUTES, SHARED);
    DWORD error = 0;

    if (handle == INVALID_HANDLE_VALUE)
        return GetLastError();
    if (!GetFileInformationByHandle(handle, facts))
        error = GetLastError();
    CloseHandle(handle);
    return error;
}

static bool is_missing(DWORD error)
{
    return error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND;
}

static struct file_identity identity_of(const BY_HANDLE_FILE_INFORMATION *facts)
{
    return (struct file_identity){facts->dwVolumeSerialNumber, facts->nFileIndexHigh,
                                  facts->nFileIndexLow};
}

static bool is_same(struct file_identity a, struct file_identity b)
{
    return a.volume == b.volume && a.high == b.high && a.low == b.low;
}

static bool has_identity(const wchar_t *path, struct file_identity identity)
{
    BY_HANDLE_FILE_INFORMATION facts;

    return look(path, &facts) == 0 && is_same(identity_of(&facts), identity);
}

static bool is_regular(const BY_HANDLE_FILE_INFORMATION *facts)
{
    return !(facts->dwFileAttributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT));
}

static bool is_directory(const wchar_t *path)
{
    BY_HANDLE_FILE_INFORMATION facts;

    return look(path, &facts) == 0 && facts.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY;
}

/* Does the file go when its last handle is closed? Returns 0, or an error of the system. */
static DWORD mark(HANDLE handle, bool goes)
{
    FILE_DISPOSITION_INFO info = {.DeleteFile = goes};

    return SetFileInformationByHandle(handle, FileDispositionInfo, &info, sizeof info)
               ? 0
               : GetLastError();
}

int newfile_sync(int fd)
{
    DWORD error = FlushFileBuffers((HANDLE)_get_osfhandle(fd)) ? 0 : GetLastError();

    if (error == ERROR_INVALID_FUNCTION || error == ERROR_INVALID_HANDLE ||
        error == ERROR_NOT_SUPPORTED)
        return 0;
    return error == 0 ? 0 : pyon_windows_errno(error);
}

/* The file systems of Windows put names on the disk by themselves, in their order. */
void newfile_sync_directory(const char *path)
{
    (void)path;
}

/* ---- Again ---- */

/* Does this error mean that another program has the file open? */
static bool is_held(DWORD error)
{
    return error == ERROR_SHARING_VIOLATION || error == ERROR_ACCESS_DENIED ||
           error == ERROR_LOCK_VIOLATION || error == ERROR_USER_MAPPED_FILE;
}

/* How long a call has been tried. */
struct patience {
    DWORD pause, waited; /* milliseconds */
};

/* Waits if the call is to be tried again after this error. */
static bool try_again(struct patience *patience, DWORD error)
{
    if (!is_held(error) || patience->waited >= ALL_PAUSES)
        return false;
    if (patience->pause < LONGEST_PAUSE)
        patience->pause = patience->pause > 0 ? 2 * patience->pause : 1;
    Sleep(patience->pause);
    patience->waited += patience->pause;
    return true;
}

/* The errno after the last try. Access may be denied because we may not, or because the file is
   open: then it can still be opened once more. */
static int code_of(DWORD error, const wchar_t *path)
{
    HANDLE handle;

    if (error != ERROR_ACCESS_DENIED)
        return error == 0 ? 0 : pyon_windows_errno(error);
    handle = open_named(path, DELETE, SHARED);
    if (handle == INVALID_HANDLE_VALUE)
        return pyon_windows_errno(GetLastError());
    CloseHandle(handle);
    return EBUSY;
}

/* ---- Names beside the file ---- */

/* A new path: the directory of `path`, with another name. NULL with errno. */
static wchar_t *beside(const wchar_t *path, const char *name)
{
    size_t directory = (size_t)(pyon_windows_name(path) - path);
    wchar_t *wide = pyon_windows_text(name), *whole = NULL;

    if (!wide)
        return NULL;
    whole = malloc((directory + wcslen(wide) + 1) * sizeof *whole);
    if (whole) {
        memcpy(whole, path, directory * sizeof *whole);
        wcscpy(whole + directory, wide);
    } else {
        errno = ENOMEM;
    }
    free(wide);
    return whole;
}

/* Fills the name of the file in UTF-8, for the names beside it. */
static int name_of(const wchar_t *path, char *name, int room)
{
    int length =
        WideCharToMultiByte(CP_UTF8, 0, pyon_windows_name(path), -1, name, room, NULL, NULL);

    return length > 0 ? 0 : ENAMETOOLONG;
}

static int spell_names(struct new_file *file, int number)
{
    char name[4 * MAX_PATH];
    struct beside names;
    int code = name_of(file->path, name, sizeof name);

    if (code != 0)
        return code;
    pyon_spell_beside(&names, name, number);
    free(file->waiting);
    free(file->waiting_backup);
    file->waiting = beside(file->path, names.waiting);
    file->waiting_backup = beside(file->path, names.backup);
    return file->waiting && file->waiting_backup ? 0 : errno;
}

/* Is this the other name of the old file or of the backup, or a copy that was being made? */
static bool is_our_backup(const struct new_file *file, const BY_HANDLE_FILE_INFORMATION *facts)
{
    struct file_identity identity = identity_of(facts);

    return has_identity(file->path, identity) ||
           (file->backup && has_identity(file->backup, identity)) ||
           (is_regular(facts) && facts->nNumberOfLinks == 1) ||
           (facts->dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT);
}

/* Removes what a killed process has left under both names, the first of which this handle has. */
static void remove_names(const struct new_file *file, HANDLE handle)
{
    BY_HANDLE_FILE_INFORMATION facts;
    DWORD error;

    if (!GetFileInformationByHandle(handle, &facts) || !is_regular(&facts) ||
        facts.nNumberOfLinks != 1)
        return;
    error = look(file->waiting_backup, &facts);
    if (error == 0 && is_our_backup(file, &facts))
        error = DeleteFileW(file->waiting_backup) ? ERROR_FILE_NOT_FOUND : GetLastError();
    if (is_missing(error))
        mark(handle, true);
}

/* Removes the names that a killed process has left. Returns whether they are free now. */
static bool clear_names(const struct new_file *file)
{
    HANDLE handle = open_named(file->waiting, GENERIC_WRITE | DELETE, 0);
    BY_HANDLE_FILE_INFORMATION facts;

    if (handle != INVALID_HANDLE_VALUE) {
        remove_names(file, handle);
        CloseHandle(handle);
    }
    return is_missing(look(file->waiting, &facts)) &&
           is_missing(look(file->waiting_backup, &facts));
}

/* Is there such a name? A file that goes when it is closed cannot be opened, but it is listed. */
static bool is_listed(const wchar_t *path)
{
    WIN32_FIND_DATAW found;
    HANDLE handle = FindFirstFileW(path, &found);

    if (handle == INVALID_HANDLE_VALUE)
        return false;
    FindClose(handle);
    return true;
}

/* Makes the file with its first name. EEXIST if one of the names is taken. */
static int take(struct new_file *file)
{
    const DWORD access = GENERIC_READ | GENERIC_WRITE | DELETE | WRITE_DAC;
    HANDLE handle;
    DWORD error;

    if (is_listed(file->waiting_backup))
        return EEXIST;
    handle = CreateFileW(file->waiting, access, FILE_SHARE_READ | FILE_SHARE_DELETE, NULL,
                         CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
    if (handle != INVALID_HANDLE_VALUE) {
        file->handle = handle;
        file->stays = mark(handle, true) != 0; /* a file system may not know such marks */
        return 0;
    }
    error = GetLastError();
    return error == ERROR_ACCESS_DENIED && is_listed(file->waiting) ? EEXIST
                                                                    : pyon_windows_errno(error);
}

/* Takes the first free names. */
static int create(struct new_file *file)
{
    int code = EEXIST;

    for (int number = 0; code == EEXIST && number < MOST_BESIDE; number++) {
        code = spell_names(file, number);
        if (code != 0)
            break;
        do
            code = take(file);
        while (code == EEXIST && clear_names(file));
    }
    if (code != 0)
        return code;
    file->fd = _open_osfhandle((intptr_t)file->handle, _O_BINARY | _O_RDWR | _O_NOINHERIT);
    return file->fd >= 0 ? 0 : errno;
}

int newfile_create(struct new_file *file, const char *path, const char *backup)
{
    int code = 0;

    memset(file, 0, sizeof *file);
    file->fd = -1;
    file->handle = INVALID_HANDLE_VALUE;
    file->path = pyon_windows_path(path);
    if (!file->path)
        return errno;
    if (!*pyon_windows_name(file->path))
        code = ENOTDIR;
    if (code == 0 && backup) {
        file->backup = beside(file->path, backup);
        code = file->backup ? 0 : errno;
    }
    if (code == 0)
        code = create(file);
    if (code != 0)
        newfile_end(file);
    return code;
}

/* ---- The backup ---- */

/* Renames a file. The target is replaced, even if it is open in a program that shares it. */
static DWORD rename_open(HANDLE handle, const wchar_t *to)
{
    /* FILE_RENAME_INFO, of which some headers have only the older half. */
    struct {
        DWORD flags;
        HANDLE root;
        DWORD size;
        wchar_t name[1];
    } * info;
    size_t length = wcslen(to), size = sizeof *info + length * sizeof *to;
    DWORD error = 0;

    info = calloc(1, size);
    if (!info)
        return ERROR_NOT_ENOUGH_MEMORY;
    info->flags = RENAME_REPLACE | RENAME_POSIX;
    info->size = (DWORD)(length * sizeof *to);
    memcpy(info->name, to, length * sizeof *to);
    if (!SetFileInformationByHandle(handle, RENAME_INFO_EX, info, (DWORD)size))
        error = GetLastError();
    free(info);
    return error;
}

/* Has the system, or this file system, only the older way? */
static bool means_older(DWORD error)
{
    return error == ERROR_INVALID_PARAMETER || error == ERROR_INVALID_FUNCTION ||
           error == ERROR_NOT_SUPPORTED || error == ERROR_CALL_NOT_IMPLEMENTED ||
           error == ERROR_INVALID_LEVEL;
}

/* Gives the file, which this handle has open, the other name. Returns 0 or an errno. */
static int replace(HANDLE handle, const wchar_t *from, const wchar_t *to)
{
    struct patience patience = {0};
    DWORD error;

    do {
        error = rename_open(handle, to);
        if (means_older(error))
            error = MoveFileExW(from, to, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH)
                        ? 0
                        : GetLastError();
        if (error != 0 && is_directory(to))
            return EISDIR; /* access is denied then, too */
    } while (try_again(&patience, error));
    return code_of(error, to);
}

/* Opens the old file in the way in which it must be opened to be renamed. */
static DWORD open_old(const struct new_file *file, HANDLE *old)
{
    struct patience patience = {0};
    DWORD error;

    do {
        *old = open_named(file->path, FILE_READ_ATTRIBUTES | DELETE, SHARED);
        error = *old == INVALID_HANDLE_VALUE ? GetLastError() : 0;
    } while (try_again(&patience, error));
    return error;
}

/* Does this error mean that the file system has no second names? */
static bool means_no_link(DWORD error)
{
    return error == ERROR_INVALID_FUNCTION || error == ERROR_NOT_SUPPORTED ||
           error == ERROR_TOO_MANY_LINKS || error == ERROR_CALL_NOT_IMPLEMENTED ||
           error == ERROR_ACCESS_DENIED;
}

/* A copy, which has the attributes and the time of the old file, and its content on the disk. */
static int copy_old(const struct new_file *file)
{
    DWORD error = 0;
    HANDLE copy;

    if (!CopyFileExW(file->path, file->waiting_backup, NULL, NULL, NULL,
                     COPY_FILE_FAIL_IF_EXISTS | COPY_FILE_COPY_SYMLINK))
        return pyon_windows_errno(GetLastError());
    copy = open_named(file->waiting_backup, GENERIC_WRITE, SHARED);
    if (copy == INVALID_HANDLE_VALUE)
        return 0; /* a read-only file, or a link: nothing to be flushed */
    if (!FlushFileBuffers(copy))
        error = GetLastError();
    CloseHandle(copy);
    return error == 0 ? 0 : pyon_windows_errno(error);
}

/* Gives the old file its second name, or copies it. */
static int double_old(const struct new_file *file, HANDLE old)
{
    BY_HANDLE_FILE_INFORMATION facts;
    DWORD error;

    if (!GetFileInformationByHandle(old, &facts))
        return pyon_windows_errno(GetLastError());
    if (facts.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)
        return EISDIR;
    if (CreateHardLinkW(file->waiting_backup, file->path, NULL))
        return 0;
    error = GetLastError();
    return means_no_link(error) ? copy_old(file) : pyon_windows_errno(error);
}

/* Renames the second name to that of the backup. */
static int put_backup(struct new_file *file)
{
    HANDLE handle = open_named(file->waiting_backup, FILE_READ_ATTRIBUTES | DELETE, SHARED);
    BY_HANDLE_FILE_INFORMATION facts;
    bool found = is_listed(file->backup);
    int code;

    if (handle == INVALID_HANDLE_VALUE)
        return pyon_windows_errno(GetLastError());
    code = GetFileInformationByHandle(handle, &facts) ? 0 : pyon_windows_errno(GetLastError());
    if (code == 0)
        code = replace(handle, file->waiting_backup, file->backup);
    CloseHandle(handle);
    if (code == 0) {
        file->kept = identity_of(&facts);
        file->backup_is_new = !found;
    }
    return code;
}

/*
 * If there is no old file, there is no backup. The handle keeps away programs that do not share the
 * old file: they could prevent the second name from being renamed, or even from being removed.
 */
static int keep_old(struct new_file *file)
{
    HANDLE old;
    DWORD error = open_old(file, &old);
    int code;

    if (is_missing(error))
        return 0;
    if (error != 0)
        return pyon_windows_errno(error);
    code = double_old(file, old);
    if (code == 0)
        code = put_backup(file);
    /* It is still there after a failure; and if both names are of one file. */
    DeleteFileW(file->waiting_backup);
    CloseHandle(old);
    return code;
}

/* ---- Its place ---- */

/* What no waiting would change. */
static int check_place(const struct new_file *file)
{
    DWORD attributes = GetFileAttributesW(file->path);

    if (attributes == INVALID_FILE_ATTRIBUTES)
        return 0;
    if (attributes & FILE_ATTRIBUTE_DIRECTORY)
        return EISDIR;
    return attributes & FILE_ATTRIBUTE_READONLY ? EACCES : 0;
}

int newfile_publish(struct new_file *file)
{
    int code = check_place(file);
    DWORD error;

    if (code != 0)
        return code;
    error = file->stays ? 0 : mark(file->handle, false);
    if (error != 0)
        return pyon_windows_errno(error);
    file->stays = true;
    if (file->backup)
        code = keep_old(file);
    if (code == 0)
        code = replace(file->handle, file->waiting, file->path);
    if (code != 0)
        return code;
    file->handle = INVALID_HANDLE_VALUE; /* so that it is not marked again */
    file->backup_is_new = false;
    (void)newfile_sync(file->fd); /* its name; the file is stored even if this fails */
    return 0;
}

void newfile_end(struct new_file *file)
{
    if (file->backup_is_new && has_identity(file->backup, file->kept))
        DeleteFileW(file->backup);
    if (file->handle != INVALID_HANDLE_VALUE && file->stays)
        mark(file->handle, true);
    if (file->fd >= 0)
        _close(file->fd);
    else if (file->handle != INVALID_HANDLE_VALUE)
        CloseHandle(file->handle);
    free(file->path);
    free(file->backup);
    free(file->waiting);
    free(file->waiting_backup);
    memset(file, 0, sizeof *file);
    file->fd = -1;
    file->handle = INVALID_HANDLE_VALUE;
}

#endif
