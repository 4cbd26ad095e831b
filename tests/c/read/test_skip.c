/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * With the null builder values are skipped, by a loop of its own. It must find the same errors as
 * the grammar, at the same places: in the recorded cases, in random texts, and in both with bytes
 * changed; whole and in pieces. A selector is told the same places by both.
 */
#include "../support/cases.h"
#include "../support/check.h"
#include "../support/random.h"

#include <stdlib.h>
#include <string.h>

/* The loop stops some bytes before the end. With these after it, a short text is read by it, too.
   */
#define TAIL 100

static const struct pyon_options shallow = {.max_depth = 4};

static bool same(const struct pyon_error *a, const struct pyon_error *b)
{
    return a->code == b->code && a->offset == b->offset && a->length == b->length;
}

static void check_whole(const struct pyon_dialect *dialect, const char *text, size_t length,
                        const struct pyon_options *options)
{
    const struct pyon_builder grammar = pyon_null_builder; /* a copy is a builder like any other */
    struct pyon_error expected = {.code = PYON_OK}, error = {.code = PYON_OK};
    int wanted = pyon_parse(dialect, text, length, &grammar, NULL, options, &expected);
    int status = pyon_parse(dialect, text, length, &pyon_null_builder, NULL, options, &error);

    if (!CHECK_WITH(text, status == wanted && same(&error, &expected)))
        fprintf(stderr, "%d at %zu+%zu, wanted %d at %zu+%zu\n", error.code, error.offset,
                error.length, expected.code, expected.offset, expected.length);
}

/* Values, and the error that ends them, if any. */
static size_t read_pieces(const struct pyon_dialect *dialect, const struct pyon_builder *builder,
                          const char *text, size_t length, size_t size, struct pyon_error *error)
{
    struct pyon_stream *stream = pyon_stream_new(dialect, builder, NULL, NULL);
    size_t values = 0;
    int status = PYON_STREAM_MORE;

    if (!stream)
        abort();
    for (size_t at = 0; status != PYON_STREAM_FAILED; at += size) {
        size = size < length - at ? size : length - at;
        memcpy(pyon_stream_space(stream, size), text + at, size);
        pyon_stream_add(stream, size);
        if (at + size == length)
            pyon_stream_end(stream);
        while ((status = pyon_stream_next(stream, error)) == PYON_STREAM_VALUE)
            values++;
        if (at + size == length)
            break;
    }
    pyon_stream_free(stream);
    return values;
}

static void check_pieces(const struct pyon_dialect *dialect, const char *text, size_t length,
                         size_t size)
{
    const struct pyon_builder grammar = pyon_null_builder;
    struct pyon_error expected = {.code = PYON_OK}, error = {.code = PYON_OK};
    size_t wanted = read_pieces(dialect, &grammar, text, length, length, &expected);
    size_t values = read_pieces(dialect, &pyon_null_builder, text, length, size, &error);

    CHECK_WITH(text, values == wanted && same(&error, &expected));
}

/* The text, and the text as the first of two, with enough after it. */
static void check_text(const struct pyon_dialect *dialect, const char *text, size_t length)
{
    static const size_t sizes[] = {1, 7, 300, 1000};
    char *longer = malloc(length + TAIL + 4);

    if (!longer)
        abort();
    longer[0] = '[';
    memcpy(longer + 1, text, length);
    longer[length + 1] = ',';
    memset(longer + length + 2, ' ', TAIL);
    memcpy(longer + length + TAIL + 1, "0]", 3);
    check_whole(dialect, text, length, NULL);
    check_whole(dialect, longer, length + TAIL + 3, NULL);
    check_whole(dialect, longer, length + TAIL + 3, &shallow);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        check_pieces(dialect, longer, length + TAIL + 3, sizes[i]);
    free(longer);
}

/* A byte is lost, or becomes another one of those that matter. */
static void check_changed(const struct pyon_dialect *dialect, const char *text, size_t length)
{
    static const char bytes[] = "[]{},:\"'\\ \n0159.eE+-tfn\x80\xc3u()#";
    char *copy = malloc(length + 1);

    if (!copy)
        abort();
    for (int i = 0; i < 8 && length > 0; i++) {
        size_t at = next_random() % length, lost = next_random() % 2;

        memcpy(copy, text, length + 1);
        if (lost)
            memmove(copy + at, copy + at + 1, length - at);
        else
            copy[at] = bytes[next_random() % (sizeof bytes - 1)];
        check_text(dialect, copy, length - lost);
    }
    free(copy);
}

static void check_case(const struct kase *kase, const char *directory)
{
    (void)directory;
    if (kase->text.length > 20000)
        return;
    check_text(kase->dialect, kase->text.data, kase->text.length);
    if (kase->text.length < 2000)
        check_changed(kase->dialect, kase->text.data, kase->text.length);
}

/* ---- Random texts ------------------------------------------------------------------------ */

static char random_text[100000];
static size_t random_length;

static void put(const char *text)
{
    size_t length = strlen(text);

    memcpy(random_text + random_length, text, length + 1);
    random_length += length;
}

static const char *pick(const char *const *texts, size_t count)
{
    return texts[next_random() % count];
}

