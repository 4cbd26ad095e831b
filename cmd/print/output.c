/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Text that is written piece by piece, so that memory does not depend on the size of the text. */
#include "print/output.h"

#include "command.h"
#include "system/file.h"

#include <errno.h>
#include <pyon_host.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECE ((size_t)256 << 10)

/* Writes the text that waits; it stays if that fails. */
static bool flush(struct output *output)
{
    const char *p = output->out.start;

    while (p < output->out.cur) {
        ptrdiff_t count = file_write(output->fd, p, (size_t)(output->out.cur - p));

        if (count < 0) {
            output->code = errno;
            return false;
        }
        p += count;
    }
    output->out.cur = output->out.start;
    return true;
}

/* A full block is written. It grows only for a text that is larger than the block. */
static int grow(struct pyon_out *out, size_t need)
{
    struct output *output = (struct output *)out;
    size_t capacity = (size_t)(out->end - out->start);
    char *start;

    if (!flush(output)) {
        out->code = PYON_ERROR_HOST;
        return -1;
    }
    if (need <= capacity)
        return 0;
    capacity = pyon_out_capacity(0, capacity, need);
    start = capacity > 0 ? realloc(out->start, capacity) : NULL;
    if (!start) {
        out->code = PYON_ERROR_MEMORY;
        return -1;
    }
    out->start = out->cur = start;
    out->end = start + capacity;
    return 0;
}

static bool begin(struct output *output, const char *name, int fd)
{
    char *start = malloc(PIECE);

    output->name = name;
    output->fd = fd;
    output->out = (struct pyon_out){.start = start, .cur = start, .grow = grow};
    output->out.end = start ? start + PIECE : NULL;
    if (!start)
        complain("%s: no memory", name);
    return start != NULL;
}

bool output_open(struct output *output)
{
    *output = (struct output){.fd = -1};
    fflush(stdout);
    return begin(output, "standard output", STANDARD_OUTPUT);
}

static bool name_backup(struct output *output)
{
    const char *name = file_name(output->path);
    size_t length = strlen(name);

    output->backup = malloc(length + 2);
    if (!output->backup) {
        complain("%s: no memory", output->path);
        return false;
    }
    memcpy(output->backup, name, length);
    memcpy(output->backup + length, "~", 2);
    return true;
}

bool output_replace(struct output *output, const char *path, bool backup)
{
    struct file_facts old;
    int code;

    *output = (struct output){.fd = -1, .path = path};
    if (!file_look_at(path, &old)) {
        complain("%s: %s", path, file_reason(errno));
        return false;
    }
    if (!old.is_regular) {
        complain(old.is_directory ? "%s: is a directory" : "%s: is not a regular file", path);
        return false;
    }
    if (backup && !name_backup(output))
        return false;
    code = newfile_create(&output->file, path, output->backup);
    if (code != 0) {
        complain("%s: %s", path, file_reason(code));
        free(output->backup);
        return false;
    }
    output->is_file = true;
    if (begin(output, path, output->file.fd))
        return true;
    output_close(output);
    return false;
}

bool output_publish(struct output *output)
{
    int code;

    if (!flush(output)) {
        output_complain(output);
        return false;
    }
    if (!output->is_file)
        return true;
    file_keep_rights(output->file.fd, output->path);
    code = newfile_sync(output->file.fd);
    if (code == 0)
        code = newfile_publish(&output->file);
    if (code == NOT_REGULAR)
        complain("%s: is not a regular file: there can be no backup of it", output->path);
    else if (code != 0)
        complain("%s: %s", output->path, file_reason(code));
    return code == 0;
}

void output_close(struct output *output)
{
    if (output->is_file)
        newfile_end(&output->file);
    free(output->backup);
    free(output->out.start);
    *output = (struct output){.fd = -1};
}

void output_complain(const struct output *output)
{
    if (output->code == EPIPE && !output->is_file)
        exit(EXIT_FINE); /* the reader has seen enough: nothing is left to do */
    if (output->code)
        complain("%s: %s", output->name, file_reason(output->code));
    else
        complain("%s: %s", output->name, pyon_error_message(output->out.code));
}
