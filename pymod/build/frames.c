/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Values whose arrays have their data beside the text, in frames: nparray([2,500], "<f8", 1) has it
 * in the first one.
 *
 * Strangers may have sent all of it. Nothing is made for an array before its frame is known to be
 * there, of exactly its size, and that of no other array: two arrays must not share memory. Frames
 * that no array has are an error, too.
 */
#include "array.h"
#include "build/build.h"

PyObject *build_frame_array(struct builder *builder, PyObject *const *arguments)
{
    struct frames *frames = builder->frames;
    Py_ssize_t count = PyTuple_GET_SIZE(frames->views), number;
    int64_t value = 0;

    if (!compat_small_int(arguments[2], &value) || value < 1 || value > count) {
        PyErr_Format(PyExc_ValueError, "no frame %R: %zd follow the text", arguments[2], count);
        return NULL;
    }
    number = (Py_ssize_t)value;
    if (frames->used[number - 1]) {
        PyErr_Format(PyExc_ValueError, "frame %zd is that of two arrays", number);
        return NULL;
    }
    frames->used[number - 1] = true;
    frames->left--;
    return array_view(builder->state, arguments[0], arguments[1],
                      PyTuple_GET_ITEM(frames->views, number - 1), number);
}

/* Sets an exception: 0 if all frames are used, or -1. */
static int check_used(const struct frames *frames)
{
    size_t number = 1;

    if (frames->left == 0)
        return 0;
    while (frames->used[number - 1])
        number++;
    PyErr_Format(PyExc_ValueError, "frame %zu is that of no array", number);
    return -1;
}

PyObject *build_framed(struct state *state, const char *text, size_t length, PyObject *views,
                       struct pyon_error *error)
{
    size_t count = (size_t)PyTuple_GET_SIZE(views);
    struct frames frames = {.views = views, .left = count};
    PyObject *value;

    frames.used = PyMem_Calloc(count ? count : 1, sizeof *frames.used);
    if (!frames.used) {
        *error = (struct pyon_error){.code = PYON_ERROR_HOST};
        PyErr_NoMemory();
        return NULL;
    }
    value = build_v2(state, text, length, &frames, error);
    if (value && check_used(&frames) < 0) {
        error->code = PYON_ERROR_HOST;
        Py_CLEAR(value);
    }
    PyMem_Free(frames.used);
    return value;
}
