/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Python objects to text: the part that both dialects share. walk_v1.c and walk_v2.c decide in
 * which form an object is written. The forms are here; those of containers are in frame.c.
 *
 * Writing may run foreign code: a __repr__, a comparison of a key of the maps, in version 2 an
 * encoder. While a large array is encoded, other threads may run; with free threads, at any time.
 * They may change an object while it is written. So each member is held while it is written, and
 * sizes are read again at each step. Members that are not held, such as a run of numbers, are read
 * in a section (compat.h). Then the text may be a mixture of old and new values, but memory stays
 * sound.
 */
#include "walk/walk.h"
#include "pyon_host.h"
#include "room.h"
#include "state.h"
#include "strout.h"
#include "walk/frame.h"
#include "walk/plain.h"

/*
 * Deep and endless structures end in a RecursionError. There are three limits:
 * - Python's own check of the C stack. From 3.12 on, it allows many more levels than the recursion
 *   limit.
 * - sys.getrecursionlimit(), since the pretty layout takes memory by the square of the depth.
 * - the room on the stack of the thread, at which Python does not look (room.c).
 *
 * With these alone, an endless structure would be written as often as there are levels. So the last
 * open containers at the depths 8, 16, 32, ... are remembered: a loop soon comes to one of them
 * again, as in Brent's algorithm. json's rules have their own guard.
 */
#define FIRST_LANDMARK 3 /* depth 8: most values are not as deep, and pay nothing */

static int remember(struct walker *walker, PyObject *x)
{
    unsigned depth = (unsigned)walker->depth;
    int log = 31 - __builtin_clz(depth);
    PyObject **last;

    assert(log >= FIRST_LANDMARK);
    if (log >= FIRST_LANDMARK + LANDMARKS)
        log = FIRST_LANDMARK + LANDMARKS - 1;
    last = &walker->landmarks[log - FIRST_LANDMARK];
    if (depth == 1u << log) {
        Py_XSETREF(*last, Py_NewRef(x));
    } else if (x == *last) {
        PyErr_SetString(PyExc_RecursionError, "maximum recursion depth exceeded while encoding "
                                              "a PYON object that contains itself");
        return -1;
    }
    return 0;
}

static int enter(struct walker *walker, PyObject *x)
{
    if (walker->depth >= walker->max_depth ||
        (uintptr_t)__builtin_frame_address(0) < walker->floor) {
        PyErr_SetString(PyExc_RecursionError,
                        "maximum recursion depth exceeded while encoding a PYON object");
        return -1;
    }
    if (Py_EnterRecursiveCall(" while encoding a PYON object"))
        return -1;
    walker->depth++;
    if (walker->depth >= 1 << FIRST_LANDMARK && !walker->parents && remember(walker, x) < 0) {
        walk_leave(walker);
        return -1;
    }
    return 0;
}

int walk_enter(struct walker *walker, PyObject *x)
{
    if (enter(walker, x) == 0)
        return 0;
    walker->is_too_deep = true;
    return -1;
}

void walk_forget(struct walker *walker)
{
    for (int i = 0; i < LANDMARKS; i++)
        Py_CLEAR(walker->landmarks[i]);
}

void walk_leave(struct walker *walker)
{
    assert(walker->depth > 0);
    walker->depth--;
    Py_LeaveRecursiveCall();
}

size_t walk_enter_call(struct walker *walker, PyObject *x)
{
    size_t due = walker->due;

    if (walk_enter(walker, x) < 0)
        return 0;
    walker->due = SIZE_MAX;
    return due;
}

void walk_leave_call(struct walker *walker, size_t due)
{
    walker->due = due;
    walk_leave(walker);
}

void walk_init(struct walker *walker, struct state *state, struct maps *maps,
               int (*walk)(struct walker *, PyObject *))
{
    walker->state = state;
    walker->walk = walk;
    walker->maps = maps;
    walker->map = Py_NewRef(maps->types);
    walker->own = Py_NewRef(maps->own_types);
    walker->own_types = 0;
    walker->takes_plain = false;
    walker->plain_known = false;
    walker->plain_types = 0;
    memset(walker->refused, 0, sizeof walker->refused);
    walker->tuple_type = (PyObject *)&PyTuple_Type;
    walker->dict_kind = PYON_CONTAINER_PAIRS;
    walker->parents = NULL;
    walker->depth = 0;
    walker->max_depth = Py_GetRecursionLimit();
    walker->floor = room_floor();
    walker->is_too_deep = false;
    walker->fallback = false;
    walker->stack = NULL;
    walker->due = SIZE_MAX;
    walker->is_lost = false;
    walker->frames = NULL;
    walker->least = 0;
    walker->is_exact = false;
}

