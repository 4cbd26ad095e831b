/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Errors of a stream as exceptions, and the exception that a Decoder keeps until its turn comes. */
#include "build/decoder.h"
#include "raise.h"
#include "state.h"

/* The name in _stream_base.py of an error that only a stream has; NULL for an error of syntax. */
static const char *name_of(enum pyon_error_code code)
{
    switch (code) {
    case PYON_ERROR_TRUNCATED:
        return "truncated";
    case PYON_ERROR_LINE:
        return "line";
    case PYON_ERROR_SIZE:
        return "size";
    case PYON_ERROR_DEPTH:
        return "depth";
    default:
        return NULL;
    }
}

void decoder_raise_error(struct decoder *decoder, const struct pyon_error *error)
{
    PyObject *make, *exception;
    const char *place;
    size_t depth;

    if (error->code == PYON_ERROR_HOST)
        return;
    if (build_raise_unanswered(&decoder->builder))
        return;
    if (error->code == PYON_ERROR_MEMORY) {
        PyErr_NoMemory();
        return;
    }
    place = pyon_stream_container(decoder->stream, &depth);
    make = Py_NewRef(decoder->builder.state->stream_error); /* which a new import exchanges */
    exception = PyObject_CallFunction(make, "znsnsnn", name_of(error->code),
                                      (Py_ssize_t)error->offset, error->message, (Py_ssize_t)depth,
                                      place, (Py_ssize_t)pyon_stream_value_size(decoder->stream),
                                      (Py_ssize_t)decoder->max_bytes);
    Py_DECREF(make);
    if (!exception)
        return;
    PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
    Py_DECREF(exception);
}

/* Replaces exceptions that would end the iteration. */
static void replace_stop(void)
{
    if (PyErr_ExceptionMatches(PyExc_StopIteration) ||
        PyErr_ExceptionMatches(PyExc_StopAsyncIteration))
        PyErr_SetString(PyExc_RuntimeError, "a constructor has raised StopIteration");
}

void decoder_keep_failure(struct decoder *decoder)
{
    assert(!decoder->failure && PyErr_Occurred());
    replace_stop();
    decoder->failure = raise_take_alone();
}

PyObject *decoder_raise_failure(const struct decoder *decoder)
{
    PyObject *failure = Py_NewRef(decoder->failure);

    PyException_SetTraceback(failure, Py_None); /* else it would grow each time */
    PyErr_SetObject((PyObject *)Py_TYPE(failure), failure);
    Py_DECREF(failure);
    return NULL;
}
