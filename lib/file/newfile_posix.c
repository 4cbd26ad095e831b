/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A new file that takes the place of another one, on systems with POSIX: the system calls for it,
 * and nothing of Python. No signal handler of Python runs here, so the state is always known. Each
 * error belongs to one system call. Another way is tried only for the errors that ask for it.
 *
 * A new file has no name while it is written (O_TMPFILE), so nothing of it is left if the process
 * ends. Only a name can take the place of another name. So once the content is on the disk, the
 * file gets a name beside the old one, and is renamed. If files must have names, it has that name
 * from the start; beside.h has the names.
 *
 * The new file is locked before it gets the name. So the holder of the lock owns both names:
 * another process that stores the same file at the same time takes other names.
 *
 * A process that is killed leaves these names without the lock. The next process removes the files
 * under them. It removes only a regular file that has the mode and the owner of new files and no
 * other name; with ~ also the old file itself. Any other file belongs to others: it stays, and the
 * process takes the next names.
 */
#if !defined(_WIN32)

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* for O_TMPFILE, without which each new file has a name */
#endif

#include "file/beside.h"
#include "file/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#if defined(__APPLE__) /* has names of its own for the times of POSIX */
#define st_atim st_atimespec
#define st_mtim st_mtimespec
#endif

#define PRIVATE 0600
#define COPIED 16384 /* bytes at once, on the stack: nothing is allocated here */
#define LONGEST 4096 /* path of a directory, with its NUL: no system takes longer ones */

/* ---- System calls ---- */

static int open_at(int directory, const char *name, int flags)
{
    int fd;

    do
        fd = openat(directory, name, flags | O_CLOEXEC, PRIVATE);
    while (fd < 0 && errno == EINTR);
    return fd;
}

/*
 * Opens the directory of a file. If we may create files there, but not read it, it cannot be
 * synced.
 */
static int open_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) : 0;
    char directory[LONGEST] = ".";
    int fd;

    if (length >= sizeof directory) {
        errno = ENAMETOOLONG;
        return -1;
    }
    if (slash)
        snprintf(directory, sizeof directory, "%.*s", length ? (int)length : 1, path);
    fd = open_at(AT_FDCWD, directory, O_RDONLY | O_DIRECTORY);
#ifdef O_PATH
    if (fd < 0 && errno == EACCES)
        fd = open_at(AT_FDCWD, directory, O_PATH | O_DIRECTORY);
#endif
    return fd;
}

#if defined(F_FULLFSYNC)

/* On macOS, fsync leaves the data in the memory of the disk. Not every file system can do more. */
static int sync_once(int fd)
{
    return fcntl(fd, F_FULLFSYNC) == 0 ? 0 : fsync(fd);
}

#else

static int sync_once(int fd)
{
    return fsync(fd);
}

#endif

int newfile_sync(int fd)
{
    int status;

    do
        status = sync_once(fd);
    while (status < 0 && errno == EINTR);
    return status == 0 || errno == EINVAL || errno == ENOTSUP ? 0 : errno;
}

/* Fills the status of the file with that name. Returns 0, or the error if there is none. */
static int look(const struct new_file *file, const char *name, struct stat *status)
{
    return fstatat(file->directory, name, status, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : errno;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Fills whether the open file has that name. */
static int compare_name(const struct new_file *file, int fd, const char *name, bool *same)
{
    struct stat open, named;
    int code = look(file, name, &named);

    *same = false;
    if (code == 0 && fstat(fd, &open) != 0)
        code = errno;
    if (code == 0)
        *same = is_same(&open, &named);
    return code;
}

static bool has_name(const struct new_file *file, int fd, const char *name)
{
    bool same;

    return compare_name(file, fd, name, &same) == 0 && same;
}

/* Returns 0 if the new file still has its name, as far as the file system can tell files apart. */
static int check_waiting(const struct new_file *file)
{
    bool same;
    int code = compare_name(file, file->fd, file->beside.waiting, &same);

    return code == 0 && file->has_identity && !same ? ESTALE : code;
}

/* Returns 0, or EWOULDBLOCK if another process has the lock. Without locks, no process takes the
   file for abandoned. */
static int lock(int fd)
{
    int status;

    do
        status = flock(fd, LOCK_EX | LOCK_NB);
    while (status < 0 && errno == EINTR);
    if (status == 0 || errno == ENOLCK || errno == ENOSYS || errno == EINVAL || errno == ENOTSUP)
        return 0;
    return errno;
}

static int write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t count = write(fd, data, size);

        if (count < 0 && errno != EINTR)
            return errno;
        if (count > 0) {
            data += count;
            size -= (size_t)count;
        }
    }
    return 0;
}

