/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A tree that is being made. Values are nodes on a stack, in the order of the events. A container
 * takes its members off the stack.
 */
#ifndef PYON_COMPOSE_BUILDER_H
#define PYON_COMPOSE_BUILDER_H

#include "tree/node.h"

/* The calls that stand for other kinds of nodes. */
enum constructor {
    CONSTRUCTOR_TUPLE,
    CONSTRUCTOR_SET,
    CONSTRUCTOR_DICT,
    CONSTRUCTOR_ORDERED,
    CONSTRUCTOR_BYTES,
    CONSTRUCTOR_COMPLEX,
    CONSTRUCTOR_SLICE,
    CONSTRUCTOR_FRACTION,
    CONSTRUCTOR_ARRAY,
    CONSTRUCTOR_SCALAR,
    CONSTRUCTOR_OTHER
};

/* A call that is open. */
struct open_call {
    size_t base; /* the place of its first argument on the stack */
    struct text name;
    enum constructor constructor;
    size_t made;     /* the number, from 1, of the argument that is an array already; 0: none */
    bool made_bytes; /* its text was a bytes literal */
};

struct pyon_tree_builder {
    struct arena arena;
    struct pyon_node *stack;
    size_t count, capacity;
    struct open_call *calls;
    size_t call_count, call_capacity;
    bool foreign; /* the next call is not one of the format's own */
    /* An array that comes in pieces, and its block, which is not in the arena yet. */
    struct block *payload;
    struct pyon_node payload_node;
    bool payload_bytes;
    size_t spent; /* bits of the large numbers that were computed for the value */
    enum pyon_error_code code;
};

/* The nodes from number `base` on; NULL if there has never been one: NULL + 0 is undefined. */
static inline struct pyon_node *stack_from(const struct pyon_tree_builder *builder, size_t base)
{
    return builder->stack ? builder->stack + base : NULL;
}

/* Notes the code. Returns -1. */
PYON_INTERNAL int pyon_tree_fail(struct pyon_tree_builder *builder, enum pyon_error_code code);

PYON_INTERNAL int pyon_tree_push(struct pyon_tree_builder *builder, const struct pyon_node *node);

/* Copies a text to the arena, with a NUL. Returns NULL without memory, which is noted. */
PYON_INTERNAL char *pyon_tree_text(struct pyon_tree_builder *builder, const char *text,
                                   size_t length);

/* Takes memory of the arena. Returns NULL as above. */
PYON_INTERNAL void *pyon_tree_take(struct pyon_tree_builder *builder, size_t size,
                                   size_t alignment);

/*
 * Fills a node of that kind with copies of `count` members: items, or pairs of two nodes each.
 * Folds equal keys of dicts and sets. The nodes that were copied must not be used any more. Returns
 * 0 or -1.
 */
PYON_INTERNAL int pyon_tree_contain(struct pyon_tree_builder *builder, struct pyon_node *node,
                                    enum pyon_kind kind, const struct pyon_node *nodes,
                                    size_t count);

/* Tells the members of the node which container they belong to. Call it after they have changed. */
PYON_INTERNAL void pyon_tree_adopt(struct pyon_node *node);

/* ---- Calls: construct.c ---- */

PYON_INTERNAL enum constructor pyon_find_constructor(const char *name, size_t length);

/* The arguments of a call: nodes, then name, value, name, value, ... of keyword arguments. */
struct arguments {
    struct pyon_node *nodes;
    size_t count, keywords;
};

/* Fills the value of such a call. Returns 0, -1, or 1 if the arguments do not fit. */
PYON_INTERNAL int pyon_construct(struct pyon_tree_builder *builder, enum constructor constructor,
                                 const struct arguments *arguments, struct pyon_node *value);

/* ---- Arrays: array.c ---- */

/* Fills an array from shape, dtype, and its data, whose base64 is `data`. Returns as
   pyon_construct(). */
PYON_INTERNAL int pyon_make_array(struct pyon_tree_builder *builder, const struct pyon_node *shape,
                                  const struct pyon_node *dtype, const struct pyon_node *data,
                                  struct pyon_node *value);
PYON_INTERNAL int pyon_make_scalar(struct pyon_tree_builder *builder, const struct pyon_node *dtype,
                                   const struct pyon_node *data, struct pyon_node *value);

/* Fills bytes. Returns as pyon_construct(). */
PYON_INTERNAL int pyon_make_bytes(struct pyon_tree_builder *builder, const struct pyon_node *text,
                                  struct pyon_node *value);

/* Puts the argument back as it was in the text, in the place of the array that was made of it. */
PYON_INTERNAL int pyon_unmake(struct pyon_tree_builder *builder, const struct open_call *call);

/* Events: see struct pyon_builder. */
PYON_INTERNAL int pyon_tree_payload(void *self, const char *text, size_t available,
                                    const char *ending, size_t ending_length, bool bytes,
                                    size_t *length);
PYON_INTERNAL int pyon_tree_payload_begin(void *self, bool bytes, size_t most, void **data,
                                          size_t *size);
PYON_INTERNAL int pyon_tree_payload_end(void *self, bool complete);

/* ---- Arithmetic: arithmetic.c ---- */

PYON_INTERNAL int pyon_tree_arithmetic(void *self, enum pyon_operator op);

#endif
