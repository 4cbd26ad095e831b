/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Prints the mean of one dataset of a file, which is of version 2 or 1.
 *
 *     $ mean dataset_db.pyon 'rabi.ca1.counts[1]'
 *     29.34
 *
 * Build it with: cc -o mean mean.c $(pkg-config --cflags --libs pyon)
 */
#include <pyon_path.h>
#include <pyon_tree.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECE 65536

/* New: the text of a file, with a NUL at its end; NULL if it cannot be read. A struct pyon_out
   serves as the buffer, because it grows. */
static char *read_file(const char *name, size_t *length)
{
    FILE *file = fopen(name, "rb");
    struct pyon_out out;
    char *text = NULL;
    size_t count = 0;

    if (!file)
        return NULL;
    pyon_out_init(&out);
    while (out.grow(&out, PIECE) == 0 && (count = fread(out.cur, 1, PIECE, file)) > 0)
        out.cur += count;
    if (feof(file))
        text = pyon_out_detach(&out, length);
    pyon_out_free(&out);
    fclose(file);
    return text;
}

/* New: the value of a file; NULL after a message. */
static struct pyon_tree *load(const char *name)
{
    struct pyon_error error = {0}, error_of_v1 = {0};
    size_t length, line, column;
    char *text = read_file(name, &length);
    struct pyon_tree *tree;

    if (!text) {
        perror(name);
        return NULL;
    }
    tree = pyon_tree_parse(&pyon_v2, text, length, NULL, &error);
    if (!tree)
        tree = pyon_tree_parse(&pyon_v1, text, length, NULL, &error_of_v1);
    if (!tree) {
        /* The version that understood more of the text is probably the right one. */
        if (error_of_v1.offset > error.offset)
            error = error_of_v1;
        pyon_locate(text, error.offset, &line, &column);
        fprintf(stderr, "%s:%zu:%zu: %s\n", name, line, column, error.message);
    }
    free(text);
    return tree;
}

/* Fills the number `n` of an array, list or tuple: false if it is none. */
static bool number_at(const struct pyon_match *match, size_t n, double *number)
{
    const struct pyon_array *array = match->is_part ? &match->part : pyon_node_array(match->node);
    const struct pyon_node *item = pyon_node_item(match->node, n);

    if (array)
        return pyon_array_real(array, n, number) >= 0;
    return item && pyon_node_real(item, number) >= 0;
}

/* Prints the mean of what the path has led to: false if that is no series of numbers. */
static bool print_mean(const struct pyon_match *match)
{
    size_t count = match->is_part ? match->part.count : pyon_node_size(match->node);
    double sum = 0, number;

    for (size_t n = 0; n < count; n++) {
        if (!number_at(match, n, &number))
            return false;
        sum += number;
    }
    if (count > 0)
        printf("%.15g\n", sum / (double)count);
    return count > 0;
}

/* Prints why the path leads to nothing. */
static void explain(const struct pyon_path *path, const struct pyon_tree *tree)
{
    struct pyon_miss miss;
    struct pyon_out out;

    pyon_out_init(&out);
    if (pyon_path_explain(path, pyon_tree_root(tree), &miss, &out) > 0)
        fprintf(stderr, "%.*s\n", (int)(out.cur - out.start), out.start);
    pyon_out_free(&out);
}

int main(int argc, char **argv)
{
    struct pyon_error error;
    struct pyon_match match;
    struct pyon_tree *tree;
    struct pyon_path *path;
    bool done = false;

    if (argc != 3) {
        fprintf(stderr, "usage: mean FILE PATH\n");
        return 2;
    }
    path = pyon_path_parse(argv[2], strlen(argv[2]), &error);
    if (!path) {
        fprintf(stderr, "%s: %s at byte %zu\n", argv[2], error.message, error.offset);
        return 2;
    }
    tree = load(argv[1]);
    if (tree) {
        if (pyon_path_find(path, pyon_tree_root(tree), &match) <= 0)
            explain(path, tree);
        else if (!(done = print_mean(&match)))
            fprintf(stderr, "%s: no numbers\n", argv[2]);
    }
    pyon_tree_free(tree);
    pyon_path_free(path);
    return done ? 0 : 1;
}
