/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* See record.h. */
#include "path/record.h"

#include <stdlib.h>

#define SPARE 16

/* A leaf that a path leads to. */
struct target {
    size_t leaf; /* its number among all leaves; then, among those that are kept */
    char *path;  /* to it, */
    size_t path_length;
    size_t end; /* of its text in record.text */
};

struct record {
    const struct pyon_path *const *paths;
    size_t path_count;
    /* The targets of all paths, one path after the other; those of path i end before ends[i]. */
    struct target *targets;
    size_t count, capacity;
    size_t *ends;
    size_t kept; /* leaves */
    /* Of the last record: a bracket, the text of each target, with a line end, and a NUL. */
    char *text;
    size_t length, text_capacity;
    bool exact; /* all these texts are */
    struct pyon_tree_builder *builder;
    struct pyon_tree *tree; /* a list of the targets: of an earlier record, as long as nobody has */
    bool has_tree;          /* asked for that of the last one */
};

struct record *pyon_record_new(const struct pyon_path *const *paths, size_t count)
{
    struct record *record = calloc(1, sizeof *record);

    if (!record)
        return NULL;
    record->paths = paths;
    record->path_count = count;
    record->ends = calloc(count + 1, sizeof *record->ends);
    record->builder = pyon_tree_builder_new();
    if (record->ends && record->builder)
        return record;
    pyon_record_free(record);
    return NULL;
}

static void forget(struct record *record)
{
    while (record->count > 0)
        free(record->targets[--record->count].path);
    record->kept = 0;
    pyon_tree_free(record->tree);
    record->tree = NULL;
    record->has_tree = false;
}

void pyon_record_free(struct record *record)
{
    if (!record)
        return;
    forget(record);
    pyon_tree_builder_free(record->builder);
    free(record->targets);
    free(record->ends);
    free(record->text);
    free(record);
}

/* ---- Learning ---- */

struct learning {
    struct record *record;
    const struct pyon_node **leaves;
    size_t count, most;
    bool *kept;
};

/* The leaves of a dict in their order. The C stack is used for dicts in dicts, which are few. */
static void list_leaves(struct learning *learning, const struct pyon_node *dict)
{
    for (size_t n = 0; n < pyon_node_size(dict); n++) {
        const struct pyon_node *node = pyon_node_value(dict, n);

        if (is_dict(node) && pyon_node_size(node) > 0)
            list_leaves(learning, node);
        else if (learning->count++ < learning->most)
            learning->leaves[learning->count - 1] = node;
    }
}

static struct target *push_target(struct record *record)
{
    if (record->count == record->capacity) {
        size_t capacity = record->capacity ? 2 * record->capacity : 8; /* cannot overflow */
        struct target *targets = realloc(record->targets, capacity * sizeof *targets);

        if (!targets)
            return NULL;
        record->targets = targets;
        record->capacity = capacity;
    }
    return &record->targets[record->count];
}

/* A match of a path: 1 if it is no leaf. */
static int add_target(void *self, const struct pyon_match *match)
{
    struct learning *learning = self;
    struct record *record = learning->record;
    struct target *target;
    size_t leaf = 0;

    while (leaf < learning->count && learning->leaves[leaf] != match->node)
        leaf++;
    if (leaf == learning->count || match->is_part)
        return 1;
    target = push_target(record);
    if (!target)
        return -1;
    target->path = malloc(match->path_length + 1);
    if (!target->path)
        return -1;
    memcpy(target->path, match->path, match->path_length + 1);
    target->path_length = match->path_length;
    target->leaf = leaf;
    learning->kept[leaf] = true;
    record->count++;
    return 0;
}

/* Is the path one that leads to several values by its last step alone? Any other may lead into a leaf
   that is a list in the next record. */
static bool is_direct(const struct pyon_path *path)
{
    for (size_t i = 0; i + 1 < path->count; i++)
        if (path->steps[i].kind != STEP_NAMES && path->steps[i].kind != STEP_KEY)
            return false;
    return true;
}

/* Lists the targets. Returns 1 if each path leads to leaves alone, and to at least one. */
static int follow_paths(struct learning *learning, const struct pyon_node *root)
{
    struct record *record = learning->record;

    for (size_t i = 0; i < record->path_count; i++) {
        size_t before = record->count;
        int status = 0;

        if (is_direct(record->paths[i]))
            status = pyon_path_each(record->paths[i], root, add_target, learning);
        if (status != 0 || record->count == before)
            return status < 0 ? -1 : 0;
        record->ends[i] = record->count;
    }
    return 1;
}

/* Counts only the leaves that are kept. */
static void number_leaves(struct record *record, const bool *kept, size_t count)
{
    for (size_t i = 0; i < record->count; i++) {
        size_t leaf = record->targets[i].leaf;

        record->targets[i].leaf = 0;
        for (size_t k = 0; k < leaf; k++)
            record->targets[i].leaf += kept[k];
    }
    for (size_t k = 0; k < count; k++)
        record->kept += kept[k];
}

