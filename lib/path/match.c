/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Following a path in a tree. For data.*.x in {"data": {"a": {"x": 1}, "b": {"x": 2}}}:
 *
 *     data   leads to one value: a loop follows it
 *     *      leads to two: they become a level on a stack
 *     x      follows from the first member of the level, 1; then from the second, 2
 *
 * So memory is a few words for each step that leads to several values, and the C stack needs none,
 * however long the path. Arrays have at most 64 dimensions: part.c follows these by recursion.
 */
#include "path/path.h"

#include <stdlib.h>

struct level {
    const struct pyon_node *node;
    struct pyon_steps *steps; /* the texts of its members' steps, if paths are written */
    size_t place;             /* the next step of the path */
    int64_t next, stride;     /* the next member, and the distance to the one after it */
    size_t left;
    size_t text; /* the length of the path before its members */
};

#define SHORT_RUN 16 /* names: each prefix is looked up; with more names, each key is compared */

/* ---- The members that a step means ---- */

size_t pyon_path_index(const struct step *step, size_t size)
{
    int64_t index = step->index < 0 ? step->index + (int64_t)size : step->index;

    return step->is_index && index >= 0 && (uint64_t)index < size ? (size_t)index : size;
}

/* A bound beyond an end is that end, as in Python. `least` and `most` are the ends. */
static int64_t clamp(bool given, int64_t bound, size_t size, int64_t otherwise, int64_t least)
{
    int64_t most = (int64_t)size + least;

    if (!given)
        return otherwise;
    if (bound < 0)
        bound += (int64_t)size;
    return bound < least ? least : bound > most ? most : bound;
}

size_t pyon_path_cut(const struct slice *slice, size_t size, int64_t *start)
{
    bool back = slice->step < 0;
    int64_t least = back ? -1 : 0, first = back ? (int64_t)size - 1 : 0;
    int64_t last = back ? -1 : (int64_t)size;
    int64_t from = clamp(slice->has_start, slice->start, size, first, least);
    int64_t to = clamp(slice->has_stop, slice->stop, size, last, least);
    uint64_t distance, step = back ? -(uint64_t)slice->step : (uint64_t)slice->step;

    *start = from;
    if (back ? from <= to : from >= to)
        return 0;
    distance = back ? (uint64_t)(from - to) : (uint64_t)(to - from);
    return (size_t)((distance - 1) / step) + 1;
}

/* Are these names, or the first of them, this key? */
bool pyon_path_begins(const char *text, size_t length, const char *key, size_t key_length)
{
    return key_length <= length && (key_length == length || text[key_length] == '.') &&
           memcmp(text, key, key_length) == 0;
}

/* For long runs of names: compares each key of the dict with them. */
static const struct pyon_node *longest_of_keys(const struct pyon_node *dict, const char *text,
                                               size_t length, size_t *matched)
{
    const struct pyon_node *found = NULL;
    size_t count = pyon_node_size(dict);

    for (size_t n = 0; n < count; n++) {
        const struct pyon_node *key = pyon_node_key(dict, n);
        size_t key_length;
        const char *key_text;

        if (pyon_node_kind(key) != PYON_KIND_STRING)
            continue;
        key_text = pyon_node_text(key, &key_length);
        if ((!found || key_length > *matched) &&
            pyon_path_begins(text, length, key_text, key_length)) {
            *matched = key_length;
            found = pyon_node_value(dict, n);
        }
    }
    return found;
}

/* Are there at most SHORT_RUN names? */
static bool is_short(const char *text, size_t length)
{
    size_t dots = 0;

    for (size_t i = 0; i < length && dots < SHORT_RUN; i++)
        dots += text[i] == '.';
    return dots < SHORT_RUN;
}

/* The value of the longest key of a dict that the names [text, text + length) begin with: fills the
   length of the key; NULL if there is none. */
