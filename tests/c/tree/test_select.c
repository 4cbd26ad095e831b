/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Selections find what the paths find in the tree of the whole: in texts for each kind of step, in
 * the recorded cases, and in random texts; whole, and in pieces of each size. The errors of a text
 * are the same.
 */
#include "../support/cases.h"
#include "../support/check.h"
#include "../support/matches.h"
#include "../support/random.h"
#include "pyon_select.h"

#include <stdlib.h>
#include <string.h>

#define PATHS 4

static struct pyon_path *paths[PATHS];
static size_t path_count;

static void add_path(const char *text)
{
    struct pyon_error error;
    struct pyon_path *path = pyon_path_parse(text, strlen(text), &error);

    if (!path) {
        fprintf(stderr, "%s: %s\n", text, error.message);
        abort();
    }
    paths[path_count++] = path;
}

static void drop_paths(void)
{
    while (path_count > 0)
        pyon_path_free(paths[--path_count]);
}

/* All matches of all paths; of a text that is wrong, nothing. New. */
static char *find_in_tree(const struct pyon_dialect *dialect, const char *text, size_t length,
                          struct pyon_error *error)
{
    struct pyon_tree *tree = pyon_tree_parse(dialect, text, length, NULL, error);
    struct pyon_out out;

    pyon_out_init(&out);
    for (size_t i = 0; tree && i < path_count; i++) {
        CHECK(pyon_path_each(paths[i], pyon_tree_root(tree), put_match, &out) == 0);
        put(&out, "-\n", 2);
    }
    pyon_tree_free(tree);
    return detach(&out);
}

static int count_value(void *self, const struct pyon_match *match)
{
    CHECK(!match->path && match->node);
    ++*(size_t *)self;
    return 0;
}

static int count_match(void *self, const struct pyon_match *match)
{
    CHECK(match->path && match->node);
    ++*(size_t *)self;
    return 0;
}

/* The matches without their paths are as many. */
static void check_values(const struct pyon_selection *selection, size_t path)
{
    size_t values = 0, matches = 0;

    CHECK(pyon_selection_values(selection, path, count_value, &values) == 0);
    CHECK(pyon_selection_each(selection, path, count_match, &matches) == 0);
    CHECK(values == matches);
}

static char *write_selection(const struct pyon_selection *selection, bool found)
{
    struct pyon_out out;

    pyon_out_init(&out);
    for (size_t i = 0; found && i < path_count; i++) {
        struct pyon_match match;
        size_t before = (size_t)(out.cur - out.start);

        CHECK(pyon_selection_each(selection, i, put_match, &out) == 0);
        CHECK(pyon_selection_find(selection, i, &match) ==
              ((size_t)(out.cur - out.start) > before));
        check_values(selection, i);
        put(&out, "-\n", 2);
    }
    return detach(&out);
}

static void compare(const char *text, char *found, const char *expected)
{
    if (!CHECK_WITH(text, strcmp(found, expected) == 0)) {
        fprintf(stderr, "found\n%swanted\n%s", found, expected);
        for (size_t i = 0; i < path_count; i++)
            fprintf(stderr, "path %s\n", pyon_path_text(paths[i], NULL));
    }
    free(found);
}

static void check_whole(struct pyon_selection *selection, const struct pyon_dialect *dialect,
                        const char *text, size_t length, const char *expected,
                        const struct pyon_error *wrong)
{
    struct pyon_error error = {.code = PYON_OK};
    int status = pyon_selection_parse(selection, dialect, text, length, NULL, &error);

    CHECK_WITH(text, status == (error.code == PYON_OK ? 0 : -1));
    /* Arithmetic that cannot be computed is no error where it is skipped. */
    if (wrong->code == PYON_ERROR_LARGE || pyon_error_is_evaluation(wrong->code))
        return;
    if (!CHECK_WITH(text, error.code == wrong->code && error.offset == wrong->offset))
        fprintf(stderr, "%d at %zu, wanted %d at %zu\n", error.code, error.offset, wrong->code,
                wrong->offset);
    compare(text, write_selection(selection, status == 0), expected);
}

/* Gives the stream a text in pieces up to a value or an error. */
static int run_stream(struct pyon_stream *stream, const char *text, size_t length, size_t size,
                      struct pyon_error *error)
{
    int status = PYON_STREAM_MORE;

    for (size_t at = 0; at < length && status == PYON_STREAM_MORE; at += size) {
        size = size < length - at ? size : length - at;
        memcpy(pyon_stream_space(stream, size), text + at, size);
        pyon_stream_add(stream, size);
        if (at + size == length)
            pyon_stream_end(stream);
        status = pyon_stream_next(stream, error);
    }
    return status;
}

