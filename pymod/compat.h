/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Python, and the parts of its inside that pymod/ touches. A new version of Python may change
 * these. Above each function stand the versions that it was checked for; check all of them for each
 * new version. tests/source/check-layering refuses these names elsewhere.
 *
 * Not here: the members of PyTypeObject, which are documented.
 */
#ifndef PYMOD_COMPAT_H
#define PYMOD_COMPAT_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <string.h>

#include <pyon.h>

/* ---- Threads ---- */

/*
 * With free threads, several threads run Python at once, and this keeps other threads from an
 * object between enter and leave. It is a critical section of CPython: if the thread waits, for
 * whatever reason, others may use the object meanwhile, as with the lock of the interpreter. Then
 * no other section is left open either: only the innermost one counts. With that lock, this does
 * nothing. It is documented as macros from 3.13 on. Checked for 3.13 to 3.15.
 */
struct compat_section {
#ifdef Py_GIL_DISABLED
    PyCriticalSection inner;
#else
    char unused;
#endif
};

static inline void compat_enter(struct compat_section *section, PyObject *object)
{
#ifdef Py_GIL_DISABLED
    PyCriticalSection_Begin(&section->inner, object);
#else
    (void)section, (void)object;
#endif
}

static inline void compat_leave(struct compat_section *section)
{
#ifdef Py_GIL_DISABLED
    PyCriticalSection_End(&section->inner);
#else
    (void)section;
#endif
}

/* Drops an object that other threads may still be about to use, by a pointer that they have read
   from a place that all share. With free threads nobody can tell when they have, so the object
   stays. This is for places that change only when a module is imported anew. */
static inline void compat_retire(PyObject *object)
{
#ifdef Py_GIL_DISABLED
    (void)object;
#else
    Py_XDECREF(object);
#endif
}

/* May members be used without references for a while in which no code of Python runs? */
#ifdef Py_GIL_DISABLED
#define COMPAT_BORROWS false
#else
#define COMPAT_BORROWS true
#endif

/* May the collector rest while a value is built? With free threads it does not come in between,
   and other threads would notice. */
#ifdef Py_GIL_DISABLED
#define COMPAT_COLLECTOR_RESTS false
#else
#define COMPAT_COLLECTOR_RESTS true
#endif

/* ---- Members of containers that other threads may change ---- */

/* The i-th member of a list or tuple: new, or NULL without an exception if there is none. */
static inline PyObject *compat_item(PyObject *sequence, Py_ssize_t i)
{
    PyObject *item;

    if (i >= PySequence_Fast_GET_SIZE(sequence))
        return NULL;
#ifdef Py_GIL_DISABLED
    if (PyList_Check(sequence)) {
        item = PyList_GetItemRef(sequence, i);
        if (!item)
            PyErr_Clear(); /* it has just become shorter */
        return item;
    }
#endif
    item = PySequence_Fast_GET_ITEM(sequence, i);
    return Py_NewRef(item);
}

/* PyDict_Next, but the key and the value are new. */
static inline bool compat_dict_next(PyObject *dict, Py_ssize_t *position, PyObject **key,
                                    PyObject **value)
{
    struct compat_section section;
    bool found;

    compat_enter(&section, dict);
    found = PyDict_Next(dict, position, key, value);
    if (found) {
        Py_INCREF(*key);
        Py_INCREF(*value);
    }
    compat_leave(&section);
    return found;
}

/* Is x a dict, or what json takes for one? */
static inline bool compat_is_json_dict(PyObject *x)
{
#if PY_VERSION_HEX >= 0x030F0000
    return PyAnyDict_Check(x);
#else
    return PyDict_Check(x);
#endif
}

/* The value of a key: new, or NULL, without an exception if there is none. */
static inline PyObject *compat_dict_find(PyObject *dict, PyObject *key)
{
    PyObject *value;

#if PY_VERSION_HEX >= 0x030D0000
    PyDict_GetItemRef(dict, key, &value);
    return value;
#else
    value = PyDict_GetItemWithError(dict, key);
    return Py_XNewRef(value);
#endif
}

/* ---- int, str, bytes and list ---- */

