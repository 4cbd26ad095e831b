/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Values from text in pieces. The result must not depend on the places where pieces end, and must
 * be that of pyon_parse. All cases are read in pieces of several sizes, with builders that fail,
 * and as texts that end early. test_stream_values.c has what only a stream has: several values,
 * limits, lines. test_stream_payload.c has base64.
 */
#include "../support/cases.h"
#include "../support/check.h"
#include "../support/pieces.h"
#include "../support/random.h"

#include <stdlib.h>
#include <string.h>

static const size_t sizes[] = {1, 2, 3, 7, 16, 33, 64, PIECES_ANY, PIECES_ANY, PIECES_ANY};

#define SIZES (sizeof sizes / sizeof *sizes)

static void show(const char *what, const char *text)
{
    fprintf(stderr, "%s:\n%.2000s\n", what, text);
}

/* In pieces, and with builders that take base64, the result is that of one piece. */
static void check_pieces(const struct kase *kase, struct pieces whole, const char *text,
                         size_t length)
{
    struct pieces_result result;
    char *expected;

    whole.dialect = kase->dialect;
    whole.size = PIECES_WHOLE;
    expected = pieces_read(&whole, text, length, &result);
    for (size_t i = 0; i < SIZES; i++) {
        struct pieces pieces = whole;
        char *got;

        pieces.size = sizes[i];
        pieces.begins = i % 2 == 0;
        pieces.takes = i % 3 == 0;
        pieces.moves = i == 3;
        got = pieces_read(&pieces, text, length, &result);
        if (!CHECK_WITH(kase->name, strcmp(expected, got) == 0)) {
            fprintf(stderr, "%.*s\nin pieces of %zu\n", (int)length, text, sizes[i]);
            show("whole", expected);
            show("in pieces", got);
        }
        free(got);
    }
    free(expected);
}

/* In brackets, so that no value stands alone, the result is that of pyon_parse. */
static void check_same(const struct kase *kase, const char *text, size_t length, size_t size)
{
    struct pieces pieces = {.dialect = kase->dialect, .size = size, .begins = true, .takes = true};
    struct pieces_result result;
    struct transcript transcript;
    struct pyon_error expected;
    const struct pyon_error *error = &result.error;
    int status;
    char *events, *got;

    transcript_init(&transcript);
    status = transcript_parse(&transcript, kase->dialect, text, length, &expected);
    events = transcript_text(&transcript);
    got = pieces_read(&pieces, text, length, &result);
    if (status == 0) {
        CHECK_WITH(kase->name, error->code == PYON_OK);
        if (!CHECK_WITH(kase->name, strncmp(got, events, strlen(events)) == 0)) {
            show("expected", events);
            show("got", got);
        }
        CHECK_WITH(kase->name, strcmp(got + strlen(events), "value\n") == 0);
    } else if (result.values > 0) {
        /* The brackets close in the text; another value follows. */
        CHECK_WITH(kase->name, strchr(kase->text.data, ']') != NULL);
    } else if (error->code != PYON_ERROR_TRUNCATED && expected.code != PYON_ERROR_NUL) {
        CHECK_WITH(kase->name, error->code == expected.code);
        if (error->code != PYON_ERROR_HOST)
            CHECK_WITH(kase->name, error->offset == expected.offset);
    }
    free(got);
    free(events);
}

/* After any event that the builder refuses, the next line is read. */
static void check_host(const struct kase *kase, const char *text, size_t length)
{
    struct pieces pieces = {.recovers = true};

    for (size_t at = 1; at < 20; at += 1 + at / 5) {
        pieces.fail_at = at;
        check_pieces(kase, pieces, text, length);
    }
}

/* ---- Texts that end early ---------------------------------------------------------------- */

/* Beginnings of a valid text in brackets. None of them is a value. */
static void check_ends(const struct kase *kase, const char *text, size_t length, size_t size)
{
    static const struct pyon_options options = {.max_depth = 20000}; /* one more for the brackets */
    struct pieces pieces = {
        .dialect = kase->dialect, .size = size, .begins = true, .options = &options};
    struct pieces_result result;

    for (size_t end = 1; end < length; end += 1 + (end > 200 ? (size_t)next_random() % 50 : 0)) {
        free(pieces_read(&pieces, text, end, &result));
        CHECK_WITH(kase->name, result.values == 0 && result.failures == 1);
        CHECK_WITH(kase->name, result.error.code == PYON_ERROR_TRUNCATED);
        CHECK_WITH(kase->name, result.error.offset == end && result.error.length == 0);
    }
}

/* Is it one value of version 1 in a text, but not in a stream: strings that join, or a tuple without
   parentheses, of which the comma is wrong there? */
static bool is_several(const struct pieces_result *result, const char *text)
{
    return result->failures == 0
               ? result->values > 1
               : result->values > 0 && result->error.code == PYON_ERROR_EXPRESSION &&
                     text[result->error.offset] == ',';
}

/* Beginnings of the text itself. They are values if pyon_parse says so. */
static void check_value_ends(const struct kase *kase, const char *text, size_t length, size_t size)
{
    struct pieces pieces = {.dialect = kase->dialect, .size = size};
    struct pieces_result result;

    for (size_t end = 0; end < length; end += 1 + (end > 200 ? (size_t)next_random() % 50 : 0)) {
        struct transcript transcript;
        struct pyon_error error;
        char *events, *got = pieces_read(&pieces, text, end, &result);
        bool good = result.values == 1 && result.failures == 0;

        transcript_init(&transcript);
        if (transcript_parse(&transcript, kase->dialect, text, end, &error) == 0) {
            events = transcript_text(&transcript);
            if (good)
                CHECK_WITH(kase->name, strncmp(got, events, strlen(events)) == 0);
            else
                CHECK_WITH(kase->name, kase->dialect == &pyon_v1 && is_several(&result, text));
            free(events);
        } else {
            transcript_free(&transcript);
            CHECK_WITH(kase->name, !good);
        }
        if (kase->dialect == &pyon_v2 && result.failures > 0)
            CHECK_WITH(kase->name,
                       result.error.code == PYON_ERROR_TRUNCATED && result.error.offset == end);
        free(got);
    }
}

/* ---- All cases --------------------------------------------------------------------------- */

static void run_case(const struct kase *kase, const char *directory)
{
    static const struct pyon_options lines = {.lines = true};
    size_t length = kase->text.length;
    char *text = malloc(length + 2);

    (void)directory;
    if (!text)
        abort();
    check_pieces(kase, (struct pieces){.recovers = false}, kase->text.data, length);
    check_pieces(kase, (struct pieces){.recovers = true}, kase->text.data, length);
    check_pieces(kase, (struct pieces){.recovers = true, .options = &lines}, kase->text.data,
                 length);
    check_host(kase, kase->text.data, length);
    if (kase->valid)
        check_value_ends(kase, kase->text.data, length, 1 + length % 3);
    text[0] = '[';
    memcpy(text + 1, kase->text.data, length);
    text[length + 1] = ']';
    check_pieces(kase, (struct pieces){.recovers = true}, text, length + 2);
    for (size_t i = 0; i < SIZES; i++)
        check_same(kase, text, length + 2, sizes[i]);
    if (kase->valid) {
        check_ends(kase, text, length + 2, 1);
        check_ends(kase, text, length + 2, PIECES_WHOLE);
    }
    free(text);
}

int main(void)
{
    cases_run(run_case);
    return check_report();
}