static void put_value(unsigned depth)
{
    static const char *const scalars[] = {"0",
                                          "-1",
                                          "12345",
                                          "1.5",
                                          "-0.25e-3",
                                          "1e5",
                                          "1E+05",
                                          "0.1234567890123456",
                                          "true",
                                          "false",
                                          "null",
                                          "\"\"",
                                          "\"plain\"",
                                          "\"a longer text without escapes\"",
                                          "\"caf\xc3\xa9\"",
                                          "\"\\u00e9\\n\"",
                                          "\"\\\\\"",
                                          "123456789012345678901234567890",
                                          "NaN",
                                          "-Infinity",
                                          "1e123456789012",
                                          "{\"__jsonclass__\":[\"tuple\",[[1,2]]]}",
                                          "{\"__jsonclass__\":[\"complex\",[1.0,2.0]] }",
                                          "{\"__jsonclass__\":1}",
                                          "{\"__jsonclass__\":[\"a\",[],1]}",
                                          "{ \"__jsonclass__\" : [\"a\",[1]]}"};
    static const char *const spaces[] = {"", "", "", " ", "\n  ", "\t"};
    uint64_t count = next_random() % 5, kind = depth == 0 ? 0 : next_random() % 3;

    if (kind == 0) {
        put(pick(scalars, sizeof scalars / sizeof *scalars));
        return;
    }
    put(kind == 1 ? "[" : "{");
    for (uint64_t i = 0; i < count; i++) {
        put(i > 0 ? "," : "");
        put(pick(spaces, 6));
        if (kind == 2) {
            put(next_random() % 8 == 0 ? "\"k\\u0065y\"" : "\"key\"");
            put(next_random() % 8 == 0 ? " : " : ":");
        }
        put_value(depth - 1);
        put(next_random() % 8 == 0 ? " " : "");
    }
    put(kind == 1 ? "]" : "}");
}

static void test_random(void)
{
    for (int i = 0; i < 300; i++) {
        random_length = 0;
        put_value(5);
        check_text(&pyon_v2, random_text, random_length);
        check_changed(&pyon_v2, random_text, random_length);
    }
}

/* ---- Positions ---------------------------------------------------------------------------- */

#define FAR_TAIL 2000 /* more than a stream keeps back because a token may be cut */

/* A selector that enters everything, and writes down where it is asked. */
struct places {
    struct pyon_stream *stream;
    char text[400];
    size_t length;
};

static int put_place(struct places *places, const char *event, int result)
{
    places->length +=
        (size_t)snprintf(places->text + places->length, sizeof places->text - places->length,
                         "%s%zu ", event, pyon_stream_position(places->stream));
    return result;
}

static int on_value(void *self, size_t index)
{
    (void)index;
    return put_place(self, "item", PYON_WANTED_ENTER);
}

static int on_key(void *self, const char *utf8, size_t length)
{
    (void)utf8, (void)length;
    return put_place(self, "key", PYON_WANTED_ENTER);
}

static int on_other_key(void *self, bool string)
{
    (void)string;
    return put_place(self, "other", PYON_WANTED_SKIP);
}

static int on_enter(void *self, bool dict)
{
    return put_place(self, dict ? "{" : "[", 0);
}

static int on_leave(void *self, enum pyon_container kind, bool tagged)
{
    (void)kind, (void)tagged;
    return put_place(self, "end", 0);
}

/* What the selector is asked depends neither on the pieces nor on the loop that reads them. */
static void test_positions(void)
{
    static const char text[] =
        "{\"k\": 1.5, \"long\":\"a string\" , \"d\":{\"\":[ 7, \"x\"],\"e\": null }}";
    static const char expected[] = "item0 {0 key1 key11 key31 {35 key36 [39 item41 item44 end47 "
                                   "key49 end59 end60 up to 61";
    const size_t length = sizeof text - 1;

    for (size_t size = 1; size <= length + FAR_TAIL; size += 1 + size / 20)
        for (size_t tail = 0; tail <= FAR_TAIL; tail += FAR_TAIL) {
            struct places places = {.length = 0};
            const struct pyon_selector selector = {.value = on_value,
                                                   .key = on_key,
                                                   .other_key = on_other_key,
                                                   .enter = on_enter,
                                                   .leave = on_leave,
                                                   .self = &places};
            const struct pyon_options options = {.selector = &selector};
            char padded[sizeof text + FAR_TAIL];
            struct pyon_error error;
            int status = PYON_STREAM_MORE;

            memcpy(padded, text, length);
            memset(padded + length, ' ', FAR_TAIL);
            places.stream = pyon_stream_new(&pyon_v2, &pyon_null_builder, NULL, &options);
            for (size_t at = 0; status == PYON_STREAM_MORE && at < length + tail; at += size) {
                size_t count = length + tail - at < size ? length + tail - at : size;

                memcpy(pyon_stream_space(places.stream, count), padded + at, count);
                pyon_stream_add(places.stream, count);
                status = pyon_stream_next(places.stream, &error);
            }
            CHECK(status == PYON_STREAM_VALUE);
            put_place(&places, "up to ", 0);
            places.text[places.length - 1] = '\0';
            if (!CHECK(strcmp(places.text, expected) == 0))
                fprintf(stderr, "in pieces of %zu: %s\n", size, places.text);
            pyon_stream_free(places.stream);
        }
}

int main(void)
{
    cases_run(check_case);
    test_random();
    test_positions();
    return check_report();
}