/* The value of an int: false if it does not fit. Checked for 3.10 to 3.15; 3.12 has changed it. */
static inline bool compat_small_int(PyObject *x, int64_t *value)
{
    int overflow;
#if PY_VERSION_HEX >= 0x030C0000
    if (PyUnstable_Long_IsCompact((PyLongObject *)x)) {
        *value = PyUnstable_Long_CompactValue((PyLongObject *)x);
        return true;
    }
#else
    Py_ssize_t size = Py_SIZE(x); /* the number of digits, with the sign of the int */

    if (size >= -1 && size <= 1) { /* 0 may have no digit at all */
        *value = size == 0 ? 0 : size * (int64_t)((PyLongObject *)x)->ob_digit[0];
        return true;
    }
    if (size == 2 || size == -2) {
        const digit *digits = ((PyLongObject *)x)->ob_digit;

        *value = ((int64_t)digits[1] << PyLong_SHIFT | digits[0]) * (size / 2);
        return true;
    }
#endif
    *value = PyLong_AsLongLongAndOverflow(x, &overflow);
    return !overflow;
}

/* Before 3.12 a str of an old extension may have no text yet: makes it. Checked for 3.10 to
   3.15. */
static inline int compat_ready(PyObject *str)
{
#if PY_VERSION_HEX < 0x030C0000
    return PyUnicode_READY(str);
#else
    (void)str;
    return 0;
#endif
}

/* Has a str its text? Checked as compat_ready. */
static inline bool compat_is_ready(PyObject *str)
{
#if PY_VERSION_HEX < 0x030C0000
    return PyUnicode_IS_READY(str);
#else
    (void)str;
    return true;
#endif
}

/* The text of a str that is known to be ASCII and to have been made by the interface of today.
   Checked for 3.10 to 3.15. */
static inline const char *compat_ascii_text(PyObject *str)
{
    return (const char *)((PyASCIIObject *)str + 1);
}

/* Changes the size of bytes that no other code has a reference to. Without memory, they are freed:
   NULL. It is documented, in spite of its name. Checked for 3.10 to 3.15. */
static inline int compat_bytes_resize(PyObject **bytes, size_t size)
{
    return _PyBytes_Resize(bytes, (Py_ssize_t)size);
}

/* Makes a str in ASCII, or bytes, that no other code has a reference to shorter. It keeps its block.
   Checked for 3.10 to 3.15. */
static inline void compat_str_shorten(PyObject *str, size_t length)
{
    ((PyASCIIObject *)str)->length = (Py_ssize_t)length;
    ((char *)PyUnicode_DATA(str))[length] = '\0';
}

static inline void compat_bytes_shorten(PyObject *bytes, size_t length)
{
    Py_SET_SIZE(bytes, (Py_ssize_t)length);
    PyBytes_AS_STRING(bytes)[length] = '\0';
}

/* May compat_list_adopt() be called? With free threads, the block of a list has a header. */
#ifdef Py_GIL_DISABLED
#define COMPAT_LIST_ADOPTS false
#else
#define COMPAT_LIST_ADOPTS true
#endif

/* Gives an empty list its members: `items` is a block of PyMem_Malloc, and both are the list's from
   now on. Checked for 3.10 to 3.15. */
static inline void compat_list_adopt(PyObject *list, PyObject **items, size_t count)
{
    ((PyListObject *)list)->ob_item = items;
    ((PyListObject *)list)->allocated = (Py_ssize_t)count;
    Py_SET_SIZE(list, (Py_ssize_t)count);
}

/* A number that no dict had before, and that each change of a dict exchanges; 0 from 3.12 on, where
   there is none that will stay. Checked for 3.10 to 3.14. */
static inline uint64_t compat_dict_version(PyObject *dict)
{
#if PY_VERSION_HEX < 0x030C0000
    return ((PyDictObject *)dict)->ma_version_tag;
#else
    (void)dict;
    return 0;
#endif
}

/*
 * The entries of a dict whose keys are all str, from which none was deleted, in its order: borrowed
 * until the dict changes. compat_knows_entries() has to say that this is right. There are none with
 * free threads, or before 3.11. Checked for 3.11 to 3.14.
 */
