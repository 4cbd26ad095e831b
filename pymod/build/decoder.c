/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The type Decoder: Python objects from a stream of text in pieces.
 *
 * A piece is read as soon as it comes: so values are built while the next piece is on its way. They
 * wait in a list until iteration takes them. An error waits after the values before it. Between two
 * pieces, an unfinished value is on the builder's stack (build.h), where the collector can see it.
 *
 * Foreign code may run while a piece is read, and other threads while the system waits. Neither may
 * feed the same decoder meanwhile (`busy`). They may take values. With free threads, every method
 * works in a section of the decoder (compat.h), so that other threads come in at such places only.
 *
 * An exception holds the frames that it has passed through. When it is dropped, finalizers of their
 * variables may call any method of this decoder. So an object is dropped only as the last step, and
 * used only by a reference that is held.
 */
#include "build/decoder.h"
#include "build/build.h"
#include "file/transfer.h"
#include "raise.h"
#include "state.h"

#define PIECE 65536     /* bytes that are copied and read at once, while they are in the cache */
#define READ (1 << 18)  /* bytes of a read(2): as many as a pipe of ours holds */
#define MANY_TAKEN 1000 /* values that are taken before their places are given up */

/* ---- Reading ---- */

static int take_value(struct decoder *decoder)
{
    PyObject *value = decoder->builder.values[--decoder->builder.count];
    int status = PyList_Append(decoder->ready, value);

    assert(decoder->builder.count == 0 && decoder->builder.call_count == 0);
    decoder->builder.spent = 0;
    Py_DECREF(value);
    return status;
}

/* Is the exception no Exception, such as KeyboardInterrupt? It stays set, and a RuntimeError is
   kept for the value. */
static bool is_interrupted(struct decoder *decoder)
{
    PyObject *interruption;

    if (PyErr_ExceptionMatches(PyExc_Exception))
        return false;
    interruption = raise_take();
    PyErr_SetString(PyExc_RuntimeError, "the constructor of a value was interrupted");
    decoder_keep_failure(decoder);
    raise_again(interruption);
    return true;
}

/* Reads the text in the buffer, of which `length` bytes are new. A failure is kept: 0. Returns
   -1 only for an exception that must be raised at once. */
static int read_on(struct decoder *decoder, size_t length)
{
    struct pyon_error error;
    int status = PYON_STREAM_VALUE, result = 0;

    assert(decoder->busy && !decoder->failure);
    if (build_begin(&decoder->builder, length) < 0)
        status = PYON_STREAM_FAILED;
    while (status == PYON_STREAM_VALUE) {
        status = pyon_stream_next(decoder->stream, &error);
        if (status == PYON_STREAM_FAILED)
            decoder_raise_error(decoder, &error);
        else if (status == PYON_STREAM_VALUE && take_value(decoder) < 0)
            status = PYON_STREAM_FAILED;
    }
    build_end(&decoder->builder);
    if (status == PYON_STREAM_FAILED) {
        if (is_interrupted(decoder))
            result = -1;
        else
            decoder_keep_failure(decoder);
        build_reset(&decoder->builder);
    }
    return result;
}

static char *reserve(struct decoder *decoder, size_t size)
{
    char *space = pyon_stream_space(decoder->stream, size);

    if (!space)
        PyErr_NoMemory();
    return space;
}

/* Keeps the exception for bytes that have no space: 0. If a failure is kept already, the exception
   stays set: -1. */
static int lose(struct decoder *decoder, size_t length)
{
    pyon_stream_lose(decoder->stream, length);
    if (decoder->failure)
        return -1;
    decoder_keep_failure(decoder);
    build_reset(&decoder->builder);
    return 0;
}

/* Puts text into the buffer and reads it. After a failure it waits there. */
static int feed_text(struct decoder *decoder, const char *text, size_t length)
{
    int status = 0;

    while (length > 0) {
        size_t count = length < PIECE || decoder->failure ? length : PIECE;
        char *to = reserve(decoder, count);

        if (!to)
            return lose(decoder, length) < 0 ? -1 : status;
        memcpy(to, text, count);
        pyon_stream_add(decoder->stream, count);
        if (!decoder->failure && read_on(decoder, count) < 0)
            status = -1;
        text += count;
        length -= count;
    }
    return status;
}

