/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The value of a string body that is not the text itself: escapes, and in version 1 line ends,
 * which all count as "\n". It comes as code points of one width, 1, 2 or 4 bytes each; bytes of
 * UTF-8 between the escapes are decoded along. Of a bytes literal, a byte is a code point.
 *
 * One begins with width 1. A code point that needs more stops the reading before it; whoever
 * called widens what is stored so far and goes on. So the width at the end is the least that
 * holds all of them.
 *
 * A body never grows in number by this. `out` needs room for as many code points as there are
 * bytes from `p` to `end`, and PYON_UNESCAPE_SLACK more, which are written and do not count.
 */
#ifndef PYON_UNESCAPE_H
#define PYON_UNESCAPE_H

#include "lex/lexer.h"

#define PYON_UNESCAPE_SLACK 16

struct pyon_unescaper {
    const struct pyon_builder *builder; /* asked for \N{...} */
    void *self;
    const char *limit;         /* the end of the text, not of the body */
    unsigned string;           /* PYON_STRING_...: UTF-8 has been validated */
    const char *p, *end;       /* what remains of the body */
    char *out;                 /* where the next code point goes; need not be aligned */
    unsigned width;            /* of those in `out` */
    bool wide;                 /* fills: some are not ASCII */
    enum pyon_error_code code; /* what is wrong, */
    const char *where;         /* and where */
};

/*
 * Reads on: returns 0 at the end, -1 with `code` and `where` set, or the width that the next code
 * point needs.
 *
 * Version 2 joins escaped surrogate pairs and keeps single surrogates. In version 1 surrogates
 * are never joined, as in Python.
 */
PYON_INTERNAL int pyon_unescape(struct pyon_unescaper *unescaper);

#endif
