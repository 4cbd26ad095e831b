/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Plain values: None, bools, ints of 64 bits, floats and short strs; and lists, tuples and dicts of
 * them that are small. Messages and records consist of them.
 *
 * They are noted on a tape of items, which the library writes in one call. Until then no foreign
 * code runs. So nothing changes meanwhile, and no reference is taken. (With free threads anything
 * may change, and nothing is noted.) A container that turns out not to be plain is taken off the
 * tape again. The functions of frame.c write it; they come back here for its members.
 *
 * A type must have the format's own entry in the registry. To look there may run foreign code. So
 * it is done before values are noted.
 */
#include "walk/plain.h"
#include "pyon_host.h"
#include "walk/frame.h"

#define ITEMS 128   /* of a tape */
#define LEVELS 6    /* of containers on a tape: fewer than those before the first landmark */
#define LONGEST 512 /* characters of a str */
#define AHEAD 8     /* members that are fetched from memory before they are taken */
#define SHARE 64    /* bytes of text that an item takes at most, without those of its str, */
#define ESCAPE 12   /* and those of a character */

struct tape {
    struct pyon_item *next, *end;
    unsigned types;          /* the walker's plain_types */
    unsigned char dict_kind; /* and its dict_kind */
    const char *tag;         /* of version 2: no key of a plain dict */
    size_t tag_length;
    size_t room;        /* bytes of text that strs may still take */
    PyObject **refused; /* of the walker, by the depth of containers */
    int depth;          /* of what is noted first */
    bool knows_entries; /* of dicts */
    struct pyon_item items[ITEMS];
};

/* ---- Noting ---- */

static inline bool is_known(const struct tape *tape, enum own_type type)
{
    return tape->types & 1u << type;
}

/* Takes the next item; the caller knows that there is one. */
static inline struct pyon_item *take(struct tape *tape, enum pyon_item_kind kind, bool separated)
{
    struct pyon_item *item = tape->next++;

    assert(item < tape->end);
    item->kind = (unsigned char)kind;
    item->separated = separated;
    item->length = 0;
    return item;
}

static inline bool take_str(struct tape *tape, PyObject *x, enum pyon_item_kind kind,
                            bool separated)
{
    struct pyon_item *item = take(tape, kind, separated);
    size_t length, room;

    if (!compat_is_ready(x))
        return false;
    length = (size_t)PyUnicode_GET_LENGTH(x);
    room = ESCAPE * length;
    if (length > LONGEST || room > tape->room)
        return false;
    tape->room -= room;
    item->container = tape->dict_kind; /* of a key */
    item->length = (uint32_t)length;
    if (PyUnicode_IS_COMPACT_ASCII(x)) {
        item->width = 1;
        item->value.text = (PyASCIIObject *)x + 1;
    } else {
        item->width = (unsigned char)PyUnicode_KIND(x);
        item->value.text = PyUnicode_DATA(x);
    }
    return true;
}

/* A key that is a plain str and not the tag. */
static inline bool take_key(struct tape *tape, PyObject *key, bool separated)
{
    const struct pyon_item *item = tape->next;

    return PyUnicode_CheckExact(key) && take_str(tape, key, PYON_ITEM_KEY, separated) &&
           !(item->length == tape->tag_length && item->width == 1 &&
             memcmp(item->value.text, tape->tag, tape->tag_length) == 0);
}

/* Not inlined, and take_value() always: so only containers have the cost of a call. */
static __attribute__((noinline)) bool take_container(struct tape *tape, PyObject *x, bool separated,
                                                     int level);

/* Any value. False if it is not plain: then the tape may have a part of it. There is room for one
   item. */
