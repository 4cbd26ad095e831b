/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The part of test_faults that is paths, selections and copies. */
#include "../support/check.h"
#include "copy/copy.h"
#include "faults.h"
#include "path/columns.h"
#include "pyon_select.h"

#include <stdlib.h>
#include <string.h>

static const char path_value[] =
    "{'a': [[1, 2], {'b.c': 3, 'x y': {}}], 'a.b': {(1, 2): nparray((2, 2), '|u1', "
    "b'AQIDBA==')}, 'd': 'text', 'z': [4, 5, 6, 7]}";

static int count_match(void *self, const struct pyon_match *match)
{
    size_t *count = self;

    CHECK(match->path_length > 0);
    ++*count;
    return 0;
}

/* A path that is read, and followed in the tree; did it work, with this number of matches? */
static bool follow_path(const char *text, const struct pyon_node *root, size_t expected)
{
    struct pyon_error error = {.code = PYON_OK};
    struct pyon_path *path = pyon_path_parse(text, strlen(text), &error);
    struct pyon_match match;
    struct pyon_miss miss;
    struct pyon_out out;
    size_t count = 0;
    bool good = false;

    CHECK_WITH(text, path || error.code == PYON_ERROR_MEMORY);
    if (!path)
        return false;
    pyon_out_init(&out);
    if (pyon_path_each(path, root, count_match, &count) == 0 &&
        pyon_path_find(path, root, &match) >= 0) {
        int missed = pyon_path_explain(path, root, &miss, &out);

        CHECK_WITH(text, count == expected);
        CHECK_WITH(text,
                   missed == (expected == 0) || (missed < 0 && out.code == PYON_ERROR_MEMORY));
        good = missed >= 0;
    }
    pyon_out_free(&out);
    pyon_path_free(path);
    return good;
}

static void check_paths(const char *text, size_t expected)
{
    struct pyon_error error;
    struct pyon_tree *tree =
        pyon_tree_parse(&pyon_v1, path_value, sizeof path_value - 1, NULL, &error);
    size_t live = faults_live();

    for (int all = 0; all < 2; all++) {
        bool failed = true;

        for (size_t at = 0; failed; at++) {
            bool good;

            faults_start(at, all);
            good = follow_path(text, pyon_tree_root(tree), expected);
            failed = faults_stop();
            CHECK_WITH(text, good || failed);
            CHECK_WITH(text, faults_live() == live);
        }
    }
    pyon_tree_free(tree);
}

static void test_paths(void)
{
    check_paths("a[0][1]", 1);
    check_paths("*.*.*", 6);
    check_paths("['a.b'][(1, 2)][0:2][*]", 2);
    check_paths("['a.b'][1, 2][::-1]", 1);
    check_paths("a[1]['x y'].q", 0);
    check_paths("a[1].bc", 0);
    check_paths("a['\\n'  # comment\n]", 0);
}

/* Reads one value, in pieces. */
static int read_stream(struct pyon_stream *stream, const char *text, size_t length, size_t size,
                       struct pyon_error *error)
{
    int status = PYON_STREAM_MORE;

    for (size_t at = 0; at < length && status == PYON_STREAM_MORE; at += size) {
        char *space;

        size = size < length - at ? size : length - at;
        space = pyon_stream_space(stream, size);
        if (!space) {
            error->code = PYON_ERROR_MEMORY;
            return PYON_STREAM_FAILED;
        }
        memcpy(space, text + at, size);
        pyon_stream_add(stream, size);
        status = pyon_stream_next(stream, error);
    }
    return status;
}

/* Reads the value with a selection, whole, or in pieces. Did it work? */
static bool select_parts(const struct pyon_path *const *paths, size_t count, bool whole)
{
    struct pyon_selection *selection = pyon_selection_new(paths, count);
    struct pyon_stream *stream = NULL;
    struct pyon_error error = {.code = PYON_OK};
    bool good = false;
    size_t found = 0;

    if (selection && whole) {
        good = pyon_selection_parse(selection, &pyon_v1, path_value, sizeof path_value - 1, NULL,
                                    &error) == 0;
        CHECK(good || error.code == PYON_ERROR_MEMORY);
    } else if (selection && (stream = pyon_selection_stream(selection, &pyon_v1, NULL))) {
        good =
            read_stream(stream, path_value, sizeof path_value - 1, 7, &error) == PYON_STREAM_VALUE;
        CHECK(good || error.code == PYON_ERROR_MEMORY ||
              pyon_selection_code(selection) == PYON_ERROR_MEMORY);
        good = good && pyon_selection_take(selection) == 0;
    }
    for (size_t i = 0; good && i < count; i++)
        good = pyon_selection_each(selection, i, count_match, &found) == 0;
    CHECK(!good || found == 6);
    pyon_stream_free(stream);
    pyon_selection_free(selection);
    return good;
}

static void test_selections(void)
{
    static const char *const texts[] = {"z[*]", "a[1].b.c", "['a.b'][(1, 2)][1]"};
    struct pyon_path *paths[3];
    struct pyon_error error;
    size_t live;

    for (size_t i = 0; i < 3; i++)
        paths[i] = pyon_path_parse(texts[i], strlen(texts[i]), &error);
    live = faults_live();
    for (int i = 0; i < 4; i++) {
        bool failed = true;

        for (size_t at = 0; failed; at++) {
            bool good;

            faults_start(at, i % 2);
            good = select_parts((const struct pyon_path *const *)paths, 3, i < 2);
            failed = faults_stop();
            CHECK(good || failed);
            CHECK(faults_live() == live);
        }
    }
    for (size_t i = 0; i < 3; i++)
        pyon_path_free(paths[i]);
}

