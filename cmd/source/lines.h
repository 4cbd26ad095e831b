/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A value as lines "path = value", for grep and diff, which can be read back:
 *
 *     # version 2
 *     . = {}
 *     gain = 2.5
 *     scan = ()
 *     scan[0] = {}
 *     scan[0].points = 100
 *
 * A dict, list or tuple has a line of its own, with nothing in it; its members follow. Every other value stands
 * on one line. "." is the path of the whole value. If there are several values, each begins with the line that
 * has the version.
 */
#ifndef CMD_LINES_H
#define CMD_LINES_H

#include "source/values.h"

/* Writes a value, whose path is `path`: 0, or -1 with the code in the output of the writer. */
int lines_write(struct pyon_writer *writer, const char *path, size_t length,
                const struct pyon_node *node);

/* Writes the first line of a value: 0, or -1 with the code in the output of the writer. */
int lines_write_version(struct pyon_writer *writer, const struct pyon_dialect *dialect);

/* Does a text begin like such lines? */
bool lines_are(const char *start, size_t size);

struct lines;

/* Reads the whole text of an input: new, lines_close() it; NULL with a message. */
struct lines *lines_open(struct values *values);
void lines_close(struct lines *lines);

/* Reads the lines of the next value: its events go to the builder of the values. If no line says its version, it is
   version 1 if one of its parts is, and is not version 2. One of READER_*, after a message if it has failed. */
int lines_next(struct lines *lines);

#endif
