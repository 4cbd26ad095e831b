/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A dialect: a set of tokens for the parser, and a table of spellings for the writer. Neither ever
 * asks which dialect it is in. This file only names the table, so that reading and writing know
 * nothing of each other.
 */
#ifndef PYON_DIALECT_H
#define PYON_DIALECT_H

#include "base.h"

/* A constant text and its length. */
struct pyon_text {
    const char *text;
    size_t length;
};

/* Start conditions of the lexer: the set of tokens that it knows. */
enum pyon_condition {
    PYON_LEX_V2,      /* version 2 */
    PYON_LEX_V1,      /* version 1, inside brackets, where line ends are blanks */
    PYON_LEX_V1_LINE, /* version 1, outside, where a line end ends the value */
};

struct pyon_dialect {
    enum pyon_condition outside, inside; /* outside and inside of brackets */
    size_t max_depth;                    /* of open brackets, if the caller does not say */
    bool json;                           /* its tokens are those of JSON */
    bool trailing_comma;                 /* a comma may stand before a closing bracket */
    bool bare_tuple;                     /* "1, 2" without parentheses is a tuple */
    bool refuses_nul;                    /* a NUL anywhere is an error, before all others */
    bool refuses_mark;                   /* U+FEFF at the start is an error */
    bool refuses_surrogates;             /* those in UTF-8 are; as escapes they are allowed */
    bool literal;                        /* Python's literals alone: see pyon_host.h */
    /* The error of a token that stands in place of a value; after a value; or after the last value.
       With PYON_OK the token decides. */
    enum pyon_error_code value_error, after_error, end_error;
    const struct pyon_spelling *spelling;
};

/* The tables of spellings. Only the writer looks into them (write/spelling.h). The third one is for
   the members of a slice of version 1, which are written as Python's repr() writes them. */
extern const struct pyon_spelling pyon_spelling_v1, pyon_spelling_v2, pyon_spelling_repr;

#endif
