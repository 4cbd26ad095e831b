/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Arrays of trees: texts of dtypes, shapes, base64, elements of every kind in both byte orders. */
#include "../support/check.h"
#include "compose/dtype.h"
#include "pyon_tree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Dtypes ------------------------------------------------------------------------------ */

static void dtype_is(const char *text, const char *expected, size_t size, bool swapped)
{
    struct dtype dtype;

    if (!CHECK_WITH(text, pyon_read_dtype(text, strlen(text), &dtype)))
        return;
    CHECK_WITH(text, strcmp(dtype.text, expected) == 0);
    CHECK_WITH(text, dtype.item_size == size && dtype.kind == expected[1]);
    CHECK_WITH(text, dtype.swapped == swapped);
}

/* On a little-endian machine; on others the native ones begin with ">" (test_tree.py compares with NumPy). */
static void test_dtypes(void)
{
    static const char *const none[] = {
        "",
        "<",
        "x",
        "O",
        "|O",
        "object",
        "f3",
        "i",
        "b2",
        "S0",
        "U",
        "V",
        "str",
        "bytes",
        "f8,i4",
        "(2,)f8",
        "=float64",
        "float64 ",
        "M[s]",
        "M8[]",
        "M8[xs]",
        "M8[0s]",
        "M8[2147483648s]",
        "f8[s]",
        "M8[s]x",
        "S2147483648",
        "U536870912",
        "float8",
        "i-4",
        "5f8",
        "datetime64[",
        "M8]s[",
    };
    struct dtype dtype;

    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        CHECK_WITH(none[i],
                   strcmp(none[i], "i") == 0 || !pyon_read_dtype(none[i], strlen(none[i]), &dtype));
    CHECK(!pyon_read_dtype("f8\0", 3, &dtype));
    if (!PYON_LITTLE_ENDIAN)
        return;
    dtype_is("<f8", "<f8", 8, false);
    dtype_is("f8", "<f8", 8, false);
    dtype_is("=f8", "<f8", 8, false);
    dtype_is("|f8", "<f8", 8, false);
    dtype_is("float64", "<f8", 8, false);
    dtype_is("d", "<f8", 8, false);
    dtype_is(">d", ">f8", 8, true);
    dtype_is(">f8", ">f8", 8, true);
    dtype_is("bool", "|b1", 1, false);
    dtype_is(">i1", "|i1", 1, false);
    dtype_is("complex128", "<c16", 16, false);
    dtype_is("longdouble", "<f16", 16, false);
    dtype_is("G", "<c32", 32, false);
    dtype_is("S5", "|S5", 5, false);
    dtype_is(">S1", "|S1", 1, false);
    dtype_is("c", "|S1", 1, false);
    dtype_is("a3", "|S3", 3, false);
    dtype_is("<U3", "<U3", 12, false);
    dtype_is(">U3", ">U3", 12, true);
    dtype_is("V12", "|V12", 12, false);
    dtype_is("<M8[ns]", "<M8[ns]", 8, false);
    dtype_is(">m8[25us]", ">m8[25us]", 8, true);
    dtype_is("datetime64[1D]", "<M8[D]", 8, false);
    dtype_is("timedelta64[generic]", "<m8", 8, false);
    dtype_is("datetime64", "<M8", 8, false);
    dtype_is("<M8[2147483647ms]", "<M8[2147483647ms]", 8, false);
    dtype_is("S2147483647", "|S2147483647", 2147483647, false);
}

/* ---- Arrays ------------------------------------------------------------------------------ */

static struct pyon_tree *parse(const char *text)
{
    struct pyon_error error;
    struct pyon_tree *tree = pyon_tree_parse(&pyon_v1, text, strlen(text), NULL, &error);

    if (!CHECK_WITH(text, tree != NULL))
        abort();
    return tree;
}

static void shape_is(const char *text, size_t ndim, int64_t first, int64_t last, size_t count)
{
    struct pyon_tree *tree = parse(text);
    const struct pyon_array *array = pyon_node_array(pyon_tree_root(tree));

    if (CHECK_WITH(text, array != NULL)) {
        CHECK_WITH(text, array->ndim == ndim && array->count == count);
        CHECK_WITH(text, ndim == 0 || (array->shape[0] == first && array->shape[ndim - 1] == last));
        CHECK_WITH(text, ndim == 0 || array->strides[ndim - 1] == (int64_t)array->item_size);
        CHECK_WITH(text, (uintptr_t)array->data % 64 == 0);
    }
    pyon_tree_free(tree);
}

