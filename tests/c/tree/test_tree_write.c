/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Trees to text: from one version to the other, sorted, in slices; what has no text; at any depth. */
#include "../support/check.h"
#include "../support/text.h"
#include "pyon_tree.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define V1 &pyon_v1
#define V2 &pyon_v2
#define CLASS(name, arguments) "{\"__jsonclass__\":[\"" name "\",[" arguments "]]}"

static struct pyon_tree *parse(const struct pyon_dialect *dialect, const char *text)
{
    struct pyon_error error;
    struct pyon_tree *tree = pyon_tree_parse(dialect, text, strlen(text), NULL, &error);

    if (!CHECK_WITH(text, tree != NULL))
        abort();
    return tree;
}

static void check_text(const struct pyon_dialect *from, const char *text,
                       const struct pyon_dialect *to, bool pretty, bool sorted,
                       const char *expected)
{
    struct pyon_tree *tree = parse(from, text);
    struct pyon_out out;
    struct pyon_writer writer;
    size_t length = 0;
    char *written;

    pyon_out_init(&out);
    pyon_writer_init(&writer, &out, to, pretty);
    CHECK_WITH(text, pyon_write_node(&writer, pyon_tree_root(tree), sorted, NULL, NULL) == 0);
    written = pyon_out_detach(&out, &length);
    if (!CHECK_WITH(text, length == strlen(expected) && strcmp(written, expected) == 0))
        fprintf(stderr, "    is %s\n", written);
    free(written);
    pyon_tree_free(tree);
}

static void becomes(const struct pyon_dialect *from, const char *text,
                    const struct pyon_dialect *to, const char *expected)
{
    check_text(from, text, to, false, false, expected);
}

/* A NumPy scalar has the byte order of the machine. */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define NATIVE_ONE "\">i2\",\"AAE=\""
#else
#define NATIVE_ONE "\"<i2\",\"AQA=\""
#endif

static void test_versions(void)
{
    becomes(V1, "[None, True, 1, 2.5, nan, -inf, 'é', b'\\xff', 10**20]", V2,
            "[null,true,1,2.5,NaN,-Infinity,\"\\u00e9\"," CLASS(
                "bytes", "\"/w==\"") ",100000000000000000000]");
    becomes(V1, "[(), (1,), {1, 2}, {}, {'a': 1}, {1: 2}]", V2,
            "[" CLASS("tuple", "[]") "," CLASS("tuple", "[1]") "," CLASS(
                "set", "[1,2]") ",{},"
                                "{\"a\":1}," CLASS("dict", "[[1,2]]") "]");
    becomes(V1, "[slice(1), Fraction(2, 4), 1+2j, OrderedDict([('a', 1)])]", V2,
            "[" CLASS("slice", "null,1,null") "," CLASS("Fraction", "1,2") "," CLASS(
                "complex", "1.0,2.0") ",{\"a\":1}]");
    becomes(V1,
            "[npscalar('>i2', b'AAE='), npscalar('<f8', b'AAAAAAAA8D8='), npscalar('<U2', "
            "b'YQAAAOkAAAA=')]",
            V2, "[" CLASS("npscalar", NATIVE_ONE) ",1.0,\"a\\u00e9\"]");
    becomes(V1, "npscalar('|S3', b'YQAA')", V1, "npscalar(\"|S1\", b\"YQ==\")");
    becomes(V1, "npscalar('|b1', b'Ag==')", V1, "npscalar(\"|b1\", b\"AQ==\")");
    becomes(V2, CLASS("set", "[]"), V1, "{}"); /* as pyon_v1.encode() */
    becomes(V2, CLASS("nparray", "[2],\">i2\",\"AQACAA==\""), V1,
            "nparray((2, ), \">i2\", b\"AQACAA==\")");
    becomes(V2, "\"\\ud83d\\ude00\\ud800\"", V1, "\"\\ud83d\\ude00\\ud800\"");
    becomes(V1, "{'__jsonclass__': 1}", V2, CLASS("dict", "[[\"__jsonclass__\",1]]"));
    becomes(V2, "{\"__jsonclass__\":1}", V2, "{\"__jsonclass__\":1}");
    becomes(V2, "{\"__jsonclass__\":1}", V1, "{\"__jsonclass__\": 1}");
}

