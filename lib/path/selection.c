/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Selections: a selector of the parser that knows where it is on each path, and a tree of what it
 * keeps.
 *
 * The selector enters the lists and dicts on the way to the values that a path may lead to. The
 * tree gets only those keys of a dict that may count, and a list becomes a sparse list (sparse.c).
 * So the tree is the value without the members that no path asks for. The matcher finds the same
 * values in it as in the whole value. So this file need not know which of several keys counts.
 *
 *     states    the places of the paths in each container that was entered: a stack
 *     pending   their places in the value that comes next: after the states of the innermost one
 *
 * The text of a path depends on keys that begin with another key and a dot, even if no path asks
 * for them. The tree has one key in their place, which no text can have.
 */
#include "path/selection.h"

#include <stdlib.h>

PYON_COLD int pyon_selection_fail_memory(struct pyon_selection *selection)
{
    selection->code = PYON_ERROR_MEMORY;
    return -1;
}

/* ---- States ---- */

/* Doubles an array: NULL without memory. */
static void *grow(void *array, size_t *capacity, size_t size)
{
    size_t more = *capacity ? 2 * *capacity : 16; /* cannot overflow: it is allocated */
    void *block = more <= SIZE_MAX / size ? realloc(array, more * size) : NULL;

    if (block)
        *capacity = more;
    return block;
}

/* A path continues in the value that comes next. */
static int add_pending(struct pyon_selection *selection, const struct pyon_path *path,
                       struct place place)
{
    if (selection->state_count + selection->pending == selection->state_capacity) {
        struct state *states =
            grow(selection->states, &selection->state_capacity, sizeof *selection->states);

        if (!states)
            return pyon_selection_fail_memory(selection);
        selection->states = states;
    }
    selection->states[selection->state_count + selection->pending++] =
        (struct state){.path = path, .place = place};
    return 0;
}

/* The answer for the value that comes next: it is kept if a path ends there. */
static int judge(const struct pyon_selection *selection)
{
    for (size_t i = 0; i < selection->pending; i++) {
        const struct state *state = &selection->states[selection->state_count + i];

        if (state->place.step == state->path->count)
            return PYON_WANTED_KEEP;
    }
    return selection->pending > 0 ? PYON_WANTED_ENTER : PYON_WANTED_SKIP;
}

static struct container *innermost(struct pyon_selection *selection)
{
    return &selection->containers[selection->depth - 1];
}

static const struct step *step_of(const struct state *state)
{
    return &state->path->steps[state->place.step];
}

/* ---- Lists ---- */

/* The last index that a step may mean; INT64_MAX if that depends on the length of the list. */
static int64_t last_of(const struct step *step)
{
    switch (step->kind) {
    case STEP_NAMES:
        return -1;
    case STEP_KEY:
        return !step->is_index ? -1 : step->index < 0 ? INT64_MAX : step->index;
    case STEP_SLICE:
        if (step->slice.has_stop && step->slice.stop >= 0 && step->slice.step > 0)
            return step->slice.stop - 1;
        return INT64_MAX;
    case STEP_ALL:
        break;
    }
    return INT64_MAX;
}

static bool is_in_slice(const struct slice *slice, int64_t index)
{
    int64_t start = slice->has_start ? slice->start : 0;

    if (slice->step < 0 || start < 0)
        return true; /* perhaps */
    if (index < start || (slice->has_stop && slice->stop >= 0 && index >= slice->stop))
        return false;
    return (index - start) % slice->step == 0;
}

/* Does the step lead to this item? If it counts from the end, perhaps. */
static bool leads_to(const struct step *step, int64_t index)
{
    switch (step->kind) {
    case STEP_NAMES:
        return false;
    case STEP_KEY:
        return step->is_index && (step->index < 0 || step->index == index);
    case STEP_SLICE:
        return is_in_slice(&step->slice, index);
    case STEP_ALL:
        break;
    }
    return true;
}

static int select_item(struct pyon_selection *selection, size_t index)
{
    struct container *list = innermost(selection);
    int wanted;

    list->count = index + 1;
    if ((int64_t)index > list->last)
        return PYON_WANTED_SKIP_REST;
    for (size_t i = list->first; i < selection->state_count; i++) {
        const struct state *state = &selection->states[i];

        if (leads_to(step_of(state), (int64_t)index) &&
            add_pending(selection, state->path, place_of(state->path, state->place.step + 1)) < 0)
            return -1;
    }
    wanted = judge(selection);
    if (wanted == PYON_WANTED_SKIP)
        return wanted;
    list->kept++;
    return pyon_tree_events.integer(selection->builder, (int64_t)index) < 0 ? -1 : wanted;
}

