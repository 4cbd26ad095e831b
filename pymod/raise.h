/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Errors of the library as exceptions; and exceptions that are put aside. */
#ifndef PYMOD_RAISE_H
#define PYMOD_RAISE_H

#include "state.h"

/* Sets the exception of an error of the library. `text` is what was parsed. */
void raise_v1(struct state *state, const char *text, size_t length, const struct pyon_error *error);
/* `doc` is the str that was parsed, or bytes. */
void raise_v2(struct state *state, PyObject *doc, const char *text, const struct pyon_error *error);
/* A StopIteration that is set becomes a RuntimeError, as where a generator raises it. */
void raise_as_generator(void);

/*
 * Clears the exception that is set, so that another way may be tried: true. But only if functions
 * in C have raised it for what they were given. Code in Python, which may be a signal handler or a
 * hook of the program, leaves a traceback. Its exceptions stay, and so do warnings that are
 * errors, MemoryError, and whatever is no Exception: false.
 */
bool raise_forget(void);

/* The exception that is set, which is cleared: a new reference. And back again: steals it. */
PyObject *raise_take(void);
/* The same without the exception that is being handled as its context: it is raised later. */
PyObject *raise_take_alone(void);
void raise_again(PyObject *exception);

#endif
