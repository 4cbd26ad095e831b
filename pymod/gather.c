/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The type Gather: lines out of the pieces in which a pipe or socket gives them.
 *
 * The pieces are put into an ASCII str as they come (strout.c). A long line of ASCII, in which each
 * character is a byte, becomes that str without a copy. Other lines are copied into bytes. The str
 * may hold any bytes until then, since no other code sees it.
 *
 *     start .......... begin .......... cur .......... end
 *           taken already     there         room
 *
 * No Python code runs while the state changes. So if a signal handler raises, nothing is half done.
 * A line is returned by an attribute (`found` or `text`), since the interpreter runs signal
 * handlers after a call, but not after an attribute: a line that a call returns could be lost.
 *
 * Other code may run while a method fills the room. It cannot use the Gather then (`busy`). With
 * free threads, each method works in a section (compat.h).
 */
#include "ascii.h"
#include "file/transfer.h"
#include "line.h"
#include "raise.h"
#include "state.h"
#include "strout.h"

#include <string.h>

#define PIECE ((Py_ssize_t)1 << 20) /* bytes that are moved before a bytearray shrinks */
#define LONG_LINE ((size_t)1 << 20) /* bytes: a line of this size or more becomes a Line */

struct gather {
    PyObject ob_base;
    PyTypeObject *line_type;
    struct strout outputs[2]; /* one is in use; the other is empty, until a line is taken */
    int current;
    size_t begin;    /* bytes of the text that have been taken already */
    size_t searched; /* bytes after those that have no line end */
    size_t found;    /* bytes that `found` takes next */
    bool found_line; /* are they a line, which may become a Line? */
    bool ascii;      /* is all the text ASCII? If not, each line is looked at */
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

/* Moves the bytes that are there to the start of the block. */
static void gather_compact(struct gather *gather)
{
    size_t count = count_of(gather);

    if (gather->begin == 0)
        return;
    memmove(out_of(gather)->start, text_of(gather), count);
    gather->begin = 0;
    out_of(gather)->cur = out_of(gather)->start + count;
}

static int gather_make_room(struct gather *gather, size_t size)
{
    struct pyon_out *out = out_of(gather);

    gather_compact(gather);
    return (size_t)(out->end - out->cur) < size ? out->grow(out, size) : 0;
}

/* Counts bytes with which the room has been filled. */
static void gather_add(struct gather *gather, size_t size)
{
    struct pyon_out *out = out_of(gather);

    gather->ascii = gather->ascii && is_ascii(out->cur, size);
    out->cur += size;
}

/* Takes the first bytes away. */
static void gather_drop(struct gather *gather, size_t size)
{
    gather->begin += size;
    gather->searched = gather->found = 0;
    if (count_of(gather) > 0)
        return;
    out_of(gather)->cur = out_of(gather)->start;
    gather->begin = 0;
    gather->ascii = true;
}

/* Begins to use a Gather, until compat_leave(). */
static int enter(struct gather *gather, struct compat_section *section)
{
    compat_enter(section, (PyObject *)gather);
    if (!gather->busy)
        return 0;
    compat_leave(section);
    PyErr_SetString(PyExc_RuntimeError, "a line is being read already");
    return -1;
}

/* ---- Bytes come ---- */

PyDoc_STRVAR(fill_doc,
             "fill($self, readinto, size, /)\n--\n\n"
             "Read up to size bytes by a method that fills a buffer. Returns their number.");

static PyObject *gather_fill(PyObject *self, PyObject *args)
{
    struct gather *gather = (struct gather *)self;
    struct compat_section section;
    Py_ssize_t size, count = -1;
    PyObject *readinto;

    if (!PyArg_ParseTuple(args, "On:fill", &readinto, &size))
        return NULL;
    if (size < 1) {
        PyErr_SetString(PyExc_ValueError, "size must be positive");
        return NULL;
    }
    if (enter(gather, &section) < 0)
        return NULL;
    if (gather_make_room(gather, (size_t)size) == 0) {
        gather->busy = true;
        count = transfer_by_method(readinto, out_of(gather)->cur, size, PyBUF_WRITE);
        gather->busy = false;
    }
    if (count > 0)
        gather_add(gather, (size_t)count);
    compat_leave(&section);
    if (count < 0 || PyErr_CheckSignals() < 0)
        return NULL;
    return PyLong_FromSsize_t(count);
}

/* Puts bytes that were taken from the end of a bytearray back, at `at`. An exception is set, and
   stays. */
static void put_back(PyObject *buffer, Py_ssize_t at, const char *taken, Py_ssize_t size,
                     PyObject *rest)
{
    PyObject *exception = raise_take();
    Py_ssize_t end = at + size;

    if (PyByteArray_Resize(buffer, end + PyBytes_GET_SIZE(rest)) == 0) {
        memcpy(PyByteArray_AS_STRING(buffer) + at, taken, (size_t)size);
        memcpy(PyByteArray_AS_STRING(buffer) + end, PyBytes_AS_STRING(rest),
               (size_t)PyBytes_GET_SIZE(rest));
    }
    raise_again(exception);
}

/*
 * Moves the first `size` bytes out of a bytearray, the last of them first: a bytearray shrinks in
 * place only at its end. It gives memory back when it is half empty, so that there are never more
 * bytes than 1.5 times the text. The rest of the bytearray is shorter than that, and is put aside.
 * If the bytearray cannot shrink, all bytes are put back.
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

/* Checks the argument of a method that changes the memory of a bytearray. */
static int check_buffer(PyObject *buffer)
{
    if (PyByteArray_CheckExact(buffer))
        return 0;
    PyErr_SetString(PyExc_TypeError, "a bytearray is needed");
    return -1;
}

/* Does something with a bytearray, in a section: None. */
static PyObject *on_buffer(PyObject *self, PyObject *buffer,
                           int (*work)(struct gather *, PyObject *))
{
    struct gather *gather = (struct gather *)self;
    struct compat_section section;
    int status;

    if (check_buffer(buffer) < 0 || enter(gather, &section) < 0)
        return NULL;
    status = work(gather, buffer);
    compat_leave(&section);
    if (status < 0)
        return NULL;
    Py_RETURN_NONE;
}

PyDoc_STRVAR(move_doc, "move($self, buffer, /)\n--\n\n"
                       "Move bytes out of a bytearray, up to the end of its first line.");

static int move_line(struct gather *gather, PyObject *buffer)
{
    const char *text = PyByteArray_AS_STRING(buffer), *end;
    size_t size = (size_t)PyByteArray_GET_SIZE(buffer);

    end = memchr(text, '\n', size);
    if (end)
        size = (size_t)(end + 1 - text);
    if (size == 0)
        return 0;
    if (gather_make_room(gather, size) < 0 ||
        move_bytes(buffer, out_of(gather)->cur, (Py_ssize_t)size) < 0)
        return -1;
    gather_add(gather, size);
    return 0;
}

static PyObject *gather_move(PyObject *self, PyObject *buffer)
{
    return on_buffer(self, buffer, move_line);
}

PyDoc_STRVAR(give_back_doc, "give_back($self, buffer, /)\n--\n\n"
                            "Put all bytes back, before those that are in a bytearray.");

static int give_back(struct gather *gather, PyObject *buffer)
{
    size_t count = count_of(gather), size = (size_t)PyByteArray_GET_SIZE(buffer);
    char *text;

    if (PyByteArray_Resize(buffer, (Py_ssize_t)(size + count)) < 0)
        return -1;
    text = PyByteArray_AS_STRING(buffer);
    memmove(text + count, text, size);
    memcpy(text, text_of(gather), count);
    gather_drop(gather, count);
    return 0;
}

static PyObject *gather_give_back(PyObject *self, PyObject *buffer)
{
    return on_buffer(self, buffer, give_back);
}

/* ---- Finding ---- */

PyDoc_STRVAR(find_line_doc,
             "find_line($self, most, is_last, /)\n--\n\n"
             "Is a line there? Then `found` takes it. The last line may have no end.\n\n"
             "A line of more bytes than most is dropped: ValueError.");

/* Returns 1, 0 or -1. */
static int find_line(struct gather *gather, Py_ssize_t most, bool is_last)
{
    const char *text = text_of(gather), *end;
    size_t size = count_of(gather);

    end = memchr(text + gather->searched, '\n', size - gather->searched);
    if (end)
        size = (size_t)(end + 1 - text);
    else
        gather->searched = size;
    if ((Py_ssize_t)size > most) {
        gather_drop(gather, size);
        PyErr_Format(PyExc_ValueError,
                     "a line of %zu bytes or more is longer than the limit of %zd bytes "
                     "(FASTPYON_MAX_LINE sets it)",
                     size, most);
        return -1;
    }
    gather->found = end || is_last ? size : 0;
    gather->found_line = true;
    return end || is_last;
}

static PyObject *gather_find_line(PyObject *self, PyObject *args)
{
    struct gather *gather = (struct gather *)self;
    struct compat_section section;
    Py_ssize_t most;
    int is_last, found;

    if (!PyArg_ParseTuple(args, "np:find_line", &most, &is_last) || enter(gather, &section) < 0)
        return NULL;
    found = find_line(gather, most, is_last);
    compat_leave(&section);
    return found < 0 ? NULL : PyBool_FromLong(found);
}

PyDoc_STRVAR(find_doc, "find($self, size, /)\n--\n\n"
                       "Make `found` take the first size bytes, or all if there are fewer.");

static PyObject *gather_find(PyObject *self, PyObject *number)
{
    struct gather *gather = (struct gather *)self;
    size_t size = PyLong_AsSize_t(number);
    struct compat_section section;

    if (size == (size_t)-1 && PyErr_Occurred())
        return NULL;
    compat_enter(&section, self);
    gather->found = size < count_of(gather) ? size : count_of(gather);
    gather->found_line = false;
    compat_leave(&section);
    Py_RETURN_NONE;
}

/* ---- Taking ---- */

static int copy(struct pyon_out *out, const char *text, size_t size)
{
    if ((size_t)(out->end - out->cur) < size && out->grow(out, size) < 0)
        return -1;
    memcpy(out->cur, text, size);
    out->cur += size;
    return 0;
}

/* Makes a Line of the str in which it is. The other output gets the bytes after it. */
static PyObject *take_line(struct gather *gather)
{
    struct strout *strout = &gather->outputs[gather->current];
    struct strout *other = &gather->outputs[!gather->current];
    size_t rest = count_of(gather) - gather->found;
    PyObject *line = line_begin(gather->line_type), *text = NULL;

    gather_compact(gather);
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
    gather_drop(gather, 0);
    return line;
}

static PyObject *take_found(struct gather *gather)
{
    PyObject *bytes;

    if (gather->found_line && gather->found >= LONG_LINE &&
        (gather->ascii || is_ascii(text_of(gather), gather->found)))
        return take_line(gather);
    bytes = PyBytes_FromStringAndSize(text_of(gather), (Py_ssize_t)gather->found);
    if (bytes)
        gather_drop(gather, gather->found);
    return bytes;
}

static PyObject *gather_found(PyObject *self, void *unused)
{
    struct gather *gather = (struct gather *)self;
    struct compat_section section;
    PyObject *found;

    (void)unused;
    if (enter(gather, &section) < 0)
        return NULL;
    found = take_found(gather);
    compat_leave(&section);
    return found;
}

static PyObject *take_text(struct gather *gather)
{
    PyObject *text;

    if (gather->ascii) {
        gather_compact(gather);
        text = strout_finish(&gather->outputs[gather->current]);
    } else {
        text = PyUnicode_DecodeUTF8(text_of(gather), (Py_ssize_t)count_of(gather), NULL);
    }
    if (text || PyErr_ExceptionMatches(PyExc_UnicodeDecodeError))
        gather_drop(gather, count_of(gather));
    return text;
}

static PyObject *gather_text(PyObject *self, void *unused)
{
    struct gather *gather = (struct gather *)self;
    struct compat_section section;
    PyObject *text;

    (void)unused;
    if (enter(gather, &section) < 0)
        return NULL;
    text = take_text(gather);
    compat_leave(&section);
    return text;
}

static Py_ssize_t gather_length(PyObject *self)
{
    struct compat_section section;
    size_t length;

    compat_enter(&section, self);
    length = count_of((struct gather *)self);
    compat_leave(&section);
    return (Py_ssize_t)length;
}

/* ---- The type ---- */

static PyObject *gather_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
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
        strout_init(&gather->outputs[0], false, false);
        strout_init(&gather->outputs[1], false, false);
        gather->line_type = (PyTypeObject *)Py_NewRef(line_type);
        gather->ascii = true;
    }
    return (PyObject *)gather;
}

static void gather_dealloc(PyObject *self)
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
    {"fill", gather_fill, METH_VARARGS, fill_doc},
    {"move", gather_move, METH_O, move_doc},
    {"give_back", gather_give_back, METH_O, give_back_doc},
    {"find_line", gather_find_line, METH_VARARGS, find_line_doc},
    {"find", gather_find, METH_O, find_doc},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef attributes[] = {
    {"found", gather_found, NULL, "The bytes or Line that was found. They are taken.", NULL},
    {"text", gather_text, NULL, "All bytes, as a str. They are taken.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Gather(line_type, /)\n--\n\n"
                "Lines that come in pieces. line_type is a subclass of Line."},
    {Py_tp_new, gather_new},
    {Py_tp_dealloc, gather_dealloc},
    {Py_tp_methods, methods},
    {Py_tp_getset, attributes},
    {Py_sq_length, gather_length},
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
