/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The terminal: how wide it is, whether it has colours and UTF-8, and a pager. */
#ifndef CMD_TERM_H
#define CMD_TERM_H

#include <stdbool.h>
#include <stddef.h>

#define NARROWEST 40 /* columns: on a terminal with less, lines are broken */

struct term {
    size_t width; /* columns */
    bool colours;
    bool utf8;
};

/* Of standard output. `width` of 0 asks the terminal; 80 if there is none. */
void term_init(struct term *term, size_t width);

/* If standard output is a terminal, all output from now on goes through $PYON_PAGER, $PAGER or less,
   which shows it at once if it fits on the screen. */
void term_start_pager(void);

/* Waits until the pager is closed. */
void term_end_pager(void);

/* Escape sequences, or "" without colours. */
enum style { STYLE_PLAIN, STYLE_KEY, STYLE_TYPE, STYLE_NUMBER, STYLE_STRING, STYLE_NOTE };
const char *term_style(const struct term *term, enum style style);

#endif
