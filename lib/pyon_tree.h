/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A value as a tree: a text that is read once, and then looked at from anywhere.
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
 * texts and arrays are borrowed: they live until pyon_tree_free(). A function that is given a node
 * of the wrong kind says so by its result: NULL, 0, false or PYON_NOT_A_NUMBER. It does not fail
 * in any other way, and needs no memory.
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
 * New: the tree of one text, which is as for pyon_parse(); pyon_tree_free() it. NULL on failure,
 * with `error` filled. `options` may be NULL.
 *
 * The tree is what Python makes of the text, as far as that can be known without Python:
 *   - Of keys of a dict that Python takes for equal (1, 1.0, true) there is one: where the first
 *     stood, with the value of the last. Of such members of a set there is the first.
 *   - Keys that Python cannot have (a list, for instance) are kept, and equal no other key.
 *   - A fraction is reduced. Arithmetic of version 1 is computed; the result has at most 4300 digits.
 *   - A call of a name that is unknown here is a PYON_KIND_CALL. So is a known one whose arguments do
 *     not fit: an array with too little data, say, or with a dtype that has none of the kinds below.
 *   - An object of version 2 that has the key "__jsonclass__" and is no class is a dict.
 */
PYON_API struct pyon_tree *pyon_tree_parse(const struct pyon_dialect *dialect, const char *text,
                                           size_t length, const struct pyon_options *options,
                                           struct pyon_error *error);

/* NULL is nothing to free. Takes time for the blocks of memory, not for the nodes. */
PYON_API void pyon_tree_free(struct pyon_tree *tree);

/* The value. */
PYON_API const struct pyon_node *pyon_tree_root(const struct pyon_tree *tree);

/*
 * Trees from events: of a pyon_stream, or of a program that makes a value.
 *
 *     struct pyon_tree_builder *trees = pyon_tree_builder_new();
 *     pyon_stream_new(&pyon_v2, &pyon_tree_events, trees, NULL)
 *     ... after PYON_STREAM_VALUE: tree = pyon_tree_builder_take(trees)
 *     ... after PYON_STREAM_FAILED: pyon_tree_builder_reset(trees)
 */
struct pyon_tree_builder;

/* New: pyon_tree_builder_free() it. NULL without memory. */
PYON_API struct pyon_tree_builder *pyon_tree_builder_new(void);

/* NULL is nothing to free. */
PYON_API void pyon_tree_builder_free(struct pyon_tree_builder *builder);

/* The builder whose `self` is a struct pyon_tree_builder. */
extern PYON_API const struct pyon_builder pyon_tree_events;

/* New: the one value that the builder holds; pyon_tree_free() it. NULL without memory, or if it does
   not hold just one value. In any case the builder is empty then, and can be used again. */
PYON_API struct pyon_tree *pyon_tree_builder_take(struct pyon_tree_builder *builder);

/* Drops all that the builder holds, after a failure. */
PYON_API void pyon_tree_builder_reset(struct pyon_tree_builder *builder);

/* Why an event returned -1: PYON_ERROR_MEMORY, PYON_ERROR_LARGE (an integer of more than 4300 digits),
   or PYON_ERROR_UNDEFINED (division by zero). PYON_OK if none did. pyon_tree_parse() has it in its
   error. */
PYON_API enum pyon_error_code pyon_tree_builder_code(const struct pyon_tree_builder *builder);

/* ---- Nodes ------------------------------------------------------------------------------- */

enum pyon_kind {
    PYON_KIND_NULL,
    PYON_KIND_BOOLEAN,
    PYON_KIND_INTEGER, /* fits into an int64_t */
    PYON_KIND_BIGINT,  /* does not: pyon_node_text() is its decimal text */
    PYON_KIND_REAL,
    PYON_KIND_COMPLEX,
    PYON_KIND_STRING,
    PYON_KIND_BYTES,
    PYON_KIND_LIST,
    PYON_KIND_TUPLE,
    PYON_KIND_SET,
    PYON_KIND_DICT,     /* with any keys */
    PYON_KIND_ORDERED,  /* an OrderedDict */
    PYON_KIND_SLICE,    /* three items: start, stop, step; null where there is none */
    PYON_KIND_FRACTION, /* two items: numerator, denominator; integers or bigints */
    PYON_KIND_ARRAY,    /* nparray: pyon_node_array() */
    PYON_KIND_SCALAR,   /* npscalar: likewise, of no dimension and this machine's byte order */
    PYON_KIND_CALL,     /* any other call: pyon_node_text() is the name, the items are arguments */
    PYON_KIND_COUNT     /* new kinds come before it */
};

PYON_API enum pyon_kind pyon_node_kind(const struct pyon_node *node);

/* "list", "array", ...: borrowed, static. */
PYON_API const char *pyon_kind_name(enum pyon_kind kind);

/*
 * How many there are: items of a list, tuple, set, slice or fraction; arguments of a call; pairs of a
 * dict or OrderedDict; bytes of the UTF-8 of a string, of bytes, of the text of a bigint; elements of
 * an array or NumPy scalar. 0 for all others.
 */
PYON_API size_t pyon_node_size(const struct pyon_node *node);

/* Item number `n`, from 0, of a list, tuple, set, slice, fraction or call; NULL if there is none. */
PYON_API const struct pyon_node *pyon_node_item(const struct pyon_node *node, size_t n);

