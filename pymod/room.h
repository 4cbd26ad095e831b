/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* How much of the C stack may be used. */
#ifndef PYMOD_ROOM_H
#define PYMOD_ROOM_H

#include "compat.h"

/* The lowest address of the C stack to which recursion may come. */
uintptr_t room_floor(void);

/* How many nested brackets may be decoded, up to `most`, but at least one. */
size_t room_for_brackets(size_t most);

/* The same without that limit, for Python. */
PyObject *room_levels(PyObject *module, PyObject *unused);

#endif
