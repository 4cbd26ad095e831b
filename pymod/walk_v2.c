/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Version 2: values are wrapped, then written by the rules of JSON.
 *
 * The reference does that in two passes over the whole; here each value takes both at once, in
 * walk_wrapped. Only what an encoder given to register() returns is written without wrapping, by
 * walk_json: there tuples are lists, keys are made str, and references are watched for cycles.
 *
 * One thing of the two passes can be seen: what is wrong with wrapping (the key "__jsonclass__")
 * is raised before what is wrong with encoding. See prefer_wrapping_error.
 */
#include "pymod.h"

#include <string.h>

static int walk_wrapped(struct walker *walker, PyObject *x);
static int walk_json(struct walker *walker, PyObject *x);

static const char tag[] = "__jsonclass__";

/* ---- What is JSON in either way ---- */

/* Values that are written as what they are, subclasses too: 0, -1, or 1 if x is none of them. */
static inline int walk_scalar(struct walker *walker, PyObject *x)
{
    if (PyUnicode_Check(x))
        return walk_str(walker, x);
    if (PyFloat_Check(x))
        return walk_float(walker, x);
    if (x == Py_None)
        return pyon_write_null(&walker->writer);
    if (x == Py_True || x == Py_False)
        return pyon_write_boolean(&walker->writer, x == Py_True);
    if (PyLong_Check(x))
        return walk_int(walker, x);
    return 1;
}

/* ---- Registered types ---- */

/* json's guard against containers that contain themselves: 0, or -1 if x is being written. */
static int enter_parent(struct walker *walker, PyObject *x)
{
    PyObject *id = PyLong_FromVoidPtr(x);
    int status = -1;

    if (id && !walker->parents)
        walker->parents = PySet_New(NULL);
    if (id && walker->parents)
        status = PySet_Contains(walker->parents, id);
    if (status > 0)
        PyErr_SetString(PyExc_ValueError, "Circular reference detected");
    if (status == 0)
        status = PySet_Add(walker->parents, id);
    Py_XDECREF(id);
    return status == 0 ? 0 : -1;
}

/* Keeps an exception that is set. */
static void leave_parent(struct walker *walker, PyObject *x)
{
    PyObject *type, *value, *traceback, *id;

    PyErr_Fetch(&type, &value, &traceback);
    id = PyLong_FromVoidPtr(x);
    if (!id || PySet_Discard(walker->parents, id) < 0)
        PyErr_Clear(); /* it stays among the parents of a walk that ends without memory */
    Py_XDECREF(id);
    PyErr_Restore(type, value, traceback);
}

/* {"__jsonclass__":[NAME,RESULT]}, both by the rules of JSON. */
static int walk_class(struct walker *walker, PyObject *name, PyObject *result)
{
    struct pyon_writer *writer = &walker->writer;

    if (pyon_write_begin(writer, PYON_DICT, 1) < 0 ||
        pyon_write_string(writer, tag, sizeof tag - 1) < 0 ||
        pyon_write_pair_middle(writer, PYON_DICT) < 0 ||
        pyon_write_begin(writer, PYON_LIST, 2) < 0 || walk_json(walker, name) < 0 ||
        pyon_write_next(writer, PYON_LIST, 2) < 0 || walk_json(walker, result) < 0 ||
        pyon_write_end(writer, PYON_LIST, 2) < 0)
        return -1;
    return pyon_write_end(writer, PYON_DICT, 1);
}

static int unencodable(PyObject *x)
{
    PyObject *class = PyObject_GetAttrString(x, "__class__");
    PyObject *name = class ? PyObject_GetAttrString(class, "__name__") : NULL;
    PyObject *message = NULL, *exception = NULL;

    if (name)
        message = PyUnicode_FromFormat("`%R`: Object of type `%S` is not PYON encodable", x, name);
    if (message)
        exception = PyObject_CallOneArg(PyExc_TypeError, message);
    if (exception) {
        PyException_SetCause(exception, NULL); /* as "from None" */
        PyErr_SetObject(PyExc_TypeError, exception);
    }
    Py_XDECREF(exception);
    Py_XDECREF(message);
    Py_XDECREF(name);
    Py_XDECREF(class);
    return -1;
}

