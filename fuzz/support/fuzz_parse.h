/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Reads a whole text, and reads it again with an event that fails. The length of the text says
 * which one, so any change of it changes the event.
 */
#ifndef FUZZ_PARSE_H
#define FUZZ_PARSE_H

#include "../../tests/c/support/filler.h"
#include "fuzz.h"

/* Reads it; event number `fail_at` fails. Returns the number of events, and fills `error`. */
static inline size_t fuzz_read(const struct pyon_dialect *dialect, const char *text, size_t size,
                               size_t fail_at, struct pyon_error *error)
{
    struct filler filler;
    size_t events;

    filler_init(&filler, false, true);
    filler.transcript.fail_at = fail_at;
    error->code = PYON_OK;
    if (pyon_parse(dialect, text, size, &filler.builder, &filler, NULL, error) == 0 &&
        (error->code != PYON_OK || filler.transcript.height != 1))
        fuzz_fail("no value", text);
    events = filler.transcript.events;
    free(filler_text(&filler));
    return events;
}

/* An error must lie within the text and have a message. */
static inline void fuzz_check_error(const struct pyon_error *error, const char *text, size_t size)
{
    size_t line, column;

    if (error->offset > size || error->length > size - error->offset || !error->message)
        fuzz_fail("an error somewhere else", text);
    pyon_locate(text, error->offset, &line, &column);
    if (line > size + 1 || column > size + 1)
        fuzz_fail("an error in another line", text);
}

static inline void fuzz_parse(const struct pyon_dialect *dialect, const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    struct pyon_error error, failure;
    size_t events = fuzz_read(dialect, text, size, SIZE_MAX, &error);

    if (error.code != PYON_OK)
        fuzz_check_error(&error, text, size);
    if (events > 0) {
        fuzz_read(dialect, text, size, size % events, &failure);
        fuzz_check_error(&failure, text, size);
        /* The error of a text that Python would not compile says so, whatever its values are. */
        if (failure.code != PYON_ERROR_HOST && failure.code != error.code)
            fuzz_fail("another error", text);
    }
    free(text);
}

#endif
