/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Arrays and scalars of NumPy: their memory to base64 text, and back.
 *
 * A plain dtype is a dtype of numbers or booleans, or of bytes, text or void of a fixed size
 * without fields. A short text such as "<f8" tells the meaning of its memory. Python does the work
 * for all other dtypes, and for irregular arguments (see _arrays.py), so that the exceptions are
 * NumPy's own.
 *
 * NumPy's C interface is a table that is looked up on first use. Until then, other values work
 * without NumPy. The table, like NumPy, belongs to the main interpreter of the process. In other
 * interpreters Python does the work, if they can import NumPy.
 */
#include "array.h"
#include "dtype.h"
#include "pyon_host.h"
#include "raise.h"
#include "state.h"
#include "walk/frame.h"
#include "walk/walk.h"

#include <numpy/arrayobject.h>
#include <numpy/arrayscalars.h>

#include <stddef.h>
#include <string.h>

#define MAX_DIMENSIONS 32 /* that every version of NumPy allows */
#define DTYPE_SIZE 32     /* bytes for the text of a dtype */
#define SCALAR_SIZE 16    /* bytes of the largest number: complex128 */

/* A type of scalars that are numbers: the place of the value in the object, and the text of the
   dtype. */
struct scalar_type {
    PyTypeObject *type;
    size_t offset, size;
    char dtype[5];
};

#define SCALAR_TYPES 14
/* array_load fills it, always alike: two threads may do that at once. */
static struct scalar_type scalar_types[SCALAR_TYPES];

