/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The type Line: a long line of ASCII, which is a str and gives its bytes by the buffer protocol.
 *
 * A reader of a pipe or socket usually has a line as bytes, and decodes them: then the text is in
 * memory twice. A Line is a str from the start (gather.c). _swap/streams.py adds the methods of
 * bytes.
 */
#include "line.h"
#include "state.h"

struct line_object {
    PyObject ob_base;
    PyObject *text;
};

static PyObject *line_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    PyObject *text, *line;

    if (keywords && PyDict_GET_SIZE(keywords) > 0) {
        PyErr_SetString(PyExc_TypeError, "a Line takes no keyword arguments");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "U:Line", &text))
        return NULL;
    if (!PyUnicode_IS_COMPACT_ASCII(text)) {
        PyErr_SetString(PyExc_ValueError, "the text is not ASCII");
        return NULL;
    }
    line = type->tp_alloc(type, 0);
    if (line)
        ((struct line_object *)line)->text = Py_NewRef(text);
    return line;
}

/* No other code sees this line before line_end() gives it its text. */
PyObject *line_begin(PyTypeObject *type)
{
    return type->tp_alloc(type, 0);
}

void line_end(PyObject *line, PyObject *text)
{
    ((struct line_object *)line)->text = text;
}

static void line_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);

    Py_XDECREF(((struct line_object *)self)->text);
    type->tp_free(self);
    Py_DECREF(type);
}

static int line_buffer(PyObject *self, Py_buffer *view, int flags)
{
    PyObject *text = ((struct line_object *)self)->text;

    return PyBuffer_FillInfo(view, self, PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text), 1,
                             flags);
}

static Py_ssize_t line_length(PyObject *self)
{
    return PyUnicode_GET_LENGTH(((struct line_object *)self)->text);
}

static PyObject *line_text(PyObject *self, void *unused)
{
    (void)unused;
    return Py_NewRef(((struct line_object *)self)->text);
}

static PyGetSetDef line_attributes[] = {
    {"text", line_text, NULL, "The line as a str.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot line_slots[] = {
    {Py_tp_doc, "Line(text, /)\n--\n\nThe bytes of an ASCII str, which are not copied."},
    {Py_tp_new, line_new},
    {Py_tp_dealloc, line_dealloc},
    {Py_tp_getset, line_attributes},
    {Py_sq_length, line_length},
    {Py_bf_getbuffer, line_buffer},
    {0, NULL},
};

static PyType_Spec line_spec = {
    .name = "fastpyon._core.Line",
    .basicsize = sizeof(struct line_object),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = line_slots,
};

bool line_is_type(PyTypeObject *type)
{
    while (type && type->tp_dealloc != line_dealloc)
        type = type->tp_base;
    return type != NULL;
}

int line_init(PyObject *module)
{
    return add_type(module, &line_spec);
}
