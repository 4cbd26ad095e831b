/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Texts of every shape that might take quadratic time, for tests/check-linear. Each is read with N
 * repetitions and with 2 N: as a whole, in pieces of one byte, and as lines in such
 * pieces; it is skipped in the first two ways, and searched for the values of paths. Valgrind counts
 * the instructions of each part.
 *
 *     linear N    prints the name of each measurement
 */
#include "base.h"
#include "pyon_select.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { V1 = 1, V2 = 2, BOTH = 3 };

/* The text: head, N times unit, middle, N times closing, tail. */
struct shape {
    const char *name;
    unsigned dialects;
    const char *head, *unit, *middle, *closing, *tail;
};

#define TAG "{\"__jsonclass__\":"

static const struct shape shapes[] = {
    {"blanks", BOTH, "[", " ", "1]", "", ""},
    {"tabs", BOTH, "[", "\t", "1]", "", ""},
    {"line ends", BOTH, "[", "\n", "1]", "", ""},
    {"carriage returns", BOTH, "[1", "\r", "]", "", ""},
    {"blanks before a value", BOTH, "", " ", "1", "", ""},
    {"blanks between members", BOTH, "[", "1    ,    ", "1]", "", ""},
    {"a comment", V1, "[1 #", "x", "\n]", "", ""},
    {"comments", V1, "[1", "#\n", "]", "", ""},
    {"continued lines", V1, "[1", "\\\n", "]", "", ""},
    {"digits", BOTH, "[", "1", "]", "", ""},
    {"digits, alone", BOTH, "", "1", "", "", ""},
    {"digits of a fraction", BOTH, "[0.", "1", "]", "", ""},
    {"digits of an exponent", BOTH, "[1e", "1", "]", "", ""},
    {"zeros of a fraction", BOTH, "[0.", "0", "1e5]", "", ""},
    {"zeros in front", BOTH, "[", "0", "1]", "", ""},
    {"zeros, imaginary", V1, "[", "0", "j]", "", ""},
    {"underscores", V1, "[1", "_1", "]", "", ""},
    {"hexadecimal digits", V1, "[0x", "f", "]", "", ""},
    {"hexadecimal real part", V1, "[0x", "f", "+1j]", "", ""},
    {"decimal real part", V1, "[", "9", "+1j]", "", ""},
    {"a string", BOTH, "[\"", "a", "\"]", "", ""},
    {"escaped quotes", BOTH, "[\"", "\\\"", "\"]", "", ""},
    {"backslashes", BOTH, "[\"", "\\\\", "\"]", "", ""},
    {"escapes of 2 bytes", BOTH, "[\"", "\\u20ac", "\"]", "", ""},
    {"escapes of 4 bytes", V2, "[\"", "\\ud83d\\ude00", "\"]", "", ""},
    {"escapes, ever wider", V2, "[\"", "aaaa", "\\u00e9\\u20ac\\ud83d\\ude00\"]", "", ""},
    {"escapes of 4 bytes", V1, "[\"", "\\U0001f600", "\"]", "", ""},
    {"surrogates", BOTH, "[\"", "\\ud800", "\"]", "", ""},
    {"UTF-8", BOTH, "[\"", "\xc3\xa9\xe2\x82\xac", "\"]", "", ""},
    {"UTF-8 with escapes", BOTH, "[\"", "\xc3\xa9\\n\xe2\x82\xac", "\"]", "", ""},
    {"a name of a character", V1, "['\\N{", "A", "}']", "", ""},
    {"octal escapes of bytes", V1, "[b'", "\\0", "']", "", ""},
    {"three quotes", V1, "['''", "a''", "''']", "", ""},
    {"three quotes, escaped", V1, "['''", "\\'\\''", "''']", "", ""},
    {"three quotes, lines", V1, "['''", "\r\n", "''']", "", ""},
    {"a raw string", V1, "[r'", "\\'", "']", "", ""},
    {"a string without end", BOTH, "[\"", "a", "", "", ""},
    {"escaped quotes without end", BOTH, "[\"", "\\\"", "", "", ""},
    {"escapes without end", BOTH, "[\"", "\\u20ac", "", "", ""},
    {"three quotes without end", V1, "['''", "a''", "", "", ""},
    {"a string with a wrong end", BOTH, "[\"", "\\u20ac", "\n\"]", "", ""},
    {"a string with a wrong escape", BOTH, "[\"", "\\u20ac", "\\u00g0\"]", "", ""},
    {"joined strings", V1, "[", "'a'", "]", "", ""},
    {"joined strings, apart", V1, "[", "'a' \n", "]", "", ""},
    {"joined strings, ever wider", V1, "[", "'a'", "'\\u20ac''\\U0001f600']", "", ""},
    {"joined strings, all widths", V1, "['\\U0001f600'", "'a''\\xe9''\\u20ac'", "]", "", ""},
    {"joined bytes", V1, "[", "b'a'", "]", "", ""},
    {"joined str and bytes", V1, "[", "'a'", "b'']", "", ""},
    {"lists", BOTH, "", "[", "", "]", ""},
    {"lists without end", BOTH, "", "[", "", "", ""},
    {"lists with a wrong end", BOTH, "", "[", "", "]", "}"},
    {"lists, pretty", BOTH, "", "[\n", "1", "\n]", ""},
    {"dicts", BOTH, "", "{\"a\":", "1", "}", ""},
    {"sets", V1, "", "{", "1", "}", ""},
    {"parentheses", V1, "", "(", "1", ")", ""},
    {"tuples", V1, "", "(", "1", ",)", ""},
    {"signs and parentheses", V1, "", "-(", "1", ")", ""},
    {"signs and parentheses, no number", V1, "", "-(", "[]", ")", ""},
    {"calls", V1, "", "slice(", "1", ")", ""},
    {"calls by keyword", V1, "", "slice(a=", "1", ")", ""},
    {"classes", V2, "", TAG "[\"set\",[", "1", "]]}", ""},
    {"classes with blanks", V2, "", TAG " [\"set\" , [ ", "1", " ] ] }", ""},
    {"classes, three members", V2, "", TAG "[\"x\",[1,", "1", "],1]}", ""},
    {"classes, another key", V2, "", TAG "[\"x\",[1,", "1", "]],\"a\":1}", ""},
    {"classes, not at first", V2, "", "{\"a\":1,\"__jsonclass__\":", "1", "}", ""},
    {"classes without a list", V2, "", TAG, "1", "}", ""},
    {"numbers", BOTH, "[", "1,", "1]", "", ""},
    {"floats", BOTH, "[", "0.123456789012345678,", "1]", "", ""},
    {"complex numbers", V1, "[", "1+1j,", "1]", "", ""},
    {"short strings", BOTH, "[", "\"a\",", "1]", "", ""},
    {"empty lists", BOTH, "[", "[],", "1]", "", ""},
    {"pairs", BOTH, "{", "\"a\":1,", "\"a\":1}", "", ""},
    {"pairs of numbers", V1, "{", "1:2,", "1:2}", "", ""},
    {"a bare tuple", V1, "", "1,", "1", "", ""},
    {"keyword arguments", V1, "slice(", "a=1,", ")", "", ""},
    {"keyword arguments, apart", V1, "slice(", "a \n =1,", ")", "", ""},
    {"a name", V1, "[", "x", "]", "", ""},
    {"names", V1, "[", "x,", "1]", "", ""},
    {"a name and blanks", V1, "[nan", " ", ",1]", "", ""},
    {"a name and comments", V1, "[nan", "#\n", ",1]", "", ""},
    {"a name, blanks and no value", V1, "[x", " ", "x]", "", ""},
    {"names and blanks", V1, "[", "x                        ,", "1]", "", ""},
    {"a reserved word and blanks", V1, "[if", " ", ",1]", "", ""},
    {"a name and blanks before its value", V1, "slice(a", " ", "=1)", "", ""},
    {"plus signs", V1, "[", "+", "1]", "", ""},
    {"minus signs", V1, "[", "-", "1]", "", ""},
    {"minus signs and no number", V1, "[", "-", "'']", "", ""},
    {"tildes", V1, "[", "~", "1]", "", ""},
    {"sums", V1, "[1", "+1", "]", "", ""},
    {"sums of complex numbers", V1, "[1", "+1j", "]", "", ""},
    {"powers", V1, "[1", "**1", "]", "", ""},
    {"products", V1, "[1", "*1", "]", "", ""},
    {"products in sums", V1, "[1", "+1*1", "]", "", ""},
    {"sums in brackets", V1, "", "(1+", "1", ")", ""},
    {"unpacking", V1, "[", "*[1],", "1]", "", ""},
    {"attributes", V1, "[null", ".x", "]", "", ""},
    {"subscripts", V1, "[null", "[0]", "]", "", ""},
    {"nested subscripts", V1, "null", "[[0]", "", "]", ""},
    {"calls of calls", V1, "[null", "()", "]", "", ""},
    {"an unknown name, then members", V1, "[x,", "1,", "1]", "", ""},
    {"a constructor, then members", V1, "[slice,", "1,", "1]", "", ""},
    {"a word after a number", BOTH, "[1", "a", "]", "", ""},
    {"words without blanks", BOTH, "[", "null", "]", "", ""},
    {"garbage", BOTH, "[", "$", "]", "", ""},
    {"members without commas", BOTH, "[", "1 ", "]", "", ""},
    {"a brace and blanks", V2, "[{", " ", "}]", "", ""},
    {"a tag and blanks", V2, "[" TAG, " ", "[\"set\",[1]]}]", "", ""},
    {"a tag with a long name", V2, "[" TAG "[\"", "x", "\",[1]]}]", "", ""},
    {"a tag with a long argument", V2, "[" TAG "[\"set\",[\"", "x", "\"]]}]", "", ""},
    {"a payload", V1, "[slice(1, b'", "AAAA", "')]", "", ""},
    {"a payload, refused at its end", V1, "[slice(1, b'", "AAAA", "!')]", "", ""},
    {"a payload, refused at once", V1, "[slice(1, b'!", "AAAA", "')]", "", ""},
    {"a payload, refused and joined", V1, "[slice(1, b'", "AAAA", "'b'')]", "", ""},
    {"a payload", V2, "[" TAG "[\"x\",[1,\"", "AAAA", "\"]]}]", "", ""},
    {"a payload, refused at its end", V2, "[" TAG "[\"x\",[1,\"", "AAAA", "!\"]]}]", "", ""},
    {"payloads, refused", V1, "[", "slice(1, b'AA'),", "1]", "", ""},
    {"values", BOTH, "", "1 ", "", "", ""},
    {"values in brackets", BOTH, "", "[1]", "", "", ""},
    {"values that are strings", BOTH, "", "\"a\"", "", "", ""},
    {"lines", BOTH, "", "[1]\n", "", "", ""},
    {"lines with errors", BOTH, "", "[1 $]\n", "", "", ""},
    {"lines that are cut", BOTH, "", "[1,[\n", "", "", ""},
    {"lines that are empty", BOTH, "", "\n", "1\n", "", ""},
    {"lines of numbers", BOTH, "", "1\n", "", "", ""},
    {"a line with an error", BOTH, "[1 $", "x", "\n", "", ""},
    {"NULs", BOTH, "[", "\x01", "]", "", ""},
};

