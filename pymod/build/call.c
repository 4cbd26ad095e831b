/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Calls: {"__jsonclass__": [NAME, ARGUMENTS]} of version 2, NAME(ARGUMENTS) of version 1.
 *
 *     ["nparray", [[2], "<i2", "AQACAA=="]]
 *     call_begin  integer 2  list 1  string "<i2"  string: made = 3, the array is on the stack
 *     call_end 3: made == 3, the array is the value
 *     call_end 4, or call_undo: the array becomes the str "AQACAA==" again
 *
 * A call notes where its arguments begin on the stack. Most arguments are built like any value, and
 * given to the constructor. Some are "made" into the result at once: the list in the arguments of a
 * tuple becomes the tuple, and base64 is decoded right into the bytes, array or scalar. If the call
 * turns out to be irregular, the argument is unmade: it becomes the value that stands in the text.
 *
 * The maps of the Python modules decide the meaning of a name when the call ends. If the entry is
 * the format's own, its plain cases are done here. Otherwise, the entry is called.
 */
#include "array.h"
#include "build/build.h"
#include "state.h"

#include <string.h>

static const char *const names[CONSTRUCTOR_OTHER] = {
    [CONSTRUCTOR_TUPLE] = "tuple",       [CONSTRUCTOR_DICT] = "dict",
    [CONSTRUCTOR_SET] = "set",           [CONSTRUCTOR_BYTES] = "bytes",
    [CONSTRUCTOR_COMPLEX] = "complex",   [CONSTRUCTOR_NPARRAY] = "nparray",
    [CONSTRUCTOR_NPSCALAR] = "npscalar", [CONSTRUCTOR_FRACTION] = "Fraction",
};

static inline struct call *innermost(struct builder *builder)
{
    assert(builder->call_count > 0);
    return &builder->calls[builder->call_count - 1];
}

/* Takes the innermost call off. Its arguments are that many values on the stack. */
static inline struct call pop_call(struct builder *builder, size_t values)
{
    struct call call = *innermost(builder);

    (void)values;
    assert(builder->count == call.base + values && call.made <= values);
    builder->call_count--;
    return call;
}

/* ---- Arguments that are made at once ---- */

static PyObject *decode_bytes(const char *text, size_t length)
{
    PyObject *bytes;
    size_t size;

    if (pyon_base64_decoded_size(text, length, &size) < 0)
        return NULL;
    bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size);
    if (bytes && pyon_base64_decode(PyBytes_AS_STRING(bytes), text, length, NULL) < 0)
        Py_CLEAR(bytes);
    return bytes;
}

/*
 * The value that base64 text completes as the next argument of the innermost call: new. NULL
 * without an exception if it completes none.
 */
static PyObject *make(struct builder *builder, struct base64_text *payload)
{
    const struct call *call = innermost(builder);
    size_t position = builder->count - call->base;
    PyObject **arguments = builder->values + call->base;

    if (!call->own || call->made)
        return NULL;
    if (call->constructor == CONSTRUCTOR_NPARRAY && position == 2)
        return array_build(builder->state, arguments[0], arguments[1], payload);
    if (call->constructor == CONSTRUCTOR_NPSCALAR && position == 1)
        return array_build_scalar(builder->state, arguments[0], payload);
    if (call->constructor == CONSTRUCTOR_BYTES && position == 0 && !payload->ending)
        return decode_bytes(payload->text, payload->length);
    return NULL;
}

/* Steals `made`, the value that the next argument of the innermost call completes. */
static int push_made(struct builder *builder, PyObject *made, bool bytes)
{
    struct call *call = innermost(builder);

    call->made = 1 + builder->count - call->base;
    call->made_bytes = bytes;
    return push(builder, made);
}

static int push_payload(struct builder *builder, struct base64_text *payload, bool bytes)
{
    PyObject *made;

    payload->resting = builder->resting;
    made = make(builder, payload);
    builder->resting = payload->resting;
    if (!made)
        return PyErr_Occurred() ? -1 : 1;
    return push_made(builder, made, bytes);
}

int build_made(struct builder *builder, const char *text, size_t length, bool bytes)
{
    struct base64_text payload = {.text = text, .length = length};

    return push_payload(builder, &payload, bytes);
}

