/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* pyon fmt and pyon convert: the same values in another layout, or in the other version. */
#include "copy/copy.h"
#include "print/output.h"
#include "print/paths.h"
#include "source/values.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum layout {
    LAYOUT_BY_COUNT, /* pretty if there is one value, as store_file; else a line each, as store_lines */
    LAYOUT_PRETTY,
    LAYOUT_COMPACT,
};

struct rewrite {
    struct values values;
    struct comments comments;
    struct output output;
    const struct pyon_dialect *target; /* NULL: the version of the source */
    enum layout layout;
    bool sorted;
    bool in_place;
    bool drops_comments;
};

/* ---- Writing ---- */

static void complain_inexpressible(const struct rewrite *rewrite, const struct pyon_node *root,
                                   const struct pyon_node *where, const char *why)
{
    const char *file = rewrite->values.input.name;
    char *path = paths_find_node(root, where);

    if (path && *path)
        complain("%s: %s: %s", file, path, why);
    else
        complain("%s: %s", file, why);
    free(path);
}

static bool write_tree(struct rewrite *rewrite, const struct pyon_tree *tree,
                       const struct pyon_dialect *dialect, bool pretty)
{
    struct output *output = &rewrite->output;
    const struct pyon_node *where;
    struct pyon_writer writer;
    const char *why;

    pyon_writer_init(&writer, &output->out, dialect, pretty);
    if (pyon_write_node(&writer, pyon_tree_root(tree),
                        rewrite->sorted || (pretty && dialect == &pyon_v1), &where, &why) == 0)
        return true;
    if (output->out.code == PYON_ERROR_INEXPRESSIBLE)
        complain_inexpressible(rewrite, pyon_tree_root(tree), where, why);
    else
        output_complain(output);
    return false;
}

/* A line end: after each value of several, on standard output, and as store_file of version 1 does it. */
static bool end_value(struct rewrite *rewrite, const struct pyon_dialect *dialect, bool is_only)
{
    struct pyon_writer writer;

    if (is_only && rewrite->in_place && dialect == &pyon_v2)
        return true;
    pyon_writer_init(&writer, &rewrite->output.out, dialect, false);
    if (pyon_write_raw(&writer, "\n", 1) == 0)
        return true;
    output_complain(&rewrite->output);
    return false;
}

static bool has_lost_comment(const struct rewrite *rewrite)
{
    if (rewrite->drops_comments || !rewrite->comments.found ||
        rewrite->values.reader.dialect != &pyon_v1)
        return false;
    complain(
        "%s: there is a comment at byte %llu, which would be lost; --drop-comments allows that",
        rewrite->values.input.name, (unsigned long long)rewrite->comments.offset);
    return true;
}

static bool write_value(struct rewrite *rewrite, const struct pyon_tree *tree,
                        const struct pyon_dialect *dialect, bool is_only)
{
    bool pretty =
        rewrite->layout == LAYOUT_PRETTY || (rewrite->layout == LAYOUT_BY_COUNT && is_only);

    if (rewrite->target)
        dialect = rewrite->target;
    return write_tree(rewrite, tree, dialect, pretty) && end_value(rewrite, dialect, is_only);
}

/* Writes each value when it is known whether another one follows. */
static int write_values(struct rewrite *rewrite)
{
    struct values *values = &rewrite->values;
    const struct pyon_dialect *dialect = NULL;
    struct pyon_tree *tree = NULL;
    unsigned long long count = 0;
    int status;

    while ((status = values_next(values)) == READER_VALUE && !has_lost_comment(rewrite)) {
        if (tree && !write_value(rewrite, tree, dialect, false))
            break;
        pyon_tree_free(tree);
        tree = values_take(values);
        dialect = values->reader.dialect;
        count++;
    }
    if (status == READER_END && count == 0) {
        complain("%s: there is no value in it", values->input.name);
        status = READER_FAILED;
    } else if (status == READER_END &&
               (has_lost_comment(rewrite) || !write_value(rewrite, tree, dialect, count == 1))) {
        status = READER_TROUBLE;
    } else if (status == READER_VALUE) {
        status = READER_TROUBLE;
    }
    pyon_tree_free(tree);
    return values_exit(status);
}

