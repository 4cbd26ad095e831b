/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Events to Python objects.
 *
 * Values wait on a stack; a container takes its members off and puts itself there, so lists and
 * tuples get their exact size at once. A call notes where its arguments begin. Most arguments
 * are built like any value and given to the constructor. Three are not worth building: the list
 * in a tuple's arguments becomes the tuple at once, and base64 goes from the text right into the
 * bytes, array or scalar that it stands for. Such an argument is "made": it is the result
 * already. If the call then turns out to be odd, it is unmade into what the text said.
 *
 * What a name means is decided by the maps of the Python modules when the call ends. As long as
 * an entry is the format's own, its plain cases are done here; all else calls the entry.
 *
 * An error leaves the exception set and stops the parser; dropping the stack is the clean-up.
 */
#include "pymod.h"

#include <string.h>

#define FIRST_VALUES 128
#define FIRST_CALLS 16

enum constructor {
    CONSTRUCTOR_TUPLE,
    CONSTRUCTOR_DICT,
    CONSTRUCTOR_SET,
    CONSTRUCTOR_BYTES,
    CONSTRUCTOR_COMPLEX,
    CONSTRUCTOR_NPARRAY,
    CONSTRUCTOR_NPSCALAR,
    CONSTRUCTOR_OTHER
};

static const char *const names[CONSTRUCTOR_OTHER] = {
    [CONSTRUCTOR_TUPLE] = "tuple",       [CONSTRUCTOR_DICT] = "dict",
    [CONSTRUCTOR_SET] = "set",           [CONSTRUCTOR_BYTES] = "bytes",
    [CONSTRUCTOR_COMPLEX] = "complex",   [CONSTRUCTOR_NPARRAY] = "nparray",
    [CONSTRUCTOR_NPSCALAR] = "npscalar",
};

struct call {
    PyObject *name; /* str */
    size_t base;    /* of its arguments on the stack */
    size_t made;    /* 1 + the index of the argument that is the result; 0 for none */
    enum constructor constructor;
    bool own;        /* the constructor is the format's own */
    bool made_bytes; /* the text of what is made was a bytes literal */
};

struct builder {
    struct state *state;
    PyObject *map, *own; /* name -> constructor */
    PyObject **values;
    size_t count, capacity;
    struct call *calls;
    size_t call_count, call_capacity;
    PyObject *first_values[FIRST_VALUES];
    struct call first_calls[FIRST_CALLS];
};

/* ---- The stack ---- */

/* Doubles an array that begins in `first`: fills `capacity`. */
static void *grow(void *array, const void *first, size_t size, size_t *capacity)
{
    void *old = array == first ? NULL : array;
    void *block = NULL;

    if (*capacity <= (size_t)PY_SSIZE_T_MAX / 2 / size)
        block = PyMem_Realloc(old, 2 * *capacity * size);
    if (!block) {
        PyErr_NoMemory();
        return NULL;
    }
    if (!old)
        memcpy(block, first, *capacity * size);
    *capacity *= 2;
    return block;
}

/* Steals `value`, which may be NULL if making it has failed. */
static inline int push(struct builder *builder, PyObject *value)
{
    if (!value)
        return -1;
    if (builder->count == builder->capacity) {
        PyObject **values =
            grow(builder->values, builder->first_values, sizeof *values, &builder->capacity);

        if (!values) {
            Py_DECREF(value);
            return -1;
        }
        builder->values = values;
    }
    builder->values[builder->count++] = value;
    return 0;
}

static void drop(struct builder *builder, size_t count)
{
    while (count-- > 0)
        Py_DECREF(builder->values[--builder->count]);
}

/* Drops `count` values and pushes the one made of them, which may be NULL. */
static int replace(struct builder *builder, size_t count, PyObject *value)
{
    drop(builder, count);
    return push(builder, value);
}

static inline PyObject **top(struct builder *builder, size_t count)
{
    return builder->values + builder->count - count;
}

/* ---- Scalars ---- */

static int build_null(void *self)
{
    return push(self, Py_NewRef(Py_None));
}

static int build_boolean(void *self, bool value)
{
    return push(self, Py_NewRef(value ? Py_True : Py_False));
}

static int build_integer(void *self, int64_t value)
{
    return push(self, PyLong_FromLongLong(value));
}

static int build_bigint(void *self, const char *text, size_t length, unsigned base)
{
    (void)length;
    return push(self, PyLong_FromString(text, NULL, (int)base));
}

