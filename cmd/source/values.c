/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The values of a file as trees. */
#include "source/values.h"

#include "source/diagnose.h"
#include "source/lines.h"
#include "source/report.h"

static void reset(void *self)
{
    pyon_tree_builder_reset(self);
}

/* A file that is no text would only give an error at its first byte. */
static bool is_text(struct input *input)
{
    char start[256];
    const char *kind =
        input->seekable ? diagnose_binary(start, input_look(input, 0, start, sizeof start)) : NULL;

    if (kind)
        complain("%s: this is not PYON, but %s", input->name, kind);
    return !kind;
}

bool values_open(struct values *values, const char *path, const struct pyon_dialect *dialect)
{
    *values = (struct values){.tree = NULL};
    if (!input_open(&values->input, path))
        return false;
    values->builder = is_text(&values->input) ? pyon_tree_builder_new() : NULL;
    if (values->builder && reader_open(&values->reader, &values->input, dialect, NULL,
                                       &pyon_tree_events, values->builder, reset))
        return true;
    values_close(values);
    return false;
}

bool values_take_lines(struct values *values)
{
    char start[4096];
    ptrdiff_t size = input_read(&values->input, start, sizeof start);

    values->has_lines = size > 0 && lines_are(start, (size_t)size);
    if (size > 0)
        input_rewind(&values->input, 0);
    return values->has_lines;
}

void values_close(struct values *values)
{
    pyon_tree_free(values->tree);
    values->tree = NULL;
    reader_close(&values->reader);
    pyon_tree_builder_free(values->builder);
    values->builder = NULL;
    input_close(&values->input);
}

/* A failure of the builder, not of the text. */
static int fail(struct values *values)
{
    const char *reason = pyon_error_message(
        pyon_tree_builder_code(values->builder) == PYON_ERROR_LARGE ? PYON_ERROR_LARGE
                                                                    : PYON_ERROR_MEMORY);

    complain("%s: %s", values->input.name, reason);
    return READER_TROUBLE;
}

int values_next(struct values *values)
{
    int status;

    pyon_tree_free(values->tree);
    values->tree = NULL;
    if (values->has_lines) {
        status = values->reader.ended ? READER_END : lines_read(values);
        values->reader.ended = true;
        if (status != READER_VALUE)
            return status;
    } else {
        status = reader_next(&values->reader);
    }
    if (status == READER_VALUE) {
        values->tree = pyon_tree_builder_take(values->builder);
        return values->tree ? READER_VALUE : fail(values);
    }
    if (status == READER_FAILED) {
        if (values->reader.error.code == PYON_ERROR_HOST)
            return fail(values);
        report_error(&values->reader);
    }
    return status;
}

int values_exit(int status)
{
    return status == READER_END || status == READER_VALUE ? EXIT_FINE
           : status == READER_FAILED                      ? EXIT_NO
                                                          : EXIT_TROUBLE;
}

struct pyon_tree *values_take(struct values *values)
{
    struct pyon_tree *tree = values->tree;

    values->tree = NULL;
    return tree;
}

struct pyon_tree *values_read_one(const char *path, const struct pyon_dialect *dialect, int *status)
{
    struct pyon_tree *tree = NULL;
    struct values values;

    *status = EXIT_TROUBLE;
    if (!values_open(&values, path, dialect))
        return NULL;
    *status = values_exit(values_next(&values));
    if (*status == EXIT_FINE && !values.tree) {
        complain("%s: there is no value in it", values.input.name);
        *status = EXIT_NO;
    } else if (*status == EXIT_FINE) {
        tree = values_take(&values);
        if (values_next(&values) == READER_VALUE) {
            complain("%s: there is more than one value in it", values.input.name);
            *status = EXIT_TROUBLE;
        } else {
            *status = values_exit(values.reader.ended ? READER_END : READER_FAILED);
        }
        if (*status != EXIT_FINE) {
            pyon_tree_free(tree);
            tree = NULL;
        }
    }
    values_close(&values);
    return tree;
}
