/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Why a path has no match, in a sentence:
 *
 *     no "frequency" in calibration.ca1, a dict of 2 pairs; did you mean "freq"?
 *     no [7] in data, a list of 3 items
 *     no [7] in data[1], a dimension of 3 items
 *
 * A key is suggested if it differs from the names only by the case of letters, or by at most two
 * edits; if it ends with a dot and the names; or if one of the two begins with the other.
 */
#include "path/path.h"

#include <stdlib.h>

/* ---- Near misses ---- */

#define FAR 9 /* more edits than are of interest */

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/*
 * How many bytes have to be inserted, removed or replaced (Levenshtein); FAR if more than two. Of
 * the table only five diagonals can matter: row[d] is the entry of the column i + d - 2.
 */
static unsigned count_edits(const char *a, size_t a_length, const char *b, size_t b_length)
{
    unsigned row[6] = {FAR, FAR, 0, 1, 2, FAR};

    if (a_length > b_length + 2 || b_length > a_length + 2)
        return FAR;
    for (size_t i = 1; i <= a_length; i++) {
        unsigned left = FAR, nearest = FAR;

        for (size_t d = 0; d < 5; d++) {
            unsigned edits = least(row[d + 1], left) + 1;

            if (i + d < 2 || i + d - 2 > b_length)
                edits = FAR;
            else if (i + d > 2)
                edits = least(edits, row[d] + (a[i - 1] != b[i + d - 3]));
            row[d] = left = least(edits, FAR);
            nearest = least(nearest, left);
        }
        if (nearest > 2)
            return FAR;
    }
    return row[b_length + 2 - a_length] > 2 ? FAR : row[b_length + 2 - a_length];
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool same_letters(const char *a, size_t a_length, const char *b, size_t b_length)
{
    if (a_length != b_length)
        return false;
    for (size_t i = 0; i < a_length; i++)
        if (lower(a[i]) != lower(b[i]))
            return false;
    return true;
}

static bool ends_with(const char *key, size_t length, const char *name, size_t name_length)
{
    return length > name_length && key[length - name_length - 1] == '.' &&
           memcmp(key + length - name_length, name, name_length) == 0;
}

#define BEGINNING 3 /* characters at least in which one begins with the other */

/* How far a key is from a name: 0 is nearest, FAR not near at all. */
static unsigned rate(const char *key, size_t key_length, const char *name, size_t length)
{
    size_t shorter = key_length < length ? key_length : length;
    unsigned edits;

    if (same_letters(key, key_length, name, length))
        return 0;
    edits = count_edits(key, key_length, name, length);
    if (edits == 1 && shorter >= 2)
        return 1;
    if (ends_with(key, key_length, name, length))
        return 2;
    if (edits == 2 && shorter >= 4)
        return 3;
    if (shorter >= BEGINNING && memcmp(key, name, shorter) == 0)
        return 4;
    return FAR;
}

/* Puts a key where it belongs among those that are nearest. */
static void suggest(struct pyon_miss *miss, unsigned *rates, const struct pyon_node *key,
                    unsigned rated)
{
    size_t i = miss->similar_count;

    if (i == PYON_NEAR && rated >= rates[i - 1])
        return;
    if (i < PYON_NEAR)
        miss->similar_count++;
    else
        i--;
    for (; i > 0 && rates[i - 1] > rated; i--) {
        miss->similar[i] = miss->similar[i - 1];
        rates[i] = rates[i - 1];
    }
    miss->similar[i] = key;
    rates[i] = rated;
}

/* The names as a whole may be a key, or the first of them. */
static void find_near(struct pyon_miss *miss, const char *names, size_t length)
{
    const char *dot = memchr(names, '.', length);
    size_t count = pyon_node_size(miss->node);
    unsigned rates[PYON_NEAR];

    for (size_t n = 0; n < count; n++) {
        const struct pyon_node *key = pyon_node_key(miss->node, n);
        size_t key_length;
        const char *text;
        unsigned rated;

        if (pyon_node_kind(key) != PYON_KIND_STRING)
            continue;
        text = pyon_node_text(key, &key_length);
        rated = rate(text, key_length, names, length);
        if (dot)
            rated = least(rated, rate(text, key_length, names, (size_t)(dot - names)));
        if (rated < FAR)
            suggest(miss, rates, key, rated);
    }
}

/* ---- The sentence ---- */

static int put_count(struct pyon_out *out, size_t count, const char *noun)
{
    if (pyon_path_put_integer(out, (int64_t)count) < 0 || pyon_path_put(out, " ", 1) < 0 ||
        pyon_path_put_words(out, noun) < 0)
        return -1;
    return count == 1 ? 0 : pyon_path_put(out, "s", 1);
}

/* ", a list of 3 items"; of an array, the dimension that the step is for. */
static int put_kind(struct pyon_out *out, const struct pyon_miss *miss, bool names)
{
    const char *name = pyon_kind_name(pyon_node_kind(miss->node));
    bool vowel = strchr("aeiou", *name) || strncmp(name, "np", 2) == 0;

    if (pyon_node_array(miss->node) && !names) {
        if (miss->size == 0)
            return pyon_path_put_words(out, ", which has no items");
        return pyon_path_put_words(out, ", a dimension of ") < 0
                   ? -1
                   : put_count(out, miss->size, "item");
    }
    if (pyon_path_put_words(out, vowel ? ", an " : ", a ") < 0 ||
        pyon_path_put_words(out, name) < 0)
        return -1;
    if (!is_dict(miss->node) && !is_sequence(miss->node))
        return 0;
    if (pyon_path_put_words(out, " of ") < 0)
        return -1;
    return put_count(out, miss->size, is_dict(miss->node) ? "pair" : "item");
}

static int put_near(struct pyon_out *out, const struct pyon_miss *miss)
{
    for (size_t i = 0; i < miss->similar_count; i++) {
        const char *before = i == 0                         ? "; did you mean "
                             : i + 1 == miss->similar_count ? " or "
                                                            : ", ";
        size_t length;
        const char *text = pyon_node_text(miss->similar[i], &length);

        if (pyon_path_put_words(out, before) < 0 || pyon_path_put_string(out, text, length) < 0)
            return -1;
    }
    return miss->similar_count > 0 ? pyon_path_put(out, "?", 1) : 0;
}

static int put_sentence(struct pyon_out *out, const struct pyon_miss *miss,
                        const struct pyon_path *path, bool names, const struct pyon_out *where)
{
    const char *text = path->text + miss->offset;
    size_t where_length = (size_t)(where->cur - where->start);
    int status = names ? pyon_path_put_string(out, text, miss->length)
                       : pyon_path_put(out, text, miss->length);

    if (status < 0 || pyon_path_put_words(out, " in ") < 0)
        return -1;
    if (where_length > 0)
        status = pyon_path_put(out, where->start, where_length);
    else
        status = pyon_path_put_words(out, "the value");
    return status < 0 || put_kind(out, miss, names) < 0 || put_near(out, miss) < 0 ? -1 : 0;
}

/* ---- The search ---- */

static int stop(void *self, const struct pyon_match *match)
{
    (void)self, (void)match;
    return 1;
}

/* The kind of the step at this offset, which is that of a step or of a name. */
static bool is_names(const struct pyon_path *path, size_t offset)
{
    size_t i = 0;

    while (path->steps[i].offset + path->steps[i].length <= offset)
        i++;
    return path->steps[i].kind == STEP_NAMES;
}

static int explain(struct search *search, const struct pyon_node *root, struct pyon_out *out)
{
    const struct pyon_path *path = search->path;
    struct pyon_miss *miss = search->miss;
    int status = pyon_path_search(search, root);
    bool names;

    if (status < 0)
        out->code = PYON_ERROR_MEMORY;
    if (status != 0)
        return status < 0 ? -1 : 0;
    names = is_names(path, miss->offset);
    if (names && is_dict(miss->node))
        find_near(miss, path->text + miss->offset, miss->length);
    if (pyon_path_put(out, "no ", 3) < 0)
        return -1;
    return put_sentence(out, miss, path, names, search->where) < 0 ? -1 : 1;
}

int pyon_path_explain(const struct pyon_path *path, const struct pyon_node *root,
                      struct pyon_miss *miss, struct pyon_out *out)
{
    struct pyon_out where;
    struct pyon_match match;
    struct search search = {.path = path,
                            .found = stop,
                            .match = &match,
                            .writes = true,
                            .miss = miss,
                            .where = &where};
    int status;

    *miss = (struct pyon_miss){.offset = 0};
    pyon_out_init(&where);
    status = explain(&search, root, out);
    pyon_out_free(&where);
    return status;
}
