/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Containers, and the stack on which they wait while text is handed out in pieces.
 *
 * How far a container is written stands in a struct frame, from which one function, go_on, writes
 * to the end; members are written by recursion. For text in pieces it may pause behind any member
 * at which enough has been written (walk_is_due): it returns PAUSED, and so does everything up to
 * the first caller (pieces.c), each putting its frame on a stack. To resume is to let the innermost
 * frame go on, and when it has come to its end the next. So every form is written down once, and a
 * walk that pauses makes the same calls as one that does not.
 *
 * What has no frame cannot pause: keys, and the arguments of calls. They are written at once.
 *
 * While a frame waits, everybody may change its container. It is held, all that is read of it is
 * looked up again, and where the text could not be completed, the change is a RuntimeError.
 */
#include "walk/frame.h"
#include "walk/walk.h"

/* ---- The stack ---- */

void stack_init(struct stack *stack)
{
    stack->frames = stack->first;
    stack->count = 0;
    stack->capacity = FIRST_FRAMES;
}

static int stack_grow(struct stack *stack)
{
    size_t capacity = 2 * stack->capacity;
    struct frame *frames = PyMem_New(struct frame, capacity);

    if (!frames) {
        PyErr_NoMemory();
        return -1;
    }
    memcpy(frames, stack->frames, stack->count * sizeof *frames);
    if (stack->frames != stack->first)
        PyMem_Free(stack->frames);
    stack->frames = frames;
    stack->capacity = capacity;
    return 0;
}

int stack_push(struct stack *stack, const struct frame *frame)
{
    if (stack->count == stack->capacity && stack_grow(stack) < 0)
        return -1;
    Py_INCREF(frame->object);
    Py_XINCREF(frame->values);
    stack->frames[stack->count++] = *frame;
    return 0;
}

struct frame stack_pop(struct stack *stack)
{
    assert(stack->count > 0);
    return stack->frames[--stack->count];
}

void stack_reverse(struct stack *stack, size_t first)
{
    for (size_t last = stack->count; first + 1 < last; first++) {
        struct frame frame = stack->frames[first];

        stack->frames[first] = stack->frames[--last];
        stack->frames[last] = frame;
    }
}

/* To let go of an object may run anything: a frame is off the stack by then. */
void stack_clear(struct stack *stack)
{
    while (stack->count > 0) {
        struct frame frame = stack_pop(stack);

        frame_release(&frame);
    }
    if (stack->frames != stack->first)
        PyMem_Free(stack->frames);
    stack_init(stack);
}

int stack_traverse(struct stack *stack, visitproc visit, void *arg)
{
    for (size_t i = 0; i < stack->count; i++) {
        Py_VISIT(stack->frames[i].object);
        Py_VISIT(stack->frames[i].values);
    }
    return 0;
}

void frame_release(struct frame *frame)
{
    Py_DECREF(frame->object);
    Py_XDECREF(frame->values);
}

/* ---- What all containers do ---- */

static int put_aside(struct walker *walker, const struct frame *frame)
{
    assert(walker->stack);
    return stack_push(walker->stack, frame) < 0 ? -1 : PAUSED;
}

int walk_on(struct walker *walker, struct frame *frame)
{
    int status = frame->go_on(walker, frame);

    return status == PAUSED ? put_aside(walker, frame) : status;
}

/* Begins a container x, and writes it. */
static inline int walk_frame(struct walker *walker, PyObject *x, struct frame *frame)
{
    int status;

    if (walk_enter(walker, x) < 0)
        return -1;
    status = pyon_write_begin(&walker->writer, frame->kind, frame->length);
    if (status == 0)
        status = frame->go_on(walker, frame);
    if (status == PAUSED)
        status = put_aside(walker, frame);
    walk_leave(walker);
    return status;
}

static int end_frame(struct walker *walker, const struct frame *frame)
{
    return pyon_write_end(&walker->writer, frame->kind, frame->length);
}

/* Writes what stands before the next member, unless it is there. */
static inline int separate(struct walker *walker, struct frame *frame)
{
    if (frame->separated)
        return 0;
    frame->separated = true;
    return pyon_write_next(&walker->writer, frame->kind, frame->length);
}

