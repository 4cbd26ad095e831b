/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * pyon diff: values that were added, removed or changed.
 *
 *     - detector.gain = 3
 *     + detector.offset = 0.5
 *     ~ detector.name: "left" -> "right"
 *     ~ data: 3 of 100 numbers differ, most at [17]: 1.0 -> 1.5
 */
#include "print/brief.h"
#include "print/element.h"
#include "print/numbers.h"
#include "print/term.h"
#include "source/values.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pyon_path.h>

#define VALUE_ROOM 60 /* columns of a value */

struct diff {
    double absolute, relative; /* differences of numbers that count as none */
    bool quiet;
    bool utf8;
    bool failed;               /* there is no memory */
    unsigned long long count;  /* of differences */
    unsigned long long number; /* of the values that are compared, from 1, */
    unsigned long long shown;  /* and of those whose differences were shown last */
    struct pyon_out path;      /* of the values that are compared now */
};

static void compare(struct diff *diff, const struct pyon_node *a, const struct pyon_node *b);

/* ---- Output ---- */

/* Counts a difference: true if it shall be shown. */
static bool begin_difference(struct diff *diff, char sign)
{
    size_t length = (size_t)(diff->path.cur - diff->path.start);

    diff->count++;
    if (diff->quiet)
        return false;
    if (diff->number > 1 && diff->number != diff->shown)
        printf("value %llu:\n", diff->number);
    diff->shown = diff->number;
    printf("%c ", sign);
    fwrite(length > 0 ? diff->path.start : ".", length > 0 ? length : 1, 1, stdout);
    return true;
}

static void print_value(const struct diff *diff, const struct pyon_node *node)
{
    struct line_text line;

    line_init(&line, VALUE_ROOM, diff->utf8);
    if (!line_put_value_cut(&line, node)) {
        line_free(&line);
        line_init(&line, VALUE_ROOM, diff->utf8);
        line_put_type(&line, node);
    }
    fputs(line.data ? line.data : "?", stdout);
    line_free(&line);
}

static void print_one_sided(struct diff *diff, char sign, const struct pyon_node *node)
{
    if (!begin_difference(diff, sign))
        return;
    fputs(" = ", stdout);
    print_value(diff, node);
    putchar('\n');
}

static void print_change(struct diff *diff, const struct pyon_node *a, const struct pyon_node *b)
{
    if (!begin_difference(diff, '~'))
        return;
    fputs(": ", stdout);
    print_value(diff, a);
    fputs(" -> ", stdout);
    print_value(diff, b);
    putchar('\n');
}

/* ---- Numbers ---- */

static bool are_close(const struct diff *diff, double a, double b)
{
    double difference = fabs(a - b), most = fabs(a) > fabs(b) ? fabs(a) : fabs(b);

    if (a == b || (isnan(a) && isnan(b)))
        return true;
    return isfinite(difference) &&
           (difference <= diff->absolute || difference <= diff->relative * most);
}

/* Is it a single number, whatever its type? A boolean is none. */
static bool is_number(const struct pyon_node *node)
{
    switch (pyon_node_kind(node)) {
    case PYON_KIND_INTEGER:
    case PYON_KIND_BIGINT:
    case PYON_KIND_REAL:
    case PYON_KIND_COMPLEX:
        return true;
    case PYON_KIND_SCALAR:
        return strchr("iufc", pyon_node_array(node)->kind) != NULL;
    default:
        return false;
    }
}

static bool are_close_numbers(const struct diff *diff, const struct pyon_node *a,
                              const struct pyon_node *b)
{
    double a_real, a_imaginary, b_real, b_imaginary;
    int64_t a_integer, b_integer;

    if (pyon_node_equal(a, b))
        return true;
    /* Integers beyond 2**53 would be equal as doubles. */
    if (pyon_node_integer(a, &a_integer) == PYON_EXACT &&
        pyon_node_integer(b, &b_integer) == PYON_EXACT && a_integer != b_integer &&
        diff->absolute == 0 && diff->relative == 0)
        return false;
    return pyon_node_complex(a, &a_real, &a_imaginary) >= 0 &&
           pyon_node_complex(b, &b_real, &b_imaginary) >= 0 && are_close(diff, a_real, b_real) &&
           are_close(diff, a_imaginary, b_imaginary);
}

/* ---- Arrays ---- */

static bool have_equal_shapes(const struct pyon_array *a, const struct pyon_array *b)
{
    if (a->ndim != b->ndim)
        return false;
    for (size_t i = 0; i < a->ndim; i++)
        if (a->shape[i] != b->shape[i])
            return false;
    return true;
}

/* Prints the place of an element as indexes. */
static void print_place(const struct pyon_array *array, size_t index)
{
    size_t rest = array->count;

    for (size_t i = 0; i < array->ndim; i++) {
        rest /= (size_t)array->shape[i];
        printf("[%zu]", index / rest);
        index %= rest;
    }
}

