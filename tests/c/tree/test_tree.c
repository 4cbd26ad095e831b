/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Trees: what each kind of text becomes, and what a node says of itself. */
#include "../support/check.h"
#include "../support/text.h"
#include "pyon_tree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct pyon_tree *parse(const struct pyon_dialect *dialect, const char *text)
{
    struct pyon_error error;
    struct pyon_tree *tree = pyon_tree_parse(dialect, text, strlen(text), NULL, &error);

    if (!tree)
        fprintf(stderr, "%s: %s\n", text, error.message);
    return tree;
}

static enum pyon_error_code error_of(const struct pyon_dialect *dialect, const char *text)
{
    struct pyon_error error;
    struct pyon_tree *tree = pyon_tree_parse(dialect, text, strlen(text), NULL, &error);

    CHECK_WITH(text, !tree);
    pyon_tree_free(tree);
    return error.code;
}

/* The written text of a text: new. */
static char *rewrite(const struct pyon_dialect *dialect, const char *text)
{
    struct pyon_tree *tree = parse(dialect, text);
    struct pyon_out out;
    struct pyon_writer writer;
    size_t length;

    if (!tree)
        return NULL;
    pyon_out_init(&out);
    pyon_writer_init(&writer, &out, dialect, false);
    CHECK_WITH(text, pyon_write_node(&writer, pyon_tree_root(tree), false, NULL, NULL) == 0);
    pyon_tree_free(tree);
    return pyon_out_detach(&out, &length);
}

static void becomes(const struct pyon_dialect *dialect, const char *text, const char *expected)
{
    char *written = rewrite(dialect, text);

    if (!CHECK_WITH(text, written && strcmp(written, expected) == 0))
        fprintf(stderr, "    is %s, not %s\n", written ? written : "nothing", expected);
    free(written);
}

static void is_kind(const struct pyon_dialect *dialect, const char *text, enum pyon_kind kind,
                    size_t size)
{
    struct pyon_tree *tree = parse(dialect, text);

    if (!CHECK_WITH(text, tree != NULL))
        return;
    CHECK_WITH(text, pyon_node_kind(pyon_tree_root(tree)) == kind);
    CHECK_WITH(text, pyon_node_size(pyon_tree_root(tree)) == size);
    pyon_tree_free(tree);
}

#define V1 &pyon_v1
#define V2 &pyon_v2
#define CLASS(name, arguments) "{\"__jsonclass__\":[\"" name "\",[" arguments "]]}"

static void test_kinds(void)
{
    is_kind(V2, "null", PYON_KIND_NULL, 0);
    is_kind(V2, "true", PYON_KIND_BOOLEAN, 0);
    is_kind(V2, "-9223372036854775808", PYON_KIND_INTEGER, 0);
    is_kind(V2, "-9223372036854775809", PYON_KIND_BIGINT, 20);
    is_kind(V2, "1.0", PYON_KIND_REAL, 0);
    is_kind(V2, "\"\\u00e9\"", PYON_KIND_STRING, 2);
    is_kind(V2, "[1,[2]]", PYON_KIND_LIST, 2);
    is_kind(V2, "{\"a\":1}", PYON_KIND_DICT, 1);
    is_kind(V2, CLASS("tuple", "[1]"), PYON_KIND_TUPLE, 1);
    is_kind(V2, CLASS("set", "[1,2]"), PYON_KIND_SET, 2);
    is_kind(V2, CLASS("dict", "[[1,2]]"), PYON_KIND_DICT, 1);
    is_kind(V2, CLASS("OrderedDict", "[[1,2],[3,4]]"), PYON_KIND_ORDERED, 2);
    is_kind(V2, CLASS("bytes", "\"QUI=\""), PYON_KIND_BYTES, 2);
    is_kind(V2, CLASS("complex", "1,2.5"), PYON_KIND_COMPLEX, 0);
    is_kind(V2, CLASS("slice", "1"), PYON_KIND_SLICE, 3);
    is_kind(V2, CLASS("Fraction", "6,4"), PYON_KIND_FRACTION, 2);
    is_kind(V2, CLASS("nparray", "[2],\"<i2\",\"AQACAA==\""), PYON_KIND_ARRAY, 2);
    is_kind(V2, CLASS("npscalar", "\"<i2\",\"AQA=\""), PYON_KIND_SCALAR, 1);
    is_kind(V2, CLASS("other", "1,2,3"), PYON_KIND_CALL, 3);
    is_kind(V1, "(1, 2), 3", PYON_KIND_TUPLE, 2);
    is_kind(V1, "{1, 2}", PYON_KIND_SET, 2);
    is_kind(V1, "b'ab'", PYON_KIND_BYTES, 2);
    is_kind(V1, "1+2j", PYON_KIND_COMPLEX, 0);
    is_kind(V1, "OrderedDict([(1, 2)], a=3)", PYON_KIND_ORDERED, 2);
    is_kind(V1, "nparray(data=b'AQACAA==', dtype='<i2', shape=(2,))", PYON_KIND_ARRAY, 2);
    is_kind(V1, "npscalar(data=b'AQA=', ty='<i2')", PYON_KIND_SCALAR, 1);
    for (int kind = 0; kind < PYON_KIND_COUNT; kind++)
        CHECK(strlen(pyon_kind_name((enum pyon_kind)kind)) > 2);
    CHECK(strcmp(pyon_kind_name(PYON_KIND_COUNT), "unknown") == 0);
}

