/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* CSV: columns side by side, as in RFC 4180, except that line ends are those of the system. */
#include "export/table.h"

#include "command.h"
#include "export/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct column {
    char *name;
    const struct pyon_node *node; /* a scalar, or a list whose items are rows */
    bool is_array;                /* rows are elements of `array`, */
    struct pyon_array array;      /* those at first, first + step, ...; of a part, its dimensions */
    int64_t shape[2], strides[2]; /*  stand here, since they are gone when it is written */
    size_t first, step;
    size_t rows;
};

static void drop_columns(struct table *table)
{
    for (size_t i = 0; i < table->count; i++)
        free(table->columns[i].name);
    table->count = 0;
}

void table_free(struct table *table)
{
    drop_columns(table);
    free(table->columns);
    table->columns = NULL;
}

static bool fail(void)
{
    complain("no memory");
    return false;
}

/* A new column; NULL with a message. `number` follows the name as an index if it is not SIZE_MAX. */
static struct column *add_column(struct table *table, const struct pyon_match *match, size_t number)
{
    struct column *column;

    if (table->count == table->capacity) {
        size_t capacity = 2 * table->capacity + 8;
        struct column *columns = realloc(table->columns, capacity * sizeof *columns);

        if (!columns) {
            fail();
            return NULL;
        }
        table->columns = columns;
        table->capacity = capacity;
    }
    column = &table->columns[table->count];
    *column = (struct column){.node = match->node, .step = 1, .rows = 1};
    column->name = malloc(match->path_length + 32);
    if (!column->name) {
        fail();
        return NULL;
    }
    memcpy(column->name, match->path, match->path_length);
    column->name[match->path_length] = '\0';
    if (number != SIZE_MAX)
        snprintf(column->name + match->path_length, 32, "[%zu]", number);
    table->count++;
    return column;
}

static bool add_array(struct table *table, const struct pyon_match *match,
                      const struct pyon_array *array)
{
    /* Without elements there may be any number of columns. */
    bool wide = array->ndim == 2 && array->count > 0;
    size_t width = wide ? (size_t)array->shape[1] : 1;

    if (array->ndim > 2) {
        complain("%.*s: an array of %zu dimensions is no table", (int)match->path_length,
                 match->path, array->ndim);
        return false;
    }
    for (size_t i = 0; i < width; i++) {
        struct column *column = add_column(table, match, wide ? i : SIZE_MAX);

        if (!column)
            return false;
        column->is_array = true;
        column->array = *array;
        for (size_t k = 0; k < array->ndim; k++) {
            column->shape[k] = array->shape[k];
            column->strides[k] = array->strides[k];
        }
        column->first = i;
        column->step = width;
        column->rows = array->count == 0 ? 0 : array->ndim > 0 ? (size_t)array->shape[0] : 1;
    }
    return true;
}

bool table_add(struct table *table, const struct pyon_match *match)
{
    const struct pyon_array *array = match->is_part ? &match->part : pyon_node_array(match->node);
    enum pyon_kind kind = pyon_node_kind(match->node);
    struct column *column;

    if (array)
        return add_array(table, match, array);
    column = add_column(table, match, SIZE_MAX);
    if (column && (kind == PYON_KIND_LIST || kind == PYON_KIND_TUPLE))
        column->rows = pyon_node_size(match->node);
    return column != NULL;
}

/* ---- Writing ---- */

/* A cell in quotes if it needs them. */
static int put_cell(struct pyon_writer *writer, const char *text, size_t length)
{
    size_t start = 0;

    if (!memchr(text, ',', length) && !memchr(text, '"', length) && !memchr(text, '\n', length) &&
        !memchr(text, '\r', length))
        return pyon_write_raw(writer, text, length);
    if (pyon_write_raw(writer, "\"", 1) < 0)
        return -1;
    for (size_t i = 0; i < length; i++)
        if (text[i] == '"') { /* is written twice: once with the text before it */
            if (pyon_write_raw(writer, text + start, i + 1 - start) < 0)
                return -1;
            start = i;
        }
    return pyon_write_raw(writer, text + start, length - start) < 0 ||
                   pyon_write_raw(writer, "\"", 1) < 0
               ? -1
               : 0;
}

/* A string as it is, everything else as JSON. */
static int put_node(struct pyon_writer *writer, const struct pyon_node *node)
{
    const struct pyon_match match = {.node = node};
    struct pyon_writer inner;
    struct pyon_out out;
    size_t length;
    const char *text = pyon_node_text(node, &length);
    int status;

    if (text && pyon_node_kind(node) == PYON_KIND_STRING)
        return put_cell(writer, text, length);
    pyon_out_init(&out);
    pyon_writer_init(&inner, &out, &pyon_v2, false);
    status = json_write(&inner, &match);
    if (status < 0)
        writer->out->code = out.code;
    else
        status = put_cell(writer, out.start, (size_t)(out.cur - out.start));
    pyon_out_free(&out);
    return status;
}

static int put_row(struct pyon_writer *writer, const struct column *column, size_t row)
{
    const struct pyon_node *item = pyon_node_item(column->node, row);
    enum pyon_kind kind = pyon_node_kind(column->node);
    struct pyon_array array = column->array;

    if (column->is_array) {
        array.shape = column->shape;
        array.strides = column->strides;
        return json_write_element(writer, &array, column->first + row * column->step);
    }
    return put_node(writer,
                    kind == PYON_KIND_LIST || kind == PYON_KIND_TUPLE ? item : column->node);
}

/* One cell of each column, and a line end. `row` is SIZE_MAX for the header. */
static int put_line(struct pyon_writer *writer, const struct table *table, size_t row)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct column *column = &table->columns[i];

        if ((i > 0 && pyon_write_raw(writer, ",", 1) < 0) ||
            (row == SIZE_MAX ? put_cell(writer, column->name, strlen(column->name))
                             : put_row(writer, column, row)) < 0)
            return -1;
    }
    return pyon_write_raw(writer, "\n", 1);
}

/* Have all columns as many rows? */
static bool is_even(const struct table *table)
{
    for (size_t i = 1; i < table->count; i++)
        if (table->columns[i].rows != table->columns[0].rows) {
            complain("%s has %zu rows, but %s has %zu", table->columns[0].name,
                     table->columns[0].rows, table->columns[i].name, table->columns[i].rows);
            return false;
        }
    return true;
}

int table_write(struct table *table, struct pyon_writer *writer)
{
    int status = is_even(table) ? 0 : 1;

    if (status == 0 && !table->has_header && table->count > 0)
        status = put_line(writer, table, SIZE_MAX);
    table->has_header = true;
    for (size_t i = 0; status == 0 && table->count > 0 && i < table->columns[0].rows; i++)
        status = put_line(writer, table, i);
    drop_columns(table);
    return status;
}
