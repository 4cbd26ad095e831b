/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Selections: the values at some paths (pyon_path.h), out of a text that is not kept as a whole.
 * The rest of the text is checked, but neither converted nor kept. So memory is that of the values
 * that match, whatever the size of the text.
 *
 *     struct pyon_selection *selection = pyon_selection_new(paths, count);
 *     struct pyon_stream *stream = pyon_selection_stream(selection, &pyon_v2, NULL);
 *     ... as for any stream; after PYON_STREAM_VALUE:
 *     if (pyon_selection_take(selection) == 0)
 *         pyon_selection_each(selection, 0, found, self);     the values at paths[0]
 *     ... after PYON_STREAM_FAILED: pyon_selection_reset(selection)
 *
 * A path has the same matches as in the tree of the whole value, in the same order. The longest key
 * counts, and of equal keys the last. So the matches are known only when the value has ended. Until
 * then more may be kept:
 *   - tuples and calls on a path, as a whole (in version 2 also the calls that stand for a dict or
 *     set);
 *   - all items of a list that an index or bound may mean, if it counts from the end of the list;
 *   - all keys of a dict of version 1 that are not strings, with their values, if the path has such
 *     a key there.
 *
 * A stream is fastest if its values have the same keys in the same order, as records often do: then
 * no tree is made of what the paths lead to, until it is asked for.
 *
 * Only one thread at a time may use a selection. Several selections may share paths.
 */
#ifndef PYON_SELECT_H
#define PYON_SELECT_H

#include "pyon_path.h"

#ifdef __cplusplus
extern "C" {
#endif

struct pyon_selection;

/* New: a selection of `count` paths; pyon_selection_free() it. Borrows the paths until then, but
   not the array of them. Returns NULL without memory. */
PYON_API struct pyon_selection *pyon_selection_new(const struct pyon_path *const *paths,
                                                   size_t count);

/* Frees a selection, which may be NULL. */
PYON_API void pyon_selection_free(struct pyon_selection *selection);

/* Reads a whole text, as pyon_parse() does. Returns 0; then the selection has the values that were
   selected. Or returns -1 and fills `error`. `options` may be NULL; its selector is ignored. */
PYON_API int pyon_selection_parse(struct pyon_selection *selection,
                                  const struct pyon_dialect *dialect, const char *text,
                                  size_t length, const struct pyon_options *options,
                                  struct pyon_error *error);

/* New: a stream that borrows the selection; pyon_stream_free() it before the selection. `options`
   may be NULL; its selector is ignored. Returns NULL without memory. */
PYON_API struct pyon_stream *pyon_selection_stream(struct pyon_selection *selection,
                                                   const struct pyon_dialect *dialect,
                                                   const struct pyon_options *options);

/* Call this after a value of the stream. The values that were selected from it replace those of the
   value before. Returns 0, or -1 without memory. */
PYON_API int pyon_selection_take(struct pyon_selection *selection);

/* Drops everything that the selection has. Call this after a failure of the stream. */
PYON_API void pyon_selection_reset(struct pyon_selection *selection);

/* Returns the reason why a stream failed with PYON_ERROR_HOST: PYON_ERROR_MEMORY, or a code of
   pyon_tree_builder_code(). */
PYON_API enum pyon_error_code pyon_selection_code(const struct pyon_selection *selection);

/* The same as pyon_path_each() and pyon_path_find(), for path number `path` of the selection, from
   0. Matches are borrowed until the next value is taken or read. */
PYON_API int pyon_selection_each(const struct pyon_selection *selection, size_t path,
                                 int (*found)(void *self, const struct pyon_match *match),
                                 void *self);
PYON_API int pyon_selection_find(const struct pyon_selection *selection, size_t path,
                                 struct pyon_match *match);

/* As pyon_selection_each(), but the path of a match is NULL: that is faster. */
PYON_API int pyon_selection_values(const struct pyon_selection *selection, size_t path,
                                   int (*found)(void *self, const struct pyon_match *match),
                                   void *self);

/*
 * A shorter way for programs that copy values. The matches of all paths, one path after the other, as
 * lines: each as pyon_write_node() writes it in version 2, not pretty, and a line end. Fills the text,
 * which is borrowed as matches are, and returns true. Returns false if the text is not known without
 * writing it, or if a path has no match.
 */
PYON_API bool pyon_selection_lines(const struct pyon_selection *selection, const char **text,
                                   size_t *length);

#ifdef __cplusplus
}
#endif

#endif
