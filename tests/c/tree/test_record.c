/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Streams of records, of which the shape is learned: selections find in each of them what the paths
 * find in its tree, and the errors are those of the grammar. The records have random leaves. Some
 * have other keys, the same key twice, another layout, or an error.
 */
#include "../support/check.h"
#include "../support/matches.h"
#include "../support/random.h"
#include "pyon_select.h"

#include <string.h>

#define PATHS 3

static const char *choose(const char *const *words, size_t count)
{
    return words[next_random() % count];
}
#define CHOOSE(words) choose(words, sizeof(words) / sizeof *(words))

static void put_words(struct pyon_out *out, const char *words)
{
    put(out, words, strlen(words));
}

/* ---- Texts ------------------------------------------------------------------------------- */

/* With most of these a record is still of the same shape. */
static const char *const leaves[] = {"0",
                                     "0.25",
                                     "7",
                                     "-12",
                                     "-0",
                                     "123456789012345678",
                                     "9223372036854775808",
                                     "1234567890123456789012345678901234567890",
                                     "0.5",
                                     "-0.0",
                                     "1.50",
                                     "0.0001",
                                     "0.00001",
                                     "0.00012345",
                                     "10.0",
                                     "123456789.123456",
                                     "0.11791870366103105",
                                     "165159297.27227628",
                                     "123456789012345.6",
                                     "1234567890123456.0",
                                     "8.000000000000001",
                                     "1e5",
                                     "1.5E-7",
                                     "1e400",
                                     "0.1234567890123456789012345678901234567",
                                     "true",
                                     "false",
                                     "null",
                                     "\"\"",
                                     "\"text\"",
                                     "\"a string that is longer than two vectors, to be sure\"",
                                     "\"\\n\"",
                                     "\"caf\xc3\xa9\"",
                                     "\"\x7f\"",
                                     "\"a/b\"",
                                     "[]",
                                     "[1,2,3]",
                                     "[ 1, [ ] ,[[2]], \"x\" ]",
                                     "[[[[[[[[[1]]]]]]]]]",
                                     "{}",
                                     "NaN",
                                     "[{\"a\":1}]",
                                     "{\"a\":1}",
                                     "{\"__jsonclass__\":[\"tuple\",[[1,2]]]}"};
static const char *const wrong[] = {
    "01",      "1.",       "-", ".5", "1e", "tru",      "[1,]", "[,1]",  "[1 2]",   "[1", "\"a",
    "\"\\x\"", "\"\x01\"", "",  "{",  "}",  "\"\xff\"", "[1]]", "[nul]", "{\"a\"}", "1,", "#"};

/* A text with a "#" for each leaf. */
static const char *const shapes[] = {
    "{\"a\":#,\"b\":#}", "{\"time\":#,\"rid\":#,\"pos\":{\"x\":#,\"y\":#},\"unit\":#}",
    "{\"a\": #, \"b\": {\"c\": #, \"d\": {\"a\": #}}, \"e\": {}}",
    "{\"a.b\":#,\"a\":{\"b\":#,\"c.d\":#},\"b\":#,\"a.b.c\":#}",
    "{ \"a\" : #\n, \"a key that is longer than sixteen bytes\":# , \"b\":{\n  \"c\":#}}",
    "{\"a\":{\"a\":{\"a\":{\"a\":#}}},\"b\":#}", "{\"a\":#}",
    /* These have no shape. */
    "{\"a\":#,\"b\":#,\"a\":#}", "{\"a\":{},\"b\":#,\"a\":#}", "{\"a\":#,\"b\":{ },\"c\":#}",
    "{\"a\":#,\"\\u0062\":#}", "{\"a\":#,\"__jsonclass__\":#}", "[#,#]", "#", "{}"};
static const char *const path_texts[] = {"a",     "b",       "a.b",      "rid",  "pos.x", "pos.*",
                                         "*",     "unit",    "[\"a\"]",  ".*.*", "a.c.d", "b.c",
                                         "b.d.a", "a.a.a.a", "",         "pos",  "b[0]",  "b[-1]",
                                         "none",  "e",       "[\"a.b\"]"};

/* A record; rarely one with an error. */
static void put_record(struct pyon_out *out, const char *shape, unsigned plain)
{
    for (const char *p = shape; *p; p++)
        if (*p != '#')
            put(out, p, 1);
        else if (next_random() % 400 == 0)
            put_words(out, CHOOSE(wrong));
        else if (next_random() % 10 < plain)
            put_words(out, leaves[next_random() % 4]);
        else
            put_words(out, CHOOSE(leaves));
}

