/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* How much of the C stack may be used. */
#ifndef PYMOD_ROOM_H
#define PYMOD_ROOM_H

#include "compat.h"

/* The lowest address of the C stack that recursion may reach. */
uintptr_t room_floor(void);

/* The number of nested brackets that may be decoded: at most `most`, and at least 1. */
size_t room_for_brackets(size_t most);

/* room(): the number of levels that Python may free by recursion. */
PyObject *room_levels(PyObject *module, PyObject *unused);

#endif
