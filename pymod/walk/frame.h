/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Containers and long values that are being written, and the stack on which they wait. */
#ifndef PYMOD_FRAME_H
#define PYMOD_FRAME_H

#include "pyon_host.h"
#include "walk/walk.h"

int walk_set(struct walker *walker, PyObject *x);
/* A list or tuple, as that or as another kind. */
int walk_sequence(struct walker *walker, PyObject *x, enum pyon_container kind);
/* The items of a dict x, which are a list of tuples of two. */
int walk_items(struct walker *walker, PyObject *x, PyObject *items, enum pyon_container kind);
int walk_dict(struct walker *walker, PyObject *dict, enum pyon_container kind);
/* The same for a list of keys and a list of their values. No other code has these lists. */
int walk_keyed(struct walker *walker, PyObject *x, PyObject *keys, PyObject *values,
               enum pyon_container kind);

/*
 * A value that has been begun: an open container, or a str, bytes or an array of which a part has
 * been written. `go_on` writes to the end, or until it is time to pause: 0, PAUSED, or -1.
 */
struct walk_frame {
    int (*go_on)(struct walker *walker, struct walk_frame *frame);
    PyObject *object; /* the value; on a stack a reference, else borrowed */
    PyObject *values; /* the values, if `object` is a list of keys; else NULL */
    enum pyon_container kind;
    bool separated; /* has the separator before the next member been written? */
    bool in_pair;   /* has a pair been begun? If its value is written, its end is missing */
    size_t length;  /* members, characters or bytes, as it was at the beginning */
    size_t next;    /* the number of the next member */
    union {
        Py_ssize_t position;   /* the next pair of a dict, for PyDict_Next */
        struct pyon_part part; /* of a str, bytes or an array */
    };
};

/* A function that writes values returns this if it pauses: more is to come, and the open frames
   are on the stack. Its other results are 0, -1, and in some functions 1: the value is of
   another type. */
enum { PAUSED = 2 };

#define FIRST_FRAMES 4

struct stack {
    struct walk_frame *frames;
    size_t count, capacity;
    struct walk_frame first[FIRST_FRAMES]; /* in use until there are more */
};

void stack_init(struct stack *stack);
/* Puts a copy of the frame on the stack, with references of its own. */
int stack_push(struct stack *stack, const struct walk_frame *frame);
/* Takes the top off, with its references. The stack must not be empty. */
struct walk_frame stack_pop(struct stack *stack);
/* Reverses the order of the frames from `first` on. */
void stack_reverse(struct stack *stack, size_t first);
void stack_clear(struct stack *stack);
int stack_traverse(struct stack *stack, visitproc visit, void *arg);
void frame_release(struct walk_frame *frame);

/* Resumes a frame. If it pauses, puts it on the walker's stack. */
int walk_on(struct walker *walker, struct walk_frame *frame);

static inline bool walk_is_due(const struct walker *walker)
{
    return walk_written(walker) >= walker->due;
}

/* Characters or bytes of a value that is written in parts, if a walk may pause. */
#define LONG_VALUE 4096

static inline bool walk_in_parts(const struct walker *walker, size_t size)
{
    return size >= LONG_VALUE && walker->due != SIZE_MAX;
}

#endif