static void test_layouts(void)
{
    static const char text[] =
        "{'b': 1, 'a': [{'d': 2, 'c': ()}], 'é': 3, 'aa': {}, '': {2: 1, 1: 2}}";

    check_text(
        V1, text, V1, true, true,
        "{\n    \"\": {\n        2: 1,\n        1: 2\n    },\n    \"a\": [{\n        \"c\": (),\n"
        "        \"d\": 2\n    }],\n    \"aa\": {},\n    \"b\": 1,\n    \"\\u00e9\": 3\n}");
    check_text(V1, "{'b': 1, 'a': 2}", V2, true, false, "{\n    \"b\": 1,\n    \"a\": 2\n}");
    check_text(V1, "{'b': 1, 'a': 2}", V2, false, true, "{\"a\":2,\"b\":1}");
    check_text(V1, "OrderedDict([('b', 1), ('a', 2)])", V1, false, true,
               "OrderedDict([(\"b\", 1), (\"a\", 2)])");
    check_text(V1, "OrderedDict([('b', 1), ('a', 2)])", V2, false, true, "{\"a\":2,\"b\":1}");
    check_text(V1, "(1.5, 2.5, -0.0, nan, inf, 3, 4.5, 'x', 5.5)", V1, false, false,
               "(1.5, 2.5, -0.0, nan, inf, 3, 4.5, \"x\", 5.5)");
    check_text(V1, "[1.5, 2.5]", V2, true, false, "[\n    1.5,\n    2.5\n]");
}

/* The members of a slice of version 1 are written as repr() does it, except characters beyond ASCII. */
static void test_slices(void)
{
    becomes(V1, "slice(None, true, (1,))", V1, "slice(None, True, (1,))");
    becomes(V1, "slice('a', 'it\\'s', '\\'\"\\n\\\\')", V1, "slice('a', \"it's\", '\\'\"\\n\\\\')");
    becomes(V1, "slice('\xc3\xa9\\u20ac\\U0001f600\\x00\\x7f\\ud800')", V1,
            "slice(None, '\\xe9\\u20ac\\U0001f600\\x00\\x7f\\ud800', None)");
    becomes(V1, "slice({'a': [1.5, 2.5, {1, 2}]}, {}, [])", V1,
            "slice({'a': [1.5, 2.5, {1, 2}]}, {}, [])");
    becomes(V1,
            "[slice(OrderedDict([('a', 1)]), slice(b'a', 1j), Fraction(1, 2)), 'b', (2,), null]",
            V1,
            "[slice(OrderedDict([('a', 1)]), slice(b'a', 1j, None), Fraction(1, 2)), \"b\", (2, ), "
            "null]");
    check_text(V1, "slice({'b': 1, 'a': [2, 3]})", V1, true, false,
               "slice(None, {'b': 1, 'a': [2, 3]}, None)");
}

static void refuses(const struct pyon_dialect *from, const char *text,
                    const struct pyon_dialect *to, enum pyon_kind kind)
{
    struct pyon_tree *tree = parse(from, text);
    struct pyon_out out;
    struct pyon_writer writer;
    const struct pyon_node *where = NULL;
    const char *why = NULL;

    pyon_out_init(&out);
    pyon_writer_init(&writer, &out, to, false);
    CHECK_WITH(text, pyon_write_node(&writer, pyon_tree_root(tree), false, &where, &why) < 0);
    CHECK_WITH(text, out.code == PYON_ERROR_INEXPRESSIBLE && why);
    CHECK_WITH(text, where && pyon_node_kind(where) == kind);
    CHECK_WITH(text, pyon_write_node(&writer, pyon_tree_root(tree), false, NULL, NULL) < 0);
    /* The writer is as it was. */
    out.cur = out.start;
    CHECK(pyon_write_null(&writer) == 0 && memcmp(out.start, "null", 4) == 0);
    pyon_out_free(&out);
    pyon_tree_free(tree);
}

