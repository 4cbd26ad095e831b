/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Containers, and the stack on which they wait while text is handed out in pieces.
 *
 * A struct walk_frame notes how far a container has been written. Its function go_on writes from
 * there to the end; members are written by recursion. For text in pieces, go_on may pause after any
 * member if enough has been written (walk_is_due). It returns PAUSED, and so does each caller up to
 * pieces.c, after it has put its own frame on a stack. To resume, pieces.c calls go_on of the
 * innermost frame, and after its end that of the next one. So there is one function for each form,
 * and a walk that pauses makes the same calls as one that does not.
 *
 * Keys and the arguments of calls have no frame. They cannot pause, and are written at once.
 *
 * While a frame waits, other code may change its container. The frame holds the container, and
 * reads its size and members again. If the text cannot be completed, the change is a RuntimeError.
 */
#include "walk/frame.h"
#include "strout.h"
#include "walk/plain.h"
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
    struct walk_frame *frames = PyMem_New(struct walk_frame, capacity);

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

int stack_push(struct stack *stack, const struct walk_frame *frame)
{
    if (stack->count == stack->capacity && stack_grow(stack) < 0)
        return -1;
    Py_INCREF(frame->object);
    Py_XINCREF(frame->values);
    stack->frames[stack->count++] = *frame;
    return 0;
}

struct walk_frame stack_pop(struct stack *stack)
{
    assert(stack->count > 0);
    return stack->frames[--stack->count];
}

void stack_reverse(struct stack *stack, size_t first)
{
    for (size_t last = stack->count; first + 1 < last; first++) {
        struct walk_frame frame = stack->frames[first];

        stack->frames[first] = stack->frames[--last];
        stack->frames[last] = frame;
    }
}

