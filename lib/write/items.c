/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Small values in one call, see pyon_host.h. The end of the text is in a variable while items are
 * written, and each item checks the room once.
 */
#include "number/ftoa.h"
#include "number/itoa.h"
#include "pyon_host.h"
#include "write/escape.h"
#include "write/plain.h"
#include "write/spelling.h"

#include <math.h>

/* The room of any item but a long string: a separator, quotes or a number, and a text of the
   spelling. */
#define ROOM (PYON_SPELLED + 2 + PLAIN_SIZE + PYON_FTOA_SIZE + PYON_SPELLED)
#define FEW 4 /* fewer real numbers are written one by one */

/* Are real numbers made in batches? Tests do that on every processor. */
#ifdef PYON_DEBUG
#define BATCHES true
#else
#define BATCHES pyon_ftoa_has_batch()
#endif

_Static_assert(PYON_ITOA_SIZE <= PYON_FTOA_SIZE, "an integer fits where a real number does");

static inline char *put_real(char *p, double value, const struct pyon_spelling *spelling)
{
    if (PYON_LIKELY(isfinite(value)))
        return p + pyon_ftoa(p, value);
    if (isnan(value))
        return put_spelled(p, &spelling->nan);
    return put_spelled(p, value > 0 ? &spelling->infinity : &spelling->minus_infinity);
}

/* The texts of the next real numbers, which are made together if the processor can do that. */
struct reals {
    struct pyon_ftoa_batch batch;
    unsigned next, count; /* of the batch */
};

/* Fills an empty batch with the finite numbers from `item` on. False if there are few of them: then it
   stays empty. */
static bool fill(struct reals *reals, const struct pyon_item *item, const struct pyon_item *end)
{
    double values[PYON_FTOA_BATCH] = {0};
    unsigned count = 0;

    for (; item < end && count < PYON_FTOA_BATCH; item++) {
        if (item->kind != PYON_ITEM_REAL)
            continue;
        if (!isfinite(item->value.real))
            break;
        values[count++] = item->value.real;
    }
    if (count < FEW)
        return false;
    pyon_ftoa_batch(&reals->batch, values);
    reals->next = 0;
    reals->count = count;
    return true;
}

static inline char *put_next(char *p, struct reals *reals)
{
    unsigned i = reals->next++;

    memcpy(p, reals->batch.text[i], PYON_FTOA_SIZE);
    return p + reals->batch.length[i];
}

/* A string that is long or has something to escape; makes room again for what follows it. NULL on
   failure. A function of its own, so that put_string() needs no stack. */
static __attribute__((noinline)) char *put_other_string(char *p, const struct pyon_item *item,
                                                        struct pyon_out *out)
{
    set_end(out, p);
    if (pyon_escape(out, item->value.text, item->length, item->width) < 0 || reserve(out, ROOM) < 0)
        return NULL;
    return out->cur;
}

static inline char *put_string(char *p, const struct pyon_item *item, struct pyon_out *out)
{
    size_t length = item->length;

    if (PYON_LIKELY(length < PLAIN_SIZE && item->width == 1 &&
                    copy_plain(p + 1, item->value.text, length, '"'))) {
        p[0] = '"';
        p[length + 1] = '"';
        return p + length + 2;
    }
    return put_other_string(p, item, out);
}

int pyon_write_items(struct pyon_writer *writer, const struct pyon_item *items, size_t count)
{
    const struct pyon_spelling *spelling = writer->spelling;
    struct pyon_out *out = writer->out;
    const struct pyon_item *end = items + count;
    const struct pyon_brackets *brackets;
    struct reals reals;
    bool batches = count >= FEW && BATCHES;
    char *p = out->cur;

    reals.next = reals.count = 0;

    PYON_ASSERT(!writer->pretty);
    for (const struct pyon_item *item = items; item < end; item++) {
        if (PYON_UNLIKELY((size_t)(out->end - p) < ROOM)) {
            set_end(out, p);
            if (reserve(out, ROOM) < 0)
                return -1;
            p = out->cur;
        }
        if (item->separated)
            p = put_spelled(p, &spelling->separator);
        switch ((enum pyon_item_kind)item->kind) {
        case PYON_ITEM_NULL:
            p = put_spelled(p, &spelling->null);
            break;
        case PYON_ITEM_FALSE:
            p = put_spelled(p, &spelling->false_);
            break;
        case PYON_ITEM_TRUE:
            p = put_spelled(p, &spelling->true_);
            break;
        case PYON_ITEM_INTEGER:
            p = write_integer(p, item->value.integer);
            break;
        case PYON_ITEM_REAL:
            if (batches && reals.next == reals.count)
                batches = fill(&reals, item, end);
            p = reals.next < reals.count ? put_next(p, &reals)
                                         : put_real(p, item->value.real, spelling);
            break;
        case PYON_ITEM_STRING:
            p = put_string(p, item, out);
            break;
        case PYON_ITEM_KEY:
            p = put_string(p, item, out);
            if (p)
                p = put_spelled(p, &spelling->brackets[item->container].pair_middle);
            break;
        case PYON_ITEM_BEGIN:
            p = put_spelled(p, &spelling->brackets[item->container].open);
            break;
        case PYON_ITEM_END:
            brackets = &spelling->brackets[item->container];
            p = put_spelled(p, item->length == 1 ? &brackets->close_one : &brackets->close);
            break;
        }
        if (PYON_UNLIKELY(!p))
            return -1;
    }
    set_end(out, p);
    return 0;
}
