/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The console of Windows 10 and newer, which understands escape sequences and UTF-8 if it is asked to: start_windows.c
 * asks for both. Older consoles, and terminals that look like a pipe, get plain text.
 */
#if defined(_WIN32)

#include "file/windows.h"
#include "system/file.h"
#include "system/terminal.h"

#include <fcntl.h>
#include <io.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef ENABLE_VIRTUAL_TERMINAL_PROCESSING
#define ENABLE_VIRTUAL_TERMINAL_PROCESSING 4
#endif

/* `more` of Windows has neither colours nor UTF-8. */
const char *const terminal_pager = NULL;

static HANDLE handle_of(int fd)
{
    return (HANDLE)_get_osfhandle(fd);
}

/* _isatty() is true also for NUL. */
bool terminal_is(int fd)
{
    DWORD mode;

    return GetConsoleMode(handle_of(fd), &mode);
}

bool terminal_has_colours(void)
{
    const char *kind = getenv("TERM");
    DWORD mode;

    return GetConsoleMode(handle_of(STANDARD_OUTPUT), &mode) &&
           (mode & ENABLE_VIRTUAL_TERMINAL_PROCESSING) && !(kind && strcmp(kind, "dumb") == 0);
}

bool terminal_has_utf8(void)
{
    return GetConsoleOutputCP() == CP_UTF8;
}

size_t terminal_columns(void)
{
    CONSOLE_SCREEN_BUFFER_INFO info;

    if (!GetConsoleScreenBufferInfo(handle_of(STANDARD_OUTPUT), &info))
        return 0;
    return (size_t)(info.srWindow.Right - info.srWindow.Left + 1);
}

/* ---- The pager ---- */

static FILE *pager;

bool pager_start(const char *command)
{
    wchar_t *wide = pyon_windows_text(command);

    fflush(stdout);
    if (!getenv("LESS"))
        _putenv("LESS=FRX");
    pager = wide ? _wpopen(wide, L"wb") : NULL;
    free(wide);
    if (!pager)
        return false;
    signal(SIGINT, SIG_IGN); /* is for the pager, which ends when it is told to */
    if (_dup2(_fileno(pager), STANDARD_OUTPUT) == 0)
        return true;
    _pclose(pager);
    pager = NULL;
    return false;
}

/* The pager gets no more. If it has ended early, the rest is not wanted, and that is no error. */
static void end_output(void)
{
    int nowhere = _open("NUL", _O_WRONLY | _O_BINARY);

    if (nowhere < 0 || _dup2(nowhere, STANDARD_OUTPUT) < 0)
        _close(STANDARD_OUTPUT);
    if (nowhere >= 0)
        _close(nowhere);
    clearerr(stdout);
}

void pager_end(void)
{
    if (!pager)
        return;
    fflush(stdout);
    end_output();
    _pclose(pager);
    pager = NULL;
}

#endif
