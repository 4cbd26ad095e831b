/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The writer: every kind of value in both dialects, compact and pretty, against the texts of the
 * format description. Each text is also parsed again: both layouts must give the same events.
 */
#include "../support/check.h"
#include "../support/edge.h"
#include "../support/transcript.h"
#include "../support/value.h"
#include "pyon_host.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- Comparing --------------------------------------------------------------------------- */

#define ROOM (1 << 20)

/* An output without room to spare. There are two. */
static void init_out(struct pyon_out *out, int which)
{
    static char *ends[2];

    if (!ends[which])
        ends[which] = edge_of(ROOM);
    edge_out(out, ends[which]);
}

static void check_room(const struct pyon_dialect *dialect, const struct value *value, bool pretty,
                       const char *text)
{
    struct pyon_writer writer;
    struct pyon_out out;

    init_out(&out, 0);
    pyon_writer_init(&writer, &out, dialect, pretty);
    CHECK_WITH(text, write_value(&writer, value) == 0);
    CHECK_WITH(text, (size_t)(out.cur - out.start) == strlen(text) &&
                         memcmp(out.start, text, strlen(text)) == 0);
}

/* The transcript of a text: new. */
static char *events_of(const struct pyon_dialect *dialect, const char *text)
{
    struct transcript transcript;
    struct pyon_error error;

    transcript_init(&transcript);
    CHECK_WITH(text, transcript_parse(&transcript, dialect, text, strlen(text), &error) == 0);
    return transcript_text(&transcript);
}

static void check_written(const struct pyon_dialect *dialect, const struct value *value,
                          const char *compact, const char *pretty, bool readable)
{
    char *line = value_text(value, dialect, false), *lines = value_text(value, dialect, true);

    if (!line || !lines)
        abort();
    CHECK_WITH(line, strcmp(line, compact) == 0);
    CHECK_WITH(lines, strcmp(lines, pretty) == 0);
    check_room(dialect, value, false, compact);
    check_room(dialect, value, true, pretty);
    if (readable) {
        char *events = events_of(dialect, line), *again = events_of(dialect, lines);

        CHECK_WITH(lines, strcmp(events, again) == 0);
        free(again);
        free(events);
    }
    free(lines);
    free(line);
}

/* The same text compact and pretty, */
static void v1(const struct value *value, const char *text)
{
    check_written(&pyon_v1, value, text, text, true);
}

static void v2(const struct value *value, const char *text)
{
    check_written(&pyon_v2, value, text, text, true);
}

static void both(const struct value *value, const char *text)
{
    v1(value, text);
    v2(value, text);
}

/* or another one. */
static void v1_lines(const struct value *value, const char *compact, const char *pretty)
{
    check_written(&pyon_v1, value, compact, pretty, true);
}

static void v2_lines(const struct value *value, const char *compact, const char *pretty)
{
    check_written(&pyon_v2, value, compact, pretty, true);
}

/* Version 1 does not read infinite and NaN imaginary parts, though it writes them. */
static void v1_unreadable(const struct value *value, const char *text)
{
    check_written(&pyon_v1, value, text, text, false);
}

/* ---- Scalars ----------------------------------------------------------------------------- */

static void test_constants_and_integers(void)
{
    both(NONE, "null");
    both(BOOL(true), "true");
    both(BOOL(false), "false");
    both(INT(0), "0");
    both(INT(-1), "-1");
    both(INT(INT64_MAX), "9223372036854775807");
    both(INT(INT64_MIN), "-9223372036854775808");
    both(RAW("-9223372036854775809"), "-9223372036854775809");
}

static void test_reals(void)
{
    both(REAL(0.0), "0.0");
    both(REAL(-0.0), "-0.0");
    both(REAL(1), "1.0");
    both(REAL(0.1), "0.1");
    both(REAL(1e-5), "1e-05");
    both(REAL(0.0001), "0.0001");
    both(REAL(1e15), "1000000000000000.0");
    both(REAL(1e16), "1e+16");
    both(REAL(1.2345678901234568e17), "1.2345678901234568e+17");
    both(REAL(5e-324), "5e-324");
    v1(REAL(NAN), "nan");
    v1(REAL(-NAN), "nan");
    v1(REAL(INFINITY), "inf");
    v1(REAL(-INFINITY), "-inf");
    v2(REAL(NAN), "NaN");
    v2(REAL(-NAN), "NaN");
    v2(REAL(INFINITY), "Infinity");
    v2(REAL(-INFINITY), "-Infinity");
}

