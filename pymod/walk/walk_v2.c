/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Version 2: values are wrapped, then written by the rules of JSON.
 *
 * The reference does that in two passes: wrap() copies the whole value, then json writes the copy
 * and calls an encoder for each class in it. Here one pass does both, and calls no encoder. It
 * knows only the types of the format itself.
 *
 * Any other type, a subclass with methods of its own, or an error stops this pass. The two passes
 * of the reference follow: wrap() in Python, then walk_json, which calls the encoders. So an
 * encoder that changes the value does not change the text, since wrap() has copied the value
 * before. If there are two errors, the one that the reference meets first is raised.
 *
 * For text in pieces, the beginning may have been handed out by then. So the two passes are done
 * only for the member that has stopped the pass. Its text is the same at every place, unless an
 * encoder changes the values around it. Of several errors, the first one in the text is raised.
 */
#include "array.h"
#include "raise.h"
#include "state.h"
#include "walk/frame.h"
#include "walk/walk.h"

static const char tag[] = "__jsonclass__";

/* ---- Values that are the same in one pass and two ---- */

/* Writes values that are JSON, subclasses too: 0, -1, or 1 if x is none of them. */
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

/* Writes values of the format's own types that contain no others: 0, -1, or 1 if x is of none of
   them. */
static int walk_leaf(struct walker *walker, PyObject *x)
{
    if (PyComplex_CheckExact(x))
        return walk_complex(walker, x);
    if (PyBytes_CheckExact(x))
        return walk_bytes(walker, x);
    return array_walk(walker, x);
}

static int walk_list(struct walker *walker, PyObject *x)
{
    return walk_sequence(walker, x, PYON_CONTAINER_LIST);
}

/* ---- One pass ---- */

/* The result that stops the pass, with or without an exception. */
enum { TWO_PASSES = -1 };

static int walk_slice(struct walker *walker, PyObject *x)
{
    PySliceObject *slice = (PySliceObject *)x;
    struct pyon_writer *writer = &walker->writer;
    size_t due = walk_enter_call(walker, x);
    int status = -1;

    if (due == 0)
        return -1;
    if (pyon_write_call_begin(writer, "slice", 5, 3) == 0 &&
        walker->walk(walker, slice->start) == 0 && pyon_write_call_next(writer, 3) == 0 &&
        walker->walk(walker, slice->stop) == 0 && pyon_write_call_next(writer, 3) == 0 &&
        walker->walk(walker, slice->step) == 0)
        status = pyon_write_call_end(writer, 3);
    walk_leave_call(walker, due);
    return status;
}

/* The reference asserts that the tag is no key of a dict. */
static int has_tag(struct walker *walker, PyObject *dict)
{
    if (walker->state->v2.assertions != Py_True)
        return 0;
    return PyDict_Contains(dict, walker->state->tag);
}

/* Is x a dict, or of a subclass that has no other way to look at the content? */
static bool is_plain_dict(PyObject *x)
{
    PyTypeObject *type = Py_TYPE(x);

    if (type == &PyDict_Type)
        return true;
    return type->tp_iter == PyDict_Type.tp_iter && type->tp_as_sequence &&
           type->tp_as_sequence->sq_contains == PyDict_Type.tp_as_sequence->sq_contains &&
           walk_has_items_of(x, &PyDict_Type);
}

/* A dict with any keys. In the registry, the types of tuples and such dicts are those of
   pyon.py. */
static int walk_pairs_dict(struct walker *walker, PyObject *x)
{
    if (walk_is_own(walker, walker->state->v2.wrapped_dict, OWN_DICT) != 1)
        return TWO_PASSES;
    return walk_dict(walker, x, PYON_CONTAINER_PAIRS);
}

/* 1 or 0; -1 if the key may have the __class__ str, or is of a subclass that must be kept. */
static int is_str_key(const struct walker *walker, PyObject *key)
{
    if (PyUnicode_Check(key))
        return walker->is_exact && !PyUnicode_CheckExact(key) ? -1 : 1;
    return walk_may_pretend(walker, key) ? -1 : 0;
}

/* A dict with keys that are no str, or of a subclass. */
static int walk_checked_dict(struct walker *walker, PyObject *x)
{
    PyObject *key, *value;
    Py_ssize_t position = 0;
    int is_str = 1;

    if (walk_has_foreign_keys(x, walker->state->v2.fraction) || has_tag(walker, x) != 0)
        return TWO_PASSES;
    while (is_str > 0 && compat_dict_next(x, &position, &key, &value)) {
        is_str = is_str_key(walker, key);
        Py_DECREF(key);
        Py_DECREF(value);
    }
    if (is_str < 0)
        return TWO_PASSES;
    return is_str ? walk_dict(walker, x, PYON_CONTAINER_DICT) : walk_pairs_dict(walker, x);
}

