/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Text in pieces: an iterator over bytes, which may also write them to a file descriptor. So a
 * value of any size is encoded in a buffer of bounded size, and the program may wait between two
 * pieces.
 *
 * The walker writes the value. It pauses when there are enough bytes; the open frames are then on a
 * stack (frame.c). The buffer is that of encode (strout.c): it becomes the piece without a copy, or
 * is written and used again. A piece has a little more than its size, since the walk pauses only
 * after a member.
 *
 *     start .......... sent ............. cur ............ end
 *             handed out    to be handed out     room
 *
 * The state is whole whenever other code may run. If a write would block or fails, or a signal
 * handler raises, nothing is lost: a later call continues with the next byte. Only one call at a
 * time may run. A second one is refused, as in generators: another thread may come while one waits
 * in write(2), or an encoder may ask for a piece of its own text. With free threads, each call
 * works in a section (compat.h).
 *
 * An error of encoding is final: the buffer is dropped, and later calls raise an error, so that no
 * caller takes a part of a text for the whole text. Only a line continues: if a part of the line
 * has been written, the bytes that break it off follow.
 */
#include "walk/pieces.h"
#include "file/transfer.h"
#include "raise.h"
#include "state.h"
#include "strout.h"
#include "walk/frame.h"
#include "walk/walk.h"

#include <structmember.h>

#define SIZE 65536              /* bytes of a piece by default */
#define SLACK 16384             /* bytes that a piece usually may have more */
#define LARGE ((size_t)1 << 20) /* bytes of room that is made at once, or kept, at most */
#define BREAK_SIZE 2
#define LARGEST_WRITE ((size_t)1 << 30) /* some systems take no more than INT_MAX */

struct text_pieces {
    PyObject_HEAD
    PyObject *module; /* keeps the state alive */
    void (*resume)(struct walker *walker, struct state *state);
    size_t size;
    size_t sent;                /* bytes of the buffer that have been handed out */
    unsigned long long written; /* bytes of the whole text that have been handed out */
    size_t break_left;          /* bytes of `break_text` that are left */
    PyObject *piece;            /* a piece that a method should have taken, but raised; or NULL */
    bool running, failed, line; /* a line has its end, and continues after an error */
    struct walker walker;
    struct stack stack;
    struct strout strout;
};

/* The bytes that break a line off. A NUL is an error at every place in both dialects, so no
   reader takes the line for a value. */
static const char break_text[BREAK_SIZE] = {'\0', '\n'};

/* ---- The text ---- */

static size_t unsent(const struct text_pieces *pieces)
{
    assert(pieces->sent <= walk_written(&pieces->walker));
    return walk_written(&pieces->walker) - pieces->sent;
}

/* The lowest frame: the value, and then its line end, if `length` is 1. */
static int go_on_root(struct walker *walker, struct walk_frame *frame)
{
    if (frame->next++ > 0)
        return frame->length > 0 ? pyon_write_raw(&walker->writer, "\n", frame->length) : 0;
    return walker->walk(walker, frame->object) < 0 ? -1 : PAUSED;
}

/* Drops all frames. */
static void let_go(struct text_pieces *pieces)
{
    walk_forget(&pieces->walker);
    stack_clear(&pieces->stack);
}

/* Resumes the innermost frame. The frames that are open then are put on the stack, in their
   order. */
static int resume_frame(struct text_pieces *pieces)
{
    struct walk_frame frame = stack_pop(&pieces->stack);
    size_t below = pieces->stack.count;
    int status;

    pieces->walker.depth = (int)below;
    status = walk_on(&pieces->walker, &frame);
    stack_reverse(&pieces->stack, below);
    frame_release(&frame);
    return status;
}

/* Writes until the buffer has the bytes of a piece. */
static int pieces_go_on(struct text_pieces *pieces)
{
    struct walker *walker = &pieces->walker;
    int status = 0;

    pieces->resume(walker, PyModule_GetState(pieces->module));
    walker->stack = &pieces->stack;
    walker->due = pieces->size;
    while (status >= 0 && pieces->stack.count > 0 && !walk_is_due(walker))
        status = resume_frame(pieces);
    walk_done(walker);
    if (pieces->stack.count == 0)
        let_go(pieces);
    return status < 0 ? -1 : 0;
}

/* ---- The buffer ---- */

static void pieces_empty(struct text_pieces *pieces)
{
    strout_drop(&pieces->strout);
    pieces->sent = 0;
}

