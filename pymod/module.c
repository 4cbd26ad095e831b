/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The module fastpyon._core and the four functions encode and decode.
 *
 * The modules pyon and pyon_v1 are Python: they own what programs look into and change (the maps
 * of types and names), and do what is rare. Each calls bind_v1 or bind_v2 once, hands all that
 * over by keyword, and gets its encode and decode. These take the plain calls themselves and
 * pass on all others.
 */
#include "pymod.h"

#include <string.h>

#ifndef FASTPYON_VERSION
#error "the build defines FASTPYON_VERSION"
#endif

/* ---- State ---- */

/* A keyword of bind_v1 or bind_v2, and where its value is kept. */
struct binding {
    const char *keyword;
    size_t offset;
};

#define ROW(dialect, member)                                                                       \
    {                                                                                              \
#member, offsetof(struct state, dialect.member)                                            \
    }
static const struct binding bindings_v1[] = {
    ROW(v1, kinds),      ROW(v1, own_kinds), ROW(v1, names),       ROW(v1, own_names),
    ROW(v1, know_numpy), ROW(v1, encode),    ROW(v1, source_text), ROW(v1, null_error),
    ROW(v1, fraction),   ROW(v1, namespace), ROW(v1, encoder),     ROW(v1, ordered_dict),
    {NULL, 0},
};
static const struct binding bindings_v2[] = {
    ROW(v2, encoders),      ROW(v2, own_encoders), ROW(v2, decoders),
    ROW(v2, own_decoders),  ROW(v2, know_numpy),   ROW(v2, wrap),
    ROW(v2, wrapped_tuple), ROW(v2, wrapped_dict), ROW(v2, encode),
    ROW(v2, decode),        ROW(v2, object_hook),  ROW(v2, decode_error),
    ROW(v2, fraction),      ROW(v2, assertions),   ROW(v2, detect_encoding),
    ROW(v2, ordered_dict),  ROW(v2, scan_string),  {NULL, 0},
};
#undef ROW

static PyObject **member(struct state *state, const struct binding *binding)
{
    return (PyObject **)((char *)state + binding->offset);
}

static int traverse_bindings(struct state *state, const struct binding *binding, visitproc visit,
                             void *arg)
{
    for (; binding->keyword; binding++)
        Py_VISIT(*member(state, binding));
    return 0;
}

static void clear_bindings(struct state *state, const struct binding *binding)
{
    for (; binding->keyword; binding++)
        Py_CLEAR(*member(state, binding));
}

static int traverse(PyObject *module, visitproc visit, void *arg)
{
    struct state *state = PyModule_GetState(module);
    int status = traverse_bindings(state, bindings_v1, visit, arg);

    if (status == 0)
        status = traverse_bindings(state, bindings_v2, visit, arg);
    if (status != 0)
        return status;
    Py_VISIT(state->lookup);
    Py_VISIT(state->fraction);
    Py_VISIT(state->budget_limit);
    Py_VISIT(state->budget_spend);
    Py_VISIT(state->stream_error);
    Py_VISIT(state->pieces_type);
    Py_VISIT(state->file_type);
    return 0;
}

static int clear(PyObject *module)
{
    struct state *state = PyModule_GetState(module);

    clear_bindings(state, bindings_v1);
    clear_bindings(state, bindings_v2);
    Py_CLEAR(state->tag);
    Py_CLEAR(state->nan);
    Py_CLEAR(state->lookup);
    Py_CLEAR(state->fraction);
    Py_CLEAR(state->budget_limit);
    Py_CLEAR(state->budget_spend);
    Py_CLEAR(state->stream_error);
    Py_CLEAR(state->pieces_type);
    Py_CLEAR(state->file_type);
    Py_CLEAR(state->numerator);
    Py_CLEAR(state->denominator);
    Py_CLEAR(state->encoder_name);
    Py_CLEAR(state->class_name);
    for (int i = 0; i < CONSTRUCTOR_OTHER; i++)
        Py_CLEAR(state->constructors[i]);
    for (int i = 0; i < KEYS; i++)
        Py_CLEAR(state->keys[i]);
    for (int i = 0; i < WIDE_KEYS; i++)
        Py_CLEAR(state->wide_keys[i]);
    for (int i = 0; i < DTYPES; i++) {
        state->dtypes[i].text = 0;
        Py_CLEAR(state->dtypes[i].dtype);
    }
    return 0;
}

