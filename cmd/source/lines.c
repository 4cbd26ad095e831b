/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* A value as lines "path = value". */
#include "source/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pyon_path.h>

#define EQUALS " = "

/* ---- Writing ---- */

/* Is the text of a key in a path exact? The literals there are those of version 1, which loses the sign of a
   zero in complex numbers, for instance. */
static bool is_plain_key(const struct pyon_node *key)
{
    switch (pyon_node_kind(key)) {
    case PYON_KIND_NULL:
    case PYON_KIND_BOOLEAN:
    case PYON_KIND_INTEGER:
    case PYON_KIND_BIGINT:
    case PYON_KIND_REAL:
    case PYON_KIND_STRING:
    case PYON_KIND_BYTES:
        return true;
    default:
        return false;
    }
}

static bool has_plain_keys(const struct pyon_node *dict)
{
    for (size_t i = 0; i < pyon_node_size(dict); i++) {
        const struct pyon_node *key = pyon_node_key(dict, i);
        bool is_tuple = pyon_node_kind(key) == PYON_KIND_TUPLE;

        for (size_t k = 0; is_tuple && k < pyon_node_size(key); k++)
            if (!is_plain_key(pyon_node_item(key, k)))
                return false;
        if (!is_tuple && !is_plain_key(key))
            return false;
    }
    return true;
}

/* The text for a container whose members follow; NULL for all other values. */
static const char *empty_text(const struct pyon_node *node)
{
    switch (pyon_node_kind(node)) {
    case PYON_KIND_LIST:
        return "[]";
    case PYON_KIND_TUPLE:
        return "()";
    case PYON_KIND_DICT:
        return has_plain_keys(node) ? "{}" : NULL;
    default:
        return NULL;
    }
}

static int write_line(struct pyon_writer *writer, const struct pyon_out *path,
                      const struct pyon_node *node)
{
    size_t length = (size_t)(path->cur - path->start);
    const char *empty = empty_text(node);

    if (pyon_write_raw(writer, length > 0 ? path->start : ".", length > 0 ? length : 1) < 0 ||
        pyon_write_raw(writer, EQUALS, strlen(EQUALS)) < 0)
        return -1;
    if (empty ? pyon_write_raw(writer, empty, strlen(empty)) < 0
              : pyon_write_node(writer, node, false, NULL, NULL) < 0)
        return -1;
    return pyon_write_raw(writer, "\n", 1);
}

/* Writes a node, and the members of a container. `path` is as it was when it returns. */
static int write_lines(struct pyon_writer *writer, struct pyon_out *path,
                       const struct pyon_node *node)
{
    size_t length = (size_t)(path->cur - path->start);
    struct pyon_steps *steps;
    int status = write_line(writer, path, node);

    if (!empty_text(node) || pyon_node_size(node) == 0 || status < 0)
        return status;
    steps = pyon_steps_new(node);
    if (!steps) {
        writer->out->code = PYON_ERROR_MEMORY;
        return -1;
    }
    for (size_t i = 0; i < pyon_node_size(node) && status == 0; i++) {
        const struct pyon_node *value = pyon_node_value(node, i);

        status = pyon_steps_append(steps, i, path);
        if (status < 0)
            writer->out->code = path->code;
        else
            status = write_lines(writer, path, value ? value : pyon_node_item(node, i));
        path->cur = path->start + length;
    }
    pyon_steps_free(steps);
    return status;
}

int lines_write(struct pyon_writer *writer, const char *path, size_t length,
                const struct pyon_node *node)
{
    struct pyon_out text;
    struct pyon_writer path_writer;
    int status;

    pyon_out_init(&text);
    pyon_writer_init(&path_writer, &text, &pyon_v1, false);
    status = length > 0 ? pyon_write_raw(&path_writer, path, length) : 0;
    if (status < 0)
        writer->out->code = text.code;
    else
        status = write_lines(writer, &text, node);
    pyon_out_free(&text);
    return status;
}

