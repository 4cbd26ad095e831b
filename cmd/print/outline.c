/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * A value as an outline:
 *
 *     calibration.ca1.frequency    float     729000000.0
 *     detection                    dict of 2
 *       histogram                  int64[128]  [0 1 5 ... 3 0 0]
 *                                  min 0  max 312  mean 40.2  (a sparkline)
 *       shots                      int       200
 *
 * A container that fits on its row is shown there; numbers are summarised; long lists are cut.
 */
#include "print/outline.h"

#include "print/brief.h"
#include "print/element.h"
#include "print/numbers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INDENT 2
#define TYPE_WIDTH 10
#define LEAST_VALUE 24       /* columns for a value: with less, it stands under its name */
#define MANY_ITEMS 12        /* of a list, */
#define SHOWN_ITEMS 8        /* the number that is shown of those, and the last one */
#define MANY_NUMBERS 7       /* more are summarised */
#define MOST_COLUMNS 10      /* for a byte of a string or an element, when nothing is cut */
#define LONGEST_NESTED 65536 /* bytes of a string that is looked into for PYON */

/* Where rows stand. */
struct place {
    size_t depth;
    size_t names; /* columns for the names, with their indentation */
};

/* Where a value stands on its row. */
struct cell {
    size_t gap;  /* blanks before it, only if it has a text: no row ends with blanks */
    size_t room; /* columns for it */
};

static void print_members(const struct outline *outline, const struct pyon_node *node, size_t depth,
                          size_t names);

/* ---- Parts of a row ---- */

static void print_spaces(size_t count)
{
    printf("%*s", (int)count, "");
}

static void print_styled(const struct outline *outline, enum style style, const char *text)
{
    printf("%s%s%s", term_style(&outline->term, style), text ? text : "",
           term_style(&outline->term, STYLE_PLAIN));
}

/* Starts a line of its own below the names. */
static void start_line(const struct place *place)
{
    putchar('\n');
    print_spaces(place->names + 1);
}

/* The columns of a name. */
static size_t width_of(const char *name)
{
    size_t width = 0;

    for (; *name; name++)
        width += ((unsigned char)*name & 0xc0) != 0x80;
    return width;
}

static void print_name(const struct outline *outline, const char *name, const struct place *place)
{
    size_t indent = INDENT * place->depth, width = indent + width_of(name);

    print_spaces(indent);
    print_styled(outline, STYLE_KEY, name);
    if (width <= place->names)
        print_spaces(place->names - width);
    else if (outline->term.width < width + TYPE_WIDTH + LEAST_VALUE) {
        putchar('\n');
        print_spaces(place->names);
    }
    putchar(' ');
}

/* Prints the type; returns where the value may stand. */
static struct cell print_type(const struct outline *outline, const struct pyon_node *node,
                              const char *before, const struct place *place)
{
    size_t used = place->names + 1;
    struct line_text line;
    struct cell cell;
    size_t width;

    line_init(&line, outline->term.width > used ? outline->term.width - used : 1,
              outline->term.utf8);
    line_put(&line, before);
    line_put_type(&line, node);
    width = line.width;
    print_styled(outline, STYLE_TYPE, line.data);
    line_free(&line);
    cell.gap = width < TYPE_WIDTH ? TYPE_WIDTH - width + 1 : 1;
    used += width + cell.gap;
    cell.room = outline->term.width > used ? outline->term.width - used : 0;
    return cell;
}

/* Prints the text of a value, if there is any. */
static void print_cell(const struct outline *outline, const struct cell *cell, enum style style,
                       const struct line_text *line)
{
    if (line->width == 0)
        return;
    print_spaces(cell->gap);
    print_styled(outline, style, line->data);
}

/* ---- Values ---- */

/* A string, bytes or a large integer, cut if it does not fit. */
static void print_text(const struct outline *outline, const struct pyon_node *node,
                       const struct cell *cell)
{
    bool is_string = pyon_node_kind(node) == PYON_KIND_STRING;
    struct line_text line;
    size_t length;

    pyon_node_text(node, &length);
    line_init(&line, outline->all ? MOST_COLUMNS * length + 3 : cell->room, outline->term.utf8);
    line_put_value_cut(&line, node);
    print_cell(outline, cell, is_string ? STYLE_STRING : STYLE_NUMBER, &line);
    line_free(&line);
}

/* A value that fits on the row: false if it does not. */
static bool print_brief(const struct outline *outline, const struct pyon_node *node,
                        const struct cell *cell)
{
    struct line_text line;
    bool fits;

    line_init(&line, cell->room, outline->term.utf8);
    fits = line_put_value(&line, node);
    if (fits)
        print_cell(outline, cell, STYLE_NUMBER, &line);
    line_free(&line);
    return fits;
}

