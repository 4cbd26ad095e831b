/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Many decimal numbers to doubles, several at once: for long lists of them. Every double is the one
 * that pyon_read_number() makes.
 */
#ifndef PYON_REALS_H
#define PYON_REALS_H

#include "cpu.h"

/* Bytes before the first number that may be loaded. */
#define REALS_BEFORE 33

/* A call reads at most so many bytes of text, and numbers: the shortest is "0.0,". If it reads fewer
   than the least, other text follows, or the end. */
#define REALS_TEXT 1024
#define REALS_MOST (REALS_TEXT / 4)
#define REALS_LEAST (REALS_TEXT / 32 - 1)

/*
 * Reads real numbers as JSON has them, without exponents, each with a comma after it: "0.5,-12.25,". A
 * space may be before each. Stops before anything else; that may be a number that is only too long, or
 * too near to the end of the text. Fills `values`, moves `text` after the last comma, and returns the
 * number of values. `end` is the end of the text. `divides`: a division of doubles rounds as it does
 * by default (safe_digits() of scale.h).
 */
PYON_INTERNAL size_t pyon_read_reals_avx512(const char **text, const char *end,
                                            double values[REALS_MOST], bool divides);

/* Can the processor do that? */
static inline bool reads_reals(void)
{
#if PYON_X86
    return pyon_cpu >= PYON_CPU_AVX512;
#else
    return false;
#endif
}

/* Does it; on other processors, reads none. */
static inline size_t read_reals(const char **text, const char *end, double values[REALS_MOST],
                                bool divides)
{
#if PYON_X86
    if (reads_reals())
        return pyon_read_reals_avx512(text, end, values, divides);
#else
    (void)text, (void)end, (void)values, (void)divides;
#endif
    return 0;
}

#endif