/* ---- Telling them ---- */

/* The length of the path at the start of a line; 0 if the line has none. Brackets and quotes may hold " = ". */
static size_t path_length(const char *line, size_t size)
{
    unsigned depth = 0;
    char quote = 0;

    for (size_t i = 0; i < size; i++) {
        char c = line[i];

        if (quote) {
            if (c == '\\')
                i++;
            else if (c == quote)
                quote = 0;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '[' || c == '(') {
            depth++;
        } else if (c == ']' || c == ')') {
            depth -= depth > 0;
        } else if (depth == 0 && c == ' ') {
            return size - i >= strlen(EQUALS) && memcmp(line + i, EQUALS, strlen(EQUALS)) == 0 ? i
                                                                                               : 0;
        } else if (depth == 0 && (c == '{' || c == ',' || c == ':' || c == '\n')) {
            return 0;
        }
    }
    return 0;
}

/* The first line of a value: it lets the reader write the value in the same version. */
static const char versions[2][12] = {"# version 1", "# version 2"};

int lines_write_version(struct pyon_writer *writer, const struct pyon_dialect *dialect)
{
    const char *version = versions[dialect == &pyon_v2];

    return pyon_write_raw(writer, version, strlen(version)) < 0 ||
                   pyon_write_raw(writer, "\n", 1) < 0
               ? -1
               : 0;
}

/* Reads such a line: NULL if it is another one. */
static const struct pyon_dialect *read_version(const char *line, size_t size)
{
    for (size_t i = 0; i < 2; i++)
        if (size == strlen(versions[i]) && memcmp(line, versions[i], size) == 0)
            return i == 0 ? &pyon_v1 : &pyon_v2;
    return NULL;
}

bool lines_are(const char *start, size_t size)
{
    const char *end = memchr(start, '\n', size);
    size_t length = end ? (size_t)(end - start) : size;

    if (end && length > 0 && end[-1] == '\r')
        length--;
    if (!end || !read_version(start, length))
        return path_length(start, length) > 0;
    /* The same may be a comment of version 1. */
    size -= (size_t)(end + 1 - start);
    start = end + 1;
    end = memchr(start, '\n', size);
    return !end || path_length(start, (size_t)(end - start)) > 0;
}

/* ---- Reading ---- */

/* A container whose members are read. */
struct open_container {
    enum pyon_kind kind;
    size_t path_length; /* of its path, which all members begin with */
    size_t count;       /* members so far */
};

struct lines {
    struct values *values;
    char *text; /* the whole of it */
    size_t size, at;
    unsigned long long number; /* of the line */
    bool chosen;               /* the version is, by an option */
    struct open_container *open;
    size_t count, capacity;
    char *path; /* of the innermost container */
    size_t path_capacity;
    bool begun; /* the value; */
    bool told;  /* a line has said its version */
};

static int complain_at(const struct lines *lines, const char *message)
{
    complain("%s:%llu: %s", lines->values->input.name, lines->number, message);
    return READER_FAILED;
}

static int complain_memory(const struct lines *lines)
{
    complain("%s: no memory", lines->values->input.name);
    return READER_TROUBLE;
}

/* Ends the innermost container. */
static int close_container(struct lines *lines)
{
    const struct open_container *last = &lines->open[--lines->count];
    void *self = lines->values->builder;

    switch (last->kind) {
    case PYON_KIND_DICT:
        return pyon_tree_events.dict(self, last->count);
    case PYON_KIND_TUPLE:
        return pyon_tree_events.tuple(self, last->count, 0);
    default:
        return pyon_tree_events.list(self, last->count, 0);
    }
}

/* Is the line about a member of the container? */
static bool is_inside(const struct lines *lines, const struct open_container *container,
                      const char *path, size_t length)
{
    size_t prefix = container->path_length;

    if (prefix == 0) /* of the whole value */
        return true;
    return length > prefix && memcmp(lines->path, path, prefix) == 0 &&
           (path[prefix] == '.' || path[prefix] == '[');
}

