/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Memory that runs out. The allocations of reading (in pieces too) and of writing fail one by one,
 * each alone, and together with all later ones. Every failure must be PYON_ERROR_MEMORY, nothing
 * may be lost, and the next call works. Built with a library of its own: see faults.h.
 */
#include "../support/check.h"
#include "../support/text.h"
#include "../support/value.h"
#include "faults.h"
#include "pyon_host.h"
#include "pyon_tree.h"

#include <stdlib.h>
#include <string.h>

/* ---- Reading ----------------------------------------------------------------------------- */

/* If an allocation failed, parsing must have failed too; else the result must be `expected`. */
static bool check_parse(const struct pyon_dialect *dialect, const char *text, size_t length,
                        enum pyon_error_code expected, size_t at, bool all)
{
    struct pyon_builder builder = pyon_null_builder; /* a copy: for that one itself, less is read */
    struct pyon_error error = {.code = PYON_OK};
    int status;
    bool failed;

    faults_start(at, all);
    status = pyon_parse(dialect, text, length, &builder, NULL, NULL, &error);
    failed = faults_stop();
    CHECK_WITH(text, faults_live() == 1); /* the text itself */
    CHECK_WITH(text, error.code == (failed ? PYON_ERROR_MEMORY : expected));
    CHECK_WITH(text, status == (error.code == PYON_OK ? 0 : -1));
    CHECK_WITH(text, error.offset <= length && error.length <= length - error.offset);
    return failed;
}

/* The text is `open`, `count` times `piece`, `close`. It needs memory. */
static void check_reading(const struct pyon_dialect *dialect, const char *open, const char *piece,
                          const char *close, size_t count, enum pyon_error_code expected)
{
    size_t length = strlen(open) + count * strlen(piece) + strlen(close);
    char *text = malloc(length + 1), *p;

    if (!text)
        abort();
    p = text_put(text, open);
    for (size_t i = 0; i < count; i++)
        p = text_put(p, piece);
    strcpy(p, close);
    for (int all = 0; all < 2; all++) {
        size_t at = 0;

        while (check_parse(dialect, text, length, expected, at, all))
            at++;
        CHECK_WITH(open, at > 0);
    }
    free(text);
    CHECK(faults_live() == 0);
}

static void test_reading_v2(void)
{
    check_reading(&pyon_v2, "", "[", "", 1000, PYON_ERROR_VALUE);
    check_reading(&pyon_v2, "", "{\"\\n\":", "", 1000, PYON_ERROR_VALUE);
    check_reading(&pyon_v2, "", "{\"__jsonclass__\":[\"\",[", "", 500, PYON_ERROR_VALUE);
    check_reading(&pyon_v2, "\"", "\\u00e9", "\"", 1, PYON_OK);
    check_reading(&pyon_v2, "[\"\\n\",\"", "\\n", "\"]", 5000, PYON_OK);
    check_reading(&pyon_v2, "\"", "\\n", "", 10, PYON_ERROR_STRING);
    check_reading(&pyon_v2, "\"", "\\n", "\n", 10, PYON_ERROR_CONTROL);
    check_reading(&pyon_v2, "\"", "\\n", "\\q", 10, PYON_ERROR_ESCAPE);
    check_reading(&pyon_v2, "-1", "0", "", 100, PYON_OK);
    check_reading(&pyon_v2, "[10000000000000000000,1", "0", "]", 1000, PYON_OK);
    check_reading(&pyon_v2, "{\"\\u0061\":{\"__jsonclass__\":[\"a\",[", "[", "", 100,
                  PYON_ERROR_VALUE);
}

