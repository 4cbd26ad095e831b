/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Runs of numbers and of pairs (lib/write/write_run.c): the text is the same as member by member,
 * in every container and layout, at every level at which separators are kept in another way.
 */
#include "../support/check.h"
#include "../support/edge.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MOST 200       /* members; a chunk is 64 */
#define ROOM (1 << 20) /* of a text */

static const char *const keys[] = {
    "a", "", "a longer key than sixteen bytes", "\"quoted\"\\", "\xe9t\xe9", "x\ny"};

struct data {
    double reals[MOST];
    int64_t integers[MOST];
    struct pyon_key keys[MOST];
};

static struct data data;

static void fill(unsigned special)
{
    static const double reals[] = {0.1, 1.0, -2.5e-300, NAN, 1e16, INFINITY, 5e-324, -INFINITY};

    for (unsigned i = 0; i < MOST; i++) {
        const char *key = keys[i % (sizeof keys / sizeof *keys)];

        data.reals[i] = special && i % special == 0 ? reals[i / special % 8] : i / 7.0;
        data.integers[i] = special == 0 || i % 5 == 0 ? INT64_MIN + i
                           : i % 3 == 0               ? INT64_MAX
                                                      : (int64_t)i - 50;
        data.keys[i] = (struct pyon_key){key, strlen(key)};
    }
}

enum what { REALS, INTEGERS, PAIRS };

static int write_one(struct pyon_writer *writer, enum what what, size_t i, enum pyon_container kind)
{
    const struct pyon_key *key = &data.keys[i];

    switch (what) {
    case REALS:
        return pyon_write_real(writer, data.reals[i]);
    case INTEGERS:
        return pyon_write_integer(writer, data.integers[i]);
    case PAIRS:
        break;
    }
    if (pyon_write_pair_begin(writer, kind) < 0 ||
        pyon_write_code_points(writer, key->text, key->length, 1) < 0 ||
        pyon_write_pair_middle(writer, kind) < 0 || pyon_write_real(writer, data.reals[i]) < 0)
        return -1;
    return pyon_write_pair_end(writer, kind);
}

static int write_run(struct pyon_writer *writer, enum what what, size_t from, size_t count,
                     enum pyon_container kind, size_t length)
{
    switch (what) {
    case REALS:
        return pyon_write_reals(writer, data.reals + from, count, kind, length);
    case INTEGERS:
        return pyon_write_integers(writer, data.integers + from, count, kind, length);
    case PAIRS:
        break;
    }
    return pyon_write_real_pairs(writer, data.keys + from, data.reals + from, count, kind, length);
}

/* A list of `length` members. All but the last are written in runs of `run`; singly if 0. New. */
static char *text_of(const struct pyon_dialect *dialect, bool pretty, size_t level, enum what what,
                     enum pyon_container kind, size_t length, size_t run)
{
    static char *end;
    struct pyon_writer writer;
    struct pyon_out out;
    size_t i = 0;
    char *text;
    size_t size;

    if (!end)
        end = edge_of(ROOM);
    edge_out(&out, end);
    pyon_writer_init(&writer, &out, dialect, pretty);
    writer.level = level;
    CHECK(pyon_write_begin(&writer, kind, length) == 0);
    while (run > 0 && i + 1 < length) {
        size_t count = length - 1 - i < run ? length - 1 - i : run;

        CHECK(write_run(&writer, what, i, count, kind, length) == 0);
        i += count;
    }
    for (; i < length; i++) {
        if (run == 0 && i > 0)
            CHECK(pyon_write_next(&writer, kind, length) == 0);
        CHECK(write_one(&writer, what, i, kind) == 0);
    }
    CHECK(pyon_write_end(&writer, kind, length) == 0);
    size = (size_t)(out.cur - out.start);
    text = malloc(size + 1); /* not strndup, which looks for a NUL under AddressSanitizer */
    if (!text)
        abort();
    memcpy(text, out.start, size);
    text[size] = '\0';
    return text;
}

static void check_kind(const struct pyon_dialect *dialect, bool pretty, size_t level,
                       enum what what, enum pyon_container kind)
{
    static const size_t lengths[] = {1, 2, 3, 8, 9, 10, 17, 63, 64, 65, 66, 129, 200};
    static const size_t runs[] = {1, 2, 3, 4, 7, 8, 64, 199};
    const size_t step = check_short() ? 3 : 1;

    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i += step) {
        char *singly = text_of(dialect, pretty, level, what, kind, lengths[i], 0);

        for (size_t k = 0; k < sizeof runs / sizeof *runs; k++) {
            char *in_runs = text_of(dialect, pretty, level, what, kind, lengths[i], runs[k]);

            CHECK_WITH(singly, strcmp(singly, in_runs) == 0);
            free(in_runs);
        }
        free(singly);
    }
}

static void check_dialect(const struct pyon_dialect *dialect)
{
    static const size_t levels[] = {0, 1, 7, 8, 15, 16, 31, 32, 33, 100};

    for (int pretty = 0; pretty < 2; pretty++)
        for (size_t i = 0; i < (pretty ? sizeof levels / sizeof *levels : 1); i++) {
            for (int kind = PYON_CONTAINER_LIST; kind <= PYON_CONTAINER_SET; kind++) {
                check_kind(dialect, pretty, levels[i], REALS, (enum pyon_container)kind);
                check_kind(dialect, pretty, levels[i], INTEGERS, (enum pyon_container)kind);
            }
            for (int kind = PYON_CONTAINER_DICT; kind <= PYON_CONTAINER_ORDERED; kind++)
                check_kind(dialect, pretty, levels[i], PAIRS, (enum pyon_container)kind);
        }
}

int main(void)
{
    for (unsigned special = check_short() ? 9 : 0; special < 12; special += 3) {
        fill(special);
        check_dialect(&pyon_v1);
        check_dialect(&pyon_v2);
    }
    return check_report();
}