/* Calls that do not fit, or are unknown, stay calls; in version 1 classes of version 2 are unknown. */
static void test_calls(void)
{
    is_kind(V1, "tuple([1])", PYON_KIND_CALL, 1);
    is_kind(V1, "complex(1, 2)", PYON_KIND_CALL, 2);
    is_kind(V1, "slice(a=1)", PYON_KIND_CALL, 1);
    is_kind(V1, "slice()", PYON_KIND_CALL, 0);
    is_kind(V1, "Fraction(1, 0)", PYON_KIND_CALL, 2);
    is_kind(V1, "Fraction(1.5, 2)", PYON_KIND_CALL, 2);
    is_kind(V1, "nparray((3,), '<i2', b'AQACAA==')", PYON_KIND_CALL, 3);
    is_kind(V1, "nparray((2,), '|O', b'AQACAA==')", PYON_KIND_CALL, 3);
    is_kind(V1, "nparray((2,), shape=(2,), data=b'')", PYON_KIND_CALL, 3);
    is_kind(V1, "npscalar('|S0', b'')", PYON_KIND_CALL, 2);
    is_kind(V1, "npscalar('<U1', b'AAARAA==')", PYON_KIND_CALL, 2); /* above U+10FFFF */
    is_kind(V2, CLASS("set", "1"), PYON_KIND_CALL, 1);
    is_kind(V2, CLASS("dict", "[[1]]"), PYON_KIND_CALL, 1);
    is_kind(V2, CLASS("bytes", "\"QQ\""), PYON_KIND_CALL, 1);
    is_kind(V2, "{\"__jsonclass__\":5}", PYON_KIND_DICT, 1);
    is_kind(V2, "{\"__jsonclass__\":[\"set\",[[1]]],\"x\":2}", PYON_KIND_SET, 1);
    is_kind(V2, "{\"__jsonclass__\":[\"nparray\",[[2],\"<i2\",\"AQACAA==\"],3]}", PYON_KIND_DICT,
            1);
    becomes(V2, "{\"__jsonclass__\":[\"nparray\",[[2],\"<i2\",\"AQACAA==\"],3]}",
            "{\"__jsonclass__\":[\"nparray\",[[2],\"<i2\",\"AQACAA==\"],3]}");
    becomes(V1, "nparray((2,), '<i2', b'AQACAA==', 4)", "nparray((2, ), \"<i2\", b'AQACAA==', 4)");
    becomes(V1, "other(1, [2], b=(3,))", "other(1, [2], b=(3, ))");
    becomes(V2, CLASS("a\\\"\\u00e9", "1"), CLASS("a\\\"\\u00e9", "1"));
}

