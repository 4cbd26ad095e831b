/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Values from text in pieces. What comes out must not depend on where the pieces end, and must be
 * what pyon_parse makes of the text: shown with all cases, in pieces of several sizes. The rest is
 * what only a stream has: several values, limits, errors to go on behind, a text that ends early.
 */
#include "cases.h"
#include "check.h"
#include "random.h"
#include "transcript.h"

#include <stdlib.h>
#include <string.h>

/* ---- Streams to transcripts -------------------------------------------------------------- */

static void note(struct transcript *transcript, const char *text)
{
    struct pyon_out *out = &transcript->out;
    size_t length = strlen(text);

    if ((size_t)(out->end - out->cur) < length && out->grow(out, length) < 0)
        abort();
    memcpy(out->cur, text, length);
    out->cur += length;
}

/* Takes what is there: false after an error. */
static bool take_values(struct pyon_stream *stream, struct transcript *transcript,
                        struct pyon_error *error)
{
    int status;

    while ((status = pyon_stream_next(stream, error)) == PYON_STREAM_VALUE) {
        CHECK(transcript->height == 1 && transcript->open == 0);
        transcript->height = 0;
        note(transcript, "value\n");
    }
    return status == PYON_STREAM_MORE;
}

static bool add(struct pyon_stream *stream, const char *text, size_t length)
{
    char *space = pyon_stream_space(stream, length);

    if (!CHECK(space != NULL))
        return false;
    memcpy(space, text, length);
    pyon_stream_add(stream, length);
    return true;
}

/* The size of the next piece: `size`, or if that is 0, any. */
static size_t next_size(size_t size, size_t left)
{
    size_t next = size > 0 ? size : 1 + (size_t)(next_random() % 40);

    return next < left ? next : left;
}

/* What the stream says of a text in pieces: new. Ends with "error CODE OFFSET" if it fails. */
static char *read_pieces(const struct pyon_dialect *dialect, const char *text, size_t length,
                         size_t size, struct pyon_error *error)
{
    struct transcript transcript;
    struct pyon_stream *stream;
    bool good = true;
    char line[100];

    transcript_init(&transcript);
    *error = (struct pyon_error){.code = PYON_OK};
    stream = pyon_stream_new(dialect, transcript.builder, &transcript, NULL);
    for (size_t at = 0, next; good && at < length; at += next) {
        next = next_size(size, length - at);
        good = add(stream, text + at, next) && take_values(stream, &transcript, error);
    }
    if (good) {
        pyon_stream_end(stream);
        good = take_values(stream, &transcript, error);
        CHECK_WITH(text, !good || transcript.height == 0);
    }
    if (!good) {
        snprintf(line, sizeof line, "error %d %zu\n", (int)error->code, error->offset);
        note(&transcript, line);
    }
    pyon_stream_free(stream);
    return transcript_text(&transcript);
}

/* ---- All cases --------------------------------------------------------------------------- */

static const size_t sizes[] = {1, 2, 3, 7, 16, 33, 64, 0, 0, 0};

static void show(const char *what, const char *text)
{
    fprintf(stderr, "%s:\n%.2000s\n", what, text);
}

/* The pieces make no difference. */
static void check_pieces(const struct kase *kase, const char *text, size_t length)
{
    struct pyon_error error;
    char *whole = read_pieces(kase->dialect, text, length, SIZE_MAX, &error);

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *pieces = read_pieces(kase->dialect, text, length, sizes[i], &error);

        if (!CHECK_WITH(kase->name, strcmp(whole, pieces) == 0)) {
            fprintf(stderr, "%.*s\nin pieces of %zu\n", (int)length, text, sizes[i]);
            show("whole", whole);
            show("in pieces", pieces);
        }
        free(pieces);
    }
    free(whole);
}

/* In brackets, so that no value stands alone: the same as by pyon_parse. */
static void check_same(const struct kase *kase, const char *text, size_t length, size_t size)
{
    struct transcript transcript;
    struct pyon_error expected, error;
    int status;
    char *events, *got;

    transcript_init(&transcript);
    status = transcript_parse(&transcript, kase->dialect, text, length, &expected);
    events = transcript_text(&transcript);
    got = read_pieces(kase->dialect, text, length, size, &error);
    if (status == 0) {
        CHECK_WITH(kase->name, error.code == PYON_OK);
        if (!CHECK_WITH(kase->name, strncmp(got, events, strlen(events)) == 0)) {
            show("expected", events);
            show("got", got);
        }
        CHECK_WITH(kase->name, strcmp(got + strlen(events), "value\n") == 0);
    } else if (strstr(got, "value\n")) {
        /* The brackets close in the text; what follows is another value. */
        CHECK_WITH(kase->name, strchr(kase->text.data, ']') != NULL);
    } else if (error.code != PYON_ERROR_TRUNCATED && expected.code != PYON_ERROR_NUL) {
        CHECK_WITH(kase->name, error.code == expected.code);
        CHECK_WITH(kase->name, error.offset == expected.offset);
    }
    free(got);
    free(events);
}

static void run_case(const struct kase *kase, const char *directory)
{
    size_t length = kase->text.length;
    char *text = malloc(length + 2);

    (void)directory;
    if (!text)
        abort();
    check_pieces(kase, kase->text.data, length);
    text[0] = '[';
    memcpy(text + 1, kase->text.data, length);
    text[length + 1] = ']';
    check_pieces(kase, text, length + 2);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        check_same(kase, text, length + 2, sizes[i]);
    free(text);
}

int main(void)
{
    cases_run(run_case);
    return check_report();
}
