/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The builder. build.c has the stack and the values, shape.c dicts with keys that came before, and
 * call.c the calls. names.c has the names of version 1, arithmetic.c its arithmetic, and budget.c the bound for computing. decoder.c
 * reads streams with the builder.
 */
#ifndef BUILD_H
#define BUILD_H

#include "state.h"

#define FIRST_VALUES 128
#define FIRST_CALLS 16

struct call {
    PyObject *name; /* str; borrowed from the state for the format's own constructors */
    size_t base;    /* of its arguments on the stack */
    size_t made;    /* 1 + the index of the argument that is the result; 0 for none */
    enum constructor constructor;
    bool own;        /* the constructor is the format's own */
    bool made_bytes; /* the text of the result was a bytes literal */
    unsigned turn;   /* see struct builder */
};

/* The data of arrays that is not in the text. */
struct frames {
    PyObject *views; /* tuple of memoryviews of contiguous bytes */
    bool *used;      /* of each: an array has it */
    size_t left;     /* those that no array has */
};

struct builder {
    struct state *state;
    struct cache *cache; /* of the thread that reads now */
    size_t last_key;     /* the place in the cache of the key that came last */
    const struct pyon_dialect *dialect;
    PyObject *map, *own; /* name -> constructor; references, since the modules may be reloaded */
    PyObject **values;
    size_t count, capacity;
    size_t spent; /* bits that have been computed for a value, see budget.c */
    struct call *calls;
    size_t call_count, call_capacity;
    unsigned own_constructors; /* a bit for each that is known to be the format's own */
    bool foreign;              /* foreign code has run: the map may have changed, and to hash or
                                  compare values may run more such code */
    unsigned turn;             /* the number of the piece of a stream; any code runs between two */
    bool resting;              /* the collector was enabled, and rests */
    bool huge;                 /* the arenas of small objects are in huge pages */
    PyObject *unanswered;      /* the exception that a question of the parser has raised, or NULL */
    bool payload_bytes;        /* the text of the payload is a bytes literal */
    PyObject *payload;         /* an array that is being filled, or NULL */
    struct frames *frames;     /* borrowed, or NULL */
    PyObject *first_values[FIRST_VALUES];
    struct call first_calls[FIRST_CALLS];
};

/* ---- shape.c ---- */

/* Makes a dict of pairs whose keys came before: 0, or 1 if they did not, or -1. If 0, `dict` has a new
   reference, and the references of the pairs are stolen. */
int build_shaped(struct builder *builder, PyObject *const *pairs, size_t length, PyObject **dict);
/* Remembers the keys of a dict that was made of these pairs. */
int build_note_shape(struct builder *builder, PyObject *const *pairs, size_t length,
                     PyObject *dict);

/* Are all keys strs without methods of their own? Then their hash and equality run no foreign code. */
static inline bool build_has_plain_keys(PyObject *const *pairs, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!PyUnicode_CheckExact(pairs[2 * i]))
            return false;
    return true;
}

/* ---- presized.c ---- */

/* Is a dict of these pairs made at its final size? */
bool build_may_presize(PyObject *const *pairs, size_t length);
/* Makes it of the pairs on top, and pushes it in their place. */
int build_presized(struct builder *builder, size_t length);

int presized_init(PyObject *module, struct state *state);

/* ---- string.c ---- */

int build_string(void *self, const char *utf8, size_t length, unsigned flags);
int build_code_points(void *self, const void *data, size_t length, unsigned width, unsigned flags);
int build_bytes(void *self, const char *data, size_t length, unsigned flags);

/* ---- build.c ---- */

/* Makes the names of the constructors. */
int build_names(struct state *state);

/* Decodes text, NUL-terminated UTF-8: a new reference, or NULL with `error` filled. If its code
   is PYON_ERROR_HOST, the exception is set. `frames` may be NULL. */
PyObject *build_v1(struct state *state, const char *text, size_t length, struct pyon_error *error);
PyObject *build_v2(struct state *state, const char *text, size_t length, struct frames *frames,
                   struct pyon_error *error);

/* As build_v2; `views` are the data of its arrays, each of which must be that of one array. */
PyObject *build_framed(struct state *state, const char *text, size_t length, PyObject *views,
                       struct pyon_error *error);

/* Decodes a literal of Python: a new reference. NotImplemented if it is for ast to decide. */
PyObject *build_literal(struct state *state, const char *text, size_t length);

/* The functions of a dialect, for a struct builder. */
const struct pyon_builder *build_functions(const struct pyon_dialect *dialect);

/* The number of brackets that may be open: `most`, or the default of the library if that is 0,
   but no more than the stack of the thread has room for. */
size_t build_max_depth(const struct pyon_dialect *dialect, size_t most);

/* Borrows `state`. */
void build_init(struct builder *builder, struct state *state, const struct pyon_dialect *dialect);

/* Drops the values and calls that have not been finished. The builder can be used again. */
void build_reset(struct builder *builder);
void build_free(struct builder *builder);