int build_payload(void *self, const char *text, size_t available, const char *ending,
                  size_t ending_length, bool bytes, size_t *length)
{
    struct base64_text payload = {
        .text = text, .available = available, .ending = ending, .ending_length = ending_length};
    int status = push_payload(self, &payload, bytes);

    *length = payload.length;
    return status;
}

int build_payload_begin(void *self, bool bytes, size_t most, void **data, size_t *size)
{
    struct builder *builder = self;
    const struct call *call = innermost(builder);
    PyObject **arguments = builder->values + call->base;

    if (!call->own || call->made || call->constructor != CONSTRUCTOR_NPARRAY ||
        builder->count - call->base != 2)
        return 1;
    builder->payload = array_begin(builder->state, arguments[0], arguments[1], most, data, size);
    builder->payload_bytes = bytes;
    return builder->payload ? 0 : 1;
}

int build_payload_end(void *self, bool complete)
{
    struct builder *builder = self;
    PyObject *payload = builder->payload;

    builder->payload = NULL;
    if (complete)
        return push_made(builder, payload, builder->payload_bytes);
    Py_XDECREF(payload); /* build_reset may have dropped it already */
    return 0;
}

bool build_make_tuple(struct builder *builder, size_t length)
{
    struct call *call = innermost(builder);

    if (call->constructor != CONSTRUCTOR_TUPLE || !call->own ||
        builder->count != call->base + length)
        return false;
    call->made = 1;
    return true;
}

/* The text from which the data was decoded: decoding is strict, so there is only one. */
static PyObject *encode_data(PyObject *data, bool bytes)
{
    size_t size = (size_t)PyBytes_GET_SIZE(data);
    Py_ssize_t length = (Py_ssize_t)pyon_base64_encoded_size(size);
    PyObject *text = bytes ? PyBytes_FromStringAndSize(NULL, length) : PyUnicode_New(length, 127);

    if (text)
        pyon_base64_encode(bytes ? PyBytes_AS_STRING(text) : PyUnicode_DATA(text),
                           PyBytes_AS_STRING(data), size);
    return text;
}

/* Puts the value that stands in the text in the place of the argument that was made of it. */
static int unmake(struct builder *builder, const struct call *call)
{
    PyObject **place, *data, *said;

    if (!call->made)
        return 0;
    place = &builder->values[call->base + call->made - 1];
    if (PyTuple_CheckExact(*place)) {
        said = PySequence_List(*place);
    } else {
        data = PyBytes_CheckExact(*place) ? Py_NewRef(*place) : array_data(*place);
        said = data ? encode_data(data, call->made_bytes) : NULL;
        Py_XDECREF(data);
    }
    if (!said)
        return -1;
    Py_SETREF(*place, said);
    return 0;
}

/* ---- Calls ---- */

int build_names(struct state *state)
{
    for (int i = 0; i < CONSTRUCTOR_OTHER; i++) {
        state->constructors[i] = PyUnicode_InternFromString(names[i]);
        if (!state->constructors[i])
            return -1;
    }
    return 0;
}

static enum constructor find_constructor(const char *name, size_t length)
{
    for (int i = 0; i < CONSTRUCTOR_OTHER; i++)
        if (name[0] == names[i][0] && strlen(names[i]) == length &&
            memcmp(names[i], name, length) == 0)
            return (enum constructor)i;
    return CONSTRUCTOR_OTHER;
}

void build_drop_name(struct call *call)
{
    if (call->constructor == CONSTRUCTOR_OTHER)
        Py_DECREF(call->name);
}

void build_drop_call(struct builder *builder)
{
    build_drop_name(innermost(builder));
    builder->call_count--;
}

/* Looks a constructor up once in each decoding, and again after foreign code has run. */
static bool is_own(struct builder *builder, const struct call *call)
{
    unsigned bit = 1u << call->constructor;
    PyObject *entry, *own;
    bool same;

    if (builder->own_constructors & bit)
        return true;
    entry = compat_dict_find(builder->map, call->name);
    own = entry ? compat_dict_find(builder->own, call->name) : NULL;
    same = own && own == entry;
    Py_XDECREF(entry);
    Py_XDECREF(own);
    if (same && !builder->foreign)
        builder->own_constructors |= bit;
    return same;
}