/* ---- Copying ---- */

static ptrdiff_t read_text(void *self, char *data, size_t size)
{
    return input_read(self, data, size);
}

static int copied_exit(const struct rewrite *rewrite, enum pyon_copied copied)
{
    const char *file = rewrite->values.input.name;

    if (copied == PYON_COPY_WRITE)
        output_complain(&rewrite->output);
    else if (copied == PYON_COPY_MEMORY)
        complain("%s: no memory", file);
    else if (copied == PYON_COPY_REFUSED)
        complain("%s: has changed while it was read", file);
    return copied == PYON_COPIED ? EXIT_FINE : EXIT_TROUBLE;
}

static int copy_text(struct rewrite *rewrite, unsigned long long count)
{
    bool is_only = count == 1;
    bool pretty =
        rewrite->layout == LAYOUT_PRETTY || (rewrite->layout == LAYOUT_BY_COUNT && is_only);
    struct pyon_writer writer;
    unsigned long long again;
    enum pyon_copied copied;

    pyon_writer_init(&writer, &rewrite->output.out, &pyon_v2, pretty);
    copied = pyon_copy(read_text, &rewrite->values.input, &writer, !is_only || !rewrite->in_place,
                       &again);
    if (copied == PYON_COPIED && again != count)
        copied = PYON_COPY_REFUSED;
    return copied_exit(rewrite, copied);
}

/* From version 2 to version 2, most texts can be copied without trees (copy/copy.h), if they can be
   read twice. Fills the exit status; false if trees are needed. */
static bool copies_text(struct rewrite *rewrite, int *status)
{
    const struct values *values = &rewrite->values;
    struct input *input = &rewrite->values.input;
    enum pyon_copied copied;
    unsigned long long count;

    if (!input->seekable || values->lines || values->reader.dialect != &pyon_v2 ||
        rewrite->sorted || (rewrite->target && rewrite->target != &pyon_v2))
        return false;
    copied = pyon_copy_check(read_text, input, &count);
    if (copied != PYON_COPY_READ && !input_rewind(input, 0)) {
        complain("%s: cannot be read again", input->name);
        copied = PYON_COPY_READ;
    }
    if (copied == PYON_COPY_REFUSED || (copied == PYON_COPIED && count == 0))
        return false;
    *status = copied == PYON_COPIED ? copy_text(rewrite, count) : copied_exit(rewrite, copied);
    return true;
}

/* ---- The commands ---- */

static int rewrite_values(struct rewrite *rewrite)
{
    int status;

    if (!values_take_lines(&rewrite->values))
        return EXIT_TROUBLE;
    rewrite->comments = (struct comments){.offset = 0};
    rewrite->values.reader.comments = rewrite->values.lines ? NULL : &rewrite->comments;
    if (!copies_text(rewrite, &status))
        status = write_values(rewrite);
    input_close(&rewrite->values.input); /* Windows replaces no file that this process has open */
    if ((status == EXIT_FINE || !rewrite->in_place) && !output_publish(&rewrite->output))
        status = EXIT_TROUBLE;
    return status;
}

static int rewrite_file(struct rewrite *rewrite, const char *path,
                        const struct arguments *arguments)
{
    int status;

    if (rewrite->in_place && strcmp(path, "-") == 0) {
        complain("standard input cannot be written in place");
        return EXIT_TROUBLE;
    }
    if (rewrite->in_place ? !output_replace(&rewrite->output, path, has_option(arguments, "backup"))
                          : !output_open(&rewrite->output))
        return EXIT_TROUBLE;
    status = values_open(&rewrite->values, path, chosen_dialect(arguments));
    if (status == EXIT_FINE) {
        status = rewrite_values(rewrite);
        values_close(&rewrite->values);
    }
    output_close(&rewrite->output);
    return status;
}

