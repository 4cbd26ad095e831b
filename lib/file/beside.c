/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The spelling of the names beside a file: see beside.h. */
#include "file/beside.h"

#include <stdio.h>

#define REPEATED 50 /* bytes of the name that are repeated, to show whose file it is */

/* FNV-1a. Two names with the same digest do no harm: each new file is locked. */
static unsigned long long digest(const char *text)
{
    unsigned long long hash = 0xcbf29ce484222325u;

    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
    return hash;
}

/* The length of the beginning that is repeated. It cuts no character of UTF-8. */
static int repeated(const char *name)
{
    size_t length = strlen(name);

    if (length <= REPEATED)
        return (int)length;
    for (length = REPEATED; length > 0 && ((unsigned char)name[length] & 0xC0) == 0x80;)
        length--;
    return (int)length;
}

void pyon_spell_beside(struct beside *beside, const char *name, int number)
{
    char suffix[16] = "";

    if (number > 0)
        snprintf(suffix, sizeof suffix, "-%d", number);
    snprintf(beside->waiting, sizeof beside->waiting, ".%.*s.%016llx.fastpyon%s", repeated(name),
             name, digest(name), suffix);
    snprintf(beside->backup, sizeof beside->backup, "%s~", beside->waiting);
}
