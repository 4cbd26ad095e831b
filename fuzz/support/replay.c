/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Runs a target on the files that are named: a regression test without libFuzzer. */
#include "fuzz.h"

#include <stdio.h>

/* The content of a file: new, free() it; NULL with a message if it cannot be read. */
static uint8_t *read_file(const char *name, size_t *size)
{
    FILE *file = fopen(name, "rb");
    uint8_t *data = NULL;
    long length;

    if (file && fseek(file, 0, SEEK_END) == 0 && (length = ftell(file)) >= 0 &&
        fseek(file, 0, SEEK_SET) == 0 && (data = malloc((size_t)length + 1))) {
        *size = (size_t)length;
        if (fread(data, 1, *size, file) != *size) {
            free(data);
            data = NULL;
        }
    }
    if (!data)
        perror(name);
    if (file)
        fclose(file);
    return data;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        size_t size;
        uint8_t *data = read_file(argv[i], &size);

        if (!data)
            return 1;
        LLVMFuzzerTestOneInput(data, size);
        free(data);
    }
    printf("%d files\n", argc - 1);
    return argc < 2;
}
