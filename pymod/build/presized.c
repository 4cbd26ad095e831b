/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Dicts of many keys, made at their final size. A dict that grows enters all its keys anew each time,
 * and looks at each of them: that is a sixth of the time of a large one.
 *
 * No function of CPython's interface makes a dict of a given size that is meant for strs, which is the
 * smaller kind. But the interpreter does so for the named arguments of a call. So there is an object
 * that is called with the keys as names, and returns the dict that it gets.
 */
#include "build/build.h"

#define LEAST 12 /* keys: a smaller dict grows as fast */

/* CPython takes a table of twice the size that is needed if 3/2 of the length, rounded up, is a power of
   two, as of 21 or 85. */
static bool would_be_larger(size_t length)
{
    size_t size = (3 * length + 1) / 2;

    return (size & (size - 1)) == 0;
}

bool build_may_presize(PyObject *const *pairs, size_t length)
{
    return length >= LEAST && !would_be_larger(length) && build_has_plain_keys(pairs, length);
}

/* Makes a dict anew that has room for more keys than it has, since some came twice. Steals it. */
static PyObject *shrunk(PyObject *dict)
{
    PyObject *smaller = PyDict_New(), *key, *value;
    Py_ssize_t position = 0;

    while (smaller && PyDict_Next(dict, &position, &key, &value))
        if (PyDict_SetItem(smaller, key, value) < 0)
            Py_CLEAR(smaller);
    Py_DECREF(dict);
    return smaller;
}

int build_presized(struct builder *builder, size_t length)
{
    PyObject **pairs = builder->values + builder->count - 2 * length;
    PyObject *names = PyTuple_New((Py_ssize_t)length), *dict;

    if (!names)
        return -1;
    for (size_t i = 0; i < length; i++) {
        PyTuple_SET_ITEM(names, (Py_ssize_t)i, pairs[2 * i]);
        pairs[i] = pairs[2 * i + 1];
    }
    builder->count -= length;
    dict = PyObject_Vectorcall(builder->state->dict_maker, pairs, 0, names);
    Py_DECREF(names);
    if (dict && (size_t)PyDict_GET_SIZE(dict) < length)
        dict = shrunk(dict);
    return build_replace(builder, length, dict);
}

/* ---- The object that is called ---- */

static PyObject *take_names(PyObject *self, PyObject *positional, PyObject *named)
{
    (void)self, (void)positional;
    return Py_NewRef(named);
}

static int traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static void dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);

    PyObject_GC_UnTrack(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyType_Slot slots[] = {
    {Py_tp_call, take_names},
    {Py_tp_traverse, traverse},
    {Py_tp_dealloc, dealloc},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "fastpyon._core.DictMaker",
    .basicsize = sizeof(PyObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};

int presized_init(PyObject *module, struct state *state)
{
    PyObject *type = new_type(module, &spec);

    if (!type)
        return -1;
    state->dict_maker = PyType_GenericAlloc((PyTypeObject *)type, 0);
    Py_DECREF(type);
    return state->dict_maker ? 0 : -1;
}
