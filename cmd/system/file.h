/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Files and their descriptors: one implementation for POSIX, one for Windows. Names are UTF-8. Bytes are never
 * changed. Functions that fail set errno.
 */
#ifndef CMD_FILE_H
#define CMD_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The descriptors that are open from the start. */
enum { STANDARD_INPUT, STANDARD_OUTPUT, STANDARD_ERROR };

struct file_facts {
    bool is_regular, is_directory;
    uint64_t size;
};

/* Opens a file for reading, or a directory. Others may replace the file meanwhile. -1 if that fails. */
int file_open(const char *path);
void file_close(int fd);

bool file_look(int fd, struct file_facts *facts);
bool file_look_at(const char *path, struct file_facts *facts);

/* How far a regular file has been read, in bytes; -1 if that cannot be told. */
int64_t file_offset(int fd);
bool file_seek(int fd, uint64_t offset);

/* Return the number of bytes, which may be smaller than `size`; 0 at the end; -1. */
ptrdiff_t file_read(int fd, char *data, size_t size);
ptrdiff_t file_read_at(int fd, char *data, size_t size, uint64_t offset);
ptrdiff_t file_write(int fd, const char *data, size_t size);

/* Has fflush(stdout), or file_write(), failed because no process reads the pipe any more? */
bool file_has_no_reader(void);

/* Lets those and only those read the new file who may read the old one, if that is possible. */
void file_keep_rights(int fd, const char *old);

/* The last part of a path. */
const char *file_name(const char *path);

/* An errno in words. */
const char *file_reason(int code);

#endif
