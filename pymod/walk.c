/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Python objects to text: what both dialects share. What an object is, and in what form it is
 * written, is decided in walk_v1.c and walk_v2.c; here are the forms.
 *
 * Writing may run foreign code (a __repr__, in version 2 an encoder), and that code may change what
 * is being written. Each member is held while it is written, and sizes are looked up again at
 * each step: then the text may be odd, but memory stays sound.
 */
#include "pymod.h"

/*
 * Deep and endless structures end in a RecursionError. Python's own check guards the C stack, but
 * from 3.12 on far beyond the limit that programs know, and the pretty layout of a value needs
 * memory by the square of its depth: so that limit counts, too.
 */
int walk_enter(struct walker *walker)
{
    if (walker->depth >= Py_GetRecursionLimit()) {
        PyErr_SetString(PyExc_RecursionError,
                        "maximum recursion depth exceeded while encoding a PYON object");
        return -1;
    }
    if (Py_EnterRecursiveCall(" while encoding a PYON object"))
        return -1;
    walker->depth++;
    return 0;
}

void walk_leave(struct walker *walker)
{
    walker->depth--;
    Py_LeaveRecursiveCall();
}

PyObject *walk_whole(struct walker *walker, const struct pyon_dialect *dialect, PyObject *x,
                     bool pretty)
{
    strout_init(&walker->strout);
    pyon_writer_init(&walker->writer, &walker->strout.out, dialect, pretty);
    if (walker->walk(walker, x) == 0)
        return strout_finish(&walker->strout);
    strout_drop(&walker->strout);
    return NULL;
}

int walk_is_own(struct walker *walker, PyObject *type, enum own_type bit)
{
    PyObject *entry;

    if (walker->own_types & 1u << bit)
        return 1;
    entry = PyDict_GetItemWithError(walker->map, type);
    if (!entry || entry != PyDict_GetItemWithError(walker->own, type))
        return PyErr_Occurred() ? -1 : 0;
    walker->own_types |= 1u << bit;
    return 1;
}

/* ---- Scalars ---- */

int walk_str(struct walker *walker, PyObject *x)
{
#if PY_VERSION_HEX < 0x030C0000
    if (PyUnicode_READY(x) < 0)
        return -1;
#endif
    return pyon_write_code_points(&walker->writer, PyUnicode_DATA(x),
                                  (size_t)PyUnicode_GET_LENGTH(x), (unsigned)PyUnicode_KIND(x));
}

/* Decimal digits beyond 64 bits are Python's affair, and its limit of digits. */
static int walk_bigint(struct walker *walker, PyObject *x)
{
    PyObject *digits = PyLong_Type.tp_repr(x);
    int status = -1;

    if (digits)
        status = pyon_write_raw(&walker->writer, PyUnicode_DATA(digits),
                                (size_t)PyUnicode_GET_LENGTH(digits));
    Py_XDECREF(digits);
    return status;
}

int walk_int(struct walker *walker, PyObject *x)
{
    int overflow;
    long long value = PyLong_AsLongLongAndOverflow(x, &overflow);

    if (overflow)
        return walk_bigint(walker, x);
    return pyon_write_integer(&walker->writer, value);
}

int walk_float(struct walker *walker, PyObject *x)
{
    return pyon_write_real(&walker->writer, PyFloat_AS_DOUBLE(x));
}

int walk_complex(struct walker *walker, PyObject *x)
{
    Py_complex value = PyComplex_AsCComplex(x);

    return pyon_write_complex(&walker->writer, value.real, value.imag);
}

int walk_bytes(struct walker *walker, PyObject *x)
{
    return pyon_write_bytes(&walker->writer, PyBytes_AS_STRING(x), (size_t)PyBytes_GET_SIZE(x));
}

/* ---- Containers ---- */

bool walk_has_items_of(PyObject *x, PyTypeObject *base)
{
    PyObject *descriptor, *method = PyObject_GetAttrString(x, "items");
    PyObject *name = method ? PyUnicode_InternFromString("items") : NULL;
    bool same = false;

    if (name && PyCFunction_Check(method) && PyCFunction_GET_SELF(method) == x) {
        descriptor = _PyType_Lookup(base, name);
        same = PyCFunction_GET_FUNCTION(method) ==
               ((PyMethodDescrObject *)descriptor)->d_method->ml_meth;
    }
    Py_XDECREF(name);
    Py_XDECREF(method);
    PyErr_Clear(); /* the other way of encoding will meet it, too */
    return same;
}

