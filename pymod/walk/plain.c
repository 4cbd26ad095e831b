/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Plain values: None, bools, ints of 64 bits, floats and strs; and lists, tuples and dicts of them
 * that are small. Messages and records consist of them.
 *
 * They are written without a call of the writer for each (write/pen.h). No foreign code runs
 * meanwhile. So nothing changes, and no reference is taken. (With free threads anything may change,
 * and nothing is written in this way.) If a container turns out not to be plain, the text goes back
 * to where it began. The functions of frame.c write it; they come back here for its members.
 *
 * A type must have the format's own entry in the registry. To look there may run foreign code. So
 * it is done before values are written.
 */
#include "walk/plain.h"
#include "walk/frame.h"
#include "write/pen.h"

#define MEMBERS 256 /* of a container and those in it: so many may be written in vain */
#define LEVELS 6    /* of containers: fewer than those before the first landmark */
#define MOST 128    /* members in one go */
#define AHEAD 8     /* members that are fetched from memory before they are taken */

struct plain {
    struct pen pen;
    struct walker *walker;
    PyObject **refused;            /* the walker's, by the depth of containers */
    int depth;                     /* of the values in no plain container */
    enum pyon_container dict_kind; /* the walker's */
    const struct pen_text *middle; /* of its pairs */
    bool takes_tuples;
    bool knows_entries; /* of dicts */
    const char *tag;    /* of version 2: no key of a plain dict */
    Py_ssize_t tag_length;
    Py_ssize_t left;     /* members that the value may still have */
    Py_ssize_t done;     /* members or pairs in no plain container */
    Py_ssize_t position; /* after these pairs */
};

/* ---- Values ---- */

/* A str that is not ASCII, or long. */
static __attribute__((noinline)) char *put_other_str(struct plain *plain, char *p, PyObject *x)
{
    if (!compat_is_ready(x) || walk_in_parts(plain->walker, (size_t)PyUnicode_GET_LENGTH(x)))
        return NULL;
    return pen_string(&plain->pen, p, PyUnicode_DATA(x), (size_t)PyUnicode_GET_LENGTH(x),
                      (unsigned)PyUnicode_KIND(x));
}

static inline __attribute__((always_inline)) char *put_str(struct plain *plain, char *p,
                                                           PyObject *x)
{
    if (PyUnicode_IS_COMPACT_ASCII(x) && PyUnicode_GET_LENGTH(x) < LONG_VALUE)
        return pen_string(&plain->pen, p, (PyASCIIObject *)x + 1, (size_t)PyUnicode_GET_LENGTH(x),
                          1);
    return put_other_str(plain, p, x);
}

/* Is the key the tag? It has the same length. */
static __attribute__((noinline)) bool is_tag(const struct plain *plain, PyObject *key)
{
    return PyUnicode_IS_ASCII(key) &&
           memcmp(PyUnicode_DATA(key), plain->tag, (size_t)plain->tag_length) == 0;
}

/* A key that is a plain str and not the tag, and what follows it. */
static inline __attribute__((always_inline)) char *put_key(struct plain *plain, char *p,
                                                           PyObject *key)
{
    if (!PyUnicode_CheckExact(key) || !compat_is_ready(key) ||
        (PyUnicode_GET_LENGTH(key) == plain->tag_length && is_tag(plain, key)))
        return NULL;
    p = put_str(plain, p, key);
    return p ? pen_text(p, plain->middle) : NULL;
}

/* Not inlined, and put_value() always: so only containers have the cost of a call. */
static __attribute__((noinline)) char *put_container(struct plain *plain, char *p, PyObject *x,
                                                     int level);

