/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Selections from values that differ in their leaves alone (pyon_selector.leaves): records. For the
 * first of them the paths are followed in its tree. After that it is known which leaves each path
 * leads to, and no tree of a record is needed.
 *
 *     paths rid, pos.*    {"rid":1,"pos":{"x":2,"y":3},"unit":"V"}
 *     matches             rid: leaf 0; pos.*: leaf 1 (pos.x), leaf 2 (pos.y)
 */
#ifndef PYON_PATH_RECORD_H
#define PYON_PATH_RECORD_H

#include "path/path.h"

struct record;

/* New: for paths that are borrowed; NULL without memory. */
PYON_INTERNAL struct record *pyon_record_new(const struct pyon_path *const *paths, size_t count);
PYON_INTERNAL void pyon_record_free(struct record *record);

/* As pyon_selector.leaves and pyon_selector.same, but -1 means that there is no memory. */
PYON_INTERNAL int pyon_record_learn(struct record *record, const char *text, size_t length,
                                    bool *kept, size_t count);
PYON_INTERNAL int pyon_record_set(struct record *record, const struct pyon_leaf *leaves,
                                  size_t count);

/* Goes through the matches of a path in the last record, with their paths if `writes`. Returns as
   pyon_path_each(). */
PYON_INTERNAL int pyon_record_each(struct record *record, size_t path, bool writes,
                                   int (*found)(void *self, const struct pyon_match *match),
                                   void *self);
PYON_INTERNAL int pyon_record_find(struct record *record, size_t path, struct pyon_match *match);

/* As pyon_selection_lines(). */
PYON_INTERNAL bool pyon_record_lines(const struct record *record, const char **text,
                                     size_t *length);

#endif