/* Moves the bytes that are not yet sent to the start of the buffer. A value that is written at
   once may have made the buffer much larger than a piece: then it is given back. */
static void pieces_compact(struct text_pieces *pieces)
{
    struct pyon_out *out = &pieces->strout.out;
    size_t left = unsent(pieces);

    if (left == 0 && (size_t)(out->end - out->start) / 2 > pieces->size + LARGE) {
        pieces_empty(pieces);
        return;
    }
    if (pieces->sent > 0)
        memmove(out->start, out->start + pieces->sent, left);
    out->cur = out->start + left;
    pieces->sent = 0;
}

/* Makes room for a piece, but not for the first one: it may be the only one, and small. */
static int pieces_make_room(struct text_pieces *pieces)
{
    struct pyon_out *out = &pieces->strout.out;
    size_t room = pieces->size < LARGE ? pieces->size + SLACK : LARGE;

    if (pieces->written == 0 || (size_t)(out->end - out->start) >= room)
        return 0;
    return out->grow(out, room - walk_written(&pieces->walker));
}

static void pieces_fail(struct text_pieces *pieces)
{
    pieces->failed = true;
    pieces->break_left = pieces->line && pieces->written > 0 ? BREAK_SIZE : 0;
    let_go(pieces);
    pieces_empty(pieces);
}

static int pieces_fill(struct text_pieces *pieces)
{
    if (pieces->stack.count == 0)
        return 0;
    pieces_compact(pieces);
    if (pieces_make_room(pieces) == 0 && pieces_go_on(pieces) == 0)
        return 0;
    raise_as_generator(); /* else the iteration would seem to be at its end */
    pieces_fail(pieces);
    return -1;
}

/* The number of bytes that can be written now. */
static size_t ready(const struct text_pieces *pieces)
{
    return pieces->failed ? pieces->break_left : unsent(pieces);
}

static const char *ready_text(const struct text_pieces *pieces)
{
    return pieces->failed ? break_text + BREAK_SIZE - pieces->break_left
                          : pieces->strout.out.start + pieces->sent;
}

/* Counts bytes that have been written. */
static void advance(struct text_pieces *pieces, size_t count)
{
    if (pieces->failed)
        pieces->break_left -= count;
    else
        pieces->sent += count;
    pieces->written += count;
}

/* Makes bytes ready. If there are none then, the text is at its end. */
static int make_ready(struct text_pieces *pieces)
{
    if (ready(pieces) == 0 && pieces_fill(pieces) < 0)
        return -1;
    if (ready(pieces) == 0)
        pieces_empty(pieces);
    return 0;
}

/* ---- Calls ---- */

static int begin_call(struct text_pieces *pieces, struct compat_section *section, bool goes_on)
{
    compat_enter(section, (PyObject *)pieces);
    if (pieces->running)
        PyErr_SetString(PyExc_RuntimeError, "text in pieces is being used by another call");
    else if (pieces->failed && !goes_on)
        PyErr_SetString(PyExc_RuntimeError, "the text could not be encoded to its end");
    else
        return pieces->running = true, 0;
    compat_leave(section);
    return -1;
}

static void end_call(struct text_pieces *pieces, struct compat_section *section)
{
    pieces->running = false;
    compat_leave(section);
}

/* A copy of the bytes of a piece. A value that is written at once has brought many more. */
static PyObject *copy_piece(struct text_pieces *pieces)
{
    assert(pieces->size <= unsent(pieces));
    return PyBytes_FromStringAndSize(pieces->strout.out.start + pieces->sent,
                                     (Py_ssize_t)pieces->size);
}

/* The buffer as a piece. This fails only without memory, and then the text is lost. */
static PyObject *take_buffer(struct text_pieces *pieces)
{
    PyObject *piece;

    pieces_compact(pieces);
    piece = strout_finish(&pieces->strout);
    if (!piece)
        pieces_fail(pieces);
    return piece;
}

static PyObject *take_break(struct text_pieces *pieces)
{
    PyObject *piece = PyBytes_FromStringAndSize(ready_text(pieces), (Py_ssize_t)ready(pieces));

    if (piece)
        pieces->break_left = 0;
    return piece;
}

