/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Version 1: the exact type decides the form. A type without an entry is refused.
 *
 * Programs may patch the entries, and the encoder in Python that they name. Then, and for the repr
 * of a slice that is not ASCII, the walk stops with `fallback`. The encoder in Python starts again:
 * with the whole value, or, for text in pieces, with the member that contains the object.
 */
#include "array.h"
#include "state.h"
#include "walk/frame.h"
#include "walk/walk.h"

static int fall_back(struct walker *walker)
{
    walker->fallback = true;
    return -1;
}

/* ---- Forms that only version 1 has ---- */

/* The text is Python's own repr: the members are not encoded, and may be of any type. */
static int walk_slice(struct walker *walker, PyObject *x)
{
    PyObject *text = PyObject_Repr(x);
    int status = -1;

    if (text && !PyUnicode_IS_ASCII(text))
        status = fall_back(walker);
    else if (text)
        status = pyon_write_raw(&walker->writer, PyUnicode_DATA(text),
                                (size_t)PyUnicode_GET_LENGTH(text));
    Py_XDECREF(text);
    return status;
}

static int walk_ordered(struct walker *walker, PyObject *x)
{
    PyObject *items;
    int status = -1;

    if (!walk_has_items_of(x, &PyODict_Type) ||
        walk_has_foreign_keys(x, walker->state->v1.fraction))
        return fall_back(walker);
    items = PyMapping_Items(x);
    if (items)
        status = walk_items(walker, x, items, PYON_CONTAINER_ORDERED);
    Py_XDECREF(items);
    return status;
}

/* The first key that is no plain str: new, or NULL. */
static PyObject *find_other_key(PyObject *dict)
{
    struct compat_section section;
    PyObject *key, *value, *other = NULL;
    Py_ssize_t position = 0;

    compat_enter(&section, dict);
    while (!other && PyDict_Next(dict, &position, &key, &value))
        if (!PyUnicode_CheckExact(key))
            other = Py_NewRef(key);
    compat_leave(&section);
    return other;
}

/* 1 or 0; -1 if a key may have the __class__ str, which the reference asks for. */
static int has_only_str_keys(struct walker *walker, PyObject *dict)
{
    PyObject *other = find_other_key(dict);
    int status = 1;

    if (other)
        status = walk_may_pretend(walker, other) ? fall_back(walker) : 0;
    Py_XDECREF(other);
    return status;
}

/* The keys, which were strs, in a new list. Another thread may have entered others meanwhile. */
static PyObject *sorted_keys(PyObject *dict)
{
    PyObject *keys = PyDict_Keys(dict);

    if (!keys || PyList_Sort(keys) == 0)
        return keys;
    if (PyErr_ExceptionMatches(PyExc_TypeError))
        PyErr_SetString(PyExc_RuntimeError, "dictionary keys changed during iteration");
    Py_DECREF(keys);
    return NULL;
}

/* The values of the keys, in a new list: to write them may change the dict. */
static PyObject *values_of(PyObject *dict, PyObject *keys)
{
    PyObject *values = PyList_New(PyList_GET_SIZE(keys));

    for (Py_ssize_t i = 0; values && i < PyList_GET_SIZE(keys); i++) {
        PyObject *value = compat_dict_find(dict, PyList_GET_ITEM(keys, i));

        if (value) {
            PyList_SET_ITEM(values, i, value);
        } else {
            if (!PyErr_Occurred())
                PyErr_SetString(PyExc_RuntimeError, "dictionary changed during iteration");
            Py_CLEAR(values);
        }
    }
    return values;
}

/*
 * The pretty layout sorts by the keys if all are str. The reference makes a tuple for each item.
 * That many tuples would start the collector, which would look at all of the value.
 */
static int walk_sorted(struct walker *walker, PyObject *dict)
{
    PyObject *keys = sorted_keys(dict), *values = keys ? values_of(dict, keys) : NULL;
    int status = -1;

    if (values)
        status = walk_keyed(walker, dict, keys, values, PYON_CONTAINER_PAIRS);
    Py_XDECREF(values);
    Py_XDECREF(keys);
    return status;
}

