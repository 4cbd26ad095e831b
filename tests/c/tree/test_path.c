/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Paths: their meaning, their errors, why they have no match, and that each value has one that
 * leads back to it. Matches are written down as "path = value", one after another.
 */
#include "../support/check.h"
#include "../support/matches.h"
#include "../support/random.h"
#include "../support/text.h"
#include "pyon_path.h"

#include <stdlib.h>
#include <string.h>

static struct pyon_tree *parse_tree(const char *text)
{
    struct pyon_error error;
    struct pyon_tree *tree = pyon_tree_parse(&pyon_v1, text, strlen(text), NULL, &error);

    CHECK_WITH(text, tree != NULL);
    if (!tree)
        abort();
    return tree;
}

static struct pyon_path *parse_path(const char *text)
{
    struct pyon_error error;
    struct pyon_path *path = pyon_path_parse(text, strlen(text), &error);

    if (!CHECK_WITH(text, path != NULL)) {
        fprintf(stderr, "%zu: %s\n", error.offset, error.message);
        abort();
    }
    return path;
}

/* The shape of a part, and its elements as far as they are numbers: "2x3: 0.0 1.0 ..." */
static void put_part(struct pyon_out *out, const struct pyon_array *part)
{
    struct pyon_writer writer;

    pyon_writer_init(&writer, out, &pyon_v1, false);
    for (size_t i = 0; i < part->ndim; i++) {
        if (i > 0)
            put(out, "x", 1);
        pyon_write_integer(&writer, part->shape[i]);
    }
    put(out, ":", 1);
    for (size_t i = 0; i < part->count; i++) {
        double value = 0, again = -1;

        CHECK(pyon_array_real(part, i, &value) >= 0);
        CHECK(pyon_array_reals(part, i, 1, &again) >= 0 && again == value);
        put(out, " ", 1);
        pyon_write_real(&writer, value);
    }
}

static int write_match(void *self, const struct pyon_match *match)
{
    struct pyon_out *out = self;
    struct pyon_writer writer;

    pyon_writer_init(&writer, out, &pyon_v1, false);
    if (out->cur > out->start)
        put(out, "; ", 2);
    CHECK(match->path != NULL);
    put(out, match->path, match->path_length);
    put(out, " = ", 3);
    if (match->is_part)
        put_part(out, &match->part);
    else
        CHECK(pyon_write_node(&writer, match->node, false, NULL, NULL) == 0);
    return 0;
}

/* All matches: new. */
static char *find_all(const struct pyon_tree *tree, const char *path_text)
{
    struct pyon_path *path = parse_path(path_text);
    struct pyon_match match;
    struct pyon_out out;
    int found;

    pyon_out_init(&out);
    CHECK(pyon_path_each(path, pyon_tree_root(tree), write_match, &out) == 0);
    found = pyon_path_find(path, pyon_tree_root(tree), &match);
    CHECK_WITH(path_text, found == (out.cur > out.start));
    pyon_path_free(path);
    return detach(&out);
}

static void check_found(const char *text, const char *path, const char *expected)
{
    struct pyon_tree *tree = parse_tree(text);
    char *found = find_all(tree, path);

    if (!CHECK_WITH(path, strcmp(found, expected) == 0))
        fprintf(stderr, "in %s\n found %s\nwanted %s\n", text, found, expected);
    free(found);
    pyon_tree_free(tree);
}

/* ---- What paths mean --------------------------------------------------------------------- */

