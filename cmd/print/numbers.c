/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Many numbers in few columns. */
#include "print/numbers.h"

#include "print/element.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define DIGITS 6        /* as NumPy's summaries, about */
#define WHOLE_DIGITS 16 /* of integers, as many as a double has */
#define ALL_DIGITS 17   /* that tell any two doubles apart */
#define BLOCK 512

bool numbers_of(struct numbers *numbers, const struct pyon_node *node, size_t least)
{
    enum pyon_kind kind = pyon_node_kind(node);

    *numbers = (struct numbers){.count = pyon_node_size(node)};
    if (numbers->count < least)
        return false;
    if (kind == PYON_KIND_ARRAY) {
        numbers->array = pyon_node_array(node);
        return strchr("biuf", numbers->array->kind) != NULL;
    }
    numbers->list = node;
    if (kind != PYON_KIND_LIST && kind != PYON_KIND_TUPLE)
        return false;
    for (size_t i = 0; i < numbers->count; i++) {
        enum pyon_kind item = pyon_node_kind(pyon_node_item(node, i));

        if (item != PYON_KIND_INTEGER && item != PYON_KIND_REAL && item != PYON_KIND_SCALAR)
            return false;
        if (item == PYON_KIND_SCALAR &&
            !strchr("iuf", pyon_node_array(pyon_node_item(node, i))->kind))
            return false;
    }
    return true;
}

double numbers_get(const struct numbers *numbers, size_t n)
{
    double value = NAN;

    if (numbers->array)
        pyon_array_real(numbers->array, n, &value);
    else
        pyon_node_real(pyon_node_item(numbers->list, n), &value);
    return value;
}

/* ---- Summaries ---- */

/* Numbers [first, first + count), at most BLOCK. */
static void get_block(const struct numbers *numbers, size_t first, size_t count, double *values)
{
    if (numbers->array) {
        pyon_array_reals(numbers->array, first, count, values);
        return;
    }
    for (size_t i = 0; i < count; i++)
        values[i] = numbers_get(numbers, first + i);
}

struct summary {
    size_t finite, nan, infinite;
    double least, most, mean; /* of the finite ones; 0 if there are none */
};

static void add(struct summary *summary, double value)
{
    if (isnan(value)) {
        summary->nan++;
    } else if (isinf(value)) {
        summary->infinite++;
    } else {
        if (summary->finite == 0 || value < summary->least)
            summary->least = value;
        if (summary->finite == 0 || value > summary->most)
            summary->most = value;
        /* A running mean does not overflow, as a sum may. */
        summary->finite++;
        summary->mean +=
            (value / (double)summary->finite) - (summary->mean / (double)summary->finite);
    }
}

static void summarise(const struct numbers *numbers, struct summary *summary)
{
    double values[BLOCK];

    *summary = (struct summary){.finite = 0};
    for (size_t first = 0; first < numbers->count; first += BLOCK) {
        size_t count = numbers->count - first < BLOCK ? numbers->count - first : BLOCK;

        get_block(numbers, first, count, values);
        for (size_t i = 0; i < count; i++)
            add(summary, values[i]);
    }
}

/* ---- Elements ---- */

bool numbers_put_one(struct line_text *line, const struct numbers *numbers, size_t n, int digits)
{
    const struct pyon_node *item = numbers->list ? pyon_node_item(numbers->list, n) : NULL;
    const struct pyon_array *array = item ? pyon_node_array(item) : numbers->array;
    double real, imaginary;

    if (digits > 0 && (array ? array->kind == 'f' : pyon_node_kind(item) == PYON_KIND_REAL))
        return line_put_real(line, numbers_get(numbers, n), digits);
    if (!array)
        return line_put_value(line, item);
    if (digits > 0 && array->kind == 'c' &&
        pyon_array_complex(array, item ? 0 : n, &real, &imaginary) >= 0)
        return line_put_real(line, real, digits) && (signbit(imaginary) || line_put(line, "+")) &&
               line_put_real(line, imaginary, digits) && line_put(line, "j");
    return line_put_element(line, array, item ? 0 : n);
}

/* Puts all of them, or the first and the last `edge` with dots between: false if there is no room. */
static bool put_edges(struct line_text *line, const struct numbers *numbers, size_t edge)
{
    bool all = edge == 0 || numbers->count <= 2 * edge;

    line_put(line, "[");
    for (size_t i = 0; i < numbers->count && !line->full; i++) {
        if (i > 0)
            line_put(line, " ");
        if (!all && i == edge) {
            line_put(line, "... ");
            i = numbers->count - edge;
        }
        numbers_put_one(line, numbers, i, DIGITS);
    }
    return line_put(line, "]");
}

