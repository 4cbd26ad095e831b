/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Files by the calls of POSIX. */
#if !defined(_WIN32)

#include "system/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int file_open(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC);
}

void file_close(int fd)
{
    close(fd);
}

static void take_facts(struct file_facts *facts, const struct stat *status)
{
    facts->is_regular = S_ISREG(status->st_mode);
    facts->is_directory = S_ISDIR(status->st_mode);
    facts->size = status->st_size > 0 ? (uint64_t)status->st_size : 0;
}

bool file_look(int fd, struct file_facts *facts)
{
    struct stat status;

    if (fstat(fd, &status) < 0)
        return false;
    take_facts(facts, &status);
    return true;
}

bool file_look_at(const char *path, struct file_facts *facts)
{
    struct stat status;

    if (stat(path, &status) < 0)
        return false;
    take_facts(facts, &status);
    return true;
}

int64_t file_offset(int fd)
{
    return lseek(fd, 0, SEEK_CUR);
}

bool file_seek(int fd, uint64_t offset)
{
    return lseek(fd, (off_t)offset, SEEK_SET) >= 0;
}

ptrdiff_t file_read(int fd, char *data, size_t size)
{
    ptrdiff_t count;

    do
        count = read(fd, data, size);
    while (count < 0 && errno == EINTR);
    return count;
}

ptrdiff_t file_read_at(int fd, char *data, size_t size, uint64_t offset)
{
    ptrdiff_t count;

    do
        count = pread(fd, data, size, (off_t)offset);
    while (count < 0 && errno == EINTR);
    return count;
}

ptrdiff_t file_write(int fd, const char *data, size_t size)
{
    ptrdiff_t count;

    do
        count = write(fd, data, size);
    while (count < 0 && errno == EINTR);
    return count;
}

bool file_has_no_reader(void)
{
    return errno == EPIPE;
}

/* Without the right to set its group, only its owner may read it. */
void file_keep_rights(int fd, const char *old)
{
    struct stat status;
    mode_t mode;

    if (stat(old, &status) < 0)
        return;
    mode = status.st_mode & 0777;
    if (fchown(fd, status.st_uid, status.st_gid) < 0 && fchown(fd, (uid_t)-1, status.st_gid) < 0)
        mode &= ~(mode_t)0070;
    (void)!fchmod(fd, mode); /* some file systems have no modes */
}

const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

const char *file_reason(int code)
{
    return strerror(code);
}

#endif
