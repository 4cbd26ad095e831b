/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The functions of a pen that are calls: see pen.h. */
#include "write/pen.h"
#include "write/escape.h"

/* Are real numbers made in batches? Tests do that on every processor. */
#ifdef PYON_DEBUG
#define BATCHES true
#else
#define BATCHES pyon_ftoa_has_batch()
#endif

/* Looks at how much room the output has after its end, which is returned. The text is kept only up to
   its first `kept` bytes. */
static char *use_room(struct pen *pen, size_t kept)
{
    struct pyon_out *out = pen->out;
    char *p = out->cur;

    pen->end = (size_t)(out->end - out->start) > pen->most ? out->start + pen->most : out->end;
    set_end(out, out->start + kept);
    return p;
}

static size_t kept(const struct pen *pen)
{
    return (size_t)(pen->out->cur - pen->out->start);
}

static void take_text(struct pen_text *text, const struct pyon_spelled *spelled)
{
    PYON_ASSERT(spelled->length <= sizeof text->text);
    memcpy(text->text, spelled->text, sizeof text->text);
    text->length = spelled->length;
}

char *pyon_pen_start(struct pen *pen, struct pyon_writer *writer, size_t most)
{
    const struct pyon_spelling *spelling = writer->spelling;

    PYON_ASSERT(!writer->pretty);
    pen->out = writer->out;
    pen->spelling = spelling;
    pen->most = most;
    pen->failed = false;
    take_text(&pen->separator, &spelling->separator);
    take_text(&pen->middle_of_dict, &spelling->brackets[PYON_CONTAINER_DICT].pair_middle);
    take_text(&pen->middle_of_pairs, &spelling->brackets[PYON_CONTAINER_PAIRS].pair_middle);
    pen->has_batches = BATCHES;
    pen->next_real = pen->reals = 0;
    return use_room(pen, kept(pen));
}

char *pyon_pen_more(struct pen *pen, char *p)
{
    size_t before = kept(pen);

    if ((size_t)(p - pen->out->start) + PEN_ROOM > pen->most)
        return NULL;
    set_end(pen->out, p);
    pen->failed = reserve(pen->out, PEN_ROOM) < 0;
    p = use_room(pen, before);
    return pen->failed ? NULL : p;
}

/* Is it plain text that is not short, and is there room? Then copies it, with its quotes. */
static inline bool put_plain_text(const struct pen *pen, char *p, const void *data, size_t length)
{
    if (length < PLAIN_SIZE || length > PLAIN_TEXT ||
        (size_t)(pen->out->end - p) < length + 2 + PEN_ROOM ||
        !copy_plain_text(p + 1, data, length, '"'))
        return false;
    p[0] = '"';
    p[length + 1] = '"';
    return true;
}

char *pyon_pen_other_string(struct pen *pen, char *p, const void *data, size_t length,
                            unsigned width)
{
    size_t before;

    if (width == 1 && put_plain_text(pen, p, data, length))
        return p + length + 2;
    before = kept(pen);
    set_end(pen->out, p);
    pen->failed = pyon_escape(pen->out, data, length, width) < 0 || reserve(pen->out, PEN_ROOM) < 0;
    p = use_room(pen, before);
    return pen->failed ? NULL : p;
}

bool pyon_pen_reals(struct pen *pen, const double *values, unsigned count)
{
    double batch[PYON_FTOA_BATCH] = {0};

    PYON_ASSERT(pen->next_real == pen->reals && count <= PYON_FTOA_BATCH);
    if (count < PEN_FEW_REALS)
        return false;
    memcpy(batch, values, count * sizeof *values);
    pyon_ftoa_batch(&pen->batch, batch);
    pen->next_real = 0;
    pen->reals = count;
    return true;
}