/* ---- Texts ---- */

static char *repeat(char *to, const char *text, size_t count)
{
    size_t length = strlen(text);

    for (; count > 0; count--, to += length)
        memcpy(to, text, length);
    return to;
}

/* About that many bytes of repetitions: new. */
static char *make_text(const struct shape *shape, size_t bytes, size_t *length)
{
    size_t each = strlen(shape->unit) + strlen(shape->closing), count = bytes / each;
    char *text = malloc(count * each + strlen(shape->head) + strlen(shape->middle) +
                        strlen(shape->tail) + 1);
    char *to = text;

    if (!text)
        abort();
    to = repeat(to, shape->head, 1);
    to = repeat(to, shape->unit, count);
    to = repeat(to, shape->middle, 1);
    to = repeat(to, shape->closing, count);
    to = repeat(to, shape->tail, 1);
    *to = '\0';
    *length = (size_t)(to - text);
    return text;
}

/* ---- Reading ---- */

/* A builder that keeps nothing, knows all names, and takes base64 to have the size of the text. */
struct host {
    size_t size;
    void *block;
};

static bool callable(void *self, const char *name, size_t length)
{
    (void)self, (void)name, (void)length;
    return true;
}

static int character(void *self, const char *name, size_t length, uint32_t *code_point)
{
    (void)self, (void)name, (void)length;
    *code_point = 0x20ac;
    return 0;
}

