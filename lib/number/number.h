/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Digits to numbers. Every double is correctly rounded (to nearest, ties to even), whatever the
 * number of digits or the size of the exponent; time is linear in the length of the text.
 */
#ifndef PYON_NUMBER_H
#define PYON_NUMBER_H

#include "base.h"

enum pyon_number_kind {
    PYON_NUMBER_INTEGER, /* in `integer` */
    PYON_NUMBER_BIGINT,  /* an integer beyond int64_t: its value is the text */
    PYON_NUMBER_REAL,    /* in `real` */
    PYON_NUMBER_BOOLEAN  /* only from the lexer: true or false, in `integer` */
};

struct pyon_number {
    enum pyon_number_kind kind;
    int64_t integer; /* 0 unless of that kind */
    double real;     /* 0 unless of that kind */
};

/*
 * Reads the longest JSON number at `p`: '-'? (0|[1-9][0-9]*) ('.' [0-9]+)? ([eE] [+-]? [0-9]+)?
 * Fills `number` and returns the end of the number, or NULL if none begins there.
 * The text ends with a NUL; nothing after the NUL is read.
 *
 * Without fraction and exponent it is an integer, even "-0"; else a double, which overflows to
 * infinity. Of "1." and "1e" only the 1 is read, of "1.5e+" the 1.5.
 */
PYON_INTERNAL const char *pyon_read_number(const char *p, struct pyon_number *number);

/*
 * The double of digits [. digits] [(e|E) [+-] digits], without sign and underscores. Either side
 * of the point may be empty, and zeros may lead: "1.", ".5", "007e-2". The text need not end
 * with a NUL.
 */
PYON_INTERNAL double pyon_read_decimal(const char *text, size_t length);

/*
 * The double of an integer of `length` digits in base 2, 8, 10 or 16; infinity if it is too
 * large.
 */
PYON_INTERNAL double pyon_integer_to_double(const char *digits, size_t length, unsigned base);

#endif
