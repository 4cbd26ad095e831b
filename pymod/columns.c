/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Columns of lib/path/columns.h as objects. table.py makes arrays and lists of them.
 *
 * Other threads run while the text is read: no object is made there. The result has what the library
 * has made, as bytes. It is the same for two parts of a text as for the whole, one after the other.
 */
#include "columns.h"

#include "path/columns.h"

const char columns_read_doc[] =
    "read_columns($module, data, paths, types, version, stop, /)\n--\n\n"
    "Return (lines, rows, columns, misfits) of a text of lines.\n\n"
    "lines is their number, rows the number of the line of each row (uint64). Of each path, "
    "columns\n"
    "has (cells, slots, text), see lib/path/columns.h. types has one of \"abirs\" for each path.\n"
    "A misfit is (line, column, offset, what); column is None if the line could not be read.";

/* Paths that were read from their texts. */
struct paths {
    struct pyon_path **paths;
    enum column_type *types;
    Py_ssize_t count;
};

static void free_paths(struct paths *paths)
{
    for (Py_ssize_t i = 0; paths->paths && i < paths->count; i++)
        pyon_path_free(paths->paths[i]);
    PyMem_Free(paths->paths);
    PyMem_Free(paths->types);
}

/* Sets the exception for the text of a path. */
static void raise_path(PyObject *text, const struct pyon_error *error)
{
    if (error->code == PYON_ERROR_MEMORY)
        PyErr_NoMemory();
    else
        PyErr_Format(PyExc_ValueError, "path %R: %s at byte %zu", text, error->message,
                     error->offset);
}

static struct pyon_path *read_path(PyObject *text)
{
    struct pyon_error error = {.code = PYON_OK};
    struct pyon_path *path;
    Py_ssize_t length;
    const char *utf8;

    if (!PyUnicode_Check(text)) {
        PyErr_Format(PyExc_TypeError, "a path is a str, not %.100s", Py_TYPE(text)->tp_name);
        return NULL;
    }
    utf8 = PyUnicode_AsUTF8AndSize(text, &length);
    if (!utf8)
        return NULL;
    path = pyon_path_parse(utf8, (size_t)length, &error);
    if (!path)
        raise_path(text, &error);
    return path;
}

static int read_type(char letter, enum column_type *type)
{
    static const char letters[] = "abirs"; /* in the order of the enum */
    const char *found = letter ? strchr(letters, letter) : NULL;

    if (!found) {
        PyErr_SetString(PyExc_ValueError, "unknown type of a column");
        return -1;
    }
    *type = (enum column_type)(found - letters);
    return 0;
}

/* Fills `paths` from a tuple of texts, and a letter for each: free_paths() it in any case. */
static int read_paths(struct paths *paths, PyObject *texts, const char *types, Py_ssize_t count)
{
    paths->count = PyTuple_GET_SIZE(texts);
    if (paths->count != count) {
        PyErr_SetString(PyExc_ValueError, "a type for each path");
        return -1;
    }
    paths->paths = PyMem_Calloc((size_t)count + 1, sizeof *paths->paths);
    paths->types = PyMem_Calloc((size_t)count + 1, sizeof *paths->types);
    if (!paths->paths || !paths->types) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        paths->paths[i] = read_path(PyTuple_GET_ITEM(texts, i));
        if (!paths->paths[i] || read_type(types[i], &paths->types[i]) < 0)
            return -1;
    }
    return 0;
}

/* ---- The result ---- */

static PyObject *bytes_of(const void *data, size_t count, size_t size)
{
    if (count > (size_t)PY_SSIZE_T_MAX / size)
        return PyErr_NoMemory();
    return PyBytes_FromStringAndSize(data, (Py_ssize_t)(count * size));
}

/* Three objects, which it steals: NULL if one of them is NULL. */
static PyObject *triple(PyObject *a, PyObject *b, PyObject *c)
{
    PyObject *tuple = a && b && c ? PyTuple_Pack(3, a, b, c) : NULL;

    Py_XDECREF(a);
    Py_XDECREF(b);
    Py_XDECREF(c);
    return tuple;
}