static void test_reading_v1(void)
{
    check_reading(&pyon_v1, "", "(", "", 200, PYON_ERROR_UNCLOSED);
    check_reading(&pyon_v1, "", "slice(a=", "", 200, PYON_ERROR_UNCLOSED);
    check_reading(&pyon_v1, "null(", "{1:", "", 150, PYON_ERROR_UNCLOSED);
    check_reading(&pyon_v1, "'", "\\x41\\u20ac", "'", 100, PYON_OK);
    check_reading(&pyon_v1, "b'", "\\x41", "'", 100, PYON_OK);
    check_reading(&pyon_v1, "'''", "\r", "'''", 100, PYON_OK);
    check_reading(&pyon_v1, "", "'ab' ", "", 1000, PYON_OK);
    check_reading(&pyon_v1, "'\\n'", "'\\x41\xc3\xa9'", "", 1000, PYON_OK);
    check_reading(&pyon_v1, "b'a'", "b'b'", "'c'", 10, PYON_ERROR_MIXED);
    check_reading(&pyon_v1, "-1", "_0", "", 100, PYON_OK);
    check_reading(&pyon_v1, "0x", "f", "+1j", 100, PYON_OK);
    check_reading(&pyon_v1, "1-1", "_0", "j", 100, PYON_OK);
    check_reading(&pyon_v1, "1", "0", "+1j", 400, PYON_ERROR_OVERFLOW);
    check_reading(&pyon_v1, "[1_0, .5, ", "1_0j,", "]", 100, PYON_OK);
    check_reading(&pyon_v1, "", "2**", "1", 100, PYON_OK);
    check_reading(&pyon_v1, "[", "~(1+", "2", 50, PYON_ERROR_UNCLOSED);
    check_reading(&pyon_v1, "slice(", "a=1, ", "bcdefgh=2)", 30, PYON_ERROR_REPEATED);
    check_reading(&pyon_v1, "", "slice(abcdefghijklmnopqrstuvwxyz=1, a=", "", 30,
                  PYON_ERROR_UNCLOSED);
    check_reading(&pyon_v1, "['\\n', 0b", "1", ", {b'\\x00' b'': 0x", 64, PYON_ERROR_NUMBER);
}

/* ---- Streams ----------------------------------------------------------------------------- */

static unsigned char block[3000];

/* In any call, takes a payload of the largest size that is possible there. */
static int begin_payload(void *self, bool bytes, size_t most, void **data, size_t *size)
{
    (void)bytes;
    (void)most;
    *data = block;
    *size = *(const size_t *)self;
    return 0;
}

static int end_payload(void *self, bool complete)
{
    (void)self;
    (void)complete;
    return 0;
}

static bool add_piece(struct pyon_stream *stream, const char *piece, size_t size)
{
    char *space = pyon_stream_space(stream, size);

    if (!space)
        return false;
    memcpy(space, piece, size);
    pyon_stream_add(stream, size);
    return true;
}

/* Reads one value. Without room for a piece, or after a failure, it continues: now there is memory
   again; or at the next line. */
static int read_stream(struct pyon_stream *stream, const char *text, size_t length, size_t size,
                       struct pyon_error *error)
{
    int status = PYON_STREAM_MORE;

    for (size_t at = 0; at < length && status == PYON_STREAM_MORE; at += size) {
        size = size < length - at ? size : length - at;
        if (!add_piece(stream, text + at, size)) {
            faults_stop();
            CHECK(add_piece(stream, text + at, size));
        }
        status = pyon_stream_next(stream, error);
    }
    return status;
}

/* Returns whether an allocation failed. Then that is the error, and the next value is read; else
   the value is read. */
static bool check_stream(const struct pyon_dialect *dialect, const char *text, size_t length,
                         size_t size, size_t payload, size_t at, bool all)
{
    struct pyon_builder builder = pyon_null_builder;
    struct pyon_error error = {.code = PYON_OK};
    struct pyon_stream *stream;
    bool failed;
    int status;

    if (payload > 0) {
        builder.payload_begin = begin_payload;
        builder.payload_end = end_payload;
    }
    faults_start(at, all);
    stream = pyon_stream_new(dialect, &builder, &payload, NULL);
    if (!stream) {
        CHECK(faults_stop());
        return true;
    }
    status = read_stream(stream, text, length, size, &error);
    failed = faults_stop();
    CHECK_WITH(text, status == PYON_STREAM_VALUE || (failed && error.code == PYON_ERROR_MEMORY));
    CHECK_WITH(text, error.offset <= length);
    if (status == PYON_STREAM_FAILED) {
        pyon_stream_skip_line(stream);
        CHECK_WITH(text, read_stream(stream, "\n[1]\n", 5, 1, &error) == PYON_STREAM_VALUE);
    }
    pyon_stream_free(stream);
    return failed;
}

