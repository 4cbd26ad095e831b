/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The functions of pyon_select.h. */
#include "path/selection.h"

#include <stdlib.h>

void pyon_selection_reset(struct pyon_selection *selection)
{
    pyon_selection_begin(selection);
    pyon_tree_builder_reset(selection->builder);
    pyon_tree_free(selection->tree);
    selection->tree = NULL;
}

struct pyon_selection *pyon_selection_new(const struct pyon_path *const *paths, size_t count)
{
    struct pyon_selection *selection = calloc(1, sizeof *selection);

    if (!selection)
        return NULL;
    selection->builder = pyon_tree_builder_new();
    selection->paths = calloc(count ? count : 1, sizeof *selection->paths);
    if (selection->paths)
        selection->record = pyon_record_new(selection->paths, count);
    if (!selection->builder || !selection->record) {
        pyon_selection_free(selection);
        return NULL;
    }
    for (size_t i = 0; i < count; i++)
        selection->paths[i] = paths[i];
    selection->path_count = count;
    pyon_selection_init(selection);
    return selection;
}

void pyon_selection_free(struct pyon_selection *selection)
{
    if (!selection)
        return;
    pyon_tree_builder_free(selection->builder);
    pyon_tree_free(selection->tree);
    pyon_record_free(selection->record);
    free(selection->containers);
    free(selection->states);
    free(selection->paths);
    free(selection);
}

enum pyon_error_code pyon_selection_code(const struct pyon_selection *selection)
{
    enum pyon_error_code code = pyon_tree_builder_code(selection->builder);

    return selection->code ? selection->code : code;
}

int pyon_selection_take(struct pyon_selection *selection)
{
    bool kept = selection->kept;
    struct pyon_tree *tree = NULL;

    if (selection->same) {
        pyon_selection_begin(selection);
        selection->is_record = true;
        return 0;
    }
    if (kept && selection->tree) { /* of one value after the other, the memory is the same */
        pyon_selection_begin(selection);
        return pyon_tree_builder_replace(selection->builder, selection->tree);
    }
    if (kept)
        tree = pyon_tree_builder_take(selection->builder);
    pyon_selection_reset(selection);
    selection->tree = tree;
    return kept && !tree ? pyon_selection_fail_memory(selection) : 0;
}

static struct pyon_options options_of(const struct pyon_selection *selection,
                                      const struct pyon_options *options)
{
    struct pyon_options own = options ? *options : (struct pyon_options){.max_depth = 0};

    own.selector = &selection->selector;
    return own;
}

struct pyon_stream *pyon_selection_stream(struct pyon_selection *selection,
                                          const struct pyon_dialect *dialect,
                                          const struct pyon_options *options)
{
    struct pyon_options own = options_of(selection, options);

    pyon_selection_reset(selection);
    return pyon_stream_new(dialect, &pyon_tree_events, selection->builder, &own);
}

static int fail(struct pyon_selection *selection, struct pyon_error *error)
{
    if (error->code == PYON_ERROR_HOST) {
        error->code = pyon_selection_code(selection);
        error->message = pyon_error_message(error->code);
    }
    pyon_selection_reset(selection);
    return -1;
}

/* A tuple without parentheses is only known for what it is after its first item: it is read as a
   whole. */
static int read_tuple(struct pyon_selection *selection, const struct pyon_dialect *dialect,
                      const char *text, size_t length, const struct pyon_options *options,
                      struct pyon_error *error)
{
    struct pyon_options own = options_of(selection, options);

    own.selector = NULL;
    pyon_selection_reset(selection);
    selection->tree = pyon_tree_parse(dialect, text, length, &own, error);
    return selection->tree ? 0 : -1;
}

int pyon_selection_parse(struct pyon_selection *selection, const struct pyon_dialect *dialect,
                         const char *text, size_t length, const struct pyon_options *options,
                         struct pyon_error *error)
{
    struct pyon_options own = options_of(selection, options);

    pyon_selection_reset(selection);
    if (pyon_parse(dialect, text, length, &pyon_tree_events, selection->builder, &own, error) < 0)
        return fail(selection, error);
    if (selection->tuple)
        return read_tuple(selection, dialect, text, length, options, error);
    if (pyon_selection_take(selection) == 0)
        return 0;
    error->code = PYON_ERROR_HOST;
    return fail(selection, error);
}

int pyon_selection_each(const struct pyon_selection *selection, size_t path,
                        int (*found)(void *self, const struct pyon_match *match), void *self)
{
    if (selection->is_record)
        return pyon_record_each(selection->record, path, true, found, self);
    if (!selection->tree)
        return 0;
    return pyon_path_each(selection->paths[path], pyon_tree_root(selection->tree), found, self);
}

int pyon_selection_values(const struct pyon_selection *selection, size_t path,
                          int (*found)(void *self, const struct pyon_match *match), void *self)
{
    struct pyon_match match;
    struct search search = {
        .path = selection->paths[path], .found = found, .self = self, .match = &match};

    if (selection->is_record)
        return pyon_record_each(selection->record, path, false, found, self);
    if (!selection->tree)
        return 0;
    return pyon_path_search(&search, pyon_tree_root(selection->tree));
}

int pyon_selection_find(const struct pyon_selection *selection, size_t path,
                        struct pyon_match *match)
{
    if (selection->is_record)
        return pyon_record_find(selection->record, path, match);
    if (!selection->tree)
        return 0;
    return pyon_path_find(selection->paths[path], pyon_tree_root(selection->tree), match);
}

bool pyon_selection_lines(const struct pyon_selection *selection, const char **text, size_t *length)
{
    return selection->is_record && pyon_record_lines(selection->record, text, length);
}
