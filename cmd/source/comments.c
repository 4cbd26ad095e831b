/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Is there a comment in a text of version 1? The parser says if the text is valid. The functions here only tell
 * strings from the rest.
 *
 *     "a # b"        no comment
 *     "" # c         one: two quotes are an empty string
 *     """a " # b"""  none: a string with three quotes ends at three
 */
#include "source/comments.h"

#include "vector.h"

/* The first of three characters, or the end. One pass: a search for each of them would go up to the end again and
   again where one is rare. */
static const char *find_first(const char *p, const char *end, char a, char b, char c)
{
    const struct vector as = vector_splat(a), bs = vector_splat(b), cs = vector_splat(c);

    for (; end - p >= VECTOR_SIZE; p += VECTOR_SIZE) {
        struct vector x = vector_load(p);
        uint64_t mask = vector_mask(
            vector_or(vector_or(vector_equal(x, as), vector_equal(x, bs)), vector_equal(x, cs)));

        if (mask)
            return p + mask_first(mask);
    }
    while (p < end && *p != a && *p != b && *p != c)
        p++;
    return p;
}

/* Between strings. */
static const char *look_outside(struct comments *comments, const char *p, const char *end)
{
    p = find_first(p, end, '#', '"', '\'');
    if (p == end)
        return p;
    if (*p == '#') {
        comments->found = true;
        return p;
    }
    comments->quote = *p;
    comments->quotes = 1;
    comments->opening = true;
    return p + 1;
}

/* After the first quote: a second one may close the string, a third opens a long one. */
static const char *look_at_opening(struct comments *comments, const char *p)
{
    if (*p == comments->quote && ++comments->quotes < 3)
        return p + 1;
    comments->opening = false;
    comments->is_long = comments->quotes == 3;
    if (comments->quotes == 2)
        comments->quote = 0;
    p += comments->quotes == 3;
    comments->quotes = 0;
    return p;
}

static const char *look_inside(struct comments *comments, const char *p, const char *end)
{
    const char *next;

    if (comments->escaped) {
        comments->escaped = false;
        return p + 1;
    }
    next = find_first(p, end, comments->quote, '\\', comments->quote);
    if (next > p)
        comments->quotes = 0;
    if (next == end)
        return end;
    if (*next == '\\') {
        comments->escaped = true;
        comments->quotes = 0;
    } else if (!comments->is_long || ++comments->quotes == 3) {
        comments->quote = 0;
        comments->quotes = 0;
    }
    return next + 1;
}

void comments_look(struct comments *comments, const char *text, size_t size)
{
    const char *p = text, *end = text + size;

    while (p < end && !comments->found)
        p = !comments->quote    ? look_outside(comments, p, end)
            : comments->opening ? look_at_opening(comments, p)
                                : look_inside(comments, p, end);
    comments->offset += (uint64_t)(p - text);
}
