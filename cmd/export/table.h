/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Values as columns (CSV), and as a NumPy file. */
#ifndef CMD_TABLE_H
#define CMD_TABLE_H

#include <pyon_path.h>

/* Columns of one value of a file. */
struct table {
    struct column *columns;
    size_t count, capacity;
    bool has_header; /* it has been written */
};

/* All is zero at first; table_free() it. */
void table_free(struct table *table);

/* Adds the columns of a match: one, or of an array of two dimensions one for each of its second one. False with a
   message. The match is borrowed until table_write(). */
bool table_add(struct table *table, const struct pyon_match *match);

/* Writes the columns side by side, after a header before the first of them, and drops them: 0; -1 with the code in the
   output; or 1 after a message, if their lengths differ. */
int table_write(struct table *table, struct pyon_writer *writer);

/* Writes an array, or a list of numbers, as a NumPy file: 0; -1 with the code in the output; or 1 after a message. */
int npy_write(struct pyon_writer *writer, const struct pyon_match *match);

#endif