static int payload_begin(void *self, bool bytes, size_t most, void **data, size_t *size)
{
    struct host *host = self;

    (void)bytes, (void)most;
    *data = host->block;
    *size = host->size;
    return 0;
}

static int payload_end(void *self, bool complete)
{
    (void)self, (void)complete;
    return 0;
}

static void read_whole(const struct pyon_dialect *dialect, const struct pyon_builder *builder,
                       struct host *host, const char *text, size_t length)
{
    struct pyon_options options = {.max_depth = SIZE_MAX};
    struct pyon_error error;
    size_t line, column;

    if (pyon_parse(dialect, text, length, builder, host, &options, &error) < 0)
        pyon_locate(text, error.offset, &line, &column);
}

static void take_values(struct pyon_stream *stream)
{
    struct pyon_error error;
    int status;

    while ((status = pyon_stream_next(stream, &error)) != PYON_STREAM_MORE)
        if (status == PYON_STREAM_FAILED)
            pyon_stream_skip_line(stream);
}

static void put_pieces(struct pyon_stream *stream, const char *text, size_t length)
{
    if (!stream)
        abort();
    for (size_t i = 0; i < length; i++) {
        char *space = pyon_stream_space(stream, 1);

        if (!space)
            abort();
        *space = text[i];
        pyon_stream_add(stream, 1);
        take_values(stream);
    }
    pyon_stream_end(stream);
    take_values(stream);
}

