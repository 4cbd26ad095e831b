/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A disk that breaks, for tests/py/files/test_disk.py, and pipes and sockets that do, for
 * test_stream_faults.py. It is preloaded, and so stands between Python and the system calls for
 * files. disk_break() says which fault happens at which of the next calls;
 * disk_mend() ends that. Every call takes begin() and end() around the real one.
 *
 * Nothing is ever synced, because that would only take time.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))
#define ALSO(name) __attribute__((visibility("default"), alias(name)))

/* The same numbers as in test_disk.py. */
enum fault { NONE, FAIL, SHORT, SIGNAL_BEFORE, SIGNAL_AFTER };
enum lack { UNNAMED_FILES = 1, LINKS = 2 };

static struct {
    bool armed;
    long count, first, last; /* calls so far; the calls at which it happens */
    enum fault fault;
    int number; /* of the error or signal */
    int lacks;  /* features that the file system lacks: a sum of enum lack */
    char log[4096];
} disk;

EXPORTED void disk_break(long first, long last, int fault, int number, int lacks)
{
    memset(&disk, 0, sizeof(disk));
    disk.first = first;
    disk.last = last;
    disk.fault = (enum fault)fault;
    disk.number = number;
    disk.lacks = lacks;
    disk.armed = true;
}

/* The names of the calls so far. */
EXPORTED const char *disk_mend(void)
{
    disk.armed = false;
    return disk.log;
}

/* For programs that do not call these functions: what disk_break() takes is in $BROKEN_DISK, and the names of the calls
   go to the file $BROKEN_DISK_LOG. */
__attribute__((constructor)) static void begin_program(void)
{
    const char *text = getenv("BROKEN_DISK");
    long first, last;
    int fault, number, lacks;

    if (text && sscanf(text, "%ld %ld %d %d %d", &first, &last, &fault, &number, &lacks) == 5)
        disk_break(first, last, fault, number, lacks);
}

__attribute__((destructor)) static void end_program(void)
{
    const char *name = getenv("BROKEN_DISK_LOG"), *log = disk_mend();
    long fd;

    if (!name)
        return;
    fd = syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    syscall(SYS_write, fd, log, strlen(log));
    syscall(SYS_close, fd);
}

/* Counts a call. Returns the fault that happens to it. */
static enum fault begin(const char *name)
{
    enum fault fault = NONE;

    if (!disk.armed)
        return NONE;
    snprintf(disk.log + strlen(disk.log), sizeof(disk.log) - strlen(disk.log), "%s ", name);
    if (disk.count >= disk.first && disk.count <= disk.last)
        fault = disk.fault;
    disk.count++;
    if (fault == SIGNAL_BEFORE)
        raise(disk.number);
    if (fault == FAIL)
        errno = disk.number;
    return fault;
}

static long end(enum fault fault, long result)
{
    int saved = errno;

    if (fault == SIGNAL_AFTER)
        raise(disk.number);
    errno = saved;
    return result;
}

static long lacking(int number)
{
    errno = number;
    return -1;
}

/* Half of it, but never nothing: nothing would mean the end of a file. */
static size_t part(enum fault fault, size_t size)
{
    return fault == SHORT && size > 1 ? size / 2 : size;
}

static int open_in(const char *call, int directory, const char *path, int flags, int mode)
{
    enum fault fault = begin(call);

    if (fault == FAIL)
        return -1;
    if (disk.armed && (disk.lacks & UNNAMED_FILES) && (flags & O_TMPFILE) == O_TMPFILE)
        return (int)end(fault, lacking(EOPNOTSUPP));
    return (int)end(fault, syscall(SYS_openat, directory, path, flags, mode));
}

EXPORTED int open(const char *path, int flags, ...)
{
    va_list arguments;
    int mode;

    va_start(arguments, flags);
    mode = va_arg(arguments, int);
    va_end(arguments);
    return open_in("open", AT_FDCWD, path, flags, mode);
}
ALSO("open") int open64(const char *path, int flags, ...);

EXPORTED int openat(int directory, const char *path, int flags, ...)
{
    va_list arguments;
    int mode;

    va_start(arguments, flags);
    mode = va_arg(arguments, int);
    va_end(arguments);
    return open_in("openat", directory, path, flags, mode);
}
ALSO("openat") int openat64(int directory, const char *path, int flags, ...);

EXPORTED int close(int fd)
{
    enum fault fault = begin("close");
    long result = end(fault, syscall(SYS_close, fd));

    if (fault != FAIL)
        return (int)result;
    errno = disk.number; /* the file is closed nevertheless */
    return -1;
}

EXPORTED ssize_t write(int fd, const void *data, size_t size)
{
    enum fault fault = begin("write");

    return fault == FAIL ? -1 : end(fault, syscall(SYS_write, fd, data, part(fault, size)));
}

EXPORTED ssize_t read(int fd, void *data, size_t size)
{
    enum fault fault = begin("read");

    return fault == FAIL ? -1 : end(fault, syscall(SYS_read, fd, data, part(fault, size)));
}

EXPORTED ssize_t send(int fd, const void *data, size_t size, int flags)
{
    enum fault fault = begin("send");

    return fault == FAIL
               ? -1
               : end(fault, syscall(SYS_sendto, fd, data, part(fault, size), flags, NULL, 0));
}

EXPORTED ssize_t recv(int fd, void *data, size_t size, int flags)
{
    enum fault fault = begin("recv");

    return fault == FAIL
               ? -1
               : end(fault, syscall(SYS_recvfrom, fd, data, part(fault, size), flags, NULL, NULL));
}

