/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Pieces to transcripts: see pieces.h. */
#include "pieces.h"

#include "codes.h"
#include "random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LARGE ((size_t)1200 * 1000) /* more than a stream keeps after a value */
#define MOVES 6                     /* few, because moving is slow */

struct reader {
    const struct pieces *pieces;
    struct pieces_result *result;
    struct filler filler;
    struct pyon_stream *stream;
    size_t count; /* pieces so far */
};

static void note(struct reader *reader, const char *text)
{
    struct pyon_out *out = &reader->filler.transcript.out;
    size_t length = strlen(text);

    if ((size_t)(out->end - out->cur) < length && out->grow(out, length) < 0)
        abort();
    memcpy(out->cur, text, length);
    out->cur += length;
}

static void note_failure(struct reader *reader)
{
    struct pieces_result *result = reader->result;
    struct pyon_error again, *error = &result->error;
    /* The place of a failure of the host depends on the pieces, so it is not noted. */
    bool host = error->code == PYON_ERROR_HOST;
    char line[100];

    if (pyon_stream_next(reader->stream, &again) != PYON_STREAM_FAILED ||
        again.code != error->code || again.offset != error->offset)
        abort();
    snprintf(line, sizeof line, "error %s %zu %zu\n",
             code_name(error->code) + strlen("PYON_ERROR_"), host ? 0 : error->offset,
             host ? 0 : error->length);
    note(reader, line);
    if (result->failures++ == 0)
        result->received = pyon_stream_offset(reader->stream);
}

static void end_value(struct reader *reader)
{
    struct transcript *transcript = &reader->filler.transcript;

    if (transcript->height != 1 || transcript->open != 0)
        abort();
    transcript->height = 0;
    reader->result->values++;
    note(reader, "value\n");
}

/* The functions that tell the state of a stream may be called at any time. */
static void check_state(const struct reader *reader)
{
    size_t depth, size = pyon_stream_value_size(reader->stream);

    if (!pyon_stream_container(reader->stream, &depth) || depth > size ||
        size > pyon_stream_offset(reader->stream))
        abort();
}

/* Takes the values that are there. Returns false to stop. */
static bool take_values(struct reader *reader)
{
    struct transcript *transcript = &reader->filler.transcript;
    int status;

    while ((status = pyon_stream_next(reader->stream, &reader->result->error)) !=
           PYON_STREAM_MORE) {
        check_state(reader);
        if (status == PYON_STREAM_VALUE) {
            end_value(reader);
            continue;
        }
        note_failure(reader);
        if (!reader->pieces->recovers)
            return false;
        pyon_stream_skip_line(reader->stream);
        transcript->height = transcript->open = 0;
        transcript->fail_at = SIZE_MAX;
        reader->filler.fails_at_end = false;
    }
    check_state(reader);
    return true;
}

static size_t next_size(const struct reader *reader, size_t left)
{
    const struct pieces *pieces = reader->pieces;
    size_t size = pieces->size;

    if (pieces->sizes)
        size = reader->count < pieces->sizes_count ? pieces->sizes[reader->count] : left;
    else if (size == PIECES_ANY)
        size = 1 + (size_t)(next_random() % 40);
    return size < left ? size : left;
}

void pieces_add(struct pyon_stream *stream, const char *text, size_t length, size_t space)
{
    char *to = pyon_stream_space(stream, space);

    if (!to)
        abort();
    memcpy(to, text, length);
    pyon_stream_add(stream, length);
}

/* Now and then asks for more room than it uses, so that the text moves. */
static void add(struct reader *reader, const char *text, size_t length)
{
    bool moves = reader->pieces->moves && reader->count < MOVES && reader->count % 2 == 0;

    pieces_add(reader->stream, text, length, moves ? LARGE : length);
    reader->count++;
}

char *pieces_read(const struct pieces *pieces, const char *text, size_t length,
                  struct pieces_result *result)
{
    struct reader reader = {.pieces = pieces, .result = result};
    struct transcript *transcript = &reader.filler.transcript;
    bool goes_on = true;

    *result = (struct pieces_result){.error = {.code = PYON_OK}};
    filler_init(&reader.filler, pieces->begins, pieces->takes);
    reader.filler.fails_at_end = pieces->fails_at_end;
    transcript->fail_at = pieces->fail_at > 0 ? pieces->fail_at : SIZE_MAX;
    reader.stream =
        pyon_stream_new(pieces->dialect, &reader.filler.builder, &reader.filler, pieces->options);
    if (!reader.stream)
        abort();
    for (size_t at = 0, next; goes_on && at < length; at += next) {
        next = next_size(&reader, length - at);
        add(&reader, text + at, next);
        goes_on = take_values(&reader);
    }
    if (goes_on) {
        pyon_stream_end(reader.stream);
        goes_on = take_values(&reader);
        if (goes_on && transcript->height != 0)
            abort();
    }
    if (result->failures == 0)
        result->received = pyon_stream_offset(reader.stream);
    pyon_stream_free(reader.stream);
    result->begun = reader.filler.begun;
    result->completed = reader.filler.completed;
    result->dropped = reader.filler.dropped;
    return filler_text(&reader.filler);
}