static const struct pyon_node *find_longest(const struct pyon_node *dict, const char *text,
                                            size_t length, size_t *matched)
{
    if (!is_short(text, length))
        return longest_of_keys(dict, text, length, matched);
    for (;;) {
        const struct pyon_node *value = pyon_node_find(dict, text, length);

        *matched = length;
        if (value)
            return value;
        do {
            if (length == 0)
                return NULL;
            length--;
        } while (text[length] != '.');
    }
}

/* ---- Levels ---- */

static struct level *push_level(struct search *search)
{
    if (search->count == search->capacity) {
        size_t capacity = search->capacity ? 2 * search->capacity : 4; /* cannot overflow */
        struct level *levels = NULL;

        if (capacity <= SIZE_MAX / sizeof *levels)
            levels = realloc(search->levels, capacity * sizeof *levels);
        if (!levels)
            return NULL;
        search->levels = levels;
        search->capacity = capacity;
    }
    return &search->levels[search->count++];
}

static void pop_level(struct search *search)
{
    pyon_steps_free(search->levels[--search->count].steps);
}

/* Begins a level of `count` members of the node, from `first` on. */
static int begin_level(struct search *search, const struct pyon_node *node, size_t step,
                       int64_t first, int64_t stride, size_t count)
{
    struct level *level = push_level(search);

    if (!level)
        return -1;
    *level = (struct level){.node = node,
                            .place = step + 1,
                            .next = first,
                            .stride = stride,
                            .left = count,
                            .text = (size_t)(search->text.cur - search->text.start)};
    if (search->writes && !(level->steps = pyon_steps_new(node)))
        return -1;
    return 0;
}

/* ---- Misses and matches ---- */

int pyon_path_missed(struct search *search, struct place place, const struct pyon_node *node,
                     size_t size)
{
    const struct pyon_path *path = search->path;
    struct pyon_miss *miss = search->miss;
    const struct step *step = &path->steps[place.step];

    if (!miss || (miss->node && place.offset <= miss->offset))
        return 0;
    *miss = (struct pyon_miss){.offset = place.offset,
                               .length = step->offset + step->length - place.offset,
                               .node = node,
                               .size = size};
    search->where->cur = search->where->start;
    return pyon_path_put(search->where, search->text.start,
                         (size_t)(search->text.cur - search->text.start));
}

int pyon_path_report(struct search *search, const struct pyon_node *node, bool is_part)
{
    struct pyon_match *match = search->match;

    match->node = node;
    match->is_part = is_part;
    match->path = !search->writes ? NULL : search->text.start ? search->text.start : "";
    match->path_length = (size_t)(search->text.cur - search->text.start);
    return search->found(search->self, match);
}

/* ---- Steps ---- */

/* Appends to the path: the names of a member of a dict; the step to a member or an item. */
static int write_names(struct search *search, const struct pyon_node *dict, const char *text,
                       size_t length)
{
    return search->writes ? pyon_path_put_names(&search->text, dict, text, length) : 0;
}

static int write_key(struct search *search, const struct pyon_node *node, const struct step *step)
{
    if (!search->writes)
        return 0;
    if (is_dict(node))
        return pyon_path_put_key(&search->text, node, pyon_tree_root(step->tree));
    return pyon_path_put_index(&search->text, pyon_path_index(step, pyon_path_size(node)));
}

/* Finds the value that the names lead to. Then moves `node` and `place` there, and returns 1.
   Returns 0 if there is none, -1 without memory. */
static int take_names(struct search *search, struct place *place, const struct pyon_node **node)
{
    const struct step *step = &search->path->steps[place->step];
    const struct pyon_node *dict = *node, *value = NULL;
    const char *text = search->path->text + place->offset;
    size_t left = step->offset + step->length - place->offset, matched = 0;

    if (is_dict(dict))
        value = find_longest(dict, text, left, &matched);
    if (!value)
        return pyon_path_missed(search, *place, dict, pyon_node_size(dict));
    *node = value;
    if (matched < left)
        place->offset += matched + 1;
    else
        *place = place_of(search->path, place->step + 1);
    return write_names(search, dict, text, matched) < 0 ? -1 : 1;
}

