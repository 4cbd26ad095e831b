/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Columns: cells of each kind, types that are asked for, lines that cannot be read; and lines of
 * the same shape, by a stream or each for itself.
 */
#include "../support/check.h"
#include "path/columns.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PATHS 4

/* Which version a text is read in. */
enum reads { READS_V1, READS_V2, READS_BOTH };

static void put(struct pyon_out *out, const char *text, size_t length)
{
    if (length > 0 && (size_t)(out->end - out->cur) < length && out->grow(out, length) < 0)
        abort();
    if (length > 0)
        memcpy(out->cur, text, length);
    out->cur += length;
}

static void put_words(struct pyon_out *out, const char *words)
{
    put(out, words, strlen(words));
}

static void put_cell(struct pyon_out *out, unsigned char cell, uint64_t slot, const char **text)
{
    char number[64];
    double real;

    memcpy(&real, &slot, sizeof real);
    switch (cell) {
    case CELL_MISSING:
        put_words(out, " -");
        return;
    case CELL_BOOLEAN:
        put_words(out, slot ? " true" : " false");
        return;
    case CELL_INTEGER:
        snprintf(number, sizeof number, " %" PRId64, (int64_t)slot);
        put_words(out, number);
        return;
    case CELL_REAL:
        snprintf(number, sizeof number, " %.17g.", real);
        put_words(out, number);
        return;
    default:
        put_words(out, " ");
        put(out, *text, (size_t)slot);
        *text += slot;
    }
}

/* All that was found, as text: a line for the lines of the rows, for each column, and for each misfit. */
static void put_columns(struct pyon_out *out, const struct columns *columns)
{
    char words[200];

    put_words(out, "rows");
    for (size_t i = 0; i < columns->rows; i++) {
        snprintf(words, sizeof words, " %" PRIu64, columns->lines[i]);
        put_words(out, words);
    }
    snprintf(words, sizeof words, " of %zu\n", columns->line_count);
    put_words(out, words);
    for (size_t i = 0; i < columns->count; i++) {
        const struct column *column = &columns->columns[i];
        const char *text = column->text.start;

        put_words(out, pyon_path_text(column->path, NULL));
        for (size_t row = 0; row < columns->rows; row++)
            put_cell(out, column->cells[row], column->slots[row], &text);
        CHECK(text == column->text.cur || columns->rows == 0);
        put_words(out, "\n");
    }
    for (size_t i = 0; i < columns->misfit_count; i++) {
        const struct misfit *misfit = &columns->misfits[i];

        snprintf(words, sizeof words, "%zu:%zu %s\n", misfit->line,
                 misfit->column == COLUMN_NONE ? misfit->offset : misfit->column, misfit->what);
        put_words(out, words);
    }
}

struct wanted {
    const char *paths[PATHS];
    enum column_type types[PATHS];
    bool stops;
};

static struct pyon_path *path_of(const char *text)
{
    struct pyon_error error;
    struct pyon_path *path = pyon_path_parse(text, strlen(text), &error);

    if (!path)
        abort();
    return path;
}

/* What is found in a text: new, with a NUL. */
static char *find(const struct wanted *wanted, enum reads reads, const char *text, size_t length)
{
    struct pyon_path *paths[PATHS];
    struct columns columns;
    struct pyon_out out;
    size_t count = 0;
    /* Nothing may be read beyond the end of the text. */
    char *copy = malloc(length + 1), *found;

    for (; count < PATHS && wanted->paths[count]; count++)
        paths[count] = path_of(wanted->paths[count]);
    memcpy(copy, text, length);
    copy[length] = 'x';
    CHECK(pyon_columns_init(&columns, (const struct pyon_path *const *)paths, wanted->types,
                            count) == 0);
    columns.stops = wanted->stops;
    CHECK(pyon_columns_read(&columns, reads == READS_V1 ? &pyon_v1 : &pyon_v2,
                            reads == READS_BOTH ? &pyon_v1 : NULL, copy, length) == 0);
    pyon_out_init(&out);
    put_columns(&out, &columns);
    found = pyon_out_detach(&out, &length);
    pyon_columns_free(&columns);
    while (count > 0)
        pyon_path_free(paths[--count]);
    free(copy);
    return found;
}