static void test_complex_literals(void)
{
    v1(CPLX(0.0, 1), "1j");
    v1(CPLX(0.0, 0.0), "0j");
    v1(CPLX(0.0, -0.0), "-0j");
    v1(CPLX(0.0, -1), "-1j");
    v1(CPLX(0.0, 0.5), "0.5j");
    v1(CPLX(-0.0, -1), "(-0-1j)");
    v1(CPLX(-0.0, 0.0), "(-0+0j)");
    v1(CPLX(-0.0, -0.0), "(-0-0j)");
    v1(CPLX(1, 2), "(1+2j)");
    v1(CPLX(1, -0.0), "(1-0j)");
    v1(CPLX(1.5, -2.25), "(1.5-2.25j)");
    v1(CPLX(1e16, 1e-7), "(1e+16+1e-07j)");
    v1(CPLX(1e20, 1e-10), "(1e+20+1e-10j)");
    v1(CPLX(100, 10.5), "(100+10.5j)");
    v1(CPLX(NAN, 0), "(nan+0j)");
    v1(CPLX(INFINITY, 1), "(inf+1j)");
    v1(CPLX(-INFINITY, 0.0), "(-inf+0j)");
    v1_unreadable(CPLX(0.0, NAN), "nanj");
    v1_unreadable(CPLX(0.0, INFINITY), "infj");
    v1_unreadable(CPLX(0.0, -INFINITY), "-infj");
    v1_unreadable(CPLX(NAN, NAN), "(nan+nanj)");
    v1_unreadable(CPLX(NAN, -NAN), "(nan+nanj)");
    v1_unreadable(CPLX(1, INFINITY), "(1+infj)");
    v1_unreadable(CPLX(INFINITY, -INFINITY), "(inf-infj)");
}

static void test_strings(void)
{
    both(STR(""), "\"\"");
    both(STR("abc"), "\"abc\"");
    both(STR("\" \\ \b \f \n \r \t / '"), "\"\\\" \\\\ \\b \\f \\n \\r \\t / '\"");
    both(STR("\x01\x1f\x7f"), "\"\\u0001\\u001f\\u007f\"");
    both(STR("\xc3\xa9\xe2\x82\xac"), "\"\\u00e9\\u20ac\"");
    both(STR("\xf0\x9f\x98\x80"), "\"\\ud83d\\ude00\"");
    both(STR("\xed\xa0\x80"), "\"\\ud800\"");
}

static void test_bytes_literals(void)
{
    v1(BYT(""), "b''");
    v1(BYT("abc"), "b'abc'");
    v1(BYT("it's"), "b\"it's\"");
    v1(BYT("\""), "b'\"'");
    v1(BYT("'\""), "b'\\'\"'");
    v1(BYT("\\\t\n\r\f\x01\x1f\x7f\x80\xff"), "b'\\\\\\t\\n\\r\\x0c\\x01\\x1f\\x7f\\x80\\xff'");
}

/* ---- Version 1 --------------------------------------------------------------------------- */

