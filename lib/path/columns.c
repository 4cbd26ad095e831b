/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The text of columns (columns.h): a stream and a selection go through it. The stream gets a copy of
 * the text in pieces that stay in the cache.
 *
 * A stream is fast, but it sees no line ends: in a text with errors it may find values that are no lines.
 * So it ends at the first line that is not one value of its dialect. From there on each line is read for
 * itself.
 */
#include "path/columns.h"

#include "path/path.h"
#include "pyon_select.h"

#include <stdlib.h>

#define PIECE ((size_t)1 << 18)
#define BLANKS " \t\r"

/* ---- Rows ---- */

static bool may_be_several(const struct pyon_path *path)
{
    for (size_t i = 0; i < path->count; i++)
        if (path->steps[i].kind == STEP_SLICE || path->steps[i].kind == STEP_ALL)
            return true;
    return false;
}

int pyon_columns_init(struct columns *columns, const struct pyon_path *const *paths,
                      const enum column_type *types, size_t count)
{
    *columns = (struct columns){.columns = calloc(count ? count : 1, sizeof *columns->columns)};
    if (!columns->columns)
        return -1;
    columns->count = count;
    for (size_t i = 0; i < count; i++) {
        columns->columns[i].path = paths[i];
        columns->columns[i].type = types[i];
        columns->columns[i].several = may_be_several(paths[i]);
        pyon_out_init(&columns->columns[i].text);
    }
    return 0;
}

void pyon_columns_free(struct columns *columns)
{
    for (size_t i = 0; i < columns->count; i++) {
        free(columns->columns[i].cells);
        free(columns->columns[i].slots);
        pyon_out_free(&columns->columns[i].text);
    }
    free(columns->columns);
    free(columns->lines);
    free(columns->misfits);
}

/* Makes an array longer: false without memory, then it is as it was. */
static bool lengthen(void *place, size_t capacity, size_t size)
{
    void *old, *block;

    memcpy(&old, place, sizeof old);
    block = capacity <= SIZE_MAX / size ? realloc(old, capacity * size) : NULL;
    if (!block)
        return false;
    memcpy(place, &block, sizeof block);
    return true;
}

static int grow_rows(struct columns *columns)
{
    size_t capacity = columns->row_capacity ? 2 * columns->row_capacity : 64; /* cannot overflow */

    if (!lengthen(&columns->lines, capacity, sizeof *columns->lines))
        return -1;
    for (size_t i = 0; i < columns->count; i++) {
        struct column *column = &columns->columns[i];

        if (!lengthen(&column->cells, capacity, sizeof *column->cells) ||
            !lengthen(&column->slots, capacity, sizeof *column->slots))
            return -1;
    }
    columns->row_capacity = capacity;
    return 0;
}

int pyon_columns_add_row(struct columns *columns, size_t line)
{
    if (columns->rows == columns->row_capacity && grow_rows(columns) < 0)
        return -1;
    for (size_t i = 0; i < columns->count; i++) {
        columns->columns[i].cells[columns->rows] = CELL_MISSING;
        columns->columns[i].slots[columns->rows] = 0;
    }
    columns->lines[columns->rows++] = line;
    return 0;
}

int pyon_columns_miss(struct columns *columns, const struct misfit *misfit)
{
    if (columns->misfit_count == columns->misfit_capacity) {
        size_t capacity = columns->misfit_capacity ? 2 * columns->misfit_capacity : 8;

        if (!lengthen(&columns->misfits, capacity, sizeof *columns->misfits))
            return -1;
        columns->misfit_capacity = capacity;
    }
    columns->misfits[columns->misfit_count++] = *misfit;
    return 0;
}

/* ---- Reading ---- */

struct reading {
    struct columns *columns;
    const struct pyon_dialect *dialect, *other;
    struct pyon_selection *selection;
    struct pyon_stream *stream;
    const char *text;
    size_t length;
    size_t done;   /* bytes that were read: up to the beginning of a line, */
    size_t line;   /* which has this number, from 1 */
    size_t number; /* of the column that gets values */
};

