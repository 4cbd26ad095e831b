/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The bound for all that the interpreter computes for a text.
 *
 * `9**9**9` and Fraction("1e999999999") are short texts with huge results, and many small steps can
 * have a huge result too. So the bits of all numbers that are computed for a text are counted,
 * operands and results. Their sum is bounded by the bits of 16 ints, each with as many digits as an
 * int in a text may have (sys.set_int_max_str_digits). In a stream, each value counts as a text.
 * The first 64 bits of a number do not count, so arithmetic with small numbers has no bound.
 *
 * _fractions.py keeps the same bound for texts that are decoded by way of json.
 */
#include "build/build.h"

#define FREE_BITS 64

int budget_bits(PyObject *x, size_t *bits)
{
    int64_t value;
    PyObject *length;

    if (compat_small_int(x, &value)) {
        uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

        for (*bits = 0; magnitude > 0; magnitude >>= 1)
            ++*bits;
        return 0;
    }
    length = PyObject_CallMethod(x, "bit_length", NULL);
    *bits = length ? PyLong_AsSize_t(length) : (size_t)-1;
    Py_XDECREF(length);
    return *bits == (size_t)-1 && PyErr_Occurred() ? -1 : 0;
}

/* Fills the bound for a text, in bits. */
static int read_limit(const struct builder *builder, size_t *limit)
{
    PyObject *function = Py_NewRef(builder->state->budget_limit); /* which a reload exchanges */
    PyObject *number = PyObject_CallNoArgs(function);

    Py_DECREF(function);
    if (!number)
        return -1;
    *limit = PyLong_AsSize_t(number);
    Py_DECREF(number);
    return *limit == (size_t)-1 && PyErr_Occurred() ? -1 : 0;
}

int budget_spend(struct builder *builder, size_t bits)
{
    size_t limit;

    if (bits <= FREE_BITS)
        return 0;
    if (read_limit(builder, &limit) < 0)
        return -1;
    bits -= FREE_BITS;
    if (builder->spent > limit || bits > limit - builder->spent)
        return 1;
    builder->spent += bits;
    return 0;
}

PyObject *budget_fraction(struct builder *builder, PyObject *positional, PyObject *named)
{
    PyObject *function = Py_NewRef(builder->state->budget_spend), *result, *fraction;
    Py_ssize_t spent;

    result = PyObject_CallFunction(function, "OOn", positional, named, (Py_ssize_t)builder->spent);
    Py_DECREF(function);
    if (!result)
        return NULL;
    if (!PyArg_ParseTuple(result, "On", &fraction, &spent)) {
        Py_DECREF(result);
        return NULL;
    }
    builder->spent = (size_t)spent;
    Py_INCREF(fraction);
    Py_DECREF(result);
    return fraction;
}
