/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Base64 in a stream. A builder that has it decoded into a block of its own must get the same
 * values as one that gets strings, whatever the text, the pieces, and the size that it has
 * announced.
 */
#include "../support/check.h"
#include "../support/filler.h"
#include "../support/pieces.h"

#include <stdlib.h>
#include <string.h>

static const struct pyon_options lines = {.lines = true}, no_options;

/* How many blocks in all were begun, completed, dropped. */
static size_t begun, completed, dropped;

static void check_equal(const struct pieces *pieces, const char *text, size_t length,
                        const char *expected)
{
    struct pieces_result result;
    char *got = pieces_read(pieces, text, length, &result);

    if (!CHECK_WITH(text, strcmp(got, expected) == 0))
        fprintf(stderr, "in pieces of %zu:\n%s\nnot:\n%s\n", pieces->size, got, expected);
    begun += result.begun;
    completed += result.completed;
    dropped += result.dropped;
    free(got);
}

static void add(struct pyon_stream *stream, const char *text)
{
    pieces_add(stream, text, strlen(text), strlen(text));
}

/* In two pieces, the first of each size; in pieces of one byte; with both functions. */
static void check_with(struct pieces pieces, const char *text, size_t length)
{
    struct pieces_result result;
    char *expected;
    uint8_t first;

    pieces.size = PIECES_WHOLE;
    expected = pieces_read(&pieces, text, length, &result);
    pieces.begins = true;
    for (size_t i = 0; i < 10; i++) {
        pieces.size = i;
        pieces.takes = i % 2;
        check_equal(&pieces, text, length, expected);
    }
    pieces.takes = false;
    pieces.sizes = &first;
    pieces.sizes_count = 1;
    for (size_t i = 1; i < length && i < 256; i++) {
        first = (uint8_t)i;
        check_equal(&pieces, text, length, expected);
    }
    free(expected);
}

static void check_text(const struct pyon_dialect *dialect, const char *text)
{
    struct pieces pieces = {.dialect = dialect, .recovers = true};
    char *more = malloc(strlen(text) + 20);

    if (!more)
        abort();
    for (int i = 0; i < 2; i++) {
        pieces.options = i ? &lines : &no_options;
        check_with(pieces, text, strlen(text));
        sprintf(more, "%s\n[1]\n", text);
        check_with(pieces, more, strlen(more));
    }
    free(more);
}

/* ---- Texts ------------------------------------------------------------------------------- */

/* A body as an argument after a size, in all spellings. */
static void check_body(int size, const char *body)
{
    static const char *const v1[] = {
        "Custom(%d,\"%s\")",     "Custom(%d, b\"%s\")",     "[Custom(%d,'%s')]",
        "Custom(%d,b'%s')",      "Custom(%d,\"%s\" )",      "Custom(%d,\"%s\"\n\n\n)",
        "Custom(%d,\"%s\",)",    "Custom(%d,\"%s\",k=1)",   "Custom(%d,k=\"%s\")",
        "Custom(%d,\"%s\"'A')",  "Custom(%d,'AAAA'\"%s\")", "Custom(%d,'AAAA' \"%s\")",
        "Custom(%d,\"%s\"b'A')", "Custom(%d,r\"%s\")",      "Custom(%d,B'%s')",
        "Custom(%d,'''%s''')",   "Custom(%d,-'%s')",        "Custom(%d,['%s'])",
        "Custom(%d,1 \"%s\")",   "Custom(%d,answer '%s')",  "Custom(%d,null,1,'%s','AA==')",
        "Custom(%d,*'%s')",      "Custom(%d,\"%s\".known)", "Custom(%d,{'a':'%s'})",
        "nparray((%d,),'%s','",  "Custom(%d,nullx,\"%s\")", "Custom(%d+1,\"%s\")",
    };
    static const char *const v2[] = {
        "{\"__jsonclass__\":[\"a\",[%d,\"%s\"]]}",
        "[{\"__jsonclass__\":[\"a\",[%d, \"%s\" ]]}]",
        "{\"__jsonclass__\":[\"a\",[%d,\"%s\",0,\"\"]]}",
        "{\"__jsonclass__\":[\"a\",[%d,\"%s\"]],\"b\":1}",
        "{\"__jsonclass__\":[\"a\",[%d,\"%s\"],[]]}",
        "{\"__jsonclass__\":[\"a\",[%d,[\"%s\"]]]}",
        "{\"__jsonclass__\":[\"a\",[%d \"%s\"]]}",
        "{\"__jsonclass__\":[\"a\",[%d,null,\"%s\"]}}",
        "{\"__jsonclass__\":[\"a\",[%d,\"%s\"",
    };
    char text[1000];

    for (size_t i = 0; i < sizeof v1 / sizeof *v1; i++) {
        snprintf(text, sizeof text, v1[i], size, body);
        check_text(&pyon_v1, text);
    }
    for (size_t i = 0; i < sizeof v2 / sizeof *v2; i++) {
        snprintf(text, sizeof text, v2[i], size, body);
        check_text(&pyon_v2, text);
    }
}

