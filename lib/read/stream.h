/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* What the parts of a stream share: stream.c reads values, stream_buffer.c has the text. */
#ifndef PYON_STREAM_H
#define PYON_STREAM_H

#include "read/parser.h"

enum awaited {
    WAIT_ANY,      /* for anything */
    WAIT_NO_WORD,  /* for a byte that ends a word */
    WAIT_NO_BLANK, /* for a byte that is no blank */
    WAIT_LINE_END, /* in a comment: for its end, or a NUL */
};

struct pyon_stream {
    struct parser parser;
    char *block;
    size_t capacity, used; /* of the block, NUL not counted */
    size_t value_start;    /* offset of the value that is being read, */
    size_t value_end;      /* and of the end of what was taken of it */
    size_t max_bytes;      /* of a value */
    enum awaited wait;     /* for what, from the place `waited` of the block on */
    size_t waited;
    size_t scanned;  /* what the lexer knows of the string that is cut, */
    unsigned string; /* see struct pyon_lexer */
    bool lines;      /* each of which is a text of its own */
    size_t searched; /* the place in the block up to which there is no line end, if `lines` */
    bool hides;      /* what begins with the byte `hidden`, in the place of which is a NUL */
    char hidden;
    bool line_ends; /* a line end is hidden: more text changes nothing before it */
    bool ended;     /* there will be no more */
    bool begun;     /* the first byte that is no byte order mark has been seen */
    bool skips;     /* everything up to a line end */
    bool failed;    /* with `error`, until pyon_stream_skip_line */
    struct pyon_error error;
    struct payload payload;
};

/* Bytes of the block that are not needed any more. */
static inline size_t taken(const struct pyon_stream *stream)
{
    size_t count = stream->block ? (size_t)(stream->parser.lexer.cursor - stream->block) : 0;

    PYON_ASSERT(count <= stream->used);
    return count;
}

/* ---- stream_buffer.c ---- */

/* What is in the block now is the text, and `cursor` the place in it where reading goes on. */
PYON_INTERNAL void pyon_stream_set_text(struct pyon_stream *stream, size_t cursor);

/* Puts back the byte in the place of which set_text has put a NUL. */
PYON_INTERNAL void pyon_stream_show(struct pyon_stream *stream);

/* Moves what is left to the start of the block. */
PYON_INTERNAL void pyon_stream_drop_taken(struct pyon_stream *stream);

/* Makes the block one of so many bytes: 0, or -1 without memory. */
PYON_INTERNAL int pyon_stream_resize(struct pyon_stream *stream, size_t capacity);

#endif