static int open_container(struct lines *lines, enum pyon_kind kind, const char *path, size_t length)
{
    if (lines->count == lines->capacity) {
        size_t capacity = 2 * lines->capacity + 16;
        struct open_container *open = realloc(lines->open, capacity * sizeof *open);

        if (!open)
            return complain_memory(lines);
        lines->open = open;
        lines->capacity = capacity;
    }
    if (length > lines->path_capacity) {
        char *copy = realloc(lines->path, 2 * length);

        if (!copy)
            return complain_memory(lines);
        lines->path = copy;
        lines->path_capacity = 2 * length;
    }
    if (length > 0)
        memcpy(lines->path, path, length);
    lines->open[lines->count++] = (struct open_container){.kind = kind, .path_length = length};
    return READER_VALUE;
}

/* Gives the builder the events of a literal of either version. */
static int add_literal(struct lines *lines, const char *text, size_t length)
{
    struct pyon_error error;
    char *copy = malloc(length + 1);
    const struct pyon_dialect *dialect = &pyon_v2;
    int status;

    if (!copy)
        return complain_memory(lines);
    memcpy(copy, text, length);
    copy[length] = '\0';
    /* Whether it is version 2 is found before the builder hears of it. */
    if (pyon_parse(&pyon_v2, copy, length, &pyon_null_builder, NULL, NULL, &error) < 0)
        dialect = &pyon_v1;
    if (dialect == &pyon_v1 && !lines->chosen && !lines->told)
        lines->values->reader.dialect = dialect;
    status =
        pyon_parse(dialect, copy, length, &pyon_tree_events, lines->values->builder, NULL, &error);
    free(copy);
    if (status == 0)
        return READER_VALUE;
    return error.code == PYON_ERROR_MEMORY ? complain_memory(lines)
                                           : complain_at(lines, error.message);
}

/* The key of a member, from the rest of its path. */
static int add_key(struct lines *lines, const char *step, size_t length)
{
    void *self = lines->values->builder;

    if (length >= 2 && step[0] == '[' && step[length - 1] == ']')
        return add_literal(lines, step + 1, length - 2);
    if (length > 0 && step[0] == '.') {
        step++;
        length--;
    }
    if (length == 0)
        return complain_at(lines, "there is no name before =");
    return pyon_tree_events.string(self, step, length, PYON_FLAG_KEY) < 0 ? complain_memory(lines)
                                                                          : READER_VALUE;
}

/* The kind of a container that has a line of its own; PYON_KIND_COUNT if the text is another value. */
static enum pyon_kind container_kind(const char *text, size_t length)
{
    if (length == 2 && memcmp(text, "{}", 2) == 0)
        return PYON_KIND_DICT;
    if (length == 2 && memcmp(text, "[]", 2) == 0)
        return PYON_KIND_LIST;
    if (length == 2 && memcmp(text, "()", 2) == 0)
        return PYON_KIND_TUPLE;
    return PYON_KIND_COUNT;
}

/* The whole value begins: as a dict, unless its line says otherwise. */
static int begin_whole(struct lines *lines, const char *path, size_t length, const char *text,
                       size_t text_length, bool *done)
{
    enum pyon_kind kind = container_kind(text, text_length);

    lines->begun = true;
    *done = length == 1 && path[0] == '.';
    if (!*done)
        return open_container(lines, PYON_KIND_DICT, "", 0);
    return kind == PYON_KIND_COUNT ? add_literal(lines, text, text_length)
                                   : open_container(lines, kind, "", 0);
}

