/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The terminal as the system knows it: one implementation for POSIX, one for Windows. */
#ifndef CMD_TERMINAL_H
#define CMD_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* Is the descriptor a terminal, which a person may look at? */
bool terminal_is(int fd);

/* Does standard output understand escape sequences? */
bool terminal_has_colours(void);

/* Does it expect UTF-8, if no variable of the environment tells? */
bool terminal_has_utf8(void);

/* The columns of standard output; 0 if it is no terminal. */
size_t terminal_columns(void);

/* The pager if no variable of the environment names one, or NULL. */
extern const char *const terminal_pager;

/* Lets the command read all that is written to standard output from now on. False if it cannot be run. */
bool pager_start(const char *command);

/* After all output is written: waits until the pager ends. Without a pager, does nothing. */
void pager_end(void);

#endif