/* Does a str begin the stream with a byte order mark? Only bytes may, as in decode. */
static bool begins_with_mark(const struct decoder *decoder, PyObject *str)
{
    return pyon_stream_offset(decoder->stream) == 0 && PyUnicode_GET_LENGTH(str) > 0 &&
           PyUnicode_READ_CHAR(str, 0) == 0xfeff;
}

static int feed_str(struct decoder *decoder, PyObject *str)
{
    const struct pyon_error mark = {.code = PYON_ERROR_BOM,
                                    .message = pyon_error_message(PYON_ERROR_BOM)};
    bool strict = decoder->builder.dialect == &pyon_v1; /* no surrogates, as in its decode */
    PyObject *bytes;
    size_t skipped = 0;
    int status;

    if (compat_ready(str) < 0)
        return -1;
    if (PyUnicode_IS_COMPACT_ASCII(str))
        return feed_text(decoder, PyUnicode_DATA(str), (size_t)PyUnicode_GET_LENGTH(str));
    bytes = PyUnicode_AsEncodedString(str, "utf-8", strict ? "strict" : "surrogatepass");
    if (!bytes)
        return -1;
    if (begins_with_mark(decoder, str)) {
        skipped = 3;
        decoder_raise_error(decoder, &mark);
        lose(decoder, skipped);
    }
    status = feed_text(decoder, PyBytes_AS_STRING(bytes) + skipped,
                       (size_t)PyBytes_GET_SIZE(bytes) - skipped);
    Py_DECREF(bytes);
    return status;
}

static int feed_object(struct decoder *decoder, PyObject *data)
{
    Py_buffer view;
    int status;

    if (PyUnicode_Check(data))
        return feed_str(decoder, data);
    if (PyObject_GetBuffer(data, &view, PyBUF_SIMPLE) < 0)
        return -1;
    status = feed_text(decoder, view.buf, (size_t)view.len);
    PyBuffer_Release(&view);
    return status;
}

/* Begins a use of the decoder, until end(). An exception if it is used already, is closed, or has
   failed. */
static int begin(struct decoder *decoder, struct compat_section *section)
{
    compat_enter(section, (PyObject *)decoder);
    if (decoder->busy)
        PyErr_SetString(PyExc_RuntimeError, "the decoder is being used already");
    else if (decoder->closed)
        PyErr_SetString(PyExc_ValueError, "the decoder is closed");
    else if (decoder->failure)
        decoder_raise_failure(decoder);
    else
        return decoder->busy = true, 0;
    compat_leave(section);
    return -1;
}

static void end(struct decoder *decoder, struct compat_section *section)
{
    decoder->busy = false;
    compat_leave(section);
}

/* ---- Methods ---- */

PyDoc_STRVAR(feed_doc, "feed($self, data, /)\n--\n\n"
                       "Read the next piece of the stream, of any size: str, or bytes-like in "
                       "UTF-8.\n\n"
                       "Iteration gives the values that are complete, and then the error of the "
                       "next one.\n"
                       "After an error, skip_line() must be called before the next piece.");

static PyObject *decoder_feed(PyObject *self, PyObject *data)
{
    struct decoder *decoder = (struct decoder *)self;
    struct compat_section section;
    int status;

    if (begin(decoder, &section) < 0)
        return NULL;
    status = feed_object(decoder, data);
    end(decoder, &section);
    if (status < 0)
        return NULL;
    Py_RETURN_NONE;
}

/* Reads `count` bytes that are in the buffer, and then lets signal handlers run. Returns the
   number of bytes, and ends the use of the decoder. */
static PyObject *end_receiving(struct decoder *decoder, struct compat_section *section,
                               Py_ssize_t count)
{
    if (count > 0) {
        pyon_stream_add(decoder->stream, (size_t)count);
        if (read_on(decoder, (size_t)count) < 0)
            count = -1;
    }
    end(decoder, section);
    if (count < 0 || PyErr_CheckSignals() < 0)
        return NULL;
    return PyLong_FromSsize_t(count);
}