/* The next piece. NULL without an exception is the end. */
static PyObject *take_piece(struct text_pieces *pieces)
{
    PyObject *piece;

    if (!pieces->failed && unsent(pieces) < pieces->size && pieces_fill(pieces) < 0)
        return NULL;
    if (ready(pieces) == 0)
        return NULL;
    if (pieces->failed)
        return take_break(pieces);
    if (unsent(pieces) - pieces->size <= SLACK || unsent(pieces) <= pieces->size)
        return take_buffer(pieces);
    piece = copy_piece(pieces);
    if (piece)
        pieces->sent += pieces->size;
    return piece;
}

/* Makes the next piece, which stays until it is handed out: borrowed. */
static PyObject *hold_piece(struct text_pieces *pieces)
{
    if (!pieces->piece)
        pieces->piece = take_piece(pieces);
    return pieces->piece;
}

/* Hands the piece out. */
static PyObject *release_piece(struct text_pieces *pieces)
{
    PyObject *piece = pieces->piece;

    pieces->piece = NULL;
    if (piece)
        pieces->written += (size_t)PyBytes_GET_SIZE(piece);
    return piece;
}

static PyObject *pieces_iternext(PyObject *self)
{
    struct text_pieces *pieces = (struct text_pieces *)self;
    struct compat_section section;
    PyObject *piece;

    if (begin_call(pieces, &section, false) < 0)
        return NULL;
    hold_piece(pieces);
    piece = release_piece(pieces);
    end_call(pieces, &section);
    return piece;
}

/* A way to write. */
struct way {
    int fd;
    PyObject *send;  /* if not NULL: a method that keeps no buffer */
    PyObject *write; /* if not NULL: a method that may */
};

/* Writes the bytes that are ready. Returns their number, or -1. */
static Py_ssize_t write_ready(struct text_pieces *pieces, const struct way *way)
{
    char *data = (char *)ready_text(pieces); /* it is only read */
    size_t size = ready(pieces) < LARGEST_WRITE ? ready(pieces) : LARGEST_WRITE;
    Py_ssize_t count, most = (Py_ssize_t)(pieces->size + SLACK), before = 0;

    if (way->write)
        count = transfer_by_copy(way->write, data, size < (size_t)most ? (Py_ssize_t)size : most,
                                 &before);
    else if (way->send)
        count = transfer_by_method(way->send, data, (Py_ssize_t)size, PyBUF_READ);
    else
        count = transfer_by_descriptor(way->fd, data, size, true, NULL);
    advance(pieces, (size_t)before);
    if (count == 0) {
        PyErr_SetString(PyExc_OSError, "a file takes no more bytes");
        return -1;
    }
    return count;
}

static int write_all(struct text_pieces *pieces, const struct way *way)
{
    Py_ssize_t count;

    for (;;) {
        if (make_ready(pieces) < 0)
            return -1;
        if (ready(pieces) == 0)
            return 0;
        count = write_ready(pieces, way);
        if (count < 0)
            return -1;
        assert((size_t)count <= ready(pieces));
        advance(pieces, (size_t)count);
        /* The interpreter looks for signals only between calls, and this one may take minutes. */
        if (PyErr_CheckSignals() < 0)
            return -1;
    }
}

static PyObject *write_by(struct text_pieces *pieces, struct way way)
{
    struct compat_section section;
    int status;

    if (begin_call(pieces, &section, pieces->line) < 0)
        return NULL;
    if (pieces->piece)
        PyErr_SetString(PyExc_RuntimeError, "a piece of the text waits for give()");
    status = pieces->piece ? -1 : write_all(pieces, &way);
    end_call(pieces, &section);
    if (status < 0)
        return NULL;
    Py_RETURN_NONE;
}

PyDoc_STRVAR(write_doc, "write($self, fd, /)\n--\n\n"
                        "Write the rest of the text to a file descriptor.\n\n"
                        "After a BlockingIOError or another OSError, another write or next\n"
                        "continues after the last byte that was written.");

static PyObject *pieces_write(PyObject *self, PyObject *file)
{
    int fd = PyObject_AsFileDescriptor(file);

    return fd < 0 ? NULL : write_by((struct text_pieces *)self, (struct way){.fd = fd});
}

PyDoc_STRVAR(send_doc, "send($self, send, /)\n--\n\n"
                       "Write the rest of the text by a method that keeps nothing of the buffer.");

static PyObject *pieces_send(PyObject *self, PyObject *send)
{
    return write_by((struct text_pieces *)self, (struct way){.send = send});
}

