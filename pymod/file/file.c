/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Files that are written, from open to close in one call. In Python, a signal handler may raise
 * between any two steps: a descriptor that was just opened would stay open, or a text would be
 * written twice. So the descriptors belong to C. In C, handlers run only at the calls of
 * PyErr_CheckSignals, and there the state is complete.
 *
 * A function in Python gets a File and writes to it. Small texts wait in the buffer of the File.
 * Large ones go to the system without a copy, out of the inside of a str.
 */
#include "file/file.h"
#include "file/newfile.h"
#include "file/transfer.h"
#include "state.h"
#include "system/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define PIECE                                                                                      \
    ((size_t)1                                                                                     \
     << 20) /* bytes of a system call: signal handlers and other threads run between two of them */
#define BUFFER ((size_t)1 << 16) /* bytes that wait to be written */

struct file {
    PyObject_HEAD
    int fd;         /* -1 when the file is closed */
    PyObject *name; /* for errors */
    bool busy;      /* does a call write? Other threads run meanwhile */
    char *buffer;   /* NULL as long as nothing has been written */
    size_t waiting;
    int64_t start, size, whole; /* bytes: when it was opened; now; of the lines that have an end */
    bool broken;                /* did it end inside a line when it was opened? */
};

/* ---- Writing ---- */

/* Counts bytes that have been written, and notes where the last whole line ends. */
static void count_written(struct file *file, const char *data, size_t size)
{
    size_t end = size;

    while (end > 0 && data[end - 1] != '\n')
        end--;
    /* If the file ended inside a line, the first byte is the end of that line: it ends no line
       of ours. */
    if (end > 0 && !(file->broken && file->size + (int64_t)end == file->start + 1))
        file->whole = file->size + (int64_t)end;
    file->size += (int64_t)size;
}

/* Writes up to PIECE bytes. Returns the number of bytes, or -1. */
static Py_ssize_t write_piece(struct file *file, const char *data, size_t size)
{
    Py_ssize_t count = transfer_by_descriptor(file->fd, (char *)data, size < PIECE ? size : PIECE,
                                              true, file->name);

    if (count > 0)
        count_written(file, data, (size_t)count);
    return count;
}

static int write_all(struct file *file, const char *data, size_t size)
{
    Py_ssize_t count;

    for (; size > 0; data += count, size -= (size_t)count) {
        count = write_piece(file, data, size);
        if (count < 0 || PyErr_CheckSignals() < 0)
            return -1;
    }
    return 0;
}

/* Writes the bytes that wait. After an exception, the rest still waits. */
static int flush(struct file *file)
{
    size_t done = 0;
    Py_ssize_t count = 0;

    while (done < file->waiting && count >= 0) {
        count = write_piece(file, file->buffer + done, file->waiting - done);
        if (count > 0)
            done += (size_t)count;
        if (count >= 0 && PyErr_CheckSignals() < 0)
            count = -1;
    }
    file->waiting -= done;
    if (done > 0)
        memmove(file->buffer, file->buffer + done, file->waiting);
    return count < 0 ? -1 : 0;
}

static int put(struct file *file, const char *data, size_t size)
{
    if (!file->buffer)
        file->buffer = PyMem_Malloc(BUFFER);
    if (!file->buffer) {
        PyErr_NoMemory();
        return -1;
    }
    if (size > BUFFER - file->waiting && flush(file) < 0)
        return -1;
    if (size >= BUFFER)
        return write_all(file, data, size);
    memcpy(file->buffer + file->waiting, data, size);
    file->waiting += size;
    return 0;
}

static int put_bytes(struct file *file, PyObject *bytes)
{
    Py_buffer view;
    int status;

    if (PyObject_GetBuffer(bytes, &view, PyBUF_SIMPLE) < 0)
        return -1;
    status = put(file, view.buf, (size_t)view.len);
    PyBuffer_Release(&view);
    return status;
}

static int put_text(struct file *file, PyObject *text)
{
    PyObject *bytes;
    int status;

    if (compat_ready(text) < 0)
        return -1;
    if (PyUnicode_IS_ASCII(text))
        return put(file, PyUnicode_DATA(text), (size_t)PyUnicode_GET_LENGTH(text));
    bytes = PyUnicode_AsUTF8String(text);
    status = bytes ? put_bytes(file, bytes) : -1;
    Py_XDECREF(bytes);
    return status;
}

static int check_open(struct file *file)
{
    if (file->fd >= 0 && !file->busy)
        return 0;
    PyErr_SetString(PyExc_ValueError, file->busy ? "the file is being used by another call"
                                                 : "I/O operation on closed file");
    return -1;
}

/* Begins a use of the file, in which it is written, until end_use(). */
static int begin_use(struct file *file, struct compat_section *section)
{
    compat_enter(section, (PyObject *)file);
    if (check_open(file) == 0)
        return file->busy = true, 0;
    compat_leave(section);
    return -1;
}

