/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A builder that writes down its events, one a line:
 *
 *     null                        string "caf\u00e9" wide argument
 *     boolean true                bytes 00ff argument
 *     integer 1                   list 2 argument
 *     bigint 16 -ffff             tuple 0
 *     real 1.5                    set 1
 *     complex 0.0 -2.0            dict 1
 *     call_begin "Fraction"       tagged 1
 *     keyword "numerator"         call_undo 2
 *     call_end 2 1                name "answer"
 *     arithmetic multiply
 *
 * `wide` means that PYON_FLAG_ASCII is not set, `argument` that PYON_FLAG_ARGUMENT is. In strings, a
 * character that is not printable ASCII is \uXXXX, and above U+FFFF \UXXXXXXXX: so surrogates
 * differ from the character that they may encode. A byte that is not UTF-8 is \xNN. The sign of a
 * NaN is not shown.
 *
 * It counts the values on the stack that a real builder would have, and says "underflow" if an
 * event pops more than there are.
 *
 * It also has the functions that a builder need not have. In version 1 they know these names:
 *   callable    Custom
 *   name        answer is a constant; word one that is no number; huge one with which every result
 *               is too large; unlucky is a failure of the host
 *   attribute   every value has "known"; all but numbers, null and booleans have "__getitem__"
 *   character   DIGIT ONE, GRINNING FACE; UNLUCKY is a failure of the host
 */
#ifndef PYON_TRANSCRIPT_H
#define PYON_TRANSCRIPT_H

#include "pyon.h"

struct transcript {
    const struct pyon_builder *builder; /* transcript_builder, unless a test changes it */
    struct pyon_out out;
    size_t height;      /* values on the stack */
    size_t open;        /* calls that have begun */
    size_t events;      /* so far */
    size_t fail_at;     /* the number, from 0, of the event that fails; SIZE_MAX for none */
    size_t wide;        /* strings that came as code points */
    bool subscriptable; /* the value on top is */
    bool huge;          /* the last name was `huge` */
};

/* Its `self` is a struct transcript. */
extern const struct pyon_builder transcript_builder;

/* The same with code_points(). It writes the line that string() would write; "not narrow" if the
   width is not the least one, or the code points are ASCII. */
extern const struct pyon_builder transcript_wide_builder;

/* Fills `transcript`. Nothing is written yet; no event will fail. */
void transcript_init(struct transcript *transcript);

/* Frees the text, unless transcript_text has taken it. */
void transcript_free(struct transcript *transcript);

/* The lines so far: new, free() them. */
char *transcript_text(struct transcript *transcript);

/* Parses a copy of `text` that ends where its memory does. Returns the result of pyon_parse. */
int transcript_parse(struct transcript *transcript, const struct pyon_dialect *dialect,
                     const char *text, size_t length, struct pyon_error *error);

#endif
