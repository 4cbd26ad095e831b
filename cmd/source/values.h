/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The values of a file as trees, one after the other.
 *
 *     status = values_open(&values, path, chosen_dialect(arguments));
 *     if (status != EXIT_FINE)
 *         return status;
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
    struct lines *lines; /* "path = value", or NULL */
};

/* Opens a file, "-" for standard input: EXIT_FINE; after a message EXIT_TROUBLE, or EXIT_NO if it is no text. */
int values_open(struct values *values, const char *path, const struct pyon_dialect *dialect);
void values_close(struct values *values);

/* Before the first value: the text may be lines "path = value" (lines.h) as well; fills `lines`. False with a
   message. */
bool values_take_lines(struct values *values);

/* One of READER_*; the error of READER_FAILED has been reported. */
int values_next(struct values *values);

/* The exit status of a command that has ended with this: EXIT_FINE after READER_END. */
int values_exit(int status);

/* Takes the tree over: pyon_tree_free() it. */
struct pyon_tree *values_take(struct values *values);

#endif