/* Adds up the matches of the value that is complete. Did it work? */
static bool count_value(struct pyon_selection *selection, size_t *found)
{
    return pyon_selection_take(selection) == 0 &&
           pyon_selection_each(selection, 0, count_match, found) == 0 &&
           pyon_selection_each(selection, 1, count_match, found) == 0;
}

/* Records in a stream: their shape is learned, and each is found by it. Did it work? */
static bool select_records(const struct pyon_path *const *paths)
{
    static const char record[] = "{\"a\":{\"b\":[1],\"c\":\"text\"},\"d\":1.5}\n";
    size_t length = sizeof record - 1, found = 0;
    struct pyon_selection *selection = pyon_selection_new(paths, 2);
    struct pyon_stream *stream = NULL;
    struct pyon_error error = {.code = PYON_OK};
    char *space = NULL;
    bool good = false;

    if (selection && (stream = pyon_selection_stream(selection, &pyon_v2, NULL)))
        space = pyon_stream_space(stream, 20 * length);
    if (space) {
        int status;

        for (size_t i = 0; i < 20; i++)
            memcpy(space + i * length, record, length);
        pyon_stream_add(stream, 20 * length);
        do {
            status = pyon_stream_next(stream, &error);
        } while (status == PYON_STREAM_VALUE && count_value(selection, &found));
        good = status == PYON_STREAM_MORE;
        CHECK(status != PYON_STREAM_FAILED || error.code == PYON_ERROR_MEMORY ||
              pyon_selection_code(selection) == PYON_ERROR_MEMORY);
        CHECK(!good || found == 20 * 3);
    }
    pyon_stream_free(stream);
    pyon_selection_free(selection);
    return good;
}

/* Columns of lines that a stream reads, and of others that are read one by one, with misfits. Did it
   work? */
static bool read_columns(const struct pyon_path *const *paths)
{
    static const char text[] = "{\"a\":{\"b\":1},\"d\":\"x\"}\n{\"a\":{\"b\":2.5},\"d\":[1]}\n"
                               "{\"a\":{\"b\":3},\"d\":\"x\"}\n{\"a\":{\"b\":4},\"d\":\"x\"}\n"
                               "{'a': {'b': nparray((2,), '|u1', b'AQI=')}, 'd': 5}\n]\n{'d': 6}\n";
    static const enum column_type types[] = {COLUMN_ANY, COLUMN_STRING};
    struct columns columns;
    bool good = pyon_columns_init(&columns, paths, types, 2) == 0 &&
                pyon_columns_read(&columns, &pyon_v2, &pyon_v1, text, sizeof text - 1) == 0;

    if (good)
        CHECK(columns.rows == 6 && columns.misfit_count == 4 && columns.line_count == 7);
    pyon_columns_free(&columns);
    return good;
}

/* Has each allocation fail that a function makes with two paths. It returns whether it has worked. */
static void check_reading(bool (*read)(const struct pyon_path *const *paths))
{
    struct pyon_error error;
    struct pyon_path *paths[] = {pyon_path_parse("a.*", 3, &error),
                                 pyon_path_parse("d", 1, &error)};
    size_t live = faults_live();

    for (int all = 0; all < 2; all++) {
        bool failed = true;

        for (size_t at = 0; failed; at++) {
            bool good;

            faults_start(at, all);
            good = read((const struct pyon_path *const *)paths);
            failed = faults_stop();
            /* Without memory for a shape, the values are read one by one. */
            CHECK(good || failed);
            CHECK(faults_live() == live);
        }
    }
    pyon_path_free(paths[0]);
    pyon_path_free(paths[1]);
}

/* A text for pyon_copy_read, all at once. */
static ptrdiff_t read_text(void *self, char *data, size_t size)
{
    static const char text[] = "[{\"a\":1,\"b\":\"\\u00e9\",\"c\":[1e5, \"x\"]}]";
    bool *done = self;
    size_t length = *done ? 0 : sizeof text - 1;

    CHECK(length <= size);
    memcpy(data, text, length);
    *done = true;
    return (ptrdiff_t)length;
}

static void test_copies(void)
{
    size_t live = faults_live();

    for (int all = 0; all < 2; all++) {
        bool failed = true;

        for (size_t at = 0; failed; at++) {
            unsigned long long count;
            bool checked = false, done = false;
            enum pyon_copied first, second;
            struct pyon_writer writer;
            struct pyon_out out;

            pyon_out_init(&out);
            pyon_writer_init(&writer, &out, &pyon_v2, all);
            faults_start(at, all);
            first = pyon_copy_check(read_text, &checked, &count);
            second = pyon_copy(read_text, &done, &writer, true, &count);
            failed = faults_stop();
            CHECK(first == PYON_COPIED || first == PYON_COPY_MEMORY);
            CHECK(second == PYON_COPIED || second == PYON_COPY_MEMORY ||
                  out.code == PYON_ERROR_MEMORY);
            CHECK(failed || (first == PYON_COPIED && second == PYON_COPIED));
            pyon_out_free(&out);
            CHECK(faults_live() == live);
        }
    }
}

int faults_paths(void)
{
    test_copies();
    test_paths();
    test_selections();
    check_reading(select_records);
    check_reading(read_columns);
    return check_report();
}
