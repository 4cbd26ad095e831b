/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The layout of a tree. Nodes are small, and lie by value in the array of their container's
 * members:
 *
 *     [1, "ab"]    node: list, size 2 --> members: parent, place | node: integer 1 | node: string
 *                                                                                       |
 *                                                                        in the arena: "ab\0"
 *
 * Members know their container. So a tree of any depth is walked without recursion and without a
 * stack (struct walk). A node that is not yet a member has no container; only the nodes below it
 * may be walked.
 */
#ifndef PYON_TREE_NODE_H
#define PYON_TREE_NODE_H

#include "base.h"
#include "pyon_tree.h"
#include "tree/arena.h"

struct members;

struct pyon_node {
    unsigned char kind; /* enum pyon_kind */
    /* The value of a boolean. Of a dict: it was read from an object of version 2 that has the key
       of classes and is no class. */
    bool flag;
    union {
        size_t size; /* as pyon_node_size(); 0 for arrays and scalars */
        double imaginary;
    };
    union {
        int64_t integer;
        double real; /* of a complex number too */
        const char *text;
        struct members *members; /* may be NULL if the size is 0; never for a call */
        const struct pyon_array *array;
    };
};

/* The nodes of a container, as many as its size; for a dict, twice as many: key, value, key, value,
   ... After those of a large dict or set, its index follows (index.h). */
struct members {
    const struct members *parent; /* the members that the container is one of, */
    size_t place;                 /* and its number among them */
    struct pyon_node nodes[];
};

/* Stands before the members of a call, which are not NULL even if there are none: see
   signature_of(). */
struct text {
    const char *text;
    size_t length;
};

struct signature {
    struct text name;
    size_t positional;           /* the number of arguments without a name */
    const struct text *keywords; /* the names of the others */
};

#define KIND_BIT(kind) (1u << (kind))
#define KINDS_OF_TEXT                                                                              \
    (KIND_BIT(PYON_KIND_BIGINT) | KIND_BIT(PYON_KIND_STRING) | KIND_BIT(PYON_KIND_BYTES))
#define KINDS_OF_PAIRS (KIND_BIT(PYON_KIND_DICT) | KIND_BIT(PYON_KIND_ORDERED))
#define KINDS_OF_ITEMS                                                                             \
    (KIND_BIT(PYON_KIND_LIST) | KIND_BIT(PYON_KIND_TUPLE) | KIND_BIT(PYON_KIND_SET) |              \
     KIND_BIT(PYON_KIND_SLICE) | KIND_BIT(PYON_KIND_FRACTION) | KIND_BIT(PYON_KIND_CALL))
#define KINDS_OF_ARRAY (KIND_BIT(PYON_KIND_ARRAY) | KIND_BIT(PYON_KIND_SCALAR))
#define KINDS_OF_MEMBERS (KINDS_OF_ITEMS | KINDS_OF_PAIRS)

static inline bool is_one_of(const struct pyon_node *node, unsigned kinds)
{
    return (kinds >> node->kind & 1) != 0;
}

static inline bool has_pairs(const struct pyon_node *node)
{
    return is_one_of(node, KINDS_OF_PAIRS);
}

/* The number of nodes that its members are. */
static inline size_t member_count(const struct pyon_node *node)
{
    return has_pairs(node) ? 2 * node->size : node->size;
}

/* Are there nodes below it? */
static inline bool has_members(const struct pyon_node *node)
{
    return is_one_of(node, KINDS_OF_MEMBERS) && node->size > 0;
}

static inline const struct signature *signature_of(const struct pyon_node *call)
{
    return (const struct signature *)(const void *)call->members - 1;
}

/* ---- Walking ----------------------------------------------------------------------------- */

/* The state of a walk over all nodes below `top`: at member `at` of `inner`. */
struct walk {
    const struct pyon_node *top, *inner;
    size_t at;
};

/* The container that `inner`, which is not the top, is a member of. */
static inline const struct pyon_node *walk_owner(const struct walk *walk)
{
    const struct members *outer = walk->inner->members->parent;

    return outer == walk->top->members ? walk->top : &outer->parent->nodes[outer->place];
}

/* Begins at the first member of `top`, which has members. */
static inline struct walk walk_from(const struct pyon_node *top)
{
    return (struct walk){.top = top, .inner = top, .at = 0};
}

static inline const struct pyon_node *walk_node(const struct walk *walk)
{
    return &walk->inner->members->nodes[walk->at];
}

/* Goes to the first member of the current node, which has members. */
static inline void walk_down(struct walk *walk)
{
    walk->inner = walk_node(walk);
    walk->at = 0;
}

/* Goes from the end of `inner`, which is not the top, to `inner` itself. */
static inline void walk_up(struct walk *walk)
{
    const struct pyon_node *owner = walk_owner(walk);

    walk->at = walk->inner->members->place;
    walk->inner = owner;
}

#endif
