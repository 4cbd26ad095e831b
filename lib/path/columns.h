/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Columns: the values at some paths, of each value in a text of lines. A column has a cell for each of
 * these values, which are the rows.
 *
 *     {"rid": 1, "x": 0.5}        rid         1, 2
 *     {"rid": 2, "x": "off"}      x           0.5, "off"
 *
 * Numbers are kept as numbers. Any other value is kept as its text of version 2, one after the other.
 * So nothing is lost if a column has values of several types, and the columns of two parts of a text
 * are joined by putting one after the other.
 *
 * Internal, for the extension. columns.c goes through the text, and cell.c takes the values of a row.
 */
#ifndef PYON_PATH_COLUMNS_H
#define PYON_PATH_COLUMNS_H

#include "base.h"
#include "pyon_path.h"

/* What is in a cell. The extension relies on these numbers. */
enum cell {
    CELL_MISSING, /* the path leads to nothing there */
    CELL_BOOLEAN, /* the slot is 0 or 1, */
    CELL_INTEGER, /* the number, */
    CELL_REAL,    /* the bits of the number, */
    CELL_TEXT,    /* or the length of the text */
};

/* The values that a column may have. Integers fit where reals are asked for, and the other way round,
   if that changes no digit. */
enum column_type {
    COLUMN_ANY,
    COLUMN_BOOLEAN,
    COLUMN_INTEGER,
    COLUMN_REAL,
    COLUMN_STRING,
};

struct column {
    const struct pyon_path *path; /* borrowed */
    enum column_type type;
    bool several; /* the path may lead to several values: the cell is their list, of any type */
    unsigned char *cells; /* one of enum cell for each row */
    uint64_t *slots;
    struct pyon_out text;
};

/* A line that could not be read, or a value that does not fit its column: then its cell is missing. */
struct misfit {
    size_t line;      /* from 1 */
    size_t column;    /* COLUMN_NONE: the line could not be read */
    size_t offset;    /* of the error in the line, in bytes */
    const char *what; /* borrowed, static */
};

#define COLUMN_NONE SIZE_MAX

struct columns {
    struct column *columns;
    size_t count;
    uint64_t *lines; /* of each row, from 1 */
    size_t rows, row_capacity;
    size_t line_count; /* of the text; one without a line end at its end counts */
    struct misfit *misfits;
    size_t misfit_count, misfit_capacity;
    bool stops; /* at the first misfit */
};

/* Fills `columns`. Borrows the paths, and makes one column of each; `types` has one type for each.
   Returns 0, or -1 without memory; pyon_columns_free() it in any case. */
PYON_INTERNAL int pyon_columns_init(struct columns *columns, const struct pyon_path *const *paths,
                                    const enum column_type *types, size_t count);
PYON_INTERNAL void pyon_columns_free(struct columns *columns);

/*
 * Reads a text of lines, with one value in each, and adds their rows. Of both dialects, a line that is
 * not of `dialect` is read in `other`, which may be NULL. Lines of blanks have no row. Returns 0, or -1
 * without memory. Call this once.
 */
PYON_INTERNAL int pyon_columns_read(struct columns *columns, const struct pyon_dialect *dialect,
                                    const struct pyon_dialect *other, const char *text,
                                    size_t length);

/* ---- Between columns.c and cell.c ---- */

/* Adds a misfit. Returns 0, or -1 without memory. */
PYON_INTERNAL int pyon_columns_miss(struct columns *columns, const struct misfit *misfit);

/* Begins the next row, with all cells missing. Returns 0, or -1 without memory. */
PYON_INTERNAL int pyon_columns_add_row(struct columns *columns, size_t line);

/* Puts a match into the last row. Returns 0, or -1 without memory. */
PYON_INTERNAL int pyon_column_put(struct columns *columns, size_t number,
                                  const struct pyon_match *match);

/* Ends the list in the last row, if the column has lists. */
PYON_INTERNAL int pyon_column_end(struct columns *columns, size_t number);

#endif