static void read_pieces(const struct pyon_dialect *dialect, const struct pyon_builder *builder,
                        struct host *host, const char *text, size_t length, bool lines)
{
    struct pyon_options options = {.max_depth = SIZE_MAX, .lines = lines};
    struct pyon_stream *stream = pyon_stream_new(dialect, builder, host, &options);

    put_pieces(stream, text, length);
    pyon_stream_free(stream);
}

/* ---- Measuring ---- */

/* Nothing else calls these functions. At the first, callgrind sets its counts to 0; at the second, it writes them. */
static void start(void)
{
    (void)getpgrp();
}

static void mark(void)
{
    (void)getppid();
}

enum { WHOLE, PIECES, LINES, SKIPPED, SKIPPED_PIECES, SELECTED, SELECTED_PIECES, WAYS };

/* The paths are such that some of what is in the texts is entered, kept and skipped. */
static void select_text(const struct pyon_dialect *dialect, bool whole, const char *text,
                        size_t length)
{
    static const char *const texts[] = {"a.a.a", "[*].a[0]", "[-1]", "a[1:5].b", "[0][0][0]"};
    const struct pyon_options options = {.max_depth = SIZE_MAX};
    struct pyon_path *paths[sizeof texts / sizeof *texts];
    struct pyon_selection *selection;
    struct pyon_error error;
    struct pyon_match match;
    size_t count = sizeof texts / sizeof *texts;

    for (size_t i = 0; i < count; i++)
        paths[i] = pyon_path_parse(texts[i], strlen(texts[i]), &error);
    selection = pyon_selection_new((const struct pyon_path *const *)paths, count);
    if (!selection)
        abort();
    if (whole) {
        pyon_selection_parse(selection, dialect, text, length, &options, &error);
    } else {
        struct pyon_stream *stream = pyon_selection_stream(selection, dialect, &options);

        put_pieces(stream, text, length);
        pyon_stream_free(stream);
        pyon_selection_take(selection);
    }
    for (size_t i = 0; i < count; i++)
        pyon_selection_find(selection, i, &match);
    pyon_selection_free(selection);
    for (size_t i = 0; i < count; i++)
        pyon_path_free(paths[i]);
}

static void read_text(const struct pyon_dialect *dialect, int way, struct host *host,
                      const char *text, size_t length)
{
    struct pyon_builder builder = pyon_null_builder;

    builder.callable = callable;
    builder.character = character;
    builder.payload_begin = payload_begin;
    builder.payload_end = payload_end;
    if (way == WHOLE)
        read_whole(dialect, &builder, host, text, length);
    else if (way == SKIPPED)
        read_whole(dialect, &pyon_null_builder, host, text, length);
    else if (way == SKIPPED_PIECES)
        read_pieces(dialect, &pyon_null_builder, host, text, length, false);
    else if (way == SELECTED || way == SELECTED_PIECES)
        select_text(dialect, way == SELECTED, text, length);
    else
        read_pieces(dialect, &builder, host, text, length, way == LINES);
}

static bool is_number(const char *name)
{
    return strstr(name, "digits") || strstr(name, "underscores") || strstr(name, "real part");
}

static void measure(const struct shape *shape, unsigned version, int way, size_t bytes)
{
    char *texts[2];
    size_t lengths[2];
    struct host host;

    host.block = malloc(2 * bytes);
    if (!host.block)
        abort();
    for (size_t i = 0; i < 2; i++)
        texts[i] = make_text(shape, (i + 1) * bytes, &lengths[i]);
    start();
    for (size_t i = 0; i < 2; i++) {
        host.size = (i + 1) * bytes / 4 * 3;
        read_text(version == V1 ? &pyon_v1 : &pyon_v2, way, &host, texts[i], lengths[i]);
        mark();
    }
    for (size_t i = 0; i < 2; i++)
        free(texts[i]);
    free(host.block);
}

