/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The common part of all calls of Windows: names are UTF-8 for the library and UTF-16 for the
 * system; errors are an errno for the library. Only for files that are compiled for Windows alone.
 */
#ifndef PYON_FILE_WINDOWS_H
#define PYON_FILE_WINDOWS_H

#include "base.h"

#ifndef _WIN32_WINNT
#define _WIN32_WINNT 0x0A00
#endif
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>

#include <wchar.h>

/* The errno for an error of the system. EBUSY means that another program has the file open. */
PYON_INTERNAL int pyon_windows_errno(DWORD error);

/*
 * A new text in UTF-16, or NULL with errno: ENOMEM, or EILSEQ if the text is not UTF-8.
 */
PYON_INTERNAL wchar_t *pyon_windows_text(const char *text);

/* A new absolute path. A long one is in the form "\\\\?\\C:\\...", which has no limit of length. */
PYON_INTERNAL wchar_t *pyon_windows_path(const char *path);

/* The last part of a path: after the last separator, or after the colon of "C:name". */
PYON_INTERNAL const wchar_t *pyon_windows_name(const wchar_t *path);

#endif
