/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A new file that takes the place of another one (newfile.c). Functions return 0 or an errno. */
#ifndef PYON_FILE_NEWFILE_H
#define PYON_FILE_NEWFILE_H

#include "base.h"

#include <stdbool.h>
#include <sys/stat.h>

/* An error that is none of the system: the old file can only be copied, and it is no regular one. */
#define NOT_REGULAR (-2)

/* How long a name beside the file gets, with the NUL. */
#define NAME_BESIDE 112

struct new_file {
    int directory; /* that of the file; all names are relative to it */
    int fd;        /* of the new file */
    const char *name;
    const char *backup; /* the name that the old file gets, or NULL */
    bool named;         /* does the new file have the name `waiting`? */
    bool has_identity;  /* can its file system tell that one file from another? */
    bool backup_is_new; /* is there a backup where there was none? */
    struct stat kept;   /* the backup */
    mode_t mode;        /* with the owner, it marks a file beside it as one of ours */
    uid_t owner;
    char waiting[NAME_BESIDE];
    char waiting_backup[NAME_BESIDE + 1];
};

/*
 * Makes an empty file in the directory of `path`. The old file is to get the name `backup` there,
 * or none if that is NULL. Both are borrowed.
 */
PYON_INTERNAL int newfile_create(struct new_file *file, const char *path, const char *backup);

/* Puts a file on the disk, unless its file system cannot do that. */
PYON_INTERNAL int newfile_sync(int fd);

/* Puts the new name of a file in a directory on the disk, where that can be done. */
PYON_INTERNAL void newfile_sync_directory(const char *path);

/* Puts the file, which has been synced, in its place. The old one gets its other name before. */
PYON_INTERNAL int newfile_publish(struct new_file *file);

/* Closes the file. One that has not been published is gone, and so is a backup that is new. */
PYON_INTERNAL void newfile_end(struct new_file *file);

#endif
