/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The state of the module. The Python modules fill it, and it is dropped with the module.
 *
 * The modules pyon and pyon_v1 own the maps of types and names, which programs look into and
 * change. Each module calls bind_v1 or bind_v2 once, and gives all its parts by keyword.
 */
#include "state.h"

/* ---- Bindings ---- */

/* A keyword of bind_v1 or bind_v2, and where its value is kept. */
struct binding {
    const char *keyword;
    size_t offset;
};

#define ROW(dialect, member)                                                                       \
    {                                                                                              \
        .keyword = #member, .offset = offsetof(struct state, dialect.member)                       \
    }
#define MAPS(dialect)                                                                              \
    ROW(dialect.maps, types), ROW(dialect.maps, own_types), ROW(dialect.maps, names),              \
        ROW(dialect.maps, own_names), ROW(dialect.maps, know_numpy)
static const struct binding bindings_v1[] = {
    MAPS(v1),          ROW(v1, encode),    ROW(v1, source_text), ROW(v1, null_error),
    ROW(v1, fraction), ROW(v1, namespace), ROW(v1, encoder),     ROW(v1, ordered_dict),
    {NULL, 0},
};
static const struct binding bindings_v2[] = {
    MAPS(v2),
    ROW(v2, wrap),
    ROW(v2, wrapped_tuple),
    ROW(v2, wrapped_dict),
    ROW(v2, encode),
    ROW(v2, decode),
    ROW(v2, object_hook),
    ROW(v2, decode_error),
    ROW(v2, fraction),
    ROW(v2, assertions),
    ROW(v2, detect_encoding),
    ROW(v2, ordered_dict),
    ROW(v2, scan_string),
    {NULL, 0},
};
#undef MAPS
#undef ROW

static PyObject **member(struct state *state, const struct binding *binding)
{
    return (PyObject **)((char *)state + binding->offset);
}

static int traverse_bindings(struct state *state, const struct binding *binding, visitproc visit,
                             void *arg)
{
    for (; binding->keyword; binding++)
        Py_VISIT(*member(state, binding));
    return 0;
}

static void clear_bindings(struct state *state, const struct binding *binding)
{
    for (; binding->keyword; binding++)
        Py_CLEAR(*member(state, binding));
}

int state_traverse(PyObject *module, visitproc visit, void *arg)
{
    struct state *state = PyModule_GetState(module);
    int status = traverse_bindings(state, bindings_v1, visit, arg);

    if (status == 0)
        status = traverse_bindings(state, bindings_v2, visit, arg);
    if (status != 0)
        return status;
    Py_VISIT(state->lookup);
    Py_VISIT(state->fraction);
    Py_VISIT(state->budget_limit);
    Py_VISIT(state->budget_spend);
    Py_VISIT(state->stream_error);
    Py_VISIT(state->pieces_type);
    Py_VISIT(state->file_type);
    Py_VISIT(state->dict_maker);
    return 0;
}

int state_clear(PyObject *module)
{
    struct state *state = PyModule_GetState(module);

    clear_bindings(state, bindings_v1);
    clear_bindings(state, bindings_v2);
    Py_CLEAR(state->tag);
    Py_CLEAR(state->nan);
    Py_CLEAR(state->lookup);
    Py_CLEAR(state->fraction);
    Py_CLEAR(state->budget_limit);
    Py_CLEAR(state->budget_spend);
    Py_CLEAR(state->stream_error);
    Py_CLEAR(state->pieces_type);
    Py_CLEAR(state->file_type);
    Py_CLEAR(state->dict_maker);
    Py_CLEAR(state->numerator);
    Py_CLEAR(state->denominator);
    Py_CLEAR(state->encoder_name);
    Py_CLEAR(state->class_name);
    for (int i = 0; i < CONSTRUCTOR_OTHER; i++)
        Py_CLEAR(state->constructors[i]);
    cache_end(&state->cache);
    return 0;
}

PyObject *new_type(PyObject *module, PyType_Spec *spec)
{
    PyObject *type = PyType_FromModuleAndSpec(module, spec, NULL);

    if (!type && !PyErr_Occurred()) /* Python 3.11 sets none without memory */
        PyErr_NoMemory();
    return type;
}

int add_type(PyObject *module, PyType_Spec *spec)
{
    PyObject *type = new_type(module, spec);
    int status = type ? PyModule_AddType(module, (PyTypeObject *)type) : -1;

    Py_XDECREF(type);
    return status;
}

/* ---- Binding ---- */

/* The value of a keyword, borrowed. */
static PyObject *find_keyword(PyObject *keywords, const char *name)
{
    PyObject *key = PyUnicode_FromString(name), *value = NULL;

    if (key && keywords)
        value = PyDict_GetItemWithError(keywords, key);
    if (!value && !PyErr_Occurred())
        PyErr_Format(PyExc_TypeError, "%s is missing", name);
    Py_XDECREF(key);
    return value;
}

#define MOST_BINDINGS 20
_Static_assert(sizeof bindings_v1 / sizeof *bindings_v1 <= MOST_BINDINGS,
               "bind() has a place for each");
_Static_assert(sizeof bindings_v2 / sizeof *bindings_v2 <= MOST_BINDINGS,
               "bind() has a place for each");

/* Keeps the new values of the bindings, all or none. The old values are retired after all have been
   exchanged: their finalizers may encode and decode. */
static int exchange(struct state *state, PyObject *keywords, const struct binding *binding)
{
    PyObject *values[MOST_BINDINGS];
    size_t count = 0;

    for (; binding[count].keyword; count++) {
        values[count] = Py_XNewRef(find_keyword(keywords, binding[count].keyword));
        if (!values[count])
            break;
    }
    if (binding[count].keyword) {
        while (count > 0)
            Py_DECREF(values[--count]);
        return -1;
    }
    for (size_t i = 0; i < count; i++)
        values[i] = state_exchange(member(state, &binding[i]), values[i]);
    for (size_t i = 0; i < count; i++)
        compat_retire(values[i]);
    return 0;
}

static PyObject *bind(struct state *state, PyObject *keywords, const struct binding *binding)
{
    PyObject *name = find_keyword(keywords, "module");

    return name && exchange(state, keywords, binding) == 0 ? name : NULL;
}

PyObject *state_bind_v1(struct state *state, PyObject *keywords)
{
    return bind(state, keywords, bindings_v1);
}

PyObject *state_bind_v2(struct state *state, PyObject *keywords)
{
    return bind(state, keywords, bindings_v2);
}