static void check_pieces(struct pyon_selection *selection, const struct pyon_dialect *dialect,
                         const char *text, size_t length, size_t size, const char *expected)
{
    struct pyon_stream *stream = pyon_selection_stream(selection, dialect, NULL);
    struct pyon_error error;

    if (CHECK_WITH(text, run_stream(stream, text, length, size, &error) == PYON_STREAM_VALUE)) {
        CHECK(pyon_selection_take(selection) == 0);
        compare(text, write_selection(selection, true), expected);
    }
    pyon_stream_free(stream);
    pyon_selection_reset(selection);
}

static bool always(void *self, const char *name, size_t length)
{
    (void)self, (void)name, (void)length;
    return true;
}

/* Does a stream read the text as one value, too? Not if there is a tuple without parentheses, for
   instance. */
static bool is_stream(const struct pyon_dialect *dialect, const char *text, size_t length)
{
    struct pyon_builder builder = pyon_null_builder;
    struct pyon_stream *stream;
    struct pyon_error error;
    bool whole;

    builder.callable = always;
    stream = pyon_stream_new(dialect, &builder, NULL, NULL);
    whole = run_stream(stream, text, length, length, &error) == PYON_STREAM_VALUE &&
            pyon_stream_next(stream, &error) == PYON_STREAM_MORE;
    pyon_stream_free(stream);
    return whole;
}

static void check_text(const struct pyon_dialect *dialect, const char *text, size_t length)
{
    static const size_t sizes[] = {1, 3, 17, 300, 5000};
    struct pyon_selection *selection =
        pyon_selection_new((const struct pyon_path *const *)paths, path_count);
    struct pyon_error error = {.code = PYON_OK};
    char *expected = find_in_tree(dialect, text, length, &error);

    check_whole(selection, dialect, text, length, expected, &error);
    if (error.code == PYON_OK && is_stream(dialect, text, length))
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
            check_pieces(selection, dialect, text, length, sizes[i], expected);
    free(expected);
    pyon_selection_free(selection);
}

/* ---- Each kind of step ------------------------------------------------------------------- */

static void check(const char *text, const char *first, const char *second)
{
    add_path(first);
    if (second)
        add_path(second);
    check_text(&pyon_v1, text, strlen(text));
    if (!strpbrk(text, "'()#") && !strstr(text, ", }"))
        check_text(&pyon_v2, text, strlen(text));
    drop_paths();
}

static void test_steps(void)
{
    static const char record[] =
        "{\"a\": 1, \"b\": {\"c\": [1, 2, {\"d\": 3}], \"e\": \"\\u00e9\"}, "
        "\"a.b\": 4, \"b.c\": [5], \"f\": [[1], [2, 3], []]}";

    check(record, "a", "b");
    check(record, "b.c", NULL);
    check(record, "b.e", "b");
    check(record, "[\"b\"].c[2].d", "b.c[0]");
    check(record, "b.x", "x");
    check(record, "a.b", "[\"a\"]");
    check(record, "*", "a.*");
    check(record, "f[*][0]", "f[1:]");
    check(record, "f[-2][-1]", "f[:-1]");
    check(record, "f[::-1]", "f[5:0:-2][0]");
    check(record, "f[0:2:2]", "f[7]");
    check(record, "f.*.*", "f[1][1]");
    check(record, "", "a");
    check(record, ".*.*", "b.*[2].*");
    check("[1, 2, 3, 4]", "[1]", "[3]");
    check("[1, 2, 3, 4]", "[-1]", "[0]");
    check("[1, 2, 3, 4]", "a", "[0]");
    check("[1, 2, 3, 4]", "a", NULL);
    check("[[[1, 2], [3]], [[4]]]", "[0][1:]", "[*][0][0]");
    check("5", "", "a");
    check("[]", "[0]", ".*");
    check("{}", "a", ".*");
}

/* The longest key counts, of equal ones the last, wherever they stand. */
static void test_keys(void)
{
    check("{\"a\": {\"b\": 1}, \"a.b\": 2}", "a.b", "[\"a\"].b");
    check("{\"a.b\": 2, \"a\": {\"b\": 1}}", "a.b", "a.*");
    check("{\"a\": {\"b\": {\"c\": 1}}, \"a.b\": 2}", "a.b.c", "a");
    check("{\"a\": {\"b\": 1}, \"a\": {\"c\": 1}}", "a.b", "a.c");
    check("{\"x\": 1, \"y\": 2, \"x\": 3}", ".*", "x");
    check("{\"a\": {\"b\": 1}, \"a.b\": 5}", "a.*", "[\"a\"].b");
    check("{\"a\": {\"x\": 1}, \"a.b\": {}}", "a.*", "[\"a\"].x");
    check("{\"a\": {\"x\": 1}, \"a.\": 1}", "a.*", "[\"a.\"]");
    check("{\"a\": {\"x\": 1}, \"ab\": 1, \"a.x.y\": 3}", "a.x", ".*");
    check("{\"caf\\u00e9\": 1, \"\\u0061\": 2}", "caf\xc3\xa9", "a");
    check("{\"\": 1, \"*\": 2}", "[\"\"]", "[\"*\"]");
}