struct compat_entry {
    PyObject *key, *value;
};

#define COMPAT_KEYS_STR 1 /* the kind of such keys */

struct compat_keys {
    Py_ssize_t references;
    uint8_t log2_size, log2_index_bytes, kind;
    uint32_t version;
    Py_ssize_t usable, entries;
    /* indices, in 2 ** log2_index_bytes bytes; then the entries */
};

static inline struct compat_entry *compat_dict_entries(PyObject *dict)
{
    const struct compat_keys *keys = (const void *)((PyDictObject *)dict)->ma_keys;

    return (struct compat_entry *)((char *)(keys + 1) + ((size_t)1 << keys->log2_index_bytes));
}

/* The number of entries of such a dict, those without a value too, which were deleted; -1 for other
   dicts. */
static inline Py_ssize_t compat_dict_entry_count(PyObject *dict)
{
    const struct compat_keys *keys = (const void *)((PyDictObject *)dict)->ma_keys;

    return ((PyDictObject *)dict)->ma_values || keys->kind != COMPAT_KEYS_STR ? -1 : keys->entries;
}

/* 1 if compat_dict_entries() finds the entries of a few dicts, 0 if not, -1 with an exception. */
int compat_knows_entries(void);

/* ---- Types ---- */

/* An attribute as a type and its bases have it, without any code of theirs: borrowed. NULL
   without an exception if there is none. Checked for 3.10 to 3.15. */
static inline PyObject *compat_type_lookup(PyTypeObject *type, PyObject *name)
{
    return _PyType_Lookup(type, name);
}

/* The name of a type without its module: borrowed from it. Checked for 3.10 to 3.15. */
static inline const char *compat_type_name(PyTypeObject *type)
{
    return _PyType_Name(type);
}

/* The module of a type that was made with one: borrowed; NULL for a subclass in Python.
   PyType_GetModule would set an exception then. The type must be a heap type. Checked for 3.10
   to 3.14. */
static inline PyObject *compat_type_module(PyTypeObject *type)
{
    return ((PyHeapTypeObject *)type)->ht_module;
}

/* The C function of a method of a type in C, of which `descriptor` is the attribute of the type.
   Checked for 3.10 to 3.15. */
static inline PyCFunction compat_method(PyObject *descriptor)
{
    return ((PyMethodDescrObject *)descriptor)->d_method->ml_meth;
}

/* ---- Exceptions ---- */

/* The exception that is set, which is cleared: new. There must be one. Before 3.12 it may be a
   class and a message, of which an exception is made. Checked for 3.10 to 3.15. */
static inline PyObject *compat_take_exception(void)
{
#if PY_VERSION_HEX >= 0x030C0000
    return PyErr_GetRaisedException();
#else
    PyObject *type, *exception, *traceback;

    PyErr_Fetch(&type, &exception, &traceback);
    PyErr_NormalizeException(&type, &exception, &traceback);
    if (traceback)
        PyException_SetTraceback(exception, traceback);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
    return exception;
#endif
}

/* Sets an exception with the traceback that it has. Steals it. Checked for 3.10 to 3.15. */
static inline void compat_set_exception(PyObject *exception)
{
#if PY_VERSION_HEX >= 0x030C0000
    PyErr_SetRaisedException(exception);
#else
    PyErr_Restore(Py_NewRef(Py_TYPE(exception)), exception, PyException_GetTraceback(exception));
#endif
}

/* The exception that Python code handles now: new, or NULL. Checked for 3.10 to 3.15. */
static inline PyObject *compat_handled_exception(void)
{
#if PY_VERSION_HEX >= 0x030B0000
    return PyErr_GetHandledException();
#else
    PyObject *type, *exception, *traceback;

    PyErr_GetExcInfo(&type, &exception, &traceback);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
    return exception;
#endif
}

/* The name of the module that an ImportError says: borrowed, or NULL. Checked for 3.10 to 3.15. */
static inline PyObject *compat_missing_module(PyObject *import_error)
{
    return ((PyImportErrorObject *)import_error)->name;
}

#endif
