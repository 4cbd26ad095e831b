/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The buffer of a stream: the block that pieces of text are put into, and the part of it that the
 * parser sees.
 *
 *     block    [ taken | cursor ... limit ) NUL, room
 *
 * The text that the parser sees ends in a NUL, like any other text. More text may follow, which is
 * hidden from the parser: the next lines, if each line is a text of its own; or a carriage return,
 * as long as the byte after it is not there.
 *
 * Time is linear, however small the pieces. The text that is left moves to the start of the block
 * only if the text that was taken is longer, or if the block doubles.
 */
#include "read/stream.h"

#include <stdlib.h>

/* Room beyond the size that is asked for. A test sets 0: then the text moves with every piece. */
#ifndef PYON_STREAM_SLACK
#define PYON_STREAM_SLACK 4096
#endif
#define LARGE_BLOCK ((size_t)1 << 20) /* a larger one shrinks after the value that needed it */

/* The place in the block up to which the parser may read, from `cursor` on. */
static size_t find_limit(struct pyon_stream *stream, size_t cursor)
{
    size_t from = stream->searched > cursor ? stream->searched : cursor;
    const char *line_end =
        stream->lines ? memchr(stream->block + from, '\n', stream->used - from) : NULL;

    stream->line_ends = line_end;
    stream->searched = line_end ? (size_t)(line_end - stream->block) : stream->used;
    if (line_end)
        return stream->searched;
    /* "\r\n" is one line end, and the lexer must see both. */
    return stream->used -
           (stream->used > cursor && stream->block[stream->used - 1] == '\r' && !stream->ended);
}

void pyon_stream_set_text(struct pyon_stream *stream, size_t cursor)
{
    struct parser *parser = &stream->parser;
    size_t length = find_limit(stream, cursor);

    PYON_ASSERT(cursor <= length && length <= stream->used && stream->used <= stream->capacity);
    stream->hides = length < stream->used;
    if (stream->hides)
        stream->hidden = stream->block[length];
    stream->block[length] = '\0';
    parser->text = stream->block;
    parser->lexer = lexer_of(stream->block, length, stream->used);
    parser->lexer.cursor = parser->token.start = stream->block + cursor;
}

void pyon_stream_show(struct pyon_stream *stream)
{
    if (stream->hides)
        stream->block[stream->parser.lexer.limit - stream->block] = stream->hidden;
    stream->hides = false;
}

void pyon_stream_drop_taken(struct pyon_stream *stream)
{
    size_t count = taken(stream);

    if (count == 0)
        return;
    pyon_stream_show(stream);
    stream->used -= count;
    memmove(stream->block, stream->block + count, stream->used);
    stream->waited -= count < stream->waited ? count : stream->waited;
    stream->searched -= count < stream->searched ? count : stream->searched;
    stream->parser.base += count;
    pyon_stream_set_text(stream, 0);
}

int pyon_stream_resize(struct pyon_stream *stream, size_t capacity)
{
    size_t cursor = taken(stream);
    char *block;

    PYON_ASSERT(capacity >= stream->used);
    pyon_stream_show(stream);
    block = realloc(stream->block, capacity + 1);
    if (block) {
        stream->block = block;
        stream->capacity = capacity;
    }
    if (stream->block)
        pyon_stream_set_text(stream, cursor);
    return block ? 0 : -1;
}

char *pyon_stream_space(struct pyon_stream *stream, size_t size)
{
    size_t left = stream->used - taken(stream), wanted;

    if (size > SIZE_MAX / 4 - left)
        return NULL;
    wanted = 2 * left + size + PYON_STREAM_SLACK;
    if (stream->capacity > LARGE_BLOCK && wanted <= stream->capacity / 4) {
        pyon_stream_drop_taken(stream);
        pyon_stream_resize(stream, wanted); /* if this fails, the old block is good enough */
    } else if (!stream->block || stream->capacity - stream->used < size) {
        /* Moving the text that is left costs less than was taken, or the block doubles. */
        bool pays = taken(stream) > left;

        pyon_stream_drop_taken(stream);
        if ((!pays || stream->capacity - left < size) && pyon_stream_resize(stream, wanted) < 0)
            return NULL;
    }
    PYON_ASSERT(stream->capacity - stream->used >= size);
    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it takes the new block of realloc for the old one */
    return stream->block + stream->used;
}

void pyon_stream_add(struct pyon_stream *stream, size_t size)
{
    size_t cursor = taken(stream);

    if (!stream->block)
        return;
    PYON_ASSERT(size <= stream->capacity - stream->used);
    pyon_stream_show(stream);
    stream->used += size;
    pyon_stream_set_text(stream, cursor);
}

void pyon_stream_end(struct pyon_stream *stream)
{
    stream->ended = true;
    pyon_stream_add(stream, 0);
}