static void release(void *module)
{
    clear(module);
}

PyObject *new_type(PyObject *module, PyType_Spec *spec)
{
    PyObject *type = PyType_FromModuleAndSpec(module, spec, NULL);

    if (!type && !PyErr_Occurred()) /* as Python 3.11 does without memory */
        PyErr_NoMemory();
    return type;
}

int add_type(PyObject *module, PyType_Spec *spec)
{
    PyObject *type = new_type(module, spec);
    int status = type ? PyModule_AddType(module, (PyTypeObject *)type) : -1;

    Py_XDECREF(type);
    return status;
}

/* ---- Arguments ---- */

/*
 * The arguments of a plain call of encode(x, pretty=False): returns false for any other call,
 * which the function in Python gets as it is. `truth` is -1 with an exception if that of pretty
 * cannot be told.
 */
static bool is_plain_encode(PyObject *const *args, Py_ssize_t count, PyObject *keywords, int *truth)
{
    *truth = 0;
    if (count < 1 || count > 2)
        return false;
    if (keywords && PyTuple_GET_SIZE(keywords) > 0) {
        if (PyTuple_GET_SIZE(keywords) > 1 || count == 2 ||
            !PyUnicode_Check(PyTuple_GET_ITEM(keywords, 0)) ||
            PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(keywords, 0), "pretty") != 0)
            return false;
        count = 2;
    }
    if (count == 2)
        *truth = PyObject_IsTrue(args[1]);
    return true;
}

/* UTF-8 with a NUL behind it, and what keeps it alive. */
struct source {
    const char *text;
    size_t length;
    PyObject *owner;
};

/* The text of a str: in place if it is ASCII, else encoded with that handler of errors. */
static int open_str(struct source *source, PyObject *str, const char *errors)
{
#if PY_VERSION_HEX < 0x030C0000
    if (PyUnicode_READY(str) < 0)
        return -1;
#endif
    if (PyUnicode_IS_COMPACT_ASCII(str)) {
        source->owner = Py_NewRef(str);
        source->text = PyUnicode_DATA(str);
        source->length = (size_t)PyUnicode_GET_LENGTH(str);
        return 0;
    }
    source->owner = PyUnicode_AsEncodedString(str, "utf-8", errors);
    if (!source->owner)
        return -1;
    source->text = PyBytes_AS_STRING(source->owner);
    source->length = (size_t)PyBytes_GET_SIZE(source->owner);
    return 0;
}

/* ---- Version 1 ---- */

PyDoc_STRVAR(encode_v1_doc, "encode($module, x, pretty=False)\n--\n\n"
                            "Encode a Python object as a PYON v1 str.\n\n"
                            "With pretty, dicts of two and more items take a line for each.");

static PyObject *encode_v1(PyObject *module, PyObject *const *args, Py_ssize_t count,
                           PyObject *keywords)
{
    struct state *state = PyModule_GetState(module);
    PyObject *text;
    int pretty;

    if (!is_plain_encode(args, count, keywords, &pretty))
        return PyObject_Vectorcall(state->v1.encode, args, (size_t)count, keywords);
    if (pretty < 0)
        return NULL;
    text = walk_v1(state, args[0], pretty, false);
    if (text || PyErr_Occurred())
        return text;
    return PyObject_CallFunctionObjArgs(state->v1.encode, args[0], pretty ? Py_True : Py_False,
                                        NULL);
}

PyDoc_STRVAR(decode_v1_doc, "decode($module, s)\n--\n\n"
                            "Decode PYON v1 text: str, or bytes-like in UTF-8.\n\n"
                            "Nothing is evaluated: what is no value of the format is a "
                            "SyntaxError.");

