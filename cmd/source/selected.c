/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The values that paths lead to, without the rest of a file. */
#include "source/selected.h"

#include "source/diagnose.h"
#include "source/report.h"

#include <pyon_tree.h>
#include <stdlib.h>

#define EXPLAINED ((size_t)256 << 20) /* bytes of a value that is read once more, as a tree */

int selected_open(struct selected *selected, const char *path, const struct pyon_dialect *dialect,
                  const struct paths *paths)
{
    int status;

    *selected = (struct selected){.paths = paths, .path = path};
    if (!input_open(&selected->input, path))
        return EXIT_TROUBLE;
    status = diagnose_kind(&selected->input);
    if (status == EXIT_FINE) {
        selected->selection =
            pyon_selection_new((const struct pyon_path *const *)paths->all, paths->count);
        if (!selected->selection)
            complain("%s: no memory", selected->input.name);
        if (!selected->selection ||
            !reader_select(&selected->reader, &selected->input, dialect, selected->selection))
            status = EXIT_TROUBLE;
    }
    if (status != EXIT_FINE)
        selected_close(selected);
    return status;
}

void selected_close(struct selected *selected)
{
    reader_close(&selected->reader);
    pyon_selection_free(selected->selection);
    selected->selection = NULL;
    input_close(&selected->input);
}

static int fail(struct selected *selected)
{
    return report_failure(&selected->reader, pyon_selection_code(selected->selection));
}

int selected_next(struct selected *selected)
{
    int status = reader_next(&selected->reader);

    if (status == READER_VALUE && pyon_selection_take(selected->selection) < 0)
        return fail(selected);
    if (status == READER_FAILED) {
        if (selected->reader.error.code == PYON_ERROR_HOST)
            return fail(selected);
        report_error(&selected->reader);
    }
    return status;
}

int selected_each(const struct selected *selected, size_t number,
                  int (*found)(void *self, const struct pyon_match *match), void *self)
{
    return pyon_selection_each(selected->selection, number, found, self);
}

int selected_values(const struct selected *selected, size_t number,
                    int (*found)(void *self, const struct pyon_match *match), void *self)
{
    return pyon_selection_values(selected->selection, number, found, self);
}

/* The tree of the value that was read last, from its text: new, or NULL. */
static struct pyon_tree *read_again(struct selected *selected)
{
    struct pyon_tree *tree = NULL;
    struct pyon_error error;
    uint64_t start;
    size_t size = reader_value(&selected->reader, &start);
    char *text = size <= EXPLAINED ? malloc(size + 1) : NULL;

    if (text && input_look(&selected->input, start, text, size) == size) {
        text[size] = '\0';
        tree = pyon_tree_parse(selected->reader.dialect, text, size, NULL, &error);
    }
    free(text);
    return tree;
}

void selected_explain(struct selected *selected, size_t number)
{
    const struct pyon_path *path = selected->paths->all[number];
    struct pyon_tree *tree = read_again(selected);

    if (tree)
        paths_explain(path, pyon_tree_root(tree), selected->reader.count);
    else
        complain("there is nothing at %s", pyon_path_text(path, NULL));
    pyon_tree_free(tree);
}