PyDoc_STRVAR(read_from_doc, "read_from($self, fd, size=262144, name=None, /)\n--\n\n"
                            "Read the next piece, of up to size bytes, from a file descriptor.\n\n"
                            "Waits as os.read does. Returns the number of bytes: 0 at the end. An\n"
                            "OSError contains the name of the file, if one is given.");

static PyObject *decoder_read_from(PyObject *self, PyObject *args)
{
    struct decoder *decoder = (struct decoder *)self;
    struct compat_section section;
    Py_ssize_t size = READ, count = -1;
    PyObject *name = NULL;
    char *to;
    int fd;

    if (!PyArg_ParseTuple(args, "i|nO:read_from", &fd, &size, &name))
        return NULL;
    if (size < 1) {
        PyErr_SetString(PyExc_ValueError, "size must be positive");
        return NULL;
    }
    if (begin(decoder, &section) < 0)
        return NULL;
    to = reserve(decoder, (size_t)size);
    if (to)
        count = transfer_by_descriptor(fd, to, (size_t)size, false, name == Py_None ? NULL : name);
    return end_receiving(decoder, &section, count);
}

PyDoc_STRVAR(fill_from_doc,
             "fill_from($self, readinto, size=262144, /)\n--\n\n"
             "Read the next piece by a method that fills a buffer, such as readinto.\n\n"
             "Returns the number of bytes: 0 at the end.");

static PyObject *decoder_fill_from(PyObject *self, PyObject *args)
{
    struct decoder *decoder = (struct decoder *)self;
    struct compat_section section;
    Py_ssize_t size = READ, count = -1;
    PyObject *readinto;
    char *to;

    if (!PyArg_ParseTuple(args, "O|n:fill_from", &readinto, &size) || begin(decoder, &section) < 0)
        return NULL;
    to = reserve(decoder, (size_t)size);
    if (to)
        count = transfer_by_method(readinto, to, size, PyBUF_WRITE);
    return end_receiving(decoder, &section, count);
}

PyDoc_STRVAR(feed_from_doc, "feed_from($self, receive, size, /)\n--\n\n"
                            "Read the next piece by a method that returns data: receive(size).\n\n"
                            "Returns the number of bytes or characters: 0 at the end.");

static PyObject *decoder_feed_from(PyObject *self, PyObject *args)
{
    struct decoder *decoder = (struct decoder *)self;
    struct compat_section section;
    PyObject *receive, *data;
    Py_ssize_t size, count = -1;

    if (!PyArg_ParseTuple(args, "On:feed_from", &receive, &size) || begin(decoder, &section) < 0)
        return NULL;
    data = PyObject_CallFunction(receive, "n", size);
    if (data == Py_None)
        PyErr_SetString(PyExc_BlockingIOError, "the file has no data yet");
    else if (data && feed_object(decoder, data) == 0)
        count = PyObject_Size(data);
    end(decoder, &section);
    Py_XDECREF(data);
    if (count < 0 || PyErr_CheckSignals() < 0)
        return NULL;
    return PyLong_FromSsize_t(count);
}

PyDoc_STRVAR(close_doc,
             "close($self, /)\n--\n\n"
             "End the stream. A number at its end is complete now and can be taken.\n\n"
             "Raises TruncatedError if the stream ends inside a value. If values before\n"
             "it have not been taken, the error comes by iteration, after them.");

static PyObject *decoder_close(PyObject *self, PyObject *unused)
{
    struct decoder *decoder = (struct decoder *)self;
    struct compat_section section;
    int status;

    (void)unused;
    if (decoder->closed)
        Py_RETURN_NONE;
    if (begin(decoder, &section) < 0)
        return NULL;
    pyon_stream_end(decoder->stream);
    status = read_on(decoder, 0);
    decoder->closed = true;
    if (status == 0 && decoder->failure && decoder->next == PyList_GET_SIZE(decoder->ready)) {
        decoder_raise_failure(decoder);
        status = -1;
    }
    end(decoder, &section);
    if (status < 0)
        return NULL;
    Py_RETURN_NONE;
}

PyDoc_STRVAR(skip_line_doc, "skip_line($self, /)\n--\n\n"
                            "After an error, continue after the next line end.\n\n"
                            "Values that have not been taken stay.");

