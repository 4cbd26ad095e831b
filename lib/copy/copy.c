/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * See copy.h. The text lies in a block, in part:
 *
 *     block    [ written | from ... p ... end ) zeros
 *
 * From `from` to `p` the text is as the writer would write it. It is written when it has to be: at
 * something that is not so, or when the block needs room. In compact text that is so as a whole, a
 * block is written at once.
 */
#include "copy/copy.h"

#include "copy/keys.h"
#include "lex/lexer.h"
#include "read/scalar.h"

#include <stdlib.h>

#define BLOCK ((size_t)64 << 10)
#define LONGEST ((size_t)64 << 20) /* of a string */
#define NEAR (2 * SKIP_MARGIN)     /* bytes: more than a scalar looks at */
#define PADDING (SKIP_MARGIN + 2 * VECTOR_SIZE)
#define DEPTH 1000

struct bracket {
    bool dict;
    size_t keys; /* before those of the dict */
};

struct copier {
    pyon_copy_read *read;
    void *self;
    char *block;
    size_t capacity;
    const char *from, *end;
    const char *safe;           /* up to here there is text for a scalar, or all that is left */
    bool ended;                 /* the text ends at `end` */
    bool pretty;                /* brackets, commas and colons are left to the writer */
    struct pyon_writer *writer; /* NULL: the text is only checked */
    struct keys keys;
    struct bracket brackets[DEPTH];
    size_t depth;
    enum pyon_copied status; /* of the failure */
};

/* In this file, functions that take the place `p` in the text return the place after what they have
   taken; NULL after a failure. */

static const char *fail(struct copier *copier, enum pyon_copied status)
{
    copier->status = status;
    return NULL;
}

static PYON_COLD const char *refuse(struct copier *copier)
{
    return fail(copier, PYON_COPY_REFUSED);
}

/* ---- The block ---- */

/* Has the writer done it? `result` is what it has returned. */
static const char *written(struct copier *copier, const char *p, int result)
{
    return result == 0 ? p : fail(copier, PYON_COPY_WRITE);
}

/* Writes the text up to `p`, and leaves out what comes after it, up to `next`. Returns that. */
static const char *leave_out(struct copier *copier, const char *p, const char *next)
{
    const char *from = copier->from;

    copier->from = next;
    if (copier->writer && pyon_write_raw(copier->writer, from, (size_t)(p - from)) < 0)
        return fail(copier, PYON_COPY_WRITE);
    return next;
}

/* Makes a block of twice the size with the text from `p` on. Returns 0 or -1. */
static int grow(struct copier *copier, const char *p)
{
    size_t used = copier->block ? (size_t)(copier->end - p) : 0;
    size_t capacity = copier->capacity ? 2 * copier->capacity : BLOCK;
    char *block;

    if (capacity > LONGEST) {
        refuse(copier);
        return -1;
    }
    block = malloc(capacity + PADDING);
    if (!block) {
        fail(copier, PYON_COPY_MEMORY);
        return -1;
    }
    if (used > 0)
        memcpy(block, p, used);
    free(copier->block);
    copier->block = block;
    copier->capacity = capacity;
    return 0;
}

/* Gets more text after that from `p` on. Returns the new place of `p`. */
static PYON_COLD const char *fill(struct copier *copier, const char *p)
{
    size_t used = (size_t)(copier->end - p);
    ptrdiff_t count;

    if (!leave_out(copier, p, p))
        return NULL;
    if (used < copier->capacity)
        memmove(copier->block, p, used);
    else if (grow(copier, p) < 0)
        return NULL;
    count = copier->read(copier->self, copier->block + used, copier->capacity - used);
    if (count < 0)
        return fail(copier, PYON_COPY_READ);
    copier->ended = count == 0;
    copier->from = copier->block;
    copier->end = copier->block + used + count;
    copier->safe = copier->ended                        ? copier->end + 1
                   : copier->end - copier->block > NEAR ? copier->end - NEAR
                                                        : copier->block;
    memset(copier->block + used + count, 0, PADDING);
    return copier->block;
}

static inline bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* Leaves out blanks, and gets text for the next scalar. */
static __attribute__((noinline)) const char *find_token(struct copier *copier, const char *p)
{
    for (;;) {
        const char *next = p;

        while (is_blank(*next))
            next++;
        if (next > p && !leave_out(copier, p, next))
            return NULL;
        if (next < copier->safe)
            return next;
        p = fill(copier, next);
        if (!p)
            return NULL;
    }
}

static inline const char *skip_blanks(struct copier *copier, const char *p)
{
    return PYON_LIKELY(p<copier->safe && * p> ' ') ? p : find_token(copier, p);
}

/* ---- Scalars ---- */

static int write_string(void *self, const char *utf8, size_t length, unsigned flags)
{
    (void)flags;
    return pyon_write_string(self, utf8, length);
}

