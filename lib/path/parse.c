/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Texts to paths.
 *
 *     path  = [ "." ] [ first ] { step }
 *     first = NAMES | "*" | bracket
 *     step  = "." NAMES | "." "*" | bracket
 *     bracket = "[" ( "*" | slice | literal ) "]"
 *     slice   = [ INTEGER ] ":" [ INTEGER ] [ ":" [ INTEGER ] ]
 *
 * The parser of version 1 reads a literal: a stream finds its end, and a tree is its value. It is
 * read in parentheses, so that [1, 2] is a tuple, as in Python. Plain integers, which most literals
 * are, need no stream.
 */
#include "path/path.h"

#include "utf8.h"

#include <stdlib.h>

struct reader {
    struct pyon_path *path;
    const char *p, *end;
    struct pyon_error *error;
};

/* ---- Errors ---- */

static int fail_at(struct reader *reader, const char *where, const char *message)
{
    *reader->error = (struct pyon_error){.code = PYON_ERROR_PATH,
                                         .offset = (size_t)(where - reader->path->text),
                                         .message = message};
    return -1;
}

static int fail(struct reader *reader, const char *message)
{
    return fail_at(reader, reader->p, message);
}

static int fail_memory(struct pyon_error *error)
{
    *error = (struct pyon_error){.code = PYON_ERROR_MEMORY,
                                 .message = pyon_error_message(PYON_ERROR_MEMORY)};
    return -1;
}

/* ---- Steps ---- */

static int add_step(struct reader *reader, struct step step, const char *start)
{
    struct pyon_path *path = reader->path;

    if (path->count == path->capacity) {
        size_t capacity = path->capacity ? 2 * path->capacity : 4; /* cannot overflow: is there */
        struct step *steps = NULL;

        if (capacity <= SIZE_MAX / sizeof *steps)
            steps = realloc(path->steps, capacity * sizeof *steps);
        if (!steps) {
            pyon_tree_free(step.tree);
            return fail_memory(reader->error);
        }
        path->steps = steps;
        path->capacity = capacity;
    }
    step.offset = (size_t)(start - path->text);
    step.length = (size_t)(reader->p - start);
    path->steps[path->count++] = step;
    return 0;
}

/* ---- Names ---- */

static int fail_name(struct reader *reader)
{
    char c = reader->p < reader->end ? *reader->p : '.';

    if (c == '"' || c == '\'')
        return fail(reader, "a quoted key stands in brackets: [\"a key\"]");
    if ((unsigned char)c <= ' ' || (unsigned char)c >= 0x7f)
        return fail(reader,
                    "a key with such a character stands in brackets and quotes: [\"a key\"]");
    return fail(reader, "a name or * expected");
}

/* The names at the cursor, as far as they go. */
static int read_names(struct reader *reader)
{
    const char *start = reader->p;

    for (;;) {
        size_t length = pyon_path_name(reader->p, reader->end);

        if (length == 0)
            return fail_name(reader);
        reader->p += length;
        /* A dot continues the names if a name follows it; "*" is not a name here. */
        if (reader->end - reader->p < 2 || reader->p[0] != '.')
            break;
        if (reader->p[1] == '*' && pyon_path_name(reader->p + 1, reader->end) == 1)
            break;
        if (pyon_path_name(reader->p + 1, reader->end) == 0)
            break;
        reader->p++;
    }
    return add_step(reader, (struct step){.kind = STEP_NAMES}, start);
}

/* After a dot, or where it may be left out. */
static int read_dotted(struct reader *reader)
{
    const char *start = reader->p;

    if (start < reader->end && *start == '*' && pyon_path_name(start, reader->end) == 1) {
        reader->p++;
        return add_step(reader, (struct step){.kind = STEP_ALL}, start);
    }
    return read_names(reader);
}

/* ---- Brackets ---- */

static void skip_blanks(struct reader *reader)
{
    while (reader->p < reader->end && (*reader->p == ' ' || *reader->p == '\t'))
        reader->p++;
}

static bool is_at(const struct reader *reader, char c)
{
    return reader->p < reader->end && *reader->p == c;
}

/* Moves past the character and blanks after it, if it is there. */
static bool accept(struct reader *reader, char c)
{
    if (!is_at(reader, c))
        return false;
    reader->p++;
    skip_blanks(reader);
    return true;
}

