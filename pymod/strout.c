/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Text is written into the str that will be returned: no copy at the end, no decoding. The str is
 * ASCII, so a character is a byte, and growing it is a realloc.
 */
#include "pymod.h"

static int grow(struct pyon_out *out, size_t need)
{
    struct strout *strout = (struct strout *)out;
    size_t used = (size_t)(out->cur - out->start);
    size_t capacity = pyon_out_capacity(used, (size_t)(out->end - out->start), need);

    out->code = PYON_ERROR_HOST;
    if (capacity == 0) {
        PyErr_NoMemory();
        return -1;
    }
    if (!strout->str)
        strout->str = PyUnicode_New((Py_ssize_t)capacity, 127);
    else if (PyUnicode_Resize(&strout->str, (Py_ssize_t)capacity) < 0)
        return -1;
    if (!strout->str)
        return -1;
    out->start = PyUnicode_DATA(strout->str);
    out->cur = out->start + used;
    out->end = out->start + capacity;
    return 0;
}

void strout_init(struct strout *strout)
{
    *strout = (struct strout){.out = {.grow = grow}};
}

PyObject *strout_finish(struct strout *strout)
{
    PyObject *str = strout->str;
    Py_ssize_t length = strout->out.cur - strout->out.start;

    strout_init(strout);
    if (!str)
        return PyUnicode_New(0, 0);
    if (PyUnicode_Resize(&str, length) < 0)
        Py_CLEAR(str);
    return str;
}

void strout_drop(struct strout *strout)
{
    Py_CLEAR(strout->str);
    strout_init(strout);
}