/* Any value; there is room. NULL if it is not plain: then a part of it may have been stored. */
static inline __attribute__((always_inline)) char *put_value(struct plain *plain, char *p,
                                                             PyObject *x, int level)
{
    PyTypeObject *type = Py_TYPE(x);
    int64_t integer;

    if (type == &PyUnicode_Type)
        return put_str(plain, p, x);
    if (type == &PyFloat_Type)
        return pen_real(&plain->pen, p, PyFloat_AS_DOUBLE(x));
    if (type == &PyLong_Type)
        return compat_small_int(x, &integer) ? pen_integer(p, integer) : NULL;
    if (type == &PyBool_Type)
        return pen_boolean(&plain->pen, p, x == Py_True);
    if (x == Py_None)
        return pen_null(&plain->pen, p);
    return put_container(plain, p, x, level);
}

/* ---- Members ---- */

/* The pairs of a dict, from a position of PyDict_Next() on: taken from its inside, if that is known. */
struct pairs {
    PyObject *dict;
    const struct compat_entry *entries; /* or NULL */
    Py_ssize_t position, count;
};

static inline struct pairs pairs_of(const struct plain *plain, PyObject *dict, Py_ssize_t position)
{
    Py_ssize_t count = plain->knows_entries ? compat_dict_entry_count(dict) : -1;

    return (struct pairs){dict, count < 0 ? NULL : compat_dict_entries(dict), position, count};
}

/* Fetches a later pair from memory. */
static inline void fetch_pair(const struct pairs *pairs)
{
    if (pairs->entries && pairs->position + AHEAD < pairs->count) {
        const struct compat_entry *entry = &pairs->entries[pairs->position + AHEAD];

        __builtin_prefetch(entry->key);
        __builtin_prefetch(entry->value);
    }
}

static inline bool next_pair(struct pairs *pairs, PyObject **key, PyObject **value)
{
    if (!pairs->entries)
        return PyDict_Next(pairs->dict, &pairs->position, key, value);
    while (pairs->position < pairs->count) {
        const struct compat_entry *entry = &pairs->entries[pairs->position++];

        *key = entry->key;
        *value = entry->value;
        if (entry->value)
            return true;
    }
    return false;
}

/* The next real numbers, for a pen that makes several together. */
struct reals {
    double values[PYON_FTOA_BATCH];
    unsigned count;
};

/* Notes one, if x is that. False if no others are to be noted: there may be some in x, too. */
static bool note_real(struct reals *reals, PyObject *x)
{
    if (PyDict_CheckExact(x) || PyList_CheckExact(x) || PyTuple_CheckExact(x))
        return false;
    if (!PyFloat_CheckExact(x))
        return true;
    reals->values[reals->count] = PyFloat_AS_DOUBLE(x);
    return isfinite(reals->values[reals->count]) && ++reals->count < PYON_FTOA_BATCH;
}

/* Both make the texts of the real numbers among these members. False if there are few. */
static __attribute__((noinline)) bool put_reals_of_members(struct plain *plain,
                                                           PyObject *const *items, size_t count)
{
    struct reals reals = {.count = 0};
    bool more = true;

    for (size_t i = 0; more && i < count; i++)
        more = note_real(&reals, items[i]);
    return pyon_pen_reals(&plain->pen, reals.values, reals.count);
}

static __attribute__((noinline)) bool put_reals_of_pairs(struct plain *plain, PyObject *value,
                                                         struct pairs pairs)
{
    struct reals reals = {.count = 0};
    bool more = note_real(&reals, value);
    PyObject *key;

    while (more && next_pair(&pairs, &key, &value))
        more = note_real(&reals, value);
    return pyon_pen_reals(&plain->pen, reals.values, reals.count);
}

/* All up to here is plain, and in no plain container. */
static inline void keep(struct plain *plain, char *p)
{
    pen_keep(&plain->pen, p);
    plain->left = MEMBERS;
    plain->done++;
}

/* Writes the members of a list or tuple, with a separator after each. NULL if not all are plain, or
   if there is no more room. */
