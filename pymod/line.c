/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Lines received: bytes that are a str already.
 *
 * Who reads a line from a pipe or socket has it as bytes, and decodes them: the text is there twice,
 * and a third time while a stream takes the line out of its buffer. Here a line is a str from the
 * start. A Gather puts pieces into a str as they come; take_text moves what is in the buffer of a
 * stream already, and the buffer gives up its memory meanwhile. A Line lends the str to all that
 * wants bytes; _swap_streams.py adds what else bytes can.
 *
 * Only of ASCII a character is a byte. A str under construction may hold anything: what is not
 * ASCII is made bytes before anybody sees it.
 */
#include "line.h"
#include "ascii.h"
#include "state.h"
#include "strout.h"

#include <string.h>

#define PIECE ((Py_ssize_t)1 << 20) /* bytes between two looks at what the buffer can give up */

/* ---- take_text ---- */

/*
 * Moves `size` bytes at the start of a bytearray into `data`, from their end: only from there a
 * bytearray shrinks in place. It does when it is half empty, so that there is never more than
 * the text and a half. Returns 1 if they are ASCII, 0 if not, or -1.
 */
static int move_all(PyObject *buffer, char *data, Py_ssize_t size)
{
    int ascii = 1;

    while (size > 0) {
        Py_ssize_t piece = size < PIECE ? size : PIECE;

        size -= piece;
        memcpy(data + size, PyByteArray_AS_STRING(buffer) + size, (size_t)piece);
        ascii = ascii && is_ascii(data + size, (size_t)piece);
        if (PyByteArray_Resize(buffer, size) < 0)
            return -1;
    }
    return ascii;
}

/* Puts bytes at the end of a bytearray. */
static int put_back(PyObject *buffer, PyObject *bytes)
{
    Py_ssize_t start = PyByteArray_GET_SIZE(buffer), size = PyBytes_GET_SIZE(bytes);

    if (PyByteArray_Resize(buffer, start + size) < 0)
        return -1;
    memcpy(PyByteArray_AS_STRING(buffer) + start, PyBytes_AS_STRING(bytes), (size_t)size);
    return 0;
}

PyObject *line_take(PyObject *buffer, Py_ssize_t size)
{
    Py_ssize_t length = PyByteArray_GET_SIZE(buffer);
    PyObject *rest, *text;
    int ascii;

    if (size < 0 || size > length) {
        PyErr_SetString(PyExc_ValueError, "the buffer is shorter than that");
        return NULL;
    }
    rest = PyBytes_FromStringAndSize(PyByteArray_AS_STRING(buffer) + size, length - size);
    text = rest ? PyUnicode_New(size, 127) : NULL;
    /* Shortened while nothing has been moved yet, in case that somebody has a view of it. */
    if (!text || PyByteArray_Resize(buffer, size) < 0) {
        Py_XDECREF(rest);
        Py_XDECREF(text);
        return NULL;
    }
    if (size > 0)
        advise_object(text, PyUnicode_DATA(text), (size_t)size);
    ascii = move_all(buffer, PyUnicode_DATA(text), size);
    if (ascii == 0)
        Py_SETREF(text, PyBytes_FromStringAndSize(PyUnicode_DATA(text), size));
    if (ascii < 0 || put_back(buffer, rest) < 0)
        Py_CLEAR(text);
    Py_DECREF(rest);
    return text;
}

PyObject *line_take_text(PyObject *module, PyObject *args)
{
    PyObject *buffer;
    Py_ssize_t size;

    (void)module;
    if (!PyArg_ParseTuple(args, "Yn:take_text", &buffer, &size))
        return NULL;
    return line_take(buffer, size);
}

/* ---- Gather ---- */

struct gather {
    PyObject ob_base;
    struct strout strout;
    bool ascii;
};

