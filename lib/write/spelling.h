/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The spelling of a dialect: a table that the writer follows. The writer never asks which dialect
 * it writes.
 */
#ifndef PYON_WRITE_SPELLING_H
#define PYON_WRITE_SPELLING_H

#include "base.h"
#include "pyon_host.h"

/* A constant text, padded to PYON_SPELLED readable bytes, so that it can be copied with a memcpy of
   constant size. */
#define PYON_SPELLED 48
struct pyon_spelled {
    const char *text;
    size_t length; /* at most PYON_SPELLED */
};

/* Copies such a text; needs room for PYON_SPELLED. Most are short, and a copy of constant size is one
   to three instructions. */
static inline char *put_spelled(char *p, const struct pyon_spelled *text)
{
    PYON_ASSERT(text->length <= PYON_SPELLED);
    if (PYON_LIKELY(text->length <= 16))
        memcpy(p, text->text, 16);
    else
        memcpy(p, text->text, PYON_SPELLED);
    return p + text->length;
}

/* The spelling of one kind of container. */
struct pyon_brackets {
    struct pyon_spelled open;
    struct pyon_spelled close;
    struct pyon_spelled close_one;   /* in place of `close` after a single member */
    struct pyon_spelled pair_open;   /* before a key, for the three kinds of dict */
    struct pyon_spelled pair_middle; /* before the value; pretty: pair_middle_pretty */
    struct pyon_spelled pair_middle_pretty;
    struct pyon_spelled pair_close; /* after the value */
    size_t expand_from; /* from this number of members on, each takes a line of the pretty layout */
};

struct pyon_spelling {
    struct pyon_spelled null, true_, false_;
    struct pyon_spelled nan, infinity, minus_infinity;
    struct pyon_spelled separator; /* between members that share a line */
    struct pyon_brackets brackets[PYON_CONTAINER_COUNT];
    struct pyon_spelled call_open, call_name_close, call_close; /* OPEN name NAME_CLOSE ... CLOSE */
    size_t call_expand_from;                                    /* as expand_from, for arguments */
    bool expand_wrappers;             /* all brackets of `open` take lines, not only the last one */
    enum pyon_container shape;        /* the kind of container of an array's shape */
    struct pyon_spelled payload_open; /* before base64 */
    struct pyon_spelled payload_close; /* and after it */
    int (*complex_number)(struct pyon_writer *writer, double real, double imaginary);
    int (*bytes)(struct pyon_writer *writer, const void *data, size_t length);
    int (*bytes_part)(struct pyon_writer *writer, const void *data, size_t length,
                      struct pyon_part *part);
};

/* The two forms of complex numbers and of bytes; and the latter in parts (writer.c). */
PYON_INTERNAL int pyon_write_complex_literal(struct pyon_writer *writer, double real,
                                             double imaginary);
PYON_INTERNAL int pyon_write_complex_call(struct pyon_writer *writer, double real,
                                          double imaginary);
PYON_INTERNAL int pyon_write_bytes_literal(struct pyon_writer *writer, const void *data,
                                           size_t length);
PYON_INTERNAL int pyon_write_bytes_call(struct pyon_writer *writer, const void *data,
                                        size_t length);
PYON_INTERNAL int pyon_write_bytes_literal_part(struct pyon_writer *writer, const void *data,
                                                size_t length, struct pyon_part *part);
PYON_INTERNAL int pyon_write_bytes_call_part(struct pyon_writer *writer, const void *data,
                                             size_t length, struct pyon_part *part);

#endif
