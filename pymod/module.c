/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The module fastpyon._core: the table of its functions, and the objects that it makes at the
 * start.
 *
 * The Python modules import it: fastpyon.pyon and pyon_v1 call bind_v1 and bind_v2, which return
 * encode and decode (codec.c).
 */
#include "array.h"
#include "build/build.h"
#include "build/decoder.h"
#include "codec.h"
#include "columns.h"
#include "file/file.h"
#include "line.h"
#include "room.h"
#include "walk/lines.h"
#include "walk/pieces.h"

/* ---- Functions ---- */

static PyObject *bind_stream(PyObject *module, PyObject *error)
{
    struct state *state = PyModule_GetState(module);

    compat_retire(state_exchange(&state->stream_error, Py_NewRef(error)));
    Py_RETURN_NONE;
}

static PyObject *bind_budget(PyObject *module, PyObject *args)
{
    struct state *state = PyModule_GetState(module);
    PyObject *fraction, *limit, *spend;

    if (!PyArg_ParseTuple(args, "OOO:bind_budget", &fraction, &limit, &spend))
        return NULL;
    compat_retire(state_exchange(&state->fraction, Py_NewRef(fraction)));
    compat_retire(state_exchange(&state->budget_limit, Py_NewRef(limit)));
    compat_retire(state_exchange(&state->budget_spend, Py_NewRef(spend)));
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

/* The first line of each is its signature, which Python shows, and which _core.pyi repeats. */
PyDoc_STRVAR(bind_stream_doc, "bind_stream($module, make_error, /)\n--\n\n"
                              "Keep the function that makes the exceptions of Decoder.");
PyDoc_STRVAR(bind_budget_doc, "bind_budget($module, fraction, limit, spend, /)\n--\n\n"
                              "Keep the class Fraction, and limit() and spend() of _fractions.py.");
PyDoc_STRVAR(patch_v1_doc, "patch_v1($module, /)\n--\n\n"
                           "Let the encoder in Python do the work from now on.");
PyDoc_STRVAR(read_file_doc,
             "read_file($module, path, /)\n--\n\n"
             "Return the text of a file, or its bytes if they are not ASCII or have a CR.");
PyDoc_STRVAR(open_file_doc, "open_file($module, path, /)\n--\n\n"
                            "Return a File for reading.");
PyDoc_STRVAR(replace_file_doc, "replace_file($module, path, write, ending, /)\n--\n\n"
                               "Replace a file by the data that write(file) writes.\n\n"
                               "The old file gets a name with that ending, unless it is None.");
PyDoc_STRVAR(append_file_doc, "append_file($module, path, write, /)\n--\n\n"
                              "Append the lines that write(file) writes to a file.");
PyDoc_STRVAR(encode_bytes_v1_doc, "encode_bytes_v1($module, x, pretty=False)\n--\n\n"
                                  "Return the text of fastpyon.pyon_v1.encode, as bytes.");
PyDoc_STRVAR(encode_bytes_v2_doc, "encode_bytes_v2($module, x, pretty=False)\n--\n\n"
                                  "Return the text of fastpyon.pyon.encode, as bytes.");
PyDoc_STRVAR(
    encode_frames_doc,
    "encode_frames($module, x, least, is_exact, /)\n--\n\n"
    "Return a list: the text of x in version 2, as bytes, and memoryviews of the data\n"
    "of those arrays that have at least that many bytes. Their numbers stand in the text.\n"
    "With is_exact (bool), it is a TypeError if a type would be lost.");
PyDoc_STRVAR(decode_frames_doc, "decode_frames($module, text, views, /)\n--\n\n"
                                "Return the value of such a text and a tuple of such memoryviews.");
PyDoc_STRVAR(read_literal_doc,
             "read_literal($module, s, /)\n--\n\n"
             "Return the value of a literal of Python, or NotImplemented if that\n"
             "is for ast.literal_eval to decide.");
PyDoc_STRVAR(room_doc, "room($module, /)\n--\n\n"
                       "Return the number of levels of nested objects that Python may free.");
PyDoc_STRVAR(load_numpy_doc, "load_numpy($module, /)\n--\n\n"
                             "Use NumPy's C interface from now on.");

static PyMethodDef functions[] = {
    {"bind_v1", (PyCFunction)(void (*)(void))codec_bind_v1, METH_VARARGS | METH_KEYWORDS,
     "Keep the parts of the module pyon_v1; return its encode and decode."},
    {"bind_v2", (PyCFunction)(void (*)(void))codec_bind_v2, METH_VARARGS | METH_KEYWORDS,
     "Keep the parts of the module pyon; return its encode and decode."},
    {"bind_stream", bind_stream, METH_O, bind_stream_doc},
    {"bind_budget", bind_budget, METH_VARARGS, bind_budget_doc},
    {"patch_v1", patch_v1, METH_NOARGS, patch_v1_doc},
    {"read_file", file_read, METH_O, read_file_doc},
    {"open_file", file_open, METH_O, open_file_doc},
    {"replace_file", file_replace, METH_VARARGS, replace_file_doc},
    {"append_file", file_append, METH_VARARGS, append_file_doc},
    {"encode_frames", codec_encode_frames, METH_VARARGS, encode_frames_doc},
    {"decode_frames", codec_decode_frames, METH_VARARGS, decode_frames_doc},
    {"read_literal", codec_read_literal, METH_O, read_literal_doc},
    {"write_plain_lines", lines_write, METH_VARARGS, lines_write_doc},
    {"pieces_v1", (PyCFunction)(void (*)(void))pieces_v1, METH_FASTCALL | METH_KEYWORDS,
     pieces_v1_doc},
    {"pieces_v2", (PyCFunction)(void (*)(void))pieces_v2, METH_FASTCALL | METH_KEYWORDS,
     pieces_v2_doc},
    {"encode_bytes_v1", (PyCFunction)(void (*)(void))codec_encode_bytes_v1,
     METH_FASTCALL | METH_KEYWORDS, encode_bytes_v1_doc},
    {"encode_bytes_v2", (PyCFunction)(void (*)(void))codec_encode_bytes_v2,
     METH_FASTCALL | METH_KEYWORDS, encode_bytes_v2_doc},
    {"room", room_levels, METH_NOARGS, room_doc},
    {"load_numpy", load_numpy, METH_NOARGS, load_numpy_doc},
    {"read_columns", columns_read, METH_VARARGS, columns_read_doc},
    {NULL, NULL, 0, NULL},
};

/* ---- The module ---- */

static int execute(PyObject *module)
{
    struct state *state = PyModule_GetState(module);
    int known = compat_knows_entries();

    if (known < 0)
        return -1;
    state->knows_entries = known;
    state->tag = PyUnicode_InternFromString("__jsonclass__");
    state->numerator = PyUnicode_InternFromString("_numerator");
    state->denominator = PyUnicode_InternFromString("_denominator");
    state->encoder_name = PyUnicode_InternFromString("_Encoder");
    state->class_name = PyUnicode_InternFromString("__class__");
    state->nan = PyFloat_FromDouble(Py_NAN);
    if (cache_init(&state->cache) < 0 || !state->tag || !state->numerator || !state->denominator ||
        !state->encoder_name || !state->class_name || !state->nan || build_names(state) < 0 ||
        pieces_init(module, state) < 0 || file_init(module, state) < 0 ||
        presized_init(module, state) < 0 || decoder_init(module) < 0 || line_init(module) < 0 ||
        gather_init(module) < 0)
        return -1;
    return PyModule_AddStringConstant(module, "version", PYON_VERSION);
}

/* All state is in the module, except NumPy's table, which only the main interpreter uses (array.c).
   Without the interpreter's lock, sections guard objects (compat.h). */
static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, execute},
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
#if PY_VERSION_HEX >= 0x030D0000
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

static void release(void *module)
{
    state_clear(module);
}

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "fastpyon._core",
    .m_doc = "The part of fastpyon that is in C.",
    .m_size = sizeof(struct state),
    .m_methods = functions,
    .m_slots = slots,
    .m_traverse = state_traverse,
    .m_clear = state_clear,
    .m_free = release,
};

PyMODINIT_FUNC PyInit__core(void)
{
    return PyModuleDef_Init(&definition);
}