static PyObject *decode_v1_text(PyObject *module, PyObject *s)
{
    struct state *state = PyModule_GetState(module);
    struct source source;
    struct pyon_error error;
    PyObject *str, *value;
    int status;

    str = PyUnicode_Check(s) ? Py_NewRef(s) : PyObject_CallOneArg(state->v1.source_text, s);
    if (!str)
        return NULL;
    status = open_str(&source, str, NULL);
    Py_DECREF(str);
    if (status < 0)
        return NULL;
    value = build_v1(state, source.text, source.length, &error);
    if (!value)
        raise_v1(state, source.text, source.length, &error);
    Py_DECREF(source.owner);
    return value;
}

/* Any call but decode(s). */
static PyObject *decode_v1_odd(PyObject *module, PyObject *const *args, Py_ssize_t count,
                               PyObject *keywords)
{
    static char *names[] = {"s", NULL};
    PyObject *positional = PyTuple_New(count), *named = PyDict_New(), *value = NULL, *s;
    Py_ssize_t named_count = keywords ? PyTuple_GET_SIZE(keywords) : 0;
    bool made = positional && named;

    for (Py_ssize_t i = 0; made && i < count; i++)
        PyTuple_SET_ITEM(positional, i, Py_NewRef(args[i]));
    for (Py_ssize_t i = 0; made && i < named_count; i++)
        made = PyDict_SetItem(named, PyTuple_GET_ITEM(keywords, i), args[count + i]) == 0;
    if (made && PyArg_ParseTupleAndKeywords(positional, named, "O:decode", names, &s))
        value = decode_v1_text(module, s);
    Py_XDECREF(positional);
    Py_XDECREF(named);
    return value;
}

static PyObject *decode_v1(PyObject *module, PyObject *const *args, Py_ssize_t count,
                           PyObject *keywords)
{
    if (count != 1 || (keywords && PyTuple_GET_SIZE(keywords) > 0))
        return decode_v1_odd(module, args, count, keywords);
    return decode_v1_text(module, args[0]);
}

/* ---- Version 2 ---- */

PyDoc_STRVAR(encode_v2_doc, "encode($module, x, pretty=False, **kw)\n--\n\n"
                            "Encode a Python object as a PYON v2 str, which is JSON.\n\n"
                            "With pretty, every member takes a line, with four spaces a level.\n"
                            "Other keyword arguments are those of json.dumps.");

static PyObject *encode_v2(PyObject *module, PyObject *const *args, Py_ssize_t count,
                           PyObject *keywords)
{
    struct state *state = PyModule_GetState(module);
    int pretty;

    if (!is_plain_encode(args, count, keywords, &pretty))
        return PyObject_Vectorcall(state->v2.encode, args, (size_t)count, keywords);
    return pretty < 0 ? NULL : walk_v2(state, args[0], pretty, false);
}

/* Is it ASCII that json, too, takes for UTF-8? A NUL at the start means UTF-16 or UTF-32. */
static bool is_plain_text(const char *text, size_t length)
{
    return !memchr(text, '\0', length < 4 ? length : 4) && is_ascii(text, length);
}

/* The str that json.loads makes of bytes. */
static PyObject *decode_bytes(struct state *state, PyObject *bytes)
{
    PyObject *encoding = PyObject_CallOneArg(state->v2.detect_encoding, bytes);
    PyObject *str = NULL;
    const char *name = encoding ? PyUnicode_AsUTF8(encoding) : NULL;

    if (name)
        str = PyUnicode_FromEncodedObject(bytes, name, "surrogatepass");
    Py_XDECREF(encoding);
    return str;
}

/* Opens what decode got: fills `doc` with the str or ASCII bytes that errors speak of. */
static int open_v2(struct state *state, struct source *source, PyObject *s, PyObject **doc)
{
    if (PyUnicode_Check(s) || PyBytes_Check(s)) {
        *doc = Py_NewRef(s);
    } else if (PyByteArray_Check(s)) {
        *doc = PyBytes_FromObject(s); /* a copy, that nobody can change meanwhile */
    } else {
        PyErr_Format(PyExc_TypeError, "the JSON object must be str, bytes or bytearray, not %s",
                     _PyType_Name(Py_TYPE(s)));
        return -1;
    }
    if (*doc && PyBytes_Check(*doc)) {
        source->text = PyBytes_AS_STRING(*doc);
        source->length = (size_t)PyBytes_GET_SIZE(*doc);
        if (is_plain_text(source->text, source->length)) {
            source->owner = Py_NewRef(*doc);
            return 0;
        }
        Py_SETREF(*doc, decode_bytes(state, *doc));
    }
    if (*doc && open_str(source, *doc, "surrogatepass") < 0)
        Py_CLEAR(*doc);
    return *doc ? 0 : -1;
}

