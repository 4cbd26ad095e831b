/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Plain text is read without tokens, by a loop of its own. It must give the events of the grammar,
 * and stop before every error. In pieces of one byte the loop finds nothing that is complete, so
 * there the grammar reads alone: random texts of both dialects, compact and with blanks, and the
 * same with bytes changed, are read in this way and whole.
 */
#include "../support/check.h"
#include "../support/pieces.h"
#include "../support/random.h"
#include "../support/text.h"
#include "../support/transcript.h"

#include <stdlib.h>
#include <string.h>

#define ROOM 65536
#define DEEPEST 4

static char text[ROOM];

struct writer {
    const struct pyon_dialect *dialect;
    char *p;
    const char *comma, *colon; /* with the blanks after them */
};

static size_t below(size_t n)
{
    return (size_t)(next_random() % n);
}

static void put(struct writer *writer, const char *part)
{
    writer->p = text_put(writer->p, part);
}

static void put_any(struct writer *writer, const char *const *parts, size_t count)
{
    put(writer, parts[below(count)]);
}

#define PUT_ANY(...)                                                                               \
    put_any(writer, (const char *const[]){__VA_ARGS__},                                            \
            sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

/* Of any length around those of vectors and of what is taken for long. */
static void put_string(struct writer *writer)
{
    static const size_t lengths[] = {0,  1,  2,  5,  8,   13,  14,  15, 16,
                                     17, 30, 32, 33, 255, 256, 270, 700};
    size_t length = lengths[below(sizeof lengths / sizeof *lengths)];

    put(writer, "\"");
    for (size_t i = 0; i < length; i++)
        *writer->p++ = "abcdef ,:[]{}()'"[below(16)];
    if (below(15) == 0)
        PUT_ANY("\\n", "\\u00e9", "\xc3\xa9", "\x7f", "\\\"");
    put(writer, "\"");
}

static void put_scalar(struct writer *writer)
{
    switch (below(4)) {
    case 0:
        put_string(writer);
        break;
    case 1:
        PUT_ANY("0", "1", "-7", "1234567", "9223372036854775807", "-9223372036854775808",
                "9223372036854775808", "123456789012345678901234567890");
        break;
    case 2:
        PUT_ANY("0.5", "-2.25", "1e5", "1E-7", "123456.789012345678", "-0.0", "1e999",
                "0.1000000000000000055511151231257827");
        break;
    default:
        PUT_ANY("true", "false", "null");
    }
}

/* In version 2, with names that are tokens, or just not. */
static void put_open_tuple(struct writer *writer)
{
    if (writer->dialect == &pyon_v1) {
        put(writer, "(");
        return;
    }
    put(writer, "{\"__jsonclass__\":[\"");
    PUT_ANY("tuple", "tuple", "", "tu\x7fple", "tu\\u0070le",
            "a name of more than sixty-four bytes, which only the lexer takes for a tag");
    put(writer, "\",[[");
}

static void put_value(struct writer *writer, size_t depth)
{
    size_t kind = depth < DEEPEST ? below(8) : 8, count = below(5);
    const char *close = "]";

    if (kind > 3 && depth > 0) {
        put_scalar(writer);
        return;
    }
    if (kind == 0) {
        put(writer, "{");
        close = "}";
    } else if (kind == 1) {
        put_open_tuple(writer);
        close = writer->dialect == &pyon_v1 ? ",)" : "]]]}";
        count += writer->dialect == &pyon_v1;
    } else {
        put(writer, "[");
    }
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            put(writer, writer->comma);
        if (kind == 0) {
            PUT_ANY("\"a\"", "\"rid\"", "\"_x\"", "\"a longer key of a record\"", "\"\"");
            put(writer, writer->colon);
        }
        put_value(writer, depth + 1);
    }
    put(writer, close);
}

/* Writes a text; returns its length. */
static size_t make_text(const struct pyon_dialect *dialect)
{
    static const char *const commas[] = {",", ", ", ",\n    ", "\t,"}, *const colons[] = {":",
                                                                                          ": "};
    struct writer writer = {.dialect = dialect, .p = text};

    writer.comma = commas[below(4)];
    writer.colon = colons[below(2)];
    put_value(&writer, 0);
    return (size_t)(writer.p - text);
}

static void check_same(const struct pyon_dialect *dialect, size_t length, size_t fail_at)
{
    struct pieces whole = {.dialect = dialect, .size = PIECES_WHOLE, .fail_at = fail_at};
    struct pieces bytes = {.dialect = dialect, .size = 1, .fail_at = fail_at};
    struct pieces_result result;
    char *got = pieces_read(&whole, text, length, &result);
    char *expected = pieces_read(&bytes, text, length, &result);

    if (!CHECK(strcmp(got, expected) == 0))
        fprintf(stderr, "%.*s\nwhole:\n%.2000s\nin bytes:\n%.2000s\n", (int)length, text, got,
                expected);
    free(got);
    free(expected);
}

/* A whole text ends with the value, and is not copied into a block of a stream. */
static void check_parse(const struct pyon_dialect *dialect, size_t length)
{
    struct pieces bytes = {.dialect = dialect, .size = 1};
    struct pieces_result result;
    struct transcript transcript;
    struct pyon_error error;
    char *got, *expected = pieces_read(&bytes, text, length, &result);

    transcript_init(&transcript);
    CHECK(transcript_parse(&transcript, dialect, text, length, &error) == 0);
    got = transcript_text(&transcript);
    if (!CHECK(strncmp(expected, got, strlen(got)) == 0))
        fprintf(stderr, "%.*s\n", (int)length, text);
    free(got);
    free(expected);
}

static void damage(size_t length)
{
    static const char bytes[] = ",:[]{}()\"'\\ \n\t09-.ej_=#\x7f\xc3tN\0\0\0";

    for (size_t i = 0, count = 1 + below(3); i < count; i++)
        text[below(length)] = bytes[below(sizeof bytes - 1)];
}

static void test(const struct pyon_dialect *dialect, int count)
{
    for (int i = 0; i < count; i++) {
        size_t length = make_text(dialect);

        check_same(dialect, length, 0);
        check_parse(dialect, length);
        check_same(dialect, length, 1 + below(20));
        damage(length);
        check_same(dialect, length, 0);
    }
}

int main(void)
{
    test(&pyon_v2, 3000);
    test(&pyon_v1, 3000);
    return check_report();
}