/* What is registered for the exact type of x: a tuple (name, function), borrowed. */
static PyObject *find_encoder(struct walker *walker, PyObject *x)
{
    PyObject *type = (PyObject *)Py_TYPE(x);
    PyObject *entry = PyDict_GetItemWithError(walker->map, type), *none;

    if (entry || PyErr_Occurred())
        return entry;
    none = PyObject_CallNoArgs(walker->state->v2.know_numpy);
    Py_XDECREF(none);
    return none ? PyDict_GetItemWithError(walker->map, type) : NULL;
}

static int call_encoder(struct walker *walker, PyObject *x, PyObject *entry)
{
    PyObject *result;
    int status = -1;

    if (!PyTuple_Check(entry) || PyTuple_GET_SIZE(entry) != 2) {
        PyErr_SetString(PyExc_ValueError, "an entry of _encode_map must be (name, function)");
        return -1;
    }
    if (enter_parent(walker, x) < 0)
        return -1;
    Py_INCREF(entry); /* the function may deregister it */
    result = PyObject_CallOneArg(PyTuple_GET_ITEM(entry, 1), x);
    walker->own_types = 0; /* it may have changed the registry */
    if (result && Py_EnterRecursiveCall(" while encoding a PYON object") == 0) {
        status = walk_class(walker, PyTuple_GET_ITEM(entry, 0), result);
        Py_LeaveRecursiveCall();
    }
    Py_XDECREF(result);
    Py_DECREF(entry);
    leave_parent(walker, x);
    return status;
}

static int walk_slice(struct walker *walker, PyObject *x)
{
    PySliceObject *slice = (PySliceObject *)x;
    struct pyon_writer *writer = &walker->writer;

    if (pyon_write_call_begin(writer, "slice", 5, 3) < 0 ||
        walk_wrapped(walker, slice->start) < 0 || pyon_write_call_next(writer, 3) < 0 ||
        walk_wrapped(walker, slice->stop) < 0 || pyon_write_call_next(writer, 3) < 0 ||
        walk_wrapped(walker, slice->step) < 0)
        return -1;
    return pyon_write_call_end(writer, 3);
}

/* The forms of the format's own types: 0, -1, or 1 for those that Python must write. */
static int walk_own(struct walker *walker, PyObject *x)
{
    PyTypeObject *type = Py_TYPE(x);

    if (type == &PyComplex_Type)
        return walk_complex(walker, x);
    if (type == &PyBytes_Type)
        return walk_bytes(walker, x);
    if (type == &PySet_Type)
        return walk_set(walker, x);
    if (type == &PySlice_Type)
        return walk_slice(walker, x);
    if ((PyObject *)type == walker->state->v2.fraction)
        return walk_fraction(walker, x);
    return array_walk(walker, x);
}

static int walk_registered(struct walker *walker, PyObject *x)
{
    int (*walk)(struct walker *, PyObject *) = walker->walk;
    PyObject *entry = find_encoder(walker, x);
    int status = 1;

    if (!entry)
        return PyErr_Occurred() ? -1 : unencodable(x);
    if (entry == PyDict_GetItemWithError(walker->own, (PyObject *)Py_TYPE(x))) {
        walker->walk = walk_wrapped;
        status = walk_own(walker, x);
    }
    if (status > 0)
        status = call_encoder(walker, x, entry);
    walker->walk = walk;
    return status;
}

/* ---- Wrapped values ---- */

static int assert_no_tag(struct walker *walker, PyObject *dict)
{
    PyObject *key;
    int found;

    if (walker->state->v2.assertions != Py_True)
        return 0;
    key = walker->state->tag;
    found = PyDict_CheckExact(dict) ? PyDict_Contains(dict, key) : PySequence_Contains(dict, key);
    if (found > 0)
        PyErr_SetNone(PyExc_AssertionError);
    return found == 0 ? 0 : -1;
}

/* Tuples and dicts stand under types of their own in the registry. Where these have been changed,
   what wrap() makes of x goes there. */
static int walk_by_wrap(struct walker *walker, PyObject *x)
{
    PyObject *wrapped = PyObject_CallOneArg(walker->state->v2.wrap, x);
    int status = -1;

    if (wrapped)
        status = walk_registered(walker, wrapped);
    Py_XDECREF(wrapped);
    return status;
}

