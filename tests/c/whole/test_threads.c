/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Several threads use the library at once, each with values of its own. They share dialects,
 * tables, and the instruction set in use. None of these is ever written: this test, built with
 * -fsanitize=thread, shows it.
 */
#include "../support/check.h"

#include <pyon.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define THREADS 4
#define ROUNDS 200

static const char v1[] =
    "[1, -2.5, (3, 'a\\u20ac'), {4: b'x'}, nparray((1,), '<i2', b'AQA='), 1e300]";
static const char v2[] =
    "[1, -2.5, {\"__jsonclass__\":[\"tuple\",[[3, \"a\\u20ac\"]]]}, {\"b\": NaN}]";
static const char bad[] = "[1, {\"a\": ?";

static bool parse(const struct pyon_dialect *dialect, const char *text)
{
    struct pyon_error error;

    return pyon_parse(dialect, text, strlen(text), &pyon_null_builder, NULL, NULL, &error) == 0;
}

/* In pieces of one byte. */
static bool read_stream(const struct pyon_dialect *dialect, const char *text)
{
    struct pyon_stream *stream = pyon_stream_new(dialect, &pyon_null_builder, NULL, NULL);
    int status = PYON_STREAM_MORE;
    struct pyon_error error;

    for (; stream && *text && status == PYON_STREAM_MORE; text++) {
        char *space = pyon_stream_space(stream, 1);

        if (!space)
            break;
        *space = *text;
        pyon_stream_add(stream, 1);
        status = pyon_stream_next(stream, &error);
    }
    pyon_stream_free(stream);
    return status == PYON_STREAM_VALUE;
}

static bool write_values(const struct pyon_dialect *dialect)
{
    static const double reals[] = {1.5, -0.0, 1e22, 5e-324, 3.0};
    struct pyon_writer writer;
    struct pyon_out out;
    size_t length;
    bool right;
    char *text;

    pyon_out_init(&out);
    pyon_writer_init(&writer, &out, dialect, true);
    pyon_write_begin(&writer, PYON_CONTAINER_LIST, 7);
    pyon_write_reals(&writer, reals, 5, PYON_CONTAINER_LIST, 7);
    pyon_write_string(&writer, "a\xe2\x82\xac\n", 5);
    pyon_write_next(&writer, PYON_CONTAINER_LIST, 7);
    pyon_write_bytes(&writer, v1, sizeof v1);
    pyon_write_end(&writer, PYON_CONTAINER_LIST, 7);
    text = pyon_out_detach(&out, &length);
    right = text && parse(dialect, text);
    free(text);
    return right;
}

static void *work(void *failures)
{
    for (int i = 0; i < ROUNDS; i++)
        *(int *)failures += !parse(&pyon_v1, v1) + !parse(&pyon_v2, v2) + parse(&pyon_v2, bad) +
                            !read_stream(&pyon_v1, v1) + !read_stream(&pyon_v2, v2) +
                            !write_values(&pyon_v1) + !write_values(&pyon_v2);
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    int failures[THREADS] = {0};

    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, work, &failures[i]) != 0)
            abort();
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        CHECK(failures[i] == 0);
    }
    return check_report();
}