/* Writes a string that is not exact, from `p` to `end`. */
static const char *convert_string(struct copier *copier, const char *p, const char *end)
{
    static const struct pyon_builder builder = {.string = write_string};
    char *after = copier->block + (end - copier->block), byte = *after;
    struct pyon_error error;
    int status;

    if (!leave_out(copier, p, end) || !copier->writer)
        return copier->status == PYON_COPIED ? end : NULL;
    *after = '\0';
    status = pyon_parse(&pyon_v2, p, (size_t)(end - p), &builder, copier->writer, NULL, &error);
    *after = byte;
    if (status == 0)
        return end;
    return fail(copier, error.code == PYON_ERROR_MEMORY ? PYON_COPY_MEMORY : PYON_COPY_WRITE);
}

/* A string that is not exact, or cut. */
static __attribute__((noinline)) const char *copy_special(struct copier *copier, const char *p)
{
    for (;;) {
        const char *stop = find_exact_end(p + 1, copier->end), *end = NULL;

        if (stop && *stop == '"' && stop < copier->end)
            return stop + 1;
        if (stop && stop < copier->end)
            end = pyon_skip_special(p + 1, copier->end);
        if (end)
            return convert_string(copier, p, end);
        if (copier->ended)
            return refuse(copier);
        p = fill(copier, p);
        if (!p)
            return NULL;
    }
}

static inline const char *copy_string(struct copier *copier, const char *p)
{
    const char *stop = find_exact_end(p + 1, copier->end);

    return PYON_LIKELY(stop && *stop == '"') ? stop + 1 : copy_special(copier, p);
}

/* Writes a number that is not exact, from `p` to `end`. */
static const char *convert_number(struct copier *copier, const char *p, const char *end)
{
    const size_t length = (size_t)(copier->end - copier->block);
    struct pyon_lexer lexer = lexer_of(copier->block, length, length);
    struct pyon_token token;

    lexer.cursor = p;
    if (pyon_lex(&lexer, PYON_LEX_V2, &token) != PYON_TOKEN_NUMBER || lexer.cursor != end)
        return refuse(copier);
    if (token.number.kind == PYON_NUMBER_REAL)
        return leave_out(copier, p, end)
                   ? written(copier, end, pyon_write_real(copier->writer, token.number.real))
                   : NULL;
    if (token.number.kind == PYON_NUMBER_INTEGER) /* -0 */
        return leave_out(copier, p, end)
                   ? written(copier, end, pyon_write_integer(copier->writer, token.number.integer))
                   : NULL;
    return end; /* an integer of many digits */
}

/* NaN, Infinity or -Infinity. */
static PYON_COLD const char *copy_constant(struct copier *copier, const char *p)
{
    static const char *const constants[] = {"NaN", "Infinity", "-Infinity"};

    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++)
        if (memcmp(p, constants[i], strlen(constants[i])) == 0)
            return p + strlen(constants[i]);
    return refuse(copier);
}

static inline const char *copy_number(struct copier *copier, const char *p)
{
    const char *end = skip_number(p);

    if (PYON_UNLIKELY(!end))
        return copy_constant(copier, p);
    if (!copier->writer || is_exact_number(p, (size_t)(end - p)))
        return end;
    return convert_number(copier, p, end);
}

static inline const char *copy_scalar(struct copier *copier, const char *p)
{
    const char *end;

    switch (*p) {
    case '"':
        return copy_string(copier, p);
    case 't':
    case 'f':
    case 'n':
        end = skip_word(p);
        return end ? end : refuse(copier);
    default:
        return copy_number(copier, p);
    }
}

/* ---- Containers ---- */

static inline enum pyon_container kind_of(bool dict)
{
    return dict ? PYON_CONTAINER_DICT : PYON_CONTAINER_LIST;
}

/* Takes the character at `p`. In the pretty layout it is left out, and the caller writes it. */
static inline const char *take(struct copier *copier, const char *p)
{
    return PYON_LIKELY(!copier->pretty) ? p + 1 : leave_out(copier, p, p + 1);
}

/* A bracket opens at `p`. Fills whether nothing is in it. */
static const char *open_bracket(struct copier *copier, const char *p, bool *empty)
{
    bool dict = *p == '{';

    if (copier->depth == DEPTH)
        return refuse(copier);
    copier->brackets[copier->depth++] = (struct bracket){dict, copier->keys.count};
    p = take(copier, p);
    if (p)
        p = skip_blanks(copier, p);
    if (!p)
        return NULL;
    *empty = *p == (dict ? '}' : ']');
    if (PYON_LIKELY(!copier->pretty))
        return p;
    return written(copier, p, pyon_write_begin(copier->writer, kind_of(dict), !*empty));
}

