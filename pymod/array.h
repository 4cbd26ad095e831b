/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Arrays and scalars of NumPy. No other file uses NumPy. */
#ifndef PYMOD_ARRAY_H
#define PYMOD_ARRAY_H

#include "walk/walk.h"

/* Looks NumPy's C interface up. If there is none, Python does the work: 0. -1 only without
   memory, or if a signal handler raises. */
int array_load(struct state *state);

/* Writes an array or scalar of a plain dtype; 1 if x is neither. */
int array_walk(struct walker *walker, PyObject *x);

/* Base64 text, from which an array or scalar is made. */
struct base64_text {
    const char *text;
    size_t length;      /* 0 as long as it is not known. In that case: */
    size_t available;   /* the bytes that are there, */
    const char *ending; /* and the text that must follow the base64; else NULL */
    size_t ending_length;
    bool resting; /* does the collector rest, see build.h? It must not while other threads run */
};

/*
 * Makes an array or scalar, and decodes the base64 text into its memory. NULL without an exception
 * if an argument is not plain: then the decoder in Python must get them. Fills the length of the
 * payload if it is not known.
 */
PyObject *array_build(struct state *state, PyObject *shape, PyObject *dtype,
                      struct base64_text *payload);
PyObject *array_build_scalar(struct state *state, PyObject *dtype, struct base64_text *payload);

/* Makes an array of the data of a memoryview of contiguous bytes, without a copy if that is aligned.
   Any argument that is not plain is an error. Errors name the number of the frame. */
PyObject *array_view(struct state *state, PyObject *shape, PyObject *dtype, PyObject *data,
                     Py_ssize_t number);

/*
 * Makes an array whose data is still to come, as base64 of at most `most` characters. Fills `data`
 * and `size`, in bytes. NULL without an exception if an argument is not plain, or without memory.
 */
PyObject *array_begin(struct state *state, PyObject *shape, PyObject *dtype, size_t most,
                      void **data, size_t *size);

/* The data of an array or scalar that was made by these: new bytes. */
PyObject *array_data(PyObject *x);

#endif
