/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Hints for errors: the text that a person most likely meant. */
#ifndef CMD_DIAGNOSE_H
#define CMD_DIAGNOSE_H

#include "source/input.h"

#include <pyon.h>

/* May an input that has just been opened be PYON? If not, a message says of what kind it is, an HDF5 file for
   instance. Afterwards it is read from its start. Returns EXIT_FINE, EXIT_NO or EXIT_TROUBLE. */
int diagnose_kind(struct input *input);

/* A hint for an error in a text, a sentence without a final stop; NULL if there is none. */
const char *diagnose(struct input *input, const struct pyon_dialect *dialect,
                     const struct pyon_error *error);

#endif