static inline __attribute__((always_inline)) bool take_value(struct tape *tape, PyObject *x,
                                                             bool separated, int level)
{
    PyTypeObject *type = Py_TYPE(x);

    if (type == &PyFloat_Type) {
        take(tape, PYON_ITEM_REAL, separated)->value.real = PyFloat_AS_DOUBLE(x);
        return is_known(tape, OWN_FLOAT);
    }
    if (type == &PyUnicode_Type)
        return take_str(tape, x, PYON_ITEM_STRING, separated) && is_known(tape, OWN_STR);
    if (type == &PyLong_Type)
        return compat_small_int(x, &take(tape, PYON_ITEM_INTEGER, separated)->value.integer) &&
               is_known(tape, OWN_INT);
    if (type == &PyBool_Type) {
        take(tape, x == Py_True ? PYON_ITEM_TRUE : PYON_ITEM_FALSE, separated);
        return is_known(tape, OWN_BOOL);
    }
    if (x == Py_None) {
        take(tape, PYON_ITEM_NULL, separated);
        return is_known(tape, OWN_NULL);
    }
    return take_container(tape, x, separated, level);
}

/* The members of a list or tuple. */
static bool take_members(struct tape *tape, PyObject *x, int level)
{
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(x); i++)
        if (tape->next == tape->end ||
            !take_value(tape, PySequence_Fast_GET_ITEM(x, i), i > 0, level))
            return false;
    return true;
}

/* The pairs of a dict, from a position of PyDict_Next() on: taken from its inside, if that is known. */
struct pairs {
    PyObject *dict;
    const struct compat_entry *entries; /* or NULL */
    Py_ssize_t position, count;
};