/* Loads NumPy for its first value. */
static int load_numpy(struct builder *builder, const struct call *call)
{
    int status;

    if (builder->state->has_numpy || !call->own ||
        (call->constructor != CONSTRUCTOR_NPARRAY && call->constructor != CONSTRUCTOR_NPSCALAR))
        return 0;
    build_foreign_begins(builder);
    status = array_load(builder->state);
    build_foreign_ends(builder);
    return status;
}

int build_call_begin(void *self, const char *name, size_t length)
{
    struct builder *builder = self;
    struct call *call;

    if (builder->call_count == builder->call_capacity) {
        struct call *calls = build_grow(builder->calls, builder->first_calls, sizeof *calls,
                                        &builder->call_capacity);

        if (!calls)
            return -1;
        builder->calls = calls;
    }
    call = &builder->calls[builder->call_count];
    *call = (struct call){.base = builder->count, .turn = builder->turn};
    call->constructor = find_constructor(name, length);
    if (call->constructor == CONSTRUCTOR_OTHER) {
        call->name = PyUnicode_FromStringAndSize(name, (Py_ssize_t)length);
        if (!call->name)
            return -1;
    } else {
        call->name = builder->state->constructors[call->constructor];
        call->own = is_own(builder, call);
        if (load_numpy(builder, call) < 0)
            return -1;
    }
    builder->call_count++;
    return 0;
}

int build_keyword(void *self, const char *name, size_t length)
{
    return push(self, PyUnicode_FromStringAndSize(name, (Py_ssize_t)length));
}

/* Enters [key, value]: 0; -1, without an exception if `pair` is not that. */
static int enter_pair(PyObject *dict, PyObject *pair)
{
    PyObject *key, *value;
    int status = -1;

    if (!PyList_CheckExact(pair) || PyList_GET_SIZE(pair) != 2)
        return -1;
    key = compat_item(pair, 0);
    value = compat_item(pair, 1);
    if (key && value)
        status = PyDict_SetItem(dict, key, value);
    Py_XDECREF(key);
    Py_XDECREF(value);
    return status;
}

/* A dict from a list of [key, value]; NULL without an exception if `pairs` is not that. A
   constructor of a program may have returned the lists, and keep them. */
static PyObject *construct_dict(PyObject *pairs)
{
    PyObject *dict, *pair;

    if (!PyList_CheckExact(pairs))
        return NULL;
    dict = PyDict_New();
    for (Py_ssize_t i = 0; dict && (pair = compat_item(pairs, i)); i++) {
        if (enter_pair(dict, pair) < 0)
            Py_CLEAR(dict);
        Py_DECREF(pair);
    }
    return dict;
}

/* The plain cases of the format's own constructors; NULL without an exception for others. */
static PyObject *construct_own(struct builder *builder, const struct call *call,
                               PyObject *const *arguments, size_t count)
{
    switch (call->constructor) {
    case CONSTRUCTOR_NPARRAY:
        if (builder->frames && count == 3 && PyLong_CheckExact(arguments[2]))
            return build_frame_array(builder, arguments);
        break;
    case CONSTRUCTOR_SET:
        if (count == 1 && PyList_CheckExact(arguments[0]))
            return PySet_New(arguments[0]);
        break;
    case CONSTRUCTOR_DICT:
        if (count == 1)
            return construct_dict(arguments[0]);
        break;
    case CONSTRUCTOR_COMPLEX:
        if (count == 2 && PyFloat_CheckExact(arguments[0]) && PyFloat_CheckExact(arguments[1]))
            return PyComplex_FromDoubles(PyFloat_AS_DOUBLE(arguments[0]),
                                         PyFloat_AS_DOUBLE(arguments[1]));
        break;
    default:
        break;
    }
    return NULL;
}

/* The keyword arguments, which come after the positional ones: name, value, name, value, ... */
static PyObject *keyword_dict(PyObject *const *pairs, size_t keywords)
{
    PyObject *dict = PyDict_New();

    for (size_t i = 0; dict && i < keywords; i++)
        if (PyDict_SetItem(dict, pairs[2 * i], pairs[2 * i + 1]) < 0)
            Py_CLEAR(dict);
    return dict;
}

