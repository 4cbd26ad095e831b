/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Values for people: on one line, no wider than there is room for. */
#ifndef CMD_BRIEF_H
#define CMD_BRIEF_H

#include "print/line.h"

#include <pyon_tree.h>

/* Puts a whole value, as a literal in which NumPy scalars are numbers: false if there is no room. */
bool line_put_value(struct line_text *line, const struct pyon_node *node);

/* The same, but strings, bytes and integers that are too long are cut, and that is no failure. */
bool line_put_value_cut(struct line_text *line, const struct pyon_node *node);

/* "float", "int32", "list of 3", "float64[3, 4]", ... */
bool line_put_type(struct line_text *line, const struct pyon_node *node);

#endif
