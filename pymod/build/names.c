/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The questions of version 1 to Python. They are about names that programs have added to the map of
 * names, attributes of values (they decide the class of an error), Unicode names of characters, and
 * errors of syntax further on in the text. No text is evaluated.
 */
#include "build/build.h"
#include "raise.h"
#include "state.h"

#include <stdatomic.h>
#include <string.h>

/* The entry of the map of names: new, NULL without an exception if there is none. */
static PyObject *find_name(struct builder *builder, const char *name, size_t length)
{
    PyObject *key, *value;

    if (length == 12 && memcmp(name, "__builtins__", 12) == 0)
        return NULL; /* it is in the map only because eval needs it in the reference */
    key = PyUnicode_FromStringAndSize(name, (Py_ssize_t)length);
    if (!key)
        return NULL;
    value = compat_dict_find(builder->map, key);
    Py_DECREF(key);
    return value;
}

/* A question can be answered only by yes or no. If it has raised an exception, neither is right:
   the exception is kept until the parser has stopped. The first one counts. */
static void keep_error(struct builder *builder)
{
    PyObject *exception = PyErr_Occurred() ? raise_take() : NULL;

    if (!builder->unanswered)
        builder->unanswered = exception;
    else
        Py_XDECREF(exception);
}

bool build_callable(void *self, const char *name, size_t length)
{
    PyObject *value = find_name(self, name, length);
    bool callable = value && PyCallable_Check(value);

    keep_error(self);
    Py_XDECREF(value);
    return callable;
}

bool build_attribute(void *self, const char *name, size_t length)
{
    struct builder *builder = self;
    PyObject *key = PyUnicode_FromStringAndSize(name, (Py_ssize_t)length);
    bool found = false;

    assert(builder->count > 0);
    if (key) /* in the type, which runs no foreign code */
        found = compat_type_lookup(Py_TYPE(builder->values[builder->count - 1]), key) != NULL;
    Py_XDECREF(key);
    keep_error(builder);
    return found;
}

int build_name(void *self, const char *name, size_t length)
{
    struct builder *builder = self;
    PyObject *value = find_name(self, name, length);

    if (!value)
        return PyErr_Occurred() ? -1 : 1;
    builder->foreign = true; /* the value may be of any class */
    return push(builder, value);
}

/* unicodedata.lookup, borrowed. The first thread that needs it keeps it for all. */
static PyObject *find_lookup(struct state *state)
{
    PyObject *kept = state->lookup, *lookup, *unicodedata;

    if (kept)
        return kept;
    unicodedata = PyImport_ImportModule("unicodedata");
    if (!unicodedata)
        return NULL;
    lookup = PyObject_GetAttrString(unicodedata, "lookup");
    Py_DECREF(unicodedata);
    if (!lookup || atomic_compare_exchange_strong(&state->lookup, &kept, lookup))
        return lookup;
    Py_DECREF(lookup);
    return kept;
}

int build_character(void *self, const char *name, size_t length, uint32_t *code_point)
{
    PyObject *lookup = find_lookup(((struct builder *)self)->state), *str;
    int status = 1;

    if (!lookup)
        return -1;
    str = PyObject_CallFunction(lookup, "s#", name, (Py_ssize_t)length);
    if (!str) {
        if (!PyErr_ExceptionMatches(PyExc_KeyError))
            return -1;
        PyErr_Clear();
        return 1;
    }
    if (PyUnicode_GET_LENGTH(str) == 1) { /* else it is a named sequence */
        *code_point = PyUnicode_READ_CHAR(str, 0);
        status = 0;
    }
    Py_DECREF(str);
    return status;
}

static int check_name(void *self, const char *name, size_t length)
{
    PyObject *value = find_name(self, name, length);

    Py_XDECREF(value);
    return value ? 0 : PyErr_Occurred() ? -1 : 1;
}

static int check_bigint(void *self, const char *text, size_t length, unsigned base)
{
    struct builder *builder = self;

    if (build_bigint_v1(self, text, length, base) < 0)
        return -1;
    Py_DECREF(builder->values[--builder->count]);
    return 0;
}

/* Is this an error of syntax? `error` has it, or it is set as an exception. */
static bool is_syntax_error(const struct pyon_error *error)
{
    if (error->code == PYON_ERROR_HOST)
        return PyErr_ExceptionMatches(PyExc_SyntaxError);
    return error->code != PYON_ERROR_MEMORY && !pyon_error_is_evaluation(error->code) &&
           !pyon_error_is_refusal(error->code);
}

void build_prefer_syntax_error(struct builder *builder, const char *text, size_t length)
{
    struct pyon_builder checker = pyon_null_builder;
    PyObject *exception = raise_take(), *syntax_error;
    struct pyon_error other;

    checker.bigint = check_bigint;
    checker.callable = build_callable;
    checker.name = check_name;
    checker.character = build_character;
    if (pyon_parse(&pyon_v1, text, length, &checker, builder, NULL, &other) == 0 ||
        !is_syntax_error(&other)) {
        raise_again(exception);
        return;
    }
    raise_v1(builder->state, text, length, &other);
    syntax_error = raise_take();
    PyException_SetContext(syntax_error, exception);
    raise_again(syntax_error);
}
