/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A dialect: a set of tokens for the parser and a table of spellings for the writer. Neither of them
 * ever asks which dialect it is in. This file only names the table, so that reading and writing
 * know nothing of each other.
 */
#ifndef PYON_DIALECT_H
#define PYON_DIALECT_H

#include "base.h"

/* A constant text and its length. */
struct pyon_text {
    const char *text;
    size_t length;
};

/* Start conditions of the lexer. */
enum pyon_condition {
    PYON_LEX_V2,      /* version 2 */
    PYON_LEX_V1,      /* version 1, inside brackets, where line ends are blanks */
    PYON_LEX_V1_LINE, /* version 1, outside, where a line end ends the value */
};

struct pyon_dialect {
    enum pyon_condition outside, inside; /* of brackets */
    size_t max_depth;                    /* of open brackets, if the caller does not say */
    bool json;                           /* its tokens are those of JSON */
    bool trailing_comma;                 /* may stand before a closing bracket */
    bool bare_tuple;                     /* "1, 2" without parentheses is a tuple */
    bool refuses_nul;                    /* anywhere in the text, before anything else */
    bool refuses_mark;                   /* U+FEFF at the start */
    bool refuses_surrogates;             /* in UTF-8; as escapes they are allowed */
    /* What it is called when something else stands where a value must, behind a value, or
       behind the last value; PYON_OK leaves it to the token. */
    enum pyon_error_code value_error, after_error, end_error;
    const struct pyon_spelling *spelling;
};

/* The tables of the writer, which alone looks into them (write/spelling.h). The third is for the members
   of a slice of version 1, which are as Python's repr() writes them. */
extern const struct pyon_spelling pyon_spelling_v1, pyon_spelling_v2, pyon_spelling_repr;

#endif