static PyObject *new_gather(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    struct gather *gather;

    (void)args, (void)keywords;
    gather = (struct gather *)type->tp_alloc(type, 0);
    if (gather) {
        strout_init(&gather->strout, false);
        gather->ascii = true;
    }
    return (PyObject *)gather;
}

static void free_gather(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);

    strout_drop(&((struct gather *)self)->strout);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *gather_append(PyObject *self, PyObject *data)
{
    struct gather *gather = (struct gather *)self;
    struct pyon_out *out = &gather->strout.out;
    Py_buffer view;
    int status = 0;

    if (PyObject_GetBuffer(data, &view, PyBUF_SIMPLE) < 0)
        return NULL;
    if (out->end - out->cur < view.len)
        status = out->grow(out, (size_t)view.len);
    if (status == 0 && view.len > 0) {
        memcpy(out->cur, view.buf, (size_t)view.len);
        gather->ascii = gather->ascii && is_ascii(out->cur, (size_t)view.len);
        out->cur += view.len;
    }
    PyBuffer_Release(&view);
    if (status < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *gather_take(PyObject *self, PyObject *unused)
{
    struct gather *gather = (struct gather *)self;
    PyObject *text = strout_finish(&gather->strout);

    (void)unused;
    if (text && !gather->ascii)
        Py_SETREF(text,
                  PyBytes_FromStringAndSize(PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text)));
    gather->ascii = true;
    return text;
}

static Py_ssize_t gather_length(PyObject *self)
{
    const struct pyon_out *out = &((struct gather *)self)->strout.out;

    return out->cur - out->start;
}

static PyMethodDef gather_methods[] = {
    {"append", gather_append, METH_O, "append(data): put bytes behind those that are there."},
    {"take", gather_take, METH_NOARGS,
     "take(): all of it, as str, or as bytes if it is not ASCII; then it is empty."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot gather_slots[] = {
    {Py_tp_doc, "Gather(): a line that comes in pieces."},
    {Py_tp_new, new_gather},
    {Py_tp_dealloc, free_gather},
    {Py_tp_methods, gather_methods},
    {Py_sq_length, gather_length},
    {0, NULL},
};

static PyType_Spec gather_spec = {
    .name = "fastpyon._core.Gather",
    .basicsize = sizeof(struct gather),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = gather_slots,
};

/* ---- Line ---- */

struct line {
    PyObject ob_base;
    PyObject *text;
};

static PyObject *new_line(PyTypeObject *type, PyObject *args, PyObject *keywords)
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
        ((struct line *)line)->text = Py_NewRef(text);
    return line;
}

static void free_line(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);

    Py_XDECREF(((struct line *)self)->text);
    type->tp_free(self);
    Py_DECREF(type);
}

static int line_buffer(PyObject *self, Py_buffer *view, int flags)
{
    PyObject *text = ((struct line *)self)->text;

    return PyBuffer_FillInfo(view, self, PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text), 1,
                             flags);
}

static Py_ssize_t line_length(PyObject *self)
{
    return PyUnicode_GET_LENGTH(((struct line *)self)->text);
}

static PyObject *line_text(PyObject *self, void *unused)
{
    (void)unused;
    return Py_NewRef(((struct line *)self)->text);
}

static PyGetSetDef line_attributes[] = {
    {"text", line_text, NULL, "The line as a str.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot line_slots[] = {
    {Py_tp_doc, "Line(text): the bytes of an ASCII str, which are not copied."},
    {Py_tp_new, new_line},
    {Py_tp_dealloc, free_line},
    {Py_tp_getset, line_attributes},
    {Py_sq_length, line_length},
    {Py_bf_getbuffer, line_buffer},
    {0, NULL},
};

static PyType_Spec line_spec = {
    .name = "fastpyon._core.Line",
    .basicsize = sizeof(struct line),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = line_slots,
};

int line_add_types(PyObject *module)
{
    return add_type(module, &gather_spec) < 0 ? -1 : add_type(module, &line_spec);
}