/* Bodies of the right size and of others. */
static void test_sizes(void)
{
    static const char *const bodies[] = {"", "/w==", "//8=", "++++", "AAAABB==", "AAAAAAAAAAAA"};

    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        for (int size = -1; size <= 10; size += 1 + (size > 3))
            check_body(size, bodies[i]);
    CHECK(begun > 1000 && completed > 100 && dropped > 1000);
    check_body(FILLER_MOST, "AAAA");
    check_body(FILLER_MOST + 1, "AAAA");
}

static void check_foreign(const char *foreign, int at)
{
    char body[50], text[100];

    snprintf(body, sizeof body, "%.*s%s%s", at, "AAAAAAAAAAAA", foreign, &"AAAAAAAAAAA="[at]);
    for (int size = 7; size < 10; size++) {
        snprintf(text, sizeof text, "Custom(%d,'%s')", size, body);
        check_text(&pyon_v1, text);
        snprintf(text, sizeof text, "{\"__jsonclass__\":[\"a\",[%d,\"%s\"]]}", size, body);
        check_text(&pyon_v2, text);
    }
}

/* A body with a foreign character, or one of the alphabet, in each place. */
static void test_not_canonical(void)
{
    static const char *const foreign[] = {"=",  "-", "\\n", "\\u0041", "\xc3\xa9", "\xff", "\n",
                                          "\"", "'", ")",   "]",       "\x01",     "\\",   "A"};

    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        for (int at = 0; at < 12; at++)
            check_foreign(foreign[i], at);
}

/* ---- Ends and failures ------------------------------------------------------------------- */

static const char array_v1[] = "[Custom(7,'AAAAAAAAAA==','AAAA'),1]";
static const char array_v2[] =
    "[{\"__jsonclass__\":[\"a\",[9,\"AAAAAAAAAAAA\",\"AAAA\"]],\"b\":[6,\"AAAAAAAA\"]},1]";

/* The text ends anywhere. */
static void test_ends(void)
{
    for (size_t end = 0; end < sizeof array_v1; end++)
        check_with((struct pieces){.dialect = &pyon_v1, .recovers = true}, array_v1, end);
    for (size_t end = 0; end < sizeof array_v2; end++)
        check_with((struct pieces){.dialect = &pyon_v2, .recovers = true}, array_v2, end);
}

/* Any event fails, or the end of the block. The text after the line is read. */
static void test_host(void)
{
    static const char text[] = "Custom(3,'AAAA')\nCustom(3,'BBBB')\n";
    static const char begin_fails[] = "Custom(4444444444444,'AAAA')\nCustom(3,'BBBB')\n";
    struct pieces pieces = {.dialect = &pyon_v1, .recovers = true, .size = 1};
    struct pieces_result result;

    for (size_t at = 1; at < 8; at++) {
        pieces.fail_at = at;
        check_with(pieces, array_v1, sizeof array_v1 - 1);
        check_with(pieces, text, sizeof text - 1);
    }
    pieces = (struct pieces){.dialect = &pyon_v1, .recovers = true, .begins = true, .size = 1};
    free(pieces_read(&pieces, begin_fails, sizeof begin_fails - 1, &result));
    CHECK(result.values == 1 && result.failures == 1 && result.error.code == PYON_ERROR_HOST);
    pieces.fails_at_end = true;
    for (pieces.size = 1; pieces.size < 12; pieces.size++) {
        free(pieces_read(&pieces, text, sizeof text - 1, &result));
        CHECK(result.failures == (result.begun > 0) && result.values == 2 - result.failures);
    }
}

/* While a block is open, the line ends, or another error comes. */
static void test_skips(void)
{
    struct pieces pieces = {.dialect = &pyon_v2, .recovers = true};
    static const char text[] = "{\"__jsonclass__\":[\"a\",[9,\"AAAAAA\n1 \"a\"";

    check_with(pieces, text, sizeof text - 1);
    pieces.options = &lines;
    check_with(pieces, text, sizeof text - 1);
}