PyDoc_STRVAR(send_copies_doc, "send_copies($self, write, /)\n--\n\n"
                              "Write the rest of the text by a method that may keep its argument.");

static PyObject *pieces_send_copies(PyObject *self, PyObject *write)
{
    return write_by((struct text_pieces *)self, (struct way){.write = write});
}

PyDoc_STRVAR(give_doc,
             "give($self, take, /)\n--\n\n"
             "Call a method with the next piece, if there is one. The method takes all of it.\n\n"
             "If the method raises, the piece stays.");

static PyObject *pieces_give(PyObject *self, PyObject *take)
{
    struct text_pieces *pieces = (struct text_pieces *)self;
    PyObject *piece, *result = NULL, *given = NULL;
    struct compat_section section;

    if (begin_call(pieces, &section, pieces->line) < 0)
        return NULL;
    piece = hold_piece(pieces);
    if (piece)
        result = PyObject_CallOneArg(take, piece);
    if (result)
        given = release_piece(pieces);
    end_call(pieces, &section);
    Py_XDECREF(result);
    Py_XDECREF(given);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

static PyObject *pieces_pending(PyObject *self, void *unused)
{
    const struct text_pieces *pieces = (const struct text_pieces *)self;
    struct compat_section section;
    bool pending;

    (void)unused;
    compat_enter(&section, self);
    pending = pieces->piece || ready(pieces) > 0 || pieces->stack.count > 0 || pieces->running;
    compat_leave(&section);
    return PyBool_FromLong(pending);
}

/* ---- The type ---- */

static int pieces_traverse(PyObject *self, visitproc visit, void *arg)
{
    struct text_pieces *pieces = (struct text_pieces *)self;

    Py_VISIT(Py_TYPE(self));
    Py_VISIT(pieces->module);
    for (int i = 0; i < LANDMARKS; i++)
        Py_VISIT(pieces->walker.landmarks[i]);
    return stack_traverse(&pieces->stack, visit, arg);
}

static int pieces_clear(PyObject *self)
{
    struct text_pieces *pieces = (struct text_pieces *)self;

    pieces->failed = true;
    let_go(pieces);
    return 0;
}

static void pieces_dealloc(PyObject *self)
{
    struct text_pieces *pieces = (struct text_pieces *)self;
    PyTypeObject *type = Py_TYPE(self);

    PyObject_GC_UnTrack(self);
    let_go(pieces);
    pieces_empty(pieces);
    Py_XDECREF(pieces->piece);
    Py_DECREF(pieces->module);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"write", pieces_write, METH_O, write_doc},
    {"send", pieces_send, METH_O, send_doc},
    {"send_copies", pieces_send_copies, METH_O, send_copies_doc},
    {"give", pieces_give, METH_O, give_doc},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef members[] = {
    {"written", T_ULONGLONG, offsetof(struct text_pieces, written), READONLY,
     "The number of bytes that have been handed out."},
    {"failed", T_BOOL, offsetof(struct text_pieces, failed), READONLY,
     "Could the value not be encoded?"},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"pending", pieces_pending, NULL, "Is a part of the text left?", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Iterator over the text of a value, in bytes of a bounded size."},
    {Py_tp_dealloc, pieces_dealloc},
    {Py_tp_traverse, pieces_traverse},
    {Py_tp_clear, pieces_clear},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, pieces_iternext},
    {Py_tp_methods, methods},
    {Py_tp_members, members},
    {Py_tp_getset, properties},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "fastpyon._core.Pieces",
    .basicsize = sizeof(struct text_pieces),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = slots,
};

int pieces_init(PyObject *module, struct state *state)
{
    state->pieces_type = new_type(module, &spec);
    return state->pieces_type ? 0 : -1;
}

/* ---- Making one ---- */

enum { X, PRETTY, SIZE_OF_PIECE, NEWLINE, ARGUMENTS };

static int wrong_arguments(void)
{
    PyErr_SetString(PyExc_TypeError,
                    "the arguments are (x, pretty=False, size=65536, newline=False)");
    return -1;
}

