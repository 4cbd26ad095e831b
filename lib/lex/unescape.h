/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The value of a string body that differs from its text: the body has escapes, or in version 1 line
 * ends, which all count as "\n". The value is code points of one width: 1, 2 or 4 bytes each. UTF-8
 * between the escapes is decoded too. In a bytes literal, a byte is a code point.
 *
 * The caller begins with width 1. At a code point that needs more, reading stops before it; the
 * caller widens the code points that are stored and calls again. So the width at the end is the
 * least that holds all of them.
 *
 * A body has at least as many bytes as code points. `out` needs room for one code point per byte
 * from `p` to `end`, and for PYON_UNESCAPE_SLACK more, which are written but do not count.
 */
#ifndef PYON_UNESCAPE_H
#define PYON_UNESCAPE_H

#include "lex/lexer.h"

#define PYON_UNESCAPE_SLACK 16

struct pyon_unescaper {
    /* Set by the caller. */
    const struct pyon_builder *builder; /* asked for \N{...} */
    void *self;
    const char *limit;   /* the end of the text, not of the body */
    unsigned string;     /* PYON_STRING_...: UTF-8 has been validated */
    const char *p, *end; /* the rest of the body */
    char *out;           /* the place of the next code point; need not be aligned */
    unsigned width;      /* of the code points in `out` */
    /* Filled. */
    bool wide;                 /* some code points are not ASCII */
    enum pyon_error_code code; /* the error, */
    const char *where;         /* and its place in the text */
};

/*
 * Reads up to the end of the body. Returns 0; or -1 with `code` and `where` set; or the width that
 * the next code point needs.
 *
 * Version 2 joins escaped surrogate pairs and keeps single surrogates. In version 1 surrogates
 * are never joined, as in Python.
 */
PYON_INTERNAL int pyon_unescape(struct pyon_unescaper *unescaper);

/* Takes characters of ASCII and escapes \uXXXX, several at once, as long as there are escapes among them:
   none at the end, or if something else comes. PYON_UNITS_READ bytes of text are needed to begin. */
PYON_INTERNAL void pyon_unescape_units_ssse3(struct pyon_unescaper *unescaper);
#define PYON_UNITS_READ 72

#endif