static int walk_tuple(struct walker *walker, PyObject *x)
{
    int own = walk_is_own(walker, walker->state->v2.wrapped_tuple, OWN_TUPLE);

    if (own <= 0)
        return own < 0 ? -1 : walk_by_wrap(walker, x);
    return walk_sequence(walker, x, PYON_TUPLE);
}

static int walk_exact_dict(struct walker *walker, PyObject *x)
{
    PyObject *key, *value;
    Py_ssize_t position = 0;
    int own;

    if (assert_no_tag(walker, x) < 0)
        return -1;
    while (PyDict_Next(x, &position, &key, &value)) {
        if (PyUnicode_Check(key))
            continue;
        own = walk_is_own(walker, walker->state->v2.wrapped_dict, OWN_DICT);
        if (own <= 0)
            return own < 0 ? -1 : walk_by_wrap(walker, x);
        return walk_dict(walker, x, PYON_PAIRS);
    }
    return walk_dict(walker, x, PYON_DICT);
}

/* "for k, v in items": the items as a list of tuples of two. */
static PyObject *list_pairs(PyObject *x)
{
    PyObject *items = PyMapping_Items(x);

    for (Py_ssize_t i = 0; items && i < PyList_GET_SIZE(items); i++) {
        PyObject *item = PyList_GET_ITEM(items, i), *pair;

        if (PyTuple_CheckExact(item) && PyTuple_GET_SIZE(item) == 2)
            continue;
        pair = PySequence_Tuple(item);
        if (pair && PyTuple_GET_SIZE(pair) != 2) {
            PyErr_Format(PyExc_ValueError, "expected 2 values to unpack, got %zd",
                         PyTuple_GET_SIZE(pair));
            Py_CLEAR(pair);
        }
        if (pair)
            PyList_SetItem(items, i, pair); /* steals; frees the old item */
        else
            Py_CLEAR(items);
    }
    return items;
}

/* all(isinstance(key, str) for key in x): 1, 0 or -1. */
static int has_only_str_keys(PyObject *x)
{
    PyObject *iterator = PyObject_GetIter(x), *key;
    bool only = true;

    if (!iterator)
        return -1;
    while (only && (key = PyIter_Next(iterator))) {
        only = PyUnicode_Check(key);
        Py_DECREF(key);
    }
    Py_DECREF(iterator);
    return PyErr_Occurred() ? -1 : only;
}

/* A subclass of dict: its own methods say what is in it. */
static int walk_mapping(struct walker *walker, PyObject *x)
{
    PyObject *items;
    int only_str, own, status;

    if (assert_no_tag(walker, x) < 0)
        return -1;
    only_str = has_only_str_keys(x);
    if (only_str < 0)
        return -1;
    own = only_str ? 1 : walk_is_own(walker, walker->state->v2.wrapped_dict, OWN_DICT);
    if (own <= 0)
        return own < 0 ? -1 : walk_by_wrap(walker, x);
    items = list_pairs(x);
    if (!items)
        return -1;
    status = walk_items(walker, items, only_str ? PYON_DICT : PYON_PAIRS);
    Py_DECREF(items);
    return status;
}

/* A subclass of list or tuple: what iterating over it gives. */
static int walk_iterable(struct walker *walker, PyObject *x,
                         int (*walk)(struct walker *, PyObject *))
{
    PyObject *members = PySequence_List(x);
    int status = -1;

    if (members)
        status = walk(walker, members);
    Py_XDECREF(members);
    return status;
}

static int walk_list(struct walker *walker, PyObject *x)
{
    return walk_sequence(walker, x, PYON_LIST);
}

static int walk_instance(struct walker *walker, PyObject *x)
{
    int found = PyObject_IsInstance(x, (PyObject *)&PyDict_Type);

    if (found > 0)
        return walk_mapping(walker, x);
    if (found == 0)
        found = PyObject_IsInstance(x, (PyObject *)&PyList_Type);
    if (found > 0)
        return walk_iterable(walker, x, walk_list);
    if (found == 0)
        found = PyObject_IsInstance(x, (PyObject *)&PyTuple_Type);
    if (found > 0)
        return walk_iterable(walker, x, walk_tuple);
    if (found < 0)
        return -1;
    return walk_registered(walker, x);
}

