/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Python, and all of its inside that is touched here and that a new version may change: the list to
 * go through for each of them. Checked with 3.10 to 3.14.
 */
#ifndef PYMOD_COMPAT_H
#define PYMOD_COMPAT_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <string.h>

#include <pyon.h>

/* The value of an int, if it fits: false if not. */
static inline bool compat_small_int(PyObject *x, int64_t *value)
{
    int overflow;
#if PY_VERSION_HEX >= 0x030C0000
    if (PyUnstable_Long_IsCompact((PyLongObject *)x)) {
        *value = PyUnstable_Long_CompactValue((PyLongObject *)x);
        return true;
    }
#else
    Py_ssize_t size = Py_SIZE(x); /* the number of digits, with the sign of the int */

    if (size >= -1 && size <= 1) { /* 0 may have no digit at all */
        *value = size == 0 ? 0 : size * (int64_t)((PyLongObject *)x)->ob_digit[0];
        return true;
    }
#endif
    *value = PyLong_AsLongLongAndOverflow(x, &overflow);
    return !overflow;
}

#endif
