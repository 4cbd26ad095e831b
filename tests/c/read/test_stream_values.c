/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The parts that only a stream has: several values, limits of size, lines, errors after which it
 * continues, and a buffer that moves. In expected transcripts "|" stands for a line end.
 */
#include "../support/check.h"
#include "../support/pieces.h"

#include <stdlib.h>
#include <string.h>

static const size_t sizes[] = {PIECES_WHOLE, 1, 2, 3, 5, 7, PIECES_ANY, PIECES_ANY};

#define SIZES (sizeof sizes / sizeof *sizes)

/* In pieces of all sizes, moved or not, the text reads as `expected`. */
static void check_read(struct pieces pieces, const char *text, size_t length, const char *expected)
{
    struct pieces_result result;

    for (size_t i = 0; i < 2 * SIZES; i++) {
        char *got;

        pieces.size = sizes[i / 2];
        pieces.moves = i % 2;
        got = pieces_read(&pieces, text, length, &result);
        for (char *p = got; *p; p++)
            *p = *p == '\n' ? '|' : *p;
        if (!CHECK_WITH(text, strcmp(got, expected) == 0))
            fprintf(stderr, "in pieces of %zu: %s\nnot: %s\n", pieces.size, got, expected);
        free(got);
    }
}

static void check_v1(const char *text, const char *expected)
{
    check_read((struct pieces){.dialect = &pyon_v1}, text, strlen(text), expected);
}

static void check_v2(const char *text, const char *expected)
{
    check_read((struct pieces){.dialect = &pyon_v2}, text, strlen(text), expected);
}

/* A byte order mark is skipped at the start only, in pieces of every size. */
static void test_mark(void)
{
    check_v1("\xef\xbb\xbf[1] 2", "integer 1|list 1|value|integer 2|value|");
    check_v2("\xef\xbb\xbf[1] 2", "integer 1|list 1|value|integer 2|value|");
    check_v1("\xef\xbb\xbf", "");
    check_v2("\xef\xbb\xbf", "");
    check_v1("\xef\xbb", "error CHARACTER 0 1|");
    check_v2("\xef\xbb", "error VALUE 0 1|");
}

/* ---- Several values ---------------------------------------------------------------------- */

static void test_v2(void)
{
    check_v2("1 2", "integer 1|value|integer 2|value|");
    check_v2("[1][2]", "integer 1|list 1|value|integer 2|list 1|value|");
    check_v2("\"a\"\"b\"", "string \"a\"|value|string \"b\"|value|");
    check_v2("1\r\n2\r\n", "integer 1|value|integer 2|value|");
    check_v2("nulltrue", "null|value|boolean true|value|");
    check_v2("01", "integer 0|value|integer 1|value|");
    check_v2("-1-Infinity", "integer -1|value|real -inf|value|");
    check_v2("{}{\"a\":1}", "dict 0|value|string \"a\"|integer 1|dict 1|value|");
    check_v2("1,2", "integer 1|value|"
                    "error VALUE 1 1|");
    check_v2("1.5e3 1.e", "real 1500.0|value|error TRUNCATED 9 0|");
    check_v2(" \t\r\n", "");
    check_v2("", "");
    check_v2("[1", "error TRUNCATED 2 0|");
    check_v2("[1, nul", "integer 1|error TRUNCATED 7 0|");
    check_v2("-Infinit", "error TRUNCATED 8 0|");
    check_v2("-", "error TRUNCATED 1 0|");
    /* No text after it makes a value of this. */
    check_v2("@", "error VALUE 0 1|");
    check_v2("[1, x", "integer 1|error VALUE 4 1|");
    check_v2("nult", "error VALUE 0 1|");
    check_v2("1 +", "integer 1|value|error VALUE 2 1|");
}

