/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * What the parts of the builder share: build.c has the stack and the values, call.c the calls,
 * names.c the names of version 1, arithmetic.c its arithmetic, budget.c what may be computed;
 * decoder.c reads streams with it. Nothing else includes this.
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
    bool made_bytes; /* the text of what is made was a bytes literal */
    unsigned turn;   /* see struct builder */
};

struct builder {
    struct state *state;
    const struct pyon_dialect *dialect;
    PyObject *map, *own; /* name -> constructor; references, since the modules may be reloaded */
    PyObject **values;
    size_t count, capacity;
    size_t spent; /* of what may be computed for a value, see budget.c */
    struct call *calls;
    size_t call_count, call_capacity;
    unsigned own_constructors; /* bits of those known to be the format's own */
    bool foreign;              /* code of others has run: the map may have changed, and to hash or
                                  compare values may run more of it */
    unsigned turn;             /* counts the pieces of a stream, between which anything runs */
    bool resting;              /* the collector, which was enabled */
    PyObject *unanswered;      /* the exception that a question has raised, or NULL */
    bool payload_bytes;        /* the text of the payload is a bytes literal */
    PyObject *payload;         /* an array that is being filled, or NULL */
    PyObject *first_values[FIRST_VALUES];
    struct call first_calls[FIRST_CALLS];
};

/* ---- build.c ---- */

/* Makes the names of the constructors. */
int build_names(struct state *state);

/* Decodes text, NUL-terminated UTF-8: a new reference, or NULL with `error` filled. If its code
   is PYON_ERROR_HOST, the exception is set. */
PyObject *build_v1(struct state *state, const char *text, size_t length, struct pyon_error *error);
PyObject *build_v2(struct state *state, const char *text, size_t length, struct pyon_error *error);

/* The functions of a dialect, for a struct builder. */
const struct pyon_builder *build_functions(const struct pyon_dialect *dialect);

/* How many brackets may be open: `most`, or if that is 0, as many as the library allows by itself;
   but no more than the stack of the thread has room for. */
size_t build_max_depth(const struct pyon_dialect *dialect, size_t most);

/* Borrows `state`. */
void build_init(struct builder *builder, struct state *state, const struct pyon_dialect *dialect);

/* Drops the values of what has not been finished; nothing else but build_free may follow for one
   that will not be used again. */
void build_reset(struct builder *builder);
void build_free(struct builder *builder);

/* Raises what a question of the parser has raised, which has stopped it: false if nothing has. */
bool build_raise_unanswered(struct builder *builder);

/* Around the reading of so many bytes. */
void build_begin(struct builder *builder, size_t length);
void build_end(struct builder *builder);

/* Doubles an array that begins in `first`: fills `capacity`. */
void *build_grow(void *array, const void *first, size_t size, size_t *capacity);

/* Makes room for one more value. */
int build_grow_values(struct builder *builder);

/* Drops `count` values and pushes the one made of them, which may be NULL. */
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
 * The collector rests while a text is decoded, which makes containers by the thousand, none of
 * them garbage. Who runs meanwhile must not notice: so code of others stands between these two.
 * If it has stopped the collector itself, that stays.
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

/* Around what hashes, compares or drops values. */
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

/* Pushes what base64 text, as the next argument of the innermost call, is the last part of; 1 if
   it is not that. `bytes` tells whether it was a bytes literal. */
int build_made(struct builder *builder, const char *text, size_t length, bool bytes);

/* The same for base64 whose length follows from the arguments before it (pyon_builder.payload). */
int build_payload(void *self, const char *text, size_t available, const char *ending,
                  size_t ending_length, bool bytes, size_t *length);

/* The same for base64 of which only the beginning is there (pyon_builder.payload_begin). */
int build_payload_begin(void *self, bool bytes, size_t most, void **data, size_t *size);
int build_payload_end(void *self, bool complete);

/* If the list of `length` values on top is the argument of a plain call of tuple, notes that the
   tuple shall be made of it: true. */
bool build_make_tuple(struct builder *builder, size_t length);

/* Frees what a call that has not ended holds. */
void build_drop_name(struct call *call);

/* ---- budget.c: what a text may make the interpreter compute ---- */

/* Fills the number of bits of an int. */
int budget_bits(PyObject *x, size_t *bits);

/* Spends so many bits on an int: 0; 1 if there are not as many left; or -1. */
int budget_spend(struct builder *builder, size_t bits);

/* Fraction(*positional, **named), which spends the bits of both: new, or NULL with an exception. */
PyObject *budget_fraction(struct builder *builder, PyObject *positional, PyObject *named);

/* ---- arithmetic.c: what pyon_builder computes of version 1 ---- */

int build_arithmetic(void *self, enum pyon_operator op);

/* ---- names.c: what pyon_builder asks of version 1 ---- */

bool build_callable(void *self, const char *name, size_t length);
bool build_attribute(void *self, const char *name, size_t length);
int build_name(void *self, const char *name, size_t length);
int build_character(void *self, const char *name, size_t length, uint32_t *code_point);

/*
 * Python compiles a text before it evaluates any of it, so an error of syntax further on takes
 * the place of the exception that is set, which becomes its context.
 */
void build_prefer_syntax_error(struct builder *builder, const char *text, size_t length);

#endif
