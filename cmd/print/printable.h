/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Text that a stranger may have written: names of files, words of the command line, lines of a file. A terminal
 * would obey the control characters in it.
 */
#ifndef CMD_PRINTABLE_H
#define CMD_PRINTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* May a terminal get the character? Not control characters, surrogates, and marks that change the direction of text. */
bool printable(unsigned long code_point);

/* The bytes of the character at `text`, one of `size` bytes; 0 if it is no UTF-8, or not printable. */
size_t printable_size(const char *text, size_t size);

/* Prints a text; bytes that are not printable as "\x1b". Returns the number of characters that were printed. */
size_t printable_put(FILE *stream, const char *text, size_t size);

#endif
