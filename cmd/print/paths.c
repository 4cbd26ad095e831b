/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The paths of a command line. */
#include "print/paths.h"

#include "print/printable.h"

#include <stdlib.h>
#include <string.h>

static struct pyon_path *parse(const char *text)
{
    struct pyon_error error;
    struct pyon_path *path = pyon_path_parse(text, strlen(text), &error);

    if (!path) {
        size_t before;

        complain("%s", error.message);
        fputs("    ", stderr);
        before = printable_put(stderr, text, error.offset);
        printable_put(stderr, text + error.offset, strlen(text) - error.offset);
        fprintf(stderr, "\n    %*s^\n", (int)before, "");
    }
    return path;
}

bool paths_parse(struct paths *paths, const struct arguments *arguments, size_t first)
{
    *paths = (struct paths){.all = calloc(arguments->count + 1, sizeof *paths->all)};
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

bool paths_or_whole(struct paths *paths)
{
    if (paths->count == 0) {
        paths->all[0] = parse("");
        paths->count = paths->all[0] != NULL;
    }
    return paths->count > 0;
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

/* Appends the steps from one node to another: 1; 0 if it is not in there, -1 without memory. */
static int append_steps(const struct pyon_node *from, const struct pyon_node *node,
                        struct pyon_out *out)
{
    size_t length = (size_t)(out->cur - out->start);
    struct pyon_steps *steps;
    int status = 0;

    if (from == node)
        return 1;
    if (pyon_node_size(from) == 0 || pyon_node_array(from))
        return 0;
    steps = pyon_steps_new(from);
    if (!steps)
        return -1;
    for (size_t i = 0; i < pyon_node_size(from) && status == 0; i++) {
        const struct pyon_node *value = pyon_node_value(from, i);

        out->cur = out->start + length;
        status = pyon_steps_append(steps, i, out);
        if (status == 0 && pyon_node_key(from, i) != node)
            status = append_steps(value ? value : pyon_node_item(from, i), node, out);
        else if (status == 0)
            status = 1;
    }
    pyon_steps_free(steps);
    return status;
}

char *paths_find_node(const struct pyon_node *root, const struct pyon_node *node)
{
    struct pyon_out out;
    char *text = NULL;
    size_t length;

    pyon_out_init(&out);
    if (node && append_steps(root, node, &out) == 1)
        text = pyon_out_detach(&out, &length);
    pyon_out_free(&out);
    return text;
}
