/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* pyon show: a file, or a part of it, for people. */
#include "print/outline.h"
#include "source/selected.h"
#include "source/values.h"

#include <stdio.h>

#define DEPTH 32 /* of members that are shown, if the option does not say */
#define MOST_WIDTH 100000
#define MOST_DEPTH 1000 /* more is not for people, and the outline recurses */

struct show {
    struct outline outline;
    struct paths paths;
    unsigned long long values, matches;
};

static int show_match(void *self, const struct pyon_match *match)
{
    struct show *show = self;

    show->matches++;
    outline_print_match(&show->outline, match);
    return 0;
}

static int measure_match(void *self, const struct pyon_match *match)
{
    struct show *show = self;

    outline_measure_match(&show->outline, match);
    return 0;
}

/* Shows the values that the paths lead to: EXIT_NO if one leads to nothing. */
static int show_matches(struct show *show, struct selected *selected)
{
    int status = EXIT_FINE;

    /* The values stand below each other, so the names come first. */
    for (size_t i = 0; i < show->paths.count; i++)
        selected_each(selected, i, measure_match, show);
    for (size_t i = 0; i < show->paths.count; i++) {
        unsigned long long before = show->matches;

        if (selected_each(selected, i, show_match, show) < 0) {
            complain("no memory");
            return EXIT_TROUBLE;
        }
        if (show->matches == before) {
            selected_explain(selected, i);
            status = EXIT_NO;
        }
    }
    return status;
}

/* The status of a file whose reading has ended like this. */
static int end_file(const struct show *show, const struct input *input, int status, int worst)
{
    if (status == READER_END && show->values == 0) {
        complain("%s: there is no value in it", input->name);
        return EXIT_NO;
    }
    return status == READER_VALUE ? worst : worse(worst, values_exit(status));
}

static int show_paths(struct show *show, const char *path, const struct pyon_dialect *dialect)
{
    struct selected selected;
    int status, worst = selected_open(&selected, path, dialect, &show->paths);

    if (worst != EXIT_FINE)
        return worst;
    while ((status = selected_next(&selected)) == READER_VALUE && !ferror(stdout)) {
        show->values++;
        worst = worse(worst, show_matches(show, &selected));
    }
    worst = end_file(show, &selected.input, status, worst);
    selected_close(&selected);
    return worst;
}

static int show_whole(struct show *show, const char *path, const struct pyon_dialect *dialect)
{
    struct values values;
    int status, worst = values_open(&values, path, dialect);

    if (worst != EXIT_FINE)
        return worst;
    while ((status = values_next(&values)) == READER_VALUE && !ferror(stdout)) {
        if (show->values++ > 0)
            putchar('\n');
        outline_print_whole(&show->outline, pyon_tree_root(values.tree));
    }
    worst = end_file(show, &values.input, status, worst);
    values_close(&values);
    return worst;
}

static int run(const struct arguments *arguments)
{
    struct show show = {.outline = {.all = has_option(arguments, "all")}};
    long depth = DEPTH, width = 0;
    int status = EXIT_TROUBLE;

    if (!option_number(arguments, "depth", 1, &depth) ||
        !option_number(arguments, "width", NARROWEST, &width))
        return EXIT_TROUBLE;
    show.outline.depth = (size_t)(depth < MOST_DEPTH ? depth : MOST_DEPTH);
    term_init(&show.outline.term, (size_t)(width < MOST_WIDTH ? width : MOST_WIDTH));
    if (paths_parse(&show.paths, arguments, 1)) {
        if (!has_option(arguments, "no-pager"))
            term_start_pager();
        status = (show.paths.count > 0 ? show_paths : show_whole)(&show, arguments->operands[0],
                                                                  chosen_dialect(arguments));
        term_end_pager();
    }
    paths_free(&show.paths);
    return status;
}

static const struct option options[] = {
    COMMON_OPTIONS,
    {'a', "all", NULL, "cut nothing: whole strings, all items and numbers"},
    {'d', "depth", "N", "show N levels of members, 1000 at most (default: 32)"},
    {'w', "width", "N", "columns, 40 to 100000 (default: those of the terminal, or 80)"},
    {0, "no-pager", NULL, "write to the terminal at once"},
    {0, NULL, NULL, NULL},
};

const struct command command_show = {
    .name = "show",
    .operands = "FILE [PATH]...",
    .summary = "show a file, or the values at paths in it",
    .text =
        "Shows each value with its name, type and text; arrays and lists of numbers by their range "
        "and\n"
        "a small picture; PYON and JSON inside of strings as what they are. Long strings and "
        "lists\n"
        "are cut. A path is like a.b[3], [\"x y\"], [2:10:2], .* and [*] for all members.\n"
        "Colours are used on a terminal, unless NO_COLOR is set. The pager is $PYON_PAGER, $PAGER\n"
        "or less.",
    .options = options,
    .examples = "  pyon show dataset_db.pyon\n"
                "  pyon show dataset_db.pyon calibration.ca1.frequency\n"
                "  pyon show --depth 1 results.pyon 'scans[*].points'\n",
    .least = 1,
    .most = (size_t)-1,
    .run = run,
};