/* An integer, which is as near as an int64_t can be if it is too large: is there one? */
static bool read_integer(struct reader *reader, int64_t *value)
{
    const char *start = reader->p, *p = start;
    bool negative = p < reader->end && *p == '-';
    int64_t total = 0; /* negative, since there is one more of these */
    bool large = false;

    p += negative;
    if (p == reader->end || *p < '0' || *p > '9')
        return false;
    for (; p < reader->end && *p >= '0' && *p <= '9'; p++) {
        int digit = *p - '0';

        large = large || total < (INT64_MIN + digit) / 10;
        total = large ? INT64_MIN : total * 10 - digit;
    }
    reader->p = p;
    skip_blanks(reader);
    *value = negative ? total : total == INT64_MIN ? INT64_MAX : -total;
    return true;
}

static int read_slice(struct reader *reader, const char *start)
{
    struct slice slice = {.step = 1};

    skip_blanks(reader);
    slice.has_start = read_integer(reader, &slice.start);
    accept(reader, ':');
    slice.has_stop = read_integer(reader, &slice.stop);
    if (accept(reader, ':')) {
        const char *at = reader->p;

        if (read_integer(reader, &slice.step) && slice.step == 0)
            return fail_at(reader, at, "the step of a slice cannot be 0");
        if (slice.step == INT64_MIN)
            slice.step = -INT64_MAX;
    }
    if (!is_at(reader, ']'))
        return fail(reader, "an integer, \":\" or \"]\" of a slice expected");
    reader->p++;
    return add_step(reader, (struct step){.kind = STEP_SLICE, .slice = slice}, start);
}

/* Does a slice begin at the cursor? No literal has a colon here. */
static bool begins_slice(struct reader reader)
{
    int64_t ignored;

    skip_blanks(&reader);
    read_integer(&reader, &ignored);
    return is_at(&reader, ':');
}

/* ---- Literals ---- */

/* The offset of an error within a literal, which begins at `start`, becomes that in the path. */
static int fail_literal(struct reader *reader, const char *start)
{
    struct pyon_error *error = reader->error;
    size_t offset = (size_t)(start - reader->path->text) + error->offset;

    if (error->code == PYON_ERROR_MEMORY)
        return fail_memory(error);
    if (error->code == PYON_ERROR_TRUNCATED)
        return fail_at(reader, reader->end, "\"]\" expected");
    error->offset = offset < reader->path->length ? offset : reader->path->length;
    if (error->length > reader->path->length - error->offset)
        error->length = reader->path->length - error->offset;
    return -1;
}

/* Gives the stream text up to where the bracket at `p` is closed, and returns the place after it;
   NULL on failure. As no value ends before a bracket does, pieces end there. */
static const char *run_stream(struct reader *reader, struct pyon_stream *stream, const char *p)
{
    int status = PYON_STREAM_MORE;

    while (status == PYON_STREAM_MORE) {
        const char *bracket = memchr(p, ']', (size_t)(reader->end - p));
        size_t size = (size_t)((bracket ? bracket + 1 : reader->end) - p);
        char *space = pyon_stream_space(stream, size);

        if (!space) {
            fail_memory(reader->error);
            return NULL;
        }
        memcpy(space, p, size);
        pyon_stream_add(stream, size);
        if (!bracket)
            pyon_stream_end(stream);
        status = pyon_stream_next(stream, reader->error);
        p += size;
    }
    return status == PYON_STREAM_VALUE ? p : NULL;
}

/* The place after the bracket that closes the one at `start`; NULL on failure. */
static const char *find_end(struct reader *reader, const char *start)
{
    struct pyon_stream *stream = pyon_stream_new(&pyon_v1, &pyon_null_builder, NULL, NULL);
    const char *end;

    if (!stream) {
        fail_memory(reader->error);
        return NULL;
    }
    end = run_stream(reader, stream, start);
    pyon_stream_free(stream);
    if (!end)
        fail_literal(reader, start);
    return end;
}

/* The value of what stands between brackets, [start, end). */
static struct pyon_tree *read_value(struct reader *reader, const char *start, const char *end)
{
    size_t length = (size_t)(end - start);
    char *text = length <= SIZE_MAX - 4 ? malloc(length + 4) : NULL;
    struct pyon_tree *tree;