static void test_v1(void)
{
    check_v1("1 2", "integer 1|value|integer 2|value|");
    check_v1("1+2j", "complex 1.0 2.0|value|");
    check_v1("(1+2j)", "complex 1.0 2.0|value|");
    check_v1("1 + 2j 3", "complex 1.0 2.0|value|integer 3|value|");
    check_v1("(1)+2j", "integer 1|value|complex 0.0 2.0|value|");
    check_v1("-(1)-(2)", "integer -1|value|integer -2|value|");
    check_v1("\"a\"\"b\"", "string \"a\"|value|string \"b\"|value|");
    check_v1("''", "string \"\"|value|");
    check_v1("'' ''", "string \"\"|value|string \"\"|value|");
    check_v1("''''''", "string \"\"|value|");
    check_v1("nan", "real nan|value|");
    check_v1("nan inf", "real nan|value|real inf|value|");
    check_v1("null nullx", "null|value|error NAME 5 5|");
    check_v1("Fraction(1,2)", "call_begin \"Fraction\"|integer 1|integer 2|call_end 2 0|value|");
    check_v1("answer 1", "name \"answer\"|value|integer 1|value|");
    check_v1("answer[1]", "name \"answer\"|value|integer 1|list 1|value|");
    check_v1("Custom # (\n", "error NAME 0 6|");
    check_v1("1, 2", "integer 1|value|error EXPRESSION 1 1|");
    check_v1("1 # 2\n3#4", "integer 1|value|integer 3|value|");
    check_v1("1\r\n2\r3", "integer 1|value|integer 2|value|integer 3|value|");
    check_v1("[1,\r\n2]#\r[3]", "integer 1|integer 2|list 2|value|integer 3|list 1|value|");
    check_v1("1 \\\n+2j", "complex 1.0 2.0|value|");
    check_v1("1 \\\r\n 2", "integer 1|value|integer 2|value|");
    check_v1("Custom \\\n ()", "call_begin \"Custom\"|call_end 0 0|value|");
    check_v1("# nothing", "");
}

/* A cut token must not hold back, drop, or change other tokens. */
static void test_cut(void)
{
    check_v1("1 'abc", "integer 1|value|error TRUNCATED 6 0|");
    check_v1("answer 'abc", "name \"answer\"|value|error TRUNCATED 11 0|");
    check_v1("['ab''cdefgh''ij']", "string \"abcdefghij\"|list 1|value|");
    check_v1("[b'ab' b'cdefgh']", "bytes 6162636465666768|list 1|value|");
    check_v1("Custom(x2 =1, y=2, z3= 3)",
             "call_begin \"Custom\"|keyword \"x2\"|integer 1|keyword \"y\"|integer 2|"
             "keyword \"z3\"|integer 3|call_end 0 3|value|");
    check_v1("Custom(nan # =\n =1)",
             "call_begin \"Custom\"|keyword \"nan\"|integer 1|call_end 0 1|value|");
    check_v1("Custom(x==1)", "call_begin \"Custom\"|error NAME 7 1|");
    check_v1("[0001234567.5, 00012j, 0001e+5, 0001.e+5, 0_0_1.5]",
             "real 1234567.5|complex 0.0 12.0|real 100000.0|real 100000.0|real 1.5|list 5|value|");
    check_v1("{1:=2}", "integer 1|error EXPRESSION 2 2|");
    check_v1("[b'a' b", "error TRUNCATED 7 0|");
    check_v2("{\"__jsonclass__\":[\"a\",[]]}", "call_begin \"a\"|call_end 0 0|value|");
    check_v2("{  \"__jsonclass__\"\n:\n[ \"a\" , [ ] ] }", "call_begin \"a\"|call_end 0 0|value|");
    check_v2("{\"__jsonclas\":1}", "string \"__jsonclas\"|integer 1|dict 1|value|");
}

/* "=" is searched only up to a limit. A name is one wherever the pieces end. */
static void test_lookahead(void)
{
    char text[400], expected[100];

    for (int blanks = 250; blanks < 260; blanks++) {
        bool near = blanks < 256;

        snprintf(text, sizeof text, "Custom(x%*s=1)", blanks, "");
        if (near)
            check_v1(text, "call_begin \"Custom\"|keyword \"x\"|integer 1|call_end 0 1|value|");
        snprintf(text, sizeof text, "[x%*s=1]", blanks, "");
        snprintf(expected, sizeof expected, "error EXPRESSION %d %d|", near ? 1 : blanks + 2,
                 near ? blanks + 2 : 1);
        check_v1(text, expected);
    }
}