static int refuse_change(const char *what)
{
    PyErr_Format(PyExc_RuntimeError, "%s during iteration", what);
    return -1;
}

/* ---- Lists, tuples and sets ---- */

/* Numbers that are gathered before they are written; fewer than SHORT are not worth it. */
#define RUN 64
#define SHORT 8

#define LARGE 4096        /* members for which to make room at once */
#define LONGEST_NUMBER 32 /* bytes with a separator, unless it is pretty */

static Py_ssize_t walk_floats(struct walker *walker, PyObject *x, Py_ssize_t i,
                              enum pyon_container kind, size_t length)
{
    Py_ssize_t most = PySequence_Fast_GET_SIZE(x) - 1 - i, count = 0;
    double values[RUN];

    for (; count < most && count < RUN; count++) {
        PyObject *member = PySequence_Fast_GET_ITEM(x, i + count);

        if (!PyFloat_CheckExact(member))
            break;
        values[count] = PyFloat_AS_DOUBLE(member);
    }
    return pyon_write_reals(&walker->writer, values, (size_t)count, kind, length) < 0 ? -1 : count;
}

static Py_ssize_t walk_ints(struct walker *walker, PyObject *x, Py_ssize_t i,
                            enum pyon_container kind, size_t length)
{
    Py_ssize_t most = PySequence_Fast_GET_SIZE(x) - 1 - i, count = 0;
    int64_t values[RUN];

    for (; count < most && count < RUN; count++) {
        PyObject *member = PySequence_Fast_GET_ITEM(x, i + count);

        if (!PyLong_CheckExact(member) || !compat_small_int(member, &values[count]))
            break;
    }
    return pyon_write_integers(&walker->writer, values, (size_t)count, kind, length) < 0 ? -1
                                                                                         : count;
}

/*
 * Writes as many members from the i-th on as are floats, or ints, with pyon_write_next behind
 * each, but not the last one: how many, or -1. There are several. To look a type up may run code
 * of others, which may change x; behind that, nothing does.
 */
static Py_ssize_t walk_numbers(struct walker *walker, PyObject *x, Py_ssize_t i,
                               enum pyon_container kind, size_t length)
{
    PyTypeObject *type = Py_TYPE(PySequence_Fast_GET_ITEM(x, i));
    int own;

    if (type == &PyFloat_Type) {
        own = walk_is_own(walker, (PyObject *)type, OWN_FLOAT);
        return own > 0 ? walk_floats(walker, x, i, kind, length) : own;
    }
    if (type == &PyLong_Type) {
        own = walk_is_own(walker, (PyObject *)type, OWN_INT);
        return own > 0 ? walk_ints(walker, x, i, kind, length) : own;
    }
    return 0;
}

/*
 * Numbers have given so many bytes for so many members, and more members are to come: makes room
 * for all at once, since a large block that grows is moved. Pieces need room for a piece.
 */
static int expect_more(struct walker *walker, size_t bytes, size_t members, size_t more)
{
    struct pyon_out *out = walker->writer.out;
    size_t mean = bytes / members + 1;

    if (walker->stack || more < LARGE || mean > LONGEST_NUMBER ||
        (size_t)(out->end - out->cur) / mean >= more)
        return 0;
    return out->grow(out, more * mean);
}

static Py_ssize_t walk_run(struct walker *walker, PyObject *x, Py_ssize_t i,
                           enum pyon_container kind, size_t length)
{
    size_t before = walk_written(walker);
    Py_ssize_t run = walk_numbers(walker, x, i, kind, length);

    if (i == 0 && run > 0 && (size_t)run < length &&
        expect_more(walker, walk_written(walker) - before, (size_t)run, length - (size_t)run) < 0)
        return -1;
    return run;
}

/* A member, which is held while it is written. */
static inline int walk_member(struct walker *walker, PyObject *member)
{
    int status;

    Py_INCREF(member);
    status = walker->walk(walker, member);
    Py_DECREF(member);
    return status;
}

