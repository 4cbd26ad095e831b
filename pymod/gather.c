/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The type Gather: lines out of the pieces in which a pipe or socket gives them.
 *
 * The pieces are put into an ASCII str as they come (strout.c), and a long line becomes that str,
 * which is not copied. Only of ASCII a character is a byte. A str under construction may hold
 * anything: other lines are made bytes before anybody sees them.
 *
 *     start .......... begin .......... cur .......... end
 *           taken already     there         room
 *
 * No Python code runs while the state changes, so a signal handler that raises leaves nothing half
 * done. A line leaves by an attribute (`found` or `text`), after which the interpreter does not look
 * for signals, as it does after a call: the line could be lost on its way.
 *
 * Other code may run while a method fills the room. It cannot use the Gather then (`busy`).
 */
#include "ascii.h"
#include "file/transfer.h"
#include "line.h"
#include "state.h"
#include "strout.h"

#include <string.h>

#define PIECE ((Py_ssize_t)1 << 20) /* bytes between two looks at what a buffer can give up */
#define LONG_LINE ((size_t)1 << 20) /* from here on a line is worth a Line */

struct gather {
    PyObject ob_base;
    PyTypeObject *line_type;
    struct strout outputs[2]; /* the other one is empty, until a line of the first is taken */
    int current;
    size_t begin;    /* bytes that have been taken already */
    size_t searched; /* bytes after those in which there is no line end */
    size_t found;    /* bytes that are to be taken next */
    bool found_line; /* as a line, which may be a Line */
    bool ascii;      /* if not, this must be found out of each line */
    bool busy;
};

/* ---- The text ---- */

static struct pyon_out *out_of(struct gather *gather)
{
    return &gather->outputs[gather->current].out;
}

static char *text_of(struct gather *gather)
{
    return out_of(gather)->start + gather->begin;
}

static size_t count_of(struct gather *gather)
{
    return (size_t)(out_of(gather)->cur - text_of(gather));
}

/* Moves what is there to the start. */
static void compact(struct gather *gather)
{
    size_t count = count_of(gather);

    if (gather->begin == 0)
        return;
    memmove(out_of(gather)->start, text_of(gather), count);
    gather->begin = 0;
    out_of(gather)->cur = out_of(gather)->start + count;
}

static int make_room(struct gather *gather, size_t size)
{
    struct pyon_out *out = out_of(gather);

    compact(gather);
    return (size_t)(out->end - out->cur) < size ? out->grow(out, size) : 0;
}

/* The room has been filled with so many bytes. */
static void add(struct gather *gather, size_t size)
{
    struct pyon_out *out = out_of(gather);

    gather->ascii = gather->ascii && is_ascii(out->cur, size);
    out->cur += size;
}

/* The first bytes are taken. */
static void drop(struct gather *gather, size_t size)
{
    gather->begin += size;
    gather->searched = gather->found = 0;
    if (count_of(gather) > 0)
        return;
    out_of(gather)->cur = out_of(gather)->start;
    gather->begin = 0;
    gather->ascii = true;
}

static int check_idle(const struct gather *gather)
{
    if (!gather->busy)
        return 0;
    PyErr_SetString(PyExc_RuntimeError, "a line is being read already");
    return -1;
}

/* ---- Bytes come ---- */

PyDoc_STRVAR(fill_doc, "fill($self, readinto, size, /)\n--\n\n"
                       "Read up to size bytes by a method that fills a buffer: their number.");

static PyObject *fill(PyObject *self, PyObject *args)
{
    struct gather *gather = (struct gather *)self;
    Py_ssize_t size, count;
    PyObject *readinto;

    if (!PyArg_ParseTuple(args, "On:fill", &readinto, &size) || check_idle(gather) < 0)
        return NULL;
    if (size < 1) {
        PyErr_SetString(PyExc_ValueError, "size must be positive");
        return NULL;
    }
    if (make_room(gather, (size_t)size) < 0)
        return NULL;
    gather->busy = true;
    count = transfer_by_method(readinto, out_of(gather)->cur, size, PyBUF_WRITE);
    gather->busy = false;
    if (count > 0)
        add(gather, (size_t)count);
    if (count < 0 || PyErr_CheckSignals() < 0)
        return NULL;
    return PyLong_FromSsize_t(count);
}

/* Restores a bytearray of which the end has been taken, from `at` on. An exception is set, and stays. */
static void put_back(PyObject *buffer, Py_ssize_t at, const char *taken, Py_ssize_t size,
                     PyObject *rest)
{
    PyObject *type, *value, *traceback;
    Py_ssize_t end = at + size;

    PyErr_Fetch(&type, &value, &traceback);
    if (PyByteArray_Resize(buffer, end + PyBytes_GET_SIZE(rest)) == 0) {
        memcpy(PyByteArray_AS_STRING(buffer) + at, taken, (size_t)size);
        memcpy(PyByteArray_AS_STRING(buffer) + end, PyBytes_AS_STRING(rest),
               (size_t)PyBytes_GET_SIZE(rest));
    }
    PyErr_Restore(type, value, traceback);
}