static void test_names(void)
{
    check_found("{'a': {'b': 1}}", "a.b", "a.b = 1");
    check_found("{'a': {'b': 1}}", ".a.b", "a.b = 1");
    check_found("{'a': {'b': 1}}", "a", "a = {\"b\": 1}");
    check_found("5", "", " = 5");
    check_found("5", ".", " = 5");
    check_found("{'397': 1, 'a-b': 2, 'caf\xc3\xa9': 3, '*a': 4}", "397", "397 = 1");
    check_found("{'397': 1, 'a-b': 2, 'caf\xc3\xa9': 3, '*a': 4}", "a-b", "a-b = 2");
    check_found("{'397': 1, 'a-b': 2, 'caf\xc3\xa9': 3, '*a': 4}", "caf\xc3\xa9",
                "caf\xc3\xa9 = 3");
    check_found("{'397': 1, 'a-b': 2, 'caf\xc3\xa9': 3, '*a': 4}", "*a", "*a = 4");
    check_found("{'calibration.ca1.397': {'frequency': 7}}", "calibration.ca1.397.frequency",
                "calibration.ca1.397.frequency = 7");
    check_found("OrderedDict([('a', 1)])", "a", "a = 1");
    check_found("[1]", "a", "");
    check_found("{397: 1}", "397", "");
    check_found("{'a': 1}", "a.b", "");
    check_found("{'a': 1}", "b", "");
}

/* The longest key counts, and there is no way back. */
static void test_longest(void)
{
    check_found("{'a': {'b': 1}, 'a.b': 2}", "a.b", "a.b = 2");
    check_found("{'a.b': 2, 'a': {'b': 1}}", "a.b", "a.b = 2");
    check_found("{'a': {'b': 1}, 'a.b': 2}", "[\"a\"].b", "[\"a\"].b = 1");
    check_found("{'a': {'b': {'c': 1}}, 'a.b': 2}", "a.b.c", "");
    check_found("{'a': {'b.c': 1, 'b': {'c': 2}}}", "a.b.c", "a.b.c = 1");
    check_found("{'a': {'b.c': 1, 'b': {'c': 2}}}", "a[\"b\"].c", "a[\"b\"].c = 2");
    check_found("{'a.b': {'c.d': 1}}", "a.b.c.d", "a.b.c.d = 1");
    check_found("{'a': {'x': 1}, 'ab': 2}", "a.x", "a.x = 1");
    /* More names than are looked up one by one. */
    check_found("{'a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a': {'b.c': 1}, 'a': 2, 'a.a': 3}",
                "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.b.c",
                "a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.a.b.c = 1");
}

static void test_keys(void)
{
    check_found("{'x y': 1, 'a.b': 2, 'a': {'b': 3}}", "[\"x y\"]", "[\"x y\"] = 1");
    check_found("{'x y': 1, 'a.b': 2, 'a': {'b': 3}}", "['a.b']", "a.b = 2");
    check_found("{(1, 2): 1, 1.5: 2, b'x': 3, None: 4, True: 5, -1: 6}", "[(1, 2)]",
                "[(1, 2)] = 1");
    check_found("{(1, 2): 1, 1.5: 2, b'x': 3, None: 4, True: 5, -1: 6}", "[1,2]", "[(1, 2)] = 1");
    check_found("{(1, 2): 1, 1.5: 2, b'x': 3, None: 4, True: 5, -1: 6}", "[ 1.5 ]", "[1.5] = 2");
    check_found("{(1, 2): 1, 1.5: 2, b'x': 3, None: 4, True: 5, -1: 6}", "[b\"x\"]", "[b'x'] = 3");
    check_found("{(1, 2): 1, 1.5: 2, b'x': 3, None: 4, True: 5, -1: 6}", "[null]", "[null] = 4");
    check_found("{(1, 2): 1, 1.5: 2, b'x': 3, None: 4, True: 5, -1: 6}", "[1]", "[1] = 5");
    check_found("{(1, 2): 1, 1.5: 2, b'x': 3, None: 4, True: 5, -1: 6}", "[-1]", "[-1] = 6");
    check_found("{(1, 2): 1, 1.5: 2, b'x': 3, None: 4, True: 5, -1: 6}", "[0]", "");
    check_found("{(1,): 1, 1: 2}", "[1,]", "[(1, )] = 1");
    check_found("{'a]b': 1, ']': {'#': 2}}", "['a]b']", "[\"a]b\"] = 1");
    check_found("{'a]b': 1, ']': {'#': 2}}", "[']'][ '#' # a comment\n ]", "[\"]\"].# = 2");
    check_found("{18446744073709551616: 1}", "[18446744073709551616]",
                "[18446744073709551616] = 1");
    check_found("{'a': {1: {2: 3}}}", "a[1][2]", "a[1][2] = 3");
}

