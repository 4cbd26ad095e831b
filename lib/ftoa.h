/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Doubles as text: the shortest digits that read back as the same double, laid out as Python's
 * repr(float) does it: 0.1, 1.0, 1e-05, 1e+16, 1.2345678901234568e+17.
 */
#ifndef PYON_FTOA_H
#define PYON_FTOA_H

#include "base.h"

/* The room that one number may use; the longest text has 24 bytes. */
#define PYON_FTOA_SIZE 32

/*
 * Fills `buffer` with the text of a finite `value`, without NUL, and returns its length. Bytes up
 * to PYON_FTOA_SIZE may be overwritten.
 */
PYON_INTERNAL size_t pyon_ftoa(char *buffer, double value);

#endif
