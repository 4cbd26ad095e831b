/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Containers and long values that are being written, and the stack on which they wait. */
#ifndef PYMOD_FRAME_H
#define PYMOD_FRAME_H

#include "walk/walk.h"

int walk_set(struct walker *walker, PyObject *x);
/* A list or tuple, as that or as another kind. */
int walk_sequence(struct walker *walker, PyObject *x, enum pyon_container kind);
/* The items of a dict x: the pairs of a list of tuples of two, or what is in x. */
int walk_items(struct walker *walker, PyObject *x, PyObject *items, enum pyon_container kind);
int walk_dict(struct walker *walker, PyObject *dict, enum pyon_container kind);
/* The same, of a list of keys and a list of their values, which nobody else has. */
int walk_keyed(struct walker *walker, PyObject *x, PyObject *keys, PyObject *values,
               enum pyon_container kind);

/*
 * A value that has been begun: an open container, or a string, bytes or an array of which a part
 * is written. `go_on` writes on to the end, or until it is time to pause: 0, PAUSED, or -1.
 */
struct walk_frame {
    int (*go_on)(struct walker *walker, struct walk_frame *frame);
    PyObject *object; /* what is written; references on a stack, else borrowed */
    PyObject *values; /* of keyed pairs, else NULL */
    enum pyon_container kind;
    bool separated; /* nothing is missing before the next member, */
    bool in_pair;   /* but the end of a pair whose value has been written */
    size_t length;  /* of it all, as it was at the beginning */
    size_t next;    /* member */
    union {
        Py_ssize_t position;   /* of the next pair in a dict */
        struct pyon_part part; /* of what is no container */
    };
};

/* What functions that write values return besides 0 and -1 (and 1, of those where it means that
   the value is not theirs): more is to come, what is open is on the stack. */
enum { PAUSED = 2 };

#define FIRST_FRAMES 4

struct stack {
    struct walk_frame *frames;
    size_t count, capacity;
    struct walk_frame first[FIRST_FRAMES]; /* until there are more */
};

void stack_init(struct stack *stack);
/* Puts a copy of the frame there. */
int stack_push(struct stack *stack, const struct walk_frame *frame);
/* Takes the top away, of which there must be one, and its references over. */
struct walk_frame stack_pop(struct stack *stack);
/* Of the frames from the first-th on, the last comes first. */
void stack_reverse(struct stack *stack, size_t first);
void stack_clear(struct stack *stack);
int stack_traverse(struct stack *stack, visitproc visit, void *arg);
void frame_release(struct walk_frame *frame);

/* Lets a frame go on; if it pauses, puts it on the walker's stack. */
int walk_on(struct walker *walker, struct walk_frame *frame);

static inline bool walk_is_due(const struct walker *walker)
{
    return walk_written(walker) >= walker->due;
}

/* From so many characters or bytes on, a value is written in parts, where a walk may pause. */
#define LONG_VALUE 4096

static inline bool walk_in_parts(const struct walker *walker, size_t size)
{
    return size >= LONG_VALUE && walker->due != SIZE_MAX;
}

#endif
