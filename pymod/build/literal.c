/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Literals of Python: texts that ast.literal_eval() is certain to take, and whose value is the same.
 *
 * The dialect pyon_literal refuses the rest of version 1. What it cannot refuse is refused here, by
 * a function that returns -1 without an exception: infinity, since only the numeral 1e999 means it
 * and the name does not; and every call but set().
 */
#include "build/build.h"
#include "pyon_host.h"
#include "raise.h"

#include <math.h>
#include <string.h>

#define REFUSED (-1)

static int literal_real(void *self, double value)
{
    return isfinite(value) ? push(self, PyFloat_FromDouble(value)) : REFUSED;
}

static int literal_complex(void *self, double real, double imaginary)
{
    if (!isfinite(real) || !isfinite(imaginary))
        return REFUSED;
    return push(self, PyComplex_FromDoubles(real, imaginary));
}

static bool literal_callable(void *self, const char *name, size_t length)
{
    (void)self;
    return length == 3 && memcmp(name, "set", 3) == 0;
}

static int literal_call_end(void *self, size_t arguments, size_t keywords)
{
    if (arguments > 0 || keywords > 0)
        return REFUSED;
    build_drop_call(self);
    return push(self, PySet_New(NULL));
}

/* Without it, the parser would decide the sign of the zero in 1-0j. */
static int literal_arithmetic(void *self, enum pyon_operator op)
{
    (void)self, (void)op;
    return 1;
}

#define DEEPEST 50 /* brackets that the parser of every Python takes */

PyObject *build_literal(struct state *state, const char *text, size_t length)
{
    struct pyon_builder functions = *build_functions(&pyon_v1);
    struct pyon_options options = {.max_depth = build_max_depth(&pyon_v1, DEEPEST)};
    struct pyon_error error = {.code = PYON_OK};
    struct builder builder;
    PyObject *value;
    int status;

    functions.real = literal_real;
    functions.complex_number = literal_complex;
    functions.callable = literal_callable;
    functions.call_end = literal_call_end;
    functions.arithmetic = literal_arithmetic;
    functions.attribute = NULL;
    functions.name = NULL;
    functions.character = NULL;
    build_init(&builder, state, &pyon_v1);
    status = build_begin(&builder, length);
    if (status == 0) {
        status = pyon_parse(&pyon_literal, text, length, &functions, &builder, &options, &error);
        build_end(&builder);
    }
    value = build_finish(&builder, status);
    if (error.code == PYON_ERROR_MEMORY)
        return PyErr_NoMemory();
    if (!value && PyErr_Occurred() && !raise_forget())
        return NULL;
    return value ? value : Py_NewRef(Py_NotImplemented);
}