static void test_v1_containers(void)
{
    v1(EMPTY(LIST), "[]");
    v1(LIST(INT(1)), "[1]");
    v1(LIST(INT(1), INT(2)), "[1, 2]");
    v1(EMPTY(TUPLE), "()");
    v1(TUPLE(INT(1)), "(1, )");
    v1(TUPLE(INT(1), INT(2)), "(1, 2)");
    v1(EMPTY(SET), "{}");
    v1(SET(INT(1)), "{1}");
    v1(SET(INT(1), INT(2)), "{1, 2}");
    v1(EMPTY(DICT), "{}");
    v1(DICT(STR("a"), INT(1)), "{\"a\": 1}");
    v1_lines(DICT(STR("a"), INT(1), STR("b"), INT(2)), "{\"a\": 1, \"b\": 2}",
             "{\n    \"a\": 1,\n    \"b\": 2\n}");
    v1(EMPTY(PAIRS), "{}");
    v1(PAIRS(INT(1), INT(2)), "{1: 2}");
    v1_lines(PAIRS(INT(1), INT(2), NONE, STR("b")), "{1: 2, null: \"b\"}",
             "{\n    1: 2,\n    null: \"b\"\n}");
    v1(EMPTY(ORDERED), "OrderedDict([])");
    v1(ORDERED(STR("a"), INT(1)), "OrderedDict([(\"a\", 1)])");
    v1(ORDERED(STR("a"), INT(1), INT(2), EMPTY(LIST)), "OrderedDict([(\"a\", 1), (2, [])])");
}

static void test_v1_calls(void)
{
    v1(CALLED_EMPTY("slice"), "slice()");
    v1(CALLED("slice", NONE), "slice(null)");
    v1(CALLED("Fraction", INT(1), INT(3)), "Fraction(1, 3)");
    v1(ARRAY_0D("<i2"), "nparray((), \"<i2\", b\"YWJjZGVm\")");
    v1(ARRAY("<i2", 3), "nparray((3, ), \"<i2\", b\"YWJjZGVm\")");
    v1(ARRAY("<i2", 1, 0, -3), "nparray((1, 0, -3), \"<i2\", b\"YWJjZGVm\")");
    v1(SCALAR("|V6"), "npscalar(\"|V6\", b\"YWJjZGVm\")");
}

/* Only dicts of two pairs and more take lines; containers in them are not indented for it. */
static void test_v1_nested(void)
{
    v1_lines(DICT(STR("a"), DICT(STR("b"), DICT(STR("c"), INT(1), STR("d"), INT(2)))),
             "{\"a\": {\"b\": {\"c\": 1, \"d\": 2}}}",
             "{\"a\": {\"b\": {\n    \"c\": 1,\n    \"d\": 2\n}}}");
    v1_lines(LIST(DICT(STR("a"), INT(2), STR("b"), INT(1)),
                  LIST(DICT(STR("c"), INT(2), STR("d"), INT(1)))),
             "[{\"a\": 2, \"b\": 1}, [{\"c\": 2, \"d\": 1}]]",
             "[{\n    \"a\": 2,\n    \"b\": 1\n}, [{\n    \"c\": 2,\n    \"d\": 1\n}]]");
    v1_lines(ORDERED(STR("b"), DICT(STR("x"), INT(2), STR("y"), INT(1)), STR("a"), INT(1)),
             "OrderedDict([(\"b\", {\"x\": 2, \"y\": 1}), (\"a\", 1)])",
             "OrderedDict([(\"b\", {\n    \"x\": 2,\n    \"y\": 1\n}), (\"a\", 1)])");
    v1_lines(DICT(STR("a"), TUPLE(DICT(STR("p"), INT(2), STR("q"), INT(1))), STR("b"),
                  LIST(PAIRS(INT(1), INT(2), INT(3), INT(4)))),
             "{\"a\": ({\"p\": 2, \"q\": 1}, ), \"b\": [{1: 2, 3: 4}]}",
             "{\n    \"a\": ({\n        \"p\": 2,\n        \"q\": 1\n    }, ),\n"
             "    \"b\": [{\n        1: 2,\n        3: 4\n    }]\n}");
    v1_lines(DICT(STR("a"), DICT(STR("b"), INT(1), STR("c"), INT(2)), STR("d"), EMPTY(DICT)),
             "{\"a\": {\"b\": 1, \"c\": 2}, \"d\": {}}",
             "{\n    \"a\": {\n        \"b\": 1,\n        \"c\": 2\n    },\n    \"d\": {}\n}");
    v1_lines(CALLED("slice", DICT(STR("a"), INT(1), STR("b"), INT(2)), NONE, EMPTY(TUPLE)),
             "slice({\"a\": 1, \"b\": 2}, null, ())",
             "slice({\n    \"a\": 1,\n    \"b\": 2\n}, null, ())");
}

