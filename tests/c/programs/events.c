/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Prints the events of a text, one a line, as transcript.h describes them; then the error, if there
 * is one.
 *
 *     events [--v1 | --v2] [FILE]      version 2 and standard input, unless they are named
 *
 *     $ echo '{"a": [1, 2}' | tests/c/programs/events
 *     string "a"
 *     integer 1
 *     integer 2
 *     error: Expecting ',' delimiter: line 1 column 12 (byte 11)
 *
 * The exit status is 0 for a value, 1 for an error in the text, 2 if the text cannot be read.
 */
#include "../support/transcript.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECE 65536

static void fail(const char *path)
{
    perror(path);
    exit(2);
}

/* Fills `text` with all of a file: an output serves as the buffer, because it grows. */
static void read_all(const char *path, struct pyon_out *text)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    size_t count;

    pyon_out_init(text);
    do {
        if (!file || (text->end - text->cur < PIECE && text->grow(text, PIECE) < 0))
            fail(path);
        count = fread(text->cur, 1, PIECE, file);
        text->cur += count;
    } while (count > 0);
    if (ferror(file))
        fail(path);
}

/* Prints events and error: true if there is a value. */
static bool print_events(const struct pyon_dialect *dialect, const char *text, size_t length)
{
    struct transcript transcript;
    struct pyon_error error;
    size_t line, column;
    char *events;
    int status;

    transcript_init(&transcript);
    status = transcript_parse(&transcript, dialect, text, length, &error);
    events = transcript_text(&transcript);
    fputs(events, stdout);
    free(events);
    if (status < 0) {
        pyon_locate(text, error.offset, &line, &column);
        printf("error: %s: line %zu column %zu (byte %zu)\n", error.message, line, column,
               error.offset);
    }
    return status == 0;
}

int main(int argc, char **argv)
{
    const struct pyon_dialect *dialect = &pyon_v2;
    const char *path = "-";
    struct pyon_out text;
    bool is_value;

    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--v1") == 0)
            dialect = &pyon_v1;
        else if (strcmp(argv[i], "--v2") == 0)
            dialect = &pyon_v2;
        else
            path = argv[i];
    read_all(path, &text);
    is_value = print_events(dialect, text.start, (size_t)(text.cur - text.start));
    pyon_out_free(&text);
    return is_value ? 0 : 1;
}