static void expect(const struct wanted *wanted, enum reads reads, const char *text,
                   const char *expected)
{
    char *found = find(wanted, reads, text, strlen(text));

    if (!CHECK_WITH(text, strcmp(found, expected) == 0))
        fprintf(stderr, "found\n%swanted\n%s", found, expected);
    free(found);
}

/* ---- Cells ---- */

static void test_cells(void)
{
    const struct wanted x = {.paths = {"x"}}, both = {.paths = {"x", "y.z"}};

    expect(&x, READS_V2, "", "rows of 0\nx\n");
    expect(&x, READS_V2, "\n", "rows of 1\nx\n");
    expect(&x, READS_V2, " \t\r\n\n  ", "rows of 3\nx\n");
    expect(&x, READS_V2, "{\"x\":1}\n{\"x\":-2.5}\n\n{\"x\":true}\r\n{}\n[]",
           "rows 1 2 4 5 6 of 6\nx 1 -2.5. true - -\n");
    expect(&x, READS_V2, "{\"x\":null}\n{\"x\":\"\\u00e9\\n\"}\n{\"x\":[1, {\"a\": 2}]}\n",
           "rows 1 2 3 of 3\nx null \"\\u00e9\\n\" [1,{\"a\":2}]\n");
    expect(&x, READS_V2, "{\"x\":9223372036854775807}\n{\"x\":9223372036854775808}\n",
           "rows 1 2 of 2\nx 9223372036854775807 9223372036854775808\n");
    expect(&both, READS_V2, "{\"x\":1,\"y\":{\"z\":3}}\n{\"y.z\":4,\"y\":{\"z\":3}}\n",
           "rows 1 2 of 2\nx 1 -\ny.z 3 4\n");
    expect(&x, READS_V1, "{'x': 1 + 1}\n# a comment\n{'x': (1, 2)}  # another\n{'x': 2j}",
           "rows 1 3 4 of 4\nx 2 {\"__jsonclass__\":[\"tuple\",[[1,2]]]} "
           "{\"__jsonclass__\":[\"complex\",[0.0,2.0]]}\n");
}

/* A comment is no line with a value, also after one that is wrong, from which on lines are read one by one. */
static void test_comments(void)
{
    const struct wanted x = {.paths = {"x"}};

    expect(&x, READS_V1, "]\n# a comment\n{'x': 1}\n  # another",
           "rows 3 of 4\nx 1\n1:0 unmatched closing bracket\n");
    expect(&x, READS_BOTH, "]\n# a comment\n{'x': 1}\n  # another",
           "rows 3 of 4\nx 1\n1:0 Expecting value\n");
    expect(&x, READS_BOTH, "]\n \t\n{'x': 1}\n\r\n", "rows 3 of 4\nx 1\n1:0 Expecting value\n");
    expect(&x, READS_V2, "# a comment\n{\"x\": 1}", "rows 2 of 2\nx 1\n1:0 Expecting value\n");
}