static void test_inexpressible(void)
{
    refuses(V1, "[f(1, a=2)]", V2, PYON_KIND_CALL);
    refuses(V2, "[" CLASS("a b", "1") "]", V1, PYON_KIND_CALL);
    refuses(V2, CLASS("", "1"), V1, PYON_KIND_CALL);
    refuses(V2, CLASS("1a", "1"), V1, PYON_KIND_CALL);
    refuses(V2, CLASS("lambda", "1"), V1, PYON_KIND_CALL);
    refuses(V2, CLASS("nan", "1"), V1, PYON_KIND_CALL);
    refuses(V2, CLASS("\\u00e9", "1"), V1, PYON_KIND_CALL);
    refuses(V1, "slice(nparray((1,), '|u1', b'AA=='))", V1, PYON_KIND_ARRAY);
    refuses(V1, "slice([npscalar('|u1', b'AA==')])", V1, PYON_KIND_SCALAR);
    refuses(V1, "slice(f())", V1, PYON_KIND_CALL);
    refuses(V2, CLASS("slice", CLASS("set", "[]")), V1, PYON_KIND_SET);
}

/* A node that is not the root; other failures have no node. */
static void test_parts(void)
{
    struct pyon_tree *tree = parse(V2, "{\"a\":[1,{\"b\":\"c\"}]}");
    const struct pyon_node *list = pyon_node_find(pyon_tree_root(tree), "a", 1), *where = list;
    struct pyon_out out;
    struct pyon_writer writer;
    const char *why = "";

    pyon_out_init(&out);
    pyon_writer_init(&writer, &out, V2, false);
    CHECK(pyon_write_node(&writer, list, false, &where, &why) == 0 && where == list);
    CHECK((size_t)(out.cur - out.start) == 13 && memcmp(out.start, "[1,{\"b\":\"c\"}]", 13) == 0);
    pyon_out_free(&out);
    pyon_tree_free(tree);
}

/* ---- Depth ------------------------------------------------------------------------------- */

static char deep[500000];

/* Reads, compares and writes a value that is nested as deep as may be. */
static void *use_deep(void *dialect)
{
    struct pyon_tree *tree = parse(dialect, deep), *again;
    struct pyon_out out;
    struct pyon_writer writer;

    pyon_out_init(&out);
    pyon_writer_init(&writer, &out, dialect, false);
    CHECK(pyon_write_node(&writer, pyon_tree_root(tree), true, NULL, NULL) == 0);
    CHECK((size_t)(out.cur - out.start) == strlen(deep));
    CHECK(memcmp(out.start, deep, strlen(deep)) == 0);
    again = parse(dialect, deep);
    CHECK(pyon_node_equal(pyon_tree_root(tree), pyon_tree_root(again)));
    pyon_tree_free(again);
    pyon_tree_free(tree);
    pyon_out_free(&out);
    return NULL;
}

static void repeat(const char *open, const char *middle, const char *close, size_t count)
{
    char *p = deep;

    for (size_t i = 0; i < count; i++)
        p = text_put(p, open);
    p = text_put(p, middle);
    for (size_t i = 0; i < count; i++)
        p = text_put(p, close);
}

/* In a thread with as small a stack as programs have. */
static void check_deep(void)
{
    pthread_attr_t attributes;
    pthread_t thread;

    pthread_attr_init(&attributes);
    CHECK(pthread_attr_setstacksize(&attributes, 128 << 10) == 0);
    CHECK(pthread_create(&thread, &attributes, use_deep, (void *)(uintptr_t)V2) == 0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attributes);
}

static void test_depth(void)
{
    repeat("[", "1", "]", 10000);
    check_deep();
    repeat("{\"a\":", "1", "}", 10000);
    check_deep();
    repeat("{\"__jsonclass__\":[\"tuple\",[[", "1", "]]]}", 5000);
    check_deep();
    repeat("{\"__jsonclass__\":[\"set\",[[{\"__jsonclass__\":[\"tuple\",[[1,", "1", "]]]}]]]}",
           2500);
    check_deep();
    repeat("{\"__jsonclass__\":[\"other\",[", "1", "]]}", 9000);
    check_deep();
}

int main(void)
{
    test_versions();
    test_layouts();
    test_slices();
    test_inexpressible();
    test_parts();
    test_depth();
    return check_report();
}
