/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The state of the module: what the Python modules have given, and what is kept from call to call.
 *
 * In all of pymod/, functions return 0, or -1 with an exception set; those that return an object, a
 * new reference or NULL with an exception set.
 */
#ifndef PYMOD_STATE_H
#define PYMOD_STATE_H

#include "compat.h"

/*
 * What the Python module of a dialect has given (see bind_v1, bind_v2): all are references, or
 * NULL before. The maps are alive: programs change them at any time. An entry that is the same
 * in the map and in `own` is the format's own, and its work is done here.
 */
struct v1 {
    PyObject *kinds, *own_kinds; /* type -> name of an encoder's method */
    PyObject *names, *own_names; /* names that decode knows -> value */
    PyObject *know_numpy;        /* (): enters NumPy's types into the maps */
    PyObject *encode;            /* encode(x, pretty) in Python */
    PyObject *source_text;       /* (bytes-like) -> str */
    PyObject *null_error;        /* class of the exception for a NUL */
    PyObject *fraction, *ordered_dict;
    PyObject *namespace, *encoder; /* the module's globals, and its class _Encoder */
    bool patched;                  /* the class has been changed: it must do the work */
};

struct v2 {
    PyObject *encoders, *own_encoders; /* type -> (name, function) */
    PyObject *decoders, *own_decoders; /* name -> function */
    PyObject *know_numpy;
    PyObject *wrap;
    PyObject *wrapped_tuple, *wrapped_dict; /* the types under which tuples and dicts stand */
    PyObject *encode;                       /* encode(x, pretty, **kw) by way of json */
    PyObject *decode;                       /* decode(s, **kw), likewise */
    PyObject *object_hook;                  /* what json calls for a decoded object */
    PyObject *detect_encoding, *decode_error, *scan_string; /* json's */
    PyObject *fraction, *ordered_dict;
    PyObject *assertions; /* False under python -O */
};

/* Constructors whose plain cases are done here, and any other. */
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

#define KEYS 2048
#define WIDE_KEYS 1024
#define DTYPES 64

struct state {
    struct v1 v1;
    struct v2 v2;
    PyObject *constructors[CONSTRUCTOR_OTHER]; /* their names */
    PyObject *keys[KEYS];                      /* short keys that have been read, or NULL */
    PyObject *wide_keys[WIDE_KEYS];            /* those that are not ASCII */
    struct {
        uint64_t text;
        PyObject *dtype;
    } dtypes[DTYPES]; /* that have been read, see find_dtype() in array.c */
    bool has_numpy;   /* its C interface has been looked up */
    PyObject *tag;    /* "__jsonclass__" */
    PyObject *nan;    /* one object, as in the reference: {nan, nan} has one member */
    PyObject *numerator, *denominator;     /* the slots of a Fraction */
    PyObject *encoder_name;                /* "_Encoder" */
    PyObject *class_name;                  /* "__class__" */
    PyObject *lookup;                      /* unicodedata.lookup, when it has been needed */
    PyObject *fraction;                    /* the class; and of _fractions.py: */
    PyObject *budget_limit, *budget_spend; /* see budget.c */
    PyObject *stream_error;                /* see raise_error() in decoder.c */
    PyObject *pieces_type;                 /* see pieces.c */
    PyObject *file_type;                   /* see file.c */
};

/* For the collector, and at the end of the module. */
int state_traverse(PyObject *module, visitproc visit, void *arg);
int state_clear(PyObject *module);

/* Keeps what the keywords of bind_v1 or bind_v2 give, all of it or nothing. Returns the name of the
   Python module, borrowed, or NULL with an exception. */
PyObject *state_bind_v1(struct state *state, PyObject *keywords);
PyObject *state_bind_v2(struct state *state, PyObject *keywords);

/* A type of the module. */
PyObject *new_type(PyObject *module, PyType_Spec *spec);
/* The same, as an attribute of the module. */
int add_type(PyObject *module, PyType_Spec *spec);

#endif