/* The first and the last of many elements. */
static void print_elements(const struct outline *outline, const struct numbers *elements,
                           const struct cell *cell)
{
    struct line_text line;

    line_init(&line, cell->room, outline->term.utf8);
    numbers_put(&line, elements);
    print_cell(outline, cell, STYLE_NUMBER, &line);
    line_free(&line);
}

static void print_summary(const struct outline *outline, const struct numbers *numbers,
                          const struct place *place)
{
    size_t used = place->names + 1;
    struct line_text line;

    if (numbers->count < MANY_NUMBERS)
        return;
    line_init(&line, outline->term.width > used ? outline->term.width - used : 1,
              outline->term.utf8);
    numbers_put_summary(&line, numbers);
    start_line(place);
    print_styled(outline, STYLE_NOTE, line.data);
    line_free(&line);
}

/* All elements, in lines. */
static void print_all_elements(const struct outline *outline, const struct numbers *elements,
                               const struct place *place)
{
    size_t most = MOST_COLUMNS * (elements->array ? elements->array->item_size : 8) + 64;
    size_t room = outline->term.width > place->names + 1 + LEAST_VALUE
                      ? outline->term.width - place->names - 1
                      : LEAST_VALUE;
    size_t used = room;

    for (size_t i = 0; i < elements->count; i++) {
        struct line_text line;

        line_init(&line, most, outline->term.utf8);
        numbers_put_one(&line, elements, i, 0);
        if (used + line.width + 1 > room) {
            start_line(place);
            used = 0;
        }
        printf("%s%s", used > 0 ? " " : "", line.data ? line.data : "");
        used += line.width + (used > 0);
        line_free(&line);
    }
}

/* The tree of PYON or JSON that a string holds: new; NULL if it holds none. Only containers count: everything
   that looks like a number would be one else. */
static struct pyon_tree *look_into(const struct pyon_node *node)
{
    struct pyon_tree *tree = NULL;
    struct pyon_error error;
    size_t length;
    const char *text = pyon_node_text(node, &length);

    if (length < 2 || length > LONGEST_NESTED || !memchr("[{(nOsF", *text, 7))
        return NULL;
    tree = pyon_tree_parse(&pyon_v2, text, length, NULL, &error);
    if (!tree)
        tree = pyon_tree_parse(&pyon_v1, text, length, NULL, &error);
    if (tree) {
        enum pyon_kind kind = pyon_node_kind(pyon_tree_root(tree));

        if (kind >= PYON_KIND_LIST && kind != PYON_KIND_CALL)
            return tree;
    }
    pyon_tree_free(tree);
    return NULL;
}

static bool has_members(const struct pyon_node *node)
{
    switch (pyon_node_kind(node)) {
    case PYON_KIND_LIST:
    case PYON_KIND_TUPLE:
    case PYON_KIND_SET:
    case PYON_KIND_DICT:
    case PYON_KIND_ORDERED:
    case PYON_KIND_SLICE:
    case PYON_KIND_CALL:
        return pyon_node_size(node) > 0;
    default:
        return false;
    }
}

/* Many numbers, or an array of anything: its first and last elements. */
static void print_many(const struct outline *outline, const struct numbers *elements,
                       const struct place *place, const struct cell *cell)
{
    print_elements(outline, elements, cell);
    if (!elements->array || strchr("biuf", elements->array->kind))
        print_summary(outline, elements, place);
    if (outline->all)
        print_all_elements(outline, elements, place);
}

static bool is_text(const struct pyon_node *node)
{
    enum pyon_kind kind = pyon_node_kind(node);

    return kind == PYON_KIND_STRING || kind == PYON_KIND_BYTES || kind == PYON_KIND_BIGINT;
}

/* The rest of a row after the name, and the rows of members. `before` is put before the type. */
static void print_value(const struct outline *outline, const struct pyon_node *node,
                        const char *before, const struct place *place)
{
    struct pyon_tree *nested = NULL;
    struct numbers numbers;
    struct cell cell;

    if (pyon_node_kind(node) == PYON_KIND_STRING)
        nested = look_into(node);
    if (nested) {
        print_value(outline, pyon_tree_root(nested), "str of ", place);
        pyon_tree_free(nested);
        return;
    }
    cell = print_type(outline, node, before, place);
    if (is_text(node)) {
        print_text(outline, node, &cell);
    } else if (numbers_of(&numbers, node, MANY_NUMBERS)) {
        print_many(outline, &numbers, place, &cell);
    } else if (!print_brief(outline, node, &cell)) {
        if (has_members(node)) {
            putchar('\n');
            print_members(outline, node, place->depth + 1, place->names);
            return;
        }
        if (pyon_node_array(node)) {
            numbers = (struct numbers){.array = pyon_node_array(node)};
            numbers.count = numbers.array->count;
            print_many(outline, &numbers, place, &cell);
        }
    }
    putchar('\n');
}

/* ---- Members ---- */

