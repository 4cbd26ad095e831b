/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Small values in one call, see pyon_host.h. */
#include "pyon_host.h"
#include "write/pen.h"

/* Gives the pen the next real numbers, from `item` on. False if there are few. */
static bool put_reals_ahead(struct pen *pen, const struct pyon_item *item,
                            const struct pyon_item *end)
{
    double values[PYON_FTOA_BATCH];
    unsigned count = 0;

    for (; item < end && count < PYON_FTOA_BATCH; item++) {
        if (item->kind != PYON_ITEM_REAL)
            continue;
        if (!isfinite(item->value.real))
            break;
        values[count++] = item->value.real;
    }
    return pyon_pen_reals(pen, values, count);
}

static inline char *put_string(struct pen *pen, char *p, const struct pyon_item *item)
{
    return pen_string(pen, p, item->value.text, item->length, item->width);
}

static inline char *put_item(struct pen *pen, char *p, const struct pyon_item *item)
{
    enum pyon_container kind = (enum pyon_container)item->container;

    if (item->separated)
        p = pen_separator(pen, p);
    switch ((enum pyon_item_kind)item->kind) {
    case PYON_ITEM_NULL:
        return pen_null(pen, p);
    case PYON_ITEM_FALSE:
    case PYON_ITEM_TRUE:
        return pen_boolean(pen, p, item->kind == PYON_ITEM_TRUE);
    case PYON_ITEM_INTEGER:
        return pen_integer(p, item->value.integer);
    case PYON_ITEM_REAL:
        return pen_real(pen, p, item->value.real);
    case PYON_ITEM_STRING:
        return put_string(pen, p, item);
    case PYON_ITEM_KEY:
        p = put_string(pen, p, item);
        return p ? pen_text(p, pen_middle(pen, kind)) : NULL;
    case PYON_ITEM_BEGIN:
        return pen_begin(pen, p, kind);
    case PYON_ITEM_END:
        return pen_end(pen, p, kind, item->length);
    }
    return p;
}

int pyon_write_items(struct pyon_writer *writer, const struct pyon_item *items, size_t count)
{
    const struct pyon_item *end = items + count;
    struct pen pen;
    char *p = pyon_pen_start(&pen, writer, SIZE_MAX);
    bool batches = pen.has_batches;

    for (const struct pyon_item *item = items; item < end; item++) {
        if (batches && item->kind == PYON_ITEM_REAL && pen_asks_for_reals(&pen))
            batches = put_reals_ahead(&pen, item, end);
        p = pen_room(&pen, p);
        if (p)
            p = put_item(&pen, p, item);
        if (!p)
            return -1;
    }
    pen_keep(&pen, p);
    return 0;
}
