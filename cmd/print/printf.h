/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* For functions that take a format: the compiler checks it, as the C standard has it. */
#ifndef CMD_PRINTF_H
#define CMD_PRINTF_H

#include <stdio.h> /* MinGW has its own name for that standard, since Microsoft's old printf is another one */

#if defined(__MINGW_PRINTF_FORMAT)
#define CMD_PRINTF(at, first) __attribute__((format(__MINGW_PRINTF_FORMAT, at, first)))
#else
#define CMD_PRINTF(at, first) __attribute__((format(printf, at, first)))
#endif

#endif
