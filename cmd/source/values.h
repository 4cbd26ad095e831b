/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The values of a file as trees, one after the other.
 *
 *     if (!values_open(&values, path, chosen_dialect(arguments)))
 *         return EXIT_TROUBLE;
 *     while ((status = values_next(&values)) == READER_VALUE)
 *         ... values.tree, which is valid until the next call
 *     values_close(&values)
 */
#ifndef CMD_VALUES_H
#define CMD_VALUES_H

#include "source/reader.h"

#include <pyon_tree.h>

struct values {
    struct input input;
    struct reader reader;
    struct pyon_tree_builder *builder;
    struct pyon_tree *tree;
    bool has_lines; /* "path = value": they are one value */
};

/* Opens a file, "-" for standard input: false with a message. A file that is no text is refused. */
bool values_open(struct values *values, const char *path, const struct pyon_dialect *dialect);
void values_close(struct values *values);

/* Before the first value: may the text be lines "path = value" (lines.h) as well? Returns whether it is. */
bool values_take_lines(struct values *values);

/* One of READER_*; the error of READER_FAILED has been reported. */
int values_next(struct values *values);

/* The exit status of a command that has ended with this: EXIT_FINE after READER_END. */
int values_exit(int status);

/* Takes the tree over: pyon_tree_free() it. */
struct pyon_tree *values_take(struct values *values);

/* The only value of a file: new; NULL with `status` filled, after a message. */
struct pyon_tree *values_read_one(const char *path, const struct pyon_dialect *dialect,
                                  int *status);

#endif
