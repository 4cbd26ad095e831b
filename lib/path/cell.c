/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Values into the cells of columns: see columns.h. */
#include "path/columns.h"
#include "path/path.h"

#include <stdlib.h>

/* ---- Values as numbers ---- */

/* The number that a cell has, if the value is one: an integer or real of any kind, also of NumPy. */
static enum cell number_of(const struct pyon_match *match, uint64_t *slot)
{
    const struct pyon_array *array = match->is_part ? &match->part : pyon_node_array(match->node);
    enum pyon_kind kind = pyon_node_kind(match->node);
    enum cell cell = CELL_TEXT;
    int64_t integer;
    double real;

    if (array && array->ndim > 0)
        return CELL_TEXT;
    if (array ? array->kind == 'b' : kind == PYON_KIND_BOOLEAN)
        cell = CELL_BOOLEAN;
    else if (array ? strchr("iu", array->kind) != NULL : kind == PYON_KIND_INTEGER)
        cell = CELL_INTEGER;
    else if (array ? array->kind == 'f' && array->item_size <= 8 : kind == PYON_KIND_REAL)
        cell = CELL_REAL;
    if (cell == CELL_REAL) {
        if (array)
            pyon_array_real(array, 0, &real);
        else
            pyon_node_real(match->node, &real);
        memcpy(slot, &real, sizeof real);
    } else if (cell != CELL_TEXT) {
        int status = array ? pyon_array_integer(array, 0, &integer)
                           : pyon_node_integer(match->node, &integer);

        if (status != PYON_EXACT) /* an unsigned one beyond int64_t */
            return CELL_TEXT;
        memcpy(slot, &integer, sizeof integer);
    }
    return cell;
}

/* Makes an integer a real, or the other way round, if that changes nothing. */
static bool convert(enum cell *cell, uint64_t *slot, enum column_type type)
{
    int64_t integer;
    double real;

    if (type == COLUMN_REAL && *cell == CELL_INTEGER) {
        memcpy(&integer, slot, sizeof integer);
        real = (double)integer;
        if (real >= TWO_TO_63 || (int64_t)real != integer)
            return false;
        memcpy(slot, &real, sizeof real);
        *cell = CELL_REAL;
    } else if (type == COLUMN_INTEGER && *cell == CELL_REAL) {
        memcpy(&real, slot, sizeof real);
        if (!(real >= -TWO_TO_63 && real < TWO_TO_63) || (double)(int64_t)real != real)
            return false;
        integer = (int64_t)real;
        memcpy(slot, &integer, sizeof integer);
        *cell = CELL_INTEGER;
    }
    return true;
}

static const char *const misfits[] = {
    [COLUMN_ANY] = "",
    [COLUMN_BOOLEAN] = "not a bool",
    [COLUMN_INTEGER] = "not an integer of 64 bits",
    [COLUMN_REAL] = "not a number that a double holds",
    [COLUMN_STRING] = "not a string",
};

/* Does the value fit into the column? Converts it. */
static bool fits(enum column_type type, const struct pyon_match *match, enum cell *cell,
                 uint64_t *slot)
{
    switch (type) {
    case COLUMN_BOOLEAN:
        return *cell == CELL_BOOLEAN;
    case COLUMN_INTEGER:
        return convert(cell, slot, type) && *cell == CELL_INTEGER;
    case COLUMN_REAL:
        return convert(cell, slot, type) && *cell == CELL_REAL;
    case COLUMN_STRING:
        return !match->is_part && pyon_node_kind(match->node) == PYON_KIND_STRING;
    case COLUMN_ANY:
        break;
    }
    return true;
}

/* ---- Values as texts ---- */

/* Writes a number as it is in a cell. */
static int write_number(struct pyon_writer *writer, enum cell cell, uint64_t slot)
{
    int64_t integer;
    double real;

    memcpy(&integer, &slot, sizeof integer);
    memcpy(&real, &slot, sizeof real);
    if (cell == CELL_BOOLEAN)
        return pyon_write_boolean(writer, integer != 0);
    return cell == CELL_INTEGER ? pyon_write_integer(writer, integer)
                                : pyon_write_real(writer, real);
}

static size_t text_length(const struct pyon_out *out)
{
    return (size_t)(out->cur - out->start);
}

/* Appends the text of a match. Returns 1, with the text as it was, if there is no way to write it:
   fills `why`. */
static int append_text(struct pyon_out *out, const struct pyon_match *match, enum cell cell,
                       uint64_t slot, const char **why)
{
    size_t length = text_length(out);
    struct pyon_writer writer;
    int status;

    *why = NULL;
    pyon_writer_init(&writer, out, &pyon_v2, false);
    if (cell != CELL_TEXT)
        status = write_number(&writer, cell, slot);
    else if (match->is_part)
        status = pyon_path_write_part(&writer, &match->part);
    else
        status = pyon_write_node(&writer, match->node, false, NULL, why);
    if (status == 0 || out->code == PYON_ERROR_MEMORY)
        return status;
    pyon_path_shorten(out, length);
    if (!*why)
        *why = pyon_error_message(out->code);
    out->code = PYON_OK;
    return 1;
}

/* ---- Cells ---- */

/* A value of the last row that does not fit. */
static int miss(struct columns *columns, size_t number, const char *what)
{
    struct misfit misfit = {
        .line = columns->lines[columns->rows - 1], .column = number, .what = what};

    return pyon_columns_miss(columns, &misfit);
}

static int append_raw(struct pyon_out *out, const char *text)
{
    struct pyon_writer writer;

    pyon_writer_init(&writer, out, &pyon_v2, false);
    return pyon_write_raw(&writer, text, 1);
}

/* One of several values: the list in the cell gets longer. */
static int put_item(struct columns *columns, size_t number, const struct pyon_match *match)
{
    struct column *column = &columns->columns[number];
    size_t row = columns->rows - 1, length = text_length(&column->text);
    uint64_t slot;
    enum cell cell = number_of(match, &slot);
    const char *why;
    int status;

    if (append_raw(&column->text, column->cells[row] == CELL_MISSING ? "[" : ",") < 0)
        return -1;
    status = append_text(&column->text, match, cell, slot, &why);
    if (status == 0) {
        column->cells[row] = CELL_TEXT;
        column->slots[row] += text_length(&column->text) - length;
        return 0;
    }
    pyon_path_shorten(&column->text, length);
    return status < 0 ? -1 : miss(columns, number, why);
}

int pyon_column_put(struct columns *columns, size_t number, const struct pyon_match *match)
{
    struct column *column = &columns->columns[number];
    size_t row = columns->rows - 1, length = text_length(&column->text);
    uint64_t slot = 0;
    enum cell cell;
    const char *why;
    int status;

    if (column->several)
        return put_item(columns, number, match);
    cell = number_of(match, &slot);
    if (!fits(column->type, match, &cell, &slot))
        return miss(columns, number, misfits[column->type]);
    if (cell == CELL_TEXT) {
        status = append_text(&column->text, match, cell, slot, &why);
        if (status != 0)
            return status < 0 ? -1 : miss(columns, number, why);
        slot = text_length(&column->text) - length;
    }
    column->cells[row] = (unsigned char)cell;
    column->slots[row] = slot;
    return 0;
}

int pyon_column_end(struct columns *columns, size_t number)
{
    struct column *column = &columns->columns[number];
    size_t row = columns->rows - 1;

    if (!column->several || column->cells[row] == CELL_MISSING)
        return 0;
    column->slots[row]++;
    return append_raw(&column->text, "]");
}
