/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Counts the events of all values on standard input, with a struct pyon_builder of its own.
 *
 *     $ echo '{"a": [1, 2.5]} "b"' | count
 *     2 values: 2 numbers, 2 strings, 2 containers, 0 calls
 *
 * The input may be larger than memory, since nothing of it is kept. With -1 it is of version 1.
 * Build it with: cc -o count count.c $(pkg-config --cflags --libs pyon)
 */
#include <pyon.h>

#include <stdio.h>
#include <string.h>

#define PIECE 65536

struct counts {
    size_t values, numbers, strings, containers, calls;
};

/* ---- The builder: functions for events; `self` points to the counts ---- */

static int on_real(void *self, double value)
{
    (void)value;
    ((struct counts *)self)->numbers++;
    return 0;
}

static int on_integer(void *self, int64_t value)
{
    return on_real(self, (double)value);
}

static int on_bigint(void *self, const char *text, size_t length, unsigned base)
{
    (void)text, (void)length, (void)base;
    return on_real(self, 0);
}

static int on_complex(void *self, double real, double imaginary)
{
    (void)imaginary;
    return on_real(self, real);
}

/* Bytes too, and the keys of dicts: they have the flag PYON_FLAG_KEY. */
static int on_string(void *self, const char *data, size_t length, unsigned flags)
{
    (void)data, (void)length, (void)flags;
    ((struct counts *)self)->strings++;
    return 0;
}

/* A set or dict, of which all members have been events before it. */
static int on_dict(void *self, size_t length)
{
    (void)length;
    ((struct counts *)self)->containers++;
    return 0;
}

static int on_list(void *self, size_t length, unsigned flags)
{
    (void)flags;
    return on_dict(self, length);
}

static int on_call_end(void *self, size_t arguments, size_t keywords)
{
    (void)arguments, (void)keywords;
    ((struct counts *)self)->calls++;
    return 0;
}

/* It was a dict and no call: its key, the name and the list of arguments have not been events. */
static int on_call_undo(void *self, size_t arguments)
{
    ((struct counts *)self)->strings += 2;
    return on_dict(self, arguments);
}

/* Version 1 asks for each name: here all of them may be called. */
static bool is_callable(void *self, const char *name, size_t length)
{
    (void)self, (void)name, (void)length;
    return true;
}

/* The functions of pyon_null_builder do nothing. */
static struct pyon_builder make_builder(void)
{
    struct pyon_builder builder = pyon_null_builder;

    builder.integer = on_integer;
    builder.bigint = on_bigint;
    builder.real = on_real;
    builder.complex_number = on_complex;
    builder.string = builder.bytes = on_string;
    builder.list = builder.tuple = on_list;
    builder.set = builder.dict = builder.tagged = on_dict;
    builder.call_end = on_call_end;
    builder.call_undo = on_call_undo;
    builder.callable = is_callable;
    return builder;
}

/* ---- The stream ---- */

/* Reads standard input to its end: false after a message. */
static bool read_all(struct pyon_stream *stream, struct counts *counts)
{
    struct pyon_error error;
    size_t size = 1;
    char *space;
    int status;

    while (size > 0 && (space = pyon_stream_space(stream, PIECE))) {
        size = fread(space, 1, PIECE, stdin);
        pyon_stream_add(stream, size);
        if (size == 0)
            pyon_stream_end(stream);
        while ((status = pyon_stream_next(stream, &error)) == PYON_STREAM_VALUE)
            counts->values++;
        if (status == PYON_STREAM_FAILED) {
            fprintf(stderr, "%s at byte %zu\n", error.message, error.offset);
            return false;
        }
    }
    if (size > 0 || ferror(stdin))
        perror("standard input");
    return size == 0 && !ferror(stdin);
}

int main(int argc, char **argv)
{
    bool is_v1 = argc == 2 && strcmp(argv[1], "-1") == 0;
    struct counts c = {0};
    struct pyon_builder builder = make_builder();
    struct pyon_stream *stream = pyon_stream_new(is_v1 ? &pyon_v1 : &pyon_v2, &builder, &c, NULL);
    bool done = stream && read_all(stream, &c);

    pyon_stream_free(stream);
    if (done)
        printf("%zu values: %zu numbers, %zu strings, %zu containers, %zu calls\n", c.values,
               c.numbers, c.strings, c.containers, c.calls);
    return done ? 0 : 1;
}
