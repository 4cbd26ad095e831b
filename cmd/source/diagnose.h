/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What a person most likely meant, where a text is wrong. */
#ifndef CMD_DIAGNOSE_H
#define CMD_DIAGNOSE_H

#include "source/input.h"

#include <pyon.h>

/* What kind of file that is no text begins like this: "an HDF5 file", say; NULL if it may be PYON. */
const char *diagnose_binary(const char *start, size_t size);

/* A hint for an error in a text, a sentence without a final stop; NULL if there is none. */
const char *diagnose(struct input *input, const struct pyon_dialect *dialect,
                     const struct pyon_error *error);

#endif