static void check_streams(const struct pyon_dialect *dialect, const char *text, size_t payload)
{
    size_t length = strlen(text), live = faults_live();

    for (int i = 0; i < 4; i++) {
        size_t at = 0;

        while (check_stream(dialect, text, length, i < 2 ? 1 : 7, payload, at, i % 2)) {
            CHECK_WITH(text, faults_live() == live);
            at++;
        }
        CHECK_WITH(text, at > 1);
    }
    CHECK(faults_live() == live);
}

/* The text is `open`, `count` times `piece`, `close`. */
static void check_long_stream(const struct pyon_dialect *dialect, const char *open,
                              const char *piece, const char *close, size_t count, size_t payload)
{
    char *text = malloc(strlen(open) + count * strlen(piece) + strlen(close) + 1), *p;

    if (!text)
        abort();
    p = text_put(text, open);
    for (size_t i = 0; i < count; i++)
        p = text_put(p, piece);
    strcpy(p, close);
    check_streams(dialect, text, payload);
    free(text);
}

static void test_streams(void)
{
    check_long_stream(&pyon_v2, "[\"", "aaaa", "\"]", 3000, 0);
    check_long_stream(&pyon_v2, "[\"", "\\u00e9", "\"]", 2000, 0);
    check_long_stream(&pyon_v2, "[", "[", "1]]", 0, 0);
    check_long_stream(&pyon_v2, "", "{\"a\":{\"b\":\"\\n\"},\"c\":[1]}", " ", 1, 0);
    check_long_stream(&pyon_v1, "['a'", "'aaaa'", "]", 2000, 0);
    check_long_stream(&pyon_v1, "[slice", " ", "(1)]", 20, 0);
    check_long_stream(&pyon_v1, "[1", "0", ", 1_0]", 3000, 0);
    /* Blocks of the right size; and too large ones, for which the text comes back at the end. */
    check_long_stream(&pyon_v2, "{\"__jsonclass__\":[\"a\",[1,\"", "AAAA", "\"]]}", 1000, 3000);
    check_long_stream(&pyon_v2, "{\"__jsonclass__\":[\"a\",[1,\"", "AAAA", "\"]]}", 990, 3000);
    check_long_stream(&pyon_v1, "Fraction(1,b'", "AAAA", "')", 1000, 3000);
    check_long_stream(&pyon_v1, "Fraction(1,'", "AAAA", "-')", 990, 3000);
    check_long_stream(&pyon_v1, "Fraction(1,'", "AAAA", "''A')", 990, 2970);
}

/* ---- Writing ----------------------------------------------------------------------------- */

/* If an allocation failed, the text before it stays. */
static bool check_write(const struct pyon_dialect *dialect, const struct value *value, bool pretty,
                        const char *expected, size_t at, bool all)
{
    struct pyon_out out;
    struct pyon_writer writer;
    size_t length;
    int status;
    bool failed;

    pyon_out_init(&out);
    pyon_writer_init(&writer, &out, dialect, pretty);
    faults_start(at, all);
    status = write_value(&writer, value);
    failed = faults_stop();
    length = (size_t)(out.cur - out.start);
    CHECK(status == (failed ? -1 : 0));
    CHECK(out.code == (failed ? PYON_ERROR_MEMORY : PYON_OK));
    CHECK(failed ? length < strlen(expected) : length == strlen(expected));
    CHECK(length == 0 || memcmp(out.start, expected, length) == 0);
    CHECK(pyon_write_raw(&writer, "again", 5) == 0);
    CHECK(memcmp(out.cur - 5, "again", 5) == 0);
    pyon_out_free(&out);
    return failed;
}

