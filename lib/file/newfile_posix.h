/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The state of a new file on systems with POSIX: include newfile.h. */
#ifndef PYON_FILE_NEWFILE_POSIX_H
#define PYON_FILE_NEWFILE_POSIX_H

#include "file/beside.h"

#include <stdbool.h>
#include <sys/stat.h>

struct new_file {
    int directory; /* the directory of the file; all names are relative to it */
    int fd;        /* of the new file */
    const char *name;
    const char *backup; /* the name that the old file gets, or NULL */
    bool named;         /* does the new file have the name `beside.waiting`? */
    bool has_identity;  /* can its file system tell the new file from another one? */
    bool backup_is_new; /* was there no backup before? */
    struct stat kept;   /* the backup */
    mode_t mode;        /* with the owner, it marks a file beside it as ours */
    uid_t owner;
    struct beside beside;
};

#endif