static void test_indexes(void)
{
    check_found("[10, 20, 30]", "[0]", "[0] = 10");
    check_found("[10, 20, 30]", ".[2]", "[2] = 30");
    check_found("[10, 20, 30]", "[-1]", "[2] = 30");
    check_found("[10, 20, 30]", "[-3]", "[0] = 10");
    check_found("[10, 20, 30]", "[3]", "");
    check_found("[10, 20, 30]", "[-4]", "");
    check_found("[10, 20, 30]", "[True]", "");
    check_found("[10, 20, 30]", "[1.0]", "");
    check_found("[10, 20, 30]", "['1']", "");
    check_found("[10, 20, 30]", "[9223372036854775807]", "");
    check_found("[10, 20, 30]", "[-9223372036854775808]", "");
    check_found("((1, 2), [3])", "[0][1]", "[0][1] = 2");
    check_found("{1, 2}", "[0]", "");
    check_found("'abc'", "[0]", "");
    check_found("Fraction(1, 2)", "[0]", "");
    check_found("{'a': [[1], [2, {'b': 3}]]}", "a[1][1].b", "a[1][1].b = 3");
}

static void test_slices(void)
{
    check_found("[0, 1, 2, 3, 4]", "[1:3]", "[1] = 1; [2] = 2");
    check_found("[0, 1, 2, 3, 4]", "[ 1 : 5 : 2 ]", "[1] = 1; [3] = 3");
    check_found("[0, 1, 2, 3, 4]", "[:2]", "[0] = 0; [1] = 1");
    check_found("[0, 1, 2, 3, 4]", "[3:]", "[3] = 3; [4] = 4");
    check_found("[0, 1, 2, 3, 4]", "[-2:]", "[3] = 3; [4] = 4");
    check_found("[0, 1, 2, 3, 4]", "[:-3]", "[0] = 0; [1] = 1");
    check_found("[0, 1, 2, 3, 4]", "[::-2]", "[4] = 4; [2] = 2; [0] = 0");
    check_found("[0, 1, 2, 3, 4]", "[3:1:-1]", "[3] = 3; [2] = 2");
    check_found("[0, 1, 2, 3, 4]", "[3::-2]", "[3] = 3; [1] = 1");
    check_found("[0, 1, 2, 3, 4]", "[:3:-1]", "[4] = 4");
    check_found("[0, 1, 2, 3, 4]", "[3:3]", "");
    check_found("[0, 1, 2, 3, 4]", "[9:]", "");
    check_found("[0, 1, 2, 3, 4]", "[1:99999999999999999999:99999999999999999999]", "[1] = 1");
    check_found("[0, 1, 2, 3, 4]", "[::-99999999999999999999]", "[4] = 4");
    check_found("[0, 1]", "[:]", "[0] = 0; [1] = 1");
    check_found("[]", "[:]", "");
    check_found("{0: 1}", "[:]", "");
    check_found("[{'a': 1}, {'b': 2}, {'a': 3}]", "[:].a", "[0].a = 1; [2].a = 3");
}