/* Any value, as wrap() and then json see it. */
static int walk_wrapped(struct walker *walker, PyObject *x)
{
    int status = walk_scalar(walker, x);

    if (status <= 0)
        return status;
    if (PyList_CheckExact(x))
        return walk_list(walker, x);
    if (PyDict_CheckExact(x))
        return walk_exact_dict(walker, x);
    if (PyTuple_CheckExact(x))
        return walk_tuple(walker, x);
    return walk_instance(walker, x);
}

/* ---- Values by the rules of JSON ---- */

/* The text of a key that is no str; NULL without an exception if it cannot be one. */
static int walk_json_key(struct walker *walker, PyObject *key)
{
    struct pyon_writer *writer = &walker->writer;

    if (PyUnicode_Check(key))
        return walk_str(walker, key);
    if (key != Py_None && !PyBool_Check(key) && !PyFloat_Check(key) && !PyLong_Check(key)) {
        PyErr_Format(PyExc_TypeError, "keys must be str, int, float, bool or None, not %s",
                     writer->pretty ? _PyType_Name(Py_TYPE(key)) : Py_TYPE(key)->tp_name);
        return -1;
    }
    if (pyon_write_raw(writer, "\"", 1) < 0 || walk_scalar(walker, key) < 0)
        return -1;
    return pyon_write_raw(writer, "\"", 1);
}

static int walk_json_dict(struct walker *walker, PyObject *x)
{
    struct pyon_writer *writer = &walker->writer;
    PyObject *items = list_pairs(x);
    size_t length;
    int status;

    if (!items)
        return -1;
    length = (size_t)PyList_GET_SIZE(items);
    status = pyon_write_begin(writer, PYON_DICT, length);
    for (Py_ssize_t i = 0; status == 0 && i < PyList_GET_SIZE(items); i++) {
        PyObject *item = PyList_GET_ITEM(items, i);

        if ((i > 0 && pyon_write_next(writer, PYON_DICT, length) < 0) ||
            walk_json_key(walker, PyTuple_GET_ITEM(item, 0)) < 0 ||
            pyon_write_pair_middle(writer, PYON_DICT) < 0 ||
            walk_json(walker, PyTuple_GET_ITEM(item, 1)) < 0)
            status = -1;
    }
    if (status == 0)
        status = pyon_write_end(writer, PYON_DICT, length);
    Py_DECREF(items);
    return status;
}

static int walk_json_container(struct walker *walker, PyObject *x)
{
    int (*walk)(struct walker *, PyObject *) = walker->walk;
    int status;

    if (enter_parent(walker, x) < 0)
        return -1;
    walker->walk = walk_json;
    if (PyDict_Check(x))
        status = walk_json_dict(walker, x);
    else if (PyList_CheckExact(x) || PyTuple_CheckExact(x))
        status = walk_list(walker, x);
    else
        status = walk_iterable(walker, x, walk_list);
    walker->walk = walk;
    leave_parent(walker, x);
    return status;
}

static int walk_json(struct walker *walker, PyObject *x)
{
    int status = walk_scalar(walker, x);

    if (status > 0 && Py_EnterRecursiveCall(" while encoding a JSON object") == 0) {
        if (PyList_Check(x) || PyTuple_Check(x) || PyDict_Check(x))
            status = walk_json_container(walker, x);
        else
            status = walk_registered(walker, x);
        Py_LeaveRecursiveCall();
    }
    return status > 0 ? -1 : status;
}

/* ---- The whole ---- */

/* Encoding has failed: what wrapping x raises comes first. */
static void prefer_wrapping_error(struct state *state, PyObject *x)
{
    PyObject *type, *value, *traceback, *wrapped;

    if (PyErr_ExceptionMatches(PyExc_AssertionError) || PyErr_ExceptionMatches(PyExc_MemoryError))
        return;
    PyErr_Fetch(&type, &value, &traceback);
    wrapped = PyObject_CallOneArg(state->v2.wrap, x);
    if (wrapped) {
        PyErr_Restore(type, value, traceback);
        Py_DECREF(wrapped);
        return;
    }
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
}

PyObject *walk_v2(struct state *state, PyObject *x, bool pretty)
{
    struct walker walker = {.state = state,
                            .walk = walk_wrapped,
                            .map = state->v2.encoders,
                            .own = state->v2.own_encoders};
    PyObject *text = walk_whole(&walker, &pyon_v2, x, pretty);

    if (!text)
        prefer_wrapping_error(state, x);
    Py_XDECREF(walker.parents);
    return text;
}