static int walk_member(struct walker *walker, PyObject *member, bool first,
                       enum pyon_container kind, size_t length)
{
    int status = 0;

    Py_INCREF(member);
    if (!first)
        status = pyon_write_next(&walker->writer, kind, length);
    if (status == 0)
        status = walker->walk(walker, member);
    Py_DECREF(member);
    return status;
}

int walk_sequence(struct walker *walker, PyObject *x, enum pyon_container kind)
{
    size_t length = (size_t)PySequence_Fast_GET_SIZE(x);
    int status;

    if (walk_enter(walker) < 0)
        return -1;
    status = pyon_write_begin(&walker->writer, kind, length);
    for (Py_ssize_t i = 0; status == 0 && i < PySequence_Fast_GET_SIZE(x); i++)
        status = walk_member(walker, PySequence_Fast_GET_ITEM(x, i), i == 0, kind, length);
    if (status == 0)
        status = pyon_write_end(&walker->writer, kind, length);
    walk_leave(walker);
    return status;
}

/* As the reference, from a copy: an encoder may change the set. */
int walk_set(struct walker *walker, PyObject *x)
{
    PyObject *members = PySequence_List(x);
    int status;

    if (!members)
        return -1;
    status = walk_sequence(walker, members, PYON_SET);
    Py_DECREF(members);
    return status;
}

int walk_fraction(struct walker *walker, PyObject *x)
{
    struct pyon_writer *writer = &walker->writer;
    PyObject *numerator = PyObject_GetAttrString(x, "numerator");
    PyObject *denominator = numerator ? PyObject_GetAttrString(x, "denominator") : NULL;
    int status = -1;

    if (denominator && walk_enter(walker) == 0) {
        if (pyon_write_call_begin(writer, "Fraction", 8, 2) == 0 &&
            walker->walk(walker, numerator) == 0 && pyon_write_call_next(writer, 2) == 0 &&
            walker->walk(walker, denominator) == 0)
            status = pyon_write_call_end(writer, 2);
        walk_leave(walker);
    }
    Py_XDECREF(numerator);
    Py_XDECREF(denominator);
    return status;
}

static int walk_pair(struct walker *walker, PyObject *key, PyObject *value, bool first,
                     enum pyon_container kind, size_t length)
{
    struct pyon_writer *writer = &walker->writer;
    int status = 0;

    Py_INCREF(key);
    Py_INCREF(value);
    if (!first)
        status = pyon_write_next(writer, kind, length);
    if (status == 0)
        status = pyon_write_pair_begin(writer, kind);
    if (status == 0)
        status = kind == PYON_DICT && PyUnicode_Check(key) ? walk_str(walker, key)
                                                           : walker->walk(walker, key);
    if (status == 0)
        status = pyon_write_pair_middle(writer, kind);
    if (status == 0)
        status = walker->walk(walker, value);
    if (status == 0)
        status = pyon_write_pair_end(writer, kind);
    Py_DECREF(key);
    Py_DECREF(value);
    return status;
}

int walk_items(struct walker *walker, PyObject *items, enum pyon_container kind)
{
    size_t length = (size_t)PyList_GET_SIZE(items);
    int status;

    if (walk_enter(walker) < 0)
        return -1;
    status = pyon_write_begin(&walker->writer, kind, length);
    for (Py_ssize_t i = 0; status == 0 && i < PyList_GET_SIZE(items); i++) {
        PyObject *item = PyList_GET_ITEM(items, i);

        status = walk_pair(walker, PyTuple_GET_ITEM(item, 0), PyTuple_GET_ITEM(item, 1), i == 0,
                           kind, length);
    }
    if (status == 0)
        status = pyon_write_end(&walker->writer, kind, length);
    walk_leave(walker);
    return status;
}

int walk_dict(struct walker *walker, PyObject *dict, enum pyon_container kind)
{
    size_t length = (size_t)PyDict_GET_SIZE(dict);
    PyObject *key, *value;
    Py_ssize_t position = 0;
    bool first = true;
    int status;

    if (walk_enter(walker) < 0)
        return -1;
    status = pyon_write_begin(&walker->writer, kind, length);
    while (status == 0 && PyDict_Next(dict, &position, &key, &value)) {
        status = walk_pair(walker, key, value, first, kind, length);
        first = false;
        if (status == 0 && (size_t)PyDict_GET_SIZE(dict) != length) {
            PyErr_SetString(PyExc_RuntimeError, "dictionary changed size during iteration");
            status = -1;
        }
    }
    if (status == 0)
        status = pyon_write_end(&walker->writer, kind, length);
    walk_leave(walker);
    return status;
}