PyDoc_STRVAR(decode_v2_doc, "decode($module, s, **kw)\n--\n\n"
                            "Decode PYON v2 text: str, bytes or bytearray.\n\n"
                            "What is no JSON is a json.JSONDecodeError. Keyword arguments are "
                            "those of json.loads.");

static PyObject *decode_v2(PyObject *module, PyObject *const *args, Py_ssize_t count,
                           PyObject *keywords)
{
    struct state *state = PyModule_GetState(module);
    struct source source;
    struct pyon_error error;
    PyObject *doc, *value;

    if (count != 1 || (keywords && PyTuple_GET_SIZE(keywords) > 0))
        return PyObject_Vectorcall(state->v2.decode, args, (size_t)count, keywords);
    if (open_v2(state, &source, args[0], &doc) < 0)
        return NULL;
    value = build_v2(state, source.text, source.length, &error);
    if (!value && error.code == PYON_ERROR_BOM && !PyUnicode_Check(args[0]))
        error.code = PYON_ERROR_VALUE; /* json looks for it in str only */
    if (!value)
        raise_v2(state, doc, source.text, &error);
    Py_DECREF(source.owner);
    Py_DECREF(doc);
    return value;
}

/* ---- To bytes ---- */

/* As is_plain_encode, but there is nobody else to be called, and the module may not be bound. */
static int read_encode_bytes(PyObject *encode, PyObject *const *args, Py_ssize_t count,
                             PyObject *keywords, int *pretty)
{
    if (!is_plain_encode(args, count, keywords, pretty)) {
        PyErr_SetString(PyExc_TypeError, "the arguments are (x, pretty=False)");
        return -1;
    }
    if (!encode && *pretty >= 0) {
        PyErr_SetString(PyExc_RuntimeError, "the module of the dialect has not been imported");
        return -1;
    }
    return *pretty < 0 ? -1 : 0;
}

static PyObject *encode_bytes_v1(PyObject *module, PyObject *const *args, Py_ssize_t count,
                                 PyObject *keywords)
{
    struct state *state = PyModule_GetState(module);
    PyObject *text, *bytes;
    int pretty;

    if (read_encode_bytes(state->v1.encode, args, count, keywords, &pretty) < 0)
        return NULL;
    bytes = walk_v1(state, args[0], pretty, true);
    if (bytes || PyErr_Occurred())
        return bytes;
    text =
        PyObject_CallFunctionObjArgs(state->v1.encode, args[0], pretty ? Py_True : Py_False, NULL);
    if (text)
        bytes = PyUnicode_AsUTF8String(text);
    Py_XDECREF(text);
    return bytes;
}

static PyObject *encode_bytes_v2(PyObject *module, PyObject *const *args, Py_ssize_t count,
                                 PyObject *keywords)
{
    struct state *state = PyModule_GetState(module);
    int pretty;

    if (read_encode_bytes(state->v2.encode, args, count, keywords, &pretty) < 0)
        return NULL;
    return walk_v2(state, args[0], pretty, true);
}

/* ---- Binding ---- */

static PyMethodDef methods_v1[] = {
    {"encode", (PyCFunction)(void (*)(void))encode_v1, METH_FASTCALL | METH_KEYWORDS,
     encode_v1_doc},
    {"decode", (PyCFunction)(void (*)(void))decode_v1, METH_FASTCALL | METH_KEYWORDS,
     decode_v1_doc},
};

static PyMethodDef methods_v2[] = {
    {"encode", (PyCFunction)(void (*)(void))encode_v2, METH_FASTCALL | METH_KEYWORDS,
     encode_v2_doc},
    {"decode", (PyCFunction)(void (*)(void))decode_v2, METH_FASTCALL | METH_KEYWORDS,
     decode_v2_doc},
};