/* ---- Version 2 --------------------------------------------------------------------------- */

static void test_v2_containers(void)
{
    v2(EMPTY(LIST), "[]");
    v2_lines(LIST(INT(1)), "[1]", "[\n    1\n]");
    v2_lines(LIST(INT(1), INT(2)), "[1,2]", "[\n    1,\n    2\n]");
    v2(EMPTY(DICT), "{}");
    v2_lines(DICT(STR("a"), INT(1)), "{\"a\":1}", "{\n    \"a\": 1\n}");
    v2_lines(DICT(STR("a"), INT(1), STR("b"), INT(2)), "{\"a\":1,\"b\":2}",
             "{\n    \"a\": 1,\n    \"b\": 2\n}");
    v2_lines(LIST(EMPTY(LIST), EMPTY(DICT), LIST(EMPTY(LIST))), "[[],{},[[]]]",
             "[\n    [],\n    {},\n    [\n        []\n    ]\n]");
    v2_lines(DICT(STR("a"), DICT(STR("b"), LIST(INT(1)))), "{\"a\":{\"b\":[1]}}",
             "{\n    \"a\": {\n        \"b\": [\n            1\n        ]\n    }\n}");
}

/* An object with a class. Its arguments are given as text; each of their lines begins with twelve
   spaces. */
static void v2_class(const struct value *value, const char *name, const char *arguments,
                     const char *lines)
{
    char compact[300], pretty[600];

    snprintf(compact, sizeof compact, "{\"__jsonclass__\":[\"%s\",[%s]]}", name, arguments);
    snprintf(pretty, sizeof pretty,
             "{\n    \"__jsonclass__\": [\n        \"%s\",\n        [%s%s]\n    ]\n}", name, lines,
             *lines ? "\n        " : "");
    v2_lines(value, compact, pretty);
}

#define I3 "\n            "
#define I4 I3 "    "
#define I5 I4 "    "

static void test_v2_classes(void)
{
    v2_class(CPLX(1, -0.0), "complex", "1.0,-0.0", I3 "1.0," I3 "-0.0");
    v2_class(CPLX(NAN, INFINITY), "complex", "NaN,Infinity", I3 "NaN," I3 "Infinity");
    v2_class(BYT(""), "bytes", "\"\"", I3 "\"\"");
    v2_class(BYT("a"), "bytes", "\"YQ==\"", I3 "\"YQ==\"");
    v2_class(EMPTY(TUPLE), "tuple", "[]", I3 "[]");
    v2_class(TUPLE(INT(1)), "tuple", "[1]", I3 "[" I4 "1" I3 "]");
    v2_class(EMPTY(SET), "set", "[]", I3 "[]");
    v2_class(SET(INT(1), INT(2)), "set", "[1,2]", I3 "[" I4 "1," I4 "2" I3 "]");
    v2_class(EMPTY(PAIRS), "dict", "[]", I3 "[]");
    v2_class(PAIRS(INT(1), INT(2)), "dict", "[[1,2]]", I3 "[" I4 "[" I5 "1," I5 "2" I4 "]" I3 "]");
    v2_class(PAIRS(INT(1), INT(2), STR("a"), NONE), "dict", "[[1,2],[\"a\",null]]",
             I3 "[" I4 "[" I5 "1," I5 "2" I4 "]," I4 "[" I5 "\"a\"," I5 "null" I4 "]" I3 "]");
    v2_class(EMPTY(ORDERED), "OrderedDict", "[]", I3 "[]");
    v2_class(ORDERED(STR("a"), INT(1)), "OrderedDict", "[[\"a\",1]]",
             I3 "[" I4 "[" I5 "\"a\"," I5 "1" I4 "]" I3 "]");
    v2_class(CALLED_EMPTY("foo"), "foo", "", "");
    v2_class(CALLED("slice", NONE, INT(1), NONE), "slice", "null,1,null",
             I3 "null," I3 "1," I3 "null");
    v2_class(ARRAY_0D("<i2"), "nparray", "[],\"<i2\",\"YWJjZGVm\"",
             I3 "[]," I3 "\"<i2\"," I3 "\"YWJjZGVm\"");
    v2_class(ARRAY("<i2", 1, 0, -3), "nparray", "[1,0,-3],\"<i2\",\"YWJjZGVm\"",
             I3 "[" I4 "1," I4 "0," I4 "-3" I3 "]," I3 "\"<i2\"," I3 "\"YWJjZGVm\"");
    v2_class(SCALAR("|V6"), "npscalar", "\"|V6\",\"YWJjZGVm\"", I3 "\"|V6\"," I3 "\"YWJjZGVm\"");
}

