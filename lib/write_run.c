/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Runs of numbers, written with one reservation for many of them and, where the processor can,
 * several at once (see ftoa.h). What pyon_write_next writes between two members is always the
 * same; so it is written once, and copied from there.
 */
#include "ftoa.h"
#include "itoa.h"
#include "out.h"

#include <math.h>

#define LONGEST_SEPARATOR 128 /* longer ones, many levels deep, are not copied */
#define CHUNK 64              /* numbers to a reservation */

/* What stands behind each number. */
struct separator {
    char text[LONGEST_SEPARATOR];
    size_t length; /* 0 if it is too long */
};

/* Writes one, and keeps it. */
static int write_separator(struct pyon_writer *writer, enum pyon_container kind, size_t length,
                           struct separator *separator)
{
    struct pyon_out *out = writer->out;
    size_t before = (size_t)(out->cur - out->start);

    if (pyon_write_next(writer, kind, length) < 0)
        return -1;
    separator->length = (size_t)(out->cur - out->start) - before;
    if (separator->length > LONGEST_SEPARATOR)
        separator->length = 0;
    memcpy(separator->text, out->cur - separator->length, separator->length);
    return 0;
}

static size_t count_finite(const double *values, size_t count)
{
    size_t finite = 0;

    while (finite < count && isfinite(values[finite]))
        finite++;
    return finite;
}

int pyon_write_reals(struct pyon_writer *writer, const double *values, size_t count,
                     enum pyon_container kind, size_t length)
{
    struct pyon_out *out = writer->out;
    struct separator separator;

    separator.length = 0; /* all of it need not be cleared */
    for (size_t run; count > 0; values += run, count -= run) {
        run = separator.length > 0 ? count_finite(values, count < CHUNK ? count : CHUNK) : 0;
        if (run > 0) {
            if (reserve(out, PYON_FTOA_RUN_SIZE(run, separator.length)) < 0)
                return -1;
            out->cur = pyon_ftoa_run(out->cur, values, run, separator.text, separator.length);
        } else {
            run = 1;
            if (pyon_write_real(writer, *values) < 0 ||
                write_separator(writer, kind, length, &separator) < 0)
                return -1;
        }
    }
    return 0;
}

static char *put_integers(char *p, const int64_t *values, size_t count,
                          const struct separator *separator)
{
    for (size_t i = 0; i < count; i++) {
        p = write_integer(p, values[i]);
        memcpy(p, separator->text, separator->length);
        p += separator->length;
    }
    return p;
}

int pyon_write_integers(struct pyon_writer *writer, const int64_t *values, size_t count,
                        enum pyon_container kind, size_t length)
{
    struct pyon_out *out = writer->out;
    struct separator separator;

    separator.length = 0; /* all of it need not be cleared */
    for (size_t run; count > 0; values += run, count -= run) {
        if (separator.length > 0) {
            run = count < CHUNK ? count : CHUNK;
            if (reserve(out, run * (PYON_ITOA_SIZE + separator.length)) < 0)
                return -1;
            out->cur = put_integers(out->cur, values, run, &separator);
        } else {
            run = 1;
            if (pyon_write_integer(writer, *values) < 0 ||
                write_separator(writer, kind, length, &separator) < 0)
                return -1;
        }
    }
    return 0;
}