/* An element as a complex number; of NaN parts if it is none. */
static void get_element(const struct pyon_array *array, size_t index, double parts[2])
{
    parts[0] = parts[1] = NAN;
    pyon_array_complex(array, index, &parts[0], &parts[1]);
}

static void print_element(const struct diff *diff, const struct pyon_array *array, size_t index)
{
    struct line_text line;

    line_init(&line, VALUE_ROOM, diff->utf8);
    line_put_element(&line, array, index);
    fputs(line.data ? line.data : "?", stdout);
    line_free(&line);
}

static void compare_elements(struct diff *diff, const struct pyon_array *a,
                             const struct pyon_array *b)
{
    size_t count = 0, where = 0;
    double largest = -1;

    for (size_t i = 0; i < a->count; i++) {
        double x[2], y[2], difference;

        get_element(a, i, x);
        get_element(b, i, y);
        if (are_close(diff, x[0], y[0]) && are_close(diff, x[1], y[1]))
            continue;
        difference = hypot(x[0] - y[0], x[1] - y[1]);
        if (!(difference >= 0)) /* NaN on one side is as different as can be */
            difference = INFINITY;
        if (count++ == 0 || difference > largest) {
            largest = difference;
            where = i;
        }
    }
    if (count == 0 || !begin_difference(diff, '~'))
        return;
    printf(": %zu of %zu numbers differ, most ", count, a->count);
    fputs(a->ndim > 0 ? "at " : "", stdout);
    print_place(a, where);
    fputs(": ", stdout);
    print_element(diff, a, where);
    fputs(" -> ", stdout);
    print_element(diff, b, where);
    putchar('\n');
}

static void compare_arrays(struct diff *diff, const struct pyon_node *a, const struct pyon_node *b)
{
    const struct pyon_array *x = pyon_node_array(a), *y = pyon_node_array(b);

    if (have_equal_shapes(x, y) && strchr("biufc", x->kind) && strchr("biufc", y->kind) &&
        (x->kind == 'b') == (y->kind == 'b'))
        compare_elements(diff, x, y);
    else
        print_change(diff, a, b);
}

/* ---- Containers ---- */

/* Goes to a member: returns what leave() needs, or SIZE_MAX without memory. */
static size_t enter(struct diff *diff, const struct pyon_steps *steps, size_t n)
{
    size_t length = (size_t)(diff->path.cur - diff->path.start);

    if (!steps || pyon_steps_append(steps, n, &diff->path) < 0) {
        diff->failed = true;
        return SIZE_MAX;
    }
    return length;
}

static void leave(struct diff *diff, size_t length)
{
    if (length != SIZE_MAX)
        diff->path.cur = diff->path.start + length;
}

static void print_member(struct diff *diff, char sign, const struct pyon_steps *steps,
                         const struct pyon_node *node, size_t n)
{
    const struct pyon_node *value = pyon_node_value(node, n);
    size_t length = enter(diff, steps, n);

    print_one_sided(diff, sign, value ? value : pyon_node_item(node, n));
    leave(diff, length);
}

static void compare_dicts(struct diff *diff, const struct pyon_node *a, const struct pyon_node *b)
{
    struct pyon_steps *in_a = pyon_steps_new(a), *in_b = pyon_steps_new(b);

    for (size_t i = 0; i < pyon_node_size(a); i++) {
        const struct pyon_node *other = pyon_node_find_key(b, pyon_node_key(a, i));
        size_t length;

        if (!other) {
            print_member(diff, '-', in_a, a, i);
            continue;
        }
        length = enter(diff, in_a, i);
        compare(diff, pyon_node_value(a, i), other);
        leave(diff, length);
    }
    for (size_t i = 0; i < pyon_node_size(b); i++)
        if (!pyon_node_find_key(a, pyon_node_key(b, i)))
            print_member(diff, '+', in_b, b, i);
    pyon_steps_free(in_a);
    pyon_steps_free(in_b);
}

static void compare_items(struct diff *diff, const struct pyon_node *a, const struct pyon_node *b)
{
    size_t a_count = pyon_node_size(a), b_count = pyon_node_size(b);
    size_t common = a_count < b_count ? a_count : b_count;
    struct pyon_steps *in_a = pyon_steps_new(a), *in_b = pyon_steps_new(b);

    for (size_t i = 0; i < common; i++) {
        const struct pyon_node *x = pyon_node_item(a, i), *y = pyon_node_item(b, i);
        size_t length;

        if (pyon_node_size(x) == 0 && pyon_node_equal(x, y))
            continue; /* before its path is made: most lists are long, and of numbers */
        length = enter(diff, in_a, i);
        compare(diff, x, y);
        leave(diff, length);
    }
    for (size_t i = common; i < a_count; i++)
        print_member(diff, '-', in_a, a, i);
    for (size_t i = common; i < b_count; i++)
        print_member(diff, '+', in_b, b, i);
    pyon_steps_free(in_a);
    pyon_steps_free(in_b);
}