static void test_call_parts(void)
{
    struct pyon_tree *tree = parse(V1, "other(1, 'x', b=2, cd=3)");
    const struct pyon_node *call = pyon_tree_root(tree);
    size_t length = 99;

    CHECK(strcmp(pyon_node_text(call, &length), "other") == 0 && length == 5);
    CHECK(!pyon_node_keyword(call, 1, &length) && length == 5);
    CHECK(strcmp(pyon_node_keyword(call, 2, NULL), "b") == 0);
    CHECK(strcmp(pyon_node_keyword(call, 3, &length), "cd") == 0 && length == 2);
    CHECK(!pyon_node_keyword(call, 4, NULL) && !pyon_node_item(call, 4));
    CHECK(pyon_node_kind(pyon_node_item(call, 1)) == PYON_KIND_STRING);
    CHECK(!pyon_node_key(call, 0) && !pyon_node_value(call, 0) && !pyon_node_array(call));
    CHECK(!pyon_node_is_true(call) && !pyon_node_text(pyon_node_item(call, 0), NULL));
    CHECK(!pyon_node_keyword(pyon_node_item(call, 0), 0, NULL));
    pyon_tree_free(tree);
}

/* Python's rules for keys: the place of the first, the value of the last. */
static void test_folding(void)
{
    becomes(V2, "{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}");
    becomes(V1, "{1: 'a', 2: 'b', 1.0: 'c', true: 'd', 1+0j: 'e'}", "{1: \"e\", 2: \"b\"}");
    becomes(V1, "{true, 1, 2, 2.0, false, 0, -0.0}", "{true, 2, false}");
    becomes(V1, "{(1, 'a'): 1, (1.0, 'a'): 2, (1, b'a'): 3}", "{(1, \"a\"): 2, (1, b'a'): 3}");
    becomes(V1, "{Fraction(1, 2): 1, .5: 2, Fraction(4, 2): 3, 2: 4}",
            "{Fraction(1, 2): 2, Fraction(2, 1): 4}");
    becomes(V1, "{Fraction(1, 3): 1, Fraction(2, 6): 2, Fraction(-1, 3): 3}",
            "{Fraction(1, 3): 2, Fraction(-1, 3): 3}");
    becomes(V1, "{2**64: 1, 18446744073709551616.0: 2, 2**64 + 1: 3}",
            "{18446744073709551616: 2, 18446744073709551617: 3}");
    becomes(V1, "{npscalar('|u1', b'AQ=='): 1, 1: 2}", "{npscalar(\"|u1\", b\"AQ==\"): 2}");
    becomes(V1, "{nan: 1, nan: 2, null: 3, None: 4}", "{nan: 2, null: 4}");
    becomes(V1, "{[1]: 1, [1]: 2}", "{[1]: 1, [1]: 2}"); /* Python has no such keys */
    becomes(V1, "{'a': 1, b'a': 2}", "{\"a\": 1, b'a': 2}");
    becomes(V1, "OrderedDict([('a', 1), ('b', 2), ('a', 3)])",
            "OrderedDict([(\"a\", 3), (\"b\", 2)])");
    becomes(V2, CLASS("set", "[1,1.0,2]"), CLASS("set", "[1,2]"));
    becomes(V2, CLASS("dict", "[[1,2],[1.0,3]]"), CLASS("dict", "[[1,3]]"));
}

