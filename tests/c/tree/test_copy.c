/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Values that are copied from text to text: the copy is what is written of their trees, compact and
 * pretty, and all that is wrong, or needs a tree, is refused. The text is read in pieces.
 */
#include "../support/check.h"
#include "../support/matches.h"
#include "../support/random.h"
#include "copy/copy.h"
#include "pyon_tree.h"

#include <string.h>

static const char *choose(const char *const *words, size_t count)
{
    return words[next_random() % count];
}
#define CHOOSE(words) choose(words, sizeof(words) / sizeof *(words))

static void put_words(struct pyon_out *out, const char *words)
{
    put(out, words, strlen(words));
}

/* ---- Reading ----------------------------------------------------------------------------- */

struct source {
    const char *text;
    size_t length, at, most; /* bytes at a time */
};

static ptrdiff_t read_source(void *self, char *data, size_t size)
{
    struct source *source = self;
    size_t left = source->length - source->at, count = source->most;

    count = count < size ? count : size;
    count = count < left ? count : left;
    memcpy(data, source->text + source->at, count);
    source->at += count;
    return (ptrdiff_t)count;
}

static enum pyon_copied check_text(const char *text, size_t length, size_t most,
                                   unsigned long long *count)
{
    struct source source = {text, length, 0, most};

    return pyon_copy_check(read_source, &source, count);
}

/* The copy; new. */
static char *copy_text(const char *text, size_t length, size_t most, bool pretty)
{
    struct source source = {text, length, 0, most};
    unsigned long long checked = 0, copied = 0;
    struct pyon_writer writer;
    struct pyon_out out;

    pyon_out_init(&out);
    pyon_writer_init(&writer, &out, &pyon_v2, pretty);
    CHECK_WITH(text, check_text(text, length, most, &checked) == PYON_COPIED);
    CHECK_WITH(text, pyon_copy(read_source, &source, &writer, true, &copied) == PYON_COPIED);
    CHECK_WITH(text, copied == checked);
    return detach(&out);
}

/* What is written of the trees; new. NULL if the text is wrong. Fills the number of values. */
static char *write_trees(const char *text, size_t length, bool pretty, unsigned long long *count)
{
    struct pyon_tree_builder *builder = pyon_tree_builder_new();
    struct pyon_stream *stream = pyon_stream_new(&pyon_v2, &pyon_tree_events, builder, NULL);
    struct pyon_writer writer;
    struct pyon_error error;
    struct pyon_out out;
    bool whole;
    int status;

    *count = 0;
    pyon_out_init(&out);
    pyon_writer_init(&writer, &out, &pyon_v2, pretty);
    memcpy(pyon_stream_space(stream, length), text, length);
    pyon_stream_add(stream, length);
    pyon_stream_end(stream);
    while ((status = pyon_stream_next(stream, &error)) == PYON_STREAM_VALUE) {
        struct pyon_tree *tree = pyon_tree_builder_take(builder);

        CHECK(pyon_write_node(&writer, pyon_tree_root(tree), false, NULL, NULL) == 0);
        put_words(&out, "\n");
        pyon_tree_free(tree);
        ++*count;
    }
    whole = status == PYON_STREAM_MORE;
    pyon_stream_free(stream);
    pyon_tree_builder_free(builder);
    if (whole)
        return detach(&out);
    pyon_out_free(&out);
    return NULL;
}

/* Was the text copied? */
static bool compare(const char *text, size_t length, size_t most)
{
    for (int pretty = 0; pretty < 2; pretty++) {
        unsigned long long count, expected_count;
        char *expected, *got;

        if (check_text(text, length, most, &count) != PYON_COPIED)
            return false;
        expected = write_trees(text, length, pretty, &expected_count);
        if (!CHECK_WITH(text, expected && count == expected_count)) {
            free(expected);
            return true;
        }
        got = copy_text(text, length, most, pretty);
        if (!CHECK_WITH(text, strcmp(got, expected) == 0))
            fprintf(stderr, "got\n%s\nwanted\n%s\n", got, expected);
        free(got);
        free(expected);
    }
    return true;
}

/* ---- Texts ------------------------------------------------------------------------------- */