/* The place of a NUL is that of the NUL, as in pyon_parse. */
static void test_nul(void)
{
    check_read((struct pieces){.dialect = &pyon_v1}, "1 'a\0b'", 7,
               "integer 1|value|error NUL 4 1|");
    check_read((struct pieces){.dialect = &pyon_v1}, "[1 # \0", 6, "integer 1|error NUL 5 0|");
}

/* ---- Limits ------------------------------------------------------------------------------ */

static void check_limit(const struct pyon_dialect *dialect, const char *text, size_t limit,
                        const char *expected)
{
    struct pyon_options options = {.max_bytes = limit};

    check_read((struct pieces){.dialect = dialect, .options = &options}, text, strlen(text),
               expected);
}

static void test_size(void)
{
    check_limit(&pyon_v2, "123 [1] 456", 3,
                "integer 123|value|integer 1|list 1|value|integer 456|value|");
    check_limit(&pyon_v2, "  1234", 3, "error SIZE 5 0|");
    check_limit(&pyon_v2, "12 \"ab\"", 3, "integer 12|value|error SIZE 6 0|");
    check_limit(&pyon_v2, "123e? ", 3, "integer 123|value|error VALUE 3 1|");
    check_limit(&pyon_v1, "12    34 ", 2, "integer 12|value|integer 34|value|");
    check_limit(&pyon_v1, "12 # comment\n'' ", 2, "integer 12|value|string \"\"|value|");
    check_limit(&pyon_v1, "123 ", 2, "error SIZE 2 0|");
    check_limit(&pyon_v1, "answer    ", 6, "name \"answer\"|value|");
    check_limit(&pyon_v1, "1 + 2j", 5, "error SIZE 5 0|");
    check_limit(&pyon_v1, "1 + 2j", 6, "complex 1.0 2.0|value|");
    check_limit(&pyon_v1, "# comment\n(1)", 3, "integer 1|value|");
}

/* Letters after a number do not count to its size, in whatever piece they come. */
static void test_size_of_number(void)
{
    static const char letters[] = "gggggggggggggggggggggggggggggg";
    char text[200], expected[200];

    for (int digits = 60; digits <= 90; digits++) {
        size_t limit = (size_t)digits + 4;

        snprintf(text, sizeof text, "%0*d%s", digits, 0, letters);
        text[0] = '1';
        snprintf(expected, sizeof expected, "bigint 10 %.*s|value|error VALUE %d 1|", digits, text,
                 digits);
        check_limit(&pyon_v2, text, limit, expected);
        snprintf(expected, sizeof expected, "error SIZE %d 0|", digits - 1);
        check_limit(&pyon_v2, text, (size_t)digits - 1, expected);
    }
}

/* A limit is noticed as soon as it is passed. */
static void test_size_early(void)
{
    struct pyon_options options = {.max_bytes = 10};
    struct pieces pieces = {.dialect = &pyon_v1, .options = &options, .size = 1};
    struct pieces_result result;
    static const char *const texts[] = {"['aaaaaaaaaaaaaaaaaaaa", "[aaaaaaaaaaaaaaaaaa",
                                        "[1,2,3,4,5,6,7,8,9,10,", "[                     ",
                                        "[1 # aaaaaaaaaaaaaaaaa", "'''aaaaaaaaaaaaaaaaaaa",
                                        "[[[[[[[[[[[[[[[[[[[[[[", "[0x111111111111111111"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        free(pieces_read(&pieces, texts[i], strlen(texts[i]), &result));
        CHECK_WITH(texts[i], result.error.code == PYON_ERROR_SIZE && result.error.offset == 10);
        CHECK_WITH(texts[i], result.received == 11);
    }
}