static void check_layout(const struct pyon_dialect *dialect, const struct value *value, bool pretty)
{
    char *expected = value_text(value, dialect, pretty);
    size_t live = faults_live();

    if (!expected)
        abort();
    for (int all = 0; all < 2; all++) {
        size_t at = 0;

        while (check_write(dialect, value, pretty, expected, at, all)) {
            CHECK(faults_live() == live);
            at++;
        }
        CHECK(at > 0);
    }
    free(expected);
}

static void check_writing(const struct value *value)
{
    check_layout(&pyon_v1, value, false);
    check_layout(&pyon_v1, value, true);
    check_layout(&pyon_v2, value, false);
    check_layout(&pyon_v2, value, true);
}

/* Every kind of value, first in the output, and after a text that leaves hardly any room. */
static void test_writing_kinds(void)
{
    static char filler[600];
    const struct value *values[] = {
        NONE,
        BOOL(true),
        INT(INT64_MIN),
        REAL(1.5),
        CPLX(-1.5, 2.5),
        CPLX(0.0, 1),
        RAW("123456789012345678901234567890"),
        STR("a\n\xc3\xa9"),
        BYT("'\"\x01"),
        LIST(INT(1), LIST(INT(2), EMPTY(LIST))),
        TUPLE(NONE, TUPLE(NONE)),
        SET(INT(1), INT(2)),
        DICT(STR("a"), INT(1), STR("b"), DICT(STR("c"), NONE, STR("d"), NONE)),
        PAIRS(INT(1), INT(2), RAW("3"), RAW("4")),
        ORDERED(INT(1), INT(2), INT(3), INT(4)),
        CALLED("slice", NONE, INT(1), NONE),
        ARRAY("<i2", 3, 1),
        SCALAR("<i2"),
    };

    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        check_writing(values[i]);
        memset(filler, 'x', sizeof filler);
        for (size_t length = 512; length > 300; length--) {
            filler[length] = '\0';
            check_writing(LIST(RAW(filler), values[i]));
        }
    }
}

static void test_writing_long(void)
{
    static char text[20001];
    static uint16_t units[20000];
    static uint32_t code_points[20000];

    memset(text, '\x01', sizeof text - 1);
    check_writing(LIST(STR(text), BYT(text), TUPLE(STR(text), BYT(text))));
    check_writing(POINTS(text, 20000));
    check_writing(POINTS(units, 20000));
    check_writing(LIST(POINTS(code_points, 20000), POINTS(units, 1)));
}

/* ---- Writing in runs and parts ------------------------------------------------------------- */

/* A list of runs; a long string, bytes and an array in parts; and a dict with all kinds of keys.
   Stops at the first call that fails. */
static int write_runs(struct pyon_writer *writer)
{
    static const double reals[20] = {0.1, 1e300, -2.5};
    static const int64_t integers[20] = {INT64_MIN, -1, INT64_MAX};
    static const struct pyon_key keys[20] = {{"a", 1}, {"\xe9\n", 2}};

    if (pyon_write_begin(writer, PYON_CONTAINER_LIST, 42) < 0 ||
        pyon_write_reals(writer, reals, 20, PYON_CONTAINER_LIST, 42) < 0 ||
        pyon_write_integers(writer, integers, 20, PYON_CONTAINER_LIST, 42) < 0 ||
        pyon_write_begin(writer, PYON_CONTAINER_DICT, 21) < 0 ||
        pyon_write_real_pairs(writer, keys, reals, 20, PYON_CONTAINER_DICT, 21) < 0 ||
        pyon_write_key(writer, PYON_CONTAINER_DICT, "\xe9", 1, 1) < 0 ||
        pyon_write_null(writer) < 0 || pyon_write_pair_end(writer, PYON_CONTAINER_DICT) < 0 ||
        pyon_write_end(writer, PYON_CONTAINER_DICT, 21) < 0 ||
        pyon_write_next(writer, PYON_CONTAINER_LIST, 42) < 0 || pyon_write_null(writer) < 0)
        return -1;
    return pyon_write_end(writer, PYON_CONTAINER_LIST, 42);
}

