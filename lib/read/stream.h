/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The struct that stream.c (values) and stream_buffer.c (the text) share. */
#ifndef PYON_STREAM_H
#define PYON_STREAM_H

#include "read/shape.h"

#include <stdlib.h>

#undef WAIT_ANY /* stdlib.h of macOS has it, for processes */

/* The byte that the lexer must see before it is worth while to lex the cut token again. */
enum awaited {
    WAIT_ANY,      /* any byte */
    WAIT_NO_WORD,  /* a byte that ends a word */
    WAIT_NO_BLANK, /* a byte that is no blank */
    WAIT_LINE_END, /* in a comment: its end, or a NUL */
};

/*
 * A stream of values. Its life:
 *
 *   1. pyon_stream_new(): no block yet, and the parser begins its first value.
 *   2. pyon_stream_space() makes room in the block; the caller puts text there; pyon_stream_add()
 *      shows it to the parser.
 *   3. pyon_stream_next() takes tokens, up to the end of a value (then it begins the next one) or
 *      up to a token that is cut. Of that token the start stays in the block, and `wait`, `scanned`
 *      or `payload` tell how far it has been looked at. Back to 2.
 *   4. On a failure `failed` is set. Only pyon_stream_skip_line() leaves this state: it sets
 *      `skips`, and 3 drops everything up to the next line end.
 *   5. pyon_stream_end(): 3 takes the last token as it is, because no more text follows.
 *   6. pyon_stream_free().
 */
struct pyon_stream {
    struct parser parser; /* `base`, `text` and `lexer` say which part of the block it sees */

    /* The block: its first `used` bytes are text, and a NUL has room after `capacity`. */
    char *block;
    size_t capacity, used;

    /* The value: offsets of its start, and of the end of its last token; the most bytes it may
       have. */
    size_t value_start;
    size_t value_end;
    size_t max_bytes;

    /* The token that is cut. */
    enum awaited wait; /* the byte that is waited for */
    size_t waited;     /* the place in the block up to which there is none */
    size_t scanned;    /* a string: see struct pyon_lexer */
    unsigned string;

    /* The limit of the text that the parser sees. */
    bool lines;      /* each line is a text of its own */
    size_t searched; /* if `lines`: the place in the block up to which there is no line end */
    bool hides;      /* the text from the limit on is hidden: its first byte is saved in `hidden` */
    char hidden;     /* and overwritten by a NUL */
    bool line_ends;  /* a line end is hidden, so more text changes nothing before it */

    /* Values of the same shape; NULL if there has been no reason to learn one. */
    struct shape *shape;
    unsigned long long misses; /* values in a row that were not of this shape */

    /* The state of the whole. */
    bool ended;  /* there will be no more text */
    bool begun;  /* the text begins with no byte order mark, or it has been skipped */
    bool skips;  /* text is dropped up to a line end */
    bool failed; /* with `error` */
    struct pyon_error error;
    struct payload payload; /* base64 that is cut, if `payload.open` */
};

/* The number of bytes at the start of the block that are not needed any more. */
static inline size_t taken(const struct pyon_stream *stream)
{
    size_t count = stream->block ? (size_t)(stream->parser.lexer.cursor - stream->block) : 0;

    PYON_ASSERT(count <= stream->used);
    return count;
}

/* ---- stream_buffer.c ---- */

/* Shows the parser the text of the block; reading continues at the place `cursor` of the block. */
PYON_INTERNAL void pyon_stream_set_text(struct pyon_stream *stream, size_t cursor);

/* Puts the hidden byte back in the place of the NUL. */
PYON_INTERNAL void pyon_stream_show(struct pyon_stream *stream);

/* Moves the text that is left to the start of the block. */
PYON_INTERNAL void pyon_stream_drop_taken(struct pyon_stream *stream);

/* Makes the block one of `capacity` bytes. Returns 0, or -1 without memory. */
PYON_INTERNAL int pyon_stream_resize(struct pyon_stream *stream, size_t capacity);

#endif
