/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Strings and the keys of dicts.
 *
 * A few keys come again and again, in one text and in others, and mostly in the same order. So a key
 * is first compared with the one that came after the same key the last time, and then looked for by
 * its hash. Most are found in this way, and have their hash as a str already.
 */
#include "build/build.h"

#include <string.h>

static inline PyObject *make_ascii(const char *text, size_t length)
{
    PyObject *str = PyUnicode_New((Py_ssize_t)length, 127);

    if (str && length > 0)
        memcpy(PyUnicode_DATA(str), text, length);
    return str;
}

static PyObject *make_str(const char *utf8, size_t length, unsigned flags)
{
    if (flags & PYON_FLAG_ASCII)
        return make_ascii(utf8, length);
    return PyUnicode_DecodeUTF8(utf8, (Py_ssize_t)length, "surrogatepass");
}

#define LONGEST_KEY 64
#define KEY_BITS 11
_Static_assert(KEYS == 1 << KEY_BITS, "a place for each hash");

static inline uint64_t load(const char *text, size_t size)
{
    uint64_t word = 0;

    memcpy(&word, text, size); /* of constant size where it is inlined */
    return word;
}

/* The hash of a few words of the key, which may overlap. Keys with the same words share a place. */
static inline size_t hash_key(const char *text, size_t length)
{
    const uint64_t multiplier = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t hash = length;

    if (length >= 8) {
        hash ^= load(text + length / 2 - 4, 8) * multiplier;
        hash ^= load(text, 8);
        hash = (hash ^ hash >> 32) * multiplier ^ load(text + length - 8, 8);
    } else if (length >= 4) {
        hash ^= load(text, 4) << 32 | load(text + length - 4, 4);
    } else if (length > 0) {
        hash ^= load(text, 1) << 8 | load(text + length / 2, 1) << 16 |
                load(text + length - 1, 1) << 24;
    }
    hash *= multiplier;
    return (hash ^ hash >> 32) * multiplier >> (64 - KEY_BITS);
}

/* By words, which may overlap: without a call. */
static inline bool same_text(const char *a, const char *b, size_t length)
{
    if (length >= 8) {
        for (size_t i = 0; i + 8 < length; i += 8)
            if (load(a + i, 8) != load(b + i, 8))
                return false;
        return load(a + length - 8, 8) == load(b + length - 8, 8);
    }
    if (length >= 4)
        return load(a, 4) == load(b, 4) && load(a + length - 4, 4) == load(b + length - 4, 4);
    return length == 0 ||
           (a[0] == b[0] && a[length / 2] == b[length / 2] && a[length - 1] == b[length - 1]);
}

/* Is this the str of the key, or NULL? */
static inline bool is_key(PyObject *key, const char *text, size_t length)
{
    return key && (size_t)PyUnicode_GET_LENGTH(key) == length &&
           same_text(compat_ascii_text(key), text, length);
}

/* Puts the str of an ASCII key into a place of the cache: borrowed, or NULL with an exception. */
static PyObject *make_key(struct cache *cache, const char *text, size_t length, size_t place)
{
    PyObject *key = make_ascii(text, length);

    if (!key || PyObject_Hash(key) == -1) {
        Py_XDECREF(key);
        return NULL;
    }
    Py_XSETREF(cache->keys[place], key);
    return key;
}

/* Pushes an ASCII key that is not the one that is expected, which is the one at `expected`. */
static __attribute__((noinline)) int push_other_key(struct builder *builder, const char *text,
                                                    size_t length, uint16_t *expected)
{
    struct cache *cache = builder->cache;
    size_t place = hash_key(text, length);
    PyObject *key = cache->keys[place];

    if (!is_key(key, text, length))
        key = make_key(cache, text, length, place);
    if (!key)
        return -1;
    *expected = (uint16_t)place;
    builder->last_key = place;
    return push(builder, Py_NewRef(key));
}

static inline int push_key(struct builder *builder, const char *text, size_t length)
{
    uint16_t *expected = &builder->cache->next[builder->last_key];
    PyObject *key = builder->cache->keys[*expected];

    if (!is_key(key, text, length))
        return push_other_key(builder, text, length, expected);
    builder->last_key = *expected;
    return push(builder, Py_NewRef(key));
}

/*
 * A key that is not ASCII: returns the str of the last equal key, unless another key has taken its
 * place. Steals `key`. These keys have places of their own: so all keys in the other places are
 * known to be ASCII.
 */
static PyObject *share_key(struct cache *cache, PyObject *key)
{
    PyObject **place;
    Py_hash_t hash;

    if (!key || PyUnicode_GET_LENGTH(key) * (Py_ssize_t)PyUnicode_KIND(key) > LONGEST_KEY)
        return key;
    hash = PyObject_Hash(key);
    if (hash == -1) {
        Py_DECREF(key);
        return NULL;
    }
    place = &cache->wide_keys[(size_t)hash % WIDE_KEYS];
    if (*place && PyUnicode_Compare(*place, key) == 0)
        Py_SETREF(key, Py_NewRef(*place));
    else
        Py_XSETREF(*place, Py_NewRef(key));
    return key;
}

/* A string that is not ASCII, a long key, or an argument. */
static __attribute__((noinline)) int build_other_string(struct builder *builder, const char *utf8,
                                                        size_t length, unsigned flags)
{
    PyObject *str;

    if (flags & PYON_FLAG_ARGUMENT) {
        int status = build_made(builder, utf8, length, false);

        if (status <= 0)
            return status;
    }
    str = make_str(utf8, length, flags);
    return push(builder, flags & PYON_FLAG_KEY ? share_key(builder->cache, str) : str);
}

static __attribute__((noinline)) int push_ascii(struct builder *builder, const char *text,
                                                size_t length)
{
    return push(builder, make_ascii(text, length));
}

int build_string(void *self, const char *utf8, size_t length, unsigned flags)
{
    if (flags == (PYON_FLAG_KEY | PYON_FLAG_ASCII) && length <= LONGEST_KEY)
        return push_key(self, utf8, length);
    if (flags == PYON_FLAG_ASCII)
        return push_ascii(self, utf8, length);
    return build_other_string(self, utf8, length, flags);
}

/* The width is the least that holds them, as that of a str must be. None of this is base64. */
int build_code_points(void *self, const void *data, size_t length, unsigned width, unsigned flags)
{
    static const Py_UCS4 largest[] = {[1] = 0xff, [2] = 0xffff, [4] = 0x10ffff};
    struct builder *builder = self;
    PyObject *str = PyUnicode_New((Py_ssize_t)length, largest[width]);

    assert(!str || PyUnicode_KIND(str) == (int)width);
    if (str)
        memcpy(PyUnicode_DATA(str), data, length * width);
    return push(builder, flags & PYON_FLAG_KEY ? share_key(builder->cache, str) : str);
}

int build_bytes(void *self, const char *data, size_t length, unsigned flags)
{
    struct builder *builder = self;

    if (flags & PYON_FLAG_ARGUMENT) {
        int status = build_made(builder, data, length, true);

        if (status <= 0)
            return status;
    }
    return push(builder, PyBytes_FromStringAndSize(data, (Py_ssize_t)length));
}
