/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The parser of version 1, on any text. */
#include "support/fuzz_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_parse(&pyon_v1, data, size);
    return 0;
}