static void test_all(void)
{
    check_found("{'a': 1, 2: 3}", ".*", "a = 1; [2] = 3");
    check_found("{'a': 1, 2: 3}", "*", "a = 1; [2] = 3");
    check_found("{'a': 1, 2: 3}", "[*]", "a = 1; [2] = 3");
    check_found("{'a': 1, 2: 3}", "[ * ]", "a = 1; [2] = 3");
    check_found("{'s': {'x': {'p': 1}, 'y': {'q': 2}, 'z': {'p': 3}}}", "s.*.p",
                "s.x.p = 1; s.z.p = 3");
    check_found("[[1, 2], [3]]", "[*][*]", "[0][0] = 1; [0][1] = 2; [1][0] = 3");
    check_found("[[1, 2], [3], 4]", ".*.*", "[0][0] = 1; [0][1] = 2; [1][0] = 3");
    check_found("{1, 2}", ".*", "");
    check_found("{}", ".*", "");
    check_found("5", ".*", "");
    /* Keys that begin others are quoted, and those that are no names. */
    check_found(
        "{'a': 1, 'a.b': 2, 'a.b.c': 3, 'ab': 4, '*': 5, '': 6, 'a.': 7, '.a': 8}", ".*",
        "[\"a\"] = 1; [\"a.b\"] = 2; a.b.c = 3; ab = 4; [\"*\"] = 5; [\"\"] = 6; [\"a.\"] = 7; "
        "[\".a\"] = 8");
    check_found(
        "{'a b': 1, 'a\\n': 2, 'a\\u00a0': 3, '\\ud800': 4, 'a\"b': 5, 'a[': 6}", ".*",
        "[\"a b\"] = 1; [\"a\\n\"] = 2; [\"a\\u00a0\"] = 3; [\"\\ud800\"] = 4; [\"a\\\"b\"] = 5; "
        "[\"a[\"] = 6");
}

static void test_arrays(void)
{
    /* 0.0 to 5.0 */
    static const char matrix[] = "nparray((2, 3), '<f4', b'AAAAAAAAgD8AAABAAABAQAAAgEAAAKBA')";
    static const char in_dict[] =
        "{'m': nparray((2, 3), '>f4', b'AAAAAD+AAABAAAAAQEAAAECAAABAoAAA')}";

    check_found(matrix, "[1]", "[1] = 3: 3.0 4.0 5.0");
    check_found(matrix, "[-1][0]", "[1][0] = : 3.0");
    check_found(matrix, "[1][2]", "[1][2] = : 5.0");
    check_found(matrix, "[:]", "[0:2] = 2x3: 0.0 1.0 2.0 3.0 4.0 5.0");
    check_found(matrix, "[:][1]", "[0:2][1] = 2: 1.0 4.0");
    check_found(matrix, "[::-1]", "[1::-1] = 2x3: 3.0 4.0 5.0 0.0 1.0 2.0");
    check_found(matrix, "[::-1][::-2]", "[1::-1][2::-2] = 2x2: 5.0 3.0 2.0 0.0");
    check_found(matrix, "[0][2:0:-1]", "[0][2:0:-1] = 2: 2.0 1.0");
    check_found(matrix, "[0][::2]", "[0][0:3:2] = 2: 0.0 2.0");
    check_found(matrix, "[*]", "[0] = 3: 0.0 1.0 2.0; [1] = 3: 3.0 4.0 5.0");
    check_found(matrix, "[*][1:]", "[0][1:3] = 2: 1.0 2.0; [1][1:3] = 2: 4.0 5.0");
    check_found(matrix, "[1].*", "[1][0] = : 3.0; [1][1] = : 4.0; [1][2] = : 5.0");
    check_found(matrix, "[2]", "");
    check_found(matrix, "[0][3]", "");
    check_found(matrix, "[0][0][0]", "");
    check_found(matrix, "a", "");
    check_found(matrix, "[1.0]", "");
    check_found(in_dict, "m[1][-1]", "m[1][2] = : 5.0");
    check_found(in_dict, ".*[0]", "m[0] = 3: 0.0 1.0 2.0");
    check_found("npscalar('<f8', b'AAAAAAAA8D8=')", "[0]", "");
}

/* ---- Errors ------------------------------------------------------------------------------ */

static void check_error(const char *text, size_t offset, const char *message)
{
    struct pyon_error error = {.code = PYON_OK};
    struct pyon_path *path = pyon_path_parse(text, strlen(text), &error);

    CHECK_WITH(text, path == NULL);
    CHECK_WITH(text, error.code == PYON_ERROR_PATH);
    CHECK_WITH(text, error.offset == offset);
    if (!CHECK_WITH(text, error.message && strcmp(error.message, message) == 0))
        fprintf(stderr, "%zu: %s\n", error.offset, error.message);
    pyon_path_free(path);
}

