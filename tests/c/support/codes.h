/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The names of the codes of errors, as files of cases and transcripts have them. */
#ifndef PYON_CODES_H
#define PYON_CODES_H

#include "pyon.h"

/* "PYON_ERROR_VALUE", for instance; NULL for one that is missing in codes.c. */
const char *code_name(enum pyon_error_code code);

#endif
