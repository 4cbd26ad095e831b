/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* pyon check: is a file PYON? If not, shows where it is wrong, and what was expected there. */
#include "command.h"
#include "source/diagnose.h"
#include "source/input.h"
#include "source/reader.h"
#include "source/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN 20 /* errors of a file */

/* ---- Files of many values ---- */

#define SAMPLE                                                                                     \
    65536 /* bytes at the start by which it is told whether a file has one value a line */
#define SAMPLED_LINES 8

static bool is_value(const char *text, size_t length, const struct pyon_dialect *dialect)
{
    char *copy = malloc(length + 1);
    struct pyon_error error;
    bool result = false;

    if (copy) {
        memcpy(copy, text, length);
        copy[length] = '\0';
        result = pyon_parse(dialect, copy, length, &pyon_null_builder, NULL, NULL, &error) == 0;
    }
    free(copy);
    return result;
}

/* Does a line look like a value of its own? One of a value over many lines, "a": 1, does not. */
static bool stands_alone(const char *line, size_t length)
{
    while (length > 0 && strchr(" \t\r", line[length - 1]))
        length--;
    return length > 0 && line[length - 1] != ',' &&
           (is_value(line, length, &pyon_v2) || is_value(line, length, &pyon_v1));
}

/* Has the file one value a line? Most of its first lines must be values: the error may be in one of them. */
static bool has_lines(struct reader *reader)
{
    char *sample = malloc(SAMPLE);
    size_t size = sample ? input_look(reader->input, 0, sample, SAMPLE) : 0;
    size_t lines = 0, values = 0;
    const char *start = sample, *end;

    while (lines < SAMPLED_LINES && size > 0 &&
           (end = memchr(start, '\n', size - (size_t)(start - sample)))) {
        if (end > start) {
            lines++;
            values += stands_alone(start, (size_t)(end - start));
        }
        start = end + 1;
    }
    free(sample);
    return lines > 1 && 2 * values >= lines;
}

/* ---- The command ---- */

struct counts {
    unsigned long long values, errors;
};

static const char *plural(unsigned long long count)
{
    return count == 1 ? "" : "s";
}

static int read_all(struct reader *reader, struct counts *counts, bool quiet)
{
    bool decided = false;
    int status;

    while ((status = reader_next(reader)) != READER_END) {
        if (status == READER_VALUE) {
            counts->values++;
            continue;
        }
        if (status == READER_TROUBLE)
            return EXIT_TROUBLE;
        if (!decided) { /* only where an end of each value is known can reading go on after an error */
            decided = true;
            if (has_lines(reader) && reader_take_lines(reader))
                continue;
        }
        if (counts->errors++ < SHOWN && !quiet)
            report_error(reader);
        if (!reader->options.lines)
            break;
        reader_skip_line(reader);
    }
    if (counts->errors > SHOWN && !quiet) {
        input_put_name(reader->input, stderr);
        fprintf(stderr, ": %llu more error%s\n", counts->errors - SHOWN,
                plural(counts->errors - SHOWN));
    }
    return counts->errors > 0 ? EXIT_NO : EXIT_FINE;
}

/* A stream skips a byte order mark at the start, but load_file() does not. */
static bool has_mark(struct input *input)
{
    char start[3];

    return input_look(input, 0, start, sizeof start) == sizeof start &&
           memcmp(start, "\xef\xbb\xbf", sizeof start) == 0;
}

static int check_text(struct input *input, const struct arguments *arguments)
{
    bool quiet = has_option(arguments, "quiet");
    struct counts counts = {0, 0};
    struct reader reader;
    int status;

    if (!reader_open(&reader, input, chosen_dialect(arguments), NULL, &pyon_null_builder, NULL,
                     NULL))
        return EXIT_TROUBLE;
    if (has_mark(input)) {
        counts.errors++;
        if (!quiet)
            complain("%s: begins with a byte order mark, which load_file() refuses and pyon fmt "
                     "leaves out",
                     input->name);
    }
    status = read_all(&reader, &counts, quiet);
    if (status == EXIT_FINE && counts.values == 0) {
        complain("%s: there is no value in it", input->name);
        status = EXIT_NO;
    } else if (status != EXIT_TROUBLE && !quiet) {
        input_put_name(input, stdout);
        printf(": %s, %llu value%s", reader_version(&reader), counts.values, plural(counts.values));
        if (counts.errors > 0)
            printf(", %llu error%s", counts.errors, plural(counts.errors));
        putchar('\n');
    }
    reader_close(&reader);
    return status;
}

static int check_file(const char *path, const struct arguments *arguments)
{
    struct input input;
    int status;

    if (!input_open(&input, path))
        return EXIT_TROUBLE;
    status = diagnose_kind(&input);
    if (status == EXIT_FINE)
        status = check_text(&input, arguments);
    input_close(&input);
    return status;
}

static int run(const struct arguments *arguments)
{
    int worst = EXIT_FINE;

    for (size_t i = 0; i < arguments->count; i++)
        worst = worse(worst, check_file(arguments->operands[i], arguments));
    return worst;
}

static const struct option options[] = {
    COMMON_OPTIONS,
    {'q', "quiet", NULL, "say nothing of errors: the exit status tells"},
    {0, NULL, NULL, NULL},
};

const struct command command_check = {
    .name = "check",
    .operands = "FILE...",
    .summary = "is it PYON? if not: where, and what was expected",
    .text =
        "Reads files of one value, or of one value a line, and says for each what is wrong:\n"
        "the line with its place, and what was most likely meant. Memory is constant, whatever\n"
        "the size of a file. Exits with 0 if all files are valid, with 1 if one is not, and with "
        "2\n"
        "if one cannot be read.",
    .options = options,
    .examples = "  pyon check dataset_db.pyon\n"
                "  pyon check --v1 results/*.pyon\n"
                "  zcat log.pyonl.gz | pyon check -\n",
    .least = 1,
    .most = (size_t)-1,
    .run = run,
};