/* Python's compiler reports an integer of too many digits as an error of syntax. */
static int build_bigint_v1(void *self, const char *text, size_t length, unsigned base)
{
    PyObject *type, *value, *traceback;

    if (build_bigint(self, text, length, base) == 0)
        return 0;
    if (PyErr_ExceptionMatches(PyExc_ValueError)) {
        PyErr_Fetch(&type, &value, &traceback);
        PyErr_Format(PyExc_SyntaxError,
                     "%S - Consider hexadecimal for huge integer literals to avoid decimal "
                     "conversion limits.",
                     value);
        Py_XDECREF(type);
        Py_XDECREF(value);
        Py_XDECREF(traceback);
    }
    return -1;
}

static int build_real(void *self, double value)
{
    struct builder *builder = self;

    if (value != value)
        return push(builder, Py_NewRef(builder->state->nan));
    return push(builder, PyFloat_FromDouble(value));
}

static int build_complex(void *self, double real, double imaginary)
{
    return push(self, PyComplex_FromDoubles(real, imaginary));
}

/* ---- What is made at once ---- */

static PyObject *decode_bytes(const char *text, size_t length)
{
    PyObject *bytes;
    size_t size;

    if (pyon_base64_decoded_size(text, length, &size) < 0)
        return NULL;
    bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size);
    if (bytes && pyon_base64_decode(PyBytes_AS_STRING(bytes), text, length) < 0)
        Py_CLEAR(bytes);
    return bytes;
}

/*
 * The value that base64 text, as the next argument of the innermost call, completes. NULL without
 * an exception where it does not.
 */
static PyObject *make(struct builder *builder, const char *text, size_t length)
{
    const struct call *call = &builder->calls[builder->call_count - 1];
    size_t position = builder->count - call->base;
    PyObject **arguments = builder->values + call->base;

    if (!call->own || call->made)
        return NULL;
    if (call->constructor == CONSTRUCTOR_NPARRAY && position == 2)
        return array_build(arguments[0], arguments[1], text, length);
    if (call->constructor == CONSTRUCTOR_NPSCALAR && position == 1)
        return array_build_scalar(arguments[0], text, length);
    if (call->constructor == CONSTRUCTOR_BYTES && position == 0)
        return decode_bytes(text, length);
    return NULL;
}

/* Pushes what has been made; 1 if nothing could be. */
static int push_made(struct builder *builder, PyObject *made, bool bytes)
{
    struct call *call = &builder->calls[builder->call_count - 1];

    if (!made)
        return PyErr_Occurred() ? -1 : 1;
    call->made = 1 + builder->count - call->base;
    call->made_bytes = bytes;
    return push(builder, made);
}

/* The text that strict decoding has accepted, from the data: they are equivalent. */
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

/* Puts what the text said in the place of the argument that was made of it. */
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

/* ---- Strings ---- */

static PyObject *make_str(const char *utf8, size_t length, unsigned flags)
{
    PyObject *str;

    if (!(flags & PYON_ASCII))
        return PyUnicode_DecodeUTF8(utf8, (Py_ssize_t)length, "surrogatepass");
    str = PyUnicode_New((Py_ssize_t)length, 127);
    if (str && length > 0)
        memcpy(PyUnicode_DATA(str), utf8, length);
    return str;
}

static int build_string(void *self, const char *utf8, size_t length, unsigned flags)
{
    struct builder *builder = self;

    if (flags & PYON_ARGUMENT) {
        int status = push_made(builder, make(builder, utf8, length), false);

        if (status <= 0)
            return status;
    }
    return push(builder, make_str(utf8, length, flags));
}

static int build_bytes(void *self, const char *data, size_t length, unsigned flags)
{
    struct builder *builder = self;

    if (flags & PYON_ARGUMENT) {
        int status = push_made(builder, make(builder, data, length), true);

        if (status <= 0)
            return status;
    }
    return push(builder, PyBytes_FromStringAndSize(data, (Py_ssize_t)length));
}

/* ---- Containers ---- */

/* The members move from the stack into the new object. */
static int build_tuple(void *self, size_t length, unsigned flags)
{
    struct builder *builder = self;
    PyObject *tuple = PyTuple_New((Py_ssize_t)length);

    (void)flags;
    if (!tuple)
        return -1;
    builder->count -= length;
    for (size_t i = 0; i < length; i++)
        PyTuple_SET_ITEM(tuple, (Py_ssize_t)i, builder->values[builder->count + i]);
    return push(builder, tuple);
}