/* Where not even one element has room: as much of the first as there is. */
static void put_beginning(struct line_text *line, const struct numbers *numbers)
{
    static const char dots[] = "...";
    size_t room = line->room;

    if (room - line->width < sizeof dots + 1)
        return;
    line->room -= sizeof dots - 1;
    if (line_put(line, "["))
        numbers_put_one(line, numbers, 0, DIGITS);
    line->room = room;
    line->full = false;
    line_put(line, dots);
}

void numbers_put(struct line_text *line, const struct numbers *numbers)
{
    static const size_t edges[] = {0, 3, 2, 1};
    const struct line_text before = *line;

    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        if (put_edges(line, numbers, edges[i]))
            return;
        line_back(line, &before);
    }
    put_beginning(line, numbers);
}

/* ---- Sparklines ---- */

#define CELLS 24       /* at most */
#define FEWEST_CELLS 8 /* with less room, there is none */

/* The means of equal parts, or the numbers themselves if they are few. */
static size_t make_cells(const struct numbers *numbers, double *cells, size_t most)
{
    size_t count = numbers->count < most ? numbers->count : most;

    for (size_t i = 0; i < count; i++) {
        size_t from = i * (numbers->count / count) +
                      (i < numbers->count % count ? i : numbers->count % count);
        size_t size = numbers->count / count + (i < numbers->count % count);
        size_t step = size > 4096 ? size / 4096 : 1, taken = 0;
        double mean = 0;

        for (size_t k = from; k < from + size; k += step) {
            double value = numbers_get(numbers, k);

            if (isfinite(value)) {
                taken++;
                mean += value / (double)taken - mean / (double)taken;
            }
        }
        cells[i] = taken > 0 ? mean : NAN;
    }
    return count;
}

static size_t min(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void put_sparkline(struct line_text *line, const struct numbers *numbers)
{
    static const char *const blocks[] = {"\u2581", "\u2582", "\u2583", "\u2584",
                                         "\u2585", "\u2586", "\u2587", "\u2588"};
    static const char plain[] = "_.-~=+*#";
    double cells[CELLS], least = INFINITY, most = -INFINITY;
    size_t room = line->room - line->width;
    size_t count = room < FEWEST_CELLS + 2 ? 0 : make_cells(numbers, cells, min(room - 2, CELLS));

    for (size_t i = 0; i < count; i++) {
        least = cells[i] < least ? cells[i] : least;
        most = cells[i] > most ? cells[i] : most;
    }
    if (!(most > least) || isinf(most - least))
        return; /* a line that is flat says nothing */
    line_put(line, "  ");
    for (size_t i = 0; i < count; i++) {
        int level = isnan(cells[i]) ? -1 : (int)(7.999 * ((cells[i] - least) / (most - least)));

        if (level < 0)
            line_put(line, " ");
        else if (line->utf8)
            line_put_utf8(line, blocks[level], strlen(blocks[level]));
        else
            line_putf(line, "%c", plain[level]);
    }
}

/* Integers lose no digits. */
static bool are_whole(const struct numbers *numbers)
{
    if (numbers->array)
        return strchr("biu", numbers->array->kind) != NULL;
    for (size_t i = 0; i < numbers->count; i++)
        if (pyon_node_kind(pyon_node_item(numbers->list, i)) != PYON_KIND_INTEGER)
            return false;
    return true;
}

/* As many digits as tell the least number from the most. */
static int telling_digits(const struct summary *summary)
{
    char least[32], most[32];
    int digits = DIGITS;

    if (summary->least == summary->most)
        return digits;
    do {
        snprintf(least, sizeof least, "%.*g", digits, summary->least);
        snprintf(most, sizeof most, "%.*g", digits, summary->most);
    } while (strcmp(least, most) == 0 && digits++ < ALL_DIGITS);
    return digits;
}

/* A name and a number, or neither. */
static void put_named(struct line_text *line, const char *name, double value, int digits)
{
    const struct line_text before = *line;

    if (line_put(line, name) && line_put_real(line, value, digits))
        return;
    line_back(line, &before);
    line->full = true;
}

void numbers_put_summary(struct line_text *line, const struct numbers *numbers)
{
    struct summary summary;

    summarise(numbers, &summary);
    if (summary.finite > 0) {
        int digits = are_whole(numbers) ? WHOLE_DIGITS : telling_digits(&summary);

        put_named(line, "min ", summary.least, digits);
        put_named(line, "  max ", summary.most, digits);
        put_named(line, "  mean ", summary.mean, telling_digits(&summary));
    }
    if (summary.nan > 0)
        line_putf(line, "%s%zu nan", line->width > 0 ? "  " : "", summary.nan);
    if (summary.infinite > 0)
        line_putf(line, "%s%zu inf", line->width > 0 ? "  " : "", summary.infinite);
    if (!line->full)
        put_sparkline(line, numbers);
}