static void test_numpy(void)
{
    const struct wanted x = {.paths = {"x", "x[1]", "x[:][0]", "x[*]"}};
    const struct wanted scalars = {.paths = {"x"}};

    expect(&scalars, READS_V1,
           "{'x': npscalar('<f8', b'AAAAAAAABEA=')}\n{'x': npscalar('<f2', b'AEE=')}\n"
           "{'x': npscalar('<f16', b'AAAAAAAAAAAAAAAAAAAAAA==')}\n",
           "rows 1 2 3 of 3\nx 2.5. 2.5. "
           "{\"__jsonclass__\":[\"npscalar\",[\"<f16\",\"AAAAAAAAAAAAAAAAAAAAAA==\"]]}\n");

    expect(&x, READS_V1,
           "{'x': npscalar('<f4', b'AAAgQA==')}\n{'x': npscalar('|b1', b'AQ==')}\n"
           "{'x': npscalar('<u8', b'//////////8=')}\n{'x': nparray((2,), '<i2', b'AQACAA==')}\n"
           "{'x': nparray((2, 2), '|u1', b'AQIDBA==')}\n",
           "rows 1 2 3 4 5 of 5\n"
           "x 2.5. true {\"__jsonclass__\":[\"npscalar\",[\"<u8\",\"//////////8=\"]]} "
           "{\"__jsonclass__\":[\"nparray\",[[2],\"<i2\",\"AQACAA==\"]]} "
           "{\"__jsonclass__\":[\"nparray\",[[2,2],\"|u1\",\"AQIDBA==\"]]}\n"
           "x[1] - - - 2 {\"__jsonclass__\":[\"nparray\",[[2],\"|u1\",\"AwQ=\"]]}\n"
           "x[:][0] - - - - "
           "[{\"__jsonclass__\":[\"nparray\",[[2],\"|u1\",\"AQM=\"]]}]\nx[*] - - - [1,2] "
           "[{\"__jsonclass__\":[\"nparray\",[[2],\"|u1\",\"AQI=\"]]},"
           "{\"__jsonclass__\":[\"nparray\",[[2],\"|u1\",\"AwQ=\"]]}]\n");
}

static void test_several(void)
{
    const struct wanted all = {.paths = {"*", "a[::2]", "a[*].b"}};

    expect(&all, READS_V2, "{\"a\":[1,2,3]}\n{\"a\":[{\"b\":1.5},{\"b\":null}],\"c\":\"d\"}\n{}\n",
           "rows 1 2 3 of 3\n* [[1,2,3]] [[{\"b\":1.5},{\"b\":null}],\"d\"] -\n"
           "a[::2] [1,3] [{\"b\":1.5}] -\na[*].b - [1.5,null] -\n");
}

/* ---- Types ---- */

static void test_types(void)
{
    const struct wanted reals = {.paths = {"x"}, .types = {COLUMN_REAL}};
    const struct wanted integers = {.paths = {"x"}, .types = {COLUMN_INTEGER}};
    const struct wanted flags = {.paths = {"y", "x"}, .types = {COLUMN_ANY, COLUMN_BOOLEAN}};
    const struct wanted strings = {.paths = {"x"}, .types = {COLUMN_STRING}};

    expect(&reals, READS_V2,
           "{\"x\":1}\n{\"x\":0.5}\n{\"x\":9007199254740993}\n{\"x\":false}\n{\"x\":NaN}\n{}",
           "rows 1 2 3 4 5 6 of 6\nx 1. 0.5. - - nan. -\n3:0 not a number that a double holds\n"
           "4:0 not a number that a double holds\n");
    expect(&reals, READS_V2, "{\"x\":9223372036854775807}\n{\"x\":-9223372036854775808}\n",
           "rows 1 2 of 2\nx - -9.2233720368547758e+18.\n1:0 not a number that a double holds\n");
    expect(&integers, READS_V2,
           "{\"x\":1}\n{\"x\":2.0}\n{\"x\":2.5}\n{\"x\":1e19}\n{\"x\":\"1\"}\n{\"x\":NaN}\n"
           "{\"x\":-9.223372036854775808e18}\n",
           "rows 1 2 3 4 5 6 7 of 7\nx 1 2 - - - - -9223372036854775808\n"
           "3:0 not an integer of 64 bits\n4:0 not an integer of 64 bits\n"
           "5:0 not an integer of 64 bits\n6:0 not an integer of 64 bits\n");
    expect(&flags, READS_V2, "{\"x\":true}\n{\"x\":1}\n",
           "rows 1 2 of 2\ny - -\nx true -\n2:1 not a bool\n");
    expect(&strings, READS_V2, "{\"x\":\"a\"}\n{\"x\":1}\n{\"x\":[\"a\"]}\n",
           "rows 1 2 3 of 3\nx \"a\" - -\n2:0 not a string\n3:0 not a string\n");
}

