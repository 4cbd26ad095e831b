/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Makes exceptions from errors of the library. They have the classes of the reference, and the
   place in the text. */
#include "raise.h"
#include "state.h"

#include <string.h>

/* Bytes of a line that is shown with an error, at most. */
#define LONGEST_LINE 200

static Py_ssize_t count_code_points(const char *text, size_t length)
{
    Py_ssize_t count = 0;

    for (size_t i = 0; i < length; i++)
        count += ((unsigned char)text[i] & 0xc0) != 0x80;
    return count;
}

/* ---- Version 1 ---- */

/* The line around an offset: new; None if it is too long to help a reader. */
static PyObject *line_of(const char *text, size_t length, size_t offset)
{
    size_t start = offset, end = offset;

    while (start > 0 && text[start - 1] != '\n' && offset - start <= LONGEST_LINE)
        start--;
    while (end < length && text[end] != '\n' && end - start <= LONGEST_LINE)
        end++;
    if (end - start > LONGEST_LINE)
        Py_RETURN_NONE;
    return PyUnicode_DecodeUTF8(text + start, (Py_ssize_t)(end - start), "replace");
}

/* Sets a SyntaxError with its place, as the interpreter does. */
static void raise_syntax(const char *text, size_t length, size_t offset, const char *message)
{
    size_t line, column;
    PyObject *excerpt, *arguments;

    pyon_locate(text, offset, &line, &column);
    excerpt = line_of(text, length, offset);
    if (!excerpt)
        return;
    arguments = Py_BuildValue(
        "N(snnN)",
        PyUnicode_FromFormat("PYON v1: %s (line %zu, column %zu)", message, line, column),
        "<string>", (Py_ssize_t)line, (Py_ssize_t)column, excerpt);
    if (!arguments)
        return;
    PyErr_SetObject(PyExc_SyntaxError, arguments);
    Py_DECREF(arguments);
}

/* Sets an exception of a class that has its place only in the message. */
static void raise_placed(PyObject *class, const char *text, const struct pyon_error *error)
{
    size_t line, column;

    pyon_locate(text, error->offset, &line, &column);
    PyErr_Format(class, "PYON v1: %s (line %zu, column %zu)", error->message, line, column);
}

static PyObject *slice_of(const char *text, const struct pyon_error *error)
{
    return PyUnicode_DecodeUTF8(text + error->offset, (Py_ssize_t)error->length, "replace");
}

static void raise_name(const char *text, const struct pyon_error *error)
{
    PyObject *name = slice_of(text, error);

    if (name)
        PyErr_Format(PyExc_NameError, "name '%U' is not defined", name);
    Py_XDECREF(name);
}

void raise_v1(struct state *state, const char *text, size_t length, const struct pyon_error *error)
{
    switch (error->code) {
    case PYON_ERROR_HOST:
        break;
    case PYON_ERROR_MEMORY:
        PyErr_NoMemory();
        break;
    case PYON_ERROR_NUL:
        PyErr_SetString(state->v1.null_error, error->message);
        break;
    case PYON_ERROR_NAME:
        raise_name(text, error);
        break;
    case PYON_ERROR_OPERAND:
    case PYON_ERROR_CALL:
        raise_placed(PyExc_TypeError, text, error);
        break;
    case PYON_ERROR_ATTRIBUTE:
        raise_placed(PyExc_AttributeError, text, error);
        break;
    case PYON_ERROR_LARGE:
        raise_placed(PyExc_ValueError, text, error);
        break;
    case PYON_ERROR_OVERFLOW:
        PyErr_SetString(PyExc_OverflowError, error->message);
        break;
    default:
        raise_syntax(text, length, error->offset, error->message);
        break;
    }
}

/* ---- Version 2 ---- */

/*
 * Before Python 3.13, json had no error of its own for a comma before a closing bracket. Its error
 * was that of a missing value or key, at the bracket.
 */
static void forget_trailing_comma(const char *text, struct pyon_error *error)
{
#if PY_VERSION_HEX < 0x030D0000
    if (error->code != PYON_ERROR_TRAILING_ARRAY && error->code != PYON_ERROR_TRAILING_OBJECT)
        return;
    error->code = error->code == PYON_ERROR_TRAILING_ARRAY ? PYON_ERROR_VALUE : PYON_ERROR_PROPERTY;
    error->offset += 1 + strspn(text + error->offset + 1, " \t\n\r");
#else
    (void)text, (void)error;
#endif
}