EXPORTED int poll(struct pollfd *files, nfds_t count, int timeout)
{
    struct timespec time = {timeout / 1000, timeout % 1000 * 1000000L};
    enum fault fault = begin("poll");

    return fault == FAIL ? -1
                         : (int)end(fault, syscall(SYS_ppoll, files, count,
                                                   timeout < 0 ? NULL : &time, NULL, 0));
}

EXPORTED ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
    enum fault fault = begin("pwrite");

    return fault == FAIL ? -1
                         : end(fault, syscall(SYS_pwrite64, fd, data, part(fault, size), offset));
}
ALSO("pwrite") ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset);

EXPORTED ssize_t pread(int fd, void *data, size_t size, off_t offset)
{
    enum fault fault = begin("pread");

    return fault == FAIL ? -1
                         : end(fault, syscall(SYS_pread64, fd, data, part(fault, size), offset));
}
ALSO("pread") ssize_t pread64(int fd, void *data, size_t size, off64_t offset);

EXPORTED ssize_t sendfile(int to, int from, off_t *offset, size_t size)
{
    enum fault fault = begin("sendfile");

    if (fault == FAIL)
        return -1;
    return end(fault, syscall(SYS_sendfile, to, from, offset, part(fault, size)));
}
ALSO("sendfile") ssize_t sendfile64(int to, int from, off64_t *offset, size_t size);

EXPORTED off_t lseek(int fd, off_t offset, int whence)
{
    enum fault fault = begin("lseek");

    return fault == FAIL ? -1 : end(fault, syscall(SYS_lseek, fd, offset, whence));
}
ALSO("lseek") off64_t lseek64(int fd, off64_t offset, int whence);

EXPORTED int ftruncate(int fd, off_t size)
{
    enum fault fault = begin("ftruncate");

    return fault == FAIL ? -1 : (int)end(fault, syscall(SYS_ftruncate, fd, size));
}
ALSO("ftruncate") int ftruncate64(int fd, off64_t size);

EXPORTED int fsync(int fd)
{
    enum fault fault = begin("fsync");

    (void)fd;
    return fault == FAIL ? -1 : (int)end(fault, 0);
}

EXPORTED int fdatasync(int fd)
{
    enum fault fault = begin("fdatasync");

    (void)fd;
    return fault == FAIL ? -1 : (int)end(fault, 0);
}

EXPORTED int flock(int fd, int operation)
{
    enum fault fault = begin("flock");

    return fault == FAIL ? -1 : (int)end(fault, syscall(SYS_flock, fd, operation));
}

EXPORTED int linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
    enum fault fault = begin("linkat");

    if (fault == FAIL)
        return -1;
    if (disk.armed && (disk.lacks & LINKS))
        return (int)end(fault, lacking(EPERM));
    return (int)end(fault, syscall(SYS_linkat, from_fd, from, to_fd, to, flags));
}

EXPORTED int rename(const char *from, const char *to)
{
    enum fault fault = begin("rename");

    return fault == FAIL ? -1
                         : (int)end(fault, syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

EXPORTED int unlink(const char *path)
{
    enum fault fault = begin("unlink");

    return fault == FAIL ? -1 : (int)end(fault, syscall(SYS_unlinkat, AT_FDCWD, path, 0));
}

EXPORTED int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    enum fault fault = begin("rename");

    return fault == FAIL ? -1
                         : (int)end(fault, syscall(SYS_renameat2, from_fd, from, to_fd, to, 0));
}

EXPORTED int unlinkat(int directory, const char *path, int flags)
{
    enum fault fault = begin("unlink");

    return fault == FAIL ? -1 : (int)end(fault, syscall(SYS_unlinkat, directory, path, flags));
}

EXPORTED int futimens(int fd, const struct timespec times[2])
{
    enum fault fault = begin("futimens");

    return fault == FAIL ? -1 : (int)end(fault, syscall(SYS_utimensat, fd, NULL, times, 0));
}

EXPORTED int fchmod(int fd, mode_t mode)
{
    enum fault fault = begin("fchmod");

    return fault == FAIL ? -1 : (int)end(fault, syscall(SYS_fchmod, fd, mode));
}

static int status(const char *name, int fd, const char *path, struct stat *buffer, int flags)
{
    enum fault fault = begin(name);

    return fault == FAIL ? -1 : (int)end(fault, syscall(SYS_newfstatat, fd, path, buffer, flags));
}

EXPORTED int stat(const char *path, struct stat *buffer)
{
    return status("stat", AT_FDCWD, path, buffer, 0);
}
ALSO("stat") int stat64(const char *path, struct stat64 *buffer);

EXPORTED int lstat(const char *path, struct stat *buffer)
{
    return status("lstat", AT_FDCWD, path, buffer, AT_SYMLINK_NOFOLLOW);
}
ALSO("lstat") int lstat64(const char *path, struct stat64 *buffer);

EXPORTED int fstat(int fd, struct stat *buffer)
{
    return status("fstat", fd, "", buffer, AT_EMPTY_PATH);
}
ALSO("fstat") int fstat64(int fd, struct stat64 *buffer);

EXPORTED int fstatat(int directory, const char *path, struct stat *buffer, int flags)
{
    return status("fstatat", directory, path, buffer, flags);
}
ALSO("fstatat") int fstatat64(int directory, const char *path, struct stat64 *buffer, int flags);