static bool are_equal_calls(const struct pyon_node *a, const struct pyon_node *b)
{
    size_t a_length, b_length;
    const char *a_name = pyon_node_text(a, &a_length), *b_name = pyon_node_text(b, &b_length);

    return a_length == b_length && memcmp(a_name, b_name, a_length) == 0;
}

/* An OrderedDict is equal to a dict, as in Python. Version 2 writes one of strings as a dict. */
static bool is_dict(const struct pyon_node *node)
{
    enum pyon_kind kind = pyon_node_kind(node);

    return kind == PYON_KIND_DICT || kind == PYON_KIND_ORDERED;
}

static void compare(struct diff *diff, const struct pyon_node *a, const struct pyon_node *b)
{
    enum pyon_kind kind = pyon_node_kind(a);
    bool same_kind = kind == pyon_node_kind(b);

    if (diff->failed)
        return;
    if (is_dict(a) && is_dict(b)) {
        compare_dicts(diff, a, b);
    } else if (same_kind && (kind == PYON_KIND_LIST || kind == PYON_KIND_TUPLE ||
                             (kind == PYON_KIND_CALL && are_equal_calls(a, b)))) {
        compare_items(diff, a, b);
    } else if (pyon_node_equal(a, b)) {
        return;
    } else if (is_number(a) && is_number(b)) {
        if (!are_close_numbers(diff, a, b))
            print_change(diff, a, b);
    } else if (same_kind && kind == PYON_KIND_ARRAY) {
        compare_arrays(diff, a, b);
    } else {
        print_change(diff, a, b);
    }
}

/* ---- The command ---- */

/* A value that the other file does not have. */
static void print_one_sided_value(struct diff *diff, char sign, const struct values *values)
{
    diff->number++;
    print_one_sided(diff, sign, pyon_tree_root(values->tree));
}

/* Compares the values of both files one by one. */
static int compare_files(struct diff *diff, struct values *a, struct values *b)
{
    int a_status = values_next(a), b_status = values_next(b);

    while (a_status == READER_VALUE && b_status == READER_VALUE && !diff->failed) {
        diff->number++;
        compare(diff, pyon_tree_root(a->tree), pyon_tree_root(b->tree));
        a_status = values_next(a);
        b_status = values_next(b);
    }
    if (diff->failed)
        complain("no memory");
    if (a_status < 0 || b_status < 0 || diff->failed)
        return EXIT_TROUBLE;
    for (; a_status == READER_VALUE; a_status = values_next(a))
        print_one_sided_value(diff, '-', a);
    for (; b_status == READER_VALUE; b_status = values_next(b))
        print_one_sided_value(diff, '+', b);
    if (a_status < 0 || b_status < 0)
        return EXIT_TROUBLE;
    return diff->count > 0 ? EXIT_NO : EXIT_FINE;
}

static int run(const struct arguments *arguments)
{
    const struct pyon_dialect *dialect = chosen_dialect(arguments);
    struct diff diff = {.quiet = has_option(arguments, "quiet")};
    struct values a, b;
    struct term term;
    int status;

    if (!option_real(arguments, "abs", &diff.absolute) ||
        !option_real(arguments, "rel", &diff.relative) ||
        values_open(&a, arguments->operands[0], dialect) != EXIT_FINE)
        return EXIT_TROUBLE;
    term_init(&term, 0);
    diff.utf8 = term.utf8;
    pyon_out_init(&diff.path);
    status = values_open(&b, arguments->operands[1], dialect);
    if (status == EXIT_FINE) {
        status = compare_files(&diff, &a, &b);
        values_close(&b);
    } else {
        status = EXIT_TROUBLE;
    }
    values_close(&a);
    pyon_out_free(&diff.path);
    return status;
}

static const struct option options[] = {
    COMMON_OPTIONS,
    {0, "abs", "X", "numbers that differ by at most X are the same"},
    {0, "rel", "X", "and so are those that differ by at most X times the larger one"},
    {'q', "quiet", NULL, "say nothing: the exit status tells"},
    {0, NULL, NULL, NULL},
};

const struct command command_diff = {
    .name = "diff",
    .operands = "FILE FILE",
    .summary = "compare two files by their values",
    .text = "Prints the values that only the first file has (-), that only the second has (+), and "
            "that\n"
            "differ (~). Numbers and arrays are compared as numbers, whatever their type; the "
            "order of\n"
            "keys does not count. The files may be of different versions and layouts.\n"
            "Exits with 0 if they are the same, with 1 if they differ, and with 2 if one cannot be "
            "read.",
    .options = options,
    .examples = "  pyon diff dataset_db.pyon~ dataset_db.pyon\n"
                "  pyon diff --rel 1e-9 old.pyon new.pyon\n",
    .least = 2,
    .most = 2,
    .run = run,
};