static PyObject *decoder_skip_line(PyObject *self, PyObject *unused)
{
    struct decoder *decoder = (struct decoder *)self;
    struct compat_section section;
    PyObject *failure = NULL;
    int status = 0;

    (void)unused;
    compat_enter(&section, self);
    if (decoder->failure && !decoder->busy) {
        decoder->busy = true;
        failure = decoder->failure;
        decoder->failure = NULL;
        pyon_stream_skip_line(decoder->stream);
        status = read_on(decoder, PIECE);
        decoder->busy = false;
    }
    compat_leave(&section);
    Py_XDECREF(failure);
    if (status < 0)
        return NULL;
    Py_RETURN_NONE;
}

/* The next value; the failure after the last one; or NULL without an exception. */
static PyObject *take_ready(struct decoder *decoder)
{
    PyObject *value;

    if (decoder->next == PyList_GET_SIZE(decoder->ready))
        return decoder->failure ? decoder_raise_failure(decoder) : NULL;
    value = PyList_GET_ITEM(decoder->ready, decoder->next); /* its reference becomes the caller's */
    PyList_SET_ITEM(decoder->ready, decoder->next++, Py_NewRef(Py_None));
    /* The places of values that were taken are given up at the end, or when they are more than
       half. */
    if (decoder->next == PyList_GET_SIZE(decoder->ready) ||
        (decoder->next > MANY_TAKEN && decoder->next > PyList_GET_SIZE(decoder->ready) / 2)) {
        Py_ssize_t taken = decoder->next;

        decoder->next = 0;
        PyList_SetSlice(decoder->ready, 0, taken, NULL);
    }
    return value;
}

static PyObject *decoder_next(PyObject *self)
{
    struct compat_section section;
    PyObject *value;

    if (PyErr_CheckSignals() < 0) /* while the value is still here: later it would be lost */
        return NULL;
    compat_enter(&section, self);
    value = take_ready((struct decoder *)self);
    compat_leave(&section);
    return value;
}

static PyObject *decoder_offset(PyObject *self, void *unused)
{
    struct compat_section section;
    size_t offset;

    (void)unused;
    compat_enter(&section, self);
    offset = pyon_stream_offset(((struct decoder *)self)->stream);
    compat_leave(&section);
    return PyLong_FromSize_t(offset);
}

static PyObject *decoder_ready(PyObject *self, void *unused)
{
    const struct decoder *decoder = (struct decoder *)self;
    struct compat_section section;
    Py_ssize_t ready;

    (void)unused;
    compat_enter(&section, self);
    ready = PyList_GET_SIZE(decoder->ready) - decoder->next;
    compat_leave(&section);
    return PyLong_FromSsize_t(ready);
}

static PyObject *decoder_failed(PyObject *self, void *unused)
{
    (void)unused;
    return PyBool_FromLong(((struct decoder *)self)->failure != NULL);
}

static PyObject *decoder_failure(PyObject *self, void *unused)
{
    struct compat_section section;
    PyObject *failure;

    (void)unused;
    compat_enter(&section, self);
    failure = ((struct decoder *)self)->failure;
    failure = Py_NewRef(failure ? failure : Py_None);
    compat_leave(&section);
    return failure;
}

static PyObject *decoder_closed(PyObject *self, void *unused)
{
    (void)unused;
    return PyBool_FromLong(((struct decoder *)self)->closed);
}

