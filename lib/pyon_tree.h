/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A value as a tree: a text is read once, and then looked at in any order.
 *
 *     struct pyon_error error;
 *     struct pyon_tree *tree = pyon_tree_parse(&pyon_v2, text, length, NULL, &error);
 *     if (!tree)
 *         ... error
 *     const struct pyon_node *rate = pyon_node_find(pyon_tree_root(tree), "rate", 4);
 *     double hertz;
 *     if (rate && pyon_node_real(rate, &hertz) >= 0)
 *         ... use hertz
 *     pyon_tree_free(tree);
 *
 * A tree does not change after it is made, so many threads may look at it at once. All its nodes,
 * texts and arrays are borrowed: they live until pyon_tree_free(). If a function gets a node of the
 * wrong kind, the result says so: NULL, 0, false or PYON_NOT_A_NUMBER. The functions for nodes fail
 * in no other way, and allocate no memory.
 */
#ifndef PYON_TREE_H
#define PYON_TREE_H

#include "pyon.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Trees ------------------------------------------------------------------------------- */

struct pyon_tree;
struct pyon_node;

/*
 * New: the tree of one text; pyon_tree_free() it. As for pyon_parse(), the text has `length` bytes
 * and a NUL after them, and `options` may be NULL. Returns NULL on failure, and fills `error`.
 *
 * The tree is the value that Python makes of the text, as far as that can be known without Python:
 *   - If keys of a dict are equal in Python (1, 1.0, true), one of them stays: it has the place of
 *     the first and the value of the last. If members of a set are equal, the first stays.
 *   - Keys that Python does not allow (a list, for instance) stay. They equal no other key.
 *   - A fraction is reduced. Arithmetic of version 1 is computed; the result has at most 4300
 *     digits.
 *   - A call of a name that is unknown here is a PYON_KIND_CALL. So is a call of a known name with
 *     arguments that do not fit: an array with too little data, or with a dtype that has none of
 *     the kinds below.
 *   - An object of version 2 that has the key "__jsonclass__" and is no class is a dict.
 */
PYON_API struct pyon_tree *pyon_tree_parse(const struct pyon_dialect *dialect, const char *text,
                                           size_t length, const struct pyon_options *options,
                                           struct pyon_error *error);

/* Frees a tree. `tree` may be NULL. The time depends on the number of blocks of memory, not on the
   number of nodes. */
PYON_API void pyon_tree_free(struct pyon_tree *tree);

/* Returns the node of the whole value: borrowed of the tree. */
PYON_API const struct pyon_node *pyon_tree_root(const struct pyon_tree *tree);

/*
 * Trees from events: those of a pyon_stream, or of a program that makes a value.
 *
 *     struct pyon_tree_builder *trees = pyon_tree_builder_new();
 *     pyon_stream_new(&pyon_v2, &pyon_tree_events, trees, NULL)
 *     ... after PYON_STREAM_VALUE: tree = pyon_tree_builder_take(trees)
 *     ... after PYON_STREAM_FAILED: pyon_tree_builder_reset(trees)
 */
struct pyon_tree_builder;

/* New: pyon_tree_builder_free() it. Returns NULL without memory. */
PYON_API struct pyon_tree_builder *pyon_tree_builder_new(void);

/* Frees a builder and the values that it holds. `builder` may be NULL. */
PYON_API void pyon_tree_builder_free(struct pyon_tree_builder *builder);

/* The events that make a tree. Pass a struct pyon_tree_builder as their `self`. */
extern PYON_API const struct pyon_builder pyon_tree_events;

/* New: the one value that the builder holds; pyon_tree_free() it. Returns NULL without memory, or
   if the builder does not hold exactly one value. After the call the builder is empty in any case,
   and can be used again. */
PYON_API struct pyon_tree *pyon_tree_builder_take(struct pyon_tree_builder *builder);

/* The same, but the value takes the place of the one that a tree has; its nodes are not valid any more.
   The builder goes on with their memory: so many small values, one after the other, need no new one.
   Returns 0; or -1, and the tree is as it was, if the builder does not hold exactly one value. */
PYON_API int pyon_tree_builder_replace(struct pyon_tree_builder *builder, struct pyon_tree *tree);

/* Drops everything that the builder holds, after a failure. */
PYON_API void pyon_tree_builder_reset(struct pyon_tree_builder *builder);

