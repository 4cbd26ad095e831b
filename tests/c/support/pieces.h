/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Gives text to a stream in pieces, and writes the result as a transcript: events, "value" after
 * each value, and "error CODE OFFSET LENGTH" for each failure.
 */
#ifndef PYON_PIECES_H
#define PYON_PIECES_H

#include "filler.h"

#define PIECES_WHOLE SIZE_MAX
#define PIECES_ANY 0

struct pieces {
    const struct pyon_dialect *dialect;
    const struct pyon_options *options;
    size_t size;          /* of each piece; PIECES_ANY: random sizes */
    const uint8_t *sizes; /* if not NULL: sizes of the first pieces; the rest is one piece */
    size_t sizes_count;
    bool begins, takes; /* base64: see filler.h */
    bool moves;         /* the text moves with each of the first pieces */
    bool recovers;      /* continues after a failure */
    size_t fail_at;     /* the event that fails: see transcript.h; 0 for none */
    bool fails_at_end;  /* see filler.h */
};

/* The result, beside the transcript. */
struct pieces_result {
    struct pyon_error error; /* the last one */
    size_t values, failures;
    size_t received;                  /* bytes up to the first failure, or all */
    size_t begun, completed, dropped; /* payloads */
};

/* Adds a text to a stream, in a space of that size, which must be enough for it. */
void pieces_add(struct pyon_stream *stream, const char *text, size_t length, size_t space);

/* The transcript: new, free() it. */
char *pieces_read(const struct pieces *pieces, const char *text, size_t length,
                  struct pieces_result *result);

#endif