/*
 * Moves `size` bytes at the start of a bytearray, from their end: only from there a bytearray shrinks
 * in place. It does when it is half empty, so that there is never more than the text and a half. What
 * stays is shorter than that and put aside. If it cannot shrink, all is put back.
 */
static int move_long(PyObject *buffer, char *to, Py_ssize_t size)
{
    Py_ssize_t left = size, rest = PyByteArray_GET_SIZE(buffer) - size;
    PyObject *aside = PyBytes_FromStringAndSize(PyByteArray_AS_STRING(buffer) + size, rest);
    int status = aside ? PyByteArray_Resize(buffer, size) : -1;

    while (status == 0 && left > 0) {
        Py_ssize_t piece = left < PIECE ? left : PIECE;

        left -= piece;
        memcpy(to + left, PyByteArray_AS_STRING(buffer) + left, (size_t)piece);
        status = PyByteArray_Resize(buffer, left > rest ? left : rest);
    }
    if (status == 0)
        memcpy(PyByteArray_AS_STRING(buffer), PyBytes_AS_STRING(aside), (size_t)rest);
    else if (aside)
        put_back(buffer, left, to + left, size - left, aside);
    Py_XDECREF(aside);
    return status;
}

static int move_bytes(PyObject *buffer, char *to, Py_ssize_t size)
{
    if (size >= PIECE && PyByteArray_GET_SIZE(buffer) - size <= size)
        return move_long(buffer, to, size);
    memcpy(to, PyByteArray_AS_STRING(buffer), (size_t)size);
    return PySequence_DelSlice(buffer, 0, size);
}

/* For methods that take a bytearray, whose memory they change. */
static int check_buffer(PyObject *buffer)
{
    if (PyByteArray_CheckExact(buffer))
        return 0;
    PyErr_SetString(PyExc_TypeError, "a bytearray is needed");
    return -1;
}

PyDoc_STRVAR(move_doc, "move($self, buffer, /)\n--\n\n"
                       "Take what is in a bytearray, up to the end of its first line.");

static PyObject *move(PyObject *self, PyObject *buffer)
{
    struct gather *gather = (struct gather *)self;
    const char *text, *end;
    size_t size;

    if (check_buffer(buffer) < 0 || check_idle(gather) < 0)
        return NULL;
    text = PyByteArray_AS_STRING(buffer);
    size = (size_t)PyByteArray_GET_SIZE(buffer);
    end = memchr(text, '\n', size);
    if (end)
        size = (size_t)(end + 1 - text);
    if (size > 0) {
        if (make_room(gather, size) < 0 ||
            move_bytes(buffer, out_of(gather)->cur, (Py_ssize_t)size) < 0)
            return NULL;
        add(gather, size);
    }
    Py_RETURN_NONE;
}

PyDoc_STRVAR(give_back_doc, "give_back($self, buffer, /)\n--\n\n"
                            "Put all that is there before what is in a bytearray.");

static PyObject *give_back(PyObject *self, PyObject *buffer)
{
    struct gather *gather = (struct gather *)self;
    size_t count = count_of(gather), size;
    char *text;

    if (check_buffer(buffer) < 0 || check_idle(gather) < 0)
        return NULL;
    size = (size_t)PyByteArray_GET_SIZE(buffer);
    if (PyByteArray_Resize(buffer, (Py_ssize_t)(size + count)) < 0)
        return NULL;
    text = PyByteArray_AS_STRING(buffer);
    memmove(text + count, text, size);
    memcpy(text, text_of(gather), count);
    drop(gather, count);
    Py_RETURN_NONE;
}

/* ---- What is found ---- */

PyDoc_STRVAR(find_line_doc,
             "find_line($self, most, is_last, /)\n--\n\n"
             "Is a line there, which is `found` then? The last one may have no end.\n\n"
             "If it has more bytes than most, they are dropped: ValueError.");

static PyObject *find_line(PyObject *self, PyObject *args)
{
    struct gather *gather = (struct gather *)self;
    size_t size = count_of(gather);
    const char *text = text_of(gather), *end;
    Py_ssize_t most;
    int is_last;

    if (!PyArg_ParseTuple(args, "np:find_line", &most, &is_last) || check_idle(gather) < 0)
        return NULL;
    end = memchr(text + gather->searched, '\n', size - gather->searched);
    if (end)
        size = (size_t)(end + 1 - text);
    else
        gather->searched = size;
    if ((Py_ssize_t)size > most) {
        drop(gather, size);
        return PyErr_Format(PyExc_ValueError,
                            "a line of %zu bytes or more is longer than the limit of %zd bytes "
                            "(FASTPYON_MAX_LINE sets it)",
                            size, most);
    }
    gather->found = end || is_last ? size : 0;
    gather->found_line = true;
    return PyBool_FromLong(end || is_last);
}

PyDoc_STRVAR(find_doc, "find($self, size, /)\n--\n\n"
                       "The first bytes are `found` then: size of them, or all.");