/* Is the key the tag? If this is not certain, true. `key` is a plain str. */
static inline bool may_be_tag(PyObject *key)
{
    return PyUnicode_GET_LENGTH(key) == sizeof tag - 1 &&
           (!PyUnicode_IS_ASCII(key) || memcmp(PyUnicode_DATA(key), tag, sizeof tag - 1) == 0);
}

/* Are all keys plain strs, and none the tag? The inside of a dict may tell the former. */
static bool has_plain_keys(const struct walker *walker, PyObject *dict)
{
    const struct state *state = walker->state;
    struct compat_section section;
    PyObject *key, *value;
    Py_ssize_t position = 0;
    bool plain = true;

    if (state->knows_entries && compat_dict_entry_count(dict) >= 0)
        return PyDict_Contains(dict, state->tag) == 0;
    compat_enter(&section, dict);
    while (plain && PyDict_Next(dict, &position, &key, &value))
        plain = PyUnicode_CheckExact(key) && !may_be_tag(key);
    compat_leave(&section);
    return plain;
}

/* A dict, or a plain subclass. */
static int walk_any_dict(struct walker *walker, PyObject *x)
{
    return has_plain_keys(walker, x) ? walk_dict(walker, x, PYON_CONTAINER_DICT)
                                     : walk_checked_dict(walker, x);
}

/* An OrderedDict is a dict like others, except for its order. */
static int walk_ordered(struct walker *walker, PyObject *x)
{
    PyObject *items;
    int is_str = 1, status;

    if (walk_has_foreign_keys(x, walker->state->v2.fraction) || has_tag(walker, x) != 0 ||
        !walk_has_items_of(x, &PyODict_Type))
        return TWO_PASSES;
    items = PyMapping_Items(x);
    if (!items)
        return -1;
    for (Py_ssize_t i = 0; is_str > 0 && i < PyList_GET_SIZE(items); i++)
        is_str = is_str_key(walker, PyTuple_GET_ITEM(PyList_GET_ITEM(items, i), 0));
    if (is_str < 0 ||
        (!is_str && walk_is_own(walker, walker->state->v2.wrapped_dict, OWN_DICT) != 1))
        status = TWO_PASSES;
    else
        status = walk_items(walker, x, items, is_str ? PYON_CONTAINER_DICT : PYON_CONTAINER_PAIRS);
    Py_DECREF(items);
    return status;
}

static int walk_any_tuple(struct walker *walker, PyObject *x)
{
    if (walk_is_own(walker, walker->state->v2.wrapped_tuple, OWN_TUPLE) != 1)
        return TWO_PASSES;
    return walk_sequence(walker, x, PYON_CONTAINER_TUPLE);
}

/* A value whose type is itself in the registry: only the format's own. A type of another
   metaclass is not looked up, since its hash may be code in Python. */
static int walk_registered(struct walker *walker, PyObject *x)
{
    PyObject *type = (PyObject *)Py_TYPE(x), *entry;
    int status;

    if (!PyType_CheckExact(type) && type != walker->state->v2.fraction)
        return TWO_PASSES;
    entry = walk_find_entry(walker, x);
    status = walk_has_own(walker, type, entry);
    Py_XDECREF(entry);
    if (status != 1)
        return TWO_PASSES;
    if (PySet_CheckExact(x))
        return walk_set(walker, x);
    if (PySlice_Check(x))
        return walk_slice(walker, x);
    if (type == walker->state->v2.fraction)
        return walk_fraction(walker, x, true); /* the reference does not wrap other parts */
    status = walk_leaf(walker, x);
    return status == 1 ? TWO_PASSES : status;
}

/* Values of subclasses of common types: 0, -1, or 1 if x is none. */
static int walk_subclass(struct walker *walker, PyObject *x)
{
    int status;

    if (walk_may_pretend(walker, x)) /* the reference asks for it, by isinstance() */
        return TWO_PASSES;
    status = walk_scalar(walker, x);
    if (status != 1)
        return status;
    if (PyList_Check(x) && Py_TYPE(x)->tp_iter == PyList_Type.tp_iter)
        return walk_list(walker, x);
    if (PyDict_Check(x)) {
        if (is_plain_dict(x))
            return walk_any_dict(walker, x);
        if (PyErr_Occurred())
            return -1;
    }
    if (PyTuple_Check(x) && Py_TYPE(x)->tp_iter == PyTuple_Type.tp_iter)
        return walk_any_tuple(walker, x);
    return 1;
}

