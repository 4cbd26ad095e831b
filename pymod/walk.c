/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Python objects to text: what both dialects share. What an object is, and in what form it is
 * written, is decided in walk_v1.c and walk_v2.c; here are the forms.
 *
 * Writing may run foreign code (a __repr__, a key of the maps that compares, in version 2 an
 * encoder), or let other threads run (beside a large array), and they may change what is being
 * written. Each member is held while it is written, and sizes are looked up again at each step:
 * then the text may be odd, but memory stays sound.
 */
#include "pymod.h"

/*
 * Deep and endless structures end in a RecursionError. Python's own check guards the C stack, but
 * from 3.12 on far beyond the limit that programs know, and the pretty layout of a value needs
 * memory by the square of its depth: so that limit counts, too.
 */
int walk_enter(struct walker *walker)
{
    if (walker->depth >= walker->max_depth) {
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

void walk_init(struct walker *walker, struct state *state, int (*walk)(struct walker *, PyObject *),
               PyObject *map, PyObject *own)
{
    walker->state = state;
    walker->walk = walk;
    walker->map = map;
    walker->own = own;
    walker->own_types = 0;
    walker->parents = NULL;
    walker->depth = 0;
    walker->max_depth = Py_GetRecursionLimit();
    walker->fallback = false;
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

/* The value of an int, if it fits: false if not. */
static inline bool small_int(PyObject *x, int64_t *value)
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

int walk_int(struct walker *walker, PyObject *x)
{
    int64_t value;

    if (!small_int(x, &value))
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

/* Numbers that are gathered before they are written; fewer than SHORT are not worth it. */
#define RUN 64
#define SHORT 8

#define LARGE 4096        /* members for which to make room at once */
#define LONGEST_NUMBER 32 /* bytes with a separator, unless it is pretty */

static Py_ssize_t walk_floats(struct walker *walker, PyObject *x, Py_ssize_t i,
                              enum pyon_container kind, size_t length)
{
    Py_ssize_t most = PySequence_Fast_GET_SIZE(x) - 1 - i, count = 0;
    double values[RUN];

    for (; count < most && count < RUN; count++) {
        PyObject *member = PySequence_Fast_GET_ITEM(x, i + count);

        if (!PyFloat_CheckExact(member))
            break;
        values[count] = PyFloat_AS_DOUBLE(member);
    }
    return pyon_write_reals(&walker->writer, values, (size_t)count, kind, length) < 0 ? -1 : count;
}

static Py_ssize_t walk_ints(struct walker *walker, PyObject *x, Py_ssize_t i,
                            enum pyon_container kind, size_t length)
{
    Py_ssize_t most = PySequence_Fast_GET_SIZE(x) - 1 - i, count = 0;
    int64_t values[RUN];

    for (; count < most && count < RUN; count++) {
        PyObject *member = PySequence_Fast_GET_ITEM(x, i + count);

        if (!PyLong_CheckExact(member) || !small_int(member, &values[count]))
            break;
    }
    return pyon_write_integers(&walker->writer, values, (size_t)count, kind, length) < 0 ? -1
                                                                                         : count;
}

/*
 * Writes as many members from the i-th on as are floats, or ints, with pyon_write_next behind
 * each, but not the last one: how many, or -1. To look a type up may run code of others, which
 * may change x; behind that, nothing does.
 */
static Py_ssize_t walk_run(struct walker *walker, PyObject *x, Py_ssize_t i,
                           enum pyon_container kind, size_t length)
{
    PyTypeObject *type;
    int own;

    if (PySequence_Fast_GET_SIZE(x) - 1 - i < SHORT)
        return 0;
    type = Py_TYPE(PySequence_Fast_GET_ITEM(x, i));
    if (type == &PyFloat_Type) {
        own = walk_is_own(walker, (PyObject *)type, OWN_FLOAT);
        return own > 0 ? walk_floats(walker, x, i, kind, length) : own;
    }
    if (type == &PyLong_Type) {
        own = walk_is_own(walker, (PyObject *)type, OWN_INT);
        return own > 0 ? walk_ints(walker, x, i, kind, length) : own;
    }
    return 0;
}

static inline size_t written(const struct walker *walker)
{
    return (size_t)(walker->strout.out.cur - walker->strout.out.start);
}

/*
 * Numbers have given so many bytes for so many members, and more members are to come: makes room
 * for all at once, since a large block that grows is moved.
 */
static int expect_more(struct walker *walker, size_t bytes, size_t members, size_t more)
{
    struct pyon_out *out = walker->writer.out;
    size_t mean = bytes / members + 1;

    if (more < LARGE || mean > LONGEST_NUMBER || (size_t)(out->end - out->cur) / mean >= more)
        return 0;
    return out->grow(out, more * mean);
}

static int walk_member(struct walker *walker, PyObject *member)
{
    int status;

    Py_INCREF(member);
    status = walker->walk(walker, member);
    Py_DECREF(member);
    return status;
}

/* The members from the i-th on, one or several: how many, 0 at the end, or -1. */
static Py_ssize_t walk_members(struct walker *walker, PyObject *x, Py_ssize_t i,
                               enum pyon_container kind, size_t length, bool *separated)
{
    size_t before = written(walker);
    Py_ssize_t run = walk_run(walker, x, i, kind, length);

    *separated = run > 0;
    if (run > 0 && i == 0 && (size_t)run < length &&
        expect_more(walker, written(walker) - before, (size_t)run, length - (size_t)run) < 0)
        return -1;
    if (run != 0)
        return run;
    if (i >= PySequence_Fast_GET_SIZE(x)) /* it has become shorter */
        return 0;
    return walk_member(walker, PySequence_Fast_GET_ITEM(x, i)) < 0 ? -1 : 1;
}

int walk_sequence(struct walker *walker, PyObject *x, enum pyon_container kind)
{
    size_t length = (size_t)PySequence_Fast_GET_SIZE(x);
    bool separated = true; /* from the member before, if there is one */
    Py_ssize_t run = 1;
    int status;

    if (walk_enter(walker) < 0)
        return -1;
    status = pyon_write_begin(&walker->writer, kind, length);
    for (Py_ssize_t i = 0; status == 0 && run > 0 && i < PySequence_Fast_GET_SIZE(x); i += run) {
        if (!separated)
            status = pyon_write_next(&walker->writer, kind, length);
        if (status == 0)
            run = walk_members(walker, x, i, kind, length, &separated);
        if (run < 0)
            status = -1;
    }
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

/* Of a plain str, all in one call. */
static inline int walk_key(struct walker *walker, PyObject *key, enum pyon_container kind)
{
    struct pyon_writer *writer = &walker->writer;
    int own = 0;

    if (PyUnicode_CheckExact(key))
        own = walk_is_own(walker, (PyObject *)Py_TYPE(key), OWN_STR);
    if (own < 0)
        return -1;
#if PY_VERSION_HEX < 0x030C0000
    if (own > 0 && PyUnicode_READY(key) < 0)
        return -1;
#endif
    if (own > 0)
        return pyon_write_key(writer, kind, PyUnicode_DATA(key), (size_t)PyUnicode_GET_LENGTH(key),
                              (unsigned)PyUnicode_KIND(key));
    if (pyon_write_pair_begin(writer, kind) < 0 ||
        (kind == PYON_DICT && PyUnicode_Check(key) ? walk_str(walker, key)
                                                   : walker->walk(walker, key)) < 0)
        return -1;
    return pyon_write_pair_middle(writer, kind);
}

static int walk_pair(struct walker *walker, PyObject *key, PyObject *value,
                     enum pyon_container kind)
{
    struct pyon_writer *writer = &walker->writer;
    int status;

    Py_INCREF(key);
    Py_INCREF(value);
    status = walk_key(walker, key, kind);
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

        if (i > 0)
            status = pyon_write_next(&walker->writer, kind, length);
        if (status == 0)
            status = walk_pair(walker, PyTuple_GET_ITEM(item, 0), PyTuple_GET_ITEM(item, 1), kind);
    }
    if (status == 0)
        status = pyon_write_end(&walker->writer, kind, length);
    walk_leave(walker);
    return status;
}

int walk_keyed(struct walker *walker, PyObject *keys, PyObject *values, enum pyon_container kind)
{
    size_t length = (size_t)PyList_GET_SIZE(keys);
    int status;

    if (walk_enter(walker) < 0)
        return -1;
    status = pyon_write_begin(&walker->writer, kind, length);
    for (Py_ssize_t i = 0; status == 0 && i < (Py_ssize_t)length; i++) {
        if (i > 0)
            status = pyon_write_next(&walker->writer, kind, length);
        if (status == 0)
            status = walk_pair(walker, PyList_GET_ITEM(keys, i), PyList_GET_ITEM(values, i), kind);
    }
    if (status == 0)
        status = pyon_write_end(&walker->writer, kind, length);
    walk_leave(walker);
    return status;
}

/* A str that has a byte for each character. */
static inline bool is_narrow(PyObject *x)
{
    return PyUnicode_CheckExact(x) &&
#if PY_VERSION_HEX < 0x030C0000
           PyUnicode_IS_READY(x) &&
#endif
           PyUnicode_KIND(x) == PyUnicode_1BYTE_KIND;
}

/*
 * As walk_run, for the pairs of a str and a float behind `position`, which it moves: `most` pairs
 * at the most, of which none is the last of the dict.
 */
static Py_ssize_t walk_pair_run(struct walker *walker, PyObject *dict, Py_ssize_t *position,
                                size_t most, enum pyon_container kind, size_t length)
{
    struct pyon_key keys[RUN];
    double values[RUN];
    PyObject *key, *value;
    Py_ssize_t next = *position;
    size_t count = 0;
    int own;

    if (most < SHORT)
        return 0;
    own = walk_is_own(walker, (PyObject *)&PyFloat_Type, OWN_FLOAT);
    if (own > 0)
        own = walk_is_own(walker, (PyObject *)&PyUnicode_Type, OWN_STR);
    if (own <= 0)
        return own;
    for (; count < RUN && count < most; *position = next, count++) {
        if (!PyDict_Next(dict, &next, &key, &value) || !PyFloat_CheckExact(value) ||
            !is_narrow(key))
            break;
        keys[count] = (struct pyon_key){PyUnicode_DATA(key), (size_t)PyUnicode_GET_LENGTH(key)};
        values[count] = PyFloat_AS_DOUBLE(value);
    }
    if (pyon_write_real_pairs(&walker->writer, keys, values, count, kind, length) < 0)
        return -1;
    return (Py_ssize_t)count;
}

/* The pairs behind `position`, one or several, of the last `left`: how many, 0 at the end, or -1. */
static Py_ssize_t walk_pairs(struct walker *walker, PyObject *dict, Py_ssize_t *position,
                             size_t left, enum pyon_container kind, size_t length, bool *separated)
{
    Py_ssize_t run = walk_pair_run(walker, dict, position, left - 1, kind, length);
    PyObject *key, *value;

    *separated = run > 0;
    if (run != 0)
        return run;
    if (!PyDict_Next(dict, position, &key, &value))
        return 0;
    if (walk_pair(walker, key, value, kind) < 0)
        return -1;
    if ((size_t)PyDict_GET_SIZE(dict) != length) {
        PyErr_SetString(PyExc_RuntimeError, "dictionary changed size during iteration");
        return -1;
    }
    return 1;
}

int walk_dict(struct walker *walker, PyObject *dict, enum pyon_container kind)
{
    size_t length = (size_t)PyDict_GET_SIZE(dict), left = length;
    bool separated = true; /* from the pair before, if there is one */
    Py_ssize_t position = 0, run = 1;
    int status;

    if (walk_enter(walker) < 0)
        return -1;
    status = pyon_write_begin(&walker->writer, kind, length);
    for (; status == 0 && left > 0 && run > 0; left -= (size_t)run) {
        if (!separated)
            status = pyon_write_next(&walker->writer, kind, length);
        if (status == 0)
            run = walk_pairs(walker, dict, &position, left, kind, length, &separated);
        if (run < 0)
            status = -1;
    }
    if (status == 0)
        status = pyon_write_end(&walker->writer, kind, length);
    walk_leave(walker);
    return status;
}