static PyMethodDef methods[] = {
    {"feed", decoder_feed, METH_O, feed_doc},
    {"read_from", decoder_read_from, METH_VARARGS, read_from_doc},
    {"fill_from", decoder_fill_from, METH_VARARGS, fill_from_doc},
    {"feed_from", decoder_feed_from, METH_VARARGS, feed_from_doc},
    {"close", decoder_close, METH_NOARGS, close_doc},
    {"skip_line", decoder_skip_line, METH_NOARGS, skip_line_doc},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"offset", decoder_offset, NULL, "The number of bytes that have been read.", NULL},
    {"ready", decoder_ready, NULL, "The number of values that can be taken.", NULL},
    {"failed", decoder_failed, NULL, "Is there an error after the values that can be taken?", NULL},
    {"failure", decoder_failure, NULL, "The error after the values that can be taken, or None.",
     NULL},
    {"closed", decoder_closed, NULL, "Has close been called?", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

/* ---- The object ---- */

static int decoder_traverse(PyObject *self, visitproc visit, void *arg)
{
    struct decoder *decoder = (struct decoder *)self;

    for (size_t i = 0; i < decoder->builder.count; i++)
        Py_VISIT(decoder->builder.values[i]);
    Py_VISIT(decoder->builder.payload);
    Py_VISIT(decoder->builder.unanswered);
    Py_VISIT(decoder->builder.map);
    Py_VISIT(decoder->builder.own);
    Py_VISIT(decoder->module);
    Py_VISIT(decoder->ready);
    Py_VISIT(decoder->failure);
    Py_VISIT(Py_TYPE(self));
    return 0;
}

/* The decoder is closed then: it takes no more pieces. */
static int decoder_clear(PyObject *self)
{
    struct decoder *decoder = (struct decoder *)self;

    decoder->closed = true;
    build_reset(&decoder->builder);
    Py_CLEAR(decoder->failure);
    return 0;
}

static void decoder_dealloc(PyObject *self)
{
    struct decoder *decoder = (struct decoder *)self;
    PyTypeObject *type = Py_TYPE(self);

    PyObject_GC_UnTrack(self);
    pyon_stream_free(decoder->stream);
    build_free(&decoder->builder);
    Py_XDECREF(decoder->ready);
    Py_XDECREF(decoder->failure);
    Py_XDECREF(decoder->module);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *decoder_new(PyTypeObject *type, PyObject *args, PyObject *keywords);

/* The module of the type Decoder. `type` may be a subclass. */
static PyObject *module_of(PyTypeObject *type)
{
    while (type->tp_new != decoder_new || !compat_type_module(type))
        type = type->tp_base;
    return compat_type_module(type);
}

static PyObject *decoder_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    struct pyon_options options = {0};
    const struct pyon_dialect *dialect;
    struct decoder *decoder;
    struct state *state;
    Py_ssize_t max_bytes = 0, max_depth = 0;
    int number, lines = 0;

    (void)keywords;
    if (!PyArg_ParseTuple(args, "innp:Decoder", &number, &max_bytes, &max_depth, &lines))
        return NULL;
    state = PyModule_GetState(module_of(type));
    dialect = number == 1 ? &pyon_v1 : &pyon_v2;
    if (max_bytes < 0 || max_depth < 0) {
        PyErr_SetString(PyExc_ValueError, "max_bytes and max_depth must be positive");
        return NULL;
    }
    if (!state->stream_error || !state_maps(state, dialect)->names) {
        PyErr_SetString(PyExc_RuntimeError, "the modules of fastpyon have not been imported");
        return NULL;
    }
    decoder = (struct decoder *)type->tp_alloc(type, 0);
    if (!decoder)
        return NULL;
    decoder->module = Py_NewRef(module_of(type));
    build_init(&decoder->builder, state, dialect);
    decoder->max_bytes = options.max_bytes = (size_t)max_bytes;
    options.max_depth = build_max_depth(dialect, (size_t)max_depth);
    options.lines = lines;
    decoder->ready = PyList_New(0);
    decoder->stream =
        pyon_stream_new(dialect, build_functions(dialect), &decoder->builder, &options);
    if (!decoder->stream && decoder->ready)
        PyErr_NoMemory();
    if (!decoder->stream || !decoder->ready)
        Py_CLEAR(decoder);
    return (PyObject *)decoder;
}

static PyType_Slot slots[] = {
    {Py_tp_new, decoder_new},
    {Py_tp_dealloc, decoder_dealloc},
    {Py_tp_traverse, decoder_traverse},
    {Py_tp_clear, decoder_clear},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, decoder_next},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {Py_tp_doc,
     (void *)"Decoder(dialect, max_bytes, max_depth, lines, /)\n--\n\nThe base of stream.Decoder."},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "fastpyon._core.Decoder",
    .basicsize = sizeof(struct decoder),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .slots = slots,
};

int decoder_init(PyObject *module)
{
    return add_type(module, &spec);
}