static void test_depth(void)
{
    struct pyon_options options = {.max_depth = 2};
    struct pieces pieces = {.dialect = &pyon_v2, .options = &options};

    check_read(pieces, "[[]] [[[]]]", 11, "list 0|list 1|value|error DEPTH 7 1|");
}

/* ---- Lines and failures ------------------------------------------------------------------ */

static void check_recovery(const struct pyon_dialect *dialect, bool lines, size_t limit,
                           const char *text, const char *expected)
{
    struct pyon_options options = {.lines = lines, .max_bytes = limit};

    check_read((struct pieces){.dialect = dialect, .options = &options, .recovers = true}, text,
               strlen(text), expected);
}

static void test_recovery(void)
{
    check_recovery(&pyon_v2, false, 0, "[1 2]\n3", "integer 1|error COMMA 3 1|integer 3|value|");
    check_recovery(&pyon_v2, false, 0, "\"\\q\" 1\n\n3", "error ESCAPE 1 0|integer 3|value|");
    check_recovery(&pyon_v2, false, 0, "]1\n[", "error VALUE 0 1|error TRUNCATED 4 0|");
    check_recovery(&pyon_v2, false, 0, "]", "error VALUE 0 1|");
    check_recovery(&pyon_v1, false, 0, "1+\n2\n",
                   "integer 1|error EXPRESSION 2 1|integer 2|value|");
    check_recovery(
        &pyon_v1, false, 0, "'''\n\\x\n'''\n1",
        "error HEX_ESCAPE 4 0|error CHARACTER 4 1|error TRUNCATED 12 0|integer 1|value|");
    check_recovery(&pyon_v1, false, 2, "1 \\\n\\\n\\\n +\n2", "error SIZE 2 0|integer 2|value|");
    /* After the first byte beyond the limit, not after the bytes that have been read. */
    check_recovery(&pyon_v2, false, 4, "[1,\n2,3]\n4", "integer 1|error SIZE 4 0|integer 4|value|");
}

static void test_lines(void)
{
    check_recovery(&pyon_v2, true, 0, "[1,\n2]\n3\n",
                   "integer 1|error LINE 3 0|integer 2|value|error VALUE 5 1|integer 3|value|");
    check_recovery(&pyon_v2, true, 0, "1 2\n\n[\r\n3",
                   "integer 1|value|integer 2|value|"
                   "error LINE 7 0|integer 3|value|");
    check_recovery(&pyon_v2, true, 0, "\"ab\n1", "error STRING 0 3|integer 1|value|");
    check_recovery(&pyon_v1, true, 0, "'ab\n1 #\n''\n",
                   "error STRING 0 3|integer 1|value|string \"\"|value|");
    check_recovery(&pyon_v1, true, 0, "1+\n2", "error LINE 2 0|integer 2|value|");
    check_recovery(&pyon_v1, true, 0, "nul\n'''a\n1",
                   "error NAME 0 3|error STRING 4 4|integer 1|value|");
}

/* ---- The buffer -------------------------------------------------------------------------- */

static struct pyon_stream *new_stream(const struct pyon_dialect *dialect)
{
    struct pyon_stream *stream = pyon_stream_new(dialect, &pyon_null_builder, NULL, NULL);

    if (!stream)
        abort();
    return stream;
}

static void add(struct pyon_stream *stream, const char *text, size_t space)
{
    pieces_add(stream, text, strlen(text), space);
}