/* ---- Lines that cannot be read ---- */

static void test_misfits(void)
{
    const struct wanted x = {.paths = {"x"}}, first = {.paths = {"x"}, .stops = true};
    const struct wanted parts = {.paths = {"x", "x[*]"}};

    /* The next line is whole, whatever is open. */
    expect(&x, READS_V2, "{\"x\":1}\n{\"x\":[1,\n{\"x\":2}\n\n{\"x\":\"\n{\"x\":3}",
           "rows 1 3 6 of 6\nx 1 2 3\n2:8 Expecting value\n5:5 Unterminated string starting at\n");
    /* A line of two values is none; a value of two lines neither. */
    expect(&x, READS_V2, "{\"x\":1}{\"x\":2}\n{\"x\":3}\n", "rows 2 of 2\nx 3\n1:7 Extra data\n");
    expect(&x, READS_V2, "{\"x\":1}\n{\n\"x\":3}\n{\"x\":4}\n",
           "rows 1 4 of 4\nx 1 4\n2:1 Expecting property name enclosed in double quotes\n"
           "3:3 Extra data\n");
    /* The error that is farther in the line is told. */
    expect(&x, READS_BOTH, "{'x': 1}\n{\"x\": 2}\n{'x': }\n{\"x\": 3, ]\n{'x': None}\n",
           "rows 1 2 5 of 5\nx 1 2 null\n3:6 unmatched closing bracket\n"
           "4:9 Expecting property name enclosed in double quotes\n");
    expect(&first, READS_V2, "{\"x\":1}\n]\n]\n", "rows 1 of 3\nx 1\n2:0 Expecting value\n");
    /* Version 2 has no keyword arguments. */
    expect(&x, READS_V1, "{'x': f(a=1)}\n{'x': 1}\n",
           "rows 1 2 of 2\nx - 1\n1:0 version 2 has no keyword arguments\n");
    /* Nothing is left of a value that could only be written in part. */
    expect(&parts, READS_V1, "{'x': [1, f(a=1), 'a']}\n{'x': ['b']}\n",
           "rows 1 2 of 2\nx - [\"b\"]\nx[*] [1,\"a\"] [\"b\"]\n"
           "1:0 version 2 has no keyword arguments\n1:1 version 2 has no keyword arguments\n");
}

/* ---- Shapes ---- */

static char *join(const char *a, const char *b)
{
    size_t length = strlen(a);
    char *whole = malloc(length + strlen(b) + 1);

    memcpy(whole, a, length);
    memcpy(whole + length, b, strlen(b) + 1);
    return whole;
}

/* Of many lines of the same shape, some are not of it: the stream, and each line for itself, find the
   same. */
static void test_shapes(void)
{
    const struct wanted wanted = {.paths = {"rid", "pos.x", "name"}};
    static const char good[] = "{\"rid\":17,\"pos\":{\"x\":2.5},\"name\":\"a\",\"data\":[1,2]}\n";
    static const char other[] = "{\"rid\":true,\"pos\":{\"x\":{}},\"name\":[],\"data\":[]}\n";
    char *text = join("", "");
    char *streamed, *single, *broken;
    const char *rows;

    for (int i = 0; i < 200; i++) {
        char *longer = join(text, i % 13 == 5 ? other : i % 31 == 7 ? "[1]\n" : good);

        free(text);
        text = longer;
    }
    /* After an error in the first line, no stream reads the others. */
    broken = join("]\n", text);
    streamed = find(&wanted, READS_V2, text, strlen(text));
    single = find(&wanted, READS_V2, broken, strlen(broken));
    rows = strchr(streamed, '\n');
    CHECK(strncmp(rows, strchr(single, '\n'), strlen(rows)) == 0);
    free(streamed);
    free(single);
    free(broken);
    free(text);
}

int main(void)
{
    test_cells();
    test_comments();
    test_numpy();
    test_several();
    test_types();
    test_misfits();
    test_shapes();
    return check_report();
}
