/* SPDX-License-Identifier: LGPL-3.0-or-later */
/*
 * The names beside a file that is replaced:
 *
 *     .FILE.0123456789abcdef.fastpyon      the new file waits
 *     .FILE.0123456789abcdef.fastpyon~     the old file waits for the name of the backup
 *
 * The digits are a digest of the whole name FILE. Only the beginning of a long name is repeated. If
 * these names are taken, the next ones end in -1, -2, ....
 */
#ifndef PYON_FILE_BESIDE_H
#define PYON_FILE_BESIDE_H

#include "base.h"

#define MOST_BESIDE 10000 /* numbers that are tried */

/* The longest name, with its NUL. */
#define NAME_BESIDE 112

struct beside {
    char waiting[NAME_BESIDE];
    char backup[NAME_BESIDE + 1];
};

/* Fills the names for a file that is called `name`. */
PYON_INTERNAL void pyon_spell_beside(struct beside *beside, const char *name, int number);

#endif