static void test_v2_nested(void)
{
    v2_lines(DICT(STR("a"), TUPLE(INT(1)), STR("b"), EMPTY(LIST)),
             "{\"a\":{\"__jsonclass__\":[\"tuple\",[[1]]]},\"b\":[]}",
             "{\n    \"a\": {\n        \"__jsonclass__\": [\n            \"tuple\","
             "\n            [\n                [\n                    1\n                ]"
             "\n            ]\n        ]\n    },\n    \"b\": []\n}");
    v2_class(TUPLE(INT(1), TUPLE(INT(2))), "tuple", "[1,{\"__jsonclass__\":[\"tuple\",[[2]]]}]",
             I3 "[" I4 "1," I4 "{" I5 "\"__jsonclass__\": [" I5 "    \"tuple\"," I5 "    [" I5
                "        [" I5 "            2" I5 "        ]" I5 "    ]" I5 "]" I4 "}" I3 "]");
}

/* ---- Calls that do not make one value ---------------------------------------------------- */

static void test_sequence(void)
{
    struct pyon_out out;
    struct pyon_writer writer;
    size_t length;
    char *text;

    pyon_out_init(&out);
    pyon_writer_init(&writer, &out, &pyon_v2, true);
    for (int i = 0; i < 3; i++)
        CHECK(write_value(&writer, LIST(INT(i))) == 0);
    CHECK(writer.level == 0);
    text = pyon_out_detach(&out, &length);
    CHECK(text && strcmp(text, "[\n    0\n][\n    1\n][\n    2\n]") == 0);
    free(text);
}

static void test_invalid_strings(void)
{
    static const char *const texts[] = {"\xff", "a\x80", "\xe2\x82", "\xc0\x80",
                                        "\xf4\x90\x80\x80"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct pyon_out out;
        struct pyon_writer writer;

        pyon_out_init(&out);
        pyon_writer_init(&writer, &out, &pyon_v1, false);
        CHECK(write_value(&writer, LIST(STR(texts[i]))) < 0);
        CHECK(out.code == PYON_ERROR_UTF8);
        pyon_out_free(&out);
    }
}

/* Nothing at all: then no pointer is needed, and an output without memory is not written to. */
static void test_no_data(void)
{
    struct pyon_out out;
    struct pyon_writer writer;
    size_t length;
    char *text;

    pyon_out_init(&out);
    pyon_writer_init(&writer, &out, &pyon_v1, false);
    CHECK(pyon_write_raw(&writer, "", 0) == 0);
    CHECK(pyon_write_string(&writer, "", 0) == 0);
    CHECK(pyon_write_code_points(&writer, NULL, 0, 1) == 0);
    CHECK(pyon_write_code_points(&writer, NULL, 0, 4) == 0);
    CHECK(pyon_write_bytes(&writer, NULL, 0) == 0);
    CHECK(pyon_write_array(&writer, NULL, 0, "<i4", NULL, 0) == 0);
    text = pyon_out_detach(&out, &length);
    CHECK(text && strcmp(text, "\"\"\"\"\"\"b''nparray((), \"<i4\", b\"\")") == 0);
    free(text);
}