static char *put_members(struct plain *plain, char *p, PyObject *const *items, size_t count,
                         int level)
{
    struct pen *pen = &plain->pen;
    bool batches = pen->has_batches && count >= PEN_FEW_REALS;

    for (size_t i = 0; i < count; i++) {
        if (i + AHEAD < count)
            __builtin_prefetch(items[i + AHEAD]);
        if (batches && PyFloat_CheckExact(items[i]) && pen_asks_for_reals(pen))
            batches = put_reals_of_members(plain, items + i, count - i);
        p = pen_room(pen, p);
        if (p)
            p = put_value(plain, p, items[i], level);
        if (!p)
            return NULL;
        p = pen_separator(pen, p);
        if (level == 0)
            keep(plain, p);
    }
    return p;
}

/* Writes members of a list or tuple in no plain container, with a separator after each, up to the first
   one that is no int; nor a float, if floats are made one by one. There is less to do for each than in
   put_members(). Keeps the text, and sets plain->done to their number. Not inlined: so the loop has all
   registers. */
static __attribute__((noinline)) void put_numbers(struct plain *plain, char *p,
                                                  PyObject *const *items, size_t count)
{
    struct pen *pen = &plain->pen;
    bool takes_floats = !pen->has_batches;
    size_t i;
    char *next;

    for (i = 0; i < count && (next = pen_room(pen, p)); i++) {
        int64_t integer;

        p = next; /* the room may be elsewhere, even if nothing is written there */
        if (PyLong_CheckExact(items[i]) && compat_small_int(items[i], &integer))
            next = pen_integer(next, integer);
        else if (takes_floats && PyFloat_CheckExact(items[i]))
            next = pen_real(pen, next, PyFloat_AS_DOUBLE(items[i]));
        else
            break;
        p = pen_separator(pen, next);
    }
    if (!pen->failed)
        pen_keep(pen, p);
    plain->done = (Py_ssize_t)i;
}

#if PYON_X86

/* The head of the object is before its text. */
_Static_assert(sizeof(PyASCIIObject) >= VECTOR_SIZE, "copy_plain_ssse3() may load it");

/* As put_numbers(), up to the first member that is no short plain str. */
PLAIN_SSSE3 static void put_strs_ssse3(struct plain *plain, char *p, PyObject *const *items,
                                       size_t count)
{
    struct pen *pen = &plain->pen;
    size_t i;
    char *next;

    for (i = 0; i < count && (next = pen_room(pen, p)); i++) {
        PyObject *x = items[i];
        size_t length;

        p = next; /* see put_numbers() */
        if (i + AHEAD < count)
            __builtin_prefetch(items[i + AHEAD]);
        if (!PyUnicode_CheckExact(x) || !PyUnicode_IS_COMPACT_ASCII(x))
            break;
        length = (size_t)PyUnicode_GET_LENGTH(x);
        if (length >= PLAIN_SIZE ||
            !copy_plain_ssse3(p + 1, (const void *)((PyASCIIObject *)x + 1), length, '"'))
            break;
        p[0] = '"';
        p[length + 1] = '"';
        p = pen_separator(pen, p + length + 2);
    }
    if (!pen->failed)
        pen_keep(pen, p);
    plain->done = (Py_ssize_t)i;
}

#endif

/* Writes short strs if the processor can do that without branches. Returns where they end. */
static inline char *put_strs(struct plain *plain, char *p, PyObject *const *items, size_t count)
{
#if PYON_X86
    if (pyon_cpu >= PYON_CPU_SSSE3) {
        put_strs_ssse3(plain, p, items, count);
        return plain->pen.out->cur;
    }
#else
    (void)plain, (void)items, (void)count;
#endif
    return p;
}

/* As put_members(), for the pairs of a dict, at most `most`. */
static char *put_pairs(struct plain *plain, char *p, struct pairs pairs, size_t most, int level)
{
    struct pen *pen = &plain->pen;
    bool batches = pen->has_batches && most >= PEN_FEW_REALS;
    PyObject *key, *value;

    while (most-- > 0 && next_pair(&pairs, &key, &value)) {
        if (batches && PyFloat_CheckExact(value) && pen_asks_for_reals(pen))
            batches = put_reals_of_pairs(plain, value, pairs);
        p = pen_room(pen, p);
        if (p)
            p = put_key(plain, p, key);
        if (p)
            p = put_value(plain, p, value, level);
        if (!p)
            return NULL;
        p = pen_separator(pen, p);
        if (level == 0) {
            fetch_pair(&pairs);
            plain->position = pairs.position;
            keep(plain, p);
        }
    }
    return p;
}