static char *make_stream(size_t *length)
{
    const char *shape = CHOOSE(shapes), *other = CHOOSE(shapes);
    unsigned plain = (unsigned)(next_random() % 11);
    struct pyon_out out;
    char *text;

    pyon_out_init(&out);
    for (int i = 0; i < 40; i++) {
        put_record(&out, next_random() % 16 == 0 ? other : shape, plain);
        put_words(&out, next_random() % 8 == 0 ? " \r\n\t" : "\n");
    }
    text = detach(&out);
    *length = strlen(text);
    return text;
}

/* ---- Reading ----------------------------------------------------------------------------- */

static struct pyon_path *paths[PATHS];
static unsigned long long texts; /* that were known without writing them */

/* Where the values go. */
struct sink {
    struct pyon_tree_builder *builder;
    struct pyon_selection *selection;
    struct pyon_out out;
};

static void put_value_of_tree(struct sink *sink)
{
    struct pyon_tree *tree = pyon_tree_builder_take(sink->builder);

    CHECK(tree != NULL);
    for (size_t i = 0; i < PATHS; i++) {
        CHECK(pyon_path_each(paths[i], pyon_tree_root(tree), put_match, &sink->out) == 0);
        put(&sink->out, "-\n", 2);
    }
    pyon_tree_free(tree);
}

static int put_line(void *self, const struct pyon_match *match)
{
    struct pyon_writer writer;

    pyon_writer_init(&writer, self, &pyon_v2, false);
    CHECK(!match->path && pyon_write_node(&writer, match->node, false, NULL, NULL) == 0);
    put(self, "\n", 1);
    return 0;
}

/* The lines that are known are those that are written. */
static void check_lines(const struct pyon_selection *selection)
{
    struct pyon_out out;
    const char *text;
    size_t length;

    if (!pyon_selection_lines(selection, &text, &length))
        return;
    texts++;
    pyon_out_init(&out);
    for (size_t i = 0; i < PATHS; i++)
        CHECK(pyon_selection_values(selection, i, put_line, &out) == 0);
    CHECK_WITH(text,
               (size_t)(out.cur - out.start) == length && memcmp(out.start, text, length) == 0);
    pyon_out_free(&out);
}

static int count_value(void *self, const struct pyon_match *match)
{
    CHECK(!match->path && match->node);
    ++*(size_t *)self;
    return 0;
}

static void put_value_of_selection(struct sink *sink)
{
    CHECK(pyon_selection_take(sink->selection) == 0);
    if (next_random() % 2)
        check_lines(sink->selection);
    for (size_t i = 0; i < PATHS; i++) {
        struct pyon_match match;
        size_t before = (size_t)(sink->out.cur - sink->out.start), count = 0;

        CHECK(pyon_selection_each(sink->selection, i, put_match, &sink->out) == 0);
        CHECK(pyon_selection_values(sink->selection, i, count_value, &count) == 0);
        CHECK((count > 0) == ((size_t)(sink->out.cur - sink->out.start) > before));
        CHECK(pyon_selection_find(sink->selection, i, &match) == (count > 0));
        put(&sink->out, "-\n", 2);
    }
}

/* Puts the value that is complete, or the error, and drops the rest of the line. */
static void put_status(struct sink *sink, struct pyon_stream *stream, int status,
                       const struct pyon_error *error)
{
    char line[80];

    if (status == PYON_STREAM_VALUE) {
        snprintf(line, sizeof line, "up to %zu, of %zu\n", pyon_stream_position(stream),
                 pyon_stream_offset(stream) - pyon_stream_value_size(stream));
        put_words(&sink->out, line);
        if (sink->selection)
            put_value_of_selection(sink);
        else if (sink->builder)
            put_value_of_tree(sink);
        return;
    }
    snprintf(line, sizeof line, "error %d at %zu\n", error->code, error->offset);
    put_words(&sink->out, line);
    if (sink->selection)
        pyon_selection_reset(sink->selection);
    else if (sink->builder)
        pyon_tree_builder_reset(sink->builder);
    pyon_stream_skip_line(stream);
}