static void test_copied(void)
{
    static const char *const texts[] = {
        "",
        " \r\n\t",
        "[]",
        "{}",
        " [ ] { } ",
        "[1,2]{\"a\":[{}]}",
        "{\"a\":1,\"b\":{\"a\":2},\"c\":[{\"a\":1},{\"a\":1}]}",
        "{ \"a\" :\t1 ,\r\n\"b\" : [ true , false,null ] }",
        "[0,-0,-1,12345678901234567890,123456789012345678901234567]",
        "[0.0,-0.0,1.50,1e5,1E-7,1.5e300,1e400,-1e400,0.1,1e22,123456789012345678]",
        "[-1234567890123456789012345678901,0.1234567890123456789012345678901]",
        "[1234567890123456789012345678901.1234567890123456789012345678901e-12345678]",
        "[NaN,Infinity,-Infinity]",
        "[\"\",\"a\",\"caf\xc3\xa9\",\"\\u00e9\\n\\/"
        "\\\"\",\"\x7f\",\"\\ud83d\\ude00\",\"\\ud800\"]",
        "{\"\":1,\"_\":2,\"__jsonclass\":3,\"__jsonclass__x\":4,\"jsonclass__\":5}",
    };
    static const size_t most[] = {1, 2, 3, 7, 100, 100000};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t k = 0; k < sizeof most / sizeof *most; k++)
            CHECK_WITH(texts[i], compare(texts[i], strlen(texts[i]), most[k]));
}

static void test_refused(void)
{
    static const char *const texts[] = {
        "1",
        "\"a\"",
        "null",
        "[1",
        "[1]]",
        "[1,]",
        "[,1]",
        "[1 2]",
        "{\"a\"}",
        "{\"a\":1,}",
        "{1:2}",
        "{\"a\":1 \"b\":2}",
        "[01]",
        "[1.]",
        "[.5]",
        "[+1]",
        "[1e]",
        "[tru]",
        "[\"a]",
        "[\"\n\"]",
        "[\"\\x\"]",
        "[\"\xff\"]",
        "[1]a",
        "[\"\\u12\"]",
        "{]",
        "[}",
        "[1}",
        "{\"a\":1]",
        "[[[",
        "[nan]",
        "# a\n[1]",
        "[1] # a",
        "(1, 2)",
        "['a']",
        "{\"a\":1,\"a\":2}",
        "{\"\\u0061\":1}",
        "{\"caf\xc3\xa9\":1}",
        "{\"a\":{\"b\":1,\"c\":2,\"b\":3}}",
        "{\"__jsonclass__\":[\"tuple\",[[1]]]}",
        "[{\"a\":1,\"__jsonclass__\":2}]",
        "\xef\xbb\xbf[1]",
        "[-]",
        "[--1]",
        "[1-]",
        "[1,2",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t most = 1; most < 200; most += 99)
            CHECK_WITH(texts[i], !compare(texts[i], strlen(texts[i]), most));
    CHECK(!compare("[1]\0", 4, 4) && !compare("[\"\0\"]", 5, 5));
}

static void put_random(struct pyon_out *out, unsigned depth)
{
    static const char *const scalars[] = {"0",
                                          "-17",
                                          "123456789",
                                          "0.5",
                                          "-1.25e-7",
                                          "0.30000000000000004",
                                          "1e16",
                                          "1.0",
                                          "true",
                                          "false",
                                          "null",
                                          "\"\"",
                                          "\"text\"",
                                          "\"\\u00e9\\n\"",
                                          "NaN",
                                          "\"a string that is longer than two vectors\"",
                                          "\"\xe2\x82\xac\"",
                                          "[]",
                                          "{}",
                                          "1700000000.25",
                                          "1234567890123456789012"};
    static const char *const blanks[] = {"", "", "", "", "", " ", "\n", " \t\r\n "};
    bool dict = next_random() % 2;
    uint64_t count = depth == 0 ? 0 : next_random() % 6;

    if (depth == 0 || next_random() % 4 == 0) {
        put_words(out, CHOOSE(scalars));
        return;
    }
    put_words(out, dict ? "{" : "[");
    for (uint64_t i = 0; i < count; i++) {
        char key[40];

        put_words(out, i > 0 ? "," : "");
        put_words(out, CHOOSE(blanks));
        /* Now and then a key is there twice. */
        snprintf(key, sizeof key, "\"k%llu.%llu\"", (unsigned long long)next_random() % 200,
                 (unsigned long long)i / (next_random() % 16 ? 1 : 2));
        if (dict) {
            put_words(out, key);
            put_words(out, CHOOSE(blanks));
            put_words(out, ":");
            put_words(out, CHOOSE(blanks));
        }
        put_random(out, depth - 1);
        put_words(out, CHOOSE(blanks));
    }
    put_words(out, dict ? "}" : "]");
}

