/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Values of version 2 from text to text, without a tree: their text is copied, and only what the
 * writer would write in another way is changed. All values of the text must be lists and dicts
 * without classes, and without a key that is there twice in a dict. Otherwise the text is refused,
 * and a tree is the way; also if the text is wrong: then the parser says why.
 *
 * Memory is that of the longest string, and 8 bytes for each key of the dicts that are open.
 */
#ifndef PYON_COPY_H
#define PYON_COPY_H

#include "base.h"

enum pyon_copied {
    PYON_COPIED,
    PYON_COPY_REFUSED,
    PYON_COPY_MEMORY,
    PYON_COPY_READ, /* `read` has returned -1 */
    PYON_COPY_WRITE /* the writer has */
};

/* Puts up to `size` bytes of the text at `data`: how many, 0 at its end, -1 if that fails. */
typedef ptrdiff_t pyon_copy_read(void *self, char *data, size_t size);

/* Is the text one that can be copied? Counts its values. */
PYON_INTERNAL enum pyon_copied pyon_copy_check(pyon_copy_read *read, void *self,
                                               unsigned long long *count);

/* Copies a text for which that is so, with a line end after each value if `lines`. Writes as
   pyon_write_node() would write the tree of each value. Counts the values: if the text is another one
   now, there may be more or less of them. */
PYON_INTERNAL enum pyon_copied pyon_copy(pyon_copy_read *read, void *self,
                                         struct pyon_writer *writer, bool lines,
                                         unsigned long long *count);

#endif
