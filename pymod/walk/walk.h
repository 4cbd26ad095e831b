/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Objects to text: what walk_v1.c, walk_v2.c and the containers of frame.c share. */
#ifndef PYMOD_WALK_H
#define PYMOD_WALK_H

#include "state.h"

#define LANDMARKS 12 /* open containers that are remembered, see walk_enter */

struct walker {
    struct pyon_writer writer;
    struct state *state;
    int (*walk)(struct walker *walker, PyObject *x); /* writes a member of a container */
    const struct maps *maps;        /* of the dialect, which may be bound anew at any time */
    PyObject *map, *own;            /* its types and own_types; references, as in build.h */
    unsigned own_types;             /* of which it is known that the entry is the format's own */
    PyObject *parents;              /* v2: ids of what json's rules are writing, a set or NULL */
    int depth;                      /* of open containers, */
    int max_depth;                  /* and the most of them */
    PyObject *landmarks[LANDMARKS]; /* that was entered last at the depth 8, 16, 32, ... */
    uintptr_t floor;                /* of the C stack, see room_floor */
    bool is_too_deep;               /* walk_enter has refused a container */
    bool fallback;                  /* v1: stopped without an exception, Python must do it */
    /* For text in pieces, see frame.c: */
    struct stack *stack; /* on which a walk puts what is open when it pauses, or NULL */
    size_t due;          /* so many bytes of text, and it pauses; SIZE_MAX where it may not */
    bool is_lost;        /* a value has been tried in all ways: those around it are not */
};

/* Bits of own_types. */
enum own_type {
    OWN_NULL,
    OWN_BOOL,
    OWN_INT,
    OWN_FLOAT,
    OWN_COMPLEX,
    OWN_STR,
    OWN_BYTES,
    OWN_TUPLE,
    OWN_LIST,
    OWN_SET,
    OWN_DICT,
    OWN_SLICE,
    OWN_FRACTION,
    OWN_ORDERED,
};

/* The text of x, a str or bytes: NULL without an exception if v1 wants Python to do it. */
PyObject *walk_v1(struct state *state, PyObject *x, bool pretty, bool is_bytes);
PyObject *walk_v2(struct state *state, PyObject *x, bool pretty, bool is_bytes);

/* Makes a walker ready to write pieces, until walk_done. Done anew for each of them, since in between
   the maps may have been changed, or exchanged. */
void walk_resume_v1(struct walker *walker, struct state *state);
void walk_resume_v2(struct walker *walker, struct state *state);

/* Fills all members except the writer and the landmarks, until walk_done(). */
void walk_init(struct walker *walker, struct state *state, const struct maps *maps,
               int (*walk)(struct walker *, PyObject *));
void walk_done(struct walker *walker);

/* Writes x, a value or container, with walker->walk into a new str or bytes. */
PyObject *walk_whole(struct walker *walker, const struct pyon_dialect *dialect, PyObject *x,
                     bool pretty, bool is_bytes);

/* Around an x that contains others: 0, or -1 with a RecursionError. */
int walk_enter(struct walker *walker, PyObject *x);
void walk_leave(struct walker *walker);
/* Lets go of the landmarks. */
void walk_forget(struct walker *walker);
/* The same around members of what is no container: walks do not pause there. Returns `due` as it
   was, which walk_leave_call gets; or 0 with the error. */
size_t walk_enter_call(struct walker *walker, PyObject *x);
void walk_leave_call(struct walker *walker, size_t due);

static inline size_t walk_written(const struct walker *walker)
{
    return (size_t)(walker->writer.out->cur - walker->writer.out->start);
}

/* A place in the text to which a walker can be put back, to write a value in another way. */
struct text_place {
    size_t written, level;
};

struct text_place walk_place(const struct walker *walker);
void walk_back(struct walker *walker, const struct text_place *place);

/* Is the entry of a type the format's own? 1, 0, or -1. */
int walk_is_own(struct walker *walker, PyObject *type, enum own_type bit);

/* The entry of the type of x. If there is none, x may be the first value of NumPy: its types are
   entered first. Borrowed; NULL without an exception if there is none then, either. */
PyObject *walk_find_entry(struct walker *walker, PyObject *x);

/* What both dialects write in the same way but for the spelling. */
int walk_str(struct walker *walker, PyObject *x);
int walk_int(struct walker *walker, PyObject *x);
int walk_float(struct walker *walker, PyObject *x);
int walk_complex(struct walker *walker, PyObject *x);
int walk_bytes(struct walker *walker, PyObject *x);
/* -1 without an exception if it has no parts, or if they must be ints and are not: anybody may have
   put others there, or taken them away. */
int walk_fraction(struct walker *walker, PyObject *x, bool must_be_ints);
/* Does the type of x let it say that it is of another one? Nobody is asked for it. */
bool walk_may_pretend(const struct walker *walker, PyObject *x);
/* May a dict have keys of which the hash or equality is code in Python? It is run where a key is
   looked up, and where the items of an OrderedDict are. Those of the type `known` are not meant. */
bool walk_has_foreign_keys(PyObject *dict, PyObject *known);
/* Is the method items of x, a dict of some type, the one of `base`? Instances may hide it. Nobody
   is asked. Without memory it is not, and the exception is set. */
bool walk_has_items_of(PyObject *x, PyTypeObject *base);

#endif