static void is_no_array(const char *text)
{
    struct pyon_tree *tree = parse(text);

    CHECK_WITH(text, pyon_node_kind(pyon_tree_root(tree)) == PYON_KIND_CALL);
    CHECK_WITH(text, !pyon_node_array(pyon_tree_root(tree)));
    pyon_tree_free(tree);
}

static void test_shapes(void)
{
    shape_is("nparray((2, 3), '|u1', b'AAECAwQF')", 2, 2, 3, 6);
    shape_is("nparray([6], '|u1', 'AAECAwQF')", 1, 6, 6, 6);
    shape_is("nparray((), '|u1', b'AA==')", 0, 0, 0, 1);
    shape_is("nparray(6, '|u1', b'AAECAwQF')", 1, 6, 6, 6);
    shape_is("nparray(None, '<i2', b'AAECAwQF')", 1, 3, 3, 3);
    shape_is("nparray((2, -1), '|u1', b'AAECAwQF')", 2, 2, 3, 6);
    shape_is("nparray((-7,), '|u1', b'AAECAwQF')", 1, 6, 6, 6);
    shape_is("nparray((0, 5), '|u1', b'')", 2, 0, 5, 0);
    shape_is("nparray((-1,), '<f8', b'')", 1, 0, 0, 0);
    shape_is("nparray((2,), None, b'AAAAAAAA8D8AAAAAAAAAQA==')", 1, 2, 2, 2);
    shape_is("nparray((6,), '|u1', b'AAEC\\nAwQF')", 1, 6, 6, 6); /* base64 as Python takes it */
    shape_is("nparray((1,), '|u1', b'AA==AAAA')", 1, 1, 1, 1);
    is_no_array("nparray((-1, -1), '|u1', b'AAECAwQF')");
    is_no_array("nparray((0, -1), '|u1', b'')");
    is_no_array("nparray((4,), '|u1', b'AAECAwQF')");
    is_no_array("nparray((6, 9223372036854775807, 9223372036854775807), '|u1', b'AAECAwQF')");
    is_no_array("nparray((0, 9223372036854775807, 9223372036854775807), '|u1', b'')");
    is_no_array("nparray((1152921504606846976,), '<c16', b'')");
    is_no_array("nparray((true,), '|u1', b'AA==')");
    is_no_array("nparray((1.0,), '|u1', b'AA==')");
    is_no_array("nparray((2,), '<i2', b'AAECAwQ=')");
    is_no_array("nparray((2,), 5, b'AAECAw==')");
    is_no_array("nparray((2,), '|u1', 'AAé')");
    is_no_array("nparray((1,), '|u1', b'A')");
    is_no_array("npscalar('<i2', b'AA==')");
    is_no_array("npscalar('<i2', b'')");
}

/* ---- Elements ---------------------------------------------------------------------------- */

/* An array of one element, of these bytes. */
static struct pyon_array array_of(char kind, size_t size, const void *data, bool swapped)
{
    return (struct pyon_array){
        .dtype = "", .kind = kind, .swapped = swapped, .item_size = size, .count = 1, .data = data};
}

static void real_is(char kind, const char *bytes, size_t size, int status, double expected)
{
    char data[32], turned[33], *odd = turned + 1; /* at no even place */
    struct pyon_array array;
    double value;

    memcpy(data, bytes, size);
    for (size_t i = 0; i < size; i++)
        odd[i] = bytes[size - 1 - i];
    for (int big = 0; big < 2; big++) {
        array = array_of(kind, size, big ? odd : data, big == PYON_LITTLE_ENDIAN);
        value = 123;
        CHECK_WITH(&kind, pyon_array_real(&array, 0, &value) == status);
        CHECK(isnan(expected) ? isnan(value)
                              : value == expected && signbit(value) == signbit(expected));
    }
}

