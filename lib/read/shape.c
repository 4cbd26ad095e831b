/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* See shape.h. */
#include "read/shape.h"

#include "read/scalar.h"

#include <stdlib.h>

#define LONGEST ((size_t)32 << 10) /* bytes of a value whose shape is learned */
#define MOST_LEAVES 512
#define DICT_DEPTH 32
#define LIST_DEPTH 8 /* of a leaf */

/* A text, and the leaf after it. */
struct part {
    uint64_t words[2], masks[2]; /* the first 16 bytes of the text, and those that it has */
    uint32_t offset, length;     /* of the text */
    bool kept;                   /* the leaf is wanted */
};

struct shape {
    size_t leaves;                      /* 0: no shape has been learned */
    struct part parts[MOST_LEAVES + 1]; /* after the last one comes no leaf */
    struct pyon_leaf kept[MOST_LEAVES]; /* of the value that was found last */
    size_t kept_count;
    char text[LONGEST + SKIP_MARGIN + VECTOR_SIZE]; /* of the value that was learned */
};

struct shape *pyon_shape_new(void)
{
    return calloc(1, sizeof(struct shape));
}

bool pyon_shape_known(const struct shape *shape)
{
    return shape->leaves > 0;
}

const struct pyon_leaf *pyon_shape_leaves(const struct shape *shape, size_t *count)
{
    *count = shape->kept_count;
    return shape->kept;
}

/* ---- Leaves: each function returns the end of the one at `p`, as in scalar.h ---- */

static inline const char *skip_blanks(const char *p)
{
    while (PYON_UNLIKELY(*p == ' ' || *p == '\n'))
        p++;
    return p;
}

static const char *skip_list(const char *p, const char *end)
{
    unsigned depth = 0;

    for (;;) {
        if (*p == '[') {
            if (++depth > LIST_DEPTH)
                return NULL;
            p = skip_blanks(p + 1);
            if (*p != ']')
                continue;
        } else {
            p = p < end ? skip_scalar(p, end) : NULL;
            if (!p)
                return NULL;
            p = skip_blanks(p);
        }
        for (; *p == ']'; p = skip_blanks(p + 1))
            if (--depth == 0)
                return p + 1;
        if (*p != ',')
            return NULL;
        p = skip_blanks(p + 1);
    }
}

static inline const char *skip_leaf(const char *p, const char *end)
{
    if (PYON_UNLIKELY(*p == '['))
        return skip_list(p, end);
    if (PYON_UNLIKELY(*p == '{'))
        return p[1] == '}' ? p + 2 : NULL;
    return skip_scalar(p, end);
}

/* ---- Learning ---- */

static void add_part(struct shape *shape, size_t number, const char *start, const char *end)
{
    struct part *part = &shape->parts[number];
    size_t length = (size_t)(end - start), near = length < 16 ? length : 16;

    *part = (struct part){.offset = (uint32_t)(start - shape->text), .length = (uint32_t)length};
    memset(part->masks, 0xff, near);
    memcpy(part->words, start, near);
}

/* The end of the key at `p`, NULL if that is not plain, or may be a tag. */
static const char *skip_key(const char *p, const char *end)
{
    const char *stop = p[1] != '_' ? find_plain_end(p + 1, end) : NULL;

    return stop && *stop == '"' ? stop + 1 : NULL;
}

/* Cuts the text of a valid dict into its parts. Returns how many leaves there are; 0 if it is not for
   this file. */
static size_t cut(struct shape *shape, const char *end)
{
    const char *p = shape->text, *start = p;
    size_t leaves = 0, depth = 0;
    bool value = false; /* a colon stands before it */

    do {
        const char *next = p + 1;

        if (value && *p > ' ' && (*p != '{' || p[1] == '}')) {
            next = skip_leaf(p, end);
            if (!next || leaves == MOST_LEAVES)
                return 0;
            add_part(shape, leaves++, start, p);
            start = next;
            value = false;
        } else if (*p == '"') {
            next = skip_key(p, end);
        } else if (*p == '{') {
            value = false;
            next = ++depth <= DICT_DEPTH && *skip_blanks(p + 1) == '"' ? next : NULL;
        } else if (*p == '}') {
            depth--;
        } else if (*p == ':') {
            value = true;
        }
        p = next;
    } while (p && p < end && depth > 0);
    if (!p || depth > 0)
        return 0;
    add_part(shape, leaves, start, p);
    return leaves;
}

/* Asks the selector which leaves it wants. Returns as pyon_selector.leaves. */
static int ask(struct shape *shape, const struct pyon_selector *selector, size_t length)
{
    bool kept[MOST_LEAVES] = {false};
    int status = selector->leaves(selector->self, shape->text, length, kept, shape->leaves);

    for (size_t i = 0; i < shape->leaves; i++)
        shape->parts[i].kept = kept[i];
    return status;
}

int pyon_shape_learn(struct shape *shape, const struct parser *parser, const char *text,
                     size_t length)
{
    int status = 1;

    shape->leaves = 0;
    if (*text != '{' || length > LONGEST || parser->max_depth < DICT_DEPTH + LIST_DEPTH)
        return 0;
    memcpy(shape->text, text, length);
    memset(shape->text + length, 0, sizeof shape->text - length);
    shape->leaves = cut(shape, shape->text + length);
    if (shape->leaves > 0 && parser->selector)
        status = ask(shape, parser->selector, length);
    if (status <= 0)
        shape->leaves = 0;
    return status < 0 ? -1 : 0;
}

/* ---- Leaves that are written as they are ---- */

/* Is it certain that the writer of version 2 writes the leaf so? */
static bool is_exact(const char *text, size_t length)
{
    switch (*text) {
    case '"':
        return find_exact_end(text + 1, text + length) == text + length - 1;
    case '[':
    case '{':
        return length == 2;
    case 't':
    case 'f':
    case 'n':
        return true;
    default:
        return is_exact_number(text, length);
    }
}

/* ---- Finding ---- */

static struct pyon_leaf leaf_of(const char *text, size_t length)
{
    return (struct pyon_leaf){text, length, is_exact(text, length)};
}

/* Is the text of the part at `p`? At least 16 bytes are there. */
static inline bool matches(const struct shape *shape, const struct part *part, const char *p)
{
    uint64_t first = (load64(p) ^ part->words[0]) & part->masks[0];
    uint64_t second = (load64(p + 8) ^ part->words[1]) & part->masks[1];

    if ((first | second) != 0)
        return false;
    return PYON_LIKELY(part->length <= 16) ||
           memcmp(p + 16, shape->text + part->offset + 16, part->length - 16) == 0;
}

const char *pyon_shape_find(struct shape *shape, const char *p, const char *limit)
{
    const struct part *part = shape->parts, *last = part + shape->leaves;
    struct pyon_leaf *kept = shape->kept;
    const char *end;

    if (limit - p <= SKIP_MARGIN)
        return NULL;
    end = limit - SKIP_MARGIN;
    for (;; part++) {
        const char *leaf;

        if (end - p < (ptrdiff_t)part->length || !matches(shape, part, p))
            return NULL;
        leaf = p + part->length;
        if (part == last)
            break;
        p = skip_leaf(leaf, end);
        if (!p)
            return NULL;
        if (part->kept)
            *kept++ = leaf_of(leaf, (size_t)(p - leaf));
    }
    shape->kept_count = (size_t)(kept - shape->kept);
    return p + last->length;
}
