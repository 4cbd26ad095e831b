/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The writer without calls, for a host with many small values: to call a function for each of them
 * takes longer than to write its text. The end of the text is a variable of the host, which stays
 * in a register. Each function stores the text of a value there, and returns the new end:
 *
 *     p = pyon_pen_start(&pen, writer, SIZE_MAX);
 *     p = pen_room(&pen, p);                  once for a value, and once for a key
 *     if (p)
 *         p = pen_integer(p, 12);
 *     if (p)
 *         pen_keep(&pen, p);
 *
 * A function that cannot go on returns NULL. The text of the writer ends where it was last kept.
 *
 * The layout is the compact one, and pairs have no brackets of their own.
 */
#ifndef PYON_PEN_H
#define PYON_PEN_H

#include "number/ftoa.h"
#include "number/itoa.h"
#include "pyon_host.h"
#include "write/out.h"
#include "write/plain.h"
#include "write/spelling.h"

#include <math.h>

/* The room of a value or key, if it is no long string: a separator, quotes or a number, and a text
   of the spelling. */
#define PEN_ROOM (PYON_SPELLED + 2 + PLAIN_SIZE + PYON_FTOA_SIZE + PYON_SPELLED)

_Static_assert(PYON_ITOA_SIZE <= PYON_FTOA_SIZE, "an integer fits where a real number does");

/* A text that is copied by two instructions. */
struct pen_text {
    char text[8];
    size_t length;
};

struct pen {
    struct pyon_out *out; /* its end is the place that is kept */
    const struct pyon_spelling *spelling;
    const char *end; /* values and keys may begin PEN_ROOM before it */
    size_t most;     /* bytes of text */
    bool failed;     /* else NULL means that the text has reached `most` */
    struct pen_text separator, middle_of_dict, middle_of_pairs;
    /* The next real numbers, which are made together if the processor can do that. */
    bool has_batches;
    unsigned next_real, reals;
    struct pyon_ftoa_batch batch;
};

/* Begins at the end of the writer's text. Values begin only where PEN_ROOM bytes are left up to
   `most`. A long string may go beyond it. */
PYON_INTERNAL char *pyon_pen_start(struct pen *pen, struct pyon_writer *writer, size_t most);
/* Makes room. Not inlined: it is rare. */
PYON_INTERNAL char *pyon_pen_more(struct pen *pen, char *p);
/* A string that is long or has something to escape; makes room for what follows it, too. */
PYON_INTERNAL char *pyon_pen_other_string(struct pen *pen, char *p, const void *data, size_t length,
                                          unsigned width);
/* Fewer real numbers are written one by one. */
#define PEN_FEW_REALS 4
/* Makes the texts of the next `count` real numbers, at most PYON_FTOA_BATCH. They are finite, and
   none may be left of those before. False if they are few: then they are made one by one. */
PYON_INTERNAL bool pyon_pen_reals(struct pen *pen, const double *values, unsigned count);

/* The text up to here is that of the writer. */
static inline void pen_keep(struct pen *pen, char *p)
{
    set_end(pen->out, p);
}

static inline char *pen_room(struct pen *pen, char *p)
{
    if (PYON_UNLIKELY(pen->end - p < (ptrdiff_t)PEN_ROOM))
        return pyon_pen_more(pen, p);
    return p;
}

static inline char *pen_text(char *p, const struct pen_text *text)
{
    memcpy(p, text->text, sizeof text->text);
    return p + text->length;
}

static inline char *pen_separator(const struct pen *pen, char *p)
{
    return pen_text(p, &pen->separator);
}

static inline char *pen_null(const struct pen *pen, char *p)
{
    return put_spelled(p, &pen->spelling->null);
}

static inline char *pen_boolean(const struct pen *pen, char *p, bool value)
{
    return put_spelled(p, value ? &pen->spelling->true_ : &pen->spelling->false_);
}

static inline char *pen_integer(char *p, int64_t value)
{
    return write_integer(p, value);
}

static inline char *pen_real(struct pen *pen, char *p, double value)
{
    const struct pyon_spelling *spelling = pen->spelling;

    if (pen->next_real < pen->reals) {
        unsigned i = pen->next_real++;

        memcpy(p, pen->batch.text[i], PYON_FTOA_SIZE);
        return p + pen->batch.length[i];
    }
    if (PYON_LIKELY(isfinite(value)))
        return p + pyon_ftoa(p, value);
    if (isnan(value))
        return put_spelled(p, &spelling->nan);
    return put_spelled(p, value > 0 ? &spelling->infinity : &spelling->minus_infinity);
}

/* Is it of use to look for real numbers that come next? */
static inline bool pen_asks_for_reals(const struct pen *pen)
{
    return pen->has_batches && pen->next_real == pen->reals;
}

/* A string of `length` code points of `width` bytes each. */
static inline __attribute__((always_inline)) char *
pen_string(struct pen *pen, char *p, const void *data, size_t length, unsigned width)
{
    if (PYON_UNLIKELY(length >= PLAIN_SIZE || width > 1 || !copy_plain(p + 1, data, length, '"')))
        return pyon_pen_other_string(pen, p, data, length, width);
    p[0] = '"';
    p[length + 1] = '"';
    return p + length + 2;
}

/* The text between a key and its value. */
static inline const struct pen_text *pen_middle(const struct pen *pen, enum pyon_container kind)
{
    return kind == PYON_CONTAINER_DICT ? &pen->middle_of_dict : &pen->middle_of_pairs;
}

static inline char *pen_begin(const struct pen *pen, char *p, enum pyon_container kind)
{
    return put_spelled(p, &pen->spelling->brackets[kind].open);
}

/* The end of a container of `length` members. */
static inline char *pen_end(const struct pen *pen, char *p, enum pyon_container kind, size_t length)
{
    const struct pyon_brackets *brackets = &pen->spelling->brackets[kind];

    return put_spelled(p, length == 1 ? &brackets->close_one : &brackets->close);
}

#endif