static void check_literal_error(const char *text, enum pyon_error_code code, size_t offset,
                                size_t length)
{
    struct pyon_error error = {.code = PYON_OK};
    struct pyon_path *path = pyon_path_parse(text, strlen(text), &error);

    CHECK_WITH(text, path == NULL);
    if (!CHECK_WITH(text, error.code == code && error.offset == offset && error.length == length))
        fprintf(stderr, "%d %zu %zu: %s\n", error.code, error.offset, error.length, error.message);
    pyon_path_free(path);
}

static void test_errors(void)
{
    static const char name[] = "a name or * expected";
    static const char step[] = "\".\" or \"[\" expected";
    static const char quoted[] = "a quoted key stands in brackets: [\"a key\"]";
    static const char blank[] =
        "a key with such a character stands in brackets and quotes: [\"a key\"]";
    static const char inside[] = "a key, an index, a slice or * expected";
    static const char slice[] = "an integer, \":\" or \"]\" of a slice expected";

    check_error("a.", 2, name);
    check_error("..", 1, name);
    check_error("a..b", 2, name);
    check_error("a.[3]", 2, name);
    check_error("]", 0, name);
    check_error("a]", 1, step);
    check_error("a b", 1, step);
    check_error("[1]a", 3, step);
    check_error("*.*b*]", 5, step);
    check_error("\"a\"", 0, quoted);
    check_error("a.'b'", 2, quoted);
    check_error(" a", 0, blank);
    check_error("a. b", 2, blank);
    check_error("a.\t", 2, blank);
    check_error("\xc2\xa0", 0, blank);
    check_error("a.\xe3\x80\x80", 2, blank);
    check_error("[]", 1, inside);
    check_error("a[ ]", 3, inside);
    check_error("a[", 2, inside);
    check_error("[1:2:0]", 5, "the step of a slice cannot be 0");
    check_error("[1:2:3:4]", 6, slice);
    check_error("[1:a]", 3, slice);
    check_error("[1:2", 4, slice);
    check_error("[1", 2, "\"]\" expected");
    check_error("['a", 3, "\"]\" expected");
    check_literal_error("[(1, 2]", PYON_ERROR_BRACKET, 6, 1);
    check_error("a\xff", 1, "text in UTF-8 expected");
    check_error("a.b\xed\xa0\x80", 3, step);
    check_literal_error("a[foo]", PYON_ERROR_NAME, 2, 3);
    check_literal_error("a[1 2]", PYON_ERROR_EXPRESSION, 4, 1);
    check_literal_error("['\\x']", PYON_ERROR_HEX_ESCAPE, 2, 0);
    check_literal_error("[*a]", PYON_ERROR_NAME, 2, 1);
}

/* ---- Misses ------------------------------------------------------------------------------ */

static void check_miss(const char *text, const char *path_text, const char *expected)
{
    struct pyon_tree *tree = parse_tree(text);
    struct pyon_path *path = parse_path(path_text);
    struct pyon_miss miss;
    struct pyon_out out;
    char *sentence;
    int missed;

    pyon_out_init(&out);
    missed = pyon_path_explain(path, pyon_tree_root(tree), &miss, &out);
    CHECK_WITH(path_text, missed == (*expected != '\0'));
    CHECK_WITH(path_text, miss.offset + miss.length <= strlen(path_text));
    sentence = detach(&out);
    if (!CHECK_WITH(path_text, strcmp(sentence, expected) == 0))
        fprintf(stderr, " got: %s\nwant: %s\n", sentence, expected);
    free(sentence);
    pyon_path_free(path);
    pyon_tree_free(tree);
}

