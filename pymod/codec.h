/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The functions encode and decode of both dialects. */
#ifndef PYMOD_CODEC_H
#define PYMOD_CODEC_H

#include "state.h"

/* bind_v1(**parts) and bind_v2(**parts) keep the parts of the Python module, and return its
   functions (encode, decode). */
PyObject *codec_bind_v1(PyObject *module, PyObject *args, PyObject *keywords);
PyObject *codec_bind_v2(PyObject *module, PyObject *args, PyObject *keywords);

/* read_literal(s): the value of a literal of Python, or NotImplemented. */
PyObject *codec_read_literal(PyObject *module, PyObject *s);

/* encode(x, pretty=False), as bytes. */
PyObject *codec_encode_bytes_v1(PyObject *module, PyObject *const *args, Py_ssize_t count,
                                PyObject *keywords);
PyObject *codec_encode_bytes_v2(PyObject *module, PyObject *const *args, Py_ssize_t count,
                                PyObject *keywords);

/* encode_frames(x, least, is_exact): [text in bytes, data of arrays of at least that many bytes, ...], and
   decode_frames(text, (data, ...)). The data is memoryviews. */
PyObject *codec_encode_frames(PyObject *module, PyObject *args);
PyObject *codec_decode_frames(PyObject *module, PyObject *args);

#endif
