/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Selections: what paths lead to (pyon_path.h), out of a text that is not kept as a whole. All the
 * rest is checked, but neither converted nor kept. So memory is that of the values that match,
 * whatever the size of the text.
 *
 *     struct pyon_selection *selection = pyon_selection_new(paths, count);
 *     struct pyon_stream *stream = pyon_selection_stream(selection, &pyon_v2, NULL);
 *     ... as for any stream; after PYON_STREAM_VALUE:
 *     if (pyon_selection_take(selection) == 0)
 *         pyon_selection_each(selection, 0, found, self);     what paths[0] leads to
 *     ... after PYON_STREAM_FAILED: pyon_selection_reset(selection)
 *
 * Matches are those that the path has in the tree of the whole value, and in the same order. As the
 * longest key counts, and of equal keys the last, they are only known when the value has ended.
 * Until then some more may be kept:
 *   - tuples and calls on a path are kept as a whole (in version 2 also what stands for a dict or
 *     set),
 *   - of a list with an index or bound that counts from its end, all items that may be meant,
 *   - of a dict of version 1, keys that are no strings with their values, if the path has such a
 *     key there.
 *
 * A selection is used by one thread at a time; the paths may be shared.
 */
#ifndef PYON_SELECT_H
#define PYON_SELECT_H

#include "pyon_path.h"

#ifdef __cplusplus
extern "C" {
#endif

struct pyon_selection;

/* New: pyon_selection_free() it. Borrows the paths, not the array of them. NULL without memory. */
PYON_API struct pyon_selection *pyon_selection_new(const struct pyon_path *const *paths,
                                                   size_t count);
PYON_API void pyon_selection_free(struct pyon_selection *selection);

/* Reads a whole text, as pyon_parse(): 0, and the selection has what was selected; or -1 with
   `error` filled. `options` may be NULL; its selector does not count. */
PYON_API int pyon_selection_parse(struct pyon_selection *selection,
                                  const struct pyon_dialect *dialect, const char *text,
                                  size_t length, const struct pyon_options *options,
                                  struct pyon_error *error);

/* New: a stream that borrows the selection; pyon_stream_free() it before. */
PYON_API struct pyon_stream *pyon_selection_stream(struct pyon_selection *selection,
                                                   const struct pyon_dialect *dialect,
                                                   const struct pyon_options *options);

/* After a value of the stream: what was selected of it takes the place of what was selected before.
   0, or -1 without memory. */
PYON_API int pyon_selection_take(struct pyon_selection *selection);

/* Drops everything, after a failure of the stream. */
PYON_API void pyon_selection_reset(struct pyon_selection *selection);

/* Why a stream failed with PYON_ERROR_HOST: PYON_ERROR_MEMORY or PYON_ERROR_LARGE. */
PYON_API enum pyon_error_code pyon_selection_code(const struct pyon_selection *selection);

/* As pyon_path_each() and pyon_path_find(), for the path of this number. Matches are borrowed
   until the next value is taken or read. */
PYON_API int pyon_selection_each(const struct pyon_selection *selection, size_t path,
                                 int (*found)(void *self, const struct pyon_match *match),
                                 void *self);
PYON_API int pyon_selection_find(const struct pyon_selection *selection, size_t path,
                                 struct pyon_match *match);

#ifdef __cplusplus
}
#endif

#endif
