/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The caches. With free threads, the cache of a thread is in the dict that Python has for each
 * thread: it goes when the thread ends.
 */
#include "cache.h"

void cache_clear(struct cache *cache)
{
    for (int i = 0; i < KEYS; i++)
        Py_CLEAR(cache->keys[i]);
    for (int i = 0; i < WIDE_KEYS; i++)
        Py_CLEAR(cache->wide_keys[i]);
    for (int i = 0; i < SHAPES; i++)
        Py_CLEAR(cache->shapes[i].dict);
    for (int i = 0; i < DTYPES; i++) {
        cache->dtypes[i].text = 0;
        Py_CLEAR(cache->dtypes[i].dtype);
    }
}

#ifdef Py_GIL_DISABLED

static const char name[] = "fastpyon._core.cache";

int cache_init(struct cache_place *place)
{
    place->name = PyUnicode_InternFromString(name);
    return place->name ? 0 : -1;
}

void cache_end(struct cache_place *place)
{
    Py_CLEAR(place->name);
}

static void release(PyObject *capsule)
{
    struct cache *cache = PyCapsule_GetPointer(capsule, name);

    cache_clear(cache);
    PyMem_Free(cache);
}

/* Makes the cache of this thread, and enters it in the dict of the thread. */
static struct cache *make_cache(PyObject *dict, PyObject *key)
{
    struct cache *cache = PyMem_Calloc(1, sizeof *cache);
    PyObject *capsule;
    int status;

    if (!cache) {
        PyErr_NoMemory();
        return NULL;
    }
    capsule = PyCapsule_New(cache, name, release);
    if (!capsule) {
        PyMem_Free(cache);
        return NULL;
    }
    status = PyDict_SetItem(dict, key, capsule);
    Py_DECREF(capsule);
    return status < 0 ? NULL : cache;
}

struct cache *cache_find(struct cache_place *place)
{
    PyObject *dict = PyThreadState_GetDict(), *capsule;
    struct cache *cache;

    if (!dict) {
        PyErr_NoMemory();
        return NULL;
    }
    if (PyDict_GetItemRef(dict, place->name, &capsule) < 0)
        return NULL;
    if (!capsule)
        return make_cache(dict, place->name);
    cache = PyCapsule_GetPointer(capsule, name);
    Py_DECREF(capsule); /* the dict has it */
    return cache;
}

#endif
