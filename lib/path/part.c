/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Following a path in an array: each step is for one dimension, from the first on. An index takes
 * the dimension away, and a slice keeps a part of it. For "all", each index is tried in turn. The
 * rest is a view of the array.
 */
#include "path/path.h"

#include <stdlib.h>

/* The view of the array after some steps. */
struct view {
    const struct pyon_node *node;
    const struct pyon_array *array;
    const char *data; /* where the first element is */
    size_t axis;      /* the next dimension of the array; those before it are done with */
    size_t ndim;      /* dimensions of the view so far, which are in the match */
};

static int report(struct search *search, const struct view *view)
{
    struct pyon_match *match = search->match;
    struct pyon_array *part = &match->part;
    size_t ndim = view->ndim;

    *part = *view->array;
    for (size_t axis = view->axis; axis < view->array->ndim; axis++, ndim++) {
        match->shape[ndim] = view->array->shape[axis];
        match->strides[ndim] = view->array->strides[axis];
    }
    part->ndim = ndim;
    part->shape = match->shape;
    part->strides = match->strides;
    part->data = view->data;
    part->count = 1;
    for (size_t i = 0; i < ndim; i++)
        part->count *=
            (size_t)match->shape[i]; /* cannot overflow: is not more than the array has */
    return pyon_path_report(search, view->node, true);
}

static int go_on(struct search *search, const struct view *view, size_t step);

/* One index of the next dimension. */
static int take_index(struct search *search, const struct view *view, size_t step, size_t index)
{
    size_t length = (size_t)(search->text.cur - search->text.start);
    struct view next = *view;
    int status;

    next.data += view->array->strides[view->axis] * (int64_t)index;
    next.axis++;
    if (search->writes && pyon_path_put_index(&search->text, index) < 0)
        return -1;
    status = go_on(search, &next, step + 1);
    pyon_path_shorten(&search->text, length);
    return status;
}

/* Appends a slice of items that are there: a stop before the first item cannot be written, and is
   left out. */
static int write_slice(struct pyon_out *out, int64_t start, size_t count, int64_t step)
{
    int64_t last = start + step * (int64_t)(count - 1), stop = step < 0 ? last - 1 : last + 1;

    if (pyon_path_put(out, "[", 1) < 0 || pyon_path_put_integer(out, start) < 0 ||
        pyon_path_put(out, ":", 1) < 0 || (stop >= 0 && pyon_path_put_integer(out, stop) < 0))
        return -1;
    if (step != 1 && (pyon_path_put(out, ":", 1) < 0 || pyon_path_put_integer(out, step) < 0))
        return -1;
    return pyon_path_put(out, "]", 1);
}

/* Some of the next dimension. */
static int take_slice(struct search *search, const struct view *view, size_t step, int64_t start,
                      size_t count)
{
    size_t length = (size_t)(search->text.cur - search->text.start);
    int64_t stride = view->array->strides[view->axis];
    int64_t every = count > 1 ? search->path->steps[step].slice.step : 1;
    struct view next = *view;
    int status;

    next.data += stride * start;
    next.axis++;
    search->match->shape[next.ndim] = (int64_t)count;
    search->match->strides[next.ndim++] = stride * every;
    if (search->writes && write_slice(&search->text, start, count, every) < 0)
        return -1;
    status = go_on(search, &next, step + 1);
    pyon_path_shorten(&search->text, length);
    return status;
}

static int take_all(struct search *search, const struct view *view, size_t step, size_t size)
{
    int status = 0;

    for (size_t i = 0; i < size && status == 0; i++)
        status = take_index(search, view, step, i);
    return status;
}

/* Takes the steps from `step` on: the recursion is as deep as the array has dimensions. */
static int go_on(struct search *search, const struct view *view, size_t step)
{
    const struct pyon_path *path = search->path;
    const struct step *here = &path->steps[step];
    int64_t start = 0;
    size_t size, n;

    if (step == path->count)
        return report(search, view);
    size = view->axis < view->array->ndim ? (size_t)view->array->shape[view->axis] : 0;
    switch (here->kind) {
    case STEP_KEY:
        n = pyon_path_index(here, size);
        if (n < size)
            return take_index(search, view, step, n);
        break;
    case STEP_SLICE:
        n = pyon_path_cut(&here->slice, size, &start);
        if (n > 0)
            return take_slice(search, view, step, start, n);
        break;
    case STEP_ALL:
        if (size > 0)
            return take_all(search, view, step, size);
        break;
    case STEP_NAMES:
        break;
    }
    return pyon_path_missed(search, place_of(path, step), view->node, size);
}

int pyon_path_search_array(struct search *search, const struct pyon_node *node, struct place place)
{
    const struct pyon_array *array = pyon_node_array(node);
    struct view view = {.node = node, .array = array, .data = array->data};

    if (array->ndim > PYON_DIMENSIONS || search->path->steps[place.step].kind == STEP_NAMES)
        return pyon_path_missed(search, place, node, pyon_node_size(node));
    return go_on(search, &view, place.step);
}

/* ---- Text ---- */

/* The elements, one after the other: new, NULL without memory. */
static char *copy_elements(const struct pyon_array *part)
{
    size_t size = part->count * part->item_size; /* cannot overflow: the array is in memory */
    char *data = malloc(size > 0 ? size : 1), *to = data;

    for (size_t number = 0; data && number < part->count; number++, to += part->item_size) {
        const char *from = part->data;
        size_t left = number;

        for (size_t i = part->ndim; i-- > 0;) {
            size_t length = (size_t)part->shape[i];

            from += (int64_t)(left % length) * part->strides[i];
            left /= length;
        }
        memcpy(to, from, part->item_size);
    }
    return data;
}

int pyon_path_write_part(struct pyon_writer *writer, const struct pyon_array *part)
{
    char *data = copy_elements(part);
    int status;

    if (!data) {
        writer->out->code = PYON_ERROR_MEMORY;
        return -1;
    }
    if (part->ndim == 0)
        status = pyon_write_scalar(writer, part->dtype, data, part->item_size);
    else
        status = pyon_write_array(writer, part->shape, part->ndim, part->dtype, data,
                                  part->count * part->item_size);
    free(data);
    return status;
}