/* All that comes out of a stream. New. */
static char *read_stream(struct sink *sink, struct pyon_stream *stream, const char *text,
                         size_t length, size_t piece)
{
    struct pyon_error error;

    pyon_out_init(&sink->out);
    for (size_t at = 0, size = piece; at <= length; at += size) {
        int status;

        size = piece < length - at ? piece : length - at;
        memcpy(pyon_stream_space(stream, size), text + at, size);
        pyon_stream_add(stream, size);
        if (at + size == length)
            pyon_stream_end(stream);
        while ((status = pyon_stream_next(stream, &error)) != PYON_STREAM_MORE)
            put_status(sink, stream, status, &error);
        if (at + size == length)
            break;
    }
    pyon_stream_free(stream);
    return detach(&sink->out);
}

static void compare(const char *text, char *got, char *expected)
{
    if (!CHECK_WITH(text, strcmp(got, expected) == 0))
        fprintf(stderr, "found\n%swanted\n%s", got, expected);
    free(got);
    free(expected);
}

/* ---- The tests --------------------------------------------------------------------------- */

static void check_selection(const char *text, size_t length, size_t piece,
                            const struct pyon_options *options)
{
    struct sink tree = {.builder = pyon_tree_builder_new()};
    struct sink parts = {.selection =
                             pyon_selection_new((const struct pyon_path *const *)paths, PATHS)};
    char *expected =
        read_stream(&tree, pyon_stream_new(&pyon_v2, &pyon_tree_events, tree.builder, options),
                    text, length, length);
    char *got = read_stream(&parts, pyon_selection_stream(parts.selection, &pyon_v2, options), text,
                            length, piece);

    compare(text, got, expected);
    pyon_tree_builder_free(tree.builder);
    pyon_selection_free(parts.selection);
}

static void check_syntax(const char *text, size_t length, size_t piece,
                         const struct pyon_options *options)
{
    const struct pyon_builder grammar = pyon_null_builder; /* a copy is a builder like any other */
    struct sink sink = {.builder = NULL};
    char *expected = read_stream(&sink, pyon_stream_new(&pyon_v2, &grammar, NULL, options), text,
                                 length, length);
    char *got = read_stream(&sink, pyon_stream_new(&pyon_v2, &pyon_null_builder, NULL, options),
                            text, length, piece);

    compare(text, got, expected);
}

/* Often the same path again: only if each of them has a match is a record more than a value. */
static void choose_paths(void)
{
    const char *path = CHOOSE(path_texts);

    for (size_t k = 0; k < PATHS; k++) {
        struct pyon_error error;

        paths[k] = pyon_path_parse(path, strlen(path), &error);
        if (next_random() % 2)
            path = CHOOSE(path_texts);
    }
}

static void test_random(void)
{
    static const size_t pieces[] = {7, 333, 2000, 5000, 100000};
    static const struct pyon_options options[] = {
        {.max_depth = 0}, {.max_depth = 3}, {.max_depth = 0, .max_bytes = 60}};

    for (int i = 0; i < check_rounds(2000); i++) {
        const struct pyon_options *chosen = &options[i % 8 < 2 ? 1 + i % 8 : 0];
        size_t length, piece = pieces[next_random() % 5];
        char *text = make_stream(&length);

        choose_paths();
        check_selection(text, length, piece, chosen);
        check_syntax(text, length, piece, chosen);
        for (size_t k = 0; k < PATHS; k++)
            pyon_path_free(paths[k]);
        free(text);
    }
}

/* The record of a leaf inside as many dicts as a shape may have. Returns the end. */
static char *put_nested(char *p, const char *leaf)
{
    size_t length = strlen(leaf);

    for (int i = 0; i < 32; i++, p += 5)
        memcpy(p, "{\"a\":", 5);
    memcpy(p, leaf, length);
    p += length;
    for (int i = 0; i < 32; i++)
        *p++ = '}';
    *p++ = '\n';
    return p;
}

/* Leaves that are lists in one another, up to and beyond the depth that is allowed. */
static void test_depth(void)
{
    static const struct pyon_options options = {.max_depth = 40};

    for (size_t depth = 1; depth < 20; depth++) {
        char leaf[50] = {0}, text[5000], *p = text;

        memset(leaf, '[', depth);
        memset(leaf + depth, ']', depth);
        for (int i = 0; i < 8; i++)
            p = put_nested(p, "1");
        p = put_nested(p, leaf);
        p = put_nested(p, "1");
        check_syntax(text, (size_t)(p - text), sizeof text, &options);
    }
}