/* A sparse list is complete. */
static int end_list(struct pyon_selection *selection, const struct container *list)
{
    if (pyon_tree_events.integer(selection->builder, (int64_t)list->count) < 0)
        return -1;
    return pyon_tree_events.call_end(selection->builder, 2 * list->kept + 1, 0);
}

/* ---- Dicts ---- */

/* How much of the names is a key, up to where they differ. Fills how much of that, up to a dot or the
   end of the names, the key begins with, if a dot comes after it there. */
static size_t common_part(const char *names, size_t length, const char *key, size_t key_length,
                          size_t *extended)
{
    size_t most = length < key_length ? length : key_length, i;

    *extended = 0;
    for (i = 0; i < most && key[i] == names[i]; i++)
        if (key[i] == '.')
            *extended = i;
    if (i == length && i < key_length && key[i] == '.')
        *extended = i;
    return i;
}

/* Does a step lead from a dict by this key, which begins like what it looks for? Then the path goes
   on in its value. */
static int try_key(struct pyon_selection *selection, struct state *state, const char *key,
                   size_t length)
{
    size_t extended, common = common_part(state->text, state->length, key, length, &extended);

    if (extended > state->extended)
        state->extended = extended;
    if (common < length)
        return 0;
    if (length == state->length)
        return add_pending(selection, state->path, place_of(state->path, state->place.step + 1));
    if (state->kind == STEP_KEY || state->text[length] != '.')
        return 0;
    return add_pending(selection, state->path,
                       (struct place){state->place.step, state->place.offset + length + 1});
}

/* Adds to the pending states all that the key leads to. */
static int try_states(struct pyon_selection *selection, const char *key, size_t length)
{
    char first = length > 0 ? *key : '\0';

    for (size_t i = innermost(selection)->first; i < selection->state_count; i++) {
        struct state *state = &selection->states[i];
        int status = 0;

        if (state->text && (state->length == 0 || *state->text == first))
            status = try_key(selection, state, key, length);
        else if (PYON_UNLIKELY(state->kind == STEP_ALL))
            status =
                add_pending(selection, state->path, place_of(state->path, state->place.step + 1));
        if (PYON_UNLIKELY(status < 0))
            return -1;
    }
    return 0;
}

/* The key by which version 2 tells classes from dicts. */
static const char tag[] = "__jsonclass__";

static bool is_tag(const char *key, size_t length)
{
    return length == sizeof tag - 1 && memcmp(key, tag, length) == 0;
}

/* The bit of a first character: see struct container. */
static uint64_t first_bit(char c)
{
    return UINT64_C(1) << (c & 63);
}

/* A key that may lead somewhere. A function of its own, so that nothing is set up for the others. */
static __attribute__((noinline)) int select_likely_key(struct pyon_selection *selection,
                                                       const char *key, size_t length)
{
    struct container *dict = innermost(selection);
    int wanted;

    if (try_states(selection, key, length) < 0)
        return -1;
    wanted = is_tag(key, length) ? PYON_WANTED_KEEP : judge(selection);
    if (wanted == PYON_WANTED_SKIP)
        return wanted;
    dict->kept++;
    return pyon_tree_events.string(selection->builder, key, length, PYON_FLAG_KEY) < 0 ? -1
                                                                                       : wanted;
}

static int select_key(void *self, const char *key, size_t length)
{
    struct pyon_selection *selection = self;

    selection->pending = 0;
    if (PYON_LIKELY(length > 0 && !(innermost(selection)->firsts & first_bit(*key))))
        return PYON_WANTED_SKIP;
    return select_likely_key(selection, key, length);
}

static int select_other_key(void *self, bool string)
{
    struct pyon_selection *selection = self;
    struct container *dict = innermost(selection);

    for (size_t i = dict->first; i < selection->state_count; i++) {
        const struct state *state = &selection->states[i];

        if (state->kind == STEP_SLICE || (state->text && !string))
            continue;
        dict->kept++;
        return PYON_WANTED_KEEP;
    }
    return PYON_WANTED_SKIP;
}

/* Puts a key into the dict that begins with the part of the names that is extended, and a dot. It
   is no UTF-8. */
static int put_extended(struct pyon_selection *selection, const struct state *state)
{
    char *key = malloc(state->extended + 2);
    int status;

    if (!key)
        return pyon_selection_fail_memory(selection);
    memcpy(key, state->text, state->extended);
    memcpy(key + state->extended, ".\xff", 2);
    status = pyon_tree_events.string(selection->builder, key, state->extended + 2, PYON_FLAG_KEY);
    free(key);
    return status < 0 ? -1 : pyon_tree_events.null(selection->builder);
}

static int end_dict(struct pyon_selection *selection, const struct container *dict, bool tagged)
{
    size_t pairs = dict->kept;

    for (size_t i = dict->first; i < selection->state_count; i++) {
        if (selection->states[i].extended == 0 || dict->all)
            continue;
        if (put_extended(selection, &selection->states[i]) < 0)
            return -1;
        pairs++;
    }
    return tagged ? pyon_tree_events.tagged(selection->builder, pairs)
                  : pyon_tree_events.dict(selection->builder, pairs);
}

