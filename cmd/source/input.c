/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Files and standard input. A regular file is read again if necessary. The last megabytes of a pipe are kept.
 * So its beginning can be read again in the other version, and the line of an error can be shown.
 */
#include "source/input.h"

#include "command.h"
#include "print/printable.h"
#include "system/file.h"
#include "system/terminal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEPT ((size_t)4 << 20) /* bytes of a pipe: twice that when it moves on */
#define BLOCK 65536            /* bytes that are looked through at once */
#define LARGE (100u << 20)     /* bytes: for larger files a terminal shows the progress */

/* ---- Opening ---- */

static bool fail(const struct input *input, const char *reason)
{
    complain("%s: %s", input->name, reason);
    return false;
}

static bool look_at(struct input *input)
{
    struct file_facts facts;
    int64_t start;

    if (!file_look(input->fd, &facts))
        return fail(input, file_reason(errno));
    if (facts.is_directory)
        return fail(input, "is a directory");
    start = facts.is_regular ? file_offset(input->fd) : -1;
    input->seekable = start >= 0;
    if (input->seekable) {
        input->start = (uint64_t)start;
        input->size = facts.size > input->start ? facts.size - input->start : 0;
        input->shows_progress = input->size > LARGE && terminal_is(STANDARD_ERROR);
    }
    return true;
}

bool input_open(struct input *input, const char *path)
{
    bool is_standard = strcmp(path, "-") == 0;

    *input = (struct input){.name = is_standard ? "standard input" : path, .percent = -1};
    input->fd = is_standard ? STANDARD_INPUT : file_open(path);
    if (input->fd < 0)
        return fail(input, file_reason(errno));
    if (look_at(input))
        return true;
    input_close(input);
    return false;
}

void input_put_name(const struct input *input, FILE *stream)
{
    printable_put(stream, input->name, strlen(input->name));
}

static void end_progress(struct input *input)
{
    if (input->percent >= 0)
        fputs("\r\033[K", stderr);
    input->percent = -1;
}

void input_close(struct input *input)
{
    end_progress(input);
    if (input->fd > STANDARD_ERROR)
        file_close(input->fd);
    free(input->kept);
    input->kept = NULL;
    input->fd = -1;
}

/* ---- Reading ---- */

static uint64_t count_lines(const char *data, size_t size)
{
    uint64_t count = 0;

    for (size_t i = 0; i < size; i++)
        count += data[i] == '\n';
    return count;
}

/* Keeps what has come from a pipe. Without memory, less is kept. */
static void keep(struct input *input, const char *data, size_t size)
{
    if (input->kept_length + size > 2 * KEPT && input->kept_length > KEPT) {
        size_t gone = input->kept_length - KEPT;

        input->lines_before += count_lines(input->kept, gone);
        memmove(input->kept, input->kept + gone, KEPT);
        input->kept_from += gone;
        input->kept_length = KEPT;
    }
    if (input->kept_length + size > input->kept_capacity) {
        size_t capacity = 2 * (input->kept_length + size);
        char *kept = realloc(input->kept, capacity);

        if (!kept) {
            input->lines_before +=
                count_lines(input->kept, input->kept_length) + count_lines(data, size);
            input->kept_from += input->kept_length + size;
            input->kept_length = 0;
            return;
        }
        input->kept = kept;
        input->kept_capacity = capacity;
    }
    memcpy(input->kept + input->kept_length, data, size);
    input->kept_length += size;
}

/* After input_rewind, the bytes of a pipe that are kept come first. */
static size_t read_kept(struct input *input, char *data, size_t size)
{
    uint64_t end = input->kept_from + input->kept_length;
    size_t count;

    if (input->seekable || input->offset >= end)
        return 0;
    count = input_look(input, input->offset, data, size);
    input->offset += count;
    return count;
}