/* Ends a container: in place of the last separator. */
static inline char *put_end(struct plain *plain, char *p, enum pyon_container kind, size_t size)
{
    if (size > 0)
        p -= plain->pen.separator.length;
    return pen_end(&plain->pen, p, kind, size);
}

/* A list, tuple or dict, if it may be plain. The walk soon comes to the members of one that is not,
   and to the container in it for which it is not: these are remembered, and not tried again. */
static char *put_container(struct plain *plain, char *p, PyObject *x, int level)
{
    PyTypeObject *type = Py_TYPE(x);
    PyObject **refused = &plain->refused[(plain->depth + level) % PLAIN_REFUSED];
    enum pyon_container kind;
    Py_ssize_t size;

    if (type == &PyDict_Type) {
        kind = plain->dict_kind;
        size = PyDict_GET_SIZE(x);
    } else if (type == &PyList_Type) {
        kind = PYON_CONTAINER_LIST;
        size = PyList_GET_SIZE(x);
    } else if (type == &PyTuple_Type && plain->takes_tuples) {
        kind = PYON_CONTAINER_TUPLE;
        size = PyTuple_GET_SIZE(x);
    } else {
        return NULL;
    }
    if (size > plain->left || level == LEVELS || *refused == x)
        return NULL;
    plain->left -= size;
    p = pen_begin(&plain->pen, p, kind);
    if (type == &PyDict_Type)
        p = put_pairs(plain, p, pairs_of(plain, x, 0), (size_t)size, level + 1);
    else
        p = put_members(plain, p, PySequence_Fast_ITEMS(x), (size_t)size, level + 1);
    if (!p || !(p = pen_room(&plain->pen, p))) {
        *refused = x;
        return NULL;
    }
    return put_end(plain, p, kind, (size_t)size);
}

/* ---- The walk ---- */

/* Looks up which types are the format's own. -1 with an exception. */
static int look_up(struct walker *walker)
{
    PyObject *types[] = {
        [OWN_NULL] = (PyObject *)Py_TYPE(Py_None), [OWN_BOOL] = (PyObject *)&PyBool_Type,
        [OWN_INT] = (PyObject *)&PyLong_Type,      [OWN_FLOAT] = (PyObject *)&PyFloat_Type,
        [OWN_STR] = (PyObject *)&PyUnicode_Type,   [OWN_LIST] = (PyObject *)&PyList_Type,
        [OWN_DICT] = (PyObject *)&PyDict_Type,     [OWN_TUPLE] = walker->tuple_type,
    };

    for (unsigned i = 0; i < sizeof types / sizeof *types; i++) {
        int own = 0;

        if (types[i] && !(walker->plain_types & 1u << i))
            own = walk_is_own(walker, types[i], (enum own_type)i);
        if (own < 0)
            return -1;
        walker->plain_types |= (unsigned)own << i;
    }
    return 0;
}

/* The same once in a walk, and only if a map has changed since an earlier walk. */
static int know_types(struct walker *walker)
{
    struct known_types *known = &walker->maps->known;
    uint64_t map = compat_dict_version(walker->map), own = compat_dict_version(walker->own);

    walker->plain_known = true;
    if (map != 0 && known->map == map && known->own == own) {
        walker->plain_types = known->types;
        return 0;
    }
    if (look_up(walker) < 0)
        return -1;
    if (map != 0)
        *known = (struct known_types){map, own, walker->plain_types};
    return 0;
}

#define ALL_TYPES                                                                                  \
    (1u << OWN_NULL | 1u << OWN_BOOL | 1u << OWN_INT | 1u << OWN_FLOAT | 1u << OWN_STR |           \
     1u << OWN_LIST | 1u << OWN_DICT)