static bool is_escaped(const char *text, size_t offset)
{
    bool escaped = false;

    while (offset > 0 && text[--offset] == '\\')
        escaped = !escaped;
    return escaped;
}

/*
 * A text may end right after \uXXXX. Some releases of Python blame the escape, later ones the
 * string that has no end. So json reads the string again: does it raise an exception of its own?
 */
static bool json_raises(struct state *state, PyObject *str, const char *text, size_t offset)
{
    PyObject *read;

    while (offset > 0 && (text[offset] != '"' || is_escaped(text, offset)))
        offset--;
    read = PyObject_CallFunction(state->v2.scan_string, "On", str,
                                 count_code_points(text, offset) + 1);
    Py_XDECREF(read);
    return !read;
}

static void raise_decode_error(struct state *state, PyObject *doc, const char *text,
                               struct pyon_error error)
{
    PyObject *exception, *str;

    forget_trailing_comma(text, &error);
    str =
        PyUnicode_Check(doc) ? Py_NewRef(doc) : PyUnicode_FromEncodedObject(doc, "ascii", "strict");
    if (!str)
        return;
    if (error.code == PYON_ERROR_UNICODE_ESCAPE && json_raises(state, str, text, error.offset)) {
        Py_DECREF(str);
        return;
    }
    exception = PyObject_CallFunction(state->v2.decode_error, "sNn", pyon_error_message(error.code),
                                      str, count_code_points(text, error.offset));
    if (!exception)
        return;
    PyErr_SetObject((PyObject *)Py_TYPE(exception), exception);
    Py_DECREF(exception);
}

void raise_v2(struct state *state, PyObject *doc, const char *text, const struct pyon_error *error)
{
    switch (error->code) {
    case PYON_ERROR_HOST:
        break;
    case PYON_ERROR_MEMORY:
        PyErr_NoMemory();
        break;
    case PYON_ERROR_DEPTH:
        PyErr_SetString(PyExc_RecursionError, "maximum recursion depth exceeded while decoding a "
                                              "JSON array or object from a unicode string");
        break;
    default:
        raise_decode_error(state, doc, text, *error);
        break;
    }
}

/* ---- Exceptions that are put aside ---- */

PyObject *raise_take(void)
{
    assert(PyErr_Occurred());
    return compat_take_exception();
}

void raise_again(PyObject *exception)
{
    compat_set_exception(exception);
}

bool raise_forget(void)
{
    PyObject *exception, *traceback;

    if (PyErr_ExceptionMatches(PyExc_MemoryError) || PyErr_ExceptionMatches(PyExc_Warning) ||
        !PyErr_ExceptionMatches(PyExc_Exception))
        return false;
    exception = raise_take();
    traceback = PyException_GetTraceback(exception);
    if (traceback) {
        Py_DECREF(traceback);
        raise_again(exception);
        return false;
    }
    Py_DECREF(exception);
    return true;
}

void raise_as_generator(void)
{
    PyObject *exception, *cause;

    if (!PyErr_ExceptionMatches(PyExc_StopIteration))
        return;
    cause = raise_take();
    PyErr_SetString(PyExc_RuntimeError, "generator raised StopIteration");
    exception = raise_take();
    PyException_SetContext(exception, Py_NewRef(cause));
    PyException_SetCause(exception, cause);
    raise_again(exception);
}

/* ---- Exceptions that are raised later ---- */

/* Borrowed, or NULL. */
static PyObject *context_of(PyObject *exception)
{
    PyObject *context = PyException_GetContext(exception);

    Py_XDECREF(context);
    return context;
}

/*
 * Takes the exception that Python code handles now out of the context of one that is raised later.
 * Otherwise each error would keep the one before it. Python looks through the whole chain when it
 * raises the next one, so the time would be the square of their number.
 */
static void forget_handled(PyObject *exception)
{
    PyObject *handled = compat_handled_exception(), *context, *half = exception;

    for (size_t i = 1; handled && (context = context_of(exception)); i++) {
        if (context == handled) {
            PyException_SetContext(exception, NULL);
            break;
        }
        exception = context;
        half = i % 2 == 0 ? context_of(half) : half;
        if (exception == half)
            break; /* the chain is a ring */
    }
    Py_XDECREF(handled);
}

PyObject *raise_take_alone(void)
{
    PyObject *exception = raise_take();

    forget_handled(exception);
    return exception;
}