static int go_on_sequence(struct walker *walker, struct frame *frame)
{
    PyObject *x = frame->object;
    enum pyon_container kind = frame->kind;
    size_t length = frame->length;
    Py_ssize_t i = (Py_ssize_t)frame->next, run;
    bool separated = frame->separated;

    while (i < PySequence_Fast_GET_SIZE(x)) {
        if (!separated && pyon_write_next(&walker->writer, kind, length) < 0)
            return -1;
        separated = true;
        run = 0;
        if (PySequence_Fast_GET_SIZE(x) - i > SHORT)
            run = walk_run(walker, x, i, kind, length);
        if (run < 0)
            return -1;
        if (run == 0 && i < PySequence_Fast_GET_SIZE(x)) { /* or it has become shorter */
            if (walk_member(walker, PySequence_Fast_GET_ITEM(x, i)) < 0)
                return -1;
            separated = false;
            run = 1;
        }
        i += run;
        if (walk_is_due(walker)) {
            frame->next = (size_t)i;
            frame->separated = separated;
            return PAUSED;
        }
    }
    if (separated && i > 0) /* from a member that is gone */
        return refuse_change("list changed size");
    return pyon_write_end(&walker->writer, kind, length);
}

int walk_sequence(struct walker *walker, PyObject *x, enum pyon_container kind)
{
    struct frame frame = {.go_on = go_on_sequence,
                          .object = x,
                          .kind = kind,
                          .separated = true,
                          .length = (size_t)PySequence_Fast_GET_SIZE(x)};

    return walk_frame(walker, x, &frame);
}

/* As the reference, from a copy: an encoder may change the set. */
int walk_set(struct walker *walker, PyObject *x)
{
    PyObject *members = PySequence_List(x);
    int status;

    if (!members)
        return -1;
    status = walk_sequence(walker, members, PYON_SET);
    Py_DECREF(members);
    return status;
}

/* ---- Pairs ---- */

/* The walk does not pause in it. */
static int walk_odd_key(struct walker *walker, PyObject *key, bool as_str)
{
    size_t due = walker->due;
    int status;

    walker->due = SIZE_MAX;
    status = as_str ? walk_str(walker, key) : walker->walk(walker, key);
    walker->due = due;
    return status;
}

/* Of a plain str, all in one call. */
static inline int walk_key(struct walker *walker, PyObject *key, enum pyon_container kind)
{
    struct pyon_writer *writer = &walker->writer;
    int own = 0;

    if (PyUnicode_CheckExact(key))
        own = walk_is_own(walker, (PyObject *)Py_TYPE(key), OWN_STR);
    if (own < 0)
        return -1;
#if PY_VERSION_HEX < 0x030C0000
    if (own > 0 && PyUnicode_READY(key) < 0)
        return -1;
#endif
    if (own > 0)
        return pyon_write_key(writer, kind, PyUnicode_DATA(key), (size_t)PyUnicode_GET_LENGTH(key),
                              (unsigned)PyUnicode_KIND(key));
    if (pyon_write_pair_begin(writer, kind) < 0 ||
        walk_odd_key(walker, key, kind == PYON_DICT && PyUnicode_Check(key)) < 0)
        return -1;
    return pyon_write_pair_middle(writer, kind);
}

/* All of a pair but its end, since the walk may pause in the value. */
static int begin_pair(struct walker *walker, struct frame *frame, PyObject *key, PyObject *value)
{
    int status;

    Py_INCREF(key);
    Py_INCREF(value);
    frame->next++;
    frame->separated = false;
    frame->in_pair = true;
    status = walk_key(walker, key, frame->kind);
    if (status == 0)
        status = walker->walk(walker, value);
    Py_DECREF(key);
    Py_DECREF(value);
    return status;
}

static inline int end_pair(struct walker *walker, struct frame *frame)
{
    if (!frame->in_pair)
        return 0;
    frame->in_pair = false;
    return pyon_write_pair_end(&walker->writer, frame->kind);
}