static inline struct pairs pairs_of(const struct tape *tape, PyObject *dict, Py_ssize_t position)
{
    Py_ssize_t count = tape->knows_entries ? compat_dict_entry_count(dict) : -1;

    return (struct pairs){dict, count < 0 ? NULL : compat_dict_entries(dict), position, count};
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

static bool take_pairs(struct tape *tape, PyObject *x, int level)
{
    struct pairs pairs = pairs_of(tape, x, 0);
    PyObject *key, *value;
    bool separated = false;

    while (next_pair(&pairs, &key, &value)) {
        if (tape->end - tape->next < 2 || !take_key(tape, key, separated) ||
            !take_value(tape, value, false, level))
            return false;
        separated = true;
    }
    return is_known(tape, OWN_STR);
}

/* A list, tuple or dict, if it may fit. The walk soon comes to the members of one that is not plain,
   and to the container in it for which it is not: these are remembered, and not tried again. */
static bool take_container(struct tape *tape, PyObject *x, bool separated, int level)
{
    PyTypeObject *type = Py_TYPE(x);
    Py_ssize_t size = 0, left = tape->end - tape->next - 2; /* for members */
    unsigned char kind;
    struct pyon_item *item;
    PyObject **refused;
    bool taken;

    if (type == &PyDict_Type) {
        size = PyDict_GET_SIZE(x);
        left /= 2;
        kind = tape->dict_kind;
        taken = is_known(tape, OWN_DICT);
    } else if (type == &PyList_Type) {
        size = PyList_GET_SIZE(x);
        kind = PYON_CONTAINER_LIST;
        taken = is_known(tape, OWN_LIST);
    } else if (type == &PyTuple_Type) {
        size = PyTuple_GET_SIZE(x);
        kind = PYON_CONTAINER_TUPLE;
        taken = is_known(tape, OWN_TUPLE);
    } else {
        return false;
    }
    refused = &tape->refused[(tape->depth + level) % PLAIN_REFUSED];
    if (!taken || size > left || left < 0 || level == LEVELS || *refused == x)
        return false;
    take(tape, PYON_ITEM_BEGIN, separated)->container = kind;
    taken =
        type == &PyDict_Type ? take_pairs(tape, x, level + 1) : take_members(tape, x, level + 1);
    if (!taken && tape->end - tape->next >= 2) /* else it may fit on the next tape */
        *refused = x;
    if (!taken || tape->next == tape->end)
        return false;
    item = take(tape, PYON_ITEM_END, false);
    item->container = kind;
    item->length = (uint32_t)size;
    return true;
}

/* ---- The tape ---- */

static void begin(struct tape *tape, struct walker *walker)
{
    PyObject *tag = walker->state->tag;
    size_t written = walk_written(walker);

    tape->next = tape->items;
    tape->end = tape->items + ITEMS;
    tape->types = walker->plain_types;
    tape->dict_kind = (unsigned char)walker->dict_kind;
    tape->refused = walker->refused;
    tape->depth = walker->depth;
    tape->knows_entries = walker->state->knows_entries;
    tape->tag = PyUnicode_DATA(tag);
    tape->tag_length = (size_t)PyUnicode_GET_LENGTH(tag);
    tape->room = walker->due == SIZE_MAX ? SIZE_MAX : walker->due - written - ITEMS * SHARE;
}

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

/* May values be noted now? 1, 0, or -1. Text in pieces must have room for a whole tape. */
static int may_begin(struct walker *walker)
{
    if (!COMPAT_BORROWS || !walker->takes_plain || walker->writer.pretty ||
        walker->depth + LEVELS >= walker->max_depth ||
        (walker->due != SIZE_MAX && walker->due < walk_written(walker) + ITEMS * SHARE))
        return 0;
    return walker->plain_known || know_types(walker) == 0 ? 1 : -1;
}

static int write_tape(struct walker *walker, const struct tape *tape)
{
    return pyon_write_items(&walker->writer, tape->items, (size_t)(tape->next - tape->items));
}

int plain_value(struct walker *walker, PyObject *x)
{
    bool container = PyDict_CheckExact(x) || PyList_CheckExact(x) || PyTuple_CheckExact(x);
    int may = container ? may_begin(walker) : 0; /* a scalar is written as fast without a tape */
    struct tape tape;

    if (may <= 0)
        return may;
    begin(&tape, walker);
    if (!take_value(&tape, x, false, 0))
        return 0;
    return write_tape(walker, &tape) < 0 ? -1 : 1;
}

Py_ssize_t plain_members(struct walker *walker, PyObject *x, Py_ssize_t i)
{
    int may = may_begin(walker);
    Py_ssize_t count = 0;
    struct tape tape;

    if (may <= 0)
        return may;
    begin(&tape, walker);
    for (; i + count < PySequence_Fast_GET_SIZE(x) && tape.next < tape.end; count++) {
        struct pyon_item *before = tape.next;

        if (i + count + AHEAD < PySequence_Fast_GET_SIZE(x))
            __builtin_prefetch(PySequence_Fast_GET_ITEM(x, i + count + AHEAD));
        if (!take_value(&tape, PySequence_Fast_GET_ITEM(x, i + count), count > 0, 0)) {
            tape.next = before;
            break;
        }
    }
    return write_tape(walker, &tape) < 0 ? -1 : count;
}

Py_ssize_t plain_pairs(struct walker *walker, PyObject *dict, Py_ssize_t *position, size_t most)
{
    Py_ssize_t next = *position, count = 0;
    PyObject *key, *value;
    struct pairs pairs;
    struct tape tape;
    int may;

    if (!PyDict_Next(dict, &next, &key, &value) || !plain_may_be(value))
        return 0;
    may = may_begin(walker);
    if (may <= 0)
        return may;
    begin(&tape, walker);
    pairs = pairs_of(&tape, dict, *position);
    for (; (size_t)count < most && tape.end - tape.next >= 2; count++) {
        struct pyon_item *before = tape.next;

        if (!next_pair(&pairs, &key, &value) || !is_known(&tape, OWN_STR) ||
            !take_key(&tape, key, count > 0) || !take_value(&tape, value, false, 0)) {
            tape.next = before;
            break;
        }
        *position = pairs.position;
    }
    return write_tape(walker, &tape) < 0 ? -1 : count;
}
