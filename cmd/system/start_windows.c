/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The start of the program on Windows: arguments in UTF-8, standard input and output that change no byte, and a
 * console with escape sequences and UTF-8. Patterns such as *.pyon are not expanded: they would be
 * confused with paths to values.
 */
#if defined(_WIN32)

#include "command.h"
#include "file/windows.h"
#include "system/file.h"
#include "system/terminal.h"

#include <fcntl.h>
#include <io.h>
#include <shellapi.h>
#include <stdio.h>
#include <stdlib.h>

#ifndef ENABLE_VIRTUAL_TERMINAL_PROCESSING
#define ENABLE_VIRTUAL_TERMINAL_PROCESSING 4
#endif

#define BUFFER ((size_t)1 << 16) /* bytes: a console must get whole characters */

/* ---- The console ---- */

static UINT code_page; /* of the console before */

static void restore_console(void)
{
    fflush(stdout);
    SetConsoleOutputCP(code_page);
}

static void prepare_console(int fd)
{
    HANDLE handle = (HANDLE)_get_osfhandle(fd);
    DWORD mode;

    if (!GetConsoleMode(handle, &mode))
        return;
    SetConsoleMode(handle, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
    if (code_page != 0)
        return;
    code_page = GetConsoleOutputCP();
    if (code_page != 0 && SetConsoleOutputCP(CP_UTF8))
        atexit(restore_console);
}

/* ---- The arguments ---- */

/* One argument in UTF-8, in a new block. */
static char *narrow(const wchar_t *wide)
{
    int size = WideCharToMultiByte(CP_UTF8, 0, wide, -1, NULL, 0, NULL, NULL);
    char *text = size > 0 ? malloc((size_t)size) : NULL;

    if (text)
        WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, size, NULL, NULL);
    return text;
}

/* A new array, NULL after its end; NULL without memory. All live as long as the process. */
static char **narrow_all(wchar_t **wide, int count)
{
    char **words = wide ? calloc((size_t)count + 1, sizeof *words) : NULL;

    for (int i = 0; words && i < count; i++) {
        words[i] = narrow(wide[i]);
        if (!words[i])
            return NULL;
    }
    return words;
}

int main(void)
{
    int count = 0;
    wchar_t **wide = CommandLineToArgvW(GetCommandLineW(), &count);
    char **words = narrow_all(wide, count);

    LocalFree(wide);
    if (!words || count < 1) {
        fputs("pyon: no memory\n", stderr);
        return EXIT_TROUBLE;
    }
    _setmode(STANDARD_INPUT, _O_BINARY);
    _setmode(STANDARD_OUTPUT, _O_BINARY);
    _setmode(STANDARD_ERROR, _O_BINARY);
    prepare_console(STANDARD_OUTPUT);
    prepare_console(STANDARD_ERROR);
    setvbuf(stdout, NULL, _IOFBF, BUFFER);
    return run_program(count - 1, words + 1);
}

#endif
