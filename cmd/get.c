/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* pyon get: the values at paths, for other programs. */
#include "export/json.h"
#include "export/table.h"
#include "path/path.h"
#include "print/element.h"
#include "print/output.h"
#include "print/paths.h"
#include "source/lines.h"
#include "source/selected.h"
#include "source/values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum form { FORM_PYON, FORM_RAW, FORM_JSON, FORM_CSV, FORM_NPY, FORM_LINES, FORM_PATHS };

struct get {
    struct selected selected;
    struct paths paths;
    struct output output;
    struct pyon_writer writer; /* in the version of the file */
    struct table table;
    enum form form;
    unsigned long long number;  /* of the value */
    unsigned long long matches; /* so far */
    int status;                 /* EXIT_... of what has been done */
};

/* ---- Forms ---- */

/* An element of an array, as the value that it is in Python: only dates and structures keep their type. */
static int write_element(struct get *get, const struct pyon_array *array)
{
    struct pyon_writer *writer = &get->writer;
    const char *data = array_element(array, 0);
    double real, imaginary;

    switch (array->kind) {
    case 'b':
    case 'i':
    case 'u':
    case 'U':
        return json_write_element(writer, array, 0);
    case 'f':
        pyon_array_real(array, 0, &real);
        return pyon_write_real(writer, real);
    case 'c':
        pyon_array_complex(array, 0, &real, &imaginary);
        return pyon_write_complex(writer, real, imaginary);
    case 'S':
        return pyon_write_bytes(writer, data, element_size(array, 0));
    default:
        return pyon_write_scalar(writer, array->dtype, data, array->item_size);
    }
}

/* A part of an array: as an array of its own. */
static int write_part(struct get *get, const struct pyon_array *part)
{
    return part->ndim == 0 ? write_element(get, part) : pyon_path_write_part(&get->writer, part);
}

static int write_pyon(struct get *get, const struct pyon_match *match)
{
    return match->is_part ? write_part(get, &match->part)
                          : pyon_write_node(&get->writer, match->node, false, NULL, NULL);
}

/* Strings and bytes as they are, dates as numbers. */
static int write_raw_element(struct get *get, const struct pyon_array *array)
{
    struct pyon_writer *writer = &get->writer;
    size_t length;
    char *text;
    int status;

    if (strchr("Mm", array->kind))
        return json_write_element(writer, array, 0);
    if (array->kind == 'S')
        return pyon_write_raw(writer, array_element(array, 0), element_size(array, 0));
    if (array->kind == 'V')
        return pyon_write_raw(writer, array_element(array, 0), array->item_size);
    if (array->kind != 'U')
        return write_element(get, array);
    text = element_utf8(array, 0, &length);
    if (!text) {
        writer->out->code = PYON_ERROR_MEMORY;
        return -1;
    }
    status = pyon_write_raw(writer, text, length);
    free(text);
    return status;
}

/* Strings and bytes as they are, numbers without their type. */
static int write_raw(struct get *get, const struct pyon_match *match)
{
    enum pyon_kind kind = pyon_node_kind(match->node);
    size_t length;
    const char *text = pyon_node_text(match->node, &length);

    if (!match->is_part && (kind == PYON_KIND_STRING || kind == PYON_KIND_BYTES))
        return pyon_write_raw(&get->writer, text, length);
    if (match->is_part && match->part.ndim == 0)
        return write_raw_element(get, &match->part);
    if (!match->is_part && kind == PYON_KIND_SCALAR)
        return write_raw_element(get, pyon_node_array(match->node));
    return write_pyon(get, match);
}

/* "path = value"; the whole value is ".". */
static int write_with_path(struct get *get, const struct pyon_match *match)
{
    const char *path = match->path_length > 0 ? match->path : ".";
    size_t length = match->path_length > 0 ? match->path_length : 1;

    if (pyon_write_raw(&get->writer, path, length) < 0 ||
        pyon_write_raw(&get->writer, " = ", 3) < 0)
        return -1;
    return write_pyon(get, match);
}

static int write_match(struct get *get, const struct pyon_match *match)
{
    int status;

    switch (get->form) {
    case FORM_CSV:
        return table_add(&get->table, match) ? 0 : 1;
    case FORM_NPY:
        return npy_write(&get->writer, match);
    case FORM_LINES:
        return lines_write(&get->writer, match->path, match->path_length, match->node);
    case FORM_RAW:
        status = write_raw(get, match);
        break;
    case FORM_JSON:
        status = json_write(&get->writer, match);
        break;
    case FORM_PATHS:
        status = write_with_path(get, match);
        break;
    default:
        status = write_pyon(get, match);
        break;
    }
    return status == 0 ? pyon_write_raw(&get->writer, "\n", 1) : status;
}

/* ---- Matches ---- */

static int take_match(void *self, const struct pyon_match *match)
{
    struct get *get = self;
    int status;

    get->matches++;
    if (get->form == FORM_NPY && get->matches > 1) {
        complain("a NumPy file has one array: one path that leads to one value");
        get->status = EXIT_TROUBLE;
        return 1;
    }
    if (get->form == FORM_LINES && match->is_part) {
        complain("%.*s is a part of an array, which has no line of its own",
                 (int)match->path_length, match->path);
        get->status = EXIT_TROUBLE;
        return 1;
    }
    status = write_match(get, match);
    if (status < 0)
        output_complain(&get->output);
    if (status != 0)
        get->status = EXIT_TROUBLE;
    return status != 0;
}

