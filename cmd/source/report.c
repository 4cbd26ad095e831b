/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* An error in a text: its place, its line, and the text that was most likely meant. */
#include "source/report.h"

#include "print/printable.h"
#include "source/diagnose.h"

#include <stdio.h>
#include <string.h>

#define BEFORE 50 /* bytes of a line before the place of an error */
#define AFTER 28  /* and after it: the line fits a terminal */

/* Bytes of UTF-8 that continue a character. */
static bool continues(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* Prints a part of a line on one line: control characters become blanks, and what else cannot be shown "?". Returns the
   number of characters. */
static size_t put_part(const char *part, size_t size)
{
    size_t count = 0, length;

    for (size_t i = 0; i < size; i += length) {
        length = printable_size(part + i, size - i);
        if (length == 0) {
            fputc((unsigned char)part[i] < 0x80 ? ' ' : '?', stderr);
            length = 1;
        } else {
            fwrite(part + i, length, 1, stderr);
        }
        count++;
    }
    return count;
}

static void show_line(struct input *input, const struct line *line, uint64_t offset)
{
    uint64_t from = offset - line->start > BEFORE ? offset - BEFORE : line->start;
    char text[BEFORE + AFTER];
    size_t size = input_look(input, from, text, sizeof text), before = (size_t)(offset - from);
    size_t shown, skipped = 0;
    const char *end;

    if (before > size)
        return;
    end = memchr(text + before, '\n', size - before);
    if (end)
        size = (size_t)(end - text);
    while (from > line->start && skipped < before && continues(text[skipped]))
        skipped++; /* the rest of a character whose beginning is not shown */
    while (!end && size > before && continues(text[size - 1]))
        size--;
    fputs(from > line->start ? "    ..." : "    ", stderr);
    shown = put_part(text + skipped, before - skipped) + (from > line->start ? 3 : 0);
    put_part(text + before, size - before);
    fprintf(stderr, "%s\n    %*s^\n", end || size < sizeof text ? "" : "...", (int)shown, "");
}

void report_error(struct reader *reader)
{
    const struct pyon_error *error = &reader->error;
    const char *hint = diagnose(reader->input, reader->dialect, error);
    struct line line;

    input_locate(reader->input, error->offset, &line);
    fflush(stdout);
    input_put_name(reader->input, stderr);
    fputc(':', stderr);
    if (line.number > 0)
        fprintf(stderr, "%llu:", (unsigned long long)line.number);
    if (line.column > 0)
        fprintf(stderr, "%llu:", (unsigned long long)line.column);
    else
        fprintf(stderr, " byte %llu:", (unsigned long long)error->offset);
    fprintf(stderr, " %s, read as %s\n", error->message, reader_version(reader));
    show_line(reader->input, &line, error->offset);
    if (hint)
        fprintf(stderr, "    %s\n", hint);
}

int report_failure(struct reader *reader, enum pyon_error_code code)
{
    if (code == PYON_OK || code == PYON_ERROR_MEMORY) {
        complain("%s: %s", reader->input->name, pyon_error_message(PYON_ERROR_MEMORY));
        return READER_TROUBLE;
    }
    reader->error.code = code;
    reader->error.message = pyon_error_message(code);
    report_error(reader);
    return READER_FAILED;
}
