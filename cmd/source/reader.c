/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Values out of an input.
 *
 * The version is found as ARTIQ does it: a value that is not version 2 is read again as version 1. If that
 * works, all values after it are read as version 1. If the value is neither, the error is that of the version
 * in which more of the value can be read.
 */
#include "source/reader.h"

#include <string.h>

#define PIECE ((size_t)64 << 10) /* bytes that are read at once: they stay in the second cache */

/* A stream skips a byte order mark at its start. In the middle of the input one is wrong, so there the stream
   begins with a line end. */
static bool add_line_end(struct reader *reader)
{
    char *space = pyon_stream_space(reader->stream, 1);

    if (!space)
        return false;
    *space = '\n';
    pyon_stream_add(reader->stream, 1);
    reader->base--;
    return true;
}

static bool begin(struct reader *reader, const struct pyon_dialect *dialect, uint64_t offset)
{
    pyon_stream_free(reader->stream);
    reader->stream =
        reader->selection
            ? pyon_selection_stream(reader->selection, dialect, &reader->options)
            : pyon_stream_new(dialect, reader->builder, reader->self, &reader->options);
    reader->dialect = dialect;
    reader->base = offset;
    reader->ended = false;
    if (reader->comments)
        *reader->comments = (struct comments){.offset = offset};
    if (reader->stream && (offset == 0 || add_line_end(reader)))
        return true;
    complain("%s: no memory", reader->input->name);
    return false;
}

bool reader_open(struct reader *reader, struct input *input, const struct pyon_dialect *dialect,
                 const struct pyon_options *options, const struct pyon_builder *builder, void *self,
                 void (*reset)(void *self))
{
    *reader = (struct reader){.input = input, .builder = builder, .self = self, .reset = reset};
    reader->tells_dialect = !dialect;
    if (options)
        reader->options = *options;
    return begin(reader, dialect ? dialect : &pyon_v2, input->offset);
}

static void reset_selection(void *self)
{
    pyon_selection_reset(self);
}

bool reader_select(struct reader *reader, struct input *input, const struct pyon_dialect *dialect,
                   struct pyon_selection *selection)
{
    *reader = (struct reader){.input = input,
                              .selection = selection,
                              .self = selection,
                              .reset = reset_selection,
                              .tells_dialect = !dialect};
    return begin(reader, dialect ? dialect : &pyon_v2, input->offset);
}

void reader_close(struct reader *reader)
{
    pyon_stream_free(reader->stream);
    reader->stream = NULL;
}

static void drop(struct reader *reader)
{
    if (reader->reset)
        reader->reset(reader->self);
}

/* Gives the stream the next piece: false with a message. */
static bool add_piece(struct reader *reader)
{
    char *space = pyon_stream_space(reader->stream, PIECE);
    ptrdiff_t count;

    if (!space) {
        complain("%s: no memory", reader->input->name);
        return false;
    }
    count = input_read(reader->input, space, PIECE);
    if (count < 0)
        return false;
    if (reader->comments && reader->dialect == &pyon_v1) /* version 2 has none */
        comments_look(reader->comments, space, (size_t)count);
    pyon_stream_add(reader->stream, (size_t)count);
    if (count == 0) {
        reader->ended = true;
        pyon_stream_end(reader->stream);
    }
    return true;
}

static uint64_t value_start(const struct reader *reader)
{
    return reader->base + pyon_stream_offset(reader->stream) -
           pyon_stream_value_size(reader->stream);
}

size_t reader_value(const struct reader *reader, uint64_t *start)
{
    *start = value_start(reader);
    return (size_t)(reader->base + pyon_stream_position(reader->stream) - *start);
}

/* Is it for version 1 to read what has failed in version 2? */
static bool may_be_other(const struct reader *reader)
{
    return reader->tells_dialect && reader->dialect == &pyon_v2 &&
           reader->error.code != PYON_ERROR_HOST && reader->error.code != PYON_ERROR_DEPTH &&
           reader->neither != value_start(reader) + 1;
}