/* Subclasses, and an OrderedDict, which comes back as a dict: 0, -1, or 1 if x is none. */
static int walk_inexact(struct walker *walker, PyObject *x)
{
    int status = walk_subclass(walker, x);

    if (status == 1 && (PyObject *)Py_TYPE(x) == walker->state->v2.ordered_dict)
        return walk_ordered(walker, x);
    return status;
}

/* Subclasses, and rare types. */
static int walk_uncommon(struct walker *walker, PyObject *x)
{
    int status = walker->is_exact ? 1 : walk_inexact(walker, x);

    return status == 1 ? walk_registered(walker, x) : status;
}

/* Any value: the common types first. */
static int walk_whole_value(struct walker *walker, PyObject *x)
{
    PyTypeObject *type = Py_TYPE(x);

    if (type == &PyUnicode_Type)
        return walk_str(walker, x);
    if (type == &PyFloat_Type)
        return walk_float(walker, x);
    if (type == &PyLong_Type)
        return walk_int(walker, x);
    if (type == &PyTuple_Type)
        return walk_any_tuple(walker, x);
    if (type == &PyDict_Type)
        return walk_any_dict(walker, x);
    if (type == &PyList_Type)
        return walk_list(walker, x);
    if (x == Py_None)
        return pyon_write_null(&walker->writer);
    if (type == &PyBool_Type)
        return pyon_write_boolean(&walker->writer, x == Py_True);
    return walk_uncommon(walker, x);
}

/* ---- The second of two passes, over the copy of wrap() ---- */

static int walk_json(struct walker *walker, PyObject *x);

/* json's guard against containers that contain themselves: 0, or -1 if x is open already. */
static int enter_parent(struct walker *walker, PyObject *x)
{
    PyObject *id = PyLong_FromVoidPtr(x);
    int status = id ? PySet_Contains(walker->parents, id) : -1;

    if (status > 0)
        PyErr_SetString(PyExc_ValueError, "Circular reference detected");
    if (status == 0)
        status = PySet_Add(walker->parents, id);
    Py_XDECREF(id);
    return status == 0 ? 0 : -1;
}

/* Returns `status`, or -1 if the parent cannot be removed. */
static int leave_parent(struct walker *walker, PyObject *x, int status)
{
    PyObject *id;

    if (status < 0)
        return status; /* the walk ends */
    id = PyLong_FromVoidPtr(x);
    if (!id || PySet_Discard(walker->parents, id) < 0)
        status = -1;
    Py_XDECREF(id);
    return status;
}

/* {"__jsonclass__":[NAME,RESULT]} */
static int walk_class(struct walker *walker, PyObject *name, PyObject *result)
{
    struct pyon_writer *writer = &walker->writer;

    if (pyon_write_begin(writer, PYON_CONTAINER_DICT, 1) < 0 ||
        pyon_write_string(writer, tag, sizeof tag - 1) < 0 ||
        pyon_write_pair_middle(writer, PYON_CONTAINER_DICT) < 0 ||
        pyon_write_begin(writer, PYON_CONTAINER_LIST, 2) < 0 || walk_json(walker, name) < 0 ||
        pyon_write_next(writer, PYON_CONTAINER_LIST, 2) < 0 || walk_json(walker, result) < 0 ||
        pyon_write_end(writer, PYON_CONTAINER_LIST, 2) < 0)
        return -1;
    return pyon_write_end(writer, PYON_CONTAINER_DICT, 1);
}

static int unencodable(PyObject *x)
{
    PyObject *text = PyObject_Repr(x); /* in the order of the reference: each may raise */
    PyObject *class = text ? PyObject_GetAttrString(x, "__class__") : NULL;
    PyObject *name = class ? PyObject_GetAttrString(class, "__name__") : NULL;
    PyObject *message = NULL, *exception = NULL;

    if (name)
        message =
            PyUnicode_FromFormat("`%U`: Object of type `%S` is not PYON encodable", text, name);
    if (message)
        exception = PyObject_CallOneArg(PyExc_TypeError, message);
    if (exception) {
        PyException_SetCause(exception, NULL); /* as "raise ... from None" does */
        PyErr_SetObject(PyExc_TypeError, exception);
    }
    Py_XDECREF(exception);
    Py_XDECREF(message);
    Py_XDECREF(name);
    Py_XDECREF(class);
    Py_XDECREF(text);
    return -1;
}