static void test_random(void)
{
    static const char bytes[] = "\"\\,:[]{}0.-e tn\x01\x80\n";
    int copied = 0;

    for (int i = 0; i < check_rounds(20000); i++) {
        struct pyon_out out;
        size_t length;
        char *text;

        pyon_out_init(&out);
        for (uint64_t count = 1 + next_random() % 3; count > 0; count--) {
            put_words(&out, "[");
            put_random(&out, 4);
            put_words(&out, next_random() % 2 ? "]\n" : "]");
        }
        text = detach(&out);
        length = strlen(text);
        if (i % 2)
            text[next_random() % length] = bytes[next_random() % (sizeof bytes - 1)];
        copied += compare(text, length, i % 3 ? 1 + next_random() % 300 : length);
        free(text);
    }
    CHECK(copied > check_rounds(10000));
}

/* ---- Large texts ------------------------------------------------------------------------- */

/* More than a block; and the same with one key twice. */
static void test_many_keys(void)
{
    struct pyon_out out;
    char *text, *last;

    pyon_out_init(&out);
    put_words(&out, "{");
    for (int i = 0; i < 30000; i++) {
        char pair[60];

        snprintf(pair, sizeof pair, "\"calibration.%d\":%d.5,", i, i);
        put_words(&out, pair);
    }
    put_words(&out, "\"calibration.x1234\":0}");
    text = detach(&out);
    CHECK(compare(text, strlen(text), 70000));
    last = strchr(text, 'x');
    memmove(last, last + 1, strlen(last));
    CHECK(!compare(text, strlen(text), 70000));
    free(text);
}

/* A string, and a key, of `length` bytes with one special character at the end. */
static void test_long(size_t length, const char *special, bool copied)
{
    struct pyon_out out;
    char *filler = malloc(length), *text;

    memset(filler, 'x', length);
    pyon_out_init(&out);
    put_words(&out, "[{\"");
    put(&out, filler, length);
    put_words(&out, "\":1}, \"");
    put(&out, filler, length);
    put_words(&out, special);
    put_words(&out, "\" ]");
    text = detach(&out);
    CHECK(compare(text, strlen(text), 50000) == copied);
    free(text);
    free(filler);
}

static ptrdiff_t read_nothing(void *self, char *data, size_t size)
{
    (void)self, (void)data, (void)size;
    return -1;
}

static int grow_never(struct pyon_out *out, size_t need)
{
    (void)need;
    out->code = PYON_ERROR_HOST;
    return -1;
}

static void test_failures(void)
{
    static const char text[] = "[1, \"\\n\", 1e5, {\"a\": []}]";

    for (int pretty = 0; pretty < 2; pretty++)
        for (size_t room = 0; room < 16; room++) {
            struct source source = {text, sizeof text - 1, 0, 100};
            char block[16];
            struct pyon_out out = {
                .start = block, .cur = block, .end = block + room, .grow = grow_never};
            struct pyon_writer writer;
            unsigned long long count;

            pyon_writer_init(&writer, &out, &pyon_v2, pretty);
            CHECK(pyon_copy(read_source, &source, &writer, true, &count) == PYON_COPY_WRITE);
        }
    CHECK(pyon_copy_check(read_nothing, NULL, &(unsigned long long){0}) == PYON_COPY_READ);
}

static void test_depth(void)
{
    char text[2 * 1001 + 1] = "";

    memset(text, '[', 1000);
    memset(text + 1000, ']', 1000);
    CHECK(compare(text, 2000, 100000));
    memset(text, '[', 1001);
    memset(text + 1001, ']', 1001);
    CHECK(!compare(text, 2002, 100000));
}

int main(void)
{
    test_copied();
    test_refused();
    test_random();
    test_many_keys();
    test_long(10, "", true);
    test_long(70000, "", true);
    test_long(200000, "\xc3\xa9", true);
    test_long(200000, "\n", false);
    test_failures();
    test_depth();
    return check_report();
}