/* Returns the reason why an event returned -1: PYON_ERROR_MEMORY, PYON_ERROR_LARGE (an integer of
   more than 4300 digits), or PYON_ERROR_UNDEFINED (division by zero). Returns PYON_OK if no event
   did. pyon_tree_parse() puts this code into its error. */
PYON_API enum pyon_error_code pyon_tree_builder_code(const struct pyon_tree_builder *builder);

/* ---- Nodes ------------------------------------------------------------------------------- */

enum pyon_kind {
    PYON_KIND_NULL,
    PYON_KIND_BOOLEAN,
    PYON_KIND_INTEGER, /* fits into an int64_t */
    PYON_KIND_BIGINT,  /* does not fit: pyon_node_text() is its decimal text */
    PYON_KIND_REAL,
    PYON_KIND_COMPLEX,
    PYON_KIND_STRING,
    PYON_KIND_BYTES,
    PYON_KIND_LIST,
    PYON_KIND_TUPLE,
    PYON_KIND_SET,
    PYON_KIND_DICT,     /* with any keys */
    PYON_KIND_ORDERED,  /* an OrderedDict */
    PYON_KIND_SLICE,    /* three items: start, stop, step; null if one is missing */
    PYON_KIND_FRACTION, /* two items: numerator, denominator; integers or bigints */
    PYON_KIND_ARRAY,    /* nparray: pyon_node_array() */
    PYON_KIND_SCALAR,   /* npscalar: the same, with no dimension and this machine's byte order */
    PYON_KIND_CALL,     /* any other call: pyon_node_text() is the name, the items are arguments */
    PYON_KIND_COUNT     /* new kinds come before it */
};

PYON_API enum pyon_kind pyon_node_kind(const struct pyon_node *node);

/* Returns the name of a kind, "list" or "array" for instance: borrowed, static, with a NUL at its
   end. */
PYON_API const char *pyon_kind_name(enum pyon_kind kind);

/*
 * Returns the size of a node. It counts the items of a list, tuple, set, slice or fraction; the
 * arguments of a call; the pairs of a dict or OrderedDict; the bytes of bytes, of the UTF-8 of a
 * string and of the text of a bigint; the elements of an array or NumPy scalar. It is 0 for all
 * other kinds.
 */
PYON_API size_t pyon_node_size(const struct pyon_node *node);

/* Returns item number `n`, from 0, of a list, tuple, set, slice, fraction or call: borrowed. NULL
   if there is none. */
PYON_API const struct pyon_node *pyon_node_item(const struct pyon_node *node, size_t n);

/* Return the key or the value of pair number `n`, from 0, of a dict or OrderedDict, in the order of
   the text: borrowed. NULL if there is none. */
PYON_API const struct pyon_node *pyon_node_key(const struct pyon_node *node, size_t n);
PYON_API const struct pyon_node *pyon_node_value(const struct pyon_node *node, size_t n);

/* Returns the name of argument number `n`, from 0, of a call: borrowed, with a NUL at its end. NULL
   if the argument has no name. Keyword arguments follow the others. Fills `length` with the bytes
   of the name; `length` may be NULL. */
PYON_API const char *pyon_node_keyword(const struct pyon_node *node, size_t n, size_t *length);

/*
 * Return the value of a key of a dict or OrderedDict: borrowed. NULL if there is none. Keys are
 * compared as in Python: 1.0 finds 1. The time does not depend on the size of the dict.
 */
PYON_API const struct pyon_node *pyon_node_find(const struct pyon_node *node, const char *utf8,
                                                size_t length);
PYON_API const struct pyon_node *pyon_node_find_key(const struct pyon_node *node,
                                                    const struct pyon_node *key);

/*
 * Returns true if the nodes are the same value. Their kinds must be the same. Numbers must be equal
 * bit for bit, so the sign of a zero counts. But any NaN equals any other, except in arrays, where
 * its bits count. The order of a dict or set does not count; the order of an OrderedDict does.
 */
PYON_API bool pyon_node_equal(const struct pyon_node *a, const struct pyon_node *b);

/* Returns the text of a node: the UTF-8 of a string (unpaired surrogates are three bytes), the data
   of bytes, the digits of a bigint, or the name of a call. It is borrowed, and a NUL follows it.
   Fills `length` with the bytes of the text; `length` may be NULL. For all other kinds returns
   NULL, and fills nothing. */