static int write_parts(struct pyon_writer *writer)
{
    static uint16_t units[3000];
    static char data[20000];
    static const int64_t shape[] = {20000};
    struct pyon_part text = {0}, bytes = {0}, payload = {0};

    while (text.done < 3000)
        if (pyon_write_code_points_part(writer, units, 3000, 2, &text) < 0)
            return -1;
    while (bytes.done < sizeof data)
        if (pyon_write_bytes_part(writer, data, sizeof data, &bytes) < 0)
            return -1;
    if (!pyon_write_array_begin(writer, shape, 1, "|u1", 0))
        return -1;
    while (payload.done < sizeof data)
        if (pyon_write_base64_part(writer, data, sizeof data, &payload) < 0)
            return -1;
    return pyon_write_array_end(writer, 0);
}

/* A call that fails leaves the output with the text before it, and with room again. */
static void check_way(int (*write)(struct pyon_writer *), const struct pyon_dialect *dialect,
                      bool pretty)
{
    size_t at = 0;
    bool failed;

    do {
        struct pyon_out out;
        struct pyon_writer writer;
        int status;

        pyon_out_init(&out);
        pyon_writer_init(&writer, &out, dialect, pretty);
        faults_start(at++, false);
        status = write(&writer);
        failed = faults_stop();
        CHECK(status == (failed ? -1 : 0));
        CHECK(out.code == (failed ? PYON_ERROR_MEMORY : PYON_OK));
        CHECK(pyon_write_raw(&writer, "again", 5) == 0);
        pyon_out_free(&out);
        CHECK(faults_live() == 0);
    } while (failed);
    CHECK(at > 1);
}

static void test_writing_runs_and_parts(void)
{
    for (int pretty = 0; pretty < 2; pretty++) {
        check_way(write_runs, &pyon_v1, pretty);
        check_way(write_runs, &pyon_v2, pretty);
        check_way(write_parts, &pyon_v1, pretty);
        check_way(write_parts, &pyon_v2, pretty);
    }
}

/* ---- Trees ------------------------------------------------------------------------------- */

/* Reads a text into a tree and writes that, sorted. Did an allocation fail? */
static bool check_tree(const struct pyon_dialect *dialect, const char *text, size_t length,
                       size_t at, bool all)
{
    struct pyon_error error = {.code = PYON_OK};
    struct pyon_tree *tree;
    struct pyon_out out;
    struct pyon_writer writer;
    bool failed;
    int status = 0;

    pyon_out_init(&out);
    pyon_writer_init(&writer, &out, dialect, true);
    faults_start(at, all);
    tree = pyon_tree_parse(dialect, text, length, NULL, &error);
    if (tree)
        status = pyon_write_node(&writer, pyon_tree_root(tree), true, NULL, NULL);
    failed = faults_stop();
    CHECK_WITH(text, tree || failed);
    CHECK_WITH(text, error.code == (tree ? PYON_OK : PYON_ERROR_MEMORY));
    CHECK_WITH(text, status == (tree && failed ? -1 : 0));
    CHECK_WITH(text, out.code == (status < 0 ? PYON_ERROR_MEMORY : PYON_OK));
    pyon_out_free(&out);
    pyon_tree_free(tree);
    return failed;
}

static void check_trees(const struct pyon_dialect *dialect, const char *open, const char *piece,
                        const char *close, size_t count)
{
    size_t length = strlen(open) + count * strlen(piece) + strlen(close), live = faults_live();
    char *text = malloc(length + 1), *p;

    if (!text)
        abort();
    p = text_put(text, open);
    for (size_t i = 0; i < count; i++)
        p = text_put(p, piece);
    strcpy(p, close);
    for (int all = 0; all < 2; all++) {
        size_t at = 0;

        while (check_tree(dialect, text, length, at, all)) {
            CHECK_WITH(text, faults_live() == live + 1);
            at++;
        }
        CHECK_WITH(text, at > 2);
    }
    free(text);
}

