/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A value as an outline: a row for each member, with its name, type and value. */
#ifndef CMD_OUTLINE_H
#define CMD_OUTLINE_H

#include "print/term.h"

#include <pyon_path.h>

struct outline {
    struct term term;
    bool all;     /* cut nothing */
    size_t depth; /* of members that are shown */
    size_t names; /* columns for the paths of matches: outline_measure_match() */
};

/* Prints a value: its type, and then its members from the margin on. */
void outline_print_whole(const struct outline *outline, const struct pyon_node *node);

/* Makes room for the path of a match, if that leaves room for values: for all matches, before the first is printed. */
void outline_measure_match(struct outline *outline, const struct pyon_match *match);

/* Prints a match of a path, after its path. */
void outline_print_match(const struct outline *outline, const struct pyon_match *match);

#endif