/* Pairs in a list, or keys in one and values in another, that nobody else should have. */
static int go_on_listed(struct walker *walker, struct frame *frame)
{
    PyObject *keys = frame->object, *values = frame->values, *item;
    int status;

    while (frame->next < frame->length) {
        size_t i = frame->next;

        if (end_pair(walker, frame) < 0 || separate(walker, frame) < 0)
            return -1;
        if (i >= (size_t)PyList_GET_SIZE(keys) || (values && i >= (size_t)PyList_GET_SIZE(values)))
            return refuse_change("list changed size");
        item = PyList_GET_ITEM(keys, i);
        if (values)
            status = begin_pair(walker, frame, item, PyList_GET_ITEM(values, i));
        else
            status =
                begin_pair(walker, frame, PyTuple_GET_ITEM(item, 0), PyTuple_GET_ITEM(item, 1));
        if (status < 0)
            return -1;
        if (walk_is_due(walker))
            return PAUSED;
    }
    return end_pair(walker, frame) < 0 ? -1 : end_frame(walker, frame);
}

int walk_keyed(struct walker *walker, PyObject *x, PyObject *keys, PyObject *values,
               enum pyon_container kind)
{
    struct frame frame = {.go_on = go_on_listed,
                          .object = keys,
                          .values = values,
                          .kind = kind,
                          .separated = true,
                          .length = (size_t)PyList_GET_SIZE(keys)};

    return walk_frame(walker, x, &frame);
}

int walk_items(struct walker *walker, PyObject *x, PyObject *items, enum pyon_container kind)
{
    return walk_keyed(walker, x, items, NULL, kind);
}

/* ---- Dicts ---- */

/* A str that has a byte for each character. */
static inline bool is_narrow(PyObject *x)
{
    return PyUnicode_CheckExact(x) &&
#if PY_VERSION_HEX < 0x030C0000
           PyUnicode_IS_READY(x) &&
#endif
           PyUnicode_KIND(x) == PyUnicode_1BYTE_KIND;
}

/*
 * As walk_run, for pairs of a str and a float, of which none is the last of the dict.
 */
static Py_ssize_t walk_pair_run(struct walker *walker, struct frame *frame)
{
    size_t most = frame->length - frame->next - 1, count = 0;
    struct pyon_key keys[RUN];
    double values[RUN];
    PyObject *key, *value;
    Py_ssize_t next = frame->position;
    int own;

    if (most < SHORT)
        return 0;
    own = walk_is_own(walker, (PyObject *)&PyFloat_Type, OWN_FLOAT);
    if (own > 0)
        own = walk_is_own(walker, (PyObject *)&PyUnicode_Type, OWN_STR);
    if (own <= 0)
        return own;
    for (; count < RUN && count < most; frame->position = next, count++) {
        if (!PyDict_Next(frame->object, &next, &key, &value) || !PyFloat_CheckExact(value) ||
            !is_narrow(key))
            break;
        keys[count] = (struct pyon_key){PyUnicode_DATA(key), (size_t)PyUnicode_GET_LENGTH(key)};
        values[count] = PyFloat_AS_DOUBLE(value);
    }
    if (pyon_write_real_pairs(&walker->writer, keys, values, count, frame->kind, frame->length) < 0)
        return -1;
    return (Py_ssize_t)count;
}

/* The next pairs, one or several. */
static inline int go_on_pairs(struct walker *walker, struct frame *frame)
{
    Py_ssize_t run = walk_pair_run(walker, frame);
    PyObject *key, *value;

    if (run < 0)
        return -1;
    if (run > 0) {
        frame->next += (size_t)run;
        frame->separated = true;
        return 0;
    }
    if (!PyDict_Next(frame->object, &frame->position, &key, &value))
        return refuse_change("dictionary keys changed");
    return begin_pair(walker, frame, key, value);
}

static int go_on_dict(struct walker *walker, struct frame *frame)
{
    PyObject *dict = frame->object;

    for (;;) {
        if (end_pair(walker, frame) < 0)
            return -1;
        if ((size_t)PyDict_GET_SIZE(dict) != frame->length)
            return refuse_change("dictionary changed size");
        if (frame->next >= frame->length)
            return end_frame(walker, frame);
        if (separate(walker, frame) < 0 || go_on_pairs(walker, frame) < 0)
            return -1;
        if (walk_is_due(walker))
            return PAUSED;
    }
}

int walk_dict(struct walker *walker, PyObject *dict, enum pyon_container kind)
{
    struct frame frame = {.go_on = go_on_dict,
                          .object = dict,
                          .kind = kind,
                          .separated = true,
                          .length = (size_t)PyDict_GET_SIZE(dict)};

    return walk_frame(walker, dict, &frame);
}