/* Does "name, encode = entry", and writes the result of encode(x). */
static int call_encoder(struct walker *walker, PyObject *x, PyObject *entry)
{
    PyObject *pair = PySequence_Tuple(entry), *result = NULL;
    int status = -1;

    if (pair && PyTuple_GET_SIZE(pair) != 2)
        PyErr_Format(PyExc_ValueError, "expected 2 values to unpack, got %zd",
                     PyTuple_GET_SIZE(pair));
    else if (pair)
        result = PyObject_CallOneArg(PyTuple_GET_ITEM(pair, 1), x);
    if (result)
        status = walk_class(walker, PyTuple_GET_ITEM(pair, 0), result);
    Py_XDECREF(result);
    Py_XDECREF(pair);
    return status;
}

static int walk_encoded(struct walker *walker, PyObject *x)
{
    PyObject *entry = walk_find_entry(walker, x);
    int own = walk_has_own(walker, (PyObject *)Py_TYPE(x), entry), status = 1;

    if (own != 0)
        status = own < 0 ? -1 : walk_leaf(walker, x);
    if (status > 0 && (status = enter_parent(walker, x)) == 0)
        status = leave_parent(walker, x, entry ? call_encoder(walker, x, entry) : unencodable(x));
    Py_XDECREF(entry);
    return status;
}

static int walk_json_key(struct walker *walker, PyObject *key)
{
    struct pyon_writer *writer = &walker->writer;

    if (PyUnicode_Check(key))
        return walk_str(walker, key);
    if (key != Py_None && !PyBool_Check(key) && !PyFloat_Check(key) && !PyLong_Check(key)) {
        PyErr_Format(PyExc_TypeError, "keys must be str, int, float, bool or None, not %s",
                     writer->pretty ? compat_type_name(Py_TYPE(key)) : Py_TYPE(key)->tp_name);
        return -1;
    }
    if (pyon_write_raw(writer, "\"", 1) < 0 || walk_scalar(walker, key) < 0)
        return -1;
    return pyon_write_raw(writer, "\"", 1);
}

static int walk_json_item(struct walker *walker, PyObject *item)
{
    if (!PyTuple_Check(item) || PyTuple_GET_SIZE(item) != 2) {
        PyErr_SetString(PyExc_ValueError, "items must return 2-tuples");
        return -1;
    }
    if (walk_json_key(walker, PyTuple_GET_ITEM(item, 0)) < 0 ||
        pyon_write_pair_middle(&walker->writer, PYON_CONTAINER_DICT) < 0)
        return -1;
    return walk_json(walker, PyTuple_GET_ITEM(item, 1));
}

static int walk_json_dict(struct walker *walker, PyObject *x)
{
    struct pyon_writer *writer = &walker->writer;
    PyObject *items = PyDict_GET_SIZE(x) > 0 ? PyMapping_Items(x) : PyList_New(0);
    size_t length;
    int status;

    if (!items)
        return -1;
    length = (size_t)PyList_GET_SIZE(items);
    status = pyon_write_begin(writer, PYON_CONTAINER_DICT, length);
    for (Py_ssize_t i = 0; status == 0 && i < PyList_GET_SIZE(items); i++) {
        if (i > 0)
            status = pyon_write_next(writer, PYON_CONTAINER_DICT, length);
        if (status == 0)
            status = walk_json_item(walker, PyList_GET_ITEM(items, i));
    }
    if (status == 0)
        status = pyon_write_end(writer, PYON_CONTAINER_DICT, length);
    Py_DECREF(items);
    return status;
}

/* For an empty container, json does not look whether it contains itself. */
static int walk_json_guarded(struct walker *walker, PyObject *x, PyObject *members, Py_ssize_t size,
                             int (*walk)(struct walker *, PyObject *))
{
    if (size == 0)
        return walk(walker, members);
    if (enter_parent(walker, x) < 0)
        return -1;
    return leave_parent(walker, x, walk(walker, members));
}

/* A list or tuple; of a subclass, the members that iteration gives. */
static int walk_json_members(struct walker *walker, PyObject *x)
{
    PyObject *members = PySequence_Fast(x, "a list or tuple has no members to iterate over");
    int status;

    if (!members)
        return -1;
    status = walk_json_guarded(walker, x, members, PySequence_Fast_GET_SIZE(members), walk_list);
    Py_DECREF(members);
    return status;
}