static void end_use(struct file *file, struct compat_section *section)
{
    file->busy = false;
    compat_leave(section);
}

PyDoc_STRVAR(write_doc, "write($self, data, /)\n--\n\n"
                        "Write a str in UTF-8, or a bytes-like object.");

static PyObject *file_write(PyObject *self, PyObject *data)
{
    struct file *file = (struct file *)self;
    struct compat_section section;
    int status;

    if (begin_use(file, &section) < 0)
        return NULL;
    status = PyUnicode_Check(data) ? put_text(file, data) : put_bytes(file, data);
    end_use(file, &section);
    if (status < 0)
        return NULL;
    Py_RETURN_NONE;
}

int file_put(PyObject *self, const char *data, size_t size)
{
    struct file *file = (struct file *)self;
    struct compat_section section;
    int status;

    if (begin_use(file, &section) < 0)
        return -1;
    status = put(file, data, size);
    end_use(file, &section);
    return status;
}

/* ---- The type ---- */

static void file_close(struct file *file)
{
    if (file->fd >= 0)
        descriptor_close(file->fd);
    file->fd = -1;
}

static PyObject *file_fileno(PyObject *self, PyObject *unused)
{
    struct file *file = (struct file *)self;

    (void)unused;
    return check_open(file) < 0 ? NULL : PyLong_FromLong(file->fd);
}

static PyObject *file_size(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromLongLong(((struct file *)self)->size);
}

static PyObject *file_enter(PyObject *self, PyObject *unused)
{
    (void)unused;
    return Py_NewRef(self);
}

static PyObject *file_exit(PyObject *self, PyObject *args)
{
    (void)args;
    file_close((struct file *)self);
    Py_RETURN_NONE;
}