/* Appends the content of one file to the other. */
static int copy_data(int from, int to)
{
    char data[COPIED];
    off_t offset = 0;
    ssize_t count;
    int code = 0;

    while (code == 0) {
        count = pread(from, data, sizeof data, offset);
        if (count == 0)
            break;
        if (count > 0) {
            offset += count;
            code = write_all(to, data, (size_t)count);
        } else if (errno != EINTR) {
            code = errno;
        }
    }
    return code == 0 ? newfile_sync(to) : code;
}

/* ---- Names beside the file ---- */

/* May a process like this one have made this file, and not yet renamed it? */
static bool is_ours(const struct new_file *file, const struct stat *status)
{
    return S_ISREG(status->st_mode) && status->st_mode == file->mode &&
           status->st_uid == file->owner && status->st_nlink == 1;
}

/* Is this the other name of the old file or of the backup, or a copy that was being made? */
static bool is_our_backup(const struct new_file *file, const struct stat *status)
{
    struct stat other;

    return (look(file, file->name, &other) == 0 && is_same(&other, status)) ||
           (file->backup && look(file, file->backup, &other) == 0 && is_same(&other, status)) ||
           is_ours(file, status) || (S_ISLNK(status->st_mode) && status->st_uid == file->owner);
}

/* Removes both names; the open file has the first of them, and is locked. */
static void remove_names(const struct new_file *file, int fd)
{
    struct stat status;

    if (!has_name(file, fd, file->beside.waiting))
        return;
    if (look(file, file->beside.backup, &status) == 0) {
        if (!is_our_backup(file, &status))
            return;
        unlinkat(file->directory, file->beside.backup, 0);
    }
    unlinkat(file->directory, file->beside.waiting, 0);
}

