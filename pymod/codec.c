/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The functions encode and decode of both dialects, and encode to bytes.
 *
 * Each does plain calls itself. It passes all other calls on to the function in Python that its
 * module has bound.
 */
#include "codec.h"

#include "ascii.h"
#include "build/build.h"
#include "raise.h"
#include "walk/walk.h"

/* ---- Arguments ---- */

/*
 * Is this a plain call, encode(x) or encode(x, pretty)? The function in Python gets any other call
 * as it is. Fills `truth` with that of pretty: -1 with an exception if it has none.
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

/* Has the module of the dialect been imported? `part` is one that it gives. */
static int check_bound(PyObject *part)
{
    if (part)
        return 0;
    PyErr_SetString(PyExc_RuntimeError, "the module of the dialect has not been imported");
    return -1;
}

/* UTF-8 with a NUL after it, and the object that keeps it alive. */
struct source {
    const char *text;
    size_t length;
    PyObject *owner;
};

/* Opens a str: in place if it is ASCII, else encoded with that handler of errors. */
static int open_str(struct source *source, PyObject *str, const char *errors)
{
    if (compat_ready(str) < 0)
        return -1;
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

PyDoc_STRVAR(encode_v1_doc,
             "encode($module, x, pretty=False)\n--\n\n"
             "Encode a Python object as a PYON v1 str.\n\n"
             "With pretty (bool), dicts of two and more items take a line for each.\n"
             "Raises TypeError if the type of a value is not known, and\n"
             "RecursionError if a value is nested too deeply.");

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
                            "Return the value of PYON v1 text: str, or bytes-like in UTF-8.\n\n"
                            "Text that is not PYON raises SyntaxError, NameError, TypeError\n"
                            "and the like, as eval does. No code of the text is run.");

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

/* Any call except decode(s). */
static PyObject *decode_v1_any(PyObject *module, PyObject *const *args, Py_ssize_t count,
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
        return decode_v1_any(module, args, count, keywords);
    return decode_v1_text(module, args[0]);
}

PyObject *codec_read_literal(PyObject *module, PyObject *s)
{
    struct state *state = PyModule_GetState(module);
    struct source source;
    PyObject *value;

    if (check_bound(state->v1.encode) < 0)
        return NULL;
    if (!PyUnicode_CheckExact(s))
        return Py_NewRef(Py_NotImplemented);
    if (open_str(&source, s, NULL) < 0)
        return raise_forget() ? Py_NewRef(Py_NotImplemented) : NULL;
    value = build_literal(state, source.text, source.length);
    Py_DECREF(source.owner);
    return value;
}

/* ---- Version 2 ---- */

PyDoc_STRVAR(encode_v2_doc, "encode($module, x, pretty=False, **kw)\n--\n\n"
                            "Encode a Python object as a PYON v2 str, which is JSON.\n\n"
                            "With pretty (bool), every member takes a line, with four spaces a\n"
                            "level. Other keyword arguments are those of json.dumps. Raises\n"
                            "TypeError if the type of a value is not known, and RecursionError if\n"
                            "a value is nested too deeply.");

static PyObject *encode_v2(PyObject *module, PyObject *const *args, Py_ssize_t count,
                           PyObject *keywords)
{
    struct state *state = PyModule_GetState(module);
    int pretty;

    if (!is_plain_encode(args, count, keywords, &pretty))
        return PyObject_Vectorcall(state->v2.encode, args, (size_t)count, keywords);
    return pretty < 0 ? NULL : walk_v2(state, args[0], pretty, false);
}

/* Is it ASCII, and would json take it for UTF-8, too? A NUL at the start means UTF-16 or UTF-32. */
static bool is_plain_text(const char *text, size_t length)
{
    return !memchr(text, '\0', length < 4 ? length : 4) && is_ascii(text, length);
}

/* Decodes bytes as json.loads does: new. */
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

/* Opens the argument of decode. Fills `doc` with the str or ASCII bytes that an error is about. */
static int open_v2(struct state *state, struct source *source, PyObject *s, PyObject **doc)
{
    if (PyUnicode_Check(s) || PyBytes_Check(s)) {
        *doc = Py_NewRef(s);
    } else if (PyByteArray_Check(s)) {
        *doc = PyBytes_FromObject(s); /* a copy that no other code can change */
    } else {
        PyErr_Format(PyExc_TypeError, "the JSON object must be str, bytes or bytearray, not %s",
                     compat_type_name(Py_TYPE(s)));
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
                            "Return the value of PYON v2 text: str, bytes or bytearray.\n\n"
                            "Text that is not JSON raises json.JSONDecodeError, and a class that\n"
                            "is not known raises TypeError. Keyword arguments are those of\n"
                            "json.loads.");

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
    value = build_v2(state, source.text, source.length, NULL, &error);
    if (!value && error.code == PYON_ERROR_BOM && !PyUnicode_Check(args[0]))
        error.code = PYON_ERROR_VALUE; /* json looks for a mark in a str only */
    if (!value)
        raise_v2(state, doc, source.text, &error);
    Py_DECREF(source.owner);
    Py_DECREF(doc);
    return value;
}