/* So many that there is an index: of each kind of key; some of them twice. */
static void test_index(void)
{
    enum { COUNT = 3000 };
    char *text = malloc(COUNT * 64), *p = text, key[32];
    struct pyon_tree *tree;
    const struct pyon_node *root;
    int64_t value = -1;

    *p++ = '{';
    for (int i = 0; i < COUNT; i++)
        p += sprintf(p, "'k%d': %d, %d: 0, (%d, 'x'): 1, 'k%d': %d, ", i % 2500, i, i, i, i, i);
    strcpy(p, "}");
    tree = parse(V1, text);
    root = pyon_tree_root(tree);
    CHECK(pyon_node_size(root) == 3 * COUNT);
    for (int i = 0; i < COUNT; i++) {
        int length = sprintf(key, "k%d", i);
        const struct pyon_node *found = pyon_node_find(root, key, (size_t)length);

        CHECK_WITH(key, found && pyon_node_integer(found, &value) == PYON_EXACT &&
                            value == (i < 500 ? i + 2500 : i));
        found = pyon_node_find_key(root, pyon_node_key(root, (size_t)i * 3));
        CHECK(found == pyon_node_value(root, (size_t)i * 3));
    }
    CHECK(!pyon_node_find(root, "k3000", 5) && !pyon_node_find(root, "", 0));
    CHECK(pyon_node_equal(root, root));
    pyon_tree_free(tree);
    free(text);
}

static bool equal(const struct pyon_dialect *dialect, const char *a, const char *b)
{
    struct pyon_tree *x = parse(dialect, a), *y = parse(dialect, b);
    bool result = pyon_node_equal(pyon_tree_root(x), pyon_tree_root(y));

    CHECK_WITH(a, pyon_node_equal(pyon_tree_root(y), pyon_tree_root(x)) == result);
    pyon_tree_free(x);
    pyon_tree_free(y);
    return result;
}

static void test_equal(void)
{
    CHECK(equal(V1, "[1, (2, {3: 'a', 4: [b'']}), nan]", "[1, (2, {4: [b''], 3: 'a'}), nan]"));
    CHECK(equal(V1, "{1, 2, (3, 4)}", "{(3, 4), 2, 1}"));
    CHECK(equal(V1, "{'a': {'b': {'c': 1, 'd': 2}}, 'e': {}}",
                "{'e': {}, 'a': {'b': {'d': 2, 'c': 1}}}"));
    CHECK(equal(V1, "{(1, (2, 3)): {1: 2}, (1, (2, 4)): 0}",
                "{(1, (2, 4)): 0, (1, (2, 3)): {1: 2}}"));
    CHECK(equal(V1, "f(1, a={1: 2, 3: 4})", "f(1, a={3: 4, 1: 2})"));
    CHECK(equal(V1, "'a\\x62'", "'ab'"));
    CHECK(equal(V1, "{[1]: 2, 3: 4}", "{[1]: 2, 3: 4}"));
    CHECK(!equal(V1, "{(1, (2, 3)): 1}", "{(1, (2, 4)): 1}"));
    CHECK(!equal(V1, "0.0", "-0.0") && !equal(V1, "1", "1.0") && !equal(V1, "1", "true"));
    CHECK(!equal(V1, "{1: 'a'}", "{1.0: 'a'}") && !equal(V1, "true", "false"));
    CHECK(!equal(V1, "OrderedDict([(1, 2), (3, 4)])", "OrderedDict([(3, 4), (1, 2)])"));
    CHECK(!equal(V1, "f(1)", "g(1)") && !equal(V1, "f(a=1)", "f(b=1)") &&
          !equal(V1, "f(a=1)", "f(1)"));
    CHECK(!equal(V1, "[1]", "[1, 2]") && !equal(V1, "[1]", "(1,)") && !equal(V1, "'a'", "b'a'"));
    CHECK(!equal(V1, "nparray((2,), '|u1', b'AAA=')", "nparray((1, 2), '|u1', b'AAA=')"));
    CHECK(!equal(V2, "{\"__jsonclass__\":5}", CLASS("dict", "[[\"__jsonclass__\",5]]")));
}

