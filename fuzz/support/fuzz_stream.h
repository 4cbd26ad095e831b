/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * For the targets of streams. The input is the number of pieces, their sizes, a byte of switches,
 * and a text. In pieces it must read as in one; in brackets, as by pyon_parse. A builder that takes
 * base64 must get the same values as one that does not. A byte order mark at the start counts as three
 * blanks do.
 */
#ifndef FUZZ_STREAM_H
#define FUZZ_STREAM_H

#include "../../tests/c/support/pieces.h"
#include "fuzz.h"

/* Bits of the switches. The bits above FUZZ_LIMIT are its scale; above FUZZ_FAILS, the event that
   fails. */
enum {
    FUZZ_BEGINS = 1,
    FUZZ_TAKES = 2,
    FUZZ_MOVES = 4,
    FUZZ_LINES = 8,
    FUZZ_LIMIT = 16,
    FUZZ_FAILS = 32,
};

/* Aborts unless they are equal. Frees both. */
static inline void fuzz_compare(char *expected, char *got)
{
    if (strcmp(expected, got) != 0) {
        fprintf(stderr, "expected:\n%s\ngot:\n%s\n", expected, got);
        abort();
    }
    free(expected);
    free(got);
}

/* Leaves only the ends of values in a transcript. If values are limited, the number of events
   before one that is too large depends on the pieces. So does the error that is found first, if
   there is another one at the limit. */
static inline void fuzz_summarise(char *transcript)
{
    char *to = transcript;

    for (char *line = transcript, *next; *line; line = next) {
        next = strchr(line, '\n') + 1;
        if (strncmp(line, "value\n", 6) == 0 || strncmp(line, "error ", 6) == 0)
            *to++ = *line;
    }
    *to = '\0';
}

/* One value, in brackets: the stream must read the same as pyon_parse. */
static inline void fuzz_whole(const struct pieces *pieces, const char *text, size_t length)
{
    struct pieces whole = *pieces;
    struct pieces_result result;
    struct transcript transcript;
    struct pyon_error error;
    char *bracketed = malloc(length + 2), *expected, *got;

    if (!bracketed)
        abort();
    bracketed[0] = '[';
    if (length > 0)
        memcpy(bracketed + 1, text, length);
    bracketed[length + 1] = ']';
    transcript_init(&transcript);
    whole.options = NULL;
    whole.recovers = false;
    whole.fail_at = 0;
    got = pieces_read(&whole, bracketed, length + 2, &result);
    if (transcript_parse(&transcript, pieces->dialect, bracketed, length + 2, &error) == 0) {
        if (result.values != 1 || result.failures > 0)
            abort();
        expected = transcript_text(&transcript);
        got[strlen(got) - strlen("value\n")] = '\0';
        fuzz_compare(expected, got);
    } else {
        transcript_free(&transcript);
        free(got);
        if (result.values == 1 && result.failures == 0 && error.code != PYON_ERROR_NUL)
            fuzz_fail_bytes(error.message, text, length);
        /* The text may close the brackets or end early, or contain a NUL. */
        if (result.values == 0 &&
            (result.failures == 0 ||
             (result.error.code != PYON_ERROR_TRUNCATED && error.code != PYON_ERROR_NUL &&
              error.code != PYON_ERROR_HOST && result.error.code != PYON_ERROR_HOST &&
              !pyon_error_is_evaluation(result.error.code) &&
              !pyon_error_is_refusal(result.error.code) &&
              (result.error.code != error.code || result.error.offset != error.offset))))
            abort();
    }
    free(bracketed);
}

/* The transcript of the text in one piece, and without a byte order mark. */
static inline char *fuzz_expected(const struct pieces *whole, const char *text, size_t length)
{
    struct pieces_result result;
    char *copy = malloc(length + 1), *expected;

    if (!copy)
        abort();
    memcpy(copy, text, length);
    if (length >= 3 && memcmp(copy, "\xef\xbb\xbf", 3) == 0)
        memset(copy, ' ', 3);
    expected = pieces_read(whole, copy, length, &result);
    free(copy);
    return expected;
}

static inline void fuzz_stream(const struct pyon_dialect *dialect, const uint8_t *data, size_t size)
{
    size_t count = size > 0 ? data[0] % 32 : 0, rest;
    struct pyon_options options = {.max_depth = 0};
    struct pieces pieces = {.dialect = dialect, .options = &options}, whole;
    struct pieces_result result;
    const char *text;
    unsigned switches;
    char *expected, *got;

    if (size < count + 3)
        return;
    pieces.sizes = data + 1;
    pieces.sizes_count = count;
    switches = data[count + 1];
    text = (const char *)data + count + 2;
    rest = size - count - 2;
    options.lines = switches & FUZZ_LINES;
    options.max_bytes = switches & FUZZ_LIMIT ? 8 + ((size_t)data[0] << (switches >> 5)) : 0;
    pieces.recovers = options.max_bytes == 0;
    pieces.fail_at = pieces.recovers && switches & FUZZ_FAILS ? 1 + 3 * (switches >> 6) : 0;
    whole = pieces;
    whole.sizes = NULL;
    whole.size = PIECES_WHOLE;
    pieces.begins = switches & FUZZ_BEGINS;
    pieces.takes = switches & FUZZ_TAKES;
    pieces.moves = switches & FUZZ_MOVES;
    expected = fuzz_expected(&whole, text, rest);
    got = pieces_read(&pieces, text, rest, &result);
    if (options.max_bytes > 0) {
        fuzz_summarise(expected);
        fuzz_summarise(got);
    }
    fuzz_compare(expected, got);
    fuzz_whole(&pieces, text, rest);
}

#endif
