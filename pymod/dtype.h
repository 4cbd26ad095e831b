/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The texts of NumPy's dtypes, without NumPy. */
#ifndef PYMOD_DTYPE_H
#define PYMOD_DTYPE_H

#include "compat.h"

/*
 * May this text be the attribute `str` of a plain dtype: byte order, kind and size? NumPy knows
 * many other texts. For some of them it runs code in Python, or warns, which may run code too. The
 * decoder in Python does those, and its exceptions go to the caller.
 */
bool dtype_is_plain(const char *text, size_t length);

#endif