static int learn(struct learning *learning, const struct pyon_node *root)
{
    int status;

    list_leaves(learning, root);
    if (learning->count != learning->most) /* a key is there twice */
        return 0;
    status = follow_paths(learning, root);
    number_leaves(learning->record, learning->kept, learning->count);
    return status;
}

int pyon_record_learn(struct record *record, const char *text, size_t length, bool *kept,
                      size_t count)
{
    struct learning learning = {.record = record, .most = count, .kept = kept};
    struct pyon_error error = {.code = PYON_OK};
    struct pyon_tree *tree = pyon_tree_parse(&pyon_v2, text, length, NULL, &error);
    int status = -1;

    forget(record);
    learning.leaves = calloc(count, sizeof *learning.leaves);
    if (tree && learning.leaves)
        status = learn(&learning, pyon_tree_root(tree));
    free(learning.leaves);
    pyon_tree_free(tree);
    if (status != 1)
        forget(record);
    return status;
}

/* ---- The last record ---- */

static int reserve_text(struct record *record, size_t size)
{
    char *text;

    if (size <= record->text_capacity)
        return 0;
    text = realloc(record->text, 2 * size); /* cannot overflow: the leaves are in memory */
    if (!text)
        return -1;
    record->text = text;
    record->text_capacity = 2 * size;
    return 0;
}

/* Copies a leaf, and some bytes after it: SPARE bytes at most. Most leaves are short, and whether one
   has 4 bytes or 5 would be a branch that is predicted wrong. */
static inline void copy(char *to, const char *text, size_t length)
{
    memcpy(to, text, 16);
    if (PYON_UNLIKELY(length > 16))
        memcpy(to + 16, text + 16, length - 16);
}

int pyon_record_set(struct record *record, const struct pyon_leaf *leaves, size_t count)
{
    size_t size = 2;
    bool exact = true;
    char *p;

    if (count != record->kept)
        return -1;
    for (size_t i = 0; i < record->count; i++)
        size += leaves[record->targets[i].leaf].length + 1;
    if (reserve_text(record, size + SPARE) < 0)
        return -1;
    p = record->text;
    *p++ = '[';
    for (size_t i = 0; i < record->count; i++) {
        struct target *target = &record->targets[i];
        const struct pyon_leaf *leaf = &leaves[target->leaf];

        copy(p, leaf->text, leaf->length);
        p += leaf->length;
        target->end = (size_t)(p - record->text);
        *p++ = '\n';
        exact = exact && leaf->exact;
    }
    *p = '\0';
    record->length = (size_t)(p - record->text);
    record->exact = exact;
    record->has_tree = false;
    return 0;
}

/* The value that the builder has becomes the tree, in the memory of the one before. */
static int take_tree(struct record *record)
{
    if (record->tree)
        return pyon_tree_builder_replace(record->builder, record->tree);
    record->tree = pyon_tree_builder_take(record->builder);
    return record->tree ? 0 : -1;
}

/* Makes the tree: for that, the line ends are commas and a bracket. */
static int make_tree(struct record *record)
{
    struct pyon_error error;
    int status;

    for (size_t i = 0; i < record->count; i++)
        record->text[record->targets[i].end] = i + 1 < record->count ? ',' : ']';
    status = pyon_parse(&pyon_v2, record->text, record->length, &pyon_tree_events, record->builder,
                        NULL, &error);
    for (size_t i = 0; i < record->count; i++)
        record->text[record->targets[i].end] = '\n';
    if (status == 0)
        status = take_tree(record);
    if (status < 0)
        pyon_tree_builder_reset(record->builder);
    record->has_tree = status == 0;
    return status;
}

static size_t first_target(const struct record *record, size_t path)
{
    return path > 0 ? record->ends[path - 1] : 0;
}

/* Fills a match with a target, without its path. */
static int fill(struct record *record, size_t number, struct pyon_match *match)
{
    if (!record->has_tree && make_tree(record) < 0)
        return -1;
    match->node = pyon_node_item(pyon_tree_root(record->tree), number);
    match->is_part = false;
    match->path = NULL;
    match->path_length = 0;
    return 0;
}

int pyon_record_each(struct record *record, size_t path, bool writes,
                     int (*found)(void *self, const struct pyon_match *match), void *self)
{
    for (size_t i = first_target(record, path); i < record->ends[path]; i++) {
        struct pyon_match match;
        int status = fill(record, i, &match);

        if (status == 0 && writes) {
            match.path = record->targets[i].path;
            match.path_length = record->targets[i].path_length;
        }
        if (status == 0)
            status = found(self, &match);
        if (status != 0)
            return status;
    }
    return 0;
}

int pyon_record_find(struct record *record, size_t path, struct pyon_match *match)
{
    return fill(record, first_target(record, path), match) < 0 ? -1 : 1;
}

bool pyon_record_lines(const struct record *record, const char **text, size_t *length)
{
    *text = record->text + 1;
    *length = record->length - 1;
    return record->exact;
}
