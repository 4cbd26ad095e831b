/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Text is written into the str that will be returned: no copy at the end, no decoding. The str is
 * ASCII, so a character is a byte, and growing it is a realloc. Only short texts are written
 * beside it and copied, since that costs less than to shrink a str.
 */
#include "pymod.h"

#include <string.h>

/* Makes the str, or makes it larger. */
static int resize(struct strout *strout, size_t used, size_t capacity)
{
    if (strout->str) {
        if (PyUnicode_Resize(&strout->str, (Py_ssize_t)capacity) < 0)
            return -1;
    } else {
        strout->str = PyUnicode_New((Py_ssize_t)capacity, 127);
        if (!strout->str)
            return -1;
        memcpy(PyUnicode_DATA(strout->str), strout->first, used);
    }
    pyon_advise_large(strout->str, capacity);
    return 0;
}

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
    if (resize(strout, used, capacity) < 0)
        return -1;
    out->start = PyUnicode_DATA(strout->str);
    out->cur = out->start + used;
    out->end = out->start + capacity;
    return 0;
}

void strout_init(struct strout *strout)
{
    strout->out = (struct pyon_out){.start = strout->first,
                                    .cur = strout->first,
                                    .end = strout->first + sizeof strout->first,
                                    .grow = grow};
    strout->str = NULL;
}

PyObject *strout_finish(struct strout *strout)
{
    PyObject *str = strout->str;
    Py_ssize_t length = strout->out.cur - strout->out.start;

    if (!str) {
        str = PyUnicode_New(length, 127);
        if (str && length > 0)
            memcpy(PyUnicode_DATA(str), strout->first, (size_t)length);
    } else if (PyUnicode_Resize(&str, length) < 0) {
        Py_CLEAR(str);
    }
    strout_init(strout);
    return str;
}

void strout_drop(struct strout *strout)
{
    Py_CLEAR(strout->str);
    strout_init(strout);
}