static int walk_json(struct walker *walker, PyObject *x)
{
    int status = walk_scalar(walker, x);

    if (status <= 0)
        return status;
    if (PyList_Check(x) || PyTuple_Check(x))
        return walk_json_members(walker, x);
    if (walk_enter(walker, x) < 0)
        return -1;
    status = compat_is_json_dict(x)
                 ? walk_json_guarded(walker, x, x, PyDict_GET_SIZE(x), walk_json_dict)
                 : walk_encoded(walker, x);
    walk_leave(walker);
    return status;
}

static int walk_twice(struct walker *walker, PyObject *x)
{
    int (*walk)(struct walker *, PyObject *) = walker->walk;
    PyObject *wrapped = PyObject_CallOneArg(walker->state->v2.wrap, x);
    bool takes_plain = walker->takes_plain;
    size_t due = walker->due;
    int status = -1;

    walker->walk = walk_json;
    walker->takes_plain = false;
    walker->due = SIZE_MAX;
    walker->parents = wrapped ? PySet_New(NULL) : NULL;
    if (walker->parents)
        status = walk_json(walker, wrapped);
    if (walker->parents && status < 0 && walker->writer.pretty)
        raise_as_generator(); /* which makes the layout in the reference */
    Py_CLEAR(walker->parents);
    Py_XDECREF(wrapped);
    walker->walk = walk;
    walker->takes_plain = takes_plain;
    walker->due = due;
    return status;
}

/* ---- Values and members ---- */

/* May two passes follow? Not if memory or stack were too small, since they need more. The error
   of a value comes again in the second pass; the exception of a signal handler would not. */
static bool is_tried_again(const struct walker *walker)
{
    return !walker->is_too_deep && (!PyErr_Occurred() || raise_forget());
}

/* json writes these without a look at the map. */
#define JSON_TYPES (1u << OWN_FLOAT | 1u << OWN_INT | 1u << OWN_STR)
#define PLAIN_TYPES (JSON_TYPES | 1u << OWN_NULL | 1u << OWN_BOOL | 1u << OWN_LIST | 1u << OWN_DICT)

static void start(struct walker *walker, struct state *state)
{
    walk_init(walker, state, &state->v2.maps, walk_whole_value);
    walker->own_types = JSON_TYPES;
    walker->takes_plain = true;
    walker->plain_types = PLAIN_TYPES;
    walker->tuple_type = state->v2.wrapped_tuple;
    walker->dict_kind = PYON_CONTAINER_DICT;
}

/* For text in pieces: each value may be tried again. */
static int walk_member(struct walker *walker, PyObject *x)
{
    struct text_place place = walk_place(walker);
    int status = walk_whole_value(walker, x);

    if (status >= 0 || walker->is_lost || !is_tried_again(walker))
        return status;
    walk_back(walker, &place);
    status = walk_twice(walker, x);
    walker->is_lost = status < 0;
    return status;
}

void walk_resume_v2(struct walker *walker, struct state *state)
{
    start(walker, state);
    walker->walk = walk_member;
}

/* Writes x by a walker that has been started. */
static PyObject *walk_text(struct walker *walker, PyObject *x, bool pretty, bool is_bytes)
{
    PyObject *text = walk_whole(walker, &pyon_v2, x, pretty, is_bytes);
    PyObject *frames = walker->frames;

    if (!text && walker->is_exact) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_TypeError, "PYON does not keep the types of all values");
    } else if (!text && is_tried_again(walker) &&
               (!frames || PyList_SetSlice(frames, 0, PyList_GET_SIZE(frames), NULL) == 0)) {
        walker->walk = walk_twice;
        walker->takes_plain = false;
        text = walk_whole(walker, &pyon_v2, x, pretty, is_bytes);
    }
    walk_done(walker);
    return text;
}

PyObject *walk_v2(struct state *state, PyObject *x, bool pretty, bool is_bytes)
{
    struct walker walker;

    start(&walker, state);
    return walk_text(&walker, x, pretty, is_bytes);
}

PyObject *walk_frames(struct state *state, PyObject *x, PyObject *frames, size_t least,
                      bool is_exact)
{
    struct walker walker;

    start(&walker, state);
    walker.frames = frames;
    walker.least = least;
    walker.is_exact = is_exact;
    return walk_text(&walker, x, false, true);
}
