/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Paths to texts. When such a text is read again, it leads to exactly the same value.
 *
 * A string key is written as names if it consists of names, and if no other key of the dict begins
 * with this key and a dot. The longest key counts, so if more names follow, the other key might be
 * taken. Every other key is a literal of version 1 in brackets.
 *
 * To write one key, all others are looked at. To write all keys of a dict, they are sorted, with
 * the dot before all other bytes. Then the keys that begin with a key and a dot come right after
 * this key.
 */
#include "path/path.h"

#include "utf8.h"

#include <stdlib.h>

/* ---- Names ---- */

/* Blanks and control characters, and surrogates, which no text should have as they are. */
static bool is_blank(uint32_t c)
{
    return c <= ' ' || (c >= 0x7f && c <= 0xa0) || c == 0x1680 || c == 0x180e ||
           (c >= 0x2000 && c <= 0x200f) || (c >= 0x2028 && c <= 0x202f) || c == 0x205f ||
           (c >= 0x2060 && c <= 0x206f) || c == 0x3000 || (c >= 0xd800 && c <= 0xdfff) ||
           c == 0xfeff;
}

size_t pyon_path_name(const char *p, const char *end)
{
    const char *start = p;

    while (p < end &&
           !strchr(".[]\"'", *p)) { /* the NUL, which strchr finds, is a control character */
        uint32_t c;
        const char *next = pyon_utf8_next(p, end, &c);

        if (!next || is_blank(c))
            break;
        p = next;
    }
    return (size_t)(p - start);
}

/* Is the text of a key one or more names? */
static bool is_names(const char *text, size_t length)
{
    const char *p = text, *end = text + length;

    for (;;) {
        size_t name = pyon_path_name(p, end);

        if (name == 0 || (name == 1 && *p == '*'))
            return false;
        p += name;
        if (p == end)
            return true;
        if (*p++ != '.')
            return false;
    }
}

/* Does a key begin with another one and a dot? */
static bool extends(const char *text, size_t length, const char *other, size_t other_length)
{
    return length > other_length && text[other_length] == '.' &&
           memcmp(text, other, other_length) == 0;
}

/* Does one of the keys of a dict? */
static bool is_extended(const struct pyon_node *dict, const char *text, size_t length)
{
    size_t count = pyon_node_size(dict);

    for (size_t i = 0; i < count; i++) {
        const struct pyon_node *key = pyon_node_key(dict, i);
        size_t other_length;
        const char *other;

        if (pyon_node_kind(key) != PYON_KIND_STRING)
            continue;
        other = pyon_node_text(key, &other_length);
        if (extends(other, other_length, text, length))
            return true;
    }
    return false;
}

/* ---- Output ---- */

int pyon_path_put(struct pyon_out *out, const char *text, size_t length)
{
    struct pyon_writer writer;

    if (length == 0)
        return 0;
    pyon_writer_init(&writer, out, &pyon_v1, false);
    return pyon_write_raw(&writer, text, length);
}

int pyon_path_put_words(struct pyon_out *out, const char *words)
{
    return pyon_path_put(out, words, strlen(words));
}

int pyon_path_put_integer(struct pyon_out *out, int64_t value)
{
    struct pyon_writer writer;

    pyon_writer_init(&writer, out, &pyon_v1, false);
    return pyon_write_integer(&writer, value);
}

int pyon_path_put_string(struct pyon_out *out, const char *utf8, size_t length)
{
    struct pyon_writer writer;

    pyon_writer_init(&writer, out, &pyon_v1, false);
    return pyon_write_string(&writer, utf8, length);
}

int pyon_path_put_index(struct pyon_out *out, size_t index)
{
    if (pyon_path_put(out, "[", 1) < 0 || pyon_path_put_integer(out, (int64_t)index) < 0)
        return -1;
    return pyon_path_put(out, "]", 1);
}

static int put_literal(struct pyon_out *out, const struct pyon_node *key)
{
    struct pyon_writer writer;

    pyon_writer_init(&writer, out, &pyon_v1, false);
    if (pyon_path_put(out, "[", 1) < 0 || pyon_write_node(&writer, key, false, NULL, NULL) < 0)
        return -1;
    return pyon_path_put(out, "]", 1);
}

static int put_names(struct pyon_out *out, const char *text, size_t length)
{
    if (out->cur > out->start && pyon_path_put(out, ".", 1) < 0)
        return -1;
    return pyon_path_put(out, text, length);
}