static int build_list(void *self, size_t length, unsigned flags)
{
    struct builder *builder = self;
    PyObject *list;

    if (flags & PYON_ARGUMENT) {
        struct call *call = &builder->calls[builder->call_count - 1];

        if (call->constructor == CONSTRUCTOR_TUPLE && call->own &&
            builder->count == call->base + length) {
            call->made = 1;
            return build_tuple(self, length, 0);
        }
    }
    list = PyList_New((Py_ssize_t)length);
    if (!list)
        return -1;
    builder->count -= length;
    for (size_t i = 0; i < length; i++)
        PyList_SET_ITEM(list, (Py_ssize_t)i, builder->values[builder->count + i]);
    return push(builder, list);
}

static int build_set(void *self, size_t length)
{
    struct builder *builder = self;
    PyObject **members = top(builder, length);
    PyObject *set = PySet_New(NULL);

    for (size_t i = 0; set && i < length; i++)
        if (PySet_Add(set, members[i]) < 0)
            Py_CLEAR(set);
    return replace(builder, length, set);
}

static int build_dict(void *self, size_t length)
{
    struct builder *builder = self;
    PyObject **pairs = top(builder, 2 * length);
    PyObject *dict = PyDict_New();

    for (size_t i = 0; dict && i < length; i++)
        if (PyDict_SetItem(dict, pairs[2 * i], pairs[2 * i + 1]) < 0)
            Py_CLEAR(dict);
    return replace(builder, 2 * length, dict);
}

/* An object with the key "__jsonclass__" that is no plain call: json's hook decides. */
static int build_tagged(void *self, size_t length)
{
    struct builder *builder = self;
    PyObject *dict, *value;

    if (build_dict(self, length) < 0)
        return -1;
    dict = *top(builder, 1);
    value = PyObject_CallOneArg(builder->state->v2.object_hook, dict);
    return replace(builder, 1, value);
}

/* ---- Calls ---- */

static enum constructor find_constructor(const char *name, size_t length)
{
    for (int i = 0; i < CONSTRUCTOR_OTHER; i++)
        if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0)
            return (enum constructor)i;
    return CONSTRUCTOR_OTHER;
}

static int build_call_begin(void *self, const char *name, size_t length)
{
    struct builder *builder = self;
    struct call *call;

    if (builder->call_count == builder->call_capacity) {
        struct call *calls =
            grow(builder->calls, builder->first_calls, sizeof *calls, &builder->call_capacity);

        if (!calls)
            return -1;
        builder->calls = calls;
    }
    call = &builder->calls[builder->call_count];
    *call = (struct call){.base = builder->count};
    call->name = PyUnicode_FromStringAndSize(name, (Py_ssize_t)length);
    if (!call->name)
        return -1;
    builder->call_count++;
    call->constructor = find_constructor(name, length);
    if (call->constructor != CONSTRUCTOR_OTHER) {
        PyObject *entry = PyDict_GetItemWithError(builder->map, call->name);

        call->own = entry && entry == PyDict_GetItemWithError(builder->own, call->name);
    }
    return PyErr_Occurred() ? -1 : 0;
}

static int build_keyword(void *self, const char *name, size_t length)
{
    return push(self, PyUnicode_FromStringAndSize(name, (Py_ssize_t)length));
}

/* A dict of a list of [key, value]; NULL without an exception if it is not that. */
static PyObject *construct_dict(PyObject *pairs)
{
    PyObject *dict;

    if (!PyList_CheckExact(pairs))
        return NULL;
    dict = PyDict_New();
    for (Py_ssize_t i = 0; dict && i < PyList_GET_SIZE(pairs); i++) {
        PyObject *pair = PyList_GET_ITEM(pairs, i);

        if (!PyList_CheckExact(pair) || PyList_GET_SIZE(pair) != 2 ||
            PyDict_SetItem(dict, PyList_GET_ITEM(pair, 0), PyList_GET_ITEM(pair, 1)) < 0)
            Py_CLEAR(dict);
    }
    return dict;
}