/* The value of a keyword, borrowed. */
static PyObject *find_keyword(PyObject *keywords, const char *name)
{
    PyObject *key = PyUnicode_FromString(name), *value = NULL;

    if (key && keywords)
        value = PyDict_GetItemWithError(keywords, key);
    if (!value && !PyErr_Occurred())
        PyErr_Format(PyExc_TypeError, "%s is missing", name);
    Py_XDECREF(key);
    return value;
}

#define MOST_BINDINGS 20
_Static_assert(sizeof bindings_v1 / sizeof *bindings_v1 <= MOST_BINDINGS,
               "bind() has a place for each");
_Static_assert(sizeof bindings_v2 / sizeof *bindings_v2 <= MOST_BINDINGS,
               "bind() has a place for each");

/* Keeps the new values of the bindings, all or none. The old ones are dropped when all are
   exchanged: the finalizers of what they hold may encode and decode. */
static int exchange(struct state *state, PyObject *keywords, const struct binding *binding)
{
    PyObject *values[MOST_BINDINGS];
    size_t count = 0;

    for (; binding[count].keyword; count++) {
        values[count] = Py_XNewRef(find_keyword(keywords, binding[count].keyword));
        if (!values[count])
            break;
    }
    if (!binding[count].keyword)
        for (size_t i = 0; i < count; i++) {
            PyObject *old = *member(state, &binding[i]);

            *member(state, &binding[i]) = values[i];
            values[i] = old;
        }
    for (size_t i = 0; i < count; i++)
        Py_XDECREF(values[i]);
    return binding[count].keyword ? -1 : 0;
}

/* Keeps what the keywords give, all of them, and returns the functions (encode, decode). */
static PyObject *bind(PyObject *module, PyObject *keywords, const struct binding *binding,
                      PyMethodDef methods[2])
{
    struct state *state = PyModule_GetState(module);
    PyObject *name, *encode = NULL, *decode = NULL, *functions = NULL;

    name = find_keyword(keywords, "module");
    if (!name || exchange(state, keywords, binding) < 0)
        return NULL;
    encode = PyCFunction_NewEx(&methods[0], module, name);
    if (encode)
        decode = PyCFunction_NewEx(&methods[1], module, name);
    if (decode)
        functions = PyTuple_Pack(2, encode, decode);
    Py_XDECREF(encode);
    Py_XDECREF(decode);
    return functions;
}

static PyObject *bind_v1(PyObject *module, PyObject *args, PyObject *keywords)
{
    (void)args;
    return bind(module, keywords, bindings_v1, methods_v1);
}

static PyObject *bind_v2(PyObject *module, PyObject *args, PyObject *keywords)
{
    (void)args;
    return bind(module, keywords, bindings_v2, methods_v2);
}

static PyObject *bind_stream(PyObject *module, PyObject *error)
{
    struct state *state = PyModule_GetState(module);

    Py_XSETREF(state->stream_error, Py_NewRef(error));
    Py_RETURN_NONE;
}

static PyObject *bind_budget(PyObject *module, PyObject *args)
{
    struct state *state = PyModule_GetState(module);
    PyObject *fraction, *limit, *spend;

    if (!PyArg_ParseTuple(args, "OOO:bind_budget", &fraction, &limit, &spend))
        return NULL;
    Py_XSETREF(state->fraction, Py_NewRef(fraction));
    Py_XSETREF(state->budget_limit, Py_NewRef(limit));
    Py_XSETREF(state->budget_spend, Py_NewRef(spend));
    Py_RETURN_NONE;
}

static PyObject *patch_v1(PyObject *module, PyObject *unused)
{
    struct state *state = PyModule_GetState(module);

    (void)unused;
    state->v1.patched = true;
    Py_RETURN_NONE;
}