static PyObject *positional_tuple(PyObject *const *arguments, size_t count)
{
    PyObject *tuple = PyTuple_New((Py_ssize_t)count);

    for (size_t i = 0; tuple && i < count; i++)
        PyTuple_SET_ITEM(tuple, (Py_ssize_t)i, Py_NewRef(arguments[i]));
    return tuple;
}

/* Are all arguments small ints? Most Fractions have such parts, and need no budget. */
static bool are_small_ints(PyObject *const *arguments, size_t count)
{
    int64_t value;

    for (size_t i = 0; i < count; i++)
        if (!PyLong_CheckExact(arguments[i]) || !compat_small_int(arguments[i], &value))
            return false;
    return true;
}

/* Calls the entry of the map. A Fraction is made within the budget. */
static PyObject *call_entry(struct builder *builder, const struct call *call, PyObject *callable,
                            PyObject *const *arguments, size_t count, size_t keywords)
{
    bool own_fraction = call->own && call->constructor == CONSTRUCTOR_FRACTION;
    PyObject *positional, *named, *fraction, *result = NULL;

    if (keywords == 0 && own_fraction && count <= 2 && are_small_ints(arguments, count)) {
        fraction = Py_NewRef(builder->state->fraction);
        result = PyObject_Vectorcall(fraction, arguments, count, NULL);
        Py_DECREF(fraction);
        return result;
    }
    if (keywords == 0 && !own_fraction)
        return PyObject_Vectorcall(callable, arguments, count, NULL);
    named = keyword_dict(arguments + count, keywords);
    positional = named ? positional_tuple(arguments, count) : NULL;
    if (positional)
        result = own_fraction ? budget_fraction(builder, positional, named)
                              : PyObject_Call(callable, positional, named);
    Py_XDECREF(positional);
    Py_XDECREF(named);
    return result;
}

/* Calls the entry of the map. */
static PyObject *construct(struct builder *builder, const struct call *call,
                           PyObject *const *arguments, size_t count, size_t keywords)
{
    PyObject *callable = compat_dict_find(builder->map, call->name);
    PyObject *result;

    if (!callable) {
        if (!PyErr_Occurred())
            PyErr_Format(PyExc_TypeError, "Object of type `%U` is not PYON decodable", call->name);
        return NULL;
    }
    build_foreign_begins(builder);
    result = call_entry(builder, call, callable, arguments, count, keywords);
    build_foreign_ends(builder);
    Py_DECREF(callable);
    return result;
}

int build_call_end(void *self, size_t arguments, size_t keywords)
{
    struct builder *builder = self;
    struct call call = pop_call(builder, arguments + 2 * keywords);
    PyObject **first = builder->values + call.base;
    PyObject *value = NULL;

    if ((builder->foreign || call.turn != builder->turn) && call.own)
        call.own = is_own(builder, &call);
    if (call.own && call.made == arguments && arguments > 0 && keywords == 0) {
        value = Py_NewRef(first[arguments - 1]);
    } else if (unmake(builder, &call) == 0) {
        if (call.own && keywords == 0) {
            build_hash_begins(builder);
            value = construct_own(builder, &call, first, arguments);
            build_hash_ends(builder);
        }
        if (!value && !PyErr_Occurred())
            value = construct(builder, &call, first, arguments, keywords);
    }
    build_drop_name(&call);
    return build_replace(builder, arguments + 2 * keywords, value);
}

int build_call_undo(void *self, size_t arguments)
{
    struct builder *builder = self;
    struct call call = pop_call(builder, arguments);
    PyObject *name = Py_NewRef(call.name);
    PyObject *list;

    build_drop_name(&call);
    if (unmake(builder, &call) < 0 || build_list(self, arguments, 0) < 0) {
        Py_DECREF(name);
        return -1;
    }
    list = builder->values[--builder->count];
    if (push(builder, Py_NewRef(builder->state->tag)) < 0) {
        Py_DECREF(name);
        Py_DECREF(list);
        return -1;
    }
    if (push(builder, name) < 0) {
        Py_DECREF(list);
        return -1;
    }
    return push(builder, list);
}
