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
 * wrong kind, its result says so: NULL, 0, false or PYON_NOT_A_NUMBER. It does not fail in any
 * other way, and needs no memory.
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
 * New: the tree of one text, which is as for pyon_parse(); pyon_tree_free() it. Returns NULL on
 * failure, with `error` filled. `options` may be NULL.
 *
 * The tree is the value that Python makes of the text, as far as that can be known without Python:
 *   - Of keys of a dict that are equal in Python (1, 1.0, true) one stays: at the place of the
 *     first, with the value of the last. Of equal members of a set the first stays.
 *   - Keys that Python does not allow (a list, for instance) stay, and equal no other key.
 *   - A fraction is reduced. Arithmetic of version 1 is computed; the result has at most 4300
 *     digits.
 *   - A call of a name that is unknown here is a PYON_KIND_CALL. So is a known one whose arguments
 *     do not fit: an array with too little data, or with a dtype that has none of the kinds below.
 *   - An object of version 2 that has the key "__jsonclass__" and is no class is a dict.
 */
PYON_API struct pyon_tree *pyon_tree_parse(const struct pyon_dialect *dialect, const char *text,
                                           size_t length, const struct pyon_options *options,
                                           struct pyon_error *error);

/* `tree` may be NULL. Takes time for each block of memory, not for each node. */
PYON_API void pyon_tree_free(struct pyon_tree *tree);

/* The node of the value. */
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

/* `builder` may be NULL. */
PYON_API void pyon_tree_builder_free(struct pyon_tree_builder *builder);

/* The builder whose `self` is a struct pyon_tree_builder. */
extern PYON_API const struct pyon_builder pyon_tree_events;

/* New: the one value that the builder holds; pyon_tree_free() it. Returns NULL without memory, or
   if the builder does not hold exactly one value. In any case the builder is empty then, and can be
   used again. */
PYON_API struct pyon_tree *pyon_tree_builder_take(struct pyon_tree_builder *builder);

/* Drops everything that the builder holds, after a failure. */
PYON_API void pyon_tree_builder_reset(struct pyon_tree_builder *builder);

/* The reason why an event returned -1: PYON_ERROR_MEMORY, PYON_ERROR_LARGE (an integer of more than
   4300 digits), or PYON_ERROR_UNDEFINED (division by zero). PYON_OK if no event did.
   pyon_tree_parse() puts it into its error. */
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

/* "list", "array", ...: borrowed, static. */
PYON_API const char *pyon_kind_name(enum pyon_kind kind);

/*
 * The size of a node: items of a list, tuple, set, slice or fraction; arguments of a call; pairs of
 * a dict or OrderedDict; bytes of bytes, of the UTF-8 of a string, of the text of a bigint;
 * elements of an array or NumPy scalar. 0 for all other kinds.
 */
PYON_API size_t pyon_node_size(const struct pyon_node *node);

/* Item number `n`, from 0, of a list, tuple, set, slice, fraction or call; else NULL. */
PYON_API const struct pyon_node *pyon_node_item(const struct pyon_node *node, size_t n);

/* Pair number `n` of a dict or OrderedDict, in the order of the text; NULL if there is none. */
PYON_API const struct pyon_node *pyon_node_key(const struct pyon_node *node, size_t n);
PYON_API const struct pyon_node *pyon_node_value(const struct pyon_node *node, size_t n);

/* The name of argument number `n` of a call; NULL if it has none. Keyword arguments follow the
   others. Fills `length`, which may be NULL. A NUL follows the name. */
PYON_API const char *pyon_node_keyword(const struct pyon_node *node, size_t n, size_t *length);

/*
 * The value of a key of a dict or OrderedDict; NULL if there is none. Keys are compared as in
 * Python: 1.0 finds 1. The time does not depend on the size of the dict.
 */
PYON_API const struct pyon_node *pyon_node_find(const struct pyon_node *node, const char *utf8,
                                                size_t length);