static void test_reals(void)
{
    static const char quarter[] = "\0\0\0\0\0\0\0\x80\xfd\x3f\0\0\0\0\0"; /* of x87 */

    real_is('f', "\x00\x3c", 2, PYON_EXACT, 1);
    real_is('f', "\x01\x80", 2, PYON_EXACT, -0x1p-24);
    real_is('f', "\xff\x7b", 2, PYON_EXACT, 65504);
    real_is('f', "\x00\xfc", 2, PYON_EXACT, -INFINITY);
    real_is('f', "\x01\x7c", 2, PYON_EXACT, NAN);
    real_is('f', "\x00\x80", 2, PYON_EXACT, -0.0);
    real_is('f', "\x00\x00\xc0\x3f", 4, PYON_EXACT, 1.5);
    real_is('f', "\x00\x00\x00\x00\x00\x00\xf8\xbf", 8, PYON_EXACT, -1.5);
    real_is('f', quarter, 16, PYON_EXACT, 0.25);
    real_is('f', quarter, 12, PYON_EXACT, 0.25);
    real_is('f', "\1\0\0\0\0\0\0\x80\xff\x3f\0\0\0\0\0\0", 16, PYON_ROUNDED, 1);
    real_is('f', "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xbf\0\0\0\0\0\0", 16, PYON_ROUNDED, -2);
    real_is('f', "\0\0\0\0\0\0\0\x80\xff\x7f\0\0\0\0\0\0", 16, PYON_EXACT, INFINITY);
    real_is('f', "\0\0\0\0\0\0\0\xc0\xff\x7f\0\0\0\0\0\0", 16, PYON_EXACT, NAN);
    real_is('f', "\0\0\0\0\0\0\0\x80\xff\x43\0\0\0\0\0\0", 16, PYON_ROUNDED, INFINITY);
    real_is('f', "\0\0\0\0\0\0\0\x80\x01\0\0\0\0\0\0\0", 16, PYON_ROUNDED, 0);
    real_is('f', "\0\0\0\0\0\0\0\0\0\x80\0\0\0\0\0\0", 16, PYON_EXACT, -0.0);
    real_is('u', "\xff", 1, PYON_EXACT, 255);
    real_is('u', "\xff\xff\xff\xff\xff\xff\xff\xff", 8, PYON_ROUNDED, 0x1p64);
    real_is('i', "\x00\x00\x00\x00\x00\x00\x00\x80", 8, PYON_EXACT, -0x1p63);
    real_is('i', "\x01\x00\x00\x00\x00\x00\x20\x00", 8, PYON_ROUNDED, 0x1p53);
    real_is('M', "\x05\x00\x00\x00\x00\x00\x00\x00", 8, PYON_EXACT, 5);
    real_is('b', "\x02", 1, PYON_EXACT, 1);
    real_is('S', "1", 1, PYON_NOT_A_NUMBER, 123);
    real_is('c', "\x00\x00\xc0\x3f\x00\x00\x00\x00", 8, PYON_NOT_A_NUMBER, 123);
}

static void integer_is(char kind, const char *bytes, size_t size, int status, int64_t expected)
{
    struct pyon_array array = array_of(kind, size, bytes, !PYON_LITTLE_ENDIAN);
    int64_t value = 123;

    CHECK(pyon_array_integer(&array, 0, &value) == status);
    CHECK(value == expected);
    CHECK(pyon_array_integer(&array, 1, &value) == PYON_NOT_A_NUMBER);
}

static void test_integers(void)
{
    integer_is('i', "\xfe", 1, PYON_EXACT, -2);
    integer_is('i', "\x00\x80", 2, PYON_EXACT, -32768);
    integer_is('i', "\xff\xff\xff\xff", 4, PYON_EXACT, -1);
    integer_is('u', "\xff\xff\xff\xff", 4, PYON_EXACT, 4294967295);
    integer_is('u', "\xff\xff\xff\xff\xff\xff\xff\xff", 8, PYON_ROUNDED, INT64_MAX);
    integer_is('m', "\x00\x00\x00\x00\x00\x00\x00\x80", 8, PYON_EXACT, INT64_MIN);
    integer_is('f', "\x00\x00\xc0\xbf", 4, PYON_ROUNDED, -1);
    integer_is('f', "\x00\x00\xc0\x7f", 4, PYON_NOT_A_NUMBER, 123);
    integer_is('f', "\x00\x00\x80\x7f", 4, PYON_ROUNDED, INT64_MAX);
    integer_is('V', "1", 1, PYON_NOT_A_NUMBER, 123);
}

