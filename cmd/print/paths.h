/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The paths of a command line. */
#ifndef CMD_PATHS_H
#define CMD_PATHS_H

#include "command.h"

#include <pyon_path.h>

struct paths {
    struct pyon_path **all;
    size_t count;
};

/* Compiles the operands from number `first` on: false with a message. paths_free() it in any case. */
bool paths_parse(struct paths *paths, const struct arguments *arguments, size_t first);
/* If there are none, puts the path of the whole value there: false with a message. */
bool paths_or_whole(struct paths *paths);
void paths_free(struct paths *paths);

/* Prints why a path leads to nothing, in the value of that number of a file, from 1. */
void paths_explain(const struct pyon_path *path, const struct pyon_node *root,
                   unsigned long long number);

/* The path of a node in a tree: new; NULL if there is none, or no memory. */
char *paths_find_node(const struct pyon_node *root, const struct pyon_node *node);

#endif