/* Texts of version 1 alone. */
static void test_v1(void)
{
    static const char keys[] = "{1: 'one', (1, 2): 'two', 'a' 'b': 3, ('c'): 4, 'd' : 5, -1: [6], "
                               "True: 'yes', b'x': 7, 'e': {2: 8}, None: 9, 1.5: {'f': 10}}";
    static const char *const key_paths[] = {"[1]",     "[(1, 2)]", "ab",      "c",    "d",
                                            "[-1][0]", "[True]",   "[b'x']",  "e[2]", "[None]",
                                            "[1.5].f", ".*",       "[1.5].*", "[2]"};

    for (size_t i = 0; i < sizeof key_paths / sizeof *key_paths; i++)
        for (size_t j = 0; j < sizeof key_paths / sizeof *key_paths; j++)
            check(keys, key_paths[i], key_paths[j]);
    check("{'a': 1}, 2", "[0].a", "[1]");
    check("1, 2", "[0]", "[5]");
    check("{'a': 1},", "[0].a", "a");
    check("({'a': 1}, [2])", "[0].a", "[1][0]");
    check("({'a': 1})", "a", NULL);
    check("{'a', 'b'}", "a", ".*");
    check("{1, 2}", "[1]", ".*");
    check("{(1, 2), 3}", "[(1, 2)]", NULL);
    check("[-1, - 2, 1+2j, -(3), (4), 2*3, ~1]", "[1]", "[4:]");
    check("{'a': {1, 2}, 'b': {}}", "a.x", "b.x");
    check("OrderedDict([('a', [1])])", "a[0]", NULL);
    check("[slice(1, 2), foo(1, x=[2])]", "[1][1]", "[1][0]");
    check("[nparray((2,), '<f8', b'AAAAAAAAAAAAAAAAAAAAAA==')]", "[0][1]", "[*][:]");
    check("{'a': 1, # comment\n 'b': [2, ], }", "b[0]", "a");
    check("[1, 'a' 'b', 2]", "[1]", "[2]");
    check("[foo(1), Fraction(1, 2), tuple(1), slice(2)]", "[1]", "[3]");
}

static void test_v2(void)
{
    static const char *const texts[] = {
        "{\"t\":{\"__jsonclass__\":[\"tuple\",[[1,[2]]]]},\"x\":1}",
        "{\"t\":{\"x\":1,\"__jsonclass__\":[\"tuple\",[[1,[2]]]]}}",
        "{\"t\":{\"__jsonclass__\":[\"tuple\",[[1,[2]]]],\"y\":2}}",
        "{\"t\":{\"__jsonclass__\":5,\"x\":{\"y\":1}}}",
        "{\"t\":{\"__jsonclass__\":[\"dict\",[[[1,[2]],[\"x\",{\"y\":3}]]]]}}",
        "{\"t\":{\"__jsonclass__\":[\"other\",[[1,[2]]]]}}",
        "{\"t\":{\"a\":1,\"__jsonclass__\":[\"\\u00ff\",[[1,[2]]]]}}",
        "{\"t\":{\"__jsonclass__\":[\"nparray\",[[2],\"<f8\",\"AAAAAAAAAAAAAAAAAAAAAA==\"]]}}"};
    static const char *const both[][2] = {{"t[1][0]", "x"},
                                          {"t[1]", "t[0]"},
                                          {"t.x.y", "t[0]"},
                                          {"t.*", "*"},
                                          {"t[-1]", "t.__jsonclass__"}};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t j = 0; j < sizeof both / sizeof *both; j++) {
            add_path(both[j][0]);
            add_path(both[j][1]);
            check_text(&pyon_v2, texts[i], strlen(texts[i]));
            drop_paths();
        }
}

/* ---- The cases, and random texts --------------------------------------------------------- */

static void add_random_paths(void)
{
    static const char *const steps[] = {"a",   "b",    "a.b",   "key",    ".*",    "[*]",  "[0]",
                                        "[1]", "[-1]", "[1:3]", "[::-1]", "['a']", "[:2]", "[1.0]"};

    for (size_t i = 0; i < PATHS; i++) {
        char text[200] = "";
        size_t length = 0;

        for (uint64_t count = next_random() % 4; count > 0; count--) {
            const char *step = steps[next_random() % (sizeof steps / sizeof *steps)];

            if (length > 0 && *step != '[' && *step != '.')
                text[length++] = '.';
            strcpy(text + length, step);
            length += strlen(step);
        }
        add_path(text);
    }
}