/* Removes the names that a killed process has left. Returns whether they are free now. */
static bool clear_names(const struct new_file *file)
{
    struct stat status;
    int fd;

    if (look(file, file->beside.waiting, &status) == 0 && is_ours(file, &status)) {
        fd = open_at(file->directory, file->beside.waiting, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
        if (fd >= 0) {
            if (fstat(fd, &status) == 0 && is_ours(file, &status) &&
                flock(fd, LOCK_EX | LOCK_NB) == 0)
                remove_names(file, fd);
            close(fd);
        }
    }
    return look(file, file->beside.waiting, &status) == ENOENT &&
           look(file, file->beside.backup, &status) == ENOENT;
}

/* Makes a file with that name. EEXIST also if another process takes it for abandoned right now. */
static int create_named(struct new_file *file)
{
    const int flags = O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW;
    int fd = open_at(file->directory, file->beside.waiting, flags), code;
    struct stat status;

    if (fd < 0)
        return errno;
    code = lock(fd);
    if (code == 0 && fstat(fd, &status) != 0)
        code = errno;
    if (code == 0 && status.st_nlink == 0)
        code = EWOULDBLOCK; /* another process had the lock, and has removed the file */
    if (code == 0) {
        file->fd = fd;
        file->mode = status.st_mode;
        file->owner = status.st_uid;
        return 0;
    }
    if (code != EWOULDBLOCK)
        unlinkat(file->directory, file->beside.waiting, 0);
    close(fd);
    return code == EWOULDBLOCK ? EEXIST : code;
}

/* Gives the file its name. Only Linux can do that. */
static int link_unnamed(struct new_file *file)
{
    char path[32];

    snprintf(path, sizeof path, "/proc/self/fd/%d", file->fd);
    return linkat(AT_FDCWD, path, file->directory, file->beside.waiting, AT_SYMLINK_FOLLOW) == 0
               ? 0
               : errno;
}

/* Takes the first free names, in one of these two ways. */
static int take_names(struct new_file *file, int take(struct new_file *))
{
    struct stat status;
    int code = EEXIST;

    for (int number = 0; code == EEXIST && number < MOST_BESIDE; number++) {
        pyon_spell_beside(&file->beside, file->name, number);
        do {
            code = look(file, file->beside.backup, &status);
            code = code == ENOENT ? take(file) : code == 0 ? EEXIST : code;
        } while (code == EEXIST && clear_names(file));
    }
    if (code == 0) {
        file->named = true;
        file->has_identity = has_name(file, file->fd, file->beside.waiting);
    }
    return code;
}

/* ---- The new file ---- */

static int create(struct new_file *file)
{
#ifdef O_TMPFILE
    struct stat status;

    file->fd = open_at(file->directory, ".", O_TMPFILE | O_RDWR);
    if (file->fd >= 0) {
        if (fstat(file->fd, &status) != 0)
            return errno;
        file->mode = status.st_mode;
        file->owner = status.st_uid;
        return 0;
    }
    /* The file system has no such files, or the system has none. */
    if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
        return errno;
#endif
    return take_names(file, create_named);
}

int newfile_create(struct new_file *file, const char *path, const char *backup)
{
    const char *slash = strrchr(path, '/');
    int code;

    memset(file, 0, sizeof *file);
    file->fd = file->directory = -1;
    file->name = slash ? slash + 1 : path;
    file->backup = backup;
    file->mode = S_IFREG | PRIVATE;
    file->owner = geteuid();
    file->directory = open_directory(path);
    code = file->directory < 0 ? errno : 0;
    if (code == 0 && !*file->name)
        code = *path ? ENOTDIR : ENOENT;
    if (code == 0)
        code = create(file);
    if (code != 0)
        newfile_end(file);
    return code;
}

/* Does this error mean that a file without a name cannot get one: no /proc, or no links? */
static bool means_no_name(int code)
{
    return code == EPERM || code == EACCES || code == ENOENT || code == ENOTDIR || code == EXDEV ||
           code == EMLINK || code == ENOSYS || code == EOPNOTSUPP || code == ENOTSUP;
}

/* Replaces the file by a copy that has a name. */
static int copy_to_name(struct new_file *file)
{
    int unnamed = file->fd, code = take_names(file, create_named);

    if (code != 0)
        return code;
    code = copy_data(unnamed, file->fd);
    close(unnamed);
    return code;
}

static int give_name(struct new_file *file)
{
    int code = lock(file->fd);

    if (code == 0)
        code = take_names(file, link_unnamed);
    return means_no_name(code) ? copy_to_name(file) : code;
}

/* ---- The backup ---- */

/*
 * Could we remove a second name of it again? In a folder such as /tmp, only the owner of the file
 * and the owner of the folder may.
 */
static bool may_link(const struct new_file *file, const struct stat *old)
{
    struct stat directory;

    if (fstat(file->directory, &directory) != 0)
        return false;
    return !(directory.st_mode & S_ISVTX) || old->st_uid == file->owner ||
           directory.st_uid == file->owner;
}

/* Does this error mean that there can be no second name? */
static bool means_no_link(int code)
{
    return code == EPERM || code == EACCES || code == EXDEV || code == EMLINK || code == ENOSYS ||
           code == EOPNOTSUPP || code == ENOTSUP;
}

static int copy_symlink(const struct new_file *file)
{
    char text[4096];
    ssize_t length = readlinkat(file->directory, file->name, text, sizeof text);

    if (length < 0)
        return errno;
    if ((size_t)length == sizeof text)
        return ENAMETOOLONG;
    text[length] = '\0';
    return symlinkat(text, file->directory, file->beside.backup) == 0 ? 0 : errno;
}

/* Opens the old file, and a copy with its content and times. */
static int copy_regular(const struct new_file *file, int *copy)
{
    int from = open_at(file->directory, file->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    int code = from < 0 ? errno : 0;
    struct stat old;

    if (code == 0 && fstat(from, &old) != 0)
        code = errno;
    if (code == 0 && !S_ISREG(old.st_mode))
        code = NOT_REGULAR;
    if (code == 0) {
        *copy =
            open_at(file->directory, file->beside.backup, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW);
        code = *copy < 0 ? errno : copy_data(from, *copy);
    }
    if (code == 0) {
        struct timespec times[] = {old.st_atim, old.st_mtim};

        if (futimens(*copy, times) != 0)
            code = errno;
    }
    if (code != 0 && *copy >= 0)
        unlinkat(file->directory, file->beside.backup, 0);
    if (from >= 0)
        close(from);
    return code;
}

/* Gives the old file its second name, or copies it. */
static int double_old(struct new_file *file, const struct stat *old, int *copy)
{
    int code = EPERM;

    if (may_link(file, old))
        code = linkat(file->directory, file->name, file->directory, file->beside.backup, 0) == 0
                   ? 0
                   : errno;
    if (!means_no_link(code))
        return code;
    if (S_ISDIR(old->st_mode))
        return EISDIR;
    if (S_ISLNK(old->st_mode))
        return copy_symlink(file);
    return S_ISREG(old->st_mode) ? copy_regular(file, copy) : NOT_REGULAR;
}

/* Renames the second name to that of the backup. */
static int put_backup(struct new_file *file)
{
    struct stat before;
    int code = look(file, file->beside.backup, &file->kept);
    int found = look(file, file->backup, &before);

    if (code == 0 && found != ENOENT)
        code = found;
    if (code == 0 &&
        renameat(file->directory, file->beside.backup, file->directory, file->backup) != 0)
        code = errno;
    /* It is still there after a failure; and if both names are of one file, which rename leaves. */
    unlinkat(file->directory, file->beside.backup, 0);
    file->backup_is_new = code == 0 && found == ENOENT;
    return code;
}

/*
 * The names beside the file are ours alone. If there is no old file, there is no backup. A copy
 * gets the mode of the old file when it is in its place: until then, its mode says that it is ours.
 */
static int keep_old(struct new_file *file)
{
    struct stat old;
    int copy = -1, code = look(file, file->name, &old);

    if (code == 0)
        code = double_old(file, &old, &copy);
    if (code == ENOENT)
        return 0;
    if (code == 0)
        code = put_backup(file);
    if (code == 0 && copy >= 0)
        (void)!fchmod(copy, old.st_mode & 0777); /* some file systems have no modes */
    if (copy >= 0)
        close(copy);
    return code;
}

/* ---- Its place ---- */

static int put_in_place(struct new_file *file)
{
    int code = check_waiting(file);

    if (code != 0)
        return code;
    if (renameat(file->directory, file->beside.waiting, file->directory, file->name) != 0) {
        code = errno;
        if (!has_name(file, file->fd, file->name))
            return code; /* else it has the name: file servers may repeat a request */
    }
    file->named = file->backup_is_new = false;
    return 0;
}

int newfile_publish(struct new_file *file)
{
    int code = 0;

    if (!file->named)
        code = give_name(file);
    if (code == 0 && file->backup)
        code = keep_old(file);
    if (code == 0)
        code = put_in_place(file);
    if (code == 0)
        (void)newfile_sync(file->directory); /* the file is stored even if this fails */
    return code;
}

void newfile_sync_directory(const char *path)
{
    int fd = open_directory(path);

    if (fd < 0)
        return;
    (void)newfile_sync(fd);
    close(fd);
}

void newfile_end(struct new_file *file)
{
    struct stat status;

    if (file->backup_is_new && look(file, file->backup, &status) == 0 &&
        is_same(&status, &file->kept))
        unlinkat(file->directory, file->backup, 0);
    if (file->named && check_waiting(file) == 0)
        unlinkat(file->directory, file->beside.waiting, 0);
    if (file->fd >= 0)
        close(file->fd); /* an error would come too late; fsync has told the one that counts */
    if (file->directory >= 0)
        close(file->directory);
    file->fd = file->directory = -1;
}

#endif
