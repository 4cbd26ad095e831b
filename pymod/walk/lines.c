/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Lines of small values, without a step in Python for each. A value that is not plain, or that may
 * be large, goes back to the caller, who writes it in pieces.
 *
 * Foreign code may run while the next value is fetched, so the state is whole then: the lines before
 * it are in the file, or wait in its buffer.
 */
#include "walk/lines.h"
#include "file/file.h"
#include "strout.h"
#include "walk/plain.h"
#include "walk/walk.h"

#define LARGEST ((size_t)1 << 16) /* bytes of a line, more or less */

struct lines {
    struct state *state;
    PyObject *file;
    void (*resume)(struct walker *walker, struct state *state);
    struct walker walker;
    struct strout strout;
};

static void begin(struct lines *lines, struct state *state, PyObject *file, int version)
{
    lines->state = state;
    lines->file = file;
    lines->resume = version == 1 ? walk_resume_v1 : walk_resume_v2;
    memset(lines->walker.landmarks, 0, sizeof lines->walker.landmarks);
    strout_init(&lines->strout, true, false);
    pyon_writer_init(&lines->walker.writer, &lines->strout.out, version == 1 ? &pyon_v1 : &pyon_v2,
                     false);
}

/* Writes x and a line end, if x is plain: 1 if so, 0 if not, and -1. */
static int write_line(struct lines *lines, PyObject *x)
{
    struct walker *walker = &lines->walker;
    struct pyon_out *out = &lines->strout.out;
    int status;

    lines->resume(walker, lines->state);
    walker->due = LARGEST;
    status = plain_value(walker, x);
    walk_done(walker);
    if (status > 0 && (pyon_write_raw(&walker->writer, "\n", 1) < 0 ||
                       file_put(lines->file, out->start, walk_written(walker)) < 0))
        status = -1;
    out->cur = out->start;
    return status;
}

/* Writes values up to one that is not plain: that one, new; or NULL, also at the end. */
static PyObject *write_lines(struct lines *lines, PyObject *values)
{
    PyObject *x;
    int status = 1;

    while ((x = PyIter_Next(values)) && (status = write_line(lines, x)) > 0)
        Py_DECREF(x);
    if (status < 0)
        Py_CLEAR(x);
    return x;
}

const char lines_write_doc[] =
    "write_plain_lines($module, file, values, version, /)\n--\n\n"
    "Write the values of an iterator to a File, one a line, up to one that is not plain.\n\n"
    "Return (value,) for that one, which is not written, or None at the end.";

PyObject *lines_write(PyObject *module, PyObject *args)
{
    struct state *state = PyModule_GetState(module);
    PyObject *file, *values, *x;
    struct lines lines;
    int version;

    if (!PyArg_ParseTuple(args, "O!Oi:write_plain_lines", state->file_type, &file, &values,
                          &version))
        return NULL;
    if (!PyIter_Check(values))
        return PyErr_Format(PyExc_TypeError, "%R is no iterator", (PyObject *)Py_TYPE(values));
    begin(&lines, state, file, version);
    x = write_lines(&lines, values);
    strout_drop(&lines.strout);
    if (x)
        return Py_BuildValue("(N)", x);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}
