/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Dicts that have the keys of an earlier one. To copy a dict and to exchange its values takes a third
 * of the time that it takes to enter the keys one by one, since nothing is hashed and nothing grows.
 *
 * A shape is a dict of some keys, each with None. It is made when its keys come for the second time.
 * The keys are compared by identity: most are the strs of the cache (string.c).
 */
#include "build/build.h"

#define LEAST 3 /* keys: below, entering them is as fast */
#define MOST 48

/* A number that depends on three of the keys and their count. Not 0. */
static inline uint64_t fingerprint(PyObject *const *pairs, size_t length)
{
    uint64_t hash = (uintptr_t)pairs[0] + length;

    hash = hash * UINT64_C(0x9e3779b97f4a7c15) + (uintptr_t)pairs[2 * (length / 2)];
    hash = hash * UINT64_C(0x9e3779b97f4a7c15) + (uintptr_t)pairs[2 * (length - 1)];
    return (hash ^ hash >> 32) | 1;
}

static inline struct shape *place(struct builder *builder, uint64_t print)
{
    return &builder->cache->shapes[print * UINT64_C(0x9e3779b97f4a7c15) >> (64 - SHAPE_BITS)];
}

static inline bool has_keys(PyObject *dict, PyObject *const *pairs, size_t length)
{
    const struct compat_entry *entries = compat_dict_entries(dict);

    if ((size_t)PyDict_GET_SIZE(dict) != length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (entries[i].key != pairs[2 * i])
            return false;
    return true;
}

/* As the interpreter decides it when a value is entered: may the collector have to look there? */
static inline bool may_be_tracked(PyObject *value)
{
    return PyType_IS_GC(Py_TYPE(value)) &&
           (!PyTuple_CheckExact(value) || PyObject_GC_IsTracked(value));
}

/* Moves the values into a copy of the shape, and drops the keys, which the shape has, too. */
static PyObject *fill(PyObject *shape, PyObject *const *pairs, size_t length)
{
    struct compat_entry *entries;
    bool tracked = false;
    PyObject *dict;

    Py_INCREF(shape); /* the collector may run, and a finalizer decode */
    dict = PyDict_Copy(shape);
    Py_DECREF(shape);
    if (!dict)
        return NULL;
    entries = compat_dict_entries(dict);
    for (size_t i = 0; i < length; i++) {
        PyObject *value = pairs[2 * i + 1];

        tracked |= may_be_tracked(value);
        entries[i].value = value;
        Py_DECREF(Py_None); /* the value in the copy */
        Py_DECREF(pairs[2 * i]);
    }
    if (tracked && !PyObject_GC_IsTracked(dict))
        PyObject_GC_Track(dict);
    return dict;
}

int build_shaped(struct builder *builder, PyObject *const *pairs, size_t length, PyObject **dict)
{
    struct shape *shape;

    if (length < LEAST || length > MOST || !builder->state->knows_entries)
        return 1;
    shape = place(builder, fingerprint(pairs, length));
    if (!shape->dict || !has_keys(shape->dict, pairs, length))
        return 1;
    *dict = fill(shape->dict, pairs, length);
    return *dict ? 0 : -1;
}

int build_note_shape(struct builder *builder, PyObject *const *pairs, size_t length, PyObject *dict)
{
    uint64_t print;
    struct shape *shape;
    PyObject *new;

    if (length < LEAST || length > MOST || !builder->state->knows_entries ||
        (size_t)PyDict_GET_SIZE(dict) != length)
        return 0;
    print = fingerprint(pairs, length);
    shape = place(builder, print);
    if (shape->seen != print) {
        shape->seen = print;
        return 0;
    }
    shape->seen = 0;
    if (!build_has_plain_keys(pairs, length))
        return 0;
    new = PyDict_New();
    for (size_t i = 0; new &&i < length; i++)
        if (PyDict_SetItem(new, pairs[2 * i], Py_None) < 0)
            Py_CLEAR(new);
    if (!new)
        return -1;
    Py_XSETREF(shape->dict, new);
    return 0;
}

/* ---- The inside of dicts ---- */

#if PY_VERSION_HEX < 0x030B0000 || PY_VERSION_HEX >= 0x030F0000 || defined(Py_GIL_DISABLED)

int compat_knows_entries(void)
{
    return 0;
}

#else

/* Is the entry of a key that is deleted seen as such, and a key that is no str? */
static int check_other_keys(PyObject *dict, Py_ssize_t length)
{
    PyObject *number = PyLong_FromLong(1);
    int status = number ? 1 : -1;

    if (status > 0 && PyDict_DelItem(dict, compat_dict_entries(dict)[0].key) < 0)
        status = -1;
    if (status > 0 &&
        (compat_dict_entry_count(dict) != length || compat_dict_entries(dict)[0].value))
        status = 0;
    if (status > 0 && PyDict_SetItem(dict, number, number) < 0)
        status = -1;
    if (status > 0 && compat_dict_entry_count(dict) >= 0)
        status = 0;
    Py_XDECREF(number);
    return status;
}

/* Is a dict of `length` keys, and its copy, what compat_dict_entries() takes it for? */
static int check_entries(Py_ssize_t length)
{
    PyObject *dict = PyDict_New(), *copy = NULL, *key, *value;
    Py_ssize_t position = 0;
    int status = dict ? 1 : -1;

    for (Py_ssize_t i = 0; status > 0 && i < length; i++) {
        key = PyUnicode_FromFormat("%zd", i);
        if (!key || PyDict_SetItem(dict, key, Py_None) < 0)
            status = -1;
        Py_XDECREF(key);
    }
    if (status > 0 && !(copy = PyDict_Copy(dict)))
        status = -1;
    if (status > 0) {
        const struct compat_keys *keys = (const void *)((PyDictObject *)copy)->ma_keys;

        if (keys->references != 1 || keys->entries != length || keys->log2_size > 7 ||
            keys->log2_index_bytes != keys->log2_size || compat_dict_entry_count(copy) != length)
            status = 0;
    }
    for (Py_ssize_t i = 0; status > 0 && PyDict_Next(copy, &position, &key, &value); i++)
        if (compat_dict_entries(copy)[i].key != key || compat_dict_entries(copy)[i].value != value)
            status = 0;
    if (status > 0)
        status = check_other_keys(copy, length);
    Py_XDECREF(copy);
    Py_XDECREF(dict);
    return status;
}

int compat_knows_entries(void)
{
    int status = 1;

    for (Py_ssize_t length = 1; status > 0 && length < 80; length += 1 + length / 4)
        status = check_entries(length);
    return status;
}

#endif