/* Sets the exception that a question of the parser has raised, which has stopped the parser:
   false if there is none. */
bool build_raise_unanswered(struct builder *builder);

/* Returns the value if the status is 0, else NULL, and frees all else. */
PyObject *build_finish(struct builder *builder, int status);

/* Stand around the reading of that many bytes. build_begin returns -1 with a MemoryError. */
int build_begin(struct builder *builder, size_t length);
void build_end(struct builder *builder);

/* Doubles the capacity of an array. Its first block, `first`, is not on the heap. */
void *build_grow(void *array, const void *first, size_t size, size_t *capacity);

/* Makes room for one more value. */
int build_grow_values(struct builder *builder);

/* Drops `count` values, and pushes the one that was made of them. Steals it; NULL is an error. */
int build_replace(struct builder *builder, size_t count, PyObject *value);

int build_list(void *self, size_t length, unsigned flags);
int build_bigint_v1(void *self, const char *text, size_t length, unsigned base);

/* Steals `value`, which may be NULL if making it has failed. */
static inline int push(struct builder *builder, PyObject *value)
{
    if (!value)
        return -1;
    if (builder->count == builder->capacity && build_grow_values(builder) < 0) {
        Py_DECREF(value);
        return -1;
    }
    builder->values[builder->count++] = value;
    return 0;
}

/*
 * The collector rests while a text is decoded: that makes thousands of containers, and none of them
 * is garbage. Foreign code, which is any code of programs, must not notice that. So each call of
 * such code stands between these two. If the code stops the collector itself, it stays stopped.
 * With free threads it does not rest: others would notice, and it only runs between two steps of
 * Python code.
 */
static inline void build_foreign_begins(struct builder *builder)
{
    builder->foreign = true;
    builder->own_constructors = 0;
    if (builder->resting)
        PyGC_Enable();
}

static inline void build_foreign_ends(struct builder *builder)
{
    if (builder->resting)
        builder->resting = PyGC_Disable();
}

/* Stand around code that hashes, compares or drops values. */
static inline void build_hash_begins(struct builder *builder)
{
    if (builder->foreign)
        build_foreign_begins(builder);
}

static inline void build_hash_ends(struct builder *builder)
{
    if (builder->foreign)
        build_foreign_ends(builder);
}

/* ---- call.c ---- */

int build_call_begin(void *self, const char *name, size_t length);
int build_keyword(void *self, const char *name, size_t length);
int build_call_end(void *self, size_t arguments, size_t keywords);
int build_call_undo(void *self, size_t arguments);

/* Example: after the shape and the dtype of nparray, the text "AQACAA==" completes the array. If
   base64 text as the next argument of the innermost call completes a value, pushes that value;
   else 1. `bytes` tells that the text was a bytes literal. */
int build_made(struct builder *builder, const char *text, size_t length, bool bytes);

/* Does the same for base64 whose length follows from the arguments before it
   (pyon_builder.payload). */
int build_payload(void *self, const char *text, size_t available, const char *ending,
                  size_t ending_length, bool bytes, size_t *length);

/* Do the same for base64 that has begun (pyon_builder.payload_begin). */
int build_payload_begin(void *self, bool bytes, size_t most, void **data, size_t *size);
int build_payload_end(void *self, bool complete);

/* Are the `length` values on top a list that is the argument of a plain call of tuple? Then
   notes that a tuple is made in its place. */
bool build_make_tuple(struct builder *builder, size_t length);

/* Drops the name of a call; the innermost call. */
void build_drop_name(struct call *call);
void build_drop_call(struct builder *builder);

/* ---- frames.c ---- */

/* nparray(SHAPE, DTYPE, NUMBER): the array of the data that has this number. */
PyObject *build_frame_array(struct builder *builder, PyObject *const *arguments);

/* ---- budget.c: the bound on what a text makes the interpreter compute ---- */

/* Fills the number of bits of an int. */
int budget_bits(PyObject *x, size_t *bits);

/* Spends that many bits on an int: 0; 1 if fewer are left; or -1. */
int budget_spend(struct builder *builder, size_t bits);

/* Fraction(*positional, **named): new. Spends the bits of the arguments. */
PyObject *budget_fraction(struct builder *builder, PyObject *positional, PyObject *named);

/* ---- arithmetic.c: for the arithmetic of version 1 ---- */

int build_arithmetic(void *self, enum pyon_operator op);

/* ---- names.c: for the names of version 1 ---- */

bool build_callable(void *self, const char *name, size_t length);
bool build_attribute(void *self, const char *name, size_t length);
int build_name(void *self, const char *name, size_t length);
int build_character(void *self, const char *name, size_t length, uint32_t *code_point);

/*
 * Python compiles a text before it evaluates any of it. So if there is an error of syntax further
 * on, its exception replaces the one that is set, which becomes its context.
 */
void build_prefer_syntax_error(struct builder *builder, const char *text, size_t length);

#endif