/* Data whose text has no length: nothing of it is read. */
static void test_too_large(void)
{
    static const int64_t shape[1] = {1};
    char data[1] = {0};

    for (size_t size = SIZE_MAX - 2; size >= SIZE_MAX - 2; size++) {
        struct pyon_out out;
        struct pyon_writer writer;

        pyon_out_init(&out);
        pyon_writer_init(&writer, &out, &pyon_v2, false);
        CHECK(pyon_write_bytes(&writer, data, size) < 0 && out.code == PYON_ERROR_MEMORY);
        CHECK(pyon_write_array(&writer, shape, 1, "|u1", data, size) < 0);
        CHECK(pyon_write_scalar(&writer, "|u1", data, size) < 0);
        pyon_out_free(&out);
    }
}

/* ---- In parts ---------------------------------------------------------------------------- */

static struct pyon_writer new_writer(struct pyon_out *out, int which,
                                     const struct pyon_dialect *dialect, bool pretty)
{
    struct pyon_writer writer;

    init_out(out, which);
    pyon_writer_init(&writer, out, dialect, pretty);
    return writer;
}

static void check_same(const struct pyon_out *parts, const struct pyon_out *whole)
{
    size_t size = (size_t)(parts->cur - parts->start);

    CHECK(size == (size_t)(whole->cur - whole->start));
    CHECK(memcmp(parts->start, whole->start, size) == 0);
}

/* Strings, bytes and arrays of that length: the parts are the same text as the whole. No part takes
   more room than some KiB, wherever it stands. */
static void check_parts(const struct pyon_dialect *dialect, const char *data, size_t length)
{
    const int64_t shape = (int64_t)length;

    for (int kind = 0; kind < 6; kind++) {
        struct pyon_out parts, whole;
        struct pyon_writer to_parts = new_writer(&parts, 0, dialect, kind % 2);
        struct pyon_writer to_whole = new_writer(&whole, 1, dialect, kind % 2);
        struct pyon_part part = {0};
        size_t before = 0;

        if (kind / 2 == 2) {
            CHECK(pyon_write_array_begin(&to_parts, &shape, 1, "|u1", 0) != NULL);
            CHECK(pyon_write_array(&to_whole, &shape, 1, "|u1", data, length) == 0);
        } else if (kind / 2 == 1) {
            CHECK(pyon_write_bytes(&to_whole, data, length) == 0);
        } else {
            CHECK(pyon_write_code_points(&to_whole, data, length, 1) == 0);
        }
        do {
            int status;

            before = (size_t)(parts.cur - parts.start);
            if (kind / 2 == 2)
                status = pyon_write_base64_part(&to_parts, data, length, &part);
            else if (kind / 2 == 1)
                status = pyon_write_bytes_part(&to_parts, data, length, &part);
            else
                status = pyon_write_code_points_part(&to_parts, data, length, 1, &part);
            CHECK(status == 0 && (size_t)(parts.cur - parts.start) - before < 40000);
        } while (part.done < length && (size_t)(parts.cur - parts.start) > before);
        CHECK(part.done == length);
        if (kind / 2 == 2)
            CHECK(pyon_write_array_end(&to_parts, 0) == 0);
        check_same(&parts, &whole);
    }
}

static void test_parts(void)
{
    static const size_t lengths[] = {0,    1,     2,     3,     511,   512,   513,
                                     1025, 24575, 24576, 24577, 49152, 100000};
    const size_t longest = check_short() ? 24577 : 100000;
    static char data[100000];

    for (int fill = 0; fill < 3; fill++) {
        for (size_t i = 0; i < sizeof data; i++)
            data[i] = fill == 0 ? 'x' : (char)(i * 7);
        if (fill < 2) /* a quote at the far end decides the quotes at the start */
            data[sizeof data - 1] = '\'';
        for (size_t i = 0; i < sizeof lengths / sizeof *lengths && lengths[i] <= longest; i++) {
            check_parts(&pyon_v1, data, lengths[i]);
            check_parts(&pyon_v2, data, lengths[i]);
        }
    }
}

int main(void)
{
    test_constants_and_integers();
    test_reals();
    test_complex_literals();
    test_strings();
    test_bytes_literals();
    test_v1_containers();
    test_v1_calls();
    test_v1_nested();
    test_v2_containers();
    test_v2_classes();
    test_v2_nested();
    test_sequence();
    test_invalid_strings();
    test_no_data();
    test_too_large();
    test_parts();
    return check_report();
}