static PyObject *load_numpy(PyObject *module, PyObject *unused)
{
    (void)unused;
    if (array_load(PyModule_GetState(module)) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *take_text(PyObject *module, PyObject *args)
{
    PyObject *buffer;
    Py_ssize_t size;

    (void)module;
    if (!PyArg_ParseTuple(args, "Yn:take_text", &buffer, &size))
        return NULL;
    return line_take(buffer, size);
}

static PyMethodDef functions[] = {
    {"bind_v1", (PyCFunction)(void (*)(void))bind_v1, METH_VARARGS | METH_KEYWORDS,
     "Take the parts of the module pyon_v1; return its encode and decode."},
    {"bind_v2", (PyCFunction)(void (*)(void))bind_v2, METH_VARARGS | METH_KEYWORDS,
     "Take the parts of the module pyon; return its encode and decode."},
    {"bind_stream", bind_stream, METH_O, "Take what makes the exceptions of Decoder."},
    {"bind_budget", bind_budget, METH_VARARGS,
     "Take the class Fraction, and from _fractions.py limit() and spend()."},
    {"patch_v1", patch_v1, METH_NOARGS, "From now on, the encoder in Python does the work."},
    {"read_file", file_read, METH_O,
     "read_file(path): the text of a file, or its bytes if they are not ASCII without CR."},
    {"open_file", file_open, METH_O, "open_file(path): a File to be read."},
    {"replace_file", file_replace, METH_VARARGS,
     "replace_file(path, write, ending): replace a file by what write(file) writes; the old one\n"
     "gets a name with that ending, unless it is None."},
    {"append_file", file_append, METH_VARARGS,
     "append_file(path, write): put the lines that write(file) writes at the end of a file."},
    {"pieces_v1", (PyCFunction)(void (*)(void))pieces_v1, METH_FASTCALL | METH_KEYWORDS,
     pieces_v1_doc},
    {"pieces_v2", (PyCFunction)(void (*)(void))pieces_v2, METH_FASTCALL | METH_KEYWORDS,
     pieces_v2_doc},
    {"encode_bytes_v1", (PyCFunction)(void (*)(void))encode_bytes_v1, METH_FASTCALL | METH_KEYWORDS,
     "fastpyon.pyon_v1.encode(x, pretty=False), as bytes."},
    {"encode_bytes_v2", (PyCFunction)(void (*)(void))encode_bytes_v2, METH_FASTCALL | METH_KEYWORDS,
     "fastpyon.pyon.encode(x, pretty=False), as bytes."},
    {"take_text", take_text, METH_VARARGS,
     "take_text(buffer, size): so many bytes from the start of a bytearray, as str, or as bytes\n"
     "if they are not ASCII."},
    {"room", room_levels, METH_NOARGS, "How many levels of nested objects Python may free."},
    {"load_numpy", load_numpy, METH_NOARGS, "Use NumPy's C interface from now on."},
    {NULL, NULL, 0, NULL},
};

/* ---- The module ---- */

static int execute(PyObject *module)
{
    struct state *state = PyModule_GetState(module);

    state->tag = PyUnicode_InternFromString("__jsonclass__");
    state->numerator = PyUnicode_InternFromString("_numerator");
    state->denominator = PyUnicode_InternFromString("_denominator");
    state->encoder_name = PyUnicode_InternFromString("_Encoder");
    state->class_name = PyUnicode_InternFromString("__class__");
    state->nan = PyFloat_FromDouble(Py_NAN);
    if (!state->tag || !state->numerator || !state->denominator || !state->encoder_name ||
        !state->class_name || !state->nan || build_names(state) < 0 ||
        pieces_init(module, state) < 0 || file_init(module, state) < 0 ||
        decoder_init(module) < 0 || line_add_types(module) < 0)
        return -1;
    return PyModule_AddStringConstant(module, "version", FASTPYON_VERSION);
}

/* All state is the module's, but for NumPy's table, which only the main interpreter uses (array.c).
   Objects are guarded by the interpreter's lock alone. */
static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, execute},
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
#if PY_VERSION_HEX >= 0x030D0000
    {Py_mod_gil, Py_MOD_GIL_USED},
#endif
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "fastpyon._core",
    .m_doc = "The part of fastpyon that is in C.",
    .m_size = sizeof(struct state),
    .m_methods = functions,
    .m_slots = slots,
    .m_traverse = traverse,
    .m_clear = clear,
    .m_free = release,
};

PyMODINIT_FUNC PyInit__core(void)
{
    return PyModuleDef_Init(&definition);
}
