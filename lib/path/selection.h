/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A selection: selection.c is what the parser sees of it, selected.c what programs see. */
#ifndef PYON_PATH_SELECTION_H
#define PYON_PATH_SELECTION_H

#include "path/record.h"
#include "pyon_select.h"

/* Where one of the paths is. */
struct state {
    const struct pyon_path *path;
    struct place place;
    /* Of a container: the names or the key that are looked for in a dict; NULL if neither. */
    enum step_kind kind;
    const char *text;
    size_t length;
    size_t extended; /* that part of it is a key that another key begins with, and a dot */
};

/* A list or dict that was entered. */
struct container {
    size_t first; /* of its states; they go up to those of the next one */
    int64_t last; /* of a list: the last index that matters */
    bool all;     /* everything in it is kept */
    /* Of a dict: only keys with a first character among these may lead anywhere. A bit for each, by
       the lowest bits of the character. */
    uint64_t firsts;
    size_t count; /* of its items so far */
    size_t kept;  /* items, or keys and values */
};

struct pyon_selection {
    const struct pyon_path **paths;
    size_t path_count;
    struct pyon_selector selector;
    struct pyon_tree_builder *builder;
    struct pyon_tree
        *tree; /* what was selected of the value that was taken last; NULL if nothing was */
    struct container *containers;
    size_t depth, container_capacity;
    struct state *states;
    size_t state_count, pending, state_capacity;
    struct record *record;
    bool same;      /* the value that was read is a record that is like the last one, */
    bool is_record; /* and the one that was taken is */
    bool kept;      /* there is something in the builder */
    bool tuple;     /* the whole is a tuple without parentheses */
    enum pyon_error_code code;
};

/* Notes the code. Returns -1. */
PYON_INTERNAL int pyon_selection_fail_memory(struct pyon_selection *selection);

/* Fills its functions for the parser. */
PYON_INTERNAL void pyon_selection_init(struct pyon_selection *selection);

/* Forgets where it is: a value begins. */
PYON_INTERNAL void pyon_selection_begin(struct pyon_selection *selection);

#endif
