/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* ASCII text, and blocks of memory for it. */
#ifndef PYMOD_ASCII_H
#define PYMOD_ASCII_H

#include "compat.h"
#include "pyon_host.h"

static inline bool is_ascii(const char *text, size_t length)
{
    uint64_t words[4], tops = 0;
    size_t i = 0;

    for (; i + sizeof words <= length && !(tops & 0x8080808080808080u); i += sizeof words) {
        memcpy(words, text + i, sizeof words);
        tops = words[0] | words[1] | words[2] | words[3];
    }
    for (; i < length && !(tops & 0x8080808080808080u); i++)
        tops |= (unsigned char)text[i];
    return !(tops & 0x8080808080808080u);
}

/* pyon_advise_large for an ASCII str, or bytes: its header, its text and a NUL are one block. */
static inline void advise_object(PyObject *object, const char *text, size_t length)
{
    pyon_advise_large(object, (size_t)(text - (const char *)object) + length + 1);
}

#endif
