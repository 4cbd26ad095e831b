/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The type Decoder: objects from a stream. */
#ifndef PYMOD_DECODER_H
#define PYMOD_DECODER_H

#include "build/build.h"

struct decoder {
    PyObject_HEAD
    struct pyon_stream *stream;
    struct builder builder;
    PyObject *module;  /* whose state the builder borrows */
    PyObject *ready;   /* values in a list */
    Py_ssize_t next;   /* the number of those that have been taken */
    PyObject *failure; /* an exception that comes after them, or NULL */
    size_t max_bytes;  /* 0 for any number */
    bool busy, closed;
};

/* Makes the type Decoder of the module. */
int decoder_init(PyObject *module);

/* ---- failure.c ---- */

/* Sets the exception of an error of the library. */
void decoder_raise_error(struct decoder *decoder, const struct pyon_error *error);
/* Keeps the exception that is set. */
void decoder_keep_failure(struct decoder *decoder);
/* Sets the exception that is kept: NULL. */
PyObject *decoder_raise_failure(const struct decoder *decoder);

#endif