static int put_quoted(struct pyon_out *out, const char *text, size_t length)
{
    if (pyon_path_put(out, "[", 1) < 0 || pyon_path_put_string(out, text, length) < 0)
        return -1;
    return pyon_path_put(out, "]", 1);
}

int pyon_path_put_names(struct pyon_out *out, const struct pyon_node *dict, const char *text,
                        size_t length)
{
    return is_extended(dict, text, length) ? put_quoted(out, text, length)
                                           : put_names(out, text, length);
}

int pyon_path_put_key(struct pyon_out *out, const struct pyon_node *dict,
                      const struct pyon_node *key)
{
    size_t length;
    const char *text = pyon_node_text(key, &length);

    if (pyon_node_kind(key) == PYON_KIND_STRING && is_names(text, length))
        return pyon_path_put_names(out, dict, text, length);
    return put_literal(out, key);
}

/* ---- All steps of a dict ---- */

struct pyon_steps {
    const struct pyon_node *node;
    bool *extended; /* of each pair: another key begins with its key and a dot; NULL if none does */
};

struct key {
    const char *text;
    size_t length, n;
};

static int compare_keys(const void *a, const void *b)
{
    const struct key *x = a, *y = b;
    size_t length = x->length < y->length ? x->length : y->length;

    for (size_t i = 0; i < length; i++)
        if (x->text[i] != y->text[i]) {
            if (x->text[i] == '.')
                return -1;
            if (y->text[i] == '.')
                return 1;
            return (unsigned char)x->text[i] < (unsigned char)y->text[i] ? -1 : 1;
        }
    return x->length < y->length ? -1 : x->length > y->length;
}

/* Fills `keys` with the strings among the keys of a dict: how many. Is there a dot in one? */
static size_t list_keys(const struct pyon_node *dict, struct key *keys, bool *dots)
{
    size_t size = pyon_node_size(dict), count = 0;

    *dots = false;
    for (size_t n = 0; n < size; n++) {
        const struct pyon_node *key = pyon_node_key(dict, n);

        if (pyon_node_kind(key) != PYON_KIND_STRING)
            continue;
        keys[count].n = n;
        keys[count].text = pyon_node_text(key, &keys[count].length);
        *dots = *dots || memchr(keys[count].text, '.', keys[count].length);
        count++;
    }
    return count;
}

static int find_extended(struct pyon_steps *steps)
{
    size_t size = pyon_node_size(steps->node), count;
    struct key *keys = calloc(size ? size : 1, sizeof *keys);
    bool dots;

    if (!keys)
        return -1;
    count = list_keys(steps->node, keys, &dots);
    if (dots) {
        steps->extended = calloc(size, sizeof *steps->extended);
        if (!steps->extended) {
            free(keys);
            return -1;
        }
        qsort(keys, count, sizeof *keys, compare_keys);
        for (size_t i = 1; i < count; i++)
            steps->extended[keys[i - 1].n] =
                extends(keys[i].text, keys[i].length, keys[i - 1].text, keys[i - 1].length);
    }
    free(keys);
    return 0;
}

struct pyon_steps *pyon_steps_new(const struct pyon_node *node)
{
    struct pyon_steps *steps = calloc(1, sizeof *steps);

    if (!steps)
        return NULL;
    steps->node = node;
    if (is_dict(node) && find_extended(steps) < 0) {
        free(steps);
        return NULL;
    }
    return steps;
}

void pyon_steps_free(struct pyon_steps *steps)
{
    if (!steps)
        return;
    free(steps->extended);
    free(steps);
}

static int put_member(const struct pyon_steps *steps, size_t n, struct pyon_out *out)
{
    const struct pyon_node *key = pyon_node_key(steps->node, n);
    size_t length;
    const char *text = pyon_node_text(key, &length);

    if (pyon_node_kind(key) == PYON_KIND_STRING && is_names(text, length) &&
        !(steps->extended && steps->extended[n]))
        return put_names(out, text, length);
    return put_literal(out, key);
}

/* How many members of a node have a step; of an array, those of its first dimension. */
static size_t count_members(const struct pyon_node *node)
{
    const struct pyon_array *array = pyon_node_array(node);

    if (array)
        return array->ndim > 0 ? (size_t)array->shape[0] : 0;
    return is_dict(node) || is_sequence(node) ? pyon_path_size(node) : 0;
}

int pyon_steps_append(const struct pyon_steps *steps, size_t n, struct pyon_out *out)
{
    if (n >= count_members(steps->node)) {
        out->code = PYON_ERROR_PATH;
        return -1;
    }
    if (is_dict(steps->node))
        return put_member(steps, n, out);
    return pyon_path_put_index(out, n);
}