/* ---- To bytes ---- */

/* As is_plain_encode, but any other call is a TypeError. The module may not be bound yet. */
static int read_encode_bytes(PyObject *encode, PyObject *const *args, Py_ssize_t count,
                             PyObject *keywords, int *pretty)
{
    if (!is_plain_encode(args, count, keywords, pretty)) {
        PyErr_SetString(PyExc_TypeError, "the arguments are (x, pretty=False)");
        return -1;
    }
    return *pretty < 0 ? -1 : check_bound(encode);
}

PyObject *codec_encode_bytes_v1(PyObject *module, PyObject *const *args, Py_ssize_t count,
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

PyObject *codec_encode_bytes_v2(PyObject *module, PyObject *const *args, Py_ssize_t count,
                                PyObject *keywords)
{
    struct state *state = PyModule_GetState(module);
    int pretty;

    if (read_encode_bytes(state->v2.encode, args, count, keywords, &pretty) < 0)
        return NULL;
    return walk_v2(state, args[0], pretty, true);
}

/* ---- With the data of arrays beside the text ---- */

PyObject *codec_encode_frames(PyObject *module, PyObject *args)
{
    struct state *state = PyModule_GetState(module);
    PyObject *x, *frames, *text;
    Py_ssize_t least;
    int is_exact;

    if (!PyArg_ParseTuple(args, "Onp:encode_frames", &x, &least, &is_exact) ||
        check_bound(state->v2.encode) < 0)
        return NULL;
    frames = PyList_New(0);
    text = frames ? walk_frames(state, x, frames, least < 0 ? 0 : (size_t)least, is_exact) : NULL;
    if (!text || PyList_Insert(frames, 0, text) < 0)
        Py_CLEAR(frames);
    Py_XDECREF(text);
    return frames;
}

PyObject *codec_decode_frames(PyObject *module, PyObject *args)
{
    struct state *state = PyModule_GetState(module);
    struct source source;
    struct pyon_error error;
    PyObject *text, *views, *doc, *value;

    if (!PyArg_ParseTuple(args, "SO!:decode_frames", &text, &PyTuple_Type, &views) ||
        check_bound(state->v2.encode) < 0)
        return NULL;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(views); i++) {
        PyObject *view = PyTuple_GET_ITEM(views, i);

        if (!PyMemoryView_Check(view) ||
            !PyBuffer_IsContiguous(PyMemoryView_GET_BUFFER(view), 'C')) {
            PyErr_Format(PyExc_TypeError, "frame %zd is no contiguous memoryview", i + 1);
            return NULL;
        }
    }
    if (open_v2(state, &source, text, &doc) < 0)
        return NULL;
    value = build_framed(state, source.text, source.length, views, &error);
    if (!value)
        raise_v2(state, doc, source.text, &error);
    Py_DECREF(source.owner);
    Py_DECREF(doc);
    return value;
}

/* ---- The functions of a module ---- */

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

/* Makes the functions (encode, decode) of a Python module of that name. */
static PyObject *make_functions(PyObject *module, PyObject *name, PyMethodDef methods[2])
{
    PyObject *encode = PyCFunction_NewEx(&methods[0], module, name), *decode = NULL;
    PyObject *functions = NULL;

    if (encode)
        decode = PyCFunction_NewEx(&methods[1], module, name);
    if (decode)
        functions = PyTuple_Pack(2, encode, decode);
    Py_XDECREF(encode);
    Py_XDECREF(decode);
    return functions;
}

PyObject *codec_bind_v1(PyObject *module, PyObject *args, PyObject *keywords)
{
    PyObject *name = state_bind_v1(PyModule_GetState(module), keywords);

    (void)args;
    return name ? make_functions(module, name, methods_v1) : NULL;
}

PyObject *codec_bind_v2(PyObject *module, PyObject *args, PyObject *keywords)
{
    PyObject *name = state_bind_v2(PyModule_GetState(module), keywords);

    (void)args;
    return name ? make_functions(module, name, methods_v2) : NULL;
}
