/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* All that is NumPy. */
#ifndef PYMOD_ARRAY_H
#define PYMOD_ARRAY_H

#include "walk/walk.h"

/* Looks NumPy's C interface up. Without it, Python does the work: -1 only without memory, or
   if it is interrupted. */
int array_load(struct state *state);

/* Writes an array or scalar of a plain dtype; 1 if x is not that. */
int array_walk(struct walker *walker, PyObject *x);

/* Base64 text of which an array or scalar is made. */
struct base64_text {
    const char *text;
    size_t length;      /* 0 as long as it is not known */
    size_t available;   /* then: how many bytes are there, */
    const char *ending; /* and what must follow it; else NULL */
    size_t ending_length;
    bool resting; /* the collector, see build.h: it must not while other threads run */
};

/*
 * An array or scalar from base64 text, decoded into its place. NULL without an exception if the
 * arguments are anything but plain; then the decoder in Python must have them. Fills the length
 * of the payload if it is not known.
 */
PyObject *array_build(struct state *state, PyObject *shape, PyObject *dtype,
                      struct base64_text *payload);
PyObject *array_build_scalar(struct state *state, PyObject *dtype, struct base64_text *payload);

/*
 * An array whose data is to come as base64, of at most `most` characters: fills `data` and `size`.
 * NULL without an exception if the arguments are anything but plain, or if there is no memory for it.
 */
PyObject *array_begin(struct state *state, PyObject *shape, PyObject *dtype, size_t most,
                      void **data, size_t *size);

/* The data that array_build or array_build_scalar has decoded: bytes. */
PyObject *array_data(PyObject *x);

#endif