static void load_scalar_types(void)
{
#define ROW(name, kind)                                                                            \
    {                                                                                              \
        &Py##name##ArrType_Type, offsetof(Py##name##ScalarObject, obval),                          \
            sizeof(((Py##name##ScalarObject *)NULL)->obval), kind                                  \
    }
    /* The types are entries of NumPy's table, so this cannot be a constant. */
    struct scalar_type types[SCALAR_TYPES] = {
        ROW(Double, "<f8"), ROW(Long, "<i8"),     ROW(Int, "<i4"),   ROW(Float, "<f4"),
        ROW(Bool, "|b1"),   ROW(UInt, "<u4"),     ROW(ULong, "<u8"), ROW(Short, "<i2"),
        ROW(UShort, "<u2"), ROW(Byte, "|i1"),     ROW(UByte, "|u1"), ROW(Half, "<f2"),
        ROW(CFloat, "<c8"), ROW(CDouble, "<c16"),
    };
#undef ROW
    for (int i = 0; i < SCALAR_TYPES; i++) {
        char *dtype = types[i].dtype;

        if (dtype[0] == '<' && !PyArray_ISNBO('<'))
            dtype[0] = '>';
        /* The sizes of int, long and long long depend on the compiler. */
        if (dtype[1] == 'i' || dtype[1] == 'u')
            dtype[2] = (char)('0' + types[i].size);
    }
    memcpy(scalar_types, types, sizeof types);
}

/* Clears the exception if NumPy is not installed: 0. Python raises it again for a value that
   needs NumPy. Any other exception stays: -1. To import NumPy runs code in Python, and signal
   handlers. */
static int forget_missing(void)
{
    PyObject *exception, *name;
    bool is_missing;

    if (!PyErr_ExceptionMatches(PyExc_ModuleNotFoundError))
        return -1;
    exception = raise_take();
    name = compat_missing_module(exception);
    is_missing =
        name && PyUnicode_Check(name) && PyUnicode_CompareWithASCIIString(name, "numpy") == 0;
    if (!is_missing) {
        raise_again(exception);
        return -1;
    }
    Py_DECREF(exception);
    return 0;
}

int array_load(struct state *state)
{
    PyObject *numpy;

    if (state->has_numpy || PyInterpreterState_Get() != PyInterpreterState_Main())
        return 0;
    numpy = PyImport_ImportModule("numpy");
    if (!numpy)
        return forget_missing();
    Py_DECREF(numpy);
    if (_import_array() < 0)
        return raise_forget() ? 0 : -1; /* its interface is of another version */
    load_scalar_types();
    state->has_numpy = true;
    return 0;
}

/* ---- Dtypes ---- */

/* A dtype of a program may have a negative number. */
static bool is_number(int type)
{
    return type <= NPY_CDOUBLE ? type >= 0 && type != NPY_LONGDOUBLE : type == NPY_HALF;
}

/* NumPy does not export long doubles with an explicit byte order, not even with that of the
   machine: only "=" is plain. */
static bool is_plain(PyArray_Descr *dtype)
{
    int type = dtype->type_num;

    if (PyDataType_ELSIZE(dtype) == 0 || PyDataType_HASFIELDS(dtype) ||
        PyDataType_HASSUBARRAY(dtype))
        return false;
    if (type == NPY_LONGDOUBLE || type == NPY_CLONGDOUBLE)
        return dtype->byteorder == NPY_NATIVE;
    return is_number(type) || type == NPY_STRING || type == NPY_UNICODE || type == NPY_VOID;
}

/* Fills `text` with the attribute `str` of a plain dtype. */
static void dtype_text(PyArray_Descr *dtype, char text[DTYPE_SIZE])
{
    char order = dtype->byteorder;
    long size = (long)PyDataType_ELSIZE(dtype);

    if (order == '=')
        order = PyArray_ISNBO('<') ? '<' : '>';
    if (dtype->type_num == NPY_UNICODE)
        size /= 4; /* the text counts characters */
    PyOS_snprintf(text, DTYPE_SIZE, "%c%c%ld", order, dtype->kind, size);
}

/* ---- Data ---- */

/* Bytes of data during whose work other threads may run. To get the interpreter back may cost
   milliseconds. */
#define LARGE ((size_t)32 << 20)

/* A weak reference keeps NumPy from exchanging the memory of the array meanwhile, even where a
   program asks it not to count references. */
static int encode_data(char *text, PyArrayObject *array, size_t size)
{
    PyThreadState *thread;
    PyObject *hold;

    if (size < LARGE) {
        pyon_base64_encode(text, PyArray_DATA(array), size);
        return 0;
    }
    hold = PyWeakref_NewRef((PyObject *)array, NULL);
    if (!hold)
        return -1;
    thread = PyEval_SaveThread();
    pyon_base64_encode(text, PyArray_DATA(array), size);
    PyEval_RestoreThread(thread);
    Py_DECREF(hold);
    return 0;
}

static int decode_data(void *data, struct base64_text *payload)
{
    PyThreadState *thread;
    int status;

    if (payload->length < LARGE)
        return pyon_base64_decode(data, payload->text, payload->length, NULL);
    if (payload->resting)
        PyGC_Enable();
    thread = PyEval_SaveThread();
    status = pyon_base64_decode(data, payload->text, payload->length, NULL);
    PyEval_RestoreThread(thread);
    if (payload->resting)
        payload->resting = PyGC_Disable();
    return status;
}

/* ---- Encoding ---- */

/* The owner of an array may exchange its memory, although it is held. */
static int go_on_array(struct walker *walker, struct walk_frame *frame)
{
    PyArrayObject *array = (PyArrayObject *)frame->object;

    assert(PyArray_IS_C_CONTIGUOUS(array));
    if ((size_t)PyArray_NBYTES(array) != frame->length) {
        PyErr_SetString(PyExc_RuntimeError, "array changed size while it was encoded");
        return -1;
    }
    do {
        if (pyon_write_base64_part(&walker->writer, PyArray_DATA(array), frame->length,
                                   &frame->part) < 0)
            return -1;
        if (frame->part.done == frame->length)
            return pyon_write_array_end(&walker->writer, 0);
    } while (!walk_is_due(walker));
    return PAUSED;
}

/* The data of a contiguous array: a new memoryview of bytes, whatever the dtype is. */
static PyObject *data_view(PyArrayObject *contiguous)
{
    npy_intp size = PyArray_NBYTES(contiguous);
    PyObject *octets = PyArray_New(&PyArray_Type, 1, &size, NPY_UINT8, NULL,
                                   PyArray_DATA(contiguous), 0, NPY_ARRAY_CARRAY_RO, NULL);
    PyObject *view = NULL;

    if (octets && PyArray_SetBaseObject((PyArrayObject *)octets, Py_NewRef(contiguous)) == 0)
        view = PyMemoryView_FromObject(octets);
    Py_XDECREF(octets);
    return view;
}

/* Puts the data aside, and writes its number: nparray(SHAPE, DTYPE, NUMBER). */
static int walk_framed(struct walker *walker, PyArrayObject *contiguous, const int64_t *shape,
                       size_t ndim, const char *dtype)
{
    struct pyon_writer *writer = &walker->writer;
    PyObject *view = data_view(contiguous);
    int status = view ? PyList_Append(walker->frames, view) : -1;

    Py_XDECREF(view);
    if (status < 0 || pyon_write_call_begin(writer, "nparray", 7, 3) < 0 ||
        pyon_write_begin(writer, PYON_CONTAINER_LIST, ndim) < 0)
        return -1;
    for (size_t i = 0; i < ndim; i++)
        if ((i > 0 && pyon_write_next(writer, PYON_CONTAINER_LIST, ndim) < 0) ||
            pyon_write_integer(writer, shape[i]) < 0)
            return -1;
    if (pyon_write_end(writer, PYON_CONTAINER_LIST, ndim) < 0 ||
        pyon_write_call_next(writer, 3) < 0 ||
        pyon_write_string(writer, dtype, strlen(dtype)) < 0 ||
        pyon_write_call_next(writer, 3) < 0 ||
        pyon_write_integer(writer, PyList_GET_SIZE(walker->frames)) < 0)
        return -1;
    return pyon_write_call_end(writer, 3);
}

static int walk_array(struct walker *walker, PyArrayObject *array)
{
    PyArray_Descr *dtype = PyArray_DESCR(array);
    int64_t shape[64]; /* dimensions of NumPy 2, at most; earlier versions have 32 */
    size_t ndim = (size_t)PyArray_NDIM(array);
    char text[DTYPE_SIZE];
    PyArrayObject *contiguous;
    char *place;
    size_t size;
    bool in_parts;
    int status = -1;

    if (!is_plain(dtype) || ndim > sizeof shape / sizeof *shape)
        return 1;
    contiguous = PyArray_GETCONTIGUOUS(array);
    if (!contiguous)
        return -1;
    for (size_t i = 0; i < ndim; i++)
        shape[i] = PyArray_DIM(contiguous, (int)i);
    dtype_text(dtype, text);
    size = (size_t)PyArray_NBYTES(contiguous);
    if (walker->frames && size >= walker->least) {
        status = walk_framed(walker, contiguous, shape, ndim, text);
        Py_DECREF(contiguous);
        return status;
    }
    in_parts = walk_in_parts(walker, size);
    place = pyon_write_array_begin(&walker->writer, shape, ndim, text, in_parts ? 0 : size);
    if (place && in_parts) {
        status = walk_on(walker, &(struct walk_frame){.go_on = go_on_array,
                                                      .object = (PyObject *)contiguous,
                                                      .length = size});
    } else if (place) {
        status = encode_data(place, contiguous, size);
        if (status == 0)
            status = pyon_write_array_end(&walker->writer, size);
    }
    Py_DECREF(contiguous);
    return status;
}

/* Will a scalar of this kind be the same again? NumPy reads none of no size, and takes NULs at the
   end of text and bytes for padding. */
static bool comes_back(char kind, const Py_buffer *data)
{
    size_t size = (size_t)data->len, unit = kind == 'U' ? 4 : 1;

    if (size == 0)
        return false;
    return (kind != 'U' && kind != 'S') ||
           memcmp((const char *)data->buf + size - unit, "\0\0\0", unit) != 0;
}

/*
 * Any other scalar of the format. As in the reference, the text is NumPy's for its dtype, and the
 * data is the buffer that it exports; if it exports none, NumPy's exception is raised. 1 for a
 * scalar with objects in it, whose buffer has their addresses, and for one that must be kept and
 * would not be.
 */
static int walk_exported(struct walker *walker, PyObject *x)
{
    PyArray_Descr *dtype = PyArray_DescrFromScalar(x);
    PyObject *text = NULL;
    Py_buffer view;
    int status = -1;
    char kind = dtype ? dtype->kind : '\0';

    if (dtype && (PyDataType_REFCHK(dtype) || (walker->is_exact && PyDataType_HASFIELDS(dtype))))
        status = 1;
    else if (dtype)
        text = PyObject_GetAttrString((PyObject *)dtype, "str");
    Py_XDECREF(dtype);
    if (text && PyObject_GetBuffer(x, &view, PyBUF_FULL_RO) == 0) {
        status = walker->is_exact && !comes_back(kind, &view)
                     ? 1
                     : pyon_write_scalar(&walker->writer, PyUnicode_DATA(text), view.buf,
                                         (size_t)view.len);
        PyBuffer_Release(&view);
    }
    Py_XDECREF(text);
    return status;
}

/* The entry of a type of scalars, or NULL. */
static const struct scalar_type *find_scalar_type(PyTypeObject *type)
{
    for (size_t i = 0; i < SCALAR_TYPES; i++)
        if (scalar_types[i].type == type)
            return &scalar_types[i];
    return NULL;
}

int array_walk(struct walker *walker, PyObject *x)
{
    const struct scalar_type *type;

    if (!walker->state->has_numpy)
        return 1;
    if (PyArray_CheckExact(x))
        return walk_array(walker, (PyArrayObject *)x);
    /* First, since NumPy's own test of a scalar takes long. */
    type = find_scalar_type(Py_TYPE(x));
    if (type)
        return pyon_write_scalar(&walker->writer, type->dtype, (char *)x + type->offset,
                                 type->size);
    return PyArray_IsScalar(x, Generic) ? walk_exported(walker, x) : 1;
}

/* ---- Decoding ---- */

static PyArray_Descr *convert_dtype(PyObject *text)
{
    PyArray_Descr *dtype = NULL;

    if (!dtype_is_plain(PyUnicode_DATA(text), (size_t)PyUnicode_GET_LENGTH(text)))
        return NULL;
    if (!PyArray_DescrConverter(text, &dtype)) {
        raise_forget();
        return NULL;
    }
    if (!is_plain(dtype))
        Py_CLEAR(dtype);
    return dtype;
}

/*
 * The plain dtype that a str means: new. NULL without an exception if it means none, and with one
 * without memory.
 *
 * To make a dtype from a text is slow in NumPy. So dtypes whose text has up to 8 characters are
 * kept, each in the place that its text has. A text whose place is taken replaces the other one.
 */
static PyArray_Descr *find_dtype(struct state *state, PyObject *text)
{
    struct cache *cache;
    uint64_t key = 0;
    size_t length, place;

    if (!state->has_numpy || !PyUnicode_CheckExact(text) || !PyUnicode_IS_COMPACT_ASCII(text))
        return NULL;
    length = (size_t)PyUnicode_GET_LENGTH(text);
    if (length == 0 || length > sizeof key ||
        memchr(PyUnicode_DATA(text), '\0', length)) /* the rest of the key is NULs */
        return convert_dtype(text);
    memcpy(&key, PyUnicode_DATA(text), length);
    place = key * UINT64_C(0x9e3779b97f4a7c15) >> 58;
    cache = cache_find(&state->cache);
    if (cache && cache->dtypes[place].text != key) {
        PyArray_Descr *dtype = convert_dtype(text);

        if (!dtype)
            return NULL;
        cache->dtypes[place].text = key;
        Py_XSETREF(cache->dtypes[place].dtype, (PyObject *)dtype);
    }
    return cache ? (PyArray_Descr *)Py_NewRef(cache->dtypes[place].dtype) : NULL;
}

static bool read_dimension(PyObject *x, npy_intp *dimension)
{
    int64_t value;

    if (!PyLong_CheckExact(x) || !compat_small_int(x, &value) || value < 0 || value > NPY_MAX_INTP)
        return false;
    *dimension = (npy_intp)value;
    return true;
}

/* Fills the dimensions if `shape` is a list or tuple of them. Returns their number, or -1. */
static int read_shape(PyObject *shape, npy_intp dimensions[MAX_DIMENSIONS])
{
    Py_ssize_t ndim;

    if (!PyList_CheckExact(shape) && !PyTuple_CheckExact(shape))
        return -1;
    ndim = PySequence_Fast_GET_SIZE(shape);
    if (ndim > MAX_DIMENSIONS)
        return -1;
    for (Py_ssize_t i = 0; i < ndim; i++) {
        PyObject *entry = compat_item(shape, i);
        bool valid = entry && read_dimension(entry, &dimensions[i]);

        Py_XDECREF(entry);
        if (!valid)
            return -1;
    }
    return (int)ndim;
}

/* Fills the size of an array in bytes: false on overflow. */
static bool array_size(const npy_intp *dimensions, int ndim, npy_intp item, size_t *size)
{
    size_t total = (size_t)item;

    for (int i = 0; i < ndim; i++) {
        size_t dimension = (size_t)dimensions[i];

        if (dimension > 0 && total > (size_t)NPY_MAX_INTP / dimension)
            return false;
        total *= dimension;
    }
    *size = total;
    return true;
}

/* Is the payload base64 of that many bytes? Fills its length if that is not known. */
static bool has_size(struct base64_text *payload, size_t size)
{
    size_t length = pyon_base64_encoded_size(size), decoded;

    if (payload->ending) {
        if (payload->available < payload->ending_length ||
            payload->available - payload->ending_length < length ||
            memcmp(payload->text + length, payload->ending, payload->ending_length) != 0)
            return false;
        payload->length = length;
    }
    return pyon_base64_decoded_size(payload->text, payload->length, &decoded) == 0 &&
           decoded == size;
}

/* The shape and dtype of an array: the arguments before the payload. */
struct array_header {
    PyArray_Descr *dtype; /* new */
    int ndim;
    npy_intp dimensions[MAX_DIMENSIONS];
    size_t size; /* of the data, in bytes */
};

/* Fills `header` if the arguments are plain. Else false, with an exception only without memory. */
static bool read_header(struct state *state, struct array_header *header, PyObject *shape,
                        PyObject *dtype)
{
    header->ndim = read_shape(shape, header->dimensions);
    header->dtype = header->ndim < 0 ? NULL : find_dtype(state, dtype);
    if (!header->dtype)
        return false;
    if (array_size(header->dimensions, header->ndim, PyDataType_ELSIZE(header->dtype),
                   &header->size))
        return true;
    Py_DECREF(header->dtype);
    return false;
}

/* Steals the dtype of `header`. */
static PyObject *new_array(struct array_header *header)
{
    return PyArray_NewFromDescr(&PyArray_Type, header->dtype, header->ndim, header->dimensions,
                                NULL, NULL, 0, NULL);
}

PyObject *array_build(struct state *state, PyObject *shape, PyObject *dtype,
                      struct base64_text *payload)
{
    struct array_header header;
    PyObject *array;

    if (!read_header(state, &header, shape, dtype))
        return NULL;
    if (!has_size(payload, header.size)) {
        Py_DECREF(header.dtype);
        return NULL;
    }
    array = new_array(&header);
    if (!array)
        raise_forget();
    if (array && decode_data(PyArray_DATA((PyArrayObject *)array), payload) < 0)
        Py_CLEAR(array);
    return array;
}

/* An array whose memory is that of a memoryview, which it keeps. */
static PyObject *new_view(struct array_header *header, PyObject *data)
{
    const Py_buffer *buffer = PyMemoryView_GET_BUFFER(data);
    PyObject *array =
        PyArray_NewFromDescr(&PyArray_Type, header->dtype, header->ndim, header->dimensions, NULL,
                             buffer->buf, buffer->readonly ? 0 : NPY_ARRAY_WRITEABLE, NULL);

    if (array && PyArray_SetBaseObject((PyArrayObject *)array, Py_NewRef(data)) < 0)
        Py_CLEAR(array);
    /* Data that is small may lie anywhere in a message. */
    if (array && !PyArray_ISALIGNED((PyArrayObject *)array))
        Py_SETREF(array, PyArray_NewCopy((PyArrayObject *)array, NPY_CORDER));
    return array;
}

PyObject *array_view(struct state *state, PyObject *shape, PyObject *dtype, PyObject *data,
                     Py_ssize_t number)
{
    size_t size = (size_t)PyMemoryView_GET_BUFFER(data)->len;
    struct array_header header;

    if (!state->has_numpy) {
        PyErr_Format(PyExc_ImportError, "frame %zd is an array, which needs NumPy", number);
        return NULL;
    }
    if (!read_header(state, &header, shape, dtype)) {
        if (!PyErr_Occurred())
            PyErr_Format(PyExc_ValueError, "frame %zd: no shape and dtype of a plain array",
                         number);
        return NULL;
    }
    if (header.size == size)
        return new_view(&header, data);
    Py_DECREF(header.dtype);
    PyErr_Format(PyExc_ValueError, "frame %zd has %zu bytes, for an array of %zu", number, size,
                 header.size);
    return NULL;
}

PyObject *array_begin(struct state *state, PyObject *shape, PyObject *dtype, size_t most,
                      void **data, size_t *size)
{
    struct array_header header;
    PyObject *array = NULL;

    if (read_header(state, &header, shape, dtype)) {
        if (pyon_base64_encoded_size(header.size) <= most)
            array = new_array(&header);
        else
            Py_DECREF(header.dtype);
    }
    if (!array) {
        PyErr_Clear(); /* also without memory: the data may never come. No other code has run */
        return NULL;
    }
    *data = PyArray_DATA((PyArrayObject *)array);
    *size = header.size;
    return array;
}

PyObject *array_build_scalar(struct state *state, PyObject *dtype, struct base64_text *payload)
{
    PyArray_Descr *descr = find_dtype(state, dtype);
    PyObject *scalar = NULL;
    char data[SCALAR_SIZE];

    if (!descr)
        return NULL;
    assert(!is_number(descr->type_num) || PyDataType_ELSIZE(descr) <= SCALAR_SIZE);
    /* array_data() must return the data that was read here: so no foreign byte order, and no
       boolean except 0 and 1. */
    if (is_number(descr->type_num) && PyArray_ISNBO(descr->byteorder) &&
        has_size(payload, (size_t)PyDataType_ELSIZE(descr)) &&
        pyon_base64_decode(data, payload->text, payload->length, NULL) == 0 &&
        !(descr->type_num == NPY_BOOL && (unsigned char)data[0] > 1))
        scalar = PyArray_Scalar(data, descr, NULL);
    Py_DECREF(descr);
    return scalar;
}

PyObject *array_data(PyObject *x)
{
    PyArray_Descr *dtype;
    char data[SCALAR_SIZE];
    Py_ssize_t size;

    if (PyArray_CheckExact(x))
        return PyArray_ToString((PyArrayObject *)x, NPY_CORDER);
    dtype = PyArray_DescrFromScalar(x);
    if (!dtype)
        return NULL;
    size = (Py_ssize_t)PyDataType_ELSIZE(dtype);
    Py_DECREF(dtype);
    assert(size <= SCALAR_SIZE);
    PyArray_ScalarAsCtype(x, data);
    return PyBytes_FromStringAndSize(data, size);
}
