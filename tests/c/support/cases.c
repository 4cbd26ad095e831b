/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The cases and their files: see cases.h. */
#include "cases.h"
#include "text.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *cases_join(const char *directory, const char *name, const char *suffix)
{
    size_t length = strlen(directory) + strlen(name) + strlen(suffix) + 2;
    char *path = malloc(length);

    if (!path)
        abort();
    snprintf(path, length, "%s/%s%s", directory, name, suffix);
    return path;
}

struct bytes cases_read(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct bytes bytes = {NULL, 0};
    size_t capacity = 1 << 20;

    if (!file)
        return bytes;
    bytes.data = malloc(capacity);
    if (!bytes.data)
        abort();
    bytes.length = fread(bytes.data, 1, capacity - 1, file);
    bytes.data[bytes.length] = '\0';
    fclose(file);
    return bytes;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Fills the sorted names of the cases in a directory, without ".pyon". Returns their number. */
static size_t list_cases(const char *directory, char *names[], size_t most)
{
    DIR *dir = opendir(directory);
    struct dirent *entry;
    size_t count = 0;

    if (!dir) {
        perror(directory);
        exit(2);
    }
    while ((entry = readdir(dir)) && count < most) {
        const char *dot = strrchr(entry->d_name, '.');

        if (dot && strcmp(dot, ".pyon") == 0)
            names[count++] = text_start(entry->d_name, (size_t)(dot - entry->d_name));
    }
    closedir(dir);
    qsort(names, count, sizeof *names, compare_names);
    return count;
}

static void run_directory(const char *root, const char *dialect, const char *kind,
                          void (*run)(const struct kase *kase, const char *directory))
{
    char *names[1000], *of_dialect = cases_join(root, dialect, ""), *directory;
    struct kase kase = {.dialect = strcmp(dialect, "v1") == 0 ? &pyon_v1 : &pyon_v2,
                        .valid = strcmp(kind, "valid") == 0};
    size_t count;

    directory = cases_join(of_dialect, kind, "");
    count = list_cases(directory, names, 1000);
    for (size_t i = 0; i < count; i++) {
        char *path = cases_join(directory, names[i], ".pyon");

        kase.name = names[i];
        kase.text = cases_read(path);
        run(&kase, directory);
        free(kase.text.data);
        free(path);
        free(names[i]);
    }
    printf("%s/%s: %zu cases\n", dialect, kind, count);
    free(directory);
    free(of_dialect);
}

void cases_run(void (*run)(const struct kase *kase, const char *directory))
{
    const char *srcdir = getenv("srcdir");
    char *root = cases_join(srcdir ? srcdir : ".", "tests/cases", "");

    run_directory(root, "v1", "valid", run);
    run_directory(root, "v1", "invalid", run);
    run_directory(root, "v2", "valid", run);
    run_directory(root, "v2", "invalid", run);
    free(root);
}