static PyObject *find(PyObject *self, PyObject *number)
{
    struct gather *gather = (struct gather *)self;
    size_t size = PyLong_AsSize_t(number);

    if (size == (size_t)-1 && PyErr_Occurred())
        return NULL;
    gather->found = size < count_of(gather) ? size : count_of(gather);
    gather->found_line = false;
    Py_RETURN_NONE;
}

/* ---- What is taken ---- */

static int copy(struct pyon_out *out, const char *text, size_t size)
{
    if ((size_t)(out->end - out->cur) < size && out->grow(out, size) < 0)
        return -1;
    memcpy(out->cur, text, size);
    out->cur += size;
    return 0;
}

/* A long line: the str in which it is. The other output gets what comes after it. */
static PyObject *take_line(struct gather *gather)
{
    struct strout *strout = &gather->outputs[gather->current];
    struct strout *other = &gather->outputs[!gather->current];
    size_t rest = count_of(gather) - gather->found;
    PyObject *line = line_begin(gather->line_type), *text = NULL;

    compact(gather);
    if (line && copy(&other->out, strout->out.cur - rest, rest) == 0) {
        strout->out.cur -= rest;
        text = strout_finish(strout);
    }
    if (!text) {
        strout->out.cur = strout->out.start + gather->found + rest;
        strout_drop(other);
        Py_XDECREF(line);
        return NULL;
    }
    line_end(line, text);
    gather->current = !gather->current;
    gather->ascii = is_ascii(other->out.start, rest);
    drop(gather, 0);
    return line;
}

static PyObject *get_found(PyObject *self, void *unused)
{
    struct gather *gather = (struct gather *)self;
    PyObject *bytes;

    (void)unused;
    if (check_idle(gather) < 0)
        return NULL;
    if (gather->found_line && gather->found >= LONG_LINE &&
        (gather->ascii || is_ascii(text_of(gather), gather->found)))
        return take_line(gather);
    bytes = PyBytes_FromStringAndSize(text_of(gather), (Py_ssize_t)gather->found);
    if (bytes)
        drop(gather, gather->found);
    return bytes;
}

static PyObject *get_text(PyObject *self, void *unused)
{
    struct gather *gather = (struct gather *)self;
    PyObject *text;

    (void)unused;
    if (check_idle(gather) < 0)
        return NULL;
    if (gather->ascii) {
        compact(gather);
        text = strout_finish(&gather->outputs[gather->current]);
    } else {
        text = PyUnicode_DecodeUTF8(text_of(gather), (Py_ssize_t)count_of(gather), NULL);
    }
    if (text || PyErr_ExceptionMatches(PyExc_UnicodeDecodeError))
        drop(gather, count_of(gather));
    return text;
}

static Py_ssize_t length(PyObject *self)
{
    return (Py_ssize_t)count_of((struct gather *)self);
}

/* ---- The type ---- */

static PyObject *new_gather(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    PyTypeObject *line_type;
    struct gather *gather;

    if (keywords && PyDict_GET_SIZE(keywords) > 0) {
        PyErr_SetString(PyExc_TypeError, "a Gather takes no keyword arguments");
        return NULL;
    }
    if (!PyArg_ParseTuple(args, "O!:Gather", &PyType_Type, &line_type))
        return NULL;
    if (!line_is_type(line_type)) {
        PyErr_SetString(PyExc_TypeError, "a subclass of Line is needed");
        return NULL;
    }
    gather = (struct gather *)type->tp_alloc(type, 0);
    if (gather) {
        strout_init(&gather->outputs[0], false);
        strout_init(&gather->outputs[1], false);
        gather->line_type = (PyTypeObject *)Py_NewRef(line_type);
        gather->ascii = true;
    }
    return (PyObject *)gather;
}

static void dealloc(PyObject *self)
{
    struct gather *gather = (struct gather *)self;
    PyTypeObject *type = Py_TYPE(self);

    strout_drop(&gather->outputs[0]);
    strout_drop(&gather->outputs[1]);
    Py_DECREF(gather->line_type);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"fill", fill, METH_VARARGS, fill_doc},
    {"move", move, METH_O, move_doc},
    {"give_back", give_back, METH_O, give_back_doc},
    {"find_line", find_line, METH_VARARGS, find_line_doc},
    {"find", find, METH_O, find_doc},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef attributes[] = {
    {"found", get_found, NULL, "What was found, as bytes or a Line. It is taken.", NULL},
    {"text", get_text, NULL, "All that is there, as a str. It is taken.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Gather(line_type): lines that come in pieces. line_type is a subclass of Line."},
    {Py_tp_new, new_gather},
    {Py_tp_dealloc, dealloc},
    {Py_tp_methods, methods},
    {Py_tp_getset, attributes},
    {Py_sq_length, length},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "fastpyon._core.Gather",
    .basicsize = sizeof(struct gather),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = slots,
};

int gather_init(PyObject *module)
{
    return add_type(module, &spec);
}
