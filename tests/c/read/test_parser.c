/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Tests of the parser that cases in files cannot show: options; builders without the functions that
 * may be missing; depth near the places where frames grow; long strings and numbers; and the texts
 * and places of errors.
 */
#include "../support/check.h"
#include "../support/edge.h"
#include "../support/exact.h"
#include "../support/text.h"
#include "../support/transcript.h"
#include "pyon_host.h"

/* ---- Parsing ----------------------------------------------------------------------------- */

/* The error code of a text; nothing is built from it. */
static enum pyon_error_code check_text(const struct pyon_dialect *dialect, const char *text,
                                       size_t length, const struct pyon_options *options)
{
    struct pyon_error error = {.code = PYON_OK};
    char *copy = exact_text(text, length);
    int status = pyon_parse(dialect, copy, length, &pyon_null_builder, NULL, options, &error);

    CHECK_WITH(text, (status < 0) == (error.code != PYON_OK));
    free(copy);
    return error.code;
}

static enum pyon_error_code code_of(const struct pyon_dialect *dialect, const char *text)
{
    return check_text(dialect, text, strlen(text), NULL);
}

/* The text: `count` times `open`, `inner`, `count` times `close`. New. */
static char *nest(const char *open, const char *inner, const char *close, size_t count)
{
    size_t size = count * (strlen(open) + strlen(close)) + strlen(inner) + 1;
    char *text = exact_room(size), *p = text;

    for (size_t i = 0; i < count; i++)
        p = text_put(p, open);
    p = text_put(p, inner);
    for (size_t i = 0; i < count; i++)
        p = text_put(p, close);
    return text;
}

/* ---- Depth ------------------------------------------------------------------------------- */

struct bracket {
    const struct pyon_dialect *dialect;
    const char *open, *close;
};

static const struct bracket brackets[] = {
    {&pyon_v2, "[", "]"},
    {&pyon_v2, "{\"\":", "}"},
    {&pyon_v2, "{\"__jsonclass__\":[\"a\",[", "]]}"},
    {&pyon_v2, "{\"__jsonclass__\":[\"a\",[", "]] }"},
    {&pyon_v2, "{\"__jsonclass__\":[\"a\",[", "]],\"\":null}"},
    {&pyon_v1, "[", "]"},
    {&pyon_v1, "(", ")"},
    {&pyon_v1, "(", ",)"},
    {&pyon_v1, "{", "}"},
    {&pyon_v1, "{null:", "}"},
    {&pyon_v1, "slice(", ")"},
    {&pyon_v1, "slice(a=", ")"},
    {&pyon_v1, "[1<1,", "]"}, /* nothing is built any more */
};
#define BRACKETS (sizeof brackets / sizeof *brackets)

static enum pyon_error_code code_at_depth(const struct bracket *bracket, size_t depth, size_t most)
{
    struct pyon_options options = {.max_depth = most};
    char *text = nest(bracket->open, "null", bracket->close, depth);
    enum pyon_error_code code = check_text(bracket->dialect, text, strlen(text), &options);

    free(text);
    return code == PYON_ERROR_ARITHMETIC ? PYON_OK : code;
}

/* As deep as allowed and no deeper, also where the frames just fit and where they must grow. */
static void test_depth(void)
{
    static const size_t depths[] = {1, 2, 5, 30, 31, 32, 33, 62, 63, 64, 65, 127, 128, 129, 1000};

    for (size_t i = 0; i < BRACKETS; i++)
        for (size_t j = 0; j < sizeof depths / sizeof *depths; j++) {
            size_t depth = depths[j];

            CHECK_WITH(brackets[i].open, code_at_depth(&brackets[i], depth, depth) == PYON_OK);
            CHECK_WITH(brackets[i].open,
                       code_at_depth(&brackets[i], depth + 1, depth) == PYON_ERROR_DEPTH);
        }
}

static void test_default_depth(void)
{
    for (size_t i = 0; i < BRACKETS; i++) {
        size_t most = brackets[i].dialect == &pyon_v1 ? 200 : 10000;

        CHECK_WITH(brackets[i].open, code_at_depth(&brackets[i], most, 0) == PYON_OK);
        CHECK_WITH(brackets[i].open, code_at_depth(&brackets[i], most + 1, 0) == PYON_ERROR_DEPTH);
    }
    CHECK(code_at_depth(&brackets[0], 200000, SIZE_MAX) == PYON_OK);
}