static int put_match(void *self, const struct pyon_match *match)
{
    struct reading *reading = self;

    return pyon_column_put(reading->columns, reading->number, match);
}

/* The row of a value that the selection has. */
static int put_row(struct reading *reading)
{
    struct columns *columns = reading->columns;

    if (pyon_columns_add_row(columns, reading->line) < 0)
        return -1;
    for (size_t i = 0; i < columns->count; i++) {
        reading->number = i;
        if (pyon_selection_values(reading->selection, i, put_match, reading) < 0 ||
            pyon_column_end(columns, i) < 0)
            return -1;
    }
    return 0;
}

static bool is_done(const struct reading *reading)
{
    return reading->columns->stops && reading->columns->misfit_count > 0;
}

/* The end of the line at a place. */
static size_t line_end(const struct reading *reading, size_t offset)
{
    const char *p = memchr(reading->text + offset, '\n', reading->length - offset);

    return p ? (size_t)(p - reading->text) : reading->length;
}

static size_t skip_blanks(const struct reading *reading, size_t offset)
{
    while (offset < reading->length && memchr(BLANKS, reading->text[offset], sizeof BLANKS - 1))
        offset++;
    return offset;
}

/* ---- Line by line ---- */

/* Reads a line in one dialect. Returns 1 and fills `error` if it is not of this dialect. */
static int parse_line(struct reading *reading, const struct pyon_dialect *dialect, const char *line,
                      size_t length, struct pyon_error *error)
{
    *error = (struct pyon_error){.code = PYON_OK};
    if (pyon_selection_parse(reading->selection, dialect, line, length, NULL, error) == 0)
        return put_row(reading);
    return error->code == PYON_ERROR_MEMORY ? -1 : 1;
}

/* Reads a line, which a NUL follows. */
static int take_line(struct reading *reading, const char *line, size_t length)
{
    struct pyon_error first, second = {.code = PYON_OK};
    int status = parse_line(reading, reading->dialect, line, length, &first);

    if (status == 1 && reading->other)
        status = parse_line(reading, reading->other, line, length, &second);
    if (status == 1) {
        const struct pyon_error *farther = second.offset > first.offset ? &second : &first;
        struct misfit misfit = {.line = reading->line,
                                .column = COLUMN_NONE,
                                .offset = farther->offset,
                                .what = farther->message};

        /* of version 1: a comment */
        if (first.code == PYON_ERROR_EMPTY || second.code == PYON_ERROR_EMPTY)
            return 0;
        return pyon_columns_miss(reading->columns, &misfit);
    }
    return status;
}

/* Copies a line, and puts a NUL after it. A byte order mark becomes blanks: it is no part of the value,
   and files that are joined have one in the middle. */
static int copy_line(const struct reading *reading, struct pyon_out *line, size_t length)
{
    static const char mark[] = "\xef\xbb\xbf";

    line->cur = line->start;
    if (pyon_path_put(line, reading->text + reading->done, length) < 0 ||
        pyon_path_put(line, "", 1) < 0)
        return -1;
    if (length >= 3 && memcmp(line->start, mark, 3) == 0)
        memset(line->start, ' ', 3);
    return 0;
}

/* Takes each line for itself, from `done` on, which is the beginning of a line. */
static int read_lines(struct reading *reading)
{
    struct pyon_out line;
    int status = 0;

    pyon_out_init(&line);
    while (status == 0 && reading->done < reading->length && !is_done(reading)) {
        size_t end = line_end(reading, reading->done), length = end - reading->done;

        status = copy_line(reading, &line, length);
        if (status == 0 && strspn(line.start, BLANKS) < length)
            status = take_line(reading, line.start, length);
        reading->done = end + (end < reading->length);
        reading->line++;
    }
    pyon_out_free(&line);
    return status;
}

/* ---- By a stream ---- */