/* May plain values be written? 1, 0, or -1. */
static int may_begin(struct walker *walker)
{
    if (!COMPAT_BORROWS || !walker->takes_plain || walker->writer.pretty ||
        walker->depth + LEVELS >= walker->max_depth)
        return 0;
    if (!walker->plain_known && know_types(walker) < 0)
        return -1;
    return (walker->plain_types & ALL_TYPES) == ALL_TYPES;
}

static char *begin(struct plain *plain, struct walker *walker)
{
    PyObject *tag = walker->state->tag;

    plain->walker = walker;
    plain->refused = walker->refused;
    plain->depth = walker->depth;
    plain->left = MEMBERS;
    plain->done = 0;
    plain->dict_kind = walker->dict_kind;
    plain->middle = pen_middle(&plain->pen, walker->dict_kind);
    plain->takes_tuples = walker->plain_types & 1u << OWN_TUPLE;
    plain->knows_entries = walker->state->knows_entries;
    plain->tag = PyUnicode_DATA(tag);
    plain->tag_length = PyUnicode_GET_LENGTH(tag);
    return pyon_pen_start(&plain->pen, &walker->writer, walker->due);
}

/* Returns the number of members or pairs that have been written, or -1. There is no separator after
   the last one. */
static Py_ssize_t end(struct plain *plain)
{
    struct pen *pen = &plain->pen;

    if (pen->failed)
        return -1;
    if (plain->done > 0)
        pen_keep(pen, pen->out->cur - pen->separator.length);
    return plain->done;
}

int plain_value(struct walker *walker, PyObject *x)
{
    int may = may_begin(walker);
    struct plain plain;
    char *p;

    if (may <= 0)
        return may;
    p = begin(&plain, walker);
    p = pen_room(&plain.pen, p);
    if (p)
        p = put_value(&plain, p, x, 0);
    if (!p)
        return plain.pen.failed ? -1 : 0;
    pen_keep(&plain.pen, p);
    return 1;
}

int plain_container(struct walker *walker, PyObject *x)
{
    bool is_one = PyDict_CheckExact(x) || PyList_CheckExact(x) || PyTuple_CheckExact(x);

    return is_one ? plain_value(walker, x) : 0;
}

bool plain_takes_number(PyObject *x)
{
    return !PyFloat_CheckExact(x) || !pyon_ftoa_has_batch();
}

Py_ssize_t plain_members(struct walker *walker, PyObject *x, Py_ssize_t i, bool numbers)
{
    int may = may_begin(walker);
    Py_ssize_t left = PySequence_Fast_GET_SIZE(x) - i;
    size_t count = left < MOST ? (size_t)left : MOST;
    PyObject *const *items;
    struct plain plain;
    char *p;

    if (may <= 0 || left <= 0)
        return may < 0 ? -1 : 0;
    p = begin(&plain, walker);
    items = PySequence_Fast_ITEMS(x) + i;
    if (numbers) {
        put_numbers(&plain, p, items, count);
        return end(&plain);
    }
    if (PyUnicode_CheckExact(*items))
        p = put_strs(&plain, p, items, count);
    if (!plain.pen.failed)
        put_members(&plain, p, items + plain.done, count - (size_t)plain.done, 0);
    return end(&plain);
}

Py_ssize_t plain_pairs(struct walker *walker, PyObject *dict, Py_ssize_t *position, size_t most)
{
    Py_ssize_t next = *position;
    PyObject *key, *value;
    struct plain plain;
    int may;
    char *p;

    /* First: another thread may free the value before it is looked at. */
    if (!COMPAT_BORROWS || !PyDict_Next(dict, &next, &key, &value) || !plain_may_be(value))
        return 0;
    may = may_begin(walker);
    if (may <= 0)
        return may;
    p = begin(&plain, walker);
    plain.position = *position;
    put_pairs(&plain, p, pairs_of(&plain, dict, *position), most < MOST ? most : MOST, 0);
    *position = plain.position;
    return end(&plain);
}
