/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Strings as Python's repr() writes them. */
#ifndef PYON_TREE_REPR_H
#define PYON_TREE_REPR_H

#include "base.h"

/* Characters beyond ASCII are written as escapes, where repr() mostly leaves them as they are. So
   the text stays ASCII, and is the same value. */
PYON_INTERNAL int pyon_write_repr(struct pyon_writer *writer, const char *utf8, size_t length);

#endif