/* Fills the values of the arguments that are given: borrowed. */
static int read_arguments(PyObject *const *args, Py_ssize_t count, PyObject *keywords,
                          PyObject *values[ARGUMENTS])
{
    static const char *const names[ARGUMENTS] = {"x", "pretty", "size", "newline"};
    Py_ssize_t named = keywords ? PyTuple_GET_SIZE(keywords) : 0;

    if (count > ARGUMENTS)
        return wrong_arguments();
    for (Py_ssize_t i = 0; i < count; i++)
        values[i] = args[i];
    for (Py_ssize_t i = 0; i < named; i++) {
        PyObject *name = PyTuple_GET_ITEM(keywords, i);
        int which = 0;

        while (which < ARGUMENTS && PyUnicode_CompareWithASCIIString(name, names[which]) != 0)
            which++;
        if (which == ARGUMENTS || values[which])
            return wrong_arguments();
        values[which] = args[count + i];
    }
    return values[X] ? 0 : wrong_arguments();
}

/* Fills the truth of an argument, false if it is not given. */
static int read_truth(PyObject *value, bool *truth)
{
    int status = value ? PyObject_IsTrue(value) : 0;

    *truth = status > 0;
    return status < 0 ? -1 : 0;
}

static int read_size(PyObject *value, size_t *size)
{
    Py_ssize_t number = value ? PyNumber_AsSsize_t(value, PyExc_OverflowError) : SIZE;

    if (number <= 0 && !PyErr_Occurred())
        PyErr_SetString(PyExc_ValueError, "the size of a piece must be positive");
    *size = (size_t)number;
    return number <= 0 ? -1 : 0;
}

static PyObject *make_pieces(PyObject *module, PyObject *const *args, Py_ssize_t count,
                             PyObject *keywords, const struct pyon_dialect *dialect,
                             void (*resume)(struct walker *, struct state *))
{
    PyTypeObject *type = (PyTypeObject *)((struct state *)PyModule_GetState(module))->pieces_type;
    PyObject *values[ARGUMENTS] = {NULL};
    struct walk_frame root = {.go_on = go_on_root};
    struct text_pieces *pieces;
    bool pretty, newline;
    size_t size;

    if (read_arguments(args, count, keywords, values) < 0 ||
        read_truth(values[PRETTY], &pretty) < 0 || read_size(values[SIZE_OF_PIECE], &size) < 0 ||
        read_truth(values[NEWLINE], &newline) < 0)
        return NULL;
    pieces = PyObject_GC_New(struct text_pieces, type);
    if (!pieces)
        return NULL;
    pieces->module = Py_NewRef(module);
    pieces->resume = resume;
    pieces->size = size;
    pieces->sent = 0;
    pieces->written = 0;
    pieces->break_left = 0;
    pieces->piece = NULL;
    pieces->running = pieces->failed = false;
    pieces->line = newline;
    memset(pieces->walker.landmarks, 0, sizeof pieces->walker.landmarks);
    strout_init(&pieces->strout, true, false);
    pyon_writer_init(&pieces->walker.writer, &pieces->strout.out, dialect, pretty);
    root.object = values[X];
    root.length = newline;
    stack_init(&pieces->stack);
    if (stack_push(&pieces->stack, &root) < 0)
        Py_CLEAR(pieces);
    else
        PyObject_GC_Track(pieces);
    return (PyObject *)pieces;
}

static int check_bound(PyObject *encode, const char *name)
{
    if (encode)
        return 0;
    PyErr_Format(PyExc_RuntimeError, "%s has not been imported", name);
    return -1;
}

const char pieces_v1_doc[] =
    "pieces_v1($module, /, x, pretty=False, size=65536, newline=False)\n--\n\n"
    "The text of fastpyon.pyon_v1.encode(x, pretty) as an iterator over bytes.";

PyObject *pieces_v1(PyObject *module, PyObject *const *args, Py_ssize_t count, PyObject *keywords)
{
    struct state *state = PyModule_GetState(module);

    if (check_bound(state->v1.encode, "fastpyon.pyon_v1") < 0)
        return NULL;
    return make_pieces(module, args, count, keywords, &pyon_v1, walk_resume_v1);
}

const char pieces_v2_doc[] =
    "pieces_v2($module, /, x, pretty=False, size=65536, newline=False)\n--\n\n"
    "The text of fastpyon.pyon.encode(x, pretty) as an iterator over bytes.";

PyObject *pieces_v2(PyObject *module, PyObject *const *args, Py_ssize_t count, PyObject *keywords)
{
    struct state *state = PyModule_GetState(module);

    if (check_bound(state->v2.encode, "fastpyon.pyon") < 0)
        return NULL;
    return make_pieces(module, args, count, keywords, &pyon_v2, walk_resume_v2);
}
