/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Arithmetic of version 1: the interpreter's own, with numbers only.
 *
 * Numbers are int, float, complex and bool, not their subclasses: so only code of the interpreter
 * runs. A result that is too large is refused before it is computed (budget.c).
 */
#include "build/build.h"

#include <math.h>

static PyObject *power(PyObject *x, PyObject *y)
{
    return PyNumber_Power(x, y, Py_None);
}

static PyObject *invert(PyObject *x)
{
    PyObject *number, *result;

    if (!PyBool_Check(x))
        return PyNumber_Invert(x);
    /* Python warns of ~ on a bool, and a warning runs foreign code. The value is that of the
       int. */
    number = PyLong_FromLong(x == Py_True);
    result = number ? PyNumber_Invert(number) : NULL;
    Py_XDECREF(number);
    return result;
}

static unaryfunc const unary[] = {
    [PYON_OPERATOR_POSITIVE] = PyNumber_Positive,
    [PYON_OPERATOR_NEGATIVE] = PyNumber_Negative,
    [PYON_OPERATOR_INVERT] = invert,
};

static binaryfunc const binary[PYON_OPERATOR_COUNT] = {
    [PYON_OPERATOR_ADD] = PyNumber_Add,
    [PYON_OPERATOR_SUBTRACT] = PyNumber_Subtract,
    [PYON_OPERATOR_MULTIPLY] = PyNumber_Multiply,
    [PYON_OPERATOR_DIVIDE] = PyNumber_TrueDivide,
    [PYON_OPERATOR_FLOOR_DIVIDE] = PyNumber_FloorDivide,
    [PYON_OPERATOR_MODULO] = PyNumber_Remainder,
    [PYON_OPERATOR_POWER] = power,
    [PYON_OPERATOR_SHIFT_LEFT] = PyNumber_Lshift,
    [PYON_OPERATOR_SHIFT_RIGHT] = PyNumber_Rshift,
    [PYON_OPERATOR_AND] = PyNumber_And,
    [PYON_OPERATOR_OR] = PyNumber_Or,
    [PYON_OPERATOR_XOR] = PyNumber_Xor,
};

static bool is_number(PyObject *x)
{
    return PyLong_CheckExact(x) || PyFloat_CheckExact(x) || PyComplex_CheckExact(x) ||
           PyBool_Check(x);
}

/* The sum, or SIZE_MAX if it is larger. */
static size_t add(size_t a, size_t b)
{
    return a > SIZE_MAX - b ? SIZE_MAX : a + b;
}

/* The size of x**y in bits: never too small, and hardly too large. `bits` is the size of x. */
static size_t power_bits(PyObject *x, size_t bits, int64_t y)
{
    double size = (double)bits;

    if (bits <= 1 || y <= 0)
        return 1;    /* the result is 0, 1 or -1, or a float */
    if (bits < 1000) /* a rounded size does no harm in larger numbers */
        size = log2(fabs(PyLong_AsDouble(x))) + 1e-9;
    size = size * (double)y + 1;
    return size < (double)(SIZE_MAX / 4) ? (size_t)size + 1 : SIZE_MAX;
}

/* The size of the result of an operator on ints, in bits: never too small. */
static size_t result_bits(enum pyon_operator op, PyObject *x, PyObject *y, const size_t bits[2])
{
    int64_t number;
    bool small = compat_small_int(y, &number);

    switch (op) {
    case PYON_OPERATOR_MULTIPLY:
        return add(bits[0], bits[1]);
    case PYON_OPERATOR_POWER:
        return power_bits(x, bits[0], small ? number : INT64_MAX);
    case PYON_OPERATOR_SHIFT_LEFT:
        if (bits[0] > 0 && (!small || number > 0)) /* Python itself refuses negative counts */
            return add(bits[0], small && (uint64_t)number < SIZE_MAX ? (size_t)number : SIZE_MAX);
        break;
    default:
        break;
    }
    return bits[0] > bits[1] ? bits[0] : bits[1];
}

/* Spends the bits of operands and result: as budget_spend. */
static int spend(struct builder *builder, enum pyon_operator op, PyObject *const *operands,
                 size_t count)
{
    size_t bits[2] = {0, 0};
    int status;

    for (size_t i = 0; i < count; i++) {
        if (!PyLong_Check(operands[i]))
            return 0; /* other numbers have a fixed size, and so has the result with an int */
        if (budget_bits(operands[i], &bits[i]) < 0)
            return -1;
    }
    status = budget_spend(builder, result_bits(op, operands[0], operands[count - 1], bits));
    for (size_t i = 0; status == 0 && i < count; i++)
        status = budget_spend(builder, bits[i]);
    return status;
}

int build_arithmetic(void *self, enum pyon_operator op)
{
    struct builder *builder = self;
    size_t count = op <= PYON_OPERATOR_INVERT ? 1 : 2;
    PyObject **operands = builder->values + builder->count - count, *result;
    int status;

    assert(count <= builder->count);
    for (size_t i = 0; i < count; i++)
        if (!is_number(operands[i]))
            return 1;
    status = spend(builder, op, operands, count);
    if (status < 0)
        return -1;
    if (status > 0)
        return 2;
    result = count == 1 ? unary[op](operands[0]) : binary[op](operands[0], operands[1]);
    return build_replace(builder, count, result);
}
