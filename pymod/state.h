/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The state of the module: the parts that the Python modules have given, and the objects that are
 * kept from call to call.
 *
 * In all of pymod/, functions return 0, or -1 with an exception set; those that return an object, a
 * new reference or NULL with an exception set.
 */
#ifndef PYMOD_STATE_H
#define PYMOD_STATE_H

#include "cache.h"

/*
 * The maps of a dialect. They are alive: programs change them at any time. If an entry is the same
 * in a map and in the `own_` map beside it, it is the format's own, and C does its work.
 */
struct known_types {
    uint64_t map, own; /* the versions of `types` and `own_types`; 0: nothing is known */
    unsigned types;    /* a bit for each type of which the entry is the format's own */
};

struct maps {
    PyObject *types, *own_types; /* type -> the name of an encoder's method in version 1, (name,
                                    encoder) in version 2 */
    PyObject *names, *own_names; /* name -> the value or function that decode has for it */
    PyObject *know_numpy;        /* (): enters NumPy's types into the maps of types */
    struct known_types known;    /* of walk/plain.c */
};

/*
 * The parts of the Python module of a dialect, given by bind_v1 and bind_v2. All are references,
 * and NULL until then.
 */
struct v1 {
    struct maps maps;
    PyObject *encode;      /* encode(x, pretty) in Python */
    PyObject *source_text; /* (bytes-like) -> str */
    PyObject *null_error;  /* class of the exception for a NUL */
    PyObject *fraction, *ordered_dict;
    PyObject *namespace, *encoder; /* the module's globals, and its class _Encoder */
    _Atomic bool patched;          /* the class has been changed: it must do the work */
};

struct v2 {
    struct maps maps;
    PyObject *wrap;
    PyObject *wrapped_tuple, *wrapped_dict; /* the types under which tuples and dicts stand */
    PyObject *encode;                       /* encode(x, pretty, **kw) by way of json */
    PyObject *decode;                       /* decode(s, **kw) by way of json */
    PyObject *object_hook;                  /* json calls it for each object */
    PyObject *detect_encoding, *decode_error, *scan_string; /* json's */
    PyObject *fraction, *ordered_dict;
    PyObject *assertions; /* False under python -O */
};

/* Constructors whose plain cases are done in C; CONSTRUCTOR_OTHER is any other one. */
enum constructor {
    CONSTRUCTOR_TUPLE,
    CONSTRUCTOR_DICT,
    CONSTRUCTOR_SET,
    CONSTRUCTOR_BYTES,
    CONSTRUCTOR_COMPLEX,
    CONSTRUCTOR_NPARRAY,
    CONSTRUCTOR_NPSCALAR,
    CONSTRUCTOR_FRACTION,
    CONSTRUCTOR_OTHER
};

/*
 * With free threads, any thread may read the state at any time. If a Python module is imported anew,
 * it binds its parts anew: the old ones stay alive then (compat_retire). A thread that encodes or
 * decodes meanwhile may see parts of both, and a type that is not known.
 */
struct state {
    struct v1 v1;
    struct v2 v2;
    PyObject *constructors[CONSTRUCTOR_OTHER]; /* their names */
    struct cache_place cache;
    bool knows_entries;     /* compat_dict_entries() is right */
    _Atomic bool has_numpy; /* its C interface has been looked up */
    PyObject *tag;          /* "__jsonclass__" */
    PyObject *nan;          /* one object, as in the reference: {nan, nan} has one member */
    PyObject *numerator, *denominator;     /* the slots of a Fraction */
    PyObject *encoder_name;                /* "_Encoder" */
    PyObject *class_name;                  /* "__class__" */
    _Atomic(PyObject *) lookup;            /* unicodedata.lookup, after its first use; else NULL */
    PyObject *fraction;                    /* the class; and of _fractions.py: */
    PyObject *budget_limit, *budget_spend; /* see budget.c */
    PyObject *stream_error;                /* see failure.c */
    PyObject *pieces_type;                 /* see pieces.c */
    PyObject *file_type;                   /* see file.c */
    PyObject *dict_maker;                  /* see presized.c */
};

/* The maps of a dialect. */
static inline struct maps *state_maps(struct state *state, const struct pyon_dialect *dialect)
{
    return dialect == &pyon_v1 ? &state->v1.maps : &state->v2.maps;
}

/* Keeps an object that is given by a Python module, and returns the one before, or NULL. */
static inline PyObject *state_exchange(PyObject **place, PyObject *object)
{
    return __atomic_exchange_n(place, object, __ATOMIC_ACQ_REL);
}

/* The collector calls these, and the end of the module. */
int state_traverse(PyObject *module, visitproc visit, void *arg);
int state_clear(PyObject *module);

/* Keeps the values of the keywords of bind_v1 or bind_v2, all of them or none. Returns the name of
   the Python module, borrowed, or NULL with an exception. */
PyObject *state_bind_v1(struct state *state, PyObject *keywords);
PyObject *state_bind_v2(struct state *state, PyObject *keywords);

/* Makes a type of the module: new. */
PyObject *new_type(PyObject *module, PyType_Spec *spec);
/* Makes a type, and an attribute of the module for it. */
int add_type(PyObject *module, PyType_Spec *spec);

#endif