void walk_done(struct walker *walker)
{
    Py_CLEAR(walker->map);
    Py_CLEAR(walker->own);
}

struct text_place walk_place(const struct walker *walker)
{
    return (struct text_place){walk_written(walker), walker->writer.level};
}

void walk_back(struct walker *walker, const struct text_place *place)
{
    assert(place->written <= walk_written(walker));
    walker->writer.out->cur = walker->writer.out->start + place->written;
    walker->writer.level = place->level;
}

PyObject *walk_whole(struct walker *walker, const struct pyon_dialect *dialect, PyObject *x,
                     bool pretty, bool is_bytes)
{
    struct strout strout;
    PyObject *text = NULL;
    int status;

    memset(walker->landmarks, 0, sizeof walker->landmarks);
    strout_init(&strout, is_bytes, true);
    pyon_writer_init(&walker->writer, &strout.out, dialect, pretty);
    status = plain_container(walker, x); /* a scalar is written as fast by walk() */
    if (status == 0)
        status = walker->walk(walker, x);
    else if (status > 0)
        status = 0;
    walk_forget(walker);
    if (status == 0)
        text = strout_finish(&strout);
    if (!text)
        strout_drop(&strout);
    return text;
}

int walk_find_own(struct walker *walker, PyObject *type, enum own_type bit)
{
    PyObject *entry = compat_dict_find(walker->map, type);
    int own = walk_has_own(walker, type, entry);

    Py_XDECREF(entry);
    if (own > 0)
        walker->own_types |= 1u << bit;
    return own;
}

int walk_has_own(struct walker *walker, PyObject *type, PyObject *entry)
{
    PyObject *own = entry ? compat_dict_find(walker->own, type) : NULL;
    bool same = own && own == entry;

    Py_XDECREF(own);
    return same ? 1 : PyErr_Occurred() ? -1 : 0;
}

PyObject *walk_find_entry(struct walker *walker, PyObject *x)
{
    PyObject *type = (PyObject *)Py_TYPE(x);
    PyObject *entry = compat_dict_find(walker->map, type), *know_numpy, *none;

    if (entry || PyErr_Occurred())
        return entry;
    know_numpy = Py_NewRef(walker->maps->know_numpy); /* which a reload exchanges */
    none = PyObject_CallNoArgs(know_numpy);
    Py_DECREF(know_numpy);
    if (!none)
        return NULL;
    Py_DECREF(none);
    return compat_dict_find(walker->map, type);
}

/* ---- Scalars ---- */

static int go_on_str(struct walker *walker, struct walk_frame *frame)
{
    PyObject *x = frame->object;

    do {
        if (pyon_write_code_points_part(&walker->writer, PyUnicode_DATA(x), frame->length,
                                        (unsigned)PyUnicode_KIND(x), &frame->part) < 0)
            return -1;
    } while (frame->part.done < frame->length && !walk_is_due(walker));
    return frame->part.done < frame->length ? PAUSED : 0;
}

int walk_str(struct walker *walker, PyObject *x)
{
    if (compat_ready(x) < 0)
        return -1;
    if (walk_in_parts(walker, (size_t)PyUnicode_GET_LENGTH(x)))
        return walk_on(walker, &(struct walk_frame){.go_on = go_on_str,
                                                    .object = x,
                                                    .length = (size_t)PyUnicode_GET_LENGTH(x)});
    return pyon_write_code_points(&walker->writer, PyUnicode_DATA(x),
                                  (size_t)PyUnicode_GET_LENGTH(x), (unsigned)PyUnicode_KIND(x));
}

/* Python makes the digits of an int of more than 64 bits, and keeps its limit of digits. */
static int walk_bigint(struct walker *walker, PyObject *x)
{
    PyObject *digits = PyLong_Type.tp_repr(x);
    int status = -1;

    if (digits)
        status = pyon_write_raw(&walker->writer, PyUnicode_DATA(digits),
                                (size_t)PyUnicode_GET_LENGTH(digits));
    Py_XDECREF(digits);
    return status;
}

int walk_int(struct walker *walker, PyObject *x)
{
    int64_t value;

    if (!compat_small_int(x, &value))
        return walk_bigint(walker, x);
    return pyon_write_integer(&walker->writer, value);
}

int walk_float(struct walker *walker, PyObject *x)
{
    return pyon_write_real(&walker->writer, PyFloat_AS_DOUBLE(x));
}

int walk_complex(struct walker *walker, PyObject *x)
{
    Py_complex value = PyComplex_AsCComplex(x);

    return pyon_write_complex(&walker->writer, value.real, value.imag);
}

