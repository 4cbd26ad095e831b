/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The text is written into the str or bytes that will be returned. So there is no copy at the end,
 * and no decoding. The str is ASCII: a character is a byte, and growing the str is a realloc. Only
 * a short text is written elsewhere and copied, since that costs less than shrinking an object.
 */
#include "strout.h"
#include "ascii.h"
#include "pyon_host.h"

#include <string.h>

/* The texts of a program often have similar sizes. So the first object of a whole text is as large
   as the last text of this thread was. Huge ones are left to grow, which does not copy them. */
#define MOST_EXPECTED ((size_t)1 << 20)
static _Thread_local size_t expected;

/*
 * A large object may keep an eighth of its length unused. malloc maps a block anew if it is larger
 * than all mapped blocks that were freed before, and the system has to fill the new pages. If each
 * object were made smaller at its end, the next one would always be larger than it. So each text
 * would pay for its pages.
 */
#define LARGE 65536
#define KEPT 8

/* ---- The object, of either type ---- */

static PyObject *new_object(struct strout *strout, size_t size)
{
    if (strout->is_bytes)
        return PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size);
    return PyUnicode_New((Py_ssize_t)size, 127);
}

static int resize_object(struct strout *strout, size_t size)
{
    if (strout->is_bytes)
        return compat_bytes_resize(&strout->object, size);
    return PyUnicode_Resize(&strout->object, (Py_ssize_t)size);
}

static char *object_data(struct strout *strout)
{
    return strout->is_bytes ? PyBytes_AS_STRING(strout->object) : PyUnicode_DATA(strout->object);
}

/* ---- The output ---- */

/* Makes the object, or makes it larger. */
static int resize(struct strout *strout, size_t used, size_t capacity)
{
    if (strout->object) {
        if (resize_object(strout, capacity) < 0)
            return -1;
    } else {
        strout->object = new_object(strout, capacity);
        if (!strout->object)
            return -1;
        memcpy(object_data(strout), strout->first, used);
    }
    advise_object(strout->object, object_data(strout), capacity);
    return 0;
}

static int grow(struct pyon_out *out, size_t need)
{
    struct strout *strout = (struct strout *)out;
    size_t used = (size_t)(out->cur - out->start);
    size_t capacity = pyon_out_capacity(used, (size_t)(out->end - out->start), need);

    out->code = PYON_ERROR_HOST;
    if (capacity == 0) {
        PyErr_NoMemory();
        return -1;
    }
    /* Not if one member alone, an array for instance, is so long that its size decides. */
    if (strout->is_whole && !strout->object && need < sizeof strout->first && capacity < expected)
        capacity = expected;
    if (resize(strout, used, capacity) < 0)
        return -1;
    out->start = object_data(strout);
    out->cur = out->start + used;
    out->end = out->start + capacity;
    return 0;
}

/* Makes the output empty. */
static void clear(struct strout *strout)
{
    strout->out = (struct pyon_out){.start = strout->first,
                                    .cur = strout->first,
                                    .end = strout->first + sizeof strout->first,
                                    .grow = grow};
    strout->object = NULL;
}

void strout_init(struct strout *strout, bool is_bytes, bool is_whole)
{
    strout->is_bytes = is_bytes;
    strout->is_whole = is_whole;
    clear(strout);
}

/* To change the size of bytes may lose the text. So another object takes their place, if it is worth
   the copy. */
static int grow_bytes(struct strout *strout, size_t need)
{
    struct pyon_out *out = &strout->out;
    size_t used = (size_t)(out->cur - out->start);
    PyObject *larger;

    if (used > need / KEPT || need > PY_SSIZE_T_MAX / 2)
        return 0;
    larger = new_object(strout, used + need);
    if (!larger)
        return -1;
    memcpy(PyBytes_AS_STRING(larger), out->start, used);
    Py_XSETREF(strout->object, larger);
    out->start = object_data(strout);
    out->cur = out->start + used;
    out->end = out->start + used + need;
    advise_object(larger, out->start, used + need);
    return 0;
}

void strout_expect(struct strout *strout, size_t need)
{
    int status = strout->is_bytes ? grow_bytes(strout, need) : grow(&strout->out, need);

    if (status < 0)
        PyErr_Clear();
}

/* Gives the object its length. */
static int shorten(struct strout *strout, size_t length)
{
    size_t unused = (size_t)(strout->out.end - strout->out.cur);

    if (length < LARGE || unused > length / KEPT)
        return resize_object(strout, length);
    if (strout->is_bytes)
        compat_bytes_shorten(strout->object, length);
    else
        compat_str_shorten(strout->object, length);
    return 0;
}

PyObject *strout_finish(struct strout *strout)
{
    size_t length = (size_t)(strout->out.cur - strout->out.start);
    PyObject *object;

    if (strout->object) {
        if (strout->is_whole)
            expected = length < MOST_EXPECTED ? length + length / 16 : MOST_EXPECTED;
        if (shorten(strout, length) < 0) {
            if (!strout->object) /* of bytes, nothing is left */
                clear(strout);
            return NULL;
        }
    } else {
        strout->object = new_object(strout, length);
        if (!strout->object)
            return NULL;
        if (length > 0)
            memcpy(object_data(strout), strout->first, length);
    }
    object = strout->object;
    clear(strout);
    return object;
}

void strout_drop(struct strout *strout)
{
    Py_CLEAR(strout->object);
    clear(strout);
}
