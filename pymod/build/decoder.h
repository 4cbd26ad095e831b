/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The type Decoder: objects from a stream. */
#ifndef PYMOD_DECODER_H
#define PYMOD_DECODER_H

#include "compat.h"

/* Makes the type Decoder of the module. */
int decoder_init(PyObject *module);

#endif
