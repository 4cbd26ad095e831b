/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Whether two nodes are the same value: both are walked at once, side by side. */
#include "tree/index.h"
#include "tree/key.h"

#include <math.h>

static bool same_real(double a, double b)
{
    return isnan(a) ? isnan(b) : a == b && signbit(a) == signbit(b);
}

static bool same_text(const struct text *a, const struct text *b)
{
    return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

static bool same_array(const struct pyon_array *a, const struct pyon_array *b)
{
    return strcmp(a->dtype, b->dtype) == 0 && a->ndim == b->ndim && a->count == b->count &&
           (a->ndim == 0 || memcmp(a->shape, b->shape, a->ndim * sizeof *a->shape) == 0) &&
           memcmp(a->data, b->data, a->count * a->item_size) == 0;
}

static bool same_call(const struct pyon_node *a, const struct pyon_node *b)
{
    const struct signature *p = signature_of(a), *q = signature_of(b);

    if (!same_text(&p->name, &q->name) || p->positional != q->positional)
        return false;
    for (size_t i = p->positional; i < a->size; i++)
        if (!same_text(&p->keywords[i - p->positional], &q->keywords[i - p->positional]))
            return false;
    return true;
}

/* Without what is below them. */
static bool same_node(const struct pyon_node *a, const struct pyon_node *b)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case PYON_KIND_BOOLEAN:
        return a->flag == b->flag;
    case PYON_KIND_DICT:
        return a->flag == b->flag && a->size == b->size;
    case PYON_KIND_INTEGER:
        return a->integer == b->integer;
    case PYON_KIND_REAL:
        return same_real(a->real, b->real);
    case PYON_KIND_COMPLEX:
        return same_real(a->real, b->real) && same_real(a->imaginary, b->imaginary);
    case PYON_KIND_BIGINT:
    case PYON_KIND_STRING:
    case PYON_KIND_BYTES:
        return a->size == b->size && memcmp(a->text, b->text, a->size) == 0;
    case PYON_KIND_ARRAY:
    case PYON_KIND_SCALAR:
        return same_array(a->array, b->array);
    case PYON_KIND_CALL:
        return a->size == b->size && same_call(a, b);
    case PYON_KIND_NULL:
        return true;
    default:
        return a->size == b->size;
    }
}

/*
 * Which member of the container b is to be the one at `at` of the container a: that of the same key. Keys
 * that equal no other, and those that b does not have, are compared with what is in their place.
 */
static size_t partner(const struct pyon_node *a, const struct pyon_node *b, size_t at)
{
    size_t step = a->kind == PYON_KIND_DICT ? 2 : 1, entry = at / step, found;
    const struct pyon_node *key = &a->members->nodes[entry * step];

    if ((a->kind != PYON_KIND_DICT && a->kind != PYON_KIND_SET) ||
        pyon_key_equal(key, &b->members->nodes[entry * step]))
        return at;
    found = pyon_index_find(b, key);
    return found == PYON_INDEX_NONE ? at : found * step + at % step;
}

bool pyon_node_equal(const struct pyon_node *a, const struct pyon_node *b)
{
    struct walk x, y;

    if (!same_node(a, b))
        return false;
    if (!has_members(a))
        return true;
    x = walk_from(a);
    y = walk_from(b);
    for (;;) {
        while (x.at == member_count(x.inner)) {
            if (x.inner == a)
                return true;
            walk_up(&x);
            walk_up(&y);
            x.at++;
        }
        y.at = partner(x.inner, y.inner, x.at);
        if (!same_node(walk_node(&x), walk_node(&y)))
            return false;
        if (has_members(walk_node(&x))) {
            walk_down(&x);
            walk_down(&y);
        } else {
            x.at++;
        }
    }
}
