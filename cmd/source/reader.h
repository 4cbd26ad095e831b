/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Values out of an input, one after the other, in either version.
 *
 *     reader_open(&reader, &input, dialect, builder, self, reset)
 *     while ((status = reader_next(&reader)) == READER_VALUE)
 *         ... take the value from the builder
 *     reader_close(&reader)
 */
#ifndef CMD_READER_H
#define CMD_READER_H

#include "command.h"
#include "source/comments.h"
#include "source/input.h"

#include <pyon_select.h>

enum {
    READER_TROUBLE = -2, /* with a message: the input cannot be read, or there is no memory */
    READER_FAILED = -1,  /* the text is wrong: `error`; reader_skip_line() continues */
    READER_END = 0,
    READER_VALUE = 1
};

struct reader {
    struct input *input;
    const struct pyon_dialect *dialect; /* of the value that was read last */
    bool tells_dialect;                 /* from the text, version 2 first */
    const struct pyon_builder *builder;
    struct pyon_selection *selection; /* in the place of the builder, or NULL */
    void *self;
    void (*reset)(void *self); /* drops what the builder holds */
    struct pyon_options options;
    struct pyon_stream *stream;
    uint64_t base;  /* offset in the input at which the stream has begun */
    uint64_t count; /* values so far */
    bool ended;
    struct comments *comments; /* told of the text that is read as version 1, or NULL */
    struct pyon_error error;   /* its offset is that in the input */
    /* While version 1 is tried: what was wrong in version 2, and where that value begins. */
    bool trying;
    struct pyon_error first_error;
    uint64_t value_start;
    uint64_t neither; /* 1 + the start of the last value that is of neither version */
};

/* `dialect` is NULL if the reader shall tell it. */
bool reader_open(struct reader *reader, struct input *input, const struct pyon_dialect *dialect,
                 const struct pyon_options *options, const struct pyon_builder *builder, void *self,
                 void (*reset)(void *self));
/* The same for a selection, which it borrows. */
bool reader_select(struct reader *reader, struct input *input, const struct pyon_dialect *dialect,
                   struct pyon_selection *selection);
void reader_close(struct reader *reader);

/* One of the above. */
int reader_next(struct reader *reader);

/* After READER_VALUE: the size of the text of that value, and where in the input it begins. */
size_t reader_value(const struct reader *reader, uint64_t *start);

/* After READER_FAILED: the file has one value a line. Goes back to the start of the value, which may have failed only
   because it went on in the next line. False, without a message, if its text is gone. */
bool reader_take_lines(struct reader *reader);

/* After READER_FAILED: reading continues after the next line end. */
void reader_skip_line(struct reader *reader);

/* "version 1", "version 2" */
const char *reader_version(const struct reader *reader);

/* The dialect that the options say; NULL if none does. */
const struct pyon_dialect *chosen_dialect(const struct arguments *arguments);

#endif
