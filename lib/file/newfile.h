/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A new file that takes the place of another one. Functions return 0 or an errno.
 *
 * newfile_posix.c and newfile_windows.c say how, each for its systems; each has its own struct
 * new_file. Its member `fd` is the descriptor of the new file, for the caller to write to.
 */
#ifndef PYON_FILE_NEWFILE_H
#define PYON_FILE_NEWFILE_H

#include "base.h"
#if defined(_WIN32)
#include "file/newfile_windows.h"
#else
#include "file/newfile_posix.h"
#endif

/* No error of the system: the old file can only be copied, and is not a regular file. */
#define NOT_REGULAR (-2)

/*
 * Makes an empty file in the directory of `path`. The old file is to get the name `backup` there,
 * or none if that is NULL. Both are borrowed.
 */
PYON_INTERNAL int newfile_create(struct new_file *file, const char *path, const char *backup);

/* Puts the content of a file on the disk, unless its file system cannot do that. */
PYON_INTERNAL int newfile_sync(int fd);

/* Puts the new name of a file in a directory on the disk, if that is possible. */
PYON_INTERNAL void newfile_sync_directory(const char *path);

/* Puts the file, which has been synced, in its place. Before, the old one gets its other name. */
PYON_INTERNAL int newfile_publish(struct new_file *file);

/* Closes the file. If it has not been published, it is gone, and so is a new backup. */
PYON_INTERNAL void newfile_end(struct new_file *file);

#endif