/* The plain cases of the format's own constructors; NULL without an exception for others. */
static PyObject *construct_own(const struct call *call, PyObject *const *arguments, size_t count)
{
    switch (call->constructor) {
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

/* The arguments behind the positional ones: name, value, name, value, ... */
static PyObject *keyword_dict(PyObject *const *pairs, size_t keywords)
{
    PyObject *dict = PyDict_New();

    for (size_t i = 0; dict && i < keywords; i++) {
        int repeated = PyDict_Contains(dict, pairs[2 * i]);

        if (repeated > 0)
            PyErr_Format(PyExc_SyntaxError, "PYON v1: keyword argument repeated: %U", pairs[2 * i]);
        if (repeated != 0 || PyDict_SetItem(dict, pairs[2 * i], pairs[2 * i + 1]) < 0)
            Py_CLEAR(dict);
    }
    return dict;
}

/* Calls what the map has under the name. */
static PyObject *construct(struct builder *builder, const struct call *call,
                           PyObject *const *arguments, size_t count, size_t keywords)
{
    PyObject *callable = PyDict_GetItemWithError(builder->map, call->name);
    PyObject *positional, *named, *result = NULL;

    if (!callable) {
        if (!PyErr_Occurred())
            PyErr_Format(PyExc_TypeError, "Object of type `%U` is not PYON decodable", call->name);
        return NULL;
    }
    Py_INCREF(callable); /* it may take itself out of the map */
    if (keywords == 0) {
        result = PyObject_Vectorcall(callable, arguments, count, NULL);
    } else {
        named = keyword_dict(arguments + count, keywords);
        positional = named ? PyTuple_New((Py_ssize_t)count) : NULL;
        for (size_t i = 0; positional && i < count; i++)
            PyTuple_SET_ITEM(positional, (Py_ssize_t)i, Py_NewRef(arguments[i]));
        if (positional)
            result = PyObject_Call(callable, positional, named);
        Py_XDECREF(positional);
        Py_XDECREF(named);
    }
    Py_DECREF(callable);
    return result;
}

static int build_call_end(void *self, size_t arguments, size_t keywords)
{
    struct builder *builder = self;
    struct call call = builder->calls[--builder->call_count];
    PyObject **first = builder->values + call.base;
    PyObject *value = NULL;

    if (call.made == arguments && arguments > 0 && keywords == 0) {
        value = Py_NewRef(first[arguments - 1]);
    } else if (unmake(builder, &call) == 0) {
        if (call.own && keywords == 0)
            value = construct_own(&call, first, arguments);
        if (!value && !PyErr_Occurred())
            value = construct(builder, &call, first, arguments, keywords);
    }
    Py_DECREF(call.name);
    return replace(builder, arguments + 2 * keywords, value);
}

static int build_call_undo(void *self, size_t arguments)
{
    struct builder *builder = self;
    struct call call = builder->calls[--builder->call_count];
    PyObject *list;

    if (unmake(builder, &call) < 0 || build_list(self, arguments, 0) < 0) {
        Py_DECREF(call.name);
        return -1;
    }
    list = builder->values[--builder->count];
    if (push(builder, PyUnicode_FromString("__jsonclass__")) < 0) {
        Py_DECREF(call.name);
        Py_DECREF(list);
        return -1;
    }
    if (push(builder, call.name) < 0) {
        Py_DECREF(list);
        return -1;
    }
    return push(builder, list);
}

/* ---- Names of version 1 ---- */

/* What the map of names has under a name; borrowed, NULL without an exception if nothing. */
static PyObject *find_name(struct builder *builder, const char *name, size_t length)
{
    PyObject *key, *value;

    if (length >= 2 && name[0] == '_' && name[1] == '_')
        return NULL; /* __builtins__ is in the map for eval's sake */
    key = PyUnicode_FromStringAndSize(name, (Py_ssize_t)length);
    if (!key)
        return NULL;
    value = PyDict_GetItemWithError(builder->map, key);
    Py_DECREF(key);
    return value;
}

static bool is_callable(void *self, const char *name, size_t length)
{
    PyObject *value = find_name(self, name, length);

    PyErr_Clear(); /* then it is not callable, and that is the error */
    return value && PyCallable_Check(value);
}

/* Looked up in the type, where it runs nothing. */
static bool has_attribute(void *self, const char *name, size_t length)
{
    struct builder *builder = self;
    PyObject *key = PyUnicode_FromStringAndSize(name, (Py_ssize_t)length);
    bool found = false;

    if (key)
        found = PyObject_HasAttr((PyObject *)Py_TYPE(*top(builder, 1)), key);
    Py_XDECREF(key);
    PyErr_Clear();
    return found;
}

static int build_name(void *self, const char *name, size_t length)
{
    PyObject *value = find_name(self, name, length);

    if (!value)
        return PyErr_Occurred() ? -1 : 1;
    return push(self, Py_NewRef(value));
}

static int find_character(void *self, const char *name, size_t length, uint32_t *code_point)
{
    struct state *state = ((struct builder *)self)->state;
    PyObject *str;
    int status = 1;

    if (!state->lookup) {
        PyObject *unicodedata = PyImport_ImportModule("unicodedata");

        if (!unicodedata)
            return -1;
        state->lookup = PyObject_GetAttrString(unicodedata, "lookup");
        Py_DECREF(unicodedata);
        if (!state->lookup)
            return -1;
    }
    str = PyObject_CallFunction(state->lookup, "s#", name, (Py_ssize_t)length);
    if (!str) {
        if (!PyErr_ExceptionMatches(PyExc_KeyError))
            return -1;
        PyErr_Clear();
        return 1;
    }
    if (PyUnicode_GET_LENGTH(str) == 1) { /* not a named sequence */
        *code_point = PyUnicode_READ_CHAR(str, 0);
        status = 0;
    }
    Py_DECREF(str);
    return status;
}

/* ---- The two builders ---- */

#define COMMON                                                                                     \
    .null = build_null, .boolean = build_boolean, .integer = build_integer, .real = build_real,    \
    .complex = build_complex, .string = build_string, .bytes = build_bytes, .list = build_list,    \
    .tuple = build_tuple, .set = build_set, .dict = build_dict, .tagged = build_tagged,            \
    .call_begin = build_call_begin, .keyword = build_keyword, .call_end = build_call_end,          \
    .call_undo = build_call_undo

static const struct pyon_builder builder_v1 = {
    COMMON,
    .bigint = build_bigint_v1,
    .callable = is_callable,
    .attribute = has_attribute,
    .name = build_name,
    .character = find_character,
};

static const struct pyon_builder builder_v2 = {COMMON, .bigint = build_bigint};
#undef COMMON

static void init(struct builder *builder, struct state *state, PyObject *map, PyObject *own)
{
    builder->state = state;
    builder->map = map;
    builder->own = own;
    builder->values = builder->first_values;
    builder->count = 0;
    builder->capacity = FIRST_VALUES;
    builder->calls = builder->first_calls;
    builder->call_count = 0;
    builder->call_capacity = FIRST_CALLS;
}

static void clear(struct builder *builder)
{
    drop(builder, builder->count);
    while (builder->call_count > 0)
        Py_DECREF(builder->calls[--builder->call_count].name);
    if (builder->values != builder->first_values)
        PyMem_Free(builder->values);
    if (builder->calls != builder->first_calls)
        PyMem_Free(builder->calls);
}

/* The value, if there is one, and nothing else left. */
static PyObject *finish(struct builder *builder, int status)
{
    PyObject *value = status == 0 ? builder->values[--builder->count] : NULL;

    clear(builder);
    return value;
}

/* ---- Syntax before evaluation ---- */

static int check_name(void *self, const char *name, size_t length)
{
    return find_name(self, name, length) ? 0 : PyErr_Occurred() ? -1 : 1;
}

/*
 * Python compiles a text before it evaluates any of it, so an error of syntax further on takes
 * the place of the exception that is set.
 */
static void prefer_syntax_error(struct builder *builder, const char *text, size_t length,
                                struct pyon_error *error)
{
    struct pyon_builder checker = pyon_null_builder;
    PyObject *type, *value, *traceback;
    struct pyon_error other;

    checker.callable = is_callable;
    checker.name = check_name;
    checker.character = find_character;
    PyErr_Fetch(&type, &value, &traceback);
    if (pyon_parse(&pyon_v1, text, length, &checker, builder, NULL, &other) < 0 &&
        other.code != PYON_ERROR_HOST && other.code != PYON_ERROR_MEMORY &&
        other.code != PYON_ERROR_NAME && other.code != PYON_ERROR_OPERAND &&
        other.code != PYON_ERROR_ATTRIBUTE && other.code != PYON_ERROR_OVERFLOW) {
        *error = other;
        Py_XDECREF(type);
        Py_XDECREF(value);
        Py_XDECREF(traceback);
    } else {
        PyErr_Restore(type, value, traceback);
    }
}

PyObject *build_v1(struct state *state, const char *text, size_t length, struct pyon_error *error)
{
    struct builder builder;
    int status;

    init(&builder, state, state->v1.names, state->v1.own_names);
    status = pyon_parse(&pyon_v1, text, length, &builder_v1, &builder, NULL, error);
    if (status < 0 && error->code == PYON_ERROR_HOST && !PyErr_ExceptionMatches(PyExc_MemoryError))
        prefer_syntax_error(&builder, text, length, error);
    return finish(&builder, status);
}

PyObject *build_v2(struct state *state, const char *text, size_t length, struct pyon_error *error)
{
    struct builder builder;
    int status;

    init(&builder, state, state->v2.decoders, state->v2.own_decoders);
    status = pyon_parse(&pyon_v2, text, length, &builder_v2, &builder, NULL, error);
    return finish(&builder, status);
}