/* A call that turns out to be none may go one deeper. Its list counts then. */
static void test_depth_of_undo(void)
{
    const char *text = "{\"__jsonclass__\":[\"a\",[1],2]}";
    struct pyon_options options = {.max_depth = 1};

    CHECK(check_text(&pyon_v2, text, strlen(text), &options) == PYON_ERROR_DEPTH);
    options.max_depth = 2;
    CHECK(check_text(&pyon_v2, text, strlen(text), &options) == PYON_OK);
}

/* ---- Builders ---------------------------------------------------------------------------- */

/* The null builder has none of the functions that may be missing. */
static void test_missing_functions(void)
{
    CHECK(code_of(&pyon_v1, "answer") == PYON_ERROR_NAME);
    CHECK(code_of(&pyon_v1, "[answer]") == PYON_ERROR_NAME);
    CHECK(code_of(&pyon_v1, "Custom(1)") == PYON_ERROR_NAME);
    CHECK(code_of(&pyon_v1, "slice(1)") == PYON_OK);
    CHECK(code_of(&pyon_v1, "'\\N{DIGIT ONE}'") == PYON_ERROR_NAME_ESCAPE);
    /* Then every value may have every attribute. */
    CHECK(code_of(&pyon_v1, "'a'.upper") == PYON_ERROR_ACCESS);
    CHECK(code_of(&pyon_v1, "null[0]") == PYON_ERROR_ACCESS);
}

/* The null builder ignores flags, but has all functions that it must have. */
static void test_null_builder(void)
{
    CHECK(code_of(&pyon_v1, "[null, true, 1, 18446744073709551616, 1.5, 2j, 'a', b'a', (), {1}, "
                            "{1: 2}, slice(1, a=2)]") == PYON_OK);
    CHECK(code_of(&pyon_v2, "[{\"__jsonclass__\":1},{\"__jsonclass__\":[\"a\",[1],2]}]") ==
          PYON_OK);
}

/* Without arithmetic() there are signs and complex numbers; nothing else is computed. */
static void test_no_arithmetic(void)
{
    static const char *const values[] = {"-1",      "-(-1)", "+(1.5)", "1+2j",
                                         "(-1)-2j", "-true", "1-0j"};
    static const char *const refused[] = {"1+1",    "2*3",   "~1",     "-2**2",
                                          "1+2j*3", "1+-2j", "[(1+1)]"};
    struct pyon_builder builder = pyon_null_builder;
    struct pyon_error error;

    builder.arithmetic = NULL;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        CHECK_WITH(values[i], pyon_parse(&pyon_v1, values[i], strlen(values[i]), &builder, NULL,
                                         NULL, &error) == 0);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        CHECK_WITH(refused[i], pyon_parse(&pyon_v1, refused[i], strlen(refused[i]), &builder, NULL,
                                          NULL, &error) < 0);
        CHECK_WITH(refused[i], error.code == PYON_ERROR_ARITHMETIC);
    }
}

/* A success leaves the error alone. */
static void test_error_of_success(void)
{
    struct pyon_error error = {
        .code = PYON_ERROR_NAME, .offset = 7, .length = 8, .message = "kept"};

    CHECK(pyon_parse(&pyon_v2, "1", 1, &pyon_null_builder, NULL, NULL, &error) == 0);
    CHECK(error.code == PYON_ERROR_NAME && error.offset == 7 && error.length == 8);
    CHECK(strcmp(error.message, "kept") == 0);
}

/* ---- Long -------------------------------------------------------------------------------- */

/* Parses the text, and compares the transcript with prefix, `count` times middle, suffix. */
static void check_long(const struct pyon_dialect *dialect, const char *text, const char *prefix,
                       const char *middle, const char *suffix, size_t count)
{
    static const struct pyon_builder *const builders[] = {&transcript_builder,
                                                          &transcript_wide_builder};
    char *inner = nest(middle, suffix, "", count), *expected = nest(prefix, inner, "", 1);

    for (int i = 0; i < 2; i++) {
        struct transcript transcript;
        struct pyon_error error;
        char *got;

        transcript_init(&transcript);
        transcript.builder = builders[i];
        CHECK(transcript_parse(&transcript, dialect, text, strlen(text), &error) == 0);
        got = transcript_text(&transcript);
        CHECK_WITH(prefix, strcmp(got, expected) == 0);
        free(got);
    }
    free(inner);
    free(expected);
}

