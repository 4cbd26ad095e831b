/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* An output that writes into the inside of an ASCII str, or of bytes. */
#ifndef PYMOD_STROUT_H
#define PYMOD_STROUT_H

#include "compat.h"

struct strout {
    struct pyon_out out; /* first, so that its address is that of the strout */
    PyObject *object;    /* NULL as long as the text is in `first` */
    bool is_bytes;
    bool is_whole; /* the text is one of its own, and not a part of one */
    char first[1024];
};

void strout_init(struct strout *strout, bool is_bytes, bool is_whole);

/* Makes room for so many bytes, which are only an estimate: so it does nothing if there is no memory
   for them. */
void strout_expect(struct strout *strout, size_t need);

/* Returns the str or bytes: new. The output is empty then. Without memory, the text of a str
   stays in the output; that of bytes is lost. */
PyObject *strout_finish(struct strout *strout);
void strout_drop(struct strout *strout);

#endif