static void test_misses(void)
{
    static const char matrix[] = "nparray((2, 1), '<f4', b'AAAAAAAAgD8=')";

    check_miss("{'a': 1}", "a", "");
    check_miss("{'calibration': {'ca1': {'freq': 1, 'x': 2}}}", "calibration.ca1.frequency",
               "no \"frequency\" in calibration.ca1, a dict of 2 pairs; did you mean \"freq\"?");
    check_miss("{'Rate': 1, 'rat': 2, 'grate': 3, 'a.rate': 4, 'rats': 5}", "rate",
               "no \"rate\" in the value, a dict of 5 pairs; did you mean \"Rate\", \"rat\" or "
               "\"grate\"?");
    check_miss("{'calibration.rate': 1, 'b': 2}", "rate",
               "no \"rate\" in the value, a dict of 2 pairs; did you mean \"calibration.rate\"?");
    check_miss("{'a.frequency': 1}", "a.freqeuncy.x",
               "no \"a.freqeuncy.x\" in the value, a dict of 1 pair");
    check_miss("{'frequency': 1}", "freqeuncy.x",
               "no \"freqeuncy.x\" in the value, a dict of 1 pair; did you mean \"frequency\"?");
    check_miss("{'ab': 1, 'x': 2}", "y", "no \"y\" in the value, a dict of 2 pairs");
    check_miss("{}", "y", "no \"y\" in the value, a dict of 0 pairs");
    check_miss("{'a': [1, 2, 3]}", "a[3]", "no [3] in a, a list of 3 items");
    check_miss("{'a': [1, 2, 3]}", "a[-4]", "no [-4] in a, a list of 3 items");
    check_miss("{'a': (1,)}", "a.b", "no \"b\" in a, a tuple of 1 item");
    check_miss("{'a': 1}", "a.b.c", "no \"b.c\" in a, an integer");
    check_miss("{'a': 1}", "a[\"b c\"]", "no [\"b c\"] in a, an integer");
    check_miss("{'a': 1}", "[1]", "no [1] in the value, a dict of 1 pair");
    check_miss("[]", ".*", "no * in the value, a list of 0 items");
    check_miss("5", "[1:2]", "no [1:2] in the value, an integer");
    check_miss("[{'a': 1}, {'b': {'c': 1}}]", "[*].b.d", "no \"d\" in [1].b, a dict of 1 pair");
    check_miss(matrix, "[2]", "no [2] in the value, a dimension of 2 items");
    check_miss(matrix, "[1][1]", "no [1] in [1], a dimension of 1 item");
    check_miss(matrix, "[1][0][0]", "no [0] in [1][0], which has no items");
    check_miss(matrix, "x", "no \"x\" in the value, an array");
}

/* ---- Every value has a path -------------------------------------------------------------- */

static int is_node(void *self, const struct pyon_match *match)
{
    const struct pyon_node **expected = self;

    CHECK(*expected == match->node);
    *expected = NULL;
    return 0;
}

/* The path, which has been written, leads to the node, and to nothing else; and is written so
   again. */
static void check_path(const struct pyon_tree *tree, const struct pyon_node *node, const char *text,
                       size_t length)
{
    struct pyon_error error;
    struct pyon_path *path = pyon_path_parse(text, length, &error);
    char *copy = text_start(text, length);

    if (CHECK_WITH(copy, path != NULL)) {
        CHECK_WITH(copy, pyon_path_each(path, pyon_tree_root(tree), is_node, &node) == 0);
        CHECK_WITH(copy, node == NULL);
    }
    pyon_path_free(path);
    free(copy);
}

static void check_members(const struct pyon_tree *tree, const struct pyon_node *node,
                          struct pyon_out *out)
{
    enum pyon_kind kind = pyon_node_kind(node);
    bool dict = kind == PYON_KIND_DICT || kind == PYON_KIND_ORDERED;
    size_t length = (size_t)(out->cur - out->start);
    size_t count = dict || kind == PYON_KIND_LIST ? pyon_node_size(node) : 0;
    struct pyon_steps *steps = pyon_steps_new(node);

    check_path(tree, node, out->start, length);
    for (size_t n = 0; n < count; n++) {
        CHECK(pyon_steps_append(steps, n, out) == 0);
        check_members(tree, dict ? pyon_node_value(node, n) : pyon_node_item(node, n), out);
        out->cur = out->start + length;
    }
    if (dict || kind == PYON_KIND_LIST)
        CHECK(pyon_steps_append(steps, count, out) == -1 && out->code == PYON_ERROR_PATH);
    pyon_steps_free(steps);
}