static int walk_any_dict(struct walker *walker, PyObject *x)
{
    int sorted = walker->writer.pretty ? has_only_str_keys(walker, x) : 0;

    if (sorted < 0)
        return -1;
    if (sorted > 0)
        return walk_sorted(walker, x);
    return walk_dict(walker, x, PYON_CONTAINER_PAIRS); /* keys are values like others */
}

/* ---- Types ---- */

/* The text of an array or scalar is the same at every place: Python may write it alone. */
static int walk_in_python(struct walker *walker, PyObject *x)
{
    PyObject *text = PyObject_CallOneArg(walker->state->v1.encode, x);
    int status = -1;

    if (text)
        status = pyon_write_raw(&walker->writer, PyUnicode_DATA(text),
                                (size_t)PyUnicode_GET_LENGTH(text));
    Py_XDECREF(text);
    return status;
}

static int refuse(PyObject *x)
{
    PyObject *message = PyUnicode_FromFormat("`%R` (%S) is not PYON serializable", x, Py_TYPE(x));

    if (message) /* else __repr__ has raised */
        PyErr_SetObject(PyExc_TypeError, message);
    Py_XDECREF(message);
    return -1;
}

static int walk_any_fraction(struct walker *walker, PyObject *x)
{
    int status = walk_fraction(walker, x, false);

    return status < 0 && !walker->fallback && !PyErr_Occurred() ? fall_back(walker) : status;
}

/* A value of a type that is none of Python's own. */
static int walk_foreign(struct walker *walker, PyObject *x)
{
    PyObject *entry = walk_find_entry(walker, x);
    int own = walk_has_own(walker, (PyObject *)Py_TYPE(x), entry), status;

    if (!entry)
        return own < 0 ? -1 : refuse(x);
    Py_DECREF(entry);
    if (own <= 0)
        return own < 0 ? -1 : fall_back(walker);
    status = array_walk(walker, x);
    return status != 1 ? status : walk_in_python(walker, x);
}

/* Writes x in the form of its type, unless the entry of the type has been changed. */
static inline int walk_own(struct walker *walker, PyObject *x, enum own_type bit,
                           int (*form)(struct walker *, PyObject *))
{
    int own = walk_is_own(walker, (PyObject *)Py_TYPE(x), bit);

    if (own <= 0)
        return own < 0 ? -1 : fall_back(walker);
    return form(walker, x);
}

static int walk_null(struct walker *walker, PyObject *x)
{
    (void)x;
    return pyon_write_null(&walker->writer);
}

static int walk_bool(struct walker *walker, PyObject *x)
{
    return pyon_write_boolean(&walker->writer, x == Py_True);
}

static int walk_list(struct walker *walker, PyObject *x)
{
    return walk_sequence(walker, x, PYON_CONTAINER_LIST);
}

static int walk_tuple(struct walker *walker, PyObject *x)
{
    return walk_sequence(walker, x, PYON_CONTAINER_TUPLE);
}

static int walk_rare(struct walker *walker, PyObject *x)
{
    const struct v1 *v1 = &walker->state->v1;
    PyTypeObject *type = Py_TYPE(x);

    if (type == &PyComplex_Type)
        return walk_own(walker, x, OWN_COMPLEX, walk_complex);
    if (type == &PyBytes_Type)
        return walk_own(walker, x, OWN_BYTES, walk_bytes);
    if (type == &PySet_Type)
        return walk_own(walker, x, OWN_SET, walk_set);
    if (type == &PySlice_Type)
        return walk_own(walker, x, OWN_SLICE, walk_slice);
    if ((PyObject *)type == v1->fraction)
        return walk_own(walker, x, OWN_FRACTION, walk_any_fraction);
    if ((PyObject *)type == v1->ordered_dict)
        return walk_own(walker, x, OWN_ORDERED, walk_ordered);
    return walk_foreign(walker, x);
}

