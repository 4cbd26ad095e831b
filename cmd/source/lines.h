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
 * A dict, list or tuple has a line of its own, with nothing in it; its members follow. Everything else
 * is a value in one line. The whole value is called "." there.
 */
#ifndef CMD_LINES_H
#define CMD_LINES_H

#include "source/values.h"

/* Writes a value, whose path is `path`: 0, or -1 with the code in the output of the writer. */
int lines_write(struct pyon_writer *writer, const char *path, size_t length,
                const struct pyon_node *node);

/* Writes the first line: 0, or -1 with the code in the output of the writer. */
int lines_write_version(struct pyon_writer *writer, const struct pyon_dialect *dialect);

/* Does a text begin like such lines? */
bool lines_are(const char *start, size_t size);

/* Reads all of them: the events of the value go to the builder of `values`. It is version 1 if one of the values
   is, and not version 2. READER_VALUE,
   READER_FAILED or READER_TROUBLE after a message. */
int lines_read(struct values *values);

#endif