/* Are the paths of the matches needed? */
static bool has_paths(const struct get *get)
{
    return get->form == FORM_LINES || get->form == FORM_PATHS || get->form == FORM_CSV ||
           get->form == FORM_NPY;
}

/* Writes all values at once if their texts are known: false if not. Fills the status of that. */
static bool copy_lines(struct get *get, int *status)
{
    const char *text;
    size_t length;

    if (get->form != FORM_PYON || get->selected.reader.dialect != &pyon_v2 ||
        !pyon_selection_lines(get->selected.selection, &text, &length))
        return false;
    *status = pyon_write_raw(&get->writer, text, length);
    if (*status < 0) {
        output_complain(&get->output);
        get->status = EXIT_TROUBLE;
    }
    return true;
}

static int take_value(struct get *get)
{
    int (*each)(const struct selected *, size_t, int (*)(void *, const struct pyon_match *),
                void *) = has_paths(get) ? selected_each : selected_values;
    const struct pyon_dialect *dialect = get->selected.reader.dialect;
    int copied;

    pyon_writer_init(&get->writer, &get->output.out, dialect, false);
    if (copy_lines(get, &copied))
        return copied;
    if ((get->form == FORM_LINES || get->form == FORM_PATHS) &&
        lines_write_version(&get->writer, dialect) < 0) {
        output_complain(&get->output);
        get->status = EXIT_TROUBLE;
        return 1;
    }
    for (size_t i = 0; i < get->paths.count; i++) {
        unsigned long long before = get->matches;
        int status = each(&get->selected, i, take_match, get);

        if (status < 0) {
            complain("no memory");
            get->status = EXIT_TROUBLE;
        }
        if (status != 0)
            return 1;
        if (get->matches == before) {
            selected_explain(&get->selected, i);
            get->status = worse(get->status, EXIT_NO);
        }
    }
    return 0;
}

static int write_table(struct get *get)
{
    int status = table_write(&get->table, &get->writer);

    if (status < 0)
        output_complain(&get->output);
    if (status != 0)
        get->status = EXIT_TROUBLE;
    return status;
}

static void take_values(struct get *get)
{
    int status;

    while ((status = selected_next(&get->selected)) == READER_VALUE) {
        get->number++;
        if (take_value(get) != 0 || (get->form == FORM_CSV && write_table(get) != 0))
            break;
    }
    get->status = worse(get->status, values_exit(status));
    if (status == READER_END && get->number == 0) {
        complain("%s: there is no value in it", get->selected.input.name);
        get->status = EXIT_NO;
    }
    if (!output_publish(&get->output))
        get->status = EXIT_TROUBLE;
}

static void get_from(struct get *get, const char *path, const struct pyon_dialect *dialect)
{
    get->status = selected_open(&get->selected, path, dialect, &get->paths);
    if (get->status != EXIT_FINE)
        return;
    if (output_open(&get->output)) {
        take_values(get);
        output_close(&get->output);
    } else {
        get->status = EXIT_TROUBLE;
    }
    selected_close(&get->selected);
}

/* ---- The command ---- */

static bool choose_form(struct get *get, const struct arguments *arguments)
{
    static const struct {
        const char *name;
        enum form form;
    } forms[] = {{"raw", FORM_RAW}, {"json", FORM_JSON},   {"csv", FORM_CSV},
                 {"npy", FORM_NPY}, {"lines", FORM_LINES}, {"paths", FORM_PATHS}};
    size_t count = 0;

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (has_option(arguments, forms[i].name)) {
            get->form = forms[i].form;
            count++;
        }
    if (count > 1)
        complain("--raw, --json, --csv, --npy, --lines and --paths exclude each other");
    return count <= 1;
}

static int run(const struct arguments *arguments)
{
    struct get get = {.status = EXIT_FINE};

    if (!choose_form(&get, arguments))
        return EXIT_TROUBLE;
    if (!paths_parse(&get.paths, arguments, 1) || !paths_or_whole(&get.paths))
        get.status = EXIT_TROUBLE;
    else
        get_from(&get, arguments->operands[0], chosen_dialect(arguments));
    table_free(&get.table);
    paths_free(&get.paths);
    return get.status;
}

static const struct option options[] = {
    COMMON_OPTIONS,
    {'r', "raw", NULL, "strings and bytes as they are, NumPy scalars as numbers"},
    {'j', "json", NULL, "plain JSON: arrays as lists"},
    {'c', "csv", NULL,
     "columns side by side: arrays and lists, or one row for each value of a file"},
    {0, "npy", NULL, "one array, as a NumPy file"},
    {'l', "lines", NULL, "a line \"path = value\" for each member: pyon fmt reads that back"},
    {'p', "paths", NULL, "a line \"path = value\" for each value that a path leads to"},
    {0, NULL, NULL, NULL},
};

const struct command command_get = {
    .name = "get",
    .operands = "FILE [PATH]...",
    .summary = "print the values at paths, for other programs",
    .text = "Prints the value at each path, as PYON in the version of the file, one a line. A path "
            "is like\n"
            "a.b[3], [\"x y\"], [2:10:2], .* and [*] for all members; without one it is the whole "
            "value.\n"
            "Of a file of several values, each is looked into. Exits with 1 if a path leads to "
            "nothing.",
    .options = options,
    .examples = "  pyon get dataset_db.pyon calibration.ca1.frequency\n"
                "  pyon get --csv results.pyon scan.points scan.counts > scan.csv\n"
                "  pyon get --lines dataset_db.pyon | grep detuning\n",
    .least = 1,
    .most = (size_t)-1,
    .run = run,
};