/* As deep as version 2 allows, in a thread with a small stack elsewhere (test_tree_write.c). */
static void test_depth(void)
{
    enum { DEPTH = 10000 };
    static char text[5 * DEPTH + 2];
    struct pyon_tree *tree;
    size_t depth = 0;

    memset(text, '[', DEPTH);
    memset(text + DEPTH, ']', DEPTH);
    text[2 * DEPTH] = '\0';
    tree = parse(V2, text);
    for (const struct pyon_node *node = pyon_tree_root(tree); node; node = pyon_node_item(node, 0))
        depth++;
    CHECK(depth == DEPTH);
    CHECK(equal(V2, text, text));
    pyon_tree_free(tree);
}

static void real_is(const char *text, int status, double expected)
{
    struct pyon_tree *tree = parse(V1, text);
    double value = 123;

    CHECK_WITH(text, pyon_node_real(pyon_tree_root(tree), &value) == status);
    CHECK_WITH(text, value == expected);
    pyon_tree_free(tree);
}

static void integer_is(const char *text, int status, int64_t expected)
{
    struct pyon_tree *tree = parse(V1, text);
    int64_t value = 123;

    CHECK_WITH(text, pyon_node_integer(pyon_tree_root(tree), &value) == status);
    CHECK_WITH(text, value == expected);
    pyon_tree_free(tree);
}

static void test_numbers(void)
{
    struct pyon_tree *tree = parse(V1, "1.5-2j");
    double real = 0, imaginary = 0;

    CHECK(pyon_node_complex(pyon_tree_root(tree), &real, &imaginary) == PYON_EXACT);
    CHECK(real == 1.5 && imaginary == -2);
    pyon_tree_free(tree);
    real_is("true", PYON_EXACT, 1);
    real_is("9007199254740993", PYON_ROUNDED, 9007199254740992.0);
    real_is("2**70", PYON_EXACT, 0x1p70);
    real_is("-2**70 - 1", PYON_ROUNDED, -0x1p70);
    real_is("Fraction(1, 3)", PYON_ROUNDED, 1.0 / 3);
    real_is("Fraction(-1, 4)", PYON_EXACT, -0.25);
    real_is("npscalar('<f4', b'AADAPw==')", PYON_EXACT, 1.5);
    real_is("1j", PYON_NOT_A_NUMBER, 123);
    real_is("'1'", PYON_NOT_A_NUMBER, 123);
    integer_is("-7", PYON_EXACT, -7);
    integer_is("2**63", PYON_ROUNDED, INT64_MAX);
    integer_is("-2**63 - 1", PYON_ROUNDED, INT64_MIN);
    integer_is("-1.5", PYON_ROUNDED, -1);
    integer_is("1e300", PYON_ROUNDED, INT64_MAX);
    integer_is("-inf", PYON_ROUNDED, INT64_MIN);
    integer_is("nan", PYON_NOT_A_NUMBER, 123);
    integer_is("Fraction(-7, 2)", PYON_ROUNDED, -3);
    integer_is("Fraction(2**70, 3)", PYON_ROUNDED, INT64_MAX);
    integer_is("Fraction(8, 4)", PYON_EXACT, 2);
    integer_is("npscalar('<f8', b'AAAAAAAA8D8=')", PYON_EXACT, 1);
}

static void test_large(void)
{
    char text[5000] = "0x";

    memset(text + 2, 'f', 3568);
    becomes(V1, "0x1_0000_0000_0000_0000", "18446744073709551616");
    becomes(V1,
            "-0b1"
            "0000000000000000000000000000000000000000000000000000000000000000",
            "-18446744073709551616");
    memset(text + 2, 'f', 4000);
    CHECK(error_of(V1, text) == PYON_ERROR_LARGE);
    CHECK(error_of(V1, "9**9**9") == PYON_ERROR_LARGE);
    CHECK(error_of(V1, "1 << 100000") == PYON_ERROR_LARGE);
    CHECK(error_of(V1, "1 / 0") == PYON_ERROR_UNDEFINED);
    CHECK(error_of(V1, "[2, 1 << -1]") == PYON_ERROR_UNDEFINED);
    CHECK(error_of(V1, "1.5 & 1") == PYON_ERROR_UNDEFINED);
    CHECK(error_of(V1, "1e200 ** 2") == PYON_ERROR_UNDEFINED);
    CHECK(error_of(V1, "10**400 * 1.0") == PYON_ERROR_UNDEFINED);
    CHECK(error_of(V1, "1 + 'a'") == PYON_ERROR_OPERAND);
    memset(text, '9', 4301);
    text[4301] = '\0';
    CHECK(error_of(V2, text) == PYON_ERROR_LARGE);
    text[4300] = '\0';
    becomes(V2, text, text);
    becomes(V1, "Fraction(2**200, 6)",
            "Fraction(803469022129495137770981046170581301261101496891396417650688, 3)");
}