static void test_space(void)
{
    struct pyon_stream *stream = new_stream(&pyon_v2);
    struct pyon_error error;
    size_t depth;

    CHECK(pyon_stream_next(stream, &error) == PYON_STREAM_MORE);
    CHECK(pyon_stream_offset(stream) == 0 && pyon_stream_value_size(stream) == 0);
    CHECK(strcmp(pyon_stream_container(stream, &depth), "a value") == 0 && depth == 0);
    CHECK(!pyon_stream_space(stream, SIZE_MAX));
    CHECK(!pyon_stream_space(stream, SIZE_MAX / 2));
    CHECK(pyon_stream_space(stream, 0) != NULL);
    pyon_stream_add(stream, 0);
    CHECK(pyon_stream_next(stream, &error) == PYON_STREAM_MORE);
    add(stream, "[1", 1000000);
    CHECK(pyon_stream_next(stream, &error) == PYON_STREAM_MORE);
    CHECK(strcmp(pyon_stream_container(stream, &depth), "a list") == 0 && depth == 1);
    CHECK(!pyon_stream_space(stream, SIZE_MAX));
    CHECK(pyon_stream_next(stream, &error) == PYON_STREAM_MORE);
    CHECK(pyon_stream_next(stream, &error) == PYON_STREAM_MORE);
    CHECK(pyon_stream_value_size(stream) == 2);
    CHECK(pyon_stream_space(stream, 0) != NULL);
    add(stream, "23, 4", 5);
    add(stream, "]", 3000000);
    CHECK(pyon_stream_next(stream, &error) == PYON_STREAM_VALUE);
    CHECK(pyon_stream_next(stream, &error) == PYON_STREAM_MORE);
    CHECK(pyon_stream_offset(stream) == 8);
    pyon_stream_skip_line(stream); /* nothing has failed: nothing is skipped */
    add(stream, "[", 1);
    pyon_stream_end(stream);
    CHECK(pyon_stream_next(stream, &error) == PYON_STREAM_FAILED);
    CHECK(error.code == PYON_ERROR_TRUNCATED && error.offset == 9);
    pyon_stream_skip_line(stream);
    CHECK(pyon_stream_next(stream, &error) == PYON_STREAM_MORE);
    pyon_stream_free(stream);
    pyon_stream_free(NULL);
}

static void test_end_of_nothing(void)
{
    struct pyon_stream *stream = new_stream(&pyon_v1);
    struct pyon_error error;

    pyon_stream_end(stream);
    CHECK(pyon_stream_next(stream, &error) == PYON_STREAM_MORE);
    pyon_stream_free(stream);
}

/* Text that comes between a failure and skip_line changes nothing: reading continues after the line
   end of the failure. */
static void test_text_behind_failure(void)
{
    struct pyon_stream *stream = new_stream(&pyon_v1);
    struct pyon_error error;

    add(stream, "1+\n", 3);
    CHECK(pyon_stream_next(stream, &error) == PYON_STREAM_FAILED && error.offset == 2);
    add(stream, "[2]\n", 100000);
    CHECK(pyon_stream_next(stream, &error) == PYON_STREAM_FAILED && error.offset == 2);
    pyon_stream_skip_line(stream);
    CHECK(pyon_stream_next(stream, &error) == PYON_STREAM_VALUE);
    CHECK(pyon_stream_next(stream, &error) == PYON_STREAM_MORE);
    pyon_stream_free(stream);
}

/* After other values, errors are at the places of pyon_parse, plus the size of those values. */
static void check_shift(const struct pyon_dialect *dialect, size_t before, const char *wrong)
{
    size_t length = before + strlen(wrong);
    struct pieces pieces = {.dialect = dialect};
    struct pieces_result result;
    struct pyon_error error;
    char *text = malloc(length + 1);

    if (!text)
        abort();
    memset(text, ' ', before);
    for (size_t i = 0; i + 70000 <= before; i += 70000) {
        memset(text + i, 'a', 69999);
        text[i] = text[i + 69998] = '"';
    }
    strcpy(text + before, wrong);
    CHECK(pyon_parse(dialect, wrong, strlen(wrong), &pyon_null_builder, NULL, NULL, &error) < 0);
    /* Of one byte each: if there is time. */
    for (size_t i = check_short() ? 1 : 0; i < 4; i++) {
        pieces.size = (const size_t[]){1, 4095, 65537, PIECES_WHOLE}[i];
        free(pieces_read(&pieces, text, length, &result));
        CHECK_WITH(wrong, result.values == before / 70000 && result.failures == 1);
        CHECK_WITH(wrong, result.error.code == error.code);
        CHECK_WITH(wrong, result.error.offset == before + error.offset);
    }
    free(text);
}

