/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * Memory for many small objects. The interpreter gets it in arenas of 1 MiB, and the system fills
 * these page by page while they are touched for the first time. That takes a third of the time of
 * decoding a large text. In huge pages it takes next to nothing.
 */
#ifndef ARENAS_H
#define ARENAS_H

#include "compat.h"

/* From here to arenas_end(), new arenas lie in huge pages, if the system has them and
   FASTPYON_HUGE_PAGES is not 0 in the environment. Returns whether arenas_end() is to be called. Both
   need the lock of the interpreter. */
bool arenas_begin(void);
void arenas_end(void);

#endif