/* ---- The selector ---- */

/* Fills what a step looks for in dicts. */
static void prepare(struct state *state)
{
    const struct step *step = step_of(state);

    state->kind = step->kind;
    state->text = NULL;
    state->length = 0;
    if (step->kind == STEP_NAMES) {
        state->text = state->path->text + state->place.offset;
        state->length = step->offset + step->length - state->place.offset;
    } else if (step->kind == STEP_KEY &&
               pyon_node_kind(pyon_tree_root(step->tree)) == PYON_KIND_STRING) {
        state->text = pyon_node_text(pyon_tree_root(step->tree), &state->length);
    }
}

/* The first characters of keys that a step may lead by. */
static uint64_t firsts_of(const struct state *state)
{
    if (state->kind == STEP_ALL || (state->text && state->length == 0))
        return UINT64_MAX;
    return state->text ? first_bit(*state->text) : 0;
}

static int select_value(void *self, size_t index)
{
    struct pyon_selection *selection = self;
    int wanted;

    selection->pending = 0;
    if (selection->depth > 0)
        return select_item(selection, index);
    if (selection->tuple)
        return PYON_WANTED_SKIP;
    for (size_t i = 0; i < selection->path_count; i++)
        if (add_pending(selection, selection->paths[i], place_of(selection->paths[i], 0)) < 0)
            return -1;
    wanted = judge(selection);
    selection->kept = wanted != PYON_WANTED_SKIP;
    return wanted;
}

static int enter(void *self, bool dict)
{
    struct pyon_selection *selection = self;
    struct container container = {
        .first = selection->state_count, .last = -1, .firsts = first_bit(*tag)};

    if (selection->depth == selection->container_capacity) {
        struct container *containers = grow(selection->containers, &selection->container_capacity,
                                            sizeof *selection->containers);

        if (!containers)
            return pyon_selection_fail_memory(selection);
        selection->containers = containers;
    }
    for (; selection->pending > 0; selection->pending--) {
        struct state *state = &selection->states[selection->state_count++];
        const struct step *step = step_of(state);

        prepare(state);
        if (last_of(step) > container.last)
            container.last = last_of(step);
        container.all |= step->kind == STEP_ALL;
        container.firsts |= firsts_of(state);
    }
    selection->containers[selection->depth++] = container;
    return dict ? 0 : pyon_tree_events.call_begin(selection->builder, SPARSE_NAME, 1);
}

static int leave(void *self, enum pyon_container kind, bool tagged)
{
    struct pyon_selection *selection = self;
    struct container *container;
    int status;

    if (kind == PYON_CONTAINER_TUPLE) {
        selection->tuple = true;
        return 0;
    }
    container = innermost(selection);
    if (kind == PYON_CONTAINER_LIST)
        status = end_list(selection, container);
    else if (kind == PYON_CONTAINER_SET)
        status = pyon_tree_events.set(selection->builder, container->kept);
    else
        status = end_dict(selection, container, tagged);
    selection->state_count = container->first;
    selection->depth--;
    return status;
}

static int select_value_or_rest(void *self, size_t index)
{
    struct pyon_selection *selection = self;
    int wanted = select_value(self, index);

    if (wanted != PYON_WANTED_SKIP_REST)
        return wanted;
    return leave(selection, PYON_CONTAINER_LIST, false) < 0 ? -1 : PYON_WANTED_SKIP_REST;
}

static int select_leaves(void *self, const char *text, size_t length, bool *kept, size_t count)
{
    struct pyon_selection *selection = self;
    int status = pyon_record_learn(selection->record, text, length, kept, count);

    return status < 0 ? pyon_selection_fail_memory(selection) : status;
}

static int select_same(void *self, const struct pyon_leaf *leaves, size_t count)
{
    struct pyon_selection *selection = self;

    selection->same = true;
    return pyon_record_set(selection->record, leaves, count) < 0
               ? pyon_selection_fail_memory(selection)
               : 0;
}

void pyon_selection_init(struct pyon_selection *selection)
{
    selection->selector = (struct pyon_selector){.value = select_value_or_rest,
                                                 .key = select_key,
                                                 .other_key = select_other_key,
                                                 .enter = enter,
                                                 .leave = leave,
                                                 .leaves = select_leaves,
                                                 .same = select_same,
                                                 .self = selection};
}

void pyon_selection_begin(struct pyon_selection *selection)
{
    selection->depth = selection->state_count = selection->pending = 0;
    selection->kept = selection->tuple = selection->same = selection->is_record = false;
    selection->code = PYON_OK;
}
