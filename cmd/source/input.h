/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Files and standard input: read once from the start to the end, and looked into again where an error is. */
#ifndef CMD_INPUT_H
#define CMD_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct input {
    const char *name; /* as messages show it */
    int fd;
    bool seekable;
    uint64_t start;  /* where in the file the reading has begun */
    uint64_t size;   /* bytes from there, if it is seekable */
    uint64_t offset; /* bytes that have been read */

    /* Of what cannot be read again: the last part, in [kept_from, kept_from + kept_length). */
    char *kept;
    size_t kept_length, kept_capacity;
    uint64_t kept_from;
    uint64_t lines_before; /* line ends before it */

    /* Up to where line ends have been counted, for the next error. */
    uint64_t counted, line, line_start;

    bool shows_progress;
    int percent; /* shown last */
};

/* Opens a file, or standard input for "-": false with a message. input_close() it. */
bool input_open(struct input *input, const char *path);
void input_close(struct input *input);

/* Prints its name, as a terminal may get it. */
void input_put_name(const struct input *input, FILE *stream);

/* Reads up to `size` bytes: how many, 0 at the end, -1 with a message. */
ptrdiff_t input_read(struct input *input, char *data, size_t size);

/* Reads up to `size` bytes at the start, and goes back there: how many, -1 with a message. */
ptrdiff_t input_peek(struct input *input, char *data, size_t size);

/* Goes back to an offset: false, without a message, if that is not kept any more. */
bool input_rewind(struct input *input, uint64_t offset);

/* Copies up to `size` bytes from an offset on: how many there are. */
size_t input_look(struct input *input, uint64_t offset, char *data, size_t size);

/* Where an offset is. */
struct line {
    uint64_t number; /* from 1; 0 if it is not known */
    uint64_t start;  /* offset of its first byte, or of the first that is known */
    uint64_t column; /* in code points, from 1; 0 if it is not known */
};

/* Offsets should not become smaller from call to call: line ends are counted on. */
void input_locate(struct input *input, uint64_t offset, struct line *line);

#endif