/* The text is `open`, `count` times `piece`, `close`. */
static void check_pieces(const struct pyon_dialect *dialect, const char *open, const char *piece,
                         const char *close, size_t count, const char *prefix, const char *middle,
                         const char *suffix)
{
    char *inner = nest(piece, close, "", count), *text = nest(open, inner, "", 1);

    check_long(dialect, text, prefix, middle, suffix, count);
    free(text);
    free(inner);
}

static size_t longest(void)
{
    return check_short() ? 5000 : 70000;
}

static void test_long_strings(void)
{
    for (size_t count = 1; count < longest(); count = count * 5 + 1) {
        check_pieces(&pyon_v2, "\"", "abc", "\"", count, "string \"", "abc", "\"\n");
        check_pieces(&pyon_v2, "\"", "\\n", "\"", count, "string \"", "\\u000a", "\"\n");
        check_pieces(&pyon_v2, "\"", "\\ud83d\\ude00", "\"", count, "string \"", "\\U0001f600",
                     "\" wide\n");
        check_pieces(&pyon_v2, "\"", "\xc3\xa9", "\"", count, "string \"", "\\u00e9", "\" wide\n");
        check_pieces(&pyon_v1, "'", "\\x41b", "'", count, "string \"", "Ab", "\"\n");
        check_pieces(&pyon_v1, "b'", "\\xff", "'", count, "bytes ", "ff", "\n");
        check_pieces(&pyon_v1, "r'''", "\r\n", "'''", count, "string \"", "\\u000a", "\"\n");
    }
}

static void test_long_joined(void)
{
    for (size_t count = 1; count < longest(); count = count * 5 + 1) {
        check_pieces(&pyon_v1, "'' ", "'ab' ", "''", count, "string \"", "ab", "\"\n");
        check_pieces(&pyon_v1, "'\\n' ", "'\\x41'", "", count, "string \"\\u000a", "A", "\"\n");
        check_pieces(&pyon_v1, "b'\\n' ", "b'\\x41'", "", count, "bytes 0a", "41", "\n");
        check_pieces(&pyon_v1, "'a'", "'\xc3\xa9'", "", count, "string \"a", "\\u00e9",
                     "\" wide\n");
        check_pieces(&pyon_v1, "'\\u20ac'", "'a\\xe9'", "", count, "string \"\\u20ac", "a\\u00e9",
                     "\" wide\n");
    }
}

/* Strings that come as code points: their number and their form. */
static void check_wide(const struct pyon_dialect *dialect, const char *text, size_t count,
                       const char *expected)
{
    struct transcript transcript;
    struct pyon_error error;
    char *got;

    transcript_init(&transcript);
    transcript.builder = &transcript_wide_builder;
    CHECK_WITH(text, transcript_parse(&transcript, dialect, text, strlen(text), &error) == 0);
    CHECK_WITH(text, transcript.wide == count);
    got = transcript_text(&transcript);
    CHECK_WITH(text, strcmp(got, expected) == 0);
    free(got);
}