static int rewrite_files(struct rewrite *rewrite, const struct arguments *arguments)
{
    int worst = EXIT_FINE;

    rewrite->in_place = has_option(arguments, "in-place");
    rewrite->drops_comments = has_option(arguments, "drop-comments");
    if (has_option(arguments, "backup") && !rewrite->in_place) {
        complain("--backup goes with -i");
        return EXIT_TROUBLE;
    }
    for (size_t i = 0; i < arguments->count; i++)
        worst = worse(worst, rewrite_file(rewrite, arguments->operands[i], arguments));
    return worst;
}

/* Fills the layout that the options say. */
static bool choose_layout(struct rewrite *rewrite, const struct arguments *arguments)
{
    bool compact = has_option(arguments, "compact"), pretty = has_option(arguments, "pretty");

    if (compact && pretty) {
        complain("--compact and --pretty exclude each other");
        return false;
    }
    rewrite->layout = compact ? LAYOUT_COMPACT : pretty ? LAYOUT_PRETTY : LAYOUT_BY_COUNT;
    rewrite->sorted = has_option(arguments, "sorted");
    return true;
}

static int run_fmt(const struct arguments *arguments)
{
    struct rewrite rewrite = {.target = NULL};

    return choose_layout(&rewrite, arguments) ? rewrite_files(&rewrite, arguments) : EXIT_TROUBLE;
}

static int run_convert(const struct arguments *arguments)
{
    struct rewrite rewrite = {.target = NULL};
    const char *to = option_value(arguments, "to");

    if (!to || (strcmp(to, "v1") != 0 && strcmp(to, "v2") != 0)) {
        complain(to ? "--to takes v1 or v2, not '%s'" : "--to v1 or --to v2 is needed", to);
        return EXIT_TROUBLE;
    }
    rewrite.target = strcmp(to, "v1") == 0 ? &pyon_v1 : &pyon_v2;
    return choose_layout(&rewrite, arguments) ? rewrite_files(&rewrite, arguments) : EXIT_TROUBLE;
}

#define LAYOUT_OPTIONS                                                                             \
    {0, "compact", NULL, "each value on one line, as encode() writes it"},                         \
        {0, "pretty", NULL, "laid out in lines, as encode(x, pretty=True) writes it"},             \
        {0, "sorted", NULL, "sort the keys of dicts"},                                             \
        {'i', "in-place", NULL, "the result takes the place of the file, when all is written"},    \
        {0, "backup", NULL, "with -i: the old file stays as FILE~"},                               \
    {                                                                                              \
        0, "drop-comments", NULL, "write files with comments, which are lost"                      \
    }

#define LAYOUT_TEXT                                                                                \
    "Without --compact or --pretty, a file of one value is laid out in lines, and of several\n"    \
    "values each has one line. With -i, the old file is untouched until the new one is on\n"       \
    "the disk. A file with comments is refused, since they would be lost."

static const struct option fmt_options[] = {
    COMMON_OPTIONS,
    LAYOUT_OPTIONS,
    {0, NULL, NULL, NULL},
};

const struct command command_fmt = {
    .name = "fmt",
    .operands = "FILE...",
    .summary = "write files in the layout of the library",
    .text = "Writes the values of files to standard output, byte for byte as the library writes "
            "them.\n" LAYOUT_TEXT,
    .options = fmt_options,
    .examples = "  pyon fmt dataset_db.pyon | less\n"
                "  pyon fmt -i --backup --sorted dataset_db.pyon\n",
    .least = 1,
    .most = (size_t)-1,
    .run = run_fmt,
};

static const struct option convert_options[] = {
    COMMON_OPTIONS,
    {0, "to", "v1|v2", "the version to be written"},
    LAYOUT_OPTIONS,
    {0, NULL, NULL, NULL},
};

const struct command command_convert = {
    .name = "convert",
    .operands = "--to v1|v2 FILE...",
    .summary = "write files in the other version",
    .text =
        "Writes the values of files in a version of the format: v1 is that of sipyco up to 1.9,\n"
        "v2, which is JSON, that of sipyco 1.10 and newer.\n" LAYOUT_TEXT,
    .options = convert_options,
    .examples = "  pyon convert --to v2 -i --backup dataset_db.pyon\n"
                "  pyon convert --to v1 new.pyon > old.pyon\n",
    .least = 1,
    .most = (size_t)-1,
    .run = run_convert,
};
