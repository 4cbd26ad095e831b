/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The C stack of a thread. */
#ifndef PYMOD_STACK_H
#define PYMOD_STACK_H

#include "compat.h"

/* Fills the lowest address of the stack of this thread, and its size in bytes; nothing if the
   system does not tell. */
void stack_find(uintptr_t *lowest, size_t *size);

#endif