/* Pair number `n` of a dict or OrderedDict, in the order of the text; NULL if there is none. */
PYON_API const struct pyon_node *pyon_node_key(const struct pyon_node *node, size_t n);
PYON_API const struct pyon_node *pyon_node_value(const struct pyon_node *node, size_t n);

/* The name of argument number `n` of a call, if it has one: keyword arguments follow the others. Fills
   `length`, which may be NULL. A NUL follows the name. */
PYON_API const char *pyon_node_keyword(const struct pyon_node *node, size_t n, size_t *length);

/*
 * The value for a key of a dict or OrderedDict; NULL if there is none. Keys are compared as Python
 * does it: 1.0 finds 1. The time does not depend on the size of the dict.
 */
PYON_API const struct pyon_node *pyon_node_find(const struct pyon_node *node, const char *utf8,
                                                size_t length);
PYON_API const struct pyon_node *pyon_node_find_key(const struct pyon_node *node,
                                                    const struct pyon_node *key);

/*
 * Are they the same value? Kinds must be the same, and numbers equal bit for bit: the sign of a zero
 * counts, but any NaN is NaN (in arrays, its bits). The order of a dict or set does not count, that of
 * an OrderedDict does.
 */
PYON_API bool pyon_node_equal(const struct pyon_node *a, const struct pyon_node *b);

/* The UTF-8 of a string (unpaired surrogates are three bytes), the data of bytes, the digits of a
   bigint, the name of a call. A NUL follows. Fills `length`, which may be NULL. */
PYON_API const char *pyon_node_text(const struct pyon_node *node, size_t *length);

/* The value of a boolean. */
PYON_API bool pyon_node_is_true(const struct pyon_node *node);

/* ---- Numbers ----------------------------------------------------------------------------- */

/* What is filled. */
enum {
    PYON_NOT_A_NUMBER = -1, /* nothing */
    PYON_EXACT = 0,         /* the very value of the node */
    PYON_ROUNDED = 1 /* the nearest double; or the integer toward zero, or the last one there is */
};

/* Of a boolean, integer, bigint, real, fraction or NumPy scalar: one of these. As an integer, NaN is
   PYON_NOT_A_NUMBER. */
PYON_API int pyon_node_integer(const struct pyon_node *node, int64_t *value);
PYON_API int pyon_node_real(const struct pyon_node *node, double *value);

/* Of a complex number too. */
PYON_API int pyon_node_complex(const struct pyon_node *node, double *real, double *imaginary);

/* ---- Arrays ------------------------------------------------------------------------------ */

struct pyon_array {
    const char *dtype;      /* NumPy's text: "<f8", "|b1", "<U5", "<M8[ns]", "|V12"; with a NUL */
    char kind;              /* its letter: b i u f c S U V M m */
    bool swapped;           /* the elements have not the byte order of this machine */
    size_t item_size;       /* bytes of an element; never 0 */
    size_t count;           /* elements */
    size_t ndim;            /* dimensions, at most 64 */
    const int64_t *shape;   /* of each dimension */
    const int64_t *strides; /* in bytes, of C order */
    const void *data;       /* item_size * count bytes, aligned to 64 */
};

/* Of an array or NumPy scalar; else NULL. */
PYON_API const struct pyon_array *pyon_node_array(const struct pyon_node *node);

/*
 * Element number `index`, in C order, of the kinds b, i, u, f, and of M and m as their integers. As for
 * numbers above; PYON_NOT_A_NUMBER also if there is no such element. A long double (of x87) becomes
 * the nearest double.
 */
PYON_API int pyon_array_integer(const struct pyon_array *array, size_t index, int64_t *value);
PYON_API int pyon_array_real(const struct pyon_array *array, size_t index, double *value);

/* Of the kind c too. */
PYON_API int pyon_array_complex(const struct pyon_array *array, size_t index, double *real,
                                double *imaginary);

/* Elements [first, first + count) as doubles: PYON_NOT_A_NUMBER, or PYON_ROUNDED if any is. Faster than
   one by one. */
PYON_API int pyon_array_reals(const struct pyon_array *array, size_t first, size_t count,
                              double *values);

/* ---- Text -------------------------------------------------------------------------------- */

/*
 * Writes a node, byte for byte as pyon.encode() or pyon_v1.encode() writes the value. If `sorted`,
 * dicts whose keys are all strings have them in the order of their code points: as pyon_v1.encode()
 * with pretty=True, and pyon.encode() with sort_keys=True; else all have the order of the node.
 * Returns 0, or -1 with the code in the output. What has been written before stays.
 *
 * If the dialect of the writer has no way to write a value (in version 2 a keyword argument, in version
 * 1 a call whose name is no identifier), the code is PYON_ERROR_INEXPRESSIBLE. `where`, which may be
 * NULL, becomes the node, and `why`, which may be NULL, a line of English without a final stop,
 * borrowed, static. After any other failure both become NULL.
 *
 * A dict with the key "__jsonclass__", which pyon.encode() refuses, is written in version 2 as a list of
 * pairs, so that it is read as what it is; unless it was read from an object that is no class: that is
 * written as it was.
 */
PYON_API int pyon_write_node(struct pyon_writer *writer, const struct pyon_node *node, bool sorted,
                             const struct pyon_node **where, const char **why);

#ifdef __cplusplus
}
#endif

#endif