/* The innermost bracket closes at `p`. */
static const char *close_bracket(struct copier *copier, const char *p, bool empty)
{
    const struct bracket *bracket = &copier->brackets[copier->depth - 1];
    int twice = 0;

    if (*p != (bracket->dict ? '}' : ']'))
        return refuse(copier);
    copier->depth--;
    if (bracket->dict && !copier->writer)
        twice = pyon_keys_end(&copier->keys, bracket->keys);
    if (PYON_UNLIKELY(twice != 0))
        return fail(copier, twice < 0 ? PYON_COPY_MEMORY : PYON_COPY_REFUSED);
    p = take(copier, p);
    if (PYON_LIKELY(!copier->pretty) || !p)
        return p;
    return written(copier, p, pyon_write_end(copier->writer, kind_of(bracket->dict), !empty));
}

static const char *take_comma(struct copier *copier, const char *p)
{
    bool dict = copier->brackets[copier->depth - 1].dict;

    p = take(copier, p);
    if (PYON_LIKELY(!copier->pretty) || !p)
        return p;
    return written(copier, p, pyon_write_next(copier->writer, kind_of(dict), 1));
}

/* After a value: closes brackets, up to a comma. */
static inline const char *end_member(struct copier *copier, const char *p)
{
    while (p && copier->depth > 0) {
        p = skip_blanks(copier, p);
        if (!p)
            return NULL;
        if (*p == ',')
            return take_comma(copier, p);
        p = close_bracket(copier, p, false);
    }
    return p;
}

/* A key at `p`, of which the end is not there: gets it. */
static __attribute__((noinline)) const char *get_key(struct copier *copier, const char *p)
{
    const char *stop;

    do {
        if (copier->ended)
            return refuse(copier);
        p = fill(copier, p);
        if (!p)
            return NULL;
        stop = find_exact_end(p + 1, copier->end);
    } while (!stop || stop >= copier->end);
    return p;
}

/* A key, and the colon after it. */
static inline const char *copy_key(struct copier *copier, const char *p)
{
    static const char tag[] = "\"__jsonclass__\"";
    const char *stop;

    p = skip_blanks(copier, p);
    if (!p || *p != '"')
        return p ? refuse(copier) : NULL;
    stop = find_exact_end(p + 1, copier->end);
    if (PYON_UNLIKELY(!stop || stop >= copier->end)) {
        p = get_key(copier, p);
        if (!p)
            return NULL;
        stop = find_exact_end(p + 1, copier->end);
    }
    if (*stop != '"' || memcmp(p, tag, sizeof tag - 1) == 0)
        return refuse(copier);
    if (!copier->writer && pyon_keys_add(&copier->keys, p, (size_t)(stop - p)) < 0)
        return fail(copier, PYON_COPY_MEMORY);
    p = skip_blanks(copier, stop + 1);
    if (!p || *p != ':')
        return p ? refuse(copier) : NULL;
    p = take(copier, p);
    if (PYON_LIKELY(!copier->pretty) || !p)
        return p;
    return written(copier, p, pyon_write_raw(copier->writer, ": ", 2));
}

/* A list or dict. */
static const char *copy_value(struct copier *copier, const char *p)
{
    do {
        bool empty = true;

        if (copier->depth > 0 && copier->brackets[copier->depth - 1].dict)
            p = copy_key(copier, p);
        if (p)
            p = skip_blanks(copier, p);
        if (!p)
            return NULL;
        if (*p == '[' || *p == '{') {
            p = open_bracket(copier, p, &empty);
            if (p && !empty)
                continue;
            if (p)
                p = close_bracket(copier, p, true);
        } else {
            p = copy_scalar(copier, p);
        }
        p = end_member(copier, p);
    } while (p && copier->depth > 0);
    return p;
}

/* ---- The whole text ---- */

static void copy_values(struct copier *copier, bool lines, unsigned long long *count)
{
    const char *p = copier->block;

    while (p && (p = skip_blanks(copier, p)) && p < copier->end) {
        p = *p == '[' || *p == '{' ? copy_value(copier, p) : refuse(copier);
        if (p)
            p = leave_out(copier, p, p);
        if (p && lines)
            p = written(copier, p, pyon_write_raw(copier->writer, "\n", 1));
        ++*count;
    }
}

static enum pyon_copied run(struct copier *copier, bool lines, unsigned long long *count)
{
    *count = 0;
    if (grow(copier, NULL) == 0) {
        copier->from = copier->end = copier->safe = copier->block;
        memset(copier->block, 0, PADDING);
        copy_values(copier, lines, count);
    }
    free(copier->block);
    free(copier->keys.hashes);
    return copier->status;
}

enum pyon_copied pyon_copy_check(pyon_copy_read *read, void *self, unsigned long long *count)
{
    struct copier copier = {.read = read, .self = self};

    return run(&copier, false, count);
}

enum pyon_copied pyon_copy(pyon_copy_read *read, void *self, struct pyon_writer *writer, bool lines,
                           unsigned long long *count)
{
    struct copier copier = {.read = read, .self = self, .writer = writer, .pretty = writer->pretty};

    return run(&copier, lines, count);
}