static void test_code_points(void)
{
    /* Slices of the text stay UTF-8, ASCII stays ASCII. */
    check_wide(&pyon_v2, "\"\xc3\xa9\"", 0, "string \"\\u00e9\" wide\n");
    check_wide(&pyon_v2, "\"\\u0041\\n\"", 0, "string \"A\\u000a\"\n");
    check_wide(&pyon_v1, "'a' '\\x41'", 0, "string \"aA\"\n");
    /* Each width, and from the narrowest to wider ones within a string. */
    check_wide(&pyon_v2, "\"\\u00ff\"", 1, "string \"\\u00ff\" wide\n");
    check_wide(&pyon_v2, "\"a\\u00ff\\u0100\"", 1, "string \"a\\u00ff\\u0100\" wide\n");
    check_wide(&pyon_v2, "\"a\xc3\xa9\\ud83d\\ude00\"", 1, "string \"a\\u00e9\\U0001f600\" wide\n");
    check_wide(&pyon_v2, "\"\\u0100\xf0\x9f\x98\x80\"", 1, "string \"\\u0100\\U0001f600\" wide\n");
    /* Surrogates join within a string of version 2 only. */
    check_wide(&pyon_v2, "\"\\ude00\\ud83d\"", 1, "string \"\\ude00\\ud83d\" wide\n");
    check_wide(&pyon_v2, "\"\xed\xa0\xbd\\ude00\"", 1, "string \"\\ud83d\\ude00\" wide\n");
    check_wide(&pyon_v1, "'\\ud83d\\ude00'", 1, "string \"\\ud83d\\ude00\" wide\n");
    check_wide(&pyon_v1, "'\\ud83d' '\\ude00'", 1, "string \"\\ud83d\\ude00\" wide\n");
    /* Joined strings of all widths, with slices among them. */
    check_wide(&pyon_v1, "'a' '\xc3\xa9' '\\u0100' 'b' '\\U0001f600' '\xc3\xa9' ''", 1,
               "string \"a\\u00e9\\u0100b\\U0001f600\\u00e9\" wide\n");
    check_wide(&pyon_v1, "'\\U0001f600' 'abc' '\\xe9'", 1,
               "string \"\\U0001f600abc\\u00e9\" wide\n");
    /* Keys and arguments. This one begins with the bytes of "__jsonclass__". */
    check_wide(&pyon_v2,
               "{\"\\u5f5f\\u736a\\u6e6f\\u6c63\\u7361\\u5f73\\u205f\\u0100\\u0100"
               "\\u0100\\u0100\\u0100\\u0100\":1}",
               1,
               "string \"\\u5f5f\\u736a\\u6e6f\\u6c63\\u7361\\u5f73\\u205f\\u0100\\u0100"
               "\\u0100\\u0100\\u0100\\u0100\" wide\ninteger 1\ndict 1\n");
    check_wide(&pyon_v2, "{\"__jsonclass__\":[\"a\",[\"\\u00e9\"]]}", 1,
               "call_begin \"a\"\nstring \"\\u00e9\" wide argument\ncall_end 1 0\n");
    check_wide(&pyon_v2, "{\"__jsonclas\\u0073__\":1}", 0,
               "string \"__jsonclass__\"\ninteger 1\ntagged 1\n");
}

static void test_long_numbers(void)
{
    for (size_t count = 20; count < longest(); count = count * 5 + 1) {
        check_pieces(&pyon_v2, "-1", "0", "", count, "bigint 10 -1", "0", "\n");
        check_pieces(&pyon_v1, "-1", "_0", "", count, "bigint 10 -1", "0", "\n");
        check_pieces(&pyon_v1, "-0x1", "_fF", "", count, "bigint 16 -1", "fF", "\n");
    }
}

/* ---- Runs of numbers --------------------------------------------------------------------- */

#define LONGEST_RUN 60
#define BLANKS "                                                                "

/* Parses "[", `count` times `member` and `last` right before the end of a page. Returns the error. */
static struct pyon_error parse_run(struct transcript *transcript,
                                   const struct pyon_dialect *dialect, const char *member,
                                   size_t count, const char *last)
{
    static char *end;
    char *inner = nest(member, last, "", count), *text;
    size_t length = strlen(inner) + 1;
    struct pyon_error error = {.code = PYON_OK};

    if (!end)
        end = edge_of(LONGEST_RUN * 60);
    text = end - length - 1;
    text[0] = '[';
    memcpy(text + 1, inner, length);
    transcript_init(transcript);
    pyon_parse(dialect, text, length, transcript->builder, transcript, NULL, &error);
    free(inner);
    return error;
}

static void check_run(const struct pyon_dialect *dialect, const char *member, const char *event,
                      size_t count)
{
    struct transcript transcript;
    struct pyon_error error = parse_run(&transcript, dialect, member, count, "7]");
    char end[40], *expected, *got = transcript_text(&transcript);

    sprintf(end, "integer 7\nlist %zu\n", count + 1);
    expected = nest(event, end, "", count);
    CHECK_WITH(got, error.code == PYON_OK && strcmp(got, expected) == 0);
    free(expected);
    free(got);
    transcript_free(&transcript);
}

/* The comma that no member follows is the place of the error. */
static void check_end_of_run(const char *member, size_t count, const char *last)
{
    struct transcript transcript;
    struct pyon_error error = parse_run(&transcript, &pyon_v2, member, count, last);
    size_t comma = 1 + (count - 1) * strlen(member) + (size_t)(strchr(member, ',') - member);

    CHECK_WITH(member, error.code == PYON_ERROR_TRAILING_ARRAY && error.offset == comma);
    transcript_free(&transcript);
}