/* The name of a member: its step in a path, or a keyword. New; NULL without memory. */
static char *name_member(const struct pyon_steps *steps, const struct pyon_node *node, size_t n)
{
    size_t length;
    const char *keyword = pyon_node_keyword(node, n, &length);
    struct pyon_out out;
    char *name = NULL;

    pyon_out_init(&out);
    if (keyword) {
        name = malloc(length + 1);
        if (name)
            memcpy(name, keyword, length + 1);
    } else if (steps && pyon_steps_append(steps, n, &out) == 0) {
        name = pyon_out_detach(&out, &length);
    }
    pyon_out_free(&out);
    return name;
}

static void print_member(const struct outline *outline, const struct pyon_steps *steps,
                         const struct pyon_node *node, size_t n, const struct place *place)
{
    const struct pyon_node *value = pyon_node_value(node, n);
    char *name = name_member(steps, node, n);

    print_name(outline, name ? name : "?", place);
    print_value(outline, value ? value : pyon_node_item(node, n), "", place);
    free(name);
}

/* Names that are wider have a row of their own. */
static size_t most_names(const struct outline *outline)
{
    return outline->term.width - TYPE_WIDTH - LEAST_VALUE;
}

/* Columns for the names of members: as many as they need, if that leaves room for their values. */
static size_t measure_names(const struct outline *outline, const struct pyon_steps *steps,
                            const struct pyon_node *node, const struct place *place)
{
    size_t most = most_names(outline), widest = place->names;
    size_t count = pyon_node_size(node);

    for (size_t i = 0; i < count && widest < most; i++) {
        char *name = name_member(steps, node, i);
        size_t width = name ? INDENT * place->depth + width_of(name) : 0;

        if (width > widest && width <= most)
            widest = width;
        free(name);
    }
    return widest;
}

/* Is the n-th of a long list left out? */
static bool is_cut(const struct outline *outline, const struct pyon_node *node, size_t n)
{
    size_t count = pyon_node_size(node);

    return !outline->all && !pyon_node_key(node, 0) && count > MANY_ITEMS && n >= SHOWN_ITEMS &&
           n + 1 < count;
}

static void print_members(const struct outline *outline, const struct pyon_node *node, size_t depth,
                          size_t names)
{
    size_t count = pyon_node_size(node);
    struct place place = {.depth = depth, .names = names};
    struct pyon_steps *steps;

    if (depth >= outline->depth) {
        print_spaces(INDENT * depth);
        print_styled(outline, STYLE_NOTE, "...");
        putchar('\n');
        return;
    }
    steps = pyon_steps_new(node);
    place.names = measure_names(outline, steps, node, &place);
    for (size_t i = 0; i < count; i++) {
        if (!is_cut(outline, node, i)) {
            print_member(outline, steps, node, i, &place);
        } else if (i == SHOWN_ITEMS) {
            print_spaces(INDENT * depth);
            printf("%s... %zu more%s\n", term_style(&outline->term, STYLE_NOTE),
                   count - SHOWN_ITEMS - 1, term_style(&outline->term, STYLE_PLAIN));
        }
    }
    pyon_steps_free(steps);
}

/* A part of an array: its numbers, or its one element. */
static void print_part(const struct outline *outline, const struct pyon_match *match,
                       const struct place *place)
{
    const struct numbers numbers = {.array = &match->part, .count = match->part.count};
    const size_t used = place->names + 1;
    const struct cell cell = {.room = outline->term.width > used ? outline->term.width - used : 1};
    struct line_text line;

    if (match->part.ndim > 0) {
        print_many(outline, &numbers, place, &cell);
    } else {
        line_init(&line, MOST_COLUMNS * match->part.item_size + 64, outline->term.utf8);
        line_put_element(&line, &match->part, 0);
        print_cell(outline, &cell, STYLE_NUMBER, &line);
        line_free(&line);
    }
    putchar('\n');
}

void outline_measure_match(struct outline *outline, const struct pyon_match *match)
{
    size_t width = line_count(match->path, match->path_length);

    if (width > outline->names && width <= most_names(outline))
        outline->names = width;
}

void outline_print_match(const struct outline *outline, const struct pyon_match *match)
{
    char *name = malloc(match->path_length + 1);
    const struct place place = {.depth = 0, .names = outline->names};

    if (name) {
        memcpy(name, match->path, match->path_length);
        name[match->path_length] = '\0';
    }
    print_name(outline, name ? name : "", &place);
    if (match->is_part)
        print_part(outline, match, &place);
    else
        print_value(outline, match->node, "", &place);
    free(name);
}

void outline_print_whole(const struct outline *outline, const struct pyon_node *node)
{
    const struct place place = {.depth = 0, .names = 0};
    struct line_text line;

    if (!has_members(node)) {
        print_value(outline, node, "", &place);
        return;
    }
    line_init(&line, outline->term.width, outline->term.utf8);
    line_put_type(&line, node);
    print_styled(outline, STYLE_TYPE, line.data);
    putchar('\n');
    line_free(&line);
    print_members(outline, node, 0, 0);
}