static int take_key(struct search *search, struct place *place, const struct pyon_node **node)
{
    const struct step *step = &search->path->steps[place->step];
    const struct pyon_node *from = *node, *value = NULL;
    size_t size = pyon_path_size(from);

    if (is_dict(from))
        value = pyon_node_find_key(from, pyon_tree_root(step->tree));
    else if (is_sequence(from))
        value = pyon_path_item(from, pyon_path_index(step, size));
    if (!value)
        return pyon_path_missed(search, *place, from, size);
    *node = value;
    *place = place_of(search->path, place->step + 1);
    return write_key(search, from, step) < 0 ? -1 : 1;
}

/* Takes a step that leads to several values. */
static int take_many(struct search *search, struct place place, const struct pyon_node *node)
{
    const struct step *step = &search->path->steps[place.step];
    size_t size = pyon_path_size(node), count = 0;
    int64_t first = 0, stride = 1;

    if (step->kind == STEP_ALL && (is_dict(node) || is_sequence(node))) {
        count = size;
    } else if (step->kind == STEP_SLICE && is_sequence(node)) {
        count = pyon_path_cut(&step->slice, size, &first);
        stride = step->slice.step;
    }
    if (count == 0)
        return pyon_path_missed(search, place, node, size);
    return begin_level(search, node, place.step, first, stride, count);
}

/* Follows the path from a node to a match, a miss, or a step that leads to several values. */
static int follow(struct search *search, const struct pyon_node *node, struct place place)
{
    while (place.step < search->path->count) {
        enum step_kind kind = search->path->steps[place.step].kind;
        int status;

        if (pyon_node_array(node))
            return pyon_path_search_array(search, node, place);
        if (kind == STEP_ALL || kind == STEP_SLICE)
            return take_many(search, place, node);
        status = kind == STEP_NAMES ? take_names(search, &place, &node)
                                    : take_key(search, &place, &node);
        if (status <= 0)
            return status;
    }
    return pyon_path_report(search, node, false);
}

/* Follows the path from the next member of the innermost level; ends the level if there is none. */
static int take_member(struct search *search)
{
    struct level *level = &search->levels[search->count - 1];
    const struct pyon_node *node = level->node;
    size_t n = (size_t)level->next;
    struct place place = place_of(search->path, level->place);

    if (level->left == 0) {
        pop_level(search);
        return 0;
    }
    if (--level->left > 0)
        level->next += level->stride;
    pyon_path_shorten(&search->text, level->text);
    if (search->writes && pyon_steps_append(level->steps, n, &search->text) < 0)
        return -1;
    node = is_dict(node) ? pyon_node_value(node, n) : pyon_path_item(node, n);
    return follow(search, node, place);
}

int pyon_path_search(struct search *search, const struct pyon_node *root)
{
    int status;

    pyon_out_init(&search->text);
    status = follow(search, root, place_of(search->path, 0));
    while (status == 0 && search->count > 0)
        status = take_member(search);
    while (search->count > 0)
        pop_level(search);
    free(search->levels);
    pyon_out_free(&search->text);
    return status;
}

/* ---- The functions of pyon_path.h ---- */

int pyon_path_each(const struct pyon_path *path, const struct pyon_node *root,
                   int (*found)(void *self, const struct pyon_match *match), void *self)
{
    struct pyon_match match;
    struct search search = {
        .path = path, .found = found, .self = self, .match = &match, .writes = true};

    return pyon_path_search(&search, root);
}

static int stop(void *self, const struct pyon_match *match)
{
    (void)self, (void)match;
    return 1;
}

int pyon_path_find(const struct pyon_path *path, const struct pyon_node *root,
                   struct pyon_match *match)
{
    struct search search = {.path = path, .found = stop, .match = match};

    return pyon_path_search(&search, root);
}