static void test_offsets(void)
{
    static const char *const wrong_v2[] = {"[1,2,]",    "{\"a\":1,}", "[\"a\\q\"]", "[nul1 ]",
                                           "{\"a\" 1}", "[\"a\n\"]",  "[\"\xff\"]"};
    static const char *const wrong_v1[] = {"[1 2]",   "[1,'a\\x'] ",    "{1:2,3}",
                                           "[1 < 1]", "[x ]",           "[1_]",
                                           "(1]",     "Custom(a=1, 2)", "[lambda ]"};

    for (size_t i = 0; i < sizeof wrong_v2 / sizeof *wrong_v2; i++)
        for (size_t before = 0; before < 300000; before += 90001)
            check_shift(&pyon_v2, before, wrong_v2[i]);
    for (size_t i = 0; i < sizeof wrong_v1 / sizeof *wrong_v1; i++)
        for (size_t before = 0; before < 300000; before += 90001)
            check_shift(&pyon_v1, before, wrong_v1[i]);
}

/* A reader that takes one value for each two bytes that it adds. Making room must not move all the
   rest each time: that would be 200 GB. */
static void test_backlog(void)
{
    struct pyon_stream *stream = new_stream(&pyon_v2);
    struct pyon_error error;
    size_t size = 1 << 21;
    char *space = pyon_stream_space(stream, size), *next;
    size_t moves = 0;

    memset(space, '1', size);
    for (size_t i = 1; i < size; i += 2)
        space[i] = ' ';
    pyon_stream_add(stream, size);
    next = space + size;
    for (size_t i = 0; i < 100000; i++) {
        CHECK(pyon_stream_next(stream, &error) == PYON_STREAM_VALUE);
        space = pyon_stream_space(stream, 2);
        moves += space != next;
        add(stream, "2 ", 2);
        next = space + 2;
    }
    CHECK(moves <= 4);
    pyon_stream_free(stream);
}

/* Lost text joins neither the text before it nor the text after it; the next line is read. */
static void test_lost(void)
{
    struct pyon_stream *stream = new_stream(&pyon_v2);
    struct pyon_error error;

    for (int round = 0; round < 2; round++) { /* at first, there is no buffer */
        pyon_stream_lose(stream, 100);
        CHECK(pyon_stream_next(stream, &error) ==
              (round == 0 ? PYON_STREAM_MORE : PYON_STREAM_FAILED));
        pyon_stream_skip_line(stream);
        add(stream, "1\n[2] ", 6);
        CHECK(pyon_stream_next(stream, &error) == PYON_STREAM_VALUE);
        CHECK(pyon_stream_next(stream, &error) == PYON_STREAM_MORE);
        CHECK(pyon_stream_offset(stream) == 100 + 6 + (size_t)round * 110);
        add(stream, "[[3]", 4);
        CHECK(pyon_stream_next(stream, &error) == PYON_STREAM_MORE);
    }
    pyon_stream_lose(stream, 5);
    CHECK(pyon_stream_next(stream, &error) == PYON_STREAM_FAILED);
    CHECK(error.code == PYON_ERROR_MEMORY && error.offset == 220);
    pyon_stream_free(stream);
    stream = new_stream(&pyon_v2);
    pyon_stream_lose(stream, 1);
    pyon_stream_skip_line(stream);
    add(stream, "\n\xef\xbb\xbf[2] ", 8); /* a mark that is not at the start */
    CHECK(pyon_stream_next(stream, &error) == PYON_STREAM_FAILED);
    CHECK(error.code == PYON_ERROR_VALUE && error.offset == 2);
    pyon_stream_free(stream);
}

int main(void)
{
    test_mark();
    test_v2();
    test_v1();
    test_cut();
    test_lookahead();
    test_nul();
    test_size();
    test_size_of_number();
    test_size_early();
    test_depth();
    test_recovery();
    test_lines();
    test_space();
    test_end_of_nothing();
    test_text_behind_failure();
    test_offsets();
    test_backlog();
    test_lost();
    return check_report();
}