/* ---- Paths ---- */

static const struct shape path_shapes[] = {
    {"names", BOTH, "a", ".a", "", "", ""},        {"indexes", BOTH, "", "[0]", "", "", ""},
    {"keys", BOTH, "", "['a']", "", "", ""},       {"slices", BOTH, "", "[:]", "", "", ""},
    {"a long key", BOTH, "['", "a", "", "", "']"}, {"a long name", BOTH, "", "a", "", "", ""},
};

/* Reads the path, and says why it has no match. */
static void follow(const char *text, size_t length)
{
    static const char value[] = "{'a': {'a': [[{'a': 1}]], 'b': 2}}";
    struct pyon_error error;
    struct pyon_tree *tree = pyon_tree_parse(&pyon_v1, value, sizeof value - 1, NULL, &error);
    struct pyon_path *path = pyon_path_parse(text, length, &error);
    struct pyon_miss miss;
    struct pyon_out out;

    if (!tree || !path)
        abort();
    pyon_out_init(&out);
    pyon_path_explain(path, pyon_tree_root(tree), &miss, &out);
    pyon_out_free(&out);
    pyon_path_free(path);
    pyon_tree_free(tree);
}

static int count_match(void *self, const struct pyon_match *match)
{
    *(size_t *)self += match->path_length;
    return 0;
}

/* A dict with as many keys as fit, which have dots. New. */
static struct pyon_tree *make_dict(size_t bytes)
{
    char *text = malloc(2 * bytes + 64), *p = text;
    struct pyon_error error;
    struct pyon_tree *tree;

    if (!text)
        abort();
    *p++ = '{';
    for (size_t i = 0; (size_t)(p - text) < bytes; i++)
        p += sprintf(p, "'a.%zu': 1, ", i);
    *p++ = '}';
    *p = '\0';
    tree = pyon_tree_parse(&pyon_v1, text, (size_t)(p - text), NULL, &error);
    if (!tree)
        abort();
    free(text);
    return tree;
}

/* The paths of all values of a dict. */
static void measure_steps(size_t bytes)
{
    struct pyon_error error;
    struct pyon_path *path = pyon_path_parse(".*", 2, &error);
    struct pyon_tree *trees[2];
    size_t total = 0;

    printf("path\tall of a dict\n");
    for (size_t i = 0; i < 2; i++)
        trees[i] = make_dict(4 * (i + 1) * bytes);
    start();
    for (size_t i = 0; i < 2; i++) {
        pyon_path_each(path, pyon_tree_root(trees[i]), count_match, &total);
        mark();
    }
    for (size_t i = 0; i < 2; i++)
        pyon_tree_free(trees[i]);
    pyon_path_free(path);
}

static void measure_paths(size_t bytes)
{
    for (size_t i = 0; i < sizeof path_shapes / sizeof *path_shapes; i++) {
        char *texts[2];
        size_t lengths[2];

        printf("path\t%s\n", path_shapes[i].name);
        for (size_t j = 0; j < 2; j++)
            texts[j] = make_text(&path_shapes[i], (j + 1) * bytes, &lengths[j]);
        start();
        for (size_t j = 0; j < 2; j++) {
            follow(texts[j], lengths[j]);
            mark();
        }
        for (size_t j = 0; j < 2; j++)
            free(texts[j]);
    }
}

int main(int argc, char **argv)
{
    static const char *const ways[] = {"whole",          "pieces",   "lines",          "skipped",
                                       "skipped pieces", "selected", "selected pieces"};
    size_t bytes = argc > 1 ? strtoul(argv[1], NULL, 10) : 1500;

    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        for (unsigned version = V1; version <= V2; version++)
            for (int way = 0; way < WAYS && shapes[i].dialects & version; way++) {
                if (way == LINES && !strstr(shapes[i].name, "line"))
                    continue; /* its text is one line */
                /* The kept part is computed: in bounded time, but not in linear time. */
                if ((way == SELECTED || way == SELECTED_PIECES) && is_number(shapes[i].name))
                    continue;
                printf("v%u %s\t%s\n", version, ways[way], shapes[i].name);
                measure(&shapes[i], version, way, bytes);
            }
    measure_paths(bytes);
    measure_steps(bytes);
    return 0;
}