/* A change of one byte, at each place of a record that is of the shape. */
static void test_bytes(void)
{
    static const char line[] =
        "{\"a\":-12.5e3,\"b\":{\"c\":[1,[-2]],\"d\":\"x\\n\"},\"e\":true,\"f\":{},\"g\":0}\n";
    static const char bytes[] = "0.-e\",:[]{}\\ \nt_\x80\x01";
    size_t length = sizeof line - 1;
    char text[12 * sizeof line];

    for (size_t k = 0; k < PATHS; k++) {
        static const char *const names[PATHS] = {"a", "b.*", "g"};
        struct pyon_error error;

        paths[k] = pyon_path_parse(names[k], strlen(names[k]), &error);
    }
    for (size_t at = 0; at < length; at++)
        for (const char *byte = bytes; *byte; byte++) {
            for (size_t i = 0; i < 12; i++)
                memcpy(text + i * length, line, length);
            text[8 * length + at] = *byte;
            text[12 * length] = '\0';
            check_selection(text, 12 * length, 12 * length, NULL);
            check_syntax(text, 12 * length, 12 * length, NULL);
        }
    for (size_t k = 0; k < PATHS; k++)
        pyon_path_free(paths[k]);
}

/* ---- The selector ------------------------------------------------------------------------ */

/* Of a stream of {"a":N,"b":N} it keeps all leaves, or none, or fails. */
struct watcher {
    int answer;         /* of leaves() */
    int result;         /* of same() */
    int learned, found; /* how often these were called */
};

static int enter_value(void *self, size_t index)
{
    (void)self, (void)index;
    return PYON_WANTED_SKIP;
}

static int keep_leaves(void *self, const char *text, size_t length, bool *kept, size_t count)
{
    struct watcher *watcher = self;

    watcher->learned++;
    CHECK(length == 13 && text[length] == '\0' && count == 2 && !kept[0] && !kept[1]);
    kept[1] = true;
    return watcher->answer;
}

static int take_same(void *self, const struct pyon_leaf *found, size_t count)
{
    struct watcher *watcher = self;

    watcher->found++;
    CHECK(count == 1 && found[0].length == 1 && *found[0].text == '2');
    return watcher->result;
}

static size_t watch(struct watcher *watcher, int *last)
{
    const struct pyon_selector selector = {
        .value = enter_value, .leaves = keep_leaves, .same = take_same, .self = watcher};
    const struct pyon_options options = {.selector = &selector};
    struct pyon_stream *stream = pyon_stream_new(&pyon_v2, &pyon_null_builder, NULL, &options);
    struct pyon_error error = {.code = PYON_OK};
    size_t count = 0;

    for (int i = 0; i < 30; i++) {
        memcpy(pyon_stream_space(stream, 14), "{\"a\":1,\"b\":2}\n", 14);
        pyon_stream_add(stream, 14);
    }
    pyon_stream_end(stream);
    while ((*last = pyon_stream_next(stream, &error)) == PYON_STREAM_VALUE)
        count++;
    CHECK(*last == PYON_STREAM_MORE || error.code == PYON_ERROR_HOST);
    pyon_stream_free(stream);
    return count;
}

static void test_selector(void)
{
    struct watcher good = {.answer = 1}, unwilling = {.answer = 0};
    struct watcher failing = {.answer = -1}, broken = {.answer = 1, .result = -1};
    int last;

    /* The second value is learned. The last six, near the end of the text, are not looked for, and
       after four of them the shape is learned again. */
    CHECK(watch(&good, &last) == 30 && last == PYON_STREAM_MORE);
    CHECK(good.learned == 2 && good.found == 22);
    /* Asked again after 4, 8 and 16 values. */
    CHECK(watch(&unwilling, &last) == 30 && last == PYON_STREAM_MORE);
    CHECK(unwilling.learned == 4 && unwilling.found == 0);
    CHECK(watch(&failing, &last) == 1 && last == PYON_STREAM_FAILED);
    CHECK(watch(&broken, &last) == 2 && last == PYON_STREAM_FAILED && broken.found == 1);
}

int main(void)
{
    test_selector();
    test_random();
    test_bytes();
    test_depth();
    CHECK(check_short() || texts > 200);
    return check_report();
}