/* Goes on to the beginning of the line that has a place of the text in it. */
static void go_to_line(struct reading *reading, size_t offset)
{
    size_t end = line_end(reading, reading->done);

    while (end < offset) {
        reading->done = end + 1;
        reading->line++;
        end = line_end(reading, reading->done);
    }
}

/* The stream has a value. Returns 1 if that is not all of its line. */
static int take_value(struct reading *reading)
{
    size_t end = pyon_stream_position(reading->stream);
    size_t start = pyon_stream_offset(reading->stream) - pyon_stream_value_size(reading->stream);

    go_to_line(reading, start);
    if (line_end(reading, start) < end)
        return 1;
    end = skip_blanks(reading, end);
    if (end < reading->length && reading->text[end] != '\n')
        return 1;
    if (pyon_selection_take(reading->selection) < 0 || put_row(reading) < 0)
        return -1;
    reading->done = end + (end < reading->length);
    reading->line++;
    return 0;
}

/* The stream has failed. */
static int take_failure(struct reading *reading, const struct pyon_error *error)
{
    enum pyon_error_code code = error->code;

    if (code == PYON_ERROR_HOST)
        code = pyon_selection_code(reading->selection);
    if (code == PYON_ERROR_MEMORY)
        return -1;
    go_to_line(reading,
               pyon_stream_offset(reading->stream) - pyon_stream_value_size(reading->stream));
    return 1;
}

/* Takes the values that the stream has. As read_stream(). */
static int take_values(struct reading *reading)
{
    struct pyon_error error = {.code = PYON_OK};
    int status = 0;

    while (status == 0 && !is_done(reading)) {
        int found = pyon_stream_next(reading->stream, &error);

        if (found == PYON_STREAM_MORE)
            break;
        status = found == PYON_STREAM_VALUE ? take_value(reading) : take_failure(reading, &error);
    }
    return status;
}

static int feed(struct reading *reading)
{
    size_t offset = 0;
    int status;

    do {
        size_t left = reading->length - offset, size = left < PIECE ? left : PIECE;
        char *space = pyon_stream_space(reading->stream, size);

        if (!space)
            return -1;
        memcpy(space, reading->text + offset, size);
        pyon_stream_add(reading->stream, size);
        offset += size;
        if (offset == reading->length)
            pyon_stream_end(reading->stream);
        status = take_values(reading);
    } while (status == 0 && offset < reading->length && !is_done(reading));
    return status;
}

/* Reads as far as each line is one value. Returns 1 if one is not: it is the one at `done`. */
static int read_stream(struct reading *reading)
{
    int status = -1;

    reading->stream = pyon_selection_stream(reading->selection, reading->dialect, NULL);
    if (reading->stream)
        status = feed(reading);
    pyon_stream_free(reading->stream);
    return status;
}

/* ---- All of it ---- */

static struct pyon_selection *new_selection(const struct columns *columns)
{
    const struct pyon_path **paths = calloc(columns->count + 1, sizeof *paths);
    struct pyon_selection *selection = NULL;

    for (size_t i = 0; paths && i < columns->count; i++)
        paths[i] = columns->columns[i].path;
    if (paths)
        selection = pyon_selection_new(paths, columns->count);
    free(paths);
    return selection;
}

/* The number of lines; the text after the last line end is one, too. */
static size_t count_lines(struct reading *reading)
{
    go_to_line(reading, reading->length);
    return reading->line - (reading->done == reading->length);
}

int pyon_columns_read(struct columns *columns, const struct pyon_dialect *dialect,
                      const struct pyon_dialect *other, const char *text, size_t length)
{
    struct reading reading = {.columns = columns,
                              .dialect = dialect,
                              .other = other,
                              .selection = new_selection(columns),
                              .text = text,
                              .length = length,
                              .line = 1};
    int status = reading.selection ? read_stream(&reading) : -1;

    if (status == 1)
        status = read_lines(&reading);
    if (status == 0)
        columns->line_count = count_lines(&reading);
    pyon_selection_free(reading.selection);
    return status;
}
