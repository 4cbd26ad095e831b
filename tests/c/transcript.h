/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A builder that writes down what it is told, one event a line:
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
 * `wide` stands where PYON_ASCII is not set, `argument` where PYON_ARGUMENT is. In strings, what
 * is not printable ASCII is \uXXXX, above U+FFFF \UXXXXXXXX, so that surrogates are told from
 * what they may encode; a byte that is no UTF-8 is \xNN. The sign of a NaN is not shown.
 *
 * It counts the values on the stack that a real builder would have, and says "underflow" where
 * an event pops more than there are.
 *
 * The functions that a builder need not have are here too, with things to find in version 1:
 *   callable    Custom
 *   name        answer is a constant; word one that is no number; huge one with which every result
 *               is too large; unlucky is a failure of the host
 *   attribute   every value has "known"; those that are not scalars, and strings, "__getitem__"
 *   character   DIGIT ONE, GRINNING FACE; UNLUCKY is a failure of the host
 */
#ifndef PYON_TRANSCRIPT_H
#define PYON_TRANSCRIPT_H

#include "pyon.h"

struct transcript {
    const struct pyon_builder *builder; /* transcript_builder, if nobody changes it */
    struct pyon_out out;
    size_t height;      /* values on the stack */
    size_t open;        /* calls that have begun */
    size_t events;      /* so far */
    size_t fail_at;     /* the number, from 0, of the event that fails; SIZE_MAX for none */
    size_t wide;        /* strings that came as code points */
    bool subscriptable; /* the value on top */
    bool huge;          /* the name that came last */
};

/* Its `self` is a struct transcript. */
extern const struct pyon_builder transcript_builder;

/* The same with code_points(), which writes what string() would; "not narrow" if the code points
   have not the least width or are ASCII. */
extern const struct pyon_builder transcript_wide_builder;

/* Fills `transcript`: nothing is written, nothing will fail. */
void transcript_init(struct transcript *transcript);

/* Frees what transcript_text did not take. */
void transcript_free(struct transcript *transcript);

/* What was written: new, free() it. */
char *transcript_text(struct transcript *transcript);

/* Parses a copy of `text` that ends where its memory does: the result of pyon_parse. */
int transcript_parse(struct transcript *transcript, const struct pyon_dialect *dialect,
                     const char *text, size_t length, struct pyon_error *error);

#endif