/* Many large results of few characters. */
static void test_budget(void)
{
    char *text = malloc(20 * 1000), *p = text;

    *p++ = '[';
    for (int i = 0; i < 1000; i++)
        p = text_put(p, "9**4000, ");
    strcpy(p, "0]");
    CHECK(error_of(V1, text) == PYON_ERROR_LARGE);
    free(text);
}

static void test_builder(void)
{
    struct pyon_tree_builder *builder = pyon_tree_builder_new();
    struct pyon_error error;
    struct pyon_tree *tree;

    CHECK(!pyon_tree_builder_take(builder)); /* it holds none */
    CHECK(pyon_parse(V1, "[1, 2", 5, &pyon_tree_events, builder, NULL, &error) < 0);
    CHECK(!pyon_tree_builder_take(builder)); /* it holds two */
    CHECK(pyon_parse(V1, "[9**9**9]", 9, &pyon_tree_events, builder, NULL, &error) < 0);
    pyon_tree_builder_reset(builder);
    CHECK(pyon_parse(V1, "[1, 2]", 6, &pyon_tree_events, builder, NULL, &error) == 0);
    CHECK(pyon_tree_builder_code(builder) == PYON_OK);
    tree = pyon_tree_builder_take(builder);
    CHECK(tree && pyon_node_size(pyon_tree_root(tree)) == 2);
    pyon_tree_free(tree);
    pyon_tree_builder_free(builder);
    pyon_tree_builder_free(NULL);
    pyon_tree_free(NULL);
}

static size_t size_of(const struct pyon_tree *tree)
{
    return pyon_node_size(pyon_tree_root(tree));
}

/* Values one after the other in the same tree: small ones, and one that needs more than a block. */
static void test_replace(void)
{
    struct pyon_tree_builder *builder = pyon_tree_builder_new();
    size_t lengths[] = {2, 0, 100000, 3, 5000, 4};
    struct pyon_tree *tree = pyon_tree_parse(V2, "1", 1, NULL, &(struct pyon_error){0});
    struct pyon_error error;
    char *text = malloc(2 * 100000 + 2);

    CHECK(pyon_tree_builder_replace(builder, tree) < 0); /* it holds none */
    CHECK(pyon_parse(V2, "[1, 2", 5, &pyon_tree_events, builder, NULL, &error) < 0);
    CHECK(pyon_tree_builder_replace(builder, tree) < 0); /* it holds two */
    CHECK(pyon_node_kind(pyon_tree_root(tree)) == PYON_KIND_INTEGER);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        char *p = text_put(text, "[");

        for (size_t k = 0; k < lengths[i]; k++)
            p = text_put(p, k > 0 ? ",1" : "1");
        p = text_put(p, "]");
        CHECK(pyon_parse(V2, text, (size_t)(p - text), &pyon_tree_events, builder, NULL, &error) ==
              0);
        CHECK(pyon_tree_builder_replace(builder, tree) == 0);
        CHECK(size_of(tree) == lengths[i]);
    }
    free(text);
    pyon_tree_free(tree);
    pyon_tree_builder_free(builder);
}

int main(void)
{
    test_kinds();
    test_calls();
    test_call_parts();
    test_folding();
    test_index();
    test_equal();
    test_depth();
    test_numbers();
    test_large();
    test_budget();
    test_builder();
    test_replace();
    return check_report();
}
