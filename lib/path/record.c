/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* See record.h. */
#include "path/record.h"

#include <stdlib.h>

/* A leaf that a path leads to. */
struct target {
    size_t leaf; /* its number among all leaves; then, among those that are kept */
    char *path;  /* to it, */
    size_t path_length;
};

struct record {
    const struct pyon_path *const *paths;
    size_t path_count;
    /* The targets of all paths, one path after the other; those of path i end before ends[i]. */
    struct target *targets;
    size_t count, capacity;
    size_t *ends;
    size_t kept; /* leaves */
    /* The leaves of the last record, as the text of a list: [1,"a"]. Where the leaves are in it. */
    char *text;
    size_t length, text_capacity;
    struct pyon_leaf *leaves;
    struct pyon_tree *tree; /* of that list; NULL as long as nobody has asked for it */
};

struct record *pyon_record_new(const struct pyon_path *const *paths, size_t count)
{
    struct record *record = calloc(1, sizeof *record);

    if (!record)
        return NULL;
    record->paths = paths;
    record->path_count = count;
    record->ends = calloc(count + 1, sizeof *record->ends);
    if (record->ends)
        return record;
    free(record);
    return NULL;
}

static void forget(struct record *record)
{
    while (record->count > 0)
        free(record->targets[--record->count].path);
    free(record->leaves);
    record->leaves = NULL;
    record->kept = 0;
    pyon_tree_free(record->tree);
    record->tree = NULL;
}

void pyon_record_free(struct record *record)
{
    if (!record)
        return;
    forget(record);
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

/* Lists the targets. Returns 1 if each path leads to leaves alone, and to at least one. */
static int follow_paths(struct learning *learning, const struct pyon_node *root)
{
    struct record *record = learning->record;

    for (size_t i = 0; i < record->path_count; i++) {
        size_t before = record->count;
        int status = pyon_path_each(record->paths[i], root, add_target, learning);

        if (status != 0 || record->count == before)
            return status < 0 ? -1 : 0;
        record->ends[i] = record->count;
    }
    return 1;
}

/* Counts only the leaves that are kept. */
static int number_leaves(struct record *record, const bool *kept, size_t count)
{
    for (size_t i = 0; i < record->count; i++) {
        size_t leaf = record->targets[i].leaf;

        record->targets[i].leaf = 0;
        for (size_t k = 0; k < leaf; k++)
            record->targets[i].leaf += kept[k];
    }
    for (size_t k = 0; k < count; k++)
        record->kept += kept[k];
    record->leaves = calloc(record->kept, sizeof *record->leaves);
    return record->leaves ? 1 : -1;
}

static int learn(struct learning *learning, const struct pyon_node *root)
{
    int status;

    list_leaves(learning, root);
    if (learning->count != learning->most) /* a key is there twice */
        return 0;
    status = follow_paths(learning, root);
    return status == 1 ? number_leaves(learning->record, learning->kept, learning->count) : status;
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

int pyon_record_set(struct record *record, const struct pyon_leaf *leaves, size_t count)
{
    size_t size = 1;
    char *p;

    for (size_t i = 0; i < count; i++)
        size += leaves[i].length + 1;
    if (count != record->kept || reserve_text(record, size + 1) < 0)
        return -1;
    p = record->text;
    for (size_t i = 0; i < count; i++) {
        *p++ = i > 0 ? ',' : '[';
        memcpy(p, leaves[i].text, leaves[i].length);
        record->leaves[i] = (struct pyon_leaf){p, leaves[i].length};
        p += leaves[i].length;
    }
    memcpy(p, "]", 2);
    record->length = size;
    pyon_tree_free(record->tree);
    record->tree = NULL;
    return 0;
}

static size_t first_target(const struct record *record, size_t path)
{
    return path > 0 ? record->ends[path - 1] : 0;
}

/* Fills a match with a leaf, without its path. */
static int fill(struct record *record, const struct target *target, struct pyon_match *match)
{
    struct pyon_error error;

    if (!record->tree)
        record->tree = pyon_tree_parse(&pyon_v2, record->text, record->length, NULL, &error);
    if (!record->tree)
        return -1;
    match->node = pyon_node_item(pyon_tree_root(record->tree), target->leaf);
    match->is_part = false;
    match->path = NULL;
    match->path_length = 0;
    return 0;
}

int pyon_record_each(struct record *record, size_t path, bool writes,
                     int (*found)(void *self, const struct pyon_match *match), void *self)
{
    for (size_t i = first_target(record, path); i < record->ends[path]; i++) {
        const struct target *target = &record->targets[i];
        struct pyon_match match;
        int status = fill(record, target, &match);

        if (status == 0 && writes) {
            match.path = target->path;
            match.path_length = target->path_length;
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
    return fill(record, &record->targets[first_target(record, path)], match) < 0 ? -1 : 1;
}

/* ---- Texts that stay as they are ---- */

static size_t count_digits(const char *p, const char *end)
{
    const char *start = p;

    while (p < end && *p >= '0' && *p <= '9')
        p++;
    return (size_t)(p - start);
}

/*
 * Would the number be written as it is? An integer is, except -0. A decimal number of at most 15
 * digits is the shortest one that reads as the same double, since each double has at most one such
 * number. The writer has at least one digit after the point, no zeros at the end, and no more than
 * three zeros after "0." before it takes an exponent.
 */
static bool is_number_as_written(const char *text, size_t length)
{
    const char *p = text + (*text == '-'), *end = text + length;
    size_t whole = count_digits(p, end), part;

    if (p + whole == end)
        return whole <= 18 && !(*text == '-' && *p == '0');
    p += whole;
    part = *p == '.' ? count_digits(p + 1, end) : 0;
    if (part == 0 || p + 1 + part != end || whole + part > 15)
        return false;
    if (end[-1] == '0')
        return part == 1;
    return p[-1] != '0' || whole > 1 || memcmp(p + 1, "0000", part < 4 ? part : 4) != 0;
}

static bool is_string_as_written(const char *text, size_t length)
{
    for (size_t i = 1; i < length - 1; i++)
        if (text[i] < ' ' || text[i] > '~' || text[i] == '\\')
            return false;
    return true;
}

bool pyon_record_text(const struct record *record, size_t path, const char **text, size_t *length)
{
    size_t first = first_target(record, path);
    const struct pyon_leaf *leaf = &record->leaves[record->targets[first].leaf];

    if (record->ends[path] != first + 1)
        return false;
    *text = leaf->text;
    *length = leaf->length;
    switch (*leaf->text) {
    case '"':
        return is_string_as_written(leaf->text, leaf->length);
    case '[':
    case '{':
        return leaf->length == 2;
    case 't':
    case 'f':
    case 'n':
        return true;
    default:
        return is_number_as_written(leaf->text, leaf->length);
    }
}