static void test_runs(void)
{
    static const struct {
        const char *member, *event;
    } members[] = {
        {"12,", "integer 12\n"},
        {"-1.5, ", "real -1.5\n"},
        {"\n        123,", "integer 123\n"},
        {"\n                                                12,", "integer 12\n"},
        {"1234567890123456789,", "integer 1234567890123456789\n"},
    };

    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        for (size_t count = 1; count <= LONGEST_RUN; count++) {
            check_run(&pyon_v2, members[i].member, members[i].event, count);
            check_run(&pyon_v1, members[i].member, members[i].event, count);
            check_end_of_run(members[i].member, count, "]");
            check_end_of_run(members[i].member, count, "]" BLANKS);
        }
}

/* ---- Messages and places ----------------------------------------------------------------- */

static void test_messages(void)
{
    for (int i = 0; i < PYON_ERROR_COUNT; i++) {
        const char *message = pyon_error_message((enum pyon_error_code)i);

        CHECK(message && *message && message[strlen(message) - 1] != '.');
        CHECK_WITH(message, !strchr(message, '\n'));
        for (int j = 0; j < i; j++)
            CHECK_WITH(message, strcmp(message, pyon_error_message((enum pyon_error_code)j)) != 0);
    }
    CHECK(strcmp(pyon_error_message(PYON_ERROR_COUNT), "unknown error") == 0);
    CHECK(strcmp(pyon_error_message((enum pyon_error_code) - 1), "unknown error") == 0);
}

static void check_place(const char *text, size_t offset, size_t line, size_t column)
{
    char *copy = exact_copy(text, offset); /* no byte from the offset on is read */
    size_t got_line, got_column;

    pyon_locate(copy, offset, &got_line, &got_column);
    CHECK_WITH(text, got_line == line && got_column == column);
    free(copy);
}

static void test_places(void)
{
    check_place("", 0, 1, 1);
    check_place("abc", 2, 1, 3);
    check_place("abc", 3, 1, 4);
    check_place("a\nb", 1, 1, 2);
    check_place("a\nb", 2, 2, 1);
    check_place("a\n\n\nb", 4, 4, 1);
    check_place("a\r\nb", 2, 1, 3);
    check_place("a\rb", 2, 1, 3);
    check_place("\xc3\xa9", 2, 1, 2);
    check_place("\xe2\x82\xac\xf0\x9f\x98\x80x", 7, 1, 3);
    check_place("\xe2\x82\xac\xf0\x9f\x98\x80x", 8, 1, 4);
    check_place("\xe2\x82\xac\n\xf0\x9f\x98\x80x", 8, 2, 2);
}

/* Is it a text of pyon_literal? The builder takes all events, those of calls and arithmetic too. */
static bool is_literal(const char *text)
{
    struct transcript transcript;
    struct pyon_error error;
    int status;

    transcript_init(&transcript);
    status = transcript_parse(&transcript, &pyon_literal, text, strlen(text), &error);
    free(transcript_text(&transcript));
    return status == 0;
}

static void test_literals(void)
{
    static const char *const literals[] = {
        "1", " -1.5", "1+2j", "[None, True]", "{1: 'a' \"b\"}", "(1,)\n\n", "'\\x41\\377'", "1 # c",
    };
    static const char *const others[] = {
        "null", "[true]", "nan", "inf",   "slice(1, 2, 3)", "--1",   "-(1)",     "-True",
        "-[]",  "\n1",    "\f1", "1\\\n", "1\n ",           "'\\d'", "b'\\400'", "x",
    };

    for (size_t i = 0; i < sizeof literals / sizeof *literals; i++)
        CHECK_WITH(literals[i], is_literal(literals[i]));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        CHECK_WITH(others[i],
                   !is_literal(others[i]) && code_of(&pyon_literal, others[i]) != PYON_OK);
}

int main(void)
{
    test_depth();
    test_default_depth();
    test_depth_of_undo();
    test_missing_functions();
    test_null_builder();
    test_no_arithmetic();
    test_error_of_success();
    test_long_strings();
    test_long_joined();
    test_code_points();
    test_long_numbers();
    test_runs();
    test_messages();
    test_places();
    test_literals();
    return check_report();
}
