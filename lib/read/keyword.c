/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Keyword arguments of version 1: `nparray(shape=(2,), dtype="<i4", data=b"...")`.
 *
 * If a call has a name twice, that is an error of syntax, which comes before errors of evaluation.
 * So the parser looks for it, and the builder need not. The names of all open calls stand in one
 * list; those of the innermost call are the last. They are copies, since the text of a stream does
 * not stay. When a call ends, its names are sorted, so that equal ones are neighbours: n names take
 * n log n comparisons.
 */
#include "read/parser.h"

#include <stdlib.h>

/* Makes room for one more name. */
static int grow_keywords(struct parser *parser)
{
    struct keyword *keywords =
        pyon_grow(parser, parser->keywords, sizeof *keywords, &parser->keyword_capacity);

    if (!keywords)
        return FAILED;
    parser->keywords = keywords;
    return CONTINUE;
}

/* Makes room for `length` more bytes of text. */
static int grow_text(struct parser *parser, size_t length)
{
    size_t capacity = 2 * parser->keyword_text_capacity + length;
    char *text = capacity >= length ? realloc(parser->keyword_text, capacity) : NULL;

    if (!text)
        return pyon_fail(parser, PYON_ERROR_MEMORY);
    parser->keyword_text = text;
    parser->keyword_text_capacity = capacity;
    return CONTINUE;
}

static int keep_name(struct parser *parser)
{
    const struct pyon_token *token = &parser->token;

    if (parser->keyword_count == parser->keyword_capacity && grow_keywords(parser) < 0)
        return FAILED;
    if (parser->keyword_text_capacity - parser->keyword_size < token->length &&
        grow_text(parser, token->length) < 0)
        return FAILED;
    memcpy(parser->keyword_text + parser->keyword_size, token->text, token->length);
    parser->keywords[parser->keyword_count++] =
        (struct keyword){.at = parser->keyword_size,
                         .length = token->length,
                         .offset = offset_of(parser, token->start)};
    parser->keyword_size += token->length;
    return CONTINUE;
}

int pyon_value_keyword(struct parser *parser)
{
    struct pyon_token *token = &parser->token;
    struct frame *frame = innermost(parser);

    if (frame->kind != FRAME_CALL || parser->state != STATE_VALUE_OR_CLOSE)
        return pyon_fail(parser, PYON_ERROR_EXPRESSION);
    if (keep_name(parser) < 0)
        return FAILED;
    frame->keywords++;
    frame->named = true;
    parser->state = STATE_VALUE;
    return built(parser, parser->builder->keyword(parser->self, token->text, token->length));
}

/* By length, then by text, then by place. */
static int compare_names(const void *x, const void *y)
{
    const struct keyword *a = x, *b = y;
    int order;

    if (a->length != b->length)
        return a->length < b->length ? -1 : 1;
    order = memcmp(a->text, b->text, a->length);
    return order ? order : a->offset < b->offset ? -1 : 1;
}

static bool same_name(const struct keyword *a, const struct keyword *b)
{
    return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

int pyon_end_keywords(struct parser *parser, size_t count)
{
    struct keyword *names = parser->keywords + parser->keyword_count - count;

    PYON_ASSERT(count > 0 && count <= parser->keyword_count);
    for (size_t i = 0; i < count; i++)
        names[i].text = parser->keyword_text + names[i].at;
    parser->keyword_size = names[0].at; /* the first name of this call */
    parser->keyword_count -= count;
    qsort(names, count, sizeof *names, compare_names);
    for (size_t i = 1; i < count; i++)
        if (same_name(&names[i - 1], &names[i]))
            return pyon_fail_at(parser, PYON_ERROR_REPEATED, names[i].offset, names[i].length);
    return CONTINUE;
}