/* A tree of a stream, of which a payload comes in pieces; then the builder is used again. */
static bool check_tree_stream(const char *text, size_t length, size_t at)
{
    struct pyon_error error = {.code = PYON_OK};
    struct pyon_tree_builder *builder;
    struct pyon_stream *stream = NULL;
    struct pyon_tree *tree = NULL;
    bool failed;

    faults_start(at, false);
    builder = pyon_tree_builder_new();
    if (builder)
        stream = pyon_stream_new(&pyon_v2, &pyon_tree_events, builder, NULL);
    if (stream && read_stream(stream, text, length, 7, &error) == PYON_STREAM_VALUE)
        tree = pyon_tree_builder_take(builder);
    failed = faults_stop();
    CHECK(tree || failed);
    pyon_tree_free(tree);
    pyon_stream_free(stream);
    if (builder) {
        pyon_tree_builder_reset(builder);
        CHECK(pyon_parse(&pyon_v1, "[1]", 3, &pyon_tree_events, builder, NULL, &error) == 0);
        tree = pyon_tree_builder_take(builder);
        CHECK(tree && pyon_node_size(pyon_tree_root(tree)) == 1);
        pyon_tree_free(tree);
    }
    pyon_tree_builder_free(builder);
    return failed;
}

static void test_trees(void)
{
    static const char array[] =
        "{\"__jsonclass__\":[\"nparray\",[[12],\"|u1\",\"AAAAAAAAAAAAAAAA\"]]}";
    size_t at = 0;

    check_trees(&pyon_v2, "[", "[1,2.5,\"a\",null],", "[]]", 300);
    check_trees(&pyon_v2, "{\"b\":1,\"a\":[", "{\"__jsonclass__\":[\"dict\",[[[1,2],[3,4]]]]},",
                "0]}", 100);
    check_trees(&pyon_v2, "[", "{\"__jsonclass__\":[\"n\\u0061me\",[1,2]]},", "0]", 200);
    check_trees(&pyon_v2, "[", array, "]", 1);
    check_trees(&pyon_v2, "[", "{\"__jsonclass__\":[\"bytes\",[\"QUJD\"]],\"a\":0},", "0]", 100);
    check_trees(&pyon_v1, "[", "name(1, b=2), Fraction(2**70, 4), 9**99,", "0]", 60);
    check_trees(&pyon_v1, "[", "OrderedDict([(1, 2)], a=3), nparray((1,), '|u1', b'AA=='),", "0]",
                50);
    check_trees(&pyon_v1, "[", "{'b': 1, 'a': slice(1, 'x')},", "{1, 2}]", 100);
    while (check_tree_stream(array, sizeof array - 1, at)) {
        CHECK(faults_live() == 0);
        at++;
    }
    CHECK(at > 3);
}

/* ---- Taking the text --------------------------------------------------------------------- */

/* The NUL at its end needs room. A block that does not shrink is no failure. */
static void test_detach(void)
{
    char text[512];
    struct pyon_out out;
    struct pyon_writer writer;
    size_t length = 0;
    char *detached;

    memset(text, 'x', sizeof text);
    pyon_out_init(&out);
    pyon_writer_init(&writer, &out, &pyon_v2, false);
    CHECK(pyon_write_raw(&writer, text, sizeof text) == 0);
    faults_start(0, true);
    CHECK(!pyon_out_detach(&out, &length));
    CHECK(faults_stop() && out.code == PYON_ERROR_MEMORY);
    CHECK(out.cur == out.start + sizeof text);

    faults_start(1, true);
    detached = pyon_out_detach(&out, &length);
    CHECK(faults_stop());
    CHECK(detached && length == sizeof text && memcmp(detached, text, length) == 0);
    CHECK(!out.start && faults_live() == 1);
    free(detached);

    faults_start(0, true);
    CHECK(!pyon_out_detach(&out, &length)); /* of an empty output */
    CHECK(faults_stop());
    pyon_out_free(&out);
    CHECK(faults_live() == 0);
}

int main(void)
{
    test_reading_v2();
    test_reading_v1();
    test_streams();
    test_writing_kinds();
    test_writing_long();
    test_writing_runs_and_parts();
    test_trees();
    test_detach();
    CHECK(faults_live() == 0);
    return faults_paths() | check_report();
}