static void test_complex(void)
{
    struct pyon_array array =
        array_of('c', 8, "\x00\x00\xc0\x3f\x00\x00\x00\xc0", !PYON_LITTLE_ENDIAN);
    double real = 0, imaginary = 0;

    CHECK(pyon_array_complex(&array, 0, &real, &imaginary) == PYON_EXACT);
    CHECK(real == 1.5 && imaginary == -2);
    CHECK(pyon_array_complex(&array, 1, &real, &imaginary) == PYON_NOT_A_NUMBER);
    array = array_of('u', 1, "\x07", false);
    CHECK(pyon_array_complex(&array, 0, &real, &imaginary) == PYON_EXACT);
    CHECK(real == 7 && imaginary == 0);
}

static void test_many(void)
{
    struct pyon_tree *tree = parse("[nparray((3,), '<f8', b'AAAAAAAA8D8AAAAAAAAAQAAAAAAAAAhA'), "
                                   "nparray((3,), '>i2', b'AAEAAgAD'),"
                                   " nparray((0,), '<f8', b''), nparray((3,), '|S1', b'YWJj')]");
    const struct pyon_node *root = pyon_tree_root(tree);
    double values[3];

    for (size_t i = 0; i < 2; i++) {
        const struct pyon_array *array = pyon_node_array(pyon_node_item(root, i));

        CHECK(pyon_array_reals(array, 0, 3, values) == PYON_EXACT);
        CHECK(values[0] == 1 && values[1] == 2 && values[2] == 3);
        CHECK(pyon_array_reals(array, 2, 1, values) == PYON_EXACT && values[0] == 3);
        CHECK(pyon_array_reals(array, 3, 0, values) == PYON_EXACT);
        CHECK(pyon_array_reals(array, 3, 1, values) == PYON_NOT_A_NUMBER);
        CHECK(pyon_array_reals(array, 1, SIZE_MAX, values) == PYON_NOT_A_NUMBER);
    }
    CHECK(pyon_array_reals(pyon_node_array(pyon_node_item(root, 2)), 0, 0, values) == PYON_EXACT);
    CHECK(pyon_array_reals(pyon_node_array(pyon_node_item(root, 3)), 0, 3, values) ==
          PYON_NOT_A_NUMBER);
    pyon_tree_free(tree);
}

/* ---- Streams ----------------------------------------------------------------------------- */

/* An array that comes byte by byte; and what looks like one, and is none. */
static void test_streams(void)
{
    static const char text[] = "[{\"__jsonclass__\":[\"nparray\",[[6],\"|u1\",\"AAECAwQF\"]]},"
                               "{\"__jsonclass__\":[\"nparray\",[[6],\"|u1\",\"AAECAwQ-F\"]]},"
                               "{\"__jsonclass__\":[\"nparray\",[[600],\"|u1\",\"AAECAwQF\"]]}]";
    struct pyon_tree_builder *builder = pyon_tree_builder_new();
    struct pyon_stream *stream = pyon_stream_new(&pyon_v2, &pyon_tree_events, builder, NULL);
    struct pyon_error error;
    int status = PYON_STREAM_MORE;
    struct pyon_tree *tree;
    const struct pyon_node *root;

    for (size_t i = 0; i < sizeof text - 1 && status == PYON_STREAM_MORE; i++) {
        *pyon_stream_space(stream, 1) = text[i];
        pyon_stream_add(stream, 1);
        status = pyon_stream_next(stream, &error);
    }
    CHECK(status == PYON_STREAM_VALUE);
    tree = pyon_tree_builder_take(builder);
    root = pyon_tree_root(tree);
    CHECK(pyon_node_kind(pyon_node_item(root, 0)) == PYON_KIND_ARRAY);
    CHECK(memcmp(pyon_node_array(pyon_node_item(root, 0))->data, "\0\1\2\3\4\5", 6) == 0);
    CHECK(pyon_node_kind(pyon_node_item(root, 1)) == PYON_KIND_ARRAY);
    CHECK(pyon_node_kind(pyon_node_item(root, 2)) == PYON_KIND_CALL);
    pyon_tree_free(tree);
    pyon_stream_free(stream);
    pyon_tree_builder_free(builder);
}

int main(void)
{
    test_dtypes();
    test_shapes();
    test_reals();
    test_integers();
    test_complex();
    test_many();
    test_streams();
    return check_report();
}