static int walk(struct walker *walker, PyObject *x)
{
    PyTypeObject *type = Py_TYPE(x);

    if (type == &PyFloat_Type)
        return walk_own(walker, x, OWN_FLOAT, walk_float);
    if (type == &PyLong_Type)
        return walk_own(walker, x, OWN_INT, walk_int);
    if (type == &PyUnicode_Type)
        return walk_own(walker, x, OWN_STR, walk_str);
    if (type == &PyList_Type)
        return walk_own(walker, x, OWN_LIST, walk_list);
    if (type == &PyDict_Type)
        return walk_own(walker, x, OWN_DICT, walk_any_dict);
    if (type == &PyTuple_Type)
        return walk_own(walker, x, OWN_TUPLE, walk_tuple);
    if (type == &PyBool_Type)
        return walk_own(walker, x, OWN_BOOL, walk_bool);
    if (x == Py_None)
        return walk_own(walker, x, OWN_NULL, walk_null);
    return walk_rare(walker, x);
}

/* ---- The encoder in Python ---- */

/* Has the class _Encoder been changed or replaced? */
static bool is_patched(struct state *state)
{
    PyObject *encoder = compat_dict_find(state->v1.namespace, state->encoder_name);
    bool patched = state->v1.patched || encoder != state->v1.encoder;

    Py_XDECREF(encoder);
    return patched;
}

/* The text of a member by the encoder in Python, at the level of the writer: new. */
static PyObject *encode_member(struct walker *walker, PyObject *x)
{
    struct v1 *v1 = &walker->state->v1;
    PyObject *found = compat_dict_find(v1->namespace, walker->state->encoder_name);
    PyObject *class = found ? found : Py_NewRef(v1->encoder);
    PyObject *level = PyLong_FromSize_t(walker->writer.level), *encoder = NULL, *none = NULL;
    PyObject *text = NULL;

    if (level)
        encoder = PyObject_CallOneArg(class, walker->writer.pretty ? Py_True : Py_False);
    if (encoder && PyObject_SetAttrString(encoder, "indent_level", level) == 0)
        none = PyObject_CallMethod(encoder, "encode", "O", x);
    if (none)
        text = PyObject_CallMethod(encoder, "get_output", NULL);
    Py_XDECREF(none);
    Py_XDECREF(encoder);
    Py_XDECREF(level);
    Py_DECREF(class);
    return text;
}

static int walk_patched(struct walker *walker, PyObject *x)
{
    PyObject *text = encode_member(walker, x);
    Py_ssize_t length;
    const char *utf8 = text ? PyUnicode_AsUTF8AndSize(text, &length) : NULL;
    int status = -1;

    if (utf8)
        status = pyon_write_raw(&walker->writer, utf8, (size_t)length);
    Py_XDECREF(text);
    return status;
}

/* ---- Values and members ---- */

/* For text in pieces: each value falls back alone. */
static int walk_member(struct walker *walker, PyObject *x)
{
    struct text_place place = walk_place(walker);
    int status = walk(walker, x);

    if (!walker->fallback || PyErr_Occurred())
        return status;
    walk_back(walker, &place);
    walker->fallback = false;
    return walk_patched(walker, x);
}

void walk_resume_v1(struct walker *walker, struct state *state)
{
    walk_init(walker, state, &state->v1.maps, walk);
    walker->takes_plain = !is_patched(state);
    walker->walk = walker->takes_plain ? walk_member : walk_patched;
}

PyObject *walk_v1(struct state *state, PyObject *x, bool pretty, bool is_bytes)
{
    struct walker walker;
    PyObject *text;

    if (is_patched(state))
        return NULL;
    walk_init(&walker, state, &state->v1.maps, walk);
    walker.takes_plain = true;
    text = walk_whole(&walker, &pyon_v1, x, pretty, is_bytes);
    walk_done(&walker);
    return text;
}