/* ---- Limits ------------------------------------------------------------------------------ */

/* Too much text is noticed before the builder is asked for a block. */
static void test_limit(void)
{
    struct pyon_options options = {.max_bytes = 1000};
    struct pieces pieces = {.dialect = &pyon_v1, .begins = true, .size = 1, .options = &options};
    struct pieces_result result;
    char text[1100], body[1100];

    for (int size = 720; size < 760; size++) {
        int characters = (size + 2) / 3 * 4, length;

        memset(body, 'A', (size_t)characters);
        if (size % 3 > 0)
            memset(body + characters - 3 + size % 3, '=', 3 - (size_t)(size % 3));
        length = snprintf(text, sizeof text, "Custom(%d,'%.*s')", size, characters, body);
        free(pieces_read(&pieces, text, (size_t)length, &result));
        if (length <= 1000) {
            CHECK(result.values == 1 && result.failures == 0 && result.completed == 1);
        } else {
            CHECK(result.values == 0 && result.completed <= result.begun);
            CHECK(result.error.code == PYON_ERROR_SIZE && result.error.offset == 1000);
            CHECK(result.received <= 1002);
            CHECK(result.begun == 0 || length <= 1002); /* only the end is beyond it */
        }
    }
}

/* ---- Builders that change their mind ----------------------------------------------------- */

static int accept_second(void *self, bool bytes, size_t most, void **data, size_t *size)
{
    static unsigned char block[3000];
    unsigned *asked = self;

    (void)bytes;
    (void)most;
    if (++*asked < 2)
        return 1;
    *data = block;
    *size = sizeof block;
    return 0;
}

static int accept_end(void *self, bool complete)
{
    (void)self;
    (void)complete;
    return 0;
}

/* A builder that did not know the size is not asked again: the scanned part of a string stays
   scanned. */
static void test_asked_once(void)
{
    struct pyon_builder builder = pyon_null_builder;
    unsigned asked = 0;
    struct pyon_stream *stream;
    struct pyon_error error;

    builder.payload_begin = accept_second;
    builder.payload_end = accept_end;
    stream = pyon_stream_new(&pyon_v2, &builder, &asked, NULL);
    if (!stream)
        abort();
    for (size_t i = 0; i < 1002; i++) {
        add(stream, i == 0 ? "{\"__jsonclass__\":[\"a\",[1,\"AAAA" : i == 1001 ? "\"]]}" : "AAAA");
        CHECK(pyon_stream_next(stream, &error) ==
              (i == 1001 ? PYON_STREAM_VALUE : PYON_STREAM_MORE));
    }
    CHECK(asked == 1);
    pyon_stream_free(stream);
}

/* A string for which there is no block does not keep those after it from having one. */
static void test_refused_once(void)
{
    static const char text[] = "[Custom(-1,'AAAAAAAA'),Custom(3,'AAAA'),Custom(3,'BBBB')]";
    struct pieces pieces = {.dialect = &pyon_v1, .begins = true, .size = 1};
    struct pieces_result result;

    free(pieces_read(&pieces, text, sizeof text - 1, &result));
    CHECK(result.values == 1 && result.begun == 2 && result.completed == 2);
}

/* Text is lost while a block is open: the block is dropped before the next value. */
static void test_lost(void)
{
    struct filler filler;
    struct pyon_stream *stream;
    struct pyon_error error;

    filler_init(&filler, true, false);
    stream = pyon_stream_new(&pyon_v1, &filler.builder, &filler, NULL);
    if (!stream)
        abort();
    add(stream, "Custom(6,'AAAA");
    CHECK(pyon_stream_next(stream, &error) == PYON_STREAM_MORE);
    CHECK(filler.begun == 1 && filler.dropped == 0);
    pyon_stream_lose(stream, 3);
    CHECK(pyon_stream_next(stream, &error) == PYON_STREAM_FAILED);
    pyon_stream_skip_line(stream);
    CHECK(filler.dropped == 1);
    add(stream, "AA')\nCustom(3,'AAAA')");
    CHECK(pyon_stream_next(stream, &error) == PYON_STREAM_VALUE);
    pyon_stream_free(stream);
    free(filler_text(&filler));
}

int main(void)
{
    test_sizes();
    test_not_canonical();
    test_ends();
    test_host();
    test_skips();
    test_limit();
    test_asked_once();
    test_refused_once();
    test_lost();
    return check_report();
}