PYON_API const struct pyon_node *pyon_node_find_key(const struct pyon_node *node,
                                                    const struct pyon_node *key);

/*
 * Are they the same value? Kinds must be the same, and numbers equal bit for bit: the sign of a
 * zero counts. But any NaN equals any other; in arrays its bits count. The order of a dict or set
 * does not count, that of an OrderedDict does.
 */
PYON_API bool pyon_node_equal(const struct pyon_node *a, const struct pyon_node *b);

/* The text of a node: the UTF-8 of a string (unpaired surrogates are three bytes), the data of
   bytes, the digits of a bigint, the name of a call. A NUL follows. Fills `length`, which may be
   NULL. */
PYON_API const char *pyon_node_text(const struct pyon_node *node, size_t *length);

/* The value of a boolean. */
PYON_API bool pyon_node_is_true(const struct pyon_node *node);

/* ---- Numbers ----------------------------------------------------------------------------- */

/* How exact the number is that was filled. */
enum {
    PYON_NOT_A_NUMBER = -1, /* nothing was filled */
    PYON_EXACT = 0,         /* it is the value of the node */
    PYON_ROUNDED = 1 /* the nearest double; or the next integer toward zero, or the largest one */
};

/* The number of a boolean, integer, bigint, real, fraction or NumPy scalar. Return one of the three
   above. As an integer, NaN is PYON_NOT_A_NUMBER. */
PYON_API int pyon_node_integer(const struct pyon_node *node, int64_t *value);
PYON_API int pyon_node_real(const struct pyon_node *node, double *value);

/* A complex number too. */
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

/* The array of an array or NumPy scalar; else NULL. */
PYON_API const struct pyon_array *pyon_node_array(const struct pyon_node *node);

/*
 * Element number `index`, in C order. For the kinds b, i, u, f, and for M and m as their integers.
 * Return one of the three above; PYON_NOT_A_NUMBER also if there is no such element. A long double
 * (of x87) becomes the nearest double.
 */
PYON_API int pyon_array_integer(const struct pyon_array *array, size_t index, int64_t *value);
PYON_API int pyon_array_real(const struct pyon_array *array, size_t index, double *value);

/* For the kind c too. */
PYON_API int pyon_array_complex(const struct pyon_array *array, size_t index, double *real,
                                double *imaginary);

/* Fills elements [first, first + count) as doubles. Returns PYON_NOT_A_NUMBER; or PYON_ROUNDED if
   any is rounded. Faster than one by one. */
PYON_API int pyon_array_reals(const struct pyon_array *array, size_t first, size_t count,
                              double *values);

/* ---- Text -------------------------------------------------------------------------------- */

/*
 * Writes a node, byte for byte as pyon.encode() or pyon_v1.encode() writes the value. Returns 0, or
 * -1 with the code in the output; the text before the failure stays.
 *
 * If `sorted`, dicts whose keys are all strings are in the order of their code points: as from
 * pyon_v1.encode() with pretty=True, and pyon.encode() with sort_keys=True. Else all dicts have the
 * order of the node.
 *
 * If the dialect has no way to write a value, the code is PYON_ERROR_INEXPRESSIBLE. Examples: in
 * version 2 a keyword argument, in version 1 a call whose name is no identifier. Then fills `where`
 * with that node, and `why` with a line of English without a full stop: borrowed, static. Both may
 * be NULL. After any other failure fills them with NULL.
 *
 * pyon.encode() refuses a dict with the key "__jsonclass__". In version 2 this function writes it
 * as a list of pairs, so that it reads as the same dict. But a dict that was read from an object
 * that is no class is written as it was.
 */
PYON_API int pyon_write_node(struct pyon_writer *writer, const struct pyon_node *node, bool sorted,
                             const struct pyon_node **where, const char **why);

#ifdef __cplusplus
}
#endif

#endif