PYON_API const char *pyon_node_text(const struct pyon_node *node, size_t *length);

/* Returns the value of a boolean. False for all other kinds. */
PYON_API bool pyon_node_is_true(const struct pyon_node *node);

/* ---- Numbers ----------------------------------------------------------------------------- */

/* The results of the functions for numbers: how exact is the number that was filled? */
enum {
    PYON_NOT_A_NUMBER = -1, /* nothing was filled */
    PYON_EXACT = 0,         /* it is the value of the node */
    PYON_ROUNDED = 1 /* the nearest double; or the next integer toward zero, or the largest one */
};

/* Fill `value` with the number of a boolean, integer, bigint, real, fraction or NumPy scalar.
   Return one of the three results above. As an integer, NaN is PYON_NOT_A_NUMBER. */
PYON_API int pyon_node_integer(const struct pyon_node *node, int64_t *value);
PYON_API int pyon_node_real(const struct pyon_node *node, double *value);

/* The same for a complex number too. Fills both parts. */
PYON_API int pyon_node_complex(const struct pyon_node *node, double *real, double *imaginary);

/* ---- Arrays ------------------------------------------------------------------------------ */

struct pyon_array {
    const char *dtype;      /* NumPy's text: "<f8", "|b1", "<U5", "<M8[ns]", "|V12"; with a NUL */
    char kind;              /* its letter: b i u f c S U V M m */
    bool swapped;           /* the elements have the other byte order than this machine */
    size_t item_size;       /* bytes of an element; never 0 */
    size_t count;           /* elements */
    size_t ndim;            /* dimensions, at most 64 */
    const int64_t *shape;   /* of each dimension */
    const int64_t *strides; /* in bytes, of C order */
    const void *data;       /* item_size * count bytes, aligned to 64 */
    const void *reserved[2];
};

/* Returns the array of an array or NumPy scalar: borrowed of the tree. NULL for all other kinds. */
PYON_API const struct pyon_array *pyon_node_array(const struct pyon_node *node);

/*
 * Fill `value` with element number `index`, from 0, in C order. They work for the kinds b, i, u and
 * f, and for M and m, whose elements are integers. Return one of the three results above:
 * PYON_NOT_A_NUMBER also if there is no such element. A long double (of x87) becomes the nearest
 * double.
 */
PYON_API int pyon_array_integer(const struct pyon_array *array, size_t index, int64_t *value);
PYON_API int pyon_array_real(const struct pyon_array *array, size_t index, double *value);

/* The same for the kind c too. Fills both parts. */
PYON_API int pyon_array_complex(const struct pyon_array *array, size_t index, double *real,
                                double *imaginary);

/* Fills `values` with the elements [first, first + count) as doubles. Returns PYON_ROUNDED if any
   of them is rounded, else PYON_EXACT. Returns PYON_NOT_A_NUMBER if any of them is not a number, or
   does not exist. Faster than one call for each element. */
PYON_API int pyon_array_reals(const struct pyon_array *array, size_t first, size_t count,
                              double *values);

/* ---- Text -------------------------------------------------------------------------------- */

/*
 * Writes a node, byte for byte as pyon.encode() or pyon_v1.encode() writes the value. Returns 0. Or
 * returns -1 with the code in the output; then the text before the failure stays there.
 *
 * If `sorted` is true, a dict with string keys alone is written in the order of their code points.
 * pyon_v1.encode() with pretty=True and pyon.encode() with sort_keys=True do the same. All other
 * dicts have the order of the node.
 *
 * If the dialect has no way to write a value, the code is PYON_ERROR_INEXPRESSIBLE. Examples: in
 * version 2 a keyword argument, in version 1 a call whose name is no identifier. Then fills `where`
 * with the node of this value (borrowed of the tree), and `why` with a line of English without a
 * full stop (borrowed, static). After any other failure fills them with NULL. Both pointers may be
 * NULL.
 *
 * pyon.encode() refuses a dict with the key "__jsonclass__". In version 2 this function writes such
 * a dict as a list of pairs, so that it reads as the same dict. But if the dict was read from an
 * object with this key that is no class, it is written as it was.
 */
PYON_API int pyon_write_node(struct pyon_writer *writer, const struct pyon_node *node, bool sorted,
                             const struct pyon_node **where, const char **why);

#ifdef __cplusplus
}
#endif

#endif
