/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The values that paths lead to, in each value of a file. Nothing else is kept: memory is that of the
 * matches, whatever the size of the file.
 *
 *     status = selected_open(&selected, path, chosen_dialect(arguments), &paths);
 *     while ((status = selected_next(&selected)) == READER_VALUE)
 *         selected_each(&selected, 0, found, self);
 *     selected_close(&selected)
 */
#ifndef CMD_SOURCE_SELECTED_H
#define CMD_SOURCE_SELECTED_H

#include "print/paths.h"
#include "source/reader.h"

#include <pyon_select.h>

struct selected {
    struct input input;
    struct reader reader;
    struct pyon_selection *selection;
    const struct paths *paths;
    const char *path; /* of the file, as the command line has it */
};

/* Opens a file, "-" for standard input: EXIT_FINE, or another status after a message. Borrows the paths. */
int selected_open(struct selected *selected, const char *path, const struct pyon_dialect *dialect,
                  const struct paths *paths);
void selected_close(struct selected *selected);

/* One of READER_*; the error of READER_FAILED has been reported. */
int selected_next(struct selected *selected);

/* Calls `found` for each match of the path of this number in the value: as pyon_path_each(). */
int selected_each(const struct selected *selected, size_t number,
                  int (*found)(void *self, const struct pyon_match *match), void *self);

/* The same without the paths of the matches: faster. */
int selected_values(const struct selected *selected, size_t number,
                    int (*found)(void *self, const struct pyon_match *match), void *self);

/* Prints why that path leads to nothing. The value is read once more for it, if its text is still there. */
void selected_explain(struct selected *selected, size_t number);

#endif
