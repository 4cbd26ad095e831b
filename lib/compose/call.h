/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* Events of calls: see struct pyon_builder. */
#ifndef PYON_COMPOSE_CALL_H
#define PYON_COMPOSE_CALL_H

#include "base.h"

PYON_INTERNAL bool pyon_tree_callable(void *self, const char *name, size_t length);
PYON_INTERNAL int pyon_tree_call_begin(void *self, const char *name, size_t length);
PYON_INTERNAL int pyon_tree_keyword(void *self, const char *name, size_t length);
PYON_INTERNAL int pyon_tree_call_end(void *self, size_t arguments, size_t keywords);
PYON_INTERNAL int pyon_tree_call_undo(void *self, size_t arguments);
PYON_INTERNAL int pyon_tree_tagged(void *self, size_t length);

#endif