static int go_on_bytes(struct walker *walker, struct walk_frame *frame)
{
    do {
        if (pyon_write_bytes_part(&walker->writer, PyBytes_AS_STRING(frame->object), frame->length,
                                  &frame->part) < 0)
            return -1;
    } while (frame->part.done < frame->length && !walk_is_due(walker));
    return frame->part.done < frame->length ? PAUSED : 0;
}

int walk_bytes(struct walker *walker, PyObject *x)
{
    if (walk_in_parts(walker, (size_t)PyBytes_GET_SIZE(x)))
        return walk_on(walker, &(struct walk_frame){.go_on = go_on_bytes,
                                                    .object = x,
                                                    .length = (size_t)PyBytes_GET_SIZE(x)});
    return pyon_write_bytes(&walker->writer, PyBytes_AS_STRING(x), (size_t)PyBytes_GET_SIZE(x));
}

/* ---- Rare cases ---- */

bool walk_may_pretend(const struct walker *walker, PyObject *x)
{
    PyTypeObject *type = Py_TYPE(x);
    PyObject *name = walker->state->class_name;

    if (!(type->tp_flags & Py_TPFLAGS_HEAPTYPE))
        return false;
    return type->tp_getattro != PyObject_GenericGetAttr ||
           compat_type_lookup(type, name) != compat_type_lookup(&PyBaseObject_Type, name);
}

/* Has the class of x another hash or equality than the type in C that it is derived from? */
static bool is_foreign(PyObject *x, PyObject *known)
{
    PyTypeObject *type = Py_TYPE(x), *base = type;

    while (base->tp_flags & Py_TPFLAGS_HEAPTYPE)
        base = base->tp_base;
    return (PyObject *)type != known &&
           (type->tp_hash != base->tp_hash || type->tp_richcompare != base->tp_richcompare);
}

static bool is_foreign_key(PyObject *key, PyObject *known)
{
    Py_ssize_t size = PyTuple_Check(key) ? PyTuple_GET_SIZE(key) : 0;
    bool foreign = is_foreign(key, known);

    for (Py_ssize_t i = 0; !foreign && i < size; i++) {
        PyObject *member = PyTuple_GET_ITEM(key, i);

        foreign = is_foreign(member, known) || PyTuple_Check(member);
    }
    return foreign;
}

bool walk_has_foreign_keys(PyObject *dict, PyObject *known)
{
    struct compat_section section;
    PyObject *key, *value;
    Py_ssize_t position = 0;
    bool foreign = false;

    compat_enter(&section, dict);
    while (!foreign && PyDict_Next(dict, &position, &key, &value))
        foreign = is_foreign_key(key, known);
    compat_leave(&section);
    return foreign;
}

bool walk_has_items_of(PyObject *x, PyTypeObject *base)
{
    PyObject *name = PyUnicode_InternFromString("items"), *method = NULL;
    PyObject *descriptor = name ? compat_type_lookup(base, name) : NULL;
    bool same = false;

    if (name && Py_TYPE(x)->tp_getattro == PyObject_GenericGetAttr &&
        compat_type_lookup(Py_TYPE(x), name) == descriptor)
        method = PyObject_GetAttr(x, name);
    if (method && PyCFunction_Check(method) && PyCFunction_GET_SELF(method) == x)
        same = PyCFunction_GET_FUNCTION(method) == compat_method(descriptor);
    Py_XDECREF(method);
    Py_XDECREF(name);
    return same;
}

/*
 * A slot of a Fraction: new, NULL if it is empty. The properties numerator and denominator are
 * functions in Python, where a signal handler may run: its exception could not be told from theirs.
 */
static PyObject *slot(PyObject *x, PyObject *name)
{
    PyObject *value = PyObject_GetAttr(x, name);

    if (!value && PyErr_ExceptionMatches(PyExc_AttributeError))
        PyErr_Clear();
    return value;
}

int walk_fraction(struct walker *walker, PyObject *x, bool must_be_ints)
{
    struct pyon_writer *writer = &walker->writer;
    PyObject *numerator = slot(x, walker->state->numerator);
    PyObject *denominator = numerator ? slot(x, walker->state->denominator) : NULL;
    bool is_known =
        denominator &&
        (!must_be_ints || (PyLong_CheckExact(numerator) && PyLong_CheckExact(denominator)));
    size_t due;
    int status = -1;

    if (is_known && (due = walk_enter_call(walker, x)) > 0) {
        if (pyon_write_call_begin(writer, "Fraction", 8, 2) == 0 &&
            walker->walk(walker, numerator) == 0 && pyon_write_call_next(writer, 2) == 0 &&
            walker->walk(walker, denominator) == 0)
            status = pyon_write_call_end(writer, 2);
        walk_leave_call(walker, due);
    }
    Py_XDECREF(numerator);
    Py_XDECREF(denominator);
    return status;
}