static int read_line(struct lines *lines, const char *line, size_t size)
{
    size_t length = path_length(line, size), text_length;
    struct open_container *parent;
    enum pyon_kind kind;
    const char *text;
    bool done = false;
    int status;

    if (read_version(line, size)) {
        if (!lines->chosen)
            lines->values->reader.dialect = read_version(line, size);
        lines->told = true;
        return READER_VALUE;
    }
    if (length == 0)
        return complain_at(lines, "this line is not of the form: path = value");
    text = line + length + strlen(EQUALS);
    text_length = size - length - strlen(EQUALS);
    if (!lines->begun) {
        status = begin_whole(lines, line, length, text, text_length, &done);
        if (status != READER_VALUE || done)
            return status;
    }
    while (lines->count > 1 && !is_inside(lines, &lines->open[lines->count - 1], line, length))
        if (close_container(lines) < 0)
            return complain_memory(lines);
    if (lines->count == 0)
        return complain_at(lines, "the value before this line has no members");
    parent = &lines->open[lines->count - 1];
    if (parent->kind == PYON_KIND_DICT) {
        status = add_key(lines, line + parent->path_length, length - parent->path_length);
        if (status != READER_VALUE)
            return status;
    }
    parent->count++;
    kind = container_kind(text, text_length);
    return kind == PYON_KIND_COUNT ? add_literal(lines, text, text_length)
                                   : open_container(lines, kind, line, length);
}

/* The whole text of an input: new; NULL after a message. */
static char *read_input(struct input *input, size_t *size)
{
    size_t capacity = 1 << 16;
    char *text = malloc(capacity);
    ptrdiff_t count = 1;

    for (*size = 0; text && (count = input_read(input, text + *size, capacity - *size)) > 0;) {
        *size += (size_t)count;
        if (*size == capacity) {
            char *larger = capacity <= SIZE_MAX / 2 ? realloc(text, 2 * capacity) : NULL;

            if (!larger) {
                free(text);
                text = NULL;
                break;
            }
            text = larger;
            capacity *= 2;
        }
    }
    if (!text)
        complain("%s: no memory", input->name);
    if (count >= 0)
        return text;
    free(text);
    return NULL;
}

struct lines *lines_open(struct values *values)
{
    struct lines *lines = calloc(1, sizeof *lines);

    if (!lines) {
        complain("%s: no memory", values->input.name);
        return NULL;
    }
    lines->values = values;
    lines->chosen = !values->reader.tells_dialect;
    lines->text = read_input(&values->input, &lines->size);
    if (lines->text)
        return lines;
    lines_close(lines);
    return NULL;
}

void lines_close(struct lines *lines)
{
    if (!lines)
        return;
    free(lines->text);
    free(lines->open);
    free(lines->path);
    free(lines);
}

/* The length of the line that is next, with its end. */
static size_t measure_line(const struct lines *lines)
{
    const char *start = lines->text + lines->at;
    const char *end = memchr(start, '\n', lines->size - lines->at);

    return end ? (size_t)(end - start) + 1 : lines->size - lines->at;
}

/* Reads lines up to the first one of the next value. */
static int read_lines(struct lines *lines)
{
    while (lines->at < lines->size) {
        const char *line = lines->text + lines->at;
        size_t whole = measure_line(lines), length = whole;
        int status;

        while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r'))
            length--;
        if (lines->begun && read_version(line, length))
            break;
        lines->number++;
        lines->at += whole;
        status = length > 0 ? read_line(lines, line, length) : READER_VALUE;
        if (status != READER_VALUE)
            return status;
    }
    while (lines->count > 0)
        if (close_container(lines) < 0)
            return complain_memory(lines);
    return lines->begun ? READER_VALUE : READER_END;
}

int lines_next(struct lines *lines)
{
    int status;

    lines->begun = lines->told = false;
    if (!lines->chosen)
        lines->values->reader.dialect = &pyon_v2;
    status = read_lines(lines);
    if (status < 0) {
        lines->at = lines->size;
        pyon_tree_builder_reset(lines->values->builder);
    }
    return status;
}
