/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The state of a new file on Windows: include newfile.h. Paths are absolute, in UTF-16, owned. */
#ifndef PYON_FILE_NEWFILE_WINDOWS_H
#define PYON_FILE_NEWFILE_WINDOWS_H

#include "file/beside.h"
#include "file/windows.h"

#include <stdbool.h>

/* Which file this is, whatever its name. */
struct file_identity {
    DWORD volume, high, low;
};

struct new_file {
    int fd;        /* of the new file, which owns `handle` */
    HANDLE handle; /* INVALID_HANDLE_VALUE before it is made */
    wchar_t *path;
    wchar_t *backup;  /* the name that the old file gets, or NULL */
    wchar_t *waiting; /* names beside the file */
    wchar_t *waiting_backup;
    bool stays;                /* does the new file stay if it is closed? */
    bool backup_is_new;        /* was there no backup before? */
    struct file_identity kept; /* the backup */
};

#endif
