/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Matches of paths as text, to be compared. Without memory all of this aborts. */
#ifndef MATCHES_H
#define MATCHES_H

#include "pyon_path.h"

/* Appends text. */
void put(struct pyon_out *out, const void *text, size_t length);

/* Appends "path = value" and a line end; of a part of an array its shape, of a value that version 1 cannot
   write a question mark. `self` is the output. Returns 0, as pyon_path_each() wants it. */
int put_match(void *self, const struct pyon_match *match);

/* The text, with a NUL after it: new, free() it. */
char *detach(struct pyon_out *out);

#endif