static void check_case(const struct kase *kase, const char *directory)
{
    (void)directory;
    for (int i = 0; i < 3; i++) {
        add_random_paths();
        check_text(kase->dialect, kase->text.data, kase->text.length);
        drop_paths();
    }
}

static void put_words(struct pyon_out *out, const char *words)
{
    put(out, words, strlen(words));
}

static void put_random(struct pyon_out *out, bool v1, unsigned depth)
{
    static const char *const keys[] = {"\"a\"",   "\"a.b\"",     "\"b\"",     "\"a.b.a\"",
                                       "\"key\"", "\"\\u0061\"", "\"b.key\"", "\"other\"",
                                       "1",       "True",        "(1, 2)",    "'a' 'b'"};
    static const char *const scalars[] = {"0",    "-1.5", "\"text\"", "\"\\n\"",
                                          "null", "true", "[]",       "{}"};
    static const char *const odd[] = {"(1, [2, 3])", "2*3",    "-(1)",
                                      "'a' 'b'",     "{1, 2}", "f([1], x=2)"};
    uint64_t kind = depth == 0 ? 0 : next_random() % 3;
    uint64_t count = 1 + next_random() % 5;

    if (kind == 0) {
        bool is_odd = v1 && next_random() % 4 == 0;

        put_words(out, is_odd ? odd[next_random() % 6] : scalars[next_random() % 8]);
        return;
    }
    put_words(out, kind == 1 ? "[" : "{");
    for (uint64_t i = 0; i < count; i++) {
        put_words(out, i > 0 ? "," : "");
        put_words(out, next_random() % 4 == 0 ? " " : "");
        if (kind == 2) {
            put_words(out, keys[next_random() % (v1 ? 12 : 8)]);
            put_words(out, next_random() % 8 == 0 ? " :" : ":");
        }
        put_random(out, v1, depth - 1);
    }
    put_words(out, kind == 1 ? "]" : "}");
}

static void test_random(void)
{
    for (int i = 0; i < 3000; i++) {
        struct pyon_out out;
        char *text;

        pyon_out_init(&out);
        put_random(&out, i % 2, 4);
        text = detach(&out);
        add_random_paths();
        check_text(i % 2 ? &pyon_v1 : &pyon_v2, text, strlen(text));
        drop_paths();
        free(text);
    }
}

/* ---- Many values ------------------------------------------------------------------------- */

static void test_lines(void)
{
    static const char text[] = "{\"a\":1,\"b\":[1,2]}\n{\"b\":[3]}\n{\"a\":!}\n{\"a\":2}\n";
    static const char *const expected[] = {"a = 1\n-\n", "-\n", NULL, "a = 2\n-\n"};
    const struct pyon_options options = {.lines = true};
    struct pyon_selection *selection;
    struct pyon_stream *stream;
    struct pyon_error error;
    size_t line = 0;
    int status;

    add_path("a");
    selection = pyon_selection_new((const struct pyon_path *const *)paths, path_count);
    stream = pyon_selection_stream(selection, &pyon_v2, &options);
    memcpy(pyon_stream_space(stream, sizeof text - 1), text, sizeof text - 1);
    pyon_stream_add(stream, sizeof text - 1);
    while ((status = pyon_stream_next(stream, &error)) != PYON_STREAM_MORE) {
        CHECK((status == PYON_STREAM_FAILED) == (expected[line] == NULL));
        if (status == PYON_STREAM_VALUE) {
            CHECK(pyon_selection_take(selection) == 0);
            compare(text, write_selection(selection, true), expected[line]);
        } else {
            CHECK(error.code == PYON_ERROR_VALUE);
            pyon_selection_reset(selection);
            pyon_stream_skip_line(stream);
        }
        line++;
    }
    CHECK(line == 4);
    pyon_stream_free(stream);
    pyon_selection_free(selection);
    pyon_selection_free(NULL);
    drop_paths();
}

static void test_no_paths(void)
{
    struct pyon_selection *selection = pyon_selection_new(NULL, 0);
    struct pyon_error error;

    CHECK(pyon_selection_parse(selection, &pyon_v2, "[1]", 3, NULL, &error) == 0);
    CHECK(pyon_selection_parse(selection, &pyon_v2, "[1", 2, NULL, &error) == -1);
    CHECK(error.code == PYON_ERROR_COMMA && error.offset == 2);
    pyon_selection_free(selection);
}

int main(void)
{
    test_steps();
    test_keys();
    test_v1();
    test_v2();
    test_lines();
    test_no_paths();
    cases_run(check_case);
    test_random();
    return check_report();
}
