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

static int open_reader(struct values *values, const struct pyon_dialect *dialect)
{
    values->builder = pyon_tree_builder_new();
    if (!values->builder) {
        complain("%s: no memory", values->input.name);
        return EXIT_TROUBLE;
    }
    return reader_open(&values->reader, &values->input, dialect, NULL, &pyon_tree_events,
                       values->builder, reset)
               ? EXIT_FINE
               : EXIT_TROUBLE;
}

int values_open(struct values *values, const char *path, const struct pyon_dialect *dialect)
{
    int status;

    *values = (struct values){.tree = NULL};
    if (!input_open(&values->input, path))
        return EXIT_TROUBLE;
    status = diagnose_kind(&values->input);
    if (status == EXIT_FINE)
        status = open_reader(values, dialect);
    if (status != EXIT_FINE)
        values_close(values);
    return status;
}

bool values_take_lines(struct values *values)
{
    char start[4096];
    ptrdiff_t size = input_peek(&values->input, start, sizeof start);

    if (size > 0 && lines_are(start, (size_t)size)) {
        values->lines = lines_open(values);
        return values->lines != NULL;
    }
    return size >= 0;
}

void values_close(struct values *values)
{
    pyon_tree_free(values->tree);
    values->tree = NULL;
    lines_close(values->lines);
    values->lines = NULL;
    reader_close(&values->reader);
    pyon_tree_builder_free(values->builder);
    values->builder = NULL;
    input_close(&values->input);
}

static int fail(struct values *values)
{
    return report_failure(&values->reader, pyon_tree_builder_code(values->builder));
}

int values_next(struct values *values)
{
    int status;

    pyon_tree_free(values->tree);
    values->tree = NULL;
    if (values->lines) {
        status = lines_next(values->lines);
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