/* A value of few keys, so that many of them begin others. */
static void put_random(struct pyon_out *out, unsigned depth)
{
    static const char *const keys[] = {"'a'",      "'a.b'", "'b'", "'a.b.a'", "'b.a'", "'*'",
                                       "''",       "'a b'", "1",   "'1'",     "1.5",   "-1",
                                       "(1, 'a')", "None",  "'.'", "'a.*'",   "'a.'",  "'\\u00e9'"};
    uint64_t kind = depth == 0 ? 0 : next_random() % 3;
    uint64_t count = 1 + next_random() % 5;

    if (kind == 0) {
        put(out, "0", 1);
        return;
    }
    put(out, kind == 1 ? "[" : "{", 1);
    for (uint64_t i = 0; i < count; i++) {
        const char *key = keys[next_random() % (sizeof keys / sizeof *keys)];

        if (kind == 2) {
            put(out, key, strlen(key));
            put(out, ": ", 2);
        }
        put_random(out, depth - 1);
        put(out, ", ", 2);
    }
    put(out, kind == 1 ? "]" : "}", 1);
}

static void test_every_path(void)
{
    for (int i = 0; i < 500; i++) {
        struct pyon_out text, path;
        struct pyon_tree *tree;
        char *value;

        pyon_out_init(&text);
        pyon_out_init(&path);
        put_random(&text, 4);
        value = detach(&text);
        tree = parse_tree(value);
        put(&path, "", 0);
        check_members(tree, pyon_tree_root(tree), &path);
        pyon_tree_free(tree);
        free(value);
        pyon_out_free(&path);
    }
}

/* ---- The rest ---------------------------------------------------------------------------- */

static int stop_at_second(void *self, const struct pyon_match *match)
{
    size_t *count = self;

    (void)match;
    return ++*count == 2 ? 17 : 0;
}

static void test_stop(void)
{
    struct pyon_tree *tree = parse_tree("[[1, 2], [3]]");
    struct pyon_path *path = parse_path("[*][*]");
    struct pyon_match match;
    size_t count = 0, length;

    CHECK(pyon_path_each(path, pyon_tree_root(tree), stop_at_second, &count) == 17);
    CHECK(count == 2);
    CHECK(pyon_path_find(path, pyon_tree_root(tree), &match) == 1);
    CHECK(match.node == pyon_node_item(pyon_node_item(pyon_tree_root(tree), 0), 0));
    CHECK(match.path == NULL && !match.is_part);
    CHECK(strcmp(pyon_path_text(path, &length), "[*][*]") == 0 && length == 6);
    pyon_path_free(path);
    path = pyon_path_parse(NULL, 0, NULL);
    CHECK(pyon_path_find(path, pyon_tree_root(tree), &match) == 1);
    CHECK(match.node == pyon_tree_root(tree));
    pyon_path_free(path);
    pyon_path_free(NULL);
    pyon_steps_free(NULL);
    pyon_tree_free(tree);
}

/* A path of many steps needs no stack. */
static void test_long(void)
{
    enum { DEPTH = 9000 };
    char *text = malloc(2 * DEPTH + 2), *steps = malloc(3 * DEPTH + 1);
    struct pyon_error error;
    struct pyon_tree *tree;
    char *found;

    for (size_t i = 0; i < DEPTH; i++) {
        text[i] = '[';
        text[2 * DEPTH - i] = ']';
        memcpy(steps + 3 * i, "[*]", 3);
    }
    text[DEPTH] = '1';
    text[2 * DEPTH + 1] = '\0';
    steps[3 * DEPTH] = '\0';
    tree = pyon_tree_parse(&pyon_v2, text, 2 * DEPTH + 1, NULL, &error);
    CHECK(tree != NULL);
    found = find_all(tree, steps);
    CHECK(strlen(found) == 3 * DEPTH + 4);
    free(found);
    pyon_tree_free(tree);
    free(text);
    free(steps);
}

int main(void)
{
    test_names();
    test_longest();
    test_keys();
    test_indexes();
    test_slices();
    test_all();
    test_arrays();
    test_errors();
    test_misses();
    test_every_path();
    test_stop();
    test_long();
    return check_report();
}
