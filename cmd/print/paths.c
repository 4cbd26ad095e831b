/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The paths of a command line. */
#include "print/paths.h"

#include <stdlib.h>
#include <string.h>

static struct pyon_path *parse(const char *text)
{
    struct pyon_error error;
    struct pyon_path *path = pyon_path_parse(text, strlen(text), &error);

    if (!path)
        complain("%s\n    %s\n    %*s^", error.message, text, (int)error.offset, "");
    return path;
}

bool paths_parse(struct paths *paths, const struct arguments *arguments, size_t first)
{
    *paths = (struct paths){.all = calloc(arguments->count, sizeof *paths->all)};
    if (!paths->all) {
        complain("no memory");
        return false;
    }
    for (size_t i = first; i < arguments->count; i++) {
        struct pyon_path *path = parse(arguments->operands[i]);

        if (!path)
            return false;
        paths->all[paths->count++] = path;
    }
    return true;
}

void paths_free(struct paths *paths)
{
    for (size_t i = 0; i < paths->count; i++)
        pyon_path_free(paths->all[i]);
    free(paths->all);
    *paths = (struct paths){.count = 0};
}

void paths_explain(const struct pyon_path *path, const struct pyon_node *root,
                   unsigned long long number)
{
    struct pyon_miss miss;
    struct pyon_out out;
    char *text = NULL;
    size_t length;

    pyon_out_init(&out);
    if (pyon_path_explain(path, root, &miss, &out) == 1)
        text = pyon_out_detach(&out, &length);
    if (text && number > 1)
        complain("value %llu: %s", number, text);
    else
        complain("%s", text ? text : "no memory");
    free(text);
    pyon_out_free(&out);
}