static void show_progress(struct input *input)
{
    int percent = (int)(100 * input->offset / (input->size ? input->size : 1));

    if (percent == input->percent || percent > 100)
        return;
    input->percent = percent;
    fputc('\r', stderr);
    input_put_name(input, stderr);
    fprintf(stderr, ": %d %%\033[K", percent);
    fflush(stderr);
}

ptrdiff_t input_read(struct input *input, char *data, size_t size)
{
    ptrdiff_t count = (ptrdiff_t)read_kept(input, data, size);

    if (count > 0)
        return count;
    count = file_read(input->fd, data, size);
    if (count < 0) {
        end_progress(input);
        fail(input, file_reason(errno));
        return -1;
    }
    if (!input->seekable && count > 0)
        keep(input, data, (size_t)count);
    input->offset += (uint64_t)count;
    if (input->shows_progress)
        show_progress(input);
    if (count == 0)
        end_progress(input);
    return count;
}

ptrdiff_t input_peek(struct input *input, char *data, size_t size)
{
    size_t done = 0;
    ptrdiff_t count = 1;

    while (done < size && count > 0) {
        count = input_read(input, data + done, size - done);
        if (count < 0)
            return -1;
        done += (size_t)count;
    }
    if (input_rewind(input, 0))
        return (ptrdiff_t)done;
    fail(input, "no memory"); /* of a pipe, nothing is kept */
    return -1;
}

bool input_rewind(struct input *input, uint64_t offset)
{
    if (input->seekable) {
        if (!file_seek(input->fd, input->start + offset))
            return false;
    } else if (offset < input->kept_from) {
        return false;
    }
    input->offset = offset;
    return true;
}

/* ---- Looking ---- */

size_t input_look(struct input *input, uint64_t offset, char *data, size_t size)
{
    size_t done = 0;

    if (!input->seekable) {
        uint64_t end = input->kept_from + input->kept_length;

        if (offset < input->kept_from || offset >= end)
            return 0;
        done = end - offset < size ? (size_t)(end - offset) : size;
        memcpy(data, input->kept + (offset - input->kept_from), done);
        return done;
    }
    while (done < size) {
        ptrdiff_t count =
            file_read_at(input->fd, data + done, size - done, input->start + offset + done);

        if (count <= 0)
            break;
        done += (size_t)count;
    }
    return done;
}

/* Goes from line to line up to an offset. */
static void count_on(struct input *input, uint64_t offset)
{
    char block[BLOCK];

    while (input->counted < offset) {
        size_t want = offset - input->counted < BLOCK ? (size_t)(offset - input->counted) : BLOCK;
        size_t size = input_look(input, input->counted, block, want);

        for (const char *p = block;
             size > 0 && (p = memchr(p, '\n', (size_t)(block + size - p)));) {
            p++;
            input->line++;
            input->line_start = input->counted + (uint64_t)(p - block);
        }
        if (size == 0)
            return;
        input->counted += size;
    }
}

static uint64_t count_code_points(struct input *input, uint64_t from, uint64_t to)
{
    uint64_t count = 0;
    char block[BLOCK];

    while (from < to) {
        size_t want = to - from < BLOCK ? (size_t)(to - from) : BLOCK;
        size_t size = input_look(input, from, block, want);

        for (size_t i = 0; i < size; i++)
            count += ((unsigned char)block[i] & 0xc0) != 0x80;
        if (size == 0)
            break;
        from += size;
    }
    return count;
}

void input_locate(struct input *input, uint64_t offset, struct line *line)
{
    bool whole;

    if (offset < input->counted || input->counted < input->kept_from) {
        input->counted = input->line_start = input->kept_from;
        input->line = input->lines_before;
    }
    count_on(input, offset);
    /* Of a pipe, the start of the line may be gone. */
    whole = input->kept_from == 0 || input->line > input->lines_before;
    *line = (struct line){.start = input->line_start};
    line->number = offset >= input->kept_from ? input->line + 1 : 0;
    line->column = whole ? count_code_points(input, input->line_start, offset) + 1 : 0;
}