    if (!text) {
        fail_memory(reader->error);
        return NULL;
    }
    text[0] = '(';
    memcpy(text + 1, start, length);
    memcpy(text + 1 + length, "\n)", 3); /* the line may end in a comment */
    tree = pyon_tree_parse(&pyon_v1, text, length + 3, NULL, reader->error);
    free(text);
    if (!tree)
        fail_literal(reader, start - 1);
    return tree;
}

/* The key between the brackets at `start` and `end`. */
static int add_key(struct reader *reader, const char *start, const char *end)
{
    struct step step = {.kind = STEP_KEY, .tree = read_value(reader, start + 1, end)};
    const struct pyon_node *key;

    if (!step.tree)
        return -1;
    key = pyon_tree_root(step.tree);
    step.is_index = pyon_node_kind(key) == PYON_KIND_INTEGER;
    if (step.is_index)
        pyon_node_integer(key, &step.index);
    return add_step(reader, step, start);
}

static int read_literal(struct reader *reader, const char *start)
{
    const char *end;
    int64_t ignored;

    if (is_at(reader, ']') || reader->p == reader->end)
        return fail(reader, "a key, an index, a slice or * expected");
    if (read_integer(reader, &ignored) && is_at(reader, ']'))
        end = reader->p + 1;
    else
        end = find_end(reader, start);
    if (!end)
        return -1;
    reader->p = end;
    return add_key(reader, start, end - 1);
}

/* Moves past "*]", if it is there. */
static bool accept_all(struct reader *reader)
{
    struct reader ahead = *reader;

    if (!accept(&ahead, '*') || !is_at(&ahead, ']'))
        return false;
    reader->p = ahead.p + 1;
    return true;
}

static int read_bracket(struct reader *reader)
{
    const char *start = reader->p++;

    if (begins_slice(*reader))
        return read_slice(reader, start);
    skip_blanks(reader);
    if (accept_all(reader))
        return add_step(reader, (struct step){.kind = STEP_ALL}, start);
    return read_literal(reader, start);
}

/* ---- The whole ---- */

static int read_step(struct reader *reader)
{
    if (is_at(reader, '['))
        return read_bracket(reader);
    if (!is_at(reader, '.'))
        return fail(reader, "\".\" or \"[\" expected");
    reader->p++;
    return read_dotted(reader);
}

static int read_path(struct reader *reader)
{
    size_t length = reader->path->length, valid = pyon_utf8_valid(reader->p, length);

    if (valid < length)
        return fail_at(reader, reader->p + valid, "text in UTF-8 expected");
    if (is_at(reader, '.'))
        reader->p++;
    if (reader->p < reader->end && *reader->p != '[' && read_dotted(reader) < 0)
        return -1;
    while (reader->p < reader->end)
        if (read_step(reader) < 0)
            return -1;
    return 0;
}

static struct pyon_path *new_path(const char *text, size_t length)
{
    struct pyon_path *path = calloc(1, sizeof *path);

    if (!path)
        return NULL;
    path->text = length < SIZE_MAX ? malloc(length + 1) : NULL;
    if (!path->text) {
        free(path);
        return NULL;
    }
    if (length > 0)
        memcpy(path->text, text, length);
    path->text[length] = '\0';
    path->length = length;
    return path;
}

struct pyon_path *pyon_path_parse(const char *text, size_t length, struct pyon_error *error)
{
    struct reader reader = {.path = new_path(text, length), .error = error};

    if (!reader.path) {
        fail_memory(error);
        return NULL;
    }
    reader.p = reader.path->text;
    reader.end = reader.p + length;
    if (read_path(&reader) == 0)
        return reader.path;
    pyon_path_free(reader.path);
    return NULL;
}

void pyon_path_free(struct pyon_path *path)
{
    if (!path)
        return;
    for (size_t i = 0; i < path->count; i++)
        pyon_tree_free(path->steps[i].tree);
    free(path->steps);
    free(path->text);
    free(path);
}

const char *pyon_path_text(const struct pyon_path *path, size_t *length)
{
    if (length)
        *length = path->length;
    return path->text;
}
