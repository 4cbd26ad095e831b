/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Doubles as text: the shortest digits that read back as the same double, laid out as Python's
 * repr(float) does it: 0.1, 1.0, 1e-05, 1e+16, 1.2345678901234568e+17.
 */
#ifndef PYON_FTOA_H
#define PYON_FTOA_H

#include "base.h"

/* The most bytes that one number may use. The longest text has 24. */
#define PYON_FTOA_SIZE 32

/*
 * Fills `buffer` with the text of a finite `value`, without a NUL. Returns its length. May
 * overwrite all PYON_FTOA_SIZE bytes of the buffer.
 */
PYON_INTERNAL size_t pyon_ftoa(char *buffer, double value);

/* ---- Many of them ------------------------------------------------------------------------ */

/* Separators of at most this length are fast. */
#define PYON_FTOA_SEPARATOR 32

/* The room for `count` numbers, with a separator of `length` bytes after each. */
#define PYON_FTOA_RUN_SIZE(count, length)                                                          \
    ((count) * (PYON_FTOA_SIZE + (length)) + PYON_FTOA_SEPARATOR)

/*
 * Writes the texts of `count` finite values, the separator after each, and returns the end. May
 * overwrite all PYON_FTOA_RUN_SIZE bytes.
 */
PYON_INTERNAL char *pyon_ftoa_run(char *p, const double *values, size_t count,
                                  const char *separator, size_t length);

#define PYON_FTOA_BATCH 8

struct pyon_ftoa_batch {
    char text[PYON_FTOA_BATCH][PYON_FTOA_SIZE];
    unsigned char length[PYON_FTOA_BATCH];
};

/* Fills the texts of 8 finite values, without NULs. */
PYON_INTERNAL void pyon_ftoa_batch(struct pyon_ftoa_batch *batch,
                                   const double values[PYON_FTOA_BATCH]);

/* Are several at a time faster than one by one? */
PYON_INTERNAL bool pyon_ftoa_has_batch(void);

/* Both with AVX-512. `count` is a multiple of 8; all 32 bytes of `separator` can be read. */
PYON_INTERNAL char *pyon_ftoa_run_avx512(char *p, const double *values, size_t count,
                                         const char separator[PYON_FTOA_SEPARATOR], size_t length);
PYON_INTERNAL void pyon_ftoa_batch_avx512(struct pyon_ftoa_batch *batch,
                                          const double values[PYON_FTOA_BATCH]);

#endif
