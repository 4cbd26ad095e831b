/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The value of a string body that is not the text itself: escapes, and in version 1 line ends,
 * which all count as "\n". The cold path: most strings never come here.
 *
 * A body never grows by this, so `out` needs room for as many bytes as there are from `p` to
 * `end`. Returns behind the last byte stored, or NULL with `code` and `where` set.
 */
#ifndef PYON_UNESCAPE_H
#define PYON_UNESCAPE_H

#include "lexer.h"

struct pyon_unescaper {
    const struct pyon_builder *builder; /* asked for \N{...} */
    void *self;
    const char *limit;         /* the end of the text, not of the body */
    enum pyon_error_code code; /* what is wrong, */
    const char *where;         /* and where */
};

/* Version 2: joins escaped surrogate pairs, keeps single surrogates. */
PYON_INTERNAL char *pyon_unescape_json(struct pyon_unescaper *unescaper, char *out, const char *p,
                                       const char *end);

/* Version 1: `string` are the token's flags. Surrogates are never joined, as in Python. */
PYON_INTERNAL char *pyon_unescape_python(struct pyon_unescaper *unescaper, char *out, const char *p,
                                         const char *end, unsigned string);

#endif