/* To drop an object may run foreign code: its frame is off the stack before. */
void stack_clear(struct stack *stack)
{
    while (stack->count > 0) {
        struct walk_frame frame = stack_pop(stack);

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

void frame_release(struct walk_frame *frame)
{
    Py_DECREF(frame->object);
    Py_XDECREF(frame->values);
}

/* ---- All containers ---- */

static int put_aside(struct walker *walker, const struct walk_frame *frame)
{
    assert(walker->stack);
    return stack_push(walker->stack, frame) < 0 ? -1 : PAUSED;
}

int walk_on(struct walker *walker, struct walk_frame *frame)
{
    int status = frame->go_on(walker, frame);

    return status == PAUSED ? put_aside(walker, frame) : status;
}

/* Writes a container x, until its end or a pause. */
static inline int walk_container(struct walker *walker, PyObject *x, struct walk_frame *frame)
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

static int end_frame(struct walker *walker, const struct walk_frame *frame)
{
    return pyon_write_end(&walker->writer, frame->kind, frame->length);
}

/* Writes the separator before the next member, unless it has been written. */
static inline int separate(struct walker *walker, struct walk_frame *frame)
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

/* Numbers that are written together, at most. For SHORT or fewer members it does not pay. */
#define RUN 64
#define SHORT 8

#define LARGE 4096        /* members for which room is made at once */
#define LONGEST_NUMBER 32 /* bytes of a number with its separator, unless the layout is pretty */

/* Other members may become shorter: so room is made for no longer ones, and not for all of many. */
#define LONGEST_MEMBER 1024
#define MOST_ROOM ((size_t)16 << 20)

static Py_ssize_t walk_floats(struct walker *walker, PyObject *x, Py_ssize_t i,
                              enum pyon_container kind, size_t length)
{
    struct compat_section section;
    Py_ssize_t most, count = 0;
    double values[RUN];

    compat_enter(&section, x);
    most = PySequence_Fast_GET_SIZE(x) - 1 - i;
    for (; count < most && count < RUN; count++) {
        PyObject *member = PySequence_Fast_GET_ITEM(x, i + count);

        if (!PyFloat_CheckExact(member))
            break;
        values[count] = PyFloat_AS_DOUBLE(member);
    }
    compat_leave(&section);
    return pyon_write_reals(&walker->writer, values, (size_t)count, kind, length) < 0 ? -1 : count;
}

static Py_ssize_t walk_ints(struct walker *walker, PyObject *x, Py_ssize_t i,
                            enum pyon_container kind, size_t length)
{
    struct compat_section section;
    Py_ssize_t most, count = 0;
    int64_t values[RUN];

    compat_enter(&section, x);
    most = PySequence_Fast_GET_SIZE(x) - 1 - i;
    for (; count < most && count < RUN; count++) {
        PyObject *member = PySequence_Fast_GET_ITEM(x, i + count);

        if (!PyLong_CheckExact(member) || !compat_small_int(member, &values[count]))
            break;
    }
    compat_leave(&section);
    return pyon_write_integers(&walker->writer, values, (size_t)count, kind, length) < 0 ? -1
                                                                                         : count;
}

/*
 * Writes the members from the i-th on as long as they are floats, or ints, with pyon_write_next
 * after each, but not the last member of x. Returns their number, or -1. `first` is the i-th, a float
 * or an int, and x has several left. To look the type up may run foreign code, which may change x;
 * after that, no such code runs.
 */
static Py_ssize_t walk_numbers(struct walker *walker, PyObject *x, PyObject *first, Py_ssize_t i,
                               enum pyon_container kind, size_t length)
{
    bool is_float = PyFloat_CheckExact(first);
    int own = walk_is_own(walker, (PyObject *)Py_TYPE(first), is_float ? OWN_FLOAT : OWN_INT);

    if (own <= 0)
        return own;
    return is_float ? walk_floats(walker, x, i, kind, length)
                    : walk_ints(walker, x, i, kind, length);
}

/*
 * The first members took `bytes` for `members`, and `more` members follow: makes room for all of
 * them at once, since a large block that grows is moved. Text in pieces needs only room for a
 * piece.
 */
static void expect_more(struct walker *walker, size_t bytes, size_t members, size_t more)
{
    struct pyon_out *out = walker->writer.out;
    size_t mean = bytes / members, need;

    if (walker->stack || more < LARGE || mean >= LONGEST_MEMBER)
        return;
    need = more / members * bytes + bytes;
    if (mean >= LONGEST_NUMBER && need > MOST_ROOM)
        need = MOST_ROOM;
    if ((size_t)(out->end - out->cur) < need - need / 16) /* else the last text's size is as good */
        strout_expect((struct strout *)out, need + need / 16);
}

static inline bool is_number(PyObject *x)
{
    return PyLong_CheckExact(x) || PyFloat_CheckExact(x);
}

/* Writes the members from the i-th on in one go, as long as they are numbers or plain. Returns their
   number, or -1; plain ones have no separator after the last one, as `separated` tells. */
static Py_ssize_t walk_run(struct walker *walker, PyObject *x, PyObject *first, Py_ssize_t i,
                           struct walk_frame *frame, bool *separated)
{
    size_t before = walk_written(walker), length = frame->length;
    bool numbers = is_number(first) && PySequence_Fast_GET_SIZE(x) - i > SHORT;
    Py_ssize_t run = 0;

    if (!numbers || plain_takes_number(first))
        run = plain_members(walker, x, i, numbers);
    *separated = run == 0;
    if (run == 0 && numbers)
        run = walk_numbers(walker, x, first, i, frame->kind, length);
    if (i == 0 && run > 0 && (size_t)run < length)
        expect_more(walker, walk_written(walker) - before, (size_t)run, length - (size_t)run);
    return run;
}

static int go_on_sequence(struct walker *walker, struct walk_frame *frame)
{
    PyObject *x = frame->object, *member;
    enum pyon_container kind = frame->kind;
    size_t length = frame->length;
    Py_ssize_t i = (Py_ssize_t)frame->next, run;
    bool separated = frame->separated;

    while ((member = compat_item(x, i))) { /* and holds it meanwhile */
        run = separated ? 0 : pyon_write_next(&walker->writer, kind, length);
        separated = true;
        if (run == 0 && plain_may_be(member))
            run = walk_run(walker, x, member, i, frame, &separated);
        if (run == 0) {
            run = walker->walk(walker, member) < 0 ? -1 : 1;
            separated = false;
        }
        Py_DECREF(member);
        if (run < 0)
            return -1;
        i += run;
        if (walk_is_due(walker)) {
            frame->next = (size_t)i;
            frame->separated = separated;
            return PAUSED;
        }
    }
    if (separated && i > 0) /* before a member that is gone */
        return refuse_change("list changed size");
    return pyon_write_end(&walker->writer, kind, length);
}

int walk_sequence(struct walker *walker, PyObject *x, enum pyon_container kind)
{
    struct walk_frame frame = {.go_on = go_on_sequence,
                               .object = x,
                               .kind = kind,
                               .separated = true,
                               .length = (size_t)PySequence_Fast_GET_SIZE(x)};

    return walk_container(walker, x, &frame);
}

/* Writes a copy, as the reference does, since an encoder may change the set. */
int walk_set(struct walker *walker, PyObject *x)
{
    PyObject *members = PySequence_List(x);
    int status;

    if (!members)
        return -1;
    status = walk_sequence(walker, members, PYON_CONTAINER_SET);
    Py_DECREF(members);
    return status;
}

/* ---- Pairs ---- */

/* Writes a key that is no plain str. The walk does not pause in it. */
static int walk_other_key(struct walker *walker, PyObject *key, bool as_str)
{
    size_t due = walker->due;
    int status;

    walker->due = SIZE_MAX;
    status = as_str ? walk_str(walker, key) : walker->walk(walker, key);
    walker->due = due;
    return status;
}

/* Writes a key; a plain str in one call. */
static inline int walk_key(struct walker *walker, PyObject *key, enum pyon_container kind)
{
    struct pyon_writer *writer = &walker->writer;
    int own = 0;

    if (PyUnicode_CheckExact(key))
        own = walk_is_own(walker, (PyObject *)Py_TYPE(key), OWN_STR);
    if (own < 0)
        return -1;
    if (own > 0 && compat_ready(key) < 0)
        return -1;
    if (own > 0)
        return pyon_write_key(writer, kind, PyUnicode_DATA(key), (size_t)PyUnicode_GET_LENGTH(key),
                              (unsigned)PyUnicode_KIND(key));
    if (kind == PYON_CONTAINER_DICT && !PyUnicode_Check(key))
        return refuse_change("dictionary keys changed"); /* all were str */
    if (pyon_write_pair_begin(writer, kind) < 0 ||
        walk_other_key(walker, key, kind == PYON_CONTAINER_DICT) < 0)
        return -1;
    return pyon_write_pair_middle(writer, kind);
}

/* Writes a pair without its end, since the walk may pause in the value. Steals both. */
static int begin_pair(struct walker *walker, struct walk_frame *frame, PyObject *key,
                      PyObject *value)
{
    int status;

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

static inline int end_pair(struct walker *walker, struct walk_frame *frame)
{
    if (!frame->in_pair)
        return 0;
    frame->in_pair = false;
    return pyon_write_pair_end(&walker->writer, frame->kind);
}

/* Begins the next pair of a list of tuples, or of a list of keys and one of values. */
static int begin_listed(struct walker *walker, struct walk_frame *frame)
{
    Py_ssize_t i = (Py_ssize_t)frame->next;
    PyObject *item = compat_item(frame->object, i), *value = NULL;
    int status;

    if (item && frame->values)
        value = compat_item(frame->values, i);
    if (value)
        return begin_pair(walker, frame, item, value);
    if (!item || frame->values) {
        Py_XDECREF(item);
        return refuse_change("list changed size");
    }
    status = begin_pair(walker, frame, Py_NewRef(PyTuple_GET_ITEM(item, 0)),
                        Py_NewRef(PyTuple_GET_ITEM(item, 1)));
    Py_DECREF(item);
    return status;
}

/* No other code should have the lists. */
static int go_on_listed(struct walker *walker, struct walk_frame *frame)
{
    while (frame->next < frame->length) {
        if (end_pair(walker, frame) < 0 || separate(walker, frame) < 0 ||
            begin_listed(walker, frame) < 0)
            return -1;
        if (walk_is_due(walker))
            return PAUSED;
    }
    return end_pair(walker, frame) < 0 ? -1 : end_frame(walker, frame);
}

int walk_keyed(struct walker *walker, PyObject *x, PyObject *keys, PyObject *values,
               enum pyon_container kind)
{
    struct walk_frame frame = {.go_on = go_on_listed,
                               .object = keys,
                               .values = values,
                               .kind = kind,
                               .separated = true,
                               .length = (size_t)PyList_GET_SIZE(keys)};

    return walk_container(walker, x, &frame);
}

int walk_items(struct walker *walker, PyObject *x, PyObject *items, enum pyon_container kind)
{
    return walk_keyed(walker, x, items, NULL, kind);
}

/* ---- Dicts ---- */

/* Is x a plain str that has a byte for each character? */
static inline bool is_narrow(PyObject *x)
{
    return PyUnicode_CheckExact(x) && compat_is_ready(x) &&
           PyUnicode_KIND(x) == PyUnicode_1BYTE_KIND;
}

/* Writes up to `most` pairs of a str and a float. The keys lie in the dict while they are
   written. */
static Py_ssize_t walk_real_pairs(struct walker *walker, struct walk_frame *frame, size_t most)
{
    struct compat_section section;
    struct pyon_key keys[RUN];
    double values[RUN];
    PyObject *key, *value;
    Py_ssize_t next = frame->position;
    size_t count = 0;
    int status;

    compat_enter(&section, frame->object);
    for (; count < RUN && count < most; frame->position = next, count++) {
        if (!PyDict_Next(frame->object, &next, &key, &value) || !PyFloat_CheckExact(value) ||
            !is_narrow(key))
            break;
        keys[count] = (struct pyon_key){PyUnicode_DATA(key), (size_t)PyUnicode_GET_LENGTH(key)};
        values[count] = PyFloat_AS_DOUBLE(value);
    }
    status =
        pyon_write_real_pairs(&walker->writer, keys, values, count, frame->kind, frame->length);
    compat_leave(&section);
    return status < 0 ? -1 : (Py_ssize_t)count;
}

/* Does the same as walk_run for pairs of a str and a float, but not for the last pair of the
   dict. */
static Py_ssize_t walk_pair_run(struct walker *walker, struct walk_frame *frame)
{
    size_t most = frame->length - frame->next - 1;
    int own;

    if (most < SHORT)
        return 0;
    own = walk_is_own(walker, (PyObject *)&PyFloat_Type, OWN_FLOAT);
    if (own > 0)
        own = walk_is_own(walker, (PyObject *)&PyUnicode_Type, OWN_STR);
    return own > 0 ? walk_real_pairs(walker, frame, most) : own;
}

/* Writes the next pairs, one or several. */
static inline int go_on_pairs(struct walker *walker, struct walk_frame *frame)
{
    Py_ssize_t run = 0;
    PyObject *key, *value;

    if (frame->kind == walker->dict_kind)
        run = plain_pairs(walker, frame->object, &frame->position, frame->length - frame->next);
    if (run < 0)
        return -1;
    if (run > 0) {
        frame->next += (size_t)run;
        frame->separated = false;
        return 0;
    }
    run = walk_pair_run(walker, frame);
    if (run < 0)
        return -1;
    if (run > 0) {
        frame->next += (size_t)run;
        frame->separated = true;
        return 0;
    }
    if (!compat_dict_next(frame->object, &frame->position, &key, &value))
        return refuse_change("dictionary keys changed");
    return begin_pair(walker, frame, key, value);
}

static int go_on_dict(struct walker *walker, struct walk_frame *frame)
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
    struct walk_frame frame = {.go_on = go_on_dict,
                               .object = dict,
                               .kind = kind,
                               .separated = true,
                               .length = (size_t)PyDict_GET_SIZE(dict)};

    return walk_container(walker, dict, &frame);
}
