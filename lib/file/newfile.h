/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A new file that takes the place of another one (newfile.c). Functions return 0 or an errno. */
#ifndef PYON_FILE_NEWFILE_H
#define PYON_FILE_NEWFILE_H

#include "base.h"

#include <stdbool.h>
#include <sys/stat.h>

/* No error of the system: the old file can only be copied, and is not a regular file. */
#define NOT_REGULAR (-2)

/* The longest name beside the file, with its NUL. */
#define NAME_BESIDE 112

struct new_file {
    int directory; /* the directory of the file; all names are relative to it */
    int fd;        /* of the new file */
    const char *name;
    const char *backup; /* the name that the old file gets, or NULL */
    bool named;         /* does the new file have the name `waiting`? */
    bool has_identity;  /* can its file system tell the new file from another one? */
    bool backup_is_new; /* was there no backup before? */
    struct stat kept;   /* the backup */
    mode_t mode;        /* with the owner, it marks a file beside it as ours */
    uid_t owner;
    char waiting[NAME_BESIDE];
    char waiting_backup[NAME_BESIDE + 1];
};

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
