/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Errors of the library as exceptions, and exceptions that are put aside. */
#ifndef PYMOD_RAISE_H
#define PYMOD_RAISE_H

#include "state.h"

/* Sets the exception of an error of the library. `text` is the text that was parsed. */
void raise_v1(struct state *state, const char *text, size_t length, const struct pyon_error *error);
/* `doc` is the str that was parsed, or bytes. */
void raise_v2(struct state *state, PyObject *doc, const char *text, const struct pyon_error *error);
/* Makes a StopIteration that is set a RuntimeError, as Python does if a generator raises it. */
void raise_as_generator(void);

/*
 * Clears the exception that is set, so that another way may be tried: true. Only exceptions that
 * functions in C have raised for their arguments are cleared. Code in Python, which may be a signal
 * handler or a hook of the program, leaves a traceback. Its exceptions stay, and so do warnings
 * that are errors, MemoryError, and all that are no Exception: false.
 */
bool raise_forget(void);

/* Returns the exception that is set, which is cleared: new. raise_again() sets it again, and steals
   it. */
PyObject *raise_take(void);
/* Does the same for an exception that is raised later: the exception that Python code handles
   now is taken out of its context. */
PyObject *raise_take_alone(void);
void raise_again(PyObject *exception);

#endif
