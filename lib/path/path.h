/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The common parts of paths. parse.c reads paths, and text.c writes them. match.c follows them in a
 * tree, and part.c in an array. miss.c says why there is no match.
 */
#ifndef PYON_PATH_PATH_H
#define PYON_PATH_PATH_H

#include "base.h"
#include "pyon_path.h"

enum step_kind {
    STEP_NAMES, /* a run of names with dots between them */
    STEP_KEY,   /* [literal] */
    STEP_SLICE, /* [start:stop:step] */
    STEP_ALL,   /* .* or [*] */
};

/* Of a slice; the parts that are not given are as in Python. */
struct slice {
    bool has_start, has_stop;
    int64_t start, stop, step; /* the step is neither 0 nor INT64_MIN */
};

struct step {
    enum step_kind kind;
    size_t offset, length;  /* in the text: the names, or all that stands in brackets and these */
    struct pyon_tree *tree; /* of a key */
    bool is_index;          /* the key is an integer, */
    int64_t index;          /* this one */
    struct slice slice;
};

struct pyon_path {
    char *text;
    size_t length;
    struct step *steps;
    size_t count, capacity;
};

/* How far on a path: the number of the step; in names, the offset of the next one in the text. */
struct place {
    size_t step, offset;
};

/* The place after a step. */
static inline struct place place_of(const struct pyon_path *path, size_t step)
{
    return (struct place){step, step < path->count ? path->steps[step].offset : path->length};
}

/* ---- match.c ---- */

/* A search for matches. */
struct search {
    const struct pyon_path *path;
    int (*found)(void *self, const struct pyon_match *match);
    void *self;
    struct level *levels; /* steps that have several members, and are not done with */
    size_t count, capacity;
    bool writes;          /* the path of each match, */
    struct pyon_out text; /* as far as it is known */
    struct pyon_miss *miss;
    struct pyon_out *where;   /* of the miss: its path */
    struct pyon_match *match; /* filled before `found` is called */
};

/* Goes through the matches: as pyon_path_each(). If `miss` is not NULL, it is filled with the miss
   that is farthest on the path, if any, and its path is put into `where`. */
PYON_INTERNAL int pyon_path_search(struct search *search, const struct pyon_node *root);

/* A match: the node, or the part of it that is in the match. Returns the result of `found`. */
PYON_INTERNAL int pyon_path_report(struct search *search, const struct pyon_node *node,
                                   bool is_part);

/* A step that leads nowhere from a node, which has `size` items: 0, or -1 without memory. */
PYON_INTERNAL int pyon_path_missed(struct search *search, struct place place,
                                   const struct pyon_node *node, size_t size);

/* Fills where a slice of `size` items begins: the number of its items. */
PYON_INTERNAL size_t pyon_path_cut(const struct slice *slice, size_t size, int64_t *start);

/* The item that an index means, or `size` if there is none. */
PYON_INTERNAL size_t pyon_path_index(const struct step *step, size_t size);

/* Does a text begin with another one that ends there, or where a dot is? */
PYON_INTERNAL bool pyon_path_begins(const char *text, size_t length, const char *key,
                                    size_t key_length);

/* ---- part.c ---- */

/* Goes on in an array, at a place where steps are left. As pyon_path_search(). */
PYON_INTERNAL int pyon_path_search_array(struct search *search, const struct pyon_node *node,
                                         struct place place);

/* Writes a part of an array as an array of its own; without dimensions, as a NumPy scalar. */
PYON_INTERNAL int pyon_path_write_part(struct pyon_writer *writer, const struct pyon_array *part);

/* ---- text.c ---- */

/* Is it a dict of any kind? Something of which an index takes an item, not an array? */
static inline bool is_dict(const struct pyon_node *node)
{
    enum pyon_kind kind = pyon_node_kind(node);

    return kind == PYON_KIND_DICT || kind == PYON_KIND_ORDERED;
}

static inline bool is_sequence(const struct pyon_node *node)
{
    enum pyon_kind kind = pyon_node_kind(node);

    return kind == PYON_KIND_LIST || kind == PYON_KIND_TUPLE || kind == PYON_KIND_CALL;
}

/* The name of the call that stands for a list of which only some items were kept (selection.c). As
   it is no UTF-8, no text has it. */
#define SPARSE_NAME "\xff"

/* ---- sparse.c ---- */

/* How many items a sequence has, or pairs a dict; an item, NULL if it is missing. */
PYON_INTERNAL size_t pyon_path_size(const struct pyon_node *node);
PYON_INTERNAL const struct pyon_node *pyon_path_item(const struct pyon_node *node, size_t n);

/* The length of the name at `p`: up to what cannot be in one. 0 if there is none. */
PYON_INTERNAL size_t pyon_path_name(const char *p, const char *end);

/* Append to a text: 0, or -1 with the code in `out`. */
PYON_INTERNAL int pyon_path_put(struct pyon_out *out, const char *text, size_t length);
PYON_INTERNAL int pyon_path_put_words(struct pyon_out *out, const char *words);
PYON_INTERNAL int pyon_path_put_integer(struct pyon_out *out, int64_t value);
PYON_INTERNAL int pyon_path_put_string(struct pyon_out *out, const char *utf8, size_t length);

/* Shortens a text to `length` bytes. */
static inline void pyon_path_shorten(struct pyon_out *out, size_t length)
{
    if (out->start)
        out->cur = out->start + length;
}

/* Append a step: an index; a string key of a dict, which consists of names; a key of any kind. */
PYON_INTERNAL int pyon_path_put_index(struct pyon_out *out, size_t index);
PYON_INTERNAL int pyon_path_put_names(struct pyon_out *out, const struct pyon_node *dict,
                                      const char *text, size_t length);
PYON_INTERNAL int pyon_path_put_key(struct pyon_out *out, const struct pyon_node *dict,
                                    const struct pyon_node *key);

#endif