static void file_dealloc(PyObject *self)
{
    struct file *file = (struct file *)self;
    PyTypeObject *type = Py_TYPE(self);

    file_close(file);
    PyMem_Free(file->buffer);
    Py_DECREF(file->name);
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyMethodDef methods[] = {
    {"write", file_write, METH_O, write_doc},
    {"fileno", file_fileno, METH_NOARGS, "The descriptor, which the file closes."},
    {"__enter__", file_enter, METH_NOARGS, NULL},
    {"__exit__", file_exit, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"size", file_size, NULL, "The number of bytes in the file.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot type_slots[] = {
    {Py_tp_doc, "A file that is closed when its last reference goes, without a warning."},
    {Py_tp_dealloc, file_dealloc},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "fastpyon._core.File",
    .basicsize = sizeof(struct file),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = type_slots,
};

int file_init(PyObject *module, struct state *state)
{
    state->file_type = new_type(module, &spec);
    return state->file_type ? 0 : -1;
}

static struct file *new_file(PyObject *module, PyObject *name)
{
    PyObject *type = ((struct state *)PyModule_GetState(module))->file_type;
    struct file *file = PyObject_New(struct file, (PyTypeObject *)type);

    if (!file)
        return NULL;
    file->fd = -1;
    file->name = Py_NewRef(name);
    file->busy = file->broken = false;
    file->buffer = NULL;
    file->waiting = 0;
    file->start = file->size = file->whole = 0;
    return file;
}

static int look_at(struct file *file)
{
    bool is_regular;

    if (descriptor_look(file->fd, &is_regular, &file->size) == 0)
        return 0;
    path_raise(errno, file->name);
    return -1;
}

PyObject *file_open(PyObject *module, PyObject *path)
{
    PyObject *name, *encoded;
    struct file *file;

    if (path_take(path, &name, &encoded) < 0)
        return NULL;
    file = new_file(module, name);
    if (file) {
        file->fd = path_open(PyBytes_AS_STRING(encoded), name, "r", O_RDONLY);
        if (file->fd < 0 || look_at(file) < 0)
            Py_CLEAR(file);
    }
    Py_DECREF(encoded);
    Py_DECREF(name);
    return (PyObject *)file;
}

/* Calls write(file), and writes the bytes that wait. */
static int fill(struct file *file, PyObject *write)
{
    PyObject *none = PyObject_CallOneArg(write, (PyObject *)file);
    struct compat_section section;
    int status = none ? begin_use(file, &section) : -1; /* no other thread may still write */

    Py_XDECREF(none);
    if (status < 0)
        return -1;
    status = flush(file);
    end_use(file, &section);
    return status;
}

/* Drops the file, which may be NULL, and its names: None, or NULL with the exception that is set. */
static PyObject *end_call(struct file *file, PyObject *name, PyObject *encoded, int status)
{
    Py_XDECREF((PyObject *)file);
    Py_DECREF(encoded);
    Py_DECREF(name);
    if (status < 0)
        return NULL;
    Py_RETURN_NONE;
}

/* ---- Replacing ---- */

/* Sets the exception for a new file that could not be put in its place. */
static void raise_not_published(int code, PyObject *name)
{
    if (code == NOT_REGULAR)
        PyErr_Format(PyExc_OSError, "%R is not a regular file: there can be no backup of it", name);
    else if (code == EBUSY)
        descriptor_raise_busy(name);
    else
        path_raise(code, name);
}

/* Writes the new file, and puts it in its place. */
static int fill_and_publish(struct file *file, struct new_file *new, PyObject *write)
{
    PyThreadState *thread;
    int code;

    file->fd = new->fd;
    if (fill(file, write) < 0)
        return -1;
    thread = PyEval_SaveThread();
    code = newfile_sync(new->fd);
    PyEval_RestoreThread(thread);
    if (code == 0) {
        if (PyErr_CheckSignals() < 0)
            return -1;
        thread = PyEval_SaveThread();
        code = newfile_publish(new);
        PyEval_RestoreThread(thread);
    }
    if (code == 0)
        return 0;
    raise_not_published(code, file->name);
    return -1;
}

static int replace(struct file *file, const char *path, const char *backup, PyObject *write)
{
    PyThreadState *thread;
    struct new_file new;
    int code, status;

    if (PySys_Audit("open", "Osi", file->name, "w", O_WRONLY | O_CREAT | O_TRUNC) < 0)
        return -1;
    thread = PyEval_SaveThread();
    code = newfile_create(&new, path, backup);
    PyEval_RestoreThread(thread);
    if (code != 0) {
        path_raise(code, file->name);
        return -1;
    }
    status = fill_and_publish(file, &new, write);
    file->fd = -1; /* the object may live longer */
    thread = PyEval_SaveThread();
    newfile_end(&new);
    PyEval_RestoreThread(thread);
    return status;
}

PyObject *file_replace(PyObject *module, PyObject *args)
{
    PyObject *path, *write, *name, *encoded, *backup = NULL;
    struct file *file;
    const char *ending;
    int status = -1;

    if (!PyArg_ParseTuple(args, "OOz:replace_file", &path, &write, &ending) ||
        path_take(path, &name, &encoded) < 0)
        return NULL;
    file = new_file(module, name);
    if (file && ending)
        backup = PyBytes_FromFormat("%s%s", descriptor_name(PyBytes_AS_STRING(encoded)), ending);
    if (file && (backup || !ending))
        status = replace(file, PyBytes_AS_STRING(encoded),
                         backup ? PyBytes_AS_STRING(backup) : NULL, write);
    Py_XDECREF(backup);
    return end_call(file, name, encoded, status);
}

/* ---- Appending ---- */

/* Finds the end of the file. If it ends inside a line, that line gets its end first. */
static int find_end(struct file *file)
{
    char last = '\n';

    file->size = descriptor_find_end(file->fd, &last);
    if (file->size < 0) {
        path_raise(errno, file->name);
        return -1;
    }
    file->start = file->whole = file->size;
    file->broken = last != '\n';
    return file->broken ? put(file, "\n", 1) : 0;
}

/*
 * After an exception: writes the whole lines that wait, as many as the disk has room for, and
 * removes the bytes after the last whole line. The exception stays, so errors are ignored. Handlers
 * do not run.
 */
static void keep_whole_lines(struct file *file)
{
    size_t done = 0, end = file->waiting;

    while (end > 0 && file->buffer[end - 1] != '\n')
        end--;
    if (file->broken && file->size + (int64_t)end == file->start + 1)
        end = 0;
    while (done < end) {
        Py_ssize_t count = descriptor_write(file->fd, file->buffer + done, end - done);

        if (count < 0 && errno != EINTR)
            break;
        if (count > 0) {
            count_written(file, file->buffer + done, (size_t)count);
            done += (size_t)count;
        }
    }
    (void)descriptor_truncate(file->fd, file->whole);
}

/* Writes the lines, and waits until they are on the disk. */
static int append(struct file *file, const char *path, PyObject *write)
{
    PyThreadState *thread;
    int status, code = 0;

    if (find_end(file) < 0)
        return -1;
    status = fill(file, write);
    thread = PyEval_SaveThread();
    if (status < 0)
        keep_whole_lines(file);
    else
        code = newfile_sync(file->fd);
    if (status == 0 && code == 0)
        newfile_sync_directory(path);
    PyEval_RestoreThread(thread);
    if (code == 0)
        return status;
    path_raise(code, file->name);
    return -1;
}

PyObject *file_append(PyObject *module, PyObject *args)
{
    PyObject *path, *write, *name, *encoded;
    struct file *file;
    int status = -1;

    if (!PyArg_ParseTuple(args, "OO:append_file", &path, &write) ||
        path_take(path, &name, &encoded) < 0)
        return NULL;
    file = new_file(module, name);
    if (file) {
        file->fd = path_open(PyBytes_AS_STRING(encoded), name, "a+", O_RDWR | O_CREAT | O_APPEND);
        if (file->fd >= 0)
            status = append(file, PyBytes_AS_STRING(encoded), write);
        file_close(file);
    }
    return end_call(file, name, encoded, status);
}
