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

#include <errno.h>
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

/* A number, and the exact value of an integer that no double has. */
struct number {
    double real, imaginary;
    bool rounded; /* the real part is only near to the value; */
    bool whole;   /* but this is the value: an integer of up to 64 bits */
    bool negative;
    uint64_t magnitude;
};

static void set_whole(struct number *number, bool negative, uint64_t magnitude)
{
    number->whole = true;
    number->negative = negative;
    number->magnitude = magnitude;
    number->rounded = magnitude > UINT64_C(1) << 53;
}

static void set_integer(struct number *number, int64_t value)
{
    set_whole(number, value < 0, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

/* The real part may be an integer. */
static void look_for_integer(struct number *number)
{
    double size = fabs(number->real);

    if (!number->rounded && size < 18446744073709551616.0 && size == floor(size))
        set_whole(number, number->real < 0, (uint64_t)size);
}

/* Of NaN parts if it is no number. */
static struct number number_of_element(const struct pyon_array *array, size_t index)
{
    struct number number = {.real = NAN, .imaginary = NAN};
    int64_t integer;
    int status = pyon_array_complex(array, index, &number.real, &number.imaginary);

    number.rounded = status == PYON_ROUNDED;
    if (array->kind == 'u' && array->item_size == sizeof(uint64_t))
        set_whole(&number, false, unsigned_element(array, index));
    else if (strchr("iu", array->kind) && pyon_array_integer(array, index, &integer) == PYON_EXACT)
        set_integer(&number, integer);
    else
        look_for_integer(&number);
    return number;
}

/* A large integer: if it is not too large for that, its value. */
static void set_digits(struct number *number, const char *text)
{
    bool negative = *text == '-';
    unsigned long long magnitude;

    errno = 0;
    magnitude = strtoull(text + negative, NULL, 10);
    if (errno == 0)
        set_whole(number, negative, magnitude);
}

static struct number number_of(const struct pyon_node *node)
{
    struct number number = {.real = NAN, .imaginary = NAN};
    int64_t integer;

    if (pyon_node_array(node))
        return number_of_element(pyon_node_array(node), 0);
    number.rounded = pyon_node_complex(node, &number.real, &number.imaginary) == PYON_ROUNDED;
    if (pyon_node_kind(node) == PYON_KIND_INTEGER && pyon_node_integer(node, &integer) >= 0)
        set_integer(&number, integer);
    else if (pyon_node_kind(node) == PYON_KIND_BIGINT)
        set_digits(&number, pyon_node_text(node, NULL));
    else
        look_for_integer(&number);
    return number;
}

/* How far are real numbers from each other? As doubles they may be the same, and yet not be equal: then it is
   the least difference of doubles of their size. */
static double distance(const struct number *a, const struct number *b)
{
    double size = fabs(a->real), result = fabs(a->real - b->real);

    if (a->whole && b->whole && a->negative == b->negative)
        return (double)(a->magnitude > b->magnitude ? a->magnitude - b->magnitude
                                                    : b->magnitude - a->magnitude);
    if (a->real == b->real)
        return a->rounded || b->rounded ? nextafter(size, INFINITY) - size : 0;
    if (isnan(a->real) && isnan(b->real))
        return 0;
    return isnan(result) ? INFINITY : result;
}

static double imaginary_distance(const struct number *a, const struct number *b)
{
    const struct number x = {.real = a->imaginary}, y = {.real = b->imaginary};

    return distance(&x, &y);
}

static bool is_small(const struct diff *diff, double difference, double a, double b)
{
    double most = fabs(a) > fabs(b) ? fabs(a) : fabs(b);

    return difference == 0 || (isfinite(difference) && (difference <= diff->absolute ||
                                                        difference <= diff->relative * most));
}

static bool are_close(const struct diff *diff, const struct number *a, const struct number *b)
{
    return is_small(diff, distance(a, b), a->real, b->real) &&
           is_small(diff, imaginary_distance(a, b), a->imaginary, b->imaginary);
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
    const struct number x = number_of(a), y = number_of(b);

    return are_close(diff, &x, &y);
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
        const struct number x = number_of_element(a, i), y = number_of_element(b, i);
        double difference;

        if (are_close(diff, &x, &y))
            continue;
        difference = hypot(distance(&x, &y), imaginary_distance(&x, &y));
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

static bool are_equal_texts(const char *a, size_t a_length, const char *b, size_t b_length)
{
    if (!a || !b)
        return a == b;
    return a_length == b_length && memcmp(a, b, a_length) == 0;
}

/* Have the calls the same name, and the arguments that both have, too? */
static bool are_like_calls(const struct pyon_node *a, const struct pyon_node *b)
{
    size_t a_length = 0, b_length = 0;
    const char *a_name = pyon_node_text(a, &a_length), *b_name = pyon_node_text(b, &b_length);
    bool same = are_equal_texts(a_name, a_length, b_name, b_length);

    for (size_t i = 0; same && i < pyon_node_size(a) && i < pyon_node_size(b); i++) {
        a_name = pyon_node_keyword(a, i, &a_length);
        b_name = pyon_node_keyword(b, i, &b_length);
        same = are_equal_texts(a_name, a_length, b_name, b_length);
    }
    return same;
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
                             (kind == PYON_KIND_CALL && are_like_calls(a, b)))) {
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
