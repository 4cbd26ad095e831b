/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Objects to text: the parts that walk_v1.c, walk_v2.c and the containers of frame.c share. */
#ifndef PYMOD_WALK_H
#define PYMOD_WALK_H

#include "state.h"

#define PLAIN_REFUSED 8 /* more than plain.c looks into at once */
#define LANDMARKS 12    /* open containers that are remembered, see walk.c */

struct walker {
    struct pyon_writer writer;
    struct state *state;
    int (*walk)(struct walker *walker, PyObject *x); /* writes a member of a container */
    struct maps *maps;                /* of the dialect, which may be bound anew at any time */
    PyObject *map, *own;              /* its types and own_types; references, as in build.h */
    unsigned own_types;               /* a bit for each type whose entry is the format's own */
    bool takes_plain;                 /* may plain.c write members? */
    bool plain_known;                 /* plain.c has looked them up: */
    unsigned plain_types;             /* as own_types, for plain.c */
    PyObject *tuple_type;             /* the type in whose entry the form of tuples is */
    PyObject *refused[PLAIN_REFUSED]; /* containers that are not plain, only to be compared */
    enum pyon_container dict_kind;    /* of dicts whose keys are all str */
    PyObject *parents; /* v2: a set of the ids of containers that json's rules write, or NULL */
    int depth;         /* the number of open containers */
    int max_depth;     /* the largest that is allowed */
    PyObject *landmarks[LANDMARKS]; /* the last container at each of the depths 8, 16, 32, ... */
    uintptr_t floor;                /* of the C stack, see room_floor */
    bool is_too_deep;               /* walk_enter has refused a container */
    bool fallback;                  /* v1: stopped without an exception; Python must do the work */
    /* For text in pieces, see frame.c: */
    struct stack *stack; /* a walk that pauses puts its open frames there; or NULL */
    size_t due;          /* bytes of text at which it pauses; SIZE_MAX if it may not */
    bool is_lost;        /* a value has been tried in all ways: do not try those around it */
    /* The data of arrays that stays out of the text: a list of memoryviews, or NULL. */
    PyObject *frames;
    size_t least;  /* bytes of such data */
    bool is_exact; /* v2: only values whose types come back, see walk_frames */
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

/* The text of x, a new str or bytes. NULL without an exception if Python must do the work (v1). */
PyObject *walk_v1(struct state *state, PyObject *x, bool pretty, bool is_bytes);
PyObject *walk_v2(struct state *state, PyObject *x, bool pretty, bool is_bytes);

/* As walk_v2, in bytes. The data of arrays of at least that many bytes is appended to the list
   `frames`, and its number, from 1 on, stands in the text. If `is_exact`, it is a TypeError if the
   value of the text would have another type somewhere, or if code of a program must be asked. */
PyObject *walk_frames(struct state *state, PyObject *x, PyObject *frames, size_t least,
                      bool is_exact);

/* Make a walker ready to write a piece, until walk_done(). They are called again for each piece,
   since the maps may have been exchanged between two pieces. */
void walk_resume_v1(struct walker *walker, struct state *state);
void walk_resume_v2(struct walker *walker, struct state *state);

/* Fills all members except the writer and the landmarks, until walk_done(). */
void walk_init(struct walker *walker, struct state *state, struct maps *maps,
               int (*walk)(struct walker *, PyObject *));
void walk_done(struct walker *walker);

/* Writes x, a value or container, with walker->walk into a new str or bytes. */
PyObject *walk_whole(struct walker *walker, const struct pyon_dialect *dialect, PyObject *x,
                     bool pretty, bool is_bytes);

/* Stand around the members of a container x. walk_enter returns -1 with a RecursionError. */
int walk_enter(struct walker *walker, PyObject *x);
void walk_leave(struct walker *walker);
/* Drops the landmarks. */
void walk_forget(struct walker *walker);
/* Stand around the arguments of a call, where walks do not pause. walk_enter_call returns the
   old `due`, which walk_leave_call gets, or 0 with a RecursionError. */
size_t walk_enter_call(struct walker *walker, PyObject *x);
void walk_leave_call(struct walker *walker, size_t due);

static inline size_t walk_written(const struct walker *walker)
{
    return (size_t)(walker->writer.out->cur - walker->writer.out->start);
}

/* A place in the text. A walker that is put back there can write a value in another way. */
struct text_place {
    size_t written, level;
};

struct text_place walk_place(const struct walker *walker);
void walk_back(struct walker *walker, const struct text_place *place);

/* Is the entry of a type the format's own? 1, 0, or -1. If it is, it counts as such until the end. */
int walk_find_own(struct walker *walker, PyObject *type, enum own_type bit);

static inline int walk_is_own(struct walker *walker, PyObject *type, enum own_type bit)
{
    return (walker->own_types & 1u << bit) ? 1 : walk_find_own(walker, type, bit);
}

/* The same for an entry that has been found, or NULL. */
int walk_has_own(struct walker *walker, PyObject *type, PyObject *entry);

/* The entry of the type of x. If there is none, x may be the first value of NumPy: its types are
   entered first. New; NULL without an exception if there is none then, either. */
PyObject *walk_find_entry(struct walker *walker, PyObject *x);

/* Values whose text is the same in both dialects, except for the spelling. */
int walk_str(struct walker *walker, PyObject *x);
int walk_int(struct walker *walker, PyObject *x);
int walk_float(struct walker *walker, PyObject *x);
int walk_complex(struct walker *walker, PyObject *x);
int walk_bytes(struct walker *walker, PyObject *x);
/* -1 without an exception if x has no parts, or if they must be ints and are not. A program may
   have changed or deleted them. */
int walk_fraction(struct walker *walker, PyObject *x, bool must_be_ints);
/* May x have another __class__ than its type? Finds out without running any code of x. */
bool walk_may_pretend(const struct walker *walker, PyObject *x);
/* May a dict have keys whose hash or equality is code in Python? This code runs when a key or
   the items of an OrderedDict are looked up. Keys of the type `known` do not count. */
bool walk_has_foreign_keys(PyObject *dict, PyObject *known);
/* Is the method items of x, a dict or of a subclass, that of `base`? An instance may hide it.
   Runs no code of x. Without memory, false with an exception. */
bool walk_has_items_of(PyObject *x, PyTypeObject *base);

#endif