/* Reads the value that has failed as version 1: false if its text is gone, or with a message. */
static bool try_other(struct reader *reader)
{
    reader->value_start = value_start(reader);
    reader->first_error = reader->error;
    if (!input_rewind(reader->input, reader->value_start))
        return false;
    drop(reader);
    reader->trying = true;
    return begin(reader, &pyon_v1, reader->value_start);
}

/* Version 1 joins two strings in a row. So it comes further than version 2 where a comma is missing between them, as
   between the lines of a dict. */
static bool lacks_comma(const struct reader *reader)
{
    char c = 0;

    return reader->first_error.code == PYON_ERROR_COMMA &&
           input_look(reader->input, reader->first_error.offset, &c, 1) == 1 && c == '"';
}

/* Version 1 cannot read the value either. If it has not come further, the value is read once more as
   version 2, for that error: true. Arithmetic that cannot be computed (1/0) is no error in the
   syntax: the value is version 1. */
static bool reads_again(struct reader *reader)
{
    if (reader->error.code == PYON_ERROR_HOST || reader->error.code == PYON_ERROR_LARGE)
        return false;
    if (reader->error.offset > reader->first_error.offset && !lacks_comma(reader))
        return false;
    reader->trying = false;
    reader->neither = reader->value_start + 1;
    drop(reader);
    return input_rewind(reader->input, reader->value_start) &&
           begin(reader, &pyon_v2, reader->value_start);
}

int reader_next(struct reader *reader)
{
    for (;;) {
        int status = pyon_stream_next(reader->stream, &reader->error);

        if (status == PYON_STREAM_VALUE) {
            if (reader->trying) /* and so is the rest */
                reader->trying = reader->tells_dialect = false;
            reader->count++;
            return READER_VALUE;
        }
        if (status == PYON_STREAM_FAILED) {
            reader->error.offset += reader->base;
            if (reader->error.code == PYON_ERROR_MEMORY) {
                complain("%s: no memory", reader->input->name);
                return READER_TROUBLE;
            }
            if (may_be_other(reader) && try_other(reader))
                continue;
            if (reader->trying && reads_again(reader))
                continue;
            return READER_FAILED;
        }
        if (reader->ended)
            return READER_END;
        if (!add_piece(reader))
            return READER_TROUBLE;
    }
}

bool reader_take_lines(struct reader *reader)
{
    uint64_t start = reader->trying ? reader->value_start : value_start(reader);

    reader->options.lines = true;
    if (!input_rewind(reader->input, start))
        return false;
    drop(reader);
    reader->trying = false;
    reader->neither = 0;
    return begin(reader, reader->tells_dialect ? &pyon_v2 : reader->dialect, start);
}

/* The offset after the next line end. */
static uint64_t find_line_end(struct reader *reader, uint64_t offset)
{
    char block[4096];
    size_t size;

    while ((size = input_look(reader->input, offset, block, sizeof block)) > 0) {
        const char *end = memchr(block, '\n', size);

        if (end)
            return offset + (uint64_t)(end - block) + 1;
        offset += size;
    }
    return offset;
}

void reader_skip_line(struct reader *reader)
{
    uint64_t next;

    drop(reader);
    if (!reader->trying) {
        pyon_stream_skip_line(reader->stream);
        return;
    }
    /* One value of neither version says nothing of the next. */
    reader->trying = false;
    next = find_line_end(reader, reader->error.offset);
    if (!input_rewind(reader->input, next) || !begin(reader, &pyon_v2, next))
        pyon_stream_skip_line(reader->stream);
}

const char *reader_version(const struct reader *reader)
{
    return reader->dialect == &pyon_v1 ? "version 1" : "version 2";
}

const struct pyon_dialect *chosen_dialect(const struct arguments *arguments)
{
    if (has_option(arguments, "v1"))
        return &pyon_v1;
    return has_option(arguments, "v2") ? &pyon_v2 : NULL;
}
