/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* An output whose block is the inside of an ASCII str, or of bytes. */
#ifndef PYMOD_STROUT_H
#define PYMOD_STROUT_H

#include "compat.h"

struct strout {
    struct pyon_out out; /* first, so that it can be told from a pointer to it */
    PyObject *object;    /* NULL as long as the text is in `first` */
    bool is_bytes;
    char first[1024];
};

void strout_init(struct strout *strout, bool is_bytes);

/* The str or bytes; the output is empty then. Without memory a str stays where it is. */
PyObject *strout_finish(struct strout *strout);
void strout_drop(struct strout *strout);

#endif
