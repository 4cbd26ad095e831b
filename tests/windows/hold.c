/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A program that has a file open while tests/check-windows replaces it:
 *
 *     hold FILE SHARES END
 *
 * opens FILE for reading and shares it as SHARES says (1 to read, 2 to write, 4 to delete, or a sum). It prints "held",
 * waits until there is a file END, and prints the content of FILE as its handle sees it.
 */
#include <windows.h>

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    char text[4096];
    DWORD count = 0;
    HANDLE file;

    if (argc != 4)
        return 2;
    file = CreateFileA(argv[1], GENERIC_READ, (DWORD)atoi(argv[2]), NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE) {
        fprintf(stderr, "hold: error %lu\n", GetLastError());
        return 1;
    }
    puts("held");
    fflush(stdout);
    while (GetFileAttributesA(argv[3]) == INVALID_FILE_ATTRIBUTES)
        Sleep(20);
    if (!ReadFile(file, text, sizeof text, &count, NULL))
        return 1;
    fwrite(text, 1, count, stdout);
    return 0;
}