/* The columns; each is freed when there are objects of it, so that not all are there twice. */
static PyObject *take_columns(struct columns *columns)
{
    PyObject *list = PyList_New((Py_ssize_t)columns->count);

    for (size_t i = 0; list && i < columns->count; i++) {
        struct column *column = &columns->columns[i];
        size_t length = (size_t)(column->text.cur - column->text.start);
        PyObject *item = triple(bytes_of(column->cells, columns->rows, 1),
                                bytes_of(column->slots, columns->rows, sizeof *column->slots),
                                bytes_of(column->text.start, length, 1));

        if (item)
            PyList_SET_ITEM(list, (Py_ssize_t)i, item);
        else
            Py_CLEAR(list);
        pyon_out_free(&column->text);
    }
    return list;
}

static PyObject *misfit_object(const struct misfit *misfit)
{
    if (misfit->column == COLUMN_NONE)
        return Py_BuildValue("nOns", (Py_ssize_t)misfit->line, Py_None, (Py_ssize_t)misfit->offset,
                             misfit->what);
    return Py_BuildValue("nnns", (Py_ssize_t)misfit->line, (Py_ssize_t)misfit->column,
                         (Py_ssize_t)misfit->offset, misfit->what);
}

static PyObject *take_misfits(const struct columns *columns)
{
    PyObject *list = PyList_New((Py_ssize_t)columns->misfit_count);

    for (size_t i = 0; list && i < columns->misfit_count; i++) {
        PyObject *item = misfit_object(&columns->misfits[i]);

        if (item)
            PyList_SET_ITEM(list, (Py_ssize_t)i, item);
        else
            Py_CLEAR(list);
    }
    return list;
}

static PyObject *take_all(struct columns *columns)
{
    PyObject *lines = PyLong_FromSize_t(columns->line_count);
    PyObject *parts = triple(bytes_of(columns->lines, columns->rows, sizeof *columns->lines),
                             take_columns(columns), take_misfits(columns));
    PyObject *result = NULL;

    if (lines && parts)
        result = PyTuple_Pack(4, lines, PyTuple_GET_ITEM(parts, 0), PyTuple_GET_ITEM(parts, 1),
                              PyTuple_GET_ITEM(parts, 2));
    Py_XDECREF(lines);
    Py_XDECREF(parts);
    return result;
}

/* ---- The function ---- */

/* Makes the columns: pyon_columns_free() them in any case. */
static int begin_columns(struct columns *columns, const struct paths *paths, PyObject *texts)
{
    if (pyon_columns_init(columns, (const struct pyon_path *const *)paths->paths, paths->types,
                          (size_t)paths->count) < 0) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < paths->count; i++)
        if (columns->columns[i].several && paths->types[i] != COLUMN_ANY) {
            PyErr_Format(PyExc_ValueError, "path %R gives lists of values: they have no type",
                         PyTuple_GET_ITEM(texts, i));
            return -1;
        }
    return 0;
}

/* Reads without the lock of the interpreter. */
static int read_unlocked(struct columns *columns, const Py_buffer *data, int version)
{
    PyThreadState *thread = PyEval_SaveThread();
    int status = pyon_columns_read(columns, version == 1 ? &pyon_v1 : &pyon_v2,
                                   version == 0 ? &pyon_v1 : NULL, data->buf, (size_t)data->len);

    PyEval_RestoreThread(thread);
    if (status < 0)
        PyErr_NoMemory();
    return status;
}

PyObject *columns_read(PyObject *module, PyObject *args)
{
    struct paths paths = {.count = 0};
    struct columns columns;
    Py_buffer data;
    PyObject *texts, *result = NULL;
    const char *types;
    Py_ssize_t count;
    int version, stop;

    (void)module;
    if (!PyArg_ParseTuple(args, "y*O!s#ip:read_columns", &data, &PyTuple_Type, &texts, &types,
                          &count, &version, &stop))
        return NULL;
    if (read_paths(&paths, texts, types, count) == 0) {
        if (begin_columns(&columns, &paths, texts) == 0) {
            columns.stops = stop;
            if (read_unlocked(&columns, &data, version) == 0)
                result = take_all(&columns);
        }
        pyon_columns_free(&columns);
    }
    free_paths(&paths);
    PyBuffer_Release(&data);
    return result;
}
